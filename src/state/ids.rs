//! Ids: a prefix and base-62 characters, drawn from UUIDs.
//!
//! May use: uuid. Invariant: the ids of a seeded request follow from its UUID alone, so a seeded server uses the same
//! ids for the same requests; callers do not know whether ids are seeded.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

use uuid::Uuid;

use super::Id;
use super::document::{Doc, Text};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The source of one request's ids.
#[derive(Debug)]
pub struct Ids {
    /// The seed; without it, ids are random.
    seed: Option<Uuid>,
    drawn: Cell<u64>,
}

impl Ids {
    /// Ids that follow from a UUID of the request.
    pub fn seeded(seed: Uuid) -> Self {
        Ids { seed: Some(seed), drawn: Cell::new(0) }
    }

    /// Random ids.
    pub fn random() -> Self {
        Ids { seed: None, drawn: Cell::new(0) }
    }

    /// Moves the ids to the next user.
    #[must_use]
    pub fn take(&self) -> Self {
        Ids { seed: self.seed, drawn: Cell::new(self.drawn.get()) }
    }

    /// `prefix` and `length` base-62 characters, different from every other id.
    pub fn id(&self, prefix: &str, length: usize) -> String {
        let mut id = String::with_capacity(prefix.len() + length);
        id.push_str(prefix);
        self.each_digit(length, |digit| id.push(char::from(digit)));
        id
    }

    /// Draws so many base-62 characters.
    fn each_digit(&self, mut left: usize, mut digit: impl FnMut(u8)) {
        while left > 0 {
            // 128 bits hold 21 base-62 characters.
            let take = left.min(21);
            digits_of(self.next().as_u128(), take, &mut digit);
            left -= take;
        }
    }

    /// A number in `0..below`, for random values of the API.
    pub fn number(&self, below: u64) -> u64 {
        u64::try_from(self.next().as_u128() % u128::from(below.max(1))).unwrap_or_default()
    }

    /// A UUID in its usual form, for ids of other systems.
    pub fn uuid(&self) -> String {
        self.next().to_string()
    }

    fn next(&self) -> Uuid {
        let Some(seed) = self.seed else { return Uuid::new_v4() };
        let n = self.drawn.get();
        self.drawn.set(n + 1);
        Uuid::new_v5(&seed, &n.to_le_bytes())
    }
}

/// The form of a kind's ids: a prefix, and base-62 characters, the first of which can be fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdForm {
    /// The prefix, such as `cus_`.
    pub prefix: &'static str,
    /// The first characters after the prefix.
    pub lead: &'static str,
    /// The number of characters after the prefix, including the first ones.
    pub length: usize,
}

impl IdForm {
    /// Objects without an id, or with the id of another object.
    pub const NONE: IdForm = IdForm { prefix: "", lead: "", length: 0 };

    /// The prefix, `1` and 23 characters.
    pub const fn of(prefix: &'static str) -> Self {
        IdForm { prefix, lead: "1", length: 24 }
    }

    /// The prefix and 14 characters.
    pub const fn short(prefix: &'static str) -> Self {
        IdForm { prefix, lead: "", length: 14 }
    }

    /// The prefix, `61` and 18 characters, as most of `/v2`.
    pub const fn v2(prefix: &'static str) -> Self {
        IdForm { prefix, lead: "61", length: 20 }
    }

    /// The same with other first characters, such as the `3` of a payment intent and its charges.
    #[must_use]
    pub const fn led_by(self, lead: &'static str) -> Self {
        IdForm { lead, ..self }
    }

    /// A new id.
    pub fn draw(&self, ids: &Ids) -> DrawnId {
        let mut id = DrawnId::of(self.prefix);
        id.push(self.lead);
        let left = self.length.saturating_sub(self.lead.len());
        ids.each_digit(left, |digit| id.push_byte(digit));
        id
    }

    /// As [`draw`](Self::draw), with characters behind the first one that stand for a number.
    pub fn draw_with(&self, ids: &Ids, number: u64, characters: usize) -> DrawnId {
        let mut id = DrawnId::of(self.prefix);
        id.push(self.lead);
        base62(number, characters).for_each(|digit| id.push_byte(digit));
        let left = self.length.saturating_sub(self.lead.len() + characters);
        ids.each_digit(left, |digit| id.push_byte(digit));
        id
    }
}

/// Bytes of the longest id: that of a checkout session has 68.
const ID_BYTES_MAX: usize = 96;

/// An id as it was drawn, in no memory of its own; it becomes an [`Id`] or a text where it is stored.
#[derive(Clone, Debug)]
pub struct DrawnId {
    bytes: [u8; ID_BYTES_MAX],
    len: usize,
}

impl DrawnId {
    fn of(prefix: &str) -> Self {
        let mut id = DrawnId { bytes: [0; ID_BYTES_MAX], len: 0 };
        id.push(prefix);
        id
    }

    fn push(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.push_byte(byte));
    }

    fn push_byte(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }
}

impl Deref for DrawnId {
    type Target = str;

    fn deref(&self) -> &str {
        // All of it is ASCII.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Display for DrawnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl From<DrawnId> for Id {
    fn from(id: DrawnId) -> Self {
        (*id).into()
    }
}

impl From<DrawnId> for String {
    fn from(id: DrawnId) -> Self {
        (*id).to_owned()
    }
}

impl From<DrawnId> for Doc {
    fn from(id: DrawnId) -> Self {
        Doc::Text(Text::copy_of(&id))
    }
}

/// A number as base-62 characters, the most significant first; a larger number loses its first digits.
pub fn base62(number: u64, characters: usize) -> impl Iterator<Item = u8> {
    let digit = move |place: u32| number.checked_div(62_u64.saturating_pow(place)).unwrap_or_default() % 62;
    let places = (0..u32::try_from(characters).unwrap_or(u32::MAX)).rev();
    places.map(move |place| BASE62[usize::try_from(digit(place)).unwrap_or_default()])
}

/// The number in a text of [`base62`].
pub fn from_base62(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = BASE62.iter().position(|known| *known == byte)?;
        number.checked_mul(62)?.checked_add(u64::try_from(digit).ok()?)
    })
}

/// How many base-62 digits fit in a 64-bit number.
const DIGITS_OF_64: usize = 10;

/// Passes digits on, the least significant first. Dividing 128 bits is slow, so it is done once for ten digits.
fn digits_of(mut bits: u128, mut characters: usize, digit: &mut impl FnMut(u8)) {
    const TEN_DIGITS: u128 = 62_u128.pow(DIGITS_OF_64 as u32);
    while characters > 0 {
        let mut ten = u64::try_from(bits % TEN_DIGITS).unwrap_or_default();
        bits /= TEN_DIGITS;
        let take = characters.min(DIGITS_OF_64);
        for _ in 0..take {
            digit(BASE62[usize::try_from(ten % 62).unwrap_or_default()]);
            ten /= 62;
        }
        characters -= take;
    }
}
