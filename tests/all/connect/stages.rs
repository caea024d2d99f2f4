//! Accounts in a state by one word: in a call, in a script, and for every country.

use serde_json::{Value, json};

use super::again;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, rows, text};

/// `POST /_pinstripe/account`.
fn open(api: &Client, query: &str) -> Answer {
    api.send("POST", &format!("/_pinstripe/account?sandbox={}&{query}", api.sandbox()), None)
}

/// `POST /_pinstripe/account/{id}`.
fn bring(api: &Client, account: &Value, query: &str) -> Answer {
    let path = format!("/_pinstripe/account/{}?sandbox={}&{query}", id(account), api.sandbox());
    api.send("POST", &path, None)
}

const LISTS: [&str; 5] = ["currently_due", "eventually_due", "past_due", "pending_verification", "errors"];

/// What an account shows of its state: whether it charges, is paid out and has told everything; why it may not; and the
/// lists of requirements that are not empty.
fn shown(account: &Value) -> (bool, bool, bool, Option<&str>, Vec<&'static str>) {
    let is = |key: &str| account[key].as_bool().unwrap();
    let requirements = &account["requirements"];
    let full = |key: &&str| !requirements[*key].as_array().unwrap().is_empty();
    (
        is("charges_enabled"),
        is("payouts_enabled"),
        is("details_submitted"),
        requirements["disabled_reason"].as_str(),
        LISTS.into_iter().filter(full).collect(),
    )
}

/// The two-letter codes of all countries of accounts.
fn countries(api: &Client) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    loop {
        let last = codes.last().cloned();
        let mut page = vec![("limit", "100")];
        page.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page = api.get("/v1/country_specs", &page).ok();
        codes.extend(rows(&page).iter().map(id));
        if page["has_more"] == false {
            return codes;
        }
    }
}

/// Every agreement, type and business type for which the words are tried.
const FORMS: [&str; 7] = [
    "type=custom&business_type=individual",
    "type=custom&business_type=company",
    "type=custom&business_type=non_profit",
    "type=custom&business_type=individual&service_agreement=recipient",
    "type=custom&business_type=company&service_agreement=recipient",
    "type=express&business_type=individual",
    "type=standard&business_type=company",
];

/// Countries that ask for something that others do not.
const SPECIAL: [&str; 12] = ["AE", "AU", "CA", "DE", "GB", "HK", "JP", "MX", "NZ", "PK", "SG", "US"];

#[test]
fn an_account_is_in_the_state_of_its_word_in_every_country() {
    let api = sandbox("stages-countries");
    let countries = countries(&api);
    assert!(countries.len() > 100, "{countries:?}");
    // Most countries differ in their bank accounts alone, so each has one of the forms in turn.
    for (country, form) in countries.iter().zip(FORMS.iter().cycle()) {
        check_words(&api, country, form);
    }
}

#[test]
fn an_account_of_every_form_is_in_the_state_of_its_word() {
    let api = sandbox("stages-forms");
    for country in SPECIAL {
        FORMS.iter().for_each(|form| check_words(&api, country, form));
    }
}

/// Checks an account of a country and form in each of the states.
fn check_words(api: &Client, country: &str, form: &str) {
    const DUE: [&str; 4] = ["currently_due", "eventually_due", "past_due", "errors"];
    let query = |word: &str| format!("state={word}&country={country}&{form}");
    let account = open(api, &query("onboarded")).ok();
    assert_eq!(shown(&account), (true, true, true, None, vec![]), "{country} {form}: {account}");
    assert_eq!(text(&account, "country"), country);
    let states: Vec<&Value> = account["capabilities"].as_object().unwrap().values().collect();
    assert!(!states.is_empty() && states.iter().all(|state| **state == "active"), "{country} {form}");
    let account = open(api, &query("restricted")).ok();
    let past = Some("requirements.past_due");
    assert_eq!(shown(&account), (false, false, true, past, DUE.to_vec()), "{country} {form}: {account}");
    let account = open(api, &query("rejected")).ok();
    assert_eq!(shown(&account), (false, false, true, Some("rejected.fraud"), vec![]), "{country} {form}");
    let pending = open(api, &query("pending"));
    // In Singapore a look at the face is due as long as the checks are open.
    let is_looked_at = country == "SG" && form == FORMS[0];
    if form.contains("recipient") || is_looked_at {
        let said = "Nothing holds back an account of this country and agreement while it is checked.";
        assert_eq!(pending.refused(400)["message"], said, "{country} {form}");
        return;
    }
    // The service checks Americans before they charge, and others before they are paid out.
    let charges = country != "US" || !form.contains("custom");
    let held = Some("requirements.pending_verification");
    let account = pending.ok();
    let expected = (charges, false, true, held, vec!["pending_verification"]);
    assert_eq!(shown(&account), expected, "{country} {form}: {account}");
}

#[test]
fn a_pending_account_waits_until_a_test_ends_its_checks() {
    for (country, form) in [("US", FORMS[0]), ("US", FORMS[1]), ("DE", FORMS[0]), ("GB", FORMS[5])] {
        let api = sandbox(&format!("stages-pending-{country}-{}", form.len()));
        let account = open(&api, &format!("state=pending&country={country}&{form}")).ok();
        api.advance(100_000);
        assert_eq!(shown(&again(&api, &account)), shown(&account), "{country} {form}");
        bring(&api, &account, "turn=finish").ok();
        assert_eq!(shown(&again(&api, &account)), (true, true, true, None, vec![]), "{country} {form}");
    }
}

#[test]
fn an_account_of_the_users_own_is_brought_from_state_to_state() {
    let api = sandbox("stages-own");
    let made = api.post("/v1/accounts", &[("type", "express"), ("country", "FR"), ("email", "a@example.com")]).ok();
    assert_eq!(made["charges_enabled"], false);
    let open = bring(&api, &made, "state=onboarded").ok();
    assert_eq!((&open["charges_enabled"], &open["payouts_enabled"]), (&json!(true), &json!(true)));
    let account = again(&api, &made);
    assert_eq!((&account["email"], &account["country"]), (&json!("a@example.com"), &json!("FR")));
    assert_eq!(account["capabilities"], json!({"card_payments": "active", "transfers": "active"}));
    let bank = &account["external_accounts"]["data"][0];
    assert_eq!((&bank["country"], &bank["currency"]), (&json!("FR"), &json!("eur")));
    for (word, reason) in [
        ("restricted", "requirements.past_due"),
        ("rejected", "rejected.fraud"),
        ("pending", "requirements.pending_verification"),
    ] {
        let turned = bring(&api, &made, &format!("state={word}")).ok();
        assert_eq!(turned["requirements"]["disabled_reason"], reason, "{word}");
    }
    bring(&api, &made, "state=onboarded").ok();
    assert_eq!(shown(&again(&api, &made)), (true, true, true, None, vec![]));
}

#[test]
fn what_was_told_stays_and_what_failed_is_told_anew() {
    let api = sandbox("stages-stays");
    let sent: &[(&str, &str)] = &[
        ("type", "custom"),
        ("country", "US"),
        ("capabilities[transfers][requested]", "true"),
        ("business_type", "individual"),
        ("individual[first_name]", "Ada"),
        ("individual[dob][day]", "10"),
        ("individual[dob][month]", "12"),
        ("individual[dob][year]", "1815"),
        ("business_profile[url]", "https://ada.example.com"),
    ];
    let made = api.post("/v1/accounts", sent).ok();
    bring(&api, &made, "turn=demand&requirement=individual.verification.additional_document").ok();
    bring(&api, &made, "state=onboarded").ok();
    let account = again(&api, &made);
    assert_eq!(shown(&account), (true, true, true, None, vec![]), "{account}");
    assert_eq!(account["individual"]["first_name"], "Ada");
    assert_eq!(account["individual"]["last_name"], "Rosen");
    // Nobody is that old, so the date was told anew.
    assert_eq!(account["individual"]["dob"], json!({"day": 1, "month": 1, "year": 1902}));
    assert_eq!(account["business_profile"]["url"], "https://ada.example.com");
    assert_eq!(account["capabilities"], json!({"transfers": "active"}));
}

#[test]
fn a_state_follows_from_what_was_told_and_is_news() {
    let api = sandbox("stages-news");
    let made = api.post("/v1/accounts", &[("type", "custom"), ("country", "DE"), ("business_type", "company")]).ok();
    bring(&api, &made, "state=onboarded").ok();
    let people = api.get(&format!("/v1/accounts/{}/persons", id(&made)), &[]).ok();
    let person = &rows(&people)[0];
    assert_eq!((rows(&people).len(), &person["verification"]["status"]), (1, &json!("verified")));
    assert_eq!(
        (&person["relationship"]["owner"], &person["relationship"]["representative"]),
        (&json!(true), &json!(true))
    );
    let list = api.with("Stripe-Account", &id(&made)).get("/v1/events", &[("limit", "100")]).ok();
    let mut types: Vec<&str> = rows(&list).iter().map(|event| text(event, "type")).collect();
    types.sort_unstable();
    types.dedup();
    let expected = ["account.external_account.created", "account.updated", "capability.updated", "person.created"];
    assert_eq!(types, expected);
    // Money goes there, and out of it.
    let charge: &[(&str, &str)] = &[
        ("amount", "10000"),
        ("currency", "eur"),
        ("source", "tok_bypassPending"),
        ("transfer_data[destination]", &id(&made)),
    ];
    api.post("/v1/charges", charge).ok();
    let within = api.with("Stripe-Account", &id(&made));
    assert!(within.post("/v1/payouts", &[("amount", "1000"), ("currency", "eur")]).status == 200);
}

#[test]
fn a_wanted_account_that_cannot_be_is_refused_and_nothing_changes() {
    let api = sandbox("stages-refused");
    let why = |query: &str| open(&api, query).refused(400)["message"].clone();
    let no_state = "`state` is `onboarded`, `pending`, `restricted` or `rejected`.";
    assert_eq!(why("country=DE"), no_state);
    assert_eq!(why("state=open"), no_state);
    assert_eq!(why("state=onboarded&country=XX").as_str().unwrap().split('.').next(), Some("Country 'XX' is unknown"));
    let said = "'shop' is no id of an account: `acct_`, and letters, digits and `_`.";
    assert_eq!(why("state=onboarded&id=shop"), said);
    let made = open(&api, "state=onboarded&id=acct_Shop").ok();
    assert_eq!(made["id"], "acct_Shop");
    assert_eq!(why("state=onboarded&id=acct_Shop"), "There is, or was, an account 'acct_Shop' already.");
    assert_eq!(
        why("state=pending&service_agreement=recipient"),
        "Nothing holds back an account of this country and agreement while it is checked."
    );
    assert_eq!(rows(&api.get("/v1/accounts", &[]).ok()).len(), 1);
    let why = |query: &str| bring(&api, &made, query).refused(400)["message"].clone();
    assert_eq!(why("state=open"), no_state);
    assert_eq!(why("state=pending&turn=finish"), "Send `state` or `turn`, not both.");
    bring(&api, &made, "turn=demand&requirement=company.registration_date").ok();
    let before = again(&api, &made);
    let said = "There is no test value for what the account has to tell: company.registration_date.";
    assert_eq!(why("state=onboarded"), said);
    assert_eq!(again(&api, &made), before);
}

/// Loads a script; returns the sentence of its refusal, or nothing.
fn load(api: &Client, script: &Value) -> Answer {
    api.send(
        "POST",
        &format!("/_pinstripe/fixtures?sandbox={}", api.sandbox()),
        Some(("application/json", script.to_string().as_bytes())),
    )
}

#[test]
fn a_script_has_accounts_in_a_state() {
    let api = sandbox("stages-script");
    let script = json!({"begins_days_ago": 10, "fixtures": [
        {"name": "shop", "account": "onboarded", "id": "acct_Shop",
         "params": {"country": "DE", "type": "express", "metadata": {"tier": "gold"}}},
        {"name": "later", "account": "pending", "params": {"country": "GB", "type": "custom"}},
        {"path": "/v1/transfers", "method": "post", "expected_error_type": "invalid_request_error",
         "params": {"amount": 100, "currency": "eur", "destination": "${shop:id}"}},
        {"after_days": 3, "account": "restricted", "id": "${shop:id}"}
    ], "env": {"LATER": "${later:id}"}});
    let loaded = load(&api, &script).ok();
    let later = json!({"id": loaded["env"]["LATER"]});
    let shop = again(&api, &json!({"id": "acct_Shop"}));
    assert_eq!(shop["requirements"]["disabled_reason"], "requirements.past_due");
    assert_eq!((&shop["metadata"]["tier"], &shop["type"]), (&json!("gold"), &json!("express")));
    assert_eq!(again(&api, &later)["requirements"]["disabled_reason"], "requirements.pending_verification");
}

#[test]
fn a_script_with_a_wrong_account_is_refused() {
    let api = sandbox("stages-script-wrong");
    let why = |step: Value| load(&api, &json!({"fixtures": [step]})).refused(400)["message"].clone();
    assert_eq!(
        why(json!({"account": "open"})),
        "request body: fixtures[0].account: `open` is none of onboarded, pending, restricted, rejected"
    );
    assert_eq!(
        why(json!({"name": "shop", "account": "onboarded", "id": "shop"})),
        "request body: fixtures[0] (shop): the account was refused: 'shop' is no id of an account: `acct_`, and letters, digits and `_`."
    );
    let twice = json!({"fixtures": [
        {"account": "onboarded", "id": "acct_Shop"},
        {"account": "rejected", "id": "acct_Shop", "params": {"country": "DE"}}
    ]});
    let said = "request body: fixtures[1].params: are for a new account, and this one is there";
    assert_eq!(load(&api, &twice).refused(400)["message"], said);
    assert_eq!(rows(&api.get("/v1/accounts", &[]).ok()).len(), 0);
}
