//! Alerts (billing-2 11.2): an event when the usage of a customer reaches a threshold, once.
//!
//! An alert knows the usage that was reported since it was made, and no usage of customers on test clocks. May use: meters,
//! meter events, customers. Invariant: an alert is triggered once for each customer.

use std::sync::Arc;

use super::hours::Total;
use super::measure::Usage;
use super::meter_events::MeterEvent;
use super::meters::{self, Meter};
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Fill, In, Marked, Outcome, View, require, require_usable};
use crate::error::{ApiError, Result};
use crate::limits::ALERTS_MAX;
use crate::object::body;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// Whether an alert looks at usage.
    pub enum AlertStatus {
        Active = "active",
        /// For ever; it is not listed.
        Archived = "archived",
        Inactive = "inactive",
    }
}

crate::resource! {
    /// An alert.
    Alert = "billing.alert" {
        /// `usage_threshold`.
        alert_type: String,
        /// `active`, `inactive` or `archived`.
        status: Option<AlertStatus>,
        /// The meter, the threshold and the customer, if it is for one.
        usage_threshold: Option<Map>,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

crate::resource! {
    /// What a customer used since an alert was made; the API shows it once it triggers the alert.
    AlertProgress = "billing.alert_triggered" {
        /// The alert as it was then.
        alert: Absent<Map>,
        /// When it was triggered, in Unix seconds.
        created: i64,
        /// The customer.
        customer: Id,
        /// The usage by the meter's formula.
        value: i64,
    }
    hidden {
        /// Whether it triggered the alert.
        triggered: bool,
        /// How many events there were.
        count: i64,
        /// The sum of their values.
        sum: i64,
        /// The value with the latest time.
        last: i64,
        /// That time, in Unix seconds.
        last_at: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = Alert::KIND;

impl Alert {
    fn threshold(&self, key: &str) -> Option<&Doc> {
        self.usage_threshold.as_ref().and_then(|threshold| threshold.present(key))
    }

    fn meter(&self) -> Option<&str> {
        self.threshold("meter").and_then(Doc::as_str)
    }

    /// The customer that it is for; `None` for all.
    fn customer(&self) -> Option<&str> {
        customer_in(self.threshold("filters"))
    }

    fn is_active(&self) -> bool {
        self.status == Some(AlertStatus::Active)
    }
}

/// The customer in `filters`.
fn customer_in(filters: Option<&Doc>) -> Option<&str> {
    filters?.as_list()?.iter().find_map(|filter| filter.as_map()?.str("customer"))
}

/// `POST /v1/billing/alerts`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let threshold = call.params.map("usage_threshold").ok_or_else(|| ApiError::param_missing("usage_threshold"))?;
    let meter = threshold.str("meter").unwrap_or_default();
    require_usable(tx, meters::KIND, meter, "usage_threshold[meter]")?;
    if threshold.int("gte").is_some_and(|gte| gte < 1) {
        return Err(ApiError::param_below("usage_threshold[gte]", 1));
    }
    check_filters(tx, threshold)?;
    let customer = customer_in(threshold.get("filters"));
    let alike = tx.having::<Alert>("meter", meter);
    let kept = |alert: &&Arc<Alert>| alert.status != Some(AlertStatus::Archived) && alert.customer() == customer;
    if alike.iter().filter(kept).count() >= ALERTS_MAX {
        return Err(ApiError::alerts_too_many(ALERTS_MAX));
    }
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &call.params)?;
    let alert = Alert::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(alert)))
}

/// There is one filter at the most, and it names a customer.
fn check_filters(tx: &Tx, threshold: &Map) -> Result<()> {
    const FILTERS_MAX: usize = 1;
    let filters = threshold.list("filters").unwrap_or_default();
    if filters.len() > FILTERS_MAX {
        return Err(ApiError::array_too_long("usage_threshold[filters]", FILTERS_MAX));
    }
    for (i, filter) in filters.iter().filter_map(Doc::as_map).enumerate() {
        let param = format!("usage_threshold[filters][{i}][customer]");
        let customer = filter.str("customer").ok_or_else(|| ApiError::param_missing(&param))?;
        require::<Customer>(tx, customer, In::Param(&param))?;
    }
    Ok(())
}

/// `GET /v1/billing/alerts`: without those that are archived.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let keep = |record: &Record| {
        downcast::<Alert>(&*record.object).is_some_and(|alert| alert.status != Some(AlertStatus::Archived))
    };
    list::page_where(tx, &ENTRY, call, None, &keep).map(Outcome::List)
}

/// `POST /v1/billing/alerts/:id/activate`.
fn activate(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, call, AlertStatus::Active)
}

/// `POST /v1/billing/alerts/:id/deactivate`.
fn deactivate(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, call, AlertStatus::Inactive)
}

/// `POST /v1/billing/alerts/:id/archive`.
fn archive(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, call, AlertStatus::Archived)
}

fn turn(tx: &mut Tx, call: &Call<'_>, status: AlertStatus) -> Result<Outcome> {
    let alert = require::<Alert>(tx, call.arg(0), In::Path)?;
    match alert.status {
        Some(known @ AlertStatus::Archived) => Err(ApiError::alert_is(&alert.id, known.as_str())),
        Some(known) if known == status => Err(ApiError::alert_is(&alert.id, known.as_str())),
        Some(AlertStatus::Active | AlertStatus::Inactive) | None => {
            tx.save(&alert, Alert { status: Some(status), ..Alert::clone(&alert) });
            Ok(Outcome::Done(Ref::to(&*alert)))
        }
    }
}

/// Adds an event that counts to what the active alerts of its meter know of its customer.
pub(super) fn note(tx: &mut Tx, ctx: &Ctx<'_>, event: &MeterEvent) {
    let Some((meter, customer)) = event.counted_for() else { return };
    let alerts = tx.having::<Alert>("meter", meter);
    let Some(meter) = tx.get::<Meter>(meter).filter(|_| !alerts.is_empty()) else { return };
    if tx.get::<Customer>(customer).is_none_or(|customer| customer.rest.present("test_clock").is_some()) {
        return;
    }
    // The one that was made first is triggered first.
    for alert in alerts.iter().rev().filter(|alert| alert.is_active()) {
        if alert.customer().is_none_or(|only| *only == **customer) {
            go_on(tx, ctx, alert, &meter, event, customer);
        }
    }
}

/// Adds an event to what an alert knows of a customer, and triggers it when that is enough.
fn go_on(tx: &mut Tx, ctx: &Ctx<'_>, alert: &Alert, meter: &Meter, event: &MeterEvent, customer: &Id) {
    let id: Id = format!("{} {customer}", alert.id).into();
    let known = tx.get::<AlertProgress>(&id);
    let mut progress = known.as_deref().cloned().unwrap_or_else(|| AlertProgress {
        id,
        alert: Absent(None),
        created: ctx.now,
        customer: Id::clone(customer),
        value: 0,
        triggered: false,
        count: 0,
        sum: 0,
        last: 0,
        last_at: 0,
        rest: Map::from([("livemode", false)]),
    });
    if progress.triggered {
        return;
    }
    let AlertProgress { count, sum, last, last_at, .. } = progress;
    let mut total = Total { count, sum, last, last_at };
    total.add(Total::of(event));
    let mut usage = Usage::default();
    usage.add(total);
    progress.value = usage.by(meter.formula());
    (progress.count, progress.sum, progress.last, progress.last_at) =
        (total.count, total.sum, total.last, total.last_at);
    if alert.threshold("gte").and_then(Doc::as_int).is_some_and(|gte| progress.value >= gte) {
        progress.triggered = true;
        progress.created = ctx.now;
        progress.alert = Absent(Some(alert.to_doc()));
    }
    match known {
        Some(known) => tx.save(&known, progress),
        None => {
            tx.insert(progress);
        }
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Alert::FIELDS,
    noun: "alert",
    id: IdForm::of("alrt_"),
    marks: &[
        Marked::refused(&["filter", "usage_threshold_config"]),
        Marked::neutral(
            &["alert_type", "usage_threshold.recurrence", "usage_threshold.filters.*.type"],
            "it has one value",
        ),
    ],
    operations: &[
        ("billing.alerts.create", Behaviour::Write(create)),
        ("billing.alerts.retrieve", Behaviour::Retrieve),
        ("billing.alerts.activate", Behaviour::Write(activate)),
        ("billing.alerts.archive", Behaviour::Write(archive)),
        ("billing.alerts.deactivate", Behaviour::Write(deactivate)),
        ("billing.alerts.list", Behaviour::Read(list)),
    ],
    filters: &[
        crate::filter!("meter", Alert, Alert::meter, Some(meters::KIND)),
        crate::filter!("alert_type", Alert, |alert| Some(alert.alert_type.as_str())),
    ],
    defaults: &[("status", Fill::Text("active"))],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Alert>,
    ..Entry::PLAIN
};

/// The registry's entry of what alerts know.
pub static PROGRESS: Entry = Entry {
    kind: AlertProgress::KIND,
    fields: AlertProgress::FIELDS,
    noun: "triggered alert",
    import: crate::contract::import::<AlertProgress>,
    views: &[View {
        from: AlertProgress::KIND,
        doc: |object| {
            let mut shown = downcast::<AlertProgress>(object)?.to_doc();
            let _ = shown.remove("id");
            Some(shown)
        },
    }],
    events: Events {
        turns: &[crate::becomes!(AlertProgress, ["billing.alert.triggered"], |progress| progress.triggered)],
        ..Events::NONE
    },
    ..Entry::PLAIN
};
