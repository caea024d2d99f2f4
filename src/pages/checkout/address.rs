//! The inputs of an address on the page of a Checkout Session, by its country (stripe-js 1.1).
//!
//! May use: what an address needs, the countries. Invariant: the page asks for the parts that the rules need, and the script of the page
//! changes them by what stands here.

use super::template::{InputOption, PageInput};
use super::view::CheckoutView;
use crate::pages::countries;
use crate::pages::texts::Texts;
use crate::resources::checkout::sessions::{self, CheckoutForm};

/// The countries in which a whole address may be asked for; all for an empty list, `None` if none is asked for.
pub(super) fn countries_of(asked: &CheckoutForm<'_>) -> Option<Vec<String>> {
    if asked.whole_address {
        return Some(Vec::new());
    }
    asked.ships_to.as_ref().or(asked.asks_shop.as_ref()).map(|places| places.iter().map(ToString::to_string).collect())
}

/// What of an address changes with the country, for the script: `c`, `s` and `z` for a city, a state and a postal code that are needed, then
/// the labels of the code and the state. `*` is any other country.
pub(super) fn rules(places: &[String], texts: Texts) -> String {
    let usual = rule("", texts);
    let mut all = serde_json::Map::from_iter([("*".to_owned(), usual.clone().into())]);
    let codes = countries::all().map(|(code, _)| code);
    let own = codes.filter(|code| places.is_empty() || places.iter().any(|place| place == code));
    all.extend(own.map(|code| (code.to_owned(), rule(code, texts).into())).filter(|(_, rule)| *rule != usual));
    serde_json::Value::from(all).to_string()
}

fn rule(country: &str, texts: Texts) -> String {
    let needed = [("city", "c"), ("state", "s"), ("postal_code", "z")];
    let needed: String =
        needed.iter().filter(|(part, _)| sessions::address_needs(country, part)).map(|(_, mark)| *mark).collect();
    let labels = [postal_label(country), countries::area_label(country)].map(|label| texts.say(label));
    format!("{needed}|{}|{}", labels[0], labels[1])
}

fn postal_label(country: &str) -> &'static str {
    countries::postal_label(country).unwrap_or("Postal code")
}

/// The states of the countries that have a list of them.
pub(super) fn area_lists(places: &[String], texts: Texts) -> Vec<(&'static str, Vec<InputOption>)> {
    let own = countries::WITH_AREAS.into_iter();
    let own = own.filter(|code| places.is_empty() || places.iter().any(|place| place == code));
    own.map(|code| (code, areas(code, texts))).collect()
}

fn areas(country: &str, texts: Texts) -> Vec<InputOption> {
    let none = InputOption::new("", texts.say("Select an option"));
    std::iter::once(none).chain(countries::areas(country).map(|(code, name)| InputOption::new(code, name))).collect()
}

/// The inputs of an address in one of these countries, or anywhere.
pub(super) fn inputs(view: &CheckoutView<'_>, of: &'static str, places: &[&str]) -> Vec<PageInput> {
    let known = |key: &str| if of == "billing" { view.known(&["address", key]) } else { String::new() };
    let country = country(view, of, places, &known("country"));
    let chosen = country.value.clone();
    let part = |(name, label, key, autocomplete): (&str, &str, &str, [&'static str; 2])| PageInput {
        autocomplete: autocomplete[usize::from(of == "billing")],
        is_required: sessions::address_needs(&chosen, key),
        ..view.input(&format!("{of}{name}"), label, "text", &known(key))
    };
    let area = part((
        "AdministrativeArea",
        countries::area_label(&chosen),
        "state",
        ["shipping address-level1", "billing address-level1"],
    ));
    let area = if countries::WITH_AREAS.contains(&chosen.as_str()) { listed(area, &chosen, view.texts) } else { area };
    let lines = [
        ("AddressLine1", "Address line 1", "line1", ["shipping address-line1", "billing address-line1"]),
        ("AddressLine2", "Address line 2", "line2", ["shipping address-line2", "billing address-line2"]),
        ("Locality", "City", "city", ["shipping address-level2", "billing address-level2"]),
    ];
    let code = ("PostalCode", postal_label(&chosen), "postal_code", ["shipping postal-code", "billing postal-code"]);
    let mut all = vec![country];
    all.extend(lines.map(part));
    all.push(area);
    all.push(part(code));
    all
}

/// A state that is chosen from those of its country; what was typed elsewhere may be none of them.
fn listed(area: PageInput, country: &str, texts: Texts) -> PageInput {
    let options = areas(country, texts);
    let is_known = |option: &&InputOption| option.value == area.value || option.label.eq_ignore_ascii_case(&area.value);
    let value = options.iter().find(is_known).map(|option| option.value.clone()).unwrap_or_default();
    PageInput { kind: "select", value, options, ..area }
}

/// The country of an address; the first that is offered, or the United States, until one is known.
pub(super) fn country(view: &CheckoutView<'_>, of: &str, places: &[&str], known: &str) -> PageInput {
    let options: Vec<InputOption> = countries::all()
        .filter(|(code, _)| places.is_empty() || places.contains(code))
        .map(|(code, name)| InputOption::new(code, name))
        .collect();
    let first = if options.iter().any(|option| option.value == "US") {
        "US"
    } else {
        options.first().map_or("", |it| &it.value)
    };
    let known = if known.is_empty() { first } else { known };
    let input = view.input(&format!("{of}Country"), "Country or region", "select", known);
    PageInput { autocomplete: if of == "billing" { "billing country" } else { "shipping country" }, options, ..input }
}
