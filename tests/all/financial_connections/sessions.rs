//! Sessions: what is asked of whom, and what they chose (connect-accounts 12).

use serde_json::{Value, json};

use super::{ACCOUNTS, ALL, SESSIONS, from_page, link, open, submit, told};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, ids, invalid, missing, rows, says, text};

const PAY: (&str, &str) = ("permissions[]", "payment_method");

#[test]
fn a_session_waits_for_somebody() {
    let api = sandbox("fcs-open");
    let ada = customer(&api, &[]);
    let more = [
        ("account_holder[type]", "customer"),
        ("account_holder[customer]", &*ada),
        ("permissions[]", "balances"),
        PAY,
        ("prefetch[]", "balances"),
        ("filters[country]", "US"),
        ("filters[account_subcategories][]", "checking"),
        ("limits[accounts]", "2"),
        ("manual_entry[mode]", "disabled"),
        ("return_url", "https://shop.example/done"),
    ];
    let session = api.post(SESSIONS, &more).ok();
    let expected = [
        ("account_holder", json!({"customer": ada, "type": "customer"})),
        ("filters", json!({"account_subcategories": ["checking"], "country": "US"})),
        ("limits", json!({"accounts": 2})),
        ("livemode", json!(false)),
        ("manual_entry", json!({"mode": "disabled"})),
        ("permissions", json!(["balances", "payment_method"])),
        ("prefetch", json!(["balances"])),
        ("return_url", json!("https://shop.example/done")),
    ];
    for (key, value) in expected {
        assert_eq!(session[key], value, "{key}");
    }
    assert_eq!(session["accounts"]["data"], json!([]));
    assert!(text(&session, "client_secret").starts_with("fcsess_client_secret_"), "{session}");
    assert!(session.get("bank_account_token").is_none(), "{session}");
    assert_eq!(api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok(), session);
    // By their former names.
    let former = api.post("/v1/link_account_sessions", &[&more[..2], &[PAY]].concat()).ok();
    assert_eq!(api.get(&format!("/v1/link_account_sessions/{}", id(&former)), &[]).ok(), former);
    assert_eq!((&former["prefetch"], former.get("return_url")), (&json!([]), None));
}

#[test]
fn a_session_is_for_somebody_who_is_there() {
    let api = sandbox("fcs-holder");
    let (ada, account) = (customer(&api, &[]), id(&api.post("/v1/accounts", &[("type", "custom")]).ok()));
    let ask = |sent: &[(&str, &str)]| api.post(SESSIONS, &[&[PAY], sent].concat());
    let of = |kind: &'static str| ("account_holder[type]", kind);
    let own = ask(&[of("account"), ("account_holder[account]", &account)]).ok();
    assert_eq!(own["account_holder"], json!({"account": account, "type": "account"}));
    let of_account = ask(&[of("customer"), ("account_holder[customer_account]", &account)]).ok();
    assert_eq!(of_account["account_holder"]["customer_account"], json!(account));
    missing(
        ask(&[of("customer"), ("account_holder[customer]", "cus_none")]),
        400,
        "customer",
        "cus_none",
        "account_holder[customer]",
    );
    missing(
        ask(&[of("account"), ("account_holder[account]", "acct_none")]),
        400,
        "account",
        "acct_none",
        "account_holder[account]",
    );
    invalid(ask(&[of("customer")]), 400, Some("parameter_missing"), Some("account_holder[customer]"));
    invalid(ask(&[of("account")]), 400, Some("parameter_missing"), Some("account_holder[account]"));
    let wrong = ask(&[of("account"), ("account_holder[customer]", &ada)]);
    assert_eq!(
        invalid(wrong, 400, None, Some("account_holder[customer]"))["message"],
        "You cannot use `account_holder[customer]` when `account_holder[type]` is `account`."
    );
}

#[test]
fn what_is_prefetched_is_asked_for_and_somebody_links_something() {
    let api = sandbox("fcs-checks");
    let ada = customer(&api, &[]);
    let holder = [("account_holder[type]", "customer"), ("account_holder[customer]", &*ada), PAY];
    let refused = api.post(SESSIONS, &[&holder[..], &[("prefetch[]", "balances")]].concat());
    assert_eq!(
        invalid(refused, 400, None, Some("prefetch"))["message"],
        "To prefetch `balances`, ask for the permission: add `balances` to `permissions`."
    );
    let refused = api.post(SESSIONS, &[&holder[..], &[("limits[accounts]", "0")]].concat());
    assert_eq!(
        invalid(refused, 400, Some("parameter_invalid_integer"), Some("limits[accounts]"))["message"],
        "This value must be greater than or equal to 1."
    );
}

#[test]
fn the_accounts_that_somebody_chose_are_in_the_session() {
    let api = sandbox("fcs-chosen");
    let session = open(&api, &[&ALL[..], &[("prefetch[]", "balances"), ("prefetch[]", "transactions")]].concat());
    let done = submit(&api, &session, "accounts=savings,credit_card").ok();
    let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
    assert_eq!(done["accounts"], json!(ids(&session["accounts"])));
    let [savings, card] = rows(&session["accounts"]) else { panic!("{session}") };
    let expected = [
        ("account_holder", session["account_holder"].clone()),
        ("category", json!("cash")),
        ("display_name", json!("Savings")),
        ("institution_name", json!("Test Institution")),
        ("last4", json!("4321")),
        ("ownership", Value::Null),
        ("permissions", json!(["balances", "ownership", "payment_method", "transactions"])),
        ("status", json!("active")),
        ("subcategory", json!("savings")),
        ("subscriptions", json!([])),
        ("supported_payment_method_types", json!(["us_bank_account"])),
    ];
    for (key, value) in expected {
        assert_eq!(savings[key], value, "{key}");
    }
    assert_eq!(savings["account_numbers"][0]["status"], "transactable");
    assert_eq!(
        (&card["category"], &card["account_numbers"], &card["supported_payment_method_types"]),
        (&json!("credit"), &Value::Null, &json!([]))
    );
    // What is prefetched was refreshed; what is not was not.
    assert_eq!(savings["balance"]["cash"], json!({"available": {"usd": 1_000_000}}));
    assert_eq!(card["balance"]["credit"], json!({"used": {"usd": 25_000}}));
    assert_eq!(text(&savings["transaction_refresh"], "status"), "succeeded");
    assert_eq!(savings["ownership_refresh"], Value::Null);
    let refreshed = ["refreshed_balance", "refreshed_transactions"];
    let mut events = told(&api);
    assert_eq!(events.drain(..2).collect::<Vec<_>>(), ["created", "created"]);
    assert_eq!(events, [refreshed, refreshed].concat());
    for (filter, value) in [
        ("session", id(&session)),
        ("account_holder[customer]", text(&session["account_holder"], "customer").to_owned()),
    ] {
        assert_eq!(ids(&api.get(ACCOUNTS, &[(filter, &value)]).ok()), ids(&session["accounts"]), "{filter}");
        assert_eq!(api.get("/v1/linked_accounts", &[(filter, &value)]).ok()["data"], session["accounts"]["data"]);
    }
    missing(
        api.get(ACCOUNTS, &[("session", "fcsess_none")]),
        400,
        "financial connections session",
        "fcsess_none",
        "session",
    );
    assert_eq!(ids(&api.get(ACCOUNTS, &[("account_holder[customer]", "cus_none")]).ok()), Vec::<String>::new());
    assert_eq!(ids(&api.get(ACCOUNTS, &[("limit", "1")]).ok()).len(), 1);
}

#[test]
fn a_session_takes_what_it_asks_for() {
    let api = sandbox("fcs-takes");
    let says = |more: &[(&str, &str)], choice: &str, sentence: &str| {
        let session = open(&api, more);
        assert_eq!(submit(&api, &session, choice).refused(400)["message"], sentence, "{choice}");
        let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
        assert_eq!(session["accounts"]["data"], json!([]), "{choice}");
    };
    says(&[PAY], "institution=my_bank", "There is no institution `my_bank` in the test bank.");
    let downs = [
        (
            "down_bank_scheduled",
            "Down Bank (Scheduled) is not available. It said that nobody can log in until tomorrow. Choose another institution.",
        ),
        (
            "down_bank_unscheduled",
            "Down Bank (Unscheduled) is not available. Nobody can log in, and it did not say why. Choose another institution.",
        ),
        (
            "down_bank_error",
            "Down Bank (Error) is not available. It answers with an error. Choose another institution.",
        ),
    ];
    for (key, sentence) in downs {
        says(&[PAY], &format!("institution={key}"), sentence);
    }
    let unknown = "The account `credit_card` cannot be linked in this session.";
    for filters in [
        [("filters[account_subcategories][]", "savings")],
        [("filters[require_payment_method_support]", "all")],
        [("filters[country]", "GB")],
    ] {
        says(&[&[PAY], &filters[..]].concat(), "accounts=credit_card", unknown);
    }
    says(&[PAY], "accounts=gold", "The account `gold` cannot be linked in this session.");
    let one = [PAY, ("limits[accounts]", "1")];
    says(&one, "accounts=success,savings", "Choose at least one account, and at most 1.");
    says(&[("permissions[]", "balances")], "routing_number=110000000&account_number=000123456789", NO_NUMBERS);
    says(
        &[PAY, ("manual_entry[mode]", "disabled")],
        "routing_number=110000000&account_number=000123456789",
        NO_NUMBERS,
    );
    says(&[PAY], "routing_number=110000000", "Invalid account number");
    assert_eq!(link(&api, &[PAY, ("filters[account_subcategories][]", "savings")], "accounts=savings").len(), 1);
    // The page shows no account of an empty choice.
    let session = open(&api, &[PAY]);
    let page = format!("/link-accounts/{}?client_secret={}", id(&session), text(&session, "client_secret"));
    let form = ("application/x-www-form-urlencoded", &b"action=link&institution=test_institution"[..]);
    assert!(api.send("POST", &page, Some(form)).text.contains("Choose at least one account."));
}

const NO_NUMBERS: &str = "In this session, no account and routing number can be entered.";

#[test]
fn an_account_that_is_chosen_twice_is_linked_once() {
    let api = sandbox("fcs-twice");
    let one = [PAY, ("limits[accounts]", "2")];
    let names: Vec<String> = link(&api, &one, "accounts=success,savings,success")
        .iter()
        .map(|account| text(account, "display_name").to_owned())
        .collect();
    assert_eq!(names, ["Success", "Savings"]);
}

#[test]
fn a_session_is_used_once() {
    let api = sandbox("fcs-once");
    let session = open(&api, &[PAY]);
    submit(&api, &session, "").ok();
    let again = submit(&api, &session, "accounts=savings");
    assert_eq!(again.refused(400)["message"], "This session is over: accounts were linked in it.");
    assert_eq!(submit(&api, &json!({"id": "fcsess_none"}), "").status, 404);
}

#[test]
fn whoever_has_the_secret_sees_the_session() {
    let api = sandbox("fcs-secret");
    let session = open(&api, &[PAY]);
    let (browser, secret) = (api.publishable(), text(&session, "client_secret"));
    let hosted = browser
        .post("/v1/link_account_sessions/generate_hosted_url", &[("client_secret", secret), ("fullscreen", "true")])
        .ok();
    let page = text(&hosted, "hosted_auth_url");
    assert!(page.starts_with(&format!("{}/link-accounts/{}?client_secret=", api.url(), id(&session))), "{hosted}");
    assert!(page.ends_with(&format!("&sandbox={}", api.sandbox())), "{hosted}");
    assert_eq!((&hosted["id"], &hosted["allow_manual_entry"]), (&session["id"], &json!(true)));
    submit(&api, &session, "").ok();
    let receipt =
        from_page(&api, "GET", "/v1/link_account_sessions/session_receipt", &[("client_secret", secret)]).ok();
    assert_eq!(rows(&receipt["accounts"])[0]["display_name"], "Success");
    for (method, path) in [("GET", "session_receipt"), ("POST", "generate_hosted_url")] {
        let path = format!("/v1/link_account_sessions/{path}");
        let ask = |sent: &[(&str, &str)]| {
            if method == "GET" { browser.get(&path, sent) } else { browser.post(&path, sent) }
        };
        invalid(ask(&[]), 400, Some("parameter_missing"), Some("client_secret"));
        missing(ask(&[("client_secret", "no")]), 400, "financial connections session", "no", "client_secret");
    }
    assert_eq!(browser.get(&format!("{SESSIONS}/{}", id(&session)), &[]).status, 401);
}

#[test]
fn a_browser_sees_of_a_session_what_stripe_js_shows() {
    let api = sandbox("fcs-visible");
    let arranged = [
        ("prefetch[]", "balances"),
        ("prefetch[]", "ownership"),
        ("limits[accounts]", "1"),
        ("manual_entry[mode]", "disabled"),
        ("filters[country]", "US"),
        ("return_url", "https://shop.example/done"),
    ];
    let session = open(&api, &[&ALL[..], &arranged].concat());
    submit(&api, &session, "").ok();
    let secret = ("client_secret", text(&session, "client_secret"));
    let path = "/v1/link_account_sessions/session_receipt";
    let ask = |more: &[(&str, &str)]| from_page(&api, "GET", path, &[&[secret], more].concat());
    let names = |shown: &Value| shown.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let seen = ask(&[]).ok();
    assert_eq!(
        names(&seen),
        "accounts bank_account_token client_secret filters id livemode object permissions return_url"
    );
    let account = &rows(&seen["accounts"])[0];
    assert_eq!(
        names(account),
        "balance balance_refresh category created display_name id institution_name last4 livemode object ownership \
         ownership_refresh permissions status subcategory supported_payment_method_types"
    );
    for refresh in ["balance_refresh", "ownership_refresh"] {
        assert_eq!(names(&account[refresh]), "last_attempted_at status");
    }
    assert!(text(account, "ownership").starts_with("fcaowns_"), "{account}");
    for path in ["accounts.data.ownership", "account_holder.customer"] {
        says(ask(&[("expand[]", path)]), 400, &format!("This property cannot be expanded ({path})."));
    }
    // Whoever has the secret key sees everything.
    assert_eq!(api.get(path, &[secret]).ok(), api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok());
}

#[test]
fn a_session_to_pay_has_a_token_of_the_bank_account() {
    let api = sandbox("fcs-token");
    let account = id(&api.post("/v1/accounts", &[("type", "custom"), ("country", "US")]).ok());
    let holder = [("account_holder[type]", "account"), ("account_holder[account]", &*account), PAY];
    let session = api.post(SESSIONS, &holder).ok();
    submit(&api, &session, "accounts=success").ok();
    let path = format!("{SESSIONS}/{}", id(&session));
    let token = api.get(&path, &[]).ok()["bank_account_token"].clone();
    assert!(text(&token, "id").starts_with("btok_"), "{token}");
    let bank = &token["bank_account"];
    assert_eq!(
        (text(bank, "last4"), text(bank, "routing_number"), text(bank, "account_type"), text(bank, "status")),
        ("6789", "110000000", "checking", "verified")
    );
    assert_eq!(token["used"], json!(false));
    api.post(&format!("/v1/accounts/{account}/external_accounts"), &[("external_account", text(&token, "id"))]).ok();
    // The session shows that it is used.
    assert_eq!(api.get(&path, &[]).ok()["bank_account_token"]["used"], json!(true));
    // What is typed is not verified; what cannot be debited, or was not to be, has none.
    let session = open(&api, &[PAY]);
    submit(&api, &session, "routing_number=110000000&account_number=000123456789").ok();
    let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
    assert_eq!(session["accounts"]["data"], json!([]));
    assert_eq!(text(&session["bank_account_token"]["bank_account"], "status"), "new");
    for (permission, choice) in [("payment_method", "accounts=credit_card"), ("balances", "accounts=success")] {
        let session = open(&api, &[("permissions[]", permission)]);
        submit(&api, &session, choice).ok();
        let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
        assert!(session.get("bank_account_token").is_none(), "{choice}: {session}");
    }
    says(api.get(&format!("{SESSIONS}/fcsess_none"), &[]), 404, "No such financial connections session: 'fcsess_none'");
}
