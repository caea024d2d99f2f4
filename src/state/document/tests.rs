//! A layered object shows what a flat one would, whatever is done to it and whatever its base is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::map::wire_order;
use super::write::{FieldWriter, in_wire_order, write_int};
use super::{Doc, Map, Text};

/// Keys that come before and after one another in wire order, short and longer than what fits in place.
const KEYS: [&str; 9] =
    ["id", "object", "amount", "b", "card", "a_key_that_is_longer_than_sixteen_bytes", "metadata", "zip", "é"];

/// What is done to an object.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, Doc),
    Replace(usize, Doc),
    Remove(usize),
    Merge(Doc),
    Overlay(BTreeMap<usize, Doc>),
    /// The object becomes a base, and goes on above it.
    Base,
    /// It gets another object as its base.
    Rebase(Doc),
    Trim,
}

/// The same object as one flat list.
type Model = BTreeMap<Rank, Doc>;

/// A key in wire order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rank(&'static str);

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        wire_order(self.0, other.0)
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[test]
fn keys_are_in_the_order_of_their_bytes_behind_id_and_object() {
    let keys = [
        "id",
        "object",
        "",
        "\0",
        "i",
        "ia",
        "ida",
        "idb",
        "obj",
        "objec",
        "objects",
        "o",
        "amount",
        "amount_",
        "amount_c",
        "amount_captured",
        "amount_capturable",
        "amount_d",
        "amoun",
        "b",
        "é",
        "\u{7ff}",
        "zip",
        "ö_long_key_of_more",
    ];
    let rank = |key: &str| (["id", "object"].iter().position(|first| *first == key).unwrap_or(2), key.to_owned());
    for a in keys {
        for b in keys {
            assert_eq!(wire_order(a, b), rank(a).cmp(&rank(b)), "{a:?} and {b:?}");
        }
    }
}

fn scalar() -> impl Strategy<Value = Doc> {
    prop_oneof![
        Just(Doc::Null),
        any::<bool>().prop_map(Doc::Bool),
        (-3i64..3).prop_map(Doc::Int),
        Just(Doc::Float(0.5)),
        prop_oneof!["[a-c\"\\\\\n]{0,3}", "[a-b]{15,19}"].prop_map(Doc::from),
        Just(Doc::from("a text of the program that is not short")),
    ]
}

fn value() -> impl Strategy<Value = Doc> {
    scalar().prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Doc::List),
            proptest::collection::btree_map(0..KEYS.len(), inner, 0..4).prop_map(|entries| Doc::Map(object(entries))),
        ]
    })
}

fn nested() -> impl Strategy<Value = Doc> {
    proptest::collection::btree_map(0..KEYS.len(), value(), 0..6).prop_map(|entries| Doc::Map(object(entries)))
}

fn object(entries: BTreeMap<usize, Doc>) -> Map {
    Map::from_entries(entries.into_iter().map(|(key, value)| (KEYS[key].into(), value)).collect())
}

/// The same object, on another base.
fn rebased(map: &Map, base: &Map) -> Map {
    let differences = map.differences(base, usize::MAX).unwrap();
    Map::rebased(base, &differences)
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let key = 0..KEYS.len();
    let change = prop_oneof![
        4 => (key.clone(), value()).prop_map(|(key, value)| Change::Set(key, value)),
        2 => (key.clone(), value()).prop_map(|(key, value)| Change::Replace(key, value)),
        3 => key.prop_map(Change::Remove),
        2 => nested().prop_map(Change::Merge),
        1 => proptest::collection::btree_map(0..KEYS.len(), value(), 0..4).prop_map(Change::Overlay),
        2 => Just(Change::Base),
        2 => nested().prop_map(Change::Rebase),
        1 => Just(Change::Trim),
    ];
    proptest::collection::vec(change, 0..12)
}

fn merge_model(mine: &mut Model, change: &Map) {
    for (key, value) in change.iter() {
        let key = Rank(KEYS[KEYS.iter().position(|known| *known == key).unwrap_or_default()]);
        let merged = match (mine.get(&key), value) {
            (Some(Doc::Map(inner)), Doc::Map(change)) => {
                let mut inner = model_of(inner);
                merge_model(&mut inner, change);
                Doc::Map(flat(&inner))
            }
            _ => value.clone(),
        };
        mine.insert(key, merged);
    }
}

fn model_of(map: &Map) -> Model {
    let known = |key: &str| Rank(KEYS[KEYS.iter().position(|known| *known == key).unwrap_or_default()]);
    map.iter().map(|(key, value)| (known(key), value.clone())).collect()
}

fn flat(model: &Model) -> Map {
    Map::from_entries(model.iter().map(|(key, value)| (key.0.into(), value.clone())).collect())
}

fn as_map(doc: Doc) -> Map {
    match doc {
        Doc::Map(map) => map,
        _ => Map::new(),
    }
}

fn apply(change: Change, map: &mut Map, model: &mut Model) {
    match change {
        Change::Set(key, value) => {
            map.set(KEYS[key], value.clone());
            model.insert(Rank(KEYS[key]), value);
        }
        Change::Replace(key, value) => {
            let (mine, theirs) = (map.get_mut(KEYS[key]), model.get_mut(&Rank(KEYS[key])));
            assert_eq!(mine, theirs);
            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                (*mine, *theirs) = (value.clone(), value);
            }
        }
        Change::Remove(key) => assert_eq!(map.remove(KEYS[key]), model.remove(&Rank(KEYS[key]))),
        Change::Merge(change) => {
            let change = as_map(change);
            map.merge(&change);
            merge_model(model, &change);
        }
        Change::Overlay(entries) => {
            *map = map.overlaid(entries.iter().map(|(key, value)| (KEYS[*key].into(), value.clone())).collect());
            model.extend(entries.into_iter().map(|(key, value)| (Rank(KEYS[key]), value)));
        }
        Change::Base => *map = map.clone().into_base(),
        Change::Rebase(base) => *map = rebased(map, &as_map(base).into_base()),
        Change::Trim => map.trim(),
    }
}

proptest! {
    #[test]
    fn layers_show_what_a_flat_object_shows(changes in changes(), other in nested()) {
        let (mut map, mut model) = (Map::new(), Model::new());
        for change in changes {
            let (before, as_it_was) = (map.clone(), flat(&model));
            apply(change, &mut map, &mut model);
            prop_assert_eq!(before, as_it_was, "a clone changes when the object does");
        }
        let expected = flat(&model);
        let other = as_map(other);
        prop_assert_eq!(&map, &expected);
        prop_assert_eq!(map == other, expected == other);
        prop_assert_eq!(map.len(), model.len());
        prop_assert_eq!(map.is_empty(), model.is_empty());
        let entries: Vec<_> = map.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
        let wanted: Vec<_> = model.iter().map(|(key, value)| (key.0.to_owned(), value.clone())).collect();
        prop_assert_eq!(entries, wanted);
        for key in KEYS {
            prop_assert_eq!(map.get(key), model.get(&Rank(key)));
            prop_assert_eq!(map.has(key), model.contains_key(&Rank(key)));
        }
        prop_assert_eq!(Doc::from(map.clone()).to_json(), Doc::from(expected.clone()).to_json());
        prop_assert_eq!(serde_json::to_string(&map).ok(), serde_json::to_string(&expected).ok());
        prop_assert_eq!(map.into_entries(), expected.into_entries());
    }

    #[test]
    fn the_distance_to_a_base_is_the_number_of_entries_above_it(
        (mine, base, below, is_below_both) in (nested(), nested(), nested(), any::<bool>()),
        most in 0usize..9,
    ) {
        let (mut mine, mut base) = (as_map(mine), as_map(base));
        if is_below_both {
            let below = as_map(below).into_base();
            (mine, base) = (rebased(&mine, &below), rebased(&base, &below));
        }
        let base = base.into_base();
        let theirs: BTreeMap<_, _> = base.iter().collect();
        let keys = mine.iter().map(|(key, _)| key).chain(theirs.keys().copied());
        let keys: std::collections::BTreeSet<&str> = keys.collect();
        let count = keys.iter().filter(|key| mine.get(key) != theirs.get(*key).copied()).count();
        let found = mine.differences(&base, most).map(|differences| differences.len());
        prop_assert_eq!(found, (count <= most).then_some(count));
        let shown = Doc::Map(mine.clone()).to_json();
        mine = rebased(&mine, &base);
        prop_assert!(mine.shares_base_with(&base));
        prop_assert_eq!(mine.is_same(&base), count == 0);
        prop_assert_eq!(Doc::Map(mine).to_json(), shown);
    }

    #[test]
    fn fields_are_written_over_a_document_as_if_they_were_its_own(rest in nested(), base in nested(), amount in -3i64..3) {
        let mut rest = as_map(rest);
        rest = rebased(&rest, &as_map(base).into_base());
        let writers: Vec<FieldWriter<i64>> = in_wire_order(vec![
            FieldWriter { key: "zip", is_absent: |_| false, write: |_, out, level| Doc::List(vec![Doc::Null]).write_at(out, level) },
            FieldWriter { key: "amount", is_absent: |_| false, write: |amount, out, _| write_int(*amount, out) },
            FieldWriter { key: "b", is_absent: |_| true, write: |_, _, _| {} },
        ]);
        let mut written = Vec::new();
        rest.write_under(&amount, &writers, &mut written);
        let shown = rest.overlaid(vec![("zip".into(), Doc::List(vec![Doc::Null])), ("amount".into(), amount.into())]);
        prop_assert_eq!(written, Doc::Map(shown).to_json());
    }

    #[test]
    fn a_base_is_written_the_same_wherever_it_is(mine in nested(), base in nested()) {
        let (mine, base) = (as_map(mine), as_map(base).into_base());
        let inner = Doc::Map(rebased(&mine, &base));
        let flat = Doc::Map(mine);
        for around in [|doc: Doc| doc, |doc| Doc::List(vec![doc]), |doc| Map::from([("data", Doc::List(vec![doc]))]).into()] {
            prop_assert_eq!(around(inner.clone()).to_json(), around(flat.clone()).to_json());
        }
    }

    #[test]
    fn a_text_is_its_characters(text in "\\PC{0,40}") {
        let texts = [Text::copy_of(&text), Text::from(text.clone())];
        for mine in texts {
            prop_assert_eq!(mine.as_str(), text.as_str());
            prop_assert_eq!(String::from(mine.clone()), text.clone());
            prop_assert_eq!(format!("{mine} {mine:?}"), format!("{text} {text:?}"));
        }
    }
}

#[test]
fn entries_are_small() {
    assert_eq!(size_of::<Text>(), 16);
    assert_eq!(size_of::<Map>(), 8);
    assert_eq!(size_of::<Doc>(), 24);
    assert_eq!(size_of::<(Text, Option<Doc>)>(), 40);
}

#[test]
fn a_later_form_weighs_what_it_does_not_share_with_the_earlier_one() {
    let long = "x".repeat(100);
    let inner = Map::from([("c", Doc::from(long.clone()))]);
    let first = Map::from([("a", Doc::from(long.clone())), ("b", inner.into())]);
    let mut second = first.clone();
    assert_eq!(second.weight_beside(&first), 0);
    second.set("n", 1);
    let own = second.weight_beside(&first);
    assert!(own > 0 && own + 2 * long.len() <= second.weight());
    second.set("a", long.clone());
    assert_eq!(second.weight_beside(&first), own + long.len(), "an equal text that was sent anew is another one");
}
