//! Subscriptions: what a customer is billed for again and again (billing 2, billing-2 2, 4, 18).
//!
//! May use: invoices and their items, prices, discounts, customers, intents. Invariant: a status changes in one place, [`status`];
//! what happens later follows from the fields alone, and no period is billed twice.
//!
//! | part | what others call |
//! |---|---|
//! | `periods` | [`Recurrence`], [`Anchor`], [`Period`]: pure; where a period begins and ends, what part of an amount a span costs |
//! | [`terms`] | [`terms::apply`]: the parameters that a new subscription, an update, a phase and a quote share |
//! | [`subscription_items`] | the items, each a record found by its owner: [`of`](super::subscription_items::of), `choose` (parameters to a price and a quantity), `insert` |
//! | [`charges`] | [`charges::Billable`]: an item with its price; its lines for a period, in full, in part, or as a trial |
//! | [`bill`] | [`bill::PeriodBill`] describes an invoice (reason, lines, one-off items, whether pending items are swept, discounts); [`bill::issue`] makes it, to be final at once or after the draft hour |
//! | [`change`] | [`change::carry_out`]: a change of what it bills and when, with its prorations, from the parameters of an update |
//! | [`status`] | [`status::follow`]: the reaction to the subscription's invoices; [`status::end`]: cancels for a reason |
//! | [`next_invoice`] | the next invoice, in a copy of the state |
//! | [`create`] | [`create::start`]: a subscription from parameters, also for schedules, quotes and Checkout |
//!
//! A change that bills goes: work out items and periods, store them, describe the [`bill::PeriodBill`], issue it, and leave the status to
//! the reaction. Times are those of the customer's clock (`ctx.now_of`).

pub mod bill;
pub mod change;
pub mod charges;
mod course;
pub mod create;
mod cycle;
mod due;
mod ends;
mod first;
mod loaded;
mod marks;
mod metered;
mod notices;
mod older;
mod pause;
mod pending_update;
mod periods;
pub mod preview;
mod proration;
mod setup;
pub mod status;
pub mod terms;
mod thresholds;
mod timing;
mod triggers;
mod update;

pub use self::create::FirstInvoice;
pub use self::ends::{end_at_once, expire, plan_end};
pub use self::loaded::catch_up;
pub use self::notices::plan as plan_notices;
pub use self::periods::{Anchor, Period, Recurrence};
pub use self::preview::next as next_invoice;
pub use self::setup::has_method;
pub use self::thresholds::check as check_thresholds;

use std::sync::Arc;

use crate::api::list;
use crate::contract::{
    Behaviour, Call, ClockLimit, Clocked, Ctx, Defaults, Entry, Events, Expand, Fill, Include, Outcome, SearchField,
    Searched, Shown, Under,
};
use crate::error::Result;
use crate::object::body;
use crate::resources::billing::invoices::CollectionMethod;
use crate::resources::billing::subscription_items;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// How far a subscription is (billing-2 4.1).
    pub enum SubscriptionStatus {
        /// What was due is paid, or nothing was.
        Active = "active",
        /// It has ended.
        Canceled = "canceled",
        /// Its first invoice is not paid.
        Incomplete = "incomplete",
        /// Its first invoice was never paid.
        IncompleteExpired = "incomplete_expired",
        /// A later invoice is not paid.
        PastDue = "past_due",
        /// It bills nothing for a while.
        Paused = "paused",
        /// Its trial is not over.
        Trialing = "trialing",
        /// An invoice is not paid and is not tried again.
        Unpaid = "unpaid",
    }
}

impl SubscriptionStatus {
    /// Whether it is final.
    pub fn is_final(self) -> bool {
        match self {
            SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired => true,
            SubscriptionStatus::Active
            | SubscriptionStatus::Incomplete
            | SubscriptionStatus::PastDue
            | SubscriptionStatus::Paused
            | SubscriptionStatus::Trialing
            | SubscriptionStatus::Unpaid => false,
        }
    }
}

crate::values! {
    /// How a subscription prorates and anchors (billing-2 2).
    pub enum BillingMode {
        Classic = "classic",
        Flexible = "flexible",
    }
}

impl BillingMode {
    /// As a subscription shows it: with what was sent about it, since a time in Unix seconds.
    pub fn shown(self, flexible: Option<Map>, since: i64) -> Map {
        let usual = || Map::from([("proration_discounts", "included")]);
        match self {
            BillingMode::Classic => Map::from([("flexible", Doc::Null), ("type", self.as_str().into())]),
            BillingMode::Flexible => Map::from([
                ("flexible", Doc::from(flexible.unwrap_or_else(usual))),
                ("type", self.as_str().into()),
                ("updated_at", since.into()),
            ]),
        }
    }
}

crate::resource! {
    /// A subscription.
    Subscription = "subscription" {
        /// Unix seconds.
        created: i64,
        /// The moment from which its periods are counted, in Unix seconds.
        billing_cycle_anchor: i64,
        /// When it ends, in Unix seconds.
        cancel_at: Option<i64>,
        /// Whether it ends with the current period.
        cancel_at_period_end: bool,
        /// When it was asked to end, or ended, in Unix seconds.
        canceled_at: Option<i64>,
        /// Why it ends.
        cancellation_details: Map,
        /// How its invoices are paid.
        collection_method: CollectionMethod,
        /// Three letters, lower case.
        currency: String,
        /// Who is billed.
        customer: Id,
        /// How many days an invoice that is sent may be open.
        days_until_due: Option<i64>,
        /// The tax rates of items without rates of their own, as they were when it got them.
        default_tax_rates: Vec<Doc>,
        /// Its own discounts, in order.
        discounts: Vec<Id>,
        /// When it ended, in Unix seconds.
        ended_at: Option<i64>,
        /// The newest invoice.
        latest_invoice: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// When pending items are billed between periods, in Unix seconds.
        next_pending_invoice_item_invoice: Option<i64>,
        /// What becomes of invoices while collection is paused.
        pause_collection: Option<Map>,
        /// The intent that saves a payment method, while nothing is due.
        pending_setup_intent: Option<Id>,
        /// A change that waits to be paid.
        pending_update: Option<Map>,
        /// The schedule that manages it.
        schedule: Option<Id>,
        /// When it began, in Unix seconds.
        start_date: i64,
        /// How far it is.
        status: SubscriptionStatus,
        /// When the trial ends or ended, in Unix seconds.
        trial_end: Option<i64>,
        /// When the trial began, in Unix seconds.
        trial_start: Option<i64>,
    }
    hidden {
        /// The latest start of an item's period, in Unix seconds.
        current_period_start: i64,
        /// The earliest end of an item's period, in Unix seconds.
        current_period_end: i64,
        /// When it is told that its trial ends, in Unix seconds.
        trial_will_end_at: Absent<i64>,
        /// When it is told that it renews, in Unix seconds.
        upcoming_at: Absent<i64>,
        /// The invoice of a change that waits to be paid.
        pending_update_invoice: Absent<Id>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Subscription::KIND;

/// Subscriptions of one customer on a test clock that have not ended, with those that a schedule makes later (billing-2 10.3).
pub const ON_CLOCK: ClockLimit = ClockLimit {
    most: 3,
    within: "customer",
    counts: &[
        (KIND, |object| downcast::<Subscription>(object).is_some_and(|it| !it.has_ended())),
        (crate::kind!("subscription_schedule"), |object| object.to_doc().str("status") == Some("not_started")),
    ],
};

impl Subscription {
    /// The test clock that it lives on.
    pub fn clock(&self) -> Option<&str> {
        self.rest.str("test_clock")
    }

    /// How it prorates and anchors.
    pub fn billing_mode(&self) -> BillingMode {
        let mode = self.rest.map("billing_mode").and_then(|mode| mode.str("type"));
        mode.and_then(BillingMode::parse).unwrap_or(BillingMode::Classic)
    }

    /// Whether its billing mode is flexible.
    pub fn is_flexible(&self) -> bool {
        self.billing_mode() == BillingMode::Flexible
    }

    /// Whether the lines of its prorations show their discounts, instead of being net of them (billing-2 2.1).
    pub fn itemizes_discounts(&self) -> bool {
        let flexible = self.rest.map("billing_mode").and_then(|mode| mode.map("flexible"));
        flexible.and_then(|flexible| flexible.str("proration_discounts")) == Some("itemized")
    }

    /// The moment from which its periods are counted, with its chosen day of the month.
    pub fn anchor(&self) -> Anchor {
        let day = self.rest.map("billing_cycle_anchor_config").and_then(|config| config.int("day_of_month"));
        match day {
            Some(day) => Anchor::on_day(self.billing_cycle_anchor, day),
            None => Anchor::at(self.billing_cycle_anchor),
        }
    }

    /// The current period: of several items' the latest start and the earliest end.
    pub fn period(&self) -> Period {
        Period { start: self.current_period_start, end: self.current_period_end }
    }

    /// Whether its invoices are paid by the customer's payment method.
    pub fn is_charged(&self) -> bool {
        self.collection_method == CollectionMethod::ChargeAutomatically
    }

    /// Whether its periods go on.
    pub fn renews(&self) -> bool {
        match self.status {
            SubscriptionStatus::Active | SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => true,
            SubscriptionStatus::Canceled
            | SubscriptionStatus::Incomplete
            | SubscriptionStatus::IncompleteExpired
            | SubscriptionStatus::Paused
            | SubscriptionStatus::Trialing => false,
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.status.is_final()
    }

    /// Whether it is in a trial at a time, in Unix seconds.
    pub fn is_in_trial(&self, at: i64) -> bool {
        self.trial_end.is_some_and(|end| at < end)
    }
}

/// A reference to a subscription.
pub fn reference(id: &Id) -> Ref {
    Ref { kind: KIND, id: Id::clone(id) }
}

/// `GET /v1/subscriptions`: without a status, those that have not been canceled; those on a test clock only if their clock or
/// their customer is named (billing 2.13).
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    list::page_where(tx, &ENTRY, call, None, &|record| is_listed(tx, record, &call.params)).map(Outcome::List)
}

/// `GET /v1/customers/:customer/subscriptions`.
fn list_of_customer(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let parent = Some(("customer", &*customer.id));
    let keep = |record: &Record| {
        downcast::<Subscription>(&*record.object).is_some_and(|subscription| !subscription.has_ended())
    };
    list::page_where(tx, &ENTRY, call, parent, &keep).map(Outcome::List)
}

fn is_listed(tx: &Tx, record: &Record, params: &Map) -> bool {
    let Some(subscription) = downcast::<Subscription>(&*record.object) else { return false };
    let has_status = match params.str("status") {
        None => !subscription.has_ended(),
        Some("all") => true,
        Some("ended") => subscription.has_ended(),
        Some(wanted) => subscription.status.as_str() == wanted,
    };
    let is_named = ["customer", "test_clock"].iter().any(|name| params.str(name).is_some());
    let wanted = params.str("price").or(params.str("plan"));
    let has_price = || {
        let items = wanted.map(|price| (price, subscription_items::of(tx, &subscription.id)));
        items.is_none_or(|(price, items)| items.iter().any(|item| item.price_id() == price))
    };
    let is_taxed = subscription.rest.map("automatic_tax").and_then(|tax| tax.bool("enabled"));
    let taxed = params.map("automatic_tax").and_then(|tax| tax.bool("enabled"));
    has_status
        && (is_named || subscription.clock().is_none())
        && taxed.is_none_or(|taxed| is_taxed == Some(taxed))
        && list::within(params.get("current_period_start"), subscription.current_period_start)
        && list::within(params.get("current_period_end"), subscription.current_period_end)
        && has_price()
}

/// The defaults of a new subscription.
const DEFAULTS: Defaults = &[
    ("automatic_tax.enabled", Fill::Flag(false)),
    ("billing_cycle_anchor", Fill::Now),
    ("billing_mode.type", Fill::Text("classic")),
    ("billing_schedules", Fill::EmptyList),
    ("billing_thresholds.reset_billing_cycle_anchor", Fill::Flag(false)),
    ("cancel_at_period_end", Fill::Flag(false)),
    (
        "cancellation_details",
        Fill::Object(&[
            ("comment", Fill::Null),
            ("feedback", Fill::Null),
            ("feedback_option", Fill::Null),
            ("reason", Fill::Null),
        ]),
    ),
    ("collection_method", Fill::Text("charge_automatically")),
    ("currency", Fill::Text("usd")),
    ("customer", Fill::Sent("customer")),
    ("default_tax_rates", Fill::EmptyList),
    ("discounts", Fill::EmptyList),
    ("invoice_settings.issuer.type", Fill::Text("self")),
    ("managed_payments", Fill::Object(&[("enabled", Fill::Flag(false))])),
    ("payment_settings.payment_method_options.bancontact.preferred_language", Fill::Text("en")),
    (
        "payment_settings",
        Fill::Object(&[
            ("payment_method_options", Fill::Null),
            ("payment_method_types", Fill::Null),
            ("save_default_payment_method", Fill::Text("off")),
        ]),
    ),
    ("pending_invoice_item_interval.interval_count", Fill::Int(1)),
    ("start_date", Fill::Now),
    ("status", Fill::Text("active")),
    ("trial_settings.end_behavior.missing_payment_method", Fill::Text("create_invoice")),
    (
        "trial_settings",
        Fill::Object(&[(
            "end_behavior",
            Fill::Object(&[
                ("billing_cycle_anchor", Fill::Text("now")),
                ("missing_payment_method", Fill::Text("create_invoice")),
            ]),
        )]),
    ),
];

/// How it is searched.
const SEARCH: Searched = Searched {
    plural: "subscriptions",
    fields: &[SearchField::number("canceled_at"), SearchField::number("created"), SearchField::token("status")],
};

/// The customer in a path, under which its subscriptions stand.
const UNDER: Under = Under { filter: "customer", param: "customer" };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: marks::MARKS,
    fields: Subscription::FIELDS,
    noun: "subscription",
    id: IdForm::of("sub_").led_by("1"),
    path_param: "id",
    operations: &[
        ("subscriptions.create", Behaviour::Write(create::create)),
        ("subscriptions.retrieve", Behaviour::Retrieve),
        ("subscriptions.update", Behaviour::Write(update::update)),
        ("subscriptions.cancel", Behaviour::Write(ends::cancel)),
        ("subscriptions.pause", Behaviour::Write(pause::pause)),
        ("subscriptions.resume", Behaviour::Write(pause::resume)),
        ("subscriptions.migrate", Behaviour::Write(update::migrate)),
        ("subscriptions.discount.delete", Behaviour::Write(ends::delete_discount)),
        ("subscriptions.list", Behaviour::Read(list)),
        ("customers.subscriptions.create", Behaviour::Write(create::create_of_customer)),
        ("customers.subscriptions.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("customers.subscriptions.update", Behaviour::Write(update::update)),
        ("customers.subscriptions.delete", Behaviour::Write(ends::cancel)),
        ("customers.subscriptions.discount.delete", Behaviour::Write(ends::delete_discount)),
        ("customers.subscriptions.discount.retrieve", Behaviour::Read(ends::retrieve_discount)),
        ("customers.subscriptions.list", Behaviour::Read(list_of_customer)),
    ],
    filters: &[
        crate::filter!("customer", Subscription, |it| Some(&*it.customer), Some(customer::KIND)),
        crate::filter!("customer_account", Subscription, |it| it.rest.str("customer_account")),
        crate::filter!("test_clock", Subscription, Subscription::clock),
        crate::filter!("collection_method", Subscription, |it| Some(it.collection_method.as_str())),
        // Not a parameter of the list: it finds what waits for an intent.
        crate::filter!("pending_setup_intent", Subscription, |it| it.pending_setup_intent.as_deref()),
    ],
    includes: &[Include {
        field: "items",
        shown: Shown::Always,
        total_count: true,
        rows: subscription_items::rows,
        url: |subscription| format!("/v1/subscription_items?subscription={subscription}"),
    }],
    expands: &[Expand::reference("discount", &["discount"])],
    search: Some(&SEARCH),
    changes: older::CHANGES,
    undocumented: older::PARAMS,
    blank: Some(|_| body::blank_of(KIND)),
    import: |mut visible, mut hidden, created| {
        // Items are objects of their own; a state file of before they had rules has them inside, too.
        let _ = visible.remove("items");
        // A dump says it in the items.
        for key in ["current_period_start", "current_period_end"] {
            if !hidden.has(key) {
                hidden.set(key, visible.int(key).unwrap_or(created));
            }
        }
        crate::contract::import::<Subscription>(visible, hidden, created)
    },
    imported: Some(subscription_items::imported_with),
    reactions: status::REACTIONS,
    dues: due::DUES,
    clocked: Some(Clocked { clock: |object| downcast::<Subscription>(object)?.clock(), limit: Some(ON_CLOCK) }),
    events: Events {
        created: Some("customer.subscription.created"),
        updated: &["customer.subscription.updated"],
        turns: status::TURNS,
        ..Events::NONE
    },
    named_by: &["subscription"],
    by_clock_only: true,
    // Those of items are looked up with them.
    references: &[("items.plan", &[]), ("items.price_data.product", &[])],
    defaults: DEFAULTS,
    unlisted: &[("plan", Fill::Null), ("quantity", Fill::Null)],
    triggers: triggers::TRIGGERS,
    ..Entry::PLAIN
};

/// The subscription with this id; one that has ended counts.
///
/// # Errors
/// There is none.
pub fn find(tx: &Tx, id: &str) -> Result<Arc<Subscription>> {
    crate::contract::require::<Subscription>(tx, id, crate::contract::In::Path)
}
