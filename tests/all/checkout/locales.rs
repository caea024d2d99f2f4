//! The page in the language of the customer (`locale`, intents-and-checkout 3.1).

use std::fs;

use serde_json::json;

use super::{browse, open, price, try_open};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, text};
use crate::tidy::root;

/// The page of a session with a locale, for a browser that accepts languages.
fn page(api: &Client, locale: Option<&str>, accepts: &str) -> Answer {
    let more: Vec<(&str, &str)> = locale.map(|locale| ("locale", locale)).into_iter().collect();
    browse(&api.with("Accept-Language", accepts), "GET", text(&open(api, &more), "url"), None)
}

#[test]
fn the_page_speaks_the_language_of_the_session_or_of_the_browser() {
    let api = sandbox("cs-locale");
    for (locale, accepts, language, button) in [
        (None, "", "en", "Pay"),
        (None, "de-CH,de;q=0.9,en;q=0.8", "de", "Bezahlen"),
        (Some("auto"), "pl,fr;q=0.5,it;q=0.7", "it", "Paga"),
        (Some("fr-CA"), "de", "fr", "Payer"),
        (Some("es-419"), "de", "es", "Pagar"),
        (Some("nl"), "de", "nl", "Betalen"),
        (Some("ja"), "de", "ja", "支払う"),
        (Some("en-GB"), "de", "en", "Pay"),
        (Some("pl"), "de", "en", "Pay"),
    ] {
        let page = page(&api, locale, accepts);
        let lang = format!("<html lang=\"{language}\">");
        let said = format!("class=\"SubmitButton-Text\">{button}</span>");
        assert!(page.text.contains(&lang) && page.text.contains(&said), "{locale:?} {accepts}:\n{}", page.text);
        assert!(page.text.contains("id=\"cardNumber\"") && page.text.contains("id=\"billingName\""));
    }
}

#[test]
fn money_is_written_as_the_language_does() {
    let api = sandbox("cs-locale-money");
    let price = price(&api, "123456", &[("currency_options[kwd][unit_amount]", "1234560")]);
    for (locale, currency, total) in [
        ("en", "usd", "$1,234.56"),
        ("de", "usd", "1.234,56\u{a0}$"),
        ("fr", "usd", "1\u{202f}234,56\u{a0}$"),
        ("nl", "usd", "$\u{a0}1.234,56"),
        ("ja", "usd", "$1,234.56"),
        ("it", "kwd", "1.234,560\u{a0}KWD"),
    ] {
        let params = [
            ("mode", "payment"),
            ("success_url", super::SHOP),
            ("locale", locale),
            ("currency", currency),
            ("line_items[0][price]", &price),
            ("line_items[0][quantity]", "1"),
        ];
        let made = super::create(&api, &params).ok();
        let page = browse(&api, "GET", text(&made, "url"), None);
        let said =
            format!("data-testid=\"product-summary-total-amount\"><span class=\"CurrencyAmount\">{total}</span>");
        assert!(page.text.contains(&said), "{locale}:\n{}", page.text);
    }
}

#[test]
fn errors_are_said_in_the_language_of_the_page() {
    let api = sandbox("cs-locale-errors");
    let made = open(&api, &[("locale", "de"), ("allow_promotion_codes", "true")]);
    let url = text(&made, "url");
    let empty = browse(&api, "POST", url, Some("payment_method=card"));
    assert!(empty.text.contains("data-qa=\"EmptyFieldError\">Erforderlich<"), "{}", empty.text);
    let card =
        "email=jo%40example.com&payment_method=card&cardExpiry=1234&cardCvc=123&billingName=Jo&billingCountry=DE";
    let declined = browse(&api, "POST", url, Some(&format!("{card}&cardNumber=4000000000000002")));
    assert!(declined.text.contains("role=\"alert\">Ihre Karte wurde abgelehnt.<"), "{}", declined.text);
    let code = browse(&api, "POST", url, Some("promotionCode=NONE&step=details"));
    assert!(code.text.contains("Dieser Code ist ungültig."), "{}", code.text);
    let script = api.with("Accept", "application/json");
    let said = script.send("POST", &url[api.url().len()..], Some(("application/x-www-form-urlencoded", b"a=b"))).ok();
    assert_eq!(said["errors"][0], json!({"input": "cardNumber", "message": "Erforderlich"}));
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let gone = browse(&api, "GET", url, None);
    assert!(gone.text.contains("<html lang=\"de\">") && gone.text.contains("ist abgelaufen"), "{}", gone.text);
}

#[test]
fn an_amount_is_typed_as_the_language_writes_it() {
    let api = sandbox("cs-locale-amount");
    let params = [
        ("currency", "usd"),
        ("custom_unit_amount[enabled]", "true"),
        ("custom_unit_amount[preset]", "1000"),
        ("product_data[name]", "Gift"),
    ];
    let gift = id(&api.post("/v1/prices", &params).ok());
    let more = [
        ("mode", "payment"),
        ("success_url", super::SHOP),
        ("locale", "de"),
        ("line_items[0][price]", gift.as_str()),
        ("line_items[0][quantity]", "1"),
    ];
    let made = super::create(&api, &more).ok();
    for (typed, value, total) in [
        ("12%2C50", "12,50", "12,50"),
        // As other languages write it, too: a point that is no sign of thousands is that of a decimal.
        ("12.50", "12.50", "12,50"),
        ("12.5", "12.5", "12,50"),
        ("1.250", "1.250", "1.250,00"),
        ("1.250%2C5", "1.250,5", "1.250,50"),
        ("1%C2%A0250%2C50", "1\u{a0}250,50", "1.250,50"),
    ] {
        let page = browse(&api, "POST", text(&made, "url"), Some(&format!("customUnitAmount={typed}&step=details")));
        let shows = page.text.contains(&format!("value=\"{value}\"")) && page.text.contains(&format!("{total}\u{a0}$"));
        assert!(shows && page.text.contains("Betrag ändern"), "{typed}:\n{}", page.text);
    }
}

/// The texts between `say("` or `about("` and the next quote in a file.
fn said(path: &str) -> Vec<String> {
    let source = fs::read_to_string(root().join(path)).unwrap();
    let calls = ["say(\"", "about(\"", " t(\""];
    let parts = calls.iter().flat_map(|call| source.split(call).skip(1).collect::<Vec<_>>());
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn every_text_of_the_page_has_its_translations() {
    let table = fs::read_to_string(root().join("src/pages/texts.tsv")).unwrap();
    let known: Vec<&str> = table.lines().map(|line| line.split('\t').next().unwrap()).collect();
    let mut all = said("templates/checkout.html");
    for file in ["address", "methods", "mod", "template", "view"] {
        all.extend(said(&format!("src/pages/checkout/{file}.rs")));
    }
    all.extend(said("templates/checkout.js"));
    assert!(all.len() > 40, "{all:?}");
    for text in all {
        assert!(known.contains(&text.as_str()), "`{text}` has no translations");
    }
    for line in table.lines() {
        let texts: Vec<&str> = line.split('\t').collect();
        assert_eq!(texts.len(), 7, "{line}");
        let places: Vec<usize> = texts.iter().map(|text| text.matches("{}").count()).collect();
        assert!(places.iter().all(|count| *count == places[0]), "{line}");
    }
}

#[test]
fn an_unknown_locale_is_refused() {
    let api = sandbox("cs-locale-unknown");
    assert_eq!(try_open(&api, &[("locale", "klingon")]).status, 400);
}
