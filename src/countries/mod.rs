//! The countries of connected accounts: their currencies, bank accounts and payouts, and what has to be told there.
//!
//! `table` holds the rows, which accounts, persons, bank accounts and `GET /v1/country_specs` read (connect-accounts 2.3, 3.3,
//! 3.4, 5); `postal` holds the places of Japanese postal codes (connect-accounts 1.2).
//!
//! May use: nothing. Invariant: what differs from country to country is a row, never a branch of a rule.

mod postal;
mod table;

#[cfg(test)]
mod tests;

pub use self::postal::{JapanesePlace, japanese_place};

/// The country of an account that was created without one.
pub const DEFAULT: &str = "US";

/// A country.
#[derive(Debug)]
pub struct Country {
    /// Two letters.
    pub code: &'static str,
    /// The currency of its accounts.
    pub currency: &'static str,
    /// Days from a payment to its daily payout.
    pub delay_days: i64,
    /// Its first test bank account.
    pub bank: BankRow,
    /// Words on the recipient agreement there: `narrow` (an account leaves out what is not known), `late` (a payout takes a
    /// day), `id_number` (an individual's is needed).
    marks: &'static str,
}

/// A test bank account of a country.
#[derive(Debug)]
pub struct BankRow {
    /// The country.
    pub country: &'static str,
    /// The account number or IBAN.
    pub number: &'static str,
    /// The routing number that is sent with it; empty if none is.
    pub routing: &'static str,
    /// The bank of the routing number; empty for the test bank.
    pub name: &'static str,
}

/// How a routing number is shown.
#[derive(Clone, Copy, Debug)]
pub enum RoutingForm {
    /// With a space after so many characters.
    Split(usize),
    /// Its digits alone.
    Digits,
    /// This text, if none was sent.
    Without(&'static str),
    /// This text, whatever was sent.
    Always(&'static str),
    /// The first characters of the account number, if none was sent.
    FirstOfNumber(usize),
    /// A bank's code of eight letters with this branch.
    Branch(&'static str),
}

/// What an individual has to tell in a country. Texts hold paths below `individual`, with spaces between them.
#[derive(Debug)]
pub struct PersonRow {
    country: &'static str,
    needs: &'static [&'static str],
    for_payouts: &'static str,
    after_document: &'static str,
    held: &'static str,
}

/// What a company has to tell in a country. Texts hold paths with spaces between them.
#[derive(Debug)]
pub struct CompanyRow {
    country: &'static str,
    representative: &'static [&'static str],
    owners: &'static [&'static str],
    eventually: &'static [&'static str],
    eventually_of_owners: &'static [&'static str],
    company: &'static str,
    has_owners: bool,
    held: &'static str,
}

/// Every country, by its code.
pub fn all() -> &'static [Country] {
    table::COUNTRIES
}

/// The country with a code of two capital letters.
pub fn find(code: &str) -> Option<&'static Country> {
    let at = table::COUNTRIES.binary_search_by(|row| row.code.cmp(code)).ok()?;
    table::COUNTRIES.get(at)
}

/// The currency of a country's accounts; US dollars in one that has no row.
pub fn currency(code: &str) -> &'static str {
    find(code).map_or("usd", |country| country.currency)
}

/// The bank of a routing number of a country; the first of the country without one, if none has it.
pub fn bank(code: &str, routing: Option<&str>) -> Option<&'static BankRow> {
    let first = &find(code)?.bank;
    let others = table::BANKS.iter().filter(|bank| bank.country == code);
    let routing = routing?;
    std::iter::once(first).chain(others).find(|bank| !bank.routing.is_empty() && bank.routing == routing)
}

/// Whether an account number is a test number of some country, whatever the country in it says.
pub fn is_test_number(number: &str) -> bool {
    let body = |text: &str| text.get(2..).map(str::to_owned);
    table::COUNTRIES.iter().any(|country| body(country.bank.number) == body(number))
}

/// A routing number as it is shown: what was sent, in the form of its country.
pub fn routing(code: &str, sent: Option<&str>, number: &str) -> String {
    let form = table::ROUTING.iter().find(|(country, _)| *country == code).map(|(_, form)| *form);
    let first = |count: usize| number.chars().take(count).collect::<String>();
    match (form, sent) {
        (Some(RoutingForm::Always(text)), _) | (Some(RoutingForm::Without(text)), None) => text.to_owned(),
        (Some(RoutingForm::FirstOfNumber(count)), None) => first(count),
        (_, None) => PLACEHOLDER.to_owned(),
        (Some(RoutingForm::Split(at)), Some(sent)) if sent.is_char_boundary(at) && !sent.contains(' ') => {
            let (head, tail) = sent.split_at(at);
            format!("{head} {tail}")
        }
        (Some(RoutingForm::Digits), Some(sent)) => sent.chars().filter(char::is_ascii_digit).collect(),
        (Some(RoutingForm::Branch(branch)), Some(sent)) if sent.len() == 8 => format!("{sent}{branch}"),
        (_, Some(sent)) => sent.to_owned(),
    }
}

/// The routing number of a bank account that has none.
const PLACEHOLDER: &str = "110000000";

impl Country {
    /// The currencies of the bank accounts and cards that its accounts are paid out to, each with the country of such an account.
    pub fn banks(&self) -> Vec<(&'static str, &'static str)> {
        let mut banks = vec![(self.currency, self.code), (currency(DEFAULT), DEFAULT)];
        banks.dedup_by_key(|(currency, _)| *currency);
        banks
    }

    fn has(&self, mark: &str) -> bool {
        self.marks.split_whitespace().any(|known| known == mark)
    }

    /// Whether a recipient's account shows as null what other accounts leave out.
    pub fn is_wide_for_recipients(&self) -> bool {
        !self.has("narrow")
    }

    /// Whether a payout of a recipient by hand takes a day.
    pub fn is_late_for_recipients(&self) -> bool {
        self.has("late")
    }

    /// Whether a recipient has to tell an id number.
    pub fn needs_id_number_of_recipients(&self) -> bool {
        self.has("id_number")
    }
}

/// The row of a country among rows of which the last is that of all others.
fn row<T>(rows: &'static [T], code: &str, country: fn(&T) -> &'static str) -> &'static T {
    let found = rows.iter().find(|row| country(row) == code);
    found.unwrap_or(&rows[rows.len() - 1])
}

/// What an individual has to tell in a country.
pub fn person(code: &str) -> &'static PersonRow {
    row(table::PERSONS, code, |row| row.country)
}

/// What a company has to tell in a country.
pub fn company(code: &str) -> &'static CompanyRow {
    row(table::COMPANIES, code, |row| row.country)
}

/// The paths in texts.
fn paths(texts: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    texts.iter().flat_map(|text| text.split_whitespace())
}

impl PersonRow {
    /// What has to be told.
    pub fn needs(&self) -> impl Iterator<Item = &'static str> {
        paths(self.needs)
    }

    /// What has to be told before money is paid out, and holds back nothing else.
    pub fn for_payouts(&self) -> impl Iterator<Item = &'static str> {
        self.for_payouts.split_whitespace()
    }

    /// What has to be told before money is paid out once a document was sent, and what may be told in its place.
    pub fn after_document(&self) -> Option<(&'static str, &'static str)> {
        self.after_document.split_once(' ')
    }

    /// What the service checks once all is told, which holds back payouts alone.
    pub fn held(&self) -> impl Iterator<Item = &'static str> {
        self.held.split_whitespace()
    }
}

impl CompanyRow {
    /// What has to be told of the representative.
    pub fn representative(&self) -> impl Iterator<Item = &'static str> {
        paths(self.representative)
    }

    /// What has to be told of each owner; `None` where owners have not to be named.
    pub fn owners(&self) -> Option<impl Iterator<Item = &'static str>> {
        self.has_owners.then(|| paths(self.owners))
    }

    /// What has to be told of the company besides its name, address, phone and tax id.
    pub fn company(&self) -> impl Iterator<Item = &'static str> {
        self.company.split_whitespace()
    }

    /// What has to be told later, with the part that it is told of.
    pub fn eventually(&self) -> impl Iterator<Item = &'static str> {
        paths(self.eventually)
    }

    /// What has to be told of each owner later.
    pub fn eventually_of_owners(&self) -> impl Iterator<Item = &'static str> {
        paths(self.eventually_of_owners)
    }

    /// What the service checks once it knows the company, besides what it checks everywhere.
    pub fn held(&self) -> impl Iterator<Item = &'static str> {
        self.held.split_whitespace()
    }
}
