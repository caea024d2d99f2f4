//! The open connections of a server: what each waits for, and which are closed because they wait for too long.
//!
//! May use: tokio. Invariant: a connection is closed only while no request on it is being answered, or when its client has
//! stopped taking the answer; one that waits for its next request may wait for ever, unless the process has no file
//! descriptor left for others.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use super::memory::HeaderMemory;
use super::wire::Wire;
use crate::config::Patience;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// The rest of a header: it is half-open.
    Header,
    /// The first byte of another request.
    Request,
    /// That its client takes the next bytes of an answer, of which there may be more than these.
    Reader { is_whole: bool },
    /// Nothing from its client, or the body of a request, which has a limit of its own.
    Nothing,
}

/// What a connection waits for, since when, and what is answered on it meanwhile.
#[derive(Debug)]
struct Waiting {
    awaited: Awaited,
    since: Instant,
    /// The requests that are being answered: with HTTP/2, several at the same time.
    answering: usize,
    /// The number of the last request.
    last: u64,
    /// Those of their answers that wait until the client takes more of them, and since when each does.
    unread: BTreeMap<u64, Instant>,
    /// Whether bytes come between requests that begin none, as with HTTP/2.
    is_shared: bool,
}

impl Waiting {
    fn awaits(&mut self, next: Awaited) -> Awaited {
        self.since = Instant::now();
        std::mem::replace(&mut self.awaited, next)
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct OpenConnection {
    waiting: Mutex<Waiting>,
    /// Asks for its end.
    closing: Notify,
    server: Arc<OpenConnections>,
    number: u64,
    memory: HeaderMemory,
}

/// The open connections of a server.
#[derive(Debug)]
pub(super) struct OpenConnections {
    patience: Patience,
    open: Mutex<HashMap<u64, Arc<OpenConnection>>>,
    numbers: AtomicU64,
    half_open: AtomicUsize,
    /// When a failed accept was last logged.
    warned: Mutex<Option<Instant>>,
}

/// A request that is being answered; dropped, its answer was sent, or is not wanted any more.
pub(super) struct Answering {
    connection: Arc<OpenConnection>,
    /// Its number on the connection.
    number: u64,
    /// Whether its answer waits until the client takes more of it.
    is_unread: bool,
    /// Whether another request may follow.
    goes_on: bool,
}

/// A connection in its task; dropped, it is no longer open.
pub(super) struct ConnectionSeat(Arc<OpenConnection>);

/// How many connections make room when there is no file descriptor left.
const EVICTED: usize = 8;

/// How long nothing is accepted after an error, so that what was closed is free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// How long no other warning of a failed accept is logged.
const WARN_EVERY: Duration = Duration::from_secs(60);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpenConnections {
    pub(super) fn new(patience: Patience) -> Arc<Self> {
        Arc::new(OpenConnections {
            patience,
            open: Mutex::default(),
            numbers: AtomicU64::new(0),
            half_open: AtomicUsize::new(0),
            warned: Mutex::new(None),
        })
    }

    /// Takes a new connection in; beyond the bound of half-open ones, the oldest of these is closed.
    pub(super) fn seat(self: &Arc<Self>) -> ConnectionSeat {
        if self.half_open.load(Ordering::Relaxed) >= self.patience.half_open {
            self.evict(1, |awaited| awaited == Awaited::Header);
        }
        let connection = Arc::new(OpenConnection {
            waiting: Mutex::new(Waiting {
                awaited: Awaited::Header,
                since: Instant::now(),
                answering: 0,
                last: 0,
                unread: BTreeMap::new(),
                is_shared: false,
            }),
            closing: Notify::new(),
            server: Arc::clone(self),
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            memory: HeaderMemory::default(),
        });
        self.half_open.fetch_add(1, Ordering::Relaxed);
        lock(&self.open).insert(connection.number, Arc::clone(&connection));
        ConnectionSeat(connection)
    }

    /// Closes, again and again, what waits for the rest of a header, or for the reader of an answer, for too long.
    pub(super) async fn close_late(&self) {
        let Patience { header, answer, .. } = self.patience;
        let pause = (header.min(answer) / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        loop {
            tokio::time::sleep(pause).await;
            let now = Instant::now();
            let late = self.waiting(|awaited| awaited == Awaited::Header);
            late.iter().filter(|(since, _)| now.duration_since(*since) > header).for_each(close);
            let late = self.waiting(|awaited| matches!(awaited, Awaited::Reader { .. }));
            late.iter().filter(|(since, _)| now.duration_since(*since) > answer).for_each(close);
            let late = self.unread();
            late.iter().filter(|(since, _)| now.duration_since(*since) > answer).for_each(close);
        }
    }

    /// After a failed accept: when there is no file descriptor left, those make room that have waited for longest.
    pub(super) async fn accept_failed(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        self.warn(error);
        self.evict(EVICTED, |awaited| matches!(awaited, Awaited::Header | Awaited::Request));
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }

    /// Logs a failed accept, once in a while.
    fn warn(&self, error: &io::Error) {
        let mut warned = lock(&self.warned);
        if warned.is_none_or(|at| at.elapsed() > WARN_EVERY) {
            *warned = Some(Instant::now());
            let open = lock(&self.open).len();
            tracing::warn!(%error, open, "cannot accept a connection; those that have waited for longest are closed");
        }
    }

    /// Closes some of the connections that have waited for longest.
    fn evict(&self, count: usize, wanted: impl Fn(Awaited) -> bool) {
        let mut waiting = self.waiting(wanted);
        waiting.sort_by_key(|(since, connection)| (*since, connection.number));
        waiting.iter().take(count).for_each(close);
    }

    fn waiting(&self, wanted: impl Fn(Awaited) -> bool) -> Vec<(Instant, Arc<OpenConnection>)> {
        let open = lock(&self.open);
        let waiting = open.values().filter_map(|connection| {
            let waiting = lock(&connection.waiting);
            wanted(waiting.awaited).then(|| (waiting.since, Arc::clone(connection)))
        });
        waiting.collect()
    }

    /// The connections on which nothing is computed, and every answer waits for its reader, with the time since which one does: of
    /// two answers, one that is read makes up for no other.
    fn unread(&self) -> Vec<(Instant, Arc<OpenConnection>)> {
        let open = lock(&self.open);
        let unread = open.values().filter_map(|connection| {
            let waiting = lock(&connection.waiting);
            let oldest = waiting.unread.values().min().filter(|_| waiting.unread.len() == waiting.answering);
            oldest.map(|since| (*since, Arc::clone(connection)))
        });
        unread.collect()
    }
}

fn close((_, connection): &(Instant, Arc<OpenConnection>)) {
    connection.closing.notify_one();
}

impl OpenConnection {
    /// How long the next bytes of a body may take.
    pub(super) fn body_pause(&self) -> Duration {
        self.server.patience.body
    }

    /// What it remembers of its last request.
    pub(super) fn memory(&self) -> &HeaderMemory {
        &self.memory
    }

    /// Several requests may come at the same time from here on, as with HTTP/2.
    pub(super) fn share(&self) {
        lock(&self.waiting).is_shared = true;
    }

    /// Whether several requests may come at the same time.
    pub(super) fn is_shared(&self) -> bool {
        lock(&self.waiting).is_shared
    }

    /// A request has arrived, and is answered from here on.
    pub(super) fn answers(self: &Arc<Self>) -> Answering {
        let (number, former) = {
            let mut waiting = lock(&self.waiting);
            waiting.answering += 1;
            waiting.last += 1;
            (waiting.last, waiting.awaits(Awaited::Nothing))
        };
        self.count(former, Awaited::Nothing);
        Answering { connection: Arc::clone(self), number, is_unread: false, goes_on: true }
    }

    /// An answer was sent; another request may follow.
    fn answered(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.answering -= 1;
        if waiting.answering == 0 {
            waiting.awaits(Awaited::Request);
        }
    }

    /// Nothing is awaited from here on.
    fn leaves(&self) {
        let former = lock(&self.waiting).awaits(Awaited::Nothing);
        self.count(former, Awaited::Nothing);
    }

    /// A byte has come.
    fn received(&self) {
        let mut waiting = lock(&self.waiting);
        if waiting.awaited == Awaited::Request && !waiting.is_shared {
            waiting.awaits(Awaited::Header);
            self.count(Awaited::Request, Awaited::Header);
        }
    }

    /// Bytes of an answer were taken, or could not be.
    fn sent(&self, is_pending: bool) {
        let mut waiting = lock(&self.waiting);
        let next = match (waiting.awaited, is_pending) {
            (Awaited::Nothing, true) => Awaited::Reader { is_whole: false },
            (Awaited::Request, true) => Awaited::Reader { is_whole: true },
            (Awaited::Reader { is_whole: false }, false) => Awaited::Nothing,
            (Awaited::Reader { is_whole: true }, false) => Awaited::Request,
            _ => return,
        };
        waiting.awaits(next);
    }

    fn count(&self, former: Awaited, next: Awaited) {
        match (former == Awaited::Header, next == Awaited::Header) {
            (true, false) => drop(self.server.half_open.fetch_sub(1, Ordering::Relaxed)),
            (false, true) => drop(self.server.half_open.fetch_add(1, Ordering::Relaxed)),
            _ => {}
        }
    }
}

impl Answering {
    /// The connection on which the request came.
    pub(super) fn connection(&self) -> &OpenConnection {
        &self.connection
    }

    /// The connection changes its protocol: no other request follows.
    pub(super) fn is_last(&mut self) {
        self.goes_on = false;
    }

    /// The answer was handed over in part: the rest waits until the client takes more.
    pub(super) fn waits_for_reader(&mut self) {
        if !std::mem::replace(&mut self.is_unread, true) {
            lock(&self.connection.waiting).unread.insert(self.number, Instant::now());
        }
    }

    /// The client takes more of the answer.
    pub(super) fn is_read(&mut self) {
        if std::mem::replace(&mut self.is_unread, false) {
            lock(&self.connection.waiting).unread.remove(&self.number);
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.is_read();
        if self.goes_on {
            self.connection.answered();
        }
    }
}

impl ConnectionSeat {
    /// The connection, for the parts that see its bytes and its requests.
    pub(super) fn connection(&self) -> Arc<OpenConnection> {
        Arc::clone(&self.0)
    }

    /// Waits until the connection has to be closed.
    pub(super) async fn closing(&self) {
        self.0.closing.notified().await;
    }
}

impl Drop for ConnectionSeat {
    fn drop(&mut self) {
        // What has become a websocket goes on without a limit, and without a seat.
        self.0.leaves();
        lock(&self.0.server.open).remove(&self.0.number);
    }
}

/// A stream that reports when bytes come.
pub(super) struct WatchedStream {
    stream: Wire,
    connection: Arc<OpenConnection>,
}

impl WatchedStream {
    pub(super) fn new(stream: Wire, connection: Arc<OpenConnection>) -> Self {
        WatchedStream { stream, connection }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = bytes.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, bytes);
        if bytes.filled().len() > before {
            self.connection.received();
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.connection.sent(written.is_pending());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.connection.sent(written.is_pending());
        written
    }
}
