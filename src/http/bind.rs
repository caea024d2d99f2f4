//! The addresses of a server: both loopback addresses by default.
//!
//! May use: tokio. Invariant: all addresses of a server have the same port, and nobody can connect before
//! [`Addresses::listen`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// Bound addresses, at which nobody listens yet.
#[derive(Debug)]
pub struct Addresses {
    sockets: Vec<TcpSocket>,
    bound: Vec<SocketAddr>,
}

impl Addresses {
    /// Binds `host`, or both loopback addresses if it is `None`; Node resolves `localhost` to either. Port 0 picks a
    /// free port.
    ///
    /// # Errors
    /// The address cannot be bound. On a machine without IPv6, only IPv4 is bound.
    pub fn bind(host: Option<IpAddr>, port: u16) -> io::Result<Self> {
        let first = match host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)) {
            // The image listens on every address, and must start on a kernel without IPv6, too.
            any if any == Ipv6Addr::UNSPECIFIED => match bind(any, port) {
                Err(error) if error.kind() != io::ErrorKind::AddrInUse => bind(Ipv4Addr::UNSPECIFIED.into(), port),
                bound => bound,
            },
            host => bind(host, port),
        };
        let mut sockets = vec![first?];
        let port = sockets[0].local_addr()?.port();
        if host.is_none() {
            match bind(Ipv6Addr::LOCALHOST.into(), port) {
                Ok(second) => sockets.push(second),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
                Err(error) => tracing::debug!(%error, "not listening on [::1]"),
            }
        }
        let bound = sockets.iter().map(TcpSocket::local_addr).collect::<io::Result<_>>()?;
        Ok(Addresses { sockets, bound })
    }

    /// The addresses, as URLs with a scheme; the first is the preferred one.
    pub fn urls(&self, scheme: &str) -> Vec<String> {
        let url = |address: &SocketAddr| match address.ip() {
            ip if ip.is_unspecified() => format!("{scheme}://127.0.0.1:{}", address.port()),
            _ => format!("{scheme}://{address}"),
        };
        self.bound.iter().map(url).collect()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.bound.first().map_or(0, SocketAddr::port)
    }

    /// Lets clients connect.
    ///
    /// # Errors
    /// The system refuses: another process has begun to listen there since.
    pub fn listen(self) -> io::Result<Vec<TcpListener>> {
        self.sockets.into_iter().map(|socket| socket.listen(BACKLOG)).collect()
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<TcpSocket> {
    let socket = if ip.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections of a former server, which end slowly, do not hold the port.
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::new(ip, port))?;
    Ok(socket)
}
