//! The style of a merchant's brand on the page of a Checkout Session (`branding_settings`, stripe-js 1).
//!
//! May use: nothing of the program. Invariant: what is no colour, border or font of the API makes no style, and nothing is loaded.

use std::fmt::Write as _;

use crate::state::document::Map;

/// What the API shows where nothing is chosen; the page then has the common style, with one for each theme.
const DEFAULTS: [(&str, &str); 2] = [("background_color", "#ffffff"), ("button_color", "#0074d4")];

/// The ink on light and on dark colours.
const INKS: [&str; 2] = ["#1a1d26", "#ffffff"];

/// The fonts of the API that are not like the common one, with what stands in for them where they are not installed.
const FONTS: [(&str, &str, &str); 10] = [
    ("bitter", "Bitter", "serif"),
    ("hahmlet", "Hahmlet", "serif"),
    ("inconsolata", "Inconsolata", "monospace"),
    ("lora", "Lora", "serif"),
    ("m_plus_1_code", "M PLUS 1 Code", "monospace"),
    ("noto_serif", "Noto Serif", "serif"),
    ("pridi", "Pridi", "serif"),
    ("pt_serif", "PT Serif", "serif"),
    ("roboto_slab", "Roboto Slab", "serif"),
    ("ubuntu_mono", "Ubuntu Mono", "monospace"),
];

/// The style of a brand; empty for none.
pub(super) fn style(brand: &Map) -> String {
    let mut style = String::new();
    if let Some(colour) = colour(brand, "button_color") {
        let ink = ink(colour);
        let _ = write!(style, ".SubmitButton{{background:{colour};border-color:{colour};color:{ink}}}");
    }
    if let Some(colour) = colour(brand, "background_color") {
        let ink = ink(colour);
        let _ = write!(
            style,
            ".Order{{--text:{ink};--quiet:{ink};--strong:{ink};--line:{ink};--edge:{ink};--bad:{ink};--focus:{ink};--sheet:{colour};\
             padding:1rem;border-radius:.75rem;background:{colour};color:{ink}}}.Order ::placeholder{{color:{ink};opacity:.8}}"
        );
    }
    let radius = match brand.str("border_style") {
        Some("rectangular") => "0",
        Some("pill") => "1.5rem",
        _ => "",
    };
    if !radius.is_empty() {
        let _ = write!(
            style,
            ".Checkout :is(input,select,button,.Accordion):not([type=radio],.Manual){{border-radius:{radius}}}"
        );
    }
    let font = FONTS.iter().find(|(name, ..)| brand.str("font_family") == Some(name));
    if let Some((_, font, generic)) = font {
        let _ = write!(style, ".Checkout{{font-family:\"{font}\",{generic}}}");
    }
    style
}

/// A colour that was chosen.
fn colour<'b>(brand: &'b Map, key: &str) -> Option<&'b str> {
    let is_colour = |text: &&str| {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        digits.is_some_and(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()))
    };
    brand.str(key).filter(is_colour).filter(|colour| !DEFAULTS.contains(&(key, *colour)))
}

/// What is read on a colour.
fn ink(colour: &str) -> &'static str {
    let part = |at: usize| i64::from_str_radix(&colour[at..at + 2], 16).unwrap_or_default();
    let is_light = 299 * part(1) + 587 * part(3) + 114 * part(5) > 150_000;
    INKS[usize::from(!is_light)]
}
