//! A compact JSON document: what the API sends and what no rule touches.
//!
//! May use: serde, for reading and writing JSON. Knows nothing of resources, requests or HTTP.
//! Invariant: the entries of a [`Map`] are always in wire order (`id`, `object`, then the other keys
//! alphabetically), so that writing is a walk and looking a key up is a binary search.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A string that costs nothing when it is one of the program's own.
pub type Text = Cow<'static, str>;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Doc {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number; amounts, counts and Unix seconds are of this kind.
    Int(i64),
    /// A number with a fraction, such as a percentage.
    Float(f64),
    /// A string.
    Text(Text),
    /// An array.
    List(Vec<Doc>),
    /// An object.
    Map(Map),
}

/// A JSON object whose keys are kept in the order in which the API writes them. A clone shares the
/// entries until one of the two is changed.
#[derive(Clone)]
pub struct Map {
    entries: Arc<Vec<(Text, Doc)>>,
}

/// By how many entries an object grows at once.
const GROWTH: usize = 4;

/// The place of a key on the wire: `id`, `object`, then alphabetical.
fn wire_order(a: &str, b: &str) -> Ordering {
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
static EMPTY: LazyLock<Arc<Vec<(Text, Doc)>>> = LazyLock::new(Arc::default);

impl Default for Map {
    fn default() -> Self {
        Map { entries: Arc::clone(&EMPTY) }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        // What is shared needs no look.
        Arc::ptr_eq(&self.entries, &other.entries) || self.entries == other.entries
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
        entries.shrink_to_fit();
        Self { entries: Arc::new(entries) }
    }

    /// This object with entries in any order laid over it; their keys are different.
    #[must_use]
    pub fn overlaid(&self, mut entries: Vec<(Text, Doc)>) -> Self {
        entries.sort_unstable_by(|a, b| wire_order(&a.0, &b.0));
        let mut merged = Vec::with_capacity(self.entries.len() + entries.len());
        let mut under = self.entries.iter().peekable();
        for (key, value) in entries {
            while let Some(entry) = under.next_if(|(known, _)| wire_order(known, &key) == Ordering::Less) {
                merged.push(entry.clone());
            }
            let _ = under.next_if(|(known, _)| *known == key);
            merged.push((key, value));
        }
        merged.extend(under.cloned());
        merged.shrink_to_fit();
        Self { entries: Arc::new(merged) }
    }

    /// Writes what [`overlaid`](Self::overlaid) gives as JSON, without building it.
    pub fn write_overlaid(&self, mut entries: Vec<(Text, Doc)>, out: &mut Vec<u8>) {
        entries.sort_unstable_by(|a, b| wire_order(&a.0, &b.0));
        let mut under = self.entries.iter().peekable();
        let mut object = ObjectWriter { out, level: 1, is_empty: true };
        for (key, value) in &entries {
            while let Some((known, kept)) = under.next_if(|(known, _)| wire_order(known, key) == Ordering::Less) {
                object.entry(known, kept);
            }
            let _ = under.next_if(|(known, _)| known == key);
            object.entry(key, value);
        }
        under.for_each(|(key, value)| object.entry(key, value));
        object.end();
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(k, _)| wire_order(k, key))
    }

    /// The value of a key, if the key is there.
    pub fn get(&self, key: &str) -> Option<&Doc> {
        self.find(key).ok().map(|i| &self.entries[i].1)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Doc> {
        self.find(key).ok().map(|i| &mut Arc::make_mut(&mut self.entries)[i].1)
    }

    /// Sets a key, replacing what it had.
    pub fn set(&mut self, key: impl Into<Text>, value: impl Into<Doc>) {
        let (key, value) = (key.into(), value.into());
        let at = self.find(&key);
        let entries = Arc::make_mut(&mut self.entries);
        match at {
            Ok(i) => entries[i].1 = value,
            Err(i) => {
                // Stored objects are many: growing by a few keeps them from holding room for twice their size.
                if entries.len() == entries.capacity() {
                    entries.reserve_exact(GROWTH);
                }
                entries.insert(i, (key, value));
            }
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
        self.find(key).ok().map(|i| Arc::make_mut(&mut self.entries).remove(i).1)
    }

    /// Whether the key is there, `null` included.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_ok()
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
        self.entries.iter().map(|(k, v)| (k.as_ref(), v))
    }

    /// The entries in wire order, by value.
    pub fn into_entries(self) -> Vec<(Text, Doc)> {
        Arc::unwrap_or_clone(self.entries)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Lays `change` over this object leaf by leaf: an object merges into an object, anything else
    /// (`null` too) replaces. This is how the API updates nested parameters
    /// (core-payments 1.2.8).
    pub fn merge(&mut self, change: &Map) {
        for (key, value) in change.entries.iter() {
            match (self.get_mut(key), value) {
                (Some(Doc::Map(mine)), Doc::Map(theirs)) => mine.merge(theirs),
                (Some(slot), _) => *slot = value.clone(),
                (None, _) => self.set(key.clone(), value.clone()),
            }
        }
    }
}

impl Doc {
    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Doc::Null)
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Doc::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Doc::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Doc::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Doc::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The array, if this is one.
    pub fn as_list(&self) -> Option<&[Doc]> {
        match self {
            Doc::List(list) => Some(list),
            _ => None,
        }
    }

    /// The JSON of this value as the API sends it: pretty-printed with two spaces, no final newline.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048);
        self.write_json(&mut out);
        out
    }

    /// Writes what [`to_json`](Self::to_json) gives.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_at(out, 1);
    }

    /// Writes the value; what is inside it stands `level` times two spaces to the right.
    fn write_at(&self, out: &mut Vec<u8>, level: usize) {
        match self {
            Doc::Null => out.extend_from_slice(b"null"),
            Doc::Bool(true) => out.extend_from_slice(b"true"),
            Doc::Bool(false) => out.extend_from_slice(b"false"),
            Doc::Text(text) => write_text(text, out),
            Doc::List(list) if list.is_empty() => out.extend_from_slice(b"[]"),
            Doc::List(list) => {
                for (i, item) in list.iter().enumerate() {
                    out.push(if i == 0 { b'[' } else { b',' });
                    break_line(out, level);
                    item.write_at(out, level + 1);
                }
                break_line(out, level - 1);
                out.push(b']');
            }
            Doc::Map(map) => {
                let mut object = ObjectWriter { out, level, is_empty: true };
                map.entries.iter().for_each(|(key, value)| object.entry(key, value));
                object.end();
            }
            Doc::Int(_) | Doc::Float(_) => write_with_serde(self, out),
        }
    }
}

/// An object while it is written.
struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    level: usize,
    is_empty: bool,
}

impl ObjectWriter<'_> {
    fn entry(&mut self, key: &str, value: &Doc) {
        self.out.push(if self.is_empty { b'{' } else { b',' });
        self.is_empty = false;
        break_line(self.out, self.level);
        write_text(key, self.out);
        self.out.extend_from_slice(b": ");
        value.write_at(self.out, self.level + 1);
    }

    fn end(self) {
        if self.is_empty {
            return self.out.extend_from_slice(b"{}");
        }
        break_line(self.out, self.level - 1);
        self.out.push(b'}');
    }
}

fn break_line(out: &mut Vec<u8>, level: usize) {
    const SPACES: &[u8; 33] = b"\n                                ";
    match SPACES.get(..=level * 2) {
        Some(spaces) => out.extend_from_slice(spaces),
        None => {
            out.push(b'\n');
            out.resize(out.len() + level * 2, b' ');
        }
    }
}

/// Most text needs no escape, and then is copied whole.
fn write_text(text: &str, out: &mut Vec<u8>) {
    // Without a way out in the middle the processor looks at many bytes at once.
    let is_special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return write_with_serde(text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn write_with_serde<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Writing into memory cannot fail, and a document has string keys only.
    let _ = serde_json::to_writer(out, value);
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

impl From<Map> for Doc {
    fn from(map: Map) -> Self {
        Doc::Map(map)
    }
}
impl From<&'static str> for Doc {
    fn from(text: &'static str) -> Self {
        Doc::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Doc {
    fn from(text: String) -> Self {
        Doc::Text(Cow::Owned(text))
    }
}
impl From<Text> for Doc {
    fn from(text: Text) -> Self {
        Doc::Text(text)
    }
}
impl From<i64> for Doc {
    fn from(n: i64) -> Self {
        Doc::Int(n)
    }
}
impl From<f64> for Doc {
    fn from(n: f64) -> Self {
        Doc::Float(n)
    }
}
impl From<bool> for Doc {
    fn from(b: bool) -> Self {
        Doc::Bool(b)
    }
}
impl<T: Into<Doc>> From<Option<T>> for Doc {
    fn from(value: Option<T>) -> Self {
        value.map_or(Doc::Null, Into::into)
    }
}
impl<T: Into<Doc>> From<Vec<T>> for Doc {
    fn from(values: Vec<T>) -> Self {
        Doc::List(values.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Doc {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Doc::Null => to.serialize_unit(),
            Doc::Bool(b) => to.serialize_bool(*b),
            Doc::Int(n) => to.serialize_i64(*n),
            Doc::Float(n) => to.serialize_f64(*n),
            Doc::Text(text) => to.serialize_str(text),
            Doc::List(list) => {
                let mut seq = to.serialize_seq(Some(list.len()))?;
                for item in list {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Doc::Map(map) => map.serialize(to),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.entries.len()))?;
        for (key, value) in self.entries.iter() {
            map.serialize_entry(key.as_ref(), value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Doc {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DocVisitor)
    }
}

struct DocVisitor;

impl<'de> Visitor<'de> for DocVisitor {
    type Value = Doc;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Doc, E> {
        Ok(Doc::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Doc, E> {
        Ok(Doc::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Doc, E> {
        Ok(Doc::Int(n))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Doc, E> {
        Ok(i64::try_from(n).map_or(Doc::Float(n as f64), Doc::Int))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Doc, E> {
        Ok(Doc::Float(n))
    }
    fn visit_str<E>(self, text: &str) -> Result<Doc, E> {
        Ok(Doc::from(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Doc, E> {
        Ok(Doc::from(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Doc, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Doc::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Doc, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Doc>()? {
            entries.push((Cow::Owned(key), value));
        }
        Ok(Doc::Map(Map::from_entries(entries)))
    }
}
