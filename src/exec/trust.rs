//! Whom a command's programs trust: whom they would trust anyway, and the authority of this server.
//!
//! May use: files. Invariant: no program loses a certificate that the system or its user trusts; where
//! those are not known, it is told nothing.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::environment::Environment;
use super::folder::PrivateFolder;

/// Where systems keep the certificates that they trust, in one file.
const SYSTEM_ROOTS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Variables that name a file of all trusted certificates.
const ALL_TRUSTED: [&str; 3] = ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"];

/// Variables that name a file of certificates to trust besides a program's own.
const ALSO_TRUSTED: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/// The variables that make programs trust the authority.
#[derive(Debug)]
pub(super) struct Trust {
    /// The authority's certificate alone.
    pub(super) authority: PathBuf,
    pub(super) variables: Vec<(&'static str, OsString)>,
    /// The system's certificates with the authority's; `None` if the system has no such file.
    pub(super) bundle: Option<PathBuf>,
}

impl Trust {
    pub(super) fn new(folder: &PrivateFolder, authority: &str, environment: &Environment) -> io::Result<Self> {
        let with_authority =
            |name: &str, others: &[u8]| folder.write(name, &[others, b"\n", authority.as_bytes()].concat());
        let system = SYSTEM_ROOTS.iter().find_map(|path| fs::read(path).ok());
        let bundle = system.map(|roots| with_authority("roots.pem", &roots)).transpose()?;
        let alone = with_authority("authority.pem", b"")?;
        let own = ALL_TRUSTED.into_iter().map(|name| (name, bundle.as_ref()));
        let mut variables = Vec::new();
        for (name, usual) in own.chain(ALSO_TRUSTED.into_iter().map(|name| (name, Some(&alone)))) {
            // A program whose file cannot be read says so better than this one.
            let kept = environment.get(name).map(fs::read).map(Result::ok);
            let file = match kept {
                None => usual.cloned(),
                Some(None) => None,
                Some(Some(others)) => Some(with_authority(&format!("{name}.pem"), &others)?),
            };
            variables.extend(file.map(|file| (name, file.into_os_string())));
        }
        Ok(Trust { authority: alone, variables, bundle })
    }
}
