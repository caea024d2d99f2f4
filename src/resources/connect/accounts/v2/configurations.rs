//! The configurations of an account: what it is to the platform, and the capabilities of each (billing 6.1).
//!
//! May use: the account's facts, the catalogue's shapes. Invariant: which configurations an account has follows from what was
//! told under `/v2` and from the capabilities that it requested under either namespace.

use super::super::requirements::{Facts, Rules};
use super::super::{Account, capabilities::CapabilityStatus};
use crate::countries;
use crate::object::template;
use crate::state::Kind;
use crate::state::document::{Doc, Map};

crate::values! {
    /// What an account is to the platform.
    pub(super) enum Configuration {
        Customer = "customer",
        Merchant = "merchant",
        Recipient = "recipient",
    }
}

/// All of them, in the order of the answers.
pub(super) const ALL: [Configuration; 3] = [Configuration::Customer, Configuration::Merchant, Configuration::Recipient];

/// What the facts of the second namespace call the configurations that were told.
pub(super) const TOLD: &str = "applied";

/// The capability that receives transfers, under `/v1`.
pub(super) const TRANSFERS: &str = "transfers";

/// The one capability of a merchant with another name in each namespace: under `/v2`, and under `/v1`.
const RENAMED: (&str, &str) = ("ach_debit_payments", "us_bank_account_ach_payments");

/// The name under `/v1` of a merchant's capability.
pub(super) fn first_name(capability: &str) -> &str {
    if capability == RENAMED.0 { RENAMED.1 } else { capability }
}

/// The name under `/v2` of a capability, if a merchant has it there.
pub(super) fn merchants_name(capability: &str) -> Option<&str> {
    let name = if capability == RENAMED.1 { RENAMED.0 } else { capability };
    let known = template::fields_at(KIND, &["configuration", "merchant", "capabilities"]);
    crate::catalogue::field(known, name).map(|_| name)
}

const KIND: Kind = super::KIND;

fn requested(account: &Account) -> impl Iterator<Item = (&str, CapabilityStatus)> {
    let all = account.rest.map("capabilities").into_iter().flat_map(Map::iter);
    all.map(|(name, status)| {
        let status = status.as_str().and_then(CapabilityStatus::parse);
        (name, status.unwrap_or(CapabilityStatus::Inactive))
    })
}

/// Whether an account has a configuration.
pub(super) fn is_applied(account: &Account, configuration: Configuration) -> bool {
    let told = account.v2.map(TOLD);
    let is_told = told.and_then(|told| told.bool(configuration.as_str())) == Some(true);
    let receives = requested(account).any(|(name, _)| name == TRANSFERS);
    let charges = requested(account).any(|(name, _)| merchants_name(name).is_some());
    let is_recipients = Facts::of(account).rules() == Rules::Recipient;
    is_told
        || match configuration {
            Configuration::Customer => false,
            Configuration::Merchant => charges || (told.is_none() && !receives && !is_recipients),
            Configuration::Recipient => receives || (told.is_none() && is_recipients),
        }
}

/// The configurations that an account has.
pub(super) fn applied(account: &Account) -> Vec<Configuration> {
    ALL.into_iter().filter(|configuration| is_applied(account, *configuration)).collect()
}

/// Whether an account may be a merchant: unless its configurations were told, and that of a merchant is not among them.
pub(super) fn may_be_merchant(account: &Account) -> bool {
    account.v2.map(TOLD).is_none() || is_applied(account, Configuration::Merchant)
}

/// Whether somebody is responsible for an account: only for one that charges or receives.
pub(super) fn is_decided(account: &Account) -> bool {
    [Configuration::Merchant, Configuration::Recipient].into_iter().any(|one| is_applied(account, one))
}

/// The service agreement that follows from the configurations, if it is not the one that the account has: somebody abroad who
/// only receives agrees to that of recipients.
pub(super) fn agreement(account: &Account) -> Option<&'static str> {
    let facts = Facts::of(account);
    let charges = is_applied(account, Configuration::Merchant);
    match facts.rules() {
        Rules::Full if !charges && is_applied(account, Configuration::Recipient) => {
            (facts.country() != countries::DEFAULT).then_some("recipient")
        }
        Rules::Recipient if charges => Some("full"),
        Rules::Full | Rules::Recipient | Rules::Collected => None,
    }
}

/// The capabilities of a configuration, by their paths under `/v2`, each with its status.
pub(super) fn capabilities(account: &Account, configuration: Configuration) -> Vec<(String, Map)> {
    let shown = |status| shown(account, status);
    let payouts = ("stripe_balance.payouts".to_owned(), shown(payouts(account)));
    let mut all: Vec<(String, Map)> = match configuration {
        Configuration::Customer => Vec::new(),
        Configuration::Merchant => requested(account)
            .filter_map(|(name, status)| Some((merchants_name(name)?.to_owned(), shown(status))))
            .collect(),
        Configuration::Recipient => requested(account)
            .filter(|(name, _)| *name == TRANSFERS)
            .map(|(_, status)| ("stripe_balance.stripe_transfers".to_owned(), shown(status)))
            .collect(),
    };
    if !all.is_empty() {
        all.push(payouts);
    }
    all
}

/// Whether the account is paid out, as the status of a capability.
fn payouts(account: &Account) -> CapabilityStatus {
    let waits = |list| !listed(account, list).is_empty();
    match account.rest.bool("payouts_enabled") {
        Some(true) => CapabilityStatus::Active,
        _ if account.rejected.is_none() && !waits("past_due") && waits("pending_verification") => {
            CapabilityStatus::Pending
        }
        _ => CapabilityStatus::Inactive,
    }
}

fn listed<'a>(account: &'a Account, list: &str) -> &'a [Doc] {
    account.rest.map("requirements").and_then(|all| all.list(list)).unwrap_or_default()
}

/// The status of a capability, and why it is not active.
fn shown(account: &Account, status: CapabilityStatus) -> Map {
    const PENDING: (&str, &str) = ("requirements_pending_verification", "no_resolution");
    let (status, why) = match (status, account.rejected.as_deref()) {
        (CapabilityStatus::Active, _) => ("active", None),
        (CapabilityStatus::Pending, _) => ("pending", Some(PENDING)),
        (CapabilityStatus::Inactive | CapabilityStatus::Unrequested, Some(reason)) => {
            let code = match reason {
                "rejected.fraud" => "rejected_platform_fraud",
                "rejected.terms_of_service" => "rejected_platform_terms_of_service",
                _ => "rejected_platform_other",
            };
            ("rejected", Some((code, "contact_stripe")))
        }
        (CapabilityStatus::Inactive | CapabilityStatus::Unrequested, None) => {
            let is_due = !listed(account, "past_due").is_empty();
            ("restricted", Some(if is_due { ("requirements_past_due", "provide_info") } else { PENDING }))
        }
    };
    let detail = |(code, resolution): (&'static str, &'static str)| {
        Doc::Map(Map::from([("code", code), ("resolution", resolution)]))
    };
    Map::from([("status", Doc::from(status)), ("status_details", Doc::List(why.into_iter().map(detail).collect()))])
}

/// The capabilities of merchants, under their names of `/v1`.
pub(super) fn merchants() -> impl Iterator<Item = &'static str> {
    let known = template::fields_at(KIND, &["configuration", "merchant", "capabilities"]);
    known.iter().map(|field| first_name(field.name))
}
