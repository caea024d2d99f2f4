//! The invoices of subscriptions: their drafts, and those that are final in the call that makes them (billing-2 5.1, 5.2, 12.2, 18).
//!
//! May use: invoice items, customers, payment intents. Invariant: an invoice that is final at once is never a draft that anybody
//! sees.

use std::sync::Arc;

use super::{
    BillingReason, CollectionMethod, Invoice, NewLine, Unannounced, amounts, close, collect, create, draft, due,
    finalize, lines, method, reference, taxes,
};
use crate::contract::{self, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoice_items::{self, InvoiceItem, NewItem};
use crate::resources::catalog::discounts::Discount;
use crate::resources::customers::customer::Customer;
use crate::resources::payments::payment_intents::{self, IntentStatus, PaymentIntent};
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Tx};
use crate::time::calendar::DAY;

/// What an invoice of a subscription says.
#[derive(Debug)]
pub struct NewBill<'a> {
    /// Who is billed.
    pub customer: &'a Id,
    /// For which subscription.
    pub subscription: &'a Id,
    /// Its metadata, of which the invoice keeps a copy.
    pub metadata: &'a Map,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// Why.
    pub reason: BillingReason,
    /// The invoice's own period, in Unix seconds: the one that is over.
    pub period: (i64, i64),
    /// The lines of the subscription's items.
    pub lines: Vec<NewLine>,
    /// What is billed once, before them: parameters of invoice items.
    pub one_off: Vec<Map>,
    /// Whether the customer's pending items, of the subscription and of none, are on it.
    pub sweeps: bool,
    /// The subscription's discounts; without any, the customer's applies.
    pub discounts: &'a [Id],
    /// How it is paid, and within how many days.
    pub collection: (CollectionMethod, Option<i64>),
    /// The tax rates of lines without rates of their own, as they are shown.
    pub default_tax_rates: &'a [Doc],
    /// Whether taxes are computed, and who owes them, as the subscription shows it.
    pub automatic_tax: Option<&'a Map>,
    /// The platform's share in percent, and where the money goes to, with a share in percent.
    pub shares: (Option<&'a Doc>, Option<&'a Map>),
    /// What is shown as it is: parameters of `POST /v1/invoices`.
    pub params: Map,
}

/// Makes a draft, without an event.
///
/// # Errors
/// A one-off item that cannot be billed; taxes that cannot be computed.
pub fn draft_of(tx: &mut Tx, ctx: &Ctx<'_>, bill: &NewBill<'_>, purpose: create::Purpose) -> Result<Id> {
    invoice_items::note_currency(tx, bill.customer, bill.currency);
    tx.quietly(|tx| make(tx, ctx, bill, purpose))
}

fn make(tx: &mut Tx, ctx: &Ctx<'_>, bill: &NewBill<'_>, purpose: create::Purpose) -> Result<Id> {
    let customer = require::<Customer>(tx, bill.customer, In::Param("customer"))?;
    let mut params = bill.params.clone();
    params.set("subscription", bill.subscription.to_string());
    params.set("customer", customer.id.to_string());
    let mut invoice = create::begin(tx, ctx, &customer, bill.currency.to_owned(), &params, purpose)?;
    adopt(&mut invoice, bill);
    create::inherit(tx, &mut invoice, &customer, &bill.params);
    let is_running = |id: &&Id| tx.get::<Discount>(id).is_some_and(|discount| discount.runs_at(invoice.created));
    let own: Vec<Id> = bill.discounts.iter().filter(is_running).cloned().collect();
    if !own.is_empty() {
        invoice.discounts = own;
    }
    let id = Id::clone(&invoice.id);
    for (index, item) in bill.one_off.iter().enumerate() {
        let about = NewItem { invoice: Some(&id), customer: Some(bill.customer), currency: Some(bill.currency) };
        let made = invoice_items::create_from(tx, ctx, item, &about);
        let made = made.map_err(|error| error.inside(&format!("add_invoice_items[{index}]")))?;
        add_item(tx, ctx, &id, &made)?;
    }
    for item in if bill.sweeps { pending(tx, bill) } else { Vec::new() } {
        invoice_items::assign(tx, &item.id, Some(&id));
        add_item(tx, ctx, &id, &item.id)?;
    }
    for line in &bill.lines {
        lines::add_of_subscription(tx, ctx, &id, line);
    }
    let balance = draft::balance(tx, &invoice);
    amounts::compute(tx, ctx, &mut invoice, balance)?;
    tx.insert(invoice);
    Ok(id)
}

fn add_item(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Id, item: &str) -> Result<()> {
    let item = require::<InvoiceItem>(tx, item, In::Path)?;
    lines::add(tx, ctx, invoice, &item, lines::Side::End);
    Ok(())
}

/// The pending items that the invoice takes, the oldest first (billing-2 5.4).
fn pending(tx: &Tx, bill: &NewBill<'_>) -> Vec<Arc<InvoiceItem>> {
    let mut items = invoice_items::pending(tx, bill.customer);
    items.reverse();
    let is_its = |item: &Arc<InvoiceItem>| {
        item.currency == bill.currency && item.subscription().is_none_or(|other| other == &**bill.subscription)
    };
    items.retain(is_its);
    // Of the prorations of one moment the credit, which is the newest, comes first (billing-2 3.1).
    let is_one = |one: &Arc<InvoiceItem>, other: &Arc<InvoiceItem>| {
        let moment = |item: &InvoiceItem| (item.proration, item.date, item.period.int("start"));
        one.proration && moment(one) == moment(other)
    };
    items.chunk_by_mut(is_one).for_each(<[_]>::reverse);
    items
}

/// What the invoice says of its subscription.
fn adopt(invoice: &mut Invoice, bill: &NewBill<'_>) {
    invoice.billing_reason = Some(bill.reason);
    invoice.auto_advance = true;
    let (method, days) = bill.collection;
    invoice.collection_method = method;
    let is_sent = method == CollectionMethod::SendInvoice;
    let days = days.filter(|_| is_sent);
    invoice.due_date = days.map(|days| invoice.created.saturating_add(days.saturating_mul(DAY)));
    invoice.default_tax_rates = bill.default_tax_rates.to_vec();
    invoice.rest.set("period_start", bill.period.0);
    invoice.rest.set("period_end", bill.period.1);
    invoice.rest.set("rendering", Doc::Null);
    let details = Map::from([
        ("metadata", Doc::from(bill.metadata.clone())),
        ("subscription", bill.subscription.to_string().into()),
    ]);
    let parent = Map::from([
        ("quote_details", Doc::Null),
        ("subscription_details", details.into()),
        ("type", "subscription_details".into()),
    ]);
    invoice.rest.set("parent", parent);
    if let Some(tax) = bill.automatic_tax {
        taxes::adopt(invoice, tax);
    }
    let (fee, transfer) = bill.shares;
    invoice.fee_percent = Absent(fee.filter(|fee| !fee.is_null()).cloned());
    if let Some(transfer) = transfer {
        let destination = Map::from([("destination", transfer.get("destination").cloned().unwrap_or_default())]);
        invoice.transfer_data = Absent(Some(destination));
        invoice.transfer_percent = Absent(transfer.present("amount_percent").cloned());
    }
}

/// A draft goes on by itself after an hour; its event is named.
pub fn leave_for_an_hour(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| tx.update::<Invoice>(id, due::plan));
    tx.announce("invoice.created", &reference(id));
}

/// As [`leave_for_an_hour`], with its event at an earlier place of the journal.
pub fn leave_for_an_hour_at(tx: &mut Tx, id: &Id, mark: usize) {
    tx.quietly(|tx| tx.update::<Invoice>(id, due::plan));
    tx.announce_at(mark, &["invoice.created"], &reference(id));
}

/// A draft stays one until somebody acts; its event is named.
pub fn leave_as_draft(tx: &mut Tx, id: &Id) {
    tx.quietly(|tx| {
        tx.update::<Invoice>(id, |invoice| {
            invoice.auto_advance = false;
            due::plan(invoice);
        });
    });
    tx.announce("invoice.created", &reference(id));
}

/// A draft is final and void at once, since its subscription collects nothing.
///
/// # Errors
/// Its taxes cannot be computed.
pub fn void_draft(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    if is_open_now(tx, ctx, id)? { close::void_open(tx, ctx, id) } else { Ok(()) }
}

/// A draft is final and written off at once, since its subscription collects nothing.
///
/// # Errors
/// Its taxes cannot be computed.
pub fn write_off_draft(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    if is_open_now(tx, ctx, id)? {
        close::write_off(tx, ctx, id, "subscription_paused");
    }
    Ok(())
}

fn is_open_now(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<bool> {
    if let Some(refused) = finalize::complete(tx, ctx, id)? {
        return Err(refused);
    }
    finalize::announce(tx, id);
    Ok(require::<Invoice>(tx, id, In::Path)?.is_open())
}

/// Whether and how an invoice that is final at once is charged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Charging<'a> {
    /// With the method that is used without another.
    Now {
        /// Whether the customer is away.
        off_session: bool,
    },
    /// With the method that the customer chose on a page: parameters of the intent's confirmation. It is no attempt that counts
    /// (billing-2 5.2).
    OnPage(&'a Map),
    /// The client does it.
    Later,
}

/// What became of an invoice that is final at once.
#[derive(Clone, Debug)]
pub enum BillPayment {
    /// Nothing was due.
    NothingDue,
    /// It is paid.
    Paid,
    /// Its bank answers later.
    Processing,
    /// It is open: nobody has tried to pay it.
    Open,
    /// It is open: the customer has to act.
    NeedsAction,
    /// It is open: the payment was declined.
    Declined(ApiError),
}

/// Finalizes a draft that nobody has seen, and charges it; its events are named (billing-2 12.2).
///
/// # Errors
/// Its taxes cannot be computed; a customer without a payment method; a payment that cannot be tried.
pub fn finalize_at_once(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, charging: Charging<'_>) -> Result<BillPayment> {
    let before = tx.mark();
    if let Some(refused) = finalize::complete(tx, ctx, id)? {
        return Err(refused);
    }
    let invoice = require::<Invoice>(tx, id, In::Path)?;
    if invoice.is_paid() {
        tx.announce("invoice.created", &reference(id));
        finalize::announce(tx, id);
        return Ok(BillPayment::NothingDue);
    }
    let method = method::of(tx, &invoice);
    let settled = match charging {
        Charging::Later => {
            suggest(tx, &invoice, method);
            BillPayment::Open
        }
        Charging::Now { off_session } => {
            let method = method.ok_or_else(ApiError::invoice_lacks_method)?;
            charge(tx, ctx, &invoice, &method, off_session)?
        }
        Charging::OnPage(terms) => {
            let intent = invoice.payment_intent().cloned().ok_or_else(ApiError::internal)?;
            let done = payment_intents::collect(tx, ctx, &intent, terms)?;
            outcome(tx, &intent, done)?
        }
    };
    let is_paid = matches!(settled, BillPayment::Paid);
    // The first invoice is told of after its payment, a later one before (billing-2 12.2, 12.5).
    let is_told_last = is_paid && invoice.is_first();
    let news = match (is_paid, is_told_last) {
        (true, true) => Some(Unannounced::Creation),
        (true, false) => Some(Unannounced::Payment),
        (false, _) => None,
    };
    tx.quietly(|tx| tx.update::<Invoice>(id, |invoice| invoice.unannounced = Absent(news)));
    // Each shows the invoice as it is when the job is done (billing-2 12.1); the next attempt is news of its own.
    let announce = |tx: &mut Tx| tx.announce_at(before, &["invoice.created", "invoice.finalized"], &reference(id));
    if !is_paid {
        announce(tx);
    }
    contract::settle(tx, ctx);
    if is_paid && !is_told_last {
        announce(tx);
    }
    if matches!(charging, Charging::Later) && !invoice.is_charged() {
        tx.announce("invoice.sent", &reference(id));
    }
    Ok(settled)
}

/// The intent knows the method that the client has only to confirm.
fn suggest(tx: &mut Tx, invoice: &Invoice, method: Option<Id>) {
    let (Some(intent), Some(method)) = (invoice.payment_intent(), method) else { return };
    tx.update::<PaymentIntent>(intent, |intent| {
        intent.payment_method = Some(method);
        intent.status = IntentStatus::RequiresConfirmation;
    });
}

fn charge(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Invoice, method: &Id, off_session: bool) -> Result<BillPayment> {
    let intent = invoice.payment_intent().cloned().ok_or_else(ApiError::internal)?;
    let done = collect::try_intent(tx, ctx, &intent, method, off_session)?;
    let status = require::<PaymentIntent>(tx, &intent, In::Path)?.status;
    collect::count(tx, &invoice.id, status == IntentStatus::RequiresAction, collect::Trier::Call);
    outcome(tx, &intent, done)
}

/// What became of a confirmation.
fn outcome(tx: &Tx, intent: &Id, done: Outcome) -> Result<BillPayment> {
    let status = require::<PaymentIntent>(tx, intent, In::Path)?.status;
    Ok(match (done, status) {
        (Outcome::Refused(error), _) => BillPayment::Declined(error),
        (_, IntentStatus::Succeeded) => BillPayment::Paid,
        (_, IntentStatus::Processing) => BillPayment::Processing,
        (_, IntentStatus::RequiresAction) => BillPayment::NeedsAction,
        (
            _,
            IntentStatus::Canceled
            | IntentStatus::RequiresCapture
            | IntentStatus::RequiresConfirmation
            | IntentStatus::RequiresPaymentMethod,
        ) => BillPayment::Open,
    })
}
