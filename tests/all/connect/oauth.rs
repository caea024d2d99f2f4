//! OAuth: a person connects an account, the platform exchanges the code, and the connection ends (connect-accounts 10).

use serde_json::{Value, json};

use super::again;
use crate::support::client::{Answer, Client, encode, sandbox};
use crate::support::flows::{charged, customer, id, ids, invalid, rows, text};

pub(crate) const BACK: &str = "https://shop.example/back?tab=2";

/// A link of the sandbox's platform.
pub(crate) fn link(api: &Client, path: &str, more: &[(&str, &str)]) -> String {
    let client = format!("ca_sandbox_{}", api.sandbox());
    let query = [&[("response_type", "code"), ("client_id", &*client)], more].concat();
    format!("https://connect.stripe.com{path}?{}", encode(&query))
}

pub(crate) fn standard(api: &Client, more: &[(&str, &str)]) -> String {
    link(api, "/oauth/authorize", more)
}

/// What a person does at a link.
fn press(api: &Client, link: &str, result: &str, more: &[(&str, &str)]) -> Answer {
    api.post("/_pinstripe/oauth", &[&[("url", link), ("result", result)], more].concat())
}

fn agree(api: &Client, more: &[(&str, &str)]) -> Value {
    press(api, &standard(api, &[("scope", "read_write"), ("redirect_uri", BACK), ("state", "s&1")]), "authorized", more)
        .ok()
}

pub(crate) fn exchange(api: &Client, code: &str) -> Answer {
    api.post("/oauth/token", &[("grant_type", "authorization_code"), ("code", code)])
}

/// The tokens of a new account.
fn connected(api: &Client) -> Value {
    exchange(api, text(&agree(api, &[]), "code")).ok()
}

fn of(api: &Client, key: &Value) -> Client {
    Client::new(api.url(), key.as_str().unwrap())
}

/// Checks the form of an OAuth error.
#[track_caller]
fn oauth(answer: &Answer, status: u16, kind: &str, sentence: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body, json!({"error": kind, "error_description": sentence}));
}

#[test]
fn a_person_agrees_and_the_platform_gets_tokens_for_the_code() {
    let api = sandbox("oa-flow");
    let agreed = agree(&api, &[]);
    let (code, account) = (text(&agreed, "code"), text(&agreed, "account"));
    assert!(code.starts_with("ac_") && code.len() == 35, "{code}");
    let back = format!("{BACK}&scope=read_write&code={code}&state=s%261");
    assert_eq!((text(&agreed, "redirect_url"), text(&agreed, "state")), (&*back, "s&1"));
    // Agreeing connects nothing yet.
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
    invalid(api.with("Stripe-Account", account).get("/v1/customers", &[]), 403, Some("account_invalid"), None);
    let tokens = exchange(&api, code).ok();
    assert_eq!(
        (&tokens["livemode"], &tokens["token_type"], &tokens["scope"], &tokens["stripe_user_id"]),
        (&json!(false), &json!("bearer"), &json!("read_write"), &json!(account))
    );
    for (key, begin) in [
        ("access_token", format!("sk_test_sandbox_oa-flow_{account}_")),
        ("stripe_publishable_key", format!("pk_test_sandbox_oa-flow_{account}_")),
        ("refresh_token", format!("rt_{}", account.trim_start_matches("acct_"))),
    ] {
        assert!(text(&tokens, key).starts_with(&begin), "{tokens}");
    }
    assert_eq!(ids(&api.get("/v1/accounts", &[]).ok()), [account]);
    api.with("Stripe-Account", account).get("/v1/customers", &[]).ok();
}

#[test]
fn an_access_token_is_a_key_of_its_account() {
    let api = sandbox("oa-key");
    let tokens = connected(&api);
    let theirs = of(&api, &tokens["access_token"]);
    assert_eq!(theirs.get("/v1/account", &[]).ok()["id"], tokens["stripe_user_id"]);
    let made = customer(&theirs, &[]);
    let paid = charged(&theirs, &[("application_fee_amount", "100")]);
    assert!(text(&paid, "application").starts_with("ca_"), "{paid}");
    let there = api.with("Stripe-Account", text(&tokens, "stripe_user_id"));
    assert_eq!(ids(&there.get("/v1/customers", &[]).ok()), [made]);
    assert_eq!(api.get("/v1/customers", &[]).ok()["data"], json!([]));
    // Its own account may be named, no other one.
    let named = theirs.with("Stripe-Account", text(&tokens, "stripe_user_id"));
    named.get("/v1/customers", &[]).ok();
    let other = connected(&api);
    let foreign = theirs.with("Stripe-Account", text(&other, "stripe_user_id"));
    invalid(foreign.get("/v1/customers", &[]), 403, Some("account_invalid"), None);
    // The publishable key is the account's too, and says nothing that is secret.
    let public = of(&api, &tokens["stripe_publishable_key"]);
    let card = [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    let token = id(&public.post("/v1/tokens", &card).ok());
    charged(&theirs, &[("source", &token)]);
    invalid(public.get("/v1/customers", &[]), 401, Some("secret_key_required"), None);
}

#[test]
fn a_code_is_exchanged_once_and_a_second_time_revokes_what_it_gave() {
    let api = sandbox("oa-once");
    let agreed = agree(&api, &[]);
    let tokens = exchange(&api, text(&agreed, "code")).ok();
    let used = "This authorization code has already been used. All tokens issued with this code have been revoked.";
    for _ in 0..2 {
        oauth(&exchange(&api, text(&agreed, "code")), 400, "invalid_grant", used);
    }
    let refused = of(&api, &tokens["access_token"]).get("/v1/customers", &[]);
    let error = invalid(refused, 401, Some("api_key_expired"), None);
    assert!(text(&error, "message").starts_with("Expired API Key provided: sk_test_***"), "{error}");
    let again = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let gone = "Refresh token does not exist, or it was revoked";
    oauth(&api.post("/oauth/token", &again), 400, "invalid_grant", gone);
    // The account stays connected.
    api.with("Stripe-Account", text(&tokens, "stripe_user_id")).get("/v1/customers", &[]).ok();
}

#[test]
fn a_code_expires_after_five_minutes_of_the_sandboxs_clock() {
    let api = sandbox("oa-expired");
    let (first, second) = (agree(&api, &[]), agree(&api, &[]));
    api.advance(290);
    exchange(&api, text(&first, "code")).ok();
    api.advance(10);
    let code = text(&second, "code");
    oauth(&exchange(&api, code), 400, "invalid_grant", &format!("Authorization code expired: {code}"));
    assert_eq!(ids(&api.get("/v1/accounts", &[]).ok()), [text(&first, "account")]);
}

#[test]
fn a_refresh_token_gives_tokens_of_its_scope_or_a_lesser_one() {
    let api = sandbox("oa-refresh");
    let tokens = connected(&api);
    let refresh = |more: &[(&str, &str)]| {
        let sent = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
        api.post("/oauth/token", &[&sent, more].concat())
    };
    let same = refresh(&[]).ok();
    assert_eq!(same["scope"], "read_write");
    for key in ["refresh_token", "stripe_publishable_key", "stripe_user_id"] {
        assert_eq!(same[key], tokens[key], "{key}");
    }
    assert_ne!(same["access_token"], tokens["access_token"]);
    for key in [&tokens, &same] {
        customer(&of(&api, &key["access_token"]), &[]);
    }
    let less = refresh(&[("scope", "read_only")]).ok();
    let reader = of(&api, &less["access_token"]);
    assert_eq!(rows(&reader.get("/v1/customers", &[]).ok()).len(), 2);
    let account = text(&tokens, "stripe_user_id");
    let refused = invalid(reader.post("/v1/customers", &[]), 403, None, None);
    let sentence =
        format!("This application does not have the required permissions for this endpoint on account '{account}'.");
    assert_eq!(refused["message"], sentence);
    let unknown = "Invalid scope provided: write_only. It is read_only or read_write.";
    oauth(&refresh(&[("scope", "write_only")]), 400, "invalid_scope", unknown);
    let other = [("grant_type", "refresh_token"), ("refresh_token", "rt_1nobody0000000000000000000000000000")];
    let gone = "Refresh token does not exist, or it was revoked";
    oauth(&api.post("/oauth/token", &other), 400, "invalid_grant", gone);
}

#[test]
fn a_connection_that_may_only_read_refuses_the_platform_too() {
    let api = sandbox("oa-read-only");
    // No scope means `read_only`.
    let agreed = press(&api, &standard(&api, &[]), "authorized", &[]).ok();
    assert_eq!((&agreed["scope"], &agreed["redirect_url"]), (&json!("read_only"), &Value::Null));
    let tokens = exchange(&api, text(&agreed, "code")).ok();
    assert_eq!(tokens["scope"], "read_only");
    let there = api.with("Stripe-Account", text(&tokens, "stripe_user_id"));
    for client in [&there, &of(&api, &tokens["access_token"])] {
        client.get("/v1/customers", &[]).ok();
        invalid(client.post("/v1/customers", &[]), 403, None, None);
    }
    assert_eq!(there.get("/v1/customers", &[]).ok()["data"], json!([]));
    let wider =
        [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token")), ("scope", "read_write")];
    let sentence = "The scope read_write is greater than read_only, the scope of the refresh token";
    oauth(&api.post("/oauth/token", &wider), 400, "invalid_scope", sentence);
}

#[test]
fn a_disconnected_account_is_gone_with_its_keys_until_it_connects_again() {
    let api = sandbox("oa-deauthorize");
    let tokens = connected(&api);
    let account = text(&tokens, "stripe_user_id");
    let theirs = of(&api, &tokens["access_token"]);
    let made = customer(&theirs, &[]);
    let asked = [("client_id", "ca_sandbox_oa-deauthorize"), ("stripe_user_id", account)];
    assert_eq!(api.post("/oauth/deauthorize", &asked).ok(), json!({"stripe_user_id": account}));
    invalid(theirs.get("/v1/customers", &[]), 401, Some("api_key_expired"), None);
    invalid(of(&api, &tokens["stripe_publishable_key"]).post("/v1/tokens", &[]), 401, Some("api_key_expired"), None);
    let error =
        invalid(api.with("Stripe-Account", account).get("/v1/customers", &[]), 403, Some("account_invalid"), None);
    assert!(text(&error, "message").ends_with("Application access may have been revoked."), "{error}");
    invalid(api.get(&format!("/v1/accounts/{account}"), &[]), 403, Some("account_invalid"), None);
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
    let sentence =
        format!("This application is not connected to stripe account {account}, or that account does not exist.");
    oauth(&api.post("/oauth/deauthorize", &asked), 401, "invalid_client", &sentence);
    let again = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    assert_eq!(api.post("/oauth/token", &again).body["error"], "invalid_grant");
    // The same person connects the same account again: what is in it is still there.
    let tokens = exchange(&api, text(&agree(&api, &[("account", account)]), "code")).ok();
    assert_eq!(text(&tokens, "stripe_user_id"), account);
    assert_eq!(ids(&of(&api, &tokens["access_token"]).get("/v1/customers", &[]).ok()), [made]);
    assert_eq!(ids(&api.get("/v1/accounts", &[]).ok()), [account]);
    invalid(theirs.get("/v1/customers", &[]), 401, Some("api_key_expired"), None);
}

#[test]
fn an_account_that_the_platform_made_can_be_connected_and_disconnected_but_a_custom_one() {
    let api = sandbox("oa-made");
    for kind in ["standard", "express", "custom"] {
        let account = id(&api.post("/v1/accounts", &[("type", kind)]).ok());
        let tokens = exchange(&api, text(&agree(&api, &[("account", &account)]), "code")).ok();
        assert_eq!(text(&tokens, "stripe_user_id"), account);
        let asked = [("client_id", "ca_any"), ("stripe_user_id", &*account)];
        let answer = api.post("/oauth/deauthorize", &asked);
        if kind == "custom" {
            let sentence =
                format!("The platform controls account {account}, which cannot be disconnected: delete or reject it.");
            oauth(&answer, 400, "invalid_request", &sentence);
            of(&api, &tokens["access_token"]).get("/v1/customers", &[]).ok();
        } else {
            answer.ok();
        }
    }
    // Deleting an account takes its keys back as well.
    let tokens = connected(&api);
    api.delete(&format!("/v1/accounts/{}", text(&tokens, "stripe_user_id"))).ok();
    invalid(of(&api, &tokens["access_token"]).get("/v1/customers", &[]), 401, Some("api_key_expired"), None);
}

#[test]
fn a_link_fills_in_what_an_account_is_told() {
    let api = sandbox("oa-prefill");
    let filled = [
        ("scope", "read_write"),
        ("stripe_landing", "login"),
        ("stripe_user[email]", "jenny@example.com"),
        ("stripe_user[url]", "https://shop.example/"),
        ("stripe_user[country]", "CA"),
        ("stripe_user[currency]", "usd"),
        ("stripe_user[business_name]", "Roses"),
        ("stripe_user[business_type]", "sole_prop"),
        ("stripe_user[product_description]", "Flowers"),
        ("stripe_user[phone_number]", "6135550123"),
        ("stripe_user[first_name]", "Jenny"),
        ("stripe_user[nonsense]", "passed over"),
    ];
    let agreed = press(&api, &standard(&api, &filled), "authorized", &[]).ok();
    let tokens = exchange(&api, text(&agreed, "code")).ok();
    let account = api.get(&format!("/v1/accounts/{}", text(&tokens, "stripe_user_id")), &[]).ok();
    assert_eq!(
        ["type", "email", "country", "default_currency"].map(|key| text(&account, key)),
        ["standard", "jenny@example.com", "CA", "usd"]
    );
    let profile = &account["business_profile"];
    assert_eq!(
        ["url", "name", "support_phone"].map(|key| text(profile, key)),
        ["https://shop.example/", "Roses", "6135550123"]
    );
    // A link cannot make an account that is none.
    let wrong =
        [("stripe_user[country]", "ZZ"), ("stripe_user[business_type]", "club"), ("stripe_user[currency]", "x")];
    let agreed = press(&api, &standard(&api, &wrong), "authorized", &[]).ok();
    let tokens = exchange(&api, text(&agreed, "code")).ok();
    let account = again(&api, &json!({"id": tokens["stripe_user_id"]}));
    assert_eq!((text(&account, "country"), text(&account, "default_currency")), ("US", "usd"));
}

#[test]
fn a_platform_sees_less_of_a_standard_account_that_somebody_else_made() {
    let api = sandbox("oa-shown");
    let filled = [("scope", "read_write"), ("stripe_user[business_type]", "non_profit")];
    let agreed = press(&api, &standard(&api, &filled), "authorized", &[]).ok();
    let tokens = exchange(&api, text(&agreed, "code")).ok();
    let listed = api.get("/v1/accounts", &[]).ok()["data"][0].clone();
    let read = again(&api, &json!({"id": tokens["stripe_user_id"]}));
    for account in [&listed, &read] {
        for key in ["business_type", "company", "individual"] {
            assert!(account.get(key).is_none(), "{key}: {account}");
        }
        assert!(account["business_profile"].get("product_description").is_none(), "{account}");
        assert_eq!(account["tos_acceptance"], json!({"date": null}));
        let requirements = &account["requirements"];
        assert_eq!(requirements["currently_due"].as_array().map(Vec::len), Some(6));
        assert_eq!(
            (&requirements["past_due"], &requirements["disabled_reason"]),
            (&json!([]), &json!("requirements.past_due"))
        );
    }
}

#[test]
fn an_express_link_makes_an_express_account_with_the_suggested_capabilities() {
    let api = sandbox("oa-express");
    let asked = [("suggested_capabilities[]", "transfers"), ("stripe_user[business_type]", "llc")];
    let agreed = press(&api, &link(&api, "/express/oauth/authorize", &asked), "authorized", &[]).ok();
    let code = text(&agreed, "code");
    let assert = |name: &str| {
        let sent = [("grant_type", "authorization_code"), ("code", code), ("assert_capabilities[]", name)];
        api.post("/oauth/token", &sent)
    };
    let sentence = "The connected account has no capability card_payments";
    oauth(&assert("card_payments"), 400, "invalid_request", sentence);
    let tokens = assert("transfers").ok();
    assert_eq!(tokens["scope"], "express");
    let account = again(&api, &json!({"id": tokens["stripe_user_id"]}));
    assert_eq!((text(&account, "type"), text(&account, "business_type")), ("express", "company"));
    assert_eq!(account["capabilities"], json!({"transfers": "inactive"}));
}

#[test]
fn somebody_who_declines_goes_back_with_the_reason() {
    let api = sandbox("oa-denied");
    let sent = standard(&api, &[("redirect_uri", "https://shop.example/back#end"), ("state", "7")]);
    let denied = press(&api, &sent, "denied", &[]).ok();
    let back =
        "https://shop.example/back?error=access_denied&error_description=The+user+denied+your+request&state=7#end";
    assert_eq!(
        denied,
        json!({
            "result": "denied",
            "error": "access_denied",
            "error_description": "The user denied your request",
            "redirect_url": back,
            "state": "7",
        })
    );
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
}

#[test]
fn the_address_of_a_link_names_the_calls_that_answer() {
    let api = sandbox("oa-page");
    let begin = "https://connect.stripe.com";
    let sent = standard(&api, &[("scope", "read_write"), ("redirect_uri", BACK), ("state", "x")]);
    let page = api.get(sent.trim_start_matches(begin), &[]).ok();
    assert_eq!((text(&page, "scope"), text(&page, "redirect_uri"), text(&page, "state")), ("read_write", BACK, "x"));
    let (method, address) = text(&page, "deny").split_once(' ').unwrap();
    let denied = api.send(method, address.trim_start_matches(api.url()), None).ok();
    assert_eq!(denied["error"], "access_denied");
    let (method, address) = text(&page, "authorize").split_once(' ').unwrap();
    let agreed = api.send(method, address.trim_start_matches(api.url()), None).ok();
    exchange(&api, text(&agreed, "code")).ok();
    // What is wrong with the request is told where the platform wants it; whoever asks is told nothing wrong elsewhere.
    for (wrong, told) in [
        (("scope", "all"), "error=invalid_scope&error_description=Invalid+scope+provided%3A+all."),
        (
            ("response_type", "token"),
            "error=unsupported_response_type&error_description=Unsupported+response+type%3A+token",
        ),
        (("response_type", ""), "error=invalid_request&error_description=No+response+type+specified"),
    ] {
        let sent = standard(&api, &[("redirect_uri", BACK), wrong]);
        let answer = api.get(sent.trim_start_matches(begin), &[]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert!(answer.header("location").unwrap().starts_with(&format!("{BACK}&{told}")), "{:?}", answer.headers);
    }
    let nobody = api.get("/oauth/authorize?response_type=code&client_id=nobody", &[]).refused(400);
    assert_eq!(nobody["message"], "No application matches the supplied client identifier");
    let sent = standard(&api, &[("redirect_uri", "javascript:alert(1)")]);
    let nowhere = api.get(sent.trim_start_matches(begin), &[]).refused(400);
    let sentence = "Invalid request: Invalid redirect URI 'javascript:alert(1)'. Ensure this uri exactly matches one of the \
                    uris specified in your application settings";
    assert_eq!(nowhere["message"], sentence);
}

#[test]
fn the_call_that_presses_a_button_says_what_is_wrong() {
    let api = sandbox("oa-call");
    let refused = |url: &str, result: &str, more: &[(&str, &str)], status: u16| {
        press(&api, url, result, more).refused(status)["message"].as_str().unwrap().to_owned()
    };
    let sent = standard(&api, &[]);
    let no_link = "`url` is an OAuth link: .../oauth/authorize?client_id=...";
    assert_eq!(refused("https://shop.example/?client_id=ca_1", "authorized", &[], 400), no_link);
    assert_eq!(refused(&sent, "maybe", &[], 400), "`result` is `authorized` or `denied`.");
    for (wrong, sentence) in [
        (("scope", "all"), "Invalid scope provided: all. It is read_only or read_write."),
        (("response_type", "token"), "Unsupported response type: token"),
        (("response_type", ""), "No response type specified"),
    ] {
        assert_eq!(refused(&standard(&api, &[wrong]), "authorized", &[], 400), sentence);
    }
    assert_eq!(refused(&sent, "authorized", &[("account", "acct_none")], 400), "No such account: 'acct_none'");
    // A link that names no sandbox is the default one's; the call may say which.
    let anybodys = "https://connect.stripe.com/oauth/authorize?response_type=code&client_id=ca_123&scope=read_write";
    let agreed = press(&api, anybodys, "authorized", &[("sandbox", "oa-call")]).ok();
    exchange(&api, text(&agreed, "code")).ok();
}

#[test]
fn calls_of_oauth_are_refused_in_the_form_of_oauth() {
    let api = sandbox("oa-errors");
    let token = |sent: &[(&str, &str)]| api.post("/oauth/token", sent);
    oauth(&token(&[]), 400, "invalid_request", "No grant type specified");
    let answer = token(&[("grant_type", "password")]);
    let sentence = "Invalid grant_type: must be one of authorization_code or refresh_token";
    oauth(&answer, 400, "unsupported_grant_type", sentence);
    oauth(&token(&[("grant_type", "authorization_code")]), 400, "invalid_request", "Missing required param: code.");
    let answer = token(&[("grant_type", "refresh_token")]);
    oauth(&answer, 400, "invalid_request", "Missing required param: refresh_token.");
    for code in ["ac_x", "ac_1AAAAAAAAAAAAAAABBBBBBBBBBBBBBBB", "nothing"] {
        oauth(&exchange(&api, code), 400, "invalid_grant", &format!("Authorization code does not exist: {code}"));
    }
    let unknown = [("grant_type", "authorization_code"), ("code", "ac_x"), ("color", "red")];
    oauth(&token(&unknown), 400, "invalid_request", "Received unknown parameter: color");
    let answer = api.post("/oauth/deauthorize", &[("stripe_user_id", "acct_1")]);
    oauth(&answer, 400, "invalid_request", "Missing required param: client_id.");
    let answer = api.post("/oauth/deauthorize", &[("client_id", "ca_1")]);
    oauth(&answer, 400, "invalid_request", "Missing required param: stripe_user_id.");
    // A key that is none, none at all, and one that may be public.
    let keyless = Client::new(api.url(), "").post("/oauth/token", &[("grant_type", "refresh_token")]);
    assert_eq!((keyless.status, text(&keyless.body, "error")), (401, "invalid_client"), "{}", keyless.text);
    let wrong = Client::new(api.url(), "ca_123").post("/oauth/token", &[("grant_type", "refresh_token")]);
    let sentence =
        "Invalid API Key provided: **_123. This is Pinstripe, a local test server: any key such as sk_test_123 works.";
    oauth(&wrong, 401, "invalid_client", sentence);
    let public = api.publishable().post("/oauth/token", &[("grant_type", "refresh_token")]);
    assert_eq!((public.status, text(&public.body, "error")), (401, "invalid_client"), "{}", public.text);
    // An unknown address is no call of OAuth.
    assert_eq!(api.post("/oauth/nothing", &[]).refused(404)["type"], "invalid_request_error");
}

#[test]
fn the_key_of_a_call_may_be_a_parameter() {
    let api = sandbox("oa-secret");
    let nobody = Client::new(api.url(), "");
    let code = text(&agree(&api, &[]), "code").to_owned();
    let sent = [
        ("client_secret", "sk_test_sandbox_oa-secret"),
        ("client_id", "ca_123"),
        ("redirect_uri", BACK),
        ("grant_type", "authorization_code"),
        ("code", &code),
    ];
    let tokens = nobody.post("/oauth/token", &sent).ok();
    let asked = [
        ("client_secret", "sk_test_sandbox_oa-secret"),
        ("client_id", "ca_123"),
        ("stripe_user_id", text(&tokens, "stripe_user_id")),
    ];
    nobody.post("/oauth/deauthorize", &asked).ok();
    // Nowhere else.
    assert_eq!(nobody.get("/v1/customers", &sent[..1]).status, 401);
    let logged = api.get("/_pinstripe/requests", &[("sandbox", "oa-secret")]).ok();
    for request in logged["requests"].as_array().unwrap() {
        assert_eq!(request["parameters"]["client_secret"], "****", "{request}");
    }
}

#[test]
fn a_client_id_of_another_sandbox_is_refused() {
    let api = sandbox("oa-client");
    let tokens = connected(&api);
    let sentence = "No application matches the supplied client identifier";
    for client in ["ca_sandbox_elsewhere", "nobody", "ca_", "ca_sandbox_a_b"] {
        let asked = [("client_id", client), ("stripe_user_id", text(&tokens, "stripe_user_id"))];
        oauth(&api.post("/oauth/deauthorize", &asked), 401, "invalid_client", sentence);
        let code = text(&agree(&api, &[]), "code").to_owned();
        let sent = [("grant_type", "authorization_code"), ("code", &*code), ("client_id", client)];
        oauth(&api.post("/oauth/token", &sent), 401, "invalid_client", sentence);
    }
    // An account has no accounts of its own.
    let there = api.with("Stripe-Account", text(&tokens, "stripe_user_id"));
    oauth(&exchange(&there, "ac_x"), 401, "invalid_client", sentence);
    of(&api, &tokens["access_token"]).get("/v1/customers", &[]).ok();
}

#[test]
fn only_the_last_hundred_access_tokens_are_valid() {
    let api = sandbox("oa-many");
    let tokens = connected(&api);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    api.advance(1);
    let mut last = Value::Null;
    for _ in 0..100 {
        last = api.post("/oauth/token", &refresh).ok();
    }
    of(&api, &last["access_token"]).get("/v1/customers", &[]).ok();
    invalid(of(&api, &tokens["access_token"]).get("/v1/customers", &[]), 401, Some("api_key_expired"), None);
}

#[test]
fn the_platforms_connect_endpoints_hear_of_both_ends_of_a_connection() {
    let api = sandbox("oa-events");
    let tokens = connected(&api);
    let account = text(&tokens, "stripe_user_id");
    let told = || {
        let list = of(&api, &tokens["access_token"]).get("/v1/events", &[]).ok();
        rows(&list).iter().map(|event| (text(event, "type").to_owned(), event["account"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(), [("account.application.authorized".to_owned(), json!(account))]);
    let receiver = crate::support::receiver::Receiver::start();
    let names = ["account.application.authorized", "account.application.deauthorized"];
    crate::webhooks::deliveries::endpoint(&api, &receiver, &names, &[("connect", "true")]);
    api.post("/oauth/deauthorize", &[("client_id", "ca_1"), ("stripe_user_id", account)]).ok();
    exchange(&api, text(&agree(&api, &[("account", account)]), "code")).ok();
    crate::webhooks::deliveries::wait(&api);
    let heard: Vec<Value> = receiver.hits().iter().map(crate::support::receiver::Hit::event).collect();
    let types: Vec<&str> = heard.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, [names[1], names[0]]);
    for event in &heard {
        assert_eq!((text(event, "account"), text(&event["data"]["object"], "object")), (account, "application"));
        assert_eq!(event["data"]["object"].as_object().map(serde_json::Map::len), Some(3), "{event}");
    }
}

#[test]
fn a_connection_is_part_of_a_sandboxs_state() {
    let api = sandbox("oa-state");
    let tokens = connected(&api);
    let state = api.get("/_pinstripe/state", &[("sandbox", "oa-state")]).ok();
    let asked = [("client_id", "ca_1"), ("stripe_user_id", text(&tokens, "stripe_user_id"))];
    api.post("/oauth/deauthorize", &asked).ok();
    let theirs = of(&api, &tokens["access_token"]);
    invalid(theirs.get("/v1/customers", &[]), 401, Some("api_key_expired"), None);
    let body = state.to_string();
    api.send("PUT", "/_pinstripe/state?sandbox=oa-state", Some(("application/json", body.as_bytes()))).ok();
    theirs.get("/v1/customers", &[]).ok();
}

#[test]
fn connecting_and_disconnecting_closes_no_account() {
    let api = sandbox("oa-thin");
    let told = |account: &str| {
        let all = api.get("/v2/core/events", &[("object_id", account), ("limit", "100")]).ok();
        rows(&all).iter().map(|event| text(event, "type").to_owned()).collect::<Vec<_>>()
    };
    let agreed = agree(&api, &[]);
    let account = text(&agreed, "account");
    assert_eq!(told(account), Vec::<String>::new());
    exchange(&api, text(&agreed, "code")).ok();
    assert_eq!(told(account).last().map(String::as_str), Some("v2.core.account.created"));
    let asked = [("client_id", "ca_sandbox_oa-thin"), ("stripe_user_id", account)];
    api.post("/oauth/deauthorize", &asked).ok();
    assert!(!told(account).iter().any(|kind| kind == "v2.core.account.closed"), "{:?}", told(account));
}
