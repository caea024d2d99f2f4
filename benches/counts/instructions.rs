//! Instructions in user space, counted by callgrind: the difference between a longer run and a shorter one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Fallible;
use crate::cases::{CASES, Case};
use crate::server::FLAGS;

/// How long the program may take to start under callgrind, where everything takes fifty times as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests of the shorter run and of the longer one.
const RUNS: [usize; 2] = [100, 500];

/// Counts the cases that are named, or all.
pub(crate) fn run(names: &[&str]) -> Fallible<()> {
    println!("{:<42} {:>12}", "", "instructions");
    for case in CASES.iter().filter(|(name, ..)| names.is_empty() || names.contains(name)) {
        let [short, long] = RUNS;
        let more = count(case, long)?.saturating_sub(count(case, short)?);
        println!("{:<42} {:>12}", case.0, more / (long - short) as u64);
    }
    Ok(())
}

/// The instructions of a program that serves so many requests of a case.
fn count((_, flags, begin): &Case, requests: usize) -> Fallible<u64> {
    let file = std::env::temp_dir().join(format!("pinstripe-counts-{}.out", std::process::id()));
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--log-file=/dev/null"]).arg(format!("--callgrind-out-file={}", file.display()));
    command.arg(program()).args(["--port", &address.port().to_string()]).args(FLAGS).args(*flags).stdout(Stdio::null());
    let spawned = command.stderr(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| format!("valgrind, which counts instructions: {error}"))?;
    let served = wait_for(address).and_then(|()| {
        let mut sent = begin(address)?;
        (0..requests).try_for_each(|n| sent.send(n))
    });
    // Callgrind writes what it has counted when the program ends by itself.
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    child.wait()?;
    served?;
    ended?;
    let written = std::fs::read_to_string(&file)?;
    let _ = std::fs::remove_file(&file);
    let totals = written.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(totals.ok_or("callgrind wrote no totals")?.trim().parse()?)
}

/// The program: that of `BENCH_PINSTRIPE`, or what cargo built.
fn program() -> String {
    std::env::var("BENCH_PINSTRIPE").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pinstripe").to_owned())
}

/// Waits until a server answers.
fn wait_for(address: SocketAddr) -> Fallible<()> {
    let since = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(_) => return Ok(()),
            Err(error) if since.elapsed() > PATIENCE => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
