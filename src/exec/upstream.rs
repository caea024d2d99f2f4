//! The proxy that the user has already, through which every host but the API's is reached as before.
//!
//! May use: tokio. Invariant: it learns nothing but the address of another host than the API's, and its own credentials.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinstripe::form::decode_text;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::proxy::read_head;

/// A proxy that is spoken to without TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upstream {
    address: String,
    /// The value of `Proxy-Authorization`.
    credentials: Option<String>,
}

impl Upstream {
    /// Reads the value of a variable such as HTTPS_PROXY; `None` for another kind of proxy.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let place = rest.split('/').next().unwrap_or_default();
        let (user, host) = place.rsplit_once('@').map_or((None, place), |(user, host)| (Some(user), host));
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !scheme.eq_ignore_ascii_case("http") || host.is_empty() {
            return None;
        }
        let credentials = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            // A plus is a plus in this part of a URL.
            let decoded = |text: &str| decode_text(&text.replace('+', "%2B"));
            format!("Basic {}", STANDARD.encode(format!("{}:{}", decoded(name), decoded(password))))
        });
        Some(Upstream { address: if has_port { host.to_owned() } else { format!("{host}:80") }, credentials })
    }

    /// A connection to a host, and what the host has said by then.
    pub(super) async fn connect(&self, name: &str, port: u16) -> io::Result<(TcpStream, Vec<u8>)> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let host = if name.contains(':') { format!("[{name}]:{port}") } else { format!("{name}:{port}") };
        let credentials = self.credentials.as_ref().map(|value| format!("Proxy-Authorization: {value}\r\n"));
        let request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{}\r\n", credentials.unwrap_or_default());
        stream.write_all(request.as_bytes()).await?;
        let (head, said) = read_head(&mut stream).await?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        match status.starts_with('2') {
            true => Ok((stream, said)),
            false => Err(io::Error::other(format!("the proxy {} answers {status}", self.address))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Upstream;

    #[test]
    fn an_http_proxy_is_read_with_its_credentials_and_no_other_kind_is() {
        let parsed = |url: &str| Upstream::parse(url).map(|proxy| (proxy.address, proxy.credentials));
        assert_eq!(parsed("http://proxy.corp:3128/"), Some(("proxy.corp:3128".to_owned(), None)));
        assert_eq!(parsed("proxy.corp"), Some(("proxy.corp:80".to_owned(), None)));
        let basic = Some("Basic YWRhOnAgK0A=".to_owned());
        assert_eq!(parsed("HTTP://ada:p%20+%40@[::1]:8080"), Some(("[::1]:8080".to_owned(), basic)));
        for other in ["https://proxy.corp:443", "socks5://proxy.corp:1080", "http://"] {
            assert_eq!(parsed(other), None, "{other}");
        }
    }
}
