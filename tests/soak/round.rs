//! One round: a sandbox of its own, a script that follows from the seed, and what holds at every answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pinstripe::catalogue::{self, Find, Method};

use crate::invariants;
use crate::script::{self, Ask, Known};
use crate::support::client::{Answer, Reader, check, exchange, raw};
use crate::support::dice::Dice;

/// Requests of a round.
const STEPS: usize = 400;

static SLOWEST_MICROSECONDS: AtomicU64 = AtomicU64::new(0);

/// How long the slowest answer to a request of the API took.
pub(crate) fn slowest() -> Duration {
    Duration::from_micros(SLOWEST_MICROSECONDS.load(Ordering::Relaxed))
}

/// A user with a sandbox made for the round.
pub(crate) struct User<'a> {
    pub url: &'a str,
    pub sandbox: String,
}

/// The one operation that takes no key, but the token of a session.
const NEEDS_TOKEN: &str = "/v2/billing/meter_event_stream";

const FORM: &str = "application/x-www-form-urlencoded";

impl User<'_> {
    fn headers(&self, idempotency_key: Option<&str>) -> Vec<(String, String)> {
        let mut headers = vec![("Authorization".to_owned(), format!("Bearer sk_test_sandbox_{}", self.sandbox))];
        headers.extend(idempotency_key.map(|key| ("Idempotency-Key".to_owned(), key.to_owned())));
        headers
    }

    /// The answer to a request; `None` when it got lost.
    fn ask(&self, ask: &Ask, idempotency_key: Option<&str>) -> Option<Answer> {
        let headers = self.headers(idempotency_key);
        let (target, body) = match ask.method {
            "POST" if ask.path.starts_with("/v2/") => {
                (ask.path.clone(), Some(("application/json", ask.form.as_bytes())))
            }
            "POST" => (ask.path.clone(), Some((FORM, ask.form.as_bytes()))),
            _ if ask.form.is_empty() => (ask.path.clone(), None),
            _ => (format!("{}?{}", ask.path, ask.form.replace(['>', ' '], "%20")), None),
        };
        let sent = Instant::now();
        let answer = exchange(self.url, ask.method, &target, &headers, body);
        let took = u64::try_from(sent.elapsed().as_micros()).unwrap();
        SLOWEST_MICROSECONDS.fetch_max(took, Ordering::Relaxed);
        answer
    }

    /// A request that nothing may happen to.
    pub(crate) fn get(&self, path: &str) -> serde_json::Value {
        raw(self.url, "GET", path, &self.headers(None), None).ok()
    }

    pub(crate) fn control(&self, method: &str, call: &str, body: Option<&str>) -> Answer {
        let joint = if call.contains('?') { '&' } else { '?' };
        let target = format!("/_pinstripe/{call}{joint}sandbox={}", self.sandbox);
        let answer = raw(self.url, method, &target, &[], body.map(|body| ("application/json", body.as_bytes())));
        assert_eq!(answer.status, 200, "{method} {target}: {}", answer.text);
        answer
    }

    /// All that the sandbox holds, but how many requests have drawn ids.
    pub(crate) fn export(&self) -> String {
        let text = self.control("GET", "state", None).text;
        text.lines().filter(|line| !line.starts_with("\"pinstripe\"")).collect::<Vec<_>>().join("\n")
    }
}

/// What a request was answered under its idempotency key.
#[derive(Clone)]
struct Kept {
    key: String,
    ask: Ask,
    status: u16,
    text: String,
}

/// What was asked and answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub ask: Ask,
    pub status: u16,
    pub text: String,
}

/// In place of a status, when the answer got lost.
const LOST: u16 = 0;

/// A round under way.
struct Round<'a> {
    user: User<'a>,
    dice: Dice,
    known: Known,
    /// Whose turn it is of the operations of the catalogue.
    turn: usize,
    kept: Vec<Kept>,
    /// What there was when a snapshot was taken.
    before: Option<(Known, Vec<Kept>, String)>,
    said: Vec<Said>,
}

/// Plays the round of a seed; what was asked and answered.
pub(crate) fn play(url: &str, seed: u64) -> Vec<Said> {
    let user = User { url, sandbox: format!("soak-{seed:x}") };
    let dice = Dice((seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1);
    let mut round = Round::new(user, dice, script::first_turn(seed));
    round.user.control("POST", "reset", None);
    let endpoint = Ask {
        method: "POST",
        path: "/v1/webhook_endpoints".to_owned(),
        form: "url=https://shop.example/hook&enabled_events[]=*".to_owned(),
    };
    round.user.ask(&endpoint, None).unwrap().ok();
    for fault in script::faults(&mut round.dice) {
        round.user.control("POST", "faults", Some(&fault));
    }
    for _ in 0..STEPS {
        round.step();
    }
    round.user.control("DELETE", "faults", None);
    invariants::hold(&round.user);
    let forget = format!("/_pinstripe/sandboxes/{}", round.user.sandbox);
    raw(url, "DELETE", &forget, &[], None).ok();
    round.said
}

/// Random requests, as in a round, until this time, and customers whom none of them touches: their ids, with the time at
/// which they were made.
pub(crate) fn wander(user: User<'_>, seed: u64, until: Instant) -> Vec<(Instant, String)> {
    let mut round = Round::new(user, Dice(seed | 1), script::first_turn(seed));
    let mut made = Vec::new();
    while Instant::now() < until {
        for _ in 0..5 {
            round.request();
        }
        let ask = Ask { method: "POST", path: "/v1/customers".to_owned(), form: "name=Kept".to_owned() };
        let customer = round.user.ask(&ask, None).unwrap().ok();
        made.push((Instant::now(), customer["id"].as_str().unwrap().to_owned()));
    }
    made
}

impl<'a> Round<'a> {
    fn new(user: User<'a>, dice: Dice, turn: usize) -> Self {
        Round { user, dice, known: Known::default(), turn, kept: Vec::new(), before: None, said: Vec::new() }
    }

    fn step(&mut self) {
        match self.dice.roll(60) {
            0 => self.advance(),
            1 => self.remember(),
            2 => self.go_back(),
            3..=8 if !self.kept.is_empty() => self.again(),
            9 => self.intrude(),
            _ => self.request(),
        }
    }

    fn advance(&mut self) {
        let seconds = [1, 60, 3600, 90_000, 700_000][self.dice.roll(5)];
        self.user.control("POST", &format!("clock?advance={seconds}"), None);
        // A key is known for a day.
        self.kept.clear();
    }

    fn remember(&mut self) {
        self.user.control("POST", "snapshots/soak", None);
        self.before = Some((self.known.clone(), self.kept.clone(), self.user.export()));
    }

    fn go_back(&mut self) {
        let Some((known, kept, export)) = self.before.clone() else { return };
        self.user.control("POST", "snapshots/soak/restore", None);
        assert_eq!(self.user.export(), export, "what a snapshot held is there again");
        (self.known, self.kept) = (known, kept);
    }

    /// A page of another origin gets nothing done, whatever it knows.
    fn intrude(&mut self) {
        let before = self.user.export();
        let origin = self.dice.one_of(&["https://evil.example", "null", "http://localhost.evil.example"]);
        let mut headers = self.user.headers(None);
        headers.push(("Origin".to_owned(), origin.to_owned()));
        let control = format!("/_pinstripe/reset?sandbox={}", self.user.sandbox);
        let asked =
            [("POST", "/v1/customers", Some("name=Mallory")), ("GET", "/v1/customers", None), ("POST", &control, None)];
        for (method, target, form) in asked {
            let answer = exchange(self.user.url, method, target, &headers, form.map(|form| (FORM, form.as_bytes())));
            // A fault may take its place.
            if let Some(answer) = answer.filter(|answer| !is_struck(answer)) {
                assert_eq!(answer.status, 403, "{method} {target} from {origin}: {}", answer.text);
            }
        }
        assert_eq!(self.user.export(), before, "a page of {origin} changed something");
    }

    /// The same request with the same key gets the first answer.
    fn again(&mut self) {
        let Kept { key, ask, status, text } = self.kept[self.dice.roll(self.kept.len())].clone();
        let Some(answer) = self.user.ask(&ask, Some(&key)) else { return };
        if !is_struck(&answer) {
            assert_eq!((answer.status, &answer.text), (status, &text), "a replay of {ask:?}");
            assert_eq!(answer.header("idempotent-replayed"), Some("true"), "{ask:?}");
        }
    }

    fn request(&mut self) {
        let ask = script::next(&mut self.dice, &self.known, &mut self.turn);
        let key = (ask.method == "POST" && self.dice.roll(2) == 0).then(|| format!("key-{}", self.said.len()));
        let watched = (self.dice.roll(15) == 0).then(|| self.user.export());
        let mut answer = self.user.ask(&ask, key.as_deref());
        let lost = answer.is_none();
        // Whoever has a key asks again until an answer comes through.
        for _ in 0..20 {
            if answer.is_none() && key.is_some() {
                answer = self.user.ask(&ask, key.as_deref());
            }
        }
        let Some(answer) = answer else {
            self.said.push(Said { ask, status: LOST, text: String::new() });
            return;
        };
        self.judge(&ask, &answer);
        let is_refusal = (400..500).contains(&answer.status) && answer.status != 402;
        // Whoever looks at `pm_card_visa` and its like gets a method that was made for them.
        let is_look = ask.method == "GET" && !ask.path.contains("/pm_card_");
        if let Some(before) = watched.filter(|_| !lost && (is_refusal || is_look)) {
            assert_eq!(self.user.export(), before, "{ask:?} answered {} and changed something", answer.text);
        }
        self.said.push(Said { ask: ask.clone(), status: answer.status, text: answer.text.clone() });
        if answer.status == 200
            && ask.method == "POST"
            && let (Some(kind), Some(id)) = (answer.body["object"].as_str(), answer.body["id"].as_str())
        {
            self.known.add(&mut self.dice, kind, id);
        }
        if let Some(key) = key.filter(|_| [200, 402].contains(&answer.status) && !failed_by_fault(&answer)) {
            self.kept.push(Kept { key, ask, status: answer.status, text: answer.text });
        }
    }

    /// What holds for every answer.
    fn judge(&self, ask: &Ask, answer: &Answer) {
        let context = || format!("{ask:?} answered {} {}", answer.status, answer.text);
        if failed_by_fault(answer) {
            assert!([429, 500, 503].contains(&answer.status), "{}", context());
            return;
        }
        let known = [200, 400, 402, 403, 404, 501];
        let is_nobody = answer.status == 401 && (ask.path == NEEDS_TOKEN || catalogue::is_oauth(&ask.path));
        assert!(known.contains(&answer.status) || is_nobody, "{}", context());
        let method = match ask.method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => Method::Delete,
        };
        // A path that leads nowhere has no form that the answer could be held against.
        if answer.status != 200 || matches!(catalogue::find(method, &ask.path), Find::Operation(_)) {
            check(ask.method, &ask.path, answer, Reader { newest: true, in_browser: false });
        }
    }
}

/// Whether a fault touched the answer.
fn is_struck(answer: &Answer) -> bool {
    answer.header("pinstripe-fault").is_some()
}

/// Whether a fault stands in place of the answer; a decline and a delay leave it what it is.
fn failed_by_fault(answer: &Answer) -> bool {
    is_struck(answer) && [429, 500, 503].contains(&answer.status)
}
