//! The program in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::client::raw;

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
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(["--port", "0", "--log", "off"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
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
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
