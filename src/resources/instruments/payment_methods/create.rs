//! Creating payment methods: from parameters, and from test ids (core-payments 4.2, 4.3).
//!
//! May use: tokens, card details, the test cards and banks. Invariant: a new payment method has no customer, and a test
//! id is never the id of an object.

use super::Instrument;
use super::{PaymentMethod, clone, linked, shape, types};
use crate::contract::{Call, Ctx, In, Outcome, missing, resolve};
use crate::error::{ApiError, Result};
use crate::issuers::{self, BankOutcome, BankRail, Check, TestBank};
use crate::object::metadata;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::tokens::{self, Content};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{AccountKey, Id, Ref, Tx};

/// `POST /v1/payment_methods`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let is_shared = call.params.present("payment_method").is_some();
    let id = match (is_shared, tx.account()) {
        (true, AccountKey::PLATFORM) => {
            return Err(ApiError::value_not_implemented("payment_method", "copies within an account"));
        }
        (true, _) => clone::from_platform(tx, ctx, &call.params)?,
        (false, _) if call.params.has("customer") => return Err(ApiError::customer_on_creation()),
        (false, _) => create_from(tx, ctx, &call.params, "")?,
    };
    Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id }))
}

/// `GET /v1/payment_methods/:id` with an id that is not stored: a test id returns a new object.
pub(super) fn retrieve_test_id(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let method = obtain_in_path(tx, ctx, call.arg(0))?;
    Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id: method.id().clone() }))
}

/// Creates an unattached payment method from the parameters of `POST /v1/payment_methods` or a
/// `payment_method_data` (core-payments 4.2). `prefix` is empty or `payment_method_data`, for errors.
///
/// # Errors
/// Card faults, token errors, missing parts.
pub fn create_from(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map, prefix: &str) -> Result<Id> {
    let name = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}[{key}]") };
    let kind = data.str("type").ok_or_else(|| ApiError::param_missing(&name("type")))?;
    if let Some((other, _)) = data.iter().find(|(key, _)| *key != kind && types::is_type(key)) {
        return Err(ApiError::payment_method_type_mismatch(name(other), kind));
    }
    let data = &*linked::complete(tx, data, kind, &name(kind))?;
    let mut rest = shape::empty();
    let mut account_number = None;
    let card = if kind == "card" {
        Some(card(tx, ctx, data, &name("card"), &mut rest)?)
    } else {
        account_number = bank_number(data.map(kind), kind, &name(kind))?;
        None
    };
    if let Some(details) = data.map("billing_details") {
        shape::merge_billing_details(&mut rest, details);
    }
    for key in ["allow_redisplay", "radar_options"] {
        if let Some(value) = data.present(key) {
            rest.set(key, value.clone());
        }
    }
    if card.is_none() {
        let account = tx.account_id();
        let email = rest.map("billing_details").and_then(|details| details.str("email"));
        let hash = types::hash(kind, &types::HashInput { hash: data.map(kind), email, account: &account });
        rest.set(kind.to_owned(), hash);
    }
    let card = card.map(|card| with_address_checks(card, &rest));
    let metadata = metadata::merge(&Map::new(), data.get("metadata"))?;
    insert(tx, ctx, kind, card, account_number, metadata, rest)
}

fn insert(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    kind: &str,
    card: Option<CardDetails>,
    account_number: Option<String>,
    metadata: Map,
    rest: Map,
) -> Result<Id> {
    let method = PaymentMethod {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        kind: kind.to_owned(),
        customer: None,
        card: Absent(card),
        metadata,
        consumed: false,
        set_up: false,
        account_number,
        verified: false,
        rest,
    };
    if let Some(BankOutcome::Refuse(code)) = method.test_bank().map(|bank| bank.outcome) {
        return Err(ApiError::bank_account_refused(code));
    }
    Ok(tx.insert(method).id)
}

/// The card of a `card` hash, from its number or its token; the holder of a token's card becomes the billing details.
fn card(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map, prefix: &str, rest: &mut Map) -> Result<CardDetails> {
    let hash = data.map("card").ok_or_else(|| ApiError::param_missing(prefix))?;
    let Some(token) = hash.str("token") else {
        return CardDetails::from_params(hash, prefix, ctx, &tx.account_id());
    };
    let Content::Card { details, holder, .. } = tokens::redeem(tx, ctx, token, || unknown_token(token))? else {
        return Err(ApiError::card_token_invalid(token));
    };
    shape::merge_billing_details(rest, &shape::billing_details_of_holder(&holder));
    let mut card = *details;
    card.prefer(hash);
    Ok(card)
}

/// For a token in the form of `tok_visa_createDispute`, the error names the unknown part (core-payments 4.2.4, 4.2.5).
fn unknown_token(token: &str) -> ApiError {
    let parts: Vec<&str> = token.strip_prefix("tok_").unwrap_or_default().split('_').collect();
    let is_part = |part: &&&str| issuers::by_token(&format!("tok_{part}")).is_some();
    match parts.iter().find(|part| !is_part(part)) {
        Some(part) if parts.len() > 1 => ApiError::card_token_part_invalid(part),
        _ => ApiError::card_token_invalid(token),
    }
}

/// The checks of the billing address, as of a legacy card's own address (core-payments 4.1.1).
fn with_address_checks(mut card: CardDetails, rest: &Map) -> CardDetails {
    let address = rest.map("billing_details").and_then(|details| details.map("address"));
    let given = |key: &str| address.and_then(|address| address.str(key)).map(|_| Check::Unchecked);
    card.line1_check = card.line1_check.or(given("line1"));
    card.postal_check = card.postal_check.or(given("postal_code"));
    card
}

/// The account number of a bank debit, whose hash must have all its required parts.
fn bank_number(hash: Option<&Map>, kind: &str, param: &str) -> Result<Option<String>> {
    let required = types::required(kind);
    let Some(hash) = hash else {
        return if required.is_empty() { Ok(None) } else { Err(ApiError::param_missing(param)) };
    };
    if let Some(missing) = required.iter().find(|part| hash.present(part).is_none()) {
        return Err(ApiError::param_missing(&format!("{param}[{missing}]")));
    }
    if hash.str("iban").is_some_and(|iban| !issuers::is_valid_iban(iban)) {
        return Err(ApiError::iban_invalid(format!("{param}[iban]")));
    }
    if let (Some(routing), Some(number)) = (hash.str("routing_number"), hash.str("account_number")) {
        issuers::check_us_account(routing, number).map_err(|fault| ApiError::bank_fault(param, fault))?;
    }
    Ok(hash.str("iban").or(hash.str("account_number")).map(str::to_owned))
}

/// The object of a `payment_method` parameter: a stored payment method, a new one from a `pm_card_…` test id
/// (core-payments 4.3), or a legacy `card_…`, `ba_…` or `src_…` (core-payments 4.10).
///
/// # Errors
/// There is none: `resource_missing` with `param`.
pub fn obtain(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, param: &'static str) -> Result<Instrument> {
    find(tx, ctx, id)?.ok_or_else(|| absent(tx, id, In::Param(param)))
}

/// The error that there is no such payment method; in a connected account it says so if the platform has it
/// (connect-accounts 7.1).
fn absent(tx: &Tx, id: &str, place: In<'_>) -> ApiError {
    let error = missing(PaymentMethod::KIND, id, place);
    let is_platforms = tx.account() != AccountKey::PLATFORM
        && tx.read_within(AccountKey::PLATFORM, |tx| tx.get::<PaymentMethod>(id).is_some());
    if is_platforms { error.about_platform_method() } else { error }
}

/// What `payment_method` or `payment_method_data` names, if one of them was sent.
///
/// # Errors
/// There is no such payment method, or it cannot be made.
pub fn chosen(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Option<Instrument>> {
    if let Some(id) = params.str("payment_method") {
        return obtain(tx, ctx, id, "payment_method").map(Some);
    }
    let Some(data) = params.map("payment_method_data") else { return Ok(None) };
    let id = create_from(tx, ctx, data, "payment_method_data")?;
    obtain(tx, ctx, &id, "payment_method").map(Some)
}

/// As [`obtain`], for an id in the path, which will be shown: a source without the form of a payment method does not
/// exist there.
pub(super) fn obtain_in_path(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Instrument> {
    let found = find(tx, ctx, id)?.filter(|found| resolve(tx, PaymentMethod::KIND, found.id()).is_some());
    found.ok_or_else(|| absent(tx, id, In::Path))
}

fn find(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Option<Instrument>> {
    if let Some(stored) = stored(tx, id) {
        return Ok(Some(stored));
    }
    let minted = match (issuers::by_payment_method(id), test_bank(id)) {
        (Some(card), _) => {
            let card = CardDetails::of_test_card(card, ctx, &tx.account_id());
            insert(tx, ctx, "card", Some(card), None, Map::new(), shape::empty())?
        }
        (None, Some(bank)) => {
            let id = create_from(tx, ctx, &data_of(bank), "")?;
            // A test id is an account that is already verified.
            if bank.outcome != BankOutcome::LoseMicrodeposits {
                tx.update::<PaymentMethod>(&id, |method| method.verified = true);
            }
            id
        }
        (None, None) => return Ok(None),
    };
    Ok(tx.get(&minted).map(Instrument::PaymentMethod))
}

/// What can pay: an account that is paid out to cannot.
fn stored(tx: &Tx, id: &str) -> Option<Instrument> {
    let method = tx.get(id).map(Instrument::PaymentMethod);
    let card = || tx.get::<Card>(id).filter(|card| card.account.is_none());
    let bank = || tx.get::<BankAccount>(id).filter(|bank| bank.account.0.is_none());
    method
        .or_else(|| card().map(Instrument::Card))
        .or_else(|| bank().map(Instrument::BankAccount))
        .or_else(|| tx.get(id).map(Instrument::Source))
}

/// The test account of a `pm_…` test id; the same table has tokens.
fn test_bank(id: &str) -> Option<&'static TestBank> {
    issuers::bank_by_name(id).filter(|_| id.starts_with("pm_"))
}

/// The parameters with which this test account would be created.
fn data_of(bank: &TestBank) -> Map {
    let hash = match bank.rail {
        BankRail::UsBankAccount => Map::from([
            ("account_holder_type", "individual"),
            ("account_number", bank.account),
            ("routing_number", bank.routing),
        ]),
        BankRail::SepaDebit => Map::from([("iban", bank.account)]),
        BankRail::BacsDebit => Map::from([("account_number", bank.account), ("sort_code", bank.routing)]),
        BankRail::AuBecsDebit => Map::from([("account_number", bank.account), ("bsb_number", bank.routing)]),
        BankRail::AcssDebit => Map::from([
            ("account_number", bank.account),
            ("institution_number", "000"),
            ("transit_number", bank.routing),
        ]),
    };
    Map::from([("type", Doc::from(bank.rail.as_str())), (bank.rail.as_str(), hash.into())])
}
