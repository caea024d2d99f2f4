//! One round: a sandbox of its own, a script that follows from the seed, and what holds at every answer.

use pinstripe::catalogue::{self, Find, Method};

use crate::invariants;
use crate::script::{self, Ask, Known};
use crate::support::client::{Answer, Reader, check, exchange, raw};
use crate::support::dice::Dice;

/// Requests of a round.
const STEPS: usize = 400;

/// A user with a sandbox made for the round.
pub(crate) struct User<'a> {
    pub url: &'a str,
    pub sandbox: String,
}

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
            "POST" => (ask.path.clone(), Some((FORM, ask.form.as_bytes()))),
            _ if ask.form.is_empty() => (ask.path.clone(), None),
            _ => (format!("{}?{}", ask.path, ask.form.replace(['>', ' '], "%20")), None),
        };
        exchange(self.url, ask.method, &target, &headers, body)
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
    kept: Vec<Kept>,
    /// What there was when a snapshot was taken.
    before: Option<(Known, Vec<Kept>, String)>,
    said: Vec<Said>,
}

/// Plays the round of a seed; what was asked and answered.
pub(crate) fn play(url: &str, seed: u64) -> Vec<Said> {
    let user = User { url, sandbox: format!("soak-{seed:x}") };
    let dice = Dice((seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1);
    let mut round = Round { user, dice, known: Known::default(), kept: Vec::new(), before: None, said: Vec::new() };
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

impl Round<'_> {
    fn step(&mut self) {
        match self.dice.roll(60) {
            0 => self.advance(),
            1 => self.remember(),
            2 => self.go_back(),
            3..=8 if !self.kept.is_empty() => self.again(),
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
        let ask = script::next(&mut self.dice, &self.known);
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
        assert!(known.contains(&answer.status), "{}", context());
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
