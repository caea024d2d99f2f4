//! The one check of parameters: a form against an operation of the catalogue (core-payments 1.6).
//!
//! May use: the catalogue, the kinds' entries, the errors. Invariant: the result has the types of the catalogue, and no
//! operation has to check what the catalogue knows.

mod convert;
mod names;
pub(crate) mod path;
mod statement;

use self::convert::ShownFields;
pub(crate) use self::convert::is_email;
use self::path::ParamPath;
use crate::catalogue::{self, Operation, Returns};
use crate::contract::version::Version;
use crate::contract::{self, Entry, Newer, Params};
use crate::error::{ApiError, Result};
use crate::form::Form;
use crate::state::document::{Doc, Map, Text};

/// Parameters that Stripe.js and some libraries add to any call, at the root and nested (`payment_method_data[guid]`); a
/// name that the catalogue does not know is ignored, whatever the key (intents-and-checkout 4.1).
const EXTRAS: &[&str] = &[
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

/// What only a browser sends, which has no headers of its own, and what its library says of itself and of the browser
/// (intents-and-checkout 3.3, stripe-js 8.1).
const BROWSER_EXTRAS: &[&str] = &[
    "_stripe_account",
    "_stripe_version",
    "browser_locale",
    "browser_timezone",
    "eid",
    "elements_options_client",
    "elements_session_client",
    "redirect_type",
];

/// Checks a form in an API version: first unknown parameters, then wrong types, then missing parameters, then those
/// that are refused. `entry` is the entry of the operation's kind, if it has one; `browser` is whether the key is
/// publishable.
///
/// # Errors
/// The first fault.
pub fn check(
    operation: &'static Operation,
    entry: Option<&Entry>,
    form: Form,
    version: Version,
    browser: bool,
) -> Result<Params> {
    let entry = entry.unwrap_or(&Entry::PLAIN);
    let Form::Map(entries) = form else { return Ok(Params::default()) };
    let mut entries = entries.into_list();
    renew(operation, entry, &mut entries, version)?;
    let undocumented = take_undocumented(operation, entry, &mut entries)?;
    if browser {
        // Where nothing can be expanded, everything is shown whole.
        let expands = catalogue::field(operation.params, "expand").is_some();
        entries.retain(|(name, _)| !BROWSER_EXTRAS.contains(&name.as_str()) && (expands || *name != "expand"));
    }
    respell(operation, entry, &mut entries);
    let total_count = take_total_count(operation, &mut entries);
    let mut unknown = names::unknown(operation.params, &entries, EXTRAS);
    if !browser {
        let own = entry.browser_params(operation).filter(|own| entries.iter().any(|(name, _)| *name == *own));
        unknown.extend(own.map(str::to_owned));
    }
    if !unknown.is_empty() {
        return Err(ApiError::params_unknown(&unknown));
    }
    let expand = match entries.iter().position(|(name, _)| *name == "expand") {
        Some(i) => convert::expand(entries.swap_remove(i).1, &ParamPath::at(None, "expand"))?,
        None => Vec::new(),
    };
    let mut typed = convert::fields(operation.params, entries, None, ShownFields::by(operation, entry))?;
    typed.extend(undocumented);
    // A call without parameters shares the empty map.
    let typed = if typed.is_empty() { Map::default() } else { Map::from_entries(typed) };
    match contract::refused(entry, operation, &typed) {
        Some(param) => Err(ApiError::param_not_implemented(&param, operation.method.as_str(), operation.path)),
        None => Ok(Params::new(typed, expand).counting(total_count)),
    }
}

/// Takes out `include[]=total_count`, which the API's description does not have any more but every list still has
/// (shapes 6.18).
fn take_total_count(operation: &Operation, entries: &mut Vec<(Text, Form)>) -> bool {
    let asks = |form: &Form| match form {
        Form::List(items) => matches!(&items[..], [Form::Value(item)] if item == "total_count"),
        Form::Value(_) | Form::Map(_) => false,
    };
    let is_list = matches!(operation.returns, Returns::List(_)) && !catalogue::is_v2(operation.path);
    let at = entries.iter().position(|(name, form)| is_list && *name == "include" && asks(form));
    at.map(|at| entries.remove(at)).is_some()
}

/// Turns parameters of older versions into their newer form; a version with the newer form does not know the older one.
fn renew(operation: &Operation, entry: &Entry, entries: &mut Vec<(Text, Form)>, version: Version) -> Result<()> {
    for older in entry.older.iter().filter(|older| older.operation == operation.name) {
        let Some(at) = entries.iter().position(|(name, _)| *name == older.name) else { continue };
        if version.has(older.until) {
            return Err(ApiError::param_replaced(older.name, older.newer.name()));
        }
        let Some(newer) = older.newer.name() else { continue };
        if entries.iter().any(|(name, _)| *name == newer) {
            return Err(ApiError::params_exclusive(older.name, newer));
        }
        let (name, value) = entries.swap_remove(at);
        entries.push((Text::fixed(newer), renewed(older.newer, name, value)));
    }
    Ok(())
}

/// Turns undocumented values into what they stand for.
fn respell(operation: &Operation, entry: &Entry, entries: &mut [(Text, Form)]) {
    for spelling in entry.spellings.iter().filter(|spelling| spelling.operation == operation.name) {
        let found = spelling.path.split_first().and_then(|(first, rest)| below(entries, first, rest));
        if let Some(Form::Value(value)) =
            found.filter(|form| matches!(form, Form::Value(value) if *value == spelling.sent))
        {
            *value = Text::fixed(spelling.means);
        }
    }
}

/// What was sent under a name, and under the names below it.
fn below<'f>(entries: &'f mut [(Text, Form)], first: &str, rest: &[&str]) -> Option<&'f mut Form> {
    let (_, form) = entries.iter_mut().find(|(name, _)| *name == first)?;
    match (rest.split_first(), form) {
        (None, form) => Some(form),
        (Some((next, rest)), Form::Map(inner)) => below(inner.entries_mut(), next, rest),
        (Some(_), Form::Value(_) | Form::List(_)) => None,
    }
}

/// The value of an older parameter in its newer form.
fn renewed(newer: Newer, name: Text, value: Form) -> Form {
    let item = |member: &'static str, item: Form| Form::Map([(Text::fixed(member), item)].into_iter().collect());
    match (newer, value) {
        (Newer::Name(_) | Newer::Nothing, value) => value,
        (Newer::Member { beside, .. }, value) => {
            let beside = beside.map(|(beside, text)| (Text::fixed(beside), Form::Value(Text::fixed(text))));
            Form::Map([(name, value)].into_iter().chain(beside).collect())
        }
        (Newer::Items { member, .. }, Form::List(items)) => {
            Form::List(items.into_iter().map(|one| item(member, one)).collect())
        }
        (Newer::Items { member, .. }, Form::Map(items)) => {
            Form::Map(items.into_list().into_iter().map(|(key, one)| (key, item(member, one))).collect())
        }
        (Newer::Items { .. }, value) => value,
    }
}

/// Whether an operation lists pages with addresses (platform 7.1).
fn has_pages(operation: &Operation) -> bool {
    catalogue::is_v2(operation.path) && operation.name.ends_with(".list")
}

/// Takes out the undocumented parameters, and the page in a list's address.
fn take_undocumented(
    operation: &Operation,
    entry: &Entry,
    entries: &mut Vec<(Text, Form)>,
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
