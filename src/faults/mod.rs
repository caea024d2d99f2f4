//! Faults on demand: rules by which requests of a sandbox fail, wait or lose their answer, and deliveries are dropped,
//! delayed, duplicated or reordered.
//!
//! May use: the form, the catalogue, the state, the declines of test cards. Invariant: a rule applies at most as often
//! as its `times`, and with a seed the same rules apply to the same requests and events in every run.

mod named;
mod rule;

use std::cell::LazyCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

pub use self::named::named;
pub use self::rule::{CloseAt, Delay, Effect, Failure, Match, Mishap, RuleParams};

use crate::catalogue::Method;
use crate::form::Form;
use crate::issuers::{self, Decline};
use crate::limits::FAULTS_MAX;
use crate::state::document::Map;
use crate::state::object::Object;

/// The faults of a sandbox.
#[derive(Debug)]
pub struct Faults {
    rules: Mutex<Rules>,
    /// The number of rules, so that a request costs nothing without any.
    count: AtomicUsize,
    /// The seed of every random draw.
    seed: Uuid,
}

#[derive(Debug, Default)]
struct Rules {
    all: Vec<Rule>,
    made: u64,
}

/// A rule with its counts.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// `flt_` and a number.
    pub id: String,
    /// What was requested.
    #[serde(flatten)]
    pub wanted: RuleParams,
    /// How many requests or deliveries it matched.
    pub seen: u64,
    /// How many of these it was applied to.
    pub struck: u64,
}

/// The parts of a request that rules match.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The method as the catalogue knows it.
    pub known_method: Option<Method>,
    /// The path without the query.
    pub path: &'a str,
    /// The parameters, if they could be read.
    pub form: Option<&'a Form>,
}

/// The parts of a delivery that rules match.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryParts<'a> {
    /// The type of the event.
    pub event: &'a str,
    /// The receiver's name; `None` for a collected event that no receiver asked for.
    pub endpoint: Option<&'a str>,
    /// The object of the event.
    pub object: &'a dyn Object,
}

/// A rule that applies to a request or a delivery.
#[derive(Clone, Debug)]
pub struct Struck {
    /// The rule's id.
    pub id: String,
    /// Its effect.
    pub effect: Effect,
    /// How long the answer or the delivery is delayed.
    pub delay: Duration,
    /// A random rank: the order among shuffled deliveries.
    pub rank: u64,
}

impl Struck {
    /// The error to answer, if that is the effect.
    pub fn failure(&self) -> Option<Failure> {
        match self.effect {
            Effect::Error(failure) => Some(failure),
            _ => None,
        }
    }

    /// The decline of the issuer, if that is the effect.
    pub fn decline(&self) -> Option<&'static Decline> {
        match &self.effect {
            Effect::Decline(code) => issuers::decline(code),
            _ => None,
        }
    }

    /// When the connection is closed, if that is the effect.
    pub fn reset(&self) -> Option<CloseAt> {
        match self.effect {
            Effect::Reset(when) => Some(when),
            _ => None,
        }
    }

    /// After how many bytes of the body the connection is closed, if that is the effect.
    pub fn truncate(&self) -> Option<usize> {
        match self.effect {
            Effect::Truncate(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// What happens to the delivery, if that is the effect.
    pub fn mishap(&self) -> Option<Mishap> {
        match self.effect {
            Effect::Delivery(mishap) => Some(mishap),
            _ => None,
        }
    }
}

impl Faults {
    /// No faults; `seed` is the seed of every random draw.
    pub fn new(seed: Uuid) -> Self {
        Faults { rules: Mutex::default(), count: AtomicUsize::new(0), seed }
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rules, in the order in which they were added.
    pub fn all(&self) -> Vec<Rule> {
        self.lock().all.clone()
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn add(&self, wanted: RuleParams) -> Result<Rule, String> {
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

    /// Removes a rule; `false` if there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        let mut rules = self.lock();
        let before = rules.all.len();
        rules.all.retain(|rule| rule.id != id);
        self.count.store(rules.all.len(), Ordering::Relaxed);
        rules.all.len() < before
    }

    /// Removes all rules; returns their number.
    pub fn clear(&self) -> usize {
        let removed = std::mem::take(&mut *self.lock());
        self.count.store(0, Ordering::Relaxed);
        removed.all.len()
    }

    /// The first rule that applies to a request, and counts it. `named` finds the objects that the request names; it is
    /// only called if a rule matches on them.
    pub fn strike(&self, asked: &RequestParts<'_>, named: impl FnOnce() -> Vec<Map>) -> Option<Struck> {
        let named = LazyCell::new(named);
        self.first(|wanted| {
            let objects = if wanted.matching.object.is_empty() { &[][..] } else { named.as_slice() };
            !matches!(wanted.effect, Effect::Delivery(_)) && wanted.matching.fits_request(asked, objects)
        })
    }

    /// The first rule that applies to a delivery, and counts it.
    pub fn strike_delivery(&self, announced: &DeliveryParts<'_>) -> Option<Struck> {
        self.first(|wanted| matches!(wanted.effect, Effect::Delivery(_)) && wanted.matching.fits_delivery(announced))
    }

    fn first(&self, fits: impl Fn(&RuleParams) -> bool) -> Option<Struck> {
        if self.is_empty() {
            return None;
        }
        let mut rules = self.lock();
        let open = |rule: &&mut Rule| rule.wanted.times.is_none_or(|times| rule.struck < times);
        for rule in rules.all.iter_mut().filter(open) {
            if !fits(&rule.wanted) {
                continue;
            }
            rule.seen += 1;
            let drawn = self.draw(&rule.id, rule.seen);
            if rule.wanted.probability.is_none_or(|probability| drawn.hit < probability) {
                rule.struck += 1;
                let effect = rule.wanted.effect.clone();
                let delay = effect.delay(drawn.part);
                return Some(Struck { id: rule.id.clone(), effect, delay, rank: drawn.rank });
            }
        }
        None
    }

    /// Random numbers, which are the same for the same rule and request of a seeded sandbox.
    fn draw(&self, rule: &str, request: u64) -> Drawn {
        let (high, low) = Uuid::new_v5(&self.seed, format!("{rule} {request}").as_bytes()).as_u64_pair();
        // The upper half contains the version, the lower half the variant; the bits below are random.
        let unit = |bits: u64| f64::from(u32::try_from(bits & 0xffff_ffff).unwrap_or(0)) / f64::from(u32::MAX);
        Drawn { hit: unit(high >> 32), part: unit(low), rank: low & 0xffff_ffff }
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        // No code panics while the lock is held and the data is incomplete.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The random numbers for one request or delivery.
struct Drawn {
    /// From 0 to 1: compared with the rule's probability.
    hit: f64,
    /// From 0 to 1: the place in a range of delays.
    part: f64,
    /// The order among others.
    rank: u64,
}

impl Effect {
    fn delay(&self, part: f64) -> Duration {
        let (Effect::Delay(delay) | Effect::Delivery(Mishap::Delay(delay))) = self else { return Duration::ZERO };
        let (least, most) = delay.bounds();
        Duration::from_millis(least) + Duration::from_millis(most - least).mul_f64(part)
    }
}
