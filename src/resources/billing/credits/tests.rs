//! Grants that pay for lines, which no operation of the API does by itself.

use crate::contract::{Ctx, indexes};
use crate::resources;
use crate::resources::billing::credits::grants::{Category, CreditGrant};
use crate::resources::billing::credits::{MeteredLine, burn, plan, restore, transactions};
use crate::settings::Settings;
use crate::state::document::{Doc, Map};
use crate::state::ids::Ids;
use crate::state::{AccountKey, State, Tx};

const NOW: i64 = 1_795_600_000;
const CUSTOMER: &str = "cus_1";

fn begin() -> (Tx, Ctx<'static>) {
    resources::install();
    let ctx = Ctx::background(NOW, "", Settings::default(), Ids::random());
    (Tx::new(&State::default(), AccountKey::PLATFORM, indexes), ctx)
}

/// A grant in dollars with so much left, which the rest of the call changes.
fn grant(tx: &mut Tx, id: &str, left: i64, change: impl FnOnce(&mut CreditGrant)) {
    let monetary = Map::from([("currency", Doc::from("usd")), ("value", left.into())]);
    let mut grant = CreditGrant {
        id: id.into(),
        category: Category::Paid,
        created: NOW,
        customer: CUSTOMER.into(),
        effective_at: Some(NOW),
        expires_at: None,
        metadata: Map::new(),
        priority: Some(50),
        updated: NOW,
        voided_at: None,
        granted: true,
        expired: false,
        left,
        rest: Map::from([("amount", Map::from([("monetary", monetary)]))]),
    };
    change(&mut grant);
    tx.insert(grant);
}

fn only_for(grant: &mut CreditGrant, price: &str) {
    let prices = Doc::List(vec![Map::from([("id", price.to_owned())]).into()]);
    grant.rest.set("applicability_config", Map::from([("scope", Map::from([("prices", prices)]))]));
}

const LINES: [MeteredLine<'static>; 2] = [
    MeteredLine { id: "il_1", price: "price_1", amount: 700 },
    MeteredLine { id: "il_2", price: "price_2", amount: 500 },
];

/// The plan for two lines: the line's position, the grant, the amount.
fn planned(tx: &Tx) -> Vec<(usize, String, i64)> {
    let shares = plan(tx, CUSTOMER, "usd", &LINES);
    shares.into_iter().map(|share| (share.line, share.grant.to_string(), share.amount)).collect()
}

fn share(line: usize, grant: &str, amount: i64) -> (usize, String, i64) {
    (line, grant.to_owned(), amount)
}

#[test]
fn grants_are_used_by_priority_then_end_then_category_then_beginning() {
    let (mut tx, _) = begin();
    grant(&mut tx, "paid", 10, |_| {});
    grant(&mut tx, "later", 10, |grant| grant.effective_at = Some(NOW + 1));
    grant(&mut tx, "promotional", 10, |grant| grant.category = Category::Promotional);
    grant(&mut tx, "ends", 10, |grant| grant.expires_at = Some(NOW + 100));
    grant(&mut tx, "ends_first", 10, |grant| grant.expires_at = Some(NOW + 50));
    grant(&mut tx, "first", 10, |grant| grant.priority = Some(0));
    let order: Vec<String> = planned(&tx).into_iter().map(|(_, grant, _)| grant).collect();
    assert_eq!(order, ["first", "ends_first", "ends", "promotional", "paid", "later"]);
}

#[test]
fn a_grant_pays_no_more_than_it_has_and_a_line_gets_no_more_than_it_costs() {
    let (mut tx, _) = begin();
    grant(&mut tx, "small", 900, |grant| grant.priority = Some(1));
    grant(&mut tx, "large", 9_000, |_| {});
    assert_eq!(planned(&tx), [share(0, "small", 700), share(1, "small", 200), share(1, "large", 300)]);
}

#[test]
fn a_grant_for_some_prices_pays_for_no_others() {
    let (mut tx, _) = begin();
    grant(&mut tx, "second", 9_000, |grant| only_for(grant, "price_2"));
    assert_eq!(planned(&tx), [share(1, "second", 500)]);
}

#[test]
fn what_is_of_another_currency_or_over_or_not_begun_pays_nothing() {
    let (mut tx, _) = begin();
    grant(&mut tx, "voided", 900, |grant| grant.voided_at = Some(NOW));
    grant(&mut tx, "expired", 900, |grant| grant.expired = true);
    grant(&mut tx, "future", 900, |grant| grant.granted = false);
    grant(&mut tx, "spent", 0, |_| {});
    grant(&mut tx, "other", 900, |grant| grant.customer = "cus_2".into());
    assert_eq!(planned(&tx), []);
    grant(&mut tx, "usd", 900, |_| {});
    assert_eq!(plan(&tx, CUSTOMER, "eur", &LINES), []);
}

#[test]
fn what_is_burned_is_what_was_planned_and_stands_in_the_ledger() {
    let (mut tx, ctx) = begin();
    grant(&mut tx, "first", 900, |grant| grant.priority = Some(1));
    grant(&mut tx, "second", 900, |_| {});
    let wanted = plan(&tx, CUSTOMER, "usd", &LINES);
    let applied = burn(&mut tx, &ctx, CUSTOMER, "in_1", "usd", &LINES);
    assert_eq!(applied.iter().map(|one| one.share.clone()).collect::<Vec<_>>(), wanted);
    let left = |tx: &Tx, id: &str| tx.get::<CreditGrant>(id).unwrap().left;
    assert_eq!((left(&tx, "first"), left(&tx, "second")), (0, 600));
    let uses: Vec<i64> = applied
        .iter()
        .map(|one| tx.get::<transactions::CreditTransaction>(&one.transaction).unwrap().applied().unwrap().2)
        .collect();
    assert_eq!(uses, [700, 200, 300]);
    // A second invoice gets what is left.
    assert_eq!(planned(&tx), [share(0, "second", 600)]);
}

#[test]
fn a_voided_invoice_gives_back_once_what_it_used_but_not_to_a_grant_that_is_over() {
    let (mut tx, ctx) = begin();
    grant(&mut tx, "first", 900, |grant| grant.priority = Some(1));
    grant(&mut tx, "second", 900, |_| {});
    burn(&mut tx, &ctx, CUSTOMER, "in_1", "usd", &LINES);
    tx.update::<CreditGrant>("second", |grant| grant.expired = true);
    for _ in 0..2 {
        restore(&mut tx, &ctx, "in_1");
        let left = |id: &str| tx.get::<CreditGrant>(id).unwrap().left;
        assert_eq!((left("first"), left("second")), (900, 600));
    }
}
