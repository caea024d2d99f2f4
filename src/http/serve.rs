//! Listening: both loopback addresses by default, and an orderly stop.
//!
//! May use: tokio, axum. Invariant: all listeners of a server have the same port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::limits::SHUTDOWN_MILLISECONDS_MAX;

/// Bound listeners, not serving yet.
#[derive(Debug)]
pub struct Listeners {
    listeners: Vec<TcpListener>,
    port: u16,
}

impl Listeners {
    /// Binds `host`, or both loopback addresses if it is `None`; Node resolves `localhost` to either. Port 0 picks a
    /// free port.
    ///
    /// # Errors
    /// The address cannot be bound. On a machine without IPv6, only IPv4 is bound.
    pub async fn bind(host: Option<IpAddr>, port: u16) -> io::Result<Self> {
        if let Some(host) = host {
            let listener = match TcpListener::bind(SocketAddr::new(host, port)).await {
                // The image listens on every address, and must start on a kernel without IPv6, too.
                Err(error) if host == Ipv6Addr::UNSPECIFIED && error.kind() != io::ErrorKind::AddrInUse => {
                    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?
                }
                bound => bound?,
            };
            let port = listener.local_addr()?.port();
            return Ok(Listeners { listeners: vec![listener], port });
        }
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(second) => listeners.push(second),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(error) => tracing::debug!(%error, "not listening on [::1]"),
        }
        Ok(Listeners { listeners, port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses, as URLs; the first is the preferred one.
    pub fn urls(&self) -> Vec<String> {
        let addresses = self.listeners.iter().filter_map(|listener| listener.local_addr().ok());
        addresses
            .map(|address| match address.ip() {
                ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", self.port),
                _ => format!("http://{address}"),
            })
            .collect()
    }

    /// Serves until `stop` turns true, then finishes open requests for at most a second.
    pub async fn serve(self, router: Router, stop: watch::Receiver<bool>) {
        let mut servers = JoinSet::new();
        for listener in self.listeners {
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
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender also means stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
