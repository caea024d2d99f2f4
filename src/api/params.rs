//! The one check of parameters: a form against an operation of the catalogue (core-payments 1.6).
//!
//! May use: the catalogue, the errors. Invariant: what it returns has the types that the catalogue says, and
//! no operation needs a check of its own for what the catalogue knows.

mod convert;
mod names;

use std::ops::Deref;

use self::convert::Path;
use crate::api::error::{ApiError, Result};
use crate::catalogue::{self, Field, Operation};
use crate::http::form::Form;
use crate::state::document::{Doc, Map, Text};

/// The parameters of a call, typed. `null` is what the empty string unsets.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map,
    /// The paths to expand.
    pub expand: Vec<String>,
}

impl Deref for Params {
    type Target = Map;
    fn deref(&self) -> &Map {
        &self.map
    }
}

/// Parameters that no description has and the API takes (core-payments 2 and 6.2). They are strings.
const UNDOCUMENTED: &[(&str, &str)] = &[("customers.create", "id"), ("charges.create", "payment_method")];

/// What Stripe.js sends along with every call; it has no meaning here.
const BROWSER_EXTRAS: &[&str] = &[
    "_stripe_account",
    "_stripe_version",
    "client_attribution_metadata",
    "guid",
    "key",
    "muid",
    "pasted_fields",
    "payment_user_agent",
    "referrer",
    "sid",
    "time_on_page",
];

/// Checks a form: unknown parameters first, then what is ill-typed, then what is missing. `browser` is
/// whether the call came with a publishable key.
///
/// # Errors
/// The first failure, in the API's words.
pub fn check(operation: &'static Operation, form: Form, browser: bool) -> Result<Params> {
    let Form::Map(mut entries) = form else { return Ok(Params::default()) };
    // Keys may be sent as parameters by anyone; the rest is the browser's alone.
    entries.retain(|(name, _)| !(name == "key" || browser && BROWSER_EXTRAS.contains(&name.as_str())));
    let undocumented = take_undocumented(operation, &mut entries);
    let unknown = names::unknown(operation.params, &entries);
    if !unknown.is_empty() {
        return Err(ApiError::params_unknown(&unknown));
    }
    let mut params = Params::default();
    let posts = operation.method == catalogue::Method::Post;
    let mut typed: Vec<(Text, Doc)> = Vec::with_capacity(entries.len());
    for (name, form) in entries {
        // Unknown names were refused above.
        let Some(field) = catalogue::field(operation.params, &name) else { continue };
        let path = Path::root(field.name);
        if matches!(field.kind, catalogue::Kind::Expand) {
            params.expand = convert::expand(form, &path)?;
        } else {
            typed.push((Text::Borrowed(field.name), convert::field(field, form, &path, posts)?));
        }
    }
    typed.extend(undocumented);
    params.map = Map::from_entries(typed);
    check_required(operation.params, &params.map)?;
    Ok(params)
}

fn take_undocumented(operation: &Operation, entries: &mut Vec<(String, Form)>) -> Vec<(Text, Doc)> {
    let mut taken = Vec::new();
    for (_, name) in UNDOCUMENTED.iter().filter(|(known, _)| *known == operation.name) {
        if let Some(i) = entries.iter().position(|(sent, form)| sent == name && matches!(form, Form::Value(_)))
            && let (_, Form::Value(value)) = entries.remove(i)
        {
            taken.push((Text::Borrowed(*name), Doc::from(value)));
        }
    }
    taken
}

fn check_required(fields: &'static [Field], sent: &Map) -> Result<()> {
    match fields.iter().find(|field| field.required && !sent.has(field.name)) {
        None => Ok(()),
        Some(field) => Err(ApiError::param_missing(field.name)),
    }
}
