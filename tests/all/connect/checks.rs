//! Checks that end or fail when a test says so, demands, and the events of it (connect-accounts 3.6, 8).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, int, rows, text};

const REST: &[(&str, &str)] = &[("individual[ssn_last_4]", "0000"), ("external_account", "btok_us_verified")];

fn turn(api: &Client, account: &Value, query: &str) -> Answer {
    let path = format!("/_pinstripe/account/{}?sandbox={}&{query}", id(account), api.sandbox());
    api.send("POST", &path, None)
}

fn told(api: &Client, account: &Value) -> Vec<Value> {
    let list = api.with("Stripe-Account", &id(account)).get("/v1/events", &[("limit", "100")]).ok();
    rows(&list).iter().rev().cloned().collect()
}

#[test]
fn a_test_ends_the_checks_and_each_change_is_told_in_order() {
    let api = sandbox("ch-finish");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    let before = told(&api, &made).len();
    let open = turn(&api, &made, "turn=finish").ok();
    assert_eq!((&open["charges_enabled"], &open["payouts_enabled"]), (&json!(true), &json!(true)));
    assert_eq!(again(&api, &made)["charges_enabled"], true);
    let events = told(&api, &made).split_off(before);
    let types: Vec<&str> = events.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, ["capability.updated", "capability.updated", "account.updated", "person.updated"]);
    let previous = &events[2]["data"]["previous_attributes"];
    assert_eq!(previous["capabilities"], json!({"card_payments": "pending", "transfers": "pending"}));
    assert_eq!((&previous["charges_enabled"], &previous["payouts_enabled"]), (&json!(false), &json!(false)));
    assert_eq!(previous["requirements"]["disabled_reason"], "requirements.pending_verification");
    assert_eq!(events[3]["data"]["previous_attributes"]["verification"], json!({"status": "pending"}));
    assert!(events.iter().all(|event| event["account"] == made["id"]), "{events:?}");
    // Nothing is left that would end later.
    api.advance(30);
    assert_eq!(told(&api, &made).len(), before + 4);
}

#[test]
fn a_test_fails_a_check_with_a_reason() {
    let api = sandbox("ch-fail");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    let query =
        "turn=fail&requirement=individual.verification.document&code=verification_document_expired&reason=Too%20old.";
    let failed = turn(&api, &made, query).ok();
    let error = json!({"code": "verification_document_expired", "reason": "Too old.", "requirement": "individual.verification.document"});
    assert_eq!(failed["requirements"]["errors"], json!([error]));
    assert_eq!(failed["requirements"]["past_due"], json!(["individual.verification.document"]));
    assert_eq!(failed["charges_enabled"], false);
    assert_eq!(again(&api, &made)["individual"]["verification"]["details"], "Too old.");
}

#[test]
fn what_is_no_requirement_is_neither_demanded_nor_failed() {
    let api = sandbox("ch-unknown");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    let before = again(&api, &made);
    for query in ["turn=demand&requirement=bogus.x", "turn=fail&requirement=bogus", "turn=demand&requirement="] {
        let refused = turn(&api, &made, query);
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.text.contains("`requirement` is a path such as"), "{}", refused.text);
    }
    assert_eq!(again(&api, &made), before);
}

#[test]
fn a_demand_disables_the_account_when_its_deadline_passes() {
    let api = sandbox("ch-demand");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    turn(&api, &made, "turn=finish").ok();
    let deadline = int(&made, "created") + 100_000;
    let query = format!("turn=demand&requirement=individual.verification.document&deadline={deadline}");
    let demanded = turn(&api, &made, &query).ok();
    let requirements = &demanded["requirements"];
    assert_eq!((int(requirements, "current_deadline"), &requirements["past_due"]), (deadline, &json!([])));
    assert_eq!(requirements["currently_due"], json!(["individual.verification.document"]));
    assert_eq!(demanded["charges_enabled"], true);
    api.advance(100_001);
    let disabled = again(&api, &made);
    assert_eq!(disabled["requirements"]["past_due"], json!(["individual.verification.document"]));
    assert_eq!((&disabled["charges_enabled"], &disabled["payouts_enabled"]), (&json!(false), &json!(false)));
    assert_eq!(text(&disabled["requirements"], "disabled_reason"), "requirements.past_due");
    // Telling it opens the account again, once it is checked.
    let document = [("individual[verification][document][front]", "file_identity_document_success")];
    api.post(&format!("/v1/accounts/{}", id(&made)), &document).ok();
    api.advance(20);
    assert_eq!(again(&api, &made)["charges_enabled"], true);
}

#[test]
fn a_future_demand_is_shown_apart_until_its_day() {
    let api = sandbox("ch-future");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, &[("country", "DE")]]);
    let deadline = int(&made, "created") + 1_000;
    let query = format!("turn=demand&requirement=company.registration_date&future=true&deadline={deadline}");
    let demanded = turn(&api, &made, &query).ok();
    let future = &demanded["future_requirements"];
    assert_eq!(future["currently_due"], json!(["company.registration_date"]));
    assert_eq!(int(future, "current_deadline"), deadline);
    assert_eq!(
        (&demanded["requirements"]["currently_due"], &demanded["charges_enabled"]),
        (&json!(["external_account"]), &json!(true))
    );
    api.advance(1_001);
    assert_eq!(again(&api, &made)["charges_enabled"], false);
}

#[test]
fn a_turn_that_makes_no_sense_is_refused_and_changes_nothing() {
    let api = sandbox("ch-refused");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    let why = |query: &str| turn(&api, &made, query).refused(400)["message"].clone();
    assert_eq!(why("turn=jump"), "`turn` is `finish`, `fail` or `demand`.");
    assert_eq!(why(""), "Send `state` or `turn`.");
    assert_eq!(why("turn=fail"), "`requirement` is missing.");
    assert_eq!(why("turn=demand&requirement=a&deadline=soon"), "`deadline` is a time in Unix seconds.");
    assert_eq!(why("turn=demand&requirement=individual.phone"), "The account has told `individual.phone` already.");
    assert_eq!(again(&api, &made), made);
    let nobody = json!({"id": "acct_none"});
    assert_eq!(turn(&api, &nobody, "turn=finish").status, 404);
}

#[test]
fn the_seconds_of_a_check_are_a_setting() {
    let api = sandbox("ch-setting");
    let set = format!("/_pinstripe/settings?sandbox={}&name=account_check_seconds&value=0", api.sandbox());
    assert_eq!(api.send("POST", &set, None).status, 200);
    let made = account(&api, &[BUSINESS, INDIVIDUAL, REST]);
    assert_eq!((&made["charges_enabled"], &made["capabilities"]["transfers"]), (&json!(false), &json!("pending")));
    assert_eq!(again(&api, &made)["charges_enabled"], true);
}
