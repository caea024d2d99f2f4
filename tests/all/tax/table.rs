//! `docs/tax.md` shows the rates that there are.

use pinstripe::jurisdictions::{COUNTRIES, LOCALITIES, PROVINCES, ProductClass, STATES, TAX_CODES};

use crate::tidy::docs::has_parts;

/// A table of the page: its head and its rows.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    rows.into_iter().fold(line(&head) + &rule, |text, row| text + &line(&row))
}

fn cell(rate: &str, standard: &str) -> String {
    match rate {
        "" => "none".to_owned(),
        "-" if standard.is_empty() => "none".to_owned(),
        "-" => standard.to_owned(),
        rate => rate.to_owned(),
    }
}

fn tables() -> Vec<String> {
    let countries = COUNTRIES.iter().map(|row| {
        let rate = |rate| cell(rate, row.standard);
        let texts = [row.code, row.name, row.tax].map(str::to_owned);
        let rates = [rate(row.standard), rate(row.food), rate(row.books), row.business_id.to_owned()];
        [&texts[..], &rates[..]].concat()
    });
    let states = STATES.iter().map(|row| {
        let origin = if row.by_origin { "origin" } else { "destination" };
        vec![row.code.to_owned(), row.name.to_owned(), cell(row.rate, ""), origin.to_owned()]
    });
    let localities = LOCALITIES.iter().map(|row| vec![row.name.to_owned(), row.zips.join(", "), row.rate.to_owned()]);
    let provinces = PROVINCES.iter().map(|row| {
        let taxes: Vec<_> = row.taxes.iter().map(|(tax, rate)| format!("{tax} {rate}")).collect();
        vec![row.code.to_owned(), row.name.to_owned(), taxes.join(", ")]
    });
    let codes = TAX_CODES
        .iter()
        .map(|row| vec![format!("`{}`", row.id), row.name.to_owned(), ProductClass::of(row.id).name().to_owned()]);
    vec![
        table(&["country", "name", "tax", "standard", "food", "books", "id of a business"], countries),
        table(&["state", "name", "rate", "within the state"], states),
        table(&["place", "ZIP codes begin with", "rate"], localities),
        table(&["province", "name", "taxes"], provinces),
        table(&["code", "name", "class"], codes),
    ]
}

#[test]
fn the_page_about_tax_shows_the_rates() {
    has_parts("docs/tax.md", &tables());
}
