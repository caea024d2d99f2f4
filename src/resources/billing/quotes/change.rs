//! Finalizing and canceling quotes (billing-2 11.3).
//!
//! May use: customers. Invariant: a number belongs to one quote; a revision has that of its original, counted on.

use std::sync::Arc;

use super::create::edit;
use super::{KIND, Quote, QuoteStatus, reference};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::resources::customers::customer::Customer;
use crate::state::{Edit, Id, Tx};

/// `POST /v1/quotes/:quote/finalize`.
pub(super) fn finalize(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut quote = edit(tx, call.arg(0))?;
    check_status(&quote, "finalize", &[QuoteStatus::Draft])?;
    let Some(customer) = quote.customer.clone() else { return Err(ApiError::quote_needs_customer()) };
    if lines::of(tx, &quote.id).is_empty() {
        return Err(ApiError::quote_needs_lines());
    }
    let now = ctx.now_of(tx, quote.clock());
    if let Some(at) = call.params.int("expires_at") {
        if at <= now {
            return Err(ApiError::param_in_past("expires_at", at));
        }
        quote.expires_at = at;
    }
    quote.number = Some(number(tx, &quote, &customer));
    reach(&mut quote, QuoteStatus::Open, "finalized_at", now);
    save(tx, quote)
}

/// `POST /v1/quotes/:quote/cancel`.
pub(super) fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut quote = edit(tx, call.arg(0))?;
    check_status(&quote, "cancel", &[QuoteStatus::Draft, QuoteStatus::Open])?;
    let now = ctx.now_of(tx, quote.clock());
    reach(&mut quote, QuoteStatus::Canceled, "canceled_at", now);
    save(tx, quote)
}

/// `GET /v1/quotes/:quote/pdf`: what is printed is drawn where pages are. A draft has none.
pub(super) fn printable(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let quote = require::<Quote>(tx, call.arg(0), In::Path)?;
    check_status(&quote, "pdf", &[QuoteStatus::Open, QuoteStatus::Accepted, QuoteStatus::Canceled])?;
    Ok(Outcome::Done(reference(&quote.id)))
}

/// Nobody accepted it in time.
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, quote: &Arc<Quote>) -> Result<()> {
    let mut quote = Edit::of(Arc::clone(quote));
    let now = ctx.now_of(tx, quote.clock());
    reach(&mut quote, QuoteStatus::Canceled, "canceled_at", now);
    quote.save(tx);
    Ok(())
}

/// Checks that a quote has one of some statuses.
///
/// # Errors
/// It has another.
pub(super) fn check_status(quote: &Quote, verb: &str, allowed: &[QuoteStatus]) -> Result<()> {
    if allowed.contains(&quote.status) {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
    Err(ApiError::wrong_state(KIND.name(), verb, "status", quote.status.as_str(), &names))
}

/// Gives a quote a status, and notes when; `now` is Unix seconds.
pub(super) fn reach(quote: &mut Quote, status: QuoteStatus, noted: &'static str, now: i64) {
    quote.status = status;
    quote.status_transitions.set(noted, now);
}

fn save(tx: &mut Tx, quote: Edit<Quote>) -> Result<Outcome> {
    let id = Id::clone(&quote.id);
    quote.save(tx);
    Ok(Outcome::Done(reference(&id)))
}

/// `QT-`, the customer's invoice prefix, how many quotes it is of the customer's, how many revisions it is.
fn number(tx: &Tx, quote: &Quote, customer: &Id) -> String {
    let original = quote.revises().and_then(|id| tx.get::<Quote>(id)).and_then(|original| original.number.clone());
    if let Some((base, revision)) = original.as_deref().and_then(|number| number.rsplit_once('-')) {
        return format!("{base}-{}", revision.parse::<u32>().unwrap_or(1).saturating_add(1));
    }
    let prefix =
        tx.get::<Customer>(customer).and_then(|customer| customer.rest.str("invoice_prefix").map(str::to_owned));
    let others = tx.having::<Quote>("customer", customer);
    let before = others.iter().filter(|other| other.number.is_some() && other.revises().is_none()).count();
    format!("QT-{}-{:04}-1", prefix.unwrap_or_default(), before + 1)
}
