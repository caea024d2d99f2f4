//! The flags of Stripe's own mock, as other names of this program's.
//!
//! May use: nothing else. Invariant: what is no such flag, and what follows `--`, is left as it is.

use std::ffi::OsString;

/// Flags that have another name here; one dash is as good as two.
const RENAMED: [(&str, &str); 6] = [
    ("port", "--port"),
    ("http-port", "--port"),
    ("https-port", "--https-port"),
    ("unix", "--unix"),
    ("http-unix", "--unix"),
    ("https-unix", "--https-unix"),
];

/// Flags with an address, which are a host and a port here.
const ADDRESSES: [(&str, &str); 2] = [("http-addr", "--port"), ("https-addr", "--https-port")];

/// The command line in the words of this program.
pub(crate) fn translated(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut out = Vec::new();
    let mut hosts: Vec<String> = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            out.push(argument);
            break;
        }
        let Some((name, value)) = argument.to_str().and_then(flag) else {
            out.push(argument);
            continue;
        };
        if let Some((_, own)) = RENAMED.iter().find(|(theirs, _)| *theirs == name) {
            out.push(value.map_or_else(|| (*own).to_owned(), |value| format!("{own}={value}")).into());
        } else if let Some((_, own)) = ADDRESSES.iter().find(|(theirs, _)| *theirs == name) {
            // Without a value, or without a port in it, the own flag lacks its value, and is refused for that.
            let Some(value) = value.map(OsString::from).or_else(|| arguments.next()) else {
                out.push((*own).into());
                continue;
            };
            let value = value.to_string_lossy();
            let (host, port) = value.rsplit_once(':').unwrap_or((&value, ""));
            out.push(format!("{own}={port}").into());
            hosts.push(host.trim_matches(['[', ']']).to_owned());
        } else {
            out.push(argument);
        }
    }
    out.extend(arguments);
    // Both addresses have one host here: two different ones are two values of one flag, which is refused.
    hosts.dedup();
    let hosts = hosts.iter().map(|host| format!("--host={}", if host.is_empty() { "::" } else { host }).into());
    out.splice(1.min(out.len())..1.min(out.len()), hosts);
    out
}

/// The name of a flag, and its value if it stands in the same word.
fn flag(argument: &str) -> Option<(&str, Option<&str>)> {
    let named = argument.strip_prefix('-').map(|rest| rest.strip_prefix('-').unwrap_or(rest))?;
    Some(named.split_once('=').map_or((named, None), |(name, value)| (name, Some(value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        let translated = translated(line.split(' ').map(OsString::from));
        translated.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_flags_of_the_mock_are_this_programs() {
        for (theirs, own) in [
            ("p -http-port 1 -https-port 2", "p --port 1 --https-port 2"),
            ("p --http-port=1 -https-port=2", "p --port=1 --https-port=2"),
            ("p -port 1", "p --port 1"),
            ("p -http-unix a -https-unix b", "p --unix a --https-unix b"),
            ("p -http-addr :1 -https-addr :2", "p --host=:: --port=1 --https-port=2"),
            ("p -http-addr 127.0.0.1:", "p --host=127.0.0.1 --port="),
            ("p -https-addr 127.0.0.1", "p --host=127.0.0.1 --https-port="),
            ("p -http-addr", "p --port"),
            ("p -https-addr [::1]:2", "p --host=::1 --https-port=2"),
            ("p -http-addr=1.1.1.1:1 -https-addr 2.2.2.2:2", "p --host=1.1.1.1 --host=2.2.2.2 --port=1 --https-port=2"),
            ("p --port 1 --seed 7 -V", "p --port 1 --seed 7 -V"),
            ("p exec -port 1 -- program -http-port 3", "p exec --port 1 -- program -http-port 3"),
        ] {
            assert_eq!(of(theirs), own, "{theirs}");
        }
    }
}
