//! The tax rates that automatic tax makes (billing-2 9.4).

use super::registrations::{Registration, RegistrationStatus};
use super::{Exemption, TaxPlace, TaxQuestion, TaxabilityReason, assess};
use crate::contract::{self, Ctx};
use crate::resources::catalog::tax_rates::TaxRate;
use crate::settings::Settings;
use crate::state::document::{Doc, Map};
use crate::state::ids::Ids;
use crate::state::{AccountKey, State, Tx};

const NOW: i64 = 1_800_000_000;

fn ctx() -> Ctx<'static> {
    Ctx::background(NOW, "http://localhost", Settings::default(), Ids::random())
}

/// An account that collects in Washington and in Quebec.
fn seller() -> Tx {
    crate::resources::install();
    let mut tx = Tx::new(&State::new("acct_1"), AccountKey::PLATFORM, contract::indexes);
    let washington = Map::from([("state", "WA"), ("type", "state_sales_tax")]);
    let quebec = Map::from([("type", Doc::from("province_standard"))])
        .with("province_standard", Map::from([("province", "QC")]));
    let canada = Map::from([("type", "standard")]);
    for (id, key, options) in [("a", "us", washington), ("b", "ca", quebec), ("c", "ca", canada)] {
        tx.insert(Registration {
            id: id.into(),
            created: NOW,
            active_from: NOW,
            country: key.to_uppercase(),
            country_options: Map::from([(key, options)]),
            expires_at: None,
            status: RegistrationStatus::Active,
            rest: Map::new(),
        });
    }
    tx
}

fn place(parts: &[(&'static str, &'static str)]) -> TaxPlace {
    let parts = parts.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    TaxPlace::of(Some(&Map::from_entries(parts))).unwrap()
}

fn question(place: &TaxPlace) -> TaxQuestion<'_> {
    TaxQuestion { place, tax_code: None, inclusive: false, exempt: Exemption::None }
}

#[test]
fn a_rate_is_made_once_archived_and_quietly() {
    let (mut tx, ctx) = (seller(), ctx());
    let seattle = place(&[("country", "US"), ("postal_code", "98104")]);
    let before = tx.journal().len();
    let first = assess(&mut tx, &ctx, &question(&seattle)).unwrap();
    assert_eq!(first.reason, TaxabilityReason::StandardRated);
    let [rate] = &first.rates[..] else { panic!("{first:?}") };
    assert_eq!((rate.percentage.text(), rate.inclusive), ("10.25".to_owned(), false));
    let stored = tx.get::<TaxRate>(&rate.tax_rate).unwrap();
    assert!(!stored.active && !stored.inclusive);
    let shown = ["country", "description", "display_name", "jurisdiction", "jurisdiction_level", "state", "tax_type"];
    assert_eq!(
        shown.map(|name| stored.rest.str(name).unwrap()),
        ["US", "Sales Tax Washington", "Sales Tax", "WA", "state", "WA", "sales_tax"]
    );
    assert_eq!(stored.rest.get("percentage"), Some(&Doc::Float(10.25)));
    assert!(tx.journal()[before..].iter().all(|step| step.quiet));
    let again = assess(&mut tx, &ctx, &question(&seattle)).unwrap();
    assert_eq!(again.rates, first.rates);
    let included = assess(&mut tx, &ctx, &TaxQuestion { inclusive: true, ..question(&seattle) }).unwrap();
    assert_ne!(included.rates[0].tax_rate, rate.tax_rate);
    assert!(included.rates[0].inclusive);
}

#[test]
fn each_tax_of_a_place_has_a_rate_and_the_federal_one_is_shared() {
    let (mut tx, ctx) = (seller(), ctx());
    let [quebec, alberta] = ["QC", "AB"].map(|state| place(&[("country", "CA"), ("state", state)]));
    let here = assess(&mut tx, &ctx, &question(&quebec)).unwrap();
    let percentages: Vec<_> = here.rates.iter().map(|rate| rate.percentage.text()).collect();
    assert_eq!(percentages, ["5", "9.975"]);
    let there = assess(&mut tx, &ctx, &question(&alberta)).unwrap();
    assert_eq!(there.rates, here.rates[..1]);
}

#[test]
fn what_collects_nothing_has_a_rate_of_zero() {
    let (mut tx, ctx) = (seller(), ctx());
    let seattle = place(&[("country", "US"), ("postal_code", "98104")]);
    let berlin = place(&[("country", "DE")]);
    let antarctica = place(&[("country", "AQ")]);
    let question = question(&seattle);
    for (question, reason) in [
        (TaxQuestion { exempt: Exemption::Exempt, ..question.clone() }, TaxabilityReason::CustomerExempt),
        (TaxQuestion { exempt: Exemption::Reverse, ..question.clone() }, TaxabilityReason::ReverseCharge),
        (TaxQuestion { tax_code: Some("txcd_40010000"), ..question.clone() }, TaxabilityReason::ProductExempt),
        (TaxQuestion { tax_code: Some("txcd_00000000"), ..question.clone() }, TaxabilityReason::NotCollecting),
        (TaxQuestion { place: &berlin, ..question.clone() }, TaxabilityReason::NotCollecting),
        (TaxQuestion { place: &antarctica, ..question }, TaxabilityReason::NotSupported),
    ] {
        let found = assess(&mut tx, &ctx, &question).unwrap();
        assert_eq!((found.reason, found.rates.len()), (reason, 1), "{question:?}");
        assert_eq!(found.rates[0].percentage.text(), "0");
        assert_eq!(found.reason.taxable(1000), 0);
    }
}
