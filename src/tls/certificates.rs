//! What certificates say: the authority's own, with the names that it may vouch for, and those of servers.
//!
//! May use: rcgen, the calendar of jiff. Invariant: an authority's certificate follows from its key and the given names, but for its
//! dates and its signature, so that the key alone is what it needs to vouch.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::API_HOSTS;

/// The domains within which the authority may vouch for every name, besides the given ones.
const DOMAINS: [&str; 3] = ["localhost", "stripe.com", "stripe.network"];

/// For how long an authority is valid: nobody likes to trust one anew.
const AUTHORITY_YEARS: i64 = 10;

/// For how long a server's certificate is valid: browsers take none that is valid for longer than 398 days.
const SERVER_DAYS: i64 = 397;

/// A name or an address of this server, given by its user, for which it has certificates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertifiedName(String);

impl CertifiedName {
    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CertifiedName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| {
            let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let is_bounded = !word.starts_with('-') && !word.ends_with('-');
            !word.is_empty() && word.len() <= 63 && is_bounded && word.bytes().all(is_inner)
        };
        // What ends in a number is an address, or nothing.
        let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        let is_name =
            text.len() <= 253 && text.split('.').all(is_word) && !text.rsplit('.').next().is_some_and(is_number);
        match text.parse::<IpAddr>().is_ok() || is_name {
            true => Ok(CertifiedName(text.to_ascii_lowercase())),
            false => Err("expected the name of a host, such as pinstripe or stripe.test, or an IP address".to_owned()),
        }
    }
}

/// What an authority consists of, as PEM.
pub(super) struct Material {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Material {
    /// A new authority, which may also vouch for these names.
    pub(super) fn new(names: &[CertifiedName]) -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let mut params = authority(&key, names)?;
        begin_yesterday(&mut params, Span::new().years(AUTHORITY_YEARS));
        params.serial_number = Some(serial());
        Ok(Material { certificate: params.self_signed(&key)?.pem(), key: key.serialize_pem() })
    }
}

/// What vouches for servers.
pub(super) fn issuer(key: &str, names: &[CertifiedName]) -> Result<Issuer<'static, KeyPair>, Error> {
    let key = KeyPair::from_pem(key)?;
    Ok(Issuer::new(authority(&key, names)?, key))
}

/// A server's certificate for these names and addresses.
pub(super) fn server(
    issuer: &Issuer<'_, KeyPair>,
    key: &KeyPair,
    names: Vec<String>,
) -> Result<CertificateDer<'static>, Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = name("Pinstripe".to_owned());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(serial());
    begin_yesterday(&mut params, Span::new().days(SERVER_DAYS));
    Ok(params.signed_by(key, issuer)?.der().clone())
}

/// The names and addresses of every server.
pub(super) fn common_names(given: &[CertifiedName]) -> Vec<String> {
    let own = ["localhost", "127.0.0.1", "::1"];
    let given = given.iter().map(CertifiedName::as_str);
    own.into_iter().chain(API_HOSTS.iter().copied()).chain(given).map(str::to_owned).collect()
}

/// An authority without its dates. Two authorities have different names, so that no client takes one for the other.
fn authority(key: &KeyPair, names: &[CertifiedName]) -> Result<CertificateParams, Error> {
    let mark: String = Sha256::digest(key.public_key_raw()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = name(format!("Pinstripe local authority {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Names are constrained for servers alone: what is signed for mail, for code or for a client has others.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let loopback = [
        CidrSubnet::from_addr_prefix(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
        CidrSubnet::from_addr_prefix(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    ];
    let domains = DOMAINS.into_iter().map(|domain| GeneralSubtree::DnsName(domain.to_owned()));
    let own = domains.chain(loopback.map(GeneralSubtree::IpAddress));
    let given = names.iter().map(|name| match name.as_str().parse::<IpAddr>() {
        Ok(ip) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(ip, if ip.is_ipv4() { 32 } else { 128 })),
        Err(_) => GeneralSubtree::DnsName(name.as_str().to_owned()),
    });
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: own.chain(given).collect(), excluded_subtrees: Vec::new() });
    Ok(params)
}

fn name(common: String) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// Makes a certificate valid from yesterday on, because clocks differ, and for a time from now.
fn begin_yesterday(params: &mut CertificateParams, span: Span) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let midnight = |date: Date| {
        let positive = |part: i8| u8::try_from(part).unwrap_or(1);
        date_time_ymd(date.year().into(), positive(date.month()), positive(date.day()))
    };
    params.not_before = midnight(today.saturating_sub(Span::new().days(1)));
    params.not_after = midnight(today.saturating_add(span));
}

/// A number that no other certificate has.
fn serial() -> SerialNumber {
    SerialNumber::from_slice(Uuid::new_v4().as_bytes())
}
