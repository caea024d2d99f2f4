//! `payment_method_options` of an intent, by type (intents-and-checkout 1.1).
//!
//! May use: the catalogue. Invariant: every type of the intent that has options shows them all, and options that are only sent,
//! such as a one-time code, are not shown.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::PaymentIntent;
use crate::object::template;
use crate::state::document::{Doc, Map, Text};
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
    if let Some(sent) = params.map("payment_method_options") {
        let mut sent = sent.clone();
        for kind in unset(&sent) {
            let _ = (sent.remove(&kind), options.remove(&kind));
        }
        options.merge(&sent);
    }
    let types = rest.list("payment_method_types").unwrap_or_default();
    let known = template::fields_at(PaymentIntent::KIND, &["payment_method_options"]);
    let taken = |kind: &str| types.iter().any(|taken| taken.as_str() == Some(kind));
    let mut shown: Vec<(Text, Doc)> = Vec::with_capacity(types.len() + options.len());
    for (kind, own) in options.iter() {
        if let Some(own) = own.as_map() {
            shown.push((Text::copy_of(kind), whole(kind, own).into()));
        }
    }
    for field in known.iter().filter(|field| taken(field.name) && !options.has(field.name)) {
        shown.push((field.name.into(), whole(field.name, &Map::new()).into()));
    }
    rest.set("payment_method_options", Map::from_entries(shown));
}

/// The keys to unset.
fn unset(options: &Map) -> Vec<String> {
    options.iter().filter(|(_, value)| value.is_null()).map(|(key, _)| key.to_owned()).collect()
}

/// The options of a type with the defaults of those that were not sent, and without those that are not shown.
fn whole(kind: &str, own: &Map) -> Map {
    /// What most intents show of a type, shared by them.
    static DEFAULTS: LazyLock<BTreeMap<&'static str, Map>> = LazyLock::new(|| {
        let known = template::fields_at(PaymentIntent::KIND, &["payment_method_options"]);
        known.iter().map(|field| (field.name, completed(field.name, &Map::new()).into_base())).collect()
    });
    match DEFAULTS.get(kind).filter(|_| own.is_empty()) {
        Some(defaults) => defaults.clone(),
        None => completed(kind, own),
    }
}

fn completed(kind: &str, own: &Map) -> Map {
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
