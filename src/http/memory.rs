//! What a connection remembers of its last request: a client repeats its headers.
//!
//! May use: the keys, the app. Invariant: what is remembered follows from the header alone, so that it is never out of date.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;

use super::auth::{self, Key};
use crate::app::App;
use crate::entry;
use crate::error::ApiError;

/// The last header of each kind, with what was read from it.
#[derive(Debug, Default)]
pub(super) struct HeaderMemory {
    key: LastHeader<Key>,
    base_url: LastHeader<str>,
}

/// A longer header is read each time.
const REMEMBERED_BYTES_MAX: usize = 512;

/// A header, and what it means.
#[derive(Debug)]
struct LastHeader<T: ?Sized>(Mutex<Option<(Box<str>, Arc<T>)>>);

impl<T: ?Sized> Default for LastHeader<T> {
    fn default() -> Self {
        LastHeader(Mutex::new(None))
    }
}

impl<T: ?Sized> LastHeader<T> {
    /// What a header means, if it is the last one again.
    fn known(&self, header: &str) -> Option<Arc<T>> {
        self.lock().as_ref().filter(|(last, _)| **last == *header).map(|(_, meaning)| Arc::clone(meaning))
    }

    fn remember(&self, header: &str, meaning: Arc<T>) -> Arc<T> {
        if header.len() <= REMEMBERED_BYTES_MAX {
            *self.lock() = Some((header.into(), Arc::clone(&meaning)));
        }
        meaning
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Box<str>, Arc<T>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeaderMemory {
    /// The key in an `Authorization` header.
    ///
    /// # Errors
    /// Those of [`auth::parse`].
    pub(super) fn key(&self, header: &str) -> Result<Arc<Key>, ApiError> {
        if let Some(known) = self.key.known(header) {
            return Ok(known);
        }
        let key = auth::parse(&auth::from_header(header).unwrap_or_default())?;
        Ok(self.key.remember(header, Arc::new(key)))
    }

    /// Where links in answers point for a request with these headers, without a final slash.
    pub(super) fn base_url(&self, app: &App, headers: &HeaderMap) -> Arc<str> {
        let Some(host) = entry::host(headers) else { return app.base_url(headers).into() };
        let noted = entry::noted(headers).map(|noted| format!("{noted} {host}"));
        let address = noted.as_deref().unwrap_or(host);
        let read = || self.base_url.remember(address, app.base_url(headers).into());
        self.base_url.known(address).unwrap_or_else(read)
    }
}
