//! A new session, by a call or for an intent (connect-accounts 12).
//!
//! May use: customers, the directory of accounts. Invariant: nothing is prefetched that nobody is asked to allow.

use super::{ENTRY, FinancialSession, KIND, SECRET_CHARACTERS, SessionEntryMode};
use crate::contract::{Call, Ctx, In, Outcome, missing, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::connect::directory;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource as _;
use crate::state::{Id, Ref, Tx};

/// `POST /v1/financial_connections/sessions`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    check_holder(tx, params.map("account_holder").unwrap_or(&Map::new()))?;
    if params.map("limits").and_then(|limits| limits.int("accounts")).is_some_and(|limit| limit < 1) {
        return Err(ApiError::param_below("limits[accounts]", 1));
    }
    let session = begin(tx, ctx, params)?;
    Ok(Outcome::Done(tx.insert(session)))
}

/// Whose accounts are linked must be there.
fn check_holder(tx: &Tx, holder: &Map) -> Result<()> {
    let kind = holder.str("type").unwrap_or_default();
    let name = |key: &str| format!("account_holder[{key}]");
    let of_customer = ["customer", "customer_account"];
    let (own, other): (&[&str], &[&str]) =
        if kind == "account" { (&["account"], &of_customer) } else { (&of_customer, &["account"]) };
    if let Some(wrong) = other.iter().find(|key| holder.present(key).is_some()) {
        return Err(ApiError::session_holder_mismatch(&name(wrong), kind));
    }
    let named = own.iter().find_map(|key| Some((*key, holder.str(key)?)));
    match named.ok_or_else(|| ApiError::param_missing(&name(own[0])))? {
        ("customer", id) => require::<Customer>(tx, id, In::Param(&name("customer"))).map(drop),
        (_, id) if directory::is_known(tx, id) => Ok(()),
        (key, id) => Err(missing(directory::KIND, id, In::Param(&name(key)))),
    }
}

/// A session with these parameters, which is not stored.
fn begin(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<FinancialSession> {
    let list = |key: &str| params.list(key).unwrap_or_default();
    let permissions = list("permissions");
    if let Some(feature) = list("prefetch").iter().find(|feature| !permissions.contains(feature)) {
        return Err(ApiError::session_prefetch_not_allowed(feature.as_str().unwrap_or_default()));
    }
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let shown = body::new(tx, ctx, KIND, &id, params)?
        .with("client_secret", ctx.ids.id("fcsess_client_secret_", SECRET_CHARACTERS));
    FinancialSession::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())
}

/// What an intent says of the session in which its bank account is told.
#[derive(Debug)]
pub struct NewIntentSession<'a> {
    /// The intent.
    pub intent: &'a Id,
    /// Its customer.
    pub customer: Option<&'a str>,
    /// Its options for the type of payment method.
    pub options: Option<&'a Map>,
    /// The payment method, as it is described.
    pub method: Option<&'a Map>,
}

/// Opens the session of an intent.
///
/// # Errors
/// The intent prefetches what it does not ask for.
pub fn open_for_intent(tx: &mut Tx, ctx: &Ctx<'_>, new: &NewIntentSession<'_>) -> Result<Ref> {
    let connections = new.options.and_then(|options| options.map("financial_connections"));
    let list = |key: &str| connections.and_then(|asked| asked.list(key)).unwrap_or_default().to_vec();
    let mut permissions = list("permissions");
    let to_pay = Doc::from("payment_method");
    if !permissions.contains(&to_pay) {
        permissions.push(to_pay);
    }
    let mut params = Map::from([("permissions", Doc::List(permissions)), ("prefetch", Doc::List(list("prefetch")))]);
    if let Some(wanted) = connections.and_then(|asked| asked.map("filters")) {
        params.set("filters", wanted.clone());
    }
    if let Some(customer) = new.customer {
        let holder = Map::from([("customer", customer.to_owned()), ("type", "customer".to_owned())]);
        params.set("account_holder", holder);
    }
    let mut session = begin(tx, ctx, &params)?;
    session.entry =
        new.options.and_then(|options| options.str("verification_method")).and_then(SessionEntryMode::parse);
    session.intent = Some(Id::clone(new.intent));
    session.method = new.method.cloned().unwrap_or_default();
    Ok(tx.insert(session))
}
