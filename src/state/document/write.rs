//! A document as JSON, as the API sends it: pretty-printed with two spaces, no final newline.
//!
//! May use: the other parts of the document, serde for numbers and escapes. Invariant: writing builds no intermediate
//! value; the bytes go straight into the output.

use std::cmp::Ordering;

use serde::Serialize;

use super::map::{Base, Own, wire_order};
use super::{Doc, Map, Text};

/// How a struct writes one of its fields.
#[expect(missing_debug_implementations, reason = "functions say nothing")]
pub struct FieldWriter<T> {
    /// The field's name.
    pub key: &'static str,
    /// Whether it is left out.
    pub is_absent: fn(&T) -> bool,
    /// Writes its value; what is inside it is indented by so many times two spaces.
    pub write: fn(&T, &mut Vec<u8>, usize),
}

/// Sorts the fields of a struct into the API's order.
pub fn in_wire_order<T>(mut fields: Vec<FieldWriter<T>>) -> Vec<FieldWriter<T>> {
    fields.sort_by(|a, b| wire_order(a.key, b.key));
    fields
}

impl Map {
    /// Writes an object whose fields, in wire order, replace those of this document.
    pub fn write_under<T>(&self, object: &T, fields: &[FieldWriter<T>], out: &mut Vec<u8>) {
        let (mut own, base) = self.layers();
        let mut writer = ObjectWriter { out, level: 1, is_empty: true, base, written: 0 };
        for field in fields.iter().filter(|field| !(field.is_absent)(object)) {
            let before = ahead_of(field.key, own);
            writer.own(&own[..before]);
            own = &own[before..];
            if let Some(((key, _), rest)) = own.split_first()
                && **key == *field.key
            {
                own = rest;
            }
            writer.up_to(field.key);
            writer.key(field.key);
            (field.write)(object, writer.out, writer.level + 1);
        }
        writer.own(own);
        writer.end();
    }
}

impl Doc {
    /// The JSON of this value as the API sends it: pretty-printed with two spaces, no final newline.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048);
        self.write_json(&mut out);
        out
    }

    /// Writes the result of [`to_json`](Self::to_json).
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_at(out, 1);
    }

    /// Writes the value; what is inside it is indented by `level` times two spaces.
    pub(in crate::state) fn write_at(&self, out: &mut Vec<u8>, level: usize) {
        match self {
            Doc::Null => out.extend_from_slice(b"null"),
            Doc::Bool(flag) => write_bool(*flag, out),
            Doc::Text(text) => write_text(text, out),
            Doc::List(list) => write_list(list, |item, out, level| item.write_at(out, level), out, level),
            Doc::Map(map) => {
                let (own, base) = map.layers();
                let mut writer = ObjectWriter { out, level, is_empty: true, base, written: 0 };
                writer.own(own);
                writer.end();
            }
            Doc::Int(n) => write_int(*n, out),
            Doc::Float(_) => write_with_serde(self, out),
        }
    }
}

/// An object that is being written.
struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    level: usize,
    is_empty: bool,
    /// What the object shares with others, which is written between what is its own.
    base: Option<&'o Base>,
    /// How many entries of it are behind.
    written: usize,
}

/// The entries of a base as JSON, each with the comma before it, so that those that come one after another are written
/// at one go.
#[derive(Debug)]
pub(super) struct BaseJson {
    bytes: Box<[u8]>,
    /// Where each entry ends.
    ends: Box<[usize]>,
}

impl BaseJson {
    fn of(base: &Base, level: usize) -> Self {
        let mut bytes = Vec::new();
        let mut writer = ObjectWriter { out: &mut bytes, level, is_empty: false, base: None, written: 0 };
        let ends = base.entries.iter().map(|(key, value)| {
            writer.entry(key, value);
            writer.out.len()
        });
        let ends = ends.collect();
        BaseJson { bytes: bytes.into_boxed_slice(), ends }
    }

    fn entries(&self, from: usize, to: usize) -> &[u8] {
        let start = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start(from)..start(to)]
    }
}

impl ObjectWriter<'_> {
    /// Writes entries of the object's own, with those of the base before them.
    fn own(&mut self, own: &[Own]) {
        for (key, value) in own {
            self.up_to(key);
            if let Some(value) = value {
                self.entry(key, value);
            }
        }
    }

    /// Writes the entries of the base before a key, and passes over that key's.
    fn up_to(&mut self, key: &str) {
        let Some(base) = self.base else { return };
        let ahead = &base.entries[self.written..];
        let to = self.written + ahead_of(key, ahead);
        self.shared(base, to);
        self.written = to + usize::from(base.entries.get(to).is_some_and(|(known, _)| **known == *key));
    }

    /// Writes the entries of the base that are ahead, up to a place.
    fn shared(&mut self, base: &Base, to: usize) {
        if self.written == to {
            return;
        }
        if let Some(kept) = base.json.get(self.level) {
            let json = kept.get_or_init(|| Box::new(BaseJson::of(base, self.level)));
            let start = self.out.len();
            self.out.extend_from_slice(json.entries(self.written, to));
            if self.is_empty {
                self.out[start] = b'{';
                self.is_empty = false;
            }
        } else {
            base.entries[self.written..to].iter().for_each(|(key, value)| self.entry(key, value));
        }
        self.written = to;
    }

    fn key(&mut self, key: &str) {
        self.out.push(if self.is_empty { b'{' } else { b',' });
        self.is_empty = false;
        break_line(self.out, self.level);
        write_text(key, self.out);
        self.out.extend_from_slice(b": ");
    }

    fn entry(&mut self, key: &str, value: &Doc) {
        self.key(key);
        value.write_at(self.out, self.level + 1);
    }

    fn end(mut self) {
        if let Some(base) = self.base {
            self.shared(base, base.entries.len());
        }
        if self.is_empty {
            return self.out.extend_from_slice(b"{}");
        }
        break_line(self.out, self.level - 1);
        self.out.push(b'}');
    }
}

/// How many of the entries come before a key. All of them are passed in the end, so they are looked at one by one.
fn ahead_of<T>(key: &str, entries: &[(Text, T)]) -> usize {
    let at = entries.iter().position(|(known, _)| wire_order(known, key) != Ordering::Less);
    at.unwrap_or(entries.len())
}

/// Writes an array; `write` writes an item at a level.
pub(in crate::state) fn write_list<T>(
    items: &[T],
    write: impl Fn(&T, &mut Vec<u8>, usize),
    out: &mut Vec<u8>,
    level: usize,
) {
    if items.is_empty() {
        return out.extend_from_slice(b"[]");
    }
    for (i, item) in items.iter().enumerate() {
        out.push(if i == 0 { b'[' } else { b',' });
        break_line(out, level);
        write(item, out, level + 1);
    }
    break_line(out, level - 1);
    out.push(b']');
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

pub(in crate::state) fn write_bool(flag: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

pub(in crate::state) fn write_int(n: i64, out: &mut Vec<u8>) {
    write_with_serde(&n, out);
}

/// Most text needs no escape, and is copied as a whole.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    // Without an early exit, the processor checks many bytes at once.
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
