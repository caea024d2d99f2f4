//! What a customer has left of billing credits (billing-2 11.2).
//!
//! May use: the grants. Invariant: it is computed from the grants, and nothing is stored.

use std::collections::BTreeMap;

use super::grants::{self, CreditGrant};
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, require, require_of};
use crate::error::{ApiError, Result};
use crate::resources::catalog::prices::Price;
use crate::resources::customers::customer::Customer;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Which grants are added up.
enum GrantScope<'a> {
    One(&'a str),
    AllMetered,
    Prices(Vec<&'a str>),
}

impl GrantScope<'_> {
    fn takes(&self, grant: &CreditGrant) -> bool {
        match self {
            GrantScope::One(id) => &*grant.id == *id,
            GrantScope::AllMetered => grant.prices().is_none(),
            GrantScope::Prices(prices) => prices.iter().any(|price| grant.pays_for(price)),
        }
    }
}

/// `GET /v1/billing/credit_balance_summary`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = call.params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    let scope = scope(tx, &call.params, &customer)?;
    // What the ledger has, and what of it can be used.
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let found = grants::of_customer(tx, &customer.id);
    for grant in found.iter().filter(|grant| scope.takes(grant)) {
        let (ledger, available) = sums.entry(grant.amount().0).or_default();
        *ledger = ledger.saturating_add(grant.left);
        *available = available.saturating_add(if grant.is_usable() { grant.left } else { 0 });
    }
    let balances = sums.iter().map(|(currency, (ledger, available))| {
        Map::from([("available_balance", amount(currency, *available)), ("ledger_balance", amount(currency, *ledger))])
    });
    let balances: Vec<Map> = balances.collect();
    Ok(Outcome::Value(
        Map::from([
            ("object", Doc::from(ENTRY.kind.name())),
            ("balances", balances.into()),
            ("customer", customer.id.to_string().into()),
            ("customer_account", Doc::Null),
            ("livemode", false.into()),
        ])
        .into(),
    ))
}

fn amount(currency: &str, value: i64) -> Map {
    let monetary = Map::from([("currency", Doc::from(currency.to_owned())), ("value", value.into())]);
    Map::from([("monetary", Doc::from(monetary)), ("type", "monetary".into())])
}

/// The filter of a call.
fn scope<'p>(tx: &Tx, params: &'p Map, customer: &Customer) -> Result<GrantScope<'p>> {
    const APPLICABILITY: &str = "filter[applicability_scope]";
    let filter = params.map("filter").ok_or_else(|| ApiError::param_missing("filter"))?;
    if filter.str("type") == Some("credit_grant") {
        let param = "filter[credit_grant]";
        let grant = filter.str("credit_grant").ok_or_else(|| ApiError::param_missing(param))?;
        require_of::<CreditGrant>(tx, grant, In::Param(param), |grant| grant.customer == customer.id)?;
        return Ok(GrantScope::One(grant));
    }
    let wanted = filter.map("applicability_scope").ok_or_else(|| ApiError::param_missing(APPLICABILITY))?;
    match (wanted.present("price_type"), wanted.list("prices")) {
        (None, None) => Err(ApiError::param_missing(&format!("{APPLICABILITY}[price_type]"))),
        (Some(_), Some(_)) => {
            Err(ApiError::params_exclusive("price_type", "prices").inside("applicability_scope").inside("filter"))
        }
        (Some(_), None) => Ok(GrantScope::AllMetered),
        (None, Some(prices)) => {
            let ids: Vec<&str> = prices.iter().filter_map(|price| price.as_map()?.str("id")).collect();
            for (i, id) in ids.iter().enumerate() {
                require::<Price>(tx, id, In::Param(&format!("{APPLICABILITY}[prices][{i}][id]")))?;
            }
            Ok(GrantScope::Prices(ids))
        }
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: crate::kind!("billing.credit_balance_summary"),
    noun: "credit balance summary",
    marks: &[
        Marked::refused(&["customer_account"]),
        Marked::acts(&["filter.type"], "billing::usage::credits::a_grant_for_prices_needs_prices_with_meters"),
    ],
    operations: &[("billing.credit_balance_summary.retrieve", Behaviour::Read(retrieve))],
    ..Entry::PLAIN
};
