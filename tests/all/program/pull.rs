//! `pinstripe pull`: the objects of another server as a document of fixtures. The other server is one of ours.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::client::{Client, raw, sandbox};
use crate::support::flows::{id, ids, rows};
use crate::support::process::{command, eventually, folder};

fn pull(from: &Client, output: &Path) -> Command {
    let key = format!("sk_test_sandbox_{}", from.sandbox());
    let mut pull = command(env!("CARGO_BIN_EXE_pinstripe"));
    pull.args(["pull", "--api-key", &key, "--api-base", from.url(), "--output"]).arg(output).stdin(Stdio::null());
    pull
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a pull to its end; returns what it says on stderr.
#[track_caller]
fn pulled(from: &Client, output: &Path) -> String {
    let Output { status, stdout, stderr } = pull(from, output).output().unwrap();
    let (stdout, stderr) = (said(&stdout), said(&stderr));
    assert!(status.success(), "{stderr}");
    assert!(stdout.starts_with(&format!("Wrote {}: ", output.display())), "{stdout}");
    assert!(!format!("{stdout}{stderr}").contains("sk_test_"), "the key is never printed: {stdout}{stderr}");
    stderr
}

fn load(into: &Client, file: &Path) {
    let target = format!("/_pinstripe/state?sandbox={}", into.sandbox());
    raw(into.url(), "PUT", &target, &[], Some(("application/json", &fs::read(file).unwrap()))).ok();
}

/// A bit of everything that is pulled.
fn fill(user: &Client) {
    let post = |path: &str, params: &[(&str, &str)]| id(&user.post(path, params).ok());
    let product = post("/v1/products", &[("name", "Tea"), ("metadata[a]", "1")]);
    let recurring = [("currency", "usd"), ("unit_amount", "900"), ("recurring[interval]", "month")];
    let price = post("/v1/prices", &[recurring.as_slice(), &[("product", &product)]].concat());
    user.post(&format!("/v1/products/{product}"), &[("default_price", &price)]).ok();
    let coupon =
        post("/v1/coupons", &[("percent_off", "10"), ("duration", "once"), ("applies_to[products][0]", &product)]);
    let promotion = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "TEN")];
    post("/v1/promotion_codes", &promotion);
    post("/v1/tax_rates", &[("display_name", "VAT"), ("inclusive", "false"), ("percentage", "19")]);
    let shipping = [("display_name", "Post"), ("fixed_amount[amount]", "500"), ("fixed_amount[currency]", "eur")];
    post("/v1/shipping_rates", &shipping);
    let customer = post("/v1/customers", &[("email", "ada@example.com"), ("tax_exempt", "none")]);
    let method = post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]);
    user.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", &customer)]).ok();
    let default = [("invoice_settings[default_payment_method]", method.as_str())];
    user.post(&format!("/v1/customers/{customer}"), &default).ok();
    user.post(&format!("/v1/customers/{customer}/tax_ids"), &[("type", "eu_vat"), ("value", "DE123456789")]).ok();
    post("/v1/subscriptions", &[("customer", &customer), ("items[0][price]", &price)]);
    post("/v1/accounts", &[("type", "custom"), ("capabilities[transfers][requested]", "true")]);
    post("/v1/billing_portal/configurations", &[("features[invoice_history][enabled]", "true")]);
    post("/v1/webhook_endpoints", &[("url", "http://127.0.0.1:9/hook"), ("enabled_events[0]", "charge.succeeded")]);
}

const LISTS: [&str; 11] = [
    "/v1/products",
    "/v1/prices?expand[]=data.currency_options",
    "/v1/coupons?expand[]=data.applies_to",
    "/v1/promotion_codes",
    "/v1/tax_rates",
    "/v1/shipping_rates",
    "/v1/customers",
    "/v1/subscriptions",
    "/v1/accounts",
    "/v1/billing_portal/configurations",
    "/v1/webhook_endpoints",
];

#[test]
fn the_key_and_the_address_may_stand_in_variables() {
    let from = sandbox("pull-variables");
    from.post("/v1/products", &[("name", "Tea")]).ok();
    let file = folder("pull-variables").join("state.json");
    let mut pull = command(env!("CARGO_BIN_EXE_pinstripe"));
    pull.env("STRIPE_API_KEY", "sk_test_sandbox_pull-variables").env("STRIPE_API_BASE", from.url());
    let output = pull.args(["pull", "--output"]).arg(&file).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output.stderr));
    assert!(fs::read_to_string(&file).unwrap().contains("\"Tea\""));
}

#[test]
fn what_is_pulled_and_loaded_answers_as_it_did() {
    let (from, to) = (sandbox("pull-from"), sandbox("pull-to"));
    fill(&from);
    let file = folder("pull-whole").join("state.json");
    let left_out = pulled(&from, &file);
    // Payments are history, and stay where they are.
    let left_out: Vec<&str> = left_out.lines().collect();
    let is_history = |line: &&&str| line.contains(": latest_invoice of subscription ");
    assert_eq!((left_out.len(), left_out.iter().filter(is_history).count()), (1, 1), "{left_out:?}");
    load(&to, &file);
    for path in LISTS {
        let rows = |user: &Client| {
            let mut rows = rows(&user.get(path, &[]).ok()).to_vec();
            rows.iter_mut().for_each(|row| row["latest_invoice"] = Value::Null);
            rows
        };
        assert_eq!(rows(&to), rows(&from), "{path}");
        assert!(!rows(&to).is_empty(), "{path}");
    }
    let customer = &ids(&from.get("/v1/customers", &[]).ok())[0];
    for list in ["payment_methods", "tax_ids"] {
        let path = format!("/v1/customers/{customer}/{list}");
        assert_eq!(to.get(&path, &[]).ok(), from.get(&path, &[]).ok());
    }
    // What was loaded lives on: the saved card pays.
    let method = &ids(&to.get(&format!("/v1/customers/{customer}/payment_methods"), &[]).ok())[0];
    let payment = [("amount", "900"), ("currency", "usd"), ("customer", customer), ("payment_method", method)];
    let payment =
        to.post("/v1/payment_intents", &[payment.as_slice(), &[("confirm", "true"), ("off_session", "true")]].concat());
    assert_eq!(payment.ok()["status"], "succeeded");
}

#[test]
fn a_pull_that_was_killed_goes_on_where_it_was() {
    let (from, to) = (sandbox("pull-killed"), sandbox("pull-killed-to"));
    from.post_often("/v1/products", 450, |n| format!("name=Tea+{n}&id=prod_{n}"));
    let fault = json!({"match": {"path": "/v1/customers"}, "effect": {"delay": 60_000}}).to_string();
    let faults = "/_pinstripe/faults?sandbox=pull-killed";
    raw(from.url(), "POST", faults, &[], Some(("application/json", fault.as_bytes()))).ok();
    let folder = folder("pull-killed");
    let (file, kept) = (folder.join("state.json"), folder.join("state.json.partial"));
    let mut first = pull(&from, &file).stderr(Stdio::piped()).spawn().unwrap();
    let kept_text = || fs::read_to_string(&kept).unwrap_or_default();
    eventually(|| kept_text().contains("\"/v1/accounts\""));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!file.exists() && !kept_text().contains("sk_test_"));
    // Half a line is what a kill may leave.
    fs::write(&kept, kept_text() + "{\"path\": \"/v1/cust").unwrap();
    raw(from.url(), "DELETE", faults, &[], None).ok();
    let before = requests(&from, "/v1/products");
    assert_eq!(before, 5);
    pulled(&from, &file);
    assert_eq!(requests(&from, "/v1/products"), before, "what was read is not read again");
    assert!(!kept.exists());
    load(&to, &file);
    let all: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 450);
    assert_eq!(ids(&to.get("/v1/products", &[]).ok()), ids(&from.get("/v1/products", &[]).ok()), "in the same order");
}

/// How many requests for a list the sandbox has answered.
fn requests(user: &Client, path: &str) -> usize {
    let target = format!("/_pinstripe/requests?sandbox={}&method=GET&limit=1000&path={path}", user.sandbox());
    raw(user.url(), "GET", &target, &[], None).ok()["requests"].as_array().unwrap().len()
}

#[test]
fn a_refusal_for_now_is_waited_for_and_an_error_of_the_server_too() {
    let from = sandbox("pull-limited");
    from.post("/v1/products", &[("name", "Tea")]).ok();
    for (path, error) in [("/v1/products", "rate_limit"), ("/v1/coupons", "api_error")] {
        let fault = json!({"match": {"path": path}, "effect": {"error": error}, "times": 2}).to_string();
        let faults = Some(("application/json", fault.as_bytes()));
        raw(from.url(), "POST", "/_pinstripe/faults?sandbox=pull-limited", &[], faults).ok();
    }
    let file = folder("pull-limited").join("state.json");
    assert_eq!(pulled(&from, &file), "");
    assert_eq!(requests(&from, "/v1/products"), 3);
    assert_eq!(requests(&from, "/v1/coupons"), 3);
    assert!(fs::read_to_string(&file).unwrap().contains("Tea"));
}

#[test]
fn a_live_key_is_refused_before_anything_is_sent_and_never_printed() {
    let run = |args: &[&str]| {
        let Output { status, stdout, stderr } =
            command(env!("CARGO_BIN_EXE_pinstripe")).arg("pull").args(args).output().unwrap();
        assert!(!status.success());
        said(&stdout) + &said(&stderr)
    };
    // Nobody listens there.
    let nowhere = ["--api-base", "http://127.0.0.1:9", "--output", "/surely/not/there.json"];
    for key in ["sk_live_abcdef", "rk_live_abcdef", "pk_test_abcdef", "abcdef"] {
        let words = run(&[["--api-key", key].as_slice(), &nowhere].concat());
        let sentence = "--api-key, or STRIPE_API_KEY, takes the secret or restricted key of a sandbox (sk_test_… or rk_test_…); nothing was sent";
        assert_eq!(words, format!("pinstripe: {sentence}\n"));
    }
}

#[test]
fn the_pages_of_another_pull_are_not_mixed_in() {
    let from = sandbox("pull-mixed");
    let folder = folder("pull-mixed");
    let kept = folder.join("state.json.partial");
    fs::write(&kept, "{\"pull\":1,\"account\":\"acct_other\",\"api_base\":\"https://api.stripe.com\"}\n").unwrap();
    let Output { status, stderr, .. } = pull(&from, &folder.join("state.json")).output().unwrap();
    let sentence = format!("pinstripe: {} is of a pull from elsewhere: move it away to begin anew\n", kept.display());
    assert!(!status.success());
    assert_eq!(said(&stderr), sentence);
}
