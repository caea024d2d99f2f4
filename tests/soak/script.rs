//! What a round does: the actions that a user of the API would mean, and those that nobody would.

use std::collections::BTreeMap;

use pinstripe::catalogue::{self, Method, Operation};

use crate::support::dice::{self, Dice};

/// A request of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub method: &'static str,
    pub path: String,
    pub form: String,
}

/// The ids that a round was given, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(BTreeMap<String, Vec<String>>);

/// Ids of a kind that are remembered; later ones take the place of others.
const REMEMBERED: usize = 20;

impl Known {
    pub(crate) fn add(&mut self, dice: &mut Dice, kind: &str, id: &str) {
        let ids = self.0.entry(kind.to_owned()).or_default();
        if ids.len() < REMEMBERED {
            ids.push(id.to_owned());
        } else {
            let place = dice.roll(REMEMBERED);
            id.clone_into(&mut ids[place]);
        }
    }

    fn one(&self, dice: &mut Dice, kind: &str) -> String {
        match self.0.get(kind) {
            Some(ids) if dice.roll(20) > 0 => ids[dice.roll(ids.len())].clone(),
            _ => format!("{kind}_that_nobody_made"),
        }
    }

    fn all(&self) -> Vec<String> {
        self.0.values().flatten().cloned().collect()
    }
}

/// What a user would mean. `{kind}` is an id of the kind, `{amount}`, `{card}` and `{method}` one of some.
static MEANT: &[(&str, &str, &str)] = &[
    ("POST", "/v1/customers", "email=a{n}@example.com&source={card}&metadata[n]={n}"),
    ("POST", "/v1/customers", "email=a{n}@example.com&name=Jenny"),
    ("POST", "/v1/customers/{customer}", "metadata[n]={n}&description=changed"),
    ("POST", "/v1/customers/{customer}/sources", "source={card}"),
    ("GET", "/v1/customers/{customer}", ""),
    ("GET", "/v1/customers", "limit={n}"),
    ("DELETE", "/v1/customers/{customer}", ""),
    ("DELETE", "/v1/customers/{customer}/sources/{card}", ""),
    ("POST", "/v1/payment_methods", "type=card&card[token]={card}"),
    ("POST", "/v1/payment_methods/{payment_method}/attach", "customer={customer}"),
    ("POST", "/v1/payment_methods/{payment_method}/detach", ""),
    ("POST", "/v1/charges", "amount={amount}&currency=usd&source={card}"),
    ("POST", "/v1/charges", "amount={amount}&currency=usd&source={card}"),
    ("POST", "/v1/charges", "amount={amount}&currency=usd&source={card}&capture=false"),
    ("POST", "/v1/charges", "amount={amount}&currency=usd&customer={customer}"),
    ("POST", "/v1/charges/{charge}/capture", "amount={amount}"),
    ("POST", "/v1/charges/{charge}/capture", ""),
    ("GET", "/v1/charges/{charge}", "expand[]=balance_transaction&expand[]=refunds"),
    ("GET", "/v1/charges", "limit={n}&customer={customer}"),
    ("POST", "/v1/refunds", "charge={charge}&amount={amount}"),
    ("POST", "/v1/refunds", "charge={charge}"),
    ("POST", "/v1/refunds", "payment_intent={payment_intent}"),
    ("POST", "/v1/refunds/{refund}/cancel", ""),
    ("POST", "/v1/payment_intents", "amount={amount}&currency=usd&payment_method_types[]=card"),
    (
        "POST",
        "/v1/payment_intents",
        "amount={amount}&currency=eur&payment_method_types[]=card&payment_method={method}&confirm=true",
    ),
    (
        "POST",
        "/v1/payment_intents",
        "amount={amount}&currency=usd&payment_method_types[]=card&payment_method={method}&confirm=true&capture_method=manual",
    ),
    ("POST", "/v1/payment_intents/{payment_intent}/confirm", "payment_method={method}"),
    ("POST", "/v1/payment_intents/{payment_intent}/confirm", "payment_method={payment_method}"),
    ("POST", "/v1/payment_intents/{payment_intent}/capture", "amount_to_capture={amount}"),
    ("POST", "/v1/payment_intents/{payment_intent}/capture", ""),
    ("POST", "/v1/payment_intents/{payment_intent}/cancel", ""),
    ("POST", "/v1/payment_intents/{payment_intent}", "amount={amount}&metadata[n]={n}"),
    ("GET", "/v1/payment_intents/{payment_intent}", "expand[]=latest_charge"),
    (
        "POST",
        "/v1/setup_intents",
        "payment_method_types[]=card&payment_method={method}&confirm=true&customer={customer}",
    ),
    ("POST", "/v1/setup_intents/{setup_intent}/cancel", ""),
    ("POST", "/v1/sources", "type=card&token={card}&usage=single_use&amount={amount}&currency=usd"),
    ("POST", "/v1/charges", "amount={amount}&currency=usd&source={source}"),
    ("POST", "/v1/tokens", "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123"),
    ("GET", "/v1/disputes", "limit={n}"),
    ("POST", "/v1/disputes/{dispute}", "evidence[uncategorized_text]=winning_evidence&submit=true"),
    ("POST", "/v1/disputes/{dispute}/close", ""),
    ("POST", "/v1/payouts", "amount={amount}&currency=usd"),
    ("POST", "/v1/products", "name=Product {n}"),
    ("POST", "/v1/prices", "product={product}&unit_amount={amount}&currency=usd"),
    ("GET", "/v1/balance", ""),
    ("GET", "/v1/balance_transactions", "limit={n}"),
    ("GET", "/v1/events", "limit={n}"),
    ("GET", "/v1/charges/search", "query=amount>{n}"),
];

const CARDS: &[&str] = &[
    "tok_visa",
    "tok_visa",
    "tok_mastercard",
    "tok_amex",
    "tok_bypassPending",
    "tok_createDispute",
    "tok_chargeDeclined",
    "tok_chargeCustomerFail",
    "btok_us_verified",
];

const METHODS: &[&str] = &[
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_mastercard",
    "pm_card_bypassPending",
    "pm_card_threeDSecure2Required",
    "pm_card_chargeDeclined",
    "pm_card_createDispute",
];

const AMOUNTS: &[&str] = &["1", "50", "99", "500", "1099", "2000", "999999", "99999999", "0", "-5", "lots"];

/// What comes next: mostly what a user would mean, now and then anything that the catalogue knows.
pub(crate) fn next(dice: &mut Dice, known: &Known) -> Ask {
    if dice.roll(4) == 0 {
        return anything(dice, known);
    }
    let (method, path, form) = MEANT[dice.roll(MEANT.len())];
    let path = fill(dice, known, path);
    let form = fill(dice, known, form);
    Ask { method, path, form }
}

fn fill(dice: &mut Dice, known: &Known, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap();
        out.push_str(before);
        match name {
            "n" => out.push_str(&(dice.roll(120)).to_string()),
            "amount" => out.push_str(dice.one_of(AMOUNTS)),
            "method" => out.push_str(dice.one_of(METHODS)),
            "card" if !text.starts_with("/v1") => out.push_str(dice.one_of(CARDS)),
            kind => out.push_str(&known.one(dice, kind)),
        }
        rest = behind;
    }
    out + rest
}

/// What nobody would mean: any operation, with parameters that are about right, about half of the time.
fn anything(dice: &mut Dice, known: &Known) -> Ask {
    let v1 = |operation: &&Operation| operation.path.starts_with("/v1/");
    let operations: Vec<&Operation> = catalogue::operations().iter().filter(v1).collect();
    let (built, rest): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|operation| pinstripe::resources::behaviour(operation).is_some());
    let pool = if dice.roll(3) > 0 { built } else { rest };
    let operation = pool[dice.roll(pool.len())];
    let ids = known.all();
    let params = dice::params(dice, operation.params, &ids);
    let method = match operation.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    Ask { method, path: dice::target(dice, operation.path, &ids), form: serde_urlencoded::to_string(params).unwrap() }
}

/// The faults of a round: each now and then, all of them together.
pub(crate) fn faults(dice: &mut Dice) -> Vec<String> {
    let declines = pinstripe::issuers::decline_codes();
    let decline = declines[dice.roll(declines.len())];
    let effects = [
        r#"{"error": "rate_limit"}"#.to_owned(),
        r#"{"error": "lock_timeout"}"#.to_owned(),
        r#"{"error": "api_error"}"#.to_owned(),
        r#"{"error": "unavailable"}"#.to_owned(),
        format!(r#"{{"decline": "{decline}"}}"#),
        r#"{"delay": [0, 2]}"#.to_owned(),
        r#"{"reset": "before"}"#.to_owned(),
        r#"{"reset": "after"}"#.to_owned(),
        format!(r#"{{"truncate": {}}}"#, dice.roll(200)),
        r#"{"delivery": "drop"}"#.to_owned(),
        r#"{"delivery": "duplicate"}"#.to_owned(),
        r#"{"delivery": "shuffle"}"#.to_owned(),
    ];
    effects.iter().map(|effect| format!(r#"{{"effect": {effect}, "probability": 0.02}}"#)).collect()
}
