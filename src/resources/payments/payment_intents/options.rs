//! `payment_method_options` of an intent, by type (intents-and-checkout 1.1).
//!
//! May use: the catalogue. Invariant: every type of the intent that has options shows them all, and options that are only sent,
//! such as a one-time code, are not shown.

use super::PaymentIntent;
use crate::catalogue;
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// The default of an option.
fn default(kind: &str, option: &str) -> Doc {
    match (kind, option) {
        ("bancontact", "preferred_language") => "en".into(),
        ("boleto" | "oxxo", "expires_after_days") => 3.into(),
        ("card", "request_three_d_secure") => "automatic".into(),
        _ => Doc::Null,
    }
}

/// Merges the options that were sent into those of an intent; `null` restores a type's defaults.
pub(super) fn set_options(rest: &mut Map, params: &Map) {
    let mut options = rest.map("payment_method_options").cloned().unwrap_or_default();
    let mut sent = params.map("payment_method_options").cloned().unwrap_or_default();
    for kind in unset(&sent) {
        let _ = (sent.remove(&kind), options.remove(&kind));
    }
    let types = rest.list("payment_method_types").unwrap_or_default();
    let shown = template::fields_at(PaymentIntent::KIND, &["payment_method_options"]);
    let has_options = |kind: &&str| catalogue::field(shown, kind).is_some();
    for kind in types.iter().filter_map(Doc::as_str).filter(has_options) {
        if !options.has(kind) {
            options.set(kind.to_owned(), Map::new());
        }
    }
    options.merge(&sent);
    let shown = |(kind, own): (&str, &Doc)| Some((kind.to_owned().into(), whole(kind, own.as_map()?).into()));
    let shown = Map::from_entries(options.iter().filter_map(shown).collect());
    rest.set("payment_method_options", shown);
}

/// The keys to unset.
fn unset(options: &Map) -> Vec<String> {
    options.iter().filter(|(_, value)| value.is_null()).map(|(key, _)| key.to_owned()).collect()
}

/// The options of a type with the defaults of those that were not sent, and without those that are not shown.
fn whole(kind: &str, own: &Map) -> Map {
    let fields = template::fields_at(PaymentIntent::KIND, &["payment_method_options", kind]);
    let mut whole = Map::new();
    for field in fields {
        match own.get(field.name) {
            Some(said) if field.nullable || !said.is_null() => whole.set(field.name, said.clone()),
            _ if field.optional => {}
            _ => whole.set(field.name, default(kind, field.name)),
        }
    }
    template::complete(&mut whole, fields);
    whole
}
