//! `cargo bench --bench counts`: what a request costs, counted: allocations, allocated bytes, kept bytes, page faults, and
//! instructions where valgrind is installed.
//!
//! Counts need no quiet machine. The server runs in a child process of this same binary, with one worker thread, a seed and a
//! frozen clock, on an allocator that counts; the parent sends one request after another and reads the counters in between, so that
//! each request has figures of its own, of which the median counts. `budgets.txt` says how much each case may cost.
//!
//! - [`http`]: requests and answers, as in the benchmark of ratios
//! - [`server`]: the server in the child, and its counters
//! - [`cases`]: what is counted
//! - [`budgets`]: what it may cost
//! - [`instructions`]: the same cases under callgrind

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

mod budgets;
mod cases;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
#[path = "../http.rs"]
mod http;
mod instructions;
mod server;

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Any failure here ends a measurement and is shown to a person; a sentence is all it needs.
type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The system's allocator, with counters: how often the program allocates, and how much, is the same on any.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        [server::ARGUMENT, ..] => server::serve(),
        _ if words.contains(&"--instructions") => instructions::run(&names(&words)),
        // `cargo bench` passes `--bench`; other runs of this binary ask for the check by its name.
        _ if words.contains(&"--bench") || words.contains(&"--check") => budgets::run(&names(&words)),
        _ => {
            println!("nothing counted: run `cargo bench --bench counts`, or pass `--check`");
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The cases that were named; none are all.
fn names<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().copied().filter(|word| !word.starts_with('-')).collect()
}
