//! Persons under `/v2`: the people behind an account, in two views (billing 6.2).

use serde_json::{Value, json};

use super::account;
use super::v2_accounts::{id, made, path, refusal, whole};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{ids, rows, text};

/// A company of either namespace.
fn company(api: &Client) -> Value {
    let body = json!({
        "dashboard": "none",
        "identity": {"country": "us", "entity_type": "company", "business_details": {"registered_name": "Furever"}},
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
        "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": true}}}},
    });
    made(api, &body)
}

fn first(account: &Value, person: &Value) -> String {
    format!("/v1/accounts/{}/persons/{}", id(account), id(person))
}

#[test]
fn a_person_is_created_changed_and_deleted_in_both_views() {
    let api = sandbox("v2p-both");
    let account = company(&api);
    let people = format!("{}/persons", path(&account));
    let body = json!({
        "given_name": "Jenny",
        "surname": "Rosen",
        "email": "jenny@example.com",
        "date_of_birth": {"day": 1, "month": 1, "year": 1901},
        "address": {"line1": "address_full_match", "country": "us"},
        "relationship": {"owner": true, "percent_ownership": "25.5", "title": "CEO"},
        "id_numbers": [{"type": "us_ssn", "value": "000000000"}],
        "additional_names": [{"purpose": "alias", "full_name": "Jen"}],
        "nationalities": ["us"],
        "metadata": {"a": "1"},
        "additional_terms_of_service": {"account": {"date": "2023-11-14T22:13:20Z", "ip": "127.0.0.1"}},
    });
    let person = api.post_json(&people, &body).ok();
    assert_eq!((text(&person, "object"), text(&person, "account")), ("v2.core.account_person", id(&account)));
    for key in
        ["given_name", "surname", "email", "date_of_birth", "address", "additional_names", "nationalities", "metadata"]
    {
        assert_eq!(person[key], body[key], "{key}");
    }
    assert_eq!(person["id_numbers"], json!([{"type": "us_ssn"}]));
    let agreed = json!({"account": {"date": "2023-11-14T22:13:20.000Z", "ip": "127.0.0.1"}});
    assert_eq!(person["additional_terms_of_service"], agreed);
    assert_eq!(
        (text(&person["relationship"], "percent_ownership"), &person["relationship"]["owner"]),
        ("25.5", &json!(true))
    );
    let seen = api.get(&first(&account, &person), &[]).ok();
    assert_eq!((text(&seen, "first_name"), &seen["id_number_provided"]), ("Jenny", &json!(true)));
    assert_eq!(seen["relationship"]["percent_ownership"], 25.5);
    assert_eq!(seen["additional_tos_acceptances"]["account"]["date"], 1_700_000_000);
    assert_eq!(seen.get("nationalities"), None);
    // Changed in the first, seen in the second.
    api.post(&first(&account, &person), &[("first_name", "Jane"), ("relationship[director]", "true")]).ok();
    let own = format!("{people}/{}", id(&person));
    let shown = api.get(&own, &[]).ok();
    assert_eq!((text(&shown, "given_name"), &shown["relationship"]["director"]), ("Jane", &json!(true)));
    assert_eq!(shown["additional_names"], body["additional_names"]);
    let changed = api
        .post_json(&own, &json!({"given_name": "Jill", "relationship": {"title": "CTO"}, "metadata": {"a": null}}))
        .ok();
    assert_eq!((text(&changed, "given_name"), text(&changed["relationship"], "title")), ("Jill", "CTO"));
    assert_eq!(
        (&changed["metadata"], text(&api.get(&first(&account, &person), &[]).ok(), "first_name")),
        (&json!({}), "Jill")
    );
    let stub = api.delete(&own).ok();
    assert_eq!(stub, json!({"id": id(&person), "object": "v2.core.account_person"}));
    assert_eq!(refusal(api.get(&own, &[]), 404)[..2], ["not_found", "id"]);
    api.get(&first(&account, &person), &[]).refused(404);
}

#[test]
fn people_of_v1_are_seen_in_v2() {
    let api = sandbox("v2p-first");
    let account = account(
        &api,
        &[&[("type", "custom"), ("business_type", "company"), ("capabilities[card_payments][requested]", "true")]],
    );
    let own = format!("/v1/accounts/{}/persons", id(&account));
    let person = api
        .post(&own, &[("first_name", "Jenny"), ("relationship[representative]", "true"), ("ssn_last_4", "0000")])
        .ok();
    let shown = api.get(&format!("{}/persons/{}", path(&account), id(&person)), &[]).ok();
    assert_eq!((text(&shown, "given_name"), &shown["relationship"]["representative"]), ("Jenny", &json!(true)));
    assert_eq!(shown["id_numbers"], json!([{"type": "us_ssn_last_4"}]));
    let whole = whole(&api, &account);
    let entries = whole["requirements"]["entries"].as_array().unwrap().iter();
    let about: Vec<&Value> = entries.filter(|entry| entry["reference"]["resource"] == person["id"]).collect();
    assert!(about.iter().any(|entry| text(entry, "description") == "representative.surname"), "{about:?}");
    let stays = api.delete(&format!("{}/persons/{}", path(&account), id(&person)));
    assert_eq!(refusal(stays, 400)[2], "The representative of an account cannot be deleted.");
    let second =
        api.post_json(&format!("{}/persons", path(&account)), &json!({"relationship": {"representative": true}}));
    assert_eq!(refusal(second, 400)[..2], ["invalid_fields", "relationship[representative]"]);
}

#[test]
fn people_are_listed_the_newest_first_in_pages() {
    let api = sandbox("v2p-list");
    let account = company(&api);
    let people = format!("{}/persons", path(&account));
    let all: Vec<String> = (0..3)
        .map(|n| id(&api.post_json(&people, &json!({"given_name": format!("Jenny {n}")})).ok()).to_owned())
        .collect();
    let all: Vec<String> = all.into_iter().rev().collect();
    let page = api.get(&people, &[("limit", "2")]).ok();
    assert_eq!((ids(&page), &page["previous_page_url"]), (all[..2].to_vec(), &Value::Null));
    let next = api.get(text(&page, "next_page_url"), &[]).ok();
    assert_eq!((ids(&next), &next["next_page_url"]), (all[2..].to_vec(), &Value::Null));
    assert!(rows(&api.get(&format!("{}/persons", path(&company(&api))), &[]).ok()).is_empty());
}

#[test]
fn a_person_belongs_to_one_account() {
    let api = sandbox("v2p-other");
    let (one, other) = (company(&api), company(&api));
    let person = api.post_json(&format!("{}/persons", path(&one)), &json!({"given_name": "Jenny"})).ok();
    let elsewhere = format!("{}/persons/{}", path(&other), id(&person));
    assert_eq!(refusal(api.get(&elsewhere, &[]), 404)[..2], ["not_found", "id"]);
    assert_eq!(refusal(api.post_json(&elsewhere, &json!({})), 404)[0], "not_found");
    assert_eq!(refusal(api.delete(&elsewhere), 404)[0], "not_found");
    assert_eq!(refusal(api.get("/v2/core/accounts/acct_none/persons", &[]), 404)[0], "not_found");
    let broken = json!({"documents": {"passport": {"type": "files", "files": ["file_none"]}}});
    let error = refusal(api.post_json(&format!("{}/persons", path(&one)), &broken), 400);
    assert_eq!(error[1], "documents[passport][files][0]");
}

#[test]
fn documents_of_a_person_are_shown_and_checked() {
    let api = sandbox("v2p-documents");
    let account = company(&api);
    let body = json!({"documents": {
        "primary_verification": {"type": "front_back", "front_back": {"front": "file_identity_document_success"}},
        "visa": {"type": "files", "files": ["file_identity_document_success"]},
    }});
    let person = api.post_json(&format!("{}/persons", path(&account)), &body).ok();
    let documents = &person["documents"];
    assert_eq!(
        (text(&documents["primary_verification"], "type"), text(&documents["visa"], "type")),
        ("front_back", "files")
    );
    let front = text(&documents["primary_verification"]["front_back"], "front");
    assert!(front.starts_with("file_1"), "{front}");
    assert!(documents["visa"]["files"][0].as_str().unwrap().starts_with("file_1"), "{documents}");
}
