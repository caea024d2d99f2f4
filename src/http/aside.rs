//! Keeps what may take long off the reactor: the threads that accept connections, read requests and write answers.
//!
//! May use: tokio, the app. Invariant: whoever waits for a sandbox, or builds a large answer, holds no thread that
//! another request, such as `/healthz`, needs; and the threads that are held instead are counted.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::ready;
use std::time::{Duration, Instant};

use axum::extract::{Request, State as Shared};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use super::memory::HeaderMemory;
use crate::api::search;
use crate::app::App;
use crate::catalogue::{self, Find, Method};
use crate::contract::Behaviour;
use crate::engine;
use crate::entry;
use crate::limits::{
    CONTROL_REQUESTS_MAX, HEAVY_REQUESTS_MAX, REACTOR_BODY_BYTES_MAX, REACTOR_ITEMS_MAX, REACTOR_MILLISECONDS_MAX,
    WAITING_REQUESTS_MAX,
};
use crate::resources;
use crate::state::sandbox::{Sandbox, WaitingWriter};

/// Why a request leaves the reactor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// It may compute for long.
    Heavy,
    /// It waits for others.
    Waits,
    /// It is a call of the control API, each of which may do both.
    Control,
}

/// How many requests are off the reactor for each reason, and which operations have taken long on it.
#[derive(Debug)]
pub(super) struct Places {
    heavy: Semaphore,
    waiting: Semaphore,
    control: Semaphore,
    slow: SlowOperations,
}

impl Default for Places {
    fn default() -> Self {
        Places {
            heavy: Semaphore::new(HEAVY_REQUESTS_MAX),
            waiting: Semaphore::new(WAITING_REQUESTS_MAX),
            control: Semaphore::new(CONTROL_REQUESTS_MAX),
            slow: SlowOperations::default(),
        }
    }
}

impl Places {
    /// Polls a future off the reactor, each time when there is a place. It has none while it waits for what is to come, as a
    /// call that waits for deliveries does. In a runtime of one thread there is no other place than the reactor.
    pub(super) async fn run<F: Future>(&self, why: Away, work: F) -> F::Output {
        let places = match why {
            Away::Heavy => &self.heavy,
            Away::Waits => &self.waiting,
            Away::Control => &self.control,
        };
        let has_others = matches!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
        let (mut work, mut turn) = (pin!(work), pin!(places.acquire()));
        std::future::poll_fn(move |context| {
            // The semaphores are never closed.
            let place = ready!(turn.as_mut().poll(context));
            let mut poll = || work.as_mut().poll(context);
            let polled = if has_others { block_in_place(poll) } else { poll() };
            drop(place);
            turn.set(places.acquire());
            polled
        })
        .await
    }

    /// Does the work of a request, off the reactor if it should leave it. A request says little of how much it makes the
    /// server do, such as all that hangs on a deleted object, so an operation that took long stays away for some time.
    pub(super) async fn answer<T>(
        &self,
        app: &App,
        parts: &Parts,
        memory: &HeaderMemory,
        body: &[u8],
        work: impl FnOnce() -> T,
    ) -> T {
        let is_slow = !self.slow.is_empty() && operation(parts).is_some_and(|name| self.slow.contains(name));
        let away = || away(app, parts, memory, body).or(is_slow.then_some(Away::Heavy));
        let mut why = away();
        // Most waits are short, and need no thread.
        let writer = if why.is_none() { waiting_writer(app, parts, memory) } else { None };
        if let Some(writer) = &writer {
            writer.turn_comes().await;
            why = away();
        }
        let timed = || {
            let begun = Instant::now();
            (work(), begun.elapsed())
        };
        let (done, took) = match why {
            None => timed(),
            Some(why) => Box::pin(self.run(why, async { timed() })).await,
        };
        // Who waits for a sandbox may be fast alone.
        let matters = why != Some(Away::Waits) && (took > REACTOR_TIME || is_slow);
        match matters.then(|| operation(parts)).flatten() {
            Some(name) if took > REACTOR_TIME => self.slow.insert(name),
            Some(name) => self.slow.forgive(name),
            None => {}
        }
        done
    }
}

/// A layer around handlers each of which may wait for a sandbox or show much.
pub(super) async fn handlers(Shared(places): Shared<Arc<Places>>, request: Request, next: Next) -> Response {
    places.run(Away::Control, next.run(request)).await
}

/// How long a request may take on a thread of the reactor.
const REACTOR_TIME: Duration = Duration::from_millis(REACTOR_MILLISECONDS_MAX);

/// For how long an operation stays away from the reactor after it took long.
const SLOW_FOR: Duration = Duration::from_secs(60);

/// So many quick answers in a row bring an operation back earlier: a busy machine makes everything slow once.
const QUICK_ANSWERS: u32 = 100;

/// The operations that took long.
#[derive(Debug, Default)]
struct SlowOperations {
    known: RwLock<HashMap<&'static str, SlowOperation>>,
    /// Hardly ever are there any, and looking must then cost nothing.
    count: AtomicUsize,
}

/// An operation that took long.
#[derive(Debug)]
struct SlowOperation {
    /// When it last did.
    last: Instant,
    /// How many answers were quick since.
    quick: u32,
}

impl SlowOperations {
    fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    fn contains(&self, name: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(name).is_some_and(|slow| slow.last.elapsed() < SLOW_FOR)
    }

    fn insert(&self, name: &'static str) {
        self.change(|known| {
            known.retain(|_, slow| slow.last.elapsed() < SLOW_FOR);
            known.insert(name, SlowOperation { last: Instant::now(), quick: 0 });
        });
    }

    /// Notes that an operation was quick.
    fn forgive(&self, name: &str) {
        self.change(|known| {
            known.retain(|known, slow| {
                slow.quick += u32::from(*known == name);
                slow.quick < QUICK_ANSWERS
            });
        });
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<&'static str, SlowOperation>)) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut known);
        self.count.store(known.len(), Ordering::Relaxed);
    }
}

/// The operation of a request.
fn operation(parts: &Parts) -> Option<&'static str> {
    match catalogue::find(super::method(&parts.method)?, parts.uri.path()) {
        Find::Operation(found) => Some(found.operation.name),
        Find::NoMethod | Find::NoPath => None,
    }
}

/// Why a request of the API should leave the reactor, if it should.
fn away(app: &App, parts: &Parts, memory: &HeaderMemory, body: &[u8]) -> Option<Away> {
    let is_large = body.len() > REACTOR_BODY_BYTES_MAX;
    let shows_much = [parts.uri.query().unwrap_or_default().as_bytes(), body].iter().any(|form| asks_for_much(form));
    // A search looks at every object of its kind.
    if is_large || shows_much || search::is_asked(parts.uri.path()) {
        return Some(Away::Heavy);
    }
    if app.runs_engine() {
        return Some(Away::Waits);
    }
    // With a seed, all that is due is done before the request.
    let is_due = || named_sandbox(app, parts, memory).is_some_and(|sandbox| engine::is_due(&sandbox));
    (app.is_seeded() && is_due()).then_some(Away::Waits)
}

/// The place of a request among those who wait for its sandbox, if somebody else writes there, and it may have to.
fn waiting_writer(app: &App, parts: &Parts, memory: &HeaderMemory) -> Option<WaitingWriter> {
    let sandbox = named_sandbox(app, parts, memory).filter(|sandbox| sandbox.is_held())?;
    (may_write(parts) || engine::is_due(&sandbox)).then(|| WaitingWriter::of(sandbox))
}

/// Whether a request may need the sandbox for itself.
fn may_write(parts: &Parts) -> bool {
    let Some(Method::Get) = super::method(&parts.method) else { return true };
    let Find::Operation(found) = catalogue::find(Method::Get, parts.uri.path()) else { return false };
    matches!(resources::behaviour(found.operation), Some((_, Behaviour::RetrieveOr(_))))
}

/// Whether a form asks for more than a short page.
fn asks_for_much(form: &[u8]) -> bool {
    let starts = form.iter().enumerate().filter(|(_, byte)| **byte == b'l');
    let limits = starts.filter_map(|(at, _)| form[at..].strip_prefix(b"limit="));
    limits.into_iter().any(|limit| {
        let digits = limit.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&limit[..digits]).ok().and_then(|digits| digits.parse::<usize>().ok());
        number.is_some_and(|number| number > REACTOR_ITEMS_MAX)
    })
}

/// The sandbox of the key in the header. A key elsewhere is rare, and the worst of a wrong guess is a short wait.
fn named_sandbox(app: &App, parts: &Parts, memory: &HeaderMemory) -> Option<Arc<Sandbox>> {
    let header = super::text(&parts.headers, header::AUTHORIZATION)?;
    match memory.key(header).ok()?.sandbox.as_deref().or_else(|| entry::sandbox(&parts.headers)) {
        Some(name) => app.known_sandbox(name),
        None => Some(Arc::clone(app.default_sandbox())),
    }
}

#[cfg(test)]
mod tests {
    use axum::http;

    use super::*;
    use crate::config::Config;

    fn ask(places: &Places, app: &App, path: &str, takes: Duration) -> bool {
        let (parts, ()) = http::Request::post(path).body(()).expect("a request").into_parts();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let left = || places.heavy.available_permits() < HEAVY_REQUESTS_MAX;
        runtime.block_on(places.answer(app, &parts, &HeaderMemory::default(), b"", || {
            std::thread::sleep(takes);
            left()
        }))
    }

    #[test]
    fn an_operation_that_took_long_leaves_the_reactor() {
        let (places, app) = (Places::default(), App::new(&Config::default()));
        let long = REACTOR_TIME + Duration::from_millis(1);
        assert!(!ask(&places, &app, "/v1/customers", Duration::ZERO));
        assert!(!ask(&places, &app, "/v1/charges", long), "nobody knew");
        assert!(ask(&places, &app, "/v1/charges", Duration::ZERO));
        assert!(!ask(&places, &app, "/v1/nothing", long), "no operation");
    }
}
