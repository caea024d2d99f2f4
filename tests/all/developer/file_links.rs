//! Links to files, which give out the content until they expire.

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::decisions::path;
use crate::support::flows::{id, ids, int, says, text};

/// An upload with this purpose, and what is sent besides.
fn upload(api: &Client, purpose: &str, more: &str) -> Value {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n{more}--b\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n\
         picture\r\n--b--\r\n"
    );
    api.send("POST", "/v1/files", Some(("multipart/form-data; boundary=b", body.as_bytes()))).ok()
}

fn link(api: &Client, more: &[(&str, &str)]) -> Value {
    let file = id(&upload(api, "business_logo", ""));
    api.post("/v1/file_links", &[&[("file", file.as_str())], more].concat()).ok()
}

/// Opens a link without a key.
fn open(api: &Client, link: &Value) -> (u16, String) {
    let answer = Client::new(api.url(), "").send("GET", path(api, text(link, "url")), None);
    (answer.status, answer.text)
}

#[test]
fn a_link_gives_out_the_file_without_a_key() {
    let api = sandbox("flink-open");
    let made = link(&api, &[("metadata[for]", "mail")]);
    assert_eq!(
        (&made["expired"], &made["expires_at"], &made["metadata"]),
        (&json!(false), &json!(null), &json!({"for": "mail"}))
    );
    assert_eq!(open(&api, &made), (200, "picture".to_owned()));
}

#[test]
fn a_link_expires_when_its_time_comes() {
    let api = sandbox("flink-due");
    let now = api.send("GET", "/_pinstripe/clock?sandbox=flink-due", None).ok();
    let made = link(&api, &[("expires_at", &(int(&now, "now") + 100).to_string())]);
    assert_eq!(open(&api, &made).0, 200);
    api.advance(200);
    assert_eq!(open(&api, &made).0, 404);
    let read = api.get(&format!("/v1/file_links/{}", id(&made)), &[]).ok();
    assert_eq!(read["expired"], true);
    let expired = |which| ids(&api.get("/v1/file_links", &[("expired", which)]).ok());
    assert_eq!((expired("true"), expired("false")), (vec![id(&made)], Vec::new()));
}

#[test]
fn a_link_can_expire_at_once_and_then_no_more_changes() {
    let api = sandbox("flink-now");
    let made = link(&api, &[]);
    let target = format!("/v1/file_links/{}", id(&made));
    let changed = api.post(&target, &[("metadata[for]", "print")]).ok();
    assert_eq!((&changed["expired"], &changed["metadata"]), (&json!(false), &json!({"for": "print"})));
    let over = api.post(&target, &[("expires_at", "now")]).ok();
    assert_eq!(over["expired"], true);
    assert!(over["expires_at"].is_i64(), "{over}");
    assert_eq!(open(&api, &made).0, 404);
    says(api.post(&target, &[("metadata[for]", "x")]), 400, "Expired links can no longer be updated.");
}

#[test]
fn a_time_to_expire_can_be_changed_and_taken_back() {
    let api = sandbox("flink-change");
    let made = link(&api, &[]);
    let target = format!("/v1/file_links/{}", id(&made));
    assert_eq!(api.post(&target, &[("expires_at", "4000000000")]).ok()["expires_at"], 4_000_000_000_i64);
    assert_eq!(api.post(&target, &[("expires_at", "")]).ok()["expires_at"], Value::Null);
    let past = "The parameter `expires_at` expects a unix timestamp representing a date and time in the future. You \
                specified the value `1000` which is in the past.";
    says(api.post(&target, &[("expires_at", "1000")]), 400, past);
    says(api.post("/v1/file_links", &[("file", text(&made, "file")), ("expires_at", "1000")]), 400, past);
}

#[test]
fn only_files_of_some_purposes_can_be_linked() {
    let api = sandbox("flink-purpose");
    let file = id(&upload(&api, "identity_document", ""));
    let sentence = "The file's purpose must be one of the following: business_icon, business_logo, customer_signature, \
                    dispute_evidence, finance_report_run, financial_account_statement, identity_document_downloadable, \
                    issuing_regulatory_reporting, pci_document, selfie, sigma_scheduled_query, \
                    tax_document_user_upload, terminal_android_apk, terminal_reader_splashscreen.";
    says(api.post("/v1/file_links", &[("file", &file)]), 400, sentence);
}

#[test]
fn an_upload_can_come_with_its_link() {
    let api = sandbox("flink-along");
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"file_link_data[{name}]\"\r\n\r\n{value}\r\n")
    };
    let made = upload(&api, "business_logo", &[part("create", "true"), part("expires_at", "4000000000")].concat());
    let link = made["links"]["data"][0].clone();
    assert_eq!((&link["file"], &link["expires_at"]), (&made["id"], &json!(4_000_000_000_i64)));
    assert_eq!(open(&api, &link), (200, "picture".to_owned()));
}
