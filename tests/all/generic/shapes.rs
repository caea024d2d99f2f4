//! What operations without rules do, each rule by itself.

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Client, sandbox, start};
use crate::support::flows::says;

fn product(client: &Client) -> String {
    client.post("/v1/products", &[("name", "Mug")]).ok()["id"].as_str().unwrap().to_owned()
}

fn price(client: &Client, more: &[(&str, &str)]) -> Value {
    let product = product(client);
    let params = [&[("product", product.as_str()), ("currency", "USD"), ("unit_amount", "500")], more].concat();
    client.post("/v1/prices", &params).ok()
}

#[test]
fn evidence_is_a_document_or_a_picture() {
    let api = sandbox("shapes-file-types");
    let upload = |purpose: &str, name: &str, kind: &str| {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n--b\r\nContent-Disposition: \
             form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\nhello\r\n--b--\r\n"
        );
        api.send("POST", "/v1/files", Some(("multipart/form-data; boundary=b", body.as_bytes())))
    };
    let error = upload("dispute_evidence", "notes.txt", "text/plain").refused(400);
    assert_eq!(
        error["message"],
        "We don't currently support that file type. Try uploading a file with one of the following mimetypes: \
         application/pdf, image/jpeg, image/png."
    );
    for (name, kind) in [("a.PDF", "application/octet-stream"), ("a.jpg", "image/jpeg"), ("a", "image/png")] {
        upload("dispute_evidence", name, kind).ok();
    }
    upload("tax_document_user_upload", "notes.txt", "text/plain").ok();
}

#[test]
fn a_header_says_what_is_behind_an_operation() {
    let api = sandbox("shapes-header");
    let said = |answer: crate::support::client::Answer| answer.header("pinstripe-coverage").map(str::to_owned);
    assert_eq!(said(api.get("/v1/customers", &[])).as_deref(), Some("rules"));
    assert_eq!(said(api.get("/v1/radar/value_lists", &[])).as_deref(), Some("shape"));
    assert_eq!(said(api.post("/v1/radar/value_lists", &[])).as_deref(), Some("shape"));
    assert_eq!(said(api.post("/v1/terminal/refunds", &[])).as_deref(), Some("absent"));
    assert_eq!(said(api.get("/v1/nothing", &[])), None);
}

#[test]
fn strict_refuses_what_has_no_rules() {
    let url = start(Config { strict: true, ..Config::default() });
    let api = Client::new(&url, "sk_test_x");
    let sentence = "Pinstripe does not implement the rules of POST /v1/radar/value_lists, only its shape, which \
                    --strict refuses, yet. Nothing was done.";
    says(api.post("/v1/radar/value_lists", &[("alias", "blocked"), ("name", "Blocked")]), 501, sentence);
    api.post("/v1/radar/value_lists", &[]).refused(400);
    api.post("/v1/customers", &[]).ok();
}

#[test]
fn a_checkout_session_keeps_its_lines_and_expires_once() {
    let api = sandbox("shapes-checkout");
    let price = price(&api, &[])["id"].as_str().unwrap().to_owned();
    let params = [
        ("mode", "payment"),
        ("success_url", "https://example.com/"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "3"),
    ];
    let session = api.post("/v1/checkout/sessions", &params).ok();
    let id = session["id"].as_str().unwrap();
    assert!(id.starts_with("cs_test_a1"), "{id}");
    assert_eq!(
        (&session["amount_total"], &session["status"], &session["payment_status"]),
        (&json!(1500), &json!("open"), &json!("unpaid"))
    );
    let path = format!("/v1/checkout/sessions/{id}");
    let lines = api.get(&format!("{path}/line_items"), &[]).ok();
    assert_eq!((&lines["data"][0]["amount_total"], &lines["data"][0]["description"]), (&json!(1500), &json!("Mug")));
    let expanded = api.get(&path, &[("expand[]", "line_items")]).ok();
    assert_eq!(expanded["line_items"]["data"], lines["data"]);
    let expired = api.post(&format!("{path}/expire"), &[]).ok();
    assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &Value::Null));
    let again = api.post(&format!("{path}/expire"), &[]).refused(400);
    assert!(again["message"].as_str().unwrap().contains("has a status of `expired`"), "{again}");
}

#[test]
fn what_belongs_to_a_parent_is_found_there_alone() {
    let api = sandbox("shapes-parent");
    let (mug, cup) = (product(&api), product(&api));
    let feature = api.post("/v1/entitlements/features", &[("name", "Hot"), ("lookup_key", "hot")]).ok();
    let path = format!("/v1/products/{mug}/features");
    let made = api.post(&path, &[("entitlement_feature", feature["id"].as_str().unwrap())]).ok();
    let id = made["id"].as_str().unwrap();
    assert_eq!(api.get(&path, &[]).ok()["data"][0], made);
    assert_eq!(api.get(&format!("/v1/products/{cup}/features"), &[]).ok()["data"], json!([]));
    api.get(&format!("/v1/products/{cup}/features/{id}"), &[]).refused(404);
    let nowhere = api.get("/v1/products/prod_none/features", &[]).refused(404);
    assert_eq!(nowhere["message"], "No such product: 'prod_none'");
}

#[test]
fn a_singleton_remembers() {
    let api = sandbox("shapes-single");
    let text = |settings: &Value| settings["payments"]["payouts"]["statement_descriptor"].clone();
    assert_eq!(text(&api.get("/v1/balance_settings", &[]).ok()), Value::Null);
    api.post("/v1/balance_settings", &[("payments[payouts][statement_descriptor]", "SHOP")]).ok();
    let settings = api.get("/v1/balance_settings", &[]).ok();
    assert_eq!((text(&settings), &settings["payments"]["payouts"]["status"]), (json!("SHOP"), &json!("enabled")));
}

#[test]
fn an_upload_is_stored_and_can_be_read() {
    let api = sandbox("shapes-upload");
    let body = b"--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"receipt.PNG\"\r\nContent-Type: image/png\r\n\r\n\
        \x89PNG\xff\r\n--b--\r\n";
    let content_type = "multipart/form-data; boundary=b";
    let file = api.send("POST", "/v1/files", Some((content_type, body))).ok();
    assert_eq!((&file["filename"], &file["type"], &file["size"]), (&json!("receipt.PNG"), &json!("png"), &json!(5)));
    let id = file["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/v1/files/{id}"), &[]).ok(), file);
    // Evidence is kept for 270 days; the list has no count (shapes 1.7, 2.8).
    assert_eq!(file["expires_at"].as_i64().unwrap() - file["created"].as_i64().unwrap(), 23_328_000);
    let url = format!("/v1/file_links?file={id}");
    assert_eq!(file["links"], json!({"object": "list", "data": [], "has_more": false, "url": url}));
    let link = api.post("/v1/file_links", &[("file", id)]).ok();
    assert_eq!(api.get(&format!("/v1/files/{id}"), &[]).ok()["links"]["data"], json!([link]));
    assert_eq!(
        (&link["file"], &link["url"]),
        (&json!(id), &json!(format!("{}/links/{}?sandbox=shapes-upload", api.url(), link["id"].as_str().unwrap())))
    );
    assert_eq!(api.post("/v1/file_links", &[("file", "file_none")]).refused(400)["param"], "file");
    api.send("POST", "/v1/files", Some((content_type, b"nonsense"))).refused(400);
}

#[test]
fn a_file_that_proves_an_identity_has_no_address() {
    let api = sandbox("shapes-private-upload");
    for (purpose, is_public) in [
        ("identity_document", false),
        ("account_requirement", false),
        ("business_icon", true),
        ("dispute_evidence", true),
    ] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n--b\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"receipt.png\"\r\nContent-Type: image/png\r\n\r\n\
            \r\n--b--\r\n"
        );
        let file = api.send("POST", "/v1/files", Some(("multipart/form-data; boundary=b", body.as_bytes()))).ok();
        assert_eq!((file["url"].is_string(), file["expires_at"].is_null()), (is_public, purpose != "dispute_evidence"));
    }
}

#[test]
fn a_verb_needs_its_state() {
    let api = sandbox("shapes-verbs");
    let order = [("product", "climsku_1"), ("metric_tons", "1")];
    let made = api.post("/v1/climate/orders", &order).ok();
    let path = format!("/v1/climate/orders/{}/cancel", made["id"].as_str().unwrap());
    assert_eq!(api.post(&path, &[]).ok()["status"], "canceled");
    let error = api.post(&path, &[]).refused(400);
    let sentence =
        "This order has `status` canceled, so that `cancel` is not possible; it needs awaiting_funds or open.";
    assert_eq!(error["message"], sentence);
}
