//! Bank accounts without an owner: from a `bank_account` hash or a test token.
//!
//! May use: the bank test data. Invariant: the numbers of a bank account are valid.

use crate::contract::Ctx;
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::money;
use crate::resources::instruments::bank_accounts::{self, BankAccount, BankAccountStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;

/// The bank of every test account.
pub const TEST_BANK_NAME: &str = "STRIPE TEST BANK";

/// The bank account of a hash with `country`, `currency`, `account_number` and `routing_number` (core-payments 3.4.3,
/// 5.1.4). `account` is the id of the current account; `prefix` is the hash's name in the request, for the errors of
/// missing parts.
///
/// # Errors
/// A part is missing, or the currency or a number is invalid.
pub fn bank_account(params: &Map, prefix: &str, ctx: &Ctx<'_>, account: &str) -> Result<BankAccount> {
    let param = |name: &str| format!("{prefix}[{name}]");
    let part = |name: &str| params.str(name).ok_or_else(|| ApiError::param_missing(&param(name)));
    let country = part("country")?.to_uppercase();
    let number = part("account_number")?.to_owned();
    let currency = match params.str("currency") {
        Some(currency) => currency.to_lowercase(),
        None if country == "US" => "usd".to_owned(),
        None => return Err(ApiError::param_missing(&param("currency"))),
    };
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid(&param("currency"), &currency, money::CURRENCIES));
    }
    // Only an American account is identified by a routing number.
    let routing = if country == "US" { Some(part("routing_number")?) } else { params.str("routing_number") };
    match routing.filter(|_| country == "US") {
        Some(routing) if countries::bank("US", Some(routing)).is_some() => {
            issuers::check_us_test_account(issuers::TEST_ROUTING_NUMBER, &number)
                .map_err(|fault| ApiError::bank_fault(prefix, fault))?;
        }
        Some(routing) => {
            issuers::check_us_test_account(routing, &number).map_err(|fault| ApiError::bank_fault(prefix, fault))?;
        }
        None if looks_like_iban(&number)
            && !(issuers::is_valid_iban(&number) || countries::is_test_number(&number)) =>
        {
            return Err(ApiError::iban_invalid(param("account_number")));
        }
        None => {}
    }
    let holder = Map::from(
        ["account_holder_name", "account_holder_type", "account_type"]
            .map(|key| (key, params.get(key).cloned().unwrap_or_default())),
    );
    let facts =
        Facts { country: &country, currency: &currency, routing, number: &number, status: BankAccountStatus::New };
    Ok(facts.account(ctx, account, &holder))
}

/// An IBAN begins with a country's two letters, as no other number does.
fn looks_like_iban(number: &str) -> bool {
    number.bytes().take(2).filter(u8::is_ascii_alphabetic).count() == 2
}

/// The account of a test token such as `btok_us_verified` (core-payments 5.2).
pub(super) fn of_test_token(ctx: &Ctx<'_>, account: &str, token: &str) -> Option<BankAccount> {
    if !token.starts_with("btok_") {
        return None;
    }
    let bank = issuers::bank_by_name(token)?;
    let holder = Map::from([
        ("account_holder_name", Doc::from("Jane Austen")),
        ("account_holder_type", "individual".into()),
        ("account_type", Doc::Null),
    ]);
    let status =
        if issuers::is_verified_bank_token(token) { BankAccountStatus::Verified } else { BankAccountStatus::New };
    let facts = Facts { country: "US", currency: "usd", routing: Some(bank.routing), number: bank.account, status };
    Some(facts.account(ctx, account, &holder))
}

struct Facts<'a> {
    country: &'a str,
    currency: &'a str,
    routing: Option<&'a str>,
    number: &'a str,
    status: BankAccountStatus,
}

impl Facts<'_> {
    fn account(&self, ctx: &Ctx<'_>, account: &str, holder: &Map) -> BankAccount {
        let mut rest = holder.clone();
        let name = countries::bank(self.country, self.routing).map_or("", |bank| bank.name);
        rest.set("bank_name", if name.is_empty() { TEST_BANK_NAME } else { name });
        rest.set("country", self.country.to_owned());
        rest.set("currency", self.currency.to_owned());
        rest.set("fingerprint", fingerprint(self.routing.unwrap_or_default(), self.number, account));
        rest.set("last4", last4(self.number));
        rest.set("routing_number", countries::routing(self.country, self.routing, self.number));
        if self.country == "JP" && rest.present("account_type").is_none() {
            rest.set("account_type", "futsu");
        }
        BankAccount {
            id: bank_accounts::ENTRY.id.draw(&ctx.ids).into(),
            account: Absent(None),
            customer: Absent(None),
            status: self.status,
            metadata: Map::new(),
            created: ctx.now,
            account_number: Some(self.number.to_owned()),
            rest,
        }
    }
}

/// The same for one bank account in one account.
pub fn fingerprint(routing: &str, number: &str, account: &str) -> String {
    issuers::fingerprint(&format!("{routing}-{number}"), account)
}

/// The last four characters of an account number or IBAN.
pub fn last4(number: &str) -> String {
    let from = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    number[from..].to_owned()
}
