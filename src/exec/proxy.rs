//! A proxy for the programs of a command that have no hook: the API's hosts lead to the server, every other host where it leads.
//!
//! May use: tokio, the names of the API's hosts. Invariant: only this machine reaches it, it looks at nothing but the address asked
//! for, and nothing that is meant for the API leaves this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use pinstripe::links::name_and_port;
use pinstripe::tls::is_api_host;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::redirect::ApiPorts;
use super::upstream::Upstream;

/// Bytes of a request or an answer, without a body, that are read.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long the rest of a head is waited for.
const HEAD_SECONDS_MAX: u64 = 10;

/// Where connections lead.
#[derive(Debug)]
pub(super) struct Routes {
    /// Of the API.
    pub(super) ports: ApiPorts,
    /// The user's own proxy.
    pub(super) upstream: Option<Upstream>,
}

/// A proxy that listens, until it is dropped.
#[derive(Debug)]
pub(super) struct LoopbackProxy {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl LoopbackProxy {
    pub(super) async fn start(routes: Routes) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(LoopbackProxy { address, serving: tokio::spawn(serve(listener, Arc::new(routes))) })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for LoopbackProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, routes: Arc<Routes>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(open.spawn(tunnel(client, Arc::clone(&routes)))),
                // Too many open files: some will be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

/// Connects a client with what it asks for, until both have said all.
async fn tunnel(mut client: TcpStream, routes: Arc<Routes>) {
    let _ = client.set_nodelay(true);
    let Ok((head, rest)) = read_head(&mut client).await else { return };
    let (mut target, said) = match target_of(&head) {
        Ok((name, port)) => match connect(&routes, &name, port).await {
            Ok(target) => target,
            Err(error) => return refuse(client, "502 Bad Gateway", &format!("{name}:{port}: {error}")).await,
        },
        Err(reason) => return refuse(client, "405 Method Not Allowed", reason).await,
    };
    let _ = target.set_nodelay(true);
    let begun = async {
        client.write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n").await?;
        client.write_all(&said).await?;
        target.write_all(&rest).await
    };
    if begun.await.is_ok() {
        let _ = copy_bidirectional(&mut client, &mut target).await;
    }
}

/// The name and the port in the head of a request.
fn target_of(head: &str) -> Result<(String, u16), &'static str> {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (Some("CONNECT"), Some(authority)) = (words.next(), words.next()) else {
        return Err("pinstripe exec: this proxy is for https alone");
    };
    let (name, port) = name_and_port(authority);
    let port = port.and_then(|port| port.parse().ok()).ok_or("pinstripe exec: CONNECT needs a host and a port")?;
    Ok((name.to_owned(), port))
}

/// A connection to a host, and what it has said already: some hosts are the first to speak.
async fn connect(routes: &Routes, name: &str, port: u16) -> io::Result<(TcpStream, Vec<u8>)> {
    let stream = match (is_api_host(name), port) {
        (true, 443) => TcpStream::connect((Ipv4Addr::LOCALHOST, routes.ports.https)).await,
        (true, 80) => TcpStream::connect((Ipv4Addr::LOCALHOST, routes.ports.http)).await,
        (true, _) => Err(io::Error::other("pinstripe exec: the API has no such port")),
        (false, _) => match &routes.upstream {
            Some(upstream) => return upstream.connect(name, port).await,
            None => TcpStream::connect((name, port)).await,
        },
    };
    Ok((stream?, Vec::new()))
}

async fn refuse(mut client: TcpStream, status: &str, reason: &str) {
    let length = reason.len() + 1;
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{reason}\n"
    );
    let _ = client.write_all(answer.as_bytes()).await;
}

/// Reads the head of a message, and returns what came after it as well.
pub(super) async fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let reading = async {
        let mut read = Vec::new();
        loop {
            if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = read.split_off(end + 4);
                return Ok((String::from_utf8_lossy(&read).into_owned(), rest));
            }
            if read.len() > HEAD_BYTES_MAX {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
            if stream.read_buf(&mut read).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
    };
    timeout(Duration::from_secs(HEAD_SECONDS_MAX), reading).await?
}
