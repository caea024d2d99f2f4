//! Where the API's hosts stand for the command: TLS with certificates for their names, and behind it the server.
//!
//! May use: tokio, rustls, the library's authority. Invariant: only this machine reaches it, and it leads nowhere but to the server.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use pinstripe::tls::Authority;
use rustls::ServerConfig;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long a client has to agree on keys.
const HANDSHAKE_SECONDS_MAX: u64 = 10;

/// A listener, until it is dropped.
#[derive(Debug)]
pub(super) struct HttpsFront {
    port: u16,
    serving: JoinHandle<()>,
}

impl HttpsFront {
    /// One with certificates of this authority, that leads to the server's port for http.
    pub(super) async fn start(authority: &Authority, http: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let mut tls = ServerConfig::clone(&authority.server_config());
        // What is said is passed on as it is, and behind this is HTTP/1.1.
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let serving = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(tls)), http));
        Ok(HttpsFront { port, serving })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for HttpsFront {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, http: u16) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(open.spawn(pass_on(client, acceptor.clone(), http))),
                // Too many open files: some will be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

async fn pass_on(client: TcpStream, acceptor: TlsAcceptor, http: u16) {
    let _ = client.set_nodelay(true);
    let agreed = timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX), acceptor.accept(client)).await;
    let Ok(Ok(mut client)) = agreed else { return };
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, http)).await else { return };
    let _ = server.set_nodelay(true);
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
