//! A soak: mixed random requests, valid and not, with faults on, for as long as is wished: what a user would mean, with test clocks
//! and snapshots; every operation of the catalogue in its turn; what nobody would mean; and pages of other origins that try. Beside
//! it a server that saves is killed again and again.
//!
//! Each round has a seed, a sandbox made from it and a script that follows from it alone: a round that fails prints its
//! seed, and `SOAK_SEED` plays it again. What holds is checked at every answer ([`round`]) and at the end of every
//! round ([`invariants`]); the server's memory is looked at between rounds.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `SOAK_SECONDS` | 5 | how long; `scripts/test` sets 60, or 600 with `--long` |
//! | `SOAK_REQUESTS` | | goes on until there were so many requests, however long that takes |
//! | `SOAK_SEED` | | plays the round of this seed and no other, and kills the server that saves at other requests |
//! | `PINSTRIPE_BINARY` | what cargo built | a release build to soak; its answers take at most two seconds |

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a soak tells what it has done")]

#[path = "../all/support/mod.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod support;

mod invariants;
mod round;
mod script;

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pinstripe::catalogue::{self, Find, Method};
use round::{Said, User};
use support::process::{self, Process};

/// Rounds that are under way at once.
const WORKERS: u64 = 2;

/// The seeds of the rounds begin here; a run that is to meet others begins elsewhere.
const FIRST_SEED: u64 = 0x5eed_0000;

/// What the servers of a run say; the faults alone are a dozen lines a round.
fn log() -> File {
    File::options().append(true).create(true).open(LOG).unwrap()
}

const LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/soak.log");

fn server(more: &[&str]) -> Process {
    let binary = std::env::var("PINSTRIPE_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pinstripe").to_owned());
    let same = ["--seed", "1", "--clock", "frozen@1800000000", "--public-url", "http://stripe.test"];
    let flags = [&same[..], &["--webhook-mode", "collect", "--webhook-timestamps", "sandbox"], more].concat();
    Process::run(&binary, &flags, log().into())
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let parsed = text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    Some(parsed.unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// How much of a server is in memory, where Linux tells it; nothing elsewhere.
fn resident_kb(server: &Process) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Plays a round; one that fails says how to play it again.
fn play(server: &Process, seed: u64) -> Vec<Said> {
    catch_unwind(AssertUnwindSafe(|| round::play(&server.url, seed))).unwrap_or_else(|panic| {
        eprintln!("what the server said is in {LOG}");
        eprintln!("the round of the seed {seed:#x} failed; again: SOAK_SEED={seed:#x} cargo test --test soak");
        resume_unwind(panic)
    })
}

/// What a run has seen.
#[derive(Default)]
struct Seen {
    statuses: BTreeMap<u16, u64>,
    /// The operations that were asked for, and whether one of the answers was a success.
    operations: BTreeMap<&'static str, bool>,
}

impl Seen {
    fn add(&mut self, said: &Said) {
        *self.statuses.entry(said.status).or_insert(0) += 1;
        let mut methods = [Method::Get, Method::Post, Method::Delete].into_iter();
        let method = methods.find(|method| method.as_str() == said.ask.method).unwrap();
        if let Find::Operation(found) = catalogue::find(method, &said.ask.path) {
            *self.operations.entry(found.operation.name).or_default() |= said.status == 200;
        }
    }

    fn requests(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Tells what was seen, and checks that every operation had its turn.
    fn tell(&self, rounds: u64) {
        let (all, done) = (catalogue::operations(), self.operations.values().filter(|done| **done).count());
        println!("{rounds} rounds, {} requests; answers {:?}", self.requests(), self.statuses);
        println!("{} of {} operations were asked for, {done} answered 200", self.operations.len(), all.len());
        let missed = all.iter().map(|operation| operation.name).filter(|name| !self.operations.contains_key(name));
        let missed: Vec<&str> = missed.collect();
        assert!(missed.is_empty() || rounds < script::rounds_for_all() as u64, "nobody asked for {missed:?}");
    }
}

/// The longest that an answer may take where the binary is given, which is then a release build.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

#[test]
fn random_requests_with_faults_break_nothing_and_memory_stays() {
    let said_before = std::fs::metadata(LOG).map_or(0, |log| log.len());
    let server = server(&[]);
    if let Some(seed) = number("SOAK_SEED") {
        play(&server, seed);
        return;
    }
    let length = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(5));
    let wanted = number("SOAK_REQUESTS").unwrap_or(0);
    let (begun, next, failed) = (Instant::now(), AtomicU64::new(FIRST_SEED), AtomicBool::new(false));
    let seen: Mutex<Seen> = Mutex::default();
    let goes_on = || begun.elapsed() < length || seen.lock().unwrap().requests() < wanted;
    let goes_on = || !failed.load(Ordering::Relaxed) && goes_on();
    let mut warm = None;
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while goes_on() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let said = catch_unwind(AssertUnwindSafe(|| play(&server, seed))).unwrap_or_else(|panic| {
                        failed.store(true, Ordering::Relaxed);
                        resume_unwind(panic)
                    });
                    let mut seen = seen.lock().unwrap();
                    said.iter().for_each(|said| seen.add(said));
                }
            });
        }
        // The warm-up fills what is kept of the last requests, and the allocator's own reserves.
        while goes_on() {
            thread::sleep(Duration::from_millis(200));
            let is_warm = begun.elapsed() > length / 3 && seen.lock().unwrap().requests() >= wanted / 3;
            if warm.is_none() && is_warm {
                warm = Some(resident_kb(&server));
            }
        }
    });
    let (rounds, end) = (next.into_inner() - FIRST_SEED, resident_kb(&server));
    seen.into_inner().unwrap().tell(rounds);
    let slowest = round::slowest();
    println!("the slowest answer took {slowest:?}");
    assert!(slowest < ANSWERED_WITHIN || std::env::var("PINSTRIPE_BINARY").is_err(), "{slowest:?}");
    let log = std::fs::read(LOG).unwrap_or_default();
    let log =
        String::from_utf8_lossy(log.get(usize::try_from(said_before).unwrap()..).unwrap_or_default()).into_owned();
    let panics: Vec<&str> = log.lines().filter(|line| line.contains("panic")).collect();
    assert!(panics.is_empty(), "{panics:#?}");
    let warm = warm.unwrap_or(end);
    println!("resident after a third {warm} kB, at the end {end} kB");
    assert!(end <= warm + warm / 4 + 6_000, "memory grows: {warm} kB after the warm-up, {end} kB at the end");
}

/// For how long an answered request may wait to be in the file, on a slow machine.
const SAVED_WITHIN: Duration = Duration::from_secs(3);

#[test]
fn a_server_that_is_killed_again_and_again_holds_what_it_saved() {
    let length = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(5));
    let seed = number("SOAK_SEED").unwrap_or(FIRST_SEED);
    let folder = process::folder("soak-saved");
    let file = format!("{}/", folder.display());
    let (begun, mut lives) = (Instant::now(), 0);
    let mut kept: Vec<String> = Vec::new();
    while begun.elapsed() < length || lives < 2 {
        let server = server(&["--save", &file, "--save-every", "0.1"]);
        let user = || User { url: &server.url, sandbox: "saved".to_owned() };
        kept.iter().for_each(|id| drop(user().get(&format!("/v1/customers/{id}"))));
        invariants::hold(&user());
        lives += 1;
        let until = Instant::now() + Duration::from_millis(300 * (1 + (seed + lives) % 5)) + SAVED_WITHIN;
        let made = round::wander(user(), seed + lives, until);
        let killed = Instant::now();
        drop(server);
        let is_saved = |at: Instant| killed.duration_since(at) > SAVED_WITHIN;
        kept.extend(made.into_iter().filter(|(at, _)| is_saved(*at)).map(|(_, id)| id));
    }
    println!("{lives} lives, {} customers that had to be there after a kill", kept.len());
}

#[test]
fn a_round_is_the_same_every_time_it_is_played() {
    let runs = [server(&[]), server(&[])].map(|server| play(&server, 0x0dd_5eed));
    for (n, (one, other)) in runs[0].iter().zip(&runs[1]).enumerate() {
        assert!(one == other, "step {n} differs:\n{one:?}\n{other:?}");
    }
    assert_eq!(runs[0].len(), runs[1].len());
}
