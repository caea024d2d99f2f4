//! What a round does: the actions that a user of the API would mean, and those that nobody would.

use std::collections::BTreeMap;

use pinstripe::catalogue::{self, Field, Method, Operation, Returns, Type};
use serde_json::{Value, json};

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

    /// Whether an id of this kind is known.
    fn has(&self, kind: &str) -> bool {
        self.0.contains_key(kind)
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
    ("POST", "/v1/test_helpers/test_clocks", "frozen_time={later}&name=Clock {n}"),
    ("POST", "/v1/test_helpers/test_clocks/{test_helpers.test_clock}/advance", "frozen_time={later}"),
    ("POST", "/v1/customers", "test_clock={test_helpers.test_clock}&email=a{n}@example.com&source={card}"),
    ("GET", "/v1/customers", "test_clock={test_helpers.test_clock}"),
    ("GET", "/v1/test_helpers/test_clocks/{test_helpers.test_clock}", ""),
    ("DELETE", "/v1/test_helpers/test_clocks/{test_helpers.test_clock}", ""),
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

/// What comes next: mostly what a user would mean; now and then an operation of the catalogue in its turn, or any with what
/// nobody would mean.
pub(crate) fn next(dice: &mut Dice, known: &Known, turn: &mut usize) -> Ask {
    match dice.roll(8) {
        0 => return anything(dice, known),
        1 | 2 => {
            *turn += 1;
            return plausible(dice, known, *turn);
        }
        _ => {}
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
            "later" => out.push_str(&(1_800_000_000 + dice.roll(60) * 86_400).to_string()),
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

/// How many operations of the catalogue have a turn in a round, at least.
const TURNS: usize = 60;

/// Where the turns of a round begin: those of as many rounds as it takes reach every operation.
pub(crate) fn first_turn(seed: u64) -> usize {
    usize::try_from(seed).unwrap().wrapping_mul(TURNS)
}

/// After how many rounds every operation had a turn.
pub(crate) fn rounds_for_all() -> usize {
    catalogue::operations().len().div_ceil(TURNS) + 1
}

/// The operation whose turn it is, with the parameters that it needs and some others, each as its type wants it.
fn plausible(dice: &mut Dice, known: &Known, turn: usize) -> Ask {
    let operations = catalogue::operations();
    let operation = &operations[turn % operations.len()];
    let shown = match operation.returns {
        Returns::Object(kinds) | Returns::List(kinds) | Returns::SearchResult(kinds) => kinds.first().copied(),
        Returns::Deleted(kind) => Some(kind),
        Returns::Stream | Returns::Other => None,
    };
    let mut path = String::new();
    for part in operation.path.split('/').skip(1) {
        path.push('/');
        match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            None => path.push_str(part),
            Some(name) if known.has(name) => path.push_str(&known.one(dice, name)),
            Some(_) => path.push_str(&known.one(dice, shown.unwrap_or("nothing"))),
        }
    }
    let sent = object(dice, known, operation.params, 0);
    let is_json = operation.path.starts_with("/v2/") && operation.method == Method::Post;
    let form = if is_json {
        sent.to_string()
    } else {
        let mut pairs = Vec::new();
        flatten("", &sent, &mut pairs);
        serde_urlencoded::to_string(pairs).unwrap()
    };
    Ask { method: operation.method.as_str(), path, form }
}

/// The levels to which parameters that are not needed are sent.
const DEEP: usize = 3;

fn object(dice: &mut Dice, known: &Known, fields: &'static [Field], level: usize) -> Value {
    let mut sent = serde_json::Map::new();
    for field in fields {
        let is_sent = field.required || (level < DEEP && dice.roll(6 + 6 * level) == 0);
        if let Some(value) = is_sent.then(|| value(dice, known, field.name, field.kind, level)).flatten() {
            sent.insert(field.name.to_owned(), value);
        }
    }
    Value::Object(sent)
}

fn value(dice: &mut Dice, known: &Known, name: &str, kind: &'static Type, level: usize) -> Option<Value> {
    let whole = |dice: &mut Dice| match name {
        "limit" => 1 + dice.roll(100),
        "exp_month" => 1 + dice.roll(12),
        "exp_year" => 2034,
        _ => [1, 2, 100, 1_500][dice.roll(4)],
    };
    Some(match kind {
        Type::Integer => json!(whole(dice)),
        Type::Int64String => json!(whole(dice).to_string()),
        Type::Number => json!(12.5),
        Type::Decimal => json!("12.5"),
        Type::Boolean => json!(dice.roll(2) == 0),
        Type::Timestamp => json!(1_800_000_000 + dice.roll(60) * 86_400),
        Type::Range => json!({"gte": 1_700_000_000}),
        Type::Enum(values) if !values.is_empty() => json!(dice.one_of(values)),
        Type::Object(fields) => object(dice, known, fields, level + 1),
        Type::Array(item) => json!([value(dice, known, name, item, level + 1)?]),
        Type::Map(item) => json!({"one": value(dice, known, name, item, level + 1)?}),
        Type::Metadata => json!({"n": dice.roll(100).to_string()}),
        _ => json!(words(dice, known, name)),
    })
}

/// A text for a parameter of this name.
fn words(dice: &mut Dice, known: &Known, name: &str) -> String {
    match name {
        _ if known.has(name) => known.one(dice, name),
        "currency" | "default_currency" => "usd".to_owned(),
        "country" => "US".to_owned(),
        "email" => "a@example.com".to_owned(),
        "source" | "token" => dice.one_of(CARDS).to_owned(),
        "payment_method" => dice.one_of(METHODS).to_owned(),
        "number" => "4242424242424242".to_owned(),
        "starting_after" | "ending_before" => String::new(),
        _ if name.ends_with("url") => "https://shop.example/back".to_owned(),
        _ => format!("{name} {}", dice.roll(100)),
    }
}

/// Writes parameters as a form has them.
fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(&below(key), value, pairs)),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                flatten(&below(&n.to_string()), item, pairs);
            }
        }
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        plain => pairs.push((name.to_owned(), plain.to_string())),
    }
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
