//! HTTPS: a local authority, which is made once and kept, and the certificates that it vouches for.
//!
//! May use: rcgen, rustls, files. Invariant: the authority's key leaves its file for nobody but this module, and what the authority
//! vouches for leads to this machine, to the service's own names, or to a name that was given.

mod certificates;
mod resolver;
mod store;

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

pub use self::certificates::CertifiedName;
use self::certificates::Material;
use self::resolver::Certificates;
use self::store::Unkept;

/// The hosts of the service: what its API, its scripts and its pages stand on.
pub const API_HOSTS: &[&str] = &[
    "api.stripe.com",
    "auth.stripe.com",
    "billing.stripe.com",
    "buy.stripe.com",
    "checkout.stripe.com",
    "connect.stripe.com",
    "connect-js.stripe.com",
    "dashboard.stripe.com",
    "files.stripe.com",
    "hooks.stripe.com",
    "invoice.stripe.com",
    "js.stripe.com",
    "mcp.stripe.com",
    "meter-events.stripe.com",
    "pay.stripe.com",
    "payments.stripe.com",
    "qr.stripe.com",
    "verify.stripe.com",
    "m.stripe.network",
];

/// Whether a name is one of the service's hosts, in which case does not count.
pub fn is_api_host(name: &str) -> bool {
    API_HOSTS.iter().any(|host| host.eq_ignore_ascii_case(name))
}

/// Where the authority is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityPlace {
    /// In a folder of the user's data: `pinstripe` in `XDG_DATA_HOME` or `~/.local/share`.
    User,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere: another one at each start.
    Memory,
}

impl FromStr for AuthorityPlace {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "memory" { AuthorityPlace::Memory } else { AuthorityPlace::Folder(text.into()) })
    }
}

/// Which authority a server has, and for which names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySettings {
    /// Where it is kept.
    pub place: AuthorityPlace,
    /// The names and addresses besides those that it always vouches for.
    pub names: Vec<CertifiedName>,
    /// The file of a certificate that is shown for the names in it.
    pub certificate: Option<PathBuf>,
    /// The file of that certificate's key.
    pub key: Option<PathBuf>,
}

/// Why there is no authority, or no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// What is kept is damaged, or from somebody else.
    #[error("the authority in {} cannot be used: {reason}; without that folder, another one is made", folder.display())]
    Kept {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be kept where it should be.
    #[error("the authority cannot be read or made in {}: {source}", folder.display())]
    Unkept {
        /// Its folder.
        folder: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A certificate cannot be made.
    #[error("no certificate can be made: {0}")]
    Unmade(#[from] rcgen::Error),
    /// What was made cannot be used.
    #[error("no certificate can be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// A given certificate or key cannot be read.
    #[error("{}: {source}", path.display())]
    Unread {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: PemError,
    },
    /// A given certificate and a given key do not belong together.
    #[error("the certificate in {} cannot be used with the key in {}: {source}", certificate.display(), key.display())]
    Unmatched {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },
    /// One of both is not given.
    #[error("--https-certificate and --https-key are given together")]
    Half,
}

/// The local authority, with what https needs of it.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    file: Option<PathBuf>,
    unkept: Option<AuthorityError>,
    server: Arc<ServerConfig>,
}

impl Authority {
    /// The authority that is asked for, which is made if it is not there yet. Where nobody has named a folder and it cannot be kept in
    /// the user's, it lives in memory: https, which nobody has asked for, stops no server.
    ///
    /// # Errors
    /// What is kept or given cannot be used.
    pub fn open(settings: &AuthoritySettings) -> Result<Self, AuthorityError> {
        let given = given(settings)?;
        let names = &*settings.names;
        let in_memory = |given| Authority::of(Material::new(names)?, names, given);
        match &settings.place {
            AuthorityPlace::Memory => in_memory(given),
            AuthorityPlace::Folder(folder) => Authority::kept(store::folder(folder, names), names, given),
            AuthorityPlace::User => {
                let Some(folder) = user_folder() else { return in_memory(given) };
                Authority::kept(store::folder(&folder, names), names, given.clone())
                    .or_else(|unkept| Ok(Authority { unkept: Some(unkept), ..in_memory(given)? }))
            }
        }
    }

    /// The authority in a folder, which is made if it is not there yet.
    fn kept(
        folder: PathBuf,
        names: &[CertifiedName],
        given: Option<Arc<CertifiedKey>>,
    ) -> Result<Self, AuthorityError> {
        let material = match store::keep(&folder, || Material::new(names)) {
            Ok(material) => material,
            Err(Unkept::Unmade(error)) => return Err(error.into()),
            Err(Unkept::Impossible(source)) => return Err(AuthorityError::Unkept { folder, source }),
        };
        match Authority::of(material, names, given) {
            Ok(opened) => Ok(Authority { file: Some(folder.join(store::CERTIFICATE)), ..opened }),
            Err(error) => Err(AuthorityError::Kept { folder, reason: error.to_string() }),
        }
    }

    /// An authority that nobody knows yet, and that is kept nowhere.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn in_memory() -> Result<Self, AuthorityError> {
        Authority::of(Material::new(&[])?, &[], None)
    }

    fn of(
        material: Material,
        names: &[CertifiedName],
        given: Option<Arc<CertifiedKey>>,
    ) -> Result<Self, AuthorityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificates = Certificates::new(&material, names, given, Arc::clone(&provider))?;
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut server = server.with_no_client_auth().with_cert_resolver(Arc::new(certificates));
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Authority { certificate: material.certificate, file: None, unkept: None, server: Arc::new(server) })
    }

    /// Its certificate, which a client has to trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// The file of its certificate; `None` if it lives in memory.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Why it lives in memory although it should be kept.
    pub fn unkept(&self) -> Option<&AuthorityError> {
        self.unkept.as_ref()
    }

    /// How a server speaks TLS with certificates of this authority: HTTP/2 or HTTP/1.1.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

/// The folder of a user's data.
fn user_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))?;
    Some(data.join("pinstripe"))
}

/// The given certificate with its key, if there is one.
fn given(settings: &AuthoritySettings) -> Result<Option<Arc<CertifiedKey>>, AuthorityError> {
    let (certificate, key) = match (&settings.certificate, &settings.key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        _ => return Err(AuthorityError::Half),
    };
    let unread = |path: &PathBuf| {
        let path = path.clone();
        move |source| AuthorityError::Unread { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(unread(certificate))?;
    if chain.is_empty() {
        return Err(unread(certificate)(PemError::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let provider: CryptoProvider = rustls::crypto::ring::default_provider();
    let unmatched = |source| AuthorityError::Unmatched { certificate: certificate.clone(), key: key.clone(), source };
    Ok(Some(Arc::new(CertifiedKey::from_der(chain, private, &provider).map_err(unmatched)?)))
}
