//! `/mcp`: the tools of agents, over HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox};
use crate::support::flows::{id, text};

fn send(user: &Client, headers: &[(&str, &str)], body: &str) -> Answer {
    let key = format!("Bearer sk_test_sandbox_{}", user.sandbox());
    let mut all = vec![("Authorization".to_owned(), key)];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    raw(user.url(), "POST", "/mcp", &all, Some(("application/json", body.as_bytes())))
}

/// The result of a method.
#[track_caller]
fn ask(user: &Client, method: &str, params: &Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let answer = send(user, &[], &message.to_string()).ok();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
    assert_eq!(answer.get("error"), None, "{answer}");
    answer["result"].clone()
}

/// What a tool says, and whether it failed.
#[track_caller]
fn tell(user: &Client, tool: &str, arguments: &Value) -> (String, bool) {
    let result = ask(user, "tools/call", &json!({"name": tool, "arguments": arguments}));
    assert_eq!(result["content"][0]["type"], "text");
    (text(&result["content"][0], "text").to_owned(), result["isError"].as_bool().unwrap())
}

#[track_caller]
fn call(user: &Client, tool: &str, arguments: &Value) -> Value {
    let (said, failed) = tell(user, tool, arguments);
    assert!(!failed, "{said}");
    serde_json::from_str(&said).unwrap()
}

#[track_caller]
fn fails(user: &Client, tool: &str, arguments: &Value) -> String {
    let (said, failed) = tell(user, tool, arguments);
    assert!(failed, "{said}");
    said
}

fn write(user: &Client, operation: &str, parameters: &Value) -> Value {
    call(user, "stripe_api_write", &json!({"stripe_api_operation_id": operation, "parameters": parameters}))
}

fn read(user: &Client, operation: &str, parameters: &Value) -> Value {
    call(user, "stripe_api_read", &json!({"stripe_api_operation_id": operation, "parameters": parameters}))
}

#[test]
fn a_client_agrees_on_a_version_of_the_protocol() {
    let user = sandbox("mcp-version");
    for (wanted, spoken) in [("2025-06-18", "2025-06-18"), ("2024-11-05", "2024-11-05"), ("1999-01-01", "2025-11-25")] {
        let result = ask(&user, "initialize", &json!({"protocolVersion": wanted, "capabilities": {}}));
        assert_eq!((text(&result, "protocolVersion"), text(&result["serverInfo"], "name")), (spoken, "pinstripe"));
    }
    assert_eq!(ask(&user, "ping", &Value::Null), json!({}));
    let news = send(&user, &[], &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
    assert_eq!((news.status, news.text.as_str()), (202, ""));
}

#[test]
fn tools_are_named_as_those_of_the_service_and_say_what_they_take() {
    let user = sandbox("mcp-tools");
    let listed = ask(&user, "tools/list", &json!({}));
    let tools = listed["tools"].as_array().unwrap();
    let names: BTreeSet<_> = tools.iter().map(|tool| text(tool, "name")).collect();
    let service = [
        "create_refund",
        "get_stripe_account_info",
        "list_available_accounts_or_orgs",
        "stripe_api_details",
        "stripe_api_read",
        "stripe_api_search",
        "stripe_api_write",
    ];
    let (own, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.starts_with("pinstripe_"));
    assert_eq!((others.as_slice(), own.len()), (service.as_slice(), 12), "{names:?}");
    for tool in tools {
        assert!(!text(tool, "description").is_empty() && tool["inputSchema"]["type"] == "object", "{tool}");
        for required in tool["inputSchema"]["required"].as_array().unwrap() {
            assert!(tool["inputSchema"]["properties"][required.as_str().unwrap()].is_object(), "{tool}");
        }
    }
}

#[test]
fn operations_are_found_shown_and_called() {
    let user = sandbox("mcp-calls");
    let found = call(&user, "stripe_api_search", &json!({"intent": "create", "resource": "customers"}));
    assert_eq!(
        (&found["data"][0]["id"], &found["data"][0]["path"]),
        (&json!("PostCustomers"), &json!("/v1/customers"))
    );
    let shown = call(&user, "stripe_api_details", &json!({"stripe_api_operation_id": "GetCustomersCustomer"}));
    assert_eq!((&shown["method"], &shown["parameters"]["path"]["customer"]["required"]), (&json!("GET"), &json!(true)));
    let shown = call(&user, "stripe_api_details", &json!({"stripe_api_operation_id": "PostCustomers"}));
    assert_eq!(shown["parameters"]["body"]["address"]["properties"]["city"]["type"], "string");
    let made =
        write(&user, "PostCustomers", &json!({"name": "Ada", "metadata": {"a": "1"}, "preferred_locales": ["de"]}));
    assert_eq!((&made["metadata"]["a"], &made["preferred_locales"]), (&json!("1"), &json!(["de"])));
    // The path's parameter has two names.
    for name in ["customer", "id"] {
        assert_eq!(read(&user, "GetCustomersCustomer", &json!({name: made["id"]}))["name"], "Ada");
    }
    assert_eq!(read(&user, "GetCustomers", &json!({"limit": 1}))["data"][0]["id"], made["id"]);
    assert_eq!(user.get("/v1/customers", &[]).ok()["data"][0]["id"], made["id"], "the sandbox is that of the key");
    assert_eq!(write(&user, "PostCustomersCustomer", &json!({"id": made["id"], "name": null}))["name"], Value::Null);
    assert_eq!(write(&user, "DeleteCustomersCustomer", &json!({"id": made["id"]}))["deleted"], true);
    let account = write(&user, "PostV2CoreAccounts", &json!({"contact_email": "a@example.com"}));
    assert_eq!(account["object"], "v2.core.account");
}

#[test]
fn an_error_of_the_api_is_what_the_tool_says() {
    let user = sandbox("mcp-errors");
    let read = json!({"stripe_api_operation_id": "GetCustomersCustomer", "parameters": {"id": "cus_gone"}});
    assert_eq!(
        fails(&user, "stripe_api_read", &read),
        "Stripe API error: No such customer: 'cus_gone'\n\nUse stripe_api_details with stripe_api_operation_id: \
         \"GetCustomersCustomer\" to see all required and optional parameters."
    );
    for (tool, arguments, message) in [
        (
            "stripe_api_read",
            json!({"stripe_api_operation_id": "GetUnicorns"}),
            "Operation 'GetUnicorns' is not available. Use stripe_api_search to find available operations.",
        ),
        (
            "stripe_api_read",
            json!({"stripe_api_operation_id": "PostCustomers"}),
            "Operation 'PostCustomers' writes. Use stripe_api_write.",
        ),
        (
            "stripe_api_write",
            json!({"stripe_api_operation_id": "GetCustomers"}),
            "Operation 'GetCustomers' reads. Use stripe_api_read.",
        ),
        (
            "stripe_api_read",
            json!({"stripe_api_operation_id": "GetCustomersCustomer"}),
            "Missing required path parameters: customer",
        ),
        ("stripe_api_read", json!({}), "stripe_api_read needs the argument `stripe_api_operation_id`."),
        (
            "stripe_api_details",
            json!({"stripe_api_operation_id": "GetBalance", "path": "/"}),
            "stripe_api_details has no argument `path`. Its arguments: `stripe_api_operation_id`.",
        ),
        (
            "stripe_api_read",
            json!({"stripe_api_operation_id": 5}),
            "The argument `stripe_api_operation_id` of stripe_api_read must be of the type string.",
        ),
        (
            "stripe_api_read",
            json!({"stripe_api_operation_id": "GetBalance", "livemode": true}),
            "`livemode` must be false: there is nothing but test data here.",
        ),
        ("pinstripe_restore", json!({"name": "gone"}), "The sandbox has no snapshot `gone`."),
    ] {
        assert_eq!(fails(&user, tool, &arguments), message);
    }
}

#[test]
fn accounts_are_shown_and_called_in() {
    let user = sandbox("mcp-accounts");
    let own = call(&user, "get_stripe_account_info", &json!({}));
    let listed = call(&user, "list_available_accounts_or_orgs", &json!({}));
    assert_eq!(
        (&listed["accounts"][0]["stripe_context"], &listed["accounts"][0]["livemode"]),
        (&own["id"], &json!(false))
    );
    let account = id(&user.post("/v1/accounts", &[("type", "standard")]).ok());
    let inside = json!({
        "stripe_api_operation_id": "PostCustomers", "parameters": {}, "stripe_context": account, "livemode": false,
    });
    let inside = call(&user, "stripe_api_write", &inside);
    user.get(&format!("/v1/customers/{}", text(&inside, "id")), &[]).refused(404);
    user.with("Stripe-Account", &account).get(&format!("/v1/customers/{}", text(&inside, "id")), &[]).ok();
    assert_eq!(call(&user, "get_stripe_account_info", &json!({"stripe_context": account}))["id"], account);
    // The same by the header of the message, as the proxy of the service sends it.
    let message =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_stripe_account_info"}});
    let answer = send(&user, &[("Stripe-Account", &account)], &message.to_string()).ok();
    assert!(text(&answer["result"]["content"][0], "text").contains(&account), "{answer}");
}

#[test]
fn an_account_that_cannot_be_named_is_refused_and_nothing_is_written() {
    let user = sandbox("mcp-context");
    for account in ["acct_é", "acct_1\n"] {
        let arguments = json!({"stripe_api_operation_id": "PostCustomers", "stripe_context": account});
        let said = "`stripe_context` must be the id of an account.";
        assert_eq!(fails(&user, "stripe_api_write", &arguments), said);
    }
    assert_eq!(user.get("/v1/customers", &[]).ok()["data"], json!([]));
}

#[test]
fn parameters_that_are_empty_are_sent() {
    let user = sandbox("mcp-empty");
    for empty in [json!({}), json!([])] {
        let arguments = json!({"stripe_api_operation_id": "PostCustomers", "parameters": {"unicorns": empty}});
        let said = fails(&user, "stripe_api_write", &arguments);
        assert!(said.starts_with("Stripe API error: Received unknown parameter: unicorns\n\n"), "{said}");
    }
    assert_eq!(user.get("/v1/customers", &[]).ok()["data"], json!([]));
    let made = write(&user, "PostCustomers", &json!({"preferred_locales": ["de"], "metadata": {"a": "1"}}));
    let change = json!({
        "stripe_api_operation_id": "PostCustomersCustomer",
        "parameters": {"id": made["id"], "preferred_locales": []},
    });
    let said = fails(&user, "stripe_api_write", &change);
    assert!(said.starts_with("Stripe API error: You passed an empty string for 'preferred_locales'. "), "{said}");
    let emptied = write(&user, "PostCustomersCustomer", &json!({"id": made["id"], "metadata": {}}));
    assert_eq!((&emptied["preferred_locales"], &emptied["metadata"]), (&json!(["de"]), &json!({})));
}

#[test]
fn a_payment_is_refunded() {
    let user = sandbox("mcp-refund");
    let charge = id(&user.post("/v1/charges", &[("amount", "500"), ("currency", "usd"), ("source", "tok_visa")]).ok());
    let refund = call(&user, "create_refund", &json!({"charge": charge, "amount": 200, "reason": "duplicate"}));
    assert_eq!((&refund["amount"], &refund["charge"]), (&json!(200), &json!(charge)));
    let error = fails(&user, "create_refund", &json!({"charge": "ch_gone"}));
    assert_eq!(error, "Stripe API error: No such charge: 'ch_gone'");
}

#[test]
fn snapshots_are_taken_compared_and_restored() {
    let user = sandbox("mcp-snapshots");
    call(&user, "pinstripe_snapshot", &json!({"name": "before it"}));
    assert_eq!(call(&user, "pinstripe_snapshots", &json!({}))["snapshots"], json!(["before it"]));
    let made = write(&user, "PostCustomers", &json!({}));
    let found = call(&user, "pinstripe_diff", &json!({"from": "before it"}));
    assert_eq!((&found["created"], &found["differences"][0]["id"]), (&json!(1), &made["id"]));
    call(&user, "pinstripe_restore", &json!({"name": "before it"}));
    assert_eq!(call(&user, "pinstripe_diff", &json!({"from": "before it", "limit": 5}))["created"], 0);
    write(&user, "PostCustomers", &json!({}));
    call(&user, "pinstripe_reset", &json!({}));
    assert_eq!(read(&user, "GetCustomers", &json!({}))["data"], json!([]));
    let all = call(&user, "pinstripe_sandboxes", &json!({}));
    assert!(all["sandboxes"].as_array().unwrap().iter().any(|one| one["sandbox"] == "mcp-snapshots"));
}

#[test]
fn clocks_events_faults_and_the_log_are_at_hand() {
    let user = sandbox("mcp-control");
    call(&user, "pinstripe_advance", &json!({"freeze": 1_900_000_000}));
    assert_eq!(call(&user, "pinstripe_advance", &json!({"advance": 60}))["now"], 1_900_000_060);
    let charge = id(&user.post("/v1/charges", &[("amount", "500"), ("currency", "usd"), ("source", "tok_visa")]).ok());
    let events = call(&user, "pinstripe_trigger", &json!({"event": "charge.dispute.created", "id": charge}));
    assert!(events["events"].as_array().unwrap().iter().any(|event| event["type"] == "charge.dispute.created"));
    let fault = json!({"match": {"operation": "customers.create"}, "effect": {"error": "rate_limit"}});
    call(&user, "pinstripe_add_fault", &fault);
    let error = fails(&user, "stripe_api_write", &json!({"stripe_api_operation_id": "PostCustomers"}));
    assert!(error.starts_with("Stripe API error: "), "{error}");
    assert_eq!(call(&user, "pinstripe_faults", &json!({}))["faults"].as_array().unwrap().len(), 1);
    call(&user, "pinstripe_remove_faults", &json!({}));
    write(&user, "PostCustomers", &json!({}));
    let logged = call(&user, "pinstripe_requests", &json!({"method": "POST", "path": "/v1/customers"}));
    let statuses: Vec<_> = logged["requests"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [json!(200), json!(429)], "a tool's request is logged like any other");
}

#[test]
fn what_is_no_message_is_answered_with_an_error_of_the_protocol() {
    let user = sandbox("mcp-wrong");
    let code = |body: &str| {
        let answer = send(&user, &[], body);
        (answer.status, answer.body["error"]["code"].as_i64().unwrap())
    };
    assert_eq!(code("{"), (400, -32700));
    assert_eq!(code("{\"id\": 1}"), (400, -32600));
    assert_eq!(code("{\"id\": 1, \"method\": \"resources/list\"}"), (200, -32601));
    assert_eq!(code("{\"id\": 1, \"method\": \"tools/call\", \"params\": {\"name\": \"nothing\"}}"), (200, -32602));
    let both = send(
        &user,
        &[],
        r#"[{"id": 1, "method": "ping"}, {"method": "notifications/cancelled"}, {"id": 2, "method": "ping"}]"#,
    );
    assert_eq!(both.ok().as_array().unwrap().len(), 2, "older clients send several at once");
    let ping = r#"{"id": 1, "method": "ping"}"#;
    let pings = |count: usize| format!("[{}]", vec![ping; count].join(","));
    assert_eq!(send(&user, &[], &pings(50)).ok().as_array().unwrap().len(), 50);
    for count in [0, 51] {
        let answer = send(&user, &[], &pings(count));
        let message = format!("An array has from 1 to 50 messages, and this one has {count}.");
        let error = json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": message}});
        assert_eq!((answer.status, answer.body), (400, error));
    }
    for method in ["GET", "DELETE"] {
        assert_eq!(raw(user.url(), method, "/mcp", &[], None).status, 405, "there are no streams and no sessions");
    }
}

#[test]
fn the_endpoint_stands_behind_the_guard_of_the_control_api() {
    let user = sandbox("mcp-guard");
    let ping = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#;
    for origin in ["http://evil.example", "http://localhost:3000", "null"] {
        send(&user, &[("Origin", origin)], ping).refused(403);
    }
    let live = [("Authorization".to_owned(), "Bearer sk_live_123456789012".to_owned())];
    let refused = raw(user.url(), "POST", "/mcp", &live, Some(("application/json", ping.as_bytes())));
    assert!(text(&refused.refused(401), "message").contains("live"));
    // Without a key it is the default sandbox, as in the control API.
    raw(user.url(), "POST", "/mcp", &[], Some(("application/json", ping.as_bytes()))).ok();
}

/// The answer to a ping that is sent to another host.
fn at_host(url: &str, host: &str, path: &str) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let body = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#;
    let length = body.len();
    let request =
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn at_its_own_host_the_endpoint_is_the_root() {
    let user = sandbox("mcp-host");
    for (host, path, status) in [
        ("mcp.stripe.com", "/", 200),
        ("MCP.stripe.com:443", "/", 200),
        ("mcp.stripe.com", "/mcp", 200),
        ("localhost", "/mcp", 200),
        ("evil.example", "/mcp", 403),
    ] {
        assert_eq!(at_host(user.url(), host, path), status, "{host} {path}");
    }
    assert_ne!(at_host(user.url(), "api.stripe.com", "/"), 200);
}
