//! A reader finds every document: links lead somewhere, the README leads to each page, and `llms.txt` is the same list for a
//! program that reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::docs::{is_written, read};
use super::root;

/// The most lines of the README: it is read on one screen, and the rest is in `docs/`.
const README_LINES_MAX: usize = 150;

/// The documents, each with its path from the root of the repository.
fn documents() -> Vec<String> {
    let mut found: Vec<String> = ["README.md", "CHANGELOG.md", "llms.txt"].map(str::to_owned).into();
    for folder in ["docs", "docs/reference", "benches", "fixtures", "tests/flows"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            found.extend(name.ends_with(".md").then(|| format!("{folder}/{name}")));
        }
    }
    found
}

/// A text without its blocks and spans of code.
fn prose(text: &str) -> String {
    let blocks = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    blocks.lines().map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join("`") + "\n").collect()
}

/// Where the links of a text lead, other than to web pages.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
}

/// The anchors of a page, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let blocks = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let headings = blocks.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings.map(|text| text.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(out.pop(), "{}", path.display()),
            part => out.push(part),
        }
    }
    out
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut faults = Vec::new();
    for name in documents() {
        let text = read(&name);
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { PathBuf::from(&name) } else { plain(&Path::new(&name).with_file_name(path)) };
            let found = root().join(&target).exists()
                && (anchor.is_empty() || anchors(&read(target.to_str().unwrap())).contains(anchor));
            faults.extend((!found).then(|| format!("{name}: {link}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The rows of the README's table of documents: title, path, what is in it.
fn table_of_documents(readme: &str) -> Vec<(&str, &str, &str)> {
    let (_, table) = readme.split_once("| page | what is in it |\n|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.strip_prefix("| [").unwrap().strip_suffix(" |").unwrap());
    let parts = cells.map(|row| {
        let (title, rest) = row.split_once("](").unwrap();
        let (path, what) = rest.split_once(") | ").unwrap();
        (title, path, what)
    });
    parts.collect()
}

#[test]
fn the_readme_leads_to_every_page_and_has_150_lines_at_most() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= README_LINES_MAX, "the README has {} lines", readme.lines().count());
    let listed: Vec<&str> = table_of_documents(&readme).iter().map(|row| row.1).collect();
    for page in documents().iter().filter(|page| page.starts_with("docs/") && !page.starts_with("docs/reference/")) {
        let times = listed.iter().filter(|path| *path == page).count();
        assert_eq!(
            times, 1,
            "{page} has {times} rows in the README's table of pages; scripts/readme-tables follows it"
        );
    }
}

#[test]
fn the_list_for_programs_is_the_table_of_the_readme() {
    let readme = read("README.md");
    let (_, about) = readme.split_once("# Pinstripe\n\n").unwrap();
    let (about, _) = about.split_once("\n\n").unwrap();
    let quote: Vec<String> = about.lines().map(|line| format!("> {line}\n")).collect();
    let mut text = format!("# Pinstripe\n\n{}\n## Pages\n\n- [README](README.md): the first steps\n", quote.concat());
    for (title, path, what) in table_of_documents(&readme) {
        text += &format!("- [{title}]({path}): {what}\n");
    }
    is_written("llms.txt", &text);
}

#[test]
fn links_and_anchors_are_found() {
    let page = "# A page\n\n[one](b.md#the-rest), `[no](x.md)`, [web](https://stripe.test)\n\n```sh\n# [no](y.md)\n```\n## `POST /a_b/{id}`, and 3-D\n";
    assert_eq!(links(page), ["b.md#the-rest"]);
    assert_eq!(anchors(page), BTreeSet::from(["a-page".to_owned(), "post-a_bid-and-3-d".to_owned()]));
}
