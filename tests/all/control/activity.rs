//! What happened, as the control API lists it and streams it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use pinstripe::limits::{RECENT_REQUESTS_MAX, STREAMS_MAX};
use pinstripe::{Config, Server};
use serde_json::{Value, json};

use crate::support::client::{Client, raw, start};
use crate::support::flows::{charge, charged, customer, id, rows, text};
use crate::support::receiver::{React, Receiver};

/// A sandbox on a server of its own: what is kept of requests is bounded for a whole server, and other tests send many.
fn alone(name: &str) -> Client {
    Client::new(&start(Config::default()), &format!("sk_test_sandbox_{name}"))
}

/// Another sandbox on the same server.
fn beside(user: &Client, name: &str) -> Client {
    Client::new(user.url(), &format!("sk_test_sandbox_{name}"))
}

/// A control call in a user's sandbox.
#[track_caller]
fn control(user: &Client, method: &str, path: &str) -> Value {
    let joint = if path.contains('?') { '&' } else { '?' };
    let target = format!("/_pinstripe/{path}{joint}sandbox={}", user.sandbox());
    raw(user.url(), method, &target, &[], None).ok()
}

/// A call that takes no sandbox.
#[track_caller]
fn bare(user: &Client, method: &str, path: &str) -> Value {
    raw(user.url(), method, &format!("/_pinstripe/{path}"), &[], None).ok()
}

/// The rows of a user's sandbox, newest first.
#[track_caller]
fn activity(user: &Client, filter: &str) -> Vec<Value> {
    control(user, "GET", &format!("activity?limit=500{filter}"))["activity"].as_array().unwrap().clone()
}

/// The types of rows, oldest first.
fn types(rows: &[Value]) -> Vec<&str> {
    rows.iter().rev().map(|row| text(row, "type")).collect()
}

/// What a row changed, such as `created charge`.
fn changed(row: &Value) -> Vec<String> {
    let all = row["changes"].as_array().unwrap().iter();
    all.map(|change| format!("{} {}", text(change, "what"), text(change, "object"))).collect()
}

#[test]
fn a_row_of_a_request_has_what_it_changed_and_caused() {
    let user = alone("activity-request");
    let made = charged(&user.with("Idempotency-Key", "k-9"), &[("source", "tok_visa")]);
    let all = activity(&user, "");
    assert_eq!(types(&all), ["request"]);
    let (row, request) = (&all[0], &all[0]["request"]);
    assert_eq!((text(row, "sandbox"), text(request, "operation")), ("activity-request", "charges.create"));
    assert_eq!((text(request, "method"), text(request, "path")), ("POST", "/v1/charges"));
    assert_eq!((&request["status"], &request["error"], &request["fault"]), (&json!(200), &json!(null), &json!(null)));
    assert_eq!((text(request, "idempotency_key"), &request["account"]), ("k-9", &json!(null)));
    assert!(request["duration_us"].is_u64() && row["at"].is_i64() && row["created"].is_i64(), "{row}");
    let expected = json!({"what": "created", "object": "charge", "id": made["id"], "account": null});
    assert!(row["changes"].as_array().unwrap().contains(&expected), "{row}");
    assert_eq!(row["changes_total"], row["changes"].as_array().unwrap().len());
    assert_eq!((text(&row["events"][0], "type"), &row["events_total"]), ("charge.succeeded", &json!(1)));
    let kept = bare(&user, "GET", &format!("requests/{}", text(request, "id")));
    assert_eq!((&kept["seq"], &kept["at"]), (&row["seq"], &row["at"]));
    let _ = charge(&user, &[("source", "tok_chargeDeclined")]).refused(402);
    let refused = &activity(&user, "&status=4xx")[0];
    let error = &refused["request"]["error"];
    assert_eq!((text(error, "type"), text(error, "code")), ("card_error", "card_declined"));
    assert_eq!((text(error, "decline_code"), &error["param"]), ("generic_decline", &json!(null)));
    assert_eq!(text(error, "message"), "Your card was declined.");
    assert_eq!(changed(refused), ["created charge"]);
}

#[test]
fn a_change_has_its_fields_before_and_after() {
    let user = alone("activity-fields");
    let person = customer(&user, &[("name", "Ada")]);
    user.post(&format!("/v1/customers/{person}"), &[("name", "Ida")]).ok();
    user.delete(&format!("/v1/customers/{person}")).ok();
    let all = activity(&user, "");
    let whats: Vec<_> = all.iter().rev().map(changed).collect();
    assert_eq!(whats, [["created customer"], ["changed customer"], ["deleted customer"]]);
    let details = |row: &Value| bare(&user, "GET", &format!("activity/{}", row["seq"]))["changes"][0].clone();
    assert_eq!((&details(&all[2])["after"]["name"], details(&all[2]).get("before")), (&json!("Ada"), None));
    assert_eq!(details(&all[1])["fields"], json!([{"path": "name", "before": "Ada", "after": "Ida"}]));
    assert_eq!((&details(&all[0])["before"]["name"], details(&all[0]).get("after")), (&json!("Ida"), None));
    let kept = bare(&user, "GET", &format!("requests/{}", text(&all[1]["request"], "id")));
    assert_eq!(kept["changes"][0]["fields"], details(&all[1])["fields"]);
    let absent = raw(user.url(), "GET", "/_pinstripe/activity/999999999", &[], None).refused(404);
    assert_eq!(text(&absent, "message"), "That row is not among the last ones.");
}

#[test]
fn due_work_is_a_row_after_the_request_that_it_follows() {
    let user = alone("activity-work");
    let made = charged(&user, &[("source", "tok_createDispute")]);
    let all = activity(&user, "");
    assert_eq!(types(&all), ["request", "work"]);
    let work = &all[0]["work"];
    assert_eq!((text(work, "object"), &work["id"], &work["account"]), ("charge", &made["id"], &json!(null)));
    assert!(changed(&all[0]).contains(&"created dispute".to_owned()), "{}", all[0]);
    assert_eq!(all[0]["events"][0]["type"], "charge.dispute.created");
    let kept = bare(&user, "GET", &format!("requests/{}", text(&all[1]["request"], "id")));
    let later: Vec<_> = rows_of(&kept["later"]).iter().map(|row| row["seq"].clone()).collect();
    assert_eq!(later, [all[0]["seq"].clone()]);
}

fn rows_of(list: &Value) -> &[Value] {
    list.as_array().unwrap()
}

#[test]
fn a_control_call_is_a_row_with_what_it_did() {
    let user = alone("activity-control");
    user.advance(60);
    let form = [("amount", "900"), ("currency", "usd"), ("payment_method", "pm_card_authenticationRequired")];
    let more = [("confirm", "true"), ("payment_method_types[]", "card"), ("return_url", "https://shop.test/done")];
    let waits = user.post("/v1/payment_intents", &[&form[..], &more].concat()).ok();
    control(
        &user,
        "POST",
        &format!("authorize/{}?result=succeeded&client_secret={}", id(&waits), text(&waits, "client_secret")),
    );
    control(&user, "GET", "clock");
    let all = activity(&user, "&type=control");
    assert_eq!(all.len(), 2, "a GET is no row: {all:?}");
    let (moved, authorized) = (&all[1], &all[0]);
    assert_eq!((text(&moved["control"], "method"), text(&moved["control"], "path")), ("POST", "/_pinstripe/clock"));
    assert_eq!(moved["control"]["parameters"]["advance"], "60");
    assert_eq!((&moved["control"]["status"], &moved["changes_total"]), (&json!(200), &json!(0)));
    let whats = changed(authorized);
    assert!(whats.contains(&"changed payment_intent".to_owned()), "{whats:?}");
    let events: Vec<_> = rows_of(&authorized["events"]).iter().map(|event| text(event, "type")).collect();
    assert!(events.contains(&"payment_intent.succeeded"), "{events:?}");
    let refused = raw(user.url(), "POST", "/_pinstripe/clock?advance=soon&sandbox=activity-control", &[], None);
    assert_eq!(refused.status, 400);
    assert_eq!(activity(&user, "&type=control&status=400").len(), 1);
}

#[test]
fn what_a_trigger_does_is_in_its_row() {
    let user = alone("activity-trigger");
    let charge = id(&charge(&user, &[("source", "tok_visa")]).ok());
    control(&user, "POST", &format!("trigger?event=charge.refunded&id={charge}"));
    let all = activity(&user, "");
    assert_eq!(types(&all)[..2], ["request", "control"]);
    assert!(changed(&all[all.len() - 2]).contains(&"created refund".to_owned()), "{all:?}");
    let named = |row: &&Value| row["type"] == "request" && row["request"]["id"].is_string();
    assert_eq!(all.iter().filter(named).count(), 1);
}

#[test]
fn an_attempt_of_a_delivery_is_a_row() {
    let receiver = Receiver::with(|n, _| React::Status(if n == 0 { 500 } else { 200 }));
    let user = alone("activity-deliveries");
    let endpoint = [("url", receiver.url()), ("enabled_events[]", "customer.created".to_owned())];
    let endpoint = endpoint.each_ref().map(|(name, value)| (*name, value.as_str()));
    let endpoint = id(&user.post("/v1/webhook_endpoints", &endpoint).ok());
    customer(&user, &[]);
    receiver.wait_for(1);
    let first = wait_for(|| activity(&user, "&type=delivery").pop());
    let delivery = &first["delivery"];
    assert_eq!((text(delivery, "id"), text(delivery, "event_type")), ("wh_1", "customer.created"));
    assert_eq!(
        (&delivery["status"], text(delivery, "state"), &delivery["attempt"]),
        (&json!(500), "waiting", &json!(1))
    );
    assert_eq!((text(delivery, "endpoint"), text(delivery, "url")), (endpoint.as_str(), receiver.url().as_str()));
    assert!(
        delivery["duration_ms"].is_u64() && delivery["error"].is_null() && text(delivery, "event").starts_with("evt_")
    );
    control(&user, "POST", &format!("webhooks/resend?event={}", text(delivery, "event")));
    let second =
        wait_for(|| Some(activity(&user, "&type=delivery").remove(0)).filter(|row| row["seq"] != first["seq"]));
    assert_eq!((text(&second["delivery"], "state"), &second["delivery"]["status"]), ("delivered", &json!(200)));
}

fn wait_for<T>(look: impl Fn() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "nothing came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn rows_are_of_one_sandbox_unless_all_are_asked_for() {
    let one = alone("activity-one");
    let other = beside(&one, "activity-other");
    let (mine, theirs) = (customer(&one, &[]), customer(&other, &[]));
    assert_eq!(activity(&one, "").len(), 1);
    let names = |found: &Value, id: &str| found["activity"].to_string().contains(id);
    let of_one = control(&one, "GET", "activity");
    assert!(names(&of_one, &mine) && !names(&of_one, &theirs));
    let of_all = bare(&one, "GET", "activity?sandbox=*&limit=500");
    assert!(names(&of_all, &mine) && names(&of_all, &theirs));
}

#[test]
fn rows_are_filtered_and_come_in_pages() {
    let user = alone("activity-pages");
    let made: Vec<String> = (0..5).map(|_| customer(&user, &[])).collect();
    let page = control(&user, "GET", "activity?limit=2");
    assert_eq!((rows_of(&page["activity"]).len(), &page["has_more"]), (2, &json!(true)));
    let last = &page["activity"][1]["seq"];
    let next = control(&user, "GET", &format!("activity?limit=3&before={last}"));
    assert_eq!((rows_of(&next["activity"]).len(), &next["has_more"]), (3, &json!(false)));
    let ids = |page: &Value| -> Vec<String> {
        rows_of(&page["activity"]).iter().map(|row| text(&row["changes"][0], "id").to_owned()).collect()
    };
    let mut all = [ids(&page), ids(&next)].concat();
    all.reverse();
    assert_eq!(all, made);
    assert_eq!(activity(&user, &format!("&search={}", made[2].to_uppercase())).len(), 1);
    assert_eq!(activity(&user, "&type=work").len(), 0);
    for (query, sentence) in [
        ("type=thing", "`type` is `request`, `work`, `control` or `delivery`."),
        ("status=no", "`status` is a status such as `402`, or a class such as `4xx`."),
    ] {
        let refused = raw(user.url(), "GET", &format!("/_pinstripe/activity?{query}"), &[], None).refused(400);
        assert_eq!(text(&refused, "message"), sentence);
    }
}

#[test]
fn card_numbers_and_keys_are_masked_in_rows_and_answers() {
    let user = alone("activity-masked");
    let number = "4242424242424242";
    let made = user.post("/v1/customers", &[("name", number)]).ok();
    let hook = [("url", "http://127.0.0.1:9/"), ("enabled_events[]", "charge.failed")];
    let secret = user.post("/v1/webhook_endpoints", &hook).ok();
    let all = activity(&user, "");
    let id_of = |row: &Value| text(&row["request"], "id").to_owned();
    let kept = bare(&user, "GET", &format!("requests/{}", id_of(&all[1])));
    assert_eq!(kept["changes"][0]["after"]["name"], "************4242");
    assert_eq!(kept["answer"]["name"], "************4242");
    assert_eq!((&kept["answer"]["id"], &kept["parameters"]["name"]), (&made["id"], &kept["answer"]["name"]));
    let kept = bare(&user, "GET", &format!("requests/{}", id_of(&all[0])));
    assert!(text(&secret, "secret").starts_with("whsec_"));
    assert_eq!(kept["answer"]["secret"], "whsec_****");
    let hidden = [("name", "token"), ("payload", "hush hush"), ("scope[type]", "account")];
    user.post("/v1/apps/secrets", &hidden).ok();
    let row = text(&activity(&user, "")[0]["request"], "id").to_owned();
    assert!(!bare(&user, "GET", &format!("requests/{row}")).to_string().contains("hush"));
    assert!(!Value::from(all).to_string().contains(number));
}

#[test]
fn a_request_is_sent_again_with_what_was_masked() {
    let user = alone("activity-resend").with("Idempotency-Key", "once");
    let card = [("source[number]", "4000000000000002"), ("source[exp_month]", "12"), ("source[exp_year]", "2040")];
    let _ = charge(&user, &[&card[..], &[("source[object]", "card")]].concat()).refused(402);
    let first = activity(&user, "").remove(0);
    let again = bare(&user, "POST", &format!("requests/{}/resend", text(&first["request"], "id")));
    assert_eq!((&again["status"], &again["answer"]["error"]["code"]), (&json!(402), &json!("card_declined")));
    let rows = activity(&user, "&type=request");
    assert_eq!((&rows[0]["request"]["id"], &rows[0]["request"]["idempotency_key"]), (&again["id"], &json!(null)));
    assert_eq!(changed(&rows[0]), ["created charge"]);
    let absent = raw(user.url(), "POST", "/_pinstripe/requests/req_none/resend", &[], None).refused(404);
    assert_eq!(text(&absent, "message"), "That request is not among the last ones.");
    let long = "x".repeat(20_000);
    let _ = user.post("/v1/customers", &[("metadata[a]", &long)]).refused(400);
    let long = text(&activity(&user, "")[0]["request"], "id").to_owned();
    let refused = raw(user.url(), "POST", &format!("/_pinstripe/requests/{long}/resend"), &[], None).refused(400);
    for key in ["", "sk_live_123", "ek_test_nothing"] {
        let refused = Client::new(user.url(), key).post("/v1/customers", &[("name", "Eve")]);
        let by = refused.header("request-id").unwrap().to_owned();
        let again = raw(user.url(), "POST", &format!("/_pinstripe/requests/{by}/resend"), &[], None).refused(400);
        let sentence = "Only a request with a secret, restricted or publishable key that was accepted is sent again: no key is kept.";
        assert_eq!(text(&again, "message"), sentence, "{key}");
    }
    let sentence = "That request is not kept whole, since it is long or has a file, so it is not sent again.";
    assert_eq!(text(&refused, "message"), sentence);
}

/// A stream that is being read.
struct Stream(BufReader<TcpStream>);

/// An event of a stream: its name, its id, its data.
#[derive(Debug)]
struct StreamEvent {
    name: String,
    id: String,
    data: Value,
}

impl Stream {
    fn open(user: &Client, query: &str, header: &str) -> Self {
        let address = user.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!("GET /_pinstripe/stream{query} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        Stream(BufReader::new(stream))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event; `None` at the end.
    fn next(&mut self) -> Option<StreamEvent> {
        let mut event = StreamEvent { name: String::new(), id: String::new(), data: Value::Null };
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("data", data)) => {
                    event.data = serde_json::from_str(data).unwrap();
                    return Some(event);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_stream_begins_with_hello_and_sends_what_comes() {
    let user = alone("activity-stream");
    customer(&user, &[]);
    let mut stream = Stream::open(&user, "?sandbox=activity-stream", "");
    let hello = stream.next().unwrap();
    assert_eq!((hello.name.as_str(), &hello.data["sandbox"]), ("hello", &json!("activity-stream")));
    assert_eq!(hello.data["version"], env!("CARGO_PKG_VERSION"));
    let epoch = text(&hello.data, "epoch").to_owned();
    assert_eq!(epoch, text(&control(&user, "GET", "activity"), "epoch"));
    customer(&beside(&user, "activity-stream-other"), &[]);
    charged(&user, &[("source", "tok_createDispute")]);
    let (first, second) = (stream.next().unwrap(), stream.next().unwrap());
    assert_eq!([first.name.as_str(), second.name.as_str()], ["request", "work"]);
    assert_eq!(first.id, format!("{epoch}-{}", first.data["seq"]));
    let listed = activity(&user, "");
    assert_eq!([&listed[1], &listed[0]], [&first.data, &second.data]);
    // Going on after an event, by the header or the parameter.
    let since = format!("?sandbox=activity-stream&since={}", first.id);
    let header = format!("Last-Event-ID: {}\r\n", first.id);
    for (query, header) in [(since.as_str(), ""), ("?sandbox=activity-stream&since=x-1", header.as_str())] {
        let mut stream = Stream::open(&user, query, header);
        assert_eq!(stream.next().unwrap().name, "hello");
        assert_eq!(stream.next().unwrap().data, second.data);
    }
    let mut stream = Stream::open(&user, "?sandbox=activity-stream&since=before-7", "");
    assert_eq!(stream.next().unwrap().data["epoch"], epoch);
    let lost = stream.next().unwrap();
    assert_eq!((lost.name.as_str(), lost.data), ("lost", json!({"from": 0, "to": 0})));
    let refused = raw(user.url(), "GET", "/_pinstripe/stream?since=7", &[], None).refused(400);
    assert_eq!(text(&refused, "message"), "`since` is the id of an event of a stream, such as `k3x9-17`.");
}

#[test]
fn a_stream_of_a_sandbox_that_nobody_uses_makes_none() {
    let user = alone("activity-looked-at");
    let mut stream = Stream::open(&user, "?sandbox=activity-unused", "");
    assert_eq!(stream.next().unwrap().name, "hello");
    let all = bare(&user, "GET", "sandboxes");
    let names: Vec<&str> = all["sandboxes"].as_array().unwrap().iter().map(|one| text(one, "sandbox")).collect();
    assert!(!names.contains(&"activity-unused"), "{names:?}");
}

#[test]
fn a_stream_sends_a_burst_to_its_last_row() {
    let user = alone("activity-burst");
    let mut stream = Stream::open(&user, "?sandbox=activity-burst", "");
    assert_eq!(stream.next().unwrap().name, "hello");
    user.post_often("/v1/customers", 300, |n| format!("name=n{n}"));
    let sent: Vec<u64> = (0..300).map(|_| stream.next().unwrap().data["seq"].as_u64().unwrap()).collect();
    assert!(sent.is_sorted());
    assert_eq!(sent.last().copied(), activity(&user, "")[0]["seq"].as_u64());
}

#[test]
fn what_is_kept_is_bounded_and_a_stream_is_told_what_is_lost() {
    let user = Client::new(&start(Config::default()), "sk_test_1");
    let first = {
        customer(&user, &[]);
        activity(&user, "").remove(0)
    };
    let epoch = text(&control(&user, "GET", "activity"), "epoch").to_owned();
    user.post_often("/v1/customers", RECENT_REQUESTS_MAX, |n| format!("name=n{n}"));
    let mut stream = Stream::open(&user, &format!("?since={epoch}-{}", 0), "");
    assert_eq!(stream.next().unwrap().name, "hello");
    let lost = stream.next().unwrap();
    assert_eq!((lost.name.as_str(), &lost.data), ("lost", &json!({"from": 1, "to": first["seq"]})));
    let next = stream.next().unwrap();
    assert_eq!(next.data["seq"].as_u64(), first["seq"].as_u64().map(|seq| seq + 1));
}

#[test]
fn a_stream_is_told_once_what_is_lost_and_sends_only_what_comes_after() {
    let user = Client::new(&start(Config::default()), "sk_test_1");
    let large = customer(&user, &[]);
    user.advance(1);
    // Their changes fill what may be kept, so that the call is forgotten; the request before it is not.
    let fields = |n: usize| (0..50).map(|key| format!("metadata[k{key}]={n:0>500}")).collect::<Vec<_>>().join("&");
    user.post_often(&format!("/v1/customers/{large}"), 600, fields);
    let page = control(&user, "GET", "activity?limit=500");
    let last = page["activity"][499]["seq"].to_string();
    let older = control(&user, "GET", &format!("activity?limit=500&before={last}"));
    let oldest = rows_of(&older["activity"]).last().unwrap();
    assert_eq!((&oldest["seq"], &oldest["type"]), (&json!(1), &json!("request")));
    let since = format!("?since={}-0", text(&page, "epoch"));
    let mut stream = Stream::open(&user, &since, "");
    assert_eq!(stream.next().unwrap().name, "hello");
    let lost = stream.next().unwrap();
    assert_eq!((lost.name.as_str(), &lost.data), ("lost", &json!({"from": 1, "to": 2})));
    let sent: Vec<u64> = (0..600).map(|_| stream.next().unwrap().data["seq"].as_u64().unwrap()).collect();
    assert_eq!(sent, (3..603).collect::<Vec<u64>>());
}

#[test]
fn a_call_that_puts_another_state_in_place_lists_no_objects() {
    let user = alone("activity-replaced");
    let shop = "/_pinstripe/fixtures?preset=shop&sandbox=activity-replaced";
    raw(user.url(), "POST", shop, &[], None).ok();
    control(&user, "POST", "reset");
    let all = activity(&user, "&type=control");
    let told: Vec<_> =
        all.iter().map(|row| (text(&row["control"], "path"), &row["changes"], &row["changes_total"])).collect();
    let none = (json!([]), json!(0));
    assert_eq!(told, [("/_pinstripe/reset", &none.0, &none.1), ("/_pinstripe/fixtures", &none.0, &none.1)]);
}

#[test]
fn streams_are_bounded_in_number() {
    let user = Client::new(&start(Config::default()), "sk_test_1");
    let open: Vec<Stream> = (0..STREAMS_MAX)
        .map(|_| {
            let mut stream = Stream::open(&user, "", "");
            assert_eq!(stream.next().unwrap().name, "hello");
            stream
        })
        .collect();
    let refused = raw(user.url(), "GET", "/_pinstripe/stream", &[], None).refused(429);
    assert_eq!(
        text(&refused, "message"),
        format!("{STREAMS_MAX} streams are open; there are no more at the same time.")
    );
    drop(open);
    wait_for(|| Stream::open(&user, "", "").line().filter(|line| line.contains(" 200 ")));
}

#[test]
fn an_open_stream_holds_up_no_end_and_another_start_has_another_epoch() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let epochs = [0, 1].map(|_| {
        let server = runtime.block_on(Server::start(Config::default())).unwrap();
        let user = Client::new(server.url(), "sk_test_1");
        let mut stream = Stream::open(&user, "", "");
        let hello = stream.next().unwrap();
        let since = Instant::now();
        runtime.block_on(server.stop()).unwrap();
        assert!(since.elapsed() < Duration::from_millis(700), "{:?}", since.elapsed());
        assert!(stream.next().is_none());
        text(&hello.data, "epoch").to_owned()
    });
    assert_ne!(epochs[0], epochs[1]);
}

#[test]
fn without_the_web_page_nothing_of_this_is_kept() {
    let user = Client::new(&start(Config { ui: false, ..Config::default() }), "sk_test_1");
    customer(&user, &[]);
    for path in ["activity", "activity/1", "stream"] {
        let refused = raw(user.url(), "GET", &format!("/_pinstripe/{path}"), &[], None).refused(501);
        assert_eq!(text(&refused, "message"), "What happens is not kept: the server was started with --no-ui.");
    }
    let kept = bare(&user, "GET", "requests")["requests"][0].clone();
    let kept = bare(&user, "GET", &format!("requests/{}", text(&kept, "id")));
    for key in ["changes", "answer", "answer_bytes", "later"] {
        assert_eq!(kept[key], Value::Null, "{key}");
    }
    assert_eq!(rows(&user.get("/v1/customers", &[]).ok()).len(), 1);
}
