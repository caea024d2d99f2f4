//! Serving: a task for each connection, until an orderly stop.
//!
//! May use: tokio, hyper, axum. Invariant: nothing that a client does or leaves undone ends the listening; after the stop no
//! connection is accepted, and open requests are finished or cut off.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{Request, Response, StatusCode};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_http::timeout::TimeoutBody;

use super::connections::{ConnectionSeat, OpenConnection, OpenConnections, WatchedStream};
use crate::config::Patience;
use crate::limits::SHUTDOWN_MILLISECONDS_MAX;

/// Serves until `stop` turns true, then finishes open requests for at most a second.
pub async fn serve(listeners: Vec<TcpListener>, router: Router, patience: Patience, stop: watch::Receiver<bool>) {
    let connections = OpenConnections::new(patience);
    let mut servers = JoinSet::new();
    for listener in listeners {
        servers.spawn(accept(listener, Arc::clone(&connections), router.clone(), stop.clone()));
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
async fn accept(listener: TcpListener, connections: Arc<OpenConnections>, router: Router, stop: watch::Receiver<bool>) {
    let mut serving = JoinSet::new();
    let mut stopping = pin!(stopped(stop.clone()));
    loop {
        tokio::select! {
            biased;
            () = &mut stopping => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(serving.spawn(serve_one(stream, connections.seat(), router.clone(), stop.clone()))),
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
async fn serve_one(stream: TcpStream, seat: ConnectionSeat, router: Router, stop: watch::Receiver<bool>) {
    // A small answer must not wait for the acknowledgement of the last one.
    let _ = stream.set_nodelay(true);
    let connection = seat.connection();
    let service = service_fn(|request: Request<Incoming>| {
        connection.answers();
        let request = request.map(|body| Body::new(TimeoutBody::new(connection.body_pause(), body)));
        let answer = TowerToHyperService::new(router.clone()).call(request);
        let connection = seat.connection();
        async move { answer.await.map(|answer| watched(answer, connection)) }
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

/// An answer whose end lets its connection wait for another request. After a change of protocol there is none.
fn watched(answer: Response<Body>, connection: Arc<OpenConnection>) -> Response<Body> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return answer;
    }
    answer.map(|body| Body::new(WatchedBody { body, connection }))
}

/// The body of an answer, dropped when it is sent.
struct WatchedBody {
    body: Body,
    connection: Arc<OpenConnection>,
}

impl HttpBody for WatchedBody {
    type Data = <Body as HttpBody>::Data;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        self.connection.answered();
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender also means stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
