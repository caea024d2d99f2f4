//! Every flag, declared once: name, environment variable, default and meaning.
//!
//! May use: clap. Invariant: the table in `docs/configuration.md` is made from this declaration, and a test compares them.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{BoolishValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches as _, Parser, Subcommand};

use crate::contract::version::Version;
use crate::limits::{ANSWER_PAUSE_SECONDS_MAX, BODY_PAUSE_SECONDS_MAX, CONNECTIONS_HALF_OPEN_MAX, HEADER_SECONDS_MAX};
use crate::memory;
use crate::mock_flags;
use crate::receiver_url::ReceiverUrl;
use crate::request_log::log::{LogFormat, LogLevel};
use crate::settings::Choice;
use crate::time::clock::{Clock, SPEED_MAX};
use crate::tls::{AuthorityPlace, AuthoritySettings, CertifiedName};
use crate::webhooks;
use crate::webhooks::settings::{Authorities, Mode, Retries, Timestamps, WebhookSettings};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "pinstripe", version, about, long_about = None)]
#[command(mut_args(|knob| knob.global(true)))]
pub struct Cli {
    /// What to do; serving is the default.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The server's flags.
    #[command(flatten)]
    pub config: Config,
}

impl Cli {
    /// The command line of this process, with the environment. Exits if it is wrong.
    ///
    /// For `exec` and `mcp`, the ports are free ones and there are no files of sockets unless a flag is given, because other servers
    /// may be running, with the same variables; and nothing is logged unless flag or variable ask for it, because the command prints
    /// to the same terminal. Its authority is kept nowhere unless the flag says where: nobody but the command has to trust it.
    pub fn read() -> Self {
        let command = Cli::command_line();
        let arguments = joined(mock_flags::translated(std::env::args_os()).into_iter(), &command);
        let matches = command.get_matches_from(arguments);
        let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if matches.value_source("fixtures") == Some(ValueSource::EnvVariable) {
            cli.config.fixtures.retain(|path| path != Path::new(IMAGE_FOLDER) || path.exists());
        }
        if let (HttpsPort::At(port), Some(ValueSource::DefaultValue)) =
            (cli.config.https_port, matches.value_source("https_port"))
        {
            cli.config.https_port = HttpsPort::AtOrElsewhere(port);
        }
        if matches!(cli.command, Some(Command::Exec { .. } | Command::Mcp(_))) {
            let is_asked_for = |flag: &str| matches.value_source(flag) == Some(ValueSource::CommandLine);
            let Config { port, https_port, unix, https_unix, .. } = &mut cli.config;
            *port = if is_asked_for("port") { *port } else { 0 };
            *https_port = if is_asked_for("https_port") { *https_port } else { HttpsPort::At(0) };
            unix.take_if(|_| !is_asked_for("unix"));
            https_unix.take_if(|_| !is_asked_for("https_unix"));
            if matches.value_source("log") == Some(ValueSource::DefaultValue) {
                cli.config.log = LogLevel::Off;
            }
            cli.config.authority.get_or_insert(AuthorityPlace::Memory);
        }
        if cli.config.clock != Clock::Real && cli.config.clock_speed > 1 {
            let message = "--clock-speed needs --clock real: a frozen clock stands still";
            Cli::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        if matches!(&cli.command, Some(Command::Mcp(order)) if order.url.is_some()) {
            refuse_flags_of_a_server(&matches);
        }
        cli
    }

    /// The command line, where the help of each command lists the flags that matter to it. The others are accepted.
    fn command_line() -> clap::Command {
        let command = Cli::command();
        let all: Vec<clap::Arg> = command.get_arguments().filter(|arg| arg.is_global_set()).cloned().collect();
        let hidden = |shown: &[&str]| {
            let is_other = |arg: &&clap::Arg| !shown.contains(&arg.get_id().as_str());
            all.iter().filter(is_other).map(|arg| arg.clone().hide(true)).collect::<Vec<_>>()
        };
        // What `read` says of `exec`.
        let of_exec = all.iter().filter_map(|arg| match arg.get_id().as_str() {
            "port" => Some(("Port to listen on (default: a free one)", arg.clone().hide_env(true))),
            "https_port" => Some(("Port to listen on for https (default: a free one)", arg.clone().hide_env(true))),
            "unix" => Some(("File of a socket at which http is spoken as well", arg.clone().hide_env(true))),
            "https_unix" => Some(("File of a socket at which https is spoken as well", arg.clone().hide_env(true))),
            "log" => Some(("Which requests are logged on stderr (default: off)", arg.clone())),
            _ => None,
        });
        let of_exec: Vec<_> = of_exec.map(|(help, arg)| arg.help(help).hide_default_value(true)).collect();
        command
            .mut_subcommand("exec", |exec| exec.args(of_exec))
            .mut_subcommand("check-fixtures", |check| check.args(hidden(&FLAGS_OF_CHECKS)))
            .mut_subcommand("healthcheck", |healthcheck| healthcheck.args(hidden(&["port"])))
    }
}

/// Exits if a flag was given that says how a server of the program's own would be, although another one is named. Variables say it of
/// whatever is started, and may stand.
fn refuse_flags_of_a_server(matches: &ArgMatches) {
    let mut command = Cli::command();
    let is_idle = |flag: &&clap::Arg| {
        let id = flag.get_id().as_str();
        let is_given = || matches.value_source(id) == Some(ValueSource::CommandLine);
        flag.is_global_set() && !FLAGS_OF_RELAYS.contains(&id) && is_given()
    };
    let idle = command.get_arguments().find(is_idle).and_then(clap::Arg::get_long).map(str::to_owned);
    if let Some(flag) = idle {
        let message = format!("--{flag} says how a server is started, and --url names one that runs");
        command.error(ErrorKind::ArgumentConflict, message).exit();
    }
}

/// The server's flags that matter to `mcp` beside a server that runs.
const FLAGS_OF_RELAYS: [&str; 2] = ["webhook_ca", "log_format"];

/// The flags that a check of fixtures depends on.
const FLAGS_OF_CHECKS: [&str; 6] = ["public_url", "api_version", "seed", "clock", "strict", "settings"];

/// The arguments with `--strict false` as `--strict=false`: a flag that may stand alone would otherwise take the next word, which may
/// be a command.
fn joined(arguments: impl Iterator<Item = OsString>, command: &clap::Command) -> Vec<OsString> {
    let alone = |arg: &&clap::Arg| arg.is_require_equals_set();
    let flags: Vec<String> =
        command.get_arguments().filter(alone).filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect();
    let is_flag = |text: &OsString| flags.iter().any(|flag| text.as_os_str() == flag.as_str());
    let mut out: Vec<OsString> = Vec::new();
    let mut of_the_command = false;
    for argument in arguments {
        of_the_command |= argument == "--";
        match (out.last_mut(), argument.to_str()) {
            (Some(flag), Some(value)) if !of_the_command && is_flag(flag) && BOOLEANS.contains(&value) => {
                flag.push("=");
                flag.push(value);
            }
            _ => out.push(argument),
        }
    }
    out
}

/// The values of a flag that may stand alone.
const BOOLEANS: [&str; 8] = ["true", "false", "1", "0", "yes", "no", "on", "off"];

/// Commands other than serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the certificate of the local authority that vouches for https, for whoever should trust it; made if it is not there
    Ca {
        /// Print where it is instead
        #[arg(long)]
        path: bool,
    },
    /// Check fixtures without serving, and report what is wrong in each document
    CheckFixtures {
        /// Files, folders or presets such as @shop
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Run a command beside a server on a free port, then exit with the command's status; the command and what it starts reach the
    /// server at api.stripe.com and Stripe's other names, and get its address and keys in STRIPE_API_BASE, STRIPE_API_KEY,
    /// STRIPE_WEBHOOK_SECRET, PINSTRIPE_URL and PINSTRIPE_PORT
    Exec {
        /// Leave Stripe's names alone: the command has to use the address in its environment
        #[arg(long)]
        no_redirect: bool,
        /// The command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// Read the objects of a sandbox of the real API, or of another server, into a file that --fixtures loads; a pull that was
    /// ended goes on where it was
    Pull(PullOrder),
    /// Speak the Model Context Protocol on standard input and output, for a server of its own, which ends with the input, or for one
    /// that runs
    Mcp(McpOrder),
    /// Exit with 0 when the server on this machine is ready (for Docker's HEALTHCHECK)
    Healthcheck,
}

/// What is pulled, and where to.
#[derive(Clone, Debug, Args)]
pub struct PullOrder {
    /// The secret or restricted key of the sandbox, sk_test_… or rk_test_…; it is sent to the API and written nowhere
    #[arg(long, env = "STRIPE_API_KEY", hide_env_values = true)]
    pub api_key: ApiKey,
    /// The address of the API
    #[arg(long, env = "STRIPE_API_BASE", hide_env_values = true, default_value = "https://api.stripe.com")]
    pub api_base: ReceiverUrl,
    /// The file to write
    #[arg(long, default_value = "pulled.json")]
    pub output: PathBuf,
}

/// Which server `pinstripe mcp` speaks for.
#[derive(Clone, Debug, Args)]
pub struct McpOrder {
    /// The address of a server that runs; when not given, one of its own is started
    #[arg(long)]
    pub url: Option<ReceiverUrl>,
    /// The key that tools use, such as sk_test_sandbox_NAME (default: that of the default sandbox)
    #[arg(long, env = "STRIPE_API_KEY", hide_env_values = true)]
    pub api_key: Option<ApiKey>,
}

/// A key that is never shown.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key, to be sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

impl FromStr for ApiKey {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(ApiKey(text.trim().to_owned()))
    }
}

/// Where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// At both loopback addresses, because `localhost` can mean either.
    Loopback,
    /// At one address.
    At(IpAddr),
}

impl Host {
    /// The one address.
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Host::Loopback => None,
            Host::At(ip) => Some(ip),
        }
    }
}

/// Where a server listens for https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpsPort {
    /// Nowhere.
    Off,
    /// At this port; 0 is a free one.
    At(u16),
    /// At this port, or at a free one if it is taken.
    AtOrElsewhere(u16),
}

/// The folder of fixtures that the image names in the environment; it need not exist.
const IMAGE_FOLDER: &str = "/fixtures";

/// The settings of a server.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address to listen on; `localhost` is both loopback addresses, 127.0.0.1 and ::1
    #[arg(long, env = "PINSTRIPE_HOST", default_value = "localhost", value_parser = parse_host)]
    pub host: Host,
    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PINSTRIPE_PORT", default_value_t = 12111)]
    pub port: u16,
    /// Port to listen on for https and HTTP/2: 0 picks a free one, and so does the default one where it is taken or --port is 0; `off`
    /// for none
    #[arg(long, env = "PINSTRIPE_HTTPS_PORT", default_value = "12112", value_name = "PORT", value_parser = parse_https_port)]
    pub https_port: HttpsPort,
    /// File of a socket at which http is spoken as well
    #[arg(long, env = "PINSTRIPE_UNIX", value_name = "FILE")]
    pub unix: Option<PathBuf>,
    /// File of a socket at which https is spoken as well
    #[arg(long, env = "PINSTRIPE_HTTPS_UNIX", value_name = "FILE")]
    pub https_unix: Option<PathBuf>,
    /// Folder in which the local authority that vouches for https is made once and kept, or `memory` for another one at each start
    /// (default: `pinstripe` in `XDG_DATA_HOME` or `~/.local/share`)
    #[arg(long = "ca", env = "PINSTRIPE_CA", value_name = "FOLDER")]
    pub authority: Option<AuthorityPlace>,
    /// A name or an address besides `localhost`, 127.0.0.1, ::1 and the hosts of Stripe for which https has a certificate; may be
    /// repeated (in the variable: separated by commas)
    #[arg(long = "https-name", env = "PINSTRIPE_HTTPS_NAME", value_name = "NAME", value_delimiter = ',')]
    pub https_names: Vec<CertifiedName>,
    /// A PEM file with a certificate of your own, and those that vouch for it, which https shows for the names in it; with --https-key
    #[arg(long, env = "PINSTRIPE_HTTPS_CERTIFICATE", value_name = "FILE")]
    pub https_certificate: Option<PathBuf>,
    /// A PEM file with the key of --https-certificate
    #[arg(long, env = "PINSTRIPE_HTTPS_KEY", value_name = "FILE")]
    pub https_key: Option<PathBuf>,
    /// Base URL of the links in answers (default: the request's Host)
    #[arg(long, env = "PINSTRIPE_PUBLIC_URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,
    /// Fixtures to load at the start: a file, a folder or a preset such as @shop; may be repeated (in the variable: separated by
    /// commas)
    #[arg(long, env = "PINSTRIPE_FIXTURES", value_delimiter = ',')]
    pub fixtures: Vec<PathBuf>,
    /// A file for the state of the default sandbox, or a folder (with a final slash) for a file of every sandbox: loaded at the
    /// start, written while there are changes and at the end
    #[arg(long, env = "PINSTRIPE_SAVE")]
    pub save: Option<PathBuf>,
    /// Seconds between two writes to --save, such as 0.5; nothing is written while nothing changes
    #[arg(long, env = "PINSTRIPE_SAVE_EVERY", default_value = "5", value_parser = parse_seconds)]
    pub save_every: Duration,
    /// API version of requests without a `Stripe-Version` header
    #[arg(long, env = "PINSTRIPE_API_VERSION", default_value = crate::catalogue::API_VERSION, value_parser = parse_version)]
    pub api_version: Version,
    /// A number from which ids are generated, so that they are the same in every run (default: random ids)
    #[arg(long, env = "PINSTRIPE_SEED")]
    pub seed: Option<u64>,
    /// The clock of new sandboxes: `real` (the machine's), or `frozen@UNIX_SECONDS`
    #[arg(long, env = "PINSTRIPE_CLOCK", default_value = "real", value_parser = parse_clock)]
    pub clock: Clock,
    /// How many times as fast as the machine's the clock of new sandboxes runs; with `--clock real` only
    #[arg(long, env = "PINSTRIPE_CLOCK_SPEED", default_value = "1", value_parser = parse_speed)]
    pub clock_speed: u32,
    /// A URL to which the events of every sandbox are sent; may be repeated (in the variable: separated by commas)
    #[arg(long = "webhook-url", env = "PINSTRIPE_WEBHOOK_URL", value_delimiter = ',')]
    pub webhook_urls: Vec<ReceiverUrl>,
    /// The secret that signs deliveries to --webhook-url (default: a fixed `whsec_…`, printed at the start)
    #[arg(long, env = "PINSTRIPE_WEBHOOK_SECRET")]
    pub webhook_secret: Option<String>,
    /// Seconds before each further attempt of a delivery that was answered with an error, or `none`; while a receiver does
    /// not answer at all, the last number repeats
    #[arg(long, env = "PINSTRIPE_WEBHOOK_RETRIES", default_value = webhooks::settings::RETRIES_DEFAULT)]
    pub webhook_retries: Retries,
    /// Seconds within which a receiver must answer
    #[arg(long, env = "PINSTRIPE_WEBHOOK_TIMEOUT", default_value = "10", value_parser = parse_seconds)]
    pub webhook_timeout: Duration,
    /// Whether events are sent to their receivers, or collected for a test to read
    #[arg(long, env = "PINSTRIPE_WEBHOOK_MODE", default_value = "send")]
    pub webhook_mode: Mode,
    /// The time in a delivery's signature: the machine's, which SDKs accept, or the sandbox's
    #[arg(long, env = "PINSTRIPE_WEBHOOK_TIMESTAMPS", default_value = "real")]
    pub webhook_timestamps: Timestamps,
    /// A PEM file of extra CA certificates for https receivers
    #[arg(long, env = "PINSTRIPE_WEBHOOK_CA")]
    pub webhook_ca: Option<Authorities>,
    /// Answer 501 to every operation that has no rules, only a shape
    #[arg(long, env = "PINSTRIPE_STRICT", action = ArgAction::Set, num_args = 0..=1, require_equals = true)]
    #[arg(value_name = "BOOLEAN", default_missing_value = "true", default_value = "false", value_parser = BoolishValueParser::new())]
    pub strict: bool,
    /// Leave out the web page at /_pinstripe/ui and all that is kept for it: what requests and due work changed, answers, the stream
    #[arg(long = "no-ui", env = "PINSTRIPE_NO_UI", action = ArgAction::Set, num_args = 0..=1, require_equals = true)]
    #[arg(value_name = "BOOLEAN", default_missing_value = "true", default_value = "false", value_parser = parse_no())]
    pub ui: bool,
    /// Bytes in memory (also as `500M` or `2G`) beyond which nothing more is created: such requests answer 503; Linux only (default: no limit)
    #[arg(long, env = "PINSTRIPE_MAX_MEMORY", value_name = "BYTES", value_parser = memory::parse_bytes)]
    pub max_memory: Option<u64>,
    /// A setting of the account for every sandbox; may be repeated (in the variable: separated by commas)
    #[arg(long = "set", env = "PINSTRIPE_SET", value_name = "NAME=VALUE", value_delimiter = ',', value_parser = Choice::parse)]
    pub settings: Vec<Choice>,
    /// Which requests are logged on stderr
    #[arg(long, env = "PINSTRIPE_LOG", default_value = "requests")]
    pub log: LogLevel,
    /// How log lines are written
    #[arg(long, env = "PINSTRIPE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Whether links lead to the server's own address also for whoever reaches it by one of Stripe's names; no flag, for `exec`
    #[arg(skip)]
    pub own_links: bool,
    /// How long the server waits for its clients; no flag, for tests that cannot wait that long
    #[arg(skip)]
    pub patience: Patience,
}

/// How long a server waits for a client in the middle of a request or an answer, and for how many at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole header of a request.
    pub header: Duration,
    /// For the next bytes of a body.
    pub body: Duration,
    /// Until the client takes the next bytes of an answer.
    pub answer: Duration,
    /// The number of connections that wait for the rest of a header.
    pub half_open: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            header: Duration::from_secs(HEADER_SECONDS_MAX),
            body: Duration::from_secs(BODY_PAUSE_SECONDS_MAX),
            answer: Duration::from_secs(ANSWER_PAUSE_SECONDS_MAX),
            half_open: CONNECTIONS_HALF_OPEN_MAX,
        }
    }
}

impl Default for Config {
    /// A free port for http alone on the loopback addresses, no log, and nothing in the user's folders: for tests.
    fn default() -> Self {
        Config {
            host: Host::Loopback,
            port: 0,
            https_port: HttpsPort::Off,
            unix: None,
            https_unix: None,
            authority: Some(AuthorityPlace::Memory),
            https_names: Vec::new(),
            https_certificate: None,
            https_key: None,
            public_url: None,
            fixtures: Vec::new(),
            save: None,
            save_every: Duration::from_secs(5),
            api_version: Version::newest(),
            seed: None,
            clock: Clock::Real,
            clock_speed: 1,
            webhook_urls: Vec::new(),
            webhook_secret: None,
            webhook_retries: Retries::default(),
            webhook_timeout: Duration::from_secs(10),
            webhook_mode: Mode::Send,
            webhook_timestamps: Timestamps::Real,
            webhook_ca: None,
            strict: false,
            ui: true,
            max_memory: None,
            settings: Vec::new(),
            log: LogLevel::Off,
            log_format: LogFormat::Text,
            own_links: false,
            patience: Patience::default(),
        }
    }
}

impl Config {
    /// Which authority vouches for https.
    pub fn authority_settings(&self) -> AuthoritySettings {
        AuthoritySettings {
            place: self.authority.clone().unwrap_or(AuthorityPlace::User),
            names: self.https_names.clone(),
            certificate: self.https_certificate.clone(),
            key: self.https_key.clone(),
        }
    }

    /// How deliveries are made.
    pub fn webhook_settings(&self) -> WebhookSettings {
        WebhookSettings {
            urls: self.webhook_urls.clone(),
            secret: self.webhook_secret.clone().unwrap_or_else(webhooks::settings::default_secret),
            retries: self.webhook_retries.clone(),
            timeout: self.webhook_timeout,
            mode: self.webhook_mode,
            timestamps: self.webhook_timestamps,
            authorities: self.webhook_ca.clone().unwrap_or_default(),
            version: self.api_version,
        }
    }
}

/// `true` for what is not left out.
fn parse_no() -> impl TypedValueParser<Value = bool> {
    BoolishValueParser::new().map(|is_left_out| !is_left_out)
}

/// Another text would make links that lead nowhere.
fn parse_public_url(text: &str) -> Result<String, String> {
    let wrong = |reason: String| format!("{reason}; expected a base URL such as https://stripe.test:8443");
    text.parse::<ReceiverUrl>().map_err(|fault| wrong(fault.to_string()))?;
    if text.contains(['?', '#']) { Err(wrong("it has a query or a fragment".to_owned())) } else { Ok(text.to_owned()) }
}

fn parse_host(text: &str) -> Result<Host, String> {
    match text {
        "localhost" => Ok(Host::Loopback),
        _ => text.parse().map(Host::At).map_err(|_| "expected an IP address, or `localhost`".to_owned()),
    }
}

fn parse_https_port(text: &str) -> Result<HttpsPort, String> {
    match text {
        "off" => Ok(HttpsPort::Off),
        _ => text.parse().map(HttpsPort::At).map_err(|_| "expected a port, or `off`".to_owned()),
    }
}

fn parse_version(name: &str) -> Result<Version, String> {
    Version::parse(name).map_err(|_| "not a released API version".to_owned())
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| "expected seconds, more than none".to_owned())
}

fn parse_clock(text: &str) -> Result<Clock, String> {
    match text.strip_prefix("frozen@") {
        None if text == "real" => Ok(Clock::Real),
        None => Err("expected `real` or `frozen@UNIX_SECONDS`".to_owned()),
        Some(at) => {
            let clock = at.parse().ok().map(Clock::Frozen).filter(|clock| clock.can_be_set());
            clock.ok_or_else(|| "expected Unix seconds after `frozen@`, up to the end of the year 9999".to_owned())
        }
    }
}

fn parse_speed(text: &str) -> Result<u32, String> {
    let speed = text.parse().ok().filter(|speed| (1..=SPEED_MAX).contains(speed));
    speed.ok_or_else(|| format!("expected a whole number from 1 to {SPEED_MAX}"))
}

/// The table of flags, as in `docs/configuration.md`.
pub fn markdown() -> String {
    let command = Cli::command();
    let mut out = String::from("| flag | variable | default | meaning |\n|---|---|---|---|\n");
    for knob in command.get_arguments().filter(|knob| knob.get_long().is_some() && knob.get_env().is_some()) {
        let env = knob.get_env().unwrap_or_default().to_string_lossy();
        let default: Vec<_> =
            knob.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
        let values = knob.get_possible_values();
        let values: Vec<_> =
            values.iter().filter(|value| !value.is_hide_set()).map(|value| format!("`{}`", value.get_name())).collect();
        let meaning = knob.get_help().map(ToString::to_string).unwrap_or_default();
        let choices = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
        let flag = knob.get_long().unwrap_or_default();
        out.push_str(&format!("| `--{flag}` | `{env}` | {} | {meaning}{choices} |\n", default.join(", ")));
    }
    out
}
