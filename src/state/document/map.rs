//! A JSON object in two layers: entries of its own over what it shares with many others.
//!
//! May use: the other parts of the document. Invariant: both layers are in wire order and know each key once. What
//! a reader sees does not depend on which entries are in which layer.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, LazyLock};

use super::{Doc, Text};

/// A JSON object whose keys are kept in the order in which the API writes them. A clone shares the
/// entries until one of the two is changed.
#[derive(Clone)]
pub struct Map {
    node: Arc<Node>,
}

#[derive(Clone, Default)]
struct Node {
    base: Option<Arc<Base>>,
    own: Vec<Own>,
}

/// What many objects share below their own entries. It never changes.
struct Base {
    entries: Box<[(Text, Doc)]>,
}

/// An entry of an object's own. Without a value it takes a key of the base away.
type Own = (Text, Option<Doc>);

/// By how many entries an object grows at once.
const GROWTH: usize = 4;

/// The place of a key on the wire: `id`, `object`, then alphabetical.
pub(super) fn wire_order(a: &str, b: &str) -> Ordering {
    fn rank(key: &str) -> u8 {
        // The length alone tells most keys apart from the two.
        match key.len() {
            2 if key == "id" => 0,
            6 if key == "object" => 1,
            _ => 2,
        }
    }
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}

/// What every empty object shares.
static EMPTY: LazyLock<Arc<Node>> = LazyLock::new(Arc::default);

impl Default for Map {
    fn default() -> Self {
        Map { node: Arc::clone(&EMPTY) }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        // What is shared needs no look.
        self.is_same(other) || self.entries().eq(other.entries())
    }
}

impl Map {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Builds an object from entries in any order; of equal keys the last one counts.
    pub fn from_entries(mut entries: Vec<(Text, Doc)>) -> Self {
        entries.sort_by(|a, b| wire_order(&a.0, &b.0));
        entries.reverse();
        entries.dedup_by(|later, kept| later.0 == kept.0);
        entries.reverse();
        Self::of(None, entries.into_iter().map(|(key, value)| (key, Some(value))).collect())
    }

    fn of(base: Option<Arc<Base>>, mut own: Vec<Own>) -> Self {
        own.shrink_to_fit();
        Map { node: Arc::new(Node { base, own }) }
    }

    /// This object with entries, in any order, that replace its own; no key occurs twice among them.
    #[must_use]
    pub fn overlaid(&self, mut entries: Vec<(Text, Doc)>) -> Self {
        entries.sort_unstable_by(|a, b| wire_order(&a.0, &b.0));
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
            // What is the same needs no entry of its own.
            Err(_) if self.node.below(&key) == Some(&value) => {}
            Err(at) => Arc::make_mut(&mut self.node).insert(at, (key, Some(value))),
        }
    }

    /// Sets a key and hands the object back, for building one in a chain.
    #[must_use]
    pub fn with(mut self, key: impl Into<Text>, value: impl Into<Doc>) -> Self {
        self.set(key, value);
        self
    }

    /// Takes a key out and returns its value.
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

    /// Whether the key is there, `null` included.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key that is there and not `null`.
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

    /// Lays `change` over this object leaf by leaf: an object merges into an object, anything else
    /// (`null` too) replaces. This is how the API updates nested parameters
    /// (core-payments 1.2.8).
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

/// How objects share what they have in common.
impl Map {
    /// The same object, made to be shared by others: what is set in a clone of it takes one entry, not a copy of all.
    #[must_use]
    pub fn into_base(self) -> Self {
        if self.node.base.is_some() && self.node.own.is_empty() {
            return self;
        }
        let base = Base { entries: self.into_entries().into() };
        Self::of(Some(Arc::new(base)), Vec::new())
    }

    /// Whether two objects are the same memory.
    pub(in crate::state) fn is_same(&self, other: &Map) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }

    /// Whether nobody else has the same memory.
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

    /// By how many entries this object differs from a base; `None` when by more than `most`.
    pub(in crate::state) fn differences(&self, base: &Map, most: usize) -> Option<usize> {
        let mut count = 0;
        for side in (Beside { left: self.entries().peekable(), right: base.entries().peekable() }) {
            count += usize::from(!side.is_equal());
            if count > most {
                return None;
            }
        }
        Some(count)
    }

    /// Moves this object onto another base; what it shows stays the same.
    pub(in crate::state) fn rebase(&mut self, base: &Map) {
        let sides = Beside { left: self.entries().peekable(), right: base.entries().peekable() };
        let own: Vec<Own> = sides.filter(|side| !side.is_equal()).map(Side::into_own).collect();
        *self = match &base.node.base {
            Some(_) if own.is_empty() => base.clone(),
            shared => Self::of(shared.clone(), own),
        };
    }

    /// Gives back what this object's own entries hold for nothing: entries that are as below, and room to grow.
    pub(in crate::state) fn trim(&mut self) {
        let Node { base, own } = &*self.node;
        let is_idle = |(key, value): &Own| base.as_ref().is_some_and(|base| base.get(key) == value.as_ref());
        if own.capacity() > own.len() || own.iter().any(is_idle) {
            let Node { base, own } = Arc::make_mut(&mut self.node);
            own.retain(|(key, value)| base.as_ref().is_none_or(|base| base.get(key) != value.as_ref()));
            own.shrink_to_fit();
        }
    }

    /// Hands out each of this object's own values to be replaced by an equal one. A value that is left as it is costs
    /// nothing, also when the object is shared.
    pub(in crate::state) fn each_own(&mut self, mut replace: impl FnMut(&Text, &mut Doc)) {
        for at in 0..self.node.own.len() {
            match Arc::get_mut(&mut self.node).map(|node| &mut node.own[at]) {
                Some((key, Some(value))) => replace(key, value),
                Some((_, None)) => {}
                None => {
                    let (key, Some(value)) = &self.node.own[at] else { continue };
                    let mut new = value.clone();
                    replace(key, &mut new);
                    if !new.is_same(value) {
                        Arc::make_mut(&mut self.node).own[at].1 = Some(new);
                    }
                }
            }
        }
    }
}

impl Node {
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.own.binary_search_by(|(known, _)| wire_order(known, key))
    }

    fn below(&self, key: &str) -> Option<&Doc> {
        self.base.as_ref()?.get(key)
    }

    fn insert(&mut self, at: usize, entry: Own) {
        // Stored objects are many: growing by a few keeps them from holding room for twice their size.
        if self.own.len() == self.own.capacity() {
            self.own.reserve_exact(GROWTH);
        }
        self.own.insert(at, entry);
    }
}

impl Base {
    fn entry(&self, key: &str) -> Option<&(Text, Doc)> {
        self.entries.binary_search_by(|(known, _)| wire_order(known, key)).ok().map(|at| &self.entries[at])
    }

    fn get(&self, key: &str) -> Option<&Doc> {
        self.entry(key).map(|(_, value)| value)
    }
}

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

/// The entries of two objects side by side.
struct Beside<'m> {
    left: std::iter::Peekable<Entries<'m>>,
    right: std::iter::Peekable<Entries<'m>>,
}

/// A key that at least one of two objects has.
enum Side<'m> {
    Left(&'m Text, &'m Doc),
    Right(&'m Text),
    Both(&'m Text, &'m Doc, &'m Doc),
}

impl<'m> Iterator for Beside<'m> {
    type Item = Side<'m>;

    fn next(&mut self) -> Option<Side<'m>> {
        let order = match (self.left.peek(), self.right.peek()) {
            (Some((left, _)), Some((right, _))) => wire_order(left, right),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => self.left.next().map(|(key, value)| Side::Left(key, value)),
            Ordering::Greater => self.right.next().map(|(key, _)| Side::Right(key)),
            Ordering::Equal => {
                let (key, mine) = self.left.next()?;
                self.right.next().map(|(_, theirs)| Side::Both(key, mine, theirs))
            }
        }
    }
}

impl Side<'_> {
    fn is_equal(&self) -> bool {
        matches!(self, Side::Both(_, mine, theirs) if mine == theirs)
    }

    /// The entry that makes the right one show what the left one does.
    fn into_own(self) -> Own {
        match self {
            Side::Left(key, value) | Side::Both(key, value, _) => (key.clone(), Some(value.clone())),
            Side::Right(key) => (key.clone(), None),
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
