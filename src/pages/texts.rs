//! What pages say, in the language of whoever reads them (stripe-js 1.1).
//!
//! May use: money. Invariant: a text is written in English where it is used, and its translations stand in one table; what has none is
//! said in English.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::money;

/// The languages of the table, after English, in the order of its columns.
const LANGUAGES: [&str; 6] = ["de", "fr", "es", "it", "nl", "ja"];

/// The translations of each English text.
static TABLE: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let rows = include_str!("texts.tsv").lines().filter_map(|line| line.split_once('\t'));
    rows.map(|(english, others)| (english, others.split('\t').collect())).collect()
});

/// The texts of one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    /// The column of the table; none for English.
    column: Option<usize>,
}

impl Texts {
    /// Those of a session's `locale`; without one, or with `auto`, of the first language of a browser's `Accept-Language` that is known.
    pub(super) fn of(locale: Option<&str>, accepts: Option<&str>) -> Self {
        match locale.filter(|locale| *locale != "auto") {
            Some(locale) => Self::known(locale).unwrap_or_default(),
            None => by_preference(accepts.unwrap_or_default()).into_iter().find_map(Self::known).unwrap_or_default(),
        }
    }

    /// Those of a language tag such as `de-AT`.
    fn known(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if language == "en" {
            return Some(Texts::default());
        }
        LANGUAGES.iter().position(|known| *known == language).map(|column| Texts { column: Some(column) })
    }

    /// The code of the language, for the `lang` of a page.
    pub(super) fn language(self) -> &'static str {
        self.column.map_or("en", |column| LANGUAGES[column])
    }

    /// Whether it is English, in which texts are written.
    pub(super) fn is_english(self) -> bool {
        self.column.is_none()
    }

    /// A text in the language.
    pub(super) fn say(self, english: &str) -> &str {
        let Some(column) = self.column else { return english };
        TABLE.get(english).and_then(|others| others.get(column)).copied().unwrap_or(english)
    }

    /// A text with something in the place of `{}`.
    pub(super) fn about(self, english: &str, what: &str) -> String {
        self.say(english).replacen("{}", what, 1)
    }

    /// An amount of money as the language writes it.
    pub(super) fn money(self, amount: i64, currency: &str) -> String {
        let sign = money::symbol(currency);
        let sign = if sign == currency { currency.to_uppercase() } else { sign.to_owned() };
        match self.language() {
            "en" | "ja" => money::display(amount, currency),
            "nl" if amount < 0 => format!("{sign}\u{a0}-{}", self.number(&money::major(-amount, currency))),
            "nl" => format!("{sign}\u{a0}{}", self.number(&money::major(amount, currency))),
            _ => format!("{}\u{a0}{sign}", self.number(&money::major(amount, currency))),
        }
    }

    /// A number that is written in the English way.
    pub(super) fn number(self, english: &str) -> String {
        let (thousands, point) = match self.language() {
            "en" | "ja" => return english.to_owned(),
            "fr" => ('\u{202f}', ','),
            _ => ('.', ','),
        };
        let swapped = english.chars().map(|letter| match letter {
            ',' => thousands,
            '.' => point,
            other => other,
        });
        swapped.collect()
    }

    /// A number that a person typed, as a program reads it.
    pub(super) fn plain(self, typed: &str) -> String {
        match self.language() {
            "en" | "ja" => typed.to_owned(),
            // A point before other than three digits is that of a decimal.
            _ if typed.rsplit_once('.').is_some_and(|(_, last)| last.len() != 3) && !typed.contains(',') => {
                typed.to_owned()
            }
            _ => typed.replace(['.', ' ', '\u{a0}', '\u{202f}'], "").replace(',', "."),
        }
    }

    /// The translations of these texts, for a script; empty for English.
    pub(super) fn of_script(self, all: &[&str]) -> String {
        if self.is_english() {
            return String::new();
        }
        let said: serde_json::Map<String, serde_json::Value> =
            all.iter().map(|text| ((*text).to_owned(), self.say(text).into())).collect();
        serde_json::Value::from(said).to_string()
    }
}

/// The languages of an `Accept-Language`, the most wanted first.
fn by_preference(accepts: &str) -> Vec<&str> {
    let mut all: Vec<(&str, f32)> = accepts
        .split(',')
        .map(|part| {
            let (tag, rest) = part.trim().split_once(';').unwrap_or((part.trim(), ""));
            let weight = rest.trim().strip_prefix("q=").and_then(|text| text.parse().ok()).unwrap_or(1.0);
            (tag, weight)
        })
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.into_iter().map(|(tag, _)| tag).collect()
}
