//! The request log of the control API.

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{charge, charged, customer, id, keys, text};

/// The requests that a sandbox's log has, as far as a filter wants them.
#[track_caller]
fn requests(api: &Client, name: &str, filter: &str) -> Vec<Value> {
    let answer = api.send("GET", &format!("/_pinstripe/requests?sandbox={name}{filter}"), None);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["requests"].as_array().unwrap().clone()
}

#[test]
fn a_request_that_reads_can_be_left_out_of_the_log() {
    let name = "requests-off";
    let api = sandbox(name).with("Pinstripe-Log", "off");
    let made = customer(&api, &[]);
    api.get(&format!("/v1/customers/{made}"), &[]).ok();
    api.get("/v1/customers/cus_none", &[]);
    let kept = requests(&api, name, "");
    let operations: Vec<&str> = kept.iter().map(|request| text(request, "operation")).collect();
    assert_eq!(operations, ["customers.create"]);
}

#[test]
fn a_request_is_kept_with_all_that_tells_it_apart() {
    let name = "requests-kept";
    let api = sandbox(name).with("Idempotency-Key", "k-1");
    let answer = charge(&api, &[("source", "tok_visa"), ("expand[]", "balance_transaction")]);
    let request = answer.header("request-id").unwrap().to_owned();
    let events = api.get("/v1/events", &[]).ok();
    let kept = requests(&api, name, "&operation=charges.create").remove(0);
    let expected = [
        "account",
        "at",
        "created",
        "duration_us",
        "error",
        "events",
        "fault",
        "id",
        "idempotency_key",
        "key",
        "method",
        "operation",
        "parameters",
        "path",
        "sandbox",
        "seq",
        "status",
        "version",
    ];
    assert_eq!(keys(&kept), expected);
    assert_eq!((&kept["id"], &kept["method"], &kept["path"]), (&json!(request), &json!("POST"), &json!("/v1/charges")));
    assert_eq!((&kept["status"], &kept["error"], &kept["account"]), (&json!(200), &Value::Null, &Value::Null));
    assert_eq!((&kept["idempotency_key"], &kept["sandbox"]), (&json!("k-1"), &json!(name)));
    assert_eq!(kept["version"], pinstripe::catalogue::API_VERSION);
    assert_eq!(kept["key"], "sk_test_sandbox_requests-kept");
    assert!(kept["duration_us"].is_u64());
    let parameters =
        json!({"amount": "2000", "currency": "usd", "source": "tok_visa", "expand": ["balance_transaction"]});
    assert_eq!(kept["parameters"], parameters);
    assert_eq!(kept["events"], json!([{"id": events["data"][0]["id"], "type": "charge.succeeded"}]));
    let mut alone = api.send("GET", &format!("/_pinstripe/requests/{request}"), None).ok();
    let more = ["answer", "answer_bytes", "changes", "later"].map(|key| alone.as_object_mut().unwrap().remove(key));
    assert_eq!(alone, kept);
    assert_eq!(more[0].as_ref().unwrap()["id"], answer.body["id"]);
    assert_eq!(more[1], Some(json!(answer.text.len())));
    assert_eq!(more[3], Some(json!([])));
}

#[test]
fn the_payload_of_a_secret_is_not_kept_readable() {
    let name = "requests-secret";
    let api = sandbox(name);
    api.post("/v1/apps/secrets", &[("name", "key"), ("payload", "hush"), ("scope[type]", "account")]).ok();
    let kept = requests(&api, name, "&operation=apps.secrets.create").remove(0);
    assert_eq!((&kept["parameters"]["payload"], &kept["parameters"]["name"]), (&json!("****"), &json!("key")));
}

#[test]
fn the_account_of_a_request_is_known_however_it_was_named() {
    let name = "requests-account";
    let api = sandbox(name);
    let account = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    for header in ["Stripe-Account", "Stripe-Context"] {
        let answer = api.with(header, &account).get("/v1/balance", &[]);
        assert_eq!(answer.header("stripe-account"), Some(account.as_str()), "{header}");
        assert_eq!(requests(&api, name, "&operation=balance.retrieve&limit=1")[0]["account"], account, "{header}");
    }
    let page = api.with("Authorization", &format!("Bearer pk_test_sandbox_{name}"));
    let method = [("type", "card"), ("card[token]", "tok_visa"), ("_stripe_account", account.as_str())];
    let answer = page.post("/v1/payment_methods", &method);
    assert_eq!(answer.header("stripe-account"), Some(account.as_str()));
    assert_eq!(requests(&api, name, "&operation=payment_methods.create")[0]["account"], account);
    let none = api.get("/v1/balance", &[]);
    assert_eq!(none.header("stripe-account"), None);
    assert_eq!(requests(&api, name, "&operation=balance.retrieve&limit=1")[0]["account"], Value::Null);
}

#[test]
fn a_refusal_is_kept_with_its_error_and_without_the_card() {
    let name = "requests-refused";
    let api = sandbox(name);
    let card = [("source[number]", "4000000000000002"), ("source[cvc]", "987"), ("source[exp_month]", "12")];
    let expiry = [("source[exp_year]", "2040"), ("source[object]", "card")];
    let error = charge(&api, &[&card[..], &expiry].concat()).refused(402);
    let kept = requests(&api, name, "").remove(0);
    for key in ["type", "code", "decline_code", "message", "charge"] {
        assert_eq!(kept["error"][key], error[key], "{key}");
    }
    assert_eq!(kept["parameters"]["source"]["number"], "************0002");
    assert_eq!(kept["parameters"]["source"]["cvc"], "***");
    assert!(!kept.to_string().contains("4000000000000002") && !kept.to_string().contains("987\""));
    assert_eq!(kept["events"][0]["type"], "charge.failed");
}

#[test]
fn a_replay_causes_nothing() {
    let name = "requests-replay";
    let api = sandbox(name).with("Idempotency-Key", "k");
    let (_, _) = (customer(&api, &[]), customer(&api, &[]));
    let kept = requests(&api, name, "");
    let counts: Vec<usize> = kept.iter().map(|kept| kept["events"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [0, 1]);
}

#[test]
fn requests_are_filtered() {
    let name = "requests-filters";
    let api = sandbox(name);
    let person = customer(&api, &[]);
    let made = id(&charged(&api.with("Idempotency-Key", "k-2"), &[]));
    let _ = api.get(&format!("/v1/charges/{made}"), &[]).ok();
    let _ = charge(&api, &[("customer", &person)]).refused(402);
    let _ = charge(&api, &[]).refused(400);
    let count = |filter: &str| requests(&api, name, filter).len();
    let expected = [
        ("", 5),
        ("&method=post", 4),
        ("&path=/v1/charges", 3),
        ("&path=/v1/charges*", 4),
        ("&operation=charges.retrieve", 1),
        ("&status=200", 3),
        ("&status=4xx", 2),
        ("&status=402&method=POST", 1),
        ("&error=missing", 1),
        ("&error=invalid_request_error", 1),
        ("&idempotency_key=k-2", 1),
        ("&event=charge.succeeded", 1),
        ("&event=customer.*", 1),
        ("&limit=2", 2),
    ];
    for (filter, expected) in expected {
        assert_eq!(count(filter), expected, "{filter}: {:#?}", requests(&api, name, filter));
    }
    let event = api.get("/v1/events", &[("type", "charge.succeeded")]).ok()["data"][0]["id"].clone();
    assert_eq!(count(&format!("&event={}", event.as_str().unwrap())), 1);
    let newest = requests(&api, name, "&limit=1").remove(0);
    assert_eq!(newest["path"], "/v1/events");
    assert_eq!(api.send("GET", "/_pinstripe/requests?unknown=1", None).status, 400);
    assert_eq!(api.send("GET", "/_pinstripe/requests?limit=x", None).status, 400);
    assert_eq!(api.send("GET", "/_pinstripe/requests/req_none", None).status, 404);
}

#[test]
fn a_request_without_a_valid_key_is_among_those_of_the_default_sandbox() {
    let api = Client::new(sandbox("requests-keyless").url(), "sk_live_abcdefghijklmnop");
    let refused = api.get("/v1/customers/cus_keyless", &[]);
    let id = refused.header("request-id").unwrap().to_owned();
    refused.refused(401);
    let of = |query: &str| {
        let path = format!("/_pinstripe/requests?path=/v1/customers/cus_keyless{query}");
        api.send("GET", &path, None).ok()["requests"].as_array().unwrap().clone()
    };
    let kept = of("&status=401");
    assert_eq!((kept.len(), &kept[0]["id"], &kept[0]["sandbox"]), (1, &json!(id), &Value::Null));
    assert!(text(&kept[0]["error"], "message").starts_with("Invalid API Key provided: sk_live_************mnop."));
    assert_eq!(of("&sandbox=requests-keyless").len(), 0);
}

#[test]
fn an_upload_is_kept_without_what_is_in_the_file() {
    let name = "requests-upload";
    let body = "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n--x\r\nContent-Disposition: \
                form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\ncontents\r\n--x--\r\n";
    let sent = Some(("multipart/form-data; boundary=x", body.as_bytes()));
    sandbox(name).send("POST", "/v1/files", sent).ok();
    let kept = requests(&sandbox(name), name, "&operation=files.create").remove(0);
    let file = json!({"filename": "a.pdf", "size": "8", "type": "application/pdf"});
    assert_eq!(kept["parameters"], json!({"purpose": "dispute_evidence", "file": file}));
}

#[test]
fn a_card_number_is_masked_wherever_it_was_sent() {
    let name = "requests-numbers";
    let api = sandbox(name);
    let number = "4242424242424242";
    let charge = [("amount", "100"), ("currency", "usd"), ("source", number), ("description", "4000 0000 0000 0002")];
    api.post("/v1/charges", &charge).refused(400);
    api.get(&format!("/v1/sources/{number}"), &[]).refused(404);
    api.post("/v1/customers", &[(&*format!("metadata[{number}]"), "1")]).ok();
    api.with("Idempotency-Key", number).post("/v1/customers", &[]).ok();
    let kept = serde_json::to_string(&requests(&api, name, "")).unwrap();
    assert!(!kept.contains("42424242") && !kept.contains("0000 0002"), "{kept}");
    assert_eq!(kept.matches("************4242").count(), 6, "{kept}");
}
