//! A JSON object in two layers: entries of its own over what it shares with many others.
//!
//! May use: the other parts of the document. Invariant: both layers are in wire order and know each key once. What
//! a reader sees does not depend on which entries are in which layer.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use smallvec::SmallVec;

use super::write::BaseJson;
use super::{Doc, Text};

/// A JSON object whose keys are kept in the order in which the API writes them. A clone shares the
/// entries until one of the two is changed.
#[derive(Clone)]
pub struct Map {
    node: Arc<MapNode>,
}

#[derive(Clone, Default)]
struct MapNode {
    base: Option<Arc<Base>>,
    own: Vec<Own>,
}

/// What many objects share below their own entries. It never changes.
pub(super) struct Base {
    pub(super) entries: Box<[(Text, Doc)]>,
    /// The base and the entries of the object that it was made of, if that had a base.
    made_of: Option<(Arc<Base>, Box<[Own]>)>,
    /// Its entries as JSON by how far they are indented, once they were written so.
    pub(super) json: [OnceLock<Box<BaseJson>>; LEVELS_KEPT],
}

/// An entry of an object's own. Without a value it removes a key of the base.
pub(super) type Own = (Text, Option<Doc>);

/// The bytes of a string that are not in its place.
pub(super) fn outside(text: &str) -> usize {
    if text.len() <= size_of::<Text>() { 0 } else { text.len() }
}

/// How deep in an answer the text of a base is kept.
pub(super) const LEVELS_KEPT: usize = 8;

/// How many entries an object grows by at once.
const GROWTH: usize = 4;

/// The order of keys in the API: `id`, `object`, then alphabetical.
#[inline]
pub(super) fn wire_order(a: &str, b: &str) -> Ordering {
    // A key is mostly the same memory wherever it stands.
    if std::ptr::eq(a, b) {
        return Ordering::Equal;
    }
    beginning(a).cmp(&beginning(b)).then_with(|| whole_order(a, b))
}

/// A number for the beginning of a key: of two numbers that differ, the smaller one is that of the key that comes first.
#[inline]
fn beginning(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let (length, last) = (bytes.len(), bytes.last_chunk::<4>());
    let first = match (bytes.first_chunk::<8>(), bytes.first_chunk::<4>(), last) {
        (Some(eight), _, _) => u64::from_be_bytes(*eight),
        // The two overlap in bytes that are the same.
        (None, Some(first), Some(last)) => {
            u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << (64 - 8 * length)
        }
        _ => bytes.iter().rev().fold(0, |number, byte| number >> 8 | u64::from(*byte) << 56),
    };
    match key {
        "id" => 0,
        "object" => 1,
        _ => first >> 1 | 1 << 63,
    }
}

/// Where a key stands among entries in wire order, or where it would.
#[inline]
fn find<T>(entries: &[(Text, T)], key: &str) -> Result<usize, usize> {
    let wanted = beginning(key);
    entries.binary_search_by(|(known, _)| match beginning(known).cmp(&wanted) {
        Ordering::Equal if known.as_str() == key => Ordering::Equal,
        Ordering::Equal => whole_order(known, key),
        order => order,
    })
}

fn whole_order(a: &str, b: &str) -> Ordering {
    fn rank(key: &str) -> u8 {
        match key {
            "id" => 0,
            "object" => 1,
            _ => 2,
        }
    }
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}

/// The node of every empty object.
static EMPTY: LazyLock<Arc<MapNode>> = LazyLock::new(Arc::default);

impl Default for Map {
    fn default() -> Self {
        Map { node: Arc::clone(&EMPTY) }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        // Shared memory is equal.
        self.is_same(other) || self.entries().eq(other.entries())
    }
}

impl Map {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Builds an object from entries in any order; of equal keys the last one is kept.
    pub fn from_entries(mut entries: Vec<(Text, Doc)>) -> Self {
        entries.sort_by(|a, b| wire_order(&a.0, &b.0));
        entries.reverse();
        entries.dedup_by(|later, kept| later.0 == kept.0);
        entries.reverse();
        Self::of(None, entries.into_iter().map(|(key, value)| (key, Some(value))).collect())
    }

    fn of(base: Option<Arc<Base>>, mut own: Vec<Own>) -> Self {
        own.shrink_to_fit();
        Map { node: Arc::new(MapNode { base, own }) }
    }

    /// This object with entries, in any order, that replace its own; no key occurs twice among them.
    #[must_use]
    pub fn overlaid(&self, mut entries: Vec<(Text, Doc)>) -> Self {
        entries.sort_unstable_by(|a, b| wire_order(&a.0, &b.0));
        if self.node.own.is_empty() {
            let own = entries.into_iter().map(|(key, value)| (key, Some(value)));
            return Self::of(self.node.base.clone(), own.collect());
        }
        let mut merged = Vec::with_capacity(self.node.own.len() + entries.len());
        let mut under = self.node.own.iter().peekable();
        for (key, value) in entries {
            while let Some(entry) = under.next_if(|(known, _)| wire_order(known, &key) == Ordering::Less) {
                merged.push(entry.clone());
            }
            let _ = under.next_if(|(known, _)| *known == key);
            merged.push((key, Some(value)));
        }
        merged.extend(under.cloned());
        Self::of(self.node.base.clone(), merged)
    }

    /// The value of a key, if the key is there.
    pub fn get(&self, key: &str) -> Option<&Doc> {
        match self.node.find(key) {
            Ok(at) => self.node.own[at].1.as_ref(),
            Err(_) => self.node.below(key),
        }
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Doc> {
        let at = match self.node.find(key) {
            Ok(at) => at,
            Err(at) => {
                let (key, value) = self.node.base.as_ref()?.entry(key)?.clone();
                Arc::make_mut(&mut self.node).insert(at, (key, Some(value)));
                at
            }
        };
        Arc::make_mut(&mut self.node).own[at].1.as_mut()
    }

    /// Sets a key, replacing what it had.
    pub fn set(&mut self, key: impl Into<Text>, value: impl Into<Doc>) {
        let (key, value) = (key.into(), value.into());
        match self.node.find(&key) {
            Ok(at) => Arc::make_mut(&mut self.node).own[at].1 = Some(value),
            // An entry that is equal to the base needs no entry of its own.
            Err(_) if self.node.below(&key) == Some(&value) => {}
            Err(at) => Arc::make_mut(&mut self.node).insert(at, (key, Some(value))),
        }
    }

    /// Sets a key and returns the object, for building one in a chain.
    #[must_use]
    pub fn with(mut self, key: impl Into<Text>, value: impl Into<Doc>) -> Self {
        self.set(key, value);
        self
    }

    /// Removes a key and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Doc> {
        let below = self.node.base.as_ref().and_then(|base| base.entry(key));
        match (self.node.find(key), below) {
            (Ok(at), None) => Arc::make_mut(&mut self.node).own.remove(at).1,
            (Ok(at), Some(_)) => Arc::make_mut(&mut self.node).own[at].1.take(),
            (Err(_), None) => None,
            (Err(at), Some((key, value))) => {
                let (key, value) = (key.clone(), value.clone());
                Arc::make_mut(&mut self.node).insert(at, (key, None));
                Some(value)
            }
        }
    }

    /// Whether the key exists, also with `null`.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key that exists and is not `null`.
    pub fn present(&self, key: &str) -> Option<&Doc> {
        self.get(key).filter(|doc| !doc.is_null())
    }

    /// The string at a key.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Doc::as_str)
    }

    /// The whole number at a key.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key).and_then(Doc::as_int)
    }

    /// The truth value at a key.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Doc::as_bool)
    }

    /// The object at a key.
    pub fn map(&self, key: &str) -> Option<&Map> {
        self.get(key).and_then(Doc::as_map)
    }

    /// The array at a key.
    pub fn list(&self, key: &str) -> Option<&[Doc]> {
        self.get(key).and_then(Doc::as_list)
    }

    /// The entries in wire order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Doc)> {
        self.entries().map(|(key, value)| (key.as_str(), value))
    }

    /// The object's own entries, and what it shares with others.
    pub(super) fn layers(&self) -> (&[Own], Option<&Base>) {
        (&self.node.own, self.node.base.as_deref())
    }

    pub(super) fn entries(&self) -> Entries<'_> {
        Entries { own: &self.node.own, below: self.node.base.as_deref().map_or(&[], |base| &base.entries) }
    }

    /// The entries in wire order, by value.
    pub fn into_entries(self) -> Vec<(Text, Doc)> {
        if self.node.base.is_some() {
            return self.entries().map(|(key, value)| (key.clone(), value.clone())).collect();
        }
        let own = Arc::unwrap_or_clone(self.node).own;
        own.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match self.node.base {
            None => self.node.own.len(),
            Some(_) => self.entries().count(),
        }
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// Merges `change` into this object leaf by leaf: an object is merged into an object, anything else (`null` too)
    /// replaces. This is how the API updates nested parameters (core-payments 1.2.8).
    pub fn merge(&mut self, change: &Map) {
        for (key, value) in change.entries() {
            match (self.get_mut(key), value) {
                (Some(Doc::Map(mine)), Doc::Map(theirs)) => mine.merge(theirs),
                (Some(slot), _) => *slot = value.clone(),
                (None, _) => self.set(key.clone(), value.clone()),
            }
        }
    }
}

/// Sharing of common entries.
impl Map {
    /// The same object, made to be shared by others: what is set in a clone of it takes one entry, not a copy of all.
    #[must_use]
    pub fn into_base(self) -> Self {
        if self.node.base.is_some() && self.node.own.is_empty() {
            return self;
        }
        let made_of = self.node.base.clone().map(|base| (base, self.node.own.clone().into()));
        let base = Base { entries: self.into_entries().into(), made_of, json: Default::default() };
        Self::of(Some(Arc::new(base)), Vec::new())
    }

    /// About how many bytes its own entries take, without what it shares with others.
    pub fn weight(&self) -> usize {
        let entry = |(key, value): &Own| size_of::<Own>() + outside(key) + value.as_ref().map_or(0, Doc::weight);
        size_of::<MapNode>() + self.node.own.iter().map(entry).sum::<usize>()
    }

    /// As [`weight`](Self::weight), without what it shares with an earlier form of the same object.
    pub fn weight_beside(&self, earlier: &Map) -> usize {
        if self.is_same(earlier) {
            return 0;
        }
        let entry = |(key, value): &Own| {
            let inside = value.as_ref().map_or(0, |value| value.weight_beside(earlier.get(key)));
            size_of::<Own>() + outside(key) + inside
        };
        size_of::<MapNode>() + self.node.own.iter().map(entry).sum::<usize>()
    }

    /// About how many entries there are.
    pub fn about(&self) -> usize {
        self.node.own.len().max(self.node.base.as_ref().map_or(0, |base| base.entries.len()))
    }

    /// Whether two objects are the same memory.
    pub(in crate::state) fn is_same(&self, other: &Map) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }

    /// Whether no other value shares its memory.
    pub(in crate::state) fn is_unique(&self) -> bool {
        Arc::strong_count(&self.node) == 1
    }

    /// Whether this object has the same base as another.
    pub(in crate::state) fn shares_base_with(&self, base: &Map) -> bool {
        match (&self.node.base, &base.node.base) {
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }

    /// The entries that this object has to have of its own over another base; `None` when they are more than `most`.
    pub(in crate::state) fn differences<'m>(&'m self, base: &'m Map, most: usize) -> Option<Differences<'m>> {
        let made_of =
            base.node.base.as_ref().filter(|_| base.node.own.is_empty()).and_then(|base| base.made_of.as_ref());
        if let Some((below, theirs)) = made_of
            && self.node.base.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, below))
        {
            return self.differences_over(below, theirs, most);
        }
        let mut differences = Differences::new();
        let mut entries = base.entries().peekable();
        let mut add = |key: &'m Text, value: Option<&'m Doc>| {
            differences.push((key, value));
            differences.len() <= most
        };
        for (key, mine) in self.entries() {
            loop {
                let Some((known, theirs)) = entries.peek() else {
                    if !add(key, Some(mine)) {
                        return None;
                    }
                    break;
                };
                let order = wire_order(known, key);
                if order != Ordering::Less && !(order == Ordering::Equal && *theirs == mine) && !add(key, Some(mine))
                    || order == Ordering::Less && !add(known, None)
                {
                    return None;
                }
                if order != Ordering::Greater {
                    let _ = entries.next();
                }
                if order != Ordering::Less {
                    break;
                }
            }
        }
        for (key, _) in entries {
            if !add(key, None) {
                return None;
            }
        }
        Some(differences)
    }

    /// As [`differences`](Self::differences), from an object with these entries of its own over the same base: only what
    /// one of the two does not share with that base can differ.
    fn differences_over<'m>(&'m self, below: &'m Base, theirs: &'m [Own], most: usize) -> Option<Differences<'m>> {
        let mut differences = Differences::new();
        let (mut mine, mut theirs) = (self.node.own.as_slice(), theirs);
        loop {
            let order = match (mine.first(), theirs.first()) {
                (None, None) => return Some(differences),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((mine, _)), Some((theirs, _))) => wire_order(mine, theirs),
            };
            let (key, is, was) = match order {
                Ordering::Less => (&mine[0].0, mine[0].1.as_ref(), below.get(&mine[0].0)),
                Ordering::Equal => (&mine[0].0, mine[0].1.as_ref(), theirs[0].1.as_ref()),
                Ordering::Greater => (&theirs[0].0, below.get(&theirs[0].0), theirs[0].1.as_ref()),
            };
            if is != was {
                differences.push((key, is));
                if differences.len() > most {
                    return None;
                }
            }
            mine = &mine[usize::from(order != Ordering::Greater)..];
            theirs = &theirs[usize::from(order != Ordering::Less)..];
        }
    }

    /// This object on another base, from which it has these differences.
    pub(in crate::state) fn rebased(base: &Map, differences: &Differences<'_>) -> Self {
        match &base.node.base {
            Some(_) if differences.is_empty() => base.clone(),
            shared => {
                let own = differences.iter().map(|(key, value)| ((*key).clone(), value.cloned()));
                Self::of(shared.clone(), own.collect())
            }
        }
    }

    /// Frees the memory of entries that are equal to the base, and of spare capacity.
    pub(in crate::state) fn trim(&mut self) {
        let MapNode { base, own } = &*self.node;
        let is_idle = |(key, value): &Own| base.as_ref().is_some_and(|base| base.get(key) == value.as_ref());
        if own.capacity() > own.len() || own.iter().any(is_idle) {
            let MapNode { base, own } = Arc::make_mut(&mut self.node);
            own.retain(|(key, value)| base.as_ref().is_none_or(|base| base.get(key) != value.as_ref()));
            own.shrink_to_fit();
        }
    }

    /// Hands out each object and array among this object's own values to be replaced by an equal one. A value that is
    /// left as it is costs nothing, also when the object is shared.
    pub(in crate::state) fn each_own(&mut self, mut replace: impl FnMut(&Text, &mut Doc)) {
        let is_inner = |value: &Option<Doc>| matches!(value, Some(Doc::Map(_) | Doc::List(_)));
        if let Some(node) = Arc::get_mut(&mut self.node) {
            for (key, value) in node.own.iter_mut().filter(|(_, value)| is_inner(value)) {
                value.iter_mut().for_each(|value| replace(key, value));
            }
            return;
        }
        for at in 0..self.node.own.len() {
            let (key, Some(value)) = &self.node.own[at] else { continue };
            if !is_inner(&self.node.own[at].1) {
                continue;
            }
            let mut new = value.clone();
            replace(key, &mut new);
            if !new.is_same(value) {
                Arc::make_mut(&mut self.node).own[at].1 = Some(new);
            }
        }
    }
}

impl MapNode {
    fn find(&self, key: &str) -> Result<usize, usize> {
        find(&self.own, key)
    }

    fn below(&self, key: &str) -> Option<&Doc> {
        self.base.as_ref()?.get(key)
    }

    fn insert(&mut self, at: usize, entry: Own) {
        // There are many stored objects: growing by a few entries keeps them from having room for twice their size.
        if self.own.len() == self.own.capacity() {
            self.own.reserve_exact(GROWTH);
        }
        self.own.insert(at, entry);
    }
}

impl Base {
    fn entry(&self, key: &str) -> Option<&(Text, Doc)> {
        find(&self.entries, key).ok().map(|at| &self.entries[at])
    }

    fn get(&self, key: &str) -> Option<&Doc> {
        self.entry(key).map(|(_, value)| value)
    }
}

/// Entries by which an object differs from a base: without a value it lacks the key.
pub(in crate::state) type Differences<'m> = SmallVec<[(&'m Text, Option<&'m Doc>); 16]>;

/// The entries of both layers in wire order.
pub(super) struct Entries<'m> {
    own: &'m [Own],
    below: &'m [(Text, Doc)],
}

impl<'m> Iterator for Entries<'m> {
    type Item = (&'m Text, &'m Doc);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(((key, value), own)) = self.own.split_first() else {
                let ((key, value), below) = self.below.split_first()?;
                self.below = below;
                return Some((key, value));
            };
            match self.below.first().map_or(Ordering::Less, |(below, _)| wire_order(key, below)) {
                Ordering::Less => self.own = own,
                Ordering::Equal => (self.own, self.below) = (own, &self.below[1..]),
                Ordering::Greater => {
                    let (key, value) = &self.below[0];
                    self.below = &self.below[1..];
                    return Some((key, value));
                }
            }
            if let Some(value) = value {
                return Some((key, value));
            }
        }
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Into<Text>, V: Into<Doc>, const N: usize> From<[(K, V); N]> for Map {
    fn from(entries: [(K, V); N]) -> Self {
        Map::from_entries(entries.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}
