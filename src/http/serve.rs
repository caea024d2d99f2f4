//! Serving: a task for each connection, until an orderly stop.
//!
//! May use: tokio, hyper, TLS. Invariant: nothing that a client does or leaves undone ends the listening; after the stop no
//! connection is accepted, and open requests are finished or cut off.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::body::WatchedBody;
use super::connections::{ConnectionSeat, OpenConnection, OpenConnections, WatchedStream};
use super::front::Front;
use super::named::{self, Reached};
use super::wire::{Listening, Wire};
use crate::config::Patience;
use crate::limits::{HTTP2_HEADERS_BYTES_MAX, HTTP2_STREAMS_MAX, SHUTDOWN_MILLISECONDS_MAX};

/// Serves until `stop` turns true, then finishes open requests for at most a second.
pub async fn serve(listeners: Vec<Listening>, front: Front, patience: Patience, stop: watch::Receiver<bool>) {
    let (front, connections) = (Arc::new(front), OpenConnections::new(patience));
    let mut servers = JoinSet::new();
    for listener in listeners {
        servers.spawn(accept(listener, Arc::clone(&connections), Arc::clone(&front), stop.clone()));
    }
    tokio::select! {
        () = stopped(stop) => {}
        () = connections.close_late() => {}
    }
    let end = async { while servers.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_millis(SHUTDOWN_MILLISECONDS_MAX), end).await;
    servers.abort_all();
}

/// Accepts connections until the server stops, then waits for those that are open.
async fn accept(
    listener: Listening,
    connections: Arc<OpenConnections>,
    front: Arc<Front>,
    stop: watch::Receiver<bool>,
) {
    let mut serving = JoinSet::new();
    let mut stopping = pin!(stopped(stop.clone()));
    loop {
        tokio::select! {
            biased;
            () = &mut stopping => break,
            accepted = listener.accept() => match accepted {
                Ok(wire) => {
                    let (tls, seat) = (listener.tls.clone(), connections.seat());
                    serving.spawn(serve_one(wire, tls, seat, Arc::clone(&front), stop.clone()));
                }
                Err(error) => connections.accept_failed(&error).await,
            },
            Some(_) = serving.join_next() => {}
        }
    }
    // New clients are refused from here on.
    drop(listener);
    while serving.join_next().await.is_some() {}
}

/// Answers the requests of a connection, in the protocol that its client chooses.
async fn serve_one(
    wire: Wire,
    tls: Option<Arc<ServerConfig>>,
    seat: ConnectionSeat,
    front: Arc<Front>,
    stop: watch::Receiver<bool>,
) {
    let reached = Reached::by(&wire, tls.is_some());
    let stream = WatchedStream::new(wire, seat.connection());
    let answers = Answers { front, connection: seat.connection(), reached };
    let Some(config) = tls else { return serve_http1(stream, answers, &seat, stop).await };
    // The wait for a header includes the one for the handshake.
    let accepted = tokio::select! {
        accepted = TlsAcceptor::from(config).accept(stream) => accepted,
        () = seat.closing() => return,
        () = stopped(stop.clone()) => return,
    };
    match accepted {
        Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
            serve_http2(stream, answers, &seat, stop).await;
        }
        Ok(stream) => serve_http1(stream, answers, &seat, stop).await,
        Err(error) => tracing::debug!(%error, "no TLS connection"),
    }
}

/// What answers the requests of a connection.
#[derive(Clone)]
struct Answers {
    front: Arc<Front>,
    connection: Arc<OpenConnection>,
    reached: Reached,
}

impl Answers {
    async fn answer(self, request: Request<Incoming>) -> Result<Response<WatchedBody>, Infallible> {
        let answering = self.connection.answers();
        let request = named::noted(request, self.reached, self.front.app());
        let beginning = named::beginning(&request);
        let answer = self.front.answer(request, answering).await;
        Ok(match beginning {
            Some(beginning) => named::led_on(answer, &beginning),
            None => answer,
        })
    }
}

/// Answers the requests of a connection, one after the other.
async fn serve_http1<S>(stream: S, answers: Answers, seat: &ConnectionSeat, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| answers.clone().answer(request));
    // Its own limit would also end what waits for another request.
    let serving = http1::Builder::new().header_read_timeout(None).serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving.with_upgrades());
    let mut stopping = pin!(stopped(stop));
    let mut stops = false;
    loop {
        tokio::select! {
            _ = &mut serving => return,
            () = seat.closing() => return,
            () = &mut stopping, if !stops => {
                stops = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Answers the requests of a connection, several at the same time.
async fn serve_http2<S>(stream: S, answers: Answers, seat: &ConnectionSeat, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    answers.connection.share();
    let tasks = StreamTasks::default();
    let service = service_fn(move |request| answers.clone().answer(request));
    let serving = http2::Builder::new(tasks.clone())
        .timer(TokioTimer::new())
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(HTTP2_HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    let mut stopping = pin!(stopped(stop));
    let mut stops = false;
    loop {
        tokio::select! {
            _ = &mut serving => break,
            () = seat.closing() => break,
            () = &mut stopping, if !stops => {
                stops = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
    tasks.end();
}

/// The requests of a connection that are answered at the same time; they end with it.
#[derive(Clone, Debug, Default)]
struct StreamTasks(Arc<Mutex<JoinSet<()>>>);

impl StreamTasks {
    fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

impl<F> Executor<F> for StreamTasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender also means stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
