//! Faults on demand: rules that make chosen requests of a sandbox fail, stall or lose their answer.
//!
//! May use: the form, the catalogue, the test data's declines. Invariant: a rule that has struck as often as it may
//! never strikes again, and with a seed the same requests meet the same faults.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalogue::{self, Find, Method};
use crate::http::form::Form;
use crate::limits::{FAULT_DELAY_MILLISECONDS_MAX, FAULTS_MAX};
use crate::testdata::{self, Decline};

/// The faults of a sandbox.
#[derive(Debug)]
pub struct Faults {
    rules: Mutex<Rules>,
    /// How many rules there are, so that a request without any costs nothing.
    count: AtomicUsize,
    /// What chance is drawn from.
    seed: Uuid,
}

#[derive(Debug, Default)]
struct Rules {
    all: Vec<Rule>,
    made: u64,
}

/// A rule as it stands.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// `flt_` and a number.
    pub id: String,
    /// What was asked for.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// How many requests it met.
    pub seen: u64,
    /// How many of these it struck.
    pub struck: u64,
}

/// What a rule does to which requests.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Which requests; all of the API when not given.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// What happens to them.
    pub effect: Effect,
    /// How often at the most; until it is removed when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// From 0 to 1: how likely each of them is struck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// Which requests a rule is about: those for which everything named holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// `GET`, `POST` or `DELETE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path; a `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The operation, such as `charges.create`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Parameters with the text that they have, such as `{"card[number]": "4242424242424242"}`.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub params: serde_json::Map<String, serde_json::Value>,
}

/// What happens to a request.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// An error in place of doing what was asked.
    Error(Failure),
    /// The issuer declines every card that the request charges or sets up, with this code.
    Decline(String),
    /// The answer comes later.
    Delay(Delay),
    /// The connection is closed without an answer.
    Reset(When),
    /// The connection is closed after so many bytes of the answer's body.
    Truncate(usize),
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
    /// Always so many.
    Fixed(u64),
    /// Between the two.
    Range(u64, u64),
}

/// When a connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Before anything is done.
    Before,
    /// After all is done and kept.
    After,
}

/// A request as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The same as the API knows it.
    pub known_method: Option<Method>,
    /// The path without the query.
    pub path: &'a str,
    /// The parameters, if they could be read.
    pub form: Option<&'a Form>,
}

/// A rule that strikes a request.
#[derive(Clone, Debug)]
pub struct Struck {
    /// The rule's id.
    pub id: String,
    /// What it does.
    pub effect: Effect,
    /// How long the answer waits.
    pub delay: Duration,
}

impl Struck {
    /// The error to answer, when that is the fault.
    pub fn failure(&self) -> Option<Failure> {
        match self.effect {
            Effect::Error(failure) => Some(failure),
            _ => None,
        }
    }

    /// The decline that issuers answer, when that is the fault.
    pub fn decline(&self) -> Option<&'static Decline> {
        match &self.effect {
            Effect::Decline(code) => testdata::decline(code),
            _ => None,
        }
    }

    /// When the connection is lost, when that is the fault.
    pub fn reset(&self) -> Option<When> {
        match self.effect {
            Effect::Reset(when) => Some(when),
            _ => None,
        }
    }

    /// After how many bytes of the body the connection is lost, when that is the fault.
    pub fn truncate(&self) -> Option<usize> {
        match self.effect {
            Effect::Truncate(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Faults {
    /// No faults yet; chance is drawn from `seed`.
    pub fn new(seed: Uuid) -> Self {
        Faults { rules: Mutex::default(), count: AtomicUsize::new(0), seed }
    }

    /// The rules, in the order of their making.
    pub fn all(&self) -> Vec<Rule> {
        self.lock().all.clone()
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn add(&self, wanted: Wanted) -> Result<Rule, String> {
        wanted.check()?;
        let mut rules = self.lock();
        if rules.all.len() >= FAULTS_MAX {
            return Err(format!("A sandbox has at most {FAULTS_MAX} faults; remove one first."));
        }
        rules.made += 1;
        let rule = Rule { id: format!("flt_{}", rules.made), wanted, seen: 0, struck: 0 };
        rules.all.push(rule.clone());
        self.count.store(rules.all.len(), Ordering::Relaxed);
        Ok(rule)
    }

    /// Removes a rule; false when there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        let mut rules = self.lock();
        let before = rules.all.len();
        rules.all.retain(|rule| rule.id != id);
        self.count.store(rules.all.len(), Ordering::Relaxed);
        rules.all.len() < before
    }

    /// Removes all rules; how many there were.
    pub fn clear(&self) -> usize {
        let removed = std::mem::take(&mut *self.lock());
        self.count.store(0, Ordering::Relaxed);
        removed.all.len()
    }

    /// The first rule that strikes a request; it counts.
    pub fn strike(&self, asked: &Asked<'_>) -> Option<Struck> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut rules = self.lock();
        let open = |rule: &&mut Rule| rule.wanted.times.is_none_or(|times| rule.struck < times);
        for rule in rules.all.iter_mut().filter(open) {
            if !rule.wanted.matching.fits(asked) {
                continue;
            }
            rule.seen += 1;
            let drawn = self.draw(&rule.id, rule.seen);
            if rule.wanted.probability.is_none_or(|probability| drawn.0 < probability) {
                rule.struck += 1;
                let effect = rule.wanted.effect.clone();
                let delay = effect.delay(drawn.1);
                return Some(Struck { id: rule.id.clone(), effect, delay });
            }
        }
        None
    }

    /// Two numbers from 0 to 1, the same for the same rule and request of a seeded sandbox.
    fn draw(&self, rule: &str, request: u64) -> (f64, f64) {
        let (high, low) = Uuid::new_v5(&self.seed, format!("{rule} {request}").as_bytes()).as_u64_pair();
        // The upper half carries the version, the lower the variant; the bits below are random.
        let unit = |bits: u64| f64::from(u32::try_from(bits & 0xffff_ffff).unwrap_or(0)) / f64::from(u32::MAX);
        (unit(high >> 32), unit(low))
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        // Nothing in here panics between two changes that belong together.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    fn check(&self) -> Result<(), String> {
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("`probability` must be from 0 to 1.".to_owned());
        }
        if let Some(name) = self.matching.operation.as_deref().filter(|name| catalogue::operation(name).is_none()) {
            return Err(format!("There is no operation `{name}`; they are named as in `charges.create`."));
        }
        match &self.effect {
            Effect::Decline(code) if testdata::decline(code).is_none() => {
                Err(format!("There is no decline code `{code}`. There are: {}.", testdata::decline_codes().join(", ")))
            }
            Effect::Delay(delay) => {
                let (least, most) = delay.bounds();
                let fits = least <= most && most <= FAULT_DELAY_MILLISECONDS_MAX;
                let message =
                    format!("A delay is at most {FAULT_DELAY_MILLISECONDS_MAX} milliseconds, the lesser first.");
                if fits { Ok(()) } else { Err(message) }
            }
            _ => Ok(()),
        }
    }
}

impl Effect {
    fn delay(&self, drawn: f64) -> Duration {
        let Effect::Delay(delay) = self else { return Duration::ZERO };
        let (least, most) = delay.bounds();
        Duration::from_millis(least) + Duration::from_millis(most - least).mul_f64(drawn)
    }
}

impl Delay {
    fn bounds(self) -> (u64, u64) {
        match self {
            Delay::Fixed(milliseconds) => (milliseconds, milliseconds),
            Delay::Range(least, most) => (least, most),
        }
    }
}

impl Match {
    fn fits(&self, asked: &Asked<'_>) -> bool {
        let operation = || {
            let found = asked.known_method.map(|method| catalogue::find(method, asked.path));
            found.and_then(|found| if let Find::Operation(found) = found { Some(found.operation.name) } else { None })
        };
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(asked.method))
            && self.path.as_deref().is_none_or(|pattern| fits_pattern(pattern, asked.path))
            && self.operation.as_deref().is_none_or(|name| operation() == Some(name))
            && self.params.iter().all(|(name, value)| {
                let sent = asked.form.and_then(|form| form.text(name));
                let wanted = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                sent == Some(&wanted)
            })
    }
}

/// Whether a text is as a pattern says, in which a `*` stands for anything.
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
}
