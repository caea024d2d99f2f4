//! What a customer may enter on the page of a Checkout Session, or a call without a browser instead of them.
//!
//! May use: documents, money. Invariant: the page and the call enter the same things, each under the name that its users know.

use crate::money::{self, Decimal};
use crate::pages::texts::Texts;
use crate::state::document::{Doc, Map};

/// What an input contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InputValue {
    Text,
    /// A box: on a page it is sent if it is ticked.
    Flag,
    /// An amount: in units of the currency on the page, in its smallest unit in a call.
    Amount,
}

/// One thing that may be entered.
#[derive(Clone, Copy, Debug)]
struct Input {
    /// Its name and id on the page (stripe-js 1.1).
    page: &'static str,
    /// Its name in a call.
    call: &'static str,
    /// Where it belongs in what is entered into a session.
    path: &'static [&'static str],
    value: InputValue,
    /// What it is, for the table of calls.
    what: &'static str,
}

const fn text(page: &'static str, call: &'static str, path: &'static [&'static str], what: &'static str) -> Input {
    Input { page, call, path, value: InputValue::Text, what }
}

const fn flag(page: &'static str, call: &'static str, path: &'static [&'static str], what: &'static str) -> Input {
    Input { page, call, path, value: InputValue::Flag, what }
}

const INPUTS: [Input; 28] = [
    text(
        "email",
        "email",
        &["email"],
        "the customer's email address, if the session has none; `customer@example.com` when not sent",
    ),
    text(
        "phoneNumber",
        "phone",
        &["phone"],
        "the phone number, if the session asks for it; made up when not sent, as is all that follows and is required",
    ),
    text("billingName", "name", &["name"], "the customer's name"),
    text(
        "billingCountry",
        "country",
        &["address", "country"],
        "two letters; with the next ones the customer's address, by which automatic tax is computed",
    ),
    text("billingPostalCode", "postal_code", &["address", "postal_code"], "as `country`"),
    text("billingAdministrativeArea", "state", &["address", "state"], "as `country`"),
    text("billingLocality", "city", &["address", "city"], "as `country`"),
    text("billingAddressLine1", "line1", &["address", "line1"], "as `country`"),
    text("billingAddressLine2", "line2", &["address", "line2"], "as `country`"),
    text(
        "shippingName",
        "shipping_name",
        &["shipping", "name"],
        "who gets what is bought, if the session asks for a shipping address",
    ),
    text(
        "shippingCountry",
        "shipping_country",
        &["shipping", "address", "country"],
        "two letters; with the next ones the shipping address",
    ),
    text(
        "shippingPostalCode",
        "shipping_postal_code",
        &["shipping", "address", "postal_code"],
        "as `shipping_country`",
    ),
    text("shippingAdministrativeArea", "shipping_state", &["shipping", "address", "state"], "as `shipping_country`"),
    text("shippingLocality", "shipping_city", &["shipping", "address", "city"], "as `shipping_country`"),
    text("shippingAddressLine1", "shipping_line1", &["shipping", "address", "line1"], "as `shipping_country`"),
    text("shippingAddressLine2", "shipping_line2", &["shipping", "address", "line2"], "as `shipping_country`"),
    text(
        "shippingRate",
        "shipping_rate",
        &["shipping_rate"],
        "the id of the chosen shipping rate; the first one when not sent",
    ),
    text("businessName", "business_name", &["business_name"], "the name of the business, if the session asks for it"),
    text(
        "individualName",
        "individual_name",
        &["individual_name"],
        "the name of the person, if the session asks for it",
    ),
    text(
        "taxIdType",
        "tax_id_type",
        &["tax_id", "type"],
        "the type of the tax id, such as `eu_vat`, if the session asks for it",
    ),
    text("taxId", "tax_id", &["tax_id", "value"], "the tax id"),
    flag(
        "termsOfServiceConsentCheckbox",
        "terms_of_service",
        &["consent", "terms_of_service"],
        "`true` if the terms of service are accepted",
    ),
    flag(
        "promotionsConsentCheckbox",
        "promotions",
        &["consent", "promotions"],
        "`true` if the customer wants to hear of promotions",
    ),
    flag(
        "savePaymentMethod",
        "save_payment_method",
        &["save_payment_method"],
        "`true` to save the payment method, if the session lets the customer",
    ),
    text(
        "removePaymentMethod",
        "remove_payment_method",
        &["remove_payment_method"],
        "the id of a saved payment method that is removed, if the session lets the customer",
    ),
    text(
        "promotionCode",
        "promotion_code",
        &["promotion_code"],
        "the text of a promotion code, if the session allows them; empty for none",
    ),
    Input {
        page: "customUnitAmount",
        call: "amount",
        path: &["amount"],
        value: InputValue::Amount,
        what: "the unit amount that the customer chooses, in the currency's smallest unit, of a price with `custom_unit_amount`",
    },
    text("customFields", "custom_fields[*]", &["custom_fields"], "what is entered in a custom field, by its key"),
];

/// The largest number of inputs that a page sends, and of characters in one: that of the API's texts.
const INPUTS_MAX: usize = 500;
const TEXT_MAX: usize = 5_000;

/// The quantity of a line, on the page and in a call.
const QUANTITIES: &str = "quantities";

/// The quantity of an optional item: on the page, and in a call and what is entered.
const OPTIONAL: (&str, &str) = ("optionalItems", "optional_items");

/// The amount that stood on the page.
const EXPECTED: &str = "expectedAmount";

/// The parameters of a call, with what they mean.
pub(crate) const PARAMETERS: [(&str, &str); INPUTS.len() + 2] = {
    let mut all =
        [("quantities[*]", "the quantity of a line that the customer may change, by the line's id"); INPUTS.len() + 2];
    all[INPUTS.len()] = (
        "optional_items[*]",
        "the quantity of an optional item that the customer adds, by the id of its price; 0 takes it off",
    );
    let mut at = 0;
    while at < INPUTS.len() {
        all[at] = (INPUTS[at].call, INPUTS[at].what);
        at += 1;
    }
    all
};

/// What was typed on a page: names and values, as the browser sent them.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Typed(pub(in crate::pages) Vec<(String, String)>);

impl Typed {
    /// What a browser sent; `None` if it is more than a person types.
    pub(in crate::pages) fn read(body: &[u8]) -> Option<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        let is_typed = pairs.len() <= INPUTS_MAX && pairs.iter().all(|(_, text)| text.chars().count() <= TEXT_MAX);
        is_typed.then_some(Typed(pairs))
    }

    /// The text of an input; `None` if the page did not have it.
    pub(in crate::pages) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a button was pressed that changes the order, or what can pay for it, and pays nothing.
    pub(super) fn changes_the_order(&self) -> bool {
        self.below(OPTIONAL.0).next().is_some() || self.get("removePaymentMethod").is_some()
    }

    /// Whether a box is ticked.
    pub(super) fn ticks(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The keys and texts of inputs such as `outer[key]`.
    fn below<'t>(&'t self, outer: &'static str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.0.iter().filter_map(move |(name, value)| Some((key_of(name, outer)?, value.as_str())))
    }

    /// What is entered into a session with this currency. Of a box that is not ticked nothing is sent, so each that the session
    /// asks about (`boxes`) is said.
    ///
    /// # Errors
    /// The name of an input that should contain a number, and does not.
    pub(super) fn entered(&self, currency: &str, boxes: &[&str], texts: Texts) -> Result<Map, String> {
        let mut entered = Map::new();
        for input in &INPUTS {
            let value = match (input.value, self.get(input.page)) {
                (InputValue::Flag, ticked) if boxes.contains(&input.call) => Doc::Bool(ticked.is_some()),
                (InputValue::Text, Some(text)) => match text.trim() {
                    // An empty code takes the former one back.
                    "" if input.call != "promotion_code" => continue,
                    text => text.to_owned().into(),
                },
                (InputValue::Amount, Some(text)) => {
                    smallest_unit(&texts.plain(text.trim()), currency).ok_or_else(|| input.page.to_owned())?.into()
                }
                _ => continue,
            };
            put(&mut entered, input.path, value);
        }
        for (key, value) in self.below("customFields") {
            put(&mut entered, &["custom_fields", key], value.trim().to_owned().into());
        }
        for (key, value) in self.below(QUANTITIES) {
            let quantity = value.trim().parse::<i64>().map_err(|_| format!("{QUANTITIES}[{key}]"))?;
            put(&mut entered, &[QUANTITIES, key], quantity.into());
        }
        for (price, value) in self.below(OPTIONAL.0) {
            let quantity = value.trim().parse::<i64>().map_err(|_| format!("{}[{price}]", OPTIONAL.0))?;
            put(&mut entered, &[OPTIONAL.1, price], quantity.into());
        }
        if let Some(seen) = self.get(EXPECTED).and_then(|text| text.parse::<i64>().ok()) {
            entered.set("expected_amount", seen);
        }
        Ok(entered)
    }
}

/// What is entered into a session by the parameters of a call.
///
/// # Errors
/// The name of a parameter that is no number or no flag.
pub(crate) fn of_call(sent: &[(String, String)]) -> Result<Map, String> {
    let mut entered = Map::new();
    for (name, value) in sent {
        if let Some(line) = key_of(name, QUANTITIES) {
            let quantity = value.parse::<i64>().map_err(|_| name.clone())?;
            put(&mut entered, &[QUANTITIES, line], quantity.into());
        } else if let Some(price) = key_of(name, OPTIONAL.1) {
            let quantity = value.parse::<i64>().map_err(|_| name.clone())?;
            put(&mut entered, &[OPTIONAL.1, price], quantity.into());
        } else if let Some(key) = key_of(name, "custom_fields") {
            put(&mut entered, &["custom_fields", key], value.clone().into());
        } else if let Some(input) = INPUTS.iter().find(|input| input.call == name) {
            let value = match input.value {
                InputValue::Text if value.is_empty() && input.call != "promotion_code" => continue,
                InputValue::Text => value.clone().into(),
                InputValue::Flag => value.parse::<bool>().map_err(|_| name.clone())?.into(),
                InputValue::Amount => value.parse::<i64>().map_err(|_| name.clone())?.into(),
            };
            put(&mut entered, input.path, value);
        }
    }
    Ok(entered)
}

/// The name on the page of what an error's parameter is about.
pub(super) fn page_name(param: &str) -> Option<String> {
    if let Some(key) = key_of(param, "custom_fields") {
        return Some(format!("customFields[{key}]"));
    }
    if key_of(param, QUANTITIES).is_some() {
        return Some(param.to_owned());
    }
    let in_brackets = |path: &[&str]| {
        path.iter()
            .skip(1)
            .fold(path.first().copied().unwrap_or_default().to_owned(), |name, key| format!("{name}[{key}]"))
    };
    INPUTS.iter().find(|input| in_brackets(input.path) == param).map(|input| input.page.to_owned())
}

/// The key in `outer[key]`.
fn key_of<'n>(name: &'n str, outer: &str) -> Option<&'n str> {
    name.strip_prefix(outer)?.strip_prefix('[')?.strip_suffix(']')
}

fn put(into: &mut Map, path: &[&str], value: Doc) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        into.set((*first).to_owned(), value);
        return;
    }
    let mut inner = into.map(first).cloned().unwrap_or_default();
    put(&mut inner, rest, value);
    into.set((*first).to_owned(), inner);
}

/// An amount as it is typed, such as `12.50`, in the currency's smallest unit.
fn smallest_unit(text: &str, currency: &str) -> Option<i64> {
    let digits = money::decimals(currency);
    Decimal::parse(text)?.times(10_i64.pow(digits)).exact()
}
