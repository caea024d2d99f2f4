//! HTTPS: the same server in HTTP/1.1 and HTTP/2, with the same limits.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use pinstripe::config::{HttpsPort, Patience};
use pinstripe::{Config, Server};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::client::raw;
use crate::support::flows::text;

/// A server with https on a free port.
async fn server(config: Config) -> Server {
    Server::start(Config { https_port: HttpsPort::At(0), ..config }).await.unwrap()
}

fn address(url: &str) -> &str {
    url.split_once("://").unwrap().1
}

/// A TLS connection for a name to a server, whose authority is trusted, in a protocol.
async fn connect(server: &Server, name: &str, protocol: &[u8]) -> TlsStream<tokio::net::TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificate = server.authority().unwrap().certificate_pem();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut client = client.with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![protocol.to_vec()];
    let stream = tokio::net::TcpStream::connect(address(server.https_url().unwrap())).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
    stream
}

/// A client in HTTP/2.
async fn in_http2(server: &Server, name: &str) -> http2::SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(connect(server, name, b"h2").await);
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(method: &str, url: &str, body: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(url).header("Authorization", "Bearer sk_test_sandbox_tls");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    request.body(Full::from(body.to_owned())).unwrap()
}

async fn body(answer: Response<Incoming>) -> Value {
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

/// A form that begins a Checkout Session, whose URL is a link to this server.
const SESSION: &str = "mode=setup&currency=usd&success_url=https://shop.example";

#[tokio::test]
async fn https_speaks_http_1_and_links_lead_to_https() {
    let server = server(Config::default()).await;
    let stream = TokioIo::new(connect(&server, "localhost", b"http/1.1").await);
    let (mut client, connection) = http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..2 {
        let mut begun = request("POST", "/v1/checkout/sessions", SESSION);
        begun.headers_mut().insert(HOST, "localhost:12112".parse().unwrap());
        // What only the server itself notes is dropped from what a client sends.
        begun.headers_mut().insert("pinstripe-entry", "gopher".parse().unwrap());
        let answer = client.send_request(begun).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_11));
        let session = body(answer).await;
        assert!(text(&session, "url").starts_with("https://localhost:12112/c/pay/"), "{session}");
    }
    let url = server.url().to_owned();
    let plain = tokio::task::spawn_blocking(move || {
        let headers = [("Authorization", "Bearer sk_test_1"), ("pinstripe-entry", "https"), ("Connection", "close")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let form = Some(("application/x-www-form-urlencoded", SESSION.as_bytes()));
        raw(&url, "POST", "/v1/checkout/sessions", &headers, form).ok()
    });
    let plain = plain.await.unwrap();
    assert!(text(&plain, "url").starts_with(&format!("{}/c/pay/", server.url())), "{plain}");
}

#[tokio::test]
async fn http_2_takes_its_authority_for_the_host() {
    let server = server(Config::default()).await;
    let mut client = in_http2(&server, "tls.localhost").await;
    for (host, own) in [
        ("localhost:12112", "https://localhost:12112/"),
        ("tls.localhost:7", "https://tls.localhost:7/"),
        ("api.stripe.com", "https://checkout.stripe.com/"),
    ] {
        let begun = request("POST", &format!("https://{host}/v1/checkout/sessions"), SESSION);
        let answer = client.send_request(begun).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
        let session = body(answer).await;
        assert!(text(&session, "url").starts_with(&format!("{own}c/pay/")), "{session}");
    }
    // A page and a call of the control API are guarded by the same name.
    for (url, status) in [
        ("https://localhost:12112/_pinstripe/clock", StatusCode::OK),
        ("https://api.stripe.com/_pinstripe/clock", StatusCode::FORBIDDEN),
        ("https://localhost:12112/v1/customers?limit=1", StatusCode::OK),
    ] {
        let answer = client.send_request(request("GET", url, "")).await.unwrap();
        assert_eq!(answer.status(), status, "{url}");
    }
}

#[tokio::test]
async fn http_2_answers_many_requests_at_the_same_time() {
    let server = server(Config::default()).await;
    let client = in_http2(&server, "localhost").await;
    let wait = format!("{}/_pinstripe/webhooks/wait?sandbox=tls&timeout=5", server.https_url().unwrap());
    let url = format!("{}/v1/customers", server.https_url().unwrap());
    let mut waiting = client.clone();
    let waiting = tokio::spawn(async move { waiting.send_request(request("POST", &wait, "")).await });
    // More than may be open at once: the rest waits for its turn.
    let asked = (0..300).map(|n| {
        let (mut client, url) = (client.clone(), url.clone());
        tokio::spawn(async move {
            client.ready().await.unwrap();
            body(client.send_request(request("POST", &url, &format!("name=c{n}"))).await.unwrap()).await
        })
    });
    for (n, answer) in asked.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(answer.await.unwrap()["name"], format!("c{n}"));
    }
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_handshake_and_a_request_are_waited_for_only_so_long() {
    let short = Duration::from_millis(400);
    let patience = Patience { header: short, body: short, answer: short, half_open: 512 };
    let server = server(Config { patience, ..Config::default() }).await;
    let address = address(server.https_url().unwrap()).to_owned();
    // Neither half a handshake nor what is no handshake at all holds a connection.
    for sent in [&b""[..], b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"] {
        let address = address.clone();
        let ended = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(sent).unwrap();
            let begun = Instant::now();
            let _ = stream.read_to_end(&mut Vec::new());
            begun.elapsed()
        });
        assert!(ended.await.unwrap() < short * 10);
    }
    // A client of HTTP/2 that has asked once may wait for ever with its next request.
    let mut client = in_http2(&server, "localhost").await;
    let url = format!("{}/healthz", server.https_url().unwrap());
    for _ in 0..2 {
        assert_eq!(client.send_request(request("GET", &url, "")).await.unwrap().status(), StatusCode::OK);
        tokio::time::sleep(short * 3).await;
    }
    // One that takes no answer may not: its window is full, and nothing else is computed on the connection.
    let many = format!("{}/_pinstripe/coverage", server.https_url().unwrap());
    let stream = TokioIo::new(connect(&server, "localhost", b"h2").await);
    let mut narrow = http2::Builder::new(TokioExecutor::new());
    narrow.initial_stream_window_size(1_000).initial_connection_window_size(1_000);
    let (mut client, connection) = narrow.handshake::<_, Full<Bytes>>(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let unread = client.send_request(request("GET", &many, "")).await.unwrap();
    let ended = tokio::time::timeout(short * 20, connection).await;
    drop(unread);
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn of_two_answers_one_that_is_read_makes_up_for_no_other() {
    let short = Duration::from_millis(400);
    let patience = Patience { header: short, body: short, answer: short, half_open: 512 };
    let server = server(Config { patience, ..Config::default() }).await;
    let many = format!("{}/_pinstripe/coverage", server.https_url().unwrap());
    let stream = TokioIo::new(connect(&server, "localhost", b"h2").await);
    let mut narrow = http2::Builder::new(TokioExecutor::new());
    narrow.initial_stream_window_size(1_000).initial_connection_window_size(1 << 20);
    let (mut client, connection) = narrow.handshake::<_, Full<Bytes>>(stream).await.unwrap();
    tokio::spawn(connection);
    let unread = client.send_request(request("GET", &many, "")).await.unwrap();
    let mut read = client.send_request(request("GET", &many, "")).await.unwrap().into_body();
    let begun = Instant::now();
    while let Some(Ok(_)) = read.frame().await {
        assert!(begun.elapsed() < short * 20, "the connection is still open");
        tokio::time::sleep(short / 8).await;
    }
    assert!(!read.is_end_stream(), "the answer was read whole");
    drop(unread);
}

#[tokio::test]
async fn a_stop_ends_connections_of_http_2_as_well() {
    let server = server(Config::default()).await;
    let mut client = in_http2(&server, "localhost").await;
    let url = format!("{}/_pinstripe/webhooks/wait?sandbox=tls&timeout=60", server.https_url().unwrap());
    let made = format!("{}/v1/webhook_endpoints", server.https_url().unwrap());
    let form = "url=http://127.0.0.1:9/&enabled_events[]=*";
    assert_eq!(client.send_request(request("POST", &made, form)).await.unwrap().status(), StatusCode::OK);
    let customer = made.replace("webhook_endpoints", "customers");
    assert_eq!(client.send_request(request("POST", &customer, "")).await.unwrap().status(), StatusCode::OK);
    let waiting = tokio::spawn(async move { client.send_request(request("POST", &url, "")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    server.stop().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn the_certificate_is_given_and_the_key_is_not() {
    let server = server(Config::default()).await;
    let mut client = in_http2(&server, "127.0.0.1").await;
    let given = format!("{}/_pinstripe/ca.pem", server.https_url().unwrap());
    let answer = client.send_request(request("GET", &given, "")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-pem-file");
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(bytes, server.authority().unwrap().certificate_pem());
    assert!(!String::from_utf8_lossy(&bytes).contains("KEY"));
    let url = Server::start(Config::default()).await.unwrap();
    assert_eq!((url.https_url(), url.authority().is_none()), (None, true));
    let refused = tokio::task::spawn_blocking(move || {
        let close = [("Connection".to_owned(), "close".to_owned())];
        raw(url.url(), "GET", "/_pinstripe/ca.pem", &close, None)
    });
    let refused = refused.await.unwrap();
    assert_eq!(refused.status, 404);
    let sentence = "There is no certificate, because this server does not listen for https.";
    assert!(refused.text.contains(sentence), "{}", refused.text);
}
