//! Deliveries to https receivers, whose certificate has to be vouched for.

use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use pinstripe::Config;
use pinstripe::webhooks::settings::{Authorities, Retries};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::client::{self, Client};
use crate::support::flows::{customer, text};
use crate::support::receiver::{self, Hit};
use crate::webhooks::deliveries::{deliveries, wait};

/// An https receiver on a free port: its URL, what it got, and its authority's certificate.
fn secure_receiver() -> (String, Arc<Mutex<Vec<Hit>>>, Authorities) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    let hits = Arc::new(Mutex::new(Vec::new()));
    let got = Arc::clone(&hits);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut reader = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            while let Some(hit) = receiver::read(&mut reader) {
                got.lock().unwrap().push(hit);
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                if reader.get_mut().write_all(answer).and_then(|()| reader.get_mut().flush()).is_err() {
                    break;
                }
            }
        }
    });
    let file = std::env::temp_dir().join(format!("pinstripe-ca-{}-{}.pem", std::process::id(), url.len()));
    std::fs::write(&file, authority.pem()).unwrap();
    let authorities = file.to_str().unwrap().parse().unwrap();
    std::fs::remove_file(file).unwrap();
    (url, hits, authorities)
}

#[test]
fn an_https_receiver_gets_its_deliveries() {
    let (receiver, hits, authorities) = secure_receiver();
    let url = client::start(Config { webhook_ca: Some(authorities), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_tls");
    let made = api.post("/v1/webhook_endpoints", &[("url", &receiver), ("enabled_events[]", "*")]).ok();
    customer(&api, &[]);
    customer(&api, &[]);
    wait(&api);
    let hits = hits.lock().unwrap();
    assert_eq!(hits.len(), 2);
    hits.iter().for_each(|hit| hit.assert_signed(text(&made, "secret")));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (receiver, hits, _) = secure_receiver();
    let url = client::start(Config { webhook_retries: "none".parse::<Retries>().unwrap(), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_tls");
    api.post("/v1/webhook_endpoints", &[("url", &receiver), ("enabled_events[]", "*")]).ok();
    customer(&api, &[]);
    wait(&api);
    assert!(hits.lock().unwrap().is_empty());
    let failed = &deliveries(&api, "?status=failed")[0];
    assert!(text(&failed["attempts"][0], "error").contains("certificate"), "{failed}");
}

#[test]
fn a_file_of_authorities_has_to_hold_certificates() {
    assert!("/nowhere/ca.pem".parse::<Authorities>().is_err());
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    assert!(readme.parse::<Authorities>().is_err());
}
