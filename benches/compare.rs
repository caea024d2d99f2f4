//! Comparisons: several servers (or several loads on one) take turns, round by round, and each round's
//! rates are set against each other. A machine that gets slower or noisier meets all of them.

use std::time::Duration;

use crate::Fallible;
use crate::load::{self, Script, Stop};
use crate::process::{Server, own_cpu_time};
use crate::settings::Settings;

/// Requests sent to each contestant before the first round counts.
const WARM_UP: u64 = 2_000;

/// One of those that take turns.
pub(crate) struct Contestant<'a> {
    /// What the tables call it.
    pub label: String,
    /// The server that gets the load.
    pub server: &'a Server,
    /// The load.
    pub script: Script,
}

/// What a contestant achieved over all rounds.
pub(crate) struct Tally {
    /// What the tables call it.
    pub label: String,
    /// Requests per second, one figure a round.
    pub rates: Vec<f64>,
    /// Of all requests, in microseconds.
    pub p50: f64,
    /// Of all requests, in microseconds.
    pub p99: f64,
    /// CPU time of the server process per request, in microseconds.
    pub server_cpu: f64,
    /// CPU time of this process, the load generator, per request, in microseconds.
    pub generator_cpu: f64,
    /// Cores that server and generator together kept busy.
    pub cores: f64,
}

/// A ratio of rates, round against round.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    /// The median of the rounds: the figure that counts.
    pub median: f64,
    /// The worst round.
    pub least: f64,
    /// The best round.
    pub most: f64,
}

/// Sums over the rounds of one contestant.
#[derive(Default)]
struct Sums {
    rates: Vec<f64>,
    latencies: Vec<u32>,
    requests: u64,
    elapsed: Duration,
    server_cpu: Duration,
    generator_cpu: Duration,
}

/// Warms every contestant up, then runs the rounds. Each round starts with another contestant, so that
/// none always follows the same one.
pub(crate) fn rounds(settings: &Settings, contestants: &[Contestant], stop: Stop) -> Fallible<Vec<Tally>> {
    for contestant in contestants {
        let Contestant { label, server, script } = contestant;
        load::run(settings, server.address, script, Stop::Count(WARM_UP))
            .map_err(|error| format!("{label}: {error}"))?;
    }
    let mut sums: Vec<Sums> = contestants.iter().map(|_| Sums::default()).collect();
    for round in 0..settings.rounds {
        for turn in 0..contestants.len() {
            let index = (round + turn) % contestants.len();
            let Contestant { label, server, script } = &contestants[index];
            sums[index]
                .add_round(settings, server, script, stop)
                .map_err(|error| format!("{label}: {error}{}", stderr_of(server)))?;
        }
    }
    Ok(sums.into_iter().zip(contestants).map(|(sums, c)| sums.tally(&c.label)).collect())
}

/// What a server last wrote to standard error, as a part of an error message.
fn stderr_of(server: &Server) -> String {
    match server.stderr_tail() {
        tail if tail.is_empty() => String::new(),
        tail => format!("\n--- standard error of the server\n{tail}"),
    }
}

impl Sums {
    fn add_round(&mut self, settings: &Settings, server: &Server, script: &Script, stop: Stop) -> Fallible<()> {
        let server_before = server.settle()?;
        let own_before = own_cpu_time()?;
        let mut sample = load::run(settings, server.address, script, stop)?;
        self.generator_cpu += own_cpu_time()?.saturating_sub(own_before);
        self.server_cpu += server.settle()?.saturating_sub(server_before);
        self.rates.push(sample.requests as f64 / sample.elapsed.as_secs_f64());
        self.requests += sample.requests;
        self.elapsed += sample.elapsed;
        self.latencies.append(&mut sample.latencies);
        Ok(())
    }

    fn tally(mut self, label: &str) -> Tally {
        self.latencies.sort_unstable();
        let percentile = |part: f64| {
            let index = (self.latencies.len() as f64 * part) as usize;
            self.latencies.get(index).map_or(f64::NAN, |nanoseconds| f64::from(*nanoseconds) / 1e3)
        };
        let per_request = |time: Duration| time.as_secs_f64() * 1e6 / self.requests as f64;
        Tally {
            label: label.to_owned(),
            p50: percentile(0.50),
            p99: percentile(0.99),
            server_cpu: per_request(self.server_cpu),
            generator_cpu: per_request(self.generator_cpu),
            cores: (self.server_cpu + self.generator_cpu).as_secs_f64() / self.elapsed.as_secs_f64(),
            rates: self.rates,
        }
    }
}

impl Tally {
    /// The median round's requests per second.
    pub(crate) fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// This contestant's rates over another's.
    pub(crate) fn ratio_to(&self, other: &Self) -> Ratio {
        let ratios: Vec<f64> = self.rates.iter().zip(&other.rates).map(|(own, other)| own / other).collect();
        Ratio {
            median: median(&ratios),
            least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            most: ratios.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// The middle value, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
