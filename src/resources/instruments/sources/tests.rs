//! The rules of core-payments 5.5, 5.6 that need no request.

use super::{Source, SourceStatus, SourceUsage, check_attachable, check_chargeable, detach, used};
use crate::contract;
use crate::error::ApiError;
use crate::state::document::Map;
use crate::state::object::Absent;
use crate::state::{AccountKey, State, Tx};

const ID: &str = "src_1";

fn source(status: SourceStatus, usage: SourceUsage, customer: Option<&str>) -> Source {
    Source {
        id: ID.into(),
        created: 0,
        kind: "ideal".to_owned(),
        status,
        usage: Some(usage),
        customer: Absent(customer.map(Into::into)),
        amount: Some(1000),
        currency: Some("eur".to_owned()),
        client_secret: "src_client_secret_x".to_owned(),
        metadata: Map::new(),
        card_details: None,
        account_number: None,
        receive_at: Absent(None),
        unused_until: Absent(None),
        rest: Map::from([("redirect", Map::from([("status", "pending")]))]),
    }
}

fn tx_with(source: Source) -> Tx {
    crate::resources::install();
    let mut tx = Tx::new(&State::new("acct_1"), AccountKey::PLATFORM, contract::indexes);
    tx.insert(source);
    tx
}

fn stored(tx: &Tx) -> std::sync::Arc<Source> {
    tx.get::<Source>(ID).unwrap()
}

fn refusal(source: &Source, customer: Option<&str>, amount: i64, currency: &str) -> ApiError {
    check_chargeable(source, customer, amount, currency).unwrap_err()
}

#[test]
fn an_attached_source_is_charged_with_its_customer_only() {
    let attached = source(SourceStatus::Chargeable, SourceUsage::Reusable, Some("cus_a"));
    assert!(check_chargeable(&attached, Some("cus_a"), 5000, "eur").is_ok());
    let alone = refusal(&attached, None, 1000, "eur");
    assert_eq!(alone.status(), 400);
    assert!(alone.field("message").unwrap().contains("`customer` parameter"));
    let other = refusal(&attached, Some("cus_b"), 1000, "eur");
    assert_eq!((other.status(), other.field("code"), other.field("param")), (404, Some("missing"), Some("source")));
}

#[test]
fn an_unattached_source_may_be_attributed_to_any_customer() {
    for customer in [None, Some("cus_a")] {
        assert!(
            check_chargeable(&source(SourceStatus::Chargeable, SourceUsage::SingleUse, None), customer, 1000, "eur")
                .is_ok()
        );
    }
}

#[test]
fn a_used_up_or_unready_source_is_not_charged() {
    let consumed = refusal(&source(SourceStatus::Consumed, SourceUsage::Reusable, None), None, 1000, "eur");
    assert!(consumed.field("message").unwrap().starts_with("The reusable source you provided is consumed"));
    assert_eq!(consumed.field("code"), None);
    for (status, usage) in [
        (SourceStatus::Pending, SourceUsage::Reusable),
        (SourceStatus::Failed, SourceUsage::Reusable),
        (SourceStatus::Canceled, SourceUsage::SingleUse),
        (SourceStatus::Consumed, SourceUsage::SingleUse),
    ] {
        let error = refusal(&source(status, usage, None), None, 1000, "eur");
        assert_eq!(error.field("code"), Some("invalid_source_usage"), "{status:?} {usage:?}");
    }
}

#[test]
fn a_single_use_source_limits_amount_and_currency() {
    let single = source(SourceStatus::Chargeable, SourceUsage::SingleUse, None);
    assert!(check_chargeable(&single, None, 999, "eur").is_ok());
    assert_eq!(refusal(&single, None, 1001, "eur").field("code"), Some("charge_exceeds_source_limit"));
    assert_eq!(refusal(&single, None, 1000, "usd").field("param"), Some("currency"));
}

#[test]
fn only_an_attached_reusable_source_outlives_its_charge() {
    for (usage, customer, after) in [
        (SourceUsage::Reusable, Some("cus_a"), SourceStatus::Chargeable),
        (SourceUsage::Reusable, None, SourceStatus::Consumed),
        (SourceUsage::SingleUse, Some("cus_a"), SourceStatus::Consumed),
        (SourceUsage::SingleUse, None, SourceStatus::Consumed),
    ] {
        let source = source(SourceStatus::Chargeable, usage, customer);
        let mut tx = tx_with(source.clone());
        used(&mut tx, &source);
        assert_eq!(stored(&tx).status, after, "{usage:?} {customer:?}");
        assert_eq!(stored(&tx).customer.0.as_deref(), customer);
    }
}

#[test]
fn detaching_uses_a_source_up() {
    let mut tx = tx_with(source(SourceStatus::Chargeable, SourceUsage::Reusable, Some("cus_a")));
    assert!(check_attachable(&stored(&tx)).is_err());
    detach(&mut tx, ID);
    assert_eq!(stored(&tx).customer.0, None);
    assert!(check_attachable(&stored(&tx)).is_err());
}
