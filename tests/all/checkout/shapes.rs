//! What fresh sessions show by their mode and their customer (shapes 2.5).

use serde_json::{Value, json};

use super::{SHOP, create, open, price};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, keys, text, with};

const SETUP: &[(&str, &str)] = &[("mode", "setup"), ("currency", "usd"), ("success_url", SHOP)];

fn subscribing(api: &Client, more: &[(&str, &str)]) -> Value {
    let monthly = price(api, "500", &[("recurring[interval]", "month")]);
    let lines = [("line_items[0][price]", monthly.as_str()), ("line_items[0][quantity]", "1")];
    let base = with(&[("mode", "subscription"), ("success_url", SHOP)], &lines);
    create(api, &with(&base, more)).ok()
}

#[test]
fn every_mode_shows_its_page() {
    let api = sandbox("cs-page-shape");
    for made in [open(&api, &[]), subscribing(&api, &[]), create(&api, SETUP).ok()] {
        let brand = &made["branding_settings"];
        assert_eq!(
            keys(brand),
            ["background_color", "border_style", "button_color", "display_name", "font_family", "icon", "logo"]
        );
        assert_eq!((text(brand, "button_color"), text(brand, "border_style")), ("#0074d4", "rounded"));
        assert_eq!(made["phone_number_collection"], json!({"enabled": false}));
        assert_eq!(made["payment_method_options"], json!({"card": {"request_three_d_secure": "automatic"}}));
        let details = &made["payment_method_configuration_details"];
        assert!(text(details, "id").starts_with("pmc_") && details["parent"].is_null(), "{details}");
        for left_out in ["name_collection", "optional_items", "tax_id_collection", "redirect_on_completion"] {
            assert!(made.get(left_out).is_none(), "{left_out}");
        }
    }
}

#[test]
fn what_a_session_offers_depends_on_its_mode() {
    let api = sandbox("cs-mode-shape");
    let owner = customer(&api, &[]);
    let payment = open(&api, &[("customer", &owner)]);
    let subscription = subscribing(&api, &[]);
    let setup = create(&api, &with(SETUP, &[("customer", &owner)])).ok();
    let saved = json!({"allow_redisplay_filters": ["always"], "payment_method_remove": "disabled", "payment_method_save": null});
    let invoice = json!({"enabled": false, "invoice_data": {"account_tax_ids": null, "custom_fields": null,
        "description": null, "footer": null, "issuer": null, "metadata": {}, "rendering_options": null}});
    for (member, values) in [
        ("adaptive_pricing", [json!({"enabled": true}), json!({"enabled": true}), json!({"enabled": false})]),
        ("customer_creation", [json!(null), json!("always"), json!(null)]),
        ("discounts", [json!([]), json!([]), json!(null)]),
        ("invoice_creation", [invoice, json!(null), json!(null)]),
        ("payment_method_collection", [json!("if_required"), json!("always"), json!("always")]),
        ("saved_payment_method_options", [saved.clone(), saved, json!(null)]),
    ] {
        let found = [&payment, &subscription, &setup].map(|made| made[member].clone());
        assert_eq!(found, values, "{member}");
    }
    assert_eq!(subscribing(&api, &[("customer", &owner)])["customer_creation"], Value::Null);
}

#[test]
fn a_setup_has_its_intent_at_once_in_every_version() {
    let api = sandbox("cs-setup-intent");
    for version in ["2020-08-27", "2024-06-20", "2026-10-28.endive"] {
        let made = create(&api.version(version), SETUP).ok();
        let intent = api.get(&format!("/v1/setup_intents/{}", text(&made, "setup_intent")), &[]).ok();
        assert_eq!(intent["status"], "requires_payment_method", "{version}");
    }
}

#[test]
fn the_customer_is_known_by_an_address() {
    let api = sandbox("cs-known");
    let (silent, known) = (customer(&api, &[]), customer(&api, &[("email", "jenny@example.com")]));
    let collected = json!({"business_name": null, "individual_name": null, "shipping_details": null});
    for (params, email) in [
        (vec![], None),
        (vec![("customer", silent.as_str())], None),
        (vec![("customer", known.as_str())], Some("jenny@example.com")),
        (vec![("customer_email", "kim@example.com")], Some("kim@example.com")),
    ] {
        let (payment, setup) = (open(&api, &params), create(&api, &with(SETUP, &params)).ok());
        for (made, exempt) in [(&payment, json!("none")), (&setup, json!(null))] {
            let Some(email) = email else {
                assert_eq!((&made["customer_details"], &made["collected_information"]), (&Value::Null, &Value::Null));
                continue;
            };
            let details = &made["customer_details"];
            assert_eq!((text(details, "email"), &details["tax_exempt"]), (email, &exempt));
            assert_eq!(made["collected_information"], collected);
        }
    }
}

#[test]
fn shipping_was_an_address_and_a_rate_before_2022_08_01() {
    let api = sandbox("cs-old-shipping");
    let made = open(&api, &[]);
    let path = format!("/v1/checkout/sessions/{}", id(&made));
    let old = api.version("2020-08-27").get(&path, &[]).ok();
    for (member, is_shown) in
        [("shipping", true), ("shipping_rate", true), ("shipping_cost", false), ("shipping_details", false)]
    {
        assert_eq!(old.get(member).is_some(), is_shown, "{member}");
    }
    let answer = api.version("2020-03-02").get(&path, &[]);
    assert!(answer.header("pinstripe-version-differences").unwrap().contains("display_items"));
}

#[test]
fn an_id_with_the_fragment_of_its_page_is_too_long() {
    let api = sandbox("cs-fragment");
    let made = id(&open(&api, &[]));
    assert_eq!(made.len(), 66);
    let error = api.get(&format!("/v1/checkout/sessions/{made}%23fidkdWxOYHwnPyd1eCUl"), &[]).refused(404);
    assert_eq!(error["message"], "Invalid string: cs_t...eCUl; must be at most 66 characters");
    assert_eq!((&error["param"], error.get("code"), error.get("doc_url")), (&json!("session"), None, None));
}

#[test]
fn a_field_for_the_customer_shows_the_rules_of_its_type() {
    let api = sandbox("cs-fields");
    let field = [
        ("custom_fields[0][key]", "size"),
        ("custom_fields[0][label][custom]", "Size"),
        ("custom_fields[0][label][type]", "custom"),
        ("custom_fields[0][type]", "text"),
    ];
    let made = open(&api, &field);
    let text = &made["custom_fields"][0]["text"];
    assert_eq!(*text, json!({"default_value": null, "maximum_length": null, "minimum_length": null, "value": null}));
}
