//! Texts for the statement of a bank account or a card (intents-and-checkout 1.10).
//!
//! May use: the errors. Invariant: it looks at nothing but the text.

use crate::error::{ApiError, Result};

/// The names of such texts; they have a sentence of their own when they are too long.
pub(super) const NAMES: [&str; 2] = ["statement_descriptor", "statement_descriptor_suffix"];

/// What a payer's statement cannot show.
const FORBIDDEN: [char; 6] = ['<', '>', '\\', '\'', '"', '*'];

/// The last letter of the Latin alphabets that banks print.
const LAST_LATIN: char = '\u{24f}';

/// Checks a text for a payer; `param` is its name, for errors.
pub(super) fn check(text: &str, param: &str) -> Result<()> {
    if text.contains(FORBIDDEN) {
        return Err(ApiError::descriptor_has_forbidden(param, &FORBIDDEN));
    }
    if !text.chars().any(|c| c.is_alphabetic() && c <= LAST_LATIN) {
        return Err(ApiError::descriptor_without_letter(param));
    }
    Ok(())
}
