//! `pinstripe pull` from a server that answers with what does not fit together.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::client::{raw, sandbox};
use crate::support::flows::ids;
use crate::support::process::{command, folder};

const KEY: &str = "sk_test_scripted";

/// A server that answers paths with what was said for them, one after another, the last for ever; other lists are empty.
struct Scripted {
    url: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    fn start(answers: Vec<(&'static str, Vec<(u16, Value)>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&targets);
        let mut answers: BTreeMap<_, _> = answers.into_iter().collect();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let target = target(&stream);
                let (status, body) = match answers.get_mut(target.as_str()) {
                    Some(all) if all.len() > 1 => all.remove(0),
                    Some(all) => all[0].clone(),
                    None if target == "/v1/account" => (200, json!({"id": "acct_scripted"})),
                    None => (200, page(&[], false)),
                };
                seen.lock().unwrap().push(target);
                answer(stream, status, &body.to_string());
            }
        });
        Scripted { url, targets }
    }

    /// Runs a pull; returns whether it succeeded, and what it says on stderr.
    fn pull(&self, output: &Path) -> (bool, String) {
        pull(KEY, &self.url, output)
    }
}

/// The path of a request, with its query as far as it says where a page begins.
fn target(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let target = first.split(' ').nth(1).unwrap().to_owned();
    lines.find(String::is_empty);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let kept: Vec<&str> =
        query.split('&').filter(|one| one.starts_with("starting_after") || one.starts_with("subscription")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn answer(mut stream: TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
}

fn pull(key: &str, base: &str, output: &Path) -> (bool, String) {
    let mut pull = command(env!("CARGO_BIN_EXE_pinstripe"));
    pull.args(["pull", "--api-key", key, "--api-base", base, "--output"]).arg(output).stdin(Stdio::null());
    let Output { status, stderr, .. } = pull.output().unwrap();
    (status.success(), String::from_utf8(stderr).unwrap())
}

fn page(objects: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "data": objects, "has_more": has_more})
}

fn product(id: &str) -> Value {
    json!({"object": "product", "id": id, "name": id, "active": true, "livemode": false, "created": 1_700_000_000,
        "updated": 1_700_000_000, "metadata": {}, "images": [], "marketing_features": [], "type": "service"})
}

fn live(id: &str) -> Value {
    let mut product = product(id);
    product["livemode"] = true.into();
    product
}

fn refused(message: &str) -> (u16, Value) {
    (400, json!({"error": {"type": "invalid_request_error", "message": message}}))
}

fn pulled_ids(file: &Path) -> Vec<String> {
    let all: Vec<Value> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn beside(file: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", file.display()))
}

#[test]
fn objects_that_cannot_be_loaded_are_left_out_however_many_there_are() {
    let list = [product("prod_1"), live("prod_2"), live("prod_3"), product("prod_4"), live("prod_5")];
    let from = Scripted::start(vec![("/v1/products", vec![(200, page(&list, false))])]);
    let file = folder("pull-unloadable").join("state.json");
    let why = "is an object of live mode; a test server takes none";
    let said: String =
        ["prod_5", "prod_3", "prod_2"].iter().map(|id| format!("pinstripe: left out: product {id}: {why}\n")).collect();
    assert_eq!(from.pull(&file), (true, said));
    assert_eq!(pulled_ids(&file), ["prod_4", "prod_1"]);
    let into = sandbox("pull-unloadable");
    let target = format!("/_pinstripe/state?sandbox={}", into.sandbox());
    raw(into.url(), "PUT", &target, &[], Some(("application/json", &fs::read(&file).unwrap()))).ok();
    assert_eq!(ids(&into.get("/v1/products", &[]).ok()), ["prod_1", "prod_4"]);
}

#[test]
fn a_list_whose_place_is_gone_is_read_anew() {
    let from = Scripted::start(vec![
        (
            "/v1/products",
            vec![
                (200, page(&[product("prod_3"), product("prod_2")], true)),
                (200, page(&[product("prod_3"), product("prod_1")], false)),
            ],
        ),
        ("/v1/products?starting_after=prod_2", vec![refused("No such product: 'prod_2'")]),
    ]);
    let file = folder("pull-anew").join("state.json");
    assert_eq!(from.pull(&file), (true, String::new()));
    assert_eq!(pulled_ids(&file), ["prod_1", "prod_3"]);
}

#[test]
fn a_list_that_is_refused_when_it_is_read_anew_ends_the_pull() {
    let from = Scripted::start(vec![
        ("/v1/products", vec![(200, page(&[product("prod_2")], true))]),
        ("/v1/products?starting_after=prod_2", vec![refused("No such product: 'prod_2'")]),
    ]);
    let file = folder("pull-refused-anew").join("state.json");
    let kept = beside(&file, ".partial");
    let said = format!(
        "pinstripe: GET /v1/products, which was begun anew, was refused with 400: No such product: 'prod_2'; what was read is in {}, \
         and the same command goes on from there\n",
        kept.display()
    );
    assert_eq!(from.pull(&file), (false, said.clone()));
    assert!(kept.exists() && !file.exists());
    // What was forgotten is not read back from the file.
    assert_eq!(from.pull(&file), (false, said));
    let asked = |target: &str| from.targets.lock().unwrap().iter().filter(|one| *one == target).count();
    assert_eq!((asked("/v1/products"), asked("/v1/products?starting_after=prod_2")), (3, 4));
}

#[test]
fn an_answer_that_is_no_object_ends_the_pull() {
    let from = Scripted::start(vec![("/v1/products", vec![(200, json!("a page of a proxy"))])]);
    let file = folder("pull-no-object").join("state.json");
    let said = format!(
        "pinstripe: GET /v1/products?limit=100 was answered with something else than the API answers; what was read is in {}, and the \
         same command goes on from there\n",
        beside(&file, ".partial").display()
    );
    assert_eq!(from.pull(&file), (false, said));
}

#[test]
fn what_was_read_is_for_its_owner_alone() {
    let from = Scripted::start(vec![("/v1/coupons", vec![(200, json!([]))])]);
    let file = folder("pull-mode").join("state.json");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert!(!from.pull(&file).0);
    assert_eq!(mode(&beside(&file, ".partial")), 0o600);
    let from = Scripted::start(Vec::new());
    fs::remove_file(beside(&file, ".partial")).unwrap();
    assert_eq!(from.pull(&file), (true, String::new()));
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_folder_as_output_and_an_address_with_a_secret_are_refused_before_anything_is_sent() {
    let from = Scripted::start(Vec::new());
    let folder = folder("pull-folder");
    let said = format!("pinstripe: --output takes a file, and {} is a folder; nothing was sent\n", folder.display());
    assert_eq!(from.pull(&folder), (false, said));
    assert!(!beside(&folder, ".tmp").exists() && !beside(&folder, ".partial").exists());
    for base in [format!("{}?a=1", from.url), from.url.replace("http://", "http://me:secret@")] {
        let said = "pinstripe: --api-base takes an address without a query, a user and a password; nothing was sent\n";
        assert_eq!(pull(KEY, &base, &folder.join("state.json")), (false, said.to_owned()));
    }
    assert_eq!(from.targets.lock().unwrap().len(), 0);
}

#[test]
fn the_items_that_a_subscription_does_not_show_are_read_too() {
    let (user, into) = (sandbox("pull-items"), sandbox("pull-items-to"));
    let customer = user.post("/v1/customers", &[]).ok()["id"].as_str().unwrap().to_owned();
    let mut params =
        vec![("customer".to_owned(), customer), ("payment_behavior".to_owned(), "default_incomplete".to_owned())];
    for n in 0..12 {
        let price = [
            ("currency", "usd"),
            ("unit_amount", "900"),
            ("recurring[interval]", "month"),
            ("product_data[name]", "Tea"),
        ];
        let price = user.post("/v1/prices", &price).ok()["id"].as_str().unwrap().to_owned();
        params.push((format!("items[{n}][price]"), price));
    }
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let subscription = user.post("/v1/subscriptions", &params).ok();
    assert_eq!(subscription["items"]["has_more"], true, "a subscription shows only its first items");
    let file = folder("pull-items").join("state.json");
    let key = format!("sk_test_sandbox_{}", user.sandbox());
    let (done, said) = pull(&key, user.url(), &file);
    assert!(done && said.lines().all(|line| line.contains("latest_invoice")), "{said}");
    let target = format!("/_pinstripe/state?sandbox={}", into.sandbox());
    raw(into.url(), "PUT", &target, &[], Some(("application/json", &fs::read(&file).unwrap()))).ok();
    let path = format!("/v1/subscription_items?limit=20&subscription={}", subscription["id"].as_str().unwrap());
    let read = |from: &crate::support::client::Client| from.get(&path, &[]).ok();
    assert_eq!(read(&into), read(&user));
    assert_eq!(ids(&read(&into)).len(), 12);
}
