//! Tests of the tables: numbers, names, lookups and the checks of card data.

use std::collections::HashSet;

use super::card_table::cards;
use super::countries::country_of;
use super::*;

const ON: Circumstances = Circumstances { off_session: false, set_up: false, asks_for_3ds: false };
const OFF: Circumstances = Circumstances { off_session: true, ..ON };
const SET_UP: Circumstances = Circumstances { set_up: true, ..OFF };
const ON_SET_UP: Circumstances = Circumstances { set_up: true, ..ON };
const ASKS: Circumstances = Circumstances { asks_for_3ds: true, ..ON };

fn decline_code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Decline(decline) => decline.intent_decline_code(),
        other => panic!("no decline: {other:?}"),
    }
}

fn pm(name: &str) -> &'static TestCard {
    by_payment_method(&format!("pm_card_{name}")).unwrap()
}

#[test]
fn every_number_is_valid_and_listed_once() {
    let mut seen = HashSet::new();
    for card in cards() {
        assert!(is_luhn_valid(card.number), "{}", card.number);
        assert!(seen.insert(card.number), "{} twice", card.number);
        assert_ne!(card.brand, Brand::Unknown, "{}", card.number);
        assert_eq!(card.networks[0], card.brand);
        assert_eq!(by_number(card.number).unwrap().number, card.number);
        assert_eq!(for_number(card.number).card.number, card.number);
    }
    assert!(!is_luhn_valid("4242424242424241"));
}

#[test]
fn every_name_leads_to_its_row() {
    let (mut tokens, mut pms) = (HashSet::new(), HashSet::new());
    for card in cards() {
        for name in card.names.iter().chain(card.token_names) {
            assert!(tokens.insert(name), "tok_{name} twice");
            assert_eq!(by_token(&format!("tok_{name}")).unwrap().number, card.number);
        }
        for name in card.names {
            assert!(pms.insert(name), "pm_card_{name} twice");
            assert_eq!(pm(name).number, card.number);
        }
    }
    assert!(by_token("pm_card_visa").is_none());
    assert!(by_token("tok_1Pgc7BB7WZ01zgkWptnajzKJ").is_none());
    assert!(by_payment_method("tok_visa").is_none());
    assert!(by_payment_method("pm_card_").is_none());
}

#[test]
fn recorded_last_digits_hold() {
    for (token, last4) in [
        ("visa", "4242"),
        ("visa_debit", "5556"),
        ("mastercard", "4444"),
        ("mastercard_debit", "8210"),
        ("mastercard_prepaid", "5100"),
        ("amex", "8431"),
        ("discover", "9424"),
        ("chargeCustomerFail", "0341"),
        ("riskLevelElevated", "9235"),
        ("chargeDeclined", "0002"),
        ("createDisputeInquiry", "1976"),
    ] {
        assert_eq!(by_token(&format!("tok_{token}")).unwrap().last4(), last4, "{token}");
    }
    assert_eq!((pm("amex").last4(), pm("discover").last4()), ("8431", "9424"));
    assert!(pm("amex").three_d_secure_supported);
}

#[test]
fn a_two_letter_name_is_the_country() {
    let countries =
        cards().flat_map(|card| card.names.iter().map(move |name| (*name, card))).filter(|(name, _)| name.len() == 2);
    let mut count = 0;
    for (name, card) in countries {
        assert_eq!(card.country, name.to_uppercase(), "{}", card.number);
        count += 1;
    }
    assert_eq!(count, 58);
    // Only Stripe's own prefix contains the country.
    assert_eq!(country_of(b"4000002760003184"), "DE");
    assert_eq!(country_of(b"4242422764242424"), "US");
    assert_eq!(pm("threeDSecure2Required").country, "IE");
}

#[test]
fn unlisted_numbers_succeed_as_what_their_digits_say() {
    let brand = |number: &str| for_number(number).brand.as_str();
    assert_eq!(brand("4111111111111111"), "visa");
    assert_eq!(brand("2221000000000009"), "mastercard");
    assert_eq!(brand("2720990000000007"), "mastercard");
    assert_eq!(brand("2721000000000004"), "unknown");
    assert_eq!(brand("5454545454545454"), "mastercard");
    assert_eq!(brand("341111111111111"), "amex");
    assert_eq!(brand("6510000000000000"), "discover");
    assert_eq!(brand("6441000000000000"), "discover");
    assert_eq!(brand("38520000023237"), "diners");
    assert_eq!(brand("8100000000000000"), "unionpay");
    assert_eq!(brand("9000000000000000"), "unknown");
    let german = for_number("4000052760000011");
    assert_eq!((german.country, german.card.on_session), ("DE", Verdict::Approve));
}

#[test]
fn brands_have_three_spellings() {
    assert_eq!(Brand::Amex.as_str(), "amex");
    assert_eq!(Brand::Amex.legacy(), "American Express");
    assert_eq!(Brand::Amex.display(), "american_express");
    for text in ["mastercard", "MasterCard"] {
        assert_eq!(Brand::parse(text), Some(Brand::Mastercard));
    }
    assert_eq!(Brand::parse("union_pay"), Some(Brand::Unionpay));
    assert_eq!(Brand::parse("maestro"), None);
}

#[test]
fn a_fixture_card_is_recognised() {
    assert_eq!(by_last4(None, "4242").unwrap().number, "4242424242424242");
    // Brazil's and others' cards end in 0002 too.
    assert_eq!(by_last4(Some(Brand::Visa), "0002").unwrap().number, "4000000000000002");
    assert_eq!(recognise(None, Some("BR"), "0002").unwrap().country, "BR");
    assert_eq!(by_last4(Some(Brand::Amex), "0005").unwrap().brand, Brand::Amex);
    assert_eq!(by_last4(Some(Brand::Visa), "3155").unwrap().country, "FR");
    assert!(by_last4(Some(Brand::Amex), "4242").is_none());
    assert!(by_last4(None, "9999").is_none());
    // Cards with different behaviour must not be confused.
    let mut seen = HashSet::new();
    for card in cards() {
        assert!(seen.insert((card.brand.as_str(), card.country, card.last4())), "{}", card.number);
    }
}

#[test]
fn declining_cards_refuse_to_be_saved() {
    for (name, code, decline) in [
        ("visa_chargeDeclined", "card_declined", "generic_decline"),
        ("visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ] {
        let card = pm(name);
        let Verdict::Decline(found) = card.attach else { panic!("{name} attaches") };
        assert_eq!((found.code, found.intent_decline_code()), (code, decline));
        assert_eq!(found.outcome.reason, Some(decline));
        for verdict in [card.charge, card.payment(ON), card.payment(SET_UP), card.setup(OFF)] {
            assert_eq!(decline_code(verdict), decline);
        }
    }
    assert_eq!(pm("chargeDeclinedExpiredCard").charge, {
        let Verdict::Decline(expired) = pm("chargeDeclinedExpiredCard").attach else { panic!() };
        assert_eq!((expired.decline_code, expired.param), (None, Some("exp_month")));
        Verdict::Decline(expired)
    });
}

#[test]
fn cards_that_fail_later_can_be_saved() {
    for (name, decline) in
        [("chargeCustomerFail", "generic_decline"), ("radarBlock", "fraudulent"), ("riskLevelHighest", "fraudulent")]
    {
        let card = pm(name);
        assert_eq!((card.attach, card.setup(OFF)), (Verdict::Approve, Verdict::Approve));
        assert_eq!(decline_code(card.charge), decline);
        assert_eq!(decline_code(card.payment(SET_UP)), decline);
    }
    let Verdict::Decline(blocked) = pm("radarBlock").charge else { panic!() };
    assert_eq!(blocked.outcome.kind, "blocked");
    assert_eq!(blocked.outcome.reason, Some("merchant_blacklist"));
}

#[test]
fn authentication_depends_on_session_and_setup() {
    use Verdict::{Approve, Authenticate};
    // Authenticates unless set up.
    let card = pm("authenticationRequiredOnSetup");
    assert_eq!(card.payment(ON), Authenticate);
    assert_eq!(decline_code(card.payment(OFF)), "authentication_required");
    assert_eq!(card.payment(SET_UP), Approve);
    assert_eq!(card.setup(OFF), Authenticate);
    // Always authenticates.
    let card = pm("authenticationRequired");
    assert_eq!(decline_code(card.payment(SET_UP)), "authentication_required");
    assert_eq!(card.charge, Authenticate);
    assert_eq!(card.after_authentication, Approve);
    // Is set up already.
    let card = pm("authenticationRequiredSetupForOffSession");
    assert_eq!(card.payment(OFF), Approve);
    assert_eq!(card.payment(ON_SET_UP), Authenticate);
    // Authenticates, then has insufficient funds: it can be set up, but never charged.
    let card = pm("authenticationRequiredChargeDeclinedInsufficientFunds");
    assert_eq!(card.payment(ON), Authenticate);
    assert_eq!(decline_code(card.after_authentication), "insufficient_funds");
    assert_eq!(decline_code(card.payment(SET_UP)), "insufficient_funds");
    assert_eq!(card.setup_after_authentication, Approve);
    // The lookup fails before the customer is asked.
    let card = pm("threeDSecureRequiredProcessingError");
    assert_eq!(card.attach, Approve);
    assert_eq!(decline_code(card.setup(OFF)), "processing_error");
    // Requesting 3D Secure changes the result only for cards where it is optional.
    assert_eq!(pm("visa").payment(ASKS), Approve);
    assert_eq!(pm("threeDSecureOptional").payment(ON), Approve);
    assert_eq!(pm("threeDSecureOptional").payment(ASKS), Authenticate);
    let card = pm("threeDSecureOptionalProcessingError");
    assert_eq!(decline_code(card.payment(ASKS)), "processing_error");
    assert!(!pm("amex_threeDSecureNotSupported").three_d_secure_supported);
    assert!(!AUTHENTICATION_REQUIRED.makes_checks);
}

#[test]
fn what_follows_a_success_is_in_the_row() {
    assert_eq!(pm("pendingRefund").refund, RefundOutcome::PendThenSucceed);
    assert_eq!(pm("refundFail").refund, RefundOutcome::SucceedThenFail);
    assert_eq!(pm("createDispute").dispute.unwrap().reason(), Some("fraudulent"));
    assert_eq!(pm("createIssuerFraudRecord").dispute.unwrap().reason(), None);
    assert_eq!(pm("avsZipFail").postal_check, Check::Fail);
    assert_eq!(pm("avsZipFail").line1_check, Check::Pass);
    assert_eq!(pm("avsUnchecked").line1_check.as_str(), "unavailable");
    assert_eq!(pm("cvcCheckFail").cvc_check, Check::Fail);
    assert_eq!(pm("riskLevelElevated").approved.kind, "manual_review");
    assert!(pm("bypassPending").available_at_once);
    assert_eq!(pm("visa_cartesBancaires").networks.len(), 2);
    assert_eq!(*pm("visa").approved, APPROVED);
}

#[test]
fn card_data_is_checked_in_order() {
    use CardFault::*;
    let check = |number, month, year, cvc| check_card(number, month, year, cvc, 2026, 9);
    let fault = |number, month, year, cvc| check(number, month, year, cvc).unwrap_err();
    assert_eq!(fault("4242", 13, 1995, Some("99")), InvalidNumber);
    assert_eq!(fault("42424242424242424242", 1, 2030, None), InvalidNumber);
    assert_eq!(fault("4242x24242424242", 1, 2030, None), InvalidNumber);
    assert_eq!(fault("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", 1, 2030, None), InvalidNumber);
    assert_eq!(fault("", 1, 2030, None), InvalidNumber);
    assert_eq!(fault("4242424242424241", 13, 1995, Some("99")), IncorrectNumber);
    assert_eq!(fault("4242424242424242", 13, 1995, Some("99")), InvalidExpiryMonth);
    assert_eq!(fault("4242424242424242", 0, 2030, None), InvalidExpiryMonth);
    assert_eq!(fault("4242424242424242", 12, 95, Some("99")), InvalidExpiryYear);
    assert_eq!(fault("4242424242424242", 12, 1995, None), InvalidExpiryYear);
    assert_eq!(fault("4242424242424242", 12, 130, None), InvalidExpiryYear);
    assert_eq!(fault("4242424242424242", 12, -1, None), InvalidExpiryYear);
    assert_eq!(fault("4242424242424242", 8, 2026, Some("99")), InvalidExpiryMonth);
    assert_eq!(fault("4242424242424242", 9, 2026, Some("99")), InvalidCvc);
    assert_eq!(fault("4242424242424242", 9, 2026, Some("1234")), InvalidCvc);
    assert_eq!(fault("4242424242424242", 9, 2026, Some("12a")), InvalidCvc);
    assert_eq!(fault("378282246310005", 9, 2026, Some("12345")), InvalidCvc);
    let card = check("4242 4242-4242 4242", 9, 30, Some("123")).unwrap();
    assert_eq!((card.digits.as_str(), card.exp_year), ("4242424242424242", 2030));
    assert_eq!(card.last4(), "4242");
    assert!(check("378282246310005", 9, 2026, Some("123")).is_ok());
    assert!(check("378282246310005", 9, 2026, Some("1234")).is_ok());
    assert!(check("6205500000000000004", 9, 2026, None).is_ok());
    assert_eq!((IncorrectNumber.code(), IncorrectNumber.param()), ("incorrect_number", "number"));
    assert_eq!(default_expiry(2026, 9), (9, 2027));
}

#[test]
fn fingerprints_identify_a_number_in_an_account() {
    let mut seen = HashSet::new();
    for card in cards() {
        let print = fingerprint(card.number, "acct_1");
        assert_eq!(print, fingerprint(card.number, "acct_1"));
        assert_eq!(print.len(), 16);
        assert!(print.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert!(seen.insert(print));
    }
    assert!(seen.insert(fingerprint("4242424242424242", "acct_2")));
}

#[test]
fn bank_accounts_are_valid_and_named_once() {
    let mut names = HashSet::new();
    let mut accounts = HashSet::new();
    for bank in banks::all() {
        assert!(accounts.insert((bank.rail.as_str(), bank.account)), "{} twice", bank.account);
        if bank.rail == BankRail::SepaDebit {
            assert!(is_valid_iban(bank.account), "{}", bank.account);
            assert_eq!(bank_by_iban(bank.account), Some(bank));
        }
        assert_eq!(bank_by_account(bank.rail, bank.account), Some(bank));
        for name in bank.names {
            assert!(names.insert(name), "{name} twice");
            assert_eq!(bank_by_name(name), Some(bank));
        }
    }
    assert!(!is_valid_iban("AT621904300234573201"));
    assert!(!is_valid_iban("nonsense"));
    assert!(!is_valid_iban("AT61 ÄÖ19 0430 0234 5732"));
    assert!(is_verified_bank_token("btok_us_verified"));
    assert!(!is_verified_bank_token("btok_us"));
}

#[test]
fn bank_accounts_behave_as_published() {
    let outcome = |name| bank_by_name(name).map(|bank| (bank.outcome, bank.delayed));
    assert_eq!(outcome("pm_usBankAccount_success"), Some((BankOutcome::Succeed, false)));
    assert_eq!(outcome("pm_usBankAccount_noAccount"), Some((BankOutcome::Fail("no_account"), false)));
    assert_eq!(outcome("pm_sepaDebit_successDelayed_de"), Some((BankOutcome::Succeed, true)));
    assert_eq!(outcome("pm_sepaDebit_disputed_at"), Some((BankOutcome::Dispute, false)));
    assert_eq!(outcome("pm_sepaDebit_success_us"), None);
    let refused = bank_by_iban("at51 1904 3000 0006 6666").unwrap();
    assert_eq!(refused.outcome, BankOutcome::Refuse("bank_account_unusable"));
    assert_eq!(iban_codes("DE89370400440532013000"), ("37040044".into(), String::new()));
    assert_eq!(iban_codes("FR1420041010050500013M02606"), ("20041".into(), "01005".into()));
    assert_eq!(microdeposits_by_amounts((45, 32)), Microdeposits::Verified);
    assert_eq!(microdeposits_by_amounts((1, 2)), Microdeposits::Mismatch);
    assert_eq!(microdeposits_by_code("SM33CC"), Microdeposits::AttemptsExceeded);
    assert_eq!(payout_outcome("000111111116"), PayoutOutcome::Failed("no_account"));
    assert_eq!(payout_outcome("4000056755665555"), PayoutOutcome::NotInstant);
    assert_eq!(payout_outcome("000123456789"), PayoutOutcome::Paid);
}
