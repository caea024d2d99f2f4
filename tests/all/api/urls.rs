//! The one check of URLs: every parameter that is called one goes through it (intents-and-checkout 3.1, platform 2.1).

use pinstripe::catalogue::{self, Field, Method, Operation, Type};

use crate::support::client::{raw, sandbox};
use crate::support::decisions::path;
use crate::support::flows::{id, text};

/// The names of all parameters of an operation that are URLs, with brackets.
fn urls(fields: &'static [Field], outer: &str, found: &mut Vec<String>) {
    for field in fields {
        let name = if outer.is_empty() { field.name.to_owned() } else { format!("{outer}[{}]", field.name) };
        match field.kind {
            Type::String { .. } if field.name == "url" || field.name.ends_with("_url") => found.push(name),
            Type::Object(fields) => urls(fields, &name, found),
            Type::Array(Type::Object(fields)) => urls(fields, &format!("{name}[0]"), found),
            _ => {}
        }
    }
}

fn all() -> Vec<(&'static Operation, String)> {
    let mut all = Vec::new();
    for operation in catalogue::operations().iter().filter(|operation| operation.method == Method::Post) {
        let mut found = Vec::new();
        urls(operation.params, "", &mut found);
        all.extend(found.into_iter().map(|name| (operation, name)));
    }
    all
}

#[test]
fn every_parameter_that_is_a_url_is_checked() {
    let api = sandbox("urls-all");
    let all = all();
    assert!(all.len() > 40, "{}", all.len());
    for (operation, name) in all {
        let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "x_1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for (url, message) in [
            ("shop.example/back", "Invalid URL: An explicit scheme (such as https) must be provided."),
            ("javascript:alert(1)", "Not a valid URL"),
            ("file:///etc/passwd", "Not a valid URL"),
            ("data:text/html,x", "Not a valid URL"),
        ] {
            let error = api.post(&path, &[(&name, url)]).refused(400);
            assert_eq!(error["message"], message, "{} {name} {url}: {error}", operation.name);
            assert_eq!(error["code"], "url_invalid", "{}", operation.name);
            if !catalogue::is_v2(&path) {
                assert_eq!(error["param"], name, "{}", operation.name);
            }
        }
    }
}

#[test]
fn an_apps_own_scheme_and_a_local_server_are_urls() {
    let api = sandbox("urls-taken");
    for url in [
        "https://shop.example/ü?a={CHECKOUT_SESSION_ID}#b",
        "http://localhost:3000",
        "http://[::1]:3000/",
        "shop-app://back",
    ] {
        let source = [("type", "bancontact"), ("amount", "1000"), ("currency", "eur"), ("redirect[return_url]", url)];
        assert_eq!(api.post("/v1/sources", &source).ok()["redirect"]["return_url"], url);
    }
}

#[test]
fn a_browser_is_sent_to_a_url_in_ascii() {
    let api = sandbox("urls-location");
    let back = [("redirect[return_url]", "https://shop.example/größe s?x=%20")];
    let source = [("type", "bancontact"), ("amount", "1000"), ("currency", "eur")];
    let made = api.post("/v1/sources", &[&source[..], &back[..]].concat()).ok();
    let page = path(&api, text(&made["redirect"], "url")).to_owned();
    let form = Some(("application/x-www-form-urlencoded", &b"result=succeeded"[..]));
    let answer = raw(api.url(), "POST", &page, &[], form);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let location = answer.header("location").unwrap();
    assert!(location.starts_with("https://shop.example/gr%C3%B6%C3%9Fe%20s?x=%20&client_secret="), "{location}");
}

#[test]
fn no_page_leads_to_a_script_even_if_a_state_file_has_one() {
    let api = sandbox("urls-imported");
    let source = [
        ("type", "bancontact"),
        ("amount", "1000"),
        ("currency", "eur"),
        ("redirect[return_url]", "https://a.example/"),
    ];
    let made = api.post("/v1/sources", &source).ok();
    let line = [
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "1"),
        ("mode", "payment"),
        ("success_url", "https://b.example/"),
        ("cancel_url", "https://c.example/"),
    ];
    let session = id(&api.post("/v1/checkout/sessions", &line).ok());
    let target = "/_pinstripe/state?sandbox=urls-imported";
    let mut file = raw(api.url(), "GET", target, &[], None).text;
    for url in ["https://a.example/", "https://b.example/", "https://c.example/"] {
        file = file.replace(url, "javascript:alert(1)//");
    }
    raw(api.url(), "PUT", target, &[], Some(("application/json", file.as_bytes()))).ok();
    let page = raw(api.url(), "GET", &format!("/c/pay/{session}"), &[], None);
    assert!(page.status == 200 && !page.text.contains("javascript"), "{}", page.text);
    let page = path(&api, text(&made["redirect"], "url")).to_owned();
    let form = Some(("application/x-www-form-urlencoded", &b"result=succeeded"[..]));
    let answer = raw(api.url(), "POST", &page, &[], form);
    assert_eq!((answer.status, answer.header("location")), (400, None), "{}", answer.text);
}
