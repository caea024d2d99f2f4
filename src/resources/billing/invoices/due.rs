//! What comes for an invoice without a call: it is finalized, charged and charged again (billing 3.3, 3.11, billing-2 5.1, 6.2).
//!
//! May use: payment intents. Invariant: all times follow from the invoice's own fields, by its own clock.

use std::sync::Arc;

use super::{Invoice, InvoiceStatus, collect, finalize, follow, method, reference};
use crate::contract::{Ctx, DueClock, DueOf};
use crate::error::Result;
use crate::settings::{self, Settings};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag};
use crate::state::{Id, Rank, Tx};
use crate::time::calendar::{DAY, HOUR};

/// How long a draft that goes on by itself stays one, in seconds (billing 3.3).
const DRAFT_SECONDS: i64 = HOUR;

pub(super) const DUES: &[DueOf] = &[
    DueOf {
        rank: Rank::Finalize,
        clock: DueClock::Own,
        ..crate::due!(
            Invoice,
            "finalize",
            |invoice| invoice.automatically_finalizes_at.filter(|_| invoice.is_draft() && invoice.auto_advance),
            advance
        )
    },
    DueOf {
        rank: Rank::Retry,
        clock: DueClock::Own,
        ..crate::due!(
            Invoice,
            "collect",
            |invoice| {
                let is_to_be_charged = invoice.is_open() && invoice.auto_advance && invoice.is_charged();
                invoice.next_payment_attempt.filter(|_| is_to_be_charged)
            },
            |tx, ctx, invoice| charge(tx, ctx, &invoice.id)
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Invoice,
            "remind",
            |invoice| invoice.will_be_due_at.0.filter(|_| invoice.is_open()),
            |tx, _, invoice| {
                remind(tx, &invoice.id);
                Ok(())
            }
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Invoice,
            "lapse",
            |invoice| invoice.due_date.filter(|_| {
                invoice.is_open() && !invoice.is_charged() && invoice.subscription().is_some() && !invoice.lapsed.0
            }),
            |tx, ctx, invoice| {
                tx.quietly(|tx| tx.update::<Invoice>(&invoice.id, |invoice| invoice.lapsed = Flag(true)));
                follow::lapse(tx, ctx, &invoice.id);
                Ok(())
            }
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            Invoice,
            "overdue",
            |invoice| invoice.overdue_at.0.filter(|_| invoice.is_open()),
            |tx, _, invoice| {
                tell_that_it_is_overdue(tx, &invoice.id);
                Ok(())
            }
        )
    },
];

/// Plans what is emitted around the due date of an invoice that was sent, as the account's automations would (billing-2 7).
pub(super) fn plan_notices(invoice: &mut Invoice, settings: &Settings) {
    let date = invoice.due_date.filter(|_| invoice.is_open() && !invoice.is_charged());
    let days = settings.number(&settings::WILL_BE_DUE_DAYS);
    invoice.will_be_due_at = Absent(date.filter(|_| days > 0).map(|date| date - days * DAY));
    invoice.overdue_at = Absent(date.filter(|_| settings.is_on(&settings::OVERDUE_INVOICES)));
}

/// Plans when an invoice is finalized and charged by itself (billing 3.3).
pub(super) fn plan(invoice: &mut Invoice) {
    let (finalizes, charged) = match invoice.status {
        Some(InvoiceStatus::Draft) => (invoice.auto_advance, invoice.auto_advance && invoice.is_charged()),
        Some(InvoiceStatus::Open) => (false, invoice.auto_advance && invoice.is_charged()),
        Some(InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void) | None => (false, false),
    };
    let after = invoice.created + DRAFT_SECONDS;
    invoice.automatically_finalizes_at = finalizes.then_some(after + 1);
    invoice.next_payment_attempt = charged.then_some(after);
}

/// When an invoice is charged again after an attempt that failed, in Unix seconds (billing-2 6.2).
pub(super) fn next_attempt(now: i64, settings: &Settings, invoice: &Invoice) -> Option<i64> {
    if !invoice.is_open() || !invoice.auto_advance || !invoice.is_charged() || invoice.lacks_method.0 {
        return None;
    }
    // The first invoice of a subscription that nobody planned to charge waits for the customer (billing-2 4.2).
    if invoice.is_first() && invoice.next_payment_attempt.is_none() {
        return None;
    }
    let place = usize::try_from(invoice.attempt_count - 1).ok()?;
    let days = settings::RETRY_DAYS.get(place).map(|setting| settings.number(setting)).filter(|days| *days > 0)?;
    Some(now + days * DAY)
}

/// Names the event that an invoice is due soon.
pub(super) fn remind(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.will_be_due_at = Absent(None)));
    tx.announce("invoice.will_be_due", &reference(id));
}

/// Names the event that the due date of an invoice has passed.
pub(super) fn tell_that_it_is_overdue(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.overdue_at = Absent(None)));
    tx.announce("invoice.overdue", &reference(id));
}

/// A draft goes on.
fn advance(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Arc<Invoice>) -> Result<()> {
    let id = &invoice.id;
    match tx.attempt(|tx| finalize::complete(tx, ctx, id)) {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(()),
        Err(error) => {
            finalize::fail(tx, id, &error);
            return Ok(());
        }
    }
    let is_open = tx.get::<Invoice>(id).is_some_and(|invoice| invoice.is_open());
    if is_open && invoice.is_charged() {
        return charge(tx, ctx, id);
    }
    finalize::announce(tx, id);
    if is_open {
        tx.announce("invoice.sent", &reference(id));
    }
    Ok(())
}

/// Charges an invoice by itself. With a method that its bank refused for good the attempt counts and nothing is charged; without
/// any it is the last one (Stripe's documentation of retries: none if no payment method is available).
fn charge(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(invoice) = tx.get::<Invoice>(id) else { return Ok(()) };
    let method = method::of(tx, &invoice);
    let lacks_method = Flag(method.is_none());
    if invoice.lacks_method != lacks_method {
        tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.lacks_method = lacks_method));
    }
    if let Some(method) = method.filter(|method| invoice.refused_method.0.as_ref() != Some(method)) {
        let terms = Map::from([("off_session", Doc::from(true)), ("payment_method", method.to_string().into())]);
        let tried = tx.attempt(|tx| collect::attempt(tx, ctx, id, &terms, collect::Trier::Itself));
        if tried.is_ok() {
            return Ok(());
        }
    }
    collect::count(tx, id, false, collect::Trier::Itself);
    follow::fail(tx, ctx, id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources;
    use crate::state::object::Resource;

    fn invoice(attempts: i64) -> Invoice {
        resources::install();
        let mut shown = crate::object::body::blank_of(super::super::KIND);
        shown.set("id", "in_1");
        shown.set("metadata", Map::new());
        shown.set("status_transitions", Map::new());
        shown.set("auto_advance", true);
        shown.set("attempt_count", attempts);
        shown.set("status", "open");
        Invoice::from_docs(shown, Map::new(), 0).expect("an invoice")
    }

    #[test]
    fn an_invoice_is_tried_again_after_three_five_and_seven_days_and_then_no_more() {
        let next = |attempts| next_attempt(1000, &Settings::default(), &invoice(attempts));
        assert_eq!([1, 2, 3].map(next), [3, 5, 7].map(|days| Some(1000 + days * DAY)));
        assert_eq!(next(4), None);
    }
}
