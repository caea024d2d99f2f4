//! The dashboard of an express account, where a login link leads (billing 6.2).

use super::again;
use crate::support::client::{Client, sandbox};
use crate::support::decisions::{browse, onward};
use crate::support::flows::{id, text};

/// An express account that has told everything, with a login link.
fn link(api: &Client, more: &str) -> (String, String) {
    let target = format!("/_pinstripe/account?sandbox={}&state=onboarded&type=express{more}", api.sandbox());
    let account = id(&api.send("POST", &target, None).ok());
    let link = api.post(&format!("/v1/accounts/{account}/login_links"), &[]).ok();
    (account, text(&link, "url").to_owned())
}

#[test]
fn the_dashboard_shows_money_payouts_and_the_account() {
    let api = sandbox("dash-shows");
    let (account, link) = link(&api, "");
    let named = [("business_profile[name]", "Bakery <b>")];
    api.post(&format!("/v1/accounts/{account}"), &named).ok();
    let theirs = api.with("Stripe-Account", &account);
    for source in ["tok_bypassPending", "tok_visa"] {
        theirs.post("/v1/charges", &[("amount", "10000"), ("currency", "usd"), ("source", source)]).ok();
    }
    theirs.post("/v1/payouts", &[("amount", "1500"), ("currency", "usd")]).ok();
    let page = onward(&link, &browse(&api, "GET", &link, None));
    let shown = browse(&api, "GET", &page, None);
    assert_eq!(shown.status, 200, "{}", shown.text);
    let last4 = again(&api, &serde_json::json!({"id": account}))["external_accounts"]["data"][0]["last4"].clone();
    for part in [
        "<h1>Bakery &#60;b&#62;</h1>",
        "<td>$81.80</td><td>$96.80</td>",
        "<td>pending</td><td>$15.00</td>",
        &format!("<dd>{account}</dd>"),
        &format!("ending in {}", last4.as_str().unwrap()),
        "<dt>Takes payments</dt><dd>yes</dd>",
    ] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
}

#[test]
fn a_login_link_is_opened_once() {
    let api = sandbox("dash-once");
    let (account, link) = link(&api, "&country=DE");
    assert_eq!(browse(&api, "HEAD", &link, None).status, 200);
    let page = onward(&link, &browse(&api, "GET", &link, None));
    let shown = browse(&api, "GET", &page, None);
    assert!(shown.text.contains("There is no money yet.") && shown.text.contains("Nothing was paid out yet."));
    for used in [link.clone(), link.replacen('?', "/000000000000?", 1)] {
        let over = browse(&api, "GET", &used, None);
        assert!(over.status == 200 && over.text.contains("A login link is opened once."), "{}", over.text);
    }
    assert_eq!(browse(&api, "GET", &format!("{}/express/{account}/none", api.url()), None).status, 404);
    assert_eq!(browse(&api, "GET", &format!("{}/express/{account}/none/none", api.url()), None).status, 404);
    let other = format!("{}/express/acct_other/{}", api.url(), link.rsplit_once('/').unwrap().1);
    assert_eq!(browse(&api, "GET", &other, None).status, 404);
    api.delete(&format!("/v1/accounts/{account}")).ok();
    assert!(browse(&api, "GET", &page, None).text.contains("This link is over"));
}
