//! The outcome of a voucher or a code that the customer pays elsewhere: by the customer's e-mail address, or for
//! Konbini by the confirmation number.
//!
//! May use: nothing. Invariant: an unknown address or number is paid.

use super::BANK_DELAY_SECONDS;

/// The outcome of a payment that the customer makes elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherFate {
    /// It is paid, this many seconds after the confirmation.
    Paid(i64),
    /// It expires, this many seconds after the confirmation, whatever `expires_at` was sent.
    Expires(i64),
    /// Nobody pays it: it expires at its own expiry time.
    Unpaid,
}

/// The endings of the part of an e-mail address before the `@`, with their outcomes.
static ENDINGS: &[(&str, VoucherFate)] = &[
    ("succeed_immediately", VoucherFate::Paid(0)),
    ("expire_immediately", VoucherFate::Expires(0)),
    ("expire_with_delay", VoucherFate::Expires(BANK_DELAY_SECONDS)),
    ("fill_never", VoucherFate::Unpaid),
];

/// The outcome for the e-mail address of the billing details; any other address is paid after three minutes.
#[must_use]
pub fn fate_of_email(email: Option<&str>) -> VoucherFate {
    let name = email.and_then(|email| email.split_once('@')).map_or("", |(name, _)| name);
    let known = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    known.map_or(VoucherFate::Paid(BANK_DELAY_SECONDS), |(_, fate)| *fate)
}

/// The outcome for a Konbini confirmation number; `None` for any other: the e-mail address decides.
#[must_use]
pub fn fate_of_confirmation_number(number: &str) -> Option<VoucherFate> {
    Some(match number {
        "11111111110" => VoucherFate::Paid(BANK_DELAY_SECONDS),
        "22222222220" => VoucherFate::Paid(0),
        "33333333330" => VoucherFate::Expires(0),
        "44444444440" => VoucherFate::Expires(BANK_DELAY_SECONDS),
        "55555555550" => VoucherFate::Unpaid,
        _ => return None,
    })
}

/// The voucher number of an intent, with this many digits: always the same for the same intent.
#[must_use]
pub fn voucher_number(intent: &str, digits: usize) -> String {
    super::digits(intent, "").chars().cycle().take(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_ends_with_the_word() {
        assert_eq!(fate_of_email(Some("me+succeed_immediately@test.com")), VoucherFate::Paid(0));
        assert_eq!(fate_of_email(Some("expire_with_delay@x.y")), VoucherFate::Expires(180));
        assert_eq!(fate_of_email(Some("fill_never@x.y")), VoucherFate::Unpaid);
        for other in [None, Some("fulano@test.com"), Some("me@fill_never"), Some("fill_never")] {
            assert_eq!(fate_of_email(other), VoucherFate::Paid(180), "{other:?}");
        }
        assert_eq!(fate_of_confirmation_number("33333333330"), Some(VoucherFate::Expires(0)));
        assert_eq!(fate_of_confirmation_number("0312345678"), None);
    }
}
