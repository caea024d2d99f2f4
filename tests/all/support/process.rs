//! The program in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::client::raw;

/// An empty folder for the files of a test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A program that no knob reaches from outside, and that leaves nothing in its user's folders.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
        command.env_remove(name);
    }
    command.env("PINSTRIPE_CA", "memory");
    command
}

/// What the program prints and how it ends, when it does not serve.
pub(crate) fn output(flags: &[&str]) -> Output {
    command(env!("CARGO_BIN_EXE_pinstripe")).args(["--port", "0"]).args(flags).output().unwrap()
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn eventually(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
}

/// A running server; dropping it ends its process.
pub(crate) struct Process {
    pub child: Child,
    pub url: String,
}

impl Process {
    /// A server on a free port that logs nothing, ready to answer; no knob comes from outside.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Process::run(env!("CARGO_BIN_EXE_pinstripe"), flags, Stdio::inherit())
    }

    /// The same with another binary, and a place for what it says on stderr.
    pub(crate) fn run(binary: &str, flags: &[&str], stderr: Stdio) -> Self {
        let mut program = command(binary);
        program.args(["--port", "0", "--log", "off"]).args(flags).stderr(stderr);
        Process::of(program)
    }

    /// A server that a shell script starts as `"$0" "$@"`, which is the program with the flags.
    pub(crate) fn in_shell(script: &str, flags: &[&str]) -> Self {
        let mut shell = command("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_pinstripe"), "--port", "0", "--log", "off"]).args(flags);
        Process::of(shell)
    }

    /// A server that a command starts.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://127")).unwrap().to_owned();
        thread::spawn(move || out.read_to_end(&mut Vec::new()));
        while raw(&url, "GET", "/healthz", &[], None).status != 200 {
            thread::sleep(Duration::from_millis(5));
        }
        Process { child, url }
    }

    /// Sends a signal, and waits for the end for as long.
    #[track_caller]
    pub(crate) fn end_with(&mut self, signal: Signal, limit: Duration) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < limit, "it still runs after {limit:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
