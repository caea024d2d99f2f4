//! What the program says when it starts.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::process::{command, folder, output};

/// The first lines of a server with these flags, and no knob from outside.
fn first_lines(flags: &[&str], count: usize) -> Vec<String> {
    first_lines_with(&[], flags, count)
}

fn first_lines_with(variables: &[(&str, &str)], flags: &[&str], count: usize) -> Vec<String> {
    let mut command = command(env!("CARGO_BIN_EXE_pinstripe"));
    command.envs(variables.iter().copied());
    let mut child = command.args(["--port", "0", "--log", "off"]).args(flags).stdout(Stdio::piped()).spawn().unwrap();
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

#[test]
fn the_start_says_where_to_see_what_happens() {
    let lines = first_lines(&[], 4);
    let address = lines[0].split(' ').find(|word| word.starts_with("http://127.0.0.1:")).unwrap();
    assert_eq!(lines[3], format!("See what happens at {address}/_pinstripe/ui"));
    // What follows it is the first line that has no page before it.
    let folder = folder("start-no-ui");
    let made = r#"{"name": "c", "path": "/v1/customers", "method": "post", "params": {}}"#;
    let script =
        format!(r#"{{"_meta": {{"template_version": 0}}, "fixtures": [{made}], "env": {{"CUS": "${{c:id}}"}}}}"#);
    std::fs::write(folder.join("env.json"), script).unwrap();
    let flags = ["--no-ui", "--fixtures", folder.to_str().unwrap()];
    assert!(first_lines(&flags, 4)[3].starts_with("CUS=cus_"));
}

#[test]
fn the_start_says_what_was_loaded_and_from_where() {
    assert_eq!(
        first_lines(&[], 3)[2],
        "Begins empty: --fixtures @shop loads an example, --save FILE keeps what is created"
    );
    let empty = folder("start-empty");
    let lines = first_lines(&["--fixtures", "@legacy", "--fixtures", empty.to_str().unwrap()], 3);
    let objects = lines[2].strip_prefix("Fixtures: ").unwrap().split(' ').next().unwrap().parse::<usize>().unwrap();
    assert!(objects > 1, "{lines:?}");
    assert_eq!(lines[2], format!("Fixtures: {objects} objects in 1 document from @legacy, {}", empty.display()));
    let empty = ["--fixtures", empty.to_str().unwrap()];
    assert!(first_lines(&empty, 3)[2].starts_with("Fixtures: 0 objects in 0 documents from "));
}

#[test]
fn a_flag_that_is_true_or_false_takes_the_usual_words() {
    let is_strict = |lines: &[String]| lines[2].contains("(--strict)");
    for (flags, strict) in [
        (&["--strict"][..], true),
        (&["--strict=true"], true),
        (&["--strict=1"], true),
        (&["--strict", "on"], true),
        (&["--strict", "false"], false),
        (&["--strict=no"], false),
    ] {
        assert_eq!(is_strict(&first_lines(flags, 3)), strict, "{flags:?}");
    }
    for (value, strict) in [("1", true), ("yes", true), ("false", false), ("0", false)] {
        let lines = first_lines_with(&[("PINSTRIPE_STRICT", value)], &[], 3);
        assert_eq!(is_strict(&lines), strict, "{value}");
    }
    // What follows may be a command, too, and what follows `--` is not the program's.
    assert!(output(&["--strict", "exec", "--", "test", "--strict", "=", "--strict"]).status.success());
    assert!(!output(&["--strict=perhaps"]).status.success());
}

#[test]
fn the_help_of_a_command_lists_the_flags_that_matter_to_it() {
    let help = |command: &str| String::from_utf8(output(&[command, "--help"]).stdout).unwrap();
    for (command, shown, hidden) in [
        ("healthcheck", "--port", "--seed"),
        ("check-fixtures", "--seed", "--port"),
        ("exec", "--webhook-url", "12111"),
    ] {
        let help = help(command);
        assert!(help.contains(shown) && !help.contains(hidden), "{help}");
    }
    assert!(help("exec").contains("Port to listen on (default: a free one)"));
    // They are accepted all the same: flags may stand before a command or after it.
    for flags in
        [["--webhook-timeout", "5", "check-fixtures", "@shop"], ["check-fixtures", "@shop", "--webhook-timeout", "5"]]
    {
        assert!(output(&flags).status.success(), "{flags:?}");
    }
}

/// What the program says on stderr when it cannot start; nothing on standard output says that it listens.
#[track_caller]
fn refused(flags: &[&str]) -> String {
    let output = output(flags);
    assert!(!output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn fixtures_that_are_missing_stop_the_start_and_presets_are_suggested() {
    let shop = refused(&["--fixtures", "shop"]);
    assert_eq!(shop, "pinstripe: shop: there is no such file or folder; did you mean @shop?\n");
    assert!(refused(&["--fixtures", "/nowhere/at/all"]).contains("/nowhere/at/all: cannot be read"));
    // The image's own folder need not be mounted, but one that a person names has to be there.
    assert!(refused(&["--fixtures", "/fixtures"]).contains("/fixtures: cannot be read"));
    let mut image = command(env!("CARGO_BIN_EXE_pinstripe"));
    image.env("PINSTRIPE_FIXTURES", "/fixtures").args(["exec", "--", "true"]);
    assert!(image.status().unwrap().success());
}

#[test]
fn localhost_is_an_address_and_other_names_are_not() {
    assert!(first_lines(&["--host", "localhost"], 1)[0].contains("http://127.0.0.1:"));
    assert!(refused(&["--host", "example.com"]).contains("expected an IP address, or `localhost`"));
}

#[test]
fn listening_at_every_address_is_told() {
    let lines = first_lines(&["--host", "0.0.0.0"], 2);
    assert_eq!(lines[1], "At every address of this machine: whoever reaches it can use it");
}

#[test]
fn a_public_url_has_to_be_one() {
    for wrong in ["foo", "localhost:12111", "ftp://stripe.test", "https://stripe.test/?a=b"] {
        assert!(refused(&["--public-url", wrong]).contains("expected a base URL such as"), "{wrong}");
    }
    assert!(first_lines(&["--public-url", "https://stripe.test:8443/"], 1)[0].starts_with("Pinstripe "));
}

#[test]
fn a_port_that_is_taken_is_told_with_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = command(env!("CARGO_BIN_EXE_pinstripe")).args(["--port", &port]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("pinstripe: cannot listen on port {port}: ")), "{said}");
    assert!(said.ends_with("; is another server running? --port 0 and --https-port 0 pick a free port\n"), "{said}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn nobody_can_connect_before_everything_is_loaded() {
    let folder = folder("start-slow");
    let many: Vec<String> = (0..400)
        .map(|n| format!(r#"{{"name": "c{n}", "path": "/v1/customers", "method": "post", "params": {{}}}}"#))
        .collect();
    let script = format!(r#"{{"_meta": {{"template_version": 0}}, "fixtures": [{}]}}"#, many.join(","));
    std::fs::write(folder.join("many.json"), script).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = command(env!("CARGO_BIN_EXE_pinstripe"));
    let fixtures = folder.join("many.json");
    server.args(["--log", "off", "--port", &free.port().to_string(), "--fixtures"]).arg(fixtures).stdout(Stdio::null());
    let mut child = server.spawn().unwrap();
    while std::net::TcpStream::connect(free).is_err() {
        assert!(child.try_wait().unwrap().is_none());
    }
    let api = crate::support::client::Client::new(&format!("http://{free}"), "sk_test_123");
    let page = api.get("/v1/customers", &[("limit", "100")]).ok();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 100);
    assert_eq!(page["has_more"], true);
}
