//! Prorations: what a change within a period gives back and charges (billing 2.10, billing-2 2.2, 3.1 to 3.5).
//!
//! May use: charges, invoices and their items, discounts, pricing. Invariant: each line is rounded alone; in flexible mode nothing
//! is given back that was not billed, and nothing twice.

use std::sync::Arc;

use super::charges::{self, Billable};
use super::{Period, Subscription};
use crate::contract::Ctx;
use crate::error::Result;
use crate::money::{Decimal, Rounding};
use crate::pricing::{Bill, BillLine, Off, Remaining};
use crate::resources::billing::invoice_items::{self, InvoiceItem, NewProration};
use crate::resources::billing::invoices::{Invoice, InvoiceLine, InvoiceStatus, lines_of};
use crate::resources::billing::subscription_items::SubscriptionItem;
use crate::resources::catalog::discounts::{self, Discount};
use crate::resources::catalog::products::{self, Product};
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Ref, Tx};

/// A part of a period that is given back or charged.
#[derive(Clone, Debug)]
pub(super) struct Proration {
    amount: i64,
    credited: Doc,
    description: String,
    item: Id,
    period: Period,
    price: Id,
    product: Id,
    quantity: i64,
    tax_rates: Vec<Doc>,
}

impl Proration {
    /// Whether it is for an item.
    pub(super) fn is_of(&self, item: &str) -> bool {
        &*self.item == item
    }
}

/// What a change is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProrationBasis<'a> {
    /// The subscription before the change.
    pub(super) subscription: &'a Subscription,
    /// The discounts before it, its own or the customer's.
    pub(super) discounts: &'a [Id],
    /// The moment of the change, in Unix seconds.
    pub(super) moment: i64,
}

/// The discounts that reduce what a subscription bills at a time (Unix seconds): its own, or the customer's (billing-2 8.1).
pub(super) fn discounts_of(tx: &Tx, subscription: &Subscription, at: i64) -> Vec<Id> {
    let runs = |id: &Id| tx.get::<Discount>(id).is_some_and(|discount| discount.runs_at(at));
    let own: Vec<Id> = subscription.discounts.iter().filter(|id| runs(id)).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let customer = tx.get::<Customer>(&subscription.customer);
    let of_customer = customer.and_then(|customer| customer.rest.map("discount")?.str("id").map(Id::from));
    of_customer.into_iter().filter(runs).collect()
}

/// Until when an item is paid for, in Unix seconds: the end of its period, unless the subscription ends before.
pub(super) fn paid_until(subscription: &Subscription, item: &SubscriptionItem) -> i64 {
    let end = subscription.cancel_at.filter(|_| !subscription.cancel_at_period_end);
    end.map_or(item.current_period_end, |at| at.min(item.current_period_end))
}

/// What is given back for the rest of an item's period. In flexible mode that is what was billed for it, line by line; in classic
/// mode its present price.
pub(super) fn credits(tx: &Tx, about: &ProrationBasis<'_>, item: &Arc<SubscriptionItem>) -> Vec<Proration> {
    if item.is_metered() || about.subscription.is_in_trial(about.moment) {
        return Vec::new();
    }
    let billed = billed(tx, item, about.moment);
    if about.subscription.is_flexible() {
        return billed.iter().filter_map(|part| part.credit(tx, about)).collect();
    }
    let Some(billable) = Billable::of(tx, about.subscription, item) else { return Vec::new() };
    let span = Period { start: about.moment, end: paid_until(about.subscription, item) };
    let whole = nets(tx, about.subscription, about.discounts, &[&billable]);
    let whole = whole.first().copied().unwrap_or_default();
    let note = note(tx, about.discounts, &about.subscription.currency);
    let credited = billed.first().map_or(Doc::Null, |part| part.credited.clone());
    remaining(about.subscription, &billable, span)
        .credit(whole)
        .map(|amount| Proration { credited, ..of(&billable, "Unused", (amount, &note), span) })
        .into_iter()
        .collect()
}

/// What is charged for spans of the periods of items. `discounts` reduce them together with `among`, the items that share them.
pub(super) fn debits(
    tx: &Tx,
    subscription: &Subscription,
    discounts: &[Id],
    spans: &[(Arc<SubscriptionItem>, Period)],
    among: &[Arc<SubscriptionItem>],
) -> Vec<Proration> {
    let all: Vec<Billable> = among.iter().filter_map(|item| Billable::of(tx, subscription, item)).collect();
    let nets = nets(tx, subscription, discounts, &all.iter().collect::<Vec<_>>());
    let note = note(tx, discounts, &subscription.currency);
    let debit = |(item, span): &(Arc<SubscriptionItem>, Period)| {
        let (billable, whole) = all.iter().zip(&nets).find(|(billable, _)| billable.item().id == item.id)?;
        let amount = remaining(subscription, billable, *span).debit(*whole)?;
        Some(of(billable, "Remaining", (amount, &note), *span))
    };
    spans.iter().filter(|(item, _)| !item.is_metered()).filter_map(debit).collect()
}

/// Stores prorations as pending items, with their events; of `ended` subscriptions they do not name it (billing-2 4.6).
///
/// # Errors
/// There is no such customer.
pub(super) fn store(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    prorations: &[Proration],
    ended: bool,
) -> Result<()> {
    let mut made = Vec::with_capacity(prorations.len());
    // The first is the newest, so that lists show it first (billing 2.10).
    for proration in prorations.iter().rev() {
        let new = NewProration {
            customer: &subscription.customer,
            currency: &subscription.currency,
            amount: proration.amount,
            description: &proration.description,
            period: proration.period.shown(),
            price: &proration.price,
            product: &proration.product,
            quantity: proration.quantity,
            tax_rates: proration.tax_rates.clone(),
            is_usage: false,
            of: (!ended).then(|| (&subscription.id, &proration.item, proration.credited.clone())),
        };
        made.push(tx.quietly(|tx| invoice_items::prorate(tx, ctx, &new))?);
    }
    for id in made.into_iter().rev() {
        tx.announce("invoiceitem.created", &Ref { kind: invoice_items::KIND, id });
    }
    Ok(())
}

/// The share of a span in the whole period that it lies in.
fn remaining(subscription: &Subscription, billable: &Billable, span: Period) -> Remaining {
    let natural = billable.recurrence().around(subscription.anchor(), span.start);
    Remaining::between(span.start, span.end, (natural.start, natural.end))
}

fn of(billable: &Billable, what: &str, (amount, note): (i64, &str), span: Period) -> Proration {
    Proration {
        amount,
        credited: Doc::Null,
        description: billable.prorated_with(what, note, span.start),
        item: Id::clone(&billable.item().id),
        period: span,
        price: Id::clone(&billable.price().id),
        product: Id::clone(&billable.price().product),
        quantity: billable.quantity(),
        tax_rates: billable.item().tax_rates.clone(),
    }
}

/// What items cost for whole periods, after discounts that they share (billing-2 3.4).
fn nets(tx: &Tx, subscription: &Subscription, discounts: &[Id], all: &[&Billable]) -> Vec<Decimal> {
    let deductions = |ids: &[Id]| {
        ids.iter().filter_map(|id| discounts::deduction(tx, id, &subscription.currency)).collect::<Vec<_>>()
    };
    let line = |billable: &&Billable| BillLine {
        amount: billable.whole().rounded(Rounding::HalfAwayFromZero),
        product: Some(Id::clone(&billable.price().product)),
        discountable: true,
        deductions: deductions(&billable.item().discounts),
        rates: None,
        credit: 0,
        taxes: None,
    };
    let bill = Bill { lines: all.iter().map(line).collect(), deductions: deductions(discounts), ..Bill::default() };
    let totals = bill.totals();
    all.iter().zip(&totals.lines).map(|(billable, line)| billable.whole() + Decimal::whole(-line.discount())).collect()
}

/// What a proration says of a discount by a percentage.
fn note(tx: &Tx, discounts: &[Id], currency: &str) -> String {
    let percent = |id: &Id| match discounts::deduction(tx, id, currency)?.off {
        Off::Percent(percent) => Some(percent.text()),
        Off::Amount { .. } => None,
    };
    match &discounts.iter().filter_map(percent).collect::<Vec<_>>()[..] {
        [percent] if percent.contains('.') => format!(" (with {percent}% off)"),
        [percent] => format!(" (with {percent}.0% off)"),
        _ => String::new(),
    }
}

/// What was billed for a part of an item's time, and is not given back.
#[derive(Clone, Debug)]
struct BilledPart {
    /// After discounts, in the currency's smallest unit.
    net: i64,
    /// What it was billed for.
    period: Period,
    /// Until when it is not given back, in Unix seconds.
    until: i64,
    /// How a credit names it.
    credited: Doc,
    /// The charge of an earlier change that it is.
    charge: Option<Id>,
    discounts: Vec<Id>,
    item: Id,
    price: Id,
    product: Id,
    quantity: i64,
    tax_rates: Vec<Doc>,
}

impl BilledPart {
    fn credit(&self, tx: &Tx, about: &ProrationBasis<'_>) -> Option<Proration> {
        let span = Period { start: about.moment.max(self.period.start), end: self.until };
        let share = Remaining::between(span.start, span.end, (self.period.start, self.period.end));
        let amount = share.credit(Decimal::whole(self.net))?;
        let product = tx.record(products::KIND, &self.product).and_then(|record| record.get::<Product>());
        let name = product.as_ref().map_or("", |product| &*product.name);
        let note = note(tx, &self.discounts, &about.subscription.currency);
        Some(Proration {
            amount,
            credited: self.credited.clone(),
            description: charges::prorated("Unused", self.quantity, (name, &note), span.start),
            item: Id::clone(&self.item),
            period: span,
            price: Id::clone(&self.price),
            product: Id::clone(&self.product),
            quantity: self.quantity,
            tax_rates: self.tax_rates.clone(),
        })
    }
}

/// What was billed for an item's time after a moment (Unix seconds), the oldest first: the lines of invoices, and the charges of
/// earlier changes.
fn billed(tx: &Tx, item: &SubscriptionItem, moment: i64) -> Vec<BilledPart> {
    let items = tx.having::<InvoiceItem>("subscription_item", &item.id);
    let (mut credits, charges): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.credited().is_some());
    // What a void invoice would have given back was not.
    credits.retain(|credit| credit.invoice.as_ref().is_none_or(|invoice| counts(tx, item, invoice)));
    let mut all = of_lines(tx, item, moment);
    all.extend(charges.iter().filter_map(|charge| of_charge(tx, item, charge)));
    all.retain(|part| part.period.end > moment && part.net > 0);
    for part in &mut all {
        let gone = credits.iter().filter(|credit| credit.credited().is_some_and(|given| is_same(given, part)));
        part.until = gone.filter_map(|credit| credit.period.int("start")).fold(part.period.end, i64::min);
    }
    all.retain(|part| part.until > moment);
    all.sort_by_key(|part| part.period.start);
    all
}

/// Whether a credit names what was billed.
fn is_same(given: &Map, part: &BilledPart) -> bool {
    // A credit of a charge that was pending names the item; by now that may be on an invoice.
    let was_pending = given.str("invoice_item").is_some_and(|item| part.charge.as_deref() == Some(item));
    let lines = line_names(&part.credited);
    was_pending || line_names(&Doc::Map(given.clone())).iter().any(|line| lines.contains(line))
}

/// Whether an invoice billed what an item costs: nobody made it void, and it is not that of a change that waits to be paid.
fn counts(tx: &Tx, item: &SubscriptionItem, invoice: &str) -> bool {
    let subscription = tx.get::<Subscription>(&item.subscription);
    let waits = subscription.is_some_and(|it| it.pending_update_invoice.0.as_deref() == Some(invoice));
    !waits && tx.get::<Invoice>(invoice).is_some_and(|invoice| invoice.status != Some(InvoiceStatus::Void))
}

/// The rates at which a line was taxed: its own, or those of its invoice, if the subscription's are others by now (billing-2 9.1).
fn rates_of(tx: &Tx, item: &SubscriptionItem, own: &[Doc], invoice: &str) -> Vec<Doc> {
    let now = tx.get::<Subscription>(&item.subscription).map(|it| it.default_tax_rates.clone()).unwrap_or_default();
    let then = tx.get::<Invoice>(invoice).map(|it| it.default_tax_rates.clone()).unwrap_or_default();
    let ids = |rates: &[Doc]| -> Vec<String> {
        rates.iter().filter_map(|rate| rate.as_map()?.str("id").map(str::to_owned)).collect()
    };
    if own.is_empty() && ids(&then) != ids(&now) { then } else { own.to_vec() }
}

fn period_of(line: &Map) -> Option<Period> {
    Some(Period { start: line.int("start")?, end: line.int("end")? })
}

/// The lines of an item's whole periods, those of one invoice together.
fn of_lines(tx: &Tx, item: &SubscriptionItem, moment: i64) -> Vec<BilledPart> {
    let mut all: Vec<BilledPart> = Vec::new();
    let mut lines = tx.having::<InvoiceLine>("subscription_item", &item.id);
    lines.reverse();
    for line in lines {
        let period = line.rest.map("period").and_then(period_of).filter(|period| period.end > moment);
        let (Some(period), Some(invoice)) = (period, line.invoice.as_ref().filter(|invoice| counts(tx, item, invoice)))
        else {
            continue;
        };
        let (off, used) = off(&line);
        let net = line.amount - off;
        let is_of = |part: &&mut BilledPart| {
            let details = part.credited.as_map().and_then(|credited| credited.map("invoice_line_item_details"));
            part.period == period && details.and_then(|details| details.str("invoice")) == Some(&**invoice)
        };
        let known = all.iter_mut().find(is_of);
        let mut names = known.as_ref().map_or_else(Vec::new, |part| line_names(&part.credited));
        names.push(line.id.to_string().into());
        let credited = credit_of_lines(invoice, names);
        match known {
            Some(part) => {
                part.net += net;
                part.quantity = item.quantity.0.unwrap_or(part.quantity);
                part.credited = credited;
            }
            None => all.push(BilledPart {
                net,
                period,
                until: period.end,
                credited,
                charge: None,
                discounts: used,
                item: Id::clone(&item.id),
                price: price_of(&line.rest, "price"),
                product: price_of(&line.rest, "product"),
                quantity: line.rest.int("quantity").unwrap_or_default(),
                tax_rates: rates_of(tx, item, &line.tax_rates, invoice),
            }),
        }
    }
    all
}

/// The charge of an earlier change.
fn of_charge(tx: &Tx, item: &SubscriptionItem, charge: &InvoiceItem) -> Option<BilledPart> {
    let period = period_of(&charge.period)?;
    let credited = match charge.invoice.as_ref() {
        None => Map::from([("invoice_item", charge.id.to_string()), ("type", "invoice_item".to_owned())]).into(),
        Some(invoice) if counts(tx, item, invoice) => {
            let lines = lines_of(tx, invoice);
            let names = lines.iter().filter(|line| line.item() == Some(&*charge.id)).map(|line| line.id.to_string());
            credit_of_lines(invoice, names.map(Doc::from).collect())
        }
        Some(_) => return None,
    };
    Some(BilledPart {
        net: charge.amount,
        period,
        until: period.end,
        credited,
        charge: Some(Id::clone(&charge.id)),
        discounts: Vec::new(),
        item: Id::clone(&item.id),
        price: charge.price().map(Id::from)?,
        product: charge.product().map(Id::from)?,
        quantity: charge.quantity,
        tax_rates: match charge.invoice.as_ref() {
            Some(invoice) => rates_of(tx, item, &charge.tax_rates, invoice),
            None => charge.tax_rates.clone(),
        },
    })
}

fn line_names(credited: &Doc) -> Vec<Doc> {
    let details = credited.as_map().and_then(|credited| credited.map("invoice_line_item_details"));
    details.and_then(|details| details.list("invoice_line_items")).unwrap_or_default().to_vec()
}

fn credit_of_lines(invoice: &str, lines: Vec<Doc>) -> Doc {
    let details = Map::from([("invoice", Doc::from(invoice.to_owned())), ("invoice_line_items", Doc::List(lines))]);
    Map::from([("invoice_line_item_details", Doc::from(details)), ("type", "invoice_line_items".into())]).into()
}

/// What the discounts take off a line, and which of them do.
fn off(line: &InvoiceLine) -> (i64, Vec<Id>) {
    let shown = line.rest.list("discount_amounts").unwrap_or_default();
    let all = shown.iter().filter_map(Doc::as_map).filter(|one| one.int("amount").is_some_and(|amount| amount > 0));
    let used: Vec<_> = all.collect();
    let amount = used.iter().filter_map(|one| one.int("amount")).sum();
    (amount, used.iter().filter_map(|one| one.str("discount").map(Id::from)).collect())
}

fn price_of(line: &Map, key: &str) -> Id {
    let details = line.map("pricing").and_then(|pricing| pricing.map("price_details"));
    details.and_then(|details| details.str(key)).unwrap_or_default().into()
}
