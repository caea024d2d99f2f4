//! Events are frozen: what a script's events showed when they were committed, and what they show at its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pinstripe::contract::Version;
use pinstripe::events;
use pinstripe::state::State;
use pinstripe::state::event::Event;
use pinstripe::state::sandbox::{Commit, Listener};
use serde_json::Value;

/// A version in which objects show lists of others, the last one before basil, and the newest.
fn versions() -> [Version; 3] {
    let named = |name| Version::parse(name).unwrap();
    [named("2017-01-27"), named("2025-02-24.acacia"), Version::newest()]
}

/// Every event of a server, as it was shown when it was committed.
#[derive(Debug, Default)]
pub(super) struct Frozen(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    shown: Vec<Shown>,
    /// The last state of each sandbox.
    states: BTreeMap<String, Arc<State>>,
}

#[derive(Debug)]
struct Shown {
    sandbox: String,
    id: String,
    has_companions: bool,
    bodies: [String; 3],
}

/// What came of the events of a script.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// How many of them were looked at, at the end.
    pub events: usize,
    /// How many of them show records besides their own.
    pub with_companions: usize,
    /// Those that show something else than they did, with both.
    pub changed: Vec<String>,
}

/// The bodies of an event, but for the count of deliveries, which is meant to change.
fn bodies(event: &Event) -> [String; 3] {
    versions().map(|version| {
        let mut body: Value = serde_json::from_slice(&events::json(event, Some(version), "default")).unwrap();
        body["pending_webhooks"] = Value::Null;
        serde_json::to_string_pretty(&body).unwrap()
    })
}

impl Listener for Frozen {
    fn committed(&self, sandbox: &str, state: &Arc<State>, events: &[Arc<Event>], _: Option<&Arc<Commit>>) {
        let mut seen = self.0.lock().unwrap();
        seen.shown.extend(events.iter().map(|event| Shown {
            sandbox: sandbox.to_owned(),
            id: event.id.to_string(),
            has_companions: event.companions.is_some(),
            bodies: bodies(event),
        }));
        seen.states.insert(sandbox.to_owned(), Arc::clone(state));
    }

    fn reset(&self, sandbox: &str) {
        // Its events are gone with the rest.
        let mut seen = self.0.lock().unwrap();
        seen.shown.retain(|shown| shown.sandbox != sandbox);
    }
}

impl Frozen {
    /// Compares every event that is still remembered with what it was.
    pub(super) fn compare(&self) -> Kept {
        let seen = self.0.lock().unwrap();
        let mut kept = Kept::default();
        for shown in &seen.shown {
            let Some(event) = events::find(&seen.states[&shown.sandbox], &shown.id) else { continue };
            kept.events += 1;
            kept.with_companions += usize::from(shown.has_companions);
            for (was, is) in shown.bodies.iter().zip(bodies(event)) {
                if *was != is {
                    kept.changed.push(format!("{} showed {was}\nand shows {is}", shown.id));
                }
            }
        }
        kept
    }
}
