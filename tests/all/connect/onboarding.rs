//! What an account has to tell, and what it may do then (connect-accounts 3).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, invalid, says, text};

const BANK: &[(&str, &str)] = &[("external_account", "btok_us_verified")];
const FOUR: &[(&str, &str)] = &[("individual[ssn_last_4]", "0000")];

fn flags(account: &Value) -> [&Value; 3] {
    ["charges_enabled", "payouts_enabled", "details_submitted"].map(|flag| &account[flag])
}

#[test]
fn a_standard_account_has_six_requirements_that_are_past_due() {
    let api = sandbox("on-standard");
    let made = account(&api, &[&[("type", "standard"), ("country", "AU")]]);
    let six = json!([
        "business_profile.product_description",
        "business_profile.support_phone",
        "business_profile.url",
        "external_account",
        "tos_acceptance.date",
        "tos_acceptance.ip"
    ]);
    for list in ["currently_due", "eventually_due", "past_due"] {
        assert_eq!(made["requirements"][list], six, "{list}");
    }
    assert_eq!(made["requirements"]["disabled_reason"], "requirements.past_due");
    assert_eq!((&made["capabilities"], flags(&made)), (&json!({}), [&json!(false); 3]));
    assert_eq!((&made["default_currency"], &made["future_requirements"]["currently_due"]), (&json!("aud"), &json!([])));
}

#[test]
fn an_american_individual_is_pending_for_twenty_seconds_and_then_active() {
    let api = sandbox("on-individual");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, FOUR, BANK]);
    assert_eq!(made["capabilities"], json!({"card_payments": "pending", "transfers": "pending"}));
    assert_eq!(flags(&made), [&json!(false), &json!(false), &json!(true)]);
    let requirements = &made["requirements"];
    assert_eq!((&requirements["currently_due"], &requirements["past_due"]), (&json!([]), &json!([])));
    assert_eq!(requirements["disabled_reason"], "requirements.pending_verification");
    let pending = json!([
        "business_profile.url",
        "individual.address.city",
        "individual.address.line1",
        "individual.address.postal_code",
        "individual.address.state",
        "individual.id_number"
    ]);
    assert_eq!(requirements["pending_verification"], pending);
    let future = &made["future_requirements"];
    assert_eq!((&future["pending_verification"], int(future, "current_deadline")), (&pending, 1_717_516_800));
    assert_eq!(made["individual"]["verification"]["status"], "pending");
    assert_eq!(again(&api, &made), made, "no request moves it");
    api.advance(5);
    assert_eq!(again(&api, &made)["charges_enabled"], false);
    api.advance(20);
    let open = again(&api, &made);
    assert_eq!(open["capabilities"], json!({"card_payments": "active", "transfers": "active"}));
    assert_eq!((flags(&open), &open["requirements"]["disabled_reason"]), ([&json!(true); 3], &Value::Null));
    assert_eq!(open["requirements"]["pending_verification"], json!([]));
    assert_eq!(open["individual"]["verification"]["status"], "verified");
}

#[test]
fn what_an_individual_has_not_told_is_due_past_due_and_eventually_due() {
    let api = sandbox("on-bare");
    let bare = account(&api, &[BUSINESS, &[("business_type", "individual"), ("individual[email]", "j@example.com")]]);
    let missing = json!([
        "external_account",
        "individual.address.city",
        "individual.address.line1",
        "individual.address.postal_code",
        "individual.address.state",
        "individual.dob.day",
        "individual.dob.month",
        "individual.dob.year",
        "individual.first_name",
        "individual.last_name",
        "individual.phone",
        "individual.ssn_last_4"
    ]);
    for list in ["currently_due", "eventually_due", "past_due"] {
        assert_eq!(bare["requirements"][list], missing, "{list}");
    }
    assert_eq!(bare["future_requirements"]["past_due"], json!(["external_account"]));
    assert_eq!((flags(&bare), &bare["capabilities"]["transfers"]), ([&json!(false); 3], &json!("inactive")));
    let own = bare["individual"]["requirements"]["currently_due"].as_array().unwrap();
    assert_eq!((own.len(), &own[0]), (11, &json!("address.city")));
    // What is told is not due any more; a whole id number stands for its last four digits.
    let path = format!("/v1/accounts/{}", id(&bare));
    let told = api.post(&path, &[&INDIVIDUAL[1..], &[("individual[id_number]", "000000000")], BANK].concat()).ok();
    assert_eq!(told["requirements"]["currently_due"], json!([]));
    let pending = told["requirements"]["pending_verification"].as_array().unwrap();
    assert!(pending.contains(&json!("individual.verification.document")), "{pending:?}");
}

#[test]
fn somebody_born_on_the_first_of_1902_is_known_at_once() {
    let api = sandbox("on-at-once");
    let born = [("individual[dob][year]", "1902")];
    let told: Vec<_> = INDIVIDUAL.iter().copied().filter(|(name, _)| *name != born[0].0).collect();
    let made = account(&api, &[BUSINESS, &told, &born, FOUR, BANK]);
    assert_eq!((flags(&made), &made["capabilities"]["card_payments"]), ([&json!(true); 3], &json!("active")));
}

#[test]
fn a_person_who_is_nobody_has_to_send_a_document() {
    let api = sandbox("on-nobody");
    for (name, value) in [
        ("individual[dob][year]", "1990"),
        ("individual[address][line1]", "address_no_match"),
        ("individual[id_number]", "111111111"),
    ] {
        let told: Vec<_> = INDIVIDUAL.iter().copied().filter(|(known, _)| *known != name).collect();
        let made = account(&api, &[BUSINESS, &told, FOUR, &[(name, value)], BANK]);
        api.advance(20);
        let failed = again(&api, &made);
        let requirements = &failed["requirements"];
        assert_eq!(requirements["currently_due"], json!(["individual.verification.document"]), "{name}");
        assert_eq!(requirements["errors"][0]["code"], "verification_failed_keyed_identity");
        assert_eq!(requirements["errors"][0]["requirement"], "individual.verification.document");
        assert_eq!((flags(&failed)[0], &failed["capabilities"]["transfers"]), (&json!(false), &json!("inactive")));
        let verification = &failed["individual"]["verification"];
        assert_eq!(
            (text(verification, "status"), text(verification, "details_code")),
            ("unverified", "failed_keyed_identity")
        );
        let document = [("individual[verification][document][front]", "file_identity_document_success")];
        let sent = api.post(&format!("/v1/accounts/{}", id(&made)), &document).ok();
        assert_eq!((&sent["requirements"]["errors"], &sent["requirements"]["currently_due"]), (&json!([]), &json!([])));
        api.advance(20);
        assert_eq!(again(&api, &made)["charges_enabled"], true, "{name}");
    }
}

#[test]
fn somebody_older_than_120_years_is_refused_but_for_the_test_dates() {
    let api = sandbox("on-old");
    let born = [("individual[dob][day]", "2")];
    let told: Vec<_> = INDIVIDUAL.iter().copied().filter(|(name, _)| *name != born[0].0).collect();
    let made = account(&api, &[BUSINESS, &told, &born, FOUR, BANK]);
    let errors = made["requirements"]["errors"].as_array().unwrap();
    let named: Vec<&str> = errors.iter().map(|error| text(error, "requirement")).collect();
    assert_eq!(named, ["individual.dob.day", "individual.dob.month", "individual.dob.year"]);
    assert_eq!(text(&errors[0], "reason"), "Date of birth must be within the past 120 years.");
    assert_eq!(made["requirements"]["currently_due"], json!(named));
}

#[test]
fn elsewhere_everything_told_opens_an_account_at_once() {
    let api = sandbox("on-elsewhere");
    let bank = [
        ("bank_account[object]", "bank_account"),
        ("bank_account[country]", "DE"),
        ("bank_account[currency]", "eur"),
        ("bank_account[account_number]", "DE89370400440532013000"),
    ];
    let made = account(&api, &[BUSINESS, INDIVIDUAL, &[("country", "DE")], &bank]);
    assert_eq!((flags(&made), &made["capabilities"]["card_payments"]), ([&json!(true); 3], &json!("active")));
    assert_eq!(made["individual"]["verification"]["status"], "pending");
    assert_eq!(made["future_requirements"]["current_deadline"], Value::Null);
}

#[test]
fn a_recipient_may_get_transfers_at_once_and_sends_a_document_later() {
    let api = sandbox("on-recipient");
    let asked = [
        ("type", "custom"),
        ("country", "MX"),
        ("tos_acceptance[date]", "1700000000"),
        ("tos_acceptance[ip]", "127.0.0.1"),
        ("tos_acceptance[service_agreement]", "recipient"),
        ("requested_capabilities[]", "transfers"),
        ("settings[payouts][schedule][interval]", "manual"),
        ("settings[payouts][debit_negative_balances]", "true"),
    ];
    let made = account(&api, &[&asked, INDIVIDUAL]);
    assert_eq!(made["capabilities"], json!({"transfers": "active"}));
    assert_eq!(flags(&made), [&json!(true), &json!(false), &json!(false)]);
    assert_eq!(made["requirements"]["currently_due"], json!(["external_account"]));
    let later = json!(["external_account", "individual.verification.document"]);
    assert_eq!(made["requirements"]["eventually_due"], later);
    let payouts = &made["settings"]["payouts"];
    assert_eq!(
        (&payouts["debit_negative_balances"], &payouts["schedule"]),
        (&json!(false), &json!({"delay_days": 1, "interval": "manual"}))
    );
    assert_eq!(made["tos_acceptance"]["service_agreement"], "recipient");
    let document = [("individual[verification][document][front]", "file_identity_document_success")];
    let sent = api.post(&format!("/v1/accounts/{}", id(&made)), &document).ok();
    assert_eq!(sent["requirements"]["eventually_due"], json!(["external_account"]));
    assert_eq!(sent["individual"]["verification"]["status"], "pending");
}

#[test]
fn withdrawing_card_payments_ends_every_check() {
    let api = sandbox("on-withdrawn");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, FOUR, BANK]);
    let path = format!("/v1/accounts/{}", id(&made));
    let left = api.post(&path, &[("capabilities[card_payments][requested]", "false")]).ok();
    assert_eq!((&left["capabilities"], flags(&left)), (&json!({"transfers": "active"}), [&json!(true); 3]));
    assert_eq!(left["requirements"]["pending_verification"], json!([]));
    assert_eq!(left["future_requirements"]["current_deadline"], Value::Null);
}

#[test]
fn capabilities_show_what_they_wait_for_and_some_wait_for_nothing() {
    let api = sandbox("on-capabilities");
    let made = account(&api, &[BUSINESS, INDIVIDUAL]);
    let path = format!("/v1/accounts/{}/capabilities", id(&made));
    let waiting = api.get(&format!("{path}/transfers"), &[]).ok();
    assert_eq!(text(&waiting["requirements"], "disabled_reason"), "requirements.fields_needed");
    assert_eq!(waiting["requirements"]["currently_due"], json!(["individual.ssn_last_4"]));
    let taxes = api.post(&format!("{path}/tax_reporting_us_1099_k"), &[("requested", "true")]).ok();
    assert_eq!(text(&taxes, "status"), "active");
    let legacy = api.post(&format!("{path}/legacy_payments"), &[("requested", "true")]).ok();
    assert_eq!((text(&legacy, "status"), &legacy["requirements"]["currently_due"]), ("inactive", &json!([])));
    assert_eq!(text(&legacy["requirements"], "disabled_reason"), "requirements.fields_needed");
}

#[test]
fn a_capability_and_a_country_that_do_not_exist_are_refused() {
    let api = sandbox("on-unknown");
    let asked = [("type", "custom"), ("requested_capabilities[]", "flying")];
    let error = invalid(api.post("/v1/accounts", &asked), 400, None, Some("requested_capabilities[0]"));
    assert_eq!(error["message"], "There is no capability 'flying'.");
    let sentence = "Country 'ZZ' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', \
                    or 'GB'. A full list of supported country codes is available at \
                    https://www.iso.org/obp/ui/#search/code/";
    says(api.post("/v1/accounts", &[("country", "ZZ")]), 400, sentence);
    assert_eq!(api.get("/v1/accounts", &[]).ok()["data"], json!([]));
}
