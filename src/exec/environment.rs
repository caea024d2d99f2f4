//! What the environment of `exec` says of options, paths and proxies, and what its command is told instead.
//!
//! May use: the names of the API's hosts. Invariant: what the user has set still holds for the command, beside what is added.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use pinstripe::tls::API_HOSTS;

/// The variables of a process. One that is empty counts as missing, as it does for their readers.
#[derive(Debug)]
pub(super) struct Environment(HashMap<OsString, OsString>);

impl Environment {
    pub(super) fn of_this_process() -> Self {
        Environment(std::env::vars_os().filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The first of these that is there.
    pub(super) fn first(&self, names: &[&str]) -> Option<&OsStr> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A value with what it was, in its order. `joint` separates both.
    fn joined(&self, name: &str, added: &OsStr, joint: &str, comes_first: bool) -> OsString {
        let Some(was) = self.get(name) else { return added.to_owned() };
        let parts = if comes_first { [added, OsStr::new(joint), was] } else { [was, OsStr::new(joint), added] };
        parts.into_iter().collect()
    }

    /// What makes interpreters load the hooks in a folder.
    pub(super) fn hooks(&self, folder: &Path) -> Vec<(&'static str, OsString)> {
        let option =
            |option: &str, file: &str| OsString::from_iter([OsStr::new(option), folder.join(file).as_os_str()]);
        vec![
            // What is loaded last is asked first: of two `exec` around each other the inner one is meant.
            ("NODE_OPTIONS", self.joined("NODE_OPTIONS", &option("--require ", "node.cjs"), " ", false)),
            // One word: with two, `bun test` would be taken for a script's name.
            ("BUN_OPTIONS", self.joined("BUN_OPTIONS", &option("--preload=", "node.cjs"), " ", false)),
            ("RUBYOPT", self.joined("RUBYOPT", &option("-r", "ruby.rb"), " ", false)),
            // The hook runs the other module of its name before itself.
            ("PYTHONPATH", self.joined("PYTHONPATH", folder.join("python").as_os_str(), ":", true)),
        ]
    }

    /// What makes PHP read the settings in a folder, after those that it reads anyway.
    pub(super) fn settings_of_php(&self, folder: &Path) -> (&'static str, OsString) {
        let name = "PHP_INI_SCAN_DIR";
        // Without a name before the colon, PHP's own folder is meant.
        let own = OsString::from_iter([OsStr::new(":"), folder.join("php").as_os_str()]);
        let joined = self.get(name).map(|was| OsString::from_iter([was, &own]));
        (name, joined.unwrap_or(own))
    }

    /// Which hosts are reached without a proxy: those of this machine, and those that the user names, but the API's.
    pub(super) fn without_proxy(&self) -> String {
        let own = ["localhost", "127.0.0.1", "::1"];
        let named = self.first(&["no_proxy", "NO_PROXY"]).and_then(OsStr::to_str).unwrap_or_default();
        let named = named.split([',', ' ']).filter(|host| !host.is_empty() && !own.contains(host) && !is_of_api(host));
        own.into_iter().chain(named).collect::<Vec<_>>().join(",")
    }

    /// Which hosts are reached without the user's own proxy: those that the user names, and the API's.
    pub(super) fn without_users_proxy(&self) -> String {
        let named = self.first(&["no_proxy", "NO_PROXY"]).and_then(OsStr::to_str);
        // Many clients know this word for every host only if it stands alone.
        match named {
            Some("*") => "*".to_owned(),
            named => named.into_iter().chain(API_HOSTS.iter().copied()).collect::<Vec<_>>().join(","),
        }
    }

    /// The user's proxy for https, unless no host is reached through it.
    pub(super) fn proxy(&self) -> Option<&OsStr> {
        let unused = self.first(&["no_proxy", "NO_PROXY"]).is_some_and(|hosts| hosts == "*");
        self.first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]).filter(|_| !unused)
    }
}

/// Whether an entry of a list such as NO_PROXY means one of the API's hosts.
fn is_of_api(entry: &str) -> bool {
    let name = entry.trim_start_matches('*').trim_start_matches('.');
    API_HOSTS
        .iter()
        .any(|host| name.is_empty() || *host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::Environment;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment(variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect())
    }

    #[test]
    fn what_interpreters_load_already_is_kept() {
        let set = environment(&[("NODE_OPTIONS", "--no-warnings"), ("RUBYOPT", "-W0"), ("PYTHONPATH", "/a:/b")]);
        let hooks: Vec<_> =
            set.hooks(Path::new("/x")).into_iter().map(|(_, value)| value.into_string().unwrap()).collect();
        let expected =
            ["--no-warnings --require /x/node.cjs", "--preload=/x/node.cjs", "-W0 -r/x/ruby.rb", "/x/python:/a:/b"];
        assert_eq!(hooks, expected);
        assert_eq!(environment(&[]).hooks(Path::new("/x"))[0].1, "--require /x/node.cjs");
        assert_eq!(environment(&[]).settings_of_php(Path::new("/x")).1, ":/x/php");
        assert_eq!(environment(&[("PHP_INI_SCAN_DIR", "/mine")]).settings_of_php(Path::new("/x")).1, "/mine:/x/php");
    }

    #[test]
    fn the_users_list_of_hosts_without_proxy_is_kept_but_for_the_api() {
        let listed = |hosts: &str| environment(&[("NO_PROXY", hosts)]).without_proxy();
        assert_eq!(environment(&[]).without_proxy(), "localhost,127.0.0.1,::1");
        assert_eq!(listed("localhost, .corp.example,10.0.0.0/8"), "localhost,127.0.0.1,::1,.corp.example,10.0.0.0/8");
        for hosts in ["*", ".stripe.com", "stripe.com", "api.stripe.com", "*.stripe.com"] {
            assert_eq!(listed(hosts), "localhost,127.0.0.1,::1", "{hosts}");
        }
        assert_eq!(listed("e.com"), "localhost,127.0.0.1,::1,e.com");
    }

    #[test]
    fn without_a_proxy_of_exec_the_api_is_reached_without_the_users_too() {
        let listed = |hosts: &str| environment(&[("no_proxy", hosts)]).without_users_proxy();
        assert!(environment(&[]).without_users_proxy().starts_with("api.stripe.com,"));
        assert!(listed("localhost,.corp.example").starts_with("localhost,.corp.example,api.stripe.com,"));
        assert_eq!(listed("*"), "*");
    }

    #[test]
    fn the_users_proxy_is_used_unless_every_host_is_reached_without() {
        let proxy = |variables: &[(&str, &str)]| environment(variables).proxy().map(OsString::from);
        assert_eq!(proxy(&[("HTTPS_PROXY", "http://a:1"), ("ALL_PROXY", "http://b:2")]), Some("http://a:1".into()));
        assert_eq!(proxy(&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", "*")]), None);
        assert_eq!(proxy(&[]), None);
    }
}
