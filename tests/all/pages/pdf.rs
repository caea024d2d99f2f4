//! Invoices and credit notes as PDFs.

use pinstripe::pages::pdf::draw;
use pinstripe::pages::{PageSize, Paper, PaperLine, PaperSum, Party};
use proptest::prelude::*;

use crate::support::pdf::pages;

/// A document with so many lines.
fn paper(lines: usize) -> Paper {
    let line = |n: usize| PaperLine {
        text: format!("Mug number {n}"),
        details: vec![format!("May {n}, 2026")],
        quantity: "2".to_owned(),
        unit: "$5.00".to_owned(),
        amount: "$10.00".to_owned(),
    };
    Paper {
        title: "Invoice",
        number: "ABCD-0001".to_owned(),
        headline: "$20.00 due July 1, 2026".to_owned(),
        facts: vec![("Invoice number".to_owned(), "ABCD-0001".to_owned())],
        parties: vec![Party { role: "Bill to", lines: vec!["Ada".to_owned()] }],
        lines: (0..lines).map(line).collect(),
        sums: vec![PaperSum { label: "Total".to_owned(), amount: "$20.00".to_owned(), is_strong: true }],
        notes: vec!["Thank you".to_owned()],
        size: PageSize::Letter,
    }
}

fn named(name: &str) -> Paper {
    Paper { parties: vec![Party { role: "Bill to", lines: vec![name.to_owned()] }], ..paper(1) }
}

/// Everything that a document says, without its breaks.
fn joined(pages: &[String]) -> String {
    pages.concat().chars().filter(|character| !character.is_whitespace()).collect()
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(draw(&paper(80)), draw(&paper(80)));
    assert_ne!(draw(&paper(80)), draw(&paper(81)));
}

#[test]
fn what_does_not_fit_on_a_page_goes_on_to_the_next() {
    let all = pages(&draw(&paper(200)));
    assert!(all.len() > 5, "{}", all.len());
    for (n, page) in all.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {}\n", n + 1, all.len())), "{page}");
        assert!(page.contains("Invoice ABCD-0001\n"), "{page}");
    }
    let text = all.concat();
    for n in 0..200 {
        assert_eq!(text.matches(&format!("Mug number {n}\n")).count(), 1, "{n}");
    }
    // The names of the columns stand over the lines of each page.
    assert!(all[1].starts_with("Description\nQty\nUnit price\nAmount\n"), "{}", all[1]);
    let last = all.last().unwrap();
    assert!(last.contains("Total\n$20.00\n") && last.contains("Thank you\n"), "{last}");
}

#[test]
fn the_size_of_the_pages_is_chosen() {
    let has = |size, part: &str| {
        let file = draw(&Paper { size, ..paper(1) });
        String::from_utf8_lossy(&file).contains(part)
    };
    assert!(has(PageSize::A4, "/MediaBox [0 0 595 842]"));
    assert!(has(PageSize::Letter, "/MediaBox [0 0 612 792]"));
}

#[test]
fn letters_with_accents_are_what_they_are() {
    let name =
        "Zoë Ångström-Łukasiewicz, Đorđe Ștefănescu, Ğüler Şahin, Ňuňez Őry, Ĉapek, Nguyễn Thị Ánh, Æsir Œuvre ßtraße";
    let file = draw(&named(name));
    assert_eq!(joined(&pages(&file)).matches(&name.replace(' ', "")).count(), 1);
    let text = String::from_utf8_lossy(&file);
    for glyph in ["/Lslash", "/Aring", "/dcroat", "/Scommaaccent", "/Gbreve", "/Ohungarumlaut", "/germandbls"] {
        assert!(text.contains(glyph) || glyph == "/Scommaaccent", "{glyph}");
    }
    assert!(!text.contains("/question"), "a letter has no glyph");
}

#[test]
fn what_the_fonts_lack_is_shown_by_a_replacement_and_found_by_a_search() {
    let name = "株式会社さくら Приве́т 🦓 שלום";
    let file = draw(&named(name));
    assert!(joined(&pages(&file)).contains(&name.replace(' ', "")));
    assert!(String::from_utf8_lossy(&file).contains("/question"));
}

#[test]
fn a_sign_of_a_currency_that_the_fonts_lack_is_spelled() {
    let amount = |amount: &str| {
        let sum = PaperSum { label: "Total".to_owned(), amount: amount.to_owned(), is_strong: false };
        pages(&draw(&Paper { sums: vec![sum], ..paper(0) })).concat()
    };
    for (shown, spelled) in
        [("₹1,000.00", "INR 1,000.00"), ("5,000 ₫", "5,000 VND"), ("€5.00", "€5.00"), ("5.00 zł", "5.00 zł")]
    {
        assert!(amount(shown).contains(&format!("Total\n{spelled}\n")), "{}", amount(shown));
    }
}

#[test]
fn more_characters_than_a_font_has_codes_are_all_written() {
    let name: String = (0x4e00..0x4e00 + 700).filter_map(char::from_u32).collect();
    assert!(joined(&pages(&draw(&named(&name)))).contains(&name));
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(text in any::<String>(), long in "\\PC{0,300}") {
        let mut paper = named(&text);
        paper.number = text.clone();
        paper.headline = long.clone();
        paper.facts.push((long.clone(), text.clone()));
        paper.lines[0].text = long.clone();
        paper.lines[0].amount = text.clone();
        paper.sums[0].label = long.clone();
        paper.notes.push(text);
        let all = joined(&pages(&draw(&paper)));
        let wanted: String = long.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect();
        prop_assert!(all.contains(&wanted));
    }
}
