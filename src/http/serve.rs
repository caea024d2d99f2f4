//! Serving, until an orderly stop.
//!
//! May use: tokio, axum. Invariant: after the stop no connection is accepted, and open requests are finished or cut off.

use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::limits::SHUTDOWN_MILLISECONDS_MAX;

/// Serves until `stop` turns true, then finishes open requests for at most a second.
pub async fn serve(listeners: Vec<TcpListener>, router: Router, stop: watch::Receiver<bool>) {
    let mut servers = JoinSet::new();
    for listener in listeners {
        let listener = listener.tap_io(|stream| {
            // A small answer must not wait for the acknowledgement of the last one.
            let _ = stream.set_nodelay(true);
        });
        let signal = stopped(stop.clone());
        servers.spawn(axum::serve(listener, router.clone()).with_graceful_shutdown(signal).into_future());
    }
    stopped(stop).await;
    let end = async { while servers.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_millis(SHUTDOWN_MILLISECONDS_MAX), end).await;
    servers.abort_all();
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender also means stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
