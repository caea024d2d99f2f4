//! The people behind an account (connect-accounts 4).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, ids, missing, rows, says, text};

const FIRM: &[(&str, &str)] = &[
    ("business_type", "company"),
    ("company[name]", "Firm"),
    ("company[phone]", "0000000000"),
    ("company[tax_id]", "000000000"),
    ("company[address][line1]", "address_full_match"),
    ("company[address][city]", "Columbus"),
    ("company[address][state]", "OH"),
    ("company[address][postal_code]", "43214"),
    ("external_account", "btok_us_verified"),
];

/// What a person tells, from what an individual does.
fn told() -> Vec<(String, &'static str)> {
    let of = |name: &str| name.trim_start_matches("individual").replacen('[', "", 1).replacen(']', "", 1);
    INDIVIDUAL[1..].iter().map(|(name, value)| (of(name), *value)).collect()
}

fn firm(api: &Client) -> (Value, String) {
    let firm = account(api, &[BUSINESS, FIRM]);
    let path = format!("/v1/accounts/{}/persons", id(&firm));
    (firm, path)
}

#[test]
fn a_company_is_checked_once_its_representative_is_there() {
    let api = sandbox("pe-company");
    let (firm, path) = firm(&api);
    assert_eq!(rows(&api.get(&path, &[]).ok()), &[] as &[Value]);
    let due: Vec<&str> =
        firm["requirements"]["currently_due"].as_array().unwrap().iter().map(|due| due.as_str().unwrap()).collect();
    let expected = [
        "company.owners_provided",
        "owners.email",
        "owners.first_name",
        "owners.last_name",
        "representative.address.city",
        "representative.address.line1",
        "representative.address.postal_code",
        "representative.address.state",
        "representative.dob.day",
        "representative.dob.month",
        "representative.dob.year",
        "representative.email",
        "representative.first_name",
        "representative.last_name",
        "representative.phone",
        "representative.relationship.title",
        "representative.ssn_last_4",
    ];
    assert_eq!(due, expected);
    assert_eq!((&firm["details_submitted"], &firm["charges_enabled"]), (&json!(true), &json!(false)));
    let pending = json!([
        "business_profile.url",
        "company.address.city",
        "company.address.line1",
        "company.address.postal_code",
        "company.address.state",
        "company.tax_id"
    ]);
    assert_eq!(firm["requirements"]["pending_verification"], pending);
    let told = told();
    let mut person: Vec<(&str, &str)> = told.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    person.extend([
        ("id_number", "000000000"),
        ("relationship[representative]", "true"),
        ("relationship[owner]", "true"),
        ("relationship[title]", "CEO"),
        ("relationship[percent_ownership]", "100"),
    ]);
    let person = api.post(&path, &person).ok();
    assert_eq!(person["relationship"]["percent_ownership"], json!(100.0));
    assert_eq!(person["verification"]["status"], "pending");
    let waiting = again(&api, &firm);
    assert_eq!(waiting["requirements"]["currently_due"], json!([]));
    assert_eq!(waiting["capabilities"]["card_payments"], "pending");
    let named = format!("{}.verification.document", id(&person));
    assert!(waiting["requirements"]["pending_verification"].as_array().unwrap().contains(&json!(named)));
    api.advance(20);
    let open = again(&api, &firm);
    assert_eq!((&open["charges_enabled"], &open["payouts_enabled"]), (&json!(true), &json!(true)));
    let known = api.get(&format!("{path}/{}", id(&person)), &[]).ok();
    assert_eq!(known["verification"]["status"], "verified");
}

#[test]
fn the_individual_of_an_account_is_a_person_with_every_member() {
    let api = sandbox("pe-individual");
    let made =
        account(&api, &[BUSINESS, INDIVIDUAL, &[("individual[nationality]", "SG"), ("individual[metadata][a]", "1")]]);
    let person = &made["individual"];
    let roles = json!({"authorizer": false, "director": false, "executive": false, "legal_guardian": false, "owner": false,
                       "percent_ownership": null, "representative": true, "title": null});
    assert_eq!(person["relationship"], roles);
    assert_eq!((text(person, "phone"), text(person, "nationality")), ("+10000000000", "SG"));
    assert_eq!((&person["id_number_provided"], &person["ssn_last_4_provided"]), (&json!(false), &json!(false)));
    assert_eq!(person["metadata"], json!({"a": "1"}));
    assert_eq!(person["requirements"]["currently_due"], json!(["ssn_last_4"]));
    assert_eq!(person["future_requirements"]["currently_due"], json!(["ssn_last_4"]));
    let side = json!({"back": null, "details": null, "details_code": null, "front": null});
    let verification = json!({"additional_document": side, "details": null, "details_code": null, "document": side,
                              "status": "unverified"});
    assert_eq!(person["verification"], verification);
    assert!(person.get("additional_tos_acceptances").is_none());
    let list = api.get(&format!("/v1/accounts/{}/persons", id(&made)), &[]).ok();
    assert!(list.get("total_count").is_none());
    let row = &rows(&list)[0];
    let nobody = json!({"account": {"date": null, "ip": null, "user_agent": null}});
    assert_eq!((id(row), &row["additional_tos_acceptances"]), (id(person), &nobody));
    // A company of one shows who that is.
    assert_eq!(made["company"]["address"], person["address"]);
    assert_eq!((&made["company"]["phone"], &made["company"]["name"]), (&json!("+10000000000"), &Value::Null));
    for flag in ["directors_provided", "executives_provided", "owners_provided"] {
        assert_eq!(made["company"][flag], true, "{flag}");
    }
}

#[test]
fn a_wide_country_shows_what_is_not_known_as_null() {
    let api = sandbox("pe-wide");
    let recipient = [("type", "custom"), ("tos_acceptance[service_agreement]", "recipient")];
    for (country, is_wide) in [("KR", true), ("MX", false)] {
        let made = account(&api, &[&recipient, INDIVIDUAL, &[("country", country)]]);
        let person = &made["individual"];
        assert_eq!(person.get("maiden_name").is_some(), is_wide, "{country}");
        assert_eq!(person.get("ssn_last_4_provided").is_some(), is_wide, "{country}");
        assert_eq!(made["company"].get("vat_id_provided").is_some(), is_wide, "{country}");
    }
}

#[test]
fn a_test_token_is_a_document_that_proves_or_does_not() {
    let api = sandbox("pe-document");
    let rest = [("individual[ssn_last_4]", "0000"), ("external_account", "btok_us_verified")];
    let made = account(&api, &[BUSINESS, INDIVIDUAL, &rest]);
    api.advance(20);
    let path = format!("/v1/accounts/{}/persons/{}", id(&made), id(&made["individual"]));
    for (token, status) in
        [("file_identity_document_failure", "unverified"), ("file_identity_document_success", "verified")]
    {
        let sent = api.post(&path, &[("verification[document][front]", token)]).ok();
        let front = text(&sent["verification"]["document"], "front");
        assert!(front.starts_with("file_") && front != token, "{front}");
        assert_eq!(sent["verification"]["status"], "pending", "{token}");
        assert_eq!(api.get(&format!("/v1/files/{front}"), &[]).status, 404, "the file is the account's");
        let there = api.with("Stripe-Account", &id(&made));
        assert_eq!(text(&there.get(&format!("/v1/files/{front}"), &[]).ok(), "purpose"), "identity_document");
        api.advance(20);
        assert_eq!(api.get(&path, &[]).ok()["verification"]["status"], status, "{token}");
    }
    missing(
        api.post(&path, &[("verification[document][back]", "file_none")]),
        400,
        "file",
        "file_none",
        "verification[document][back]",
    );
}

#[test]
fn people_are_listed_by_what_they_do_and_the_representative_stays() {
    let api = sandbox("pe-list");
    let (firm, path) = firm(&api);
    let first = api.post(&path, &[("relationship[representative]", "true"), ("first_name", "Ada")]).ok();
    let second = api.post(&path, &[("relationship[owner]", "true"), ("full_name_aliases[0]", "")]).ok();
    assert_eq!(second["full_name_aliases"], json!([]));
    assert_eq!(ids(&api.get(&path, &[]).ok()), [id(&second), id(&first)]);
    assert_eq!(ids(&api.get(&path, &[("relationship[owner]", "true")]).ok()), [id(&second)]);
    let own = api.with("Stripe-Account", &id(&firm));
    assert_eq!(ids(&own.get(&path, &[("limit", "1")]).ok()), [id(&second)]);
    let sentence = "The account has a representative already: it can have one only.";
    says(api.post(&path, &[("relationship[representative]", "true")]), 400, sentence);
    let sentence = "The representative of an account cannot be deleted.";
    says(api.delete(&format!("{path}/{}", id(&first))), 400, sentence);
    assert_eq!(api.delete(&format!("{path}/{}", id(&second))).ok()["deleted"], true);
    assert_eq!(ids(&api.get(&path, &[]).ok()), [id(&first)]);
    missing(api.get(&format!("{path}/person_none"), &[]), 404, "person", "person_none", "person");
    let events = own.get("/v1/events", &[("type", "person.*")]).ok();
    let types: Vec<&str> = rows(&events).iter().rev().map(|event| text(event, "type")).collect();
    assert_eq!(types, ["person.created", "person.created", "person.deleted"]);
    assert!(again(&api, &firm)["requirements"]["currently_due"].as_array().unwrap().contains(&json!("owners.email")));
}
