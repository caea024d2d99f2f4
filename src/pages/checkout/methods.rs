//! The payment methods on the page of a Checkout Session, and what is sent to pay with the chosen one.
//!
//! May use: sessions, documents. Invariant: every type that the session offers can be chosen.

use super::inputs::Typed;
use super::template::{InputOption, PageInput};
use crate::pages::methods;
use crate::pages::texts::Texts;
use crate::resources::checkout::sessions::Session;
use crate::resources::payments::paying::{self, Offer};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The input that chooses among them.
pub(super) const CHOICE: &str = "payment_method";

/// What happens next with a method that leads to another page.
const GOES_ON: &str = "After you submit, you go on to a test page, where you authorize or fail the payment.";

/// One payment method on the page.
#[derive(Debug)]
pub(super) struct MethodChoice {
    /// The value of the radio button: a type, or the id of a saved payment method.
    pub(super) value: String,
    pub(super) label: String,
    /// What its button is called.
    pub(super) button: String,
    pub(super) is_chosen: bool,
    pub(super) inputs: Vec<PageInput>,
    /// What happens next; empty for nothing special.
    pub(super) note: &'static str,
    /// Whether it is a card that is typed.
    pub(super) is_card: bool,
    /// Whether it is saved, and the customer may remove it.
    pub(super) is_removable: bool,
}

/// The payment methods of a session: those that the customer saved come first. `card` are the inputs of a card.
pub(super) fn of(session: &Session, tx: &Tx, typed: &Typed, card: Vec<PageInput>, texts: Texts) -> Vec<MethodChoice> {
    let saved = session.saved_methods(tx).into_iter().map(|offer| MethodChoice {
        button: texts.about("Pay with {}", &offer.label.to_lowercase()),
        value: offer.value,
        label: offer.label,
        is_chosen: false,
        inputs: Vec::new(),
        note: "",
        is_card: false,
        is_removable: session.lets_remove(),
    });
    let mut card = Some(card);
    let types = session.types().map(|kind| {
        let tests = Session::test_methods(kind);
        let (inputs, note) = match kind {
            "card" => (card.take().unwrap_or_default(), ""),
            _ if !paying::details(kind).is_empty() => (details(kind, typed), ""),
            _ if !tests.is_empty() => (vec![test_account(kind, tests, typed, texts)], ""),
            _ => (Vec::new(), texts.say(GOES_ON)),
        };
        let label = texts.say(&methods::name(kind)).to_owned();
        MethodChoice {
            value: kind.to_owned(),
            button: texts.about("Pay with {}", &if texts.is_english() { label.to_lowercase() } else { label.clone() }),
            label,
            is_chosen: false,
            inputs,
            note,
            is_card: kind == "card",
            is_removable: false,
        }
    });
    let mut methods: Vec<MethodChoice> = saved.chain(types).collect();
    let wanted = typed.get(CHOICE);
    let chosen = methods.iter().position(|method| Some(method.value.as_str()) == wanted).unwrap_or(0);
    if let Some(method) = methods.get_mut(chosen) {
        method.is_chosen = true;
    }
    methods
}

/// The accounts of a type to test with.
fn test_account(kind: &str, tests: Vec<Offer>, typed: &Typed, texts: Texts) -> PageInput {
    let name = account_input(kind);
    let value = typed.get(&name).map(str::to_owned).or_else(|| Some(tests.first()?.value.clone()));
    PageInput {
        label: texts.say("Test account").to_owned(),
        kind: "select",
        value: value.unwrap_or_default(),
        options: tests.into_iter().map(|Offer { value, label }| InputOption::new(value, label)).collect(),
        is_required: true,
        name,
        ..PageInput::default()
    }
}

/// The inputs for what a customer says of an account, with the values of a test.
fn details(kind: &str, typed: &Typed) -> Vec<PageInput> {
    let input = |(key, label, test): &(&str, &str, &str)| {
        let name = format!("{kind}[{key}]");
        PageInput {
            value: typed.get(&name).unwrap_or(test).to_owned(),
            label: (*label).to_owned(),
            kind: "text",
            is_required: true,
            name,
            ..PageInput::default()
        }
    };
    paying::details(kind).iter().map(input).collect()
}

fn account_input(kind: &str) -> String {
    format!("testAccount[{kind}]")
}

/// The parameters to pay with what was chosen and typed.
pub(in crate::pages) fn params(typed: &Typed) -> Map {
    let chosen = typed.get(CHOICE).unwrap_or("card");
    if let Some(account) = typed.get(&account_input(chosen)) {
        return Offer::params(account);
    }
    let details = paying::details(chosen).iter();
    let said = details
        .filter_map(|(key, ..)| Some(((*key).into(), typed.get(&format!("{chosen}[{key}]"))?.to_owned().into())));
    let said = Map::from_entries(said.collect());
    if !said.is_empty() {
        return Offer::described(chosen, said);
    }
    if chosen != "card" {
        return Offer::params(chosen);
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let expiry = digits(typed.get("cardExpiry").unwrap_or_default());
    let (month, year) = expiry.split_at(expiry.len().min(2));
    let card = [
        ("number", digits(typed.get("cardNumber").unwrap_or_default())),
        ("exp_month", month.to_owned()),
        ("exp_year", year.to_owned()),
        ("cvc", digits(typed.get("cardCvc").unwrap_or_default())),
    ];
    let whole = |text: String| text.parse::<i64>().map_or(Doc::Null, Doc::from);
    let card = card.map(|(key, text)| (key, if key.starts_with("exp") { whole(text) } else { text.into() }));
    let data = Map::from([("card", Doc::from(Map::from(card))), ("type", "card".into())]);
    Map::from([("payment_method_data", data)])
}

/// Whether a card was chosen: one that was typed, or a saved one.
pub(super) fn is_card(typed: &Typed) -> bool {
    typed.get(CHOICE).is_none_or(|chosen| chosen == "card" || chosen.starts_with("pm_"))
}

/// The input that an error about a card is about.
pub(super) fn input_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "incorrect_number" | "invalid_number" => "cardNumber",
        "invalid_expiry_month" | "invalid_expiry_year" => "cardExpiry",
        "invalid_cvc" => "cardCvc",
        _ => return None,
    })
}
