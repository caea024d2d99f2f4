//! A running server: loaded, listening, stopped.
//!
//! May use: tokio, the app, the HTTP edge, the files of `--save`. Invariant: nobody can connect before everything is loaded;
//! dropping a [`Server`] stops it.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::{Config, HttpsPort};
use crate::engine;
use crate::fixtures::{self, FixtureError, Loaded};
use crate::http;
use crate::http::bind::Addresses;
use crate::http::serve;
use crate::http::wire::Listening;
use crate::limits::SHUTDOWN_MILLISECONDS_MAX;
use crate::memory::{self, MemoryUnknown};
use crate::save::{FileClaim, SaveError, SavedFiles, Saver, Saving};
use crate::state::sandbox::Listener;
use crate::tls::{Authority, AuthorityError};
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
    /// The file of a socket cannot be used.
    #[error("cannot listen at {}: {source}", path.display())]
    Socket {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// There is no certificate for https.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
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
        io::ErrorKind::AddrInUse => "; is another server running? --port 0 and --https-port 0 pick a free port",
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
    https_urls: Vec<String>,
    authority: Option<Arc<Authority>>,
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
        let ports = Ports::bind(&config)?;
        let urls = ports.http.urls("http");
        app.set_own_url(urls.first().map_or("", String::as_str));
        let known = Arc::downgrade(&app);
        let known = move |sandbox: &str| known.upgrade()?.known_sandbox(sandbox);
        app.webhooks().start(known, tokio::runtime::Handle::current());
        app.listen(Arc::clone(app.webhooks()) as _);
        let (filled, paths) = (Arc::clone(&app), config.fixtures.clone());
        let (loaded, saver) = blocking(move || load(&filled, &paths, claim)).await??;
        let authority = if ports.https.is_some() || config.https_unix.is_some() {
            let settings = config.authority_settings();
            Some(Arc::new(blocking(move || Authority::open(&settings)).await??))
        } else {
            None
        };
        if let Some(authority) = &authority {
            app.set_certificate(authority.certificate_pem());
        }
        let tls = authority.as_ref().map(|authority| authority.server_config());
        let OpenPorts { listeners, https_urls } = ports.listen(&config, tls.as_ref())?;
        let (stop, stopping) = watch::channel(false);
        let found = saver.as_ref().map(|saver| saver.found().clone());
        let saving = saver.map(|saver| saver.begin(config.save_every));
        tokio::spawn(run_due(Arc::clone(&app), stopping.clone()));
        let served = serve::serve(listeners, http::service(Arc::clone(&app)), config.patience, stopping);
        let serving = tokio::spawn(serve_and_save(served, saving));
        Ok(Server { app, urls, https_urls, authority, stop, loaded, found, serving })
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

    /// The base URL of the server for https, without a final slash; `None` without https at a port.
    pub fn https_url(&self) -> Option<&str> {
        self.https_urls.first().map(String::as_str)
    }

    /// Every address at which it listens for https.
    pub fn https_urls(&self) -> &[String] {
        &self.https_urls
    }

    /// The authority that vouches for https; `None` without https.
    pub fn authority(&self) -> Option<&Arc<Authority>> {
        self.authority.as_ref()
    }

    /// The settings of webhooks: receivers, secret, retries.
    pub fn webhooks(&self) -> &WebhookSettings {
        self.app.webhooks().settings()
    }

    /// Hands what is committed in any sandbox, from now on, to a listener.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.app.listen(listener);
    }

    /// Every address at which it listens for http.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Stops accepting, finishes open requests for at most a second, writes the files of `save`, and finishes deliveries for at
    /// most another second.
    ///
    /// # Errors
    /// A file cannot be written.
    pub async fn stop(mut self) -> Result<(), SaveError> {
        self.halt();
        let saved = (&mut self.serving).await.unwrap_or(Err(SaveError::Panicked));
        self.app.webhooks().drain(Duration::from_millis(SHUTDOWN_MILLISECONDS_MAX)).await;
        saved
    }

    /// Begins to stop. What a stream waits for will not come any more.
    fn halt(&self) {
        let _ = self.stop.send(true);
        if let Some(activity) = self.app.activity() {
            activity.end();
        }
    }
}

/// The ports of a server, at which nobody listens yet.
struct Ports {
    http: Addresses,
    https: Option<Addresses>,
}

/// Where a server listens.
struct OpenPorts {
    listeners: Vec<Listening>,
    https_urls: Vec<String>,
}

impl Ports {
    fn bind(config: &Config) -> Result<Self, StartError> {
        let http = bind(config, config.port)?;
        let https = match config.https_port {
            HttpsPort::Off => None,
            HttpsPort::At(port) => Some(bind(config, port)?),
            // Who wants any port for http can run many servers.
            HttpsPort::AtOrElsewhere(_) if config.port == 0 => Some(bind(config, 0)?),
            HttpsPort::AtOrElsewhere(port) => Some(bind(config, port).or_else(|_| bind(config, 0))?),
        };
        Ok(Ports { http, https })
    }

    /// Lets clients connect, at the files of sockets as well.
    fn listen(self, config: &Config, tls: Option<&Arc<ServerConfig>>) -> Result<OpenPorts, StartError> {
        let (_, sockets) = listen(config, self.http, "http")?;
        let mut listeners: Vec<Listening> =
            sockets.into_iter().map(|socket| Listening::at_port(socket, None)).collect();
        let mut https_urls = Vec::new();
        if let Some(https) = self.https {
            let (urls, sockets) = match (listen(config, https, "https"), config.https_port) {
                // A server that started at the same time was faster.
                (Err(_), HttpsPort::AtOrElsewhere(_)) => listen(config, bind(config, 0)?, "https")?,
                (opened, _) => opened?,
            };
            https_urls = urls;
            listeners.extend(sockets.into_iter().map(|socket| Listening::at_port(socket, tls)));
        }
        for (path, tls) in [(&config.unix, None), (&config.https_unix, tls)] {
            let Some(path) = path else { continue };
            let refused = |source| StartError::Socket { path: path.clone(), source };
            listeners.push(Listening::at_file(path, tls).map_err(refused)?);
        }
        Ok(OpenPorts { listeners, https_urls })
    }
}

fn bind(config: &Config, port: u16) -> Result<Addresses, StartError> {
    let host = config.host.ip();
    Addresses::bind(host, port).map_err(|source| StartError::Listen { host, port, source })
}

/// The URLs of addresses, and what listens there.
fn listen(config: &Config, addresses: Addresses, scheme: &str) -> Result<(Vec<String>, Vec<TcpListener>), StartError> {
    let (urls, port) = (addresses.urls(scheme), addresses.port());
    let refused = |source| StartError::Listen { host: config.host.ip(), port, source };
    Ok((urls, addresses.listen().map_err(refused)?))
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
        self.halt();
    }
}
