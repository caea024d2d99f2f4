//! Which certificate a client is shown: a given one for its names, else one of the local authority.
//!
//! May use: rustls, the certificates. Invariant: a client gets an answer whatever name it asks for; one that leads elsewhere is shown
//! the names that lead here.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{Issuer, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, OtherError, RootCertStore};

use super::certificates::{self, CertifiedName, Material};
use super::{API_HOSTS, AuthorityError, is_api_host};
use crate::entry::SANDBOX_HOST;

/// Certificates of single names that are kept; with one more, they are made anew.
const KEPT_MAX: usize = 1_000;

/// What a client is taken to ask for that says no name.
const UNNAMED: &str = "127.0.0.1";

/// The certificates of a server.
pub(super) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    key: KeyPair,
    provider: Arc<CryptoProvider>,
    given: Option<Arc<CertifiedKey>>,
    common: Arc<CertifiedKey>,
    /// That of the service's hosts, without addresses: some clients refuse a certificate with an address from whoever is constrained
    /// to some addresses.
    service: Arc<CertifiedKey>,
    /// Those of the names of sandboxes: no client takes an asterisk before a name without a dot.
    single: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificates").finish_non_exhaustive()
    }
}

impl Certificates {
    /// The certificates of an authority that may vouch for these names.
    ///
    /// # Errors
    /// The authority cannot vouch for them.
    pub(super) fn new(
        material: &Material,
        names: &[CertifiedName],
        given: Option<Arc<CertifiedKey>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, AuthorityError> {
        let (issuer, key) = (certificates::issuer(&material.key, names)?, KeyPair::generate()?);
        let common = certified(&issuer, &key, certificates::common_names(names), &provider)?;
        check(&material.certificate, &common, &provider)?;
        let service = API_HOSTS.iter().map(|host| (*host).to_owned()).collect();
        let service = certified(&issuer, &key, service, &provider)?;
        Ok(Certificates { issuer, key, provider, given, common, service, single: Mutex::default() })
    }

    fn of_sandbox(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut single = self.single.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = single.get(name) {
            return Some(Arc::clone(known));
        }
        let made = certified(&self.issuer, &self.key, vec![name.to_owned()], &self.provider).ok()?;
        if single.len() >= KEPT_MAX {
            single.clear();
        }
        single.insert(name.to_owned(), Arc::clone(&made));
        Some(made)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name();
        // Clients name no address: whoever names nothing has most likely called this machine's own.
        if let Some(given) = self.given.as_ref().filter(|given| covers(given, name.unwrap_or(UNNAMED))) {
            return Some(Arc::clone(given));
        }
        if name.is_some_and(is_api_host) {
            return Some(Arc::clone(&self.service));
        }
        let sandbox = name.filter(|name| name.to_ascii_lowercase().ends_with(SANDBOX_HOST));
        sandbox.and_then(|name| self.of_sandbox(name)).or_else(|| Some(Arc::clone(&self.common)))
    }
}

/// Whether a certificate is for a name.
fn covers(given: &CertifiedKey, name: &str) -> bool {
    let certificate = given.cert.first().and_then(|first| ParsedCertificate::try_from(first).ok());
    let name = ServerName::try_from(name).ok();
    certificate.zip(name).is_some_and(|(certificate, name)| verify_server_name(&certificate, &name).is_ok())
}

fn certified(
    issuer: &Issuer<'_, KeyPair>,
    key: &KeyPair,
    names: Vec<String>,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, AuthorityError> {
    let certificate = certificates::server(issuer, key, names)?;
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Arc::new(CertifiedKey::from_der(vec![certificate], private, provider)?))
}

/// Checks as a client would that an authority vouches for a certificate.
fn check(authority: &str, shown: &CertifiedKey, provider: &Arc<CryptoProvider>) -> Result<(), Error> {
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Other(OtherError(Arc::from(error)));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).map_err(|error| other(error.into()))?)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let verifier = verifier.map_err(|error| other(error.into()))?;
    let name = ServerName::try_from("localhost").map_err(|error| other(error.into()))?;
    verifier.verify_server_cert(shown.end_entity_cert()?, &[], &name, &[], UnixTime::now()).map(drop)
}
