//! Test clocks (billing 4, billing-2 10).
//!
//! May use: customers. Invariant: the time of a clock only goes forward; while it advances it has a target, and it is ready
//! again once everything that was due on it until then is done.

mod life;
mod reach;

use crate::contract::{Behaviour, ClockFace, Clocked, DueClock, DueOf, Entry, Events, Fill, Trigger};
use crate::object::body;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{ClockTime, Kind, Object, Rank};
use crate::time::calendar::DAY;

crate::values! {
    /// What a clock is doing (billing 4).
    pub enum TestClockStatus {
        Advancing = "advancing",
        InternalFailure = "internal_failure",
        Ready = "ready",
    }
}

crate::resource! {
    /// A test clock.
    TestClock = "test_helpers.test_clock" {
        /// Unix seconds of the sandbox's clock.
        created: i64,
        /// When it is deleted, with what lives on it, in Unix seconds of the sandbox's clock.
        deletes_after: i64,
        /// What it shows, in Unix seconds; while it advances, the time from which it does.
        frozen_time: i64,
        /// `ready`, `advancing` or `internal_failure`.
        status: TestClockStatus,
        /// While it advances, where to.
        status_details: Map,
    }
    hidden {
        /// How far it has come while it advances, in Unix seconds.
        reached: Absent<i64>,
    }
}

/// The kind, for references.
pub const KIND: Kind = TestClock::KIND;

/// How long a clock lasts, in seconds: 30 days (billing-2 10.1).
const LIFETIME_SECONDS: i64 = 30 * DAY;

impl TestClock {
    /// Where it advances to, in Unix seconds; `None` while it does not.
    fn target(&self) -> Option<i64> {
        self.status_details.map("advancing")?.int("target_frozen_time")
    }
}

fn time_of(object: &dyn Object) -> Option<ClockTime> {
    let clock = downcast::<TestClock>(object)?;
    Some(ClockTime { reached: clock.reached.0.unwrap_or(clock.frozen_time), target: clock.target() })
}

/// A clock arrives after everything else that is due on it at its target (billing 4.10), and is deleted by the sandbox's
/// clock.
const DUES: &[DueOf] = &[
    DueOf {
        rank: Rank::Last,
        clock: DueClock::Own,
        ..crate::due!(TestClock, "arrive", TestClock::target, life::arrive)
    },
    crate::due!(TestClock, "delete", |clock| Some(clock.deletes_after), |tx, _, clock| {
        life::remove(tx, &clock.id);
        Ok(())
    }),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: TestClock::FIELDS,
    noun: "billingclock",
    id: IdForm::of("clock_"),
    path_param: "test_clock",
    operations: &[
        ("test_helpers.test_clocks.create", Behaviour::Write(life::create)),
        ("test_helpers.test_clocks.retrieve", Behaviour::Retrieve),
        ("test_helpers.test_clocks.list", Behaviour::List),
        ("test_helpers.test_clocks.advance", Behaviour::Write(life::advance)),
        ("test_helpers.test_clocks.delete", Behaviour::Write(life::delete)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<TestClock>,
    events: Events {
        created: Some("test_helpers.test_clock.created"),
        deleted: Some("test_helpers.test_clock.deleted"),
        ..Events::NONE
    },
    dues: DUES,
    clocked: Some(Clocked { clock: |object| Some(object.id()), limit: None }),
    face: Some(ClockFace { time: time_of, reach: life::note_reached }),
    named_by: &["test_clock"],
    triggers: &[Trigger::delete("test_helpers.test_clock.deleted", "/v1/test_helpers/test_clocks/{id}")],
    defaults: &[("deletes_after", Fill::After(LIFETIME_SECONDS)), ("status", Fill::Text("ready"))],
    ..Entry::PLAIN
};
