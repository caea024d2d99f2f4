//! The pairs of a form: names and values between `&` and `=`, with their percent signs decoded.
//!
//! May use nothing. Invariant: any bytes are pairs; what needs no decoding is not copied.

use std::borrow::Cow;
use std::ops::Range;

/// Hands each name and value of a form to `take`, until it refuses one. Bytes that are not UTF-8 are replaced.
///
/// # Errors
/// That of `take`.
pub(super) fn pairs<E>(input: &[u8], mut take: impl FnMut(&str, &str) -> Result<(), E>) -> Result<(), E> {
    // Used again for every pair.
    let mut room = Vec::new();
    for pair in input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        room.clear();
        let (name, value) = (decode(name, &mut room), decode(value, &mut room));
        take(&name.text(&room), &value.text(&room))?;
    }
    Ok(())
}

/// A name or a value: as it was sent, or a part of what was decoded.
enum Decoded<'s> {
    AsSent(&'s [u8]),
    Part(Range<usize>),
}

impl<'s> Decoded<'s> {
    fn text<'t>(&self, room: &'t [u8]) -> Cow<'t, str>
    where
        's: 't,
    {
        match self {
            Decoded::AsSent(sent) => String::from_utf8_lossy(sent),
            Decoded::Part(part) => String::from_utf8_lossy(&room[part.clone()]),
        }
    }
}

/// Decodes percent signs and plus signs into `room`, if there are any.
fn decode<'s>(sent: &'s [u8], room: &mut Vec<u8>) -> Decoded<'s> {
    if !sent.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Decoded::AsSent(sent);
    }
    let begin = room.len();
    room.reserve(sent.len().max(LEAST_ROOM));
    let mut rest = sent;
    while let [first, after @ ..] = rest {
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(high).zip(hex(low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                room.push(high << 4 | low);
                rest = &after[2..];
            }
            None => {
                room.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    Decoded::Part(begin..room.len())
}

/// Room for most names and values together.
const LEAST_ROOM: usize = 128;
