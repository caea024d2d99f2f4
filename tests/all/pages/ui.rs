//! The web page of the server as it is served: its files, who may open it, and how a browser comes to it. What it does is tested in a
//! browser.

use std::fs;
use std::path::{Path, PathBuf};

use pinstripe::Config;
use serde_json::Value;

use super::stripe_js::unpacked;
use crate::support::client::{Answer, Client, sandbox, start};

/// What all files of the page may take together, as they are and as a browser gets them (gzip).
const BYTES_MAX: usize = 100_000;
const PACKED_BYTES_MAX: usize = 35_000;

const PATH: &str = "/_pinstripe/ui";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

const DOCUMENT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

fn get(api: &Client, path: &str) -> Answer {
    api.send("GET", path, None)
}

/// A person without a key, in a browser that opens an address.
fn browser(url: &str) -> Client {
    let opened = Client::new(url, "").with("User-Agent", USER_AGENT).with("Accept-Language", "en-US,en;q=0.9");
    opened
        .with("Accept", DOCUMENT)
        .with("Sec-Fetch-Site", "none")
        .with("Sec-Fetch-Mode", "navigate")
        .with("Sec-Fetch-User", "?1")
        .with("Sec-Fetch-Dest", "document")
}

/// A script of a page at an origin, as Chromium sends its request.
fn script(api: &Client, origin: &str, site: &str) -> Client {
    let sent = api.with("User-Agent", USER_AGENT).with("Accept", "*/*").with("Origin", origin);
    sent.with("Sec-Fetch-Site", site).with("Sec-Fetch-Mode", "cors").with("Sec-Fetch-Dest", "empty")
}

/// The files of the page that a browser loads, as they stand in the repository: the other modules are in the script.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/ui");
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        all.filter(|file| ["main.js", "ui.css"].contains(&file.file_name().unwrap().to_str().unwrap())).collect();
    files.sort();
    files
}

fn name(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_path_of_the_page_answers_with_the_same_document() {
    let api = sandbox("ui-paths");
    let page = get(&browser(api.url()), PATH);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text.contains(r#"<base href="/_pinstripe/ui/">"#) && !page.text.contains("name=\"sandbox\""));
    assert_eq!(page.header("content-security-policy"), Some(POLICY));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(page.header("access-control-allow-origin"), None);
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    for path in ["/", "/objects", "/events/evt_1?sandbox=a", "/files", "/a/b/c"] {
        assert_eq!(get(&browser(api.url()), &format!("{PATH}{path}")).text, page.text, "{path}");
    }
    assert_eq!(api.send("HEAD", PATH, None).status, 200);
    assert_eq!(api.send("POST", PATH, None).status, 405);
}

#[test]
fn the_files_of_the_page_are_served_and_nothing_else_is() {
    let api = sandbox("ui-files");
    for file in files() {
        let answer = get(&api, &format!("{PATH}/files/{}", name(&file)));
        let kind = if name(&file).ends_with(".js") { "text/javascript" } else { "text/css" };
        assert_eq!(answer.status, 200, "{}", name(&file));
        assert_eq!(answer.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    for absent in ["nothing.js", "core.js", "tsconfig.json", "../main.js", "a/main.js", ""] {
        let answer = get(&api, &format!("{PATH}/files/{absent}"));
        assert!(answer.status == 404, "{absent}: {}", answer.status);
    }
    // Whatever the document loads is there.
    let page = get(&api, PATH);
    for part in page.text.split('"').filter(|part| part.starts_with("files/")) {
        assert_eq!(get(&api, &format!("{PATH}/{part}")).status, 200, "{part}");
    }
    assert!(page.text.contains("\"files/main.js\""));
}

#[test]
fn the_page_is_small_and_is_sent_compressed_when_asked() {
    let api = sandbox("ui-size");
    let mut paths: Vec<String> = files().iter().map(|file| format!("{PATH}/files/{}", name(file))).collect();
    paths.push(PATH.to_owned());
    let (mut plain_bytes, mut packed_bytes) = (0, 0);
    for path in &paths {
        let plain = get(&api, path);
        let packed = get(&api.with("Accept-Encoding", "gzip, deflate, br"), path);
        assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
        plain_bytes += plain.text.len();
        packed_bytes += packed.bytes.len();
        assert_eq!(String::from_utf8(unpacked(packed.bytes)).unwrap(), plain.text, "{path}");
    }
    assert!(plain_bytes < BYTES_MAX, "{plain_bytes}");
    assert!(packed_bytes < PACKED_BYTES_MAX, "{packed_bytes}");
}

#[test]
fn a_file_that_a_browser_has_is_not_sent_again() {
    let api = sandbox("ui-etag");
    for path in [PATH.to_owned(), format!("{PATH}/files/main.js"), "/_sandbox/ui-etag/_pinstripe/ui".to_owned()] {
        let first = get(&api, &path);
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        for known in [tag.clone(), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = get(&api.with("If-None-Match", &known), &path);
            assert_eq!(
                (again.status, again.text.as_str(), again.header("etag")),
                (304, "", Some(tag.as_str())),
                "{path}"
            );
            assert_eq!(again.header("content-encoding"), None);
        }
        assert_eq!(get(&api.with("If-None-Match", "\"other\""), &path).text, first.text);
    }
    assert_ne!(get(&api, PATH).header("etag"), get(&api, "/_sandbox/ui-etag/_pinstripe/ui").header("etag"));
}

#[test]
fn the_page_at_an_address_that_names_a_sandbox_begins_there() {
    let api = sandbox("ui-begins");
    let named = get(&api, "/_sandbox/ui-begins/_pinstripe/ui/events");
    let begins = r#"<base href="/_sandbox/ui-begins/_pinstripe/ui/"><meta name="sandbox" content="ui-begins">"#;
    assert!(named.text.contains(begins), "{}", named.text);
    assert_eq!(get(&api, "/_sandbox/ui-begins/_pinstripe/ui/files/main.js").status, 200);
    let port = api.url().rsplit(':').next().unwrap();
    let by_host = get(&browser(api.url()).with("Host", &format!("ui-host.localhost:{port}")), PATH);
    let begins = r#"<base href="/_pinstripe/ui/"><meta name="sandbox" content="ui-host">"#;
    assert!(by_host.text.contains(begins), "{}", by_host.text);
}

#[test]
fn a_browser_that_opens_the_servers_address_is_led_to_the_page() {
    let api = sandbox("ui-root");
    let led = |client: &Client, path: &str| {
        let answer = get(client, path);
        (answer.status, answer.header("location").unwrap_or_default().to_owned())
    };
    let person = browser(api.url());
    assert_eq!(led(&person, "/"), (302, PATH.to_owned()));
    // A browser sends no such marks to a name that is not this machine's.
    let plain = Client::new(api.url(), "").with("Accept", DOCUMENT).with("User-Agent", USER_AGENT);
    assert_eq!(led(&plain.with("Host", "pinstripe:12111"), "/"), (302, PATH.to_owned()));
    assert_eq!(led(&person, "/_sandbox/ui-root/"), (302, format!("/_sandbox/ui-root{PATH}")));
    assert_eq!(led(&person.with("Host", "ui-root.localhost"), "/"), (302, PATH.to_owned()));
    // The service's dashboard is a name of the API alone, so the page stands at the server's own.
    assert_eq!(led(&person.with("Host", "dashboard.stripe.com"), "/"), (302, format!("{}{PATH}", api.url())));
    let config = Config { public_url: Some("https://pay.example.com".to_owned()), ..Config::default() };
    let public = browser(&start(config)).with("Host", "dashboard.stripe.com");
    assert_eq!(led(&public, "/"), (302, format!("https://pay.example.com{PATH}")));
}

#[test]
fn nobody_but_such_a_browser_is_led_anywhere() {
    let api = sandbox("ui-not-led");
    let person = browser(api.url());
    let client = Client::new(api.url(), "");
    for other in [
        client.clone(),
        client.with("Accept", "*/*"),
        client.with("Accept", "application/json"),
        person.with("Sec-Fetch-Mode", "cors"),
        person.with("Host", "api.stripe.com"),
        person.with("Host", "evil.example"),
        person.with("Sec-Fetch-Site", "cross-site").with("Sec-Fetch-Dest", "iframe"),
    ] {
        let answer = get(&other, "/");
        assert_eq!((answer.status, answer.header("location")), (401, None), "{}", answer.text);
    }
    assert_eq!(person.send("HEAD", "/", None).status, 401);
    assert_eq!(person.send("POST", "/", None).status, 401);
    assert_eq!(get(&person, "/elsewhere").status, 401);
    let with_key = get(&api.with("Accept", DOCUMENT), "/");
    assert!(with_key.refused(404)["message"].as_str().unwrap().starts_with("Unrecognized request URL (GET: /)."));
    assert_eq!(get(&client.with("Accept", DOCUMENT), "/healthz").status, 200);
}

#[test]
fn the_page_opens_by_a_link_and_is_read_and_framed_by_nobody_else() {
    let api = sandbox("ui-guard");
    let person = browser(api.url());
    let by_link = person.with("Sec-Fetch-Site", "cross-site").with("Referer", "https://evil.example/");
    for path in [PATH.to_owned(), format!("{PATH}/objects?id=cus_1")] {
        assert_eq!(get(&by_link, &path).status, 200);
        get(&by_link.with("Sec-Fetch-Dest", "iframe"), &path).refused(403);
        get(&script(&api, "https://evil.example", "cross-site"), &path).refused(403);
        get(&script(&api, "http://localhost:3000", "same-site"), &path).refused(403);
        get(&person.with("Host", "evil.example"), &path).refused(403);
        get(&person.with("Host", "api.stripe.com"), &path).refused(403);
    }
    let image = person.with("Sec-Fetch-Site", "cross-site").with("Sec-Fetch-Mode", "no-cors");
    get(&image.with("Sec-Fetch-Dest", "script"), &format!("{PATH}/files/main.js")).refused(403);
    let own = script(&api, api.url(), "same-origin").with("Sec-Fetch-Dest", "script");
    assert_eq!(get(&own, &format!("{PATH}/files/main.js")).status, 200);
}

#[test]
fn the_page_calls_both_apis_and_a_page_of_another_origin_neither() {
    let api = sandbox("ui-calls");
    let own = script(&api, api.url(), "same-origin").with("Referer", &format!("{}{PATH}", api.url()));
    let made = own.post("/v1/customers", &[("name", "<b>Ada</b>")]).ok();
    assert_eq!(made["name"], "<b>Ada</b>");
    // A browser names no origin when a page reads from its own.
    let reads = api.with("User-Agent", USER_AGENT).with("Sec-Fetch-Site", "same-origin").with("Sec-Fetch-Mode", "cors");
    assert_eq!(reads.get("/v1/customers", &[]).ok()["data"].as_array().unwrap().len(), 1);
    assert_eq!(get(&reads, "/_pinstripe/objects?sandbox=ui-calls").status, 200);
    let by_path = own.send("POST", "/_sandbox/ui-calls/v1/customers", None);
    assert_eq!(by_path.status, 200, "{}", by_path.text);
    for (origin, site) in [("https://evil.example", "cross-site"), ("http://localhost:3000", "same-site")] {
        let foreign = script(&api, origin, site);
        foreign.post("/v1/customers", &[]).refused(403);
        foreign.get("/v1/customers", &[]).refused(403);
        get(&foreign, "/_pinstripe/objects?sandbox=ui-calls").refused(403);
    }
}

#[test]
fn without_the_page_nobody_is_led_and_nothing_is_served() {
    let url = start(Config { ui: false, ..Config::default() });
    let person = browser(&url);
    assert_eq!(get(&person, "/").status, 401);
    for path in [PATH.to_owned(), format!("{PATH}/files/main.js")] {
        let error: Value = get(&person, &path).refused(404);
        assert!(error["message"].as_str().unwrap().starts_with(&format!("There is no GET {path} in the control API.")));
    }
}
