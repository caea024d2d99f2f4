//! Test bank accounts: direct debits (core-payments 7.6), microdeposits and payouts.
//!
//! May use: nothing of the project. Invariant: an account that is not in the table succeeds.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The routing number of American test accounts.
pub const TEST_ROUTING_NUMBER: &str = "110000000";

/// How long the accounts that simulate a delay take, in seconds.
pub const BANK_DELAY_SECONDS: i64 = 180;

/// The debit scheme of a test account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankRail {
    /// ACH, `us_bank_account`.
    UsBankAccount,
    /// `sepa_debit`.
    SepaDebit,
    /// `bacs_debit`.
    BacsDebit,
    /// `au_becs_debit`.
    AuBecsDebit,
    /// `acss_debit`.
    AcssDebit,
}

impl BankRail {
    /// The PaymentMethod `type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsBankAccount => "us_bank_account",
            Self::SepaDebit => "sepa_debit",
            Self::BacsDebit => "bacs_debit",
            Self::AuBecsDebit => "au_becs_debit",
            Self::AcssDebit => "acss_debit",
        }
    }

    /// The scheme of a PaymentMethod `type` or of a legacy source; `None` if it is not a bank debit.
    #[must_use]
    pub fn of(kind: &str) -> Option<Self> {
        match kind {
            "us_bank_account" | "ach_debit" => Some(Self::UsBankAccount),
            "sepa_debit" => Some(Self::SepaDebit),
            "bacs_debit" => Some(Self::BacsDebit),
            "au_becs_debit" => Some(Self::AuBecsDebit),
            "acss_debit" => Some(Self::AcssDebit),
            _ => None,
        }
    }
}

/// The outcome of a debit; it is `processing` first, unless the variant says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankOutcome {
    /// It succeeds.
    Succeed,
    /// It fails with this failure code.
    Fail(&'static str),
    /// It fails without a failure code.
    FailUnexplained,
    /// It succeeds and is disputed at once.
    Dispute,
    /// It stays `processing` for ever.
    StayProcessing,
    /// Radar blocks it.
    Block,
    /// Creating the PaymentMethod is refused with this error code.
    Refuse(&'static str),
    /// The bank refuses the mandate, which turns `inactive` at once.
    RefuseMandate,
    /// The microdeposits never arrive, so the account cannot be verified.
    LoseMicrodeposits,
}

/// A test bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestBank {
    /// The scheme.
    pub rail: BankRail,
    /// Routing number, sort code or BSB; empty for an IBAN.
    pub routing: &'static str,
    /// The account number or IBAN.
    pub account: &'static str,
    /// The complete ids of this account, such as `pm_usBankAccount_success` or `btok_us_verified`.
    pub names: &'static [&'static str],
    /// The outcome of a debit.
    pub outcome: BankOutcome,
    /// Whether the outcome takes [`BANK_DELAY_SECONDS`].
    pub delayed: bool,
}

impl TestBank {
    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &'static str {
        &self.account[self.account.len() - 4..]
    }

    const fn delayed(mut self) -> Self {
        self.delayed = true;
        self
    }
}

const fn bank(rail: BankRail, account: &'static str, names: &'static [&'static str], outcome: BankOutcome) -> TestBank {
    let routing = match rail {
        UsBankAccount => TEST_ROUTING_NUMBER,
        SepaDebit => "",
        BacsDebit => "108800",
        AuBecsDebit => "000000",
        AcssDebit => "11000",
    };
    TestBank { rail, routing, account, names, outcome, delayed: false }
}

/// The eight accounts that Stripe publishes for each SEPA country, always in this order.
macro_rules! sepa {
    ($($cc:literal $success:literal $later:literal $failed:literal $failed_later:literal
        $disputed:literal $volume:literal $count:literal $funds:literal;)*) => {&[$(
        bank(SepaDebit, $success, &[concat!("pm_sepaDebit_success_", $cc)], Succeed),
        bank(SepaDebit, $later, &[concat!("pm_sepaDebit_successDelayed_", $cc)], Succeed).delayed(),
        bank(SepaDebit, $failed, &[concat!("pm_sepaDebit_failed_", $cc)], SEPA_FAILED),
        bank(SepaDebit, $failed_later, &[concat!("pm_sepaDebit_failedDelayed_", $cc)], SEPA_FAILED).delayed(),
        bank(SepaDebit, $disputed, &[concat!("pm_sepaDebit_disputed_", $cc)], Dispute),
        bank(SepaDebit, $volume, &[concat!("pm_sepaDebit_exceedsWeeklyVolumeLimit_", $cc)], OVER_LIMIT),
        bank(SepaDebit, $count, &[concat!("pm_sepaDebit_exceedsWeeklyTransactionLimit_", $cc)], Fail("charge_exceeds_weekly_limit")),
        bank(SepaDebit, $funds, &[concat!("pm_sepaDebit_insufficientFunds_", $cc)], Fail("insufficient_funds")),
    )*]};
}

use BankOutcome::{
    Block, Dispute, Fail, FailUnexplained, LoseMicrodeposits, Refuse, RefuseMandate, StayProcessing, Succeed,
};
use BankRail::{AcssDebit, AuBecsDebit, BacsDebit, SepaDebit, UsBankAccount};

/// The recorded failure of such an account has no code.
const SEPA_FAILED: BankOutcome = FailUnexplained;
const OVER_LIMIT: BankOutcome = Fail("charge_exceeds_source_limit");

#[rustfmt::skip]
static ACCOUNTS: &[TestBank] = &[
    bank(UsBankAccount, "000123456789", &["pm_usBankAccount_success", "btok_us_verified", "btok_us"], Succeed),
    bank(UsBankAccount, "000111111113", &["pm_usBankAccount_accountClosed", "btok_us_verified_accountClosed"], Fail("account_closed")),
    bank(UsBankAccount, "000111111116", &["pm_usBankAccount_noAccount", "btok_us_verified_noAccount"], Fail("no_account")),
    bank(UsBankAccount, "000222222227", &["pm_usBankAccount_insufficientFunds", "btok_us_verified_insufficientFunds"], Fail("insufficient_funds")),
    bank(UsBankAccount, "000333333335", &["pm_usBankAccount_debitNotAuthorized", "btok_us_verified_debitNotAuthorized"], Fail("debit_not_authorized")),
    bank(UsBankAccount, "000444444440", &["pm_usBankAccount_invalidCurrency", "btok_us_verified_invalidCurrency"], Fail("invalid_currency")),
    bank(UsBankAccount, "000555555559", &["pm_usBankAccount_dispute"], Dispute),
    bank(UsBankAccount, "000666666661", &["pm_usBankAccount_failMicrodeposits"], LoseMicrodeposits),
    bank(UsBankAccount, "000000000009", &["pm_usBankAccount_processing"], StayProcessing),
    bank(UsBankAccount, "000777777771", &["pm_usBankAccount_weeklyLimitExceeded"], OVER_LIMIT),
    bank(UsBankAccount, "000000004954", &["pm_usBankAccount_riskLevelHighest"], Block),
    bank(UsBankAccount, "000888888885", &[], Fail("tokenized_account_number_deactivated")),
    // Accounts of the test bank's institutions (connect-accounts 12).
    bank(UsBankAccount, "000987654321", &[], Succeed),
    bank(UsBankAccount, "000123450000", &[], Succeed),

    bank(BacsDebit, "00012345", &["pm_bacsDebit_success"], Succeed),
    bank(BacsDebit, "90012345", &["pm_bacsDebit_successDelayed"], Succeed).delayed(),
    bank(BacsDebit, "33333335", &["pm_bacsDebit_debitNotAuthorized"], Fail("debit_not_authorized")),
    bank(BacsDebit, "93333335", &["pm_bacsDebit_debitNotAuthorizedDelayed"], Fail("debit_not_authorized")).delayed(),
    bank(BacsDebit, "22222227", &["pm_bacsDebit_insufficientFunds"], Fail("insufficient_funds")),
    bank(BacsDebit, "92222227", &["pm_bacsDebit_insufficientFundsDelayed"], Fail("insufficient_funds")).delayed(),
    bank(BacsDebit, "55555559", &["pm_bacsDebit_dispute"], Dispute).delayed(),
    bank(BacsDebit, "00033333", &["pm_bacsDebit_mandateRefused"], RefuseMandate),
    bank(BacsDebit, "00044444", &[], Refuse("account_number_invalid")),
    bank(BacsDebit, "34343434", &["pm_bacsDebit_exceedsWeeklyLimit"], OVER_LIMIT),
    bank(BacsDebit, "12121212", &["pm_bacsDebit_exceedsTransactionLimit"], Fail("charge_exceeds_transaction_limit")),

    bank(AuBecsDebit, "000123456", &["pm_auBecsDebit_success"], Succeed),
    bank(AuBecsDebit, "900123456", &["pm_auBecsDebit_successDelayed"], Succeed).delayed(),
    bank(AuBecsDebit, "111111113", &["pm_auBecsDebit_accountClosed"], Fail("account_closed")),
    bank(AuBecsDebit, "111111116", &["pm_auBecsDebit_noAccount"], Fail("no_account")),
    bank(AuBecsDebit, "222222227", &["pm_auBecsDebit_referToCustomer"], Fail("refer_to_customer")),
    bank(AuBecsDebit, "922222227", &["pm_auBecsDebit_referToCustomerDelayed"], Fail("refer_to_customer")).delayed(),
    bank(AuBecsDebit, "333333335", &["pm_auBecsDebit_debitNotAuthorized"], Fail("debit_not_authorized")),
    bank(AuBecsDebit, "666666660", &["pm_auBecsDebit_dispute"], Dispute),
    bank(AuBecsDebit, "343434343", &["pm_auBecsDebit_exceedsWeeklyLimit"], OVER_LIMIT),
    bank(AuBecsDebit, "121212121", &["pm_auBecsDebit_exceedsTransactionLimit"], Fail("charge_exceeds_transaction_limit")),

    bank(AcssDebit, "000123456789", &[], Succeed),
    bank(AcssDebit, "900123456789", &[], Succeed).delayed(),
    bank(AcssDebit, "000222222227", &[], Fail("insufficient_funds")),
    bank(AcssDebit, "900222222227", &[], Fail("insufficient_funds")).delayed(),
    bank(AcssDebit, "000666666661", &[], LoseMicrodeposits),
    bank(AcssDebit, "000777777771", &[], OVER_LIMIT),
    bank(AcssDebit, "000888888881", &[], Fail("charge_exceeds_transaction_limit")),

    bank(SepaDebit, "AT511904300000066666", &[], Refuse("bank_account_unusable")),
    // The Stripe CLI's fixture for a checkout that fails.
    bank(SepaDebit, "IT60X0542811101000000123456", &[], SEPA_FAILED),
];

#[rustfmt::skip]
static SEPA: &[TestBank] = sepa! {
    "at" "AT611904300234573201" "AT321904300235473204" "AT861904300235473202" "AT051904300235473205" "AT591904300235473203" "AT981904300000343434" "AT601904300000121212" "AT981904300002222227";
    "be" "BE62510007547061" "BE78510007547064" "BE68539007547034" "BE51510007547065" "BE08510007547063" "BE90510000343434" "BE52510000121212" "BE90510002222227";
    "ch" "CH9300762011623852957" "CH8656663438253651553" "CH5362200119938136497" "CH1843597160341964438" "CH1260378413965193069" "CH1800762000000343434" "CH7700762000000121212" "CH1800762000002222227";
    "de" "DE89370400440532013000" "DE08370400440532013003" "DE62370400440532013001" "DE78370400440532013004" "DE35370400440532013002" "DE65370400440000343434" "DE27370400440000121212" "DE65370400440002222227";
    "ee" "EE382200221020145685" "EE222200221020145682" "EE762200221020145680" "EE922200221020145683" "EE492200221020145681" "EE672200000000343434" "EE292200000000121212" "EE672200000002222227";
    "es" "ES0700120345030000067890" "ES2300120345030000067893" "ES9121000418450200051332" "ES9300120345030000067894" "ES5000120345030000067892" "ES1700120345000000343434" "ES7600120345000000121212" "ES1700120345000002222227";
    "fi" "FI2112345600000785" "FI3712345600000788" "FI9112345600000786" "FI1012345600000789" "FI6412345600000787" "FI6712345600343434" "FI2912345600121212" "FI6712345602222227";
    "fr" "FR1420041010050500013M02606" "FR3020041010050500013M02609" "FR8420041010050500013M02607" "FR7920041010050500013M02600" "FR5720041010050500013M02608" "FR9720041010050000000343434" "FR5920041010050000000121212" "FR9720041010050000002222227";
    "gb" "GB82WEST12345698765432" "GB98WEST12345698765435" "GB55WEST12345698765433" "GB71WEST12345698765436" "GB28WEST12345698765434" "GB70WEST12345600343434" "GB32WEST12345600121212" "GB70WEST12345602222227";
    "gi" "GI60MPFS599327643783385" "GI08RRNW626436291644533" "GI41SAFA461293238477751" "GI50LROG772261344693297" "GI26KJBC361883934534696" "GI14NWBK000000000343434" "GI73NWBK000000000121212" "GI14NWBK000000002222227";
    "hr" "HR7624020064583467589" "HR6323600002337876649" "HR2725000096983499248" "HR6723600004878117427" "HR8724840081455523553" "HR7424020060000343434" "HR3624020060000121212" "HR7424020060002222227";
    "ie" "IE29AIBK93115212345678" "IE24AIBK93115212345671" "IE02AIBK93115212345679" "IE94AIBK93115212345672" "IE51AIBK93115212345670" "IE10AIBK93115200343434" "IE69AIBK93115200121212" "IE10AIBK93115202222227";
    "li" "LI0508800636123378777" "LI4408800387787111369" "LI1208800143823175626" "LI4908800356441975566" "LI7708800125525347723" "LI2408800000000343434" "LI8308800000000121212" "LI2408800000002222227";
    "lt" "LT121000011101001000" "LT281000011101001003" "LT821000011101001001" "LT981000011101001004" "LT551000011101001002" "LT591000000000343434" "LT211000000000121212" "LT591000000002222227";
    "lu" "LU280019400644750000" "LU440019400644750003" "LU980019400644750001" "LU170019400644750004" "LU710019400644750002" "LU900010000000343434" "LU520010000000121212" "LU900010000002222227";
    "nl" "NL39RABO0300065264" "NL55RABO0300065267" "NL91ABNA0417164300" "NL28RABO0300065268" "NL82RABO0300065266" "NL27RABO0000343434" "NL86RABO0000121212" "NL27RABO0002222227";
    "no" "NO9386011117947" "NO8886011117940" "NO6686011117948" "NO6186011117941" "NO3986011117949" "NO0586010343434" "NO6486010121212" "NO0586012222227";
    "pt" "PT50000201231234567890154" "PT66000201231234567890157" "PT23000201231234567890155" "PT39000201231234567890158" "PT93000201231234567890156" "PT05000201230000000343434" "PT64000201230000000121212" "PT05000201230000002222227";
    "se" "SE3550000000054910000003" "SE5150000000054910000006" "SE0850000000054910000004" "SE2450000000054910000007" "SE7850000000054910000005" "SE2850000000000000343434" "SE8750000000000000121212" "SE2850000000000002222227";
};

pub(super) fn all() -> impl Iterator<Item = &'static TestBank> {
    ACCOUNTS.iter().chain(SEPA)
}

type BankIndex = HashMap<&'static str, &'static TestBank>;

static NAMES: LazyLock<BankIndex> =
    LazyLock::new(|| all().flat_map(|bank| bank.names.iter().map(move |name| (*name, bank))).collect());
static IBANS: LazyLock<BankIndex> =
    LazyLock::new(|| all().filter(|bank| bank.rail == SepaDebit).map(|bank| (bank.account, bank)).collect());

/// What is wrong with the numbers of an American bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankFault {
    /// The routing number does not have nine digits.
    RoutingNumberLength,
    /// The check digit of the routing number is wrong.
    RoutingNumber,
    /// The account number does not have four to seventeen digits.
    AccountNumber,
    /// The account number is none of the test numbers.
    NotTest,
}

/// Checks the numbers of an American bank account. The routing number has nine digits, whose sum weighted by 3, 7 and 1
/// is a multiple of ten; the account number has four to seventeen digits.
///
/// # Errors
/// The first fault.
pub fn check_us_account(routing: &str, number: &str) -> Result<(), BankFault> {
    let digits = |text: &str| text.chars().map(|c| c.to_digit(10)).collect::<Option<Vec<u32>>>();
    let routing = digits(routing).filter(|digits| digits.len() == 9).ok_or(BankFault::RoutingNumberLength)?;
    let sum: u32 = routing.iter().zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    if !sum.is_multiple_of(10) {
        return Err(BankFault::RoutingNumber);
    }
    digits(number).filter(|digits| (4..=17).contains(&digits.len())).map(drop).ok_or(BankFault::AccountNumber)
}

/// As [`check_us_account`], for an account that may be paid out to, which must be one of the test accounts
/// (connect-accounts 5).
///
/// # Errors
/// The first fault.
pub fn check_us_test_account(routing: &str, number: &str) -> Result<(), BankFault> {
    check_us_account(routing, number)?;
    let is_test = bank_by_account(UsBankAccount, number).is_some() || payout_outcome(number) != PayoutOutcome::Paid;
    if is_test { Ok(()) } else { Err(BankFault::NotTest) }
}

/// The account of a test id, such as `pm_usBankAccount_success`, `pm_sepaDebit_failed_de` or `btok_us_verified`.
#[must_use]
pub fn bank_by_name(id: &str) -> Option<&'static TestBank> {
    NAMES.get(id).copied()
}

/// Whether the account of a test bank token needs no microdeposits.
#[must_use]
pub fn is_verified_bank_token(token: &str) -> bool {
    token.starts_with("btok_us_verified") && bank_by_name(token).is_some()
}

/// The test account of a scheme with this account number; `None` for any other number, whose debits succeed.
#[must_use]
pub fn bank_by_account(rail: BankRail, account: &str) -> Option<&'static TestBank> {
    all().find(|bank| bank.rail == rail && bank.account == account)
}

/// The test account with this number, for a PaymentMethod or legacy source of this type.
#[must_use]
pub fn bank_of(kind: &str, number: &str) -> Option<&'static TestBank> {
    match BankRail::of(kind)? {
        SepaDebit => bank_by_iban(number),
        rail => bank_by_account(rail, number),
    }
}

/// The test account of an IBAN, which may contain spaces and small letters.
#[must_use]
pub fn bank_by_iban(iban: &str) -> Option<&'static TestBank> {
    IBANS.get(compact_iban(iban).as_str()).copied()
}

fn compact_iban(iban: &str) -> String {
    iban.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Whether the check digits of an IBAN are right.
#[must_use]
pub fn is_valid_iban(iban: &str) -> bool {
    let iban = compact_iban(iban);
    if !(15..=34).contains(&iban.len()) || !iban.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (head, rest) = iban.split_at(4);
    let value = rest.chars().chain(head.chars()).fold(0, |value, c| match c.to_digit(36) {
        Some(letter @ 10..) => (value * 100 + letter) % 97,
        Some(digit) => (value * 10 + digit) % 97,
        None => value,
    });
    value == 1
}

/// `bank_code` and `branch_code` of an IBAN; the second is empty in countries without branches.
#[must_use]
pub fn iban_codes(iban: &str) -> (String, String) {
    let iban = compact_iban(iban);
    // Where the codes start behind country and check digits, and how long they are.
    let (start, bank, branch) = match iban.get(..2).unwrap_or_default() {
        "AT" | "CH" | "LI" | "LT" => (4, 5, 0),
        "BE" | "FI" | "LU" | "SE" => (4, 3, 0),
        "DE" => (4, 8, 0),
        "EE" => (4, 2, 0),
        "ES" | "PT" => (4, 4, 4),
        "FR" => (4, 5, 5),
        "GB" | "IE" => (4, 4, 6),
        "HR" => (4, 7, 0),
        "IT" => (5, 5, 5), // behind a check letter
        _ => (4, 4, 0),
    };
    let part = |from: usize, to: usize| iban.get(from..to).unwrap_or_default().to_owned();
    (part(start, start + bank), part(start + bank, start + bank + branch))
}

/// The result of a microdeposit verification by two amounts or a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Microdeposits {
    /// The account is verified.
    Verified,
    /// The amounts or the code are wrong.
    Mismatch,
    /// There were too many attempts.
    AttemptsExceeded,
    /// The time for the verification is over.
    TimedOut,
}

/// The result for two amounts, in either order.
#[must_use]
pub const fn microdeposits_by_amounts(amounts: (i64, i64)) -> Microdeposits {
    match amounts {
        (32, 45) | (45, 32) => Microdeposits::Verified,
        (10, 11) | (11, 10) => Microdeposits::AttemptsExceeded,
        (40, 41) | (41, 40) => Microdeposits::TimedOut,
        _ => Microdeposits::Mismatch,
    }
}

/// The result for a descriptor code.
#[must_use]
pub fn microdeposits_by_code(code: &str) -> Microdeposits {
    match code {
        "SM11AA" => Microdeposits::Verified,
        "SM33CC" => Microdeposits::AttemptsExceeded,
        "SM44DD" => Microdeposits::TimedOut,
        _ => Microdeposits::Mismatch,
    }
}

/// The outcome of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutOutcome {
    /// It arrives.
    Paid,
    /// It is returned with this failure code.
    Failed(&'static str),
    /// It arrives as a standard payout; an instant one is refused.
    NotInstant,
}

/// The outcome of a payout to this bank account or debit card (core-payments 7.6).
#[must_use]
pub fn payout_outcome(number: &str) -> PayoutOutcome {
    match number {
        "000111111113" => PayoutOutcome::Failed("account_closed"),
        "000111111116" => PayoutOutcome::Failed("no_account"),
        "000222222227" => PayoutOutcome::Failed("insufficient_funds"),
        "000333333335" => PayoutOutcome::Failed("debit_not_authorized"),
        "000444444440" => PayoutOutcome::Failed("invalid_currency"),
        "4000056655665572" => PayoutOutcome::Failed("could_not_process"),
        "000888888883" | "4000056755665555" => PayoutOutcome::NotInstant,
        _ => PayoutOutcome::Paid,
    }
}
