//! A sandbox's outbox: the queues of all receivers, the finished deliveries, and the collected events.
//!
//! May use: the queues, the state. It sends nothing itself. Invariant: each receiver gets its deliveries in the order
//! in which the events were emitted.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::delivery::{DELIVERIES, Delivery, DeliveryAttempt, Standing, Target};
use super::line::{Line, Next};
use super::settings::{Mode, WebhookSettings};
use crate::activity::{Activity, DeliveryRecord};
use crate::faults::{DeliveryParts, Mishap, Struck};
use crate::limits::{DELIVERIES_BYTES_MAX, DELIVERIES_DONE_MAX, EVENTS_COLLECTED_MAX};
use crate::resources::developer::receivers;
use crate::state::event::{Event, make_room};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, State};

/// A sandbox's deliveries.
#[derive(Debug)]
pub struct Outbox {
    name: String,
    sandbox: Weak<Sandbox>,
    settings: Arc<WebhookSettings>,
    /// Who keeps what happened.
    activity: Option<Arc<Activity>>,
    inner: Mutex<OutboxInner>,
    /// Notified when a delivery is finished.
    progress: Notify,
}

#[derive(Debug)]
struct OutboxInner {
    mode: Mode,
    numbered: u64,
    lines: BTreeMap<Target, Line>,
    done: Done,
    collected: VecDeque<Collected>,
    collected_dropped: u64,
}

/// The last finished deliveries, oldest first.
#[derive(Debug, Default)]
struct Done {
    deliveries: VecDeque<Delivery>,
    bytes: usize,
    forgotten: u64,
}

/// An event that is kept for a test instead of being sent.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The event.
    pub event: Arc<Event>,
    /// The receiver; `None` if no receiver asks for the event, and it is signed as for `--webhook-url`.
    pub target: Option<Target>,
    /// The fault that was applied to it, if any.
    pub fault: Option<Box<str>>,
}

/// The fault that applies to an event for a receiver, if any.
fn strike(sandbox: &Sandbox, event: &Event, target: Option<&Target>) -> Option<Struck> {
    if sandbox.faults().is_empty() {
        return None;
    }
    let endpoint = target.map(Target::name);
    let object = &*event.after.object;
    sandbox.faults().strike_delivery(&DeliveryParts { event: event.name, endpoint: endpoint.as_deref(), object })
}

/// Filters for a list of deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilters {
    /// Of this event.
    pub event: Option<String>,
    /// To this receiver.
    pub endpoint: Option<String>,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// In this state.
    pub status: Option<String>,
}

impl DeliveryFilters {
    fn takes(&self, event: &Event, target: Option<&Target>) -> bool {
        self.event.as_deref().is_none_or(|id| id == &*event.id)
            && self.event_type.as_deref().is_none_or(|wanted| wanted == event.name)
            && self.endpoint.as_deref().is_none_or(|name| target.is_some_and(|target| target.name() == name))
    }
}

impl Outbox {
    /// The empty outbox of a sandbox.
    pub fn new(
        name: &str,
        sandbox: Weak<Sandbox>,
        settings: Arc<WebhookSettings>,
        activity: Option<Arc<Activity>>,
    ) -> Self {
        let mode = settings.mode;
        let inner = OutboxInner {
            mode,
            numbered: 0,
            lines: BTreeMap::new(),
            done: Done::default(),
            collected: VecDeque::new(),
            collected_dropped: 0,
        };
        Outbox { name: name.to_owned(), sandbox, settings, activity, inner: Mutex::new(inner), progress: Notify::new() }
    }

    /// The sandbox's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sandbox; `None` once it is deleted.
    pub fn sandbox(&self) -> Option<Arc<Sandbox>> {
        self.sandbox.upgrade()
    }

    /// The settings of all deliveries.
    pub fn settings(&self) -> &WebhookSettings {
        &self.settings
    }

    fn lock(&self) -> MutexGuard<'_, OutboxInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds new events, in the order of the commits, to the queue of every receiver that asks for them.
    pub fn take(&self, state: &State, events: &[Arc<Event>]) {
        let sandbox = self.sandbox();
        let mut dropped = Vec::new();
        let mut inner = self.lock();
        for event in events {
            let targets = self.targets(state, event);
            let nobody = (inner.mode == Mode::Collect && targets.is_empty()).then_some(None);
            for target in targets.into_iter().map(Some).chain(nobody) {
                let fault = sandbox.as_deref().and_then(|sandbox| strike(sandbox, event, target.as_ref()));
                match (inner.mode, target) {
                    (Mode::Collect, target) => inner.collect(event, target, fault),
                    (Mode::Send, Some(target)) => {
                        let is_dropped = inner.send(event, target, fault);
                        let last = inner.done.deliveries.back().filter(|_| is_dropped && self.activity.is_some());
                        dropped.extend(last.map(|delivery| delivery.record(&self.name)));
                    }
                    (Mode::Send, None) => {}
                }
            }
        }
        drop(inner);
        dropped.into_iter().for_each(|record| self.tell(self.activity.as_ref().map(|activity| (activity, record))));
    }

    /// The receivers of an event, by the endpoints of this state.
    pub fn targets(&self, state: &State, event: &Event) -> Vec<Target> {
        // What `--webhook-url` names gets the events that show their objects.
        let flags = if event.is_thin() { 0 } else { self.settings.urls.len() };
        let endpoints = receivers::that_get(state, event);
        (0..flags)
            .map(Target::Flag)
            .chain(endpoints.into_iter().map(|(account, id)| Target::Endpoint(account, id)))
            .collect()
    }

    /// The receiver of this name, whether it asks for the event or not.
    pub fn target(&self, state: &State, event: &Event, name: &str) -> Option<Target> {
        let mut flags = (0..self.settings.urls.len()).map(Target::Flag);
        flags.find(|target| target.name() == name).or_else(|| {
            let mut accounts = [event.account, AccountKey::PLATFORM].into_iter();
            let account = accounts.find(|account| receivers::find(state, *account, name).is_some())?;
            Some(Target::Endpoint(account, name.into()))
        })
    }

    /// Sends an event again to these receivers. Returns the ids of the new deliveries; none while events are collected.
    pub fn again(&self, event: &Arc<Event>, targets: Vec<Target>) -> Vec<String> {
        let mut inner = self.lock();
        if inner.mode == Mode::Collect {
            targets.into_iter().for_each(|target| inner.collect(event, Some(target), None));
            return Vec::new();
        }
        let mut ids = Vec::new();
        for target in targets {
            inner.done.hand_over(event, &target);
            let delivery = inner.delivery(event, target, true);
            inner.lines.entry(delivery.target.clone()).or_default().push(delivery);
            ids.push(format!("wh_{}", inner.numbered));
        }
        ids
    }

    /// Sends every failed delivery again, in the order of the events. Returns the new ids.
    pub fn failed_again(&self) -> Vec<String> {
        let failed: Vec<_> = {
            let inner = self.lock();
            let failed = inner.done.deliveries.iter().filter(|one| one.standing == Standing::Failed && one.open);
            failed.map(|one| (Arc::clone(&one.event), one.target.clone())).collect()
        };
        failed.into_iter().flat_map(|(event, target)| self.again(&event, vec![target])).collect()
    }

    /// Starts a task for each queue that has something to send and no task.
    pub fn claim(&self, mut start: impl FnMut(&Target) -> tokio::task::AbortHandle) {
        let mut inner = self.lock();
        for (target, line) in &mut inner.lines {
            if line.is_empty() || line.parked {
                continue;
            }
            if line.task.is_some() {
                line.wake.notify_one();
            } else {
                line.task = Some(start(target));
            }
        }
    }

    /// Applies changes of the endpoints: the deliveries of a deleted one are given up, and a queue continues when its
    /// endpoint is enabled again.
    pub fn follow(&self, state: &State) {
        let mut inner = self.lock();
        let mut cancelled = false;
        inner.lines.retain(|target, line| {
            let Target::Endpoint(account, id) = target else { return true };
            let Some(endpoint) = receivers::find(state, *account, id) else {
                line.cancel();
                cancelled = true;
                return false;
            };
            line.parked &= !endpoint.is_enabled;
            true
        });
        drop(inner);
        if cancelled {
            self.progress.notify_waiters();
        }
    }

    /// What the task of a queue does next. With [`Next::Nothing`], the task must end.
    pub fn next(&self, target: &Target) -> Next {
        let mut inner = self.lock();
        let Some(line) = inner.lines.get_mut(target) else { return Next::Nothing };
        let next = line.next(Instant::now());
        if matches!(next, Next::Nothing) {
            line.task = None;
        }
        next
    }

    /// What wakes the task of a queue.
    pub fn wake(&self, target: &Target) -> Option<Arc<Notify>> {
        self.lock().lines.get(target).map(|line| Arc::clone(&line.wake))
    }

    /// Stops a queue: its receiver is disabled.
    pub fn park(&self, target: &Target) {
        if let Some(line) = self.lock().lines.get_mut(target) {
            line.park();
        }
        self.progress.notify_waiters();
    }

    /// Ends an attempt.
    pub fn finish(&self, target: &Target, number: u64, attempt: DeliveryAttempt) {
        let mut inner = self.lock();
        let Some(line) = inner.lines.get_mut(target) else { return };
        let done = line.finish(number, attempt, &self.settings.retries);
        let delivery = done.as_ref().or_else(|| line.undone().find(|delivery| delivery.number == number));
        let told = self.activity.as_ref().zip(delivery.map(|delivery| delivery.record(&self.name)));
        if let Some(done) = done {
            inner.done.keep(done);
        }
        drop(inner);
        self.tell(told);
        self.progress.notify_waiters();
    }

    /// Tells whoever keeps what happened.
    fn tell(&self, told: Option<(&Arc<Activity>, DeliveryRecord)>) {
        if let Some((activity, record)) = told {
            let created = self.sandbox().map_or(0, |sandbox| sandbox.now());
            activity.attempted(DeliveryRecord { created, ..record });
        }
    }

    /// Deletes everything: the sandbox was reset.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.lines.values_mut().for_each(Line::cancel);
        inner.lines.clear();
        inner.done = Done::default();
        inner.collected.clear();
        inner.collected_dropped = 0;
        drop(inner);
        self.progress.notify_waiters();
    }

    /// How many deliveries wait for the receiver that is furthest behind, of those that take any.
    pub fn backlog(&self) -> usize {
        let now = Instant::now();
        self.lock().lines.values().map(|line| line.backlog(now)).max().unwrap_or_default()
    }

    /// How many deliveries and collected events were dropped because there were too many.
    pub fn dropped(&self) -> u64 {
        let inner = self.lock();
        let lines = inner.lines.values().map(|line| line.counts.dropped);
        lines.sum::<u64>() + inner.collected_dropped
    }

    /// Whether events are sent or collected.
    pub fn mode(&self) -> Mode {
        self.lock().mode
    }

    /// Changes whether events are sent or collected from now on. Deliveries that wait already are sent.
    pub fn set_mode(&self, mode: Mode) {
        self.lock().mode = mode;
    }

    /// Waits, at most `limit`, until every delivery that is due at the call is finished. Returns the unfinished ones.
    /// Deliveries to a disabled receiver are not due.
    pub async fn settled(&self, limit: Duration) -> Vec<Value> {
        let last = self.lock().numbered;
        let due = |inner: &OutboxInner| {
            let lines = inner.lines.values().filter(|line| !line.parked);
            lines.flat_map(Line::undone).filter(|delivery| delivery.number <= last).map(Delivery::summary).collect()
        };
        let is_done = |inner: &OutboxInner| {
            let mut lines = inner.lines.values().filter(|line| !line.parked);
            lines.all(|line| line.undone().all(|delivery| delivery.number > last))
        };
        let _ = tokio::time::timeout(limit, self.until(is_done)).await;
        due(&self.lock())
    }

    /// Waits until nothing is under way or could be.
    pub async fn quiet(&self) {
        self.until(|inner| !inner.lines.values().any(|line| line.is_busy(Instant::now()))).await;
    }

    async fn until(&self, done: impl Fn(&OutboxInner) -> bool) {
        let mut progress = std::pin::pin!(self.progress.notified());
        loop {
            // Listening begins before the look, so that nothing is missed in between.
            progress.as_mut().enable();
            if done(&self.lock()) {
                return;
            }
            progress.as_mut().await;
            progress.set(self.progress.notified());
        }
    }

    /// The last of the wanted deliveries, newest first.
    pub fn deliveries(&self, wanted: &DeliveryFilters, most: usize) -> Vec<Value> {
        let inner = self.lock();
        let undone = inner.lines.values().flat_map(Line::undone);
        let mut found: Vec<&Delivery> = inner
            .done
            .deliveries
            .iter()
            .chain(undone)
            .filter(|delivery| wanted.takes(&delivery.event, Some(&delivery.target)))
            .filter(|delivery| wanted.status.as_deref().is_none_or(|status| status == delivery.standing.as_str()))
            .collect();
        found.sort_by_key(|delivery| std::cmp::Reverse(delivery.number));
        // No commit must wait for the showing.
        let found: Vec<Delivery> = found.into_iter().take(most).cloned().collect();
        drop(inner);
        found.iter().map(|delivery| delivery.to_json(&self.name)).collect()
    }

    /// The event and the receiver of a delivery.
    pub fn find(&self, id: &str) -> Option<(Arc<Event>, Target)> {
        let number: u64 = id.strip_prefix("wh_")?.parse().ok()?;
        let inner = self.lock();
        let mut all = inner.done.deliveries.iter().chain(inner.lines.values().flat_map(Line::undone));
        let found = all.find(|delivery| delivery.number == number)?;
        Some((Arc::clone(&found.event), found.target.clone()))
    }

    /// The delivery with this id, as the control API shows it.
    pub fn show(&self, id: &str) -> Option<Value> {
        let number: u64 = id.strip_prefix("wh_")?.parse().ok()?;
        let inner = self.lock();
        let mut all = inner.done.deliveries.iter().chain(inner.lines.values().flat_map(Line::undone));
        all.find(|delivery| delivery.number == number).map(|delivery| delivery.to_json(&self.name))
    }

    /// The wanted collected events, oldest first.
    pub fn collected(&self, wanted: &DeliveryFilters) -> Vec<Collected> {
        let inner = self.lock();
        let found = inner.collected.iter().filter(|one| wanted.takes(&one.event, one.target.as_ref()));
        found.cloned().collect()
    }

    /// Deletes the collected events; returns their number.
    pub fn forget_collected(&self) -> usize {
        let mut inner = self.lock();
        inner.collected_dropped = 0;
        std::mem::take(&mut inner.collected).len()
    }

    /// The number of deliveries in each state, for each receiver.
    pub fn overview(&self) -> Value {
        let inner = self.lock();
        let endpoints: Vec<Value> = inner
            .lines
            .iter()
            .map(|(target, line)| {
                json!({
                    "endpoint": target.name(),
                    "waiting": line.len(),
                    "attempts": line.counts.attempts,
                    "delivered": line.counts.delivered,
                    "failed": line.counts.failed,
                    "dropped": line.counts.dropped,
                    "disabled": line.parked,
                })
            })
            .collect();
        json!({
            "sandbox": self.name,
            "mode": inner.mode.as_str(),
            "endpoints": endpoints,
            "done": {"kept": inner.done.deliveries.len(), "forgotten": inner.done.forgotten},
            "collected": {"kept": inner.collected.len(), "dropped": inner.collected_dropped},
        })
    }
}

impl OutboxInner {
    /// A new delivery.
    fn delivery(&mut self, event: &Arc<Event>, target: Target, resent: bool) -> Delivery {
        self.numbered += 1;
        Delivery::new(self.numbered, Arc::clone(event), target, resent)
    }

    /// Adds an event to a receiver's queue, with the fault that applies; returns whether that dropped it.
    fn send(&mut self, event: &Arc<Event>, target: Target, fault: Option<Struck>) -> bool {
        let mut delivery = self.delivery(event, target, false);
        let mishap = fault.as_ref().and_then(Struck::mishap);
        let delay = fault.as_ref().map_or(Duration::ZERO, |fault| fault.delay);
        let rank = fault.as_ref().map_or(0, |fault| fault.rank);
        delivery.fault = fault.map(|fault| fault.id.into());
        if matches!(mishap, Some(Mishap::Drop)) {
            delivery.standing = Standing::Dropped;
            delivery.settle();
            self.done.keep(delivery);
            return true;
        }
        let mut second = None;
        if matches!(mishap, Some(Mishap::Duplicate)) {
            let mut twin = self.delivery(event, delivery.target.clone(), false);
            twin.fault.clone_from(&delivery.fault);
            // The event counts one delivery to this receiver as pending; the duplicate is not counted.
            twin.settle();
            second = Some(twin);
        }
        let line = self.lines.entry(delivery.target.clone()).or_default();
        match mishap {
            Some(Mishap::Delay(_)) => line.push_late(delivery, Instant::now() + delay, 0),
            Some(Mishap::Shuffle) => {
                let at = line.gather(Instant::now());
                line.push_late(delivery, at, rank);
            }
            _ => line.push(delivery),
        }
        if let Some(twin) = second {
            line.push(twin);
        }
        false
    }

    /// Keeps an event for a test to read, with the fault that applies; delays and order have no meaning here.
    fn collect(&mut self, event: &Arc<Event>, target: Option<Target>, fault: Option<Struck>) {
        let mishap = fault.as_ref().and_then(Struck::mishap);
        let before = self.collected.len();
        let position = match (&fault, mishap) {
            (Some(fault), Some(Mishap::Shuffle)) => usize::try_from(fault.rank).unwrap_or(0) % (before + 1),
            _ => before,
        };
        let copies = match mishap {
            Some(Mishap::Drop) => 0,
            Some(Mishap::Duplicate) => 2,
            _ => 1,
        };
        let fault = fault.map(|fault| fault.id.into());
        let one = Collected { event: Arc::clone(event), target, fault };
        for _ in 0..copies {
            self.collected.insert(position, one.clone());
        }
        let mut dropped = make_room(&mut self.collected, |one| Some(&one.event)).len() as u64;
        while self.collected.len() > EVENTS_COLLECTED_MAX {
            let _ = self.collected.pop_front();
            dropped += 1;
        }
        self.collected_dropped += dropped;
    }
}

impl Done {
    fn keep(&mut self, delivery: Delivery) {
        self.bytes += delivery.bytes();
        self.deliveries.push_back(delivery);
        while self.deliveries.len() > DELIVERIES_DONE_MAX
            || self.bytes > DELIVERIES_BYTES_MAX
            || !DELIVERIES.has_room(self.bytes)
        {
            let Some(oldest) = self.deliveries.pop_front() else { return };
            self.bytes -= oldest.bytes();
            self.forgotten += 1;
        }
    }

    /// Of a failed delivery that is sent again, only the new one counts as pending.
    fn hand_over(&mut self, event: &Event, target: &Target) {
        let of_event = |delivery: &&mut Delivery| delivery.event.id == event.id && delivery.target == *target;
        let failed = |delivery: &&mut Delivery| delivery.standing == Standing::Failed;
        self.deliveries.iter_mut().filter(of_event).filter(failed).for_each(Delivery::settle);
    }
}
