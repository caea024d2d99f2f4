//! Charges (core-payments 5.6, 6, 7.1, 7.3, 7.4).

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{
    Params, add_source, attach, card_source, charge, charged, customer, id, ids, int, intent, invalid, keys, missing,
    refund, says, text, the_charge, the_customer, with,
};

/// A charge of a test token in any amount.
fn charge_of(api: &Client, amount: &str, currency: &str, params: Params<'_>) -> client::Answer {
    let base = [("amount", amount), ("currency", currency), ("source", "tok_visa")];
    api.post("/v1/charges", &with(&base, params))
}

fn none_was_made(api: &Client) {
    assert_eq!(api.get("/v1/charges", &[]).ok()["data"], json!([]));
}

#[test]
fn a_charge_has_every_field_of_the_reference() {
    let api = sandbox("ch-fields");
    let paid = charged(&api, &[]);
    let expected = "amount amount_captured amount_refunded application application_fee application_fee_amount \
        balance_transaction billing_details calculated_statement_descriptor captured created currency customer \
        description destination dispute disputed failure_balance_transaction failure_code failure_message fraud_details \
        id livemode metadata object on_behalf_of order outcome paid payment_intent payment_method \
        payment_method_details receipt_email receipt_number receipt_url refunded review shipping source \
        source_transfer statement_descriptor statement_descriptor_suffix status transfer_data transfer_group";
    assert_eq!(keys(&paid), expected.split_whitespace().collect::<Vec<_>>());
    assert!(id(&paid).starts_with("ch_1") && id(&paid).len() == 27, "{paid}");
    for null in [
        "application",
        "application_fee",
        "application_fee_amount",
        "customer",
        "description",
        "destination",
        "dispute",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "on_behalf_of",
        "order",
        "payment_intent",
        "receipt_email",
        "receipt_number",
        "review",
        "shipping",
        "source_transfer",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ] {
        assert!(paid[null].is_null(), "{null}: {}", paid[null]);
    }
    assert_eq!((int(&paid, "amount"), int(&paid, "amount_captured"), int(&paid, "amount_refunded")), (2000, 2000, 0));
    assert_eq!((&paid["captured"], &paid["paid"], &paid["refunded"]), (&json!(true), &json!(true), &json!(false)));
    assert_eq!((text(&paid, "status"), text(&paid, "currency")), ("succeeded", "usd"));
    assert_eq!((&paid["fraud_details"], &paid["metadata"]), (&json!({}), &json!({})));
    let address =
        json!({"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null});
    assert_eq!(
        paid["billing_details"],
        json!({"address": address, "email": null, "name": null, "phone": null, "tax_id": null})
    );
    let mut outcome = paid["outcome"].clone();
    assert!((0..=100).contains(&outcome.as_object_mut().unwrap().remove("risk_score").unwrap().as_i64().unwrap()));
    assert_eq!(
        outcome,
        json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
            "seller_message": "Payment complete.", "type": "authorized"})
    );
}

#[test]
fn the_card_of_a_charge_is_complete() {
    let api = sandbox("ch-card");
    let paid = charged(&api, &[]);
    let details = &paid["payment_method_details"];
    assert_eq!(text(details, "type"), "card");
    let card = &details["card"];
    let expected = "amount_authorized authorization_code brand checks country electronic_commerce_indicator exp_month \
        exp_year extended_authorization fingerprint funding incremental_authorization installments last4 mandate \
        multicapture network network_token network_transaction_id overcapture regulated_status three_d_secure \
        transaction_link_id wallet";
    assert_eq!(keys(card), expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(int(card, "amount_authorized"), 2000);
    let code = text(card, "authorization_code");
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!((text(card, "brand"), text(card, "network"), text(card, "last4")), ("visa", "visa", "4242"));
    assert_eq!(card["checks"]["cvc_check"], "pass");
    assert_eq!(card["overcapture"], json!({"maximum_amount_capturable": 2000, "status": "unavailable"}));
    assert_eq!(text(card, "electronic_commerce_indicator"), "07");
}

#[test]
fn what_is_sent_is_kept() {
    let api = sandbox("ch-kept");
    let params = [
        ("description", "Tea"),
        ("metadata[order]", "420"),
        ("receipt_email", "j@example.com"),
        ("shipping[name]", "Jenny"),
        ("shipping[address][line1]", "1 Main St"),
        ("shipping[tracking_number]", "T1"),
        ("statement_descriptor", "TEA SHOP"),
        ("transfer_group", "g"),
    ];
    let paid = charged(&api, &params);
    assert_eq!((text(&paid, "description"), &paid["metadata"]), ("Tea", &json!({"order": "420"})));
    assert_eq!((text(&paid, "receipt_email"), text(&paid, "transfer_group")), ("j@example.com", "g"));
    assert_eq!((text(&paid["shipping"], "name"), text(&paid["shipping"], "tracking_number")), ("Jenny", "T1"));
    assert_eq!(paid["shipping"]["address"]["city"], Value::Null);
    // A descriptor serves as the suffix of a card charge.
    assert_eq!(
        (text(&paid, "statement_descriptor"), text(&paid, "statement_descriptor_suffix")),
        ("TEA SHOP", "TEA SHOP")
    );
    assert_eq!(the_charge(&api, &id(&paid)), paid);
    let suffix = charged(&api, &[("statement_descriptor", "SHOP"), ("statement_descriptor_suffix", "TEA")]);
    assert_eq!(text(&suffix, "statement_descriptor_suffix"), "TEA");
    for param in ["statement_descriptor", "statement_descriptor_suffix"] {
        let answer = charge(&api, &[("source", "tok_visa"), (param, &"x".repeat(23))]);
        invalid(answer, 400, None, Some(param));
    }
}

#[test]
fn a_currency_is_stored_in_lower_case() {
    let api = sandbox("ch-case");
    assert_eq!(text(&charge_of(&api, "2000", "USD", &[]).ok(), "currency"), "usd");
}

#[test]
fn a_charge_of_a_token_shows_its_card() {
    let api = sandbox("ch-token");
    let card = [
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "8"),
        ("card[exp_year]", "2040"),
        ("card[name]", "Jenny"),
    ];
    let token = api.post("/v1/tokens", &card).ok();
    let paid = charge(&api, &[("source", &id(&token))]).ok();
    assert_eq!((text(&paid["source"], "object"), &paid["source"]["id"]), ("card", &token["card"]["id"]));
    assert_eq!((&paid["payment_method"], &paid["billing_details"]["name"]), (&token["card"]["id"], &json!("Jenny")));
    let error = invalid(charge(&api, &[("source", &id(&token))]), 400, Some("token_already_used"), None);
    assert_eq!(error["message"], format!("You cannot use a Stripe token more than once: {}.", id(&token)));
    for _ in 0..2 {
        assert_ne!(charged(&api, &[])["source"]["id"], paid["source"]["id"]);
    }
}

#[test]
fn a_hash_of_card_data_is_charged() {
    let api = sandbox("ch-hash");
    let card = |prefix: &str| ["number", "exp_month", "exp_year"].map(|key| format!("{prefix}[{key}]"));
    for prefix in ["source", "card"] {
        let [number, month, year] = card(prefix);
        let params = [(&*number, "5555555555554444"), (&*month, "8"), (&*year, "2040")];
        assert_eq!(charge(&api, &params).ok()["source"]["brand"], "MasterCard");
    }
}

#[test]
fn something_to_charge_has_to_be_named() {
    let api = sandbox("ch-nothing");
    for params in [&[][..], &[("payment_method", "pm_card_visa")]] {
        let error = invalid(charge(&api, params), 400, Some("parameter_missing"), None);
        assert_eq!(error["message"], "Must provide source or customer.");
    }
    for param in ["amount", "currency"] {
        let mut params = vec![("amount", "2000"), ("currency", "usd"), ("source", "tok_visa")];
        params.retain(|(name, _)| *name != param);
        let error = invalid(api.post("/v1/charges", &params), 400, Some("parameter_missing"), Some(param));
        assert_eq!(error["message"], format!("Missing required param: {param}."));
    }
    missing(charge(&api, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    missing(charge(&api, &[("source", "tok_none")]), 400, "token", "tok_none", "source");
    missing(charge(&api, &[("source", "card_none")]), 400, "token", "card_none", "source");
    none_was_made(&api);
}

/// The least that can be charged, and how it is written (core-payments 6.5).
const MINIMA: &[(&str, i64)] = &[
    ("usd", 50),
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
];

#[test]
fn each_currency_has_its_minimum() {
    let api = sandbox("ch-minima");
    for (currency, minimum) in MINIMA {
        charge_of(&api, &minimum.to_string(), currency, &[]).ok();
        let answer = charge_of(&api, &(minimum - 1).to_string(), currency, &[]);
        let error = invalid(answer, 400, Some("amount_too_small"), Some("amount"));
        let message = text(&error, "message").to_owned();
        assert!(
            message.starts_with("Amount must be at least ") && message.ends_with(&format!(" {currency}")),
            "{message}"
        );
    }
    for (currency, message) in
        [("usd", "Amount must be at least $0.50 usd"), ("sgd", "Amount must be at least $0.50 sgd")]
    {
        assert_eq!(charge_of(&api, "49", currency, &[]).refused(400)["message"], message);
    }
}

#[test]
fn an_amount_has_bounds() {
    let api = sandbox("ch-bounds");
    for amount in ["0", "-1", "-2000"] {
        let answer = charge_of(&api, amount, "usd", &[]);
        let error = invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
        assert_eq!(error["message"], "This value must be greater than or equal to 1.");
    }
    assert_eq!(charge_of(&api, "99999999", "usd", &[]).ok()["amount"], 99_999_999);
    let error = invalid(charge_of(&api, "100000000", "usd", &[]), 400, Some("amount_too_large"), Some("amount"));
    assert_eq!(error["message"], "Amount must be no more than $999,999.99");
    let error = invalid(charge_of(&api, "20.0", "usd", &[]), 400, Some("parameter_invalid_integer"), Some("amount"));
    assert_eq!(error["message"], "Invalid integer: 20.0");
    // The amount is looked at before the source.
    let error = api.post("/v1/charges", &[("amount", "1"), ("currency", "usd"), ("source", "tok_none")]).refused(400);
    assert_eq!(error["code"], "amount_too_small");
    assert_eq!(ids(&api.get("/v1/charges", &[]).ok()).len(), 1);
}

#[test]
fn zero_decimal_currencies_are_charged_in_whole_units() {
    let api = sandbox("ch-zero-decimal");
    for currency in "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(' ') {
        let paid = charge_of(&api, "5001", currency, &[]).ok();
        assert_eq!((int(&paid, "amount"), text(&paid, "currency")), (5001, currency));
    }
}

#[test]
fn three_decimal_currencies_are_charged_in_multiples_of_ten() {
    let api = sandbox("ch-three-decimal");
    for currency in "bhd jod kwd omr tnd".split(' ') {
        assert_eq!(int(&charge_of(&api, "5120", currency, &[]).ok(), "amount"), 5120);
        assert_eq!(charge_of(&api, "5124", currency, &[]).refused(400)["param"], "amount", "{currency}");
    }
}

#[test]
fn an_unknown_currency_lists_the_known_ones() {
    let api = sandbox("ch-currency");
    let error = invalid(charge_of(&api, "2000", "xyz", &[]), 400, None, Some("currency"));
    let message = text(&error, "message");
    assert!(
        message.starts_with("Invalid currency: xyz. Stripe currently supports these currencies: usd, aed, afn, all, ")
    );
    assert!(message.ends_with(", ltl, sll, mro"), "{message}");
}

#[test]
fn a_customer_is_charged_through_the_default_source() {
    let api = sandbox("ch-customer");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let card = text(&the_customer(&api, &owner), "default_source").to_owned();
    let other = id(&add_source(&api, &owner, "tok_amex").ok());
    let paid = charge(&api, &[("customer", &owner)]).ok();
    assert_eq!((text(&paid, "customer"), text(&paid, "payment_method")), (&*owner, &*card));
    assert_eq!(paid["source"]["id"], card);
    let paid = charge(&api, &[("customer", &owner), ("source", &other)]).ok();
    assert_eq!((text(&paid, "customer"), text(&paid, "payment_method")), (&*owner, &*other));
}

#[test]
fn a_customer_with_nothing_to_charge_is_told_so() {
    let api = sandbox("ch-customer-empty");
    let owner = customer(&api, &[]);
    let refused = || {
        let error = charge(&api, &[("customer", &owner)]).refused(402);
        assert_eq!(
            (text(&error, "type"), text(&error, "code"), text(&error, "param")),
            ("card_error", "missing", "card")
        );
        assert!(error.get("charge").is_none());
        text(&error, "message").to_owned()
    };
    assert_eq!(
        refused(),
        "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or Source to \
         this Customer and then try this request again, or use Payment Intents and Payment Methods instead."
    );
    attach(&api, "pm_card_visa", &owner).ok();
    assert_eq!(
        refused(),
        "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. Use a \
         Payment Intent instead of creating a Charge: https://stripe.com/docs/payments/payment-intents/migration"
    );
    let error = charge(&api, &[("customer", &owner), ("payment_method", "pm_card_visa")]).refused(402);
    assert_eq!(error["code"], "missing");
    none_was_made(&api);
}

#[test]
fn a_source_that_is_not_the_customers_is_missing() {
    let api = sandbox("ch-foreign");
    let (owner, other) = (customer(&api, &[("source", "tok_visa")]), customer(&api, &[("source", "tok_visa")]));
    let foreign_source = card_source(&api);
    add_source(&api, &other, &foreign_source).ok();
    let foreign_card = text(&the_customer(&api, &other), "default_source").to_owned();
    // A token is looked up among the customer's cards (shapes 3.9).
    let error = invalid(
        charge(&api, &[("customer", &owner), ("source", "tok_visa")]),
        404,
        Some("resource_missing"),
        Some("card"),
    );
    assert_eq!(error["message"], format!("Customer {owner} does not have card with ID tok_visa"));
    for source in ["card_none", &foreign_card, &foreign_source, "src_none"] {
        let answer = charge(&api, &[("customer", &owner), ("source", source)]);
        let error = invalid(answer, 404, Some("missing"), Some("source"));
        assert_eq!(error["message"], format!("Customer {owner} does not have a linked source with ID {source}."));
        assert_eq!(error["doc_url"], "https://stripe.com/docs/error-codes/missing");
    }
    // Nor is a saved card charged without its customer.
    missing(charge(&api, &[("source", &foreign_card)]), 400, "token", &foreign_card, "source");
    none_was_made(&api);
}

const GENERIC: &str = "The bank did not return any further details with this decline.";
const DECLINED: &str = "Your card was declined.";

/// A row of core-payments 7.3 with its outcome of 6.3.
struct Decline {
    tokens: &'static [&'static str],
    code: &'static str,
    decline_code: Option<&'static str>,
    message: &'static str,
    param: Option<&'static str>,
    /// `outcome.type` and `outcome.seller_message`, the latter where the reference has it.
    outcome: (&'static str, Option<&'static str>),
}

const fn declined(tokens: &'static [&'static str], decline_code: &'static str) -> Decline {
    let (code, decline_code) = ("card_declined", Some(decline_code));
    Decline { tokens, code, decline_code, message: DECLINED, param: None, outcome: ("issuer_declined", None) }
}

const DECLINES: &[Decline] = &[
    Decline {
        outcome: ("issuer_declined", Some(GENERIC)),
        ..declined(&["tok_chargeDeclined", "tok_visa_chargeDeclined"], "generic_decline")
    },
    Decline {
        message: "Your card has insufficient funds.",
        outcome: ("issuer_declined", Some(GENERIC)),
        ..declined(
            &["tok_chargeDeclinedInsufficientFunds", "tok_visa_chargeDeclinedInsufficientFunds"],
            "insufficient_funds",
        )
    },
    declined(&["tok_visa_chargeDeclinedLostCard"], "lost_card"),
    declined(&["tok_visa_chargeDeclinedStolenCard"], "stolen_card"),
    declined(&["tok_visa_chargeDeclinedVelocityLimitExceeded"], "card_velocity_exceeded"),
    Decline {
        code: "expired_card",
        decline_code: None,
        message: "Your card has expired.",
        param: Some("exp_month"),
        outcome: ("issuer_declined", Some("The bank returned the decline code `expired_card`.")),
        ..declined(&["tok_chargeDeclinedExpiredCard"], "")
    },
    Decline {
        code: "incorrect_cvc",
        decline_code: None,
        message: "Your card's security code is incorrect.",
        param: Some("cvc"),
        outcome: ("issuer_declined", Some("The bank returned the decline code `incorrect_cvc`.")),
        ..declined(&["tok_chargeDeclinedIncorrectCvc"], "")
    },
    Decline {
        code: "processing_error",
        decline_code: None,
        message: "An error occurred while processing your card. Try again in a little bit.",
        outcome: ("issuer_declined", Some("The bank returned the decline code `processing_error`.")),
        ..declined(&["tok_chargeDeclinedProcessingError"], "")
    },
    Decline {
        outcome: ("blocked", Some("Stripe blocked this payment.")),
        ..declined(&["tok_chargeDeclinedFraudulent", "tok_radarBlock"], "fraudulent")
    },
    Decline { outcome: ("issuer_declined", Some(GENERIC)), ..declined(&["tok_chargeCustomerFail"], "generic_decline") },
];

#[test]
fn each_declining_token_has_its_error_and_its_failed_charge() {
    let api = sandbox("ch-declines");
    for row in DECLINES {
        for token in row.tokens {
            let error = charge(&api, &[("source", token)]).refused(402);
            assert_eq!((text(&error, "type"), text(&error, "code")), ("card_error", row.code), "{token}");
            assert_eq!((error["decline_code"].as_str(), text(&error, "message")), (row.decline_code, row.message));
            assert_eq!(error["param"].as_str(), row.param, "{token}");
            assert!(error.get("payment_intent").is_none() && error.get("payment_method").is_none(), "{error}");
            let url = format!("https://stripe.com/docs/error-codes/{}", row.code.replace('_', "-"));
            assert_eq!(error["doc_url"], url);
            let failed = the_charge(&api, text(&error, "charge"));
            assert_failed(&failed, row.code, row.message);
            assert_eq!(text(&failed["outcome"], "type"), row.outcome.0, "{token}");
            if let Some(message) = row.outcome.1 {
                assert_eq!(text(&failed["outcome"], "seller_message"), message, "{token}");
            }
        }
    }
}

#[track_caller]
fn assert_failed(failed: &Value, code: &str, message: &str) {
    assert_eq!(
        (text(failed, "status"), &failed["paid"], &failed["captured"]),
        ("failed", &json!(false), &json!(false))
    );
    assert_eq!((text(failed, "failure_code"), text(failed, "failure_message")), (code, message));
    assert_eq!((&failed["balance_transaction"], &failed["receipt_url"]), (&Value::Null, &Value::Null));
    assert_eq!((int(failed, "amount"), int(failed, "amount_captured")), (2000, 0));
    let card = &failed["payment_method_details"]["card"];
    assert!(card["amount_authorized"].is_null() && card.get("capture_before").is_none(), "{card}");
    assert_eq!(card["overcapture"]["maximum_amount_capturable"], 2000);
}

#[test]
fn the_recorded_network_codes_are_told() {
    let api = sandbox("ch-network-codes");
    for (token, network, advice) in [
        ("tok_chargeDeclined", "01", Some("try_again_later")),
        ("tok_chargeDeclinedInsufficientFunds", "51", None),
        ("tok_chargeDeclinedExpiredCard", "54", None),
    ] {
        let error = charge(&api, &[("source", token)]).refused(402);
        assert_eq!(text(&error, "network_decline_code"), network, "{token}");
        assert!(advice.is_none() || error["advice_code"].as_str() == advice, "{error}");
        let failed = the_charge(&api, text(&error, "charge"));
        assert_eq!(failed["outcome"]["network_decline_code"], network);
    }
}

#[test]
fn risk_has_its_outcome() {
    let api = sandbox("ch-risk");
    let paid = charge(&api, &[("source", "tok_riskLevelElevated")]).ok();
    let outcome = &paid["outcome"];
    assert_eq!((text(outcome, "reason"), text(outcome, "risk_level")), ("elevated_risk_level", "elevated"));
    assert_eq!((text(outcome, "type"), text(outcome, "rule")), ("manual_review", "manual_review_if_elevated_risk"));
    assert_eq!(
        text(outcome, "seller_message"),
        "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue."
    );
    let error = charge(&api, &[("source", "tok_riskLevelHighest")]).refused(402);
    let outcome = the_charge(&api, text(&error, "charge"))["outcome"].clone();
    assert_eq!((text(&outcome, "type"), text(&outcome, "risk_level")), ("blocked", "highest"));
    assert_eq!(
        (text(&outcome, "network_status"), text(&outcome, "rule")),
        ("not_sent_to_network", "block_if_high_risk")
    );
    let error = charge(&api, &[("source", "tok_chargeDeclinedFraudulent")]).refused(402);
    let outcome = the_charge(&api, text(&error, "charge"))["outcome"].clone();
    assert_eq!(
        (text(&outcome, "network_status"), text(&outcome, "reason")),
        ("not_sent_to_network", "merchant_blacklist")
    );
}

#[test]
fn a_declined_token_is_used() {
    let api = sandbox("ch-declined-token");
    let card = [("card[number]", "4000000000000002"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    let token = id(&api.post("/v1/tokens", &card).ok());
    charge(&api, &[("source", &token)]).refused(402);
    assert_eq!(charge(&api, &[("source", &token)]).refused(400)["code"], "token_already_used");
}

/// Token, legacy brand, funding, country, last four (core-payments 7.1, 7.2).
const SUCCESSES: &[(&str, &str, &str, &str, &str)] = &[
    ("tok_visa", "Visa", "credit", "US", "4242"),
    ("tok_visa_debit", "Visa", "debit", "US", "5556"),
    ("tok_mastercard", "MasterCard", "credit", "US", "4444"),
    ("tok_mastercard_debit", "MasterCard", "debit", "US", "8210"),
    ("tok_mastercard_prepaid", "MasterCard", "prepaid", "US", "5100"),
    ("tok_amex", "American Express", "credit", "US", "8431"),
    ("tok_discover", "Discover", "credit", "US", "9424"),
    ("tok_ca", "Visa", "credit", "CA", "0000"),
    ("tok_mx", "Visa", "credit", "MX", "8001"),
    ("tok_br", "Visa", "credit", "BR", "0002"),
    ("tok_gb", "Visa", "credit", "GB", "0000"),
    ("tok_de", "Visa", "credit", "DE", "0016"),
    ("tok_fr", "Visa", "credit", "FR", "0003"),
    ("tok_jp", "Visa", "credit", "JP", "0003"),
    ("tok_au", "Visa", "credit", "AU", "0006"),
    ("tok_in", "Visa", "credit", "IN", "0008"),
];

#[test]
fn each_successful_token_has_its_card() {
    let api = sandbox("ch-successes");
    for (token, brand, funding, country, last4) in SUCCESSES {
        let paid = charge(&api, &[("source", token)]).ok();
        let card = &paid["source"];
        assert_eq!((text(card, "brand"), text(card, "funding")), (*brand, *funding), "{token}");
        assert_eq!((text(card, "country"), text(card, "last4")), (*country, *last4), "{token}");
        assert_eq!(paid["outcome"]["type"], "authorized");
    }
}

#[test]
fn address_and_security_checks_fail_without_failing_the_charge() {
    let api = sandbox("ch-checks");
    let address = [("source[address_line1]", "1 Main St"), ("source[address_zip]", "94110"), ("source[cvc]", "123")];
    for (number, line1, postal, cvc) in [
        ("4242424242424242", "pass", "pass", "pass"),
        ("4000000000000010", "fail", "fail", "pass"),
        ("4000000000000028", "fail", "pass", "pass"),
        ("4000000000000036", "pass", "fail", "pass"),
        ("4000000000000044", "unavailable", "unavailable", "pass"),
        ("4000000000000101", "pass", "pass", "fail"),
    ] {
        let card = [("source[number]", number), ("source[exp_month]", "8"), ("source[exp_year]", "2040")];
        let checks = charge(&api, &with(&card, &address)).ok()["payment_method_details"]["card"]["checks"].clone();
        let expected = json!({"address_line1_check": line1, "address_postal_code_check": postal, "cvc_check": cvc});
        assert_eq!(checks, expected, "{number}");
    }
}

#[test]
fn a_held_charge_is_captured_whole_or_in_part() {
    let api = sandbox("ch-capture");
    let held = charged(&api, &[("capture", "false")]);
    assert_eq!((&held["captured"], &held["paid"], text(&held, "status")), (&json!(false), &json!(true), "succeeded"));
    assert_eq!((int(&held, "amount_captured"), &held["balance_transaction"]), (0, &Value::Null));
    let before = int(&held["payment_method_details"]["card"], "capture_before");
    assert_eq!(before, int(&held, "created") + 604_800);
    let capture = |charge: &Value, params: Params<'_>| api.post(&format!("/v1/charges/{}/capture", id(charge)), params);
    let taken = capture(&held, &[]).ok();
    assert_eq!(
        (&taken["captured"], int(&taken, "amount_captured"), int(&taken, "amount_refunded")),
        (&json!(true), 2000, 0)
    );
    assert!(taken["balance_transaction"].is_string());
    let error = invalid(capture(&held, &[]), 400, Some("charge_already_captured"), None);
    assert_eq!(error["message"], format!("Charge {} has already been captured.", id(&held)));
    let same = capture(&charged(&api, &[("capture", "false")]), &[("amount", "2000")]).ok();
    assert_eq!((int(&same, "amount_captured"), int(&same, "amount_refunded")), (2000, 0));

    let held = charged(&api, &[("capture", "false")]);
    let part = capture(&held, &[("amount", "1500"), ("expand[]", "refunds"), ("receipt_email", "j@example.com")]).ok();
    assert_eq!((int(&part, "amount"), int(&part, "amount_captured"), int(&part, "amount_refunded")), (2000, 1500, 500));
    assert_eq!(
        (&part["captured"], &part["refunded"], text(&part, "receipt_email")),
        (&json!(true), &json!(false), "j@example.com")
    );
    assert_eq!((ids(&part["refunds"]).len(), int(&part["refunds"]["data"][0], "amount")), (1, 500));
    let row = api.get(&format!("/v1/balance_transactions/{}", text(&part, "balance_transaction")), &[]).ok();
    assert_eq!(int(&row, "amount"), 1500);
}

#[test]
fn a_capture_that_cannot_be_is_refused() {
    let api = sandbox("ch-capture-refused");
    let held = charged(&api, &[("capture", "false")]);
    let capture = |id: &str, params: Params<'_>| api.post(&format!("/v1/charges/{id}/capture"), params);
    missing(capture("ch_none", &[]), 404, "charge", "ch_none", "id");
    assert_eq!(capture(&id(&held), &[("amount", "2001")]).refused(400)["code"], "amount_too_large");
    invalid(capture(&id(&held), &[("amount", "49")]), 400, Some("amount_too_small"), None);
    for amount in ["0", "-1"] {
        let answer = capture(&id(&held), &[("amount", amount)]);
        let error = invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
        assert_eq!(error["message"], "This value must be greater than or equal to 1.");
    }
    assert_eq!(the_charge(&api, &id(&held)), held);
    refund(&api, &id(&held), &[]).ok();
    assert_eq!(capture(&id(&held), &[]).refused(400)["code"], "charge_already_refunded");
    let failed = charge(&api, &[("source", "tok_chargeDeclined"), ("capture", "false")]).refused(402);
    assert_eq!(capture(text(&failed, "charge"), &[]).status, 400);
}

#[test]
fn the_hold_of_an_intent_is_captured_through_the_intent() {
    let api = sandbox("ch-capture-intent");
    let params = [("capture_method", "manual"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let held = intent(&api, &with(&params, &[("payment_method_types[]", "card")])).ok();
    let charge = text(&held, "latest_charge");
    let error = invalid(api.post(&format!("/v1/charges/{charge}/capture"), &[]), 400, None, None);
    assert_eq!(
        error["message"],
        format!(
            "This uncaptured Charge was created by a PaymentIntent ({}). You must capture the PaymentIntent instead. For \
             more information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method",
            id(&held)
        )
    );
}

#[test]
fn a_hold_expires_after_seven_days() {
    let url = client::start(Config { clock: Clock::Frozen(2_000_000_000), seed: Some(1), ..Config::default() });
    let api = Client::new(&url, "sk_test_x");
    let mut held = charged(&api, &[("capture", "false")]);
    let fresh = id(&held);
    // The same hold in another sandbox, made a week and a second before.
    held["created"] = json!(2_000_000_000 - 604_801);
    let target = "/_pinstripe/fixtures?sandbox=later";
    let body = json!([held]).to_string();
    let answer = client::raw(&url, "POST", target, &[], Some(("application/json", body.as_bytes())));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let later = Client::new(&url, "sk_test_sandbox_later");
    let expired = later.get(&format!("/v1/charges/{fresh}"), &[("expand[]", "refunds")]).ok();
    assert_eq!(
        (&expired["refunded"], &expired["captured"], int(&expired, "amount_refunded")),
        (&json!(true), &json!(false), 2000)
    );
    assert_eq!(expired["refunds"]["data"][0]["reason"], "expired_uncaptured_charge");
    let error = later.post(&format!("/v1/charges/{fresh}/capture"), &[]).refused(400);
    assert_eq!(error["code"], "charge_expired_for_capture");
    api.post(&format!("/v1/charges/{fresh}/capture"), &[]).ok();
}

#[test]
fn a_charge_is_updated() {
    let api = sandbox("ch-update");
    let paid = id(&charged(&api, &[("metadata[a]", "1"), ("description", "before")]));
    let path = format!("/v1/charges/{paid}");
    let owner = customer(&api, &[]);
    let changed = api
        .post(
            &path,
            &[
                ("customer", &owner),
                ("description", "after"),
                ("fraud_details[user_report]", "safe"),
                ("metadata[b]", "2"),
                ("receipt_email", "j@example.com"),
                ("shipping[name]", "Jenny"),
                ("shipping[address][line1]", "1 Main St"),
                ("transfer_group", "g"),
            ],
        )
        .ok();
    assert_eq!((text(&changed, "customer"), text(&changed, "description")), (&*owner, "after"));
    assert_eq!(changed["fraud_details"], json!({"user_report": "safe"}));
    assert_eq!(changed["metadata"], json!({"a": "1", "b": "2"}));
    assert_eq!((text(&changed["shipping"], "name"), text(&changed, "transfer_group")), ("Jenny", "g"));
    assert_eq!(api.post(&path, &[("fraud_details[user_report]", "")]).ok()["fraud_details"], json!({}));
    for param in ["amount", "currency", "source"] {
        invalid(api.post(&path, &[(param, "1")]), 400, Some("parameter_unknown"), Some(param));
    }
    assert_eq!(api.post(&path, &[("customer", &customer(&api, &[]))]).status, 400);
    assert_eq!(api.post(&path, &[("transfer_group", "other")]).status, 400);
    missing(api.post("/v1/charges/ch_none", &[]), 404, "charge", "ch_none", "id");
    missing(api.get("/v1/charges/ch_none", &[]), 404, "charge", "ch_none", "id");
}

#[test]
fn the_transfer_group_of_an_intents_charge_is_the_intents() {
    let api = sandbox("ch-update-intent");
    let paid = crate::support::flows::pay(&api, "pm_card_visa", &[]).ok();
    let path = format!("/v1/charges/{}", text(&paid, "latest_charge"));
    let error = invalid(api.post(&path, &[("transfer_group", "g")]), 400, None, None);
    assert_eq!(
        error["message"],
        format!(
            "This Charge was created by a PaymentIntent ({}). You must update the `transfer_group` on the PaymentIntent \
             instead of updating the Charge directly. See https://stripe.com/docs/api#update_payment_intent",
            id(&paid)
        )
    );
}

#[test]
fn the_same_seed_and_clock_give_the_same_answers() {
    let run = || {
        let url = client::start(Config { clock: Clock::Frozen(1_800_000_000), seed: Some(7), ..Config::default() });
        let api = Client::new(&url, "sk_test_x");
        let owner = customer(&api, &[("source", "tok_visa")]);
        let paid = charge(&api, &[("customer", &owner)]).ok();
        refund(&api, &id(&paid), &[("amount", "500")]).ok();
        let lists = ["/v1/customers", "/v1/charges", "/v1/refunds", "/v1/balance_transactions"];
        lists.map(|path| api.get(path, &[]).text.replace(api.url(), "")).join("\n")
    };
    assert_eq!(run(), run());
}

#[test]
fn a_customer_is_not_charged_with_card_data() {
    let api = sandbox("ch-customer-data");
    let owner = customer(&api, &[]);
    let card = [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    let sentence = format!("Customer {owner} cannot be charged with card data. Add the card to the customer first.");
    says(charge(&api, &with(&[("customer", &owner)], &card)), 400, &sentence);
}

#[test]
fn a_currency_that_lost_its_decimals_takes_whole_amounts() {
    let api = sandbox("ch-whole");
    for (currency, shown) in [("ugx", "UGX"), ("isk", "ISK")] {
        let sentence = format!(
            "Invalid amount. Currency {shown} has become effectively zero-decimal and charged amounts must be evenly \
             divisible by 100. See https://stripe.com/docs/currencies#zero-decimal for more information."
        );
        let sent = [("amount", "123455"), ("currency", currency), ("source", "tok_visa")];
        for (path, sent) in [("/v1/charges", &sent[..]), ("/v1/payment_intents", &sent[..2])] {
            let error = invalid(api.post(path, sent), 400, None, Some("amount"));
            assert_eq!(error["message"], sentence, "{path}");
        }
        let intent = [("amount", "123400"), ("currency", currency)];
        let intent = id(&api.post("/v1/payment_intents", &intent).ok());
        let error = api.post(&format!("/v1/payment_intents/{intent}"), &[("amount", "123450")]).refused(400);
        assert_eq!(error["message"], sentence);
    }
}
