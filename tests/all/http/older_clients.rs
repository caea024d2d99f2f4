//! What clients of all ages send (core-payments 1.2, 1.11; platform 6, 7.4): capital booleans, previews of versions,
//! pairs without a name, keys of the CLI and of organizations.

use pinstripe::Config;
use serde_json::json;

use crate::support::client::{Client, sandbox, start};
use crate::support::flows::{id, ids, invalid, text};

#[test]
fn a_boolean_has_any_letter_case_under_v1() {
    let api = sandbox("older-booleans");
    let made = |active: &str| api.post("/v1/products", &[("name", "Cup"), ("active", active)]);
    for (sent, shown) in [("True", true), ("FALSE", false), ("true", true), ("False", false)] {
        assert_eq!(made(sent).ok()["active"], json!(shown), "{sent}");
    }
    for refused in ["1", "0", "yes", "t"] {
        let error = invalid(made(refused), 400, None, Some("active"));
        assert_eq!(text(&error, "message"), format!("Invalid boolean: {refused}"));
    }
    let body = json!({"include": ["identity"], "configuration": {"merchant": {"applied": "True"}}});
    api.post_json("/v2/core/accounts", &body).refused(400);
}

#[test]
fn a_preview_is_served_as_the_newest_version_before_it_and_flags_are_passed_over() {
    let url = start(Config::default());
    let ask =
        |version: &str| Client::new(&url, "sk_test_sandbox_older-versions").version(version).get("/v1/customers", &[]);
    for version in [
        "2026-09-30.preview",
        "2025-07-30.preview",
        "2022-11-15; foo_beta=v1",
        "2026-10-28.endive; custom_checkout_beta=v1",
    ] {
        let answer = ask(version);
        assert_eq!((answer.status, answer.header("stripe-version")), (200, Some(version)));
    }
    for version in ["2026-09-31x.preview", "preview", ".preview", "2000-01-01.preview", "2026-09.preview", "; foo=v1"] {
        assert_eq!(ask(version).status, 400, "{version}");
    }
}

#[test]
fn a_list_under_v2_may_be_repeated_without_brackets() {
    let api = sandbox("older-includes");
    let body = json!({"contact_email": "ada@example.com", "include": ["identity"]});
    let account = id(&api.post_json("/v2/core/accounts", &body).ok());
    for query in ["include=identity", "include=identity&include=defaults", "include[0]=identity"] {
        let shown = api.get(&format!("/v2/core/accounts/{account}?{query}"), &[]).ok();
        assert_eq!(id(&shown), account, "{query}");
    }
}

#[test]
fn a_pair_without_a_name_is_passed_over() {
    let api = sandbox("older-pairs");
    let made = id(&api.post("/v1/customers", &[]).ok());
    assert_eq!(ids(&api.get("/v1/customers?=", &[]).ok()), [made.as_str()]);
    assert_eq!(ids(&api.get("/v1/customers?=&limit=1", &[]).ok()), [made.as_str()]);
}

#[test]
fn what_browsers_and_libraries_add_is_taken_with_every_key() {
    let api = sandbox("older-extras");
    let extras =
        [("payment_user_agent", "ActiveMerchant"), ("guid", "g"), ("muid", "m"), ("sid", "s"), ("referrer", "r")];
    let made = api.post("/v1/customers", &extras).ok();
    assert!(extras.iter().all(|(name, _)| made.get(name).is_none()), "{made}");
}

#[test]
fn keys_of_the_cli_and_of_organizations_are_accepted() {
    let url = start(Config::default());
    for key in ["rkcs_test_123", "sk_org_test_123"] {
        assert_eq!(Client::new(&url, key).get("/v1/customers", &[]).status, 200, "{key}");
    }
    // An organization's key names the account: the platform itself, or one that is connected to it.
    let organization = Client::new(&url, "sk_org_test_123");
    let account = organization.post("/v1/accounts", &[("country", "US")]).ok()["id"].as_str().unwrap().to_owned();
    let within = organization.with("Stripe-Context", &account);
    let made = within.post("/v1/customers", &[]).ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/customers/{made}");
    assert_eq!(within.get("/v1/account", &[]).ok()["id"], account.as_str());
    assert_eq!((within.get(&path, &[]).status, organization.get(&path, &[]).status), (200, 404));
    let platform = organization.get("/v1/account", &[]).ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(organization.with("Stripe-Context", &platform).get("/v1/account", &[]).ok()["id"], platform.as_str());
    for key in ["rkcs_live_123", "sk_org_live_123", "rkcs_123", "sk_org_"] {
        assert_eq!(Client::new(&url, key).get("/v1/customers", &[]).status, 401, "{key}");
    }
}

#[test]
fn every_answer_names_the_mock_that_suites_of_sdks_look_for() {
    let url = start(Config::default());
    for (key, path) in [("sk_test_123", "/v1/customers"), ("", "/"), ("sk_test_123", "/v1/nothing"), ("", "/healthz")] {
        let answer = Client::new(&url, key).get(path, &[]);
        let version = answer.header("stripe-mock-version").unwrap_or_default().to_owned();
        let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
        assert!(matches!(numbers[..], [0, minor, _] if minor >= 109), "{path}: {version}");
    }
}

#[test]
fn every_answer_advises_whether_to_try_again() {
    let api = sandbox("older-advice");
    let advice = |answer: crate::support::client::Answer| answer.header("stripe-should-retry").map(str::to_owned);
    assert_eq!(advice(api.get("/v1/customers", &[])).as_deref(), Some("false"));
    assert_eq!(advice(api.get("/v1/customers/cus_x", &[])).as_deref(), Some("false"));
    assert_eq!(advice(api.post("/v1/charges", &[("amount", "100")])).as_deref(), Some("false"));
    let absent = api.post("/v1/terminal/refunds", &[]);
    assert_eq!(absent.status, 501);
    assert_eq!(advice(absent).as_deref(), Some("false"));
}
