//! Subscription items: the prices that a subscription bills, each with a quantity and a period (billing 2.2, 2.3, billing-2 13.2).
//!
//! May use: prices, tax rates. Invariant: an item belongs to one subscription, which shows what follows from its items.

mod billed_usage;
mod choose;
mod edit;
mod operations;

pub use self::billed_usage::BilledUsage;
pub use self::choose::{Chosen, PriceUse, choose, discount};
pub use self::edit::{check_recurrences, edited};

use std::sync::Arc;

use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Expand, In, Marked, On, Outcome, Reaction, Rewrite, Who, require,
};
use crate::error::Result;
use crate::object::{body, template};
use crate::resources::billing::subscriptions::{self, Period, Recurrence, Subscription};
use crate::resources::billing::usage::usage_records::UsageRecord;
use crate::resources::catalog::discounts::Discount;
use crate::resources::catalog::prices::{self, Price, as_plan};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::resource! {
    /// An item of a subscription.
    SubscriptionItem = "subscription_item" {
        /// Unix seconds.
        created: i64,
        /// Until when it is billed, in Unix seconds.
        billed_until: Absent<i64>,
        /// The end of its current period, in Unix seconds.
        current_period_end: i64,
        /// The start of its current period, in Unix seconds.
        current_period_start: i64,
        /// Its own discounts.
        discounts: Vec<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// The price in its older form.
        plan: Map,
        /// The price, as it shows itself.
        price: Map,
        /// How many; a metered price has none.
        quantity: Absent<i64>,
        /// The subscription.
        subscription: Id,
        /// Its own tax rates, as they were when it got them.
        tax_rates: Vec<Doc>,
    }
    hidden {
        /// Its place among the items of its subscription, from the lowest.
        position: i64,
        /// From when on usage is its own, in Unix seconds, if it came, or got its price, within a period.
        usage_from: Absent<i64>,
        /// What of its usage was billed before its period was over.
        billed_usage: BilledUsage,
    }
}

/// The kind, for references.
pub const KIND: Kind = SubscriptionItem::KIND;

/// The largest number of items of a subscription (billing-2 15).
pub const ITEMS_MAX: usize = 20;

impl SubscriptionItem {
    /// The id of its price.
    pub fn price_id(&self) -> &str {
        self.price.str("id").unwrap_or_default()
    }

    /// Whether it bills what was used, after the period.
    pub fn is_metered(&self) -> bool {
        is_metered(&self.price)
    }

    /// The meter that counts what is used; a metered price of a version before meters has none.
    pub fn meter(&self) -> Option<&str> {
        self.price.map("recurring")?.str("meter")
    }

    /// The usage at which it is billed, whatever is left of its period.
    pub fn usage_threshold(&self) -> Option<i64> {
        self.rest.map("billing_thresholds")?.int("usage_gte")
    }

    /// How often it is billed.
    pub fn recurrence(&self) -> Recurrence {
        Recurrence::of(&self.price).unwrap_or(Recurrence::Months(1))
    }

    /// Its current period.
    pub fn period(&self) -> Period {
        Period { start: self.current_period_start, end: self.current_period_end }
    }
}

/// Whether a price, as it shows itself, bills what was used.
pub fn is_metered(price: &Map) -> bool {
    price.map("recurring").and_then(|recurring| recurring.str("usage_type")) == Some("metered")
}

/// The items of a subscription, in order.
pub fn of(tx: &Tx, subscription: &str) -> Vec<Arc<SubscriptionItem>> {
    rows(tx, subscription).iter().filter_map(|record| record.get()).collect()
}

/// The same as records.
pub fn rows(tx: &Tx, subscription: &str) -> Vec<Arc<Record>> {
    let mut rows = tx.records_having(KIND, "subscription", subscription);
    rows.sort_by_key(|row| row.get::<SubscriptionItem>().map_or(0, |item| item.position));
    rows
}

/// Stores a new item of a subscription, which need not be stored yet, with its first period; `now` is Unix seconds.
///
/// # Errors
/// One of its discounts cannot be redeemed.
pub fn insert(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    chosen: &Chosen,
    (period, now): (Period, i64),
) -> Result<Id> {
    let items = of(tx, &subscription.id);
    let item = new(tx, ctx, subscription, &items, chosen, (period, now))?;
    Ok(tx.insert(item).id)
}

/// A new item that is not stored, behind others.
fn new(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    subscription: &Subscription,
    items: &[Arc<SubscriptionItem>],
    chosen: &Chosen,
    (period, now): (Period, i64),
) -> Result<SubscriptionItem> {
    let last = items.last().map_or(0, |item| item.position);
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let discounts = discount(tx, ctx, subscription, &id, (&[], chosen.discounts.as_ref()), now)?;
    let mut rest = template::template(KIND);
    for key in ["billing_thresholds", "current_trial"] {
        rest.set(key, Doc::Null);
    }
    if let Some(thresholds) = &chosen.billing_thresholds {
        rest.set("billing_thresholds", thresholds.clone());
    }
    let price = chosen.price.to_doc();
    Ok(SubscriptionItem {
        id,
        created: now,
        billed_until: Absent(None),
        current_period_end: period.end,
        current_period_start: period.start,
        discounts,
        metadata: chosen.metadata.clone(),
        plan: as_plan(&price).unwrap_or_default(),
        price,
        quantity: Absent(chosen.quantity),
        subscription: Id::clone(&subscription.id),
        tax_rates: chosen.tax_rates.clone(),
        position: last + 1,
        usage_from: Absent(None),
        billed_usage: BilledUsage::default(),
        rest,
    })
}

/// What a subscription shows of its items: the price and the quantity of the only one, and their period.
pub fn show_in(tx: &Tx, subscription: &mut Subscription) {
    let items = of(tx, &subscription.id);
    let (plan, quantity) = match &items[..] {
        [only] => (Doc::Map(only.plan.clone()), only.quantity.0.into()),
        _ => (Doc::Null, Doc::Null),
    };
    subscription.rest.set("plan", plan);
    subscription.rest.set("quantity", quantity);
    if let Some(start) = items.iter().map(|item| item.current_period_start).max() {
        subscription.current_period_start = start;
    }
    if let Some(end) = items.iter().map(|item| item.current_period_end).min() {
        subscription.current_period_end = end;
    }
}

/// Brings a subscription into line with its items.
fn follow(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) {
    let Some(stored) = tx.get::<Subscription>(id) else { return };
    let mut changed = crate::state::Edit::of(Arc::clone(&stored));
    show_in(tx, &mut changed);
    if changed.period() != stored.period() {
        subscriptions::plan_notices(tx, ctx, &mut changed);
    }
    if changed.period() != stored.period() || !changed.shows_as(&*stored) {
        tx.quietly(|tx| changed.save(tx));
    }
}

/// Discounts that have ended are the items' no more.
pub fn forget_discounts(tx: &mut Tx, subscription: &str) {
    for item in of(tx, subscription) {
        let is_there = |discount: &Id| tx.get::<Discount>(discount).is_some();
        let left: Vec<Id> = item.discounts.iter().filter(|discount| is_there(discount)).cloned().collect();
        if left.len() != item.discounts.len() {
            tx.update::<SubscriptionItem>(&item.id, |item| item.discounts = left);
        }
    }
}

/// A subscription of a dump shows what its items say.
pub fn imported_with(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    subscriptions::catch_up(tx, ctx, &about.id);
    follow(tx, ctx, &about.id);
    Ok(())
}

/// An item of a dump comes behind those before it.
fn imported(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(item) = tx.get::<SubscriptionItem>(&about.id) else { return Ok(()) };
    let others = of(tx, &item.subscription);
    let last = others.iter().map(|other| other.position).max().unwrap_or_default();
    tx.update::<SubscriptionItem>(&about.id, |item| item.position = last + 1);
    follow(tx, ctx, &item.subscription);
    Ok(())
}

/// `GET /v1/subscription_items`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let subscription = call.params.str("subscription").unwrap_or_default();
    let subscription = require::<Subscription>(tx, subscription, In::Param("subscription"))?;
    let row = |record| crate::contract::Item { shown: KIND, record };
    let rows: Vec<_> = rows(tx, &subscription.id).into_iter().map(row).collect();
    list::page_of(&rows, call, ENTRY.noun).map(Outcome::List)
}

const REACTIONS: &[Reaction] = &[
    Reaction {
        to: prices::KIND,
        on: On::Change(crate::when!(Price, |before, _| before.is_some())),
        who: Who::Having("price"),
        run: |tx, _, item| {
            let price = tx.get::<SubscriptionItem>(item).and_then(|item| tx.get::<Price>(item.price_id()));
            if let Some(shown) = price.map(|price| price.to_doc()) {
                tx.quietly(|tx| {
                    if tx.get::<SubscriptionItem>(item).is_some_and(|item| item.price != shown) {
                        tx.update::<SubscriptionItem>(item, |item| {
                            item.plan = as_plan(&shown).unwrap_or_default();
                            item.price = shown;
                        });
                    }
                });
            }
            Ok(())
        },
    },
    Reaction {
        to: UsageRecord::KIND,
        on: On::Change(|_, _| true),
        who: Who::Named(|record| Some(Id::clone(&downcast::<UsageRecord>(record)?.subscription_item))),
        run: |tx, ctx, item| match tx.get::<SubscriptionItem>(item) {
            Some(item) => subscriptions::check_thresholds(tx, ctx, &item.subscription),
            None => Ok(()),
        },
    },
];

/// What a subscription follows: its items.
pub(super) const FOLLOWED: Reaction = Reaction {
    to: KIND,
    on: On::Any,
    who: Who::Named(|item| downcast::<SubscriptionItem>(item).map(|item| Id::clone(&item.subscription))),
    run: |tx, ctx, subscription| {
        follow(tx, ctx, subscription);
        Ok(())
    },
};

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: SubscriptionItem::FIELDS,
    noun: "subscription_item",
    id: IdForm::short("si_"),
    path_param: "item",
    operations: &[
        ("subscription_items.create", Behaviour::Write(operations::create)),
        ("subscription_items.retrieve", Behaviour::Read(operations::retrieve)),
        ("subscription_items.update", Behaviour::Write(operations::update)),
        ("subscription_items.delete", Behaviour::Write(operations::delete)),
        ("subscription_items.list", Behaviour::Read(list)),
    ],
    in_order: true,
    filters: &[
        crate::filter!("subscription", SubscriptionItem, |item| Some(&*item.subscription), Some(subscriptions::KIND)),
        // Not a parameter of the list: it finds the items of a price.
        crate::filter!("price", SubscriptionItem, |item| Some(item.price_id())),
    ],
    expands: &[Expand::reference("price", &["price"])],
    changes: &[Change {
        since: Gate::since("2025-03-31.basil"),
        older: Some(Rewrite::Alone(|item| {
            prices::said_how_usage_adds_up(item, "plan");
            prices::said_how_usage_adds_up(item, "price");
        })),
        what: "subscription_item.plan.aggregate_usage, subscription_item.price.recurring.aggregate_usage",
    }],
    blank: Some(|_| body::blank_of(KIND)),
    import: |mut visible, mut hidden, created| {
        // A state file of before items had rules may say `null`.
        if visible.present("tax_rates").is_none() {
            visible.set("tax_rates", Doc::List(Vec::new()));
        }
        // A dump says nothing of it.
        if !hidden.has("position") {
            hidden.set("position", 0);
        }
        crate::contract::import::<SubscriptionItem>(visible, hidden, created)
    },
    imported: Some(imported),
    reactions: REACTIONS,
    marks: &[
        Marked::describes(&["price_data"], "prices.create"),
        // Trials of single items are a preview.
        Marked::refused(&["current_trial"]),
        Marked::acts(&["clear_usage"], "billing::subscriptions::metered::usage_of_a_removed_item_may_be_cleared")
            .on(&["subscription_items.delete"]),
        Marked::acts(
            &["proration_behavior"],
            "billing::subscriptions::items::an_item_is_added_changed_and_removed_with_the_events_of_its_subscription",
        ),
        Marked::acts(
            &["off_session", "payment_behavior"],
            "billing::subscriptions::pending_update::a_new_item_may_wait_to_be_paid",
        ),
    ],
    named_by: &["subscription_item"],
    ..Entry::PLAIN
};
