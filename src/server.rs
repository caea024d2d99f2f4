//! A running server: bound, loaded, serving, stopped.
//!
//! May use: tokio, the app and the HTTP edge. Invariant: dropping a [`Server`] stops it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::engine;
use crate::fixtures::{self, FixtureError, Variables, export};
use crate::http;
use crate::http::serve::Listeners;
use crate::limits::SHUTDOWN_MILLISECONDS_MAX;
use crate::state::sandbox::Listener;
use crate::webhooks::settings::WebhookSettings;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be bound.
    #[error("cannot listen on port {port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// The error of the system.
        source: io::Error,
    },
    /// A fixtures document is wrong.
    #[error(transparent)]
    Fixtures(#[from] FixtureError),
    /// The state could not be saved at the end.
    #[error("cannot save to {}: {source}", path.display())]
    Save {
        /// The path of the file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// A server in this process.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    urls: Vec<String>,
    stop: watch::Sender<bool>,
    save: Option<PathBuf>,
    variables: Variables,
    serving: JoinHandle<()>,
}

impl Server {
    /// Binds, begins to serve (`/healthz` answers 503), loads the fixtures and is ready. Must be called inside a tokio
    /// runtime.
    ///
    /// # Errors
    /// The address cannot be bound, or a fixtures document is wrong.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let mut server = Self::bind(&config).await?;
        server.load(&config)?;
        Ok(server)
    }

    /// Binds and begins to serve; not ready before [`load`](Self::load).
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn bind(config: &Config) -> Result<Self, StartError> {
        let listeners = Listeners::bind(config.host, config.port)
            .await
            .map_err(|source| StartError::Listen { port: config.port, source })?;
        let urls = listeners.urls();
        let app = Arc::new(App::new(config));
        let known = Arc::downgrade(&app);
        let known = move |sandbox: &str| known.upgrade()?.known_sandbox(sandbox);
        app.webhooks().start(known, tokio::runtime::Handle::current());
        app.listen(Arc::clone(app.webhooks()) as _);
        let (stop, stopping) = watch::channel(false);
        app.set_own_url(urls.first().map_or("", String::as_str));
        tokio::spawn(run_due(Arc::clone(&app), stopping.clone()));
        let serving = tokio::spawn(listeners.serve(http::router(Arc::clone(&app)), stopping));
        let save = config.save.clone();
        Ok(Server { app, urls, stop, save, variables: Variables::new(), serving })
    }

    /// Loads the fixtures, after which the server is ready.
    ///
    /// # Errors
    /// The first document that is wrong, or a file of `save` that is wrong or cannot be written.
    pub fn load(&mut self, config: &Config) -> Result<(), StartError> {
        self.variables = fixtures::load_all(&self.app, &config.fixtures)?.variables;
        if let Some(path) = config.save.as_deref() {
            if path.exists() {
                fixtures::replace_from(&self.app, self.app.default_sandbox(), path)?;
            }
            export::check_place(path).map_err(|source| StartError::Save { path: path.to_owned(), source })?;
        }
        self.app.set_ready();
        Ok(())
    }

    /// The variables in the `env` of the fixtures, with their values, such as ids of created objects.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
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

    /// Stops accepting, finishes open requests for at most a second and deliveries for at most another, and writes the
    /// file of `save`.
    ///
    /// # Errors
    /// That file cannot be written.
    pub async fn stop(mut self) -> io::Result<()> {
        let _ = self.stop.send(true);
        // A serving task that panicked has stopped, too.
        let _ = (&mut self.serving).await;
        self.app.webhooks().drain(Duration::from_millis(SHUTDOWN_MILLISECONDS_MAX)).await;
        self.app.log().flush();
        self.save.as_deref().map_or(Ok(()), |path| export::save(self.app.default_sandbox(), path))
    }
}

/// How often the due work of all sandboxes is done, besides at each request.
const DUE_EVERY: Duration = Duration::from_secs(1);

/// Does what is due in sandboxes without requests.
async fn run_due(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while tokio::time::timeout(DUE_EVERY, stop.wait_for(|stop| *stop)).await.is_err() {
        // Where the engine is at work it gets to what has become due since; a long advance holds up no other sandbox.
        let due = app.all_sandboxes().into_iter().filter(|sandbox| engine::is_due(sandbox) && !sandbox.runs_engine());
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
