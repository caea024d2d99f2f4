//! Uploads: `multipart/form-data` becomes a form like any other (core-payments 1.2.1).
//!
//! May use: axum's reader of parts. Invariant: a part with a file name becomes an object of `filename`, `type`, `size`
//! and `data` (in base64); any other part is a plain value.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;

/// Whether a request is an upload.
pub(super) fn is_sent(parts: &Parts) -> bool {
    let content_type = super::text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
    content_type.get(..19).is_some_and(|essence| essence.eq_ignore_ascii_case("multipart/form-data"))
}

/// An upload as an encoded form.
pub(super) struct Upload {
    /// With the content of the files.
    pub(super) form: Bytes,
    /// Without the content of the files, for the request log.
    pub(super) outline: Bytes,
}

/// The parts as an encoded form.
///
/// # Errors
/// The body is not of the form that its header names.
pub(super) async fn as_form(parts: &Parts, body: Bytes) -> Result<Upload, ApiError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut contents: Vec<(String, String)> = Vec::new();
    let mut request = Request::from_parts(parts.clone(), Body::from(body));
    // The body was already read, with its own limit.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| ApiError::body_type())?;
    while let Some(field) = multipart.next_field().await.map_err(|_| ApiError::body_type())? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let data = field.bytes().await.map_err(|_| ApiError::body_type())?;
        match filename {
            None => pairs.push((name, String::from_utf8_lossy(&data).into_owned())),
            Some(filename) => {
                pairs.push((format!("{name}[filename]"), filename));
                pairs.push((format!("{name}[type]"), content_type));
                pairs.push((format!("{name}[size]"), data.len().to_string()));
                contents.push((format!("{name}[data]"), STANDARD.encode(&data)));
            }
        }
    }
    let encoded = |pairs: &[(String, String)]| Bytes::from(serde_urlencoded::to_string(pairs).unwrap_or_default());
    let outline = encoded(&pairs);
    pairs.append(&mut contents);
    Ok(Upload { form: encoded(&pairs), outline })
}
