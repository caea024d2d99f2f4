//! What all requests share: the sandboxes, their baseline, and the configuration.
//!
//! May use: the state, the configuration. Invariant: a new sandbox has the same baseline as a reset restores.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::http::HeaderMap;
use dashmap::DashMap;
use uuid::Uuid;

use crate::activity::Activity;
use crate::cli::hub::Hub;
use crate::config::Config;
use crate::contract::version::Version;
use crate::entry;
use crate::error::ApiError;
use crate::limits::{SANDBOXES_MAX, SNAPSHOTS_BYTES_MAX};
use crate::links;
use crate::memory::MemoryLimit;
use crate::request_log::called::CallCounts;
use crate::request_log::log::RequestLog;
use crate::request_log::recent::RecentRequests;
use crate::resources;
use crate::settings::Choice;
use crate::state::event::Event;
use crate::state::ids::{IdForm, Ids};
use crate::state::sandbox::{Commit, Common, DEFAULT_SANDBOX, Listener, Sandbox};
use crate::state::{AccountKey, Kind, State, former_bytes};
use crate::time::clock::Clock;
use crate::webhooks::Webhooks;

/// The server's shared parts.
#[derive(Debug)]
pub struct App {
    sandboxes: DashMap<String, Arc<Sandbox>>,
    default: Arc<Sandbox>,
    listeners: Arc<EventListeners>,
    version: Version,
    public_url: Option<String>,
    /// The host of the public URL, and the names for which https has a certificate.
    own_names: Vec<String>,
    own_links: bool,
    /// What all sandboxes have in common.
    common: Arc<Common>,
    clock: Clock,
    clock_speed: u32,
    seed: Option<u64>,
    strict: bool,
    /// The settings of every new sandbox.
    settings: Vec<Choice>,
    log: RequestLog,
    recent: Arc<RecentRequests>,
    called: CallCounts,
    /// What happened; `None` without the web page.
    activity: Option<Arc<Activity>>,
    cli: Arc<Hub>,
    webhooks: Arc<Webhooks>,
    /// The certificate of the authority that vouches for https.
    certificate: OnceLock<String>,
}

/// Receivers of the events of all sandboxes, in the order in which they were added.
#[derive(Debug, Default)]
struct EventListeners(RwLock<Vec<Arc<dyn Listener>>>);

impl EventListeners {
    fn each(&self, tell: impl FnMut(&Arc<dyn Listener>)) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(tell);
    }
}

impl Listener for EventListeners {
    fn committed(&self, sandbox: &str, state: &Arc<State>, events: &[Arc<Event>], commit: Option<&Arc<Commit>>) {
        self.each(|listener| listener.committed(sandbox, state, events, commit));
    }

    fn reset(&self, sandbox: &str) {
        self.each(|listener| listener.reset(sandbox));
    }

    fn backlog(&self, sandbox: &str) -> usize {
        let mut most = 0;
        self.each(|listener| most = most.max(listener.backlog(sandbox)));
        most
    }

    fn dropped(&self, sandbox: &str) -> u64 {
        let mut sum = 0;
        self.each(|listener| sum += listener.dropped(sandbox));
        sum
    }
}

impl App {
    /// An app with an empty default sandbox.
    pub fn new(config: &Config) -> Self {
        resources::install();
        let baseline = Arc::new(empty_state(&config.settings));
        let clock = config.clock;
        let public_url = config.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let own_names = public_url.as_deref().and_then(links::host).into_iter();
        let own_names =
            own_names.chain(config.https_names.iter().map(|name| name.as_str())).map(str::to_owned).collect();
        let common = public_url.as_deref().map_or_else(Common::default, Common::at);
        let common = Arc::new(common.within(Arc::new(MemoryLimit::of(config.max_memory))).keeping_commits(config.ui));
        let default = Sandbox::new(DEFAULT_SANDBOX, baseline, clock, config.seed).of(Arc::clone(&common));
        let default = default.at_speed(config.clock_speed);
        let listeners = Arc::new(EventListeners::default());
        default.listen(Arc::clone(&listeners) as _);
        let recent = Arc::<RecentRequests>::default();
        let activity = config.ui.then(|| Arc::new(Activity::new(Arc::clone(&recent))));
        let webhooks = Webhooks::new(config.webhook_settings(), activity.clone());
        let app = App {
            sandboxes: DashMap::new(),
            default: Arc::new(default.announcing(config.api_version.as_str())),
            listeners,
            version: config.api_version,
            public_url,
            own_names,
            own_links: config.own_links,
            common,
            clock,
            clock_speed: config.clock_speed,
            seed: config.seed,
            strict: config.strict,
            settings: config.settings.clone(),
            log: RequestLog::new(config.log, config.log_format),
            recent,
            called: CallCounts::default(),
            activity,
            cli: Arc::default(),
            webhooks: Arc::new(webhooks),
            certificate: OnceLock::new(),
        };
        if let Some(activity) = &app.activity {
            app.listen(Arc::clone(activity) as _);
        }
        app.listen(Arc::clone(&app.cli) as _);
        app
    }

    /// The version of requests that do not name one.
    pub fn default_version(&self) -> Version {
        self.version
    }

    /// Whether operations without rules are refused.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Whether there is a web page, and what is kept for it.
    pub fn has_ui(&self) -> bool {
        self.activity.is_some()
    }

    /// The configured base URL of links in answers, if any.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The deliveries of webhooks.
    pub fn webhooks(&self) -> &Arc<Webhooks> {
        &self.webhooks
    }

    /// The limit of the memory.
    pub fn memory(&self) -> &Arc<MemoryLimit> {
        self.common.memory()
    }

    /// Sets the address at which the server listens, once.
    pub fn set_own_url(&self, url: &str) {
        self.common.set_base_url(url);
    }

    /// Sets the certificate of the authority that vouches for https, once.
    pub fn set_certificate(&self, pem: &str) {
        let _ = self.certificate.set(pem.to_owned());
    }

    /// The certificate of the authority that vouches for https; `None` without https.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.get().map(String::as_str)
    }

    /// Whether the ids of every sandbox are repeatable.
    pub fn is_seeded(&self) -> bool {
        self.seed.is_some()
    }

    /// Whether due work runs in any sandbox, so that writers may have to wait.
    pub fn runs_engine(&self) -> bool {
        self.common.runs_engine()
    }

    /// Whether a clock was ever faster than the machine's.
    pub fn has_fast_clocks(&self) -> bool {
        self.common.has_fast_clocks()
    }

    /// The sandbox of every key that does not name one.
    pub fn default_sandbox(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The request log.
    pub fn log(&self) -> &RequestLog {
        &self.log
    }

    /// What happened; `None` if that is not kept, since there is no web page.
    pub fn activity(&self) -> Option<&Arc<Activity>> {
        self.activity.as_ref()
    }

    /// The last requests.
    pub fn recent(&self) -> &RecentRequests {
        &self.recent
    }

    /// How often each operation was called.
    pub fn called(&self) -> &CallCounts {
        &self.called
    }

    /// The listening Stripe CLIs.
    pub fn cli(&self) -> &Arc<Hub> {
        &self.cli
    }

    /// The sandbox of this name, created from the baseline at its first use.
    ///
    /// # Errors
    /// The limit of sandboxes is reached.
    pub fn sandbox(&self, name: &str) -> Result<Arc<Sandbox>, ApiError> {
        if name == DEFAULT_SANDBOX {
            return Ok(Arc::clone(&self.default));
        }
        if let Some(sandbox) = self.sandboxes.get(name) {
            return Ok(Arc::clone(&sandbox));
        }
        if self.sandboxes.len() >= SANDBOXES_MAX {
            return Err(ApiError::too_many_sandboxes(SANDBOXES_MAX));
        }
        let sandbox = self.sandboxes.entry(name.to_owned()).or_insert_with(|| {
            let sandbox = self.new_sandbox(name);
            sandbox.listen(Arc::clone(&self.listeners) as _);
            Arc::new(sandbox)
        });
        Ok(Arc::clone(&sandbox))
    }

    /// The sandbox of this name, to look at: one that was not used yet is as it would be, and is not kept.
    pub fn look_at(&self, name: &str) -> Arc<Sandbox> {
        self.known_sandbox(name).unwrap_or_else(|| Arc::new(self.new_sandbox(name)))
    }

    fn new_sandbox(&self, name: &str) -> Sandbox {
        let sandbox = Sandbox::new(name, self.default.baseline(), self.clock, self.seed);
        sandbox.of(Arc::clone(&self.common)).at_speed(self.clock_speed).announcing(self.version.as_str())
    }

    /// The server's own address, without a final slash.
    pub fn own_url(&self) -> &str {
        self.common.base_url()
    }

    /// Whether a host is one of the names that the server was given, which name no sandbox.
    pub fn is_own_name(&self, name: &str) -> bool {
        self.own_names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Adds a listener, which gets the events of all sandboxes from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.0.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Where links in answers point, without a final slash: the public URL, else the address that a request with these headers was
    /// sent to. Where only some programs find this server by the service's names, links lead to its own address: a browser opens them.
    pub fn base_url(&self, headers: &HeaderMap) -> String {
        let (host, path) = (entry::host(headers), entry::path(headers));
        let base = match self.public_url() {
            Some(url) => url.to_owned(),
            None if self.own_links && host.is_some_and(links::is_service_host) => self.common.base_url().to_owned(),
            // Who reaches this server by a name of the service speaks to it as to the service, unless a port says otherwise.
            None if host.is_some_and(links::is_service_host) => ["https://", host.unwrap_or_default()].concat(),
            None => [entry::scheme(headers), "://", host.unwrap_or("localhost")].concat(),
        };
        if path.is_empty() { base } else { base + path }
    }

    /// Copies a sandbox to this name. Replaces a sandbox of that name; returns both.
    ///
    /// # Errors
    /// The limit of sandboxes is reached.
    pub fn fork(&self, from: &Sandbox, name: &str) -> Result<(Arc<Sandbox>, Option<Arc<Sandbox>>), ApiError> {
        if self.sandboxes.len() >= SANDBOXES_MAX && !self.sandboxes.contains_key(name) {
            return Err(ApiError::too_many_sandboxes(SANDBOXES_MAX));
        }
        let fork = from.fork(name, self.seed);
        fork.listen(Arc::clone(&self.listeners) as _);
        let fork = Arc::new(fork);
        self.forget(name);
        let former = self.sandboxes.insert(name.to_owned(), Arc::clone(&fork));
        Ok((fork, former))
    }

    /// Removes and returns the sandbox of this name, if there is one. The default one cannot be removed.
    pub fn drop_sandbox(&self, name: &str) -> Option<Arc<Sandbox>> {
        self.forget(name);
        self.sandboxes.remove(name).map(|(_, sandbox)| sandbox)
    }

    /// Notes that another sandbox takes this name, or none.
    fn forget(&self, name: &str) {
        self.webhooks.forget(name);
        if let Some(activity) = &self.activity {
            activity.reset(name);
        }
    }

    /// The sandbox of this name, if it has been used.
    pub fn known_sandbox(&self, name: &str) -> Option<Arc<Sandbox>> {
        if name == DEFAULT_SANDBOX {
            return Some(Arc::clone(&self.default));
        }
        self.sandboxes.get(name).map(|sandbox| Arc::clone(&sandbox))
    }

    /// Every sandbox that has been used, the default one first, the others by name.
    pub fn all_sandboxes(&self) -> Vec<Arc<Sandbox>> {
        let mut all: Vec<_> = self.sandboxes.iter().map(|sandbox| Arc::clone(sandbox.value())).collect();
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all.insert(0, Arc::clone(&self.default));
        all
    }

    /// Drops the oldest snapshots while they keep more former versions of objects than a server may.
    pub fn make_room_for_snapshots(&self) {
        let sandboxes = self.all_sandboxes();
        let present = || sandboxes.iter().map(|sandbox| sandbox.state().weight()).sum();
        while former_bytes(present()) > SNAPSHOTS_BYTES_MAX {
            let oldest = sandboxes.iter().filter_map(|sandbox| Some((sandbox.oldest_snapshot()?, sandbox)));
            let Some(((_, snapshot), sandbox)) = oldest.min_by_key(|((number, _), _)| *number) else { return };
            tracing::warn!(sandbox = sandbox.name(), snapshot, "snapshots keep too much; the oldest is dropped");
            sandbox.give_up_snapshot(&snapshot);
        }
    }

    /// The sandbox and account of an object with this id, for links without a key. With `only`, no other sandbox is
    /// searched.
    pub fn locate(&self, kind: Kind, id: &str, only: Option<&str>) -> Option<(Arc<Sandbox>, AccountKey)> {
        let holds = |sandbox: &Arc<Sandbox>| {
            let state = sandbox.state();
            let account = state.accounts().find(|account| state.record(*account, kind, id).is_some());
            account.map(|account| (Arc::clone(sandbox), account))
        };
        if let Some(name) = only {
            return if name == DEFAULT_SANDBOX { holds(&self.default) } else { holds(&*self.sandboxes.get(name)?) };
        }
        holds(&self.default).or_else(|| self.sandboxes.iter().find_map(|sandbox| holds(sandbox.value())))
    }

    /// The state of a sandbox without fixtures.
    pub fn empty_state(&self) -> State {
        empty_state(&self.settings)
    }

    /// The clock with which every sandbox begins, and to which a reset brings it back.
    pub fn first_clock(&self) -> Clock {
        self.clock
    }

    /// A sandbox that belongs to no server and begins with this state at this time, to load fixtures in; it emits no events.
    pub fn scratch(&self, state: Arc<State>, clock: Clock) -> Sandbox {
        Sandbox::new(DEFAULT_SANDBOX, state, clock, self.seed)
    }
}

fn empty_state(settings: &[Choice]) -> State {
    let mut state = State::new(&platform_account());
    for choice in settings {
        state.choose(AccountKey::PLATFORM, choice.setting, Some(choice.value));
    }
    state
}

/// The platform account's id: the same in every server, so that a test can contain it.
fn platform_account() -> String {
    IdForm { length: 16, ..IdForm::of("acct_") }.draw(&Ids::seeded(Uuid::NAMESPACE_OID)).into()
}
