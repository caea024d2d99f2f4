//! The one style of all pages: what a browser is sent, and contrasts that can be read.

use std::fs;

use crate::tidy::root;

/// The templates, by name.
fn templates() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("templates")).unwrap().map(|file| file.unwrap().path());
    // Folders hold the scripts for the pages of shops, and what they open.
    let files = files.filter(|path| path.is_file());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let mut all: Vec<_> = files.map(read).collect();
    all.sort();
    all
}

#[test]
fn every_page_has_the_common_base_and_no_style_of_its_own() {
    // Styles and scripts that the content security policy knows by their hashes, and the merchant's colours.
    let known = [
        "{{ crate::pages::assets::CHECKOUT_STYLE|safe }}",
        "{{ crate::pages::assets::LINK_STYLE|safe }}",
        "{{ brand|safe }}",
    ]
    .map(|text| format!("<style>{text}</style>"));
    let scripts = ["CHECKOUT_SCRIPT", "COMPONENT_SCRIPT", "LINKED_SCRIPT"]
        .map(|name| format!("<script>{{{{ crate::pages::assets::{name}|safe }}}}</script>"));
    for (name, text) in templates().iter().filter(|(name, _)| name.ends_with(".html") && name != "base.html") {
        let text = known.iter().chain(&scripts).fold(text.clone(), |text, part| text.replace(part, ""));
        let is_part = !text.contains("{% block");
        assert!(is_part || text.starts_with("{% extends \"base.html\" %}\n"), "{name}");
        for forbidden in ["<style", "style=", "<script", "<link", "<img"] {
            assert!(!text.contains(forbidden), "{name}: {forbidden}");
        }
        assert!(!is_part || !text.contains("<html"), "{name}");
    }
}

#[test]
fn a_page_asks_for_nothing_else() {
    for (name, text) in templates() {
        for request in ["http:", "https:", "url(", "@import", "src=", "@font-face"] {
            assert!(!text.contains(request), "{name}: {request}");
        }
    }
}

/// The colours of a theme: the first or the second list of variables in the style.
fn colors(theme: usize) -> impl Fn(&str) -> [f64; 3] {
    let style = fs::read_to_string(root().join("templates/style.css")).unwrap();
    let list = style.split(":root{").nth(theme + 1).unwrap().split('}').next().unwrap().to_owned();
    move |name| {
        let value = list.split(';').find_map(|pair| pair.strip_prefix(&format!("--{name}:#"))).expect(name);
        let digits: Vec<u8> = value.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
        let channel = |n: usize| match digits.len() {
            3 => digits[n] * 17,
            _ => digits[2 * n] * 16 + digits[2 * n + 1],
        };
        [0, 1, 2].map(|n| f64::from(channel(n)) / 255.0)
    }
}

/// The contrast of two colours, as WCAG 2 defines it.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |color: [f64; 3]| {
        let linear = color.map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn colours_have_the_contrast_of_wcag_aa_in_both_themes() {
    for theme in [0, 1] {
        let color = colors(theme);
        for (text, ground) in [
            ("text", "sheet"),
            ("text", "page"),
            ("quiet", "sheet"),
            ("quiet", "page"),
            ("strong", "sheet"),
            ("on-strong", "strong"),
            ("bad", "sheet"),
        ] {
            let found = contrast(color(text), color(ground));
            assert!(found >= 4.5, "theme {theme}: {text} on {ground}: {found}");
        }
        // Edges of fields and the mark of the focus.
        for (edge, ground) in [("edge", "sheet"), ("edge", "page"), ("focus", "sheet"), ("focus", "page")] {
            let found = contrast(color(edge), color(ground));
            assert!(found >= 3.0, "theme {theme}: {edge} on {ground}: {found}");
        }
    }
}
