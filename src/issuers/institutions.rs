//! The institutions of the test bank, and the accounts that a person can link there (connect-accounts 12).
//!
//! May use: the test bank accounts. Invariant: data alone; an account that debits can be made of has a number.

use super::banks::TEST_ROUTING_NUMBER;

/// An institution that a person can choose.
#[derive(Clone, Copy, Debug)]
pub struct TestInstitution {
    /// How forms and calls name it.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Why nobody can log in there; `None` if they can.
    pub outage: Option<&'static str>,
    /// The accounts of whoever logs in.
    pub accounts: &'static [TestFinancialAccount],
}

/// An account at an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestFinancialAccount {
    /// How forms and calls name it.
    pub key: &'static str,
    /// The name that its holder gave it.
    pub name: &'static str,
    /// `checking`, `savings`, `credit_card`, `line_of_credit` or `mortgage`.
    pub subcategory: &'static str,
    /// The number.
    pub number: &'static str,
    /// Whether it can be debited.
    pub pays: bool,
    /// The money on it in cents; what is owed, on credit.
    pub current: i64,
    /// What its bank tells of it.
    pub told: BankAnswer,
}

/// What a bank tells of an account when it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankAnswer {
    /// Everything; it has this many owners.
    All(usize),
    /// Everything but its owners.
    NoOwners,
    /// Nothing: every refresh fails.
    Nothing,
}

/// A person who owns an account.
#[derive(Clone, Copy, Debug)]
pub struct TestOwner {
    /// Name.
    pub name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Phone number.
    pub phone: &'static str,
    /// Address, as the bank writes it.
    pub address: &'static str,
}

/// A booking on every account.
#[derive(Clone, Copy, Debug)]
pub struct TestBooking {
    /// In cents; negative if money left the account.
    pub amount: i64,
    /// What the bank says it is.
    pub description: &'static str,
}

impl TestFinancialAccount {
    /// `cash` or `credit`.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self.subcategory {
            "checking" | "savings" => "cash",
            _ => "credit",
        }
    }

    /// The routing number.
    #[must_use]
    pub const fn routing(&self) -> &'static str {
        TEST_ROUTING_NUMBER
    }

    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }
}

const fn checking(key: &'static str, name: &'static str, number: &'static str) -> TestFinancialAccount {
    TestFinancialAccount {
        key,
        name,
        subcategory: "checking",
        number,
        pays: true,
        current: 1_000_000,
        told: BankAnswer::All(1),
    }
}

const fn credit(
    key: &'static str,
    name: &'static str,
    number: &'static str,
    subcategory: &'static str,
) -> TestFinancialAccount {
    TestFinancialAccount { subcategory, pays: false, current: -25_000, ..checking(key, name, number) }
}

/// What whoever logs in has at most institutions. Those that a debit fails of have the numbers of the test accounts
/// (core-payments 7.6).
const USUAL: &[TestFinancialAccount] = &[
    checking("success", "Success", "000123456789"),
    TestFinancialAccount { subcategory: "savings", ..checking("savings", "Savings", "000987654321") },
    TestFinancialAccount { current: 1_000, ..checking("insufficient_funds", "Insufficient funds", "000222222227") },
    checking("account_closed", "Closed", "000111111113"),
    checking("debit_not_authorized", "Debit not authorized", "000333333335"),
    checking("dispute", "Disputed", "000555555559"),
    TestFinancialAccount {
        told: BankAnswer::Nothing,
        ..checking("data_unavailable", "Data unavailable", "000123450000")
    },
    credit("credit_card", "Credit card", "4242424242424242", "credit_card"),
    credit("line_of_credit", "Line of credit", "000000001111", "line_of_credit"),
    credit("mortgage", "Mortgage", "000000002222", "mortgage"),
];

const OWNED: &[TestFinancialAccount] = &[
    checking("one_owner", "One owner", "000123456789"),
    TestFinancialAccount { told: BankAnswer::All(2), ..checking("two_owners", "Two owners", "000987654321") },
    TestFinancialAccount { told: BankAnswer::NoOwners, ..checking("no_owners", "Owners unavailable", "000123450000") },
];

const UNPAYABLE: &[TestFinancialAccount] = &[
    TestFinancialAccount { pays: false, ..checking("unusable_checking", "Unusable checking", "000123451111") },
    TestFinancialAccount {
        pays: false,
        subcategory: "savings",
        ..checking("unusable_savings", "Unusable savings", "000123452222")
    },
];

const fn open(key: &'static str, name: &'static str, accounts: &'static [TestFinancialAccount]) -> TestInstitution {
    TestInstitution { key, name, outage: None, accounts }
}

const fn down(key: &'static str, name: &'static str, why: &'static str) -> TestInstitution {
    TestInstitution { key, name, outage: Some(why), accounts: &[] }
}

/// The institutions that the API's documentation names, in its order.
pub const INSTITUTIONS: &[TestInstitution] = &[
    open("test_institution", "Test Institution", USUAL),
    open("test_oauth_institution", "Test OAuth Institution", USUAL),
    open("ownership_accounts", "Ownership Accounts", OWNED),
    open("sandbox_bank_oauth", "Sandbox Bank (OAuth)", USUAL),
    open("sandbox_bank_non_oauth", "Sandbox Bank (Non-OAuth)", USUAL),
    // A name, not the beginning of a sentence.
    open("invalid_payment_accounts", concat!("Invalid", " Payment Accounts"), UNPAYABLE),
    down("down_bank_scheduled", "Down Bank (Scheduled)", "It said that nobody can log in until tomorrow."),
    down("down_bank_unscheduled", "Down Bank (Unscheduled)", "Nobody can log in, and it did not say why."),
    down("down_bank_error", "Down Bank (Error)", "It answers with an error."),
];

/// The people who own accounts, the first of whom owns most.
pub const OWNERS: &[TestOwner] = &[
    TestOwner {
        name: "Jane Smith",
        email: "nobody+janesmith@stripe.com",
        phone: "+1 555-555-5555",
        address: "123 Main Street, Everytown USA",
    },
    TestOwner {
        name: "John Smith",
        email: "nobody+johnsmith@stripe.com",
        phone: "+1 555-555-5556",
        address: "123 Main Street, Everytown USA",
    },
];

/// What is booked on an account before somebody looks, the oldest first: each a day after the one before.
pub const BOOKINGS: &[TestBooking] = &[
    TestBooking { amount: 250_000, description: "Payroll" },
    TestBooking { amount: -120_000, description: "Rent" },
    TestBooking { amount: -4_599, description: "Groceries" },
    TestBooking { amount: 300, description: "Rocket Rides" },
];

/// What is on its way whenever somebody looks.
pub const ON_ITS_WAY: TestBooking = TestBooking { amount: -1_250, description: "Coffee" };

/// The institution with a key.
#[must_use]
pub fn institution(key: &str) -> Option<&'static TestInstitution> {
    INSTITUTIONS.iter().find(|institution| institution.key == key)
}

impl TestInstitution {
    /// The account with a key.
    #[must_use]
    pub fn account(&self, key: &str) -> Option<&'static TestFinancialAccount> {
        self.accounts.iter().find(|account| account.key == key)
    }
}
