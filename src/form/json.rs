//! JSON bodies of operations under `/v2` (platform 7.1): the same tree as a form's.
//!
//! May use: serde_json. Invariant: no input makes it panic, recurse deeper than [`FORM_LEVELS_MAX`], or keep more than
//! [`FORM_VALUES_MAX`] values.

use serde_json::Value;

use crate::error::ApiError;
use crate::form::Form;
use crate::limits::{FORM_LEVELS_MAX, FORM_VALUES_MAX};
use crate::state::document::Text;

/// Decodes a body. `null` unsets, as the empty string does in a form.
///
/// # Errors
/// The body is no object, has too many values, or is nested too deeply.
pub(crate) fn decode(body: &[u8]) -> Result<Form, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| ApiError::body_not_json())?;
    if !value.is_object() {
        return Err(ApiError::body_not_json());
    }
    let mut left = FORM_VALUES_MAX;
    form(value, 0, &mut left)
}

fn form(value: Value, level: usize, left: &mut usize) -> Result<Form, ApiError> {
    *left = left.checked_sub(1).ok_or_else(|| ApiError::too_many_values(FORM_VALUES_MAX))?;
    if level > FORM_LEVELS_MAX {
        return Err(ApiError::nesting_too_deep(FORM_LEVELS_MAX));
    }
    Ok(match value {
        Value::Null => Form::Value(Text::default()),
        Value::Bool(flag) => Form::Value(Text::fixed(if flag { "true" } else { "false" })),
        Value::Number(number) => Form::Value(Text::from(number.to_string())),
        Value::String(text) => Form::Value(Text::from(text)),
        Value::Array(items) => {
            Form::List(items.into_iter().map(|item| form(item, level + 1, left)).collect::<Result<_, _>>()?)
        }
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((Text::from(key), form(value, level + 1, left)?)));
            Form::Map(entries.collect::<Result<_, ApiError>>()?)
        }
    })
}
