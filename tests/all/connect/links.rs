//! Account links, login links and account sessions (billing 6.2, 6.3, connect-accounts 6).

use serde_json::{Value, json};

use super::{account, agreed};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, int, invalid, missing, says, text};

const KINDS: [&str; 3] = ["custom", "express", "standard"];

/// What Stripe collects of an express account.
pub(crate) const ONBOARDED: &[(&str, &str)] = &[
    ("type", "express"),
    ("business_profile[product_description]", "Tea"),
    ("business_profile[support_phone]", "0000000000"),
    ("business_profile[url]", "https://tea.example/"),
    ("external_account", "btok_us_verified"),
];

pub(crate) fn link(api: &Client, account: &str, kind: &str, more: &[(&str, &str)]) -> Answer {
    let urls = [("refresh_url", "http://shop.example/again"), ("return_url", "http://shop.example/done")];
    api.post("/v1/account_links", &[&[("account", account), ("type", kind)], &urls, more].concat())
}

fn session(api: &Client, account: &str, more: &[(&str, &str)]) -> Answer {
    api.post("/v1/account_sessions", &[&[("account", account)], more].concat())
}

#[test]
fn an_account_link_leads_to_the_page_of_its_type_for_five_minutes() {
    let api = sandbox("li-link");
    for (kind, letter) in KINDS.iter().zip(["c", "e", "s"]) {
        let made = id(&account(&api, &[&[("type", kind)]]));
        let first = link(&api, &made, "account_onboarding", &[]).ok();
        let begins = format!("{}/setup/{letter}/{made}/", api.url());
        assert!(
            text(&first, "url").starts_with(&begins)
                && text(&first, "url").len() == begins.len() + 12 + "?sandbox=li-link".len(),
            "{first}"
        );
        assert_eq!((text(&first, "object"), int(&first, "expires_at") - int(&first, "created")), ("account_link", 300));
        assert_ne!(link(&api, &made, "account_onboarding", &[]).ok()["url"], first["url"]);
    }
}

#[test]
fn only_what_the_platform_collects_can_be_updated_by_a_link() {
    let api = sandbox("li-update");
    for kind in KINDS {
        let made = id(&account(&api, &[&[("type", kind)]]));
        for asked in ["account_update", "custom_account_update", "custom_account_verification"] {
            let answer = link(&api, &made, asked, &[]);
            if kind == "custom" {
                assert!(text(&answer.ok(), "url").contains("/setup/c/"));
                continue;
            }
            let sentence = format!(
                "You cannot create `{asked}` type Account Links for this account. Valid types for this account are \
                 [\"account_onboarding\"]."
            );
            says(answer, 400, &sentence);
        }
    }
}

#[test]
fn a_link_says_which_requirements_are_asked_for_in_one_way() {
    let api = sandbox("li-collect");
    let made = id(&account(&api, &[&[("type", "custom")]]));
    let newer =
        [("collection_options[fields]", "eventually_due"), ("collection_options[future_requirements]", "include")];
    link(&api, &made, "account_onboarding", &newer).ok();
    link(&api, &made, "account_onboarding", &[("collect", "currently_due")]).ok();
    let both = [&newer[..], &[("collect", "currently_due")]].concat();
    let error = invalid(link(&api, &made, "account_onboarding", &both), 400, None, Some("collect"));
    assert_eq!(error["message"], "You may only specify one of these parameters: collect, collection_options.");
    let unknown = [("collection_options[fields]", "everything")];
    let answer = link(&api, &made, "account_onboarding", &unknown);
    invalid(answer, 400, None, Some("collection_options[fields]"));
    invalid(link(&api, &made, "account_closing", &[]), 400, None, Some("type"));
}

#[test]
fn a_link_and_a_session_are_for_an_account_that_is_there() {
    let api = sandbox("li-missing");
    missing(link(&api, "acct_none", "account_onboarding", &[]), 400, "account", "acct_none", "account");
    let part = [("components[payments][enabled]", "true")];
    missing(session(&api, "acct_none", &part), 400, "account", "acct_none", "account");
    invalid(api.post("/v1/accounts/acct_none/login_links", &[]), 403, Some("account_invalid"), None);
    let nobodys = api.post("/v1/account_links", &[("type", "account_onboarding")]);
    invalid(nobodys, 400, Some("parameter_missing"), Some("account"));
    // With the header, it is that account's own.
    let (one, other) = (id(&account(&api, &[])), id(&account(&api, &[])));
    let there = api.with("Stripe-Account", &one);
    link(&there, &one, "account_onboarding", &[]).ok();
    let sentence = "The account specified in the path of /v1/accounts/:account does not match the account specified in the \
                    Stripe-Account header.";
    says(link(&there, &other, "account_onboarding", &[]), 400, sentence);
    says(session(&there, &other, &part), 400, sentence);
    says(there.post(&format!("/v1/accounts/{other}/login_links"), &[]), 400, sentence);
}

#[test]
fn a_login_link_is_for_an_express_account_that_was_onboarded() {
    let api = sandbox("li-login");
    let ask = |account: &str| api.post(&format!("/v1/accounts/{account}/login_links"), &[]);
    for kind in ["custom", "standard"] {
        let made = id(&account(&api, &[&[("type", kind)]]));
        let sentence = format!(
            "Account {made} does not use the Express Dashboard: you can only create login links for accounts that do."
        );
        says(ask(&made), 400, &sentence);
    }
    let fresh = id(&account(&api, &[&[("type", "express")]]));
    let sentence = "Cannot create a login link for an account that has not completed onboarding.";
    says(ask(&fresh), 400, sentence);
    let open = agreed(&api, &[ONBOARDED]);
    assert_eq!(open["details_submitted"], true);
    let first = ask(&id(&open)).ok();
    assert!(text(&first, "url").starts_with(&format!("{}/express/{}/", api.url(), id(&open))), "{first}");
    assert_eq!((text(&first, "object"), int(&first, "created") > 0), ("login_link", true));
    assert_ne!(ask(&id(&open)).ok()["url"], first["url"]);
    // The dashboard decides, not the name of the type.
    let controller = [("controller[stripe_dashboard][type]", "express")];
    let controlled = id(&agreed(&api, &[&controller, &ONBOARDED[1..]]));
    ask(&controlled).ok();
}

#[test]
fn a_session_shows_every_component_with_its_features() {
    let api = sandbox("li-session");
    let custom = id(&account(&api, &[&[("type", "custom")]]));
    let sent = [
        ("components[payments][enabled]", "true"),
        ("components[payments][features][refund_management]", "false"),
        ("components[payouts][enabled]", "true"),
        ("components[payouts][features][instant_payouts]", "true"),
        ("components[account_onboarding][enabled]", "true"),
        ("components[account_onboarding][features][external_account_collection]", "false"),
        ("components[documents][enabled]", "false"),
    ];
    let made = session(&api, &custom, &sent).ok();
    assert_eq!((text(&made, "object"), text(&made, "account")), ("account_session", &*custom));
    assert!(text(&made, "client_secret").starts_with("accs_secret__"), "{made}");
    assert!(int(&made, "expires_at") > 3600 && made["livemode"] == false, "{made}");
    let components = &made["components"];
    let payments = json!({
        "enabled": true,
        "features": {
            "capture_payments": true,
            "destination_on_behalf_of_charge_management": false,
            "dispute_management": true,
            "refund_management": false,
            "smart_disputes_management": true,
        },
    });
    assert_eq!(components["payments"], payments);
    let payouts = json!({
        "disable_stripe_user_authentication": false,
        "edit_payout_schedule": false,
        "external_account_collection": true,
        "instant_payouts": true,
        "standard_payouts": false,
    });
    assert_eq!(components["payouts"], json!({"enabled": true, "features": payouts}));
    // Whoever collects by itself needs no login.
    let onboarding = json!({"disable_stripe_user_authentication": true, "external_account_collection": false});
    assert_eq!(components["account_onboarding"], json!({"enabled": true, "features": onboarding}));
    assert_eq!(components["documents"], json!({"enabled": false, "features": {}}));
    let quiet = &components["payment_disputes"];
    assert_eq!((&quiet["enabled"], &quiet["features"]["dispute_management"]), (&json!(false), &json!(true)));
}

#[test]
fn the_features_of_a_session_follow_from_who_is_liable_and_who_collects() {
    let api = sandbox("li-features");
    let part = [
        ("components[balances][enabled]", "true"),
        ("components[disputes_list][enabled]", "true"),
        ("components[disputes_list][features][dispute_management]", "false"),
    ];
    for kind in KINDS {
        let made = id(&account(&api, &[&[("type", kind)]]));
        let components = session(&api, &made, &part).ok()["components"].clone();
        let features = &components["balances"]["features"];
        for feature in ["edit_payout_schedule", "instant_payouts", "standard_payouts"] {
            assert_eq!(features[feature], kind == "standard", "{kind} {feature}");
        }
        assert_eq!(components["disputes_list"]["features"]["smart_disputes_management"], false);
        for (feature, value) in
            [("external_account_collection", "false"), ("disable_stripe_user_authentication", "true")]
        {
            let param = format!("components[payouts][features][{feature}]");
            let answer = session(&api, &made, &[("components[payouts][enabled]", "true"), (&param, value)]);
            if kind == "custom" {
                let shown = &answer.ok()["components"]["payouts"]["features"][feature];
                assert_eq!(shown, &Value::Bool(value == "true"), "{feature}");
                continue;
            }
            let error = invalid(answer, 400, None, Some(&param));
            let sentence = format!(
                "`{feature}` can be {value} only for accounts with `controller.requirement_collection` set to `application`."
            );
            assert_eq!(error["message"], sentence);
        }
    }
    let made = id(&account(&api, &[]));
    invalid(session(&api, &made, &[]), 400, Some("parameter_missing"), Some("components"));
}
