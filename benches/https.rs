//! `GET /v1/customers/:id` over https against http, on kept connections of one server.
//!
//! The load generator pays for its own half of the encryption on the same processors, so the ratio of what clients on another machine
//! would see is higher.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Fallible;
use crate::compare::median;
use crate::http::{Call, Client, excerpt, parse_head};
use crate::process::{Server, Stderr, free_port};
use crate::report::{Report, Target};
use crate::settings::Settings;

const SANDBOX: &str = "https";

/// Rounds of http and https in turn, and the median of their ratios.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let port = free_port()?;
    let flags = ["--log", "off", "--https-port", &port.to_string()];
    let server = Server::pinstripe(settings, &flags, Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    let customer = client.id_of(&Call::post(SANDBOX, "/v1/customers", "email=ada@example.com"))?;
    let trusted = trusting(&client.expect_200(&Call::get(SANDBOX, "/_pinstripe/ca.pem"))?.body)?;
    let secure = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let request = Call::get(SANDBOX, format!("/v1/customers/{customer}")).to_bytes(server.address);
    let plain = || Ok(TcpStream::connect(server.address)?);
    let encrypted = || {
        let connection = ClientConnection::new(Arc::clone(&trusted), ServerName::try_from("localhost")?)?;
        Ok(StreamOwned::new(connection, TcpStream::connect(secure)?))
    };
    let mut ratios = Vec::new();
    for _ in 0..settings.rounds {
        let by_http = rate(settings, &plain, &request)?;
        let by_https = rate(settings, &encrypted, &request)?;
        eprintln!("  http {by_http:.0}/s, https {by_https:.0}/s");
        ratios.push(by_https / by_http);
    }
    let detail = format!("{} rounds, {} connections", settings.rounds, settings.connections);
    report.figure("retrieve a customer: https / http", median(&ratios), "", &detail, Target::AtLeast(0.6));
    Ok(())
}

fn trusting(pem: &str) -> Fallible<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Requests a second on kept connections, each of which waits for its answer before it asks again.
fn rate<S: Read + Write>(
    settings: &Settings,
    connect: &(impl Fn() -> Fallible<S> + Sync),
    request: &[u8],
) -> Fallible<f64> {
    let counts: Vec<Fallible<f64>> = std::thread::scope(|scope| {
        let ask = || ask(connect()?, request, settings.round);
        let threads: Vec<_> = (0..settings.connections).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into()))).collect()
    });
    counts.into_iter().sum()
}

fn ask(mut stream: impl Read + Write, request: &[u8], time: Duration) -> Fallible<f64> {
    let mut chunk = [0; 16 * 1024];
    // The handshake is not part of the time.
    let mut begun = None;
    let mut answered = 0.0;
    while begun.is_none_or(|begun: Instant| begun.elapsed() < time) {
        stream.write_all(request)?;
        stream.flush()?;
        let mut bytes = Vec::new();
        while parse_head(&bytes)?.is_none_or(|head| bytes.len() < head.total) {
            let count = stream.read(&mut chunk)?;
            if count == 0 {
                return Err(format!("connection closed after: {}", excerpt(&bytes)).into());
            }
            bytes.extend_from_slice(&chunk[..count]);
        }
        match begun {
            None => begun = Some(Instant::now()),
            Some(_) => answered += 1.0,
        }
    }
    Ok(answered / time.as_secs_f64())
}
