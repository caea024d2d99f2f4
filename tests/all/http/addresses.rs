//! Addresses that name a sandbox, where a proxy can read it: `NAME.localhost`, and a path that begins with `/_sandbox/NAME`.

use pinstripe::Config;
use serde_json::Value;

use crate::support::client::{Answer, encode, raw, sandbox, start};
use crate::support::flows::{customer, id, ids, text};

/// A base address: the `Host`, and how paths begin.
struct Base {
    url: String,
    host: String,
    path: String,
}

impl Base {
    fn by_path(url: &str, sandbox: &str) -> Self {
        let host = url.trim_start_matches("http://").to_owned();
        Base { url: url.to_owned(), host, path: format!("/_sandbox/{sandbox}") }
    }

    fn by_host(url: &str, sandbox: &str) -> Self {
        let port = url.rsplit(':').next().unwrap();
        Base { url: url.to_owned(), host: format!("{sandbox}.localhost:{port}"), path: String::new() }
    }

    fn both(url: &str, sandbox: &str) -> [Self; 2] {
        [Base::by_path(url, sandbox), Base::by_host(url, sandbox)]
    }

    /// How every link begins.
    fn beginning(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }

    fn ask(&self, method: &str, path: &str, key: &str, params: &[(&str, &str)]) -> Answer {
        let mut headers = vec![("Host".to_owned(), self.host.clone())];
        if !key.is_empty() {
            headers.push(("Authorization".to_owned(), format!("Bearer {key}")));
        }
        let form = encode(params);
        let body = (method == "POST").then_some(("application/x-www-form-urlencoded", form.as_bytes()));
        raw(&self.url, method, &format!("{}{path}", self.path), &headers, body)
    }

    /// Follows a link, which begins with this address.
    #[track_caller]
    fn follow(&self, link: &str) -> Answer {
        let path = link.strip_prefix(&self.beginning()).unwrap_or_else(|| panic!("{link}"));
        self.ask("GET", path, "", &[])
    }
}

#[test]
fn an_address_names_the_sandbox_of_a_key_that_names_none() {
    let api = sandbox("address-a");
    for base in Base::both(api.url(), "address-a") {
        let made = base.ask("POST", "/v1/customers", "sk_test_1", &[]).ok();
        assert_eq!(api.get(&format!("/v1/customers/{}", id(&made)), &[]).ok()["id"], made["id"]);
        let same = base.ask("GET", "/v1/customers?limit=1", "sk_test_sandbox_address-a", &[]).ok();
        assert_eq!(ids(&same), [id(&made)]);
    }
}

#[test]
fn a_key_that_names_another_sandbox_than_the_address_is_refused() {
    let api = sandbox("address-b");
    for base in Base::both(api.url(), "address-b") {
        let refused = base.ask("POST", "/v1/customers", "sk_test_sandbox_address-c", &[]).refused(400);
        assert_eq!(
            text(&refused, "message"),
            "The request is for the sandbox `address-c`, but its address names the sandbox `address-b`. Use the address of \
             the sandbox, or one that names none."
        );
    }
}

#[test]
fn links_stay_at_the_address_that_names_the_sandbox() {
    let api = sandbox("address-d");
    let charged = [("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")];
    let elsewhere = api.post("/v1/charges", &charged).ok();
    let form = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example/done")];
    for base in Base::both(api.url(), "address-d") {
        let session = base.ask("POST", "/v1/checkout/sessions", "sk_test_1", &form).ok();
        assert_eq!(base.follow(text(&session, "url")).status, 200);
        // What another address has made leads here, too.
        let charge = base.ask("GET", &format!("/v1/charges/{}", id(&elsewhere)), "sk_test_1", &[]).ok();
        assert_eq!(base.follow(text(&charge, "receipt_url")).status, 200);
        let list = base.ask("GET", "/v1/charges", "sk_test_1", &[]).ok();
        assert_eq!(list["url"], "/v1/charges");
    }
}

#[test]
fn a_page_leads_on_at_the_same_address() {
    let api = sandbox("address-e");
    let product = api.post("/v1/products", &[("name", "Tea")]).ok();
    let price = [("product", &*id(&product)), ("unit_amount", "500"), ("currency", "usd")];
    let price = api.post("/v1/prices", &price).ok();
    let lines = [("line_items[0][price]", &*id(&price)), ("line_items[0][quantity]", "1")];
    for base in Base::both(api.url(), "address-e") {
        let link = base.ask("POST", "/v1/payment_links", "sk_test_1", &lines).ok();
        let begun = base.follow(text(&link, "url"));
        assert_eq!(begun.status, 303, "{}", begun.text);
        let onward = begun.header("location").unwrap();
        let onward = if onward.starts_with('/') { format!("http://{}{onward}", base.host) } else { onward.to_owned() };
        assert_eq!(base.follow(&onward).status, 200);
    }
}

#[test]
fn calls_of_the_control_api_are_for_the_sandbox_of_the_address() {
    let (api, other) = (sandbox("address-f"), sandbox("address-g"));
    customer(&api, &[]);
    customer(&other, &[]);
    let base = Base::by_path(api.url(), "address-f");
    let reset = base.ask("POST", "/_pinstripe/reset", "", &[]).ok();
    assert_eq!(reset["sandbox"], "address-f");
    let of = |user: &crate::support::client::Client| ids(&user.get("/v1/customers", &[]).ok()).len();
    assert_eq!((of(&api), of(&other)), (0, 1));
    let host = Base::by_host(api.url(), "address-f");
    assert_eq!(host.ask("POST", "/_pinstripe/reset?sandbox=address-f", "", &[]).ok()["sandbox"], "address-f");
    let refused: Value = host.ask("POST", "/_pinstripe/reset?sandbox=address-g", "", &[]).refused(400);
    let sentence = "The request is for the sandbox `address-g`, but its address names the sandbox `address-f`.";
    assert!(text(&refused, "message").starts_with(sentence), "{refused}");
    // A call that is for no sandbox is one here as well.
    assert_eq!(base.ask("GET", "/_pinstripe/coverage", "", &[]).status, 200);
    // The base address alone is the root of a server, and what names no sandbox is a path like any other.
    let root = raw(api.url(), "GET", "/", &[], None);
    assert_eq!((base.ask("GET", "", "", &[]).status, root.status), (401, 401));
    let key = [("Authorization".to_owned(), "Bearer sk_test_1".to_owned())];
    assert_eq!(raw(api.url(), "GET", "/_sandbox/no.name/v1/customers", &key, None).status, 404);
}

#[test]
fn links_of_a_copy_lead_to_the_copy_wherever_the_object_was_made() {
    let api = sandbox("address-i");
    let form = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example/done")];
    for (base, copy) in Base::both(api.url(), "address-i").iter().zip(["address-i-path", "address-i-host"]) {
        let session = base.ask("POST", "/v1/checkout/sessions", "sk_test_1", &form).ok();
        let target = format!("/_pinstripe/fork?sandbox=address-i&into={copy}");
        raw(api.url(), "POST", &target, &[], None).ok();
        let path = format!("/v1/checkout/sessions/{}", id(&session));
        for other in Base::both(api.url(), copy) {
            let shown = other.ask("GET", &path, "sk_test_1", &[]).ok();
            assert_eq!(other.follow(text(&shown, "url")).status, 200);
        }
        let plain =
            Base { url: base.url.clone(), host: base.url.trim_start_matches("http://").into(), path: "".into() };
        let shown = plain.ask("GET", &path, &format!("sk_test_sandbox_{copy}"), &[]).ok();
        let link = text(&shown, "url");
        assert!(link.contains(&format!("?sandbox={copy}")) && !link.contains("/_sandbox/"), "{link}");
        let path = &link[link.match_indices('/').nth(2).unwrap().0..];
        assert_eq!(plain.ask("GET", path.split('#').next().unwrap(), "", &[]).status, 200);
    }
}

#[test]
fn the_default_sandbox_has_an_address_of_its_own_too() {
    let url = start(Config::default());
    let charged = [("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")];
    let plain = Base { url: url.clone(), host: url.trim_start_matches("http://").to_owned(), path: String::new() };
    let elsewhere = plain.ask("POST", "/v1/charges", "sk_test_1", &charged).ok();
    for base in Base::both(&url, "default") {
        let charge = base.ask("GET", &format!("/v1/charges/{}", id(&elsewhere)), "sk_test_1", &[]).ok();
        assert_eq!(base.follow(text(&charge, "receipt_url")).status, 200);
    }
}

#[test]
fn a_name_that_the_server_was_given_names_no_sandbox() {
    let public_url = Some("http://pinstripe.localhost:8080".to_owned());
    let url = start(Config { public_url, ..Config::default() });
    let base = Base { url, host: "pinstripe.localhost:8080".to_owned(), path: String::new() };
    let form = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example/done")];
    for key in ["sk_test_1", "sk_test_sandbox_w1"] {
        let session = base.ask("POST", "/v1/checkout/sessions", key, &form).ok();
        assert_eq!(base.follow(text(&session, "url")).status, 200, "{key}");
    }
}

#[test]
fn an_ephemeral_key_of_another_sandbox_is_refused_at_an_address_that_names_one() {
    let api = sandbox("address-k");
    let customer = customer(&api, &[]);
    let key = api.version("2024-06-20").post("/v1/ephemeral_keys", &[("customer", &customer)]).ok();
    let base = Base::by_path(api.url(), "address-l");
    let refused = base.ask("GET", &format!("/v1/customers/{customer}"), text(&key, "secret"), &[]).refused(400);
    let sentence = "The request is for the sandbox `address-k`, but its address names the sandbox `address-l`.";
    assert!(text(&refused, "message").starts_with(sentence), "{refused}");
}

#[test]
fn agents_work_in_the_sandbox_of_the_address() {
    let api = sandbox("address-j");
    for base in Base::both(api.url(), "address-j") {
        let tell = |tool: &str, arguments: &str| {
            let message = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
            );
            let headers = [("Host".to_owned(), base.host.clone())];
            let body = Some(("application/json", message.as_bytes()));
            let said = raw(&base.url, "POST", &format!("{}/mcp", base.path), &headers, body).ok();
            assert_eq!(said["result"]["isError"], false, "{said}");
            text(&said["result"]["content"][0], "text").to_owned()
        };
        let write = r#"{"stripe_api_operation_id":"PostCustomers","parameters":{}}"#;
        let made: Value = serde_json::from_str(&tell("stripe_api_write", write)).unwrap();
        assert_eq!(api.get(&format!("/v1/customers/{}", id(&made)), &[]).status, 200);
        let reset: Value = serde_json::from_str(&tell("pinstripe_reset", "{}")).unwrap();
        assert_eq!(reset["sandbox"], "address-j");
    }
}
