//! Properties whose cases are long: many requests, or all operations.
//!
//! A default run has few cases, the same each time; with `PROPTEST_CASES` (256 stands for a default run) it has others, and more.
//! The seed of a failing run is printed; `PINSTRIPE_PROPERTY_SEED=N cargo test` repeats it.

use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use super::client::{Client, sandbox};

/// Checks a property of random inputs: a `share` of `PROPTEST_CASES` of them.
#[track_caller]
pub(crate) fn hold<S: Strategy>(share: u32, inputs: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let number = |name: &str| std::env::var(name).ok().and_then(|told| told.parse::<u64>().ok());
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let is_long = number("PROPTEST_CASES").is_some();
    let fresh = if is_long { u64::from(since.subsec_nanos()) ^ since.as_secs() } else { 1 };
    let seed = number("PINSTRIPE_PROPERTY_SEED").unwrap_or(fresh);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let cases = (Config::default().cases / share).max(1);
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(inputs, property) {
        panic!("PINSTRIPE_PROPERTY_SEED={seed} PROPTEST_CASES={}: {error}", cases * share);
    }
}

/// A sandbox for one case.
pub(crate) fn own_sandbox(name: impl Display) -> Client {
    static CASES: AtomicUsize = AtomicUsize::new(0);
    sandbox(&format!("{name}-{}", CASES.fetch_add(1, Ordering::Relaxed)))
}
