//! References in a request: the objects must exist.
//!
//! May use: the catalogue, the registry. Invariant: the error about a missing object has the parameter's name, with its
//! brackets.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::api::params::path::ParamPath;
use crate::catalogue::{self, Field, Type};
use crate::contract::{self, Call, In, ParamRule, SentParam};
use crate::error::{ApiError, Result};
use crate::money;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

/// The kinds that a parameter of a name refers to, whatever the answer shows.
static NAMED: LazyLock<BTreeMap<&'static str, Vec<Kind>>> = LazyLock::new(|| {
    let mut named: BTreeMap<&'static str, Vec<Kind>> = BTreeMap::new();
    for entry in contract::all_entries() {
        for param in entry.named_by {
            let kinds = named.entry(param).or_default();
            let at = if *param == entry.kind.name() { 0 } else { kinds.len() };
            kinds.insert(at, entry.kind);
        }
    }
    named
});

/// What parameters of a name must be, wherever they stand, by the name.
static RULES: LazyLock<BTreeMap<&'static str, Vec<&'static ParamRule>>> = LazyLock::new(|| {
    let mut rules: BTreeMap<&'static str, Vec<&'static ParamRule>> = BTreeMap::new();
    for rule in contract::all_entries().flat_map(|entry| entry.param_rules) {
        let last = rule.ends.rsplit('.').next().unwrap_or(rule.ends);
        rules.entry(last).or_default().push(rule);
    }
    rules
});

/// Checks every reference, every currency, and what has a rule of its own, of a call.
///
/// # Errors
/// The first object that does not exist, the first unknown currency, or what a rule refuses.
pub(crate) fn check(tx: &Tx, call: &Call<'_>, object: &'static catalogue::ObjectType) -> Result<()> {
    ReferenceCheck { tx, object, call, rules_alone: false }.call()
}

/// Checks what has a rule of its own, of a call whose operation looks up its references itself.
///
/// # Errors
/// What a rule refuses.
pub(crate) fn check_rules(tx: &Tx, call: &Call<'_>, object: &'static catalogue::ObjectType) -> Result<()> {
    ReferenceCheck { tx, object, call, rules_alone: true }.call()
}

struct ReferenceCheck<'a> {
    tx: &'a Tx,
    object: &'static catalogue::ObjectType,
    call: &'a Call<'a>,
    rules_alone: bool,
}

impl ReferenceCheck<'_> {
    fn call(&self) -> Result<()> {
        self.fields(self.call.operation.params, self.object.fields, &self.call.params, None)
    }

    fn fields(
        &self,
        params: &'static [Field],
        shown: &'static [Field],
        sent: &Map,
        above: Option<&ParamPath<'_>>,
    ) -> Result<()> {
        for (name, value) in sent.iter() {
            let Some(param) = catalogue::field(params, name) else { continue };
            let at = ParamPath::at(above, name);
            let mut rules = RULES.get(name).into_iter().flatten().filter(|rule| at.ends_at(rule.ends));
            rules.try_for_each(|rule| self.rule(rule, value, sent, &at))?;
            let shown = catalogue::field(shown, name).map(|field| field.kind);
            self.value(param.kind, shown, name, value, &at)?;
        }
        Ok(())
    }

    fn rule(&self, rule: &ParamRule, value: &Doc, beside: &Map, at: &ParamPath<'_>) -> Result<()> {
        let (tx, call) = (self.tx, &self.call.params);
        let changed = self.call.args.last().and_then(|id| contract::resolve(tx, self.object.kind, id));
        let changed = changed.map(|record| {
            let mut whole = record.object.to_doc();
            record.object.hidden_doc().iter().for_each(|(key, value)| whole.set(key.to_owned(), value.clone()));
            whole
        });
        (rule.check)(&SentParam {
            tx,
            value,
            param: &at.name(),
            beside,
            call,
            changed: changed.as_ref(),
            about: self.object.kind,
        })
    }

    fn value(
        &self,
        param: &'static Type,
        shown: Option<&'static Type>,
        name: &str,
        value: &Doc,
        at: &ParamPath<'_>,
    ) -> Result<()> {
        match (param, value) {
            (Type::AnyOf(kinds), value) => {
                let fits = kinds.iter().find(|kind| {
                    matches!(
                        (kind, value),
                        (Type::Object(_), Doc::Map(_))
                            | (Type::Array(_), Doc::List(_))
                            | (Type::String { .. }, Doc::Text(_))
                    )
                });
                fits.map_or(Ok(()), |kind| self.value(kind, shown, name, value, at))
            }
            (Type::Object(fields), Doc::Map(sent)) => self.fields(fields, inner(shown), sent, Some(at)),
            (Type::Array(of), Doc::List(items)) => {
                let shown = match shown {
                    Some(Type::Array(of) | Type::List(of)) => Some(*of),
                    _ => None,
                };
                items.iter().enumerate().try_for_each(|(i, item)| self.value(of, shown, name, item, &at.item(i)))
            }
            (Type::String { .. }, Doc::Text(text)) if !self.rules_alone => self.text(shown, name, text, at),
            _ => Ok(()),
        }
    }

    fn text(&self, shown: Option<&'static Type>, name: &str, text: &str, at: &ParamPath<'_>) -> Result<()> {
        if name == "currency" || name.ends_with("_currency") {
            let known = money::is_currency(&text.to_lowercase());
            return if known { Ok(()) } else { Err(ApiError::currency_invalid(&at.name(), text, money::CURRENCIES)) };
        }
        let references = contract::entry(self.object.kind).map_or(&[][..], |entry| entry.references);
        let own = references.iter().find(|(path, _)| at.is_at(path));
        let Some(targets) = own.map_or_else(|| targets(shown, name), |(_, kinds)| Some(Cow::Borrowed(*kinds))) else {
            return Ok(());
        };
        let found = targets.iter().any(|target| exists(self.tx, *target, text));
        for target in &*targets {
            let check = contract::entry(*target).and_then(|entry| entry.check_use);
            if let (Some(check), Some(record)) = (check, contract::resolve(self.tx, *target, text)) {
                check(&*record.object, &at.name())?;
            }
        }
        match targets.first().filter(|_| !found) {
            Some(target) => Err(contract::missing(*target, text, In::Param(&at.name()))),
            None => Ok(()),
        }
    }
}

fn inner(shown: Option<&'static Type>) -> &'static [Field] {
    match shown {
        Some(Type::Object(fields)) => fields,
        Some(Type::Ref([only])) => catalogue::object(only).map_or(&[], |object| object.fields),
        _ => &[],
    }
}

/// The kinds that a text may refer to.
fn targets(shown: Option<&'static Type>, name: &str) -> Option<Cow<'static, [Kind]>> {
    if let Some(kinds) = NAMED.get(name) {
        return Some(Cow::Borrowed(kinds));
    }
    match shown {
        Some(Type::Expandable(targets) | Type::Ref(targets)) => {
            Some(targets.iter().filter_map(|target| Kind::named(target)).collect())
        }
        Some(Type::AnyOf(kinds)) => kinds.iter().find_map(|kind| targets(Some(kind), name)),
        _ => None,
    }
}

fn exists(tx: &Tx, kind: Kind, id: &str) -> bool {
    let is_known = contract::entry(kind).and_then(|entry| entry.is_known);
    is_known.is_some_and(|is_known| is_known(tx, id))
        || contract::resolve(tx, kind, id).is_some_and(|record| !record.deleted)
}
