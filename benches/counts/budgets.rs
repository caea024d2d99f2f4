//! What each case costs beside what it may.

use std::fmt::Write as _;
use std::path::Path;

use pinstripe::limits::ACTIVITY_ROWS_MAX;

use crate::Fallible;
use crate::cases::{CASES, Case};
use crate::server::{Cost, CountedServer};

/// The table of budgets: a line a case, its name, its allocations and its kept bytes.
const TABLE: &str = "benches/counts/budgets.txt";

/// By how much a case may cost more than its budget.
const TOLERANCE_PERCENT: i64 = 5;

/// Requests before those that count, and requests that count.
const WARM: usize = 1_000;
const COUNTED: usize = 1_000;

/// A renewal is many requests' worth of work.
const RENEWALS: usize = 100;

/// What a case may cost.
struct Budget {
    name: String,
    allocations: i64,
    kept: i64,
}

/// Counts the cases that are named, or all, and compares them with their budgets.
///
/// With `COUNTS_WRITE=1` the table is written anew from what was counted.
pub(crate) fn run(names: &[&str]) -> Fallible<()> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    let writes = std::env::var_os("COUNTS_WRITE").is_some();
    let budgets = if writes { Vec::new() } else { read(&std::fs::read_to_string(&table)?)? };
    let (mut written, mut missed) = (String::new(), Vec::new());
    println!("{:<42} {:>11} {:>10} {:>8} {:>7}", "", "allocations", "bytes", "kept", "faults");
    for case in CASES.iter().filter(|(name, ..)| names.is_empty() || names.contains(name)) {
        let cost = count(case)?;
        let Cost { allocations, allocated, kept, faults } = cost;
        println!("{:<42} {allocations:>11} {allocated:>10} {kept:>8} {faults:>7}", case.0);
        writeln!(written, "{}: {allocations} allocations, {kept} bytes kept", case.0)?;
        if !writes {
            missed.extend(exceeded(case.0, cost, &budgets));
        }
    }
    if writes {
        std::fs::write(&table, written)?;
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(missed.join("\n").into()),
    }
}

/// The median of what the requests of a case cost.
fn count((_, flags, begin): &Case) -> Fallible<Cost> {
    let mut server = CountedServer::start(flags)?;
    let mut requests = begin(server.address)?;
    let is_renewal = CASES.last().is_some_and(|(.., last)| std::ptr::fn_addr_eq(*last, *begin));
    // Until the rings are full, each request adds to them.
    let rings = if flags.is_empty() { ACTIVITY_ROWS_MAX } else { 0 };
    let (warm, counted) = if is_renewal { (RENEWALS, RENEWALS) } else { (WARM + rings, COUNTED) };
    for n in 0..warm {
        requests.send(n)?;
    }
    // What reading the counters costs by itself.
    let idle = {
        server.cost()?;
        let before = server.cost()?;
        server.cost()?.since(before)
    };
    let mut costs = Vec::with_capacity(counted);
    let mut before = server.cost()?;
    for n in warm..warm + counted {
        requests.send(n)?;
        let now = server.cost()?;
        costs.push(now.since(before).since(idle));
        before = now;
    }
    let median = |figure: fn(&Cost) -> i64| {
        let mut all: Vec<i64> = costs.iter().map(figure).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    // Tables grow by steps, so that what is kept is the mean.
    let kept = costs.iter().map(|cost| cost.kept).sum::<i64>() / i64::try_from(costs.len())?;
    let faults = costs.iter().map(|cost| cost.faults).sum::<i64>() / i64::try_from(costs.len())?;
    Ok(Cost { allocations: median(|cost| cost.allocations), allocated: median(|cost| cost.allocated), kept, faults })
}

/// What of a case costs more than it may.
fn exceeded(name: &str, cost: Cost, budgets: &[Budget]) -> Vec<String> {
    let Some(budget) = budgets.iter().find(|budget| budget.name == name) else {
        return vec![format!("{name}: no budget in {TABLE}")];
    };
    let exceeds = |what: &str, now: i64, may: i64| {
        let most = may + may * TOLERANCE_PERCENT / 100;
        (now > most).then(|| format!("{name}: {now} {what}, its budget is {may}"))
    };
    // A few bytes more or less are noise where nothing is kept.
    let kept = exceeds("bytes kept", cost.kept - 32, budget.kept);
    exceeds("allocations", cost.allocations, budget.allocations).into_iter().chain(kept).collect()
}

fn read(table: &str) -> Fallible<Vec<Budget>> {
    let line = |line: &str| {
        let (name, figures) = line.split_once(": ")?;
        let mut words = figures.split_whitespace();
        let allocations = words.next()?.parse().ok()?;
        let kept = words.nth(1)?.parse().ok()?;
        Some(Budget { name: name.to_owned(), allocations, kept })
    };
    table.lines().map(|text| line(text).ok_or_else(|| format!("{TABLE}: {text}").into())).collect()
}
