//! Texts of a request in a form that may be printed.
//!
//! May use nothing. Invariant: a line of the log stays one line, acts on no terminal, and reads in the order in which it is
//! written; at most the last four digits of a card number are shown, wherever it stands.

use std::borrow::Cow;

/// A text with its control characters, and those that break lines or turn the direction of writing, as JSON escapes them.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal would do more than show a character. None of these is outside of the first plane.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// How many digits of a number are shown.
const SHOWN: usize = 4;

/// The digits of a card number.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// A text with the card numbers in it masked, also those in groups of digits.
pub fn without_numbers(text: &str) -> Cow<'_, str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < *CARD_DIGITS.start() {
        return Cow::Borrowed(text);
    }
    let groups = groups(text);
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    let mut first = 0;
    while first < groups.len() {
        let found = (first..groups.len())
            .take_while(|last| (first..*last).all(|at| joins(&text[groups[at].1..groups[at + 1].0])))
            .filter(|last| is_card_number(text, &groups[first..=*last]))
            .last();
        if let Some(last) = found {
            hidden.push((groups[first].0, groups[last].1));
        }
        first = found.unwrap_or(first) + 1;
    }
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = text.as_bytes().to_vec();
    for (begin, end) in hidden {
        out[begin..end - SHOWN].fill(b'*');
    }
    // Only ASCII was replaced, by ASCII.
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Where groups of digits begin and end. The digits of an escaped space are none.
fn groups(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"%20") {
            at += 3;
        } else if bytes[at].is_ascii_digit() {
            let begin = at;
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            groups.push((begin, at));
        } else {
            at += 1;
        }
    }
    groups
}

/// Whether what stands between two groups joins them to one number.
fn joins(between: &str) -> bool {
    matches!(between, " " | "-" | "+" | "." | "%20")
}

/// Whether groups of digits are a card number: the last digits are in one group, and the check digit is right.
fn is_card_number(text: &str, groups: &[(usize, usize)]) -> bool {
    let digits: Vec<u32> =
        groups.iter().flat_map(|(a, b)| text[*a..*b].chars().filter_map(|c| c.to_digit(10))).collect();
    let double = |(i, digit): (usize, &u32)| if i % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit };
    let ends = groups.last().is_some_and(|(begin, end)| end - begin >= SHOWN || groups.len() == 1);
    ends && CARD_DIGITS.contains(&digits.len()) && digits.iter().rev().enumerate().map(double).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_acts_on_no_terminal() {
        assert_eq!(escaped("/v1/ü?a=\"b\""), "/v1/ü?a=\"b\"");
        let acting = "a\u{1b}[2J\nb\u{7f}\u{9b}c\u{2028}\u{2029}\u{202e}\u{2066}\u{200f}";
        assert_eq!(escaped(acting), "a\\u001b[2J\\u000ab\\u007f\\u009bc\\u2028\\u2029\\u202e\\u2066\\u200f");
    }

    #[test]
    fn card_numbers_are_masked_wherever_they_stand() {
        for (text, shown) in [
            ("4242424242424242", "************4242"),
            ("of the card '4000 0000 0000 0002'", "of the card '***************0002'"),
            ("/v1/sources/4242-4242-4242-4242/x", "/v1/sources/***************4242/x"),
            ("/v1/tokens/4242%204242%204242%204242", "/v1/tokens/*********************4242"),
            ("7 378282246310005 and 4242424242424242", "7 ***********0005 and ************4242"),
            ("order 123456789012", "order 123456789012"),
            ("4242424242424241", "4242424242424241"),
            ("1700000000", "1700000000"),
        ] {
            assert_eq!(without_numbers(text), shown);
        }
    }
}
