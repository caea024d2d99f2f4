//! How a command's processes reach the server although they call the API by its own names: hooks for interpreters, and a proxy
//! with a trusted authority for everything else.
//!
//! May use: the library's server, `templates/exec/`. Invariant: nothing outside of the command's environment and its own folder is
//! changed, and both are gone with it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use pinstripe::tls::API_HOSTS;

use super::environment::Environment;
use super::folder::PrivateFolder;
use super::proxy::{LoopbackProxy, Routes};
use super::trust::Trust;
use super::upstream::Upstream;

/// The hooks, by their names in the folder.
const HOOKS: [(&str, &str); 3] = [
    ("node.cjs", include_str!("../../templates/exec/node.cjs")),
    ("ruby.rb", include_str!("../../templates/exec/ruby.rb")),
    ("python/sitecustomize.py", include_str!("../../templates/exec/python/sitecustomize.py")),
];

/// The settings of PHP and what they name.
const PHP: [(&str, &str); 2] = [
    ("php/pinstripe.ini", include_str!("../../templates/exec/php/pinstripe.ini")),
    ("php/prepend.php", include_str!("../../templates/exec/php/prepend.php")),
];

/// Programs that run Java, which takes its certificates from files of its own kind.
const JAVA: [&str; 9] = ["java", "javac", "kotlin", "mvn", "mvnw", "gradle", "gradlew", "sbt", "scala"];

/// What is said of programs that do not reach the server by the API's names.
const NOT_JAVA: &str = "Java programs do not reach this server by Stripe's names: give them STRIPE_API_BASE";
const NO_ROOTS: &str =
    "no file of trusted certificates was found: only Node, Python and Ruby reach this server by Stripe's names";
const OTHER_PROXY: &str =
    "the proxy in HTTPS_PROXY is none for http: only Node, Python and Ruby reach this server by Stripe's names";

/// The ports of this machine at which the command finds the API.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiPorts {
    pub(super) https: u16,
    pub(super) http: u16,
}

/// What leads to the server, for as long as it is kept.
#[derive(Debug)]
pub(super) struct Redirect {
    /// What the command's environment says more, or else.
    pub(super) variables: Vec<(&'static str, OsString)>,
    /// What does not lead to the server.
    pub(super) notices: Vec<&'static str>,
    _proxy: Option<LoopbackProxy>,
    _folder: PrivateFolder,
}

impl Redirect {
    /// Leads a program and all that it starts to these ports, whose authority has this certificate.
    pub(super) async fn start(ports: ApiPorts, authority: &str, program: &OsStr) -> io::Result<Self> {
        let environment = Environment::of_this_process();
        let folder = PrivateFolder::new()?;
        let trust = Trust::new(&folder, authority, &environment)?;
        let write = |files: &[(&str, &str)]| {
            let filled = |template| filled(template, ports, folder.path(), &trust);
            files.iter().try_for_each(|(name, template)| folder.write(name, filled(template).as_bytes()).map(drop))
        };
        write(&HOOKS)?;
        let mut variables = environment.hooks(folder.path());
        variables.extend(trust.variables.iter().cloned());
        let mut notices: Vec<&'static str> = is_java(program).then_some(NOT_JAVA).into_iter().collect();
        let upstream = environment.proxy().map(|url| url.to_str().and_then(Upstream::parse));
        let proxy = match (&trust.bundle, upstream) {
            (None, _) => Err(NO_ROOTS),
            (Some(_), Some(None)) => Err(OTHER_PROXY),
            (Some(_), upstream) => Ok(LoopbackProxy::start(Routes { ports, upstream: upstream.flatten() }).await?),
        };
        let without_proxy = match &proxy {
            Ok(proxy) => {
                write(&PHP)?;
                variables.push(environment.settings_of_php(folder.path()));
                variables.extend(["HTTPS_PROXY", "https_proxy"].map(|name| (name, proxy.url().into())));
                environment.without_proxy()
            }
            Err(notice) => {
                notices.push(notice);
                // What the hooks redirect is a connection to the API, not one to a proxy that would lead there.
                environment.without_users_proxy()
            }
        };
        variables.extend(["NO_PROXY", "no_proxy"].map(|name| (name, without_proxy.clone().into())));
        Ok(Redirect { variables, notices, _proxy: proxy.ok(), _folder: folder })
    }
}

/// Whether a program runs Java.
fn is_java(program: &OsStr) -> bool {
    let name = Path::new(program).file_name();
    name.is_some_and(|name| JAVA.iter().any(|java| name == *java))
}

/// A hook that knows the server.
fn filled(template: &str, ports: ApiPorts, folder: &Path, trust: &Trust) -> String {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let values = [
        ("{{hosts}}", API_HOSTS.join(" ")),
        ("{{https_port}}", ports.https.to_string()),
        ("{{http_port}}", ports.http.to_string()),
        ("{{authority}}", text(&trust.authority)),
        ("{{bundle}}", trust.bundle.as_deref().map(text).unwrap_or_default()),
        ("{{folder}}", text(folder)),
    ];
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}
