//! A soak: mixed random requests, valid and not, with faults on, for as long as is wished.
//!
//! Each round has a seed, a sandbox made from it and a script that follows from it alone: a round that fails prints its
//! seed, and `SOAK_SEED` plays it again. What holds is checked at every answer ([`round`]) and at the end of every
//! round ([`invariants`]); the server's memory is looked at between rounds.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `SOAK_SECONDS` | 5 | how long; `scripts/test` sets 60, or 600 with `--long` |
//! | `SOAK_SEED` | | plays the round of this seed and no other |
//! | `PINSTRIPE_BINARY` | what cargo built | another binary to soak |

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

use round::Said;
use support::process::Process;

/// Rounds that are under way at once.
const WORKERS: u64 = 2;

/// The seeds of the rounds begin here; a run that is to meet others begins elsewhere.
const FIRST_SEED: u64 = 0x5eed_0000;

/// What the servers of a run say; the faults alone are a dozen lines a round.
fn log() -> File {
    File::options().append(true).create(true).open(LOG).unwrap()
}

const LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/soak.log");

fn server() -> Process {
    let binary = std::env::var("PINSTRIPE_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pinstripe").to_owned());
    let same = ["--seed", "1", "--clock", "frozen@1800000000", "--public-url", "http://stripe.test"];
    let flags = [&same[..], &["--webhook-mode", "collect", "--webhook-timestamps", "sandbox"]].concat();
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

#[test]
fn random_requests_with_faults_break_nothing_and_memory_stays() {
    let server = server();
    if let Some(seed) = number("SOAK_SEED") {
        play(&server, seed);
        return;
    }
    let length = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(5));
    let (begun, next, failed) = (Instant::now(), AtomicU64::new(FIRST_SEED), AtomicBool::new(false));
    let statuses: Mutex<BTreeMap<u16, u64>> = Mutex::default();
    let mut warm = None;
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while begun.elapsed() < length && !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let said = catch_unwind(AssertUnwindSafe(|| play(&server, seed))).unwrap_or_else(|panic| {
                        failed.store(true, Ordering::Relaxed);
                        resume_unwind(panic)
                    });
                    for Said { status, .. } in said {
                        *statuses.lock().unwrap().entry(status).or_insert(0) += 1;
                    }
                }
            });
        }
        // The warm-up fills what is kept of the last requests, and the allocator's own reserves.
        while begun.elapsed() < length && !failed.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(200));
            if warm.is_none() && begun.elapsed() > length / 3 {
                warm = Some(resident_kb(&server));
            }
        }
    });
    let (rounds, end) = (next.into_inner() - FIRST_SEED, resident_kb(&server));
    let statuses = statuses.into_inner().unwrap();
    let warm = warm.unwrap_or(end);
    println!("{rounds} rounds; answers {statuses:?}; resident after a third {warm} kB, at the end {end} kB");
    assert!(end <= warm + warm / 4 + 6_000, "memory grows: {warm} kB after the warm-up, {end} kB at the end");
}

#[test]
fn a_round_is_the_same_every_time_it_is_played() {
    let runs = [server(), server()].map(|server| play(&server, 0x0dd_5eed));
    for (n, (one, other)) in runs[0].iter().zip(&runs[1]).enumerate() {
        assert!(one == other, "step {n} differs:\n{one:?}\n{other:?}");
    }
    assert_eq!(runs[0].len(), runs[1].len());
}
