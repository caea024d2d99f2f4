//! Bills: the invoices of a subscription, described and issued (billing-2 5.1, 5.4, 18).
//!
//! May use: invoices. Invariant: a bill says what is billed; what becomes of it is a [`Collection`]; the subscription's status is
//! left to the reaction to its invoices.

use super::{Period, Subscription};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::{self, BillPayment, BillingReason, Charging, NewBill, NewLine, Purpose};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

crate::values! {
    /// What becomes of a subscription, or of a change, that is not paid at once (billing 2.6).
    pub enum PaymentBehavior {
        /// It stays, unpaid.
        AllowIncomplete = "allow_incomplete",
        /// It stays, and the client pays.
        DefaultIncomplete = "default_incomplete",
        /// Nothing happens.
        ErrorIfIncomplete = "error_if_incomplete",
        /// A change waits until it is paid.
        PendingIfIncomplete = "pending_if_incomplete",
    }
}

impl PaymentBehavior {
    /// That of a call; without one, what is not paid stays.
    pub fn of(params: &Map) -> Self {
        params.str("payment_behavior").and_then(Self::parse).unwrap_or(PaymentBehavior::AllowIncomplete)
    }
}

/// What an invoice of a subscription bills, and why.
#[derive(Debug)]
pub struct PeriodBill {
    /// Why it is made.
    pub reason: BillingReason,
    /// The invoice's own period: the one that is over.
    pub period: Period,
    /// The lines of items, in order.
    pub lines: Vec<NewLine>,
    /// What is billed once, before them: `add_invoice_items`.
    pub one_off: Vec<Map>,
    /// Whether the customer's pending items are on it, of the subscription and of none.
    pub sweeps: bool,
}

impl PeriodBill {
    /// A bill with the pending items, and nothing else yet.
    pub fn new(reason: BillingReason, period: Period) -> Self {
        PeriodBill { reason, period, lines: Vec::new(), one_off: Vec::new(), sweeps: true }
    }

    /// Makes the draft, without an event.
    ///
    /// # Errors
    /// A one-off item that cannot be billed; taxes that cannot be computed.
    pub fn draft(&self, tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, purpose: Purpose) -> Result<Id> {
        let rest = &subscription.rest;
        let bill = NewBill {
            customer: &subscription.customer,
            subscription: &subscription.id,
            metadata: &subscription.metadata,
            currency: &subscription.currency,
            reason: self.reason,
            period: (self.period.start, self.period.end),
            lines: self.lines.clone(),
            one_off: self.one_off.clone(),
            sweeps: self.sweeps,
            discounts: &subscription.discounts,
            collection: (subscription.collection_method, subscription.days_until_due),
            default_tax_rates: &subscription.default_tax_rates,
            automatic_tax: rest.map("automatic_tax"),
            shares: (rest.get("application_fee_percent"), rest.map("transfer_data")),
            params: shown(subscription),
        };
        invoices::draft_of(tx, ctx, &bill, purpose)
    }

    /// Makes the draft of a subscription that ends, which goes on after an hour; its event comes at the place `mark` of the
    /// journal, before that of the end (billing-2 12.6).
    ///
    /// # Errors
    /// As [`draft`](Self::draft).
    pub fn issue_at(&self, tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, mark: usize) -> Result<Id> {
        let id = self.draft(tx, ctx, subscription, Purpose::Bill)?;
        let show = |subscription: &mut Subscription| subscription.latest_invoice = Some(Id::clone(&id));
        tx.quietly(|tx| tx.update::<Subscription>(&subscription.id, show));
        invoices::leave_for_an_hour_at(tx, &id, mark);
        Ok(id)
    }
}

/// What an invoice shows as its subscription does.
fn shown(subscription: &Subscription) -> Map {
    let rest = &subscription.rest;
    let mut params = Map::new();
    let settings = rest.map("invoice_settings").cloned().unwrap_or_default();
    for key in ["account_tax_ids", "custom_fields", "description", "footer", "issuer"] {
        if let Some(value) = settings.present(key) {
            params.set(key, value.clone());
        }
    }
    if let Some(account) = rest.present("on_behalf_of") {
        params.set("on_behalf_of", account.clone());
    }
    let settings = rest.map("payment_settings").cloned().unwrap_or_default();
    let part = |key: &str| settings.get(key).cloned().unwrap_or_default();
    let payment = ["payment_method_options", "payment_method_types"].map(|key| (key, part(key)));
    params.set("payment_settings", Map::from(payment).with("default_mandate", Doc::Null));
    params
}

/// What becomes of a bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collection<'a> {
    /// It is final at once, and paid as a call says.
    AtOnce {
        /// What becomes of it if it is not paid.
        behavior: PaymentBehavior,
        /// Whether the customer is away.
        off_session: bool,
    },
    /// It is final at once, and paid by the customer on a page: parameters of the intent's confirmation. If it is declined, nothing
    /// happens.
    OnPage(&'a Map),
    /// It is a draft for an hour, and goes on by itself.
    AfterAnHour,
    /// It stays a draft until somebody acts.
    Draft,
}

/// Makes a bill's invoice, and does with it what is to be done. The subscription shows it as its latest. Returns the invoice, and
/// what became of the payment if it was final at once.
///
/// # Errors
/// What cannot be billed; a customer without a payment method; with [`PaymentBehavior::ErrorIfIncomplete`], a decline.
pub fn issue(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    bill: &PeriodBill,
    collection: Collection<'_>,
) -> Result<(Id, Option<BillPayment>)> {
    let id = bill.draft(tx, ctx, subscription, Purpose::Bill)?;
    let settled = collect(tx, ctx, &subscription.id, &id, collection)?;
    Ok((id, settled))
}

/// Does with the draft of a subscription what is to be done.
///
/// # Errors
/// As [`issue`].
pub fn collect(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Id,
    id: &Id,
    collection: Collection<'_>,
) -> Result<Option<BillPayment>> {
    let show = |subscription: &mut Subscription| subscription.latest_invoice = Some(Id::clone(id));
    tx.quietly(|tx| tx.update::<Subscription>(subscription, show));
    let settled = match collection {
        Collection::AtOnce { behavior, off_session } => {
            let charging = match behavior {
                PaymentBehavior::DefaultIncomplete => Charging::Later,
                PaymentBehavior::AllowIncomplete
                | PaymentBehavior::ErrorIfIncomplete
                | PaymentBehavior::PendingIfIncomplete => Charging::Now { off_session },
            };
            let settled = invoices::finalize_at_once(tx, ctx, id, charging)?;
            check(&settled, behavior)?;
            Some(settled)
        }
        Collection::OnPage(terms) => match invoices::finalize_at_once(tx, ctx, id, Charging::OnPage(terms))? {
            BillPayment::Declined(error) => return Err(error.alone()),
            settled => Some(settled),
        },
        Collection::AfterAnHour => {
            invoices::leave_for_an_hour(tx, id);
            None
        }
        Collection::Draft => {
            invoices::leave_as_draft(tx, id);
            None
        }
    };
    // The event of this change comes after those of the invoice (billing-2 12.3, 12.5).
    tx.update::<Subscription>(subscription, show);
    contract::settle(tx, ctx);
    Ok(settled)
}

fn check(settled: &BillPayment, behavior: PaymentBehavior) -> Result<()> {
    match (behavior, settled) {
        (PaymentBehavior::ErrorIfIncomplete, BillPayment::Declined(error)) => Err(error.clone().alone()),
        (PaymentBehavior::ErrorIfIncomplete, BillPayment::NeedsAction) => Err(ApiError::first_payment_needs_action()),
        (_, BillPayment::NothingDue | BillPayment::Paid | BillPayment::Processing | BillPayment::Open) => Ok(()),
        (_, BillPayment::NeedsAction | BillPayment::Declined(_)) => Ok(()),
    }
}
