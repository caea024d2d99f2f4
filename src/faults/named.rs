//! The objects that a request names, in its path or as a parameter, for rules about objects.
//!
//! May use: the form, the state. Invariant: it changes nothing.

use crate::form::{self, Form};
use crate::state::document::Map;
use crate::state::{AccountKey, State};

/// The objects of an account whose ids a request names, as the newest version shows them.
pub fn named(state: &State, account: AccountKey, path: &str, form: Option<&Form>) -> Vec<Map> {
    let mut texts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(form::decode_text).collect();
    if let Some(form) = form {
        values(form, &mut texts);
    }
    let tables: Vec<_> = state.tables().filter(|(owner, _, _)| *owner == account).map(|(_, _, table)| table).collect();
    let objects = texts.iter().flat_map(|text| tables.iter().filter_map(|table| table.get(text)));
    objects.filter(|record| !record.deleted).map(|record| record.object.to_doc()).collect()
}

fn values(form: &Form, out: &mut Vec<String>) {
    match form {
        Form::Value(value) => out.push(value.as_str().to_owned()),
        Form::List(items) => items.iter().for_each(|item| values(item, out)),
        Form::Map(entries) => entries.iter().for_each(|(_, form)| values(form, out)),
    }
}
