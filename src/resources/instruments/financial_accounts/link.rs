//! A new linked account, and what can be debited through it (connect-accounts 12).
//!
//! May use: the institutions of the test bank. Invariant: only an account whose numbers its holder gave away can be debited.

use super::{FinancialAccount, FinancialAccountStatus, FinancialFeature};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::issuers::{TestFinancialAccount, TestInstitution};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// What payment methods are made of such accounts.
const DEBITED_AS: &str = "us_bank_account";

/// The permission to debit an account.
const TO_PAY: &str = "payment_method";

/// What somebody links.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// The session in which they do.
    pub session: &'a Id,
    /// Whose account it is; null for nobody who is known.
    pub holder: &'a Doc,
    /// What they allow.
    pub permissions: &'a [Doc],
    /// What the bank is asked for at once.
    pub prefetch: &'a [Doc],
    /// The bank.
    pub institution: &'a TestInstitution,
    /// The account there.
    pub account: &'a TestFinancialAccount,
}

/// Links an account; returns its id.
pub fn link(tx: &mut Tx, ctx: &Ctx<'_>, new: &NewLink<'_>) -> Id {
    let NewLink { institution, account, .. } = *new;
    let is_allowed = new.permissions.iter().any(|permission| permission.as_str() == Some(TO_PAY));
    let number = Map::from([
        ("expected_expiry_date", Doc::Null),
        ("identifier_type", "account_number".into()),
        ("status", "transactable".into()),
        ("supported_networks", vec!["ach"].into()),
    ]);
    let numbers = (is_allowed && account.pays).then(|| Doc::List(vec![number.into()]));
    let supported = if account.pays { vec![DEBITED_AS] } else { Vec::new() };
    let rest = Map::from([
        ("account_numbers", numbers.into()),
        ("category", account.category().into()),
        ("display_name", account.name.into()),
        ("institution_name", institution.name.into()),
        ("last4", account.last4().into()),
        ("livemode", false.into()),
        ("permissions", Doc::List(new.permissions.to_vec())),
        ("subcategory", account.subcategory.into()),
        ("supported_payment_method_types", supported.into()),
    ]);
    let mut linked = FinancialAccount {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        account_holder: new.holder.clone(),
        balance: Doc::Null,
        balance_refresh: Doc::Null,
        ownership: None,
        ownership_refresh: Doc::Null,
        status: FinancialAccountStatus::Active,
        subscriptions: Doc::List(Vec::new()),
        transaction_refresh: Doc::Null,
        session: Some(Id::clone(new.session)),
        place: Some(format!("{}/{}", institution.key, account.key)),
        answered_at: None,
        refreshed_at: None,
        refreshes: None,
        rest,
    };
    let prefetched = new.prefetch.iter().filter_map(Doc::as_str).filter_map(FinancialFeature::of_permission);
    prefetched.for_each(|feature| linked.ask(ctx, feature));
    tx.insert(linked).id
}

/// What a payment method has of the account with this id; `param` is the name of the id's parameter.
///
/// # Errors
/// There is none, it is not active, its holder did not allow it, or it cannot be debited.
pub fn debit_details(tx: &Tx, id: &str, param: &str) -> Result<Map> {
    let account = require::<FinancialAccount>(tx, id, In::Param(param))?;
    account.check_active().map_err(|error| error.of_param(param))?;
    account.check_allowed(TO_PAY).map_err(|error| error.of_param(param))?;
    let test = account.test_account().filter(|test| test.pays);
    let test = test.ok_or_else(|| ApiError::financial_account_unpayable().of_param(param))?;
    Ok(Map::from([
        ("account_number", Doc::from(test.number)),
        ("account_type", test.subcategory.into()),
        ("financial_connections_account", id.to_owned().into()),
        ("routing_number", test.routing().into()),
    ]))
}
