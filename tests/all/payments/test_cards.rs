//! Every test card, used in every way: what the table says is what happens (core-payments 7, 3.5, 4.3, 5.2).

use std::collections::HashSet;

use pinstripe::issuers::{self, ChargeOutcome, Circumstances, Decline, RefundOutcome, TestCard, Verdict};
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{
    BEFORE_AUTOMATIC, Params, attach, charge, customer, id, pay, refund, text, the_charge, the_intent, with,
};

/// The data of a card as someone types it, under the name of a parameter.
fn typed(card: &TestCard, param: &str) -> Vec<(String, String)> {
    let cvc = if card.number.starts_with("34") || card.number.starts_with("37") { "1234" } else { "123" };
    [("number", card.number), ("exp_month", "12"), ("exp_year", "2040"), ("cvc", cvc)]
        .map(|(key, value)| (format!("{param}[{key}]"), value.to_owned()))
        .into()
}

fn borrowed(params: &[(String, String)]) -> Vec<(&str, &str)> {
    params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// The id of a new payment method with the card's number.
#[track_caller]
fn method(api: &Client, card: &TestCard, more: Params<'_>) -> String {
    let typed = typed(card, "card");
    let made = api.post("/v1/payment_methods", &with(&with(&[("type", "card")], &borrowed(&typed)), more)).ok();
    assert_identity(card, &made);
    id(&made)
}

/// The payment method shows what the row says of the card itself.
#[track_caller]
fn assert_identity(card: &TestCard, method: &Value) {
    let shown = &method["card"];
    let networks: Vec<_> = card.networks.iter().map(|network| network.as_str()).collect();
    let seen = [&shown["brand"], &shown["display_brand"], &shown["funding"], &shown["country"], &shown["last4"]];
    let brand = card.brand;
    let said = [brand.as_str(), brand.display(), card.funding.as_str(), card.country, card.last4()];
    assert_eq!(seen.map(|value| value.as_str().unwrap()), said, "{}", card.number);
    assert_eq!(shown["networks"]["available"], json!(networks), "{}", card.number);
    assert_eq!(shown["three_d_secure_usage"]["supported"], card.three_d_secure_supported, "{}", card.number);
}

/// A refusal by the card, with the parameter of the situation; a payment intent's has a `decline_code` always, and the
/// decline's own parameter.
#[track_caller]
fn assert_intent_declined(answer: Answer, card: &TestCard, decline: &Decline) -> Value {
    assert_refused(answer, card, decline, Some(decline.intent_decline_code()), decline.param)
}

/// As [`assert_intent_declined`], of everything else.
#[track_caller]
fn assert_declined(answer: Answer, card: &TestCard, decline: &Decline, param: Option<&str>) -> Value {
    assert_refused(answer, card, decline, decline.decline_code, param)
}

#[track_caller]
fn assert_refused(
    answer: Answer,
    card: &TestCard,
    decline: &Decline,
    decline_code: Option<&str>,
    param: Option<&str>,
) -> Value {
    let error = answer.refused(402);
    assert_eq!(error["type"], "card_error", "{}: {error}", card.number);
    let seen = ["code", "decline_code", "advice_code", "network_decline_code", "network_advice_code", "param"]
        .map(|key| error[key].as_str());
    let said = [
        Some(decline.code),
        decline_code,
        decline.advice_code,
        decline.network_decline_code,
        decline.network_advice_code,
        param,
    ];
    assert_eq!(seen, said, "{}: {error}", card.number);
    error
}

/// The outcome of a charge is the one of the row.
#[track_caller]
fn assert_outcome(charge: &Value, said: &ChargeOutcome, card: &TestCard) {
    let seen = &charge["outcome"];
    for (key, value) in [
        ("network_status", Some(said.network_status)),
        ("reason", said.reason),
        ("risk_level", Some(said.risk_level)),
        ("seller_message", Some(said.seller_message)),
        ("type", Some(said.kind)),
        ("rule", said.rule),
    ] {
        assert_eq!(seen[key].as_str(), value, "{}: {key} in {seen}", card.number);
    }
}

#[test]
fn every_number_makes_a_token_of_its_card() {
    let api = sandbox("cards-tokens");
    let mut fingerprints = HashSet::new();
    for card in issuers::cards() {
        let token = api.post("/v1/tokens", &borrowed(&typed(card, "card"))).ok();
        let shown = &token["card"];
        let seen = [&shown["brand"], &shown["funding"], &shown["country"], &shown["last4"]];
        let said = [card.brand.legacy(), card.funding.as_str(), card.country, card.last4()];
        assert_eq!(seen.map(|value| value.as_str().unwrap()), said, "{}", card.number);
        assert_eq!(shown["cvc_check"], "unchecked");
        assert!(fingerprints.insert(shown["fingerprint"].to_string()), "{}", card.number);
    }
}

#[test]
fn every_name_stands_for_its_number() {
    let api = sandbox("cards-names");
    for card in issuers::cards() {
        let by_number = method(&api, card, &[]);
        let by_number = api.get(&format!("/v1/payment_methods/{by_number}"), &[]).ok();
        let same = |method: &Value| {
            assert_identity(card, method);
            assert_eq!(method["card"]["fingerprint"], by_number["card"]["fingerprint"], "{}", card.number);
        };
        for name in card.names.iter().chain(card.token_names) {
            let token = format!("tok_{name}");
            same(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", &token)]).ok());
        }
        for name in card.names {
            let made = api.get(&format!("/v1/payment_methods/pm_card_{name}"), &[]).ok();
            same(&made);
            // The name itself is the id of nothing.
            assert!(id(&made).starts_with("pm_1"), "{made}");
        }
    }
}

#[test]
fn every_card_is_saved_or_refused_as_its_row_says() {
    let api = sandbox("cards-save");
    let owner = customer(&api, &[]);
    for card in issuers::cards() {
        let address =
            [("billing_details[address][line1]", "1 Main St"), ("billing_details[address][postal_code]", "1")];
        let answer = attach(&api, &method(&api, card, &address), &owner);
        let source = typed(card, "source");
        let on_customer = api.post("/v1/customers", &with(&borrowed(&source), &[("source[object]", "card")]));
        match card.attach {
            Verdict::Decline(decline) => {
                let param = Some(decline.param.unwrap_or(""));
                let error = assert_declined(answer, card, decline, param);
                assert!(error.get("charge").is_none(), "{error}");
                assert_declined(on_customer, card, decline, param);
            }
            _ => {
                let checks = &answer.ok()["card"]["checks"];
                let seen = ["cvc_check", "address_line1_check", "address_postal_code_check"]
                    .map(|key| checks[key].as_str().unwrap());
                let said = [card.cvc_check, card.line1_check, card.postal_check].map(|check| check.as_str());
                assert_eq!(seen, said, "{}", card.number);
                on_customer.ok();
            }
        }
    }
    // Whoever was refused was not made.
    let saved = issuers::cards().filter(|card| card.attach == Verdict::Approve).count();
    let all = api.get("/v1/customers/search", &[("query", "created>0"), ("expand[]", "total_count")]).ok();
    assert_eq!(all["total_count"], 1 + saved);
}

#[test]
fn every_card_is_charged_or_declined_as_its_row_says() {
    let api = sandbox("cards-charge");
    for card in issuers::cards() {
        let source = typed(card, "source");
        let answer = charge(&api, &with(&borrowed(&source), &[("source[object]", "card")]));
        match card.charge {
            Verdict::Approve => {
                let made = answer.ok();
                assert_eq!((&made["status"], &made["paid"]), (&json!("succeeded"), &json!(true)), "{}", card.number);
                assert_outcome(&made, card.approved, card);
                assert_available(&api, card, &made);
            }
            Verdict::Decline(decline) => {
                assert_failed(&api, &assert_declined(answer, card, decline, decline.param), card, decline);
            }
            // A direct charge cannot authenticate anybody, and leaves nothing (core-payments 6.7.7).
            Verdict::Authenticate => {
                let error = assert_declined(answer, card, &issuers::AUTHENTICATION_REQUIRED, None);
                assert!(error.get("charge").is_none(), "{error}");
            }
        }
    }
}

/// A decline has left its failed charge behind.
#[track_caller]
fn assert_failed(api: &Client, error: &Value, card: &TestCard, decline: &Decline) {
    let left = text(error, "charge");
    let charge = api.get(&format!("/v1/charges/{left}"), &[]).ok();
    assert_eq!((&charge["status"], &charge["failure_code"]), (&json!("failed"), &json!(decline.code)), "{charge}");
    assert_eq!(charge["failure_message"], error["message"]);
    assert_outcome(&charge, decline.outcome, card);
}

#[track_caller]
fn assert_available(api: &Client, card: &TestCard, charge: &Value) {
    let row = charge["balance_transaction"].as_str().unwrap();
    let row = api.get(&format!("/v1/balance_transactions/{row}"), &[]).ok();
    let status = if card.available_at_once { "available" } else { "pending" };
    assert_eq!(row["status"], status, "{}: {row}", card.number);
}

const RETURN: (&str, &str) = ("return_url", "https://shop.example/done");
const OFF_SESSION: (&str, &str) = ("off_session", "true");

/// Confirms an intent with a card and compares what comes of it with the verdict of the row.
#[track_caller]
fn assert_pays(api: &Client, card: &TestCard, verdict: Verdict, answer: Answer) {
    match verdict {
        Verdict::Approve => assert_paid(api, card, &answer.ok()),
        Verdict::Decline(decline) => {
            let intent = &answer.body["error"]["payment_intent"];
            let seen = (&intent["status"], &intent["payment_method"]);
            assert_eq!(seen, (&json!("requires_payment_method"), &Value::Null), "{}", card.number);
            assert_failed(api, &assert_intent_declined(answer, card, decline), card, decline);
        }
        Verdict::Authenticate => {
            let waiting = answer.ok();
            assert_eq!(waiting["status"], "requires_action", "{}", card.number);
            assert!(waiting["latest_charge"].is_null(), "{}", card.number);
        }
    }
}

#[track_caller]
fn assert_paid(api: &Client, card: &TestCard, intent: &Value) {
    assert_eq!(intent["status"], "succeeded", "{}", card.number);
    assert_outcome(&the_charge(api, text(intent, "latest_charge")), card.approved, card);
}

/// What a customer decides about an intent that waits for them; the intent afterwards.
#[track_caller]
fn decided(api: &Client, waiting: &Value, result: &str) -> Value {
    decide(api, text(&waiting["next_action"]["redirect_to_url"], "url"), result).ok();
    the_intent(api, &id(waiting))
}

#[test]
fn every_card_pays_an_intent_or_not_as_its_row_says() {
    let api = sandbox("cards-intents");
    let asks = ("payment_method_options[card][request_three_d_secure]", "any");
    let on_session = Circumstances::default();
    for card in issuers::cards() {
        for (session, params) in [
            (on_session, vec![RETURN]),
            (Circumstances { off_session: true, ..on_session }, vec![OFF_SESSION]),
            (Circumstances { asks_for_3ds: true, ..on_session }, vec![RETURN, asks]),
        ] {
            let answer = pay(&api, &method(&api, card, &[]), &params);
            assert_pays(&api, card, card.payment(session), answer);
        }
    }
}

#[test]
fn every_card_that_authenticates_then_pays_or_not_as_its_row_says() {
    let api = sandbox("cards-authentication");
    let asks = ("payment_method_options[card][request_three_d_secure]", "any");
    let mut walked = 0;
    for card in issuers::cards() {
        let session = Circumstances { asks_for_3ds: true, ..Circumstances::default() };
        if card.payment(session) != Verdict::Authenticate {
            continue;
        }
        walked += 1;
        let waiting = || pay(&api, &method(&api, card, &[]), &[RETURN, asks]).ok();
        let after = decided(&api, &waiting(), "succeeded");
        match card.after_authentication {
            Verdict::Approve => assert_paid(&api, card, &after),
            Verdict::Decline(decline) => {
                let error = &after["last_payment_error"];
                let seen = (error["code"].as_str(), error["decline_code"].as_str());
                assert_eq!(seen, (Some(decline.code), decline.decline_code), "{}: {after}", card.number);
                assert_eq!(after["status"], "requires_payment_method");
                assert_outcome(&the_charge(&api, text(error, "charge")), decline.outcome, card);
            }
            Verdict::Authenticate => panic!("{}: authenticates for ever", card.number),
        }
        let failed = decided(&api, &waiting(), "failed");
        let code = &failed["last_payment_error"]["code"];
        assert_eq!(
            (&failed["status"], code),
            (&json!("requires_payment_method"), &json!("payment_intent_authentication_failure"))
        );
    }
    assert_eq!(walked, 13);
}

/// Sets a card up, with its customer there if need be. Whether it worked.
#[track_caller]
fn set_up(api: &Client, path: &str, params: Params<'_>) -> bool {
    let answer = api.version(BEFORE_AUTOMATIC).post(path, &with(&[RETURN, ("confirm", "true")], params));
    if answer.status != 200 {
        return false;
    }
    if answer.body["status"] == "requires_action" {
        decide(api, text(&answer.body["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
    }
    api.get(&format!("{path}/{}", id(&answer.body)), &[]).ok()["status"] == "succeeded"
}

#[test]
fn every_card_that_was_set_up_pays_without_its_customer_as_its_row_says() {
    let api = sandbox("cards-set-up");
    let by_payment = [("amount", "2000"), ("currency", "usd"), ("setup_future_usage", "off_session")];
    for (path, params) in [("/v1/setup_intents", &[][..]), ("/v1/payment_intents", &by_payment)] {
        let mut walked = 0;
        for card in issuers::cards() {
            let owner = customer(&api, &[]);
            let saved = method(&api, card, &[]);
            let customer = ("customer", owner.as_str());
            let common = [customer, ("payment_method", saved.as_str()), ("payment_method_types[]", "card")];
            if set_up(&api, path, &with(&common, params)) {
                walked += 1;
                let session = Circumstances { off_session: true, set_up: true, ..Circumstances::default() };
                assert_pays(&api, card, card.payment(session), pay(&api, &saved, &[OFF_SESSION, customer]));
            }
        }
        // Those that decline cannot be set up; by a payment neither those that decline to pay alone.
        let kept = |card: &&TestCard| match path {
            "/v1/setup_intents" => !matches!(card.setup_off_session, Verdict::Decline(_)),
            _ => !matches!(card.on_session, Verdict::Decline(_)),
        };
        let kept_after = |card: &&TestCard| match path {
            "/v1/setup_intents" => !matches!(card.setup_after_authentication, Verdict::Decline(_)),
            _ => !matches!(card.after_authentication, Verdict::Decline(_)),
        };
        assert_eq!(walked, issuers::cards().filter(kept).filter(kept_after).count(), "{path}");
    }
}

#[test]
fn every_card_is_set_up_or_not_as_its_row_says() {
    let api = sandbox("cards-setup-intents");
    for card in issuers::cards() {
        for (usage, off_session, asks) in
            [("on_session", false, "automatic"), ("off_session", true, "automatic"), ("off_session", true, "any")]
        {
            let session = Circumstances { off_session, asks_for_3ds: asks == "any", ..Circumstances::default() };
            let verdict = card.setup(session);
            let method = method(&api, card, &[]);
            let params = [
                ("payment_method", method.as_str()),
                ("usage", usage),
                ("payment_method_types[]", "card"),
                ("payment_method_options[card][request_three_d_secure]", asks),
                ("confirm", "true"),
                RETURN,
            ];
            let answer = api.post("/v1/setup_intents", &params);
            match verdict {
                Verdict::Approve => assert_eq!(answer.ok()["status"], "succeeded", "{} {usage} {asks}", card.number),
                Verdict::Decline(decline) => assert_set_up_declined(&answer.refused(402), card, decline),
                Verdict::Authenticate => {
                    let waiting = answer.ok();
                    assert_eq!(waiting["status"], "requires_action", "{} {usage} {asks}", card.number);
                    decide(&api, text(&waiting["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
                    let after = api.get(&format!("/v1/setup_intents/{}", id(&waiting)), &[]).ok();
                    match card.setup_after_authentication {
                        Verdict::Decline(decline) => assert_set_up_declined(&after["last_setup_error"], card, decline),
                        _ => assert_eq!(after["status"], "succeeded", "{}", card.number),
                    }
                }
            }
        }
    }
}

/// The error of a setup that the card's issuer refuses; nothing was charged.
#[track_caller]
fn assert_set_up_declined(error: &Value, card: &TestCard, decline: &Decline) {
    let seen = ["type", "code", "decline_code"].map(|key| error[key].as_str().unwrap_or_default());
    assert_eq!(seen, ["card_error", decline.code, decline.intent_decline_code()], "{}: {error}", card.number);
    assert!(error.get("charge").is_none(), "{error}");
}

#[test]
fn every_refund_goes_as_the_row_of_its_card_says() {
    let api = sandbox("cards-refunds");
    for card in issuers::cards().filter(|card| card.charge == Verdict::Approve && card.dispute.is_none()) {
        let source = typed(card, "source");
        let paid = id(&charge(&api, &with(&borrowed(&source), &[("source[object]", "card")])).ok());
        let made = refund(&api, &paid, &[]).ok();
        let status = if card.refund == RefundOutcome::PendThenSucceed { "pending" } else { "succeeded" };
        assert_eq!(made["status"], status, "{}", card.number);
    }
}

#[test]
fn numbers_in_no_table_succeed_as_a_card_of_their_brand() {
    let api = sandbox("cards-unlisted");
    let owner = customer(&api, &[]);
    for (number, cvc, brand, country) in [
        ("4111111111111111", "123", "visa", "US"),
        ("4000052760000011", "123", "visa", "DE"),
        ("5454545454545454", "123", "mastercard", "US"),
        ("341111111111111", "1234", "amex", "US"),
        ("30569309025904", "123", "diners", "US"),
        ("38520000023237", "123", "diners", "US"),
        ("6510000000000018", "123", "discover", "US"),
        ("3528000000000007", "123", "jcb", "US"),
        ("8100000000000002", "123", "unionpay", "US"),
        ("9000000000000001", "123", "unknown", "US"),
    ] {
        assert!(issuers::by_number(number).is_none() && issuers::is_luhn_valid(number), "{number}");
        let card = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "1"),
            ("card[exp_year]", "40"),
            ("card[cvc]", cvc),
        ];
        let made = api.post("/v1/payment_methods", &card).ok();
        assert_eq!((&made["card"]["brand"], &made["card"]["country"]), (&json!(brand), &json!(country)), "{number}");
        attach(&api, &id(&made), &owner).ok();
        let paid = pay(&api, &id(&made), &[("customer", &owner)]).ok();
        assert_eq!(paid["status"], "succeeded", "{number}");
    }
}

#[test]
fn wrong_card_data_is_refused_wherever_it_is_sent() {
    let api = sandbox("cards-faults");
    for (number, month, year, cvc, code, param, message) in [
        ("4242424242424241", "12", "2040", "123", "incorrect_number", "number", "Your card number is incorrect."),
        ("4242", "12", "2040", "123", "invalid_number", "number", "Your card number is invalid."),
        (
            "4242424242424242",
            "13",
            "2040",
            "123",
            "invalid_expiry_month",
            "exp_month",
            "Your card's expiration month is invalid.",
        ),
        (
            "4242424242424242",
            "12",
            "95",
            "123",
            "invalid_expiry_year",
            "exp_year",
            "Your card's expiration year is invalid.",
        ),
        ("4242424242424242", "12", "2040", "99", "invalid_cvc", "cvc", "Your card's security code is invalid."),
        ("378282246310005", "12", "2040", "12345", "invalid_cvc", "cvc", "Your card's security code is invalid."),
        // The first fault counts: number, month, year, code.
        ("4242424242424241", "13", "95", "99", "incorrect_number", "number", "Your card number is incorrect."),
        (
            "4242424242424242",
            "13",
            "95",
            "99",
            "invalid_expiry_month",
            "exp_month",
            "Your card's expiration month is invalid.",
        ),
    ] {
        let sent = |param: &str| {
            [("number", number), ("exp_month", month), ("exp_year", year), ("cvc", cvc)]
                .map(|(key, value)| (format!("{param}[{key}]"), value.to_owned()))
        };
        let [card, source, data] = ["card", "source", "payment_method_data[card]"].map(sent);
        let amount = [("amount", "2000"), ("currency", "usd")];
        let confirm = [("payment_method_data[type]", "card"), ("payment_method_types[]", "card"), ("confirm", "true")];
        for answer in [
            api.post("/v1/tokens", &borrowed(&card)),
            api.post("/v1/payment_methods", &with(&borrowed(&card), &[("type", "card")])),
            api.post("/v1/sources", &with(&borrowed(&card), &[("type", "card")])),
            api.post("/v1/customers", &with(&borrowed(&source), &[("source[object]", "card")])),
            api.post("/v1/charges", &with(&borrowed(&source), &with(&amount, &[("source[object]", "card")]))),
            api.post("/v1/payment_intents", &with(&borrowed(&data), &with(&amount, &confirm))),
        ] {
            let error = answer.refused(402);
            let seen = ["type", "code", "param", "message"].map(|key| error[key].as_str().unwrap());
            assert_eq!(seen, ["card_error", code, param, message], "{number} {month} {year} {cvc}");
        }
    }
    for path in ["/v1/customers", "/v1/charges", "/v1/payment_intents"] {
        assert_eq!(api.get(path, &[]).ok()["data"], json!([]), "{path}");
    }
}

/// A wrong security code is only noticed when one was given.
#[test]
fn a_security_code_that_was_not_given_is_not_wrong() {
    let api = sandbox("cards-no-cvc");
    let bare = |param: &str| {
        [("number", "4000000000000127"), ("exp_month", "12"), ("exp_year", "2040")]
            .map(|(key, value)| (format!("{param}[{key}]"), value.to_owned()))
    };
    let [card, source] = ["card", "source"].map(bare);
    let made = || id(&api.post("/v1/payment_methods", &with(&borrowed(&card), &[("type", "card")])).ok());
    attach(&api, &made(), &customer(&api, &[])).ok();
    assert_eq!(pay(&api, &made(), &[]).ok()["status"], "succeeded");
    let setup = [("payment_method", &*made()), ("payment_method_types[]", "card"), ("confirm", "true")];
    assert_eq!(api.post("/v1/setup_intents", &setup).ok()["status"], "succeeded");
    charge(&api, &with(&borrowed(&source), &[("source[object]", "card")])).ok();
}
