//! The server in a child process, and its counters: a line to the child's standard input is answered with a line of figures.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use clap::Parser as _;
use pinstripe::Server;
use pinstripe::config::Cli;

use stats_alloc::Stats;

use crate::{ALLOCATOR, Fallible};

/// The first argument that turns this binary into the server.
pub(crate) const ARGUMENT: &str = "counted-server";

/// The flags of every counted server, but for its port.
pub(crate) const FLAGS: [&str; 4] = ["--clock", "frozen@1798761600", "--log", "off"];

/// What makes the same requests be answered with the same bytes: ids that are hashed rather than drawn, which costs instructions
/// that nobody else pays.
const SEEDED: [&str; 2] = ["--seed", "1"];

/// Unix seconds at which the clock stands: 1 January 2027.
pub(crate) const NOW: i64 = 1_798_761_600;

/// How long the counters stand still once a request is done, with all that it left to do.
const STILL: Duration = Duration::from_micros(150);

/// What a request cost, or the process until now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// Allocations.
    pub(crate) allocations: i64,
    /// Bytes of them.
    pub(crate) allocated: i64,
    /// Bytes that stay.
    pub(crate) kept: i64,
    /// Pages that had to be mapped.
    pub(crate) faults: i64,
}

impl Cost {
    /// What came after an earlier reading.
    pub(crate) fn since(self, earlier: Cost) -> Cost {
        Cost {
            allocations: self.allocations - earlier.allocations,
            allocated: self.allocated - earlier.allocated,
            kept: self.kept - earlier.kept,
            faults: self.faults - earlier.faults,
        }
    }
}

/// The child's side: serves until standard input ends, and answers each of its lines with the counters, once they stand still.
pub(crate) fn serve() -> Fallible<()> {
    let more = FLAGS.iter().chain(&SEEDED).copied().map(str::to_owned).chain(std::env::args().skip(2));
    let config = Cli::try_parse_from(["pinstripe", "--port", "0"].map(str::to_owned).into_iter().chain(more))?.config;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = runtime.block_on(Server::start(config))?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.url())?;
    out.flush()?;
    let mut lines = std::io::stdin().lock();
    let mut line = String::with_capacity(64);
    while lines.read_line(&mut line)? > 0 {
        line.clear();
        let counted = when_still();
        let faults = faults();
        let kept = i64::try_from(counted.bytes_allocated)? - i64::try_from(counted.bytes_deallocated)?;
        let allocations = counted.allocations + counted.reallocations;
        writeln!(out, "{allocations} {} {kept} {faults}", counted.bytes_allocated)?;
        out.flush()?;
    }
    Ok(())
}

/// The counters, once nothing allocates any more.
fn when_still() -> Stats {
    let mut before = ALLOCATOR.stats();
    loop {
        std::thread::sleep(STILL);
        let now = ALLOCATOR.stats();
        if now == before {
            return now;
        }
        before = now;
    }
}

/// The page faults of this process that needed no disk; 0 if the system does not say.
fn faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(7).and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// A server in a child, which ends with this value.
pub(crate) struct CountedServer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl CountedServer {
    /// Starts one with these flags besides the common ones: this binary again.
    pub(crate) fn start(flags: &[&str]) -> Fallible<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg(ARGUMENT).args(flags).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut url = String::new();
        output.read_line(&mut url)?;
        let address = url.trim().trim_start_matches("http://").parse().map_err(|_| format!("no server: {url}"))?;
        Ok(CountedServer { child, input, output, address })
    }

    /// What it has cost until now, once it is idle.
    pub(crate) fn cost(&mut self) -> Fallible<Cost> {
        let input = self.input.as_mut().ok_or("no standard input")?;
        input.write_all(b"\n")?;
        input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let figures: Vec<i64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [allocations, allocated, kept, faults] = figures[..] else { return Err(format!("figures: {line}").into()) };
        Ok(Cost { allocations, allocated, kept, faults })
    }
}

impl Drop for CountedServer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
