//! Deliveries: what is sent, to whom, in which order (platform 2.2).

use pinstripe::Config;
use pinstripe::webhooks::settings::Mode;
use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{customer, id, ids, rows, text};
use crate::support::receiver::{React, Receiver};

/// The name of the client's sandbox is in its key.
pub(crate) fn control(api: &Client, method: &str, call: &str) -> client::Answer {
    let joint = if call.contains('?') { '&' } else { '?' };
    api.send(method, &format!("/_pinstripe/webhooks{call}{joint}sandbox={}", api.sandbox()), None)
}

/// Waits until every delivery that is due has arrived.
#[track_caller]
pub(crate) fn wait(api: &Client) {
    let answer = control(api, "POST", "/wait?timeout=30");
    assert_eq!((answer.status, &answer.body["done"]), (200, &json!(true)), "{}", answer.text);
}

/// An endpoint of the API that gets these events at a receiver.
pub(crate) fn endpoint(api: &Client, receiver: &Receiver, events: &[&str], more: &[(&str, &str)]) -> Value {
    let url = receiver.url();
    let mut params = vec![("url", url.as_str())];
    params.extend(events.iter().map(|event| ("enabled_events[]", *event)));
    params.extend(more);
    api.post("/v1/webhook_endpoints", &params).ok()
}

pub(crate) fn deliveries(api: &Client, query: &str) -> Vec<Value> {
    let answer = control(api, "GET", &format!("/deliveries{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["deliveries"].as_array().unwrap().clone()
}

#[test]
fn a_delivery_is_the_event_signed_with_stripes_headers() {
    let (api, receiver) = (sandbox("hooks-one"), Receiver::start());
    let secret = text(&endpoint(&api, &receiver, &["*"], &[]), "secret").to_owned();
    let customer = customer(&api, &[("email", "ada@example.com")]);
    wait(&api);
    let [hit] = receiver.hits().try_into().unwrap();
    hit.assert_signed(&secret);
    assert_eq!(hit.target, "/hook");
    for (name, value) in [
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
        ("Accept", "*/*; q=0.5, application/xml"),
        ("Cache-Control", "no-cache"),
        ("Pinstripe-Sandbox", "hooks-one"),
    ] {
        assert!(hit.headers.contains(&(name.to_owned(), value.to_owned())), "{name}: {:?}", hit.headers);
    }
    assert_eq!(hit.header("host"), format!("127.0.0.1:{}", receiver.port()));
    let event = hit.event();
    assert_eq!(event["type"], "customer.created");
    assert_eq!(event["data"]["object"]["id"], customer);
    assert_eq!(event["pending_webhooks"], 1);
    let listed = api.get(&format!("/v1/events/{}", id(&event)), &[]).ok();
    assert_eq!(listed["pending_webhooks"], 0);
    let mut expected = listed.clone();
    expected["pending_webhooks"] = json!(1);
    assert_eq!(event, expected);
}

#[test]
fn the_secret_of_an_endpoint_can_be_read_again() {
    let (api, receiver) = (sandbox("hooks-secret"), Receiver::start());
    let made = endpoint(&api, &receiver, &["*"], &[]);
    let off = endpoint(&api, &receiver, &["*"], &[]);
    api.post(&format!("/v1/webhook_endpoints/{}", id(&off)), &[("disabled", "true")]).ok();
    let row = |made: &Value, enabled: bool| {
        let url = receiver.url();
        json!({"endpoint": id(made), "account": null, "url": url, "secret": made["secret"], "enabled": enabled})
    };
    let mut rows = control(&api, "GET", "").body["receivers"].as_array().unwrap().clone();
    rows.sort_by_key(|row| row["enabled"] == false);
    assert_eq!(rows, [row(&made, true), row(&off, false)]);
}

#[test]
fn a_delivery_that_waits_says_when_it_is_tried_next() {
    let api = sandbox("hooks-next");
    let receiver = Receiver::with(|before, _| React::Status(if before == 0 { 500 } else { 200 }));
    endpoint(&api, &receiver, &["*"], &[]);
    customer(&api, &[]);
    let begun = std::time::Instant::now();
    let tried = loop {
        let first = deliveries(&api, "?status=waiting").first().cloned();
        match first.filter(|first| first["attempts"][0]["response"]["status"] == 500) {
            Some(first) => break first,
            None => assert!(begun.elapsed().as_secs() < 20, "it was not tried"),
        }
    };
    let last = tried["attempts"].as_array().and_then(|all| all.last()).unwrap()["at_ms"].as_u64().unwrap();
    assert!(tried["next_at_ms"].as_u64().unwrap() > last, "{tried}");
    wait(&api);
    assert_eq!(deliveries(&api, "?status=delivered")[0]["next_at_ms"], Value::Null);
}

#[test]
fn an_endpoint_gets_the_events_that_it_asks_for() {
    let (api, receiver, other) = (sandbox("hooks-filter"), Receiver::start(), Receiver::start());
    endpoint(&api, &receiver, &["customer.updated", "customer.deleted"], &[]);
    endpoint(&api, &other, &["charge.succeeded"], &[]);
    let customer = customer(&api, &[]);
    api.post(&format!("/v1/customers/{customer}"), &[("name", "Ada")]).ok();
    api.delete(&format!("/v1/customers/{customer}")).ok();
    wait(&api);
    assert_eq!(receiver.kinds(), ["customer.updated", "customer.deleted"]);
    assert!(other.hits().is_empty());
    let created = api.get("/v1/events", &[("type", "customer.created")]).ok();
    assert_eq!(rows(&created)[0]["pending_webhooks"], 0);
}

#[test]
fn an_endpoint_gets_events_in_its_own_version() {
    let (api, receiver, older) = (sandbox("hooks-version"), Receiver::start(), Receiver::start());
    endpoint(&api, &receiver, &["*"], &[]);
    endpoint(&api, &older, &["*"], &[("api_version", "2019-03-14")]);
    customer(&api, &[("balance", "-100")]);
    wait(&api);
    let (new, old) = (receiver.hits()[0].event(), older.hits()[0].event());
    assert_eq!(id(&new), id(&old));
    assert_eq!((&new["api_version"], &old["api_version"]), (&json!("2026-10-28.endive"), &json!("2019-03-14")));
    assert_eq!(new["data"]["object"]["balance"], -100);
    assert_eq!(old["data"]["object"]["account_balance"], -100);
}

#[test]
fn events_arrive_in_the_order_of_their_making() {
    let (api, receiver) = (sandbox("hooks-order"), Receiver::start());
    endpoint(&api, &receiver, &["*"], &[]);
    let customer = customer(&api, &[("source", "tok_visa")]);
    for _ in 0..5 {
        api.post("/v1/charges", &[("amount", "500"), ("currency", "usd"), ("customer", &customer)]).ok();
    }
    wait(&api);
    let got: Vec<String> = receiver.hits().iter().map(crate::support::receiver::Hit::id).collect();
    let mut listed = ids(&api.get("/v1/events", &[("limit", "100")]).ok());
    listed.reverse();
    assert_eq!(got, listed);
    assert!(got.len() >= 7, "{got:?}");
}

#[test]
fn a_disabled_endpoint_gets_nothing_and_later_events_again() {
    let (api, receiver) = (sandbox("hooks-disabled"), Receiver::start());
    let hook = format!("/v1/webhook_endpoints/{}", id(&endpoint(&api, &receiver, &["*"], &[])));
    api.post(&hook, &[("disabled", "true")]).ok();
    customer(&api, &[]);
    wait(&api);
    api.post(&hook, &[("disabled", "false")]).ok();
    let second = customer(&api, &[]);
    wait(&api);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].event()["data"]["object"]["id"], second);
}

#[test]
fn what_waits_for_an_endpoint_is_sent_when_it_is_enabled_again() {
    let down = Receiver::start();
    let (api, receiver) = (sandbox("hooks-parked"), Receiver::start());
    down.kill();
    let hook = format!("/v1/webhook_endpoints/{}", id(&endpoint(&api, &down, &["*"], &[])));
    customer(&api, &[]);
    api.post(&hook, &[("disabled", "true"), ("url", &receiver.url())]).ok();
    wait(&api);
    assert!(receiver.hits().is_empty());
    assert_eq!(deliveries(&api, "?status=waiting").len(), 1);
    api.post(&hook, &[("disabled", "false")]).ok();
    wait(&api);
    assert_eq!(receiver.kinds(), ["customer.created"]);
}

#[test]
fn a_deleted_endpoint_takes_its_deliveries_along() {
    let down = Receiver::start();
    let api = sandbox("hooks-deleted");
    down.kill();
    let hook = id(&endpoint(&api, &down, &["*"], &[]));
    customer(&api, &[]);
    let event = rows(&api.get("/v1/events", &[]).ok())[0].clone();
    assert_eq!(event["pending_webhooks"], 1);
    api.delete(&format!("/v1/webhook_endpoints/{hook}")).ok();
    wait(&api);
    assert_eq!(api.get(&format!("/v1/events/{}", id(&event)), &[]).ok()["pending_webhooks"], 0);
    assert!(deliveries(&api, "").is_empty());
}

#[test]
fn connected_accounts_events_go_to_their_endpoints_and_to_the_platforms() {
    let (api, own, connect, platform) =
        (sandbox("hooks-connect"), Receiver::start(), Receiver::start(), Receiver::start());
    let account = id(&api.post("/v1/accounts", &[("type", "custom")]).ok());
    let theirs = api.with("Stripe-Account", &account);
    endpoint(&theirs, &own, &["customer.created"], &[]);
    endpoint(&api, &connect, &["customer.created"], &[("connect", "true")]);
    endpoint(&api, &platform, &["customer.created"], &[]);
    customer(&theirs, &[]);
    customer(&api, &[]);
    wait(&api);
    let accounts = |receiver: &Receiver| -> Vec<Value> {
        receiver.hits().iter().map(|hit| hit.event()["account"].clone()).collect()
    };
    assert_eq!(accounts(&connect), [json!(account)]);
    assert_eq!(own.hits().len(), 1);
    assert_eq!(accounts(&platform), [Value::Null]);
}

#[test]
fn a_deleted_standard_account_takes_its_authorization_back() {
    let (api, connect) = (sandbox("hooks-deauthorized"), Receiver::start());
    let name = "account.application.deauthorized";
    endpoint(&api, &connect, &[name], &[("connect", "true")]);
    for kind in ["custom", "standard"] {
        let account = id(&api.post("/v1/accounts", &[("type", kind)]).ok());
        api.delete(&format!("/v1/accounts/{account}")).ok();
        wait(&api);
        let told: Vec<Value> = connect.hits().iter().map(crate::support::receiver::Hit::event).collect();
        assert_eq!(told.len(), usize::from(kind == "standard"), "{told:?}");
        for event in told {
            assert_eq!((&event["type"], &event["account"]), (&json!(name), &json!(account)));
            let own = text(&api.get("/v1/account", &[]).ok(), "id").replace("acct_", "ca_");
            assert_eq!(event["data"]["object"], json!({"id": own, "object": "application", "name": null}));
        }
    }
}

#[test]
fn the_flag_gets_every_sandboxs_events_and_names_the_sandbox() {
    let receiver = Receiver::start();
    let url = client::start(Config {
        webhook_urls: vec![receiver.url().parse().unwrap()],
        webhook_secret: Some("whsec_mine".to_owned()),
        ..Config::default()
    });
    for name in ["one", "two"] {
        let api = Client::new(&url, &format!("sk_test_sandbox_{name}"));
        customer(&api, &[]);
        wait(&api);
    }
    let hits = receiver.hits();
    assert_eq!(hits.iter().map(|hit| hit.header("pinstripe-sandbox")).collect::<Vec<_>>(), ["one", "two"]);
    hits.iter().for_each(|hit| hit.assert_signed("whsec_mine"));
}

#[test]
fn the_flags_secret_is_stable_when_none_is_chosen() {
    let secret = |url: &str| {
        let api = Client::new(url, "sk_test_sandbox_any");
        text(&control(&api, "GET", "").body, "webhook_secret").to_owned()
    };
    let first = secret(&client::start(Config::default()));
    assert!(first.starts_with("whsec_") && first.len() == 38, "{first}");
    assert_eq!(secret(&client::start(Config::default())), first);
}

#[test]
fn loading_fixtures_delivers_nothing() {
    let (api, receiver) = (sandbox("hooks-fixtures"), Receiver::start());
    endpoint(&api, &receiver, &["*"], &[]);
    let script =
        json!({"fixtures": [{"name": "c", "path": "/v1/customers", "method": "post", "params": {"name": "Ada"}}]});
    let dump = json!([{"id": "cus_1", "object": "customer"}]);
    for document in [script, dump] {
        let target = "/_pinstripe/fixtures?sandbox=hooks-fixtures";
        let answer = api.send("POST", target, Some(("application/json", document.to_string().as_bytes())));
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    wait(&api);
    assert!(deliveries(&api, "").is_empty());
    customer(&api, &[]);
    wait(&api);
    assert_eq!(receiver.hits().len(), 1);
}

#[test]
fn a_reset_forgets_what_waits() {
    let down = Receiver::start();
    let api = sandbox("hooks-reset");
    down.kill();
    endpoint(&api, &down, &["*"], &[]);
    customer(&api, &[]);
    api.send("POST", "/_pinstripe/reset?sandbox=hooks-reset", None);
    wait(&api);
    assert!(deliveries(&api, "").is_empty());
}

#[test]
fn every_attempt_is_kept_with_what_was_sent_and_what_came_back() {
    let receiver = Receiver::with(|n, _| React::Status(if n == 0 { 500 } else { 200 }));
    let api = sandbox("hooks-attempts");
    let hook = endpoint(&api, &receiver, &["*"], &[]);
    customer(&api, &[]);
    wait(&api);
    let [delivery] = deliveries(&api, "").try_into().unwrap();
    assert_eq!((&delivery["status"], &delivery["type"]), (&json!("delivered"), &json!("customer.created")));
    assert_eq!(delivery["endpoint"], hook["id"]);
    let attempts = delivery["attempts"].as_array().unwrap();
    let statuses: Vec<&Value> = attempts.iter().map(|attempt| &attempt["response"]["status"]).collect();
    assert_eq!(statuses, [&json!(500), &json!(200)]);
    for (attempt, hit) in attempts.iter().zip(receiver.hits()) {
        assert_eq!(attempt["request"]["body"], hit.body);
        assert_eq!(attempt["request"]["url"], receiver.url());
        assert_eq!(attempt["request"]["headers"]["stripe-signature"], hit.header("stripe-signature"));
        assert_eq!(
            (&attempt["response"]["body"], &attempt["response"]["headers"]["x-receiver"]),
            (&json!("seen"), &json!("test"))
        );
        assert!(
            attempt["duration_ms"].as_u64().unwrap() < 10_000 && attempt["at_ms"].as_u64().unwrap() > 1_700_000_000_000
        );
    }
    let one = control(&api, "GET", &format!("/deliveries/{}", id(&delivery)));
    assert_eq!((one.status, one.body), (200, delivery));
    assert_eq!(control(&api, "GET", "/deliveries/wh_99").status, 404);
}

#[test]
fn deliveries_are_listed_newest_first_by_event_type_and_endpoint() {
    let (api, receiver, other) = (sandbox("hooks-listing"), Receiver::start(), Receiver::start());
    let hook = id(&endpoint(&api, &receiver, &["*"], &[]));
    endpoint(&api, &other, &["customer.deleted"], &[]);
    let customer = customer(&api, &[]);
    api.delete(&format!("/v1/customers/{customer}")).ok();
    wait(&api);
    let kinds = |query: &str| -> Vec<String> {
        deliveries(&api, query).iter().map(|delivery| text(delivery, "type").to_owned()).collect()
    };
    assert_eq!(kinds(""), ["customer.deleted", "customer.deleted", "customer.created"]);
    assert_eq!(kinds("?limit=1"), ["customer.deleted"]);
    assert_eq!(kinds("?type=customer.created"), ["customer.created"]);
    assert_eq!(kinds(&format!("?endpoint={hook}")), ["customer.deleted", "customer.created"]);
    assert_eq!(kinds("?status=failed"), [""; 0]);
    let event = rows(&api.get("/v1/events", &[]).ok())[0].clone();
    assert_eq!(deliveries(&api, &format!("?event={}", id(&event))).len(), 2);
}

#[test]
fn an_event_is_delivered_again_by_hand() {
    let (api, receiver, other) = (sandbox("hooks-again"), Receiver::start(), Receiver::start());
    endpoint(&api, &receiver, &["*"], &[]);
    let hook = id(&endpoint(&api, &other, &["charge.failed"], &[]));
    customer(&api, &[]);
    wait(&api);
    let event = id(&rows(&api.get("/v1/events", &[]).ok())[0]);
    let again = |query: &str| control(&api, "POST", &format!("/resend?{query}"));
    assert_eq!(again(&format!("event={event}")).body["deliveries"].as_array().unwrap().len(), 1);
    again(&format!("event={event}&endpoint={hook}"));
    let first = id(deliveries(&api, "").last().unwrap());
    again(&format!("delivery={first}"));
    wait(&api);
    assert_eq!(receiver.hits().iter().map(crate::support::receiver::Hit::id).collect::<Vec<_>>(), [&*event; 3]);
    assert_eq!(other.hits().iter().map(crate::support::receiver::Hit::id).collect::<Vec<_>>(), [&*event]);
    assert_eq!(deliveries(&api, "")[0]["resent"], true);
    assert_eq!(api.get(&format!("/v1/events/{event}"), &[]).ok()["pending_webhooks"], 0);
    for unknown in ["event=evt_none", "delivery=wh_99", &format!("event={event}&endpoint=we_none")] {
        assert_eq!(again(unknown).status, 404, "{unknown}");
    }
    for wrong in ["", "status=delivered"] {
        assert_eq!(again(wrong).status, 400, "{wrong}");
    }
}

#[test]
fn what_is_collected_is_not_sent_but_can_be_read_signed() {
    let (api, receiver) = (sandbox("hooks-collect"), Receiver::start());
    assert_eq!(control(&api, "POST", "/mode?mode=collect").body["mode"], "collect");
    customer(&api, &[]);
    let hook = endpoint(&api, &receiver, &["customer.updated"], &[]);
    let customer = customer(&api, &[]);
    api.post(&format!("/v1/customers/{customer}"), &[("name", "Ada")]).ok();
    wait(&api);
    assert!(receiver.hits().is_empty());
    let collected = |query: &str| control(&api, "GET", &format!("/collected{query}")).body["collected"].clone();
    let all = collected("");
    let kinds: Vec<&str> = all.as_array().unwrap().iter().map(|one| text(one, "type")).collect();
    assert_eq!(kinds, ["customer.created", "customer.created", "customer.updated"]);
    let default = text(&control(&api, "GET", "").body, "webhook_secret").to_owned();
    for (one, secret) in all.as_array().unwrap().iter().zip([&*default, &default, text(&hook, "secret")]) {
        let hit = crate::support::receiver::Hit {
            target: String::new(),
            headers: vec![("stripe-signature".into(), text(&one["headers"], "stripe-signature").to_owned())],
            body: text(one, "body").to_owned(),
        };
        hit.assert_signed(secret);
        assert_eq!(hit.id(), one["event"]);
    }
    assert_eq!((&all[0]["endpoint"], &all[2]["endpoint"]), (&Value::Null, &hook["id"]));
    assert_eq!(all[2]["url"], hook["url"]);
    assert_eq!(collected("?type=customer.updated").as_array().unwrap().len(), 1);
    assert_eq!(control(&api, "DELETE", "/collected").body["forgotten"], 3);
    assert_eq!(collected(""), json!([]));
    control(&api, "POST", "/mode?mode=send");
    api.delete(&format!("/v1/customers/{customer}")).ok();
    api.post("/v1/customers", &[]).ok();
    wait(&api);
    assert!(receiver.hits().is_empty());
    assert_eq!(control(&api, "POST", "/mode?mode=maybe").status, 400);
}

#[test]
fn a_server_can_collect_from_the_start() {
    let url = client::start(Config { webhook_mode: Mode::Collect, ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_any");
    customer(&api, &[]);
    let collected = control(&api, "GET", "/collected").body;
    assert_eq!(collected["collected"][0]["type"], "customer.created");
}

#[test]
fn waiting_ends_with_the_time_and_names_what_is_not_done() {
    let down = Receiver::start();
    let api = sandbox("hooks-wait");
    down.kill();
    endpoint(&api, &down, &["*"], &[]);
    customer(&api, &[]);
    let answer = control(&api, "POST", "/wait?timeout=0.3");
    assert_eq!((answer.status, &answer.body["done"]), (504, &json!(false)));
    let waiting = &answer.body["waiting"][0];
    assert_eq!((&waiting["type"], &waiting["status"]), (&json!("customer.created"), &json!("waiting")));
    assert!(text(&waiting["last"], "error").contains("refused"), "{waiting}");
    for wrong in ["-1", "601", "soon"] {
        assert_eq!(control(&api, "POST", &format!("/wait?timeout={wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn a_sandbox_that_is_forgotten_and_made_anew_sends_again() {
    let (api, receiver) = (sandbox("hooks-forgotten"), Receiver::start());
    for _ in 0..2 {
        endpoint(&api, &receiver, &["*"], &[]);
        customer(&api, &[]);
        wait(&api);
        assert_eq!(api.send("DELETE", "/_pinstripe/sandboxes/hooks-forgotten", None).status, 200);
    }
    assert_eq!(receiver.hits().len(), 2);
}
