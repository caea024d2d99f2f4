//! Tokens under `/v2`: what is told of an account or of a person, once (billing 6.1).

use serde_json::json;

use super::again;
use super::v2_accounts::{id, made, path, refusal, whole};
use crate::support::client::sandbox;
use crate::support::flows::text;

#[test]
fn an_account_token_tells_what_it_was_made_of_once() {
    let api = sandbox("v2t-account");
    let public = api.with("Authorization", "Bearer pk_test_sandbox_v2t-account");
    let told = json!({
        "contact_email": "jenny@example.com",
        "contact_phone": "+15555550100",
        "display_name": "Furever",
        "identity": {
            "entity_type": "company",
            "business_details": {"registered_name": "Furever"},
            "attestations": {
                "terms_of_service": {"account": {"shown_and_accepted": true}},
                "ownership_declaration": {"attested": true},
                "directorship_declaration": {"attested": false},
            },
        },
    });
    let token = public.post_json("/v2/core/account_tokens", &told).ok();
    assert_eq!((text(&token, "object"), &token["used"]), ("v2.core.account_token", &json!(false)));
    assert!(!token.to_string().contains("Furever"), "{token}");
    let own = format!("/v2/core/account_tokens/{}", id(&token));
    assert_eq!(api.get(&own, &[]).ok(), token);
    let account = made(&api, &json!({"account_token": id(&token), "identity": {"country": "us"}}));
    for key in ["contact_email", "contact_phone", "display_name"] {
        assert_eq!(account[key], told[key], "{key}");
    }
    let attested = &account["identity"]["attestations"];
    assert_eq!(text(&attested["terms_of_service"]["account"], "ip"), "127.0.0.1");
    assert!(attested["ownership_declaration"]["date"].is_string(), "{attested}");
    assert_eq!(attested.get("directorship_declaration"), None);
    assert_eq!(text(&again(&api, &account)["company"], "name"), "Furever");
    assert_eq!(api.get(&own, &[]).ok()["used"], true);
    let twice = refusal(api.post_json(&path(&account), &json!({"account_token": id(&token)})), 400);
    assert!(twice[2].contains(id(&token)), "{twice:?}");
    let unknown = refusal(api.post_json("/v2/core/accounts", &json!({"account_token": "accttok_none"})), 400);
    assert_eq!(unknown[1], "account_token");
    let old = api.post_json("/v2/core/account_tokens", &json!({"display_name": "Old"})).ok();
    api.advance(600);
    let ended = refusal(api.post_json(&path(&account), &json!({"account_token": id(&old)})), 400);
    assert_eq!(ended[1..], ["account_token".to_owned(), format!("The token '{}' has expired.", id(&old))]);
    assert_eq!(whole(&api, &account)["display_name"], "Furever");
}

#[test]
fn a_person_token_tells_what_it_was_made_of_once() {
    let api = sandbox("v2t-person");
    let account = made(&api, &json!({"identity": {"country": "us", "entity_type": "company"}}));
    let other = made(&api, &json!({}));
    let tokens = format!("{}/person_tokens", path(&account));
    let told = json!({
        "given_name": "Jenny",
        "surname": "Rosen",
        "relationship": {"owner": true},
        "id_numbers": [{"type": "us_ssn", "value": "000000000"}],
        "additional_terms_of_service": {"account": {"shown_and_accepted": true}},
    });
    let token = api.post_json(&tokens, &told).ok();
    assert_eq!((text(&token, "object"), &token["used"]), ("v2.core.account_person_token", &json!(false)));
    assert_eq!(api.get(&format!("{tokens}/{}", id(&token)), &[]).ok(), token);
    refusal(api.get(&format!("{}/person_tokens/{}", path(&other), id(&token)), &[]), 404);
    let elsewhere = api.post_json(&format!("{}/persons", path(&other)), &json!({"person_token": id(&token)}));
    assert_eq!(refusal(elsewhere, 400)[1], "person_token");
    let people = format!("{}/persons", path(&account));
    let person = api.post_json(&people, &json!({"person_token": id(&token), "email": "jenny@example.com"})).ok();
    assert_eq!((text(&person, "given_name"), text(&person, "email")), ("Jenny", "jenny@example.com"));
    assert_eq!(person["id_numbers"], json!([{"type": "us_ssn"}]));
    assert_eq!(text(&person["additional_terms_of_service"]["account"], "ip"), "127.0.0.1");
    let twice = refusal(api.post_json(&people, &json!({"person_token": id(&token)})), 400);
    assert!(twice[2].contains(id(&token)), "{twice:?}");
}
