//! Changes of what a subscription bills and when (billing 2.10, billing-2 2.2, 3.3, 4.3, 4.5, 18).
//!
//! May use: items, prorations, bills, pending updates. Invariant: what a change bills follows from the items before and after it and
//! from its `Course` alone; it is billed before it is applied, so that one that is not paid can wait.

use std::sync::Arc;

use super::bill::{self, Collection, PaymentBehavior, PeriodBill};
use super::charges::Billable;
use super::course::{Course, CourseTerms};
use super::pending_update;
use super::proration::{self, Proration, ProrationBasis};
use super::status;
use super::{KIND, Period, Subscription, SubscriptionStatus, reference};
use super::{cycle, first, metered, notices, update};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::money::Decimal;
use crate::resources::billing::invoice_items::{self, NewItem};
use crate::resources::billing::invoices::{BillPayment, BillingReason, NewLine, Purpose};
use crate::resources::billing::subscription_items::{self, PriceUse, SubscriptionItem};
use crate::resources::catalog::discounts::Discount;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

crate::values! {
    /// What becomes of the parts of a period that a change gives back and charges.
    pub enum ProrationBehavior {
        /// They are billed at once.
        AlwaysInvoice = "always_invoice",
        /// They wait for the next invoice.
        CreateProrations = "create_prorations",
        /// There are none.
        None = "none",
    }
}

impl ProrationBehavior {
    /// That of a call; without one, prorations wait for the next invoice.
    pub(super) fn of(params: &Map) -> Self {
        let sent = params.str("proration_behavior").and_then(Self::parse);
        sent.unwrap_or(ProrationBehavior::CreateProrations)
    }
}

/// What a subscription is to become.
#[derive(Clone, Debug)]
pub(super) struct NextTerms {
    /// Its items, in order, with their periods.
    pub(super) items: Vec<Arc<SubscriptionItem>>,
    /// From when its periods are counted, in Unix seconds, if that changes.
    pub(super) anchor: Option<i64>,
    /// When its trial ends, in Unix seconds, if that changes; the present moment ends it.
    pub(super) trial_end: Option<i64>,
}

/// Changes a subscription by the parameters of `POST /v1/subscriptions/:id`.
///
/// # Errors
/// Those of the call.
pub fn carry_out(tx: &mut Tx, ctx: &Ctx<'_>, stored: &Arc<Subscription>, params: &Map) -> Result<()> {
    run(tx, ctx, stored, (params, PriceUse::New), Purpose::Bill).map(drop)
}

/// The same for the next phase of a schedule, whose prices were chosen when it was made.
///
/// # Errors
/// Those of the call.
pub fn carry_out_planned(tx: &mut Tx, ctx: &Ctx<'_>, stored: &Arc<Subscription>, params: &Map) -> Result<()> {
    run(tx, ctx, stored, (params, PriceUse::Planned), Purpose::Bill).map(drop)
}

/// The same for a preview. Returns the invoice that the change makes at once, as a preview; the caller throws everything away.
///
/// # Errors
/// Those of the call.
pub fn preview(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    stored: &Arc<Subscription>,
    (params, prices): (&Map, PriceUse),
) -> Result<Option<Id>> {
    run(tx, ctx, stored, (params, prices), Purpose::Preview)
}

fn run(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    was: &Arc<Subscription>,
    (params, prices): (&Map, PriceUse),
    purpose: Purpose,
) -> Result<Option<Id>> {
    update::check(was, params)?;
    let stored = tx.record(KIND, &was.id).cloned();
    let now = ctx.now_of(tx, was.clock());
    let discounts = proration::discounts_of(tx, was, now);
    update::change_terms(tx, ctx, was, params, now)?;
    let subscription = super::find(tx, &was.id)?;
    let has_extras = add_extras(tx, ctx, &subscription, params, now)?;
    let before = subscription_items::of(tx, &was.id);
    let after = match params.list("items") {
        Some(sent) => subscription_items::edited(tx, ctx, &subscription, (sent, prices), now)?,
        None => before.clone(),
    };
    let terms = CourseTerms { subscription: &subscription, before: &before, after: &after, now, params };
    let (course, target) = terms.settle(tx)?;
    let change = SubscriptionChange {
        was,
        subscription: &subscription,
        before: &before,
        target: &target,
        course,
        moment: terms.moment()?,
        now,
        behavior: ProrationBehavior::of(params),
        discounts: &discounts,
        params,
    };
    let mut due = change.due_with_usage(tx);
    due.at_once |= has_extras && change.behavior == ProrationBehavior::AlwaysInvoice;
    if due.is_nothing() && course == Course::Same && change.keeps_items() {
        return Ok(None);
    }
    if !due.prorations.is_empty() && !discounts.is_empty() && subscription.itemizes_discounts() {
        // The lines would have to be gross, and to show their discounts.
        return Err(ApiError::not_implemented_feature("prorations with itemized discounts"));
    }
    pending_update::replace(tx, ctx, &was.id)?;
    let ends_trial = course == Course::TrialEnds && purpose == Purpose::Bill;
    if ends_trial && cycle::ends_unpaid(tx, ctx, &was.id, params)? {
        return Ok(None);
    }
    let mark = tx.mark();
    proration::store(tx, ctx, &subscription, &due.prorations, false)?;
    metered::store(tx, ctx, &subscription, &due.pending_usage)?;
    if due.at_once && purpose == Purpose::Preview {
        return due.bill().draft(tx, ctx, &subscription, purpose).map(Some);
    }
    let behavior = PaymentBehavior::of(params);
    let billed = if due.at_once { Some(collect(tx, ctx, &subscription, &due, params)?) } else { None };
    match billed {
        Some((invoice, settled)) if behavior == PaymentBehavior::PendingIfIncomplete && is_unpaid(&settled) => {
            let keeps_items = change.keeps_items();
            pending_update::park(tx, &was.id, &target, (keeps_items, &invoice), now);
        }
        billed => {
            pending_update::forget(tx, &was.id);
            apply(tx, ctx, &was.id, &target, now)?;
            if matches!(billed, Some((_, BillPayment::Open))) && subscription.is_charged() {
                status::wait_for_payment(tx, &was.id);
            }
        }
    }
    contract::settle(tx, ctx);
    if ends_trial {
        notices::tell_of_trial_end_at(tx, &was.id, mark);
    }
    // The event of the change comes after those of its invoice (billing-2 12.5).
    if let Some(before) = stored {
        tx.announce_change("customer.subscription.updated", &reference(&was.id), &before);
    }
    Ok(None)
}

fn is_unpaid(settled: &BillPayment) -> bool {
    match settled {
        BillPayment::NothingDue | BillPayment::Paid => false,
        BillPayment::Processing | BillPayment::Open | BillPayment::NeedsAction | BillPayment::Declined(_) => true,
    }
}

/// Makes the invoice of a change, and collects it. One that may wait is known as such before it is tried.
fn collect(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    due: &ChangeBill,
    params: &Map,
) -> Result<(Id, BillPayment)> {
    let behavior = if subscription.is_charged() {
        PaymentBehavior::of(params)
    } else {
        // Nobody is charged: it is sent.
        PaymentBehavior::DefaultIncomplete
    };
    let off_session = params.bool("off_session") == Some(true);
    let id = due.bill().draft(tx, ctx, subscription, Purpose::Bill)?;
    if behavior == PaymentBehavior::PendingIfIncomplete {
        pending_update::expect(tx, &subscription.id, &id);
    }
    let collection = match due.waits_an_hour && !subscription.is_charged() {
        true => Collection::AfterAnHour,
        false => Collection::AtOnce { behavior, off_session },
    };
    let settled = bill::collect(tx, ctx, &subscription.id, &id, collection)?;
    Ok((id, settled.unwrap_or(BillPayment::NothingDue)))
}

/// `add_invoice_items`: pending items, which the next invoice of the subscription takes.
fn add_extras(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, params: &Map, now: i64) -> Result<bool> {
    let extras = first::one_off(params, subscription.period(), now)?;
    for (index, item) in extras.iter().enumerate() {
        let item = item.clone().with("subscription", subscription.id.to_string());
        let currency = Some(&*subscription.currency);
        let about = NewItem { customer: Some(&subscription.customer), currency, ..NewItem::default() };
        let made = invoice_items::create_from(tx, ctx, &item, &about);
        made.map_err(|error| error.inside(&format!("add_invoice_items[{index}]")))?;
    }
    Ok(!extras.is_empty())
}

/// Makes a subscription what it is to become.
///
/// # Errors
/// Its status cannot be brought into line with its invoices.
pub(super) fn apply(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id, target: &NextTerms, now: i64) -> Result<()> {
    let stored = subscription_items::of(tx, id);
    tx.quietly(|tx| {
        for item in stored.iter().filter(|item| target.items.iter().all(|kept| kept.id != item.id)) {
            tx.delete::<SubscriptionItem>(&item.id);
        }
        for item in &target.items {
            // The invoice of the change has used up discounts of a single bill.
            let discounts = item.discounts.iter().filter(|id| tx.get::<Discount>(id).is_some()).cloned().collect();
            let changed = SubscriptionItem { discounts, ..SubscriptionItem::clone(item) };
            match stored.iter().find(|known| known.id == item.id) {
                Some(known) if Arc::ptr_eq(known, item) => {}
                Some(known) => tx.save(known, changed),
                None => {
                    tx.insert(changed);
                }
            }
        }
        tx.update::<Subscription>(id, |subscription| {
            if let Some(anchor) = target.anchor {
                subscription.billing_cycle_anchor = anchor;
                subscription.rest.set("billing_cycle_anchor_config", Doc::Null);
            }
            if let Some(end) = target.trial_end {
                // In classic mode the first trial counts, in flexible mode the latest (billing-2 2.2).
                let begins = end > now && !subscription.is_in_trial(now);
                if begins && (subscription.is_flexible() || subscription.trial_start.is_none()) {
                    subscription.trial_start = Some(now);
                }
                subscription.trial_end = Some(end);
            }
        });
    });
    contract::settle(tx, ctx);
    status::follow_trial(tx, id, now);
    status::follow(tx, ctx, id)
}

/// A change, with all that its bill follows from.
struct SubscriptionChange<'a> {
    /// The subscription before the call.
    was: &'a Subscription,
    /// The same with its new terms.
    subscription: &'a Subscription,
    before: &'a [Arc<SubscriptionItem>],
    target: &'a NextTerms,
    course: Course,
    /// From when on parts of periods are given back and charged, in Unix seconds.
    moment: i64,
    now: i64,
    behavior: ProrationBehavior,
    /// The discounts before the call.
    discounts: &'a [Id],
    /// The parameters of the call.
    params: &'a Map,
}

/// What a change bills.
struct ChangeBill {
    prorations: Vec<Proration>,
    lines: Vec<NewLine>,
    /// What was used of an item as it was, and waits for the next invoice.
    pending_usage: Vec<NewLine>,
    at_once: bool,
    /// Whether an invoice that is sent is a draft first, as that of a renewal.
    waits_an_hour: bool,
    /// The invoice's own period.
    period: Period,
}

impl ChangeBill {
    fn is_nothing(&self) -> bool {
        self.prorations.is_empty() && self.lines.is_empty() && self.pending_usage.is_empty() && !self.at_once
    }

    fn bill(&self) -> PeriodBill {
        PeriodBill { lines: self.lines.clone(), ..PeriodBill::new(BillingReason::SubscriptionUpdate, self.period) }
    }
}

impl SubscriptionChange<'_> {
    /// What is due, with the usage of items that are gone, have another price, or begin a new period. It is on the invoice of the
    /// change if there is one.
    fn due_with_usage(&self, tx: &Tx) -> ChangeBill {
        let mut due = self.due(tx);
        let usage: Vec<NewLine> = self.before.iter().flat_map(|item| self.outstanding(tx, item)).collect();
        due.at_once |= self.behavior == ProrationBehavior::AlwaysInvoice && !usage.is_empty();
        if due.at_once {
            due.lines.extend(usage);
        } else {
            due.pending_usage = usage;
        }
        due
    }

    /// What was used of a metered item as it was, if it does not go on like that (billing-2 2.2).
    fn outstanding(&self, tx: &Tx, old: &Arc<SubscriptionItem>) -> Vec<NewLine> {
        let next = self.target.items.iter().find(|item| item.id == old.id);
        let has_price = next.is_some_and(|item| item.price_id() == old.price_id());
        let begins_anew = next.is_some_and(|item| item.current_period_start > old.current_period_start);
        let is_lost = match next {
            _ if has_price => !begins_anew,
            _ if !self.was.is_flexible() => true,
            Some(_) => false,
            None => self.behavior == ProrationBehavior::None || self.clears_usage(&old.id),
        };
        let Some(billable) = Billable::of(tx, self.was, old).filter(|_| old.is_metered() && !is_lost) else {
            return Vec::new();
        };
        // The very second of the change belongs to what goes on with the same meter, or else to what is gone.
        let goes_on = self.target.items.iter().any(|item| item.meter() == old.meter());
        let ended_at = (!goes_on).then_some(self.now);
        let was = Subscription { ended_at, ..self.was.clone() };
        metered::used(tx, &was, &billable, Period { start: old.current_period_start, end: self.now })
    }

    /// Whether the call clears the usage of an item that it removes.
    fn clears_usage(&self, id: &str) -> bool {
        let sent = self.params.list("items").unwrap_or_default().iter().filter_map(Doc::as_map);
        sent.filter(|item| item.str("id") == Some(id)).any(|item| item.bool("clear_usage") == Some(true))
    }

    fn due(&self, tx: &Tx) -> ChangeBill {
        let at = Period { start: self.now, end: self.now };
        let nothing = ChangeBill {
            prorations: Vec::new(),
            lines: Vec::new(),
            pending_usage: Vec::new(),
            at_once: false,
            waits_an_hour: false,
            period: at,
        };
        let always = self.behavior == ProrationBehavior::AlwaysInvoice;
        match self.course {
            Course::Same if self.subscription.is_in_trial(self.now) => {
                let lines = if always && self.subscription.is_flexible() { self.new_trials(tx) } else { Vec::new() };
                ChangeBill { at_once: !lines.is_empty(), lines, ..nothing }
            }
            Course::Same => {
                let prorations = self.within_periods(tx);
                let period = Period { start: self.was.current_period_start, end: self.now };
                ChangeBill { at_once: always && !prorations.is_empty(), prorations, period, ..nothing }
            }
            Course::Restart if self.subscription.is_flexible() => self.restart_flexibly(tx, nothing),
            Course::Restart => ChangeBill {
                prorations: self.all_credits(tx),
                lines: self.whole_lines(tx, |_| true),
                at_once: true,
                ..nothing
            },
            Course::TrialEnds => {
                ChangeBill { lines: self.whole_lines(tx, |_| true), at_once: true, waits_an_hour: true, ..nothing }
            }
            Course::TrialBegins => ChangeBill {
                prorations: self.all_credits(tx),
                lines: self.trials(tx, |_| true),
                at_once: true,
                ..nothing
            },
            Course::TrialMoves => nothing,
        }
    }

    /// Whether nothing is given back or charged: the call says so, or the subscription is paused (billing-2 3.1).
    fn is_free(&self) -> bool {
        self.behavior == ProrationBehavior::None || self.was.status == SubscriptionStatus::Paused
    }

    fn basis(&self, moment: i64) -> ProrationBasis<'_> {
        ProrationBasis { subscription: self.was, discounts: self.discounts, moment }
    }

    fn old(&self, id: &str) -> Option<&Arc<SubscriptionItem>> {
        self.before.iter().find(|item| &*item.id == id)
    }

    fn keeps(&self, item: &SubscriptionItem) -> bool {
        self.old(&item.id).is_some_and(|old| old.price_id() == item.price_id() && old.quantity.0 == item.quantity.0)
    }

    /// Whether no item changes at all.
    fn keeps_items(&self) -> bool {
        self.before.len() == self.target.items.len()
            && self.before.iter().zip(&self.target.items).all(|(old, new)| Arc::ptr_eq(old, new))
    }

    /// Everything that is left of what is paid.
    fn all_credits(&self, tx: &Tx) -> Vec<Proration> {
        if self.is_free() {
            return Vec::new();
        }
        self.before.iter().flat_map(|item| proration::credits(tx, &self.basis(self.moment), item)).collect()
    }

    /// Each item that changes gives back the rest of its period, and charges the rest of the new one; an end of the subscription
    /// that moves within a period does the same for the time between.
    fn within_periods(&self, tx: &Tx) -> Vec<Proration> {
        if self.is_free() {
            return Vec::new();
        }
        let span = |item: &Arc<SubscriptionItem>| {
            let end = proration::paid_until(self.subscription, item);
            let start = match self.old(&item.id) {
                Some(old) if self.keeps(item) => proration::paid_until(self.was, old).max(self.moment),
                _ => self.moment,
            };
            (Arc::clone(item), Period { start, end })
        };
        let spans: Vec<_> = self.target.items.iter().map(span).filter(|(_, span)| span.start < span.end).collect();
        let debits = self.debits(tx, self.subscription, &spans);
        let mut all = Vec::new();
        for old in self.before {
            let kept = self.target.items.iter().find(|item| item.id == old.id && self.keeps(item));
            let from = kept.map_or(self.moment, |item| proration::paid_until(self.subscription, item));
            if kept.is_none() || from < proration::paid_until(self.was, old) {
                all.extend(proration::credits(tx, &self.basis(from.max(self.moment)), old));
            }
            all.extend(debits.iter().filter(|debit| debit.is_of(&old.id)).cloned());
        }
        all.extend(debits.iter().filter(|debit| self.before.iter().all(|old| !debit.is_of(&old.id))).cloned());
        all
    }

    /// Charges for spans of items. In classic mode discounts are spread over these alone, in flexible mode over all items
    /// (billing-2 2.2).
    fn debits(&self, tx: &Tx, next: &Subscription, spans: &[(Arc<SubscriptionItem>, Period)]) -> Vec<Proration> {
        let discounts = proration::discounts_of(tx, self.subscription, self.now);
        let own: Vec<_> = spans.iter().map(|(item, _)| Arc::clone(item)).collect();
        let among = if self.subscription.is_flexible() { &self.target.items } else { &own };
        proration::debits(tx, next, &discounts, spans, among)
    }

    /// The anchor is now, in flexible mode: what is paid stays paid until its end, and what changes begins anew (billing-2 2.2).
    fn restart_flexibly(&self, tx: &Tx, nothing: ChangeBill) -> ChangeBill {
        if self.is_free() {
            return ChangeBill { lines: self.whole_lines(tx, |_| true), at_once: true, ..nothing };
        }
        let mut next = self.subscription.clone();
        next.billing_cycle_anchor = self.now;
        next.rest.set("billing_cycle_anchor_config", Doc::Null);
        let always = self.behavior == ProrationBehavior::AlwaysInvoice;
        let span = |item: &Arc<SubscriptionItem>| match self.old(&item.id).filter(|_| self.keeps(item)) {
            Some(old) => Some((
                Arc::clone(item),
                Period { start: proration::paid_until(self.was, old), end: item.current_period_end },
            )),
            None if always => None,
            None => Some((Arc::clone(item), item.period())),
        };
        let spans: Vec<_> = self.target.items.iter().filter_map(span).collect();
        let is_kept =
            |old: &&Arc<SubscriptionItem>| self.target.items.iter().any(|item| item.id == old.id && self.keeps(item));
        let gone = self.before.iter().filter(|old| !is_kept(old));
        let mut prorations: Vec<_> =
            gone.flat_map(|old| proration::credits(tx, &self.basis(self.moment), old)).collect();
        prorations.extend(self.debits(tx, &next, &spans));
        let lines = if always { self.whole_lines(tx, |item| !self.keeps(item)) } else { Vec::new() };
        ChangeBill { prorations, lines, at_once: always, ..nothing }
    }

    fn billable(&self, tx: &Tx, keep: impl Fn(&SubscriptionItem) -> bool) -> Vec<Billable> {
        let kept = self.target.items.iter().filter(|item| keep(item));
        kept.filter_map(|item| Billable::of(tx, self.subscription, item)).collect()
    }

    /// The lines of whole new periods; what is metered is billed afterwards.
    fn whole_lines(&self, tx: &Tx, keep: impl Fn(&SubscriptionItem) -> bool) -> Vec<NewLine> {
        let all = self.billable(tx, |item| !item.is_metered() && keep(item));
        all.iter().flat_map(|billable| billable.lines(billable.item().period())).collect()
    }

    fn trials(&self, tx: &Tx, keep: impl Fn(&SubscriptionItem) -> bool) -> Vec<NewLine> {
        self.billable(tx, keep).iter().map(|billable| billable.trial(billable.item().period())).collect()
    }

    /// The trials of what is new.
    fn new_trials(&self, tx: &Tx) -> Vec<NewLine> {
        self.trials(tx, |item| !self.keeps(item))
    }
}

/// Whether the prices of all items are free (billing-2 2.2).
pub(super) fn are_free(tx: &Tx, subscription: &Subscription, items: &[Arc<SubscriptionItem>]) -> bool {
    let costs = |item: &Arc<SubscriptionItem>| {
        item.is_metered()
            || Billable::of(tx, subscription, item)
                .is_some_and(|billable| billable.price().tariff().exact(1) != Decimal::ZERO)
    };
    !items.iter().any(costs)
}
