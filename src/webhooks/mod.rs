//! Webhooks: signed deliveries of events to receivers, outside the requests that caused them (platform 2.2).
//!
//! Each receiver of a sandbox has a queue ([`mod@line`]): its deliveries in order, sent by a task of its own while
//! there are any. So a receiver that is slow, or never answers, delays no other.
//!
//! May use: events, webhook endpoints, the sandboxes; tokio and an HTTP client. Nothing else sends. Invariant: a
//! request never waits for a receiver.

pub mod client;
pub mod delivery;
pub mod line;
pub mod outbox;
pub mod receiver;
pub mod settings;
pub mod signature;
mod worker;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dashmap::DashMap;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use self::client::Tls;
use self::outbox::Outbox;
use self::settings::WebhookSettings;
use crate::activity::Activity;
use crate::limits::WEBHOOK_CONNECTIONS_MAX;
use crate::state::State;
use crate::state::event::Event;
use crate::state::sandbox::{Commit, Listener, Sandbox};

/// The deliveries of a server.
#[derive(Debug)]
pub struct Webhooks {
    settings: Arc<WebhookSettings>,
    activity: Option<Arc<Activity>>,
    outboxes: DashMap<String, Arc<Outbox>>,
    sending: Arc<Sending>,
    sandboxes: OnceLock<SandboxFinder>,
}

type FindSandbox = dyn Fn(&str) -> Option<Arc<Sandbox>> + Send + Sync;

/// Finds a sandbox by its name.
struct SandboxFinder(Box<FindSandbox>);

impl fmt::Debug for SandboxFinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

/// What all sending tasks share.
#[derive(Debug)]
struct Sending {
    tls: Tls,
    connections: Semaphore,
    runtime: OnceLock<Handle>,
}

impl Webhooks {
    /// Deliveries with these settings, whose attempts are told to whoever keeps what happened; nothing is sent before
    /// [`start`](Self::start).
    pub fn new(settings: WebhookSettings, activity: Option<Arc<Activity>>) -> Self {
        let sending = Sending {
            tls: Tls::new(settings.authorities.clone()),
            connections: Semaphore::new(WEBHOOK_CONNECTIONS_MAX),
            runtime: OnceLock::new(),
        };
        let (settings, sending) = (Arc::new(settings), Arc::new(sending));
        Webhooks { settings, activity, outboxes: DashMap::new(), sending, sandboxes: OnceLock::new() }
    }

    /// Sends the events of sandboxes from here on, on this runtime; `known` finds a sandbox by its name.
    pub fn start(&self, known: impl Fn(&str) -> Option<Arc<Sandbox>> + Send + Sync + 'static, runtime: Handle) {
        let _ = self.sandboxes.set(SandboxFinder(Box::new(known)));
        let _ = self.sending.runtime.set(runtime);
    }

    /// The settings of all deliveries.
    pub fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    /// The outbox of a sandbox.
    pub fn outbox(&self, sandbox: &Arc<Sandbox>) -> Arc<Outbox> {
        let make = || Arc::new(self.new_outbox(sandbox));
        Arc::clone(&self.outboxes.entry(sandbox.name().to_owned()).or_insert_with(make))
    }

    /// The outbox of a sandbox, to look at: one that nothing has used is not kept.
    pub fn look(&self, sandbox: &Arc<Sandbox>) -> Arc<Outbox> {
        let known = self.outboxes.get(sandbox.name()).map(|outbox| Arc::clone(&outbox));
        known.unwrap_or_else(|| Arc::new(self.new_outbox(sandbox)))
    }

    fn new_outbox(&self, sandbox: &Arc<Sandbox>) -> Outbox {
        Outbox::new(sandbox.name(), Arc::downgrade(sandbox), Arc::clone(&self.settings), self.activity.clone())
    }

    /// Deletes the outbox of a deleted sandbox.
    pub fn forget(&self, sandbox: &str) {
        if let Some((_, outbox)) = self.outboxes.remove(sandbox) {
            outbox.clear();
        }
    }

    /// Starts a task for each queue of an outbox that has something to send.
    pub fn work_off(&self, outbox: &Arc<Outbox>) {
        let Some(runtime) = self.sending.runtime.get() else { return };
        outbox.claim(|target| {
            let work = worker::work(Arc::clone(&self.sending), Arc::clone(outbox), target.clone());
            runtime.spawn(work).abort_handle()
        });
    }

    /// Waits, at most `limit`, until no delivery is being sent; further attempts are not waited for.
    pub async fn drain(&self, limit: Duration) {
        let outboxes: Vec<Arc<Outbox>> = self.outboxes.iter().map(|outbox| Arc::clone(outbox.value())).collect();
        let quiet = async {
            for outbox in outboxes {
                outbox.quiet().await;
            }
        };
        let _ = tokio::time::timeout(limit, quiet).await;
    }
}

impl Listener for Webhooks {
    fn committed(&self, sandbox: &str, state: &Arc<State>, events: &[Arc<Event>], _: Option<&Arc<Commit>>) {
        let known = self.outboxes.get(sandbox).map(|outbox| Arc::clone(outbox.value()));
        let outbox = match known {
            Some(outbox) => outbox,
            None if events.is_empty() => return,
            None => {
                let Some(sandbox) = self.sandboxes.get().and_then(|known| (known.0)(sandbox)) else { return };
                self.outbox(&sandbox)
            }
        };
        outbox.follow(state);
        outbox.take(state, events);
        self.work_off(&outbox);
    }

    fn reset(&self, sandbox: &str) {
        if let Some(outbox) = self.outboxes.get(sandbox) {
            outbox.clear();
        }
    }

    fn backlog(&self, sandbox: &str) -> usize {
        self.outboxes.get(sandbox).map_or(0, |outbox| outbox.backlog())
    }

    fn dropped(&self, sandbox: &str) -> u64 {
        self.outboxes.get(sandbox).map_or(0, |outbox| outbox.dropped())
    }
}
