//! The output: two Markdown tables, one of verdicts and one of rates, fit to be pasted into the README.

use crate::Fallible;
use crate::compare::{Ratio, Tally};
use crate::settings::Settings;

/// What a run found so far.
#[derive(Default)]
pub(crate) struct Report {
    verdicts: Vec<[String; 4]>,
    rates: Vec<[String; 8]>,
    missed: Vec<String>,
}

/// What a figure must reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Under(f64),
    /// Nothing: the figure is there to be read.
    None,
}

impl Report {
    /// Adds a ratio of rates and its verdict.
    pub(crate) fn ratio(&mut self, measure: &str, ratio: Ratio, target: Target) {
        let Ratio { median, least, most } = ratio;
        let figure = format!("{median:.3} ({least:.3} to {most:.3})");
        self.verdict(measure, median, figure, "", target);
    }

    /// Adds a plain figure in a unit and its verdict; `detail` says more about it.
    pub(crate) fn figure(&mut self, measure: &str, value: f64, unit: &str, detail: &str, target: Target) {
        let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
        self.verdict(measure, value, format!("{value:.1}{unit}{detail}"), unit, target);
    }

    /// Adds a line to the table of rates for each contestant.
    pub(crate) fn tallies(&mut self, measure: &str, tallies: &[Tally]) {
        for tally in tallies {
            let rate = format!("{:.0}", tally.rate());
            eprintln!("  {measure}, {}: {rate} requests/s", tally.label);
            self.rates.push([
                measure.to_owned(),
                tally.label.clone(),
                rate,
                format!("{:.0}", tally.p50),
                format!("{:.0}", tally.p99),
                format!("{:.1}", tally.server_cpu),
                format!("{:.1}", tally.generator_cpu),
                format!("{:.2}", tally.cores),
            ]);
        }
    }

    /// Notes that a measurement could not be made.
    pub(crate) fn failed(&mut self, section: &str, error: &str) {
        let first_line = error.lines().next().unwrap_or_default().replace('|', "\\|");
        self.verdicts.push([section.to_owned(), first_line, String::new(), "ERROR".to_owned()]);
        self.missed.push(section.to_owned());
    }

    fn verdict(&mut self, measure: &str, value: f64, figure: String, unit: &str, target: Target) {
        let (wanted, reached) = match target {
            Target::AtLeast(least) => (format!("at least {least}{unit}"), Some(value >= least)),
            Target::Under(most) => (format!("under {most}{unit}"), Some(value < most)),
            Target::None => (String::new(), None),
        };
        let word = match reached {
            Some(true) => "pass",
            Some(false) => "MISSED",
            None => "",
        };
        eprintln!("  {measure}: {figure} {word}");
        if reached == Some(false) {
            self.missed.push(measure.to_owned());
        }
        self.verdicts.push([measure.to_owned(), figure, wanted, word.to_owned()]);
    }

    /// Prints both tables.
    pub(crate) fn print(&self) {
        print_table(&["measure", "figure", "target", "result"], &self.verdicts);
        let columns = [
            "measure",
            "server",
            "requests/s",
            "p50 µs",
            "p99 µs",
            "server CPU µs/request",
            "generator CPU µs/request",
            "cores busy",
        ];
        print_table(&columns, &self.rates);
    }

    /// An error if anything failed or missed its target.
    pub(crate) fn conclusion(&self) -> Fallible<()> {
        if self.missed.is_empty() {
            return Ok(());
        }
        Err(format!("missed or not measured: {}", self.missed.join("; ")).into())
    }
}

/// Says what the run is, ahead of its figures.
pub(crate) fn print_heading(settings: &Settings) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{cores} cores; {} connections from {} threads; {} rounds of {:.1} s for each server; \
         libc of the bare server: {}\nbinary: {}\n",
        settings.connections,
        settings.threads,
        settings.rounds,
        settings.round.as_secs_f64(),
        if cfg!(target_env = "musl") { "musl" } else { "gnu" },
        settings.binary.display(),
    );
}

/// Prints an aligned Markdown table; nothing if it has no rows.
fn print_table<const N: usize>(columns: &[&str; N], rows: &[[String; N]]) {
    if rows.is_empty() {
        return;
    }
    let width = |index: usize| {
        let cells = rows.iter().map(|row| row[index].chars().count());
        cells.chain([columns[index].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!(" {cell:width$} |"));
        println!("|{}", padded.collect::<String>());
    };
    line(*columns);
    println!("|{}", widths.map(|width| format!("{}|", "-".repeat(width + 2))).concat());
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
    println!();
}
