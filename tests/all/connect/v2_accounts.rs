//! Accounts under `/v2`: one account, two views (billing 6.1).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{ids, rows, text};

/// Everything that an account may show.
const ALL: [&str; 7] = [
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
];

/// Creates an account under `/v2`, and asks for everything.
#[track_caller]
pub(super) fn made(api: &Client, body: &Value) -> Value {
    let mut body = body.clone();
    body["include"] = json!(ALL);
    api.post_json("/v2/core/accounts", &body).ok()
}

pub(super) fn id(object: &Value) -> &str {
    text(object, "id")
}

pub(super) fn path(account: &Value) -> String {
    format!("/v2/core/accounts/{}", id(account))
}

/// An account as `/v2` shows it with everything.
#[track_caller]
pub(super) fn whole(api: &Client, account: &Value) -> Value {
    let asked: Vec<String> = ALL.iter().enumerate().map(|(i, part)| format!("include[{i}]={part}")).collect();
    api.get(&format!("{}?{}", path(account), asked.join("&")), &[]).ok()
}

#[track_caller]
pub(super) fn changed(api: &Client, account: &Value, body: &Value) -> Value {
    let mut body = body.clone();
    body["include"] = json!(ALL);
    api.post_json(&path(account), &body).ok()
}

/// The code, the parameter and the sentence of a refusal.
#[track_caller]
pub(super) fn refusal(answer: Answer, status: u16) -> [String; 3] {
    let error = answer.refused(status);
    ["code", "param", "message"].map(|key| error[key].as_str().unwrap_or_default().to_owned())
}

/// What an American individual tells who is known after a while, as the platform tells it under `/v2`.
pub(super) fn merchant() -> Value {
    json!({
        "contact_email": "jenny@example.com",
        "display_name": "Rocket Rides",
        "dashboard": "none",
        "identity": {
            "country": "us",
            "entity_type": "individual",
            "attestations": {"terms_of_service": {"account": {"date": "2023-11-14T22:13:20Z", "ip": "127.0.0.1"}}},
            "individual": {
                "given_name": "Jenny",
                "surname": "Rosen",
                "email": "jenny@example.com",
                "phone": "0000000000",
                "date_of_birth": {"day": 1, "month": 1, "year": 1901},
                "address": {
                    "line1": "address_full_match", "city": "Columbus", "state": "OH", "postal_code": "43214", "country": "us",
                },
                "id_numbers": [{"type": "us_ssn_last_4", "value": "0000"}],
            },
        },
        "defaults": {
            "profile": {"business_url": "https://shop.example.com/"},
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
        },
        "configuration": {
            "merchant": {"capabilities": {"card_payments": {"requested": true}}},
            "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": true}}}},
        },
    })
}

/// The status of a merchant's card payments.
fn cards(account: &Value) -> &str {
    text(&account["configuration"]["merchant"]["capabilities"]["card_payments"], "status")
}

fn descriptions(account: &Value, status: &str) -> Vec<String> {
    let entries = account["requirements"]["entries"].as_array().unwrap().iter();
    let due = entries.filter(|entry| entry["minimum_deadline"]["status"] == status);
    due.map(|entry| text(entry, "description").to_owned()).collect()
}

#[test]
fn an_account_of_v1_is_seen_in_v2() {
    let api = sandbox("v2a-first");
    let first = account(
        &api,
        &[
            BUSINESS,
            INDIVIDUAL,
            &[
                ("individual[ssn_last_4]", "0000"),
                ("email", "jenny@example.com"),
                ("business_profile[mcc]", "5734"),
                ("business_profile[name]", "Rocket Rides"),
                ("business_profile[support_phone]", "+15555550100"),
                ("business_profile[support_address][country]", "US"),
                ("settings[payments][statement_descriptor]", "ROCKET RIDES"),
                ("settings[branding][primary_color]", "#ff0000"),
                ("metadata[order]", "7"),
            ],
        ],
    );
    let second = whole(&api, &first);
    assert_eq!((text(&second, "object"), id(&second)), ("v2.core.account", id(&first)));
    assert_eq!(second["applied_configurations"], json!(["merchant", "recipient"]));
    assert_eq!((text(&second, "contact_email"), text(&second, "dashboard")), ("jenny@example.com", "none"));
    assert_eq!((&second["metadata"], &second["closed"]), (&json!({"order": "7"}), &json!(false)));
    let identity = &second["identity"];
    assert_eq!((text(identity, "country"), text(identity, "entity_type")), ("us", "individual"));
    let terms = &identity["attestations"]["terms_of_service"]["account"];
    assert_eq!(*terms, json!({"date": "2023-11-14T22:13:20.000Z", "ip": "127.0.0.1"}));
    let person = &identity["individual"];
    assert_eq!(text(person, "id"), text(&first["individual"], "id"));
    assert_eq!((text(person, "given_name"), text(person, "surname")), ("Jenny", "Rosen"));
    assert_eq!(person["date_of_birth"], json!({"day": 1, "month": 1, "year": 1901}));
    assert_eq!(text(&person["address"], "city"), "Columbus");
    assert_eq!(person["id_numbers"], json!([{"type": "us_ssn_last_4"}]));
    let defaults = &second["defaults"];
    assert_eq!(text(defaults, "currency"), "usd");
    assert_eq!(
        defaults["profile"],
        json!({"business_url": "https://shop.example.com/", "doing_business_as": "Rocket Rides"})
    );
    assert_eq!(
        defaults["responsibilities"],
        json!({
            "fees_collector": "application_custom",
            "losses_collector": "application",
            "requirements_collector": "application",
        })
    );
    let merchant = &second["configuration"]["merchant"];
    assert_eq!((&merchant["applied"], text(merchant, "mcc")), (&json!(true), "5734"));
    assert_eq!(text(&merchant["statement_descriptor"], "descriptor"), "ROCKET RIDES");
    assert_eq!(text(&merchant["branding"], "primary_color"), "#ff0000");
    assert_eq!(
        (text(&merchant["support"], "phone"), text(&merchant["support"]["address"], "country")),
        ("+15555550100", "us")
    );
    assert_eq!(second["configuration"]["customer"], Value::Null);
    assert_eq!(cards(&second), "pending");
}

#[test]
fn each_type_of_v1_has_its_dashboard_and_its_responsibilities() {
    let api = sandbox("v2a-types");
    let expected = [
        ("standard", "full", "stripe", "stripe", "stripe"),
        ("express", "express", "application_express", "application", "stripe"),
        ("custom", "none", "application_custom", "application", "application"),
    ];
    for (kind, dashboard, fees, losses, requirements) in expected {
        let second = whole(&api, &account(&api, &[&[("type", kind), ("capabilities[transfers][requested]", "true")]]));
        assert_eq!(text(&second, "dashboard"), dashboard);
        let told = &second["defaults"]["responsibilities"];
        assert_eq!(
            ["fees_collector", "losses_collector", "requirements_collector"].map(|key| text(told, key)),
            [fees, losses, requirements]
        );
        assert_eq!(second["applied_configurations"], json!(["recipient"]), "{kind}");
    }
    let plain = whole(&api, &account(&api, &[&[("type", "standard")]]));
    assert_eq!(plain["applied_configurations"], json!(["merchant"]));
}

#[test]
fn an_account_of_v2_is_seen_in_v1_and_charges() {
    let api = sandbox("v2a-second");
    let second = made(&api, &merchant());
    assert_eq!(second["applied_configurations"], json!(["merchant", "recipient"]));
    let first = again(&api, &second);
    assert_eq!((text(&first, "email"), text(&first, "country")), ("jenny@example.com", "US"));
    assert_eq!((text(&first, "type"), text(&first, "business_type")), ("custom", "individual"));
    assert_eq!(text(&first["settings"]["dashboard"], "display_name"), "Rocket Rides");
    assert_eq!(text(&first["business_profile"], "url"), "https://shop.example.com/");
    assert_eq!(
        (text(&first["individual"], "first_name"), &first["individual"]["dob"]["year"]),
        ("Jenny", &json!(1901))
    );
    assert_eq!(first["individual"]["ssn_last_4_provided"], true);
    assert_eq!(
        (&first["tos_acceptance"]["date"], text(&first["individual"]["address"], "country")),
        (&json!(1_700_000_000), "US")
    );
    assert_eq!(first["capabilities"], json!({"card_payments": "pending", "transfers": "pending"}));
    assert_eq!(cards(&second), "pending");
    assert_eq!(first["requirements"]["currently_due"], json!(["external_account"]));
    api.post(&format!("/v1/accounts/{}", id(&second)), &[("external_account", "btok_us_verified")]).ok();
    api.advance(20);
    assert_eq!((cards(&whole(&api, &second)), &again(&api, &second)["charges_enabled"]), ("active", &json!(true)));
    let its = api.with("Stripe-Account", id(&second));
    let charge = its.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")]).ok();
    assert_eq!(text(&charge, "status"), "succeeded");
    let paid = api.post(
        "/v1/charges",
        &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa"), ("transfer_data[destination]", id(&second))],
    );
    assert_eq!(text(&paid.ok(), "status"), "succeeded");
    let listed = api.get("/v1/accounts", &[]).ok();
    assert_eq!(ids(&listed), [id(&second)]);
}

#[test]
fn requirements_move_in_both_views() {
    let api = sandbox("v2a-requirements");
    let mut body = merchant();
    body["identity"]["individual"]["surname"] = Value::Null;
    let second = made(&api, &body);
    assert_eq!(descriptions(&second, "past_due"), ["external_account", "identity.individual.surname"]);
    let first = again(&api, &second);
    assert_eq!(first["requirements"]["past_due"], json!(["external_account", "individual.last_name"]));
    let entries = second["requirements"]["entries"].as_array().unwrap();
    let [bank, surname] = &entries[..] else { panic!("{entries:?}") };
    let restricted = |entry: &Value| {
        let all = entry["impact"]["restricts_capabilities"].as_array().unwrap().iter();
        all.map(|one| format!("{}.{}", text(one, "configuration"), text(one, "capability"))).collect::<Vec<_>>()
    };
    assert_eq!(restricted(bank), ["merchant.stripe_balance.payouts", "recipient.stripe_balance.payouts"]);
    assert_eq!(
        restricted(surname),
        [
            "merchant.card_payments",
            "merchant.stripe_balance.payouts",
            "recipient.stripe_balance.stripe_transfers",
            "recipient.stripe_balance.payouts"
        ]
    );
    assert_eq!(surname["reference"], json!({"type": "person", "resource": first["individual"]["id"]}));
    assert_eq!((text(surname, "awaiting_action_from"), bank.get("reference")), ("user", None));
    assert_eq!(surname["requested_reasons"], json!([{"code": "routine_onboarding"}]));
    assert_eq!(second["requirements"]["summary"]["minimum_deadline"]["status"], "past_due");
    let restricted = json!([{"code": "requirements_past_due", "resolution": "provide_info"}]);
    let card = &second["configuration"]["merchant"]["capabilities"]["card_payments"];
    assert_eq!((text(card, "status"), &card["status_details"]), ("restricted", &restricted));
    // Told under the second namespace, seen under the first.
    let told = changed(&api, &second, &json!({"identity": {"individual": {"surname": "Rosen"}}}));
    assert_eq!(descriptions(&told, "past_due"), ["external_account"]);
    assert_eq!(again(&api, &second)["requirements"]["past_due"], json!(["external_account"]));
    let checked = told["requirements"]["entries"].as_array().unwrap().iter();
    let by_stripe: Vec<&str> = checked
        .filter(|entry| entry["awaiting_action_from"] == "stripe")
        .map(|entry| text(entry, "description"))
        .collect();
    assert!(by_stripe.contains(&"identity.individual.id_numbers"), "{by_stripe:?}");
    // Told under the first, seen under the second.
    api.post(&format!("/v1/accounts/{}", id(&second)), &[("external_account", "btok_us_verified")]).ok();
    assert!(descriptions(&whole(&api, &second), "past_due").is_empty());
    api.advance(20);
    let open = whole(&api, &second);
    assert_eq!((&open["requirements"]["entries"], open["requirements"].get("summary")), (&json!([]), None));
}

#[test]
fn what_is_changed_in_one_namespace_is_changed_in_the_other() {
    let api = sandbox("v2a-changes");
    let second = made(&api, &merchant());
    let own = format!("/v1/accounts/{}", id(&second));
    api.post(&own, &[("email", "new@example.com"), ("business_profile[mcc]", "5734"), ("metadata[a]", "1")]).ok();
    let shown = whole(&api, &second);
    assert_eq!((text(&shown, "contact_email"), &shown["metadata"]), ("new@example.com", &json!({"a": "1"})));
    assert_eq!(text(&shown["configuration"]["merchant"], "mcc"), "5734");
    let body = json!({
        "contact_email": "newer@example.com",
        "metadata": {"a": null, "b": "2"},
        "configuration": {"merchant": {"mcc": "7372", "support": {"email": "help@example.com"}}},
    });
    changed(&api, &second, &body);
    let first = again(&api, &second);
    assert_eq!((text(&first, "email"), &first["metadata"]), ("newer@example.com", &json!({"b": "2"})));
    assert_eq!(text(&first["business_profile"], "mcc"), "7372");
    assert_eq!(text(&first["business_profile"], "support_email"), "help@example.com");
    let unset = changed(&api, &second, &json!({"contact_email": null, "display_name": null}));
    assert_eq!((unset.get("contact_email"), unset.get("display_name")), (None, None));
    assert_eq!(again(&api, &second)["email"], Value::Null);
}

#[test]
fn what_v1_has_no_place_for_stays_in_v2() {
    let api = sandbox("v2a-beside");
    let body = json!({
        "contact_phone": "+15555550100",
        "defaults": {"locales": ["en-US", "fr"]},
        "identity": {"business_details": {"additional_addresses": [{"purpose": "administrative", "city": "Columbus"}]}},
        "configuration": {
            "customer": {
                "shipping": {"name": "Jenny", "address": {"city": "Columbus"}},
                "billing": {"invoice": {"footer": "Thanks", "prefix": "RR", "custom_fields": [{"name": "PO", "value": "7"}]}},
                "automatic_indirect_tax": {"exempt": "exempt"},
            },
            "merchant": {"konbini_payments": {"support": {"phone": "+815555550100"}}},
        },
    });
    let second = made(&api, &body);
    for place in ["/contact_phone", "/defaults/locales", "/identity/business_details/additional_addresses"] {
        assert_eq!(second.pointer(place), body.pointer(place), "{place}");
    }
    let customer = &second["configuration"]["customer"];
    for part in ["shipping", "billing", "automatic_indirect_tax"] {
        assert_eq!(customer[part], body["configuration"]["customer"][part], "{part}");
    }
    assert_eq!(customer["applied"], true);
    assert_eq!(
        second["configuration"]["merchant"]["konbini_payments"],
        body["configuration"]["merchant"]["konbini_payments"]
    );
    api.post(&format!("/v1/accounts/{}", id(&second)), &[("email", "a@example.com")]).ok();
    assert_eq!(whole(&api, &second)["contact_phone"], "+15555550100");
    let unset = changed(&api, &second, &json!({"contact_phone": null}));
    assert_eq!(unset.get("contact_phone"), None);
}

#[test]
fn a_part_is_null_unless_it_is_asked_for() {
    let api = sandbox("v2a-include");
    let body = json!({"contact_email": "a@example.com", "configuration": {"merchant": {}, "customer": {}}});
    let plain = api.post_json("/v2/core/accounts", &body).ok();
    for part in ["configuration", "defaults", "future_requirements", "identity", "requirements"] {
        assert_eq!(plain.get(part), Some(&Value::Null), "{part}");
    }
    assert_eq!(whole(&api, &plain)["identity"], json!({}));
    let one = api.get(&path(&plain), &[("include[0]", "configuration.merchant"), ("include[1]", "identity")]).ok();
    let configuration = &one["configuration"];
    assert_eq!(
        (&configuration["merchant"]["applied"], configuration.get("customer")),
        (&json!(true), Some(&Value::Null))
    );
    assert_eq!((configuration.get("recipient"), one.get("defaults")), (Some(&Value::Null), Some(&Value::Null)));
    assert!(one["identity"].is_object());
    let listed = api.get("/v2/core/accounts", &[]).ok();
    assert_eq!(rows(&listed)[0].get("identity"), Some(&Value::Null));
    let unknown = api.get(&path(&plain), &[("include[0]", "everything")]);
    assert_eq!(refusal(unknown, 400)[..2], ["invalid_fields", "include[0]"]);
}

#[test]
fn accounts_of_both_namespaces_are_listed_the_newest_first() {
    let api = sandbox("v2a-list");
    let all: Vec<String> = (0..4)
        .map(|n| match n % 2 {
            0 => id(&account(&api, &[&[("type", "standard")]])).to_owned(),
            _ => id(&made(&api, &json!({"contact_email": "a@example.com"}))).to_owned(),
        })
        .collect();
    let all: Vec<String> = all.into_iter().rev().collect();
    let first = api.get("/v2/core/accounts", &[("limit", "3")]).ok();
    assert_eq!((ids(&first), &first["previous_page_url"]), (all[..3].to_vec(), &Value::Null));
    let second = api.get(text(&first, "next_page_url"), &[]).ok();
    assert_eq!((ids(&second), &second["next_page_url"]), (all[3..].to_vec(), &Value::Null));
    assert_eq!(ids(&api.get(text(&second, "previous_page_url"), &[]).ok()), all[..3]);
}

#[test]
fn accounts_are_listed_by_their_configurations_and_whether_they_are_closed() {
    let api = sandbox("v2a-filter");
    let merchant = made(&api, &json!({"configuration": {"merchant": {}}}));
    let both = made(&api, &json!({"configuration": {"customer": {}, "merchant": {}}}));
    let list = |query: &[(&str, &str)]| ids(&api.get("/v2/core/accounts", query).ok());
    assert_eq!(list(&[("applied_configurations[0]", "merchant")]), [id(&both), id(&merchant)]);
    let two = [("applied_configurations[0]", "merchant"), ("applied_configurations[1]", "customer")];
    assert_eq!(list(&two), [id(&both)]);
    assert!(list(&[("applied_configurations[0]", "recipient")]).is_empty());
    api.post_json(&format!("{}/close", path(&merchant)), &json!({"applied_configurations": ["merchant"]})).ok();
    assert_eq!((list(&[]), list(&[("closed", "true")])), (vec![id(&both).to_owned()], vec![id(&merchant).to_owned()]));
}

#[test]
fn closing_names_every_configuration() {
    let api = sandbox("v2a-close");
    let second = made(&api, &merchant());
    let close = format!("{}/close", path(&second));
    let wanted = "To close this account, name exactly the configurations that it has: merchant, recipient.";
    for named in [json!([]), json!(["merchant"]), json!(["customer", "merchant", "recipient"])] {
        let answer = api.post_json(&close, &json!({"applied_configurations": named}));
        assert_eq!(refusal(answer, 400), ["invalid_fields", "applied_configurations", wanted]);
    }
    assert_eq!(whole(&api, &second), second);
    let closed = api.post_json(&close, &json!({"applied_configurations": ["recipient", "merchant"]})).ok();
    assert_eq!((&closed["closed"], text(&closed, "display_name")), (&json!(true), "Rocket Rides"));
    // It is retrieved, and nothing else: neither view can be changed or used.
    assert_eq!(whole(&api, &second)["closed"], true);
    let sentence = "This account was closed: it can be retrieved, but not changed any more.";
    for path in [path(&second), close] {
        assert_eq!(refusal(api.post_json(&path, &json!({})), 400)[2], sentence);
    }
    api.get(&format!("/v1/accounts/{}", id(&second)), &[]).refused(403);
    api.with("Stripe-Account", id(&second)).get("/v1/customers", &[]).refused(403);
    let people = format!("{}/persons", path(&second));
    assert_eq!(refusal(api.post_json(&people, &json!({})), 400)[2], sentence);
    assert_eq!(rows(&api.get(&people, &[]).ok()).len(), 1);
    // An account that is deleted under the first namespace is closed under the second.
    let first = account(&api, &[&[("type", "custom")]]);
    api.delete(&format!("/v1/accounts/{}", id(&first))).ok();
    assert_eq!(api.get(&path(&first), &[]).ok()["closed"], true);
}

#[test]
fn a_configuration_is_applied_and_taken_back() {
    let api = sandbox("v2a-applied");
    let second = made(&api, &json!({"contact_email": "a@example.com"}));
    assert_eq!((&second["applied_configurations"], second.get("dashboard")), (&json!([]), None));
    assert_eq!(second["defaults"]["responsibilities"], json!({"requirements_collector": "stripe"}));
    assert_eq!(second["requirements"], json!({"entries": []}));
    let customer = changed(&api, &second, &json!({"configuration": {"customer": {}}}));
    assert_eq!(customer["applied_configurations"], json!(["customer"]));
    let body = json!({
        "dashboard": "express",
        "defaults": {"responsibilities": {"fees_collector": "application_express", "losses_collector": "application"}},
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": true}}}}},
    });
    let both = changed(&api, &second, &body);
    assert_eq!(both["applied_configurations"], json!(["customer", "recipient"]));
    let first = again(&api, &second);
    assert_eq!((text(&first, "type"), &first["capabilities"]), ("express", &json!({"transfers": "inactive"})));
    let off = changed(&api, &second, &json!({"configuration": {"recipient": {"applied": false}}}));
    assert_eq!(
        (&off["applied_configurations"], &off["configuration"]["recipient"]),
        (&json!(["customer"]), &json!({"applied": false}))
    );
    assert_eq!(again(&api, &second)["capabilities"], json!({}));
    // A capability that is requested under the first namespace applies its configuration.
    api.post(&format!("/v1/accounts/{}/capabilities/card_payments", id(&second)), &[("requested", "true")]).ok();
    assert_eq!(whole(&api, &second)["applied_configurations"], json!(["customer", "merchant"]));
    // An account of the first namespace keeps what it was.
    let old = account(&api, &[&[("type", "standard")]]);
    let more = changed(&api, &old, &json!({"configuration": {"customer": {}}}));
    assert_eq!(more["applied_configurations"], json!(["customer", "merchant"]));
}

#[test]
fn who_is_responsible_is_decided_once() {
    let api = sandbox("v2a-decided");
    let second = made(&api, &merchant());
    let sentence = "This cannot be changed once the account is configured as a merchant or as a recipient.";
    let other = [
        (json!({"dashboard": "full"}), "dashboard"),
        (
            json!({"defaults": {"responsibilities": {"fees_collector": "stripe", "losses_collector": "application"}}}),
            "defaults[responsibilities][fees_collector]",
        ),
        (
            json!({"defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "stripe"}}}),
            "defaults[responsibilities][losses_collector]",
        ),
    ];
    for (body, param) in other {
        assert_eq!(refusal(api.post_json(&path(&second), &body), 400), ["invalid_fields", param, sentence]);
    }
    assert_eq!(whole(&api, &second), second);
    api.post_json(&path(&second), &json!({"dashboard": "none"})).ok();
}

#[test]
fn a_country_is_told_once() {
    let api = sandbox("v2a-country");
    let second = made(&api, &json!({"contact_email": "a@example.com"}));
    assert_eq!(second["identity"].get("country"), None);
    let unknown = api.post_json(&path(&second), &json!({"identity": {"country": "xx"}}));
    assert_eq!(refusal(unknown, 400)[..2], ["invalid_fields", "identity[country]"]);
    let told = changed(&api, &second, &json!({"identity": {"country": "fr"}}));
    assert_eq!((text(&told["identity"], "country"), text(&told["defaults"], "currency")), ("fr", "eur"));
    let first = again(&api, &second);
    assert_eq!((text(&first, "country"), text(&first, "default_currency")), ("FR", "eur"));
    let sentence = "The country of this account is 'FR' and cannot be changed.";
    let other = api.post_json(&path(&second), &json!({"identity": {"country": "de"}}));
    assert_eq!(refusal(other, 400), ["invalid_fields", "identity[country]", sentence]);
    let unknown = api.post_json("/v2/core/accounts", &json!({"identity": {"country": "xx"}}));
    assert_eq!(refusal(unknown, 400)[..2], ["invalid_fields", "identity[country]"]);
}

#[test]
fn a_recipient_abroad_agrees_to_what_recipients_agree_to() {
    let api = sandbox("v2a-recipient");
    let body = |country: &str| {
        json!({
            "dashboard": "none",
            "identity": {"country": country},
            "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
            "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": true}}}}},
        })
    };
    let agreed = |account: &Value| again(&api, account)["tos_acceptance"]["service_agreement"].clone();
    let (abroad, at_home) = (made(&api, &body("th")), made(&api, &body("us")));
    assert_eq!((agreed(&abroad), agreed(&at_home)), (json!("recipient"), Value::Null));
    changed(&api, &abroad, &json!({"configuration": {"merchant": {}}}));
    assert_eq!(agreed(&abroad), Value::Null);
    // The reverse.
    let first =
        account(&api, &[&[("type", "custom"), ("country", "TH"), ("tos_acceptance[service_agreement]", "recipient")]]);
    assert_eq!(whole(&api, &first)["applied_configurations"], json!(["recipient"]));
}

#[test]
fn a_rejected_account_has_rejected_capabilities() {
    let api = sandbox("v2a-rejected");
    let second = made(&api, &merchant());
    for (reason, code) in [
        ("fraud", "rejected_platform_fraud"),
        ("terms_of_service", "rejected_platform_terms_of_service"),
        ("other", "rejected_platform_other"),
    ] {
        api.post(&format!("/v1/accounts/{}/reject", id(&second)), &[("reason", reason)]).ok();
        let shown = whole(&api, &second);
        let card = &shown["configuration"]["merchant"]["capabilities"]["card_payments"];
        assert_eq!(card["status"], "rejected");
        assert_eq!(card["status_details"], json!([{"code": code, "resolution": "contact_stripe"}]));
    }
}

#[test]
fn refusals_name_the_parameter_of_v2_and_change_nothing() {
    let api = sandbox("v2a-refusals");
    let second = made(&api, &merchant());
    let before = whole(&api, &second);
    let cases = [
        (
            json!({"identity": {"business_details": {"documents": {"company_license": {"type": "files", "files": ["file_none"]}}}}}),
            "identity[business_details][documents][company_license][files][0]",
        ),
        (
            json!({"identity": {"business_details": {"documents": {"primary_verification": {
                "type": "front_back", "front_back": {"front": "file_none"},
            }}}}}),
            "identity[business_details][documents][primary_verification][front_back][front]",
        ),
        (
            json!({"identity": {"individual": {"documents": {"primary_verification": {
                "type": "front_back", "front_back": {"front": "file_none"},
            }}}}}),
            "identity[individual][documents][primary_verification][front_back][front]",
        ),
        (
            json!({"identity": {"attestations": {"terms_of_service": {"account": {"date": "today", "ip": "127.0.0.1"}}}}}),
            "identity[attestations][terms_of_service][account][date]",
        ),
    ];
    for (body, param) in cases {
        assert_eq!(refusal(api.post_json(&path(&second), &body), 400)[1], param, "{body}");
    }
    assert_eq!(whole(&api, &second), before);
    assert_eq!(refusal(api.get("/v2/core/accounts/acct_none", &[]), 404)[..2], ["not_found", "id"]);
    assert_eq!(refusal(api.post_json("/v2/core/accounts/acct_none", &json!({})), 404)[0], "not_found");
    let its = api.with("Stripe-Account", id(&second));
    its.post_json("/v2/core/accounts", &json!({})).refused(400);
    assert_eq!(its.get(&path(&second), &[]).ok()["id"], second["id"]);
    let other = made(&api, &json!({}));
    assert_eq!(refusal(its.get(&path(&other), &[]), 404)[0], "not_found");
    assert_eq!(refusal(its.post_json(&path(&other), &json!({})), 404)[0], "not_found");
}

#[test]
fn what_cannot_be_expressed_answers_501() {
    let api = sandbox("v2a-refused");
    let second = made(&api, &merchant());
    let before = whole(&api, &second);
    let cases = [
        (json!({"configuration": {"customer": {"test_clock": "clock_1"}}}), "configuration[customer][test_clock]"),
        (
            json!({"configuration": {"recipient": {"capabilities": {"cards": {"requested": true}}}}}),
            "configuration[recipient][capabilities][cards]",
        ),
        (json!({"defaults": {"payout_methods": {"usd": "pm_1"}}}), "defaults[payout_methods]"),
    ];
    for (body, param) in cases {
        assert_eq!(refusal(api.post_json(&path(&second), &body), 501)[1], param);
    }
    assert_eq!(whole(&api, &second), before);
    // Nothing takes an account in place of a customer.
    for path in ["payment_intents", "setup_intents", "subscriptions", "invoiceitems"] {
        let body = [("amount", "100"), ("currency", "usd"), ("customer_account", id(&second))];
        let body = if path == "setup_intents" || path == "subscriptions" { &body[2..] } else { &body[..] };
        let refused = api.post(&format!("/v1/{path}"), body).refused(501);
        assert_eq!(text(&refused, "param"), "customer_account", "{path}");
    }
}

#[test]
fn an_account_of_a_state_file_of_before_is_seen_in_both() {
    let api = sandbox("v2a-old");
    let mut state = api.get("/_pinstripe/state?sandbox=v2a-old", &[]).body;
    let old = json!({
        "object": "v2.core.account",
        "id": "acct_1Old",
        "applied_configurations": ["customer", "merchant"],
        "closed": false,
        "configuration": {"customer": {"applied": true}, "merchant": {"applied": true, "mcc": "5734"}},
        "contact_email": "old@example.com",
        "created": "2023-11-14T22:13:20.000Z",
        "display_name": "Old",
        "identity": {"country": "fr", "business_details": {"registered_name": "Furever"}},
        "livemode": false,
        "metadata": {"a": "1"},
    });
    state["objects"] = json!([old]);
    let body = state.to_string();
    api.send("PUT", "/_pinstripe/state?sandbox=v2a-old", Some(("application/json", body.as_bytes()))).ok();
    let second = whole(&api, &old);
    for key in ["applied_configurations", "contact_email", "display_name", "metadata"] {
        assert_eq!(second[key], old[key], "{key}");
    }
    assert_eq!(second["configuration"]["merchant"]["mcc"], "5734");
    let first = again(&api, &old);
    assert_eq!((text(&first, "country"), text(&first, "email")), ("FR", "old@example.com"));
    assert_eq!(text(&first["company"], "name"), "Furever");
    assert_eq!(ids(&api.get("/v2/core/accounts", &[]).ok()), ["acct_1Old"]);
}

#[test]
fn documents_of_a_business_and_of_an_individual_are_shown() {
    let api = sandbox("v2a-documents");
    let file = "file_identity_document_success";
    let body = json!({"identity": {
        "country": "us",
        "entity_type": "individual",
        "business_details": {"documents": {
            "company_license": {"type": "files", "files": [file]},
            "primary_verification": {"type": "front_back", "front_back": {"front": file}},
        }},
        "individual": {"documents": {
            "passport": {"type": "files", "files": [file]},
            "secondary_verification": {"type": "front_back", "front_back": {"front": file, "back": file}},
        }},
    }});
    let identity = made(&api, &body)["identity"].clone();
    let business = &identity["business_details"]["documents"];
    let is_file = |value: &Value| value.as_str().is_some_and(|id| id.starts_with("file_1"));
    assert_eq!(
        (text(&business["company_license"], "type"), text(&business["primary_verification"], "type")),
        ("files", "front_back")
    );
    assert!(is_file(&business["company_license"]["files"][0]), "{business}");
    assert!(is_file(&business["primary_verification"]["front_back"]["front"]), "{business}");
    let own = &identity["individual"]["documents"];
    let sides = &own["secondary_verification"]["front_back"];
    assert!(is_file(&own["passport"]["files"][0]) && is_file(&sides["front"]) && is_file(&sides["back"]), "{own}");
}

#[test]
fn numbers_are_told_and_only_what_they_are_is_shown() {
    let api = sandbox("v2a-numbers");
    let mut body = merchant();
    body["identity"]["entity_type"] = json!("company");
    body["identity"]["individual"] = Value::Null;
    let second = made(&api, &body);
    let numbers = "identity.business_details.id_numbers";
    assert!(descriptions(&second, "past_due").iter().any(|description| description == numbers));
    let told = json!({"identity": {"business_details": {"id_numbers": [{"type": "us_ein", "value": "111111111"}]}}});
    let changed = changed(&api, &second, &told);
    assert_eq!(changed["identity"]["business_details"]["id_numbers"], json!([{"type": "us_ein"}]));
    assert!(descriptions(&changed, "past_due").iter().all(|description| description != numbers));
    assert_eq!(again(&api, &second)["company"]["tax_id_provided"], true);
    // The check of the number fails, which the value decides.
    api.advance(20);
    let entries = whole(&api, &second)["requirements"]["entries"].clone();
    let failed: Vec<&Value> = entries.as_array().unwrap().iter().filter(|entry| entry["errors"] != json!([])).collect();
    let [failed] = &failed[..] else { panic!("{entries}") };
    assert_eq!(text(failed, "description"), "identity.business_details.documents.primary_verification");
    assert_eq!(failed["errors"][0]["code"], "verification_failed_tax_id_match");
    let individual = made(&api, &merchant());
    assert_eq!(individual["identity"]["individual"]["id_numbers"], json!([{"type": "us_ssn_last_4"}]));
}
