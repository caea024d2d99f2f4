//! Subscription schedules: what a subscription is to become, and when (billing 5.3, billing-2 11.4, 13.7).
//!
//! May use: subscriptions and their items, customers. Invariant: phases follow one another without a gap; a schedule that is active
//! has a subscription which is what the current phase says, and a schedule in a final state changes nothing any more.
//!
//! | part | what it does |
//! |---|---|
//! | `phases` | from parameters to phases: items, prices, the times at which they begin and end |
//! | `terms` | from a phase to the parameters of its subscription: when it begins, and when it changes |
//! | `create`, `update` | the calls |
//! | `begin` | a schedule begins, and goes from one phase to the next |
//! | `ends` | it is released or canceled, or is over |
//! | `preview` | the invoice that comes next, of a schedule or of a subscription |
//! | `follow` | it follows its subscription and its customer |
//! | `due` | what comes without a call |

mod begin;
pub mod create;
mod due;
mod ends;
mod follow;
mod loaded;
mod marks;
mod phases;
mod preview;
mod terms;
mod triggers;
mod update;

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Clocked, Ctx, Defaults, Entry, Events, Fill, Outcome, Turn};
use crate::error::Result;
use crate::object::body;
use crate::resources::billing::subscriptions::{self, Subscription};
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// How far a schedule is (billing-2 11.4).
    pub enum ScheduleStatus {
        /// One of its phases is the current one.
        Active = "active",
        /// It was canceled, and its subscription with it.
        Canceled = "canceled",
        /// Its last phase is over.
        Completed = "completed",
        /// Its first phase has not begun.
        NotStarted = "not_started",
        /// It let its subscription go.
        Released = "released",
    }
}

crate::values! {
    /// What becomes of the subscription when the last phase is over (billing 5.3).
    pub enum EndBehavior {
        /// It ends.
        Cancel = "cancel",
        /// It goes on; the older name of `release`.
        None = "none",
        /// It goes on by itself.
        Release = "release",
        /// The last phase begins anew.
        Renew = "renew",
    }
}

crate::resource! {
    /// A schedule of a subscription.
    SubscriptionSchedule = "subscription_schedule" {
        /// Unix seconds.
        created: i64,
        /// When it was canceled, in Unix seconds.
        canceled_at: Option<i64>,
        /// When its last phase was over, in Unix seconds.
        completed_at: Option<i64>,
        /// The times of the current phase; null unless it is active.
        current_phase: Option<Map>,
        /// Who is billed.
        customer: Id,
        /// What holds in a phase that says nothing else.
        default_settings: Map,
        /// What becomes of the subscription at the end.
        end_behavior: EndBehavior,
        /// The user's own keys and values.
        metadata: Map,
        /// The phases, in order.
        phases: Vec<Doc>,
        /// When it let its subscription go, in Unix seconds.
        released_at: Option<i64>,
        /// The subscription that it let go.
        released_subscription: Option<Id>,
        /// How far it is.
        status: ScheduleStatus,
        /// The subscription that it manages.
        subscription: Option<Id>,
    }
    hidden {
        /// When it is told that its end is near, in Unix seconds.
        expiring_at: Absent<i64>,
        /// The end that was told, in Unix seconds.
        told_of: Absent<i64>,
        /// Whether its subscription is being made what the current phase says.
        changing: Flag,
        /// Whether it was canceled because its subscription was not paid.
        aborted: Flag,
    }
}

/// The kind, for references.
pub const KIND: Kind = SubscriptionSchedule::KIND;

/// A span of time, in Unix seconds: a phase without what it contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PhaseSpan {
    /// The first second.
    start: i64,
    /// The first second after it.
    end: i64,
}

impl PhaseSpan {
    /// The span of a phase as it is shown.
    fn of(phase: &Map) -> Self {
        let side = |key: &str| phase.int(key).unwrap_or_default();
        PhaseSpan { start: side("start_date"), end: side("end_date") }
    }

    /// As `current_phase` shows it.
    fn shown(self) -> Map {
        Map::from([("end_date", self.end), ("start_date", self.start)])
    }
}

impl SubscriptionSchedule {
    /// The test clock that it lives on.
    pub fn clock(&self) -> Option<&str> {
        self.rest.str("test_clock")
    }

    /// Whether it may still do something: it has not begun, or is active.
    pub fn is_live(&self) -> bool {
        match self.status {
            ScheduleStatus::Active | ScheduleStatus::NotStarted => true,
            ScheduleStatus::Canceled | ScheduleStatus::Completed | ScheduleStatus::Released => false,
        }
    }

    /// Whether its first phase has not begun.
    fn is_waiting(&self) -> bool {
        self.status == ScheduleStatus::NotStarted
    }

    /// Whether a phase is the current one.
    pub fn is_active(&self) -> bool {
        self.status == ScheduleStatus::Active
    }

    /// The phases.
    fn phases(&self) -> impl Iterator<Item = &Map> {
        self.phases.iter().filter_map(Doc::as_map)
    }

    /// When the first phase begins, in Unix seconds.
    fn start(&self) -> i64 {
        self.phases().next().map_or(self.created, |phase| PhaseSpan::of(phase).start)
    }

    /// When the last phase ends, in Unix seconds.
    fn end(&self) -> i64 {
        self.phases().last().map_or(self.created, |phase| PhaseSpan::of(phase).end)
    }

    /// The span of the current phase.
    fn current_span(&self) -> Option<PhaseSpan> {
        self.current_phase.as_ref().map(PhaseSpan::of)
    }

    /// The current phase.
    fn current(&self) -> Option<&Map> {
        let span = self.current_span()?;
        self.phases().find(|phase| PhaseSpan::of(phase).start == span.start)
    }

    /// When its subscription ends with it, in Unix seconds.
    fn ends_subscription_at(&self) -> Option<i64> {
        match self.end_behavior {
            EndBehavior::Cancel => Some(self.end()),
            EndBehavior::None | EndBehavior::Release | EndBehavior::Renew => None,
        }
    }
}

/// A reference to a schedule.
fn reference(id: &Id) -> Ref {
    Ref { kind: KIND, id: Id::clone(id) }
}

/// `GET /v1/subscription_schedules`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    list::page_where(tx, &ENTRY, call, None, &|record| is_listed(record, &call.params)).map(Outcome::List)
}

fn is_listed(record: &Record, params: &Map) -> bool {
    let Some(schedule) = downcast::<SubscriptionSchedule>(&*record.object) else { return false };
    let is_scheduled = schedule.is_waiting();
    let times = [
        ("canceled_at", schedule.canceled_at),
        ("completed_at", schedule.completed_at),
        ("released_at", schedule.released_at),
    ];
    params.bool("scheduled").is_none_or(|wanted| wanted == is_scheduled)
        && times.iter().all(|(param, at)| {
            let wanted = params.get(param);
            wanted.is_none() || at.is_some_and(|at| list::within(wanted, at))
        })
}

/// The defaults of a new schedule.
const DEFAULTS: Defaults = &[
    ("billing_mode.type", Fill::Text("classic")),
    ("default_settings.billing_cycle_anchor", Fill::Text("automatic")),
    ("default_settings.collection_method", Fill::Text("charge_automatically")),
    ("default_settings.invoice_settings.issuer.type", Fill::Text("self")),
    ("end_behavior", Fill::Text("release")),
    ("pause_schedules", Fill::EmptyList),
    ("phases.add_invoice_items.period.end.type", Fill::Text("min_item_period_end")),
    ("phases.add_invoice_items.period.start.type", Fill::Text("max_item_period_start")),
    ("phases.metadata", Fill::Object(&[])),
    ("phases.proration_behavior", Fill::Text("create_prorations")),
    ("status", Fill::Text("not_started")),
];

/// The changes with events of their own.
const TURNS: &[Turn] = &[
    crate::becomes!(SubscriptionSchedule, ["subscription_schedule.aborted"], |schedule| schedule.aborted.0),
    crate::becomes!(SubscriptionSchedule, ["subscription_schedule.canceled"], |schedule| {
        schedule.status == ScheduleStatus::Canceled
    }),
    crate::becomes!(SubscriptionSchedule, ["subscription_schedule.completed"], |schedule| {
        schedule.status == ScheduleStatus::Completed
    }),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: marks::MARKS,
    fields: SubscriptionSchedule::FIELDS,
    noun: "subscription_schedule",
    id: IdForm::of("sub_sched_").led_by("1"),
    path_param: "schedule",
    operations: &[
        ("subscription_schedules.create", Behaviour::Write(create::create)),
        ("subscription_schedules.retrieve", Behaviour::Retrieve),
        ("subscription_schedules.update", Behaviour::Write(update::update)),
        ("subscription_schedules.cancel", Behaviour::Write(ends::cancel)),
        ("subscription_schedules.release", Behaviour::Write(ends::release)),
        ("subscription_schedules.list", Behaviour::Read(list)),
        ("invoices.create_preview", Behaviour::Read(preview::create_preview)),
        ("invoices.upcoming.retrieve", Behaviour::Read(preview::upcoming)),
        ("invoices.upcoming.lines.list", Behaviour::Read(preview::upcoming_lines)),
    ],
    filters: &[
        // Not a parameter of the list: it finds the schedule of a subscription.
        crate::filter!(
            "subscription",
            SubscriptionSchedule,
            |schedule| schedule.subscription.as_deref(),
            Some(subscriptions::KIND)
        ),
        crate::filter!("customer", SubscriptionSchedule, |schedule| Some(&*schedule.customer), Some(customer::KIND)),
        crate::filter!("customer_account", SubscriptionSchedule, |schedule| schedule.rest.str("customer_account")),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<SubscriptionSchedule>,
    imported: Some(loaded::imported),
    reactions: follow::REACTIONS,
    dues: due::DUES,
    clocked: Some(Clocked {
        clock: |object| downcast::<SubscriptionSchedule>(object)?.clock(),
        limit: Some(subscriptions::ON_CLOCK),
    }),
    events: Events {
        created: Some("subscription_schedule.created"),
        updated: &["subscription_schedule.updated"],
        turns: TURNS,
        ..Events::NONE
    },
    named_by: &["schedule"],
    defaults: DEFAULTS,
    triggers: triggers::TRIGGERS,
    ..Entry::PLAIN
};

/// The subscription of a schedule.
fn subscription_of(tx: &Tx, schedule: &SubscriptionSchedule) -> Option<Arc<Subscription>> {
    tx.get::<Subscription>(schedule.subscription.as_ref()?)
}
