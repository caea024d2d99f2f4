//! What the objects of one table have in common, so that each of them keeps what is its own alone.
//!
//! May use: documents. Invariant: an object shows the same before and after it is based on a template, and a template
//! never changes.
//!
//! The objects of a kind differ in few entries: 13 of a charge's 101. So the first of them becomes a template, and of
//! the later ones only the differences from it are stored; each object inside an object has templates of its own. Which
//! entries an API object has, and with which values, its request decides more than its type (a card or a debit, approved
//! or declined), so templates are not made from the catalogue but from what is written. There are [`FORMS_MAX`] for one
//! place in an object, and an object is based on the one that it differs from the least. As the templates are a part of
//! the table, a sandbox that does the same has the same ones, and readers need no lock.

use std::sync::Arc;

use super::document::{Doc, Map, Text};

/// Templates for one place in an object.
const FORMS_MAX: usize = 4;

/// The part of its entries by which an object may differ from a template that is taken without a look at the others.
const CLOSE: usize = 6;

/// The entries by which it may do so in any case.
const CLOSE_ENTRIES: usize = 6;

/// Nested places of one place that have templates of their own.
const PLACES_MAX: usize = 48;

/// Templates in a table; a template is as large as an object that was written.
const TEMPLATES_MAX: usize = 256;

/// The templates of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates {
    whole: Arc<TemplatePlace>,
    count: usize,
}

/// The templates for one place in an object, the object itself or one inside it.
#[derive(Clone, Debug, Default)]
struct TemplatePlace {
    forms: Vec<Map>,
    within: Vec<(Text, TemplatePlace)>,
}

impl Templates {
    /// Bases an object on the templates that it resembles, and learns what it brings that is new.
    pub(super) fn share(&mut self, map: &mut Map) {
        if !self.whole.fit(map) && self.count < TEMPLATES_MAX {
            Arc::make_mut(&mut self.whole).learn(map, &mut self.count);
        }
    }
}

impl TemplatePlace {
    /// Bases an object on what is known here; false when there is more to learn from it.
    fn fit(&self, map: &mut Map) -> bool {
        // What nobody changed since it was written has its base already.
        if map.is_empty() || (!map.is_unique() && self.knows(map)) {
            return true;
        }
        let mut is_known = true;
        each_inside(map, |key, inner| {
            is_known &= match self.within.iter().find(|(known, _)| known == key) {
                Some((_, place)) => place.fit(inner),
                None => self.within.len() >= PLACES_MAX,
            };
        });
        let has_fit = self.rebase(map);
        is_known && (has_fit || self.forms.len() >= FORMS_MAX)
    }

    /// As [`fit`](Self::fit), making templates where none fits.
    fn learn(&mut self, map: &mut Map, count: &mut usize) {
        if map.is_empty() {
            return;
        }
        each_inside(map, |key, inner| {
            if let Some(place) = self.inside(key) {
                place.learn(inner, count);
            }
        });
        if !self.rebase(map) && self.forms.len() < FORMS_MAX && *count < TEMPLATES_MAX {
            *count += 1;
            *map = map.clone().into_base();
            self.forms.push(map.clone());
        }
    }

    fn inside(&mut self, key: &Text) -> Option<&mut TemplatePlace> {
        let known = self.within.iter().position(|(known, _)| known == key);
        let at = match known {
            Some(at) => at,
            None if self.within.len() < PLACES_MAX => {
                self.within.push((key.clone(), TemplatePlace::default()));
                self.within.len() - 1
            }
            None => return None,
        };
        Some(&mut self.within[at].1)
    }

    fn knows(&self, map: &Map) -> bool {
        self.forms.iter().any(|form| map.shares_base_with(form))
    }

    /// Bases an object on the template that it differs from the least, if that is worth it.
    fn rebase(&self, map: &mut Map) -> bool {
        if self.knows(map) {
            map.trim();
            return true;
        }
        let mut best = None;
        let close = (map.about() / CLOSE).max(CLOSE_ENTRIES);
        let mut most = map.about() / 2;
        for form in &self.forms {
            let Some(differences) = map.differences(form, most) else { continue };
            let count = differences.len();
            best = Some((form, differences));
            // A closer one would hardly save more than looking for it costs.
            if count <= close {
                break;
            }
            most = count - 1;
        }
        match best.map(|(form, differences)| Map::rebased(form, &differences)) {
            Some(rebased) => {
                *map = rebased;
                true
            }
            None => {
                // If others share it, a smaller copy would only take more memory.
                if map.is_unique() {
                    map.trim();
                }
                false
            }
        }
    }
}

/// Passes the nested objects of an object, also those in arrays, to a function that returns equal ones.
fn each_inside(map: &mut Map, mut replace: impl FnMut(&Text, &mut Map)) {
    map.each_own(|key, value| match value {
        Doc::Map(inner) => replace(key, inner),
        Doc::List(items) => {
            for item in items {
                if let Doc::Map(inner) = item {
                    replace(key, inner);
                }
            }
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A charge, reduced: `number` is unique, `kind` is the way it is paid.
    fn charge(number: i64, kind: &'static str) -> Map {
        let checks = Map::from([("cvc_check", Doc::from("pass")), ("address_line1_check", Doc::Null)]);
        let hash = Map::from([
            ("brand", Doc::from(kind)),
            ("checks", checks.into()),
            ("exp_month", 12.into()),
            ("last4", "4242".into()),
            ("number", number.into()),
        ]);
        Map::from([
            ("captured", Doc::from(true)),
            ("details", Map::from([(kind, Doc::from(hash)), ("type", kind.into())]).into()),
            ("fees", Doc::List(vec![Map::from([("type", "stripe_fee")]).into()])),
            ("number", number.into()),
            ("outcome", Doc::Null),
            ("paid", true.into()),
        ])
    }

    #[test]
    fn an_object_shows_the_same_when_it_is_based_on_a_template() {
        let mut templates = Templates::default();
        for number in 0..40 {
            for kind in ["card", "sepa_debit", "card", "boleto", "konbini", "oxxo", "pix"] {
                let mut shared = charge(number, kind);
                templates.share(&mut shared);
                assert_eq!(shared, charge(number, kind));
                assert_eq!(Doc::Map(shared).to_json(), Doc::Map(charge(number, kind)).to_json());
            }
        }
    }

    #[test]
    fn what_is_alike_is_the_same_memory_at_every_depth() {
        let mut templates = Templates::default();
        let (mut first, mut debit, mut second) = (charge(1, "card"), charge(2, "sepa_debit"), charge(3, "card"));
        templates.share(&mut first);
        templates.share(&mut debit);
        templates.share(&mut second);
        let checks = |charge: &Map| charge.map("details")?.map("card")?.map("checks").cloned();
        let (Some(mine), Some(theirs)) = (checks(&first), checks(&second)) else { panic!("a card has checks") };
        assert!(mine.is_same(&theirs));
        assert!(first.shares_base_with(&second) && !first.is_same(&second));
        let fee = |charge: &Map| charge.list("fees")?.first()?.as_map().cloned();
        let (Some(mine), Some(theirs)) = (fee(&first), fee(&debit)) else { panic!("a charge has a fee") };
        assert!(mine.is_same(&theirs));
    }

    #[test]
    fn a_change_of_what_was_shared_shows_and_leaves_the_template() {
        let mut templates = Templates::default();
        let mut first = charge(1, "card");
        templates.share(&mut first);
        let mut changed = first.clone();
        changed.set("outcome", "declined");
        let _ = changed.remove("fees");
        templates.share(&mut changed);
        assert!(changed.shares_base_with(&first));
        assert_eq!(changed.str("outcome"), Some("declined"));
        assert!(!changed.has("fees"));
        assert_eq!(first, charge(1, "card"));
    }

    #[test]
    fn no_end_of_shapes_makes_no_end_of_templates() {
        let mut templates = Templates::default();
        for number in 0..2_000_i64 {
            let key = |part: i64| format!("key_{}", number * 7 + part);
            let inner = |part: i64| Map::from([(key(part), Doc::from(part)), (key(part + 1), Doc::from(number))]);
            let mut map = Map::from([0, 1, 2].map(|part| (key(part), inner(part))));
            let shown = Doc::Map(map.clone()).to_json();
            templates.share(&mut map);
            assert_eq!(Doc::Map(map).to_json(), shown);
        }
        assert!(templates.count <= TEMPLATES_MAX);
        assert!(templates.whole.forms.len() <= FORMS_MAX && templates.whole.within.len() <= PLACES_MAX);
    }
}
