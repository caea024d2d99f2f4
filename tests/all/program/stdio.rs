//! `pinstripe mcp`: the tools of agents on standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use crate::support::client::sandbox;
use crate::support::process::command;

/// A running `pinstripe mcp`.
struct Agent {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Agent {
    fn start(flags: &[&str]) -> Self {
        Agent::run(command(env!("CARGO_BIN_EXE_pinstripe")).env_remove("STRIPE_API_KEY").arg("mcp").args(flags))
    }

    fn run(program: &mut Command) -> Self {
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Agent { child, input, output }
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.say(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}));
        self.hear()
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// What is said to bytes on a line.
    fn told(&mut self, line: &[u8]) -> Value {
        self.input.as_mut().unwrap().write_all(&[line, b"\n"].concat()).unwrap();
        self.hear()
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}));
        serde_json::from_str(answer["result"]["content"][0]["text"].as_str().unwrap()).unwrap()
    }

    /// Closes the input, which ends it.
    fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn a_server_of_its_own_lives_as_long_as_the_input() {
    let mut agent = Agent::start(&["--fixtures", "@shop"]);
    let hello = agent.ask("initialize", &json!({"protocolVersion": "2025-06-18"}));
    assert_eq!(hello["result"]["serverInfo"]["name"], "pinstripe");
    agent.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let made = json!({"stripe_api_operation_id": "PostCustomers", "parameters": {"name": "Two\nlines"}});
    assert_eq!(agent.call("stripe_api_write", &made)["name"], "Two\nlines");
    let ada = json!({"stripe_api_operation_id": "GetCustomersCustomer", "parameters": {"id": "cus_ShopAda"}});
    assert_eq!(agent.call("stripe_api_read", &ada)["id"], "cus_ShopAda");
    agent.end();
}

#[test]
fn a_running_server_is_reached_with_a_key() {
    let user = sandbox("mcp-relay");
    user.post("/v1/customers", &[("name", "Ada")]).ok();
    let mut agent = Agent::start(&["--url", user.url(), "--api-key", "sk_test_sandbox_mcp-relay"]);
    let listed = agent.call("stripe_api_read", &json!({"stripe_api_operation_id": "GetCustomers"}));
    assert_eq!(listed["data"][0]["name"], "Ada");
    agent.end();
}

#[test]
fn the_key_may_stand_in_a_variable() {
    let user = sandbox("mcp-variable");
    user.post("/v1/customers", &[("name", "Ada")]).ok();
    let mut program = command(env!("CARGO_BIN_EXE_pinstripe"));
    program.env("STRIPE_API_KEY", "sk_test_sandbox_mcp-variable").args(["mcp", "--url", user.url()]);
    let mut agent = Agent::run(&mut program);
    let listed = agent.call("stripe_api_read", &json!({"stripe_api_operation_id": "GetCustomers"}));
    assert_eq!(listed["data"][0]["name"], "Ada");
    agent.end();
}

#[test]
fn a_flag_of_a_server_goes_with_no_address_of_one_that_runs() {
    let ended = |flags: &[&str]| {
        let mut program = command(env!("CARGO_BIN_EXE_pinstripe"));
        let output =
            program.args(["mcp", "--url", "http://127.0.0.1:9"]).args(flags).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (flag, value) in [("--fixtures", "@shop"), ("--port", "0"), ("--seed", "1")] {
        let (code, said) = ended(&[flag, value]);
        let why = format!("error: {flag} says how a server is started, and --url names one that runs\n");
        assert!(code == Some(2) && said.starts_with(&why), "{said}");
    }
    assert_eq!(ended(&["--log-format", "json"]), (Some(0), String::new()));
}

#[test]
fn a_server_that_does_not_answer_is_an_error_for_everyone_who_waits() {
    let mut agent = Agent::start(&["--url", "http://127.0.0.1:9"]);
    let answer = agent.ask("ping", &Value::Null);
    assert!(answer["error"]["message"].as_str().unwrap().starts_with("The server did not answer: "), "{answer}");
    let two = r#"[{"id": 1, "method": "ping"}, {"method": "notifications/cancelled"}, {"id": "b", "method": "ping"}]"#;
    let both = agent.told(two.as_bytes());
    let all: Vec<_> = both.as_array().unwrap().iter().map(|one| (&one["id"], &one["error"]["code"])).collect();
    assert_eq!(all, [(&json!(1), &json!(-32000)), (&json!("b"), &json!(-32000))], "{both}");
    for line in ["{", "[]"] {
        let answer = agent.told(line.as_bytes());
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32000)), "{answer}");
    }
    agent.end();
}

#[test]
fn only_a_key_of_a_sandbox_is_taken() {
    for key in ["sk_live_1", "rk_live_1", "pk_test_1", "sk_prod_1", "1"] {
        let output = command(env!("CARGO_BIN_EXE_pinstripe")).args(["mcp", "--api-key", key]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let why =
            "--api-key, or STRIPE_API_KEY, takes the secret or restricted key of a sandbox (sk_test_… or rk_test_…)";
        assert_eq!((output.status.success(), said), (false, format!("pinstripe: {why}\n")));
    }
}

#[test]
fn a_line_that_is_no_text_is_answered_and_the_next_one_too() {
    let user = sandbox("mcp-bytes");
    let mut agent = Agent::start(&["--url", user.url()]);
    let answer = agent.told(b"{\"id\": 1, \"method\": \"\xff\"}");
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)), "{answer}");
    assert_eq!(agent.ask("ping", &Value::Null)["result"], json!({}));
    agent.end();
}

#[test]
fn a_signal_ends_it_while_a_call_is_not_answered() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut agent = Agent::start(&["--url", &format!("http://{}", silent.local_addr().unwrap())]);
    agent.say(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
    let held = silent.accept().unwrap();
    let pid = Pid::from_child(&agent.child);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert!(agent.child.wait().unwrap().success());
    drop(held);
}
