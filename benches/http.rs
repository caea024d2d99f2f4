//! As much HTTP/1.1 as a measurement needs: requests rendered to bytes ahead of time, response heads
//! parsed cheaply, and a blocking client for the calls that prepare a measurement.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::Fallible;

/// How long a single preparing call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A request to the API: what is sent, independent of the server it is sent to.
#[derive(Clone)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    form: String,
    key: String,
    /// A further header, as it is sent, with its line end.
    header: String,
}

impl Call {
    /// A `GET` with the secret key of a sandbox.
    pub(crate) fn get(sandbox: &str, path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), form: String::new(), key: key_of(sandbox), header: String::new() }
    }

    /// A `POST` of a form body (already encoded) with the secret key of a sandbox.
    pub(crate) fn post(sandbox: &str, path: impl Into<String>, form: impl Into<String>) -> Self {
        Self { method: "POST", path: path.into(), form: form.into(), key: key_of(sandbox), header: String::new() }
    }

    /// The same with a header.
    #[allow(dead_code, reason = "the benchmark of counts sends one")]
    pub(crate) fn with_header(self, name: &str, value: &str) -> Self {
        Self { header: format!("{name}: {value}\r\n"), ..self }
    }

    /// The bytes of this request, for the server at that address.
    pub(crate) fn to_bytes(&self, server: SocketAddr) -> Vec<u8> {
        let Self { method, path, form, key, header } = self;
        let body_headers = match *method {
            "POST" => format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len()),
            _ => String::new(),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {key}\r\n\
             {header}{body_headers}\r\n{form}"
        )
        .into_bytes()
    }
}

/// The secret key that selects a sandbox; `default` is the one of every ordinary key.
fn key_of(sandbox: &str) -> String {
    match sandbox {
        "default" => "sk_test_bench".to_owned(),
        name => format!("sk_test_sandbox_{name}"),
    }
}

/// What a response's first line and headers say about its length and success.
pub(crate) struct Head {
    /// The status code.
    pub status: u16,
    /// Where the body starts in the bytes read.
    pub body_start: usize,
    /// Bytes of the whole response, head and body.
    pub total: usize,
}

/// Parses a response's head; `None` while it is incomplete.
///
/// Only `Content-Length` bodies are understood. A chunked answer is an error, not a guess: both servers
/// of a comparison must frame their bodies alike.
pub(crate) fn parse_head(bytes: &[u8]) -> Fallible<Option<Head>> {
    let mut status = None;
    let mut length = None;
    let mut start = 0;
    while let Some(offset) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let line = bytes[start..start + offset].trim_ascii_end();
        start += offset + 1;
        if status.is_none() {
            let code = line.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
            let code = code.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            status = Some(code.ok_or_else(|| format!("not HTTP/1.1: {}", excerpt(bytes)))?);
        } else if line.is_empty() {
            let length: usize = length.ok_or_else(|| format!("no Content-Length in: {}", excerpt(bytes)))?;
            return Ok(status.map(|status| Head { status, body_start: start, total: start + length }));
        } else if let Some((name, value)) = split_header(line)
            && name.eq_ignore_ascii_case(b"content-length")
        {
            let text = std::str::from_utf8(value)?;
            length = Some(text.parse().map_err(|_| format!("Content-Length `{text}`"))?);
        }
    }
    Ok(None)
}

/// A header line's name and value.
fn split_header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((&line[..colon], line[colon + 1..].trim_ascii()))
}

/// The beginning of some bytes, for an error message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]).into_owned()
}

/// A whole response.
pub(crate) struct Response {
    /// The status code.
    pub status: u16,
    /// Every header, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body, which is text for every server measured here.
    pub body: String,
}

/// A connection for one call at a time: prepares measurements, is never measured itself.
pub(crate) struct Client {
    stream: TcpStream,
    server: SocketAddr,
}

impl Client {
    /// Connects, with bounded waits from then on.
    pub(crate) fn connect(server: SocketAddr) -> Fallible<Self> {
        Self::connect_for(server, CALL_TIMEOUT)
    }

    /// As [`connect`](Self::connect), for calls whose answers take longer.
    pub(crate) fn connect_for(server: SocketAddr, patience: Duration) -> Fallible<Self> {
        let stream = TcpStream::connect_timeout(&server, CALL_TIMEOUT)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(CALL_TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, server })
    }

    /// Sends a call and reads its answer, whatever its status.
    pub(crate) fn send(&mut self, call: &Call) -> Fallible<Response> {
        self.stream.write_all(&call.to_bytes(self.server))?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut chunk)?;
            if count == 0 {
                return Err(format!("connection closed after: {}", excerpt(&bytes)).into());
            }
            bytes.extend_from_slice(&chunk[..count]);
            if let Some(head) = parse_head(&bytes)?
                && bytes.len() >= head.total
            {
                let headers = bytes[..head.body_start]
                    .split(|byte| *byte == b'\n')
                    .skip(1)
                    .filter_map(split_header)
                    .map(|(name, value)| (lossy(name), lossy(value)))
                    .collect();
                let body = lossy(&bytes[head.body_start..head.total]);
                return Ok(Response { status: head.status, headers, body });
            }
        }
    }

    /// Sends a call that must answer 200.
    pub(crate) fn expect_200(&mut self, call: &Call) -> Fallible<Response> {
        let response = self.send(call)?;
        if response.status != 200 {
            let Call { method, path, form, .. } = call;
            return Err(format!("{method} {path} {form}: {} {}", response.status, response.body).into());
        }
        Ok(response)
    }

    /// Sends a call that must answer 200 with an object, and gives its `id`.
    pub(crate) fn id_of(&mut self, call: &Call) -> Fallible<String> {
        let body = self.expect_200(call)?.body;
        let object: Value = serde_json::from_str(&body)?;
        match object.get("id").and_then(Value::as_str) {
            Some(id) => Ok(id.to_owned()),
            None => Err(format!("no id in {body}").into()),
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
