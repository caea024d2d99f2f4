//! The test client: HTTP in, JSON out, and every answer checked against the API's own types and rules.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{LazyLock, Mutex, mpsc};
use std::thread;

use pinstripe::catalogue::{self, Find, Method};
use pinstripe::state::document::Doc;
use pinstripe::{Config, Server};
use serde_json::{Map, Value};

use crate::support::shape;

/// The server that all tests share; each test has a sandbox of its own in it.
static SERVER: LazyLock<String> = LazyLock::new(|| start(Config::default()));

/// Starts a server in this process that lives as long as the process; returns its URL.
pub(crate) fn start(config: Config) -> String {
    start_with(config, |_| {})
}

/// As [`start`], for a server that is `prepared` before its URL is known.
pub(crate) fn start_with(config: Config, prepare: impl FnOnce(&Server) + Send + 'static) -> String {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start(config).await.unwrap();
            prepare(&server);
            tell.send(server.url().to_owned()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

/// An HTTP answer, already checked.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub text: String,
    /// The body as it came, where it is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The error of a refusal with this status.
    #[track_caller]
    pub(crate) fn refused(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body["error"].clone()
    }
}

/// A user of the API.
#[derive(Clone)]
pub(crate) struct Client {
    url: String,
    key: String,
    headers: Vec<(String, String)>,
}

/// A client with a sandbox of its own on the shared server.
pub(crate) fn sandbox(name: &str) -> Client {
    Client::new(&SERVER, &format!("sk_test_sandbox_{name}"))
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        Client { url: url.to_owned(), key: key.to_owned(), headers: Vec::new() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The sandbox that the key names.
    pub(crate) fn sandbox(&self) -> &str {
        self.key.split_once("_sandbox_").map_or("default", |(_, name)| name)
    }

    /// Moves the clock of the user's sandbox on.
    #[track_caller]
    pub(crate) fn advance(&self, seconds: i64) {
        let name = self.sandbox();
        let answer = self.send("POST", &format!("/_pinstripe/clock?sandbox={name}&advance={seconds}"), None);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// The same user with another header.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(known, _)| known != name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// The same sandbox with another version.
    #[must_use]
    pub(crate) fn version(&self, version: &str) -> Self {
        self.with("Stripe-Version", version)
    }

    /// The same sandbox with its publishable key.
    #[must_use]
    pub(crate) fn publishable(&self) -> Self {
        let mut other = self.clone();
        other.key = self.key.replacen("sk_", "pk_", 1);
        other
    }

    pub(crate) fn get(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        let query = encode(params);
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.send("GET", &target, None)
    }

    /// Sends parameters as a form; under `/v2` as the JSON that they would be.
    pub(crate) fn post(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        if path.starts_with("/v2") {
            let body = params.iter().fold(Value::Object(Map::new()), |body, (name, value)| nested(body, name, value));
            return self.post_json(path, &body);
        }
        self.send("POST", path, Some(("application/x-www-form-urlencoded", encode(params).as_bytes())))
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(("application/json", body.to_string().as_bytes())))
    }

    /// Sends the same POST many times, without a look at the answers' shape.
    pub(crate) fn post_often(&self, path: &str, times: usize, params: impl Fn(usize) -> String) {
        let headers = [("Authorization".to_owned(), format!("Bearer {}", self.key))];
        for n in 0..times {
            let body = params(n);
            let body = Some(("application/x-www-form-urlencoded", body.as_bytes()));
            let answer = raw(&self.url, "POST", path, &headers, body);
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// Sends a request of any form.
    pub(crate) fn send(&self, method: &str, target: &str, body: Option<(&str, &[u8])>) -> Answer {
        let mut headers = self.headers.clone();
        if !headers.iter().any(|(name, _)| name == "Authorization") && !self.key.is_empty() {
            headers.push(("Authorization".into(), format!("Bearer {}", self.key)));
        }
        let answer = raw(&self.url, method, target, &headers, body);
        if (target.starts_with("/v1/") || target.starts_with("/v2/")) && method != "OPTIONS" {
            let newest = !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("stripe-version"));
            let is_public = |text: &str| text.contains("pk_test_");
            let in_browser = headers.iter().any(|(name, value)| name == "Authorization" && is_public(value))
                || body.is_some_and(|(_, body)| is_public(&String::from_utf8_lossy(body)));
            check(method, target, &answer, Reader { newest, in_browser });
        }
        answer
    }
}

/// A JSON object with a value at a name such as `a[b][0]`.
fn nested(mut body: Value, name: &str, value: &str) -> Value {
    let keys = name.split(['[', ']']).filter(|key| !key.is_empty());
    let place = keys.fold(&mut body, |place, key| match key.parse::<usize>() {
        Ok(index) => {
            let items = if place.is_null() { Vec::new() } else { place.take().as_array().cloned().unwrap() };
            *place = Value::Array(items);
            let Value::Array(items) = place else { unreachable!("it was just made") };
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            &mut items[index]
        }
        Err(_) => &mut place[key],
    });
    *place = Value::from(value);
    body
}

pub(crate) fn encode(params: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(params).unwrap()
}

/// One connection per thread and server is kept open.
static CONNECTIONS: Mutex<Vec<(String, TcpStream)>> = Mutex::new(Vec::new());

/// One exchange without any check.
#[track_caller]
pub(crate) fn raw(
    url: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Option<(&str, &[u8])>,
) -> Answer {
    let answer = exchange(url, method, target, headers, body);
    answer.unwrap_or_else(|| panic!("the server closed the connection before the end of an answer: {method} {target}"))
}

/// One exchange without any check; `None` when the connection is closed before the end of the answer.
pub(crate) fn exchange(
    url: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Option<(&str, &[u8])>,
) -> Option<Answer> {
    let address = url.trim_start_matches("http://");
    let mut request = format!("{method} {target} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name == "Host") {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some((content_type, body)) = body {
        request.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body.map_or(&[], |(_, body)| body));
    let kept = {
        let mut all = CONNECTIONS.lock().unwrap();
        all.iter().position(|(known, _)| known == url).map(|i| all.swap_remove(i).1)
    };
    // The port may have been that of another test's server, which has ended.
    let mut stream = kept.filter(is_open).unwrap_or_else(|| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    });
    stream.write_all(&bytes).unwrap();
    let (head, body) = read(&mut stream, method == "HEAD")?;
    if !headers.iter().any(|(name, value)| name == "Connection" && value == "close") {
        CONNECTIONS.lock().unwrap().push((url.to_owned(), stream));
    }
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let is_file = [&b"%PDF-"[..], b"\x89PNG", b"\x1f\x8b"].iter().any(|beginning| body.starts_with(beginning));
    let (text, bytes) = if is_file { (String::new(), body) } else { (String::from_utf8(body).unwrap(), Vec::new()) };
    Some(Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, bytes })
}

/// Whether the other side has not closed an idle connection.
fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let waits = stream.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
    waits
}

/// What comes next, or nothing when the connection is closed.
fn more<'c>(stream: &mut TcpStream, chunk: &'c mut [u8]) -> Option<&'c [u8]> {
    let n = stream.read(chunk).ok().filter(|n| *n > 0)?;
    Some(&chunk[..n])
}

fn read(stream: &mut TcpStream, head_only: bool) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16384];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head
                .split("\r\n")
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            let length = if head_only { 0 } else { length };
            let mut body = bytes.split_off(end + 4);
            if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
                return Some((head, read_chunks(stream, body)?));
            }
            while body.len() < length {
                body.extend_from_slice(more(stream, &mut chunk)?);
            }
            return Some((head, body));
        }
        bytes.extend_from_slice(more(stream, &mut chunk)?);
    }
}

/// A body in chunks, of which `bytes` have come with the head.
fn read_chunks(stream: &mut TcpStream, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let mut piece = [0; 65536];
    let mut at = 0;
    loop {
        let line = bytes[at..].windows(2).position(|window| window == b"\r\n").map(|end| at + end);
        if let Some(line) = line {
            let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..line]).unwrap(), 16).unwrap();
            let next = line + 2 + size + 2;
            if bytes.len() >= next {
                body.extend_from_slice(&bytes[line + 2..line + 2 + size]);
                at = next;
                if size == 0 {
                    return Some(body);
                }
                continue;
            }
        }
        bytes.extend_from_slice(more(stream, &mut piece)?);
    }
}

/// Who reads an answer.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// In the newest version.
    pub newest: bool,
    /// With a publishable key, which sees less.
    pub in_browser: bool,
}

/// What holds for every answer of the API.
#[track_caller]
pub(crate) fn check(method: &str, target: &str, answer: &Answer, reader: Reader) {
    let context = || format!("{method} {target} answered {} {}", answer.status, answer.text);
    let id = answer.header("request-id").unwrap_or_default();
    assert!(id.len() == 18 && id.starts_with("req_"), "Request-Id {id}: {}", context());
    assert!(answer.header("stripe-version").is_some(), "no Stripe-Version: {}", context());
    if is_document(method, target, answer) {
        assert_eq!(answer.header("content-type"), Some("application/pdf"), "{}", context());
        return assert!(answer.bytes.starts_with(b"%PDF-"), "{}", context());
    }
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", context());
    if method == "HEAD" {
        return;
    }
    // The wire form is the canonical one: key order, two spaces, a final newline.
    let doc: Doc = serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", context()));
    let mut canonical = doc.to_json();
    canonical.push(b'\n');
    assert_eq!(answer.text.as_bytes(), canonical, "not in wire order: {}", context());
    if answer.status == 200 {
        check_success(method, target, answer, reader, &context);
    } else {
        check_error(target, answer, reader.newest, &context);
    }
}

/// Whether an answer is a document that is not JSON.
fn is_document(method: &str, target: &str, answer: &Answer) -> bool {
    let path = target.split('?').next().unwrap();
    match catalogue::find(Method::Get, path) {
        Find::Operation(found) if method == "GET" && answer.status == 200 => {
            matches!(found.operation.returns, catalogue::Returns::Stream)
        }
        _ => false,
    }
}

fn check_success(method: &str, target: &str, answer: &Answer, reader: Reader, context: &dyn Fn() -> String) {
    let path = target.split('?').next().unwrap();
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => Method::Delete,
    };
    let Find::Operation(found) = catalogue::find(method, path) else { panic!("no such operation: {}", context()) };
    let mut faults = shape::check_answer(found.operation, &answer.body, reader.newest);
    // What a page does not see (intents-and-checkout 1.12).
    let is_hidden = |fault: &String| {
        ["metadata", "fingerprint"].iter().any(|name| fault.ends_with(&format!(".{name}: is missing")))
    };
    faults.retain(|fault| !(reader.in_browser && is_hidden(fault)));
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), context());
}

fn check_error(target: &str, answer: &Answer, newest: bool, context: &dyn Fn() -> String) {
    // OAuth has errors of its own, but where nothing of it was reached.
    if catalogue::is_oauth(target) && answer.body["error"].is_string() {
        let is_text = |key: &str| answer.body[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(is_text("error") && is_text("error_description"), "{}", context());
        return;
    }
    let error = answer.body["error"].as_object().unwrap_or_else(|| panic!("no error object: {}", context()));
    if catalogue::is_v2(target) {
        assert!(error.get("doc_url").is_none() && error["message"].is_string(), "{}", context());
        return;
    }
    let kind = error["type"].as_str().unwrap();
    let kinds = ["api_error", "card_error", "idempotency_error", "invalid_request_error"];
    assert!(kinds.contains(&kind), "type {kind}: {}", context());
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{}", context());
    assert!(error.values().all(|value| !value.is_null()), "null in an error: {}", context());
    let faults = shape::check_error(&answer.body["error"], newest);
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), context());
    if let Some(url) = error.get("doc_url") {
        let code = error["code"].as_str().unwrap();
        assert_eq!(url, &format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
    }
    assert!(answer.status != 500, "{}", context());
    // 501 is what is not built, 503 that there is no room.
    assert_eq!([501, 503].contains(&answer.status), kind == "api_error", "{}", context());
}
