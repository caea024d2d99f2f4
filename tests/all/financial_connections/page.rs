//! The page of a session, as a browser sees it (connect-accounts 12).

use super::{SESSIONS, open};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::browse;
use crate::support::flows::{id, rows, text};

const PAY: (&str, &str) = ("permissions[]", "payment_method");

/// The address of a session's page.
fn address(api: &Client, session: &serde_json::Value) -> String {
    let secret = text(session, "client_secret");
    let hosted = api.post("/v1/link_account_sessions/generate_hosted_url", &[("client_secret", secret)]).ok();
    text(&hosted, "hosted_auth_url").to_owned()
}

#[track_caller]
fn shows(page: &Answer, parts: &[&str]) {
    assert_eq!(page.status, 200, "{}", page.text);
    for part in parts {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[test]
fn a_person_chooses_a_bank_and_accounts_there() {
    let api = sandbox("fcpage-link");
    let session = open(&api, &[PAY, ("return_url", "https://shop.example/done")]);
    let page = address(&api, &session);
    let banks = browse(&api, "GET", &page, None);
    shows(&banks, &["Test Institution", "Down Bank (Scheduled)", "Enter bank details manually", "id=\"cancel\""]);
    // Any page may show it in a frame.
    assert!(banks.header("content-security-policy").unwrap().contains("frame-ancestors *"));
    let at = |bank: &str| browse(&api, "GET", &format!("{page}&institution={bank}"), None);
    shows(&at("down_bank_error"), &["Down Bank (Error) is not available", "Choose another bank"]);
    let accounts = at("test_institution");
    shows(&accounts, &["type=\"checkbox\" name=\"accounts\" value=\"success\" checked", "••••6789", "Link accounts"]);
    let refused = browse(&api, "POST", &page, Some("action=link&institution=test_institution&accounts=gold"));
    shows(&refused, &["The account `gold` cannot be linked in this session."]);
    let form = "action=link&institution=test_institution&accounts=success&accounts=savings";
    let done = browse(&api, "POST", &page, Some(form));
    shows(
        &done,
        &[
            "Success",
            "data-result=\"completed\"",
            &format!("data-session=\"{}\"", id(&session)),
            "https://shop.example/done",
        ],
    );
    assert!(done.header("content-security-policy").unwrap().contains("script-src 'sha256-"));
    let linked = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
    assert_eq!(rows(&linked["accounts"]).len(), 2);
}

#[test]
fn the_page_of_a_session_that_is_over_says_so_whatever_is_pressed() {
    let api = sandbox("fcpage-over");
    let session = open(&api, &[PAY]);
    let page = address(&api, &session);
    let link = "action=link&institution=test_institution&accounts=success";
    shows(&browse(&api, "POST", &page, Some(link)), &["data-result=\"completed\""]);
    shows(&browse(&api, "GET", &page, None), &["data-result=\"completed\""]);
    for form in ["action=cancel", link] {
        shows(&browse(&api, "POST", &page, Some(form)), &["data-result=\"completed\""]);
    }
    let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
    assert_eq!(rows(&session["accounts"]).len(), 1);
}

#[test]
fn a_person_types_numbers_or_gives_up() {
    let api = sandbox("fcpage-typed");
    let session = open(&api, &[PAY, ("limits[accounts]", "1")]);
    let page = address(&api, &session);
    let accounts = browse(&api, "GET", &format!("{page}&institution=test_institution"), None);
    shows(&accounts, &["type=\"radio\"", ">Link account<"]);
    shows(&browse(&api, "POST", &page, Some("action=cancel")), &["Canceled", "data-result=\"canceled\""]);
    // They may come back.
    let numbers = format!("{page}&manual=true");
    shows(&browse(&api, "GET", &numbers, None), &["Routing number", "Choose a bank instead"]);
    let wrong = browse(&api, "POST", &numbers, Some("action=numbers&routing_number=1&account_number=2"));
    shows(&wrong, &["Routing number must have 9 digits", "name=\"routing_number\""]);
    let right = "action=numbers&routing_number=110000000&account_number=000123456789";
    shows(&browse(&api, "POST", &numbers, Some(right)), &["data-result=\"completed\""]);
    for (method, form) in [("POST", "action=dance"), ("POST", "")] {
        assert_eq!(browse(&api, method, &page, Some(form)).status, 404, "{form}");
    }
}

#[test]
fn only_who_has_the_secret_sees_the_page() {
    let api = sandbox("fcpage-secret");
    let session = open(&api, &[PAY]);
    for query in ["", "?client_secret=no", "?sandbox=fcpage-secret"] {
        let page = format!("{}/link-accounts/{}{query}", api.url(), id(&session));
        assert_eq!(browse(&api, "GET", &page, None).status, 404, "{query}");
        assert_eq!(browse(&api, "POST", &page, Some("action=cancel")).status, 404, "{query}");
    }
    assert_eq!(
        browse(&api, "GET", &format!("{}/link-accounts/fcsess_no?client_secret=no", api.url()), None).status,
        404
    );
}
