//! Who owns a linked account (connect-accounts 12).
//!
//! May use: the people of the test bank. Invariant: what was told once does not change: a refresh tells anew.

use super::FinancialAccount;
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Outcome, missing, require};
use crate::error::Result;
use crate::issuers::{OWNERS, TestOwner};
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object as _, Resource};
use crate::state::{Id, Kind, Tx};

crate::resource! {
    /// The owners of an account at a time.
    AccountOwnership = "financial_connections.account_ownership" {
        /// Unix seconds.
        created: i64,
    }
    hidden {
        /// The account.
        account: Option<Id>,
    }
}

crate::resource! {
    /// An owner of an account.
    AccountOwner = "financial_connections.account_owner" {
        /// What tells of them.
        ownership: Id,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

const OWNERSHIP: Kind = AccountOwnership::KIND;
const OWNER: Kind = AccountOwner::KIND;

/// Tells who owns an account; returns the id of what tells it.
pub(super) fn tell(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, owners: usize) -> Id {
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let mut shown = Vec::with_capacity(owners);
    for owner in OWNERS.iter().take(owners) {
        let owner = owner_of(ctx, &id, owner);
        shown.push(Doc::Map(owner.to_doc()));
        let _ = tx.insert(owner);
    }
    let url = format!("/v1/financial_connections/accounts/{account}/owners?ownership={id}");
    let rest = Map::from([("owners", list::envelope(url, shown, false))]);
    let ownership = AccountOwnership { id, created: ctx.now, account: Some(account.into()), rest };
    tx.insert(ownership).id
}

fn owner_of(ctx: &Ctx<'_>, ownership: &Id, owner: &TestOwner) -> AccountOwner {
    let rest = Map::from([
        ("email", Doc::from(owner.email)),
        ("name", owner.name.into()),
        ("phone", owner.phone.into()),
        ("raw_address", owner.address.into()),
        ("refreshed_at", ctx.now.into()),
    ]);
    AccountOwner { id: OWNERS_ENTRY.id.draw(&ctx.ids).into(), ownership: Id::clone(ownership), created: ctx.now, rest }
}

/// `GET /v1/financial_connections/accounts/:id/owners`.
fn list_owners(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let account = require::<FinancialAccount>(tx, call.arg(0), In::Path)?;
    account.check_allowed("ownership")?;
    let id = call.params.str("ownership").unwrap_or_default();
    let told = tx.get::<AccountOwnership>(id);
    let told = told.filter(|told| told.account.as_ref() == Some(&account.id));
    let told = told.ok_or_else(|| missing(OWNERSHIP, id, In::Param("ownership")))?;
    list::page(tx, &OWNERS_ENTRY, call, Some(("ownership", &told.id))).map(Outcome::List)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: OWNERSHIP,
    fields: AccountOwnership::FIELDS,
    noun: "account ownership",
    id: IdForm::of("fcaowns_").led_by("1"),
    blank: Some(|_| body::blank_of(OWNERSHIP)),
    import: crate::contract::import::<AccountOwnership>,
    ..Entry::PLAIN
};

/// The registry's entry of owners.
pub static OWNERS_ENTRY: Entry = Entry {
    kind: OWNER,
    fields: AccountOwner::FIELDS,
    noun: "account owner",
    id: IdForm::of("fcaown_").led_by("1"),
    operations: &[
        ("financial_connections.accounts.owners.list", Behaviour::Read(list_owners)),
        ("linked_accounts.owners.list", Behaviour::Read(list_owners)),
    ],
    filters: &[crate::filter!("ownership", AccountOwner, |owner| Some(&*owner.ownership))],
    blank: Some(|_| body::blank_of(OWNER)),
    import: crate::contract::import::<AccountOwner>,
    ..Entry::PLAIN
};
