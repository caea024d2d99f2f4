//! `pinstripe exec`: a command with a server of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use crate::support::client::Client;

/// `pinstripe exec` with flags and a shell script as its command.
fn exec(flags: &[&str], script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinstripe"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
        command.env_remove(name);
    }
    command.arg("exec").args(flags).args(["--", "sh", "-c", script]).stdin(Stdio::null());
    command
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a script wrote, line by line.
fn lines(flags: &[&str], script: &str) -> Vec<String> {
    let Output { status, stdout, stderr } = exec(flags, script).output().unwrap();
    assert!(status.success(), "{}", said(&stderr));
    said(&stdout).lines().map(str::to_owned).collect()
}

#[test]
fn the_command_finds_the_server_in_its_environment() {
    let script =
        r#"printf '%s\n' "$STRIPE_API_BASE" "$STRIPE_API_KEY" "$PINSTRIPE_URL" "$PINSTRIPE_PORT"; read -r end"#;
    let mut running = exec(&[], script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(running.stdout.take().unwrap());
    let [base, key, url, port]: [String; 4] = std::array::from_fn(|_| {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    });
    assert_eq!(base, url);
    assert_eq!(base, format!("http://127.0.0.1:{port}"));
    let user = Client::new(&base, &key);
    user.post("/v1/customers", &[("source", "tok_visa")]).ok();
    drop(running.stdin.take());
    running.wait().unwrap();
    assert!(std::net::TcpStream::connect(base.trim_start_matches("http://")).is_err(), "the server ends with it");
}

#[test]
fn the_command_reaches_the_server_by_stripes_names() {
    let script = r#"curl -s -o /dev/null -w '%{http_code}\n' -u $STRIPE_API_KEY: -d email=ada@example.com https://api.stripe.com/v1/customers
        curl -s -u $STRIPE_API_KEY: $STRIPE_API_BASE/v1/customers | grep -c ada@example.com
        curl -s -u sk_live_abcdefgh1234: https://api.stripe.com/v1/customers | grep -c 'it refuses live keys'"#;
    assert_eq!(lines(&[], script), ["200", "1", "1"]);
}

#[test]
fn stripes_names_are_left_alone_if_that_is_asked_for() {
    let script = "env | grep -cE '^(NODE_OPTIONS|PYTHONPATH|RUBYOPT|HTTPS_PROXY|SSL_CERT_FILE)='";
    let count =
        |flags: &[&str]| said(&exec(flags, script).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap().stdout);
    assert_eq!((count(&["--no-redirect"]).as_str(), count(&[]).as_str()), ("0\n", "5\n"));
}

#[test]
fn names_lead_to_https_at_127_0_0_1_alone() {
    let elsewhere = exec(&["--host", "::1"], "echo started").output().unwrap();
    let expected = "pinstripe: cannot lead Stripe's names to this server: with --host it is not at 127.0.0.1; --no-redirect runs the command without that\n";
    assert_eq!((said(&elsewhere.stdout).as_str(), said(&elsewhere.stderr).as_str()), ("", expected));
    assert_eq!(lines(&["--host", "::1", "--no-redirect"], "echo started"), ["started"]);
    let without = exec(&["--https-port", "off"], "echo started").output().unwrap();
    assert!(said(&without.stderr).contains("to this server: it has no port for https; --no-redirect"));
}

#[test]
fn the_command_is_told_what_deliveries_are_signed_with() {
    assert_eq!(lines(&["--webhook-secret", "whsec_mine"], "echo $STRIPE_WEBHOOK_SECRET"), ["whsec_mine"]);
    let script = "curl -s $STRIPE_API_BASE/_pinstripe/webhooks | grep -c $STRIPE_WEBHOOK_SECRET";
    assert_eq!(lines(&[], script), ["1"]);
}

#[test]
fn knobs_stand_before_or_after_exec() {
    let binary = env!("CARGO_BIN_EXE_pinstripe");
    for before in [true, false] {
        let mut command = Command::new(binary);
        let knobs = ["--webhook-secret", "whsec_here"];
        if before {
            command.args(knobs).arg("exec");
        } else {
            command.arg("exec").args(knobs);
        }
        let run = command.args(["--", "sh", "-c", "echo $STRIPE_WEBHOOK_SECRET"]).output().unwrap();
        assert_eq!(said(&run.stdout), "whsec_here\n", "{}", said(&run.stderr));
    }
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    for code in [0, 1, 42, 255] {
        let status = exec(&[], &format!("exit {code}")).status().unwrap();
        assert_eq!(status.code(), Some(code));
    }
    assert_eq!(exec(&[], "kill -KILL $$").status().unwrap().code(), Some(128 + 9));
}

#[test]
fn a_command_that_cannot_be_run_is_told_as_shells_tell_it() {
    let run = |program: &str| {
        let binary = env!("CARGO_BIN_EXE_pinstripe");
        let run = Command::new(binary).args(["exec", "--", program]).output().unwrap();
        assert!(said(&run.stderr).contains(&format!("cannot run {program}")), "{}", said(&run.stderr));
        run.status.code()
    };
    assert_eq!(run("no-such-program-anywhere"), Some(127));
    assert_eq!(run("/"), Some(126));
    let nothing = Command::new(env!("CARGO_BIN_EXE_pinstripe")).arg("exec").output().unwrap();
    assert_eq!(nothing.status.code(), Some(2), "a command has to be named");
}

#[test]
fn nothing_but_the_command_is_heard() {
    let script = "curl -s -o /dev/null $STRIPE_API_BASE/v1/customers -u $STRIPE_API_KEY: || exit 3; echo done";
    let quiet = exec(&[], script).output().unwrap();
    assert_eq!((said(&quiet.stdout).as_str(), said(&quiet.stderr).as_str()), ("done\n", ""));
    let logged = exec(&["--log", "requests"], script).output().unwrap();
    assert!(said(&logged.stderr).contains("/v1/customers"), "{}", said(&logged.stderr));
}

#[test]
fn two_at_once_have_ports_of_their_own() {
    let script = r#"[ "$PINSTRIPE_PORT" != 12111 ] && exec "$0" exec -- sh -c 'echo $PINSTRIPE_PORT'"#;
    let mut command = exec(&[], script);
    // A port in the environment is that of another server.
    let run = command.arg(env!("CARGO_BIN_EXE_pinstripe")).env("PINSTRIPE_PORT", "12111").output().unwrap();
    assert!(run.status.success(), "{}", said(&run.stderr));
}

#[test]
fn fixtures_are_there_when_the_command_starts_and_wrong_ones_stop_it() {
    let script = "curl -s $STRIPE_API_BASE/v1/customers -u $STRIPE_API_KEY: | grep -c '\"object\": \"customer\"'";
    assert_ne!(lines(&["--fixtures", "@shop"], script), ["0"]);
    let wrong = exec(&["--fixtures", "/nowhere.json"], "echo started").output().unwrap();
    assert_eq!((wrong.status.code(), said(&wrong.stdout).as_str()), (Some(1), ""));
    assert!(said(&wrong.stderr).contains("/nowhere.json"));
}

#[test]
fn the_command_finds_the_variables_that_its_fixtures_name() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exec-env");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(".env"), "# ours\nMAIL=\"ada@example.com\"\nexport NAME=Ada\n").unwrap();
    let document = r#"{"_meta": {"template_version": 0}, "env": {"CUST_ID": "${c:id}", "STRIPE_API_KEY": "taken"}, "fixtures":
        [{"name": "c", "path": "/v1/customers", "method": "post",
          "params": {"email": "${.env:MAIL}", "name": "${.env:NAME|nobody}", "phone": "${.env:PHONE|none}"}}]}"#;
    std::fs::write(folder.join("c.json"), document).unwrap();
    let script =
        "curl -s $STRIPE_API_BASE/v1/customers/$CUST_ID -u $STRIPE_API_KEY: | grep -E '\"(email|name|phone)\"'";
    let run = exec(&["--fixtures", "c.json"], script).current_dir(&folder).output().unwrap();
    let said = said(&run.stdout);
    let shown: Vec<&str> = said.lines().map(|line| line.trim().trim_end_matches(',')).collect();
    assert_eq!(shown, ["\"email\": \"ada@example.com\"", "\"name\": \"Ada\"", "\"phone\": \"none\""]);
}

/// A command that says when it is ready, and what came of a signal to `pinstripe`.
fn signalled(signal: &str, script: &str) -> (Option<i32>, String) {
    let mut running: Child = exec(&[], script).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(running.stdout.take().unwrap());
    let mut ready = String::new();
    reader.read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    let rest = thread::spawn(move || {
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        rest
    });
    let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", running.id())]).status().unwrap();
    assert!(sent.success());
    (running.wait().unwrap().code(), rest.join().unwrap())
}

#[test]
fn signals_are_the_commands_to_decide_on() {
    let waiting = "echo ready; while :; do sleep 0.05; done";
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1), ("QUIT", 3)] {
        let script = format!("trap 'echo heard {signal}; exit 7' {signal}; {waiting}");
        assert_eq!(signalled(signal, &script), (Some(7), format!("heard {signal}\n")));
        assert_eq!(signalled(signal, waiting), (Some(128 + number), String::new()));
    }
}
