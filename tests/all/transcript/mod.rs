//! The transcript: scripts of calls over every area of the API, and the bytes that were answered when they were recorded.
//!
//! Each file of `scripts/` is one area, played against a server of its own with a seed and a frozen clock, so that every
//! run gets the same bytes. The file of the same name in `recorded/` holds each call as it was sent and what came back:
//! the status, the headers and the body. A change of the program that is meant to change no answer leaves all of them as
//! they are. A change that is meant to is recorded anew, by the command alone, and its commit shows what it changed:
//!
//! ```sh
//! PINSTRIPE_RECORD=1 cargo test --test all transcript             # every area
//! PINSTRIPE_RECORD=charges,refunds cargo test --test all transcript
//! ```
//!
//! When the bytes differ, what was answered now is in `target/tmp/transcript/`, to be compared by a tool of one's choice.
//! A recording shows the answers; [`frozen`] compares what events show when they are committed and at the end, and [`kept`]
//! what the sandbox holds then with what is read from it, and with what another server makes of it.
//! [`parameters`] adds each parameter of each operation with rules to the calls, so that none is swallowed.
//! [`visits`] opens every link that an answer or a page shows.
//! [`script`] describes how a script is written, [`record`] what is recorded of an answer.

mod frozen;
mod kept;
mod parameters;
mod play;
mod record;
mod script;
mod visits;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pinstripe::catalogue;
use pinstripe::generic::coverage::{self, Coverage};

use play::Played;
use script::Script;

/// Every area, played once for all tests of this module.
static PLAYED: LazyLock<Vec<Played>> = LazyLock::new(|| {
    let names: Vec<String> = names("scripts").into_iter().collect();
    let (one, other) = names.split_at(names.len() / 2);
    let play = |names: &[String]| names.iter().map(|name| play::play(&script(name))).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| play(other));
        let mut all = play(one);
        all.extend(other.join().unwrap());
        all
    })
});

fn script(name: &str) -> Script {
    Script::parse(name, &fs::read_to_string(file("scripts", name)).unwrap())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/transcript")
}

fn file(part: &str, name: &str) -> PathBuf {
    folder().join(part).join(format!("{name}.txt"))
}

/// The names of the areas that a folder has a file of.
fn names(part: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder().join(part)).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Whether an area is to be recorded instead of compared.
fn is_recording(name: &str) -> bool {
    let wanted = std::env::var("PINSTRIPE_RECORD").unwrap_or_default();
    wanted == "1" || wanted.split(',').any(|wanted| wanted == name)
}

#[test]
fn every_answer_is_the_recorded_one() {
    let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcript");
    fs::create_dir_all(&now).unwrap();
    let mut faults: Vec<String> = PLAYED.iter().flat_map(|played| played.faults.clone()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for played in PLAYED.iter() {
        let committed = file("recorded", &played.name);
        if is_recording(&played.name) {
            fs::write(&committed, &played.text).unwrap();
        }
        let recorded = fs::read_to_string(&committed).unwrap_or_default();
        if let Some(difference) = record::difference(&recorded, &played.text) {
            let found = now.join(format!("{}.txt", played.name));
            fs::write(&found, &played.text).unwrap();
            faults.push(format!("{}: {difference}\nall of it: {}", committed.display(), found.display()));
        }
    }
    assert!(faults.is_empty(), "{} areas differ\n\n{}", faults.len(), faults.join("\n\n"));
    assert_eq!(names("recorded"), names("scripts"), "an area is a script and a recording");
}

#[test]
fn every_event_shows_for_ever_what_it_showed_when_it_was_committed() {
    let kept = PLAYED.iter().map(|played| &played.kept);
    let changed: Vec<&str> = kept.clone().flat_map(|kept| &kept.changed).map(String::as_str).collect();
    assert!(changed.is_empty(), "{}: {}", changed.len(), changed.join("\n\n"));
    let (events, with_companions) =
        kept.fold((0, 0), |(events, with), kept| (events + kept.events, with + kept.with_companions));
    assert!(events > 500 && with_companions > 100, "{events} events, {with_companions} with companions");
}

#[test]
fn every_operation_with_rules_succeeds_in_a_script() {
    let met: BTreeSet<&str> = PLAYED.iter().flat_map(|played| played.succeeded.iter().copied()).collect();
    let ruled = catalogue::operations().iter().filter(|operation| coverage::of(operation) == Coverage::Rules);
    let unmet: Vec<&str> = ruled.map(|operation| operation.name).filter(|name| !met.contains(name)).collect();
    assert!(unmet.is_empty(), "{}: {}", unmet.len(), unmet.join(", "));
}

#[test]
fn no_link_leads_nowhere() {
    let names: Vec<String> = names("scripts").into_iter().collect();
    let (one, other) = names.split_at(names.len() / 2);
    let play = |names: &[String]| names.iter().map(|name| play::play_visiting(&script(name))).collect::<Vec<_>>();
    let all = std::thread::scope(|scope| {
        let other = scope.spawn(|| play(other));
        let mut all = play(one);
        all.extend(other.join().unwrap());
        all
    });
    let faults: Vec<&str> = all.iter().flat_map(|visits| &visits.faults).map(String::as_str).collect();
    assert!(faults.is_empty(), "{}: {}", faults.len(), faults.join("\n"));
    // Each kind of page is among what was opened.
    let opened: Vec<&str> = all.iter().flat_map(|visits| &visits.opened).map(String::as_str).collect();
    for beginning in [
        "/c/pay/",
        "/test_",
        "/p/session/",
        "/p/login/",
        "/i/",
        "/invoice/",
        "/credit_notes/",
        "/receipts/",
        "/authorize/",
        "/files/",
        "/links/",
        "/mandates/",
        "/microdeposit/",
        "/vouchers/",
        "/qr/",
        "/setup/",
        "/express/",
        "/start/",
        "/link-accounts/",
    ] {
        assert!(opened.iter().any(|path| path.starts_with(beginning)), "{beginning} was not opened");
    }
}
