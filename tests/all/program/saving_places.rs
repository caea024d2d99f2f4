//! The file of `--save`: who owns it, where it is, what is in it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;

use super::saving::{add, api, contains, files, names, saving};
use crate::support::process::{Process, command, eventually, folder, output};

const SOON: Duration = Duration::from_secs(10);

fn refused(path: &Path) -> String {
    let output = output(&["--save", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn two_servers_never_share_a_file() {
    let folder = folder("save-owner");
    let file = folder.join("state.json");
    let mut first = saving(&file, &["--save-every", "0.1"]);
    add(&first, "first");
    eventually(|| contains(&file, "first"));
    symlink("state.json", folder.join("other-name.json")).unwrap();
    for path in [file.clone(), folder.join("other-name.json")] {
        let begun = Instant::now();
        let said = refused(&path);
        assert_eq!(
            said,
            format!("pinstripe: {} is used by another server (process {})\n", file.display(), first.child.id())
        );
        assert!(begun.elapsed() >= Duration::from_secs(5), "it waits for a server that ends");
    }
    add(&first, "second");
    assert!(first.end_with(Signal::TERM, SOON).success());
    assert_eq!(names(&api(&saving(&file, &[]))), ["second", "first"]);
}

#[test]
fn a_quick_restart_waits_until_the_former_server_has_saved() {
    let file = folder("save-restart").join("state.json");
    // A receiver that never answers holds up the end of a server.
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/", receiver.local_addr().unwrap());
    let mut port = "0".to_owned();
    for n in 0..3 {
        let mut flags = command(env!("CARGO_BIN_EXE_pinstripe"));
        flags
            .args(["--log", "off", "--webhook-url", &hook, "--port", &port, "--save-every", "3600", "--save"])
            .arg(&file);
        let server = Process::of(flags);
        assert_eq!(names(&api(&server)).len(), n);
        add(&server, "another");
        port = server.url.rsplit(':').next().unwrap().to_owned();
        rustix::process::kill_process(rustix::process::Pid::from_child(&server.child), Signal::TERM).unwrap();
        // It ends beside the next one.
        thread::spawn(move || {
            let mut server = server;
            server.child.wait().unwrap();
        });
    }
}

#[test]
fn servers_that_start_and_end_together_leave_a_whole_file() {
    let file = folder("save-together").join("state.json");
    let path = file.to_str().unwrap();
    thread::scope(|scope| {
        for n in 0..4 {
            scope.spawn(move || {
                let script = format!("curl -s -u sk_test_1: $PINSTRIPE_URL/v1/customers -d name=n{n} -o /dev/null");
                let mut exec = command(env!("CARGO_BIN_EXE_pinstripe"));
                exec.args(["exec", "--save", path, "--", "sh", "-c", &script]);
                assert!(exec.status().unwrap().success());
            });
        }
    });
    let mut there = names(&api(&saving(&file, &[])));
    there.sort();
    assert_eq!(there, ["n0", "n1", "n2", "n3"]);
}

#[test]
fn mode_and_symbolic_link_stay_and_an_empty_file_is_none() {
    let folder = folder("save-link");
    fs::create_dir(folder.join("real")).unwrap();
    let real = folder.join("real/state.json");
    fs::write(&real, "").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o604)).unwrap();
    let link = folder.join("link.json");
    symlink("real/state.json", &link).unwrap();
    let mut server = saving(&link, &[]);
    add(&server, "linked");
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().mode() & 0o777, 0o604);
    assert!(contains(&real, "linked"));
    assert_eq!(files(&folder), ["link.json", "real"]);
    // A link that leads to no file yet.
    symlink("real/later.json", folder.join("later.json")).unwrap();
    let mut server = saving(&folder.join("later.json"), &[]);
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder.join("real")), ["later.json", "state.json"]);
}

/// A server that sees what a script mounts; nobody else does.
fn in_mounts(script: &str, flags: &[&str]) -> Command {
    let mut shell = command("unshare");
    if !rustix::process::getuid().is_root() {
        shell.args(["--user", "--map-root-user"]);
    }
    let script = format!("{script} && exec setpriv --pdeathsig KILL \"$0\" \"$@\"");
    shell
        .args(["--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_pinstripe"), "--port", "0", "--log", "off"])
        .args(flags);
    shell
}

#[test]
fn a_file_that_is_a_mount_in_a_folder_that_is_read_only_is_its_own_lock() {
    let folder = folder("save-read-only");
    let (file, box_) = (folder.join("state.json"), folder.join("box"));
    fs::create_dir(&box_).unwrap();
    let mounted = box_.join("state.json");
    for path in [&file, &mounted] {
        fs::write(path, "").unwrap();
    }
    let (outer, inner) = (box_.display(), mounted.display());
    let script = format!(
        "mount --bind '{outer}' '{outer}' && mount -o remount,bind,ro '{outer}' && mount --bind '{}' '{inner}'",
        file.display()
    );
    let flags = ["--save", mounted.to_str().unwrap()];
    let mut server = Process::of(in_mounts(&script, &flags));
    add(&server, "kept");
    let other = in_mounts(&script, &flags).output().unwrap();
    assert_eq!(String::from_utf8(other.stderr).unwrap(), format!("pinstripe: {inner} is used by another server\n"));
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert!(contains(&file, "kept"));
    assert_eq!(files(&box_), ["state.json"]);
}

#[test]
fn a_file_that_is_a_mount_is_written_in_place() {
    let folder = folder("save-mount");
    let (file, mounted) = (folder.join("state.json"), folder.join("mounted.json"));
    for path in [&file, &mounted] {
        fs::write(path, "").unwrap();
    }
    let script = format!("mount --bind '{}' '{}'", file.display(), mounted.display());
    let run = |more: &[&str]| in_mounts(&script, &[&["--save", mounted.to_str().unwrap()], more].concat());
    let mut server = Process::of(run(&["--save-every", "0.1"]));
    add(&server, "kept");
    eventually(|| contains(&file, "kept"));
    let lock = run(&[]).stdout(Stdio::null()).output().unwrap();
    assert!(String::from_utf8(lock.stderr).unwrap().contains("is used by another server"));
    // The same file by its other name has another lock file; the lock on the file itself counts.
    raw_reset(&server);
    add(&server, "short");
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert!(contains(&file, "short") && !contains(&file, "kept"));
    let mut server = Process::of(run(&[]));
    assert_eq!(names(&api(&server)), ["short"]);
    assert!(server.end_with(Signal::TERM, SOON).success());
}

fn raw_reset(server: &Process) {
    crate::support::client::raw(&server.url, "POST", "/_pinstripe/reset", &[], None).ok();
}

/// A limit of the process stands for a full disk: both refuse a write.
#[test]
fn a_full_disk_is_told_and_survived_and_the_former_file_is_whole() {
    let folder = folder("save-full");
    let (file, log) = (folder.join("state.json"), folder.join("log"));
    let mut server = saving(&file, &[]);
    add(&server, "before");
    assert!(server.end_with(Signal::TERM, SOON).success());
    let script = format!("trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\" 2>'{}'", log.display());
    let mut server = Process::in_shell(&script, &["--save", file.to_str().unwrap(), "--save-every", "0.1"]);
    let large = "x".repeat(500);
    for n in 0..100 {
        api(&server).post("/v1/customers", &[("name", &format!("n{n}")), ("metadata[large]", &large)]).ok();
    }
    eventually(|| contains(&log, "the state is not saved"));
    assert!(!server.end_with(Signal::TERM, SOON).success());
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains(&format!("pinstripe: cannot save to {}: ", file.display())), "{said}");
    assert_eq!(said.matches("the state is not saved").count(), 1, "{said}");
    assert_eq!(files(&folder), ["log", "state.json"]);
    assert!(names(&api(&saving(&file, &[]))).contains(&"before".to_owned()));
}

#[test]
fn a_place_that_cannot_be_written_stops_the_start() {
    let folder = folder("save-nowhere");
    assert!(refused(&folder.join("none/state.json")).contains("cannot save to "));
    assert!(refused(Path::new("/dev/null")).contains("is not a regular file"));
    symlink("circle.json", folder.join("circle.json")).unwrap();
    assert!(refused(&folder.join("circle.json")).contains("too many symbolic links"));
}

#[test]
fn a_file_that_is_removed_is_written_again() {
    let file = folder("save-removed").join("state.json");
    let mut server = saving(&file, &["--save-every", "0.1"]);
    add(&server, "kept");
    eventually(|| contains(&file, "kept"));
    fs::remove_file(&file).unwrap();
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert!(contains(&file, "kept"));
}

#[test]
fn what_a_killed_server_left_unfinished_is_removed() {
    let folder = folder("save-parts");
    for name in ["state.json.4711.part", "state.json.part", "other.json.4711.part"] {
        fs::write(folder.join(name), "{").unwrap();
    }
    let mut server = saving(&folder.join("state.json"), &[]);
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder), ["other.json.4711.part", "state.json", "state.json.part"]);
    fs::remove_file(folder.join("state.json")).unwrap();
    let mut server = saving(&folder, &[]);
    assert!(server.end_with(Signal::TERM, SOON).success());
    assert_eq!(files(&folder), ["default.json", "state.json.part"], "in a folder, all files of sandboxes are its own");
}

#[test]
fn files_of_released_formats_are_loaded_and_a_newer_one_is_refused_in_words() {
    let folder = folder("save-formats");
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/old_state");
    for format in ["format-1.json", "format-2.json"] {
        let file = folder.join(format);
        fs::copy(old.join(format), &file).unwrap();
        let mut server = saving(&file, &[]);
        assert!(names_of_all(&server) > 0);
        add(&server, "new");
        assert!(server.end_with(Signal::TERM, SOON).success());
        assert!(contains(&file, "\"format\":2"));
        assert!(names_of_all(&saving(&file, &[])) > 1);
    }
    let newer = folder.join("newer.json");
    fs::write(&newer, "{\"pinstripe\": {\"format\": 3}, \"objects\": []}").unwrap();
    assert_eq!(
        refused(&newer),
        format!(
            "pinstripe: {}: pinstripe.format: a newer version of Pinstripe wrote this file: its format is 3, and this \
             version reads formats up to 2\n",
            newer.display()
        )
    );
    let broken = folder.join("broken.json");
    fs::write(&broken, "{\"pinstripe\": {").unwrap();
    assert!(refused(&broken).contains("broken.json: line 1 column 15"));
    assert_eq!(fs::read_to_string(&broken).unwrap(), "{\"pinstripe\": {", "what cannot be read is not overwritten");
}

fn names_of_all(server: &Process) -> usize {
    api(server).get("/v1/customers", &[("limit", "100")]).ok()["data"].as_array().unwrap().len()
}

#[test]
fn the_start_says_how_old_the_file_is() {
    let file = folder("save-age").join("state.json");
    let path = file.to_str().unwrap();
    let line = |expected: &str| {
        let mut server = command(env!("CARGO_BIN_EXE_pinstripe"));
        let mut child = server.args(["--port", "0", "--save", path]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let lines: Vec<String> = std::io::BufRead::lines(&mut out).take(3).map(Result::unwrap).collect();
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
        child.wait().unwrap();
        assert_eq!(lines[2], format!("State in {path}: {expected}"));
    };
    line("nothing yet");
    let mut server = saving(&file, &[]);
    add(&server, "one");
    assert!(server.end_with(Signal::TERM, SOON).success());
    for (ago, said) in [(180, "3 minutes"), (3 * 86_400, "3 days")] {
        let file = fs::File::options().write(true).open(&file).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(ago)).unwrap();
        line(&format!("1 object, saved {said} ago"));
    }
}
