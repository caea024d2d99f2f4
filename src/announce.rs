//! What the program prints on its standard output once it listens.
//!
//! May use: the library's server and configuration. Invariant: the first line has the address, and nothing is printed before
//! the server answers.

use std::io::Write as _;

use pinstripe::Server;
use pinstripe::config::{Config, HttpsPort};
use pinstripe::fixtures::Loaded;
use pinstripe::pages::ui;
use pinstripe::save::SavedFile;
use pinstripe::time::calendar::{DAY, HOUR, MINUTE};
use pinstripe::time::clock::Clock;

/// Prints the first lines, beginning with the address, and the variables of the fixtures.
pub(crate) fn announce(server: &Server, config: &Config) {
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    // The server runs even if standard output is closed.
    let _ = writeln!(out, "Pinstripe {version} listens on {}", addresses(server, config).join(" and "));
    for line in https(server, config) {
        let _ = writeln!(out, "{line}");
    }
    if config.host.ip().is_some_and(|ip| ip.is_unspecified()) {
        let _ = writeln!(out, "At every address of this machine: whoever reaches it can use it");
    }
    let _ = writeln!(out, "API version {}; any sk_test_… key works", config.api_version.as_str());
    let settings = settings(config);
    if !settings.is_empty() {
        let _ = writeln!(out, "With {}", settings.join(", "));
    }
    let webhooks = server.webhooks();
    for url in &webhooks.urls {
        let _ = writeln!(out, "Every event goes to {url}, signed with {}", webhooks.secret);
    }
    for line in loaded(server, config) {
        let _ = writeln!(out, "{line}");
    }
    if config.ui {
        let _ = writeln!(out, "See what happens at {}{}", server.url(), ui::PATH);
    }
    for (name, value) in server.variables() {
        let _ = writeln!(out, "{name}={value}");
    }
    let _ = out.flush();
}

/// Every address and every file at which the server listens.
fn addresses(server: &Server, config: &Config) -> Vec<String> {
    let files = [&config.unix, &config.https_unix].into_iter().flatten().map(|file| file.display().to_string());
    server.urls().iter().chain(server.https_urls()).cloned().chain(files).collect()
}

/// What is not as somebody would expect of https, and what clients have to trust.
fn https(server: &Server, config: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    if let (HttpsPort::AtOrElsewhere(port), Some(url)) = (config.https_port, server.https_url())
        && config.port != 0
        && !url.ends_with(&format!(":{port}"))
    {
        lines.push(format!("Port {port} is taken, so https is at another one"));
    }
    let authority = server.authority();
    if let Some(error) = authority.and_then(|authority| authority.unkept()) {
        lines.push(format!("The authority of https is another one at each start, because {error}"));
    }
    if let Some(file) = authority.and_then(|authority| authority.file()) {
        lines.push(format!("Clients trust https by {}", file.display()));
    }
    lines
}

/// What the server begins with, and from where.
fn loaded(server: &Server, config: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    if !config.fixtures.is_empty() {
        let paths: Vec<_> = config.fixtures.iter().map(|path| path.display().to_string()).collect();
        let Loaded { documents, objects, .. } = server.loaded();
        lines.push(format!(
            "Fixtures: {} in {} from {}",
            count(*objects, "object"),
            count(*documents, "document"),
            paths.join(", ")
        ));
    }
    if let (Some(path), Some(found)) = (&config.save, server.found()) {
        let what = match found.files.as_slice() {
            [] => "nothing yet".to_owned(),
            [file] => format!("{}{}", count(file.objects, "object"), age(file)),
            files => {
                let objects = files.iter().map(|file| file.objects).sum();
                let newest = files.iter().max_by_key(|file| file.written).map(age).unwrap_or_default();
                format!("{} in {}{newest}", count(objects, "object"), count(files.len(), "sandbox"))
            }
        };
        let place =
            if found.in_place { "; written in place, because it is a mount: mount its folder instead" } else { "" };
        lines.push(format!("State in {}: {what}{place}", path.display()));
    }
    if lines.is_empty() {
        lines.push("Begins empty: --fixtures @shop loads an example, --save FILE keeps what is created".to_owned());
    }
    lines
}

fn count(number: usize, noun: &str) -> String {
    let ending = match (number, noun.ends_with('x')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{number} {noun}{ending}")
}

/// How long ago a file was written.
fn age(file: &SavedFile) -> String {
    let Some(passed) = file.written.and_then(|written| written.elapsed().ok()) else { return String::new() };
    let passed = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
    // Two of the larger unit are told in it.
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let (length, unit) = units.into_iter().find(|(length, _)| passed >= 2 * length).unwrap_or((1, "second"));
    format!(", saved {} ago", count(usize::try_from(passed / length).unwrap_or(usize::MAX), unit))
}

/// The flags that change answers, for the first lines on the standard output.
fn settings(config: &Config) -> Vec<String> {
    let clock = match config.clock {
        Clock::Real | Clock::Running(_) => Some(config.clock_speed)
            .filter(|speed| *speed > 1)
            .map(|speed| format!("clocks that run {speed} times as fast as the machine's")),
        Clock::Frozen(at) => Some(format!("the clock frozen at {}", time(at))),
        Clock::Ahead(by) => Some(format!("the clock {by} seconds ahead")),
    };
    let seed = config.seed.map(|seed| format!("ids from seed {seed}"));
    let strict = config.strict.then(|| "shape-only operations refused (--strict)".to_owned());
    [clock, seed, strict].into_iter().flatten().collect()
}

/// A time in Unix seconds, with its date.
fn time(at: i64) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |time| format!("{at} ({time})"))
}
