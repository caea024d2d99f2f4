//! The hash with a type's own fields: `source.card`, `source.sepa_debit`, … (core-payments 5.4).
//!
//! May use: the catalogue, cards, the test banks. Invariant: a hash has every field that its type may have.

use super::Source;
use super::schemes::SourceScheme;
use crate::catalogue::{self, Field};
use crate::contract::{Ctx, In, missing_as};
use crate::error::{ApiError, Result};
use crate::issuers::{self, BankOutcome, BankRail, Verdict};
use crate::resources::instruments::bank_accounts::BankAccountStatus;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::tokens::{self, Content};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};

/// The parts of a source.
#[derive(Debug, Default)]
pub(super) struct SourceDetails {
    /// The type's hash.
    pub(super) hash: Map,
    /// The card, if it has one.
    pub(super) card: Option<CardDetails>,
    /// The holder's `name` and `address_*`.
    pub(super) holder: Map,
    /// The whole account number or IBAN.
    pub(super) account_number: Option<String>,
    /// The address to which the customer sends money, if any.
    pub(super) receiver_address: Option<String>,
    /// Whether it needs no authorization although its type does.
    pub(super) passes: bool,
    /// Whether it must be verified although its type is chargeable at once.
    pub(super) unverified: bool,
}

/// Reads the parameters of the type. `page` is the page where the customer authorizes.
///
/// # Errors
/// Something is missing, or a card, token or account cannot be used.
pub(super) fn details(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    scheme: &SourceScheme,
    params: &Map,
    page: &str,
) -> Result<SourceDetails> {
    let nothing = Map::new();
    let sent = params.map(scheme.name).unwrap_or(&nothing);
    let mut details = match scheme.name {
        "card" => card(tx, ctx, params)?,
        "three_d_secure" => three_d_secure(tx, sent)?,
        "sepa_debit" => sepa_debit(ctx, &tx.account_id(), sent, params)?,
        "ach_debit" => ach_debit(tx, ctx, sent, params)?,
        "acss_debit" | "au_becs_debit" => bank_debit(scheme.name, sent, &tx.account_id())?,
        "ach_credit_transfer" | "sepa_credit_transfer" => credit_transfer(ctx, scheme.name, &tx.account_id()),
        "multibanco" => multibanco(ctx),
        "wechat" => SourceDetails { hash: Map::from([("qr_code_url", page.to_owned())]), ..SourceDetails::default() },
        _ => SourceDetails::default(),
    };
    // The data of a card is shown in the form of the card.
    let shown = if details.card.is_some() { &nothing } else { sent };
    details.hash = completed(scheme.name, shown, details.hash);
    Ok(details)
}

fn fields(kind: &str) -> &'static [Field] {
    let fields = catalogue::object(Source::KIND.name()).map_or(&[][..], |object| object.fields);
    match catalogue::field(fields, kind).map(|field| field.kind) {
        Some(catalogue::Type::Object(fields)) => fields,
        _ => &[],
    }
}

/// Every nullable field of the hash, then the sent values that are shown, then the known values.
fn completed(kind: &'static str, sent: &Map, known: Map) -> Map {
    let fields = fields(kind);
    let mut hash = Map::from_entries(
        fields.iter().filter(|field| field.nullable).map(|field| (field.name.into(), Doc::Null)).collect(),
    );
    for field in fields {
        if let Some(value) = sent.present(field.name) {
            hash.set(field.name, value.clone());
        }
    }
    for (key, value) in known.into_entries() {
        hash.set(key, value);
    }
    hash
}

/// A card from a token or from its number.
fn card(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<SourceDetails> {
    let (card, holder) = match (params.str("token"), params.map("card")) {
        (Some(token), _) => match tokens::redeem(tx, ctx, token, || missing_as("token", token, In::Param("token")))? {
            Content::Card { details, holder, .. } => (*details, holder),
            Content::BankAccount(_) => return Err(ApiError::source_token_of_other_kind(token, "card")),
        },
        (None, Some(hash)) => (CardDetails::from_params(hash, "card", ctx, &tx.account_id())?, tokens::holder_of(hash)),
        (None, None) => return Err(ApiError::param_missing("card")),
    };
    let name = holder.present("name").or(params.map("owner").and_then(|owner| owner.present("name")));
    let hash = card_hash("card", &card, name.cloned());
    Ok(SourceDetails { hash, card: Some(card), holder, ..SourceDetails::default() })
}

/// The part of the hash about the card.
fn card_hash(kind: &str, card: &CardDetails, name: Option<Doc>) -> Map {
    let legacy = card.legacy_entries();
    let mut hash = Map::from_entries(
        fields(kind)
            .iter()
            .filter_map(|field| Some((field.name.into(), legacy.present(field.name)?.clone())))
            .collect(),
    );
    hash.set("name", name);
    hash.set("three_d_secure", three_d_secure_need(card));
    hash
}

/// Whether a card requires, recommends or allows 3D Secure.
fn three_d_secure_need(card: &CardDetails) -> &'static str {
    let test_card = card.test_card();
    if test_card.on_session == Verdict::Authenticate {
        "required"
    } else if card.three_d_secure {
        "optional"
    } else {
        "not_supported"
    }
}

/// A 3D Secure payment with a card that is a source or a customer's card. It is chargeable at once if the issuer asks
/// for nothing.
fn three_d_secure(tx: &Tx, sent: &Map) -> Result<SourceDetails> {
    const PARAM: &str = "three_d_secure[card]";
    let id = sent.str("card").ok_or_else(|| ApiError::param_missing(PARAM))?;
    let missing = || missing_as("source", id, In::Param(PARAM));
    let (card, shown, customer) = if let Some(source) = tx.get::<Source>(id) {
        super::rules::check_status(&source)?;
        let card = source.card_details.clone().ok_or_else(missing)?;
        (card, source.rest.map(&source.kind).cloned(), source.customer.0.clone())
    } else {
        let card = tx.get::<Card>(id).filter(|card| card.account.is_none()).ok_or_else(missing)?;
        (card.details.clone(), Some(card.to_doc()), card.customer.clone())
    };
    let of = sent.str("customer");
    if of.is_some() && of != customer.as_deref() {
        return Err(missing());
    }
    let name = shown.as_ref().and_then(|shown| shown.present("name")).cloned();
    let mut hash = card_hash("three_d_secure", &card, name);
    hash.set("authenticated", false);
    hash.set("card", id.to_owned());
    hash.set("customer", of.map(str::to_owned));
    let test_card = card.test_card();
    let asked = [test_card.on_session, test_card.on_request].contains(&Verdict::Authenticate);
    Ok(SourceDetails { hash, card: Some(card), passes: !asked, ..SourceDetails::default() })
}

fn sepa_debit(ctx: &Ctx<'_>, account: &str, sent: &Map, params: &Map) -> Result<SourceDetails> {
    const PARAM: &str = "sepa_debit[iban]";
    let iban = sent.str("iban").ok_or_else(|| ApiError::param_missing(PARAM))?;
    if params.map("owner").and_then(|owner| owner.present("name")).is_none() {
        return Err(ApiError::param_missing("owner[name]"));
    }
    if let Some(BankOutcome::Refuse(code)) = issuers::bank_by_iban(iban).map(|bank| bank.outcome) {
        return Err(ApiError::source_account_refused(code, PARAM));
    }
    if !issuers::is_valid_iban(iban) {
        return Err(ApiError::source_iban_invalid(PARAM));
    }
    let iban: String = iban.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let (bank_code, branch_code) = issuers::iban_codes(&iban);
    let hash = Map::from([
        ("bank_code", bank_code),
        ("branch_code", branch_code),
        ("country", iban.get(..2).unwrap_or_default().to_owned()),
        ("fingerprint", issuers::fingerprint(&iban, account)),
        ("last4", tokens::last4(&iban)),
        ("mandate_reference", ctx.ids.id("", 16).to_uppercase()),
    ]);
    Ok(SourceDetails { hash, account_number: Some(iban), ..SourceDetails::default() })
}

/// An American bank account, from a token or from its numbers.
fn ach_debit(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, params: &Map) -> Result<SourceDetails> {
    let account = match params.str("token") {
        Some(token) => match tokens::redeem(tx, ctx, token, || missing_as("token", token, In::Param("token")))? {
            Content::BankAccount(account) => *account,
            Content::Card { .. } => return Err(ApiError::source_token_of_other_kind(token, "ach_debit")),
        },
        None => {
            let mut numbers = sent.clone();
            numbers.set("country", "US");
            numbers.set("currency", "usd");
            tokens::bank_account(&numbers, "ach_debit", ctx, &tx.account_id())?
        }
    };
    let mut hash = Map::new();
    for key in ["bank_name", "country", "fingerprint", "last4", "routing_number"] {
        hash.set(key, account.rest.get(key).cloned().unwrap_or_default());
    }
    let kind = sent.present("type").or(account.rest.present("account_holder_type"));
    hash.set("type", kind.cloned());
    let holder = Map::from([("name", account.rest.get("account_holder_name").cloned().unwrap_or_default())]);
    let unverified = account.status != BankAccountStatus::Verified;
    Ok(SourceDetails { hash, holder, unverified, account_number: account.account_number, ..SourceDetails::default() })
}

/// A Canadian or Australian account.
fn bank_debit(kind: &'static str, sent: &Map, account: &str) -> Result<SourceDetails> {
    let part = |name: &str| sent.str(name).ok_or_else(|| ApiError::param_missing(&format!("{kind}[{name}]")));
    let mut hash = Map::new();
    let routing = if kind == "acss_debit" {
        let routing = format!("0{}{}", part("institution_number")?, part("transit_number")?);
        hash.set("bank_name", tokens::TEST_BANK_NAME);
        hash.set("country", "CA");
        hash.set("routing_number", routing.clone());
        routing
    } else {
        part("bsb_number")?.to_owned()
    };
    let number = part("account_number")?;
    let rail = BankRail::AuBecsDebit;
    let known = issuers::bank_by_account(rail, number).filter(|_| kind == rail.as_str());
    if let Some(BankOutcome::Refuse(code)) = known.map(|bank| bank.outcome) {
        return Err(ApiError::source_account_refused(code, "au_becs_debit[account_number]"));
    }
    hash.set("fingerprint", tokens::bank_fingerprint(&routing, number, account));
    hash.set("last4", tokens::last4(number));
    Ok(SourceDetails { hash, account_number: Some(number.to_owned()), ..SourceDetails::default() })
}

/// An account to which the customer sends money.
fn credit_transfer(ctx: &Ctx<'_>, kind: &str, account: &str) -> SourceDetails {
    let number = format!("test_{:012x}", ctx.ids.number(1 << 48));
    if kind == "sepa_credit_transfer" {
        let hash = Map::from([
            ("bank_name", "TEST BANK".to_owned()),
            ("bic", "TSTEZ122".to_owned()),
            ("iban", number.clone()),
        ]);
        return SourceDetails { hash, receiver_address: Some(number), ..SourceDetails::default() };
    }
    let routing = issuers::TEST_ROUTING_NUMBER;
    let hash = Map::from([
        ("account_number", number.clone()),
        ("bank_name", "TEST BANK".to_owned()),
        ("fingerprint", tokens::bank_fingerprint(routing, &number, account)),
        ("routing_number", routing.to_owned()),
        ("swift_code", "TSTEZ122".to_owned()),
    ]);
    SourceDetails { hash, receiver_address: Some(format!("{routing}-{number}")), ..SourceDetails::default() }
}

fn multibanco(ctx: &Ctx<'_>) -> SourceDetails {
    let entity = format!("{:05}", ctx.ids.number(100_000));
    let reference = format!("{:09}", ctx.ids.number(1_000_000_000));
    let receiver_address = Some(format!("{entity}-{reference}"));
    let hash = Map::from([("entity", entity), ("reference", reference)]);
    SourceDetails { hash, receiver_address, ..SourceDetails::default() }
}
