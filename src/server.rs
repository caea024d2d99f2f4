//! A running server: loaded, listening, stopped.
//!
//! May use: tokio, the app, the HTTP edge, the files of `--save`. Invariant: nobody can connect before everything is loaded;
//! dropping a [`Server`] stops it.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::engine;
use crate::fixtures::{self, FixtureError, Loaded};
use crate::http;
use crate::http::bind::Addresses;
use crate::http::serve;
use crate::limits::SHUTDOWN_MILLISECONDS_MAX;
use crate::memory::{self, MemoryUnknown};
use crate::save::{FileClaim, SaveError, SavedFiles, Saver, Saving};
use crate::state::sandbox::Listener;
use crate::webhooks::settings::WebhookSettings;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be bound.
    #[error("cannot listen on port {port}{}: {source}{}", at(*.host), advice(.source))]
    Listen {
        /// The address; `None` for the loopback addresses.
        host: Option<IpAddr>,
        /// The port.
        port: u16,
        /// The error of the system.
        source: io::Error,
    },
    /// A fixtures document is wrong.
    #[error(transparent)]
    Fixtures(#[from] FixtureError),
    /// The files of `--save` cannot be used.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// The limit of the memory cannot be kept.
    #[error(transparent)]
    Memory(#[from] MemoryUnknown),
    /// Loading panicked.
    #[error("loading panicked: this is a bug")]
    Panicked,
}

fn at(host: Option<IpAddr>) -> String {
    host.map_or_else(String::new, |host| format!(" of {host}"))
}

/// What can be done about an address that cannot be bound.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; is another server running? --port 0 picks a free port",
        io::ErrorKind::AddrNotAvailable => "; without --host, both loopback addresses are used",
        io::ErrorKind::PermissionDenied => "; ports from 1024 on need no rights",
        _ => "",
    }
}

/// A server in this process.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    urls: Vec<String>,
    stop: watch::Sender<bool>,
    loaded: Loaded,
    found: Option<SavedFiles>,
    serving: JoinHandle<Result<(), SaveError>>,
}

impl Server {
    /// Loads the fixtures and the files of `save`, and listens. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The address cannot be bound, a document is wrong, a file of `save` is wrong, cannot be written, or is used by
    /// another server, or the limit of the memory cannot be kept.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        memory::check_limit(config.max_memory, memory::resident())?;
        let app = Arc::new(App::new(&config));
        // First the files, then the port: a former server that still ends has both.
        let claim = match config.save.clone() {
            Some(path) => Some(blocking(move || FileClaim::take(&path)).await??),
            None => None,
        };
        let listen = |source| StartError::Listen { host: config.host.ip(), port: config.port, source };
        let addresses = Addresses::bind(config.host.ip(), config.port).map_err(listen)?;
        let urls = addresses.urls();
        app.set_own_url(urls.first().map_or("", String::as_str));
        let known = Arc::downgrade(&app);
        let known = move |sandbox: &str| known.upgrade()?.known_sandbox(sandbox);
        app.webhooks().start(known, tokio::runtime::Handle::current());
        app.listen(Arc::clone(app.webhooks()) as _);
        let (filled, paths) = (Arc::clone(&app), config.fixtures.clone());
        let (loaded, saver) = blocking(move || load(&filled, &paths, claim)).await??;
        let listeners = addresses.listen().map_err(listen)?;
        let (stop, stopping) = watch::channel(false);
        let found = saver.as_ref().map(|saver| saver.found().clone());
        let saving = saver.map(|saver| saver.begin(config.save_every));
        tokio::spawn(run_due(Arc::clone(&app), stopping.clone()));
        let served = serve::serve(listeners, http::service(Arc::clone(&app)), config.patience, stopping);
        let serving = tokio::spawn(serve_and_save(served, saving));
        Ok(Server { app, urls, stop, loaded, found, serving })
    }

    /// What the fixtures contained.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// What was at the path of `save`; `None` without one.
    pub fn found(&self) -> Option<&SavedFiles> {
        self.found.as_ref()
    }

    /// The variables in the `env` of the fixtures, with their values, such as ids of created objects.
    pub fn variables(&self) -> &[(String, String)] {
        &self.loaded.variables
    }

    /// The base URL of the server, without a final slash.
    pub fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// The settings of webhooks: receivers, secret, retries.
    pub fn webhooks(&self) -> &WebhookSettings {
        self.app.webhooks().settings()
    }

    /// Hands what is committed in any sandbox, from now on, to a listener.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.app.listen(listener);
    }

    /// Every address at which it listens.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Stops accepting, finishes open requests for at most a second, writes the files of `save`, and finishes deliveries for at
    /// most another second.
    ///
    /// # Errors
    /// A file cannot be written.
    pub async fn stop(mut self) -> Result<(), SaveError> {
        let _ = self.stop.send(true);
        let saved = (&mut self.serving).await.unwrap_or(Err(SaveError::Panicked));
        self.app.webhooks().drain(Duration::from_millis(SHUTDOWN_MILLISECONDS_MAX)).await;
        saved
    }
}

/// Serves, and then writes what the last requests have changed; also when nobody waits for the end.
async fn serve_and_save(served: impl Future<Output = ()>, saving: Option<Saving>) -> Result<(), SaveError> {
    served.await;
    match saving {
        Some(saving) => saving.end().await,
        None => Ok(()),
    }
}

/// Runs work that blocks, apart from the tasks of the runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StartError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StartError::Panicked)
}

/// Loads the fixtures, and then what was saved.
fn load(app: &Arc<App>, paths: &[PathBuf], claim: Option<FileClaim>) -> Result<(Loaded, Option<Saver>), StartError> {
    let loaded = fixtures::load_all(app, paths)?;
    let saver = claim.map(|claim| Saver::open(claim, app)).transpose()?;
    Ok((loaded, saver))
}

/// How often the due work of sandboxes with fast clocks is done, besides at each request.
const DUE_EVERY: Duration = Duration::from_millis(50);

/// At which of these times the due work of all sandboxes is done.
const DUE_OF_ALL_EVERY: u64 = 20;

/// Does what is due in sandboxes without requests.
async fn run_due(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut times = 0_u64;
    while tokio::time::timeout(DUE_EVERY, stop.wait_for(|stop| *stop)).await.is_err() {
        times += 1;
        let of_all = times.is_multiple_of(DUE_OF_ALL_EVERY);
        if of_all {
            let kept = Arc::clone(&app);
            drop(tokio::task::spawn_blocking(move || kept.make_room_for_snapshots()));
        } else if !app.has_fast_clocks() {
            continue;
        }
        let sandboxes = app.all_sandboxes().into_iter().filter(|sandbox| of_all || sandbox.clock().speed() > 1);
        // Where the engine is at work it gets to what has become due since; a long advance holds up no other sandbox.
        let due = sandboxes.filter(|sandbox| engine::is_due(sandbox) && !sandbox.runs_engine());
        for sandbox in due {
            // Work that panics is caught and logged where it runs.
            drop(tokio::task::spawn_blocking(move || engine::run_due(&sandbox)));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
