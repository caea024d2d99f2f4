//! Ids: a prefix and base-62 characters, drawn from UUIDs.
//!
//! May use: uuid. Invariant: the ids of a seeded request follow from its UUID alone, so a seeded server uses the same
//! ids for the same requests; callers do not know whether ids are seeded.

use std::cell::Cell;

use uuid::Uuid;

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
        self.id_with(prefix, "", length)
    }

    /// As [`id`](Self::id), with characters that begin with `lead`, such as the `3` of a payment intent and its charges
    /// (core-payments 2).
    pub fn id_with(&self, prefix: &str, lead: &str, length: usize) -> String {
        let mut id = String::with_capacity(prefix.len() + length);
        id.push_str(prefix);
        id.push_str(lead);
        let mut left = length.saturating_sub(lead.len());
        while left > 0 {
            // 128 bits hold 21 base-62 characters.
            let take = left.min(21);
            push_base62(&mut id, self.next().as_u128(), take);
            left -= take;
        }
        id
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
    pub fn draw(&self, ids: &Ids) -> String {
        ids.id_with(self.prefix, self.lead, self.length)
    }
}

/// A number as base-62 characters, the most significant first; a larger number loses its first digits.
pub fn base62(mut number: u64, characters: usize) -> String {
    let mut digits = vec![b'0'; characters];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[usize::try_from(number % 62).unwrap_or_default()];
        number /= 62;
    }
    String::from_utf8(digits).unwrap_or_default()
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

/// Writes digits, the least significant first. Dividing 128 bits is slow, so it is done once for ten digits.
fn push_base62(out: &mut String, mut bits: u128, mut characters: usize) {
    const TEN_DIGITS: u128 = 62_u128.pow(DIGITS_OF_64 as u32);
    while characters > 0 {
        let mut ten = u64::try_from(bits % TEN_DIGITS).unwrap_or_default();
        bits /= TEN_DIGITS;
        let take = characters.min(DIGITS_OF_64);
        for _ in 0..take {
            out.push(char::from(BASE62[usize::try_from(ten % 62).unwrap_or_default()]));
            ten /= 62;
        }
        characters -= take;
    }
}
