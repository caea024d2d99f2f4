//! The data of a card, and its form in each object (core-payments 4.1, 5.3.1, 5.4, 6.3).
//!
//! May use: the test cards. Invariant: the whole number is stored only here, and never shown.

use std::sync::LazyLock;

use smallvec::{SmallVec, smallvec};

use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::issuers::{self, Brand, Check, Funding, INCORRECT_CVC, TestCard, Verdict};
use crate::state::document::{Doc, Map, Text};
use crate::state::object::FieldValue;

/// Members of a card in a charge: room for those that depend on the charge, too.
const CHARGE_ENTRIES_MAX: usize = 24;

/// The holder's data of a card.
pub(in crate::resources::instruments) const HOLDER_KEYS: [&str; 7] =
    ["name", "address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip"];

/// The parts of an address, and their names in legacy cards and sources.
pub(in crate::resources::instruments) const LEGACY_ADDRESS: [(&str, &str); 6] = [
    ("city", "address_city"),
    ("country", "address_country"),
    ("line1", "address_line1"),
    ("line2", "address_line2"),
    ("postal_code", "address_zip"),
    ("state", "address_state"),
];

/// A card, as every object with a card stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct CardDetails {
    /// The digits; empty for a card from a dump, which contains only the last four.
    pub number: Text,
    /// The brand.
    pub brand: Brand,
    /// Every network of the card, the brand first.
    pub networks: SmallVec<[Brand; 2]>,
    /// The network that the customer prefers; `None` for no preference.
    pub preferred_network: Option<Text>,
    /// The issuer's country, two letters.
    pub country: Option<Text>,
    /// Credit, debit or prepaid.
    pub funding: Funding,
    /// 1 to 12.
    pub exp_month: i64,
    /// Four digits.
    pub exp_year: i64,
    /// The same for one number in one account.
    pub fingerprint: Option<Text>,
    /// The last four digits.
    pub last4: Text,
    /// The check of the security code; `None` if none was sent.
    pub cvc_check: Option<Check>,
    /// The check of the address line; `None` if none was sent.
    pub line1_check: Option<Check>,
    /// The check of the postal code; `None` if none was sent.
    pub postal_check: Option<Check>,
    /// Whether 3D Secure is supported.
    pub three_d_secure: bool,
    /// The wallet of the card; null for none.
    pub wallet: Doc,
}

impl CardDetails {
    /// The card of a `card` hash with `number`, `exp_month`, `exp_year` and `cvc` (core-payments 4.2.2, 5.1.4).
    /// `account` is the id of the current account. `prefix` is the name of the hash in the request, for the errors of
    /// missing parts.
    ///
    /// # Errors
    /// A part is missing or invalid (core-payments 7.5).
    pub fn from_params(params: &Map, prefix: &str, ctx: &Ctx<'_>, account: &str) -> Result<Self> {
        let missing = |name: &str| ApiError::param_missing(&format!("{prefix}[{name}]"));
        let number = params.str("number").ok_or_else(|| missing("number"))?;
        let exp_month = whole(params, "exp_month").ok_or_else(|| missing("exp_month"))?;
        let exp_year = whole(params, "exp_year").ok_or_else(|| missing("exp_year"))?;
        let cvc = params.str("cvc");
        let (year, month) = ctx.year_and_month();
        let checked =
            issuers::check_card(number, exp_month, exp_year, cvc, year, month).map_err(ApiError::card_fault)?;
        let mut card = Self::of_number(checked.digits.into(), checked.exp_month, checked.exp_year, account);
        card.cvc_check = cvc.map(|_| Check::Unchecked);
        card.line1_check = params.str("address_line1").map(|_| Check::Unchecked);
        card.postal_check = params.str("address_zip").map(|_| Check::Unchecked);
        card.prefer(params);
        Ok(card)
    }

    /// The card of a test token or test payment method (core-payments 4.3, 5.2): it expires next year, and counts as
    /// sent with its security code; one whose address is not confirmed counts as sent with an address (core-payments
    /// 7.4).
    pub fn of_test_card(card: &TestCard, ctx: &Ctx<'_>, account: &str) -> Self {
        let (year, month) = ctx.year_and_month();
        let (exp_month, exp_year) = issuers::default_expiry(year, month);
        let mut details = Self::of_number(card.number.into(), exp_month, exp_year, account);
        details.cvc_check = Some(Check::Unchecked);
        if [card.line1_check, card.postal_check] != [Check::Pass; 2] {
            details.line1_check = Some(Check::Unchecked);
            details.postal_check = Some(Check::Unchecked);
        }
        details
    }

    fn of_number(number: Text, exp_month: i64, exp_year: i64, account: &str) -> Self {
        let profile = issuers::for_number(&number);
        CardDetails {
            brand: profile.brand,
            networks: profile.networks.into(),
            preferred_network: None,
            country: Some(profile.country.into()),
            funding: profile.funding,
            exp_month,
            exp_year,
            fingerprint: Some(issuers::fingerprint(&number, account).into()),
            last4: Text::copy_of(&number[number.len().saturating_sub(4)..]),
            cvc_check: None,
            line1_check: None,
            postal_check: None,
            three_d_secure: profile.card.three_d_secure_supported,
            wallet: Doc::Null,
            number,
        }
    }

    /// Applies the preferred network of a `card` hash; one that the card does not have is shown as
    /// `invalid_preference`.
    pub fn prefer(&mut self, hash: &Map) {
        let Some(preferred) = hash.map("networks").and_then(|networks| networks.get("preferred")) else { return };
        let has = |name: &str| self.networks.iter().any(|network| network.as_str() == name);
        self.preferred_network =
            preferred.as_str().map(|name| Text::copy_of(if has(name) { name } else { "invalid_preference" }));
    }

    /// Changes the month, the year, or both; a year may have two digits.
    ///
    /// # Errors
    /// An invalid date, or one in the past (core-payments 7.5).
    pub fn change_expiry(&mut self, ctx: &Ctx<'_>, month: Option<i64>, year: Option<i64>) -> Result<()> {
        if month.is_none() && year.is_none() {
            return Ok(());
        }
        // The whole number of a card from a dump is not known; the expiry is checked without it.
        let number: &str = if self.number.is_empty() { "4242424242424242" } else { &self.number };
        let (now_year, now_month) = ctx.year_and_month();
        let (month, year) = (month.unwrap_or(self.exp_month), year.unwrap_or(self.exp_year));
        let checked =
            issuers::check_card(number, month, year, None, now_year, now_month).map_err(ApiError::card_fault)?;
        (self.exp_month, self.exp_year) = (checked.exp_month, checked.exp_year);
        Ok(())
    }

    /// The row of this card in the table of test cards.
    pub fn test_card(&self) -> &'static TestCard {
        if !self.number.is_empty() {
            return issuers::for_number(&self.number).card;
        }
        // A card from a dump contains only its last digits; an unknown one succeeds.
        issuers::recognise(Some(self.brand), self.country.as_deref(), &self.last4)
            .unwrap_or_else(|| issuers::for_number("4242424242424242").card)
    }

    /// The issuer's answer if the row of the card has this verdict: a security code that was not sent cannot be wrong
    /// (core-payments 7.3).
    pub fn answer(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Decline(decline) if decline.code == INCORRECT_CVC.code && self.cvc_check.is_none() => {
                Verdict::Approve
            }
            verdict => verdict,
        }
    }

    /// Asks the issuer whether the card may be saved (core-payments 3.5).
    ///
    /// # Errors
    /// The decline, always with a `param`, which may be empty.
    pub fn check_saving(&self) -> Result<()> {
        match self.answer(self.test_card().attach) {
            Verdict::Decline(decline) => Err(ApiError::card_declined(decline, Some(decline.param.unwrap_or("")))),
            // Saving cannot authenticate the customer, and does not need to (core-payments 4.4.10).
            Verdict::Approve | Verdict::Authenticate => Ok(()),
        }
    }

    /// Makes the checks, when the card is first attached or charged; their results do not change later (core-payments
    /// 4.1.1).
    pub fn make_checks(&mut self) {
        [self.line1_check, self.postal_check, self.cvc_check] = self.made_checks();
    }

    /// The checks of address line, postal code and security code, once they are made of what was sent.
    fn made_checks(&self) -> [Option<Check>; 3] {
        let card = self.test_card();
        [
            self.line1_check.map(|_| card.line1_check),
            self.postal_check.map(|_| card.postal_check),
            self.cvc_check.map(|_| card.cvc_check),
        ]
    }

    /// `payment_method.card`.
    pub fn payment_method_hash(&self) -> Map {
        let available: Vec<Doc> = self.networks.iter().map(|network| network.as_str().into()).collect();
        Map::from([
            ("brand", Doc::from(self.brand.as_str())),
            ("checks", shown_checks([self.line1_check, self.postal_check, self.cvc_check]).into()),
            ("country", self.country.clone().into()),
            ("display_brand", self.brand.display().into()),
            ("exp_month", self.exp_month.into()),
            ("exp_year", self.exp_year.into()),
            ("fingerprint", self.fingerprint.clone().into()),
            ("funding", self.funding.as_str().into()),
            ("generated_from", Doc::Null),
            ("last4", self.last4.clone().into()),
            (
                "networks",
                Map::from([("available", Doc::List(available)), ("preferred", self.preferred_network.clone().into())])
                    .into(),
            ),
            ("regulated_status", "unregulated".into()),
            ("three_d_secure_usage", Map::from([("supported", self.three_d_secure)]).into()),
            ("wallet", self.wallet.clone()),
        ])
    }

    /// The members of a legacy `card` object about the card itself (shapes 2.2).
    pub fn legacy_entries(&self) -> Map {
        Map::from([
            ("address_line1_check", Doc::from(self.line1_check.map(Check::as_str))),
            ("address_zip_check", self.postal_check.map(Check::as_str).into()),
            ("brand", self.brand.legacy().into()),
            ("country", self.country.clone().into()),
            ("cvc_check", self.cvc_check.map(Check::as_str).into()),
            ("dynamic_last4", Doc::Null),
            ("email", Doc::Null),
            ("exp_month", self.exp_month.into()),
            ("exp_year", self.exp_year.into()),
            ("fingerprint", self.fingerprint.clone().into()),
            ("funding", self.funding.as_str().into()),
            ("last4", self.last4.clone().into()),
            ("phone", Doc::Null),
            ("regulated_status", "unregulated".into()),
            ("tokenization_method", Doc::Null),
            ("wallet", self.wallet.clone()),
        ])
    }

    /// `charge.payment_method_details.card` without the members that depend on the charge; `makes_checks` says whether the issuer
    /// checks what was sent.
    pub fn charge_entries(&self, makes_checks: bool) -> Vec<(Text, Doc)> {
        let sent = [self.line1_check, self.postal_check, self.cvc_check];
        let checks = if makes_checks { self.made_checks() } else { sent };
        let mut entries = Vec::with_capacity(CHARGE_ENTRIES_MAX);
        entries.extend([
            (Text::fixed("brand"), Doc::from(self.brand.as_str())),
            (Text::fixed("checks"), shown_checks(checks).into()),
            (Text::fixed("country"), self.country.clone().into()),
            (Text::fixed("exp_month"), self.exp_month.into()),
            (Text::fixed("exp_year"), self.exp_year.into()),
            (Text::fixed("fingerprint"), self.fingerprint.clone().into()),
            (Text::fixed("funding"), self.funding.as_str().into()),
            (Text::fixed("last4"), self.last4.clone().into()),
            (Text::fixed("network"), self.brand.as_str().into()),
            (Text::fixed("regulated_status"), "unregulated".into()),
            (Text::fixed("wallet"), self.wallet.clone()),
        ]);
        entries
    }

    /// Reads a card from any of its forms: `payment_method.card`, a legacy `card` object or the hash of a card source.
    pub fn from_hash(hash: &Map) -> Option<Self> {
        let checks = hash.map("checks").unwrap_or(hash);
        let check = |names: [&str; 2]| names.iter().find_map(|name| checks.str(name)).and_then(parse_check);
        let brand = Brand::parse(hash.str("brand")?)?;
        let networks = hash.map("networks");
        let available = networks.and_then(|n| n.list("available")).unwrap_or_default();
        let listed: SmallVec<[Brand; 2]> = available.iter().filter_map(Doc::as_str).filter_map(Brand::parse).collect();
        let mut card = CardDetails {
            number: Text::default(),
            brand,
            networks: if listed.is_empty() { smallvec![brand] } else { listed },
            preferred_network: networks.and_then(|n| n.str("preferred")).map(Text::copy_of),
            country: hash.str("country").map(Text::copy_of),
            funding: parse_funding(hash.str("funding").unwrap_or("unknown")),
            exp_month: hash.int("exp_month")?,
            exp_year: hash.int("exp_year")?,
            fingerprint: hash.str("fingerprint").map(Text::copy_of),
            last4: Text::copy_of(hash.str("last4")?),
            cvc_check: check(["cvc_check", "cvc_check"]),
            line1_check: check(["address_line1_check", "address_line1_check"]),
            postal_check: check(["address_postal_code_check", "address_zip_check"]),
            three_d_secure: true,
            wallet: hash.get("wallet").cloned().unwrap_or_default(),
        };
        card.three_d_secure = card.test_card().three_d_secure_supported;
        Some(card)
    }
}

/// The checks of address line, postal code and security code.
fn shown_checks(all: [Option<Check>; 3]) -> Map {
    /// What nearly every charge shows, shared by them: only the security code was sent, and it is right.
    static CODE_ALONE: LazyLock<Map> = LazyLock::new(|| each_check([None, None, Some(Check::Pass)]).into_base());
    if all == [None, None, Some(Check::Pass)] { CODE_ALONE.clone() } else { each_check(all) }
}

fn each_check([line1, postal, cvc]: [Option<Check>; 3]) -> Map {
    Map::from([
        ("address_line1_check", Doc::from(line1.map(Check::as_str))),
        ("address_postal_code_check", postal.map(Check::as_str).into()),
        ("cvc_check", cvc.map(Check::as_str).into()),
    ])
}

/// A whole number, which the oldest parameters send as a string.
fn whole(params: &Map, key: &str) -> Option<i64> {
    match params.get(key)? {
        Doc::Int(n) => Some(*n),
        // A text that is not a number is an invalid month or year.
        Doc::Text(text) => Some(text.trim().parse().unwrap_or(-1)),
        _ => None,
    }
}

fn parse_check(text: &str) -> Option<Check> {
    [Check::Pass, Check::Fail, Check::Unavailable, Check::Unchecked].into_iter().find(|check| check.as_str() == text)
}

fn parse_funding(text: &str) -> Funding {
    let known = [Funding::Credit, Funding::Debit, Funding::Prepaid];
    known.into_iter().find(|funding| funding.as_str() == text).unwrap_or(Funding::Unknown)
}

impl FieldValue for CardDetails {
    fn shows_as(&self, other: &Self) -> bool {
        self == other || self.write() == other.write()
    }
    fn write(&self) -> Option<Doc> {
        Some(self.payment_method_hash().into())
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        doc.as_ref().and_then(Doc::as_map).and_then(CardDetails::from_hash).ok_or("a card with brand, last4 and expiry")
    }
}
