//! `--save`: what was answered is there after the next start.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::client::{Client, raw};
use crate::support::dice::Dice;
use crate::support::process::{Process, eventually, folder};

const SOON: Duration = Duration::from_secs(10);

/// A server that saves to a path.
pub(crate) fn saving(path: &Path, more: &[&str]) -> Process {
    Process::start(&[&["--save", path.to_str().unwrap()], more].concat())
}

pub(crate) fn api(server: &Process) -> Client {
    Client::new(&server.url, "sk_test_123")
}

pub(crate) fn add(server: &Process, name: &str) {
    api(server).post("/v1/customers", &[("name", name)]).ok();
}

/// The names of all customers.
pub(crate) fn names(api: &Client) -> Vec<String> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let after = rows.last().map(|row| row["id"].as_str().unwrap().to_owned());
        let mut params = vec![("limit", "100")];
        params.extend(after.as_deref().map(|after| ("starting_after", after)));
        let page = api.get("/v1/customers", &params).ok();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        }
    }
}

pub(crate) fn contains(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|content| content.contains(text))
}

/// The names of the files in a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_signal_that_ends_a_server_saves() {
    let folder = folder("save-signals");
    let file = folder.join("state.json");
    for (n, signal) in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT].into_iter().enumerate() {
        let mut server = saving(&file, &["--save-every", "3600"]);
        assert_eq!(names(&api(&server)).len(), n);
        let name = format!("ended by {}", signal.as_raw());
        add(&server, &name);
        assert!(server.end_with(signal, SOON).success(), "{name}");
        assert!(contains(&file, &name), "{name}");
    }
    assert_eq!(files(&folder), ["state.json"], "neither a lock nor a part is left");
}

#[test]
fn a_hangup_that_is_ignored_at_the_start_is_ignored() {
    let mut server = Process::in_shell("trap '' HUP; exec \"$0\" \"$@\"", &[]);
    rustix::process::kill_process(rustix::process::Pid::from_child(&server.child), Signal::HUP).unwrap();
    thread::sleep(Duration::from_millis(100));
    assert_eq!(raw(&server.url, "GET", "/healthz", &[], None).status, 200);
    assert!(server.end_with(Signal::TERM, SOON).success());
}

#[test]
fn what_was_answered_is_saved_soon_and_nothing_is_written_without_changes() {
    let folder = folder("save-every");
    let file = folder.join("state.json");
    let mut server = saving(&file, &["--save-every", "0.1"]);
    add(&server, "first");
    eventually(|| contains(&file, "first"));
    let about = fs::metadata(&file).unwrap();
    names(&api(&server));
    thread::sleep(Duration::from_millis(500));
    let same = fs::metadata(&file).unwrap();
    assert_eq!(
        (about.modified().unwrap(), about.created().unwrap()),
        (same.modified().unwrap(), same.created().unwrap())
    );
    add(&server, "second");
    eventually(|| contains(&file, "second"));
    server.end_with(Signal::KILL, SOON);
    assert_eq!(files(&folder), ["state.json", "state.json.lock"]);
    let mut again = saving(&file, &[]);
    assert_eq!(names(&api(&again)), ["second", "first"]);
    assert!(again.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder), ["state.json"]);
}

#[test]
fn an_advanced_clock_is_a_change() {
    let file = folder("save-clock").join("state.json");
    let mut server = saving(&file, &["--save-every", "0.1", "--clock", "frozen@1800000000"]);
    eventually(|| contains(&file, "1800000000"));
    api(&server).advance(1_000);
    eventually(|| contains(&file, "1800001000"));
    server.end_with(Signal::KILL, SOON);
}

#[test]
fn a_reset_leaves_the_last_state_that_was_not_empty_beside_the_file() {
    let folder = folder("save-reset");
    let file = folder.join("state.json");
    let mut server = saving(&file, &["--save-every", "0.1"]);
    add(&server, "precious");
    eventually(|| contains(&file, "precious"));
    raw(&server.url, "POST", "/_pinstripe/reset", &[], None).ok();
    eventually(|| !contains(&file, "precious"));
    add(&server, "next");
    eventually(|| contains(&file, "next"));
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder), ["state.json", "state.json.bak"]);
    assert!(contains(&folder.join("state.json.bak"), "precious"));
}

#[test]
fn a_folder_keeps_a_file_of_every_sandbox() {
    let folder = folder("save-folder").join("states");
    let path = PathBuf::from(format!("{}/", folder.display()));
    let mut server = saving(&path, &["--save-every", "0.1"]);
    let named = |server: &Process, name: &str| Client::new(&server.url, &format!("sk_test_sandbox_{name}"));
    add(&server, "of-all");
    for name in ["one", "two"] {
        named(&server, name).post("/v1/customers", &[("name", name)]).ok();
    }
    eventually(|| contains(&folder.join("two.json"), "two"));
    raw(&server.url, "DELETE", "/_pinstripe/sandboxes/two", &[], None).ok();
    eventually(|| !folder.join("two.json").exists());
    named(&server, "three").post("/v1/customers", &[("name", "three")]).ok();
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder), ["default.json", "one.json", "three.json"]);
    // A folder that is there needs no final slash.
    let again = saving(&folder, &[]);
    assert_eq!(names(&api(&again)), ["of-all"]);
    for name in ["one", "three"] {
        assert_eq!(names(&named(&again, name)), [name]);
    }
}

/// A customer that was created: its name, and when the answer had come.
type Answered = (String, SystemTime);

/// Creates customers until the server is gone, one after another; keeps what was answered.
fn create_until_the_end(url: &str, name: &str, answered: &Mutex<Vec<Answered>>) {
    let create = |n: usize| -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
        let body = format!("name={name}-{n}");
        write!(
            stream,
            "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_123\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200") && answer.trim_end().ends_with('}'))
    };
    for n in 0.. {
        match create(n) {
            Ok(true) => answered.lock().unwrap().push((format!("{name}-{n}"), SystemTime::now())),
            Ok(false) | Err(_) => return,
        }
    }
}

/// The file in place was begun when it was created beside it: everything that was answered before is in it.
#[test]
fn a_server_that_is_killed_loses_at_most_what_was_answered_since_the_last_write_began() {
    let seed = std::env::var("SAVE_SEED").map_or_else(
        |_| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64 | 1,
        |seed| seed.parse().unwrap(),
    );
    eprintln!("again: SAVE_SEED={seed} cargo test --test all saving");
    let rounds = std::env::var("SAVE_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    let mut dice = Dice(seed);
    let folder = folder("save-kill");
    let file = folder.join("state.json");
    // What has to be in the file from one round on.
    let mut safe: Vec<String> = Vec::new();
    for round in 0..rounds {
        let mut server = saving(&file, &["--save-every", "0.1"]);
        assert_eq!(
            files(&folder).iter().filter(|name| name.ends_with(".part")).count(),
            0,
            "what the killed server left is gone"
        );
        let there = names(&api(&server));
        let known: HashSet<&String> = there.iter().collect();
        let lost: Vec<&String> = safe.iter().filter(|name| !known.contains(name)).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
        let answered = Mutex::new(Vec::new());
        let pause = Duration::from_millis(u64::try_from(dice.roll(1_000)).unwrap());
        thread::scope(|scope| {
            for writer in ["a", "b"] {
                let (url, answered) = (&server.url, &answered);
                scope.spawn(move || create_until_the_end(url, &format!("{round}-{writer}"), answered));
            }
            thread::sleep(pause);
            server.child.kill().unwrap();
            server.child.wait().unwrap();
        });
        safe = there;
        if file.exists() {
            let begun = fs::metadata(&file).unwrap().created().unwrap();
            let answered = answered.into_inner().unwrap();
            safe.extend(answered.into_iter().filter(|(_, at)| *at < begun).map(|(name, _)| name));
        }
    }
    eprintln!("{} customers are safe", safe.len());
    assert!(safe.len() > rounds, "there was some load: {}", safe.len());
}

#[test]
fn a_big_state_is_written_without_holding_up_a_request() {
    let folder = folder("save-big");
    let file = folder.join("state.json");
    let mut server = saving(&file, &["--save-every", "3600"]);
    add(&server, "first");
    assert!(server.end_with(Signal::TERM, SOON).success());
    // The same customer again and again, with other ids.
    let state = fs::read_to_string(&file).unwrap();
    let line = state.lines().find(|line| line.contains("\"first\"")).unwrap().trim_end_matches([',', ']']).to_owned();
    let id = serde_json::from_str::<Value>(&line).unwrap()["id"].as_str().unwrap().to_owned();
    let rows: Vec<String> = (0..100_000).map(|n| line.replace(&id, &format!("cus_{n:014}"))).collect();
    let hidden = state.lines().find(|line| line.contains(&format!("\"customer/{id}\""))).map(str::to_owned);
    let mut big = state.replace(&line, &rows.join(",\n"));
    if let Some(hidden) = hidden {
        let one = hidden.trim_end_matches([',', '}']).to_owned() + "}";
        let all: Vec<String> = (0..100_000).map(|n| one.replace(&id, &format!("cus_{n:014}"))).collect();
        big = big.replace(&one, &all.join(",\n"));
    }
    fs::write(&file, big).unwrap();
    let server = saving(&file, &["--save-every", "0.1"]);
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    // How long an answer takes while the machine has other things to do.
    let idle = Process::start(&[]);
    let probe = |url: &str| {
        let begun = Instant::now();
        assert_eq!(raw(url, "GET", "/healthz", &[], None).status, 200);
        begun.elapsed()
    };
    let (mut slow, mut usual) = (Vec::new(), Vec::new());
    for n in 0..200 {
        if n % 20 == 0 {
            add(&server, "more");
        }
        usual.push(probe(&idle.url));
        slow.push(probe(&server.url));
        thread::sleep(Duration::from_millis(80));
    }
    slow.sort();
    usual.sort();
    let (most, last) = (Duration::from_millis(100) + usual[198], Duration::from_millis(300) + usual[199]);
    assert!(slow[198] < most && slow[199] < last, "{:?}, {:?}", &slow[195..], &usual[195..]);
    // On a busy machine a debug build needs long for one write; it began with the first change.
    let written = || fs::metadata(&file).unwrap().modified().unwrap() > before;
    let begun = Instant::now();
    while !written() {
        assert!(begun.elapsed() < Duration::from_secs(120), "it is written while the server runs");
        thread::sleep(Duration::from_millis(100));
    }
}
