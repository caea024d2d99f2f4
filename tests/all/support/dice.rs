//! Random requests: what the catalogue knows, filled in about right, about half of the time.

use pinstripe::catalogue::{Field, Type};

/// A small generator: the same seed gives the same requests.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }
}

const VALUES: &[&str] = &[
    "",
    "0",
    "-1",
    "1",
    "2000",
    "99999999999999999999",
    "true",
    "usd",
    "jpy",
    "card",
    "tok_visa",
    "pm_card_visa",
    "tok_chargeDeclined",
    "cus_nope",
    "é\u{0}\u{1f4a9}",
    "[object Object]",
    "1e9",
    "NaN",
    "4242424242424242",
    "src_x",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00",
    "data.customer",
];

/// Parameters that are about right, about half of the time.
pub(crate) fn params(dice: &mut Dice, fields: &'static [Field], ids: &[String]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for field in fields {
        if !(field.required && dice.roll(8) > 0) && dice.roll(6) > 0 {
            continue;
        }
        let suffix = dice.one_of(&["", "", "", "", "[]", "[0]", "[x]", "[type]", "[a][b][c]", "["]);
        let value = match field.kind {
            Type::Integer if dice.roll(2) == 0 => "1500".to_owned(),
            Type::Enum(values) if !values.is_empty() && dice.roll(3) > 0 => values[dice.roll(values.len())].to_owned(),
            Type::Boolean if dice.roll(2) == 0 => "true".to_owned(),
            _ if field.name == "currency" && dice.roll(4) > 0 => "usd".to_owned(),
            _ if !ids.is_empty() && dice.roll(2) == 0 => ids[dice.roll(ids.len())].clone(),
            _ => dice.one_of(VALUES).to_owned(),
        };
        out.push((format!("{}{suffix}", field.name), value));
    }
    out
}

/// A path with ids, or what is none, in the places of its arguments.
pub(crate) fn target(dice: &mut Dice, path: &str, ids: &[String]) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true if !ids.is_empty() && dice.roll(3) > 0 => ids[dice.roll(ids.len())].clone(),
        true => dice.one_of(&["x", "%20", "cus_%00", "..", "pm_card_visa", "tok_visa"]).to_owned(),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}
