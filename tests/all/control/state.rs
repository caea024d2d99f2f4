//! A sandbox's state as a file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use pinstripe::state::document::Doc;
use pinstripe::time::clock::Clock;
use pinstripe::{Config, Server};
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{id, ids, rows, text};
#[cfg(target_os = "linux")]
use crate::support::process::Process;

fn export(user: &Client, name: &str) -> String {
    let answer = raw(user.url(), "GET", &format!("/_pinstripe/state?sandbox={name}"), &[], None);
    assert_eq!(answer.status, 200);
    answer.text
}

fn import(user: &Client, name: &str, text: &str) -> Answer {
    let target = format!("/_pinstripe/state?sandbox={name}");
    raw(user.url(), "PUT", &target, &[], Some(("application/json", text.as_bytes())))
}

/// A bit of everything: cards, sources, charges with later work, refunds, intents, deleted objects, accounts.
fn fill(user: &Client) -> String {
    let customer = id(&user.post("/v1/customers", &[("source", "tok_visa"), ("metadata[a]", "1")]).ok());
    let charge = [("amount", "2000"), ("currency", "usd"), ("customer", customer.as_str())];
    let paid = id(&user.post("/v1/charges", &charge).ok());
    user.post("/v1/refunds", &[("charge", &paid), ("amount", "500")]).ok();
    user.post("/v1/charges", &[charge.as_slice(), &[("capture", "false")]].concat()).ok();
    let gone = id(&user.post("/v1/customers", &[]).ok());
    user.delete(&format!("/v1/customers/{gone}")).ok();
    user.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_mastercard")]).ok();
    user.post("/v1/payment_intents", &[("amount", "700"), ("currency", "eur")]).ok();
    let source =
        [("type", "bancontact"), ("amount", "1000"), ("currency", "eur"), ("redirect[return_url]", "https://a.b")];
    user.post("/v1/sources", &source).ok();
    user.post("/v1/accounts", &[("type", "custom"), ("capabilities[transfers][requested]", "true")]).ok();
    let gone = id(&user.post("/v1/accounts", &[("type", "standard")]).ok());
    user.delete(&format!("/v1/accounts/{gone}")).ok();
    customer
}

#[test]
fn an_export_that_is_imported_is_exported_again_byte_for_byte() {
    let (from, to) = (sandbox("export-from"), sandbox("export-to"));
    let customer = fill(&from);
    let first = export(&from, "export-from");
    let told = import(&to, "export-to", &first).ok();
    assert!(told["objects"].as_i64().unwrap() > 10);
    assert_eq!(export(&to, "export-to"), first);
    for path in [format!("/v1/customers/{customer}"), "/v1/charges".to_owned(), "/v1/balance".to_owned()] {
        // But for the name in links.
        let there = to.get(&path, &[]).text.replace("sandbox=export-to", "sandbox=export-from");
        assert_eq!(there, from.get(&path, &[]).text);
    }
}

#[test]
fn objects_are_an_array_of_their_own() {
    let user = sandbox("export-array");
    fill(&user);
    let file: Value = serde_json::from_str(&export(&user, "export-array")).unwrap();
    let objects = file["objects"].as_array().unwrap();
    assert!(objects.iter().all(|object| object["object"].is_string() && object["id"].is_string()));
    assert!(file["hidden"].as_object().unwrap().keys().all(|key| key.contains('/')));
    assert_eq!(file["deleted"].as_array().unwrap().len(), 2, "a customer and an account");
}

#[test]
fn an_import_replaces_what_was_there() {
    let (from, to) = (sandbox("replace-from"), sandbox("replace-to"));
    let former = id(&to.post("/v1/customers", &[]).ok());
    let kept = id(&from.post("/v1/customers", &[]).ok());
    import(&to, "replace-to", &export(&from, "replace-from")).ok();
    assert_eq!(ids(&to.get("/v1/customers", &[]).ok()), [kept]);
    to.get(&format!("/v1/customers/{former}"), &[]).refused(404);
}

#[test]
fn a_deleted_object_stays_deleted() {
    let (from, to) = (sandbox("deleted-from"), sandbox("deleted-to"));
    let gone = id(&from.post("/v1/customers", &[]).ok());
    from.delete(&format!("/v1/customers/{gone}")).ok();
    import(&to, "deleted-to", &export(&from, "deleted-from")).ok();
    assert_eq!(to.get(&format!("/v1/customers/{gone}"), &[]).ok()["deleted"], true);
    assert!(rows(&to.get("/v1/customers", &[]).ok()).is_empty());
}

#[test]
fn work_that_is_due_later_happens_after_an_import() {
    let (from, to) = (sandbox("due-from"), sandbox("due-to"));
    let control = |method: &str, path: &str| raw(from.url(), method, &format!("/_pinstripe/{path}"), &[], None).ok();
    control("POST", "clock?sandbox=due-from&freeze=1800000000");
    from.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")]).ok();
    import(&to, "due-to", &export(&from, "due-from")).ok();
    let status = || text(&rows(&to.get("/v1/balance_transactions", &[]).ok())[0], "status").to_owned();
    assert_eq!(control("GET", "clock?sandbox=due-to")["now"], 1_800_000_000, "the file names the clock");
    assert_eq!(status(), "pending");
    control("POST", "clock?sandbox=due-to&advance=259200");
    assert_eq!(status(), "available");
}

#[test]
fn hidden_parts_come_along() {
    let (from, to) = (sandbox("hidden-from"), sandbox("hidden-to"));
    // The number of a card is never shown, and decides what its charges come to.
    let customer = id(&from.post("/v1/customers", &[("source", "tok_chargeCustomerFail")]).ok());
    import(&to, "hidden-to", &export(&from, "hidden-from")).ok();
    let charge = [("amount", "1000"), ("currency", "usd"), ("customer", customer.as_str())];
    assert_eq!(text(&to.post("/v1/charges", &charge).refused(402), "code"), "card_declined");
}

/// Kilobytes of a process in memory.
#[cfg(target_os = "linux")]
fn resident_kb(process: &Process) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn an_export_is_sent_in_pieces_and_what_waits_for_its_reader_is_not_made() {
    use std::io::{Read as _, Write as _};
    let process = Process::start(&[]);
    let metadata: serde_json::Map<String, Value> =
        (0..50).map(|n| (format!("key-{n}"), "x".repeat(500).into())).collect();
    let customer = |n: usize| json!({"id": format!("cus_{n}"), "object": "customer", "metadata": metadata});
    let file = Value::from((0..800).map(customer).collect::<Vec<_>>()).to_string();
    let user = Client::new(&process.url, "sk_test_1234");
    assert_eq!(import(&user, "default", &file).ok()["objects"], 800);
    let before = resident_kb(&process);
    let mut stream = std::net::TcpStream::connect(process.url.trim_start_matches("http://")).unwrap();
    stream.write_all(b"GET /_pinstripe/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut beginning = [0; 1_000];
    stream.read_exact(&mut beginning).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let grown = resident_kb(&process).saturating_sub(before);
    // Meanwhile the server answers, and what is written then is not in the export.
    user.post("/v1/customers", &[("name", "Too late")]).ok();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 20_000_000, "{} bytes", rest.len());
    assert!(grown < 8_000, "{grown} kB for an export of {} bytes", rest.len());
    assert!(rest.ends_with(b"0\r\n\r\n") && !String::from_utf8_lossy(&rest).contains("Too late"));
}

#[test]
fn events_of_the_second_namespace_are_history_too() {
    let (from, to) = (sandbox("v2-history-from"), sandbox("v2-history-to"));
    let made = from.post_json("/v2/core/accounts", &json!({"contact_email": "a@example.com"})).ok();
    assert_eq!(from.get("/v2/core/events", &[]).ok()["data"].as_array().unwrap().len(), 1);
    import(&to, "v2-history-to", &export(&from, "v2-history-from")).ok();
    assert_eq!(to.get("/v2/core/accounts", &[]).ok()["data"][0]["id"], made["id"]);
    assert_eq!(to.get("/v2/core/events", &[]).ok()["data"], json!([]));
}

#[test]
fn a_number_is_read_as_it_was_written() {
    for n in 1..2_000_u32 {
        for number in [f64::from(n).sqrt(), 100.0 / f64::from(n), 4_242_424_242_424_242.0 - f64::from(n)] {
            let written = Doc::Float(number).to_json();
            let read: Doc = serde_json::from_slice(&written).unwrap();
            assert_eq!(read.to_json(), written, "{number}");
        }
    }
}

#[test]
fn what_has_no_id_of_its_own_comes_back_too() {
    let (from, to) = (sandbox("unnamed-from"), sandbox("unnamed-to"));
    let customer = id(&from.post("/v1/customers", &[]).ok());
    let path = format!("/v1/customers/{customer}/cash_balance");
    let shown = from.post(&path, &[("settings[reconciliation_mode]", "manual")]).ok();
    from.get("/v1/balance_settings", &[]).ok();
    from.post("/v1/tax/settings", &[("defaults[tax_behavior]", "inclusive")]).ok();
    let first = export(&from, "unnamed-from");
    assert!(["cash_balance", "tax.settings"].iter().all(|kind| first.contains(kind)), "{first}");
    import(&to, "unnamed-to", &first).ok();
    assert_eq!(export(&to, "unnamed-to"), first);
    assert_eq!(to.get(&path, &[]).ok(), shown);
    for path in ["/v1/balance_settings", "/v1/tax/settings"] {
        assert_eq!(to.get(path, &[]).ok(), from.get(path, &[]).ok());
    }
}

#[test]
fn a_wrong_file_changes_nothing() {
    let user = sandbox("import-wrong");
    let kept = id(&user.post("/v1/customers", &[]).ok());
    let wrong = [
        ("", "JSON"),
        ("{\"pinstripe\": {\"format\": 99}}", "a newer version of Pinstripe"),
        ("{\"pinstripe\": {\"format\": 1}, \"objects\": [{\"object\": \"nothing\"}]}", "objects[0].object"),
        ("{\"pinstripe\": {\"format\": 1}, \"objects\": [{\"object\": \"charge\", \"id\": \"ch_1\"}]}", "objects[0]."),
        ("{\"pinstripe\": {\"format\": 1}, \"hidden\": {\"customer/cus_1\": {}}}", "hidden.customer/cus_1"),
        ("{\"pinstripe\": {\"format\": 1}, \"due\": [{}]}", "due[0]."),
    ];
    for (file, _) in wrong {
        let error = import(&user, "import-wrong", file).refused(400);
        assert!(text(&error, "message").starts_with("request body: "), "{error}");
    }
    for (file, says) in &wrong[1..] {
        let error = import(&user, "import-wrong", file).refused(400);
        assert!(text(&error, "message").contains(says), "{error}");
    }
    assert_eq!(ids(&user.get("/v1/customers", &[]).ok()), [kept]);
}

fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_seeded_server_goes_on_from_an_exported_state_with_new_ids() {
    let config = || Config { clock: Clock::Frozen(1_800_000_000), seed: Some(3), ..Config::default() };
    let first = Client::new(&start(config()), "sk_test_1234");
    let known = fill(&first);
    let file = scratch("seeded").join("state.json");
    fs::write(&file, export(&first, "default")).unwrap();
    let second = Client::new(&start(Config { fixtures: vec![file], ..config() }), "sk_test_1234");
    let before = ids(&second.get("/v1/customers", &[]).ok());
    assert_eq!(before, [known]);
    for _ in 0..20 {
        second.post("/v1/customers", &[]).ok();
    }
    assert_eq!(rows(&second.get("/v1/customers", &[("limit", "100")]).ok()).len(), 21, "no id is given twice");
    raw(second.url(), "POST", "/_pinstripe/reset", &[], None).ok();
    second.post("/v1/customers", &[]).ok();
    assert_eq!(rows(&second.get("/v1/customers", &[]).ok()).len(), 2);
}

#[test]
fn save_writes_at_the_end_and_loads_at_the_start() {
    let file = scratch("save").join("state.json");
    let config = || Config { save: Some(file.clone()), ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let round = |expected: usize| {
        runtime.block_on(async {
            let server = Server::start(config()).await.unwrap();
            let user = Client::new(server.url(), "sk_test_1234").with("Connection", "close");
            let found = tokio::task::spawn_blocking(move || {
                let found = rows(&user.get("/v1/customers", &[]).ok()).len();
                user.post("/v1/customers", &[]).ok();
                found
            });
            assert_eq!(found.await.unwrap(), expected);
            server.stop().await.unwrap();
        });
    };
    round(0);
    round(1);
    round(2);
}

#[test]
fn a_place_that_nothing_can_be_saved_to_is_told_at_the_start() {
    let file = scratch("save-nowhere").join("no-such-folder/state.json");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { save: Some(file), ..Config::default() };
    let said = runtime.block_on(Server::start(config)).unwrap_err().to_string();
    assert!(said.starts_with("cannot save to ") && said.contains("no-such-folder"), "{said}");
}

#[test]
fn check_fixtures_tells_what_is_wrong_without_serving() {
    let folder = scratch("check");
    let (good, bad) = (folder.join("a.json"), folder.join("b.json"));
    fs::write(&good, r#"[{"id": "cus_1", "object": "customer"}]"#).unwrap();
    fs::write(&bad, r#"[{"id": "ch_1", "object": "charge"}]"#).unwrap();
    let check = |paths: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_pinstripe")).arg("check-fixtures").args(paths).output().unwrap();
        (run.status.success(), String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap())
    };
    let (fine, said) = check(&["@shop", good.to_str().unwrap()]);
    assert!(fine && said.starts_with("OK: 2 documents, ") && said.ends_with(" objects\n"), "{said}");
    fs::write(folder.join("c.json"), r#"[{"id": "cus_1", "object": "unicorn"}]"#).unwrap();
    let (fine, said) = check(&[folder.to_str().unwrap(), "/surely/not/there.json"]);
    assert!(!fine && said.contains("b.json: [0] (charge ch_1)"), "{said}");
    // One that is wrong does not hide the next.
    assert!(said.contains("c.json: [0].object") && said.contains("/surely/not/there.json: cannot be read"), "{said}");
    assert!(said.contains("11 errors: 3 documents, 1 object\n"), "{said}");
    // All that is missing is told at once, one line each.
    let missing =
        said.lines().filter(|line| line.contains("b.json: [0] (charge ch_1).") && line.ends_with(": is missing"));
    assert_eq!(missing.count(), 9, "{said}");
    assert!(!check(&[]).0, "a path has to be named");
}

#[test]
fn nothing_in_a_state_file_is_passed_over() {
    let user = sandbox("state-names");
    user.post("/v1/customers", &[]).ok();
    let file = export(&user, "state-names");
    let with = |after: &str, field: &str| {
        let wrong = file.replacen(after, &format!("{after}{field}"), 1);
        assert_ne!(wrong, file);
        text(&import(&user, "state-names", &wrong).refused(400), "message").to_owned()
    };
    for (after, name, position) in [
        ("{", "clock", "clock"),
        ("\"pinstripe\": {", "clock", "pinstripe.clock"),
        ("\"accounts\": [", "objekts", "accounts[0].objekts"),
    ] {
        let field = match name {
            "objekts" => "{\"id\":\"acct_1\",\"objekts\":[]}".to_owned(),
            name => format!("\"{name}\":1,"),
        };
        assert_eq!(with(after, &field), format!("request body: {position}: is no field of a state file"));
    }
    for (key, value) in [("sequence", "-1"), ("drawn", "\"many\""), ("sequence", "9223372036854775807")] {
        let file = file.replacen(&format!("\"{key}\":"), &format!("\"{key}\":{value},\"was\":"), 1);
        let (head, rest) = file.split_once(",\"was\":").unwrap();
        let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let said = import(&user, "state-names", &format!("{head}{rest}")).refused(400);
        assert_eq!(text(&said, "message"), format!("request body: pinstripe.{key}: expected a number from 0 to 2^53"));
    }
    import(&user, "state-names", &file).ok();
}

#[test]
fn a_state_has_a_clock_that_a_call_can_set() {
    let user = sandbox("state-clock");
    let file = export(&user, "state-clock");
    for (key, value) in [
        ("frozen_at", "253402300800"),
        ("frozen_at", "-1"),
        ("frozen_at", "\"now\""),
        ("ahead", "9223372036854775807"),
        ("ahead", "-1"),
    ] {
        let wrong = file.replacen("\"format\":2", &format!("\"format\":2,\"{key}\":{value}"), 1);
        assert_ne!(wrong, file);
        let message = format!("request body: pinstripe.{key}: expected Unix seconds up to the end of the year 9999");
        assert_eq!(text(&import(&user, "state-clock", &wrong).refused(400), "message"), message);
    }
    let latest = file.replacen("\"format\":2", "\"format\":2,\"frozen_at\":253402300799", 1);
    import(&user, "state-clock", &latest).ok();
}

#[test]
fn the_balance_of_a_state_follows_from_its_rows() {
    let user = sandbox("state-balance");
    user.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_bypassPending")]).ok();
    user.post("/v1/charges", &[("amount", "500"), ("currency", "eur"), ("source", "tok_visa")]).ok();
    let balance = user.get("/v1/balance", &[]).ok();
    let mut file: Value = serde_json::from_str(&export(&user, "state-balance")).unwrap();
    let objects = file["objects"].as_array_mut().unwrap();
    let stored = objects.iter_mut().find(|object| object["object"] == "balance").unwrap();
    stored["available"][0]["amount"] = json!(999_999_999);
    import(&user, "state-balance", &file.to_string()).ok();
    assert_eq!(user.get("/v1/balance", &[]).ok(), balance);
    let objects = file["objects"].as_array_mut().unwrap();
    objects.retain(|object| object["object"] != "balance");
    file["hidden"].as_object_mut().unwrap().retain(|name, _| !name.starts_with("balance/"));
    import(&user, "state-balance", &file.to_string()).ok();
    assert_eq!(user.get("/v1/balance", &[]).ok(), balance);
    let objects = file["objects"].as_array_mut().unwrap();
    let row = objects.iter_mut().find(|object| object["object"] == "balance_transaction").unwrap();
    row["net"] = json!(1_000_000);
    let refused = import(&user, "state-balance", &file.to_string()).refused(400);
    let message = text(&refused, "message");
    assert!(message.ends_with(".net: expected `amount` minus `fee`"), "{message}");
    assert_eq!(user.get("/v1/balance", &[]).ok(), balance, "nothing has changed");
}

#[test]
fn a_dump_may_have_the_platforms_own_bank_account() {
    let user = sandbox("state-platform-bank");
    let account = id(&user.get("/v1/account", &[]).ok());
    let path = format!("/v1/accounts/{account}/external_accounts");
    let bank = user.post(&path, &[("external_account", "btok_us_verified")]).ok();
    let dump = json!([bank]).to_string();
    import(&user, "state-platform-bank", &dump).ok();
    assert_eq!(ids(&user.get(&path, &[]).ok()), [id(&bank)]);
    let stranger = dump.replace(&account, "acct_nobody");
    let refused = import(&user, "state-platform-bank", &stranger).refused(400);
    assert!(text(&refused, "message").contains("there is no account 'acct_nobody'"), "{refused}");
}
