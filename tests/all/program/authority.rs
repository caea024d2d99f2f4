//! The local authority: made once, kept for its user alone, and good for this machine's names and the service's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use pinstripe::Config;
use pinstripe::tls::{self, Authority, AuthorityPlace, CertifiedName};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::support::process::{command, folder, output};

/// `pinstripe ca` of a user with this home.
fn ca(home: &Path, flags: &[&str]) -> Command {
    let mut ca = command(env!("CARGO_BIN_EXE_pinstripe"));
    ca.args(["ca"]).args(flags).env_remove("PINSTRIPE_CA").env_remove("XDG_DATA_HOME").env("HOME", home);
    ca
}

fn said(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a client that trusts a certificate takes what a server with this configuration shows for a name.
pub(crate) fn is_trusted(trusted: &str, server: Arc<ServerConfig>, name: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = Arc::new(client.with_root_certificates(roots).with_no_client_auth());
    let mut client = ClientConnection::new(client, ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let mut server = ServerConnection::new(server).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        server.read_tls(&mut &*bytes).unwrap();
        let taken = server.process_new_packets().is_ok();
        bytes.clear();
        server.write_tls(&mut bytes).unwrap();
        client.read_tls(&mut &*bytes).unwrap();
        if client.process_new_packets().is_err() || !taken {
            return false;
        }
    }
    true
}

#[test]
fn the_authority_is_made_once_and_its_key_is_for_its_user_alone() {
    let home = folder("ca-once");
    let path = said(ca(&home, &["--path"]).output().unwrap());
    let file = home.join(".local/share/pinstripe/ca/ca.pem");
    assert_eq!(path, format!("{}\n", file.display()));
    let mode = |name: &str| fs::metadata(file.with_file_name(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("ca-key.pem"), 0o600);
    let printed = ca(&home, &[]).output().unwrap();
    let told = format!("pinstripe: the certificate is in {}\n", file.display());
    assert_eq!(String::from_utf8(printed.stderr.clone()).unwrap(), told);
    let printed = said(printed);
    assert_eq!(printed, fs::read_to_string(&file).unwrap());
    assert!(printed.starts_with("-----BEGIN CERTIFICATE-----") && !printed.contains("KEY"));
    let data = home.join("data");
    let elsewhere = said(ca(&home, &["--path"]).env("XDG_DATA_HOME", &data).output().unwrap());
    assert_eq!(elsewhere, format!("{}\n", data.join("pinstripe/ca/ca.pem").display()));
}

#[test]
fn processes_that_start_at_once_have_one_authority() {
    let home = folder("ca-at-once");
    let start = |_| ca(&home, &[]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let started: Vec<_> = (0..8).map(start).collect();
    let mut printed: Vec<String> = started.into_iter().map(|one| said(one.wait_with_output().unwrap())).collect();
    printed.dedup();
    assert_eq!(printed.len(), 1);
    let left: Vec<_> = fs::read_dir(home.join(".local/share/pinstripe")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_named_folder_that_cannot_be_used_is_an_error() {
    let home = folder("ca-nowhere");
    fs::write(home.join("file"), "").unwrap();
    let below = home.join("file/below");
    let config = Config { authority: Some(AuthorityPlace::Folder(below.clone())), ..Config::default() };
    let beginning = format!("the authority cannot be read or made in {}: ", below.join("ca").display());
    let told = Authority::open(&config.authority_settings()).unwrap_err().to_string();
    assert!(told.starts_with(&beginning), "{told}");
    let refused = output(&["--ca", below.to_str().unwrap()]);
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert_eq!(String::from_utf8(refused.stderr).unwrap(), format!("pinstripe: {told}\n"));
    let refused = ca(&home, &["--ca", "memory"]).output().unwrap();
    assert!(!refused.status.success());
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "pinstripe: the authority is kept nowhere (no folder is known); a running server shows its own at /_pinstripe/ca.pem\n"
    );
}

#[test]
fn a_key_that_others_may_use_is_refused_and_nobody_else_may_change_the_folder() {
    let home = folder("ca-open");
    let start = format!("umask 000; exec \"$0\" ca --ca '{}' --path", home.join("new/data").display());
    let path = said(command("sh").args(["-c", &start, env!("CARGO_BIN_EXE_pinstripe")]).output().unwrap());
    let kept = Path::new(path.trim()).parent().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in [kept, kept.parent().unwrap(), &home.join("new")] {
        assert_eq!(mode(folder), 0o755, "{}", folder.display());
    }
    let key = kept.join("ca-key.pem");
    assert_eq!(mode(&key), 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = ca(&home, &["--ca", home.join("new/data").to_str().unwrap()]).output().unwrap();
    let sentence = format!(
        "pinstripe: the authority cannot be read or made in {}: {}: others may use this key (mode 644); chmod 600 makes it private\n",
        kept.display(),
        key.display()
    );
    assert_eq!(String::from_utf8(refused.stderr).unwrap(), sentence);
}

/// Names are constrained for servers alone: mail, code and clients are not to be vouched for at all.
#[test]
fn the_authority_vouches_for_servers_alone() {
    let authority = Authority::in_memory().unwrap();
    let der = CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap();
    // The extension 2.5.29.37 with one purpose, 1.3.6.1.5.5.7.3.1.
    let usage = b"\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
    assert!(der.windows(usage.len()).any(|bytes| bytes == usage), "{}", authority.certificate_pem());
}

#[test]
fn a_name_that_no_certificate_can_bear_is_refused() {
    for name in ["pinstripe", "shop.test", "a-b.c1", "1.example", "10.0.0.5", "::1"] {
        assert!(name.parse::<CertifiedName>().is_ok(), "{name}");
    }
    for name in ["1.2.3", "foo-", "foo-.test", "-foo", "7", "shop.1", "a..b", ""] {
        let told = name.parse::<CertifiedName>().unwrap_err();
        assert_eq!(told, "expected the name of a host, such as pinstripe or stripe.test, or an IP address", "{name}");
    }
}

#[test]
fn a_damaged_authority_is_told_and_not_replaced() {
    let home = folder("ca-damaged");
    said(ca(&home, &[]).output().unwrap());
    let kept = home.join(".local/share/pinstripe/ca");
    fs::write(kept.join("ca-key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let refused = ca(&home, &[]).output().unwrap();
    assert!(!refused.status.success());
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.starts_with(&format!("pinstripe: the authority in {} cannot be used: ", kept.display())), "{told}");
    assert!(told.ends_with("; without that folder, another one is made\n"), "{told}");
}

#[test]
fn the_authority_vouches_for_this_machine_and_the_hosts_of_the_service() {
    let authority = Authority::in_memory().unwrap();
    let trusted = |name: &str| is_trusted(authority.certificate_pem(), authority.server_config(), name);
    for name in tls::API_HOSTS.iter().chain(&["localhost", "127.0.0.1", "::1", "worker-1.localhost"]) {
        assert!(trusted(name), "{name}");
    }
    for name in ["example.com", "stripe.com.example.com", "192.168.0.1"] {
        assert!(!trusted(name), "{name}");
    }
    assert!(tls::is_api_host("API.stripe.com") && !tls::is_api_host("stripe.com.example"));
}

#[test]
fn a_name_that_is_given_is_vouched_for_by_an_authority_of_its_own() {
    let home = folder("ca-names");
    let place = Some(AuthorityPlace::Folder(home));
    let names = |names: &[&str]| Config {
        authority: place.clone(),
        https_names: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..Config::default()
    };
    let open = |given: &[&str]| Authority::open(&names(given).authority_settings()).unwrap();
    let (plain, one, again) = (open(&[]), open(&["Pinstripe", "10.0.0.5"]), open(&["10.0.0.5", "pinstripe"]));
    assert_eq!(one.certificate_pem(), again.certificate_pem());
    assert_ne!(one.certificate_pem(), plain.certificate_pem());
    for name in ["pinstripe", "10.0.0.5", "localhost"] {
        assert!(is_trusted(one.certificate_pem(), again.server_config(), name), "{name}");
    }
    assert!(!is_trusted(plain.certificate_pem(), plain.server_config(), "pinstripe"));
    let wrong = ca(&folder("ca-wrong-name"), &["--https-name", "a b"]).output().unwrap();
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(told.contains("expected the name of a host, such as pinstripe or stripe.test, or an IP address"), "{told}");
}

/// What the key could sign beyond that is worth nothing: its certificate names what it may vouch for.
#[test]
fn a_stolen_key_vouches_for_no_other_name() {
    let home = folder("ca-stolen");
    let config = Config { authority: Some(AuthorityPlace::Folder(home)), ..Config::default() };
    let authority = Authority::open(&config.authority_settings()).unwrap();
    let certificate = fs::read(authority.file().unwrap()).unwrap();
    let stolen = fs::read_to_string(authority.file().unwrap().with_file_name("ca-key.pem")).unwrap();
    for (name, taken) in [("localhost", true), ("evil.example", false), ("10.0.0.5", false)] {
        let server = forged(&certificate, &stolen, name);
        assert_eq!(is_trusted(authority.certificate_pem(), server, name), taken, "{name}");
    }
}

/// A server with a certificate for a name, signed by the authority's key.
fn forged(authority: &[u8], key: &str, name: &str) -> Arc<ServerConfig> {
    let der = CertificateDer::from_pem_slice(authority).unwrap();
    let mark = String::from_utf8_lossy(&der).split("Pinstripe local authority ").nth(1).unwrap()[..8].to_owned();
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = rcgen::DistinguishedName::new();
    issuer.distinguished_name.push(rcgen::DnType::CommonName, format!("Pinstripe local authority {mark}"));
    let issuer = rcgen::Issuer::new(issuer, KeyPair::from_pem(key).unwrap());
    let own = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let private = rustls::pki_types::PrivatePkcs8KeyDer::from(own.serialize_der());
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private.into());
    Arc::new(config.unwrap())
}

#[test]
fn a_certificate_of_your_own_is_shown_for_its_names() {
    let files = folder("ca-own");
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["shop.test".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    let (certificate, private) = (files.join("own.pem"), files.join("own-key.pem"));
    fs::write(&certificate, &own).unwrap();
    fs::write(&private, key.serialize_pem()).unwrap();
    let with = |key: Option<_>| {
        let https_certificate = Some(certificate.clone());
        Authority::open(&Config { https_certificate, https_key: key, ..Config::default() }.authority_settings())
    };
    let authority = with(Some(private)).unwrap();
    assert!(is_trusted(&own, authority.server_config(), "shop.test"));
    // A client that calls an address says no name.
    for name in ["api.stripe.com", "localhost", "127.0.0.1"] {
        assert!(is_trusted(authority.certificate_pem(), authority.server_config(), name), "{name}");
    }
    let half = with(None).unwrap_err().to_string();
    assert_eq!(half, "--https-certificate and --https-key are given together");
    let unmatched = files.join("other.pem");
    fs::write(&unmatched, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let beginning = format!("the certificate in {} cannot be used with the key in", certificate.display());
    assert!(with(Some(unmatched)).unwrap_err().to_string().starts_with(&beginning));
    assert!(with(Some(files.join("none.pem"))).unwrap_err().to_string().contains("none.pem: "));
}
