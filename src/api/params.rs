//! The one check of parameters: a form against an operation of the catalogue (core-payments 1.6).
//!
//! May use: the catalogue, the kinds' entries, the errors. Invariant: what it returns has the types that the catalogue says, and
//! no operation needs a check of its own for what the catalogue knows.

mod convert;
mod names;
mod path;

use self::convert::Shown;
use self::path::Path;
use crate::catalogue::{self, Operation};
use crate::contract::version::Version;
use crate::contract::{Entry, Params};
use crate::error::{ApiError, Result};
use crate::form::Form;
use crate::state::document::{Doc, Map, Text};

/// What Stripe.js sends along with its calls, at the root and inside (`payment_method_data[guid]`); where the
/// catalogue does not know such a name it has no meaning here (intents-and-checkout 4.1).
const BROWSER_EXTRAS: &[&str] = &[
    "_stripe_account",
    "_stripe_version",
    "client_attribution_metadata",
    "expected_payment_method_type",
    "guid",
    "hcaptcha_token",
    "is_stripe_sdk",
    "key",
    "muid",
    "pasted_fields",
    "payment_user_agent",
    "radar_options",
    "referrer",
    "sid",
    "time_on_page",
];

/// Checks a form that is read in a version: unknown parameters first, then what is ill-typed, then what is missing.
/// `entry` is that of the operation's kind, if something is behind it; `browser` is whether the call came with a
/// publishable key.
///
/// # Errors
/// The first failure, in the API's words.
pub fn check(
    operation: &'static Operation,
    entry: Option<&Entry>,
    form: Form,
    version: Version,
    browser: bool,
) -> Result<Params> {
    let entry = entry.unwrap_or(&Entry::PLAIN);
    let Form::Map(mut entries) = form else { return Ok(Params::default()) };
    // Keys may be sent as parameters by anyone; the rest is the browser's alone.
    entries.retain(|(name, _)| name != "key" || catalogue::field(operation.params, name).is_some());
    renew(operation, entry, &mut entries, version)?;
    let undocumented = take_undocumented(operation, entry, &mut entries)?;
    let unknown = names::unknown(operation.params, &entries, if browser { BROWSER_EXTRAS } else { &[] });
    if !unknown.is_empty() {
        return Err(ApiError::params_unknown(&unknown));
    }
    let expand = match entries.iter().position(|(name, _)| name == "expand") {
        Some(i) => convert::expand(entries.swap_remove(i).1, &Path::at(None, "expand"))?,
        None => Vec::new(),
    };
    let mut typed = convert::fields(operation.params, entries, None, Shown::by(operation))?;
    typed.extend(undocumented);
    Ok(Params::new(Map::from_entries(typed), expand))
}

/// Puts what only older versions have into its newer form; a version that has the newer one knows no other.
fn renew(operation: &Operation, entry: &Entry, entries: &mut Vec<(String, Form)>, version: Version) -> Result<()> {
    for older in entry.older.iter().filter(|older| older.operation == operation.name) {
        let sent = entries.iter().position(|(name, _)| name == older.name);
        if sent.is_some() && version.has(older.until) {
            return Err(ApiError::params_unknown(&[older.name.to_owned()]));
        }
        if let Some(at) = sent.filter(|_| entries.iter().all(|(name, _)| name != older.newer)) {
            let (beside, value) = older.beside;
            let inner = vec![entries.swap_remove(at), (beside.to_owned(), Form::Value(value.to_owned()))];
            entries.push((older.newer.to_owned(), Form::Map(inner)));
        }
    }
    Ok(())
}

/// Whether an operation lists something page by page, each with an address (platform 7.1).
fn has_pages(operation: &Operation) -> bool {
    catalogue::is_v2(operation.path) && operation.name.ends_with(".list")
}

/// Takes the parameters that no description has, and the page that a list's address leads to.
fn take_undocumented(
    operation: &Operation,
    entry: &Entry,
    entries: &mut Vec<(String, Form)>,
) -> Result<Vec<(Text, Doc)>> {
    let mut taken = Vec::new();
    let page = has_pages(operation).then_some("page");
    let known = entry.undocumented.iter().filter(|known| known.operation == operation.name).map(|known| known.name);
    for name in known.chain(page) {
        if let Some(i) = entries.iter().position(|(sent, form)| *sent == name && matches!(form, Form::Value(_)))
            && let (_, Form::Value(value)) = entries.remove(i)
        {
            if value.is_empty() {
                return Err(ApiError::param_empty(name));
            }
            taken.push((Text::fixed(name), Doc::from(value)));
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests;
