//! `cargo bench --bench ratios`: what Pinstripe costs, as ratios that hold on any machine.
//!
//! Every throughput figure is measured beside a bare axum handler in the same run, round by round in
//! turn, so that a slow or noisy machine slows both. `benches/README.md` says what is measured and how
//! far to trust it. The modules, from the bottom up:
//!
//! - [`settings`]: the `BENCH_*` variables
//! - [`http`]: requests as bytes, responses parsed, and a client for one call at a time
//! - [`process`]: a server in a child process that is stopped whatever happens; `/proc` readings
//! - [`bare`]: the bare axum handler, which is this same binary started with an argument
//! - [`load`]: the load generator
//! - [`compare`]: rounds in turn over several servers, and their ratios
//! - [`report`]: the tables
//! - [`throughput`], [`https`], [`transfers`], [`invoices`], [`renewals`], [`growth`], [`sandboxes`], [`startup`], [`footprint`],
//!   [`waits`], [`logging`]: one measurement each

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures of a measurement: small, positive, and rounded when they are printed"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

mod bare;
mod compare;
mod footprint;
mod growth;
mod http;
mod https;
mod invoices;
mod load;
mod logging;
mod process;
mod renewals;
mod report;
mod sandboxes;
mod settings;
mod startup;
mod throughput;
mod transfers;
mod waits;

use std::process::ExitCode;

use report::Report;
use settings::Settings;

/// Any failure here ends a measurement and is shown to a person; a sentence is all it needs.
type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The program's own allocator, for the bare handler too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A measurement: its name for `BENCH_ONLY`, and what runs it.
type Section = (&'static str, fn(&Settings, &mut Report) -> Fallible<()>);

const SECTIONS: &[Section] = &[
    ("noise", throughput::noise),
    ("retrieve", throughput::retrieve),
    ("create", throughput::create),
    ("charge", throughput::charge),
    ("intent", throughput::intent),
    ("list", throughput::list),
    ("generic", throughput::generic),
    ("https", https::run),
    ("transfer", transfers::run),
    ("invoice", invoices::run),
    ("renewals", renewals::run),
    ("presets", renewals::presets),
    ("growth", growth::run),
    ("sandboxes", sandboxes::run),
    ("startup", startup::run),
    ("memory", footprint::run),
    ("waits", waits::run),
    ("log", logging::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == bare::ARGUMENT) {
        return finish(bare::serve(&arguments[1..]));
    }
    // `cargo bench` passes `--bench`. `cargo test --all-targets` runs this binary too, without it, and
    // must not wait minutes for figures nobody asked for.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing measured: run `cargo bench --bench ratios`");
        return ExitCode::SUCCESS;
    }
    let words = arguments.into_iter().filter(|argument| argument != "--bench").collect();
    finish(measure(words))
}

fn finish(result: Fallible<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the chosen sections one after another. One that fails is reported and does not stop the others,
/// but the run as a whole fails, as it does when a target is missed.
fn measure(words: Vec<String>) -> Fallible<()> {
    let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
    let settings = Settings::read(words, &names)?;
    process::stop_children_on_signals()?;
    let mut report = Report::default();
    report::print_heading(&settings);
    for (name, section) in SECTIONS {
        if settings.wants(name) {
            eprintln!("{name} …");
            if let Err(error) = section(&settings, &mut report) {
                eprintln!("{name} FAILED: {error}");
                report.failed(name, &error.to_string());
            }
        }
    }
    report.print();
    report.conclusion()
}
