//! A fault: which requests or deliveries it matches, and what happens to them.
//!
//! May use: the form, the catalogue, the declines of test cards, documents. Invariant: a checked rule can be applied to
//! everything that it matches.

use serde::{Deserialize, Serialize};
use serde_json::{Map as Json, Value};

use super::{DeliveryParts, RequestParts};
use crate::catalogue::{self, Find};
use crate::issuers;
use crate::limits::FAULT_DELAY_MILLISECONDS_MAX;
use crate::state::document::{Doc, Map};

/// A rule: a match and an effect.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleParams {
    /// Which requests or deliveries; when empty, all that the effect is possible for.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// What happens to them.
    pub effect: Effect,
    /// How often at most; without it, until the rule is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// From 0 to 1: how likely the rule applies to a match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// The requests or deliveries for which every named condition holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Of a request: `GET`, `POST` or `DELETE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Of a request: the path; a `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Of a request: the operation, such as `charges.create`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Of a request: parameters with their text, such as `{"card[number]": "4242424242424242"}`.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub params: Json<String, Value>,
    /// Of a delivery: the type of the event; a `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Of a delivery: the endpoint, as the control API names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Field values of an object, such as `{"status": "succeeded", "metadata.tier": "gold"}`: of one that the request
    /// names in its path or as a parameter, or of the event's object.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub object: Json<String, Value>,
}

/// The effect of a rule.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// An error; the request is not carried out.
    Error(Failure),
    /// Every card that the request charges or sets up is declined with this code.
    Decline(String),
    /// The answer is delayed.
    Delay(Delay),
    /// The connection is closed without an answer.
    Reset(CloseAt),
    /// The connection is closed after this number of bytes of the answer's body.
    Truncate(usize),
    /// Something happens to the delivery of an event.
    Delivery(Mishap),
}

/// An error that a server may answer at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// 429, too many requests.
    RateLimit,
    /// 429, the object is in use.
    LockTimeout,
    /// 500.
    ApiError,
    /// 503.
    Unavailable,
}

/// Milliseconds to wait.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Delay {
    /// Always this many.
    Fixed(u64),
    /// A random number between the two.
    Range(u64, u64),
}

/// When the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseAt {
    /// Before the request is carried out.
    Before,
    /// After the request is carried out and stored.
    After,
}

/// What happens to the delivery of an event.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mishap {
    /// It is never sent.
    Drop,
    /// It is sent twice.
    Duplicate,
    /// It waits a moment for others of its kind, and they are sent in another order.
    Shuffle,
    /// It is sent later; later deliveries do not wait.
    Delay(Delay),
}

impl RuleParams {
    /// Checks whether the rule is possible.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("`probability` must be from 0 to 1.".to_owned());
        }
        if self.times == Some(0) {
            return Err("`times` must be 1 or more.".to_owned());
        }
        self.matching.check(matches!(self.effect, Effect::Delivery(_)))?;
        match &self.effect {
            Effect::Decline(code) if issuers::decline(code).is_none() => {
                Err(format!("There is no decline code `{code}`. There are: {}.", issuers::decline_codes().join(", ")))
            }
            Effect::Delay(delay) | Effect::Delivery(Mishap::Delay(delay)) => delay.check(),
            _ => Ok(()),
        }
    }
}

impl Match {
    fn check(&self, of_deliveries: bool) -> Result<(), String> {
        let of_requests = [
            ("method", self.method.is_some()),
            ("path", self.path.is_some()),
            ("operation", self.operation.is_some()),
            ("params", !self.params.is_empty()),
        ];
        let others = [("event", self.event.is_some()), ("endpoint", self.endpoint.is_some())];
        let (wrong, about) = if of_deliveries { (&of_requests[..], "requests") } else { (&others[..], "deliveries") };
        if let Some((name, _)) = wrong.iter().find(|(_, sent)| *sent) {
            return Err(format!("`{name}` is about {about}, which the effect does not touch."));
        }
        let known = ["GET", "POST", "DELETE"];
        if self.method.as_deref().is_some_and(|method| !known.iter().any(|one| one.eq_ignore_ascii_case(method))) {
            return Err(format!("`method` is one of {}.", known.join(", ")));
        }
        if self.path.as_deref().is_some_and(|path| !path.starts_with(['/', '*'])) {
            return Err("`path` begins with `/` or `*`, as in `/v1/charges/*`.".to_owned());
        }
        if let Some(name) = self.operation.as_deref().filter(|name| catalogue::operation(name).is_none()) {
            return Err(format!("There is no operation `{name}`; they are named as in `charges.create`."));
        }
        let is_event = |pattern: &str| catalogue::event_types().iter().any(|event| fits_pattern(pattern, event.name));
        if let Some(pattern) = self.event.as_deref().filter(|pattern| !is_event(pattern)) {
            return Err(format!("There is no event `{pattern}`; a `*` stands for anything, as in `charge.*`."));
        }
        let is_compound = |value: &Value| value.is_array() || value.is_object();
        if let Some((name, _)) = self.params.iter().chain(&self.object).find(|(_, value)| is_compound(value)) {
            return Err(format!(
                "`{name}` has to be a single value; what lies deeper is named as `card[number]` in `params` and as \
                 `metadata.tier` in `object`."
            ));
        }
        Ok(())
    }

    /// Whether it matches a request; `named` are the objects that the request names.
    pub(super) fn fits_request(&self, asked: &RequestParts<'_>, named: &[Map]) -> bool {
        let operation = || {
            let found = asked.known_method.map(|method| catalogue::find(method, asked.path));
            found.and_then(|found| if let Find::Operation(found) = found { Some(found.operation.name) } else { None })
        };
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(asked.method))
            && self.path.as_deref().is_none_or(|pattern| fits_pattern(pattern, asked.path))
            && self.operation.as_deref().is_none_or(|name| operation() == Some(name))
            && self.params.iter().all(|(name, value)| {
                let sent = asked.form.and_then(|form| form.text(name));
                sent == Some(&text_of(value))
            })
            && (self.object.is_empty() || named.iter().any(|object| self.fits_object(object)))
    }

    /// Whether it matches a delivery.
    pub(super) fn fits_delivery(&self, announced: &DeliveryParts<'_>) -> bool {
        self.event.as_deref().is_none_or(|pattern| fits_pattern(pattern, announced.event))
            && self.endpoint.as_deref().is_none_or(|name| announced.endpoint == Some(name))
            && (self.object.is_empty() || self.fits_object(&announced.object.to_doc()))
    }

    fn fits_object(&self, object: &Map) -> bool {
        self.object.iter().all(|(path, wanted)| {
            let mut keys = path.split('.');
            let first = keys.next().and_then(|key| object.get(key));
            let found = keys.try_fold(first, |doc, key| Some(doc?.as_map()?.get(key))).flatten();
            match found {
                None | Some(Doc::Null) => wanted.is_null(),
                Some(Doc::Text(text)) => *text == *text_of(wanted),
                Some(other) => other.to_json() == wanted.to_string().as_bytes(),
            }
        })
    }
}

impl Delay {
    /// The least and the most.
    pub(super) fn bounds(self) -> (u64, u64) {
        match self {
            Delay::Fixed(milliseconds) => (milliseconds, milliseconds),
            Delay::Range(least, most) => (least, most),
        }
    }

    fn check(self) -> Result<(), String> {
        let (least, most) = self.bounds();
        if least <= most && most <= FAULT_DELAY_MILLISECONDS_MAX {
            return Ok(());
        }
        Err(format!("A delay is at most {FAULT_DELAY_MILLISECONDS_MAX} milliseconds, the lesser first."))
    }
}

/// A value as a form would send it.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a text matches a pattern, in which a `*` stands for any characters.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let Some(at) = rest.find(middle) else { return false };
            rest = &rest[at + middle.len()..];
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_pattern_stands_for_anything() {
        let fits = [("/v1/a", "/v1/a"), ("*", ""), ("/v1/*", "/v1/a/b"), ("/v1/*/c", "/v1/a/b/c"), ("*a*a", "aa")];
        assert!(fits.iter().all(|(pattern, text)| fits_pattern(pattern, text)));
        let fails = [("/v1/a", "/v1/ab"), ("/v1/*/c", "/v1/c"), ("*a*a", "a"), ("a*", "ba")];
        assert!(!fails.iter().any(|(pattern, text)| fits_pattern(pattern, text)));
    }

    #[test]
    fn an_object_fits_by_its_values_at_any_depth() {
        let object: Doc =
            serde_json::from_str(r#"{"id":"ch_1","amount":5,"paid":true,"card":{"last4":"4242"},"x":null}"#)
                .expect("an object");
        let object = object.as_map().expect("a map").clone();
        let fits = |text: &str| {
            let object_match = serde_json::from_str(text).expect("a match");
            Match { object: object_match, ..Match::default() }.fits_object(&object)
        };
        for text in
            [r#"{"id":"ch_1","amount":5}"#, r#"{"paid":true}"#, r#"{"card.last4":"4242"}"#, r#"{"x":null,"y.z":null}"#]
        {
            assert!(fits(text), "{text}");
        }
        for text in [r#"{"id":"ch_2"}"#, r#"{"amount":"5.0"}"#, r#"{"card.last4":"1"}"#, r#"{"id":null}"#, r#"{"y":1}"#]
        {
            assert!(!fits(text), "{text}");
        }
    }
}
