//! What a test number does: the cards, tokens and bank accounts that Stripe publishes for testing.
//!
//! `card_table` is the one table of cards: a row is a number, its names (`tok_visa`, `pm_card_visa`) and the result of
//! each step of a payment. `banks` is the same for bank debits and payouts.
//!
//! May use: nothing of the project. Invariant: nothing here knows HTTP, state or wording. A rule finds a number, reads
//! the verdict and acts on it; the sentence of a decline is in `error/`.
//!
//! The facts are those of core-payments 7 and of the tables of Stripe's public page on testing.

mod banks;
mod card_table;
mod cards;
mod countries;
mod institutions;
mod lookup;
mod outcomes;
pub mod page;
#[cfg(test)]
mod tests;
mod validation;
mod vouchers;

pub use banks::{
    BANK_DELAY_SECONDS, BankFault, BankOutcome, BankRail, Microdeposits, PayoutOutcome, TEST_ROUTING_NUMBER, TestBank,
    bank_by_account, bank_by_iban, bank_by_name, bank_of, check_us_account, check_us_test_account, iban_codes,
    is_valid_iban, is_verified_bank_token, microdeposits_by_amounts, microdeposits_by_code, payout_outcome,
};
pub use card_table::cards;
pub use cards::{Brand, Check, Circumstances, DisputeKind, Funding, RefundOutcome, TestCard, Verdict};
pub use institutions::{
    BOOKINGS, BankAnswer, INSTITUTIONS, ON_ITS_WAY, OWNERS, TestBooking, TestFinancialAccount, TestInstitution,
    TestOwner, institution,
};
pub use lookup::{Profile, by_last4, by_number, by_payment_method, by_token, for_number, recognise};
pub use outcomes::{
    APPROVED, AUTHENTICATION_REQUIRED, ChargeOutcome, Decline, GENERIC_DECLINE, INCORRECT_CVC, PROCESSING_ERROR,
    decline, decline_codes,
};
pub use validation::{CardFault, CheckedCard, check_card, default_expiry, digits, fingerprint, is_luhn_valid};
pub use vouchers::{VoucherFate, fate_of_confirmation_number, fate_of_email, voucher_number};
