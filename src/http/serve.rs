//! Serving: a task for each connection, until an orderly stop.
//!
//! May use: tokio, hyper. Invariant: nothing that a client does or leaves undone ends the listening; after the stop no
//! connection is accepted, and open requests are finished or cut off.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connections::{ConnectionSeat, OpenConnections, WatchedStream};
use super::front::Front;
use crate::config::Patience;
use crate::limits::SHUTDOWN_MILLISECONDS_MAX;

/// Serves until `stop` turns true, then finishes open requests for at most a second.
pub async fn serve(listeners: Vec<TcpListener>, front: Front, patience: Patience, stop: watch::Receiver<bool>) {
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
    listener: TcpListener,
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
                Ok((stream, _)) => drop(serving.spawn(serve_one(stream, connections.seat(), Arc::clone(&front), stop.clone()))),
                Err(error) => connections.accept_failed(&error).await,
            },
            Some(_) = serving.join_next() => {}
        }
    }
    // New clients are refused from here on.
    drop(listener);
    while serving.join_next().await.is_some() {}
}

/// Answers the requests of a connection, one after the other.
async fn serve_one(stream: TcpStream, seat: ConnectionSeat, front: Arc<Front>, stop: watch::Receiver<bool>) {
    // A small answer must not wait for the acknowledgement of the last one.
    let _ = stream.set_nodelay(true);
    let connection = seat.connection();
    let service = service_fn(|request: Request<Incoming>| {
        connection.answers();
        let (front, connection) = (&front, seat.connection());
        async move { Ok::<_, Infallible>(front.answer(request, connection).await) }
    });
    let io = TokioIo::new(WatchedStream::new(stream, seat.connection()));
    // Its own limit would also end what waits for another request.
    let mut serving =
        pin!(http1::Builder::new().header_read_timeout(None).serve_connection(io, service).with_upgrades());
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

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender also means stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
