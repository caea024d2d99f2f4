//! Where the program listens besides its port: for https, and at files.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::support::process::{Process, command, folder, output};

/// The first lines of a server with these flags, which then ends.
fn first_lines(flags: &[&str], count: usize) -> Vec<String> {
    first_lines_of(command(env!("CARGO_BIN_EXE_pinstripe")).args(["--log", "off"]).args(flags), count)
}

fn first_lines_of(command: &mut Command, count: usize) -> Vec<String> {
    use std::io::BufRead as _;
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let lines = out.lines().take(count).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn the_start_names_the_addresses_of_https() {
    let line = &first_lines(&["--port", "0"], 1)[0];
    assert!(line.contains(" and https://127.0.0.1:"), "{line}");
    let line = &first_lines(&["--port", "0", "--https-port", "off"], 1)[0];
    assert!(!line.contains("https"), "{line}");
}

#[test]
fn a_default_port_of_https_that_is_taken_is_another_one_and_a_named_one_is_an_error() {
    // Another server may have the default port already; this one has it otherwise.
    let taken = TcpListener::bind("127.0.0.1:12112");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let lines = first_lines(&["--port", &free], 2);
    assert!(lines[0].contains("https://127.0.0.1:") && !lines[0].contains(":12112"), "{lines:?}");
    assert_eq!(lines[1], "Port 12112 is taken, so https is at another one");
    drop(taken);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = output(&["--https-port", &port]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.starts_with(&format!("pinstripe: cannot listen on port {port}: ")), "{told}");
    let refused = output(&["--https-port", "x"]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("expected a port, or `off`"));
}

/// The second line of a server with the authority of a user with this home.
fn line_of_https(home: &Path) -> String {
    let mut command = command(env!("CARGO_BIN_EXE_pinstripe"));
    command.env_remove("PINSTRIPE_CA").env_remove("XDG_DATA_HOME").env("HOME", home);
    first_lines_of(command.args(["--log", "off", "--port", "0"]), 2).remove(1)
}

#[test]
fn an_authority_of_the_user_that_cannot_be_used_is_told_and_stops_no_server() {
    let home = folder("start-authority");
    let file = home.join(".local/share/pinstripe/ca/ca.pem");
    assert_eq!(line_of_https(&home), format!("Clients trust https by {}", file.display()));
    let beginning = "The authority of https is another one at each start, because the authority ";
    std::fs::write(&file, "damaged").unwrap();
    let told = line_of_https(&home);
    assert!(
        told.starts_with(&format!("{beginning}in {} cannot be used: ", file.parent().unwrap().display())),
        "{told}"
    );
    std::fs::remove_dir_all(home.join(".local")).unwrap();
    std::fs::write(home.join(".local"), "").unwrap();
    let told = line_of_https(&home);
    assert!(told.starts_with(&format!("{beginning}cannot be read or made in ")), "{told}");
}

#[test]
fn a_server_of_a_command_takes_no_address_from_the_environment() {
    let taken = folder("exec-environment").join("notes.txt");
    std::fs::write(&taken, "keep me").unwrap();
    for arguments in [&["exec", "--", "true"][..], &["mcp"]] {
        for port in ["off", "1"] {
            let mut command = command(env!("CARGO_BIN_EXE_pinstripe"));
            command.env("PINSTRIPE_HTTPS_PORT", port).env("PINSTRIPE_PORT", "1");
            command.env("PINSTRIPE_UNIX", &taken).env("PINSTRIPE_HTTPS_UNIX", &taken);
            let ended = command.args(arguments).stdin(Stdio::null()).output().unwrap();
            assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        }
    }
    // What the command line asks for holds.
    let refused = output(&["exec", "--https-port", "off", "--", "true"]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("it has no port for https"));
}

/// The status line of an answer at a socket.
fn asked(stream: &mut (impl Read + Write)) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[test]
fn a_server_listens_at_a_file_which_is_gone_when_it_stops() {
    let file = folder("unix-socket").join("pinstripe.sock");
    let flags = ["--unix", file.to_str().unwrap()];
    // What a former server left there is replaced.
    drop(UnixListener::bind(&file).unwrap());
    let mut server = Process::start(&flags);
    assert_eq!(asked(&mut UnixStream::connect(&file).unwrap()), "HTTP/1.1 200 OK");
    let second = output(&flags);
    let sentence = format!("pinstripe: cannot listen at {}: another server listens there\n", file.display());
    assert_eq!(String::from_utf8(second.stderr).unwrap(), sentence);
    assert_eq!(asked(&mut UnixStream::connect(&file).unwrap()), "HTTP/1.1 200 OK");
    assert!(server.end_with(Signal::TERM, Duration::from_secs(5)).success());
    assert!(!file.exists());
}

#[test]
fn links_in_answers_at_a_file_lead_to_the_port() {
    let file = folder("unix-links").join("pinstripe.sock");
    let server = Process::start(&["--unix", file.to_str().unwrap()]);
    let mut stream = UnixStream::connect(&file).unwrap();
    let body = "mode=setup&currency=usd&success_url=https://shop.example/done";
    let head =
        "POST /v1/checkout/sessions HTTP/1.1\r\nHost: unix\r\nAuthorization: Bearer sk_test_1\r\nConnection: close";
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let length = body.len();
    stream.write_all(format!("{head}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(&format!("\"url\": \"{}/c/pay/cs_", server.url)), "{answer}");
}

#[test]
fn a_file_that_is_no_socket_is_not_replaced() {
    let file = folder("unix-file").join("notes.txt");
    std::fs::write(&file, "keep me").unwrap();
    let refused = output(&["--unix", file.to_str().unwrap()]);
    let sentence = format!("pinstripe: cannot listen at {}: there is a file that is no socket\n", file.display());
    assert_eq!(String::from_utf8(refused.stderr).unwrap(), sentence);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "keep me");
}

#[test]
fn the_flags_of_stripes_own_mock_are_understood() {
    let file = folder("mock-flags").join("mock.sock");
    let lines = first_lines(&["-http-addr", "127.0.0.1:0", "-https-port=0", "-http-unix", file.to_str().unwrap()], 1);
    assert!(lines[0].contains(" listens on http://127.0.0.1:"), "{lines:?}");
    assert!(lines[0].contains(" and https://127.0.0.1:") && !lines[0].contains("[::1]"), "{lines:?}");
    assert!(lines[0].ends_with(&format!(" and {}", file.display())), "{lines:?}");
}

#[test]
fn an_address_of_the_mock_without_a_port_is_refused() {
    for (flags, flag) in [
        (&["-http-addr"][..], "'--port <PORT>'"),
        (&["-http-addr", "127.0.0.1:"], "'--port <PORT>'"),
        (&["-https-addr", "127.0.0.1"], "'--https-port <PORT>'"),
    ] {
        let refused = command(env!("CARGO_BIN_EXE_pinstripe")).args(flags).output().unwrap();
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{flags:?}: {refused:?}");
        assert!(String::from_utf8(refused.stderr).unwrap().contains(flag), "{flags:?}");
    }
}
