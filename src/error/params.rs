//! Errors about parameters (core-payments 1.6, intents-and-checkout 0), returned by the check against the catalogue, or
//! by a rule that restricts a value further.

use super::ApiError;
use crate::limits::NAME_CHARACTERS_MAX;
use crate::state::document::Text;
use crate::url::UrlFault;

/// How many characters of a value an error repeats; a longer value is shortened.
const ECHO_CHARACTERS_MAX: usize = 5_000;

pub(super) fn echo(value: &str) -> String {
    if value.chars().count() <= ECHO_CHARACTERS_MAX { value.to_owned() } else { shorten(value) }
}

/// The first and last four characters of a long value.
fn shorten(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() <= 8 {
        return value.to_owned();
    }
    let head: String = chars[..4].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}...{tail}")
}

/// `a, b, or c`; two values are joined by `or` (core-payments 1.6.8).
fn choices(values: &[&str]) -> String {
    match values {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [a, b] => format!("{a} or {b}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}

impl ApiError {
    /// A required parameter is absent (core-payments 1.6.1).
    pub fn param_missing(param: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Missing required param: {param}.")).code("parameter_missing")
    }

    /// Parameters that the operation does not have (core-payments 1.6.2, 1.6.3); `params` is not empty.
    pub fn params_unknown(params: &[String]) -> Self {
        let shown = |name: &String| super::cut(&Text::from(name.clone()), NAME_CHARACTERS_MAX).to_string();
        let params: Vec<String> = params.iter().map(shown).collect();
        let first = params.first().cloned().unwrap_or_default();
        let message = match &*params {
            [one] => format!("Received unknown parameter: {one}"),
            many => format!("Received unknown parameters: {}", many.join(", ")),
        };
        Self::param_refused(first, message).code("parameter_unknown")
    }

    /// A parameter of older versions (core-payments 1.6.2, shapes 3.6); `newer` replaced it, and is named if it looks like it.
    pub fn param_replaced(param: &str, newer: Option<&str>) -> Self {
        let looks_like = |newer: &&str| {
            let same = param.bytes().zip(newer.bytes()).take_while(|(a, b)| a == b).count();
            4 * same > 3 * param.len()
        };
        match newer.filter(looks_like) {
            Some(newer) => {
                let message = format!("Received unknown parameter: {param}. Did you mean {newer}?");
                Self::param_refused(param.to_owned(), message).code("parameter_unknown")
            }
            None => Self::params_unknown(&[param.to_owned()]),
        }
    }

    /// Not a whole number (core-payments 1.6.4).
    pub fn param_not_integer(param: &str, value: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid integer: {}", echo(value)))
            .code("parameter_invalid_integer")
    }

    /// A whole number below the minimum (core-payments 1.6.5).
    pub fn param_below(param: &str, minimum: i64) -> Self {
        Self::param_refused(param.to_owned(), format!("This value must be greater than or equal to {minimum}."))
            .code("parameter_invalid_integer")
    }

    /// A whole number above the maximum (intents-and-checkout 0).
    pub fn param_above(param: &str, maximum: i64) -> Self {
        Self::param_refused(param.to_owned(), format!("This value must be less than or equal to {maximum}."))
            .code("parameter_invalid_integer")
    }

    /// A decimal number below the minimum (billing 1.4).
    pub fn param_number_below(param: &str, value: f64, minimum: f64) -> Self {
        let message = format!("This value must be greater than or equal to {minimum} (it currently is '{value:?}').");
        Self::param_refused(param.to_owned(), message)
    }

    /// A decimal number above the maximum (billing 1.4).
    pub fn param_number_above(param: &str, value: f64, maximum: f64) -> Self {
        let message = format!("This value must be less than or equal to {maximum} (it currently is '{value:?}').");
        Self::param_refused(param.to_owned(), message)
    }

    /// A number with too many decimals (billing 1.7).
    pub fn param_too_fine(param: &str, value: &str, digits_max: usize) -> Self {
        let message = format!("Invalid decimal: {}; must contain at maximum {digits_max} decimal places.", echo(value));
        Self::param_refused(param.to_owned(), message)
    }

    /// A time in the past (billing 0.3).
    pub fn param_in_past(param: &str, value: i64) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!(
                "The parameter `{param}` expects a unix timestamp representing a date and time in the future. You \
                 specified the value `{value}` which is in the past."
            ),
        )
    }

    /// A time that is too far in the future (billing 0.3).
    pub fn param_too_far(param: &str) -> Self {
        let message = "Invalid timestamp: can be no more than five years in the future.";
        Self::param_refused(param.to_owned(), message)
    }

    /// A negative number where zero is allowed (core-payments 1.6.6).
    pub fn param_negative(param: &str) -> Self {
        Self::param_refused(param.to_owned(), "Invalid non-negative integer")
    }

    /// Not a decimal number (intents-and-checkout 0).
    pub fn param_not_decimal(param: &str, value: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid decimal: {}", echo(value)))
    }

    /// An empty string for a parameter that cannot be unset (core-payments 1.6.7).
    pub fn param_empty(param: &str) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!(
                "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a \
                 parameter; however '{param}' cannot be unset. You should remove '{param}' from your request or \
                 supply a non-empty value."
            ),
        )
        .code("parameter_invalid_empty")
    }

    /// A value that is not one of the declared values, which are listed in the declared order (core-payments 1.6.8).
    pub fn param_not_in_enum(param: &str, values: &[&str]) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid {param}: must be one of {}", choices(values)))
    }

    /// An id chosen by the caller with characters other than `A-Z a-z 0-9 _ -` (platform 6.1: 2018-05-21).
    pub fn own_id_invalid(id: &str) -> Self {
        let message = format!(
            r"This value must match the regex pattern. (/\A[a-zA-Z0-9_\-]+\z/ does not match for the value {}).",
            echo(id)
        );
        Self::about_param("id", message)
    }

    /// Neither `true` nor `false` (core-payments 1.6.9).
    pub fn param_not_boolean(param: &str, value: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid boolean: {}", echo(value)))
    }

    /// A scalar or an array where an object is required (core-payments 1.6.10).
    pub fn param_not_object(param: &str) -> Self {
        Self::param_refused(param.to_owned(), "Invalid object")
    }

    /// Another type where an array is required; `param` is the bare array name (core-payments 1.6.11).
    pub fn param_not_array(param: &str) -> Self {
        Self::param_refused(param.to_owned(), "Invalid array")
    }

    /// An object or array where a string is required (core-payments 1.6.12); `value` in its printed form.
    pub fn param_not_string(param: &str, value: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid string: {}", echo(value)))
    }

    /// A string over its maximum length, in characters (core-payments 1.6.13).
    pub fn param_too_long(param: &str, value: &str, characters_max: u32) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!("Invalid string: {}; must be at most {characters_max} characters", shorten(value)),
        )
    }

    /// A text for a statement that is too long; it repeats the whole text (intents-and-checkout 1.10).
    pub fn descriptor_too_long(param: &str, text: &str, characters_max: u32) -> Self {
        let characters = text.chars().count();
        Self::param_refused(
            param.to_owned(),
            format!(
                "The statement descriptor must be at most {characters_max} characters. {} is {characters} characters \
                 long.",
                echo(text)
            ),
        )
    }

    /// A text for the payer's statement without a letter (intents-and-checkout 1.10).
    pub fn descriptor_without_letter(param: &str) -> Self {
        let message = "The statement descriptor must contain at least one Latin character.";
        Self::param_refused(param.to_owned(), message)
    }

    /// A text for the payer's statement with a character that it cannot have; no wording is recorded
    /// (intents-and-checkout 1.10).
    pub fn descriptor_has_forbidden(param: &str, forbidden: &[char]) -> Self {
        let list: Vec<String> = forbidden.iter().map(char::to_string).collect();
        let message = format!("The statement descriptor cannot contain any of these characters: {}", list.join(" "));
        Self::param_refused(param.to_owned(), message)
    }

    /// Not a Unix timestamp (core-payments 1.6.17).
    pub fn param_not_timestamp(param: &str) -> Self {
        Self::param_refused(param.to_owned(), "Invalid timestamp: must be an integer Unix timestamp.")
    }

    /// A text that is no URL (intents-and-checkout 3.1, platform 2.1).
    pub fn url_invalid(param: &str, fault: UrlFault) -> Self {
        let message = match fault {
            UrlFault::NoScheme => "Invalid URL: An explicit scheme (such as https) must be provided.",
            UrlFault::Invalid => "Not a valid URL",
        };
        Self::about_param(param.to_owned(), message).code("url_invalid")
    }

    /// Not an e-mail address (core-payments 1.6.14).
    pub fn email_invalid(param: &str, value: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid email address: {}", echo(value))).code("email_invalid")
    }

    /// Two parameters that exclude each other (core-payments 1.6.15).
    pub fn params_exclusive(a: &str, b: &str) -> Self {
        Self::param_refused(a.to_owned(), format!("You may only specify one of these parameters: {a}, {b}."))
    }

    /// One of several parameters is needed (core-payments 1.6.16).
    pub fn one_param_of(a: &str, b: &str) -> Self {
        Self::invalid(format!("One of the following params should be provided for this request: {a} or {b}."))
            .validation()
    }

    /// A text that is not a currency (core-payments 1.6.18, 6.6).
    pub fn currency_invalid(param: &str, value: &str, currencies: &[&str]) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!(
                "Invalid currency: {}. Stripe currently supports these currencies: {}",
                echo(&value.to_lowercase()),
                currencies.join(", ")
            ),
        )
    }

    /// A currency in upper case as the key of a map (core-payments 1.2.11).
    pub fn currency_key_upper_case(param: &str, key: &str) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!(
                "Currencies must be lowercase when used as keys in a map. Use `{}` instead of `{}`.",
                echo(&key.to_lowercase()),
                echo(key)
            ),
        )
    }

    /// The form has more levels than the server reads.
    pub fn nesting_too_deep(levels_max: usize) -> Self {
        Self::invalid(format!("Invalid request: parameters may be nested at most {levels_max} levels deep."))
    }

    /// The form has more values than the server reads.
    pub fn too_many_values(values_max: usize) -> Self {
        Self::invalid(format!("Invalid request: at most {values_max} parameter values may be sent at once."))
    }

    /// A form that uses one name as a value and as a map, such as `a=1&a[b]=2`.
    pub fn shape_conflict(param: &str) -> Self {
        Self::param_refused(
            param.to_owned(),
            format!("Invalid request: '{}' is sent both as a value and as an object.", echo(param)),
        )
    }

    /// A metadata value that is too long (core-payments 1.8.4).
    pub fn metadata_value_too_long(value: &str, characters_max: usize) -> Self {
        let n = value.chars().count();
        Self::param_refused(
            "metadata",
            format!(
                "Metadata values can have up to {characters_max} characters, but you passed in a value that is {n} \
                 characters. Invalid value: {}",
                echo(value)
            ),
        )
    }

    /// A metadata key that is too long (core-payments 1.8.5).
    pub fn metadata_key_too_long(key: &str, characters_max: usize) -> Self {
        let n = key.chars().count();
        Self::param_refused(
            "metadata",
            format!(
                "Metadata keys can have up to {characters_max} characters, but you passed in a key that is {n} \
                 characters. Invalid key: {}",
                echo(key)
            ),
        )
    }

    /// More metadata keys than an object can have (core-payments 1.8.6).
    pub fn metadata_too_many_keys(keys_max: usize) -> Self {
        Self::param_refused("metadata", format!("Metadata can have up to {keys_max} keys."))
    }

    /// An array that is too long (intents-and-checkout 0).
    pub fn array_too_long(param: &str, items_max: usize) -> Self {
        Self::param_refused(param.to_owned(), format!("Array {param} exceeded maximum {items_max} allowed elements."))
    }

    /// An error of the check, which names a parameter.
    pub(super) fn param_refused(param: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self::about_param(param, message).validation()
    }

    /// An error that names a parameter.
    pub(super) fn about_param(param: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self::invalid(message).param(param)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_says(error: &ApiError, message: &str, param: &str, code: &str) {
        let [said, about, named] = ["message", "param", "code"].map(|key| error.field(key).unwrap_or_default());
        assert_eq!((error.status(), said, about, named), (400, message, param, code));
    }

    #[test]
    fn names() {
        let missing = ApiError::param_missing("card[exp_month]");
        assert_says(&missing, "Missing required param: card[exp_month].", "card[exp_month]", "parameter_missing");
        let unknown =
            |names: &[&str]| ApiError::params_unknown(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_says(&unknown(&["a"]), "Received unknown parameter: a", "a", "parameter_unknown");
        assert_says(&unknown(&["a", "b[c]"]), "Received unknown parameters: a, b[c]", "a", "parameter_unknown");
    }

    #[test]
    fn numbers() {
        let code = "parameter_invalid_integer";
        assert_says(&ApiError::param_not_integer("amount", "1.5"), "Invalid integer: 1.5", "amount", code);
        let below = "This value must be greater than or equal to 1.";
        assert_says(&ApiError::param_below("amount", 1), below, "amount", code);
        let above = "This value must be less than or equal to 9.";
        assert_says(&ApiError::param_above("amount", 9), above, "amount", code);
        assert_says(&ApiError::param_negative("a"), "Invalid non-negative integer", "a", "");
        assert_says(&ApiError::param_not_decimal("a", "x"), "Invalid decimal: x", "a", "");
        assert_says(&ApiError::param_not_boolean("a", "1"), "Invalid boolean: 1", "a", "");
        let timestamp = "Invalid timestamp: must be an integer Unix timestamp.";
        assert_says(&ApiError::param_not_timestamp("a"), timestamp, "a", "");
    }

    #[test]
    fn choices_are_joined_as_a_sentence() {
        let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
        let three = "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer";
        assert_says(&ApiError::param_not_in_enum("reason", &reasons), three, "reason", "");
        let two = "Invalid reason: must be one of duplicate or fraudulent";
        assert_says(&ApiError::param_not_in_enum("reason", &reasons[..2]), two, "reason", "");
        let one = "Invalid reason: must be one of duplicate";
        assert_says(&ApiError::param_not_in_enum("reason", &reasons[..1]), one, "reason", "");
    }

    #[test]
    fn shapes_and_strings() {
        assert_says(&ApiError::param_not_object("a"), "Invalid object", "a", "");
        assert_says(&ApiError::param_not_array("a"), "Invalid array", "a", "");
        let hash = r#"Invalid string: {"a"=>"b"}"#;
        assert_says(&ApiError::param_not_string("a", r#"{"a"=>"b"}"#), hash, "a", "");
        let long = "Invalid string: abcd...fghi; must be at most 8 characters";
        assert_says(&ApiError::param_too_long("a", "abcdefghi", 8), long, "a", "");
        let empty = "You passed an empty string for 'a[b]'. We assume empty values are an attempt to unset a parameter; \
                     however 'a[b]' cannot be unset. You should remove 'a[b]' from your request or supply a non-empty \
                     value.";
        assert_says(&ApiError::param_empty("a[b]"), empty, "a[b]", "parameter_invalid_empty");
        let email = "Invalid email address: x";
        assert_says(&ApiError::email_invalid("email", "x"), email, "email", "email_invalid");
        let currency = "Currencies must be lowercase when used as keys in a map. Use `eur` instead of `EUR`.";
        assert_says(&ApiError::currency_key_upper_case("a[EUR]", "EUR"), currency, "a[EUR]", "");
        let array = "Array a exceeded maximum 3 allowed elements.";
        assert_says(&ApiError::array_too_long("a", 3), array, "a", "");
    }

    #[test]
    fn statements() {
        let long = ApiError::descriptor_too_long("a[b]", "COCALC LICENSE 1096DAYS", 22);
        let message = "The statement descriptor must be at most 22 characters. COCALC LICENSE 1096DAYS is 23 characters \
                       long.";
        assert_says(&long, message, "a[b]", "");
        let letter = "The statement descriptor must contain at least one Latin character.";
        assert_says(&ApiError::descriptor_without_letter("a"), letter, "a", "");
        let forbidden = "The statement descriptor cannot contain any of these characters: < *";
        assert_says(&ApiError::descriptor_has_forbidden("a", &['<', '*']), forbidden, "a", "");
    }

    #[test]
    fn long_values_are_shortened_by_characters() {
        let value = "é".repeat(ECHO_CHARACTERS_MAX + 1);
        assert_says(
            &ApiError::param_not_integer("a", &value),
            "Invalid integer: éééé...éééé",
            "a",
            "parameter_invalid_integer",
        );
    }

    #[test]
    fn metadata() {
        let value = "Metadata values can have up to 3 characters, but you passed in a value that is 4 characters. \
                     Invalid value: vvvv";
        assert_says(&ApiError::metadata_value_too_long("vvvv", 3), value, "metadata", "");
        let key = "Metadata keys can have up to 3 characters, but you passed in a key that is 4 characters. Invalid \
                   key: kkkk";
        assert_says(&ApiError::metadata_key_too_long("kkkk", 3), key, "metadata", "");
        assert_says(&ApiError::metadata_too_many_keys(50), "Metadata can have up to 50 keys.", "metadata", "");
    }
}
