//! What the page of a session weighs, and its brand (stripe-js 1).

use super::{MUGS, PAYMENT, browse, create, open, price};
use crate::support::client::sandbox;
use crate::support::flows::{id, text, with};

/// The most that a page weighs, in bytes: it contains all that it needs.
const BYTES_MAX: usize = 60_000;

#[test]
fn a_page_that_asks_for_everything_weighs_less_than_sixty_kilobytes() {
    let api = sandbox("cs-weight");
    let sticker = price(&api, "300", &[]);
    let asked = [
        ("locale", "ja"),
        ("allow_promotion_codes", "true"),
        ("billing_address_collection", "required"),
        ("phone_number_collection[enabled]", "true"),
        ("tax_id_collection[enabled]", "true"),
        ("name_collection[business][enabled]", "true"),
        ("consent_collection[terms_of_service]", "required"),
        ("custom_fields[0][key]", "note"),
        ("custom_fields[0][label][type]", "custom"),
        ("custom_fields[0][label][custom]", "Note"),
        ("custom_fields[0][type]", "text"),
        ("optional_items[0][price]", &sticker),
        ("optional_items[0][quantity]", "1"),
        ("branding_settings[button_color]", "#117733"),
        ("branding_settings[background_color]", "#222222"),
    ];
    let countries: Vec<(String, &str)> = ["US", "CA", "AU", "DE", "FR", "GB", "JP", "IT", "ES", "NL"]
        .iter()
        .enumerate()
        .map(|(n, country)| (format!("shipping_address_collection[allowed_countries][{n}]"), *country))
        .collect();
    let countries: Vec<(&str, &str)> = countries.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let made = create(&api, &with(&with(&with(PAYMENT, MUGS), &asked), &countries)).ok();
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.len() < BYTES_MAX, "{} bytes", page.text.len());
    let plain = browse(&api, "GET", text(&open(&api, &[]), "url"), None);
    assert!(plain.text.len() < BYTES_MAX * 2 / 3, "{} bytes", plain.text.len());
}

#[test]
fn the_page_has_the_brand_of_the_session_or_of_its_account() {
    let api = sandbox("cs-brand");
    let brand = [
        ("branding_settings[button_color]", "#ffee00"),
        ("branding_settings[background_color]", "#112233"),
        ("branding_settings[border_style]", "pill"),
        ("branding_settings[font_family]", "lora"),
        ("branding_settings[display_name]", "Rosen & Co"),
    ];
    let page = browse(&api, "GET", text(&open(&api, &brand), "url"), None);
    for part in [
        ".SubmitButton{background:#ffee00;border-color:#ffee00;color:#1a1d26}",
        "background:#112233;color:#ffffff}",
        "{border-radius:1.5rem}",
        "{font-family:\"Lora\",serif}",
        "Rosen &#38; Co",
    ] {
        assert!(page.text.contains(part), "{part} is not on the page:\n{}", page.text);
    }
    let seller = [
        ("type", "standard"),
        ("business_profile[name]", "Seller"),
        ("settings[branding][primary_color]", "#334455"),
        ("settings[branding][secondary_color]", "#556677"),
    ];
    let seller = id(&api.post("/v1/accounts", &seller).ok());
    let theirs = open(&api.with("Stripe-Account", &seller), &[("branding_settings[button_color]", "#abcdef")]);
    let shown = &theirs["branding_settings"];
    assert_eq!(
        (text(shown, "display_name"), text(shown, "background_color"), text(shown, "button_color")),
        ("Seller", "#334455", "#abcdef")
    );
}
