//! The HTTP edge: keys, versions, URLs, forms, headers (core-payments 1, platform 7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinstripe::catalogue::{self, Method, Type};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, invalid, missing, says, text, with};

fn server() -> String {
    sandbox("x").url().to_owned()
}

#[test]
fn a_request_without_a_key_is_401_and_says_how_to_send_one() {
    let answer = Client::new(&server(), "").get("/v1/customers", &[]);
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"Stripe\""));
    let error = answer.refused(401);
    assert!(error["message"].as_str().unwrap().starts_with("You did not provide an API key. "));
    assert_eq!(error["type"], "invalid_request_error");
    assert!(error.get("code").is_none() && error.get("request_log_url").is_none());
}

#[test]
fn an_unknown_key_is_401_and_masked() {
    for (key, masked) in [("sk_toast_1234567890abcd", "*******************abcd"), ("sk_test_", "sk_test_")] {
        let error = Client::new(&server(), key).get("/v1/customers", &[]).refused(401);
        let message = format!(
            "Invalid API Key provided: {masked}. This is Pinstripe, a local test server: any key such as sk_test_123 works."
        );
        assert_eq!(error["message"], message);
    }
}

#[test]
fn a_live_key_is_refused_and_explained() {
    let error = Client::new(&server(), "sk_live_1234567890abcd").get("/v1/customers", &[]).refused(401);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("sk_live_**********abcd") && message.contains("live keys"), "{message}");
}

#[test]
fn a_key_may_be_the_user_name_of_basic_authentication() {
    // sk_test_x: with an empty password.
    let client = Client::new(&server(), "").with("Authorization", "Basic c2tfdGVzdF94Og==");
    assert_eq!(client.get("/v1/customers", &[]).status, 200);
}

#[test]
fn a_key_that_names_a_sandbox_wrongly_is_refused() {
    for name in ["", "a_b", &"a".repeat(41)] {
        let key = format!("sk_test_sandbox_{name}");
        assert_eq!(Client::new(&server(), &key).get("/v1/customers", &[]).status, 401, "{key}");
    }
}

#[test]
fn a_key_has_letters_digits_and_underscores_alone() {
    let ask = |key: &str| {
        let basic = STANDARD.encode(format!("{key}:"));
        Client::new(&server(), "").with("Authorization", &format!("Basic {basic}")).get("/v1/customers", &[])
    };
    for acting in ["\u{1b}[2J", "\n", "\u{7f}", " ", "\u{9b}", "\u{202e}", "é", "."] {
        let error = ask(&format!("sk_test_aaaa{acting}bbbb")).refused(401);
        assert!(text(&error, "message").starts_with("Invalid API Key provided: sk_test_"), "{error}");
    }
    ask("sk_test_aZ09_-").ok();
}

#[test]
fn an_unreleased_version_is_400_and_echoed() {
    let answer = sandbox("edge-version").version("2021-13-01").get("/v1/customers", &[]);
    assert_eq!(answer.header("stripe-version"), Some("2021-13-01"));
    let error = answer.refused(400);
    assert_eq!(error["message"], "Invalid Stripe API version: 2021-13-01");
    assert!(error.get("request_log_url").is_none());
}

#[test]
fn every_released_version_is_accepted() {
    for version in catalogue::RELEASED_VERSIONS {
        let answer = sandbox("edge-versions").version(version).get("/v1/customers", &[]);
        assert_eq!((answer.status, answer.header("stripe-version")), (200, Some(*version)));
    }
}

#[test]
fn an_unknown_url_or_method_is_404_with_its_own_words() {
    let client = sandbox("edge-url");
    for (method, path) in
        [("GET", "/v1/nope"), ("GET", "/"), ("DELETE", "/v1/prices/price_x"), ("PATCH", "/v1/customers")]
    {
        let error = client.send(method, path, None).refused(404);
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        assert_eq!(error, serde_json::json!({"message": message, "type": "invalid_request_error"}));
    }
    let error = client.post("/v1/customers//sources", &[]).refused(404);
    assert!(error["message"].as_str().unwrap().contains("remove the trailing slash"));
}

#[test]
fn a_json_body_is_refused() {
    let error = sandbox("edge-json")
        .send("POST", "/v1/customers", Some(("application/json", b"{\"name\":\"x\"}")))
        .refused(400);
    assert!(error["message"].as_str().unwrap().contains("application/x-www-form-urlencoded"));
}

#[test]
fn a_body_over_the_limit_is_refused_and_nothing_changes() {
    let client = sandbox("edge-large");
    let body = vec![b'a'; pinstripe::limits::BODY_BYTES_MAX + 1];
    // A refused body is not read to its end, so the connection is not used again.
    let answer = client.with("Connection", "close").send(
        "POST",
        "/v1/customers",
        Some(("application/x-www-form-urlencoded", &body)),
    );
    says(answer, 413, "The request body is larger than 1048576 bytes.");
}

#[test]
fn an_idempotency_key_is_echoed_and_bounded() {
    let client = sandbox("edge-idempotency");
    let answer = client.with("Idempotency-Key", "once").post("/v1/customers", &[]);
    assert_eq!(answer.header("idempotency-key"), Some("once"));
    assert_eq!(answer.header("original-request"), answer.header("request-id"));
    let longer = client.with("Idempotency-Key", &"k".repeat(256)).post("/v1/customers", &[]);
    let error = says(longer, 400, "Idempotency keys can be up to 255 characters long.");
    assert_eq!(error["type"], "idempotency_error");
    let empty = client.with("Idempotency-Key", "").post("/v1/customers", &[]);
    let error = says(empty, 400, "Idempotency Key must be a non-empty string.");
    assert_eq!(error["type"], "idempotency_error");
    assert_eq!(client.with("Idempotency-Key", &"k".repeat(255)).post("/v1/customers", &[]).status, 200);
}

#[test]
fn a_publishable_key_does_what_a_browser_may_and_nothing_else() {
    let client = sandbox("edge-publishable").publishable();
    let error = client.get("/v1/customers", &[]).refused(401);
    assert_eq!(error["code"], "secret_key_required");
    let answer = client.post(
        "/v1/tokens",
        &[
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ],
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_secret_key_in_a_page_gets_no_cross_origin_answer() {
    let answer = sandbox("edge-cors").with("Origin", "https://shop.example").get("/v1/customers", &[]);
    answer.refused(403);
}

#[test]
fn a_page_may_read_why_its_key_is_refused() {
    let url = sandbox("edge-cors-refused").url().to_owned();
    for key in ["pk_live_abcdefgh1234", "nonsense", ""] {
        let answer = Client::new(&url, key).with("Origin", "https://shop.example").post("/v1/tokens", &[]);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{key}");
        answer.refused(401);
    }
}

#[test]
fn a_page_names_its_account_in_the_form() {
    let api = sandbox("edge-form-account");
    let account = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let page = api.publishable();
    let method = [("type", "card"), ("card[token]", "tok_visa")];
    let made = id(&page.post("/v1/payment_methods", &with(&method, &[("_stripe_account", &account)])).ok());
    missing(api.get(&format!("/v1/payment_methods/{made}"), &[]), 404, "PaymentMethod", &made, "payment_method");
    api.with("Stripe-Account", &account).get(&format!("/v1/payment_methods/{made}"), &[]).ok();
    let unknown = page.post("/v1/payment_methods", &with(&method, &[("_stripe_account", "acct_nope")])).refused(403);
    assert_eq!(unknown["code"], "account_invalid");
    // With a secret key it is a parameter like any other.
    invalid(
        api.post("/v1/customers", &[("_stripe_account", &account)]),
        400,
        Some("parameter_unknown"),
        Some("_stripe_account"),
    );
}

#[test]
fn a_browser_may_ask_before_it_calls_and_may_send_its_key_in_the_body() {
    let client = sandbox("edge-preflight");
    let answer = client.with("Access-Control-Request-Headers", "authorization").send("OPTIONS", "/v1/tokens", None);
    assert_eq!((answer.status, answer.header("access-control-allow-headers")), (200, Some("authorization")));
    let anonymous = Client::new(client.url(), "");
    let answer = anonymous.post(
        "/v1/payment_methods",
        &[
            ("key", "pk_test_sandbox_edge-preflight"),
            ("type", "card"),
            ("card[token]", "tok_visa"),
            ("_stripe_version", "2024-04-10"),
            ("guid", "NA"),
        ],
    );
    assert_eq!(answer.header("stripe-version"), Some("2024-04-10"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn head_answers_as_get_without_a_body() {
    let answer = sandbox("edge-head").send("HEAD", "/v1/customers", None);
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}

#[test]
fn an_unknown_account_is_403() {
    let error = sandbox("edge-account").with("Stripe-Account", "acct_nope").get("/v1/customers", &[]).refused(403);
    assert_eq!(error["code"], "account_invalid");
}

/// Arguments for a path that names nothing.
fn path_of(operation: &catalogue::Operation) -> String {
    let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "x_1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn v1() -> impl Iterator<Item = &'static catalogue::Operation> {
    catalogue::operations().iter().filter(|operation| operation.path.starts_with("/v1/") && !operation.multipart)
}

fn send(client: &Client, operation: &catalogue::Operation, params: &[(&str, &str)]) -> crate::support::client::Answer {
    let path = path_of(operation);
    match operation.method {
        Method::Get => client.get(&path, params),
        Method::Post => client.post(&path, params),
        Method::Delete if params.is_empty() => client.delete(&path),
        Method::Delete => client.send("DELETE", &format!("{path}?{}", crate::support::client::encode(params)), None),
    }
}

#[test]
fn every_operation_refuses_an_unknown_parameter() {
    let client = sandbox("edge-unknown");
    for operation in v1() {
        let error = send(&client, operation, &[("no_such_parameter", "1")]).refused(400);
        assert_eq!(error["code"], "parameter_unknown", "{}", operation.name);
        assert_eq!(error["message"], "Received unknown parameter: no_such_parameter");
        assert_eq!(error["param"], "no_such_parameter");
    }
}

#[test]
fn every_operation_names_its_first_missing_parameter() {
    let client = sandbox("edge-missing");
    for operation in v1() {
        let Some(missing) = operation.params.iter().find(|field| field.required) else { continue };
        let error = send(&client, operation, &[]).refused(400);
        assert_eq!(error["code"], "parameter_missing", "{}", operation.name);
        assert_eq!(error["message"], format!("Missing required param: {}.", missing.name));
        assert_eq!(error["param"], missing.name);
    }
}

#[test]
fn every_operation_refuses_values_of_the_wrong_kind() {
    let client = sandbox("edge-kinds");
    for operation in v1() {
        // What a newer parameter has replaced is unknown today, and what a browser alone sends is to a server.
        let entry = pinstripe::resources::behaviour(operation).map(|(entry, _)| entry);
        let older = entry.map_or(&[][..], |entry| entry.older);
        let is_older = |name: &str| older.iter().any(|one| one.operation == operation.name && one.name == name);
        let is_of_browsers =
            |name: &str| entry.is_some_and(|entry| entry.browser_params(operation).any(|own| own == name));
        for field in operation.params.iter().filter(|field| !is_older(field.name) && !is_of_browsers(field.name)) {
            let (value, message) = match field.kind {
                Type::Integer => ("1.5", "Invalid integer: 1.5".to_owned()),
                Type::Boolean => ("maybe", "Invalid boolean: maybe".to_owned()),
                Type::Object(_) | Type::Metadata => ("flat", "Invalid object".to_owned()),
                Type::Array(_) => ("flat", "Invalid array".to_owned()),
                Type::Enum(_) => ("no such value", format!("Invalid {}: must be one of", field.name)),
                _ => continue,
            };
            let error = send(&client, operation, &[(field.name, value)]).refused(400);
            let found = error["message"].as_str().unwrap();
            assert!(found.starts_with(&message), "{} {}: {found}", operation.name, field.name);
            assert_eq!(error["param"], field.name, "{}", operation.name);
        }
    }
}

#[test]
fn every_operation_refuses_strings_over_their_length() {
    let client = sandbox("edge-length");
    for operation in v1().filter(|operation| operation.method == Method::Post) {
        for field in operation.params {
            let Type::String { max_length } = field.kind else { continue };
            if *max_length == 0 || field.name.contains("email") {
                continue;
            }
            let long = "x".repeat(*max_length as usize + 1);
            let error = send(&client, operation, &[(field.name, &long)]).refused(400);
            let message = if ["statement_descriptor", "statement_descriptor_suffix"].contains(&field.name) {
                let (n, text) = (long.len(), if *max_length < 5_000 { &*long } else { "xxxx...xxxx" });
                format!(
                    "The statement descriptor must be at most {max_length} characters. {text} is {n} characters long."
                )
            } else {
                format!("Invalid string: xxxx...xxxx; must be at most {max_length} characters")
            };
            assert_eq!((error["message"].as_str(), error["param"].as_str()), (Some(&*message), Some(field.name)));
        }
    }
}

#[test]
fn an_operation_without_behaviour_says_so() {
    let error = sandbox("edge-501").post("/v1/terminal/refunds", &[]).refused(501);
    assert_eq!(
        error["message"],
        "Pinstripe does not implement POST /v1/terminal/refunds yet. The request was valid as far as it was checked; nothing was \
         done."
    );
}

#[test]
fn a_slash_too_many_is_said() {
    let api = sandbox("edge-slash");
    let hint = " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make \
                sure you passed a valid (non-empty) identifier in your code.";
    for path in ["/v1/customers/", "/v1/customers//sources"] {
        let sentence = format!(
            "Unrecognized request URL (GET: {path}).{hint} Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        says(api.get(path, &[]), 404, &sentence);
    }
}

#[test]
fn a_form_has_ten_thousand_values_and_each_name_one_shape() {
    let api = sandbox("edge-values");
    let many = vec![("name", "Ada"); 10_001];
    let sentence = "Invalid request: at most 10000 parameter values may be sent at once.";
    says(api.post("/v1/customers", &many), 400, sentence);
    let both = [("shipping", "1"), ("shipping[name]", "Ada")];
    let sentence = "Invalid request: 'shipping[name]' is sent both as a value and as an object.";
    says(api.post("/v1/customers", &both), 400, sentence);
}
