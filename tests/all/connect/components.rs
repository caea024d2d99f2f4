//! The components of a platform's page, each in a frame, as a browser sees them (billing 6.2).

use super::account;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::browse;
use crate::support::flows::{id, text};

/// The secret of a session with these components.
#[track_caller]
fn secret(api: &Client, account: &str, components: &[&str]) -> String {
    let keys: Vec<String> = components.iter().map(|name| format!("components[{name}][enabled]")).collect();
    let sent: Vec<(&str, &str)> =
        [("account", account)].into_iter().chain(keys.iter().map(|key| (&**key, "true"))).collect();
    text(&api.post("/v1/account_sessions", &sent).ok(), "client_secret").to_owned()
}

fn address(api: &Client, tag: &str, secret: &str) -> String {
    format!("{}/connect/components/{tag}?client_secret={secret}", api.url())
}

/// What a component says to the page around it.
#[track_caller]
fn said(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let said = page.text.split_once("data-said=\"").unwrap().1.split_once('"').unwrap().0;
    said.replace("&#34;", "\"")
}

const READY: &str = r#"[{"type":"ready"}]"#;

#[test]
fn a_component_is_shown_to_whoever_has_the_secret_of_a_session_that_shows_it() {
    let api = sandbox("co-secret");
    let made = id(&account(&api, &[&[("type", "custom")]]));
    let secret = secret(&api, &made, &["payments", "issuing_card"]);
    let page = browse(&api, "GET", &address(&api, "payments", &secret), None);
    assert_eq!(said(&page), READY);
    // Any page may show it in a frame.
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors *"));
    let unbuilt = browse(&api, "GET", &address(&api, "issuing-card", &secret), None);
    assert!(unbuilt.text.contains("Pinstripe has no page for this component."), "{}", unbuilt.text);
    let other = browse(&api, "GET", &address(&api, "payouts", &secret), None);
    assert_eq!(
        said(&other),
        r#"[{"error":{"message":"The component `payouts` is not enabled in this account session.","type":"invalid_request_error"},"type":"loaderror"}]"#
    );
    let over = r#"[{"error":{"message":"The account session is unknown or has expired.","type":"authentication_error"},"type":"loaderror"}]"#;
    for (tag, wrong) in [("payments", "accs_secret__no"), ("payments", "")] {
        assert_eq!(said(&browse(&api, "GET", &address(&api, tag, wrong), None)), over, "{wrong}");
    }
    api.advance(3_601);
    assert_eq!(said(&browse(&api, "GET", &address(&api, "payments", &secret), None)), over);
}

#[test]
fn onboarding_tells_what_is_due_and_says_when_it_is_left() {
    let api = sandbox("co-onboarding");
    let made = id(&account(&api, &[&[("type", "custom"), ("business_type", "individual")]]));
    let secret = secret(&api, &made, &["account_onboarding", "notification_banner", "payments"]);
    let (onboarding, banner) =
        (address(&api, "account-onboarding", &secret), address(&api, "notification-banner", &secret));
    let due = || rows_of(&api.get(&format!("/v1/accounts/{made}"), &[]).ok()["requirements"]["currently_due"]);
    assert!(due() > 0);
    let page = browse(&api, "GET", &onboarding, None);
    assert!(said(&page) == READY && page.text.contains("Use test data"), "{}", page.text);
    let page = browse(&api, "GET", &banner, None);
    assert!(
        page.text.contains("Your account needs attention") && !said(&page).contains(r#""total":0"#),
        "{}",
        page.text
    );
    let exit = r#"[{"type":"exit"}]"#;
    assert_eq!(said(&browse(&api, "POST", &onboarding, Some("action=leave"))), exit);
    assert!(due() > 0);
    assert_eq!(said(&browse(&api, "POST", &onboarding, Some("action=fill"))), exit);
    assert_eq!(due(), 0);
    let page = browse(&api, "GET", &banner, None);
    assert!(page.text.contains("No notifications") && said(&page).contains(r#""total":0"#), "{}", page.text);
    assert_eq!(browse(&api, "POST", &onboarding, Some("action=dance")).status, 404);
    assert_eq!(browse(&api, "POST", &address(&api, "payments", &secret), Some("action=fill")).status, 404);
    assert!(
        said(&browse(&api, "POST", &address(&api, "account-onboarding", "no"), Some("action=fill")))
            .contains("loaderror")
    );
}

fn rows_of(list: &serde_json::Value) -> usize {
    list.as_array().unwrap().len()
}

#[test]
fn the_other_components_show_the_accounts_own_data() {
    let api = sandbox("co-data");
    let onboarded = format!("/_pinstripe/account?sandbox={}&state=onboarded&type=express", api.sandbox());
    let made = id(&api.send("POST", &onboarded, None).ok());
    let all = ["account_management", "balances", "documents", "payments", "payouts"];
    let secret = secret(&api, &made, &all);
    let show = |tag: &str| browse(&api, "GET", &address(&api, tag, &secret), None).text;
    for (tag, part) in [
        ("account-management", &*made),
        ("balances", "There is no money yet."),
        ("documents", "There are no documents yet."),
        ("payments", "There are no payments yet."),
        ("payouts", "Nothing was paid out yet."),
    ] {
        assert!(show(tag).contains(part), "{tag}: {}", show(tag));
    }
    let theirs = api.with("Stripe-Account", &made);
    for source in ["tok_bypassPending", "tok_visa"] {
        theirs.post("/v1/charges", &[("amount", "10000"), ("currency", "usd"), ("source", source)]).ok();
    }
    theirs.post("/v1/payouts", &[("amount", "1500"), ("currency", "usd")]).ok();
    assert!(show("balances").contains("<td>$81.80</td><td>$96.80</td>"), "{}", show("balances"));
    assert!(show("payments").contains("<td>succeeded</td><td>$100.00</td>"), "{}", show("payments"));
    assert!(show("payouts").contains("<td>pending</td><td>$15.00</td>"), "{}", show("payouts"));
}
