//! The knobs of a run, all from the environment so that `cargo bench` needs no arguments.

use std::path::PathBuf;
use std::time::Duration;

use crate::Fallible;

/// How one run measures.
#[derive(Clone)]
pub(crate) struct Settings {
    /// `BENCH_SECONDS`: length of one round.
    pub round: Duration,
    /// `BENCH_ROUNDS`: rounds per server in each comparison.
    pub rounds: usize,
    /// `BENCH_CONNECTIONS`: keep-alive connections of the load generator.
    pub connections: usize,
    /// `BENCH_LARGE`: customers of the large sandbox in `growth`.
    pub large: u64,
    /// `BENCH_THREADS`: threads of the load generator.
    pub threads: usize,
    /// `BENCH_PINSTRIPE`: the binary under test; by default the one cargo built for this run.
    pub binary: PathBuf,
    /// `BENCH_ONLY` (comma-separated) and the words after `--`: the sections to run, all if empty.
    only: Vec<String>,
}

impl Settings {
    /// Reads the environment. `words` are section names from the command line, `known` all there are.
    pub(crate) fn read(words: Vec<String>, known: &[&str]) -> Fallible<Self> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let connections = number("BENCH_CONNECTIONS", 16.0, 1.0, 512.0)? as usize;
        let threads = number("BENCH_THREADS", cores.min(2) as f64, 1.0, 64.0)? as usize;
        let listed = std::env::var("BENCH_ONLY").unwrap_or_default();
        let only: Vec<String> =
            listed.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).chain(words).collect();
        if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("no section `{unknown}`; there are: {}", known.join(", ")).into());
        }
        Ok(Self {
            round: Duration::from_secs_f64(number("BENCH_SECONDS", 3.0, 0.1, 60.0)?),
            rounds: number("BENCH_ROUNDS", 5.0, 1.0, 50.0)? as usize,
            connections,
            large: number("BENCH_LARGE", 100_000.0, 1_000.0, 10_000_000.0)? as u64,
            threads: threads.min(connections),
            binary: std::env::var_os("BENCH_PINSTRIPE")
                .map_or_else(|| env!("CARGO_BIN_EXE_pinstripe").into(), PathBuf::from),
            only,
        })
    }

    /// The same with another number of connections.
    pub(crate) fn with_connections(&self, connections: usize) -> Self {
        Settings { connections, ..self.clone() }
    }

    /// Whether the section of that name is to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

/// The number in an environment variable, or its default; refused outside of its bounds.
fn number(variable: &str, default: f64, least: f64, most: f64) -> Fallible<f64> {
    let Ok(text) = std::env::var(variable) else {
        return Ok(default);
    };
    match text.parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(format!("{variable}={text}: expected a number from {least} to {most}").into()),
    }
}
