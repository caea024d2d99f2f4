//! What the program says when it starts.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The first lines of a server with these flags, and no knob from outside.
fn first_lines(flags: &[&str], count: usize) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinstripe"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
        command.env_remove(name);
    }
    let mut child = command.args(["--port", "0"]).args(flags).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(count).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn the_start_names_clock_seed_and_strictness() {
    let flags = ["--clock", "frozen@1800000000", "--seed", "7", "--strict"];
    let lines = first_lines(&flags, 3);
    assert_eq!(
        lines[2],
        "With the clock frozen at 1800000000 (2027-01-15T08:00:00Z), ids from seed 7, shape-only operations refused \
         (--strict)"
    );
    assert!(!first_lines(&[], 2).iter().any(|line| line.starts_with("With ")));
}
