//! `pinstripe mcp`: the tools of agents on standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

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
        let mut program = command(env!("CARGO_BIN_EXE_pinstripe"));
        program.env_remove("STRIPE_API_KEY").arg("mcp").args(flags).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Agent { child, input, output }
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.say(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}));
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
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
fn a_server_that_does_not_answer_is_an_error_and_a_live_key_is_refused() {
    let mut agent = Agent::start(&["--url", "http://127.0.0.1:9"]);
    let answer = agent.ask("ping", &Value::Null);
    assert!(answer["error"]["message"].as_str().unwrap().starts_with("The server did not answer: "), "{answer}");
    agent.end();
    let output = command(env!("CARGO_BIN_EXE_pinstripe")).args(["mcp", "--api-key", "sk_live_1"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "pinstripe: --api-key takes a test key (sk_test_…): a live key is refused\n");
}
