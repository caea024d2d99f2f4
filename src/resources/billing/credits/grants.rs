//! Credit grants (billing-2 11.2).
//!
//! May use: customers, prices, the ledger. Invariant: a grant that is voided or has expired has nothing left.

use std::sync::Arc;

use super::transactions::{self, Movement, Purpose};
use crate::contract::{
    Behaviour, Call, Clocked, Ctx, DueClock, DueOf, Entry, Events, Fill, In, Marked, Outcome, Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::limits::CREDIT_GRANTS_MAX;
use crate::money;
use crate::object::body;
use crate::resources::catalog::prices::Price;
use crate::resources::customers::customer::{self, Customer};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Id, Kind, Ref, Tx};

crate::values! {
    /// How the customer came by it.
    pub enum Category {
        Paid = "paid",
        Promotional = "promotional",
    }
}

crate::resource! {
    /// A credit grant.
    CreditGrant = "billing.credit_grant" {
        /// How the customer came by it.
        category: Category,
        /// Unix seconds of the customer's clock.
        created: i64,
        /// Who may use it.
        customer: Id,
        /// From when it can be used, in Unix seconds.
        effective_at: Option<i64>,
        /// Until when, in Unix seconds; null for no end.
        expires_at: Option<i64>,
        /// The user's own keys and values.
        metadata: Map,
        /// Its place among the grants of a customer: 0 is used first, 100 last.
        priority: Option<i64>,
        /// Unix seconds.
        updated: i64,
        /// When it was voided, in Unix seconds.
        voided_at: Option<i64>,
    }
    hidden {
        /// Whether its time to be used has begun, so that the ledger has its amount.
        granted: bool,
        /// Whether its time is over.
        expired: bool,
        /// What is left of it, in the currency's smallest unit.
        left: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = CreditGrant::KIND;

/// The last place among grants.
const PRIORITY_MAX: i64 = 100;

/// The place of a grant that was given none.
const PRIORITY: i64 = 50;

impl CreditGrant {
    /// Its currency and its amount in the smallest unit.
    pub(super) fn amount(&self) -> (&str, i64) {
        let monetary = self.rest.map("amount").and_then(|amount| amount.map("monetary"));
        let currency = monetary.and_then(|monetary| monetary.str("currency")).unwrap_or_default();
        (currency, monetary.and_then(|monetary| monetary.int("value")).unwrap_or_default())
    }

    /// The prices that it pays for; `None` for all with a meter.
    pub(super) fn prices(&self) -> Option<Vec<&str>> {
        let scope = self.rest.map("applicability_config").and_then(|config| config.map("scope"))?;
        let prices = scope.list("prices")?.iter().filter_map(|price| price.as_map()?.str("id"));
        Some(prices.collect())
    }

    /// Whether it pays for a metered price.
    pub fn pays_for(&self, price: &str) -> bool {
        self.prices().is_none_or(|prices| prices.contains(&price))
    }

    /// Whether it can be used.
    pub(super) fn is_usable(&self) -> bool {
        self.granted && !self.expired && self.voided_at.is_none() && self.left > 0
    }

    /// The order of use (billing-2 11.2): by priority, then the one that expires first, then promotional ones, then by their
    /// beginning.
    pub(super) fn order(&self) -> (i64, i64, bool, i64, i64) {
        let is_paid = self.category == Category::Paid;
        let (expires, begins) = (self.expires_at.unwrap_or(i64::MAX), self.effective_at.unwrap_or(self.created));
        (self.priority.unwrap_or(PRIORITY), expires, is_paid, begins, self.created)
    }

    /// The test clock of its customer.
    pub(super) fn test_clock(&self) -> Option<&str> {
        self.rest.str("test_clock")
    }

    /// Refuses a change of a grant that is over.
    fn check_open(&self) -> Result<()> {
        match (self.voided_at, self.expired) {
            (Some(_), _) => Err(ApiError::credit_grant_over(&self.id, "voided")),
            (None, true) => Err(ApiError::credit_grant_over(&self.id, "expired")),
            (None, false) => Ok(()),
        }
    }
}

/// A customer's grants, in the order of their use.
pub(super) fn of_customer(tx: &Tx, customer: &str) -> Vec<Arc<CreditGrant>> {
    let mut grants = tx.having::<CreditGrant>("customer", customer);
    // Oldest first among those that are alike.
    grants.reverse();
    grants.sort_by_key(|grant| grant.order());
    grants
}

/// `POST /v1/billing/credit_grants`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let customer = params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    let clock = customer.rest.str("test_clock").map(str::to_owned);
    let now = ctx.now_of(tx, clock.as_deref());
    check_amount(params)?;
    check_scope(tx, params)?;
    let effective_at = check_times(params, now)?;
    if let Some(priority) = params.int("priority") {
        if priority < 0 {
            return Err(ApiError::param_below("priority", 0));
        }
        if priority > PRIORITY_MAX {
            return Err(ApiError::param_above("priority", PRIORITY_MAX));
        }
    }
    let unused = tx.having::<CreditGrant>("customer", &customer.id).iter().filter(|grant| is_unused(grant)).count();
    if unused >= CREDIT_GRANTS_MAX {
        return Err(ApiError::credit_grants_too_many(CREDIT_GRANTS_MAX));
    }
    let mut shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), params)?;
    lower_currency(&mut shown);
    for (field, at) in [("created", now), ("updated", now), ("effective_at", effective_at)] {
        shown.set(field, at);
    }
    shown.set("test_clock", clock);
    let grant = CreditGrant::from_docs(shown, Map::from([("left", 0)]), now).map_err(|_| ApiError::internal())?;
    let made = tx.insert(grant);
    if effective_at <= now {
        take_effect(tx, ctx, &made.id);
    }
    Ok(Outcome::Done(made))
}

/// Whether a grant counts among those that a customer may have: something is left of it, or will be.
fn is_unused(grant: &CreditGrant) -> bool {
    grant.is_usable() || (!grant.granted && !grant.expired && grant.voided_at.is_none())
}

fn check_amount(params: &Map) -> Result<()> {
    let monetary = params.map("amount").and_then(|amount| amount.map("monetary"));
    let monetary = monetary.ok_or_else(|| ApiError::param_missing("amount[monetary]"))?;
    let currency = monetary.str("currency").unwrap_or_default();
    if !money::is_currency(&currency.to_lowercase()) {
        return Err(ApiError::currency_invalid("amount[monetary][currency]", currency, money::CURRENCIES));
    }
    match monetary.int("value").unwrap_or_default() {
        ..1 => Err(ApiError::param_below("amount[monetary][value]", 1)),
        value if value > money::MAX_AMOUNT => Err(ApiError::param_above("amount[monetary][value]", money::MAX_AMOUNT)),
        _ => Ok(()),
    }
}

fn lower_currency(shown: &mut Map) {
    if let Some(Doc::Map(amount)) = shown.get_mut("amount")
        && let Some(Doc::Map(monetary)) = amount.get_mut("monetary")
    {
        let currency = monetary.str("currency").unwrap_or_default().to_lowercase();
        monetary.set("currency", currency);
    }
}

/// A grant is for all metered prices, or for some.
fn check_scope(tx: &Tx, params: &Map) -> Result<()> {
    const SCOPE: &str = "applicability_config[scope]";
    let scope = params.map("applicability_config").and_then(|config| config.map("scope"));
    let scope = scope.ok_or_else(|| ApiError::param_missing(SCOPE))?;
    match (scope.present("price_type"), scope.list("prices")) {
        (None, None) => Err(ApiError::param_missing(&format!("{SCOPE}[price_type]"))),
        (Some(_), Some(_)) => {
            Err(ApiError::params_exclusive("price_type", "prices").inside("scope").inside("applicability_config"))
        }
        (Some(_), None) => Ok(()),
        (None, Some(prices)) => prices.iter().enumerate().try_for_each(|(i, price)| {
            let param = format!("{SCOPE}[prices][{i}][id]");
            let id = price.as_map().and_then(|price| price.str("id")).unwrap_or_default();
            check_metered(&*require::<Price>(tx, id, In::Param(&param))?, &param)
        }),
    }
}

/// Only what is metered is paid for by credits.
fn check_metered(price: &Price, param: &str) -> Result<()> {
    let metered = price.rest.map("recurring").is_some_and(|recurring| recurring.present("meter").is_some());
    if metered { Ok(()) } else { Err(ApiError::credit_for_unmetered(&price.id, param)) }
}

/// When it can be used from; it ends later than it begins, and not in the past.
fn check_times(params: &Map, now: i64) -> Result<i64> {
    let effective_at = params.int("effective_at").unwrap_or(now);
    if effective_at < now {
        return Err(ApiError::param_in_past("effective_at", effective_at));
    }
    match params.int("expires_at") {
        Some(at) => check_end(at, effective_at, now).map(|()| effective_at),
        None => Ok(effective_at),
    }
}

fn check_end(expires_at: i64, effective_at: i64, now: i64) -> Result<()> {
    if expires_at <= now {
        return Err(ApiError::param_in_past("expires_at", expires_at));
    }
    if expires_at <= effective_at { Err(ApiError::credit_ends_before_it_begins()) } else { Ok(()) }
}

/// Adds the amount of a grant to the ledger.
fn take_effect(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) {
    tx.update::<CreditGrant>(id, |grant| grant.granted = true);
    let amount = tx.get::<CreditGrant>(id).map_or(0, |grant| grant.amount().1);
    transactions::book(tx, ctx, id, Movement { purpose: Purpose::Granted, amount, about: None });
}

/// Takes what is left of a grant out of the ledger.
fn end(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, purpose: Purpose) {
    let left = tx.get::<CreditGrant>(id).map_or(0, |grant| grant.left);
    if left > 0 {
        transactions::book(tx, ctx, id, Movement { purpose, amount: -left, about: None });
    }
}

/// `POST /v1/billing/credit_grants/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let grant = require::<CreditGrant>(tx, call.arg(0), In::Path)?;
    let now = ctx.now_of(tx, grant.test_clock());
    if call.params.has("expires_at") {
        grant.check_open()?;
    }
    if let Some(at) = call.params.int("expires_at") {
        check_end(at, grant.effective_at.unwrap_or(grant.created), now)?;
    }
    let mut shown = grant.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    if call.params.get("expires_at").is_some_and(Doc::is_null) {
        shown.set("expires_at", Doc::Null);
    }
    let mut changed =
        CreditGrant::from_docs(shown, grant.hidden_doc(), grant.created).map_err(|_| ApiError::internal())?;
    if !changed.shows_as(&*grant) {
        changed.updated = now;
        tx.save(&grant, changed);
    }
    Ok(Outcome::Done(Ref::to(&*grant)))
}

/// `POST /v1/billing/credit_grants/:id/expire`.
fn expire(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let grant = require::<CreditGrant>(tx, call.arg(0), In::Path)?;
    grant.check_open()?;
    let now = ctx.now_of(tx, grant.test_clock());
    let changed = CreditGrant { expired: true, expires_at: Some(now), updated: now, ..CreditGrant::clone(&grant) };
    tx.save(&grant, changed);
    end(tx, ctx, &grant.id, Purpose::Expired);
    Ok(Outcome::Done(Ref::to(&*grant)))
}

/// `POST /v1/billing/credit_grants/:id/void`: only a grant of which nothing was used.
fn void(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let grant = require::<CreditGrant>(tx, call.arg(0), In::Path)?;
    grant.check_open()?;
    if grant.granted && grant.left < grant.amount().1 {
        return Err(ApiError::credit_grant_used(&grant.id));
    }
    let now = ctx.now_of(tx, grant.test_clock());
    tx.save(&grant, CreditGrant { voided_at: Some(now), updated: now, ..CreditGrant::clone(&grant) });
    end(tx, ctx, &grant.id, Purpose::Voided);
    Ok(Outcome::Done(Ref::to(&*grant)))
}

/// A grant of a dump has left what its transactions there leave; without any, what it was granted, unless its time is over.
fn imported(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(grant) = tx.get::<CreditGrant>(&about.id) else { return Ok(()) };
    let now = ctx.now_of(tx, grant.test_clock());
    let over = grant.voided_at.is_some() || grant.expires_at.is_some_and(|at| at <= now);
    let booked = transactions::of_grant(tx, &grant.id);
    tx.quietly(|tx| {
        if over {
            tx.update::<CreditGrant>(&grant.id, |grant| grant.expired = grant.voided_at.is_none());
        } else if !booked.is_empty() {
            tx.update::<CreditGrant>(&grant.id, |grant| {
                grant.granted = true;
                grant.left = booked.iter().map(|row| row.signed()).sum();
            });
        } else if !grant.granted && grant.effective_at.is_none_or(|at| at <= now) {
            take_effect(tx, ctx, &grant.id);
        }
    });
    Ok(())
}

/// A grant for whoever is named.
const GRANTED: &[(&str, &str)] = &[
    ("customer", "{id}"),
    ("category", "promotional"),
    ("amount[type]", "monetary"),
    ("amount[monetary][currency]", "usd"),
    ("amount[monetary][value]", "1000"),
    ("applicability_config[scope][price_type]", "metered"),
];

/// What happens to a grant at its own times, by the clock of its customer.
const DUES: &[DueOf] = &[
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            CreditGrant,
            "take effect",
            |grant| grant.effective_at.filter(|_| !grant.granted && !grant.expired && grant.voided_at.is_none()),
            |tx, ctx, grant| {
                take_effect(tx, ctx, &grant.id);
                Ok(())
            }
        )
    },
    DueOf {
        clock: DueClock::Own,
        ..crate::due!(
            CreditGrant,
            "expire",
            |grant| grant.expires_at.filter(|_| !grant.expired && grant.voided_at.is_none()),
            |tx, ctx, grant| {
                tx.quietly(|tx| tx.update::<CreditGrant>(&grant.id, |grant| grant.expired = true));
                end(tx, ctx, &grant.id, Purpose::Expired);
                Ok(())
            }
        )
    },
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: CreditGrant::FIELDS,
    noun: "credit grant",
    id: IdForm::v2("credgr_test_"),
    marks: &[Marked::refused(&["customer_account"]), Marked::neutral(&["amount.type"], "it has one value")],
    operations: &[
        ("billing.credit_grants.create", Behaviour::Write(create)),
        ("billing.credit_grants.retrieve", Behaviour::Retrieve),
        ("billing.credit_grants.update", Behaviour::Write(update)),
        ("billing.credit_grants.expire", Behaviour::Write(expire)),
        ("billing.credit_grants.void_grant", Behaviour::Write(void)),
        ("billing.credit_grants.list", Behaviour::List),
    ],
    filters: &[crate::filter!("customer", CreditGrant, |grant| Some(&grant.customer), Some(customer::KIND))],
    named_by: &["credit_grant"],
    defaults: &[
        ("category", Fill::Text("paid")),
        ("priority", Fill::Int(PRIORITY)),
        ("effective_at", Fill::Now),
        ("applicability_config.scope", Fill::Object(&[])),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: |visible, hidden, created| {
        let left = hidden.int("left").unwrap_or_default();
        crate::contract::import::<CreditGrant>(visible, hidden.with("left", left), created)
    },
    imported: Some(imported),
    events: Events {
        created: Some("billing.credit_grant.created"),
        updated: &["billing.credit_grant.updated"],
        ..Events::NONE
    },
    dues: DUES,
    clocked: Some(Clocked { clock: |object| downcast::<CreditGrant>(object)?.test_clock(), limit: None }),
    triggers: &[
        Trigger::post("billing.credit_grant.created", "/v1/billing/credit_grants", GRANTED).of(customer::KIND),
        Trigger::post("billing.credit_balance_transaction.created", "/v1/billing/credit_grants", GRANTED)
            .of(customer::KIND),
        Trigger::update("billing.credit_grant.updated", "/v1/billing/credit_grants/{id}"),
    ],
    ..Entry::PLAIN
};
