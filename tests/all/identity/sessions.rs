//! Sessions, what comes of them, and their reports (connect-accounts 11).

use serde_json::{Value, json};

use super::{REPORTS, SESSIONS, open, read, submit};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, ids, invalid, missing, rows, says, text};

/// The types of the sandbox's events, oldest first.
fn told(api: &Client) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    let types = rows(&events).iter().rev().map(|event| text(event, "type").to_owned());
    types.filter_map(|kind| kind.strip_prefix("identity.verification_session.").map(str::to_owned)).collect()
}

#[test]
fn a_session_waits_for_somebody() {
    let api = sandbox("vs-open");
    let session = open(&api, &[("metadata[a]", "1"), ("client_reference_id", "me")]);
    let expected = [
        ("status", json!("requires_input")),
        ("type", json!("document")),
        ("options", json!({})),
        ("last_error", Value::Null),
        ("last_verification_report", Value::Null),
        ("redaction", Value::Null),
        ("provided_details", Value::Null),
        ("client_reference_id", json!("me")),
        ("metadata", json!({"a": "1"})),
    ];
    for (key, value) in expected {
        assert_eq!(session[key], value, "{key}");
    }
    assert!(text(&session, "client_secret").starts_with(&format!("{}_secret_test_", id(&session))), "{session}");
    assert!(text(&session, "url").starts_with(&format!("{}/start/test_", api.url())), "{session}");
    assert!(session.get("verified_outputs").is_none() && session.get("related_person").is_none(), "{session}");
    assert_eq!(read(&api, &session, &["verified_outputs"])["verified_outputs"], Value::Null);
    assert_eq!(told(&api), ["created"]);
}

#[test]
fn a_session_has_a_type_or_a_flow() {
    let api = sandbox("vs-type");
    invalid(api.post(SESSIONS, &[]), 400, Some("parameter_missing"), Some("type"));
    let flow = api.post(SESSIONS, &[("verification_flow", "vf_1")]).ok();
    assert_eq!((text(&flow, "type"), text(&flow, "verification_flow")), ("verification_flow", "vf_1"));
    let both = api.post(SESSIONS, &[("type", "document"), ("verification_flow", "vf_1")]);
    assert_eq!(
        invalid(both, 400, None, Some("type"))["message"],
        "You may only specify one of these parameters: type, verification_flow."
    );
    invalid(api.post(SESSIONS, &[("type", "face")]), 400, None, Some("type"));
}

#[test]
fn a_session_is_about_somebody_who_is_there() {
    let api = sandbox("vs-related");
    let ada = customer(&api, &[]);
    let account = id(&api.post("/v1/accounts", &[("type", "custom"), ("business_type", "company")]).ok());
    let person = id(&api.post(&format!("/v1/accounts/{account}/persons"), &[("first_name", "Ada")]).ok());
    let related = [
        ("related_customer", &*ada),
        ("related_customer_account", &*account),
        ("related_person[account]", &*account),
        ("related_person[person]", &*person),
    ];
    let session = open(&api, &related);
    assert_eq!(session["related_person"], json!({"account": account, "person": person}));
    assert_eq!((text(&session, "related_customer"), text(&session, "related_customer_account")), (&*ada, &*account));
    for (filter, value) in [("related_customer", &ada), ("related_customer_account", &account)] {
        assert_eq!(ids(&api.get(SESSIONS, &[(filter, value)]).ok()), [id(&session)], "{filter}");
    }
    let ask = |sent: &[(&str, &str)]| api.post(SESSIONS, &[&[("type", "document")], sent].concat());
    missing(ask(&[("related_customer", "cus_none")]), 400, "customer", "cus_none", "related_customer");
    missing(ask(&[("related_customer_account", "acct_none")]), 400, "account", "acct_none", "related_customer_account");
    let nobody = [("related_person[account]", "acct_none"), ("related_person[person]", &*person)];
    missing(ask(&nobody), 400, "account", "acct_none", "related_person[account]");
    let nobody = [("related_person[account]", &*account), ("related_person[person]", "person_none")];
    missing(ask(&nobody), 400, "person", "person_none", "related_person[person]");
}

#[test]
fn somebody_who_is_verified_leaves_a_report() {
    let api = sandbox("vs-verified");
    let more = [
        ("client_reference_id", "me"),
        ("options[document][require_matching_selfie]", "true"),
        ("options[document][require_id_number]", "true"),
        ("options[document][allowed_types][]", "passport"),
        ("options[email][require_verification]", "true"),
        ("provided_details[email]", "ada@example.com"),
        ("return_url", "https://shop.example/done"),
    ];
    let session = open(&api, &more);
    let done = submit(&api, &session, "verified").ok();
    assert_eq!((text(&done, "status"), text(&done, "return_url")), ("verified", "https://shop.example/done"));
    assert_eq!(told(&api), ["created", "processing", "verified"]);
    let session = read(&api, &session, &[]);
    for key in ["client_secret", "url", "last_error"] {
        assert_eq!(session[key], Value::Null, "{key}");
    }
    let report = api.get(&format!("{REPORTS}/{}", text(&session, "last_verification_report")), &[]).ok();
    assert_eq!((text(&report, "type"), text(&report, "verification_session")), ("document", &*id(&session)));
    for check in ["document", "selfie", "id_number", "email"] {
        assert_eq!((text(&report[check], "status"), &report[check]["error"]), ("verified", &Value::Null), "{check}");
    }
    assert!(report.get("phone").is_none(), "{report}");
    assert_eq!((text(&report["document"], "type"), text(&report["email"], "email")), ("passport", "ada@example.com"));
    for file in report["document"]["files"].as_array().unwrap().iter().chain([&report["selfie"]["selfie"]]) {
        api.get(&format!("/v1/files/{}", file.as_str().unwrap()), &[]).ok();
    }
    // What is more secret is shown to who asks for it.
    assert!(report["document"].get("dob").is_none() && report["id_number"].get("id_number").is_none(), "{report}");
    let asked = [("expand[]", "document.dob"), ("expand[]", "document.number"), ("expand[]", "id_number.id_number")];
    let whole = api.get(&format!("{REPORTS}/{}", id(&report)), &asked).ok();
    assert_eq!(whole["document"]["dob"], json!({"day": 1, "month": 1, "year": 1901}));
    assert_eq!((text(&whole["document"], "number"), text(&whole["id_number"], "id_number")), ("000000000", "0000"));
    let outputs = read(&api, &session, &["verified_outputs"])["verified_outputs"].clone();
    assert_eq!(
        (text(&outputs, "first_name"), text(&outputs, "email"), text(&outputs, "id_number_type")),
        ("Jenny", "ada@example.com", "us_ssn")
    );
    assert!(outputs.get("dob").is_none() && outputs["phone"].is_null(), "{outputs}");
    let outputs =
        read(&api, &session, &["verified_outputs.dob", "verified_outputs.id_number"])["verified_outputs"].clone();
    assert_eq!((&outputs["dob"]["year"], text(&outputs, "id_number")), (&json!(1901), "0000"));
    for (filter, value) in
        [("verification_session", &*id(&session)), ("client_reference_id", "me"), ("type", "document")]
    {
        assert_eq!(ids(&api.get(REPORTS, &[(filter, value)]).ok()), [id(&report)], "{filter}");
    }
    assert_eq!(ids(&api.get(REPORTS, &[("type", "id_number")]).ok()), Vec::<String>::new());
}

#[test]
fn every_code_is_the_last_error_of_a_session_that_can_have_it() {
    let api = sandbox("vs-codes");
    let codes = pinstripe::catalogue::object("identity.verification_session").unwrap();
    let all = pinstripe::catalogue::field(codes.fields, "last_error").unwrap();
    let pinstripe::catalogue::Type::Object(fields) = all.kind else { panic!("{all:?}") };
    let pinstripe::catalogue::Type::Enum(codes) = pinstripe::catalogue::field(fields, "code").unwrap().kind else {
        panic!("no codes")
    };
    assert_eq!(codes.len(), 19);
    let full = [
        ("options[document][require_matching_selfie]", "true"),
        ("options[document][require_id_number]", "true"),
        ("options[email][require_verification]", "true"),
        ("options[phone][require_verification]", "true"),
    ];
    for code in *codes {
        let session = open(&api, &full);
        submit(&api, &session, code).ok();
        let failed = read(&api, &session, &["last_verification_report"]);
        assert_eq!((text(&failed, "status"), text(&failed["last_error"], "code")), ("requires_input", *code));
        assert_ne!(text(&failed["last_error"], "reason"), "");
        // It can be tried again at another address.
        assert!(text(&failed, "url") != text(&session, "url"), "{code}");
        assert!(text(&failed, "client_secret") != text(&session, "client_secret"), "{code}");
        let report = &failed["last_verification_report"];
        let check =
            ["document", "selfie", "id_number", "email", "phone"].into_iter().find(|check| code.starts_with(*check));
        match check {
            None => assert_eq!(report, &Value::Null, "{code}"),
            Some(check) => {
                assert_eq!(
                    (text(&report[check], "status"), &report[check]["error"]["code"]),
                    ("unverified", &json!(code))
                );
                let others =
                    ["document", "selfie", "id_number", "email", "phone"].into_iter().filter(|it| *it != check);
                others.for_each(|other| assert_eq!(report[other]["status"], "verified", "{code}: {other}"));
            }
        }
        submit(&api, &session, "verified").ok();
        assert_eq!(read(&api, &session, &[])["last_error"], Value::Null, "{code}");
        // A session that does not check it cannot fail by it.
        let plain = api.post(SESSIONS, &[("type", "id_number")]).ok();
        let answer = submit(&api, &plain, code);
        if check.is_none_or(|check| check == "id_number") {
            answer.ok();
        } else {
            let sentence = format!("This session does not check what fails with `{code}`.");
            assert_eq!(answer.refused(400)["message"], sentence);
        }
    }
}

#[test]
fn checks_stay_open_until_a_test_ends_them() {
    let api = sandbox("vs-processing");
    let session = open(&api, &[]);
    assert_eq!(submit(&api, &session, "processing").ok()["status"], "processing");
    api.advance(1_000_000);
    let waiting = read(&api, &session, &[]);
    assert_eq!((text(&waiting, "status"), &waiting["url"]), ("processing", &Value::Null));
    let path = format!("{SESSIONS}/{}", id(&session));
    let sentence = |what: &str| {
        format!(
            "This verification session has `status` processing, so that `{what}` is not possible; it needs requires_input."
        )
    };
    says(api.post(&format!("{path}/cancel"), &[]), 400, &sentence("cancel"));
    says(api.post(&path, &[("type", "id_number")]), 400, &sentence("update"));
    api.post(&path, &[("metadata[a]", "1")]).ok();
    submit(&api, &session, "document_unverified_other").ok();
    assert_eq!(told(&api), ["created", "processing", "requires_input"]);
    submit(&api, &session, "verified").ok();
    let message = submit(&api, &session, "verified").refused(400)["message"].clone();
    assert_eq!(
        message,
        "This verification session has `status` verified, so that `submit` is not possible; it needs requires_input."
    );
    assert_eq!(
        submit(&api, &session, "maybe").refused(400)["message"],
        "`result` is `verified`, `processing`, or a code of `last_error`."
    );
    submit(&api, &json!({"id": "vs_none"}), "verified").refused(404);
}

#[test]
fn a_session_is_changed_as_long_as_it_waits() {
    let api = sandbox("vs-update");
    let session = open(&api, &[("metadata[a]", "1")]);
    let path = format!("{SESSIONS}/{}", id(&session));
    let sent = [
        ("type", "id_number"),
        ("metadata[b]", "2"),
        ("options[document][require_matching_selfie]", "true"),
        ("provided_details[phone]", "0000000000"),
    ];
    let changed = api.post(&path, &sent).ok();
    assert_eq!((text(&changed, "type"), &changed["metadata"]), ("id_number", &json!({"a": "1", "b": "2"})));
    assert_eq!(changed["options"], json!({"document": {"require_matching_selfie": true}}));
    assert_eq!(changed["provided_details"], json!({"phone": "0000000000"}));
    assert_eq!(changed["url"], session["url"]);
    assert_eq!(told(&api), ["created"]);
    let canceled = api.post(&format!("{path}/cancel"), &[]).ok();
    assert_eq!(
        (text(&canceled, "status"), &canceled["url"], &canceled["client_secret"]),
        ("canceled", &Value::Null, &Value::Null)
    );
    let listed = |status: &str| ids(&api.get(SESSIONS, &[("status", status)]).ok());
    assert_eq!((listed("canceled"), listed("verified")), (vec![id(&session)], vec![]));
    assert_eq!(told(&api), ["created", "canceled"]);
}

#[test]
fn redaction_takes_everything_of_a_person_away() {
    let api = sandbox("vs-redact");
    let more = [("client_reference_id", "me"), ("provided_details[email]", "ada@example.com"), ("metadata[a]", "1")];
    let session = open(&api, &more);
    submit(&api, &session, "verified").ok();
    let path = format!("{SESSIONS}/{}", id(&session));
    let asked = api.post(&format!("{path}/redact"), &[]).ok();
    assert_eq!((text(&asked["redaction"], "status"), text(&asked, "status")), ("processing", "verified"));
    let redacted = read(&api, &session, &["verified_outputs", "last_verification_report"]);
    assert_eq!((text(&redacted["redaction"], "status"), &redacted["metadata"]), ("redacted", &json!({})));
    assert_eq!(redacted["provided_details"], json!({"email": "[redacted]"}));
    let document = &redacted["last_verification_report"]["document"];
    assert_eq!((text(document, "first_name"), text(&document["address"], "line1")), ("[redacted]", "[redacted]"));
    assert_eq!(text(&redacted["verified_outputs"], "last_name"), "[redacted]");
    for gone in ["Jenny", "ada@example.com", "Main St"] {
        assert!(!redacted.to_string().contains(gone), "{gone}: {redacted}");
    }
    assert_eq!(told(&api), ["created", "processing", "verified", "redacted"]);
    let sentence = "This verification session is redacted, so that it can be used for nothing any more.";
    says(api.post(&path, &[("metadata[a]", "2")]), 400, sentence);
    says(api.post(&format!("{path}/redact"), &[]), 400, sentence);
    assert_eq!(submit(&api, &session, "verified").refused(400)["message"], sentence);
    // An open session is canceled with it.
    let session = open(&api, &[]);
    assert_eq!(api.post(&format!("{SESSIONS}/{}/redact", id(&session)), &[]).ok()["status"], "canceled");
}

#[test]
fn events_of_a_session_are_made_to_happen() {
    let api = sandbox("vs-trigger");
    for event in ["processing", "requires_input", "verified", "canceled", "redacted"] {
        let session = open(&api, &[]);
        let event = format!("identity.verification_session.{event}");
        let sent = [("event", &*event), ("id", &*id(&session)), ("sandbox", "vs-trigger")];
        let done = api.post("/_pinstripe/trigger", &sent).ok();
        assert!(done["events"].as_array().unwrap().iter().any(|it| text(it, "type") == event), "{event}: {done}");
    }
}
