//! The page of an OAuth link, as a browser sees it (connect-accounts 10).

use super::again;
use super::oauth::{BACK, exchange, link, standard};
use crate::support::client::{Answer, Client, encode, sandbox};
use crate::support::decisions::{browse, onward};
use crate::support::flows::text;
use serde_json::json;

/// The link on this server.
fn here(api: &Client, link: &str) -> String {
    link.replacen("https://connect.stripe.com", api.url(), 1)
}

fn press(api: &Client, link: &str, typed: &[(&str, &str)]) -> Answer {
    browse(api, "POST", link, Some(&encode(typed)))
}

/// The code in the address that a press leads to.
#[track_caller]
fn code(link: &str, pressed: &Answer) -> String {
    let to = onward(link, pressed);
    let (_, rest) = to.split_once("code=").unwrap_or_else(|| panic!("{to}"));
    rest.split('&').next().unwrap().to_owned()
}

#[test]
fn a_person_connects_an_account_on_the_page() {
    let api = sandbox("op-connect");
    let sent = [
        ("scope", "read_write"),
        ("redirect_uri", BACK),
        ("state", "s&1"),
        ("stripe_user[email]", "jenny@\"example\".com"),
        ("stripe_user[country]", "DE"),
    ];
    let link = here(&api, &standard(&api, &sent));
    let page = browse(&api, "GET", &link, None);
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "read and to change everything",
        "ca_sandbox_op-connect",
        "value=\"jenny@&#34;example&#34;.com\"",
        "value=\"DE\"",
        "id=\"skip-account-app\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]), "to look changes nothing");
    // As the link has filled it in.
    let pressed = press(&api, &link, &[("result", "skipped")]);
    let to = onward(&link, &pressed);
    assert!(to.starts_with(&format!("{BACK}&scope=read_write&code=ac_")) && to.ends_with("&state=s%261"), "{to}");
    let tokens = exchange(&api, &code(&link, &pressed)).ok();
    let account = again(&api, &json!({"id": tokens["stripe_user_id"]}));
    assert_eq!((text(&account, "country"), text(&account, "email")), ("DE", "jenny@\"example\".com"));
    // As the person has.
    let typed = [("result", "authorized"), ("stripe_user[email]", "ada@example.com"), ("stripe_user[country]", "fr")];
    let tokens = exchange(&api, &code(&link, &press(&api, &link, &typed))).ok();
    let account = again(&api, &json!({"id": tokens["stripe_user_id"]}));
    assert_eq!((text(&account, "country"), text(&account, "email")), ("FR", "ada@example.com"));
    // One that is there already.
    let known = [("result", "authorized"), ("account", text(&account, "id"))];
    let tokens = exchange(&api, &code(&link, &press(&api, &link, &known))).ok();
    assert_eq!(tokens["stripe_user_id"], account["id"]);
    let unknown = press(&api, &link, &[("result", "authorized"), ("account", "acct_none")]);
    let said = "<p role=\"alert\">No such account: &#39;acct_none&#39;</p>";
    assert!(unknown.status == 200 && unknown.text.contains(said), "{}", unknown.text);
}

#[test]
fn a_person_begins_an_express_account_on_the_page() {
    let api = sandbox("op-express");
    let link = here(&api, &link(&api, "/express/oauth/authorize", &[("redirect_uri", BACK)]));
    assert!(browse(&api, "GET", &link, None).text.contains("open an express account"));
    let tokens = exchange(&api, &code(&link, &press(&api, &link, &[("result", "skipped")]))).ok();
    assert_eq!(tokens["scope"], "express");
}

#[test]
fn a_person_declines_on_the_page() {
    let api = sandbox("op-deny");
    let link = here(&api, &standard(&api, &[("redirect_uri", BACK), ("state", "7")]));
    let to = onward(&link, &press(&api, &link, &[("result", "denied")]));
    assert_eq!(to, format!("{BACK}&error=access_denied&error_description=The+user+denied+your+request&state=7"));
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
    // A link that does not say where it leads back to.
    let link = here(&api, &standard(&api, &[]));
    assert!(press(&api, &link, &[("result", "denied")]).text.contains("Nothing is connected"));
    let connected = press(&api, &link, &[("result", "skipped")]);
    assert!(connected.text.contains("Your account is connected"), "{}", connected.text);
    let code = connected.text.split("for this code: ").nth(1).unwrap().split('<').next().unwrap();
    exchange(&api, code).ok();
}

#[test]
fn what_is_wrong_with_a_link_is_said_where_it_belongs() {
    let api = sandbox("op-wrong");
    let wrong = here(&api, &standard(&api, &[("redirect_uri", BACK), ("scope", "all")]));
    for answer in [browse(&api, "GET", &wrong, None), press(&api, &wrong, &[("result", "skipped")])] {
        assert!(onward(&wrong, &answer).starts_with(&format!("{BACK}&error=invalid_scope")));
    }
    let nobody = format!("{}/oauth/authorize?response_type=code&client_id=nobody", api.url());
    let sentence = "No application matches the supplied client identifier";
    assert_eq!(browse(&api, "GET", &nobody, None).refused(400)["message"], sentence);
    assert_eq!(press(&api, &nobody, &[("result", "skipped")]).refused(400)["message"], sentence);
    let link = here(&api, &standard(&api, &[]));
    let refused = press(&api, &link, &[("result", "maybe")]).refused(400);
    assert_eq!(refused["message"], "`result` is `authorized`, `skipped` or `denied`.");
}

#[test]
fn no_other_page_sends_the_form() {
    let api = sandbox("op-foreign");
    let link = here(&api, &standard(&api, &[("redirect_uri", BACK)]));
    let foreign = api.with("Origin", "https://evil.example");
    let sentence = "This page takes its own form alone, not that of another origin.";
    assert_eq!(press(&foreign, &link, &[("result", "skipped")]).refused(403)["message"], sentence);
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
    let own = api.with("Origin", api.url());
    assert_eq!(press(&own, &link, &[("result", "skipped")]).status, 303);
}
