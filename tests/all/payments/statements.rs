//! Texts for the payer's statement (intents-and-checkout 1.10).

use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, charge, id, invalid, pay, says, text, with};

const SUFFIX: &str = "statement_descriptor_suffix";

/// The refusal of an intent with such a text, which names the parameter and has no code.
#[track_caller]
fn refused(api: &Client, suffix: &str) -> String {
    let answer = pay(api, "pm_card_visa", &[(SUFFIX, suffix)]);
    text(&invalid(answer, 400, None, Some(SUFFIX)), "message").to_owned()
}

#[test]
fn a_statement_has_a_letter() {
    let api = sandbox("statement-letter");
    for suffix in ["#96054", "12345"] {
        assert_eq!(refused(&api, suffix), "The statement descriptor must contain at least one Latin character.");
    }
    for suffix in ["A1", "Ö", "12345 é"] {
        assert_eq!(pay(&api, "pm_card_visa", &[(SUFFIX, suffix)]).ok()[SUFFIX], suffix);
    }
}

#[test]
fn a_statement_has_no_brackets_quotes_or_stars() {
    let api = sandbox("statement-forbidden");
    for suffix in ["TEA <", "TEA >", "TEA \\", "TEA'S", "TEA \"", "TEA*SHOP"] {
        assert_eq!(
            refused(&api, suffix),
            "The statement descriptor cannot contain any of these characters: < > \\ ' \" *"
        );
    }
}

#[test]
fn a_statement_that_is_too_long_is_repeated() {
    let api = sandbox("statement-long");
    assert_eq!(
        refused(&api, "COCALC LICENSE 1096DAYS"),
        "The statement descriptor must be at most 22 characters. COCALC LICENSE 1096DAYS is 23 characters long."
    );
    let long = [("amount", "500"), ("currency", "usd"), ("statement_descriptor", "A top-up for tea")];
    says(
        api.post("/v1/topups", &long),
        400,
        "The statement descriptor must be at most 15 characters. A top-up for tea is 16 characters long.",
    );
}

#[test]
fn every_text_that_a_payer_sees_is_checked() {
    let api = sandbox("statement-everywhere");
    let held = id(&charge(&api, &[("source", "tok_visa"), ("capture", "false")]).ok());
    let session = [
        ("mode", "payment"),
        ("success_url", "https://a.example"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "500"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "1"),
    ];
    let calls: [(String, Params<'_>, &str); 4] = [
        (
            "/v1/charges".into(),
            &[("amount", "2000"), ("currency", "usd"), ("source", "tok_visa")],
            "statement_descriptor",
        ),
        (format!("/v1/charges/{held}/capture"), &[], SUFFIX),
        ("/v1/checkout/sessions".into(), &session, "payment_intent_data[statement_descriptor_suffix]"),
        ("/v1/invoices".into(), &[], "statement_descriptor"),
    ];
    for (path, params, name) in calls {
        invalid(api.post(&path, &with(params, &[(name, "123")])), 400, None, Some(name));
    }
}

#[test]
fn what_is_paid_out_may_be_a_number() {
    let api = sandbox("statement-out");
    let made = api.post("/v1/topups", &[("amount", "500"), ("currency", "usd"), ("statement_descriptor", "123")]).ok();
    assert_eq!(text(&made, "statement_descriptor"), "123");
}
