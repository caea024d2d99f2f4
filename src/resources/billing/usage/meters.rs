//! Meters (billing 5.1).
//!
//! May use: the state. Invariant: of the active meters no two have the same event name, and a meter's formula never changes.

use std::sync::Arc;

use super::summaries;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Fill, In, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Kind, Ref, Tx};

crate::values! {
    /// Whether a meter takes events.
    pub enum MeterStatus {
        Active = "active",
        Inactive = "inactive",
    }
}

crate::values! {
    /// How the events of a span of time become one number.
    pub enum Formula {
        /// How many there are.
        Count = "count",
        /// The value with the latest time.
        Last = "last",
        /// Their values added up.
        Sum = "sum",
    }
}

crate::resource! {
    /// A meter.
    Meter = "billing.meter" {
        /// Unix seconds.
        created: i64,
        /// Which key of an event's payload holds the customer.
        customer_mapping: Map,
        /// The formula.
        default_aggregation: Map,
        /// Its name for people.
        display_name: String,
        /// The name that its events carry.
        event_name: String,
        /// `active` or `inactive`.
        status: MeterStatus,
        /// When it was deactivated.
        status_transitions: Map,
        /// Unix seconds.
        updated: i64,
        /// Which key of an event's payload holds the value.
        value_settings: Map,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = Meter::KIND;

/// The keys of a payload that hold customer and value where a meter names none.
pub(super) const CUSTOMER_KEY: &str = "stripe_customer_id";
const VALUE_KEY: &str = "value";

impl Meter {
    /// Its formula.
    pub fn formula(&self) -> Formula {
        self.default_aggregation.str("formula").and_then(Formula::parse).unwrap_or(Formula::Sum)
    }

    /// Whether it takes events.
    pub fn is_active(&self) -> bool {
        self.status == MeterStatus::Active
    }

    /// The key of a payload that holds the customer's id.
    pub fn customer_key(&self) -> &str {
        self.customer_mapping.str("event_payload_key").unwrap_or(CUSTOMER_KEY)
    }

    /// The key of a payload that holds the value.
    pub fn value_key(&self) -> &str {
        self.value_settings.str("event_payload_key").unwrap_or(VALUE_KEY)
    }
}

/// The meter that takes events of a name: the active one, or the newest of the others, which takes none.
pub fn named(tx: &Tx, event_name: &str) -> Option<Arc<Meter>> {
    let all = tx.having::<Meter>("event_name", event_name);
    all.iter().find(|meter| meter.is_active()).or(all.first()).cloned()
}

/// `POST /v1/billing/meters`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_name(tx, call.params.str("event_name").unwrap_or_default())?;
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &call.params)?;
    let meter = Meter::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(meter)))
}

/// Refuses the event name of another active meter.
fn check_name(tx: &Tx, event_name: &str) -> Result<()> {
    let taken = named(tx, event_name).is_some_and(|meter| meter.is_active());
    if taken { Err(ApiError::meter_event_name_taken(event_name)) } else { Ok(()) }
}

/// `POST /v1/billing/meters/:id`: only its name for people can change.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let meter = require::<Meter>(tx, call.arg(0), In::Path)?;
    if let Some(name) = call.params.str("display_name").filter(|name| *name != meter.display_name) {
        tx.save(&meter, Meter { display_name: name.to_owned(), updated: ctx.now, ..Meter::clone(&meter) });
    }
    Ok(Outcome::Done(Ref::to(&*meter)))
}

/// `POST /v1/billing/meters/:id/deactivate`: it takes no more events, and no new price may use it.
fn deactivate(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, ctx, call, MeterStatus::Inactive)
}

/// `POST /v1/billing/meters/:id/reactivate`.
fn reactivate(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, ctx, call, MeterStatus::Active)
}

fn turn(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, status: MeterStatus) -> Result<Outcome> {
    let meter = require::<Meter>(tx, call.arg(0), In::Path)?;
    if meter.status == status {
        return Err(ApiError::meter_is_already(&meter.id, status.as_str()));
    }
    let deactivated_at = match status {
        MeterStatus::Active => {
            check_name(tx, &meter.event_name)?;
            None
        }
        MeterStatus::Inactive => Some(ctx.now),
    };
    let status_transitions = Map::from([("deactivated_at", deactivated_at)]);
    tx.save(&meter, Meter { status, status_transitions, updated: ctx.now, ..Meter::clone(&meter) });
    Ok(Outcome::Done(Ref::to(&*meter)))
}

/// Nothing new may use a meter that takes no events.
fn check_use(object: &dyn Object, param: &str) -> Result<()> {
    match downcast::<Meter>(object).filter(|meter| !meter.is_active()) {
        Some(meter) => Err(ApiError::meter_inactive(&meter.id, param)),
        None => Ok(()),
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Meter::FIELDS,
    noun: "meter",
    id: IdForm::v2("mtr_test_"),
    operations: &[
        ("billing.meters.create", Behaviour::Write(create)),
        ("billing.meters.retrieve", Behaviour::Retrieve),
        ("billing.meters.update", Behaviour::Write(update)),
        ("billing.meters.deactivate", Behaviour::Write(deactivate)),
        ("billing.meters.reactivate", Behaviour::Write(reactivate)),
        ("billing.meters.list", Behaviour::List),
        ("billing.meters.event_summaries.list", Behaviour::Read(summaries::list)),
    ],
    filters: &[
        crate::filter!("event_name", Meter, |meter| Some(meter.event_name.as_str())),
        crate::filter!("status", Meter, |meter| Some(meter.status.as_str())),
    ],
    named_by: &["meter"],
    defaults: &[
        ("customer_mapping.event_payload_key", Fill::Text(CUSTOMER_KEY)),
        ("customer_mapping.type", Fill::Text("by_id")),
        ("status", Fill::Text("active")),
        ("value_settings.event_payload_key", Fill::Text(VALUE_KEY)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    check_use: Some(check_use),
    import: crate::contract::import::<Meter>,
    events: Events {
        created: Some("billing.meter.created"),
        updated: &["billing.meter.updated"],
        turns: &[
            crate::turn!(Meter, ["billing.meter.deactivated"], |before, after| {
                before.is_some_and(Meter::is_active) && !after.is_active()
            }),
            crate::turn!(Meter, ["billing.meter.reactivated"], |before, after| {
                before.is_some_and(|before| !before.is_active()) && after.is_active()
            }),
        ],
        ..Events::NONE
    },
    triggers: &[
        Trigger::post("billing.meter.updated", "/v1/billing/meters/{id}", &[("display_name", "{unique}")]),
        Trigger::post("billing.meter.deactivated", "/v1/billing/meters/{id}/deactivate", &[]),
        Trigger::post("billing.meter.reactivated", "/v1/billing/meters/{id}/reactivate", &[]),
    ],
    ..Entry::PLAIN
};
