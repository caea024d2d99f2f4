//! What an invoice says on its page and in its PDF, and a credit note and a quote in theirs.
//!
//! May use: money, the calendar, invoices and quotes with what they name. Invariant: no amount is computed here that an object has.

use super::paper::{PageSize, Paper, PaperLine, PaperSum, Party};
use super::pdf;
use crate::contract;
use crate::generic::lines;
use crate::money;
use crate::resources::billing::credit_notes::{self, CreditNote, CreditNoteLine, CreditNoteStatus};
use crate::resources::billing::invoices::{self, Invoice, InvoiceLine, InvoiceStatus};
use crate::resources::billing::quotes::Quote;
use crate::resources::catalog::coupons::Coupon;
use crate::resources::catalog::discounts::Discount;
use crate::resources::catalog::tax_rates::TaxRate;
use crate::resources::connect::accounts::Account;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Resource, Tx};
use crate::time::calendar;

/// The PDF that an operation of the API answers with: that of a quote, for the account with an id, or for the platform.
pub(crate) fn print(sandbox: &Sandbox, account: Option<&str>, id: &str) -> Option<Vec<u8>> {
    let state = sandbox.state();
    let account = account.map_or(Some(AccountKey::PLATFORM), |id| state.account(id))?;
    let tx = Tx::new(&state, account, contract::indexes);
    tx.get::<Quote>(id).map(|quote| pdf::draw(&of_quote(&tx, &quote)))
}

/// What an invoice says.
pub(super) fn of_invoice(tx: &Tx, invoice: &Invoice) -> Paper {
    let notes = ["description", "footer"].into_iter().filter_map(|key| text(&invoice.rest, key));
    Paper {
        title: "Invoice",
        number: invoice.number.clone().unwrap_or_else(|| invoice.id.to_string()),
        headline: headline(invoice),
        facts: facts(invoice),
        parties: parties(tx, invoice),
        lines: invoices::lines_of(tx, &invoice.id).iter().map(|line| of_line(tx, line)).collect(),
        sums: sums(tx, invoice),
        notes: notes.collect(),
        size: size(invoice),
    }
}

/// What a quote says.
fn of_quote(tx: &Tx, quote: &Quote) -> Paper {
    let currency = quote.currency.as_deref().unwrap_or_default();
    let amount = |amount| money::display(amount, currency);
    let finalized = quote.status_transitions.int("finalized_at").map(calendar::date_in_words);
    let facts = [
        ("Quote number", quote.number.clone()),
        ("Date of issue", finalized),
        ("Valid until", Some(calendar::date_in_words(quote.expires_at))),
    ];
    let account = tx.state().record(AccountKey::PLATFORM, Account::KIND, &tx.account_id());
    let account = account.map(|record| record.object.to_doc()).unwrap_or_default();
    let from = account.map("business_profile").and_then(|profile| text(profile, "name"));
    let customer = quote.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let to = customer.map(|customer| {
        let name = text(&customer.rest, "name").into_iter().chain(address(customer.rest.map("address")));
        name.chain(customer.email.clone()).collect()
    });
    let parties = [
        Party { role: "From", lines: from.into_iter().collect() },
        Party { role: "For", lines: to.unwrap_or_default() },
    ];
    let notes = ["header", "description", "footer"].into_iter().filter_map(|key| text(&quote.rest, key));
    let details = |key: &str| quote.total_details.int(key).filter(|amount| *amount != 0);
    let sum = |label: &str, value, is_strong| PaperSum { label: label.to_owned(), amount: amount(value), is_strong };
    let sums = [
        Some(sum("Subtotal", quote.amount_subtotal, false)),
        details("amount_discount").map(|off| sum("Discount", -off, false)),
        details("amount_tax").map(|tax| sum("Tax", tax, false)),
        Some(sum("Total", quote.amount_total, true)),
    ];
    Paper {
        title: "Quote",
        number: quote.number.clone().unwrap_or_else(|| quote.id.to_string()),
        headline: format!("{} until {}", amount(quote.amount_total), calendar::date_in_words(quote.expires_at)),
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        parties: parties.into_iter().filter(|party| !party.lines.is_empty()).collect(),
        lines: lines::of(tx, &quote.id).iter().map(|line| of_quote_line(&line.object.to_doc(), currency)).collect(),
        sums: sums.into_iter().flatten().collect(),
        notes: notes.collect(),
        size: PageSize::Letter,
    }
}

fn of_quote_line(line: &Map, currency: &str) -> PaperLine {
    let price = line.map("price");
    let recurring = price.and_then(|price| price.map("recurring")).and_then(|recurring| {
        let count = recurring.int("interval_count").unwrap_or(1);
        let interval = recurring.str("interval")?;
        Some(if count == 1 { format!("Every {interval}") } else { format!("Every {count} {interval}s") })
    });
    let unit = price.and_then(|price| price.str("unit_amount_decimal"));
    PaperLine {
        text: text(line, "description").unwrap_or_else(|| "Item".to_owned()),
        details: recurring.into_iter().collect(),
        quantity: line.int("quantity").map(|quantity| quantity.to_string()).unwrap_or_default(),
        unit: unit.map(|unit| money::display_decimal(unit, currency)).unwrap_or_default(),
        amount: money::display(line.int("amount_subtotal").unwrap_or_default(), currency),
    }
}

/// The size of an invoice's pages, and of those of its credit notes.
fn size(invoice: &Invoice) -> PageSize {
    let chosen = invoice.rest.map("rendering").and_then(|rendering| rendering.map("pdf")?.str("page_size"));
    if chosen == Some("a4") { PageSize::A4 } else { PageSize::Letter }
}

/// What a credit note says; nothing without its invoice.
pub(super) fn of_credit_note(tx: &Tx, note: &CreditNote) -> Option<Paper> {
    let invoice = tx.get::<Invoice>(&note.invoice)?;
    let amount = money::display(note.amount, &note.currency);
    let number = text(&note.rest, "number").unwrap_or_else(|| note.id.to_string());
    let voided = note.voided_at.map(calendar::date_in_words);
    let reason = text(&note.rest, "reason").map(|reason| reason.replace('_', " "));
    let facts = [
        ("Credit note number", Some(number.clone())),
        ("Invoice number", invoice.number.clone()),
        ("Date of issue", Some(calendar::date_in_words(note.rest.int("effective_at").unwrap_or(note.created)))),
        ("Date voided", voided.clone()),
        ("Reason", reason),
    ];
    Some(Paper {
        title: "Credit note",
        headline: match (note.status, voided) {
            (CreditNoteStatus::Issued, _) => format!("{amount} credited"),
            (CreditNoteStatus::Void, date) => {
                format!("{amount} voided{}", date.map(|date| format!(" on {date}")).unwrap_or_default())
            }
        },
        number,
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        parties: parties(tx, &invoice),
        lines: credit_notes::lines_of(tx, &note.id).iter().map(|line| of_note_line(tx, line, &invoice)).collect(),
        sums: note_sums(tx, note, &invoice),
        notes: text(&note.rest, "memo").into_iter().collect(),
        size: size(&invoice),
    })
}

fn of_note_line(tx: &Tx, line: &CreditNoteLine, invoice: &Invoice) -> PaperLine {
    let currency = &invoice.currency;
    let off = taken_off(tx, line.rest.list("discount_amounts"), |id| !invoice.discounts.iter().any(|own| **own == *id));
    let off = off.into_iter().map(|(name, amount)| format!("{name}: {}", money::display(amount, currency)));
    let unit = line.rest.str("unit_amount_decimal").map(|unit| money::display_decimal(unit, currency));
    PaperLine {
        text: text(&line.rest, "description").unwrap_or_else(|| "Credit".to_owned()),
        details: off.collect(),
        quantity: line.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        unit: unit.unwrap_or_default(),
        amount: money::display(line.amount, currency),
    }
}

/// The rows under the lines of a credit note.
fn note_sums(tx: &Tx, note: &CreditNote, invoice: &Invoice) -> Vec<PaperSum> {
    let rest = &note.rest;
    let amount = |key| rest.int(key).unwrap_or_default();
    let taxes = rest.list("total_taxes").unwrap_or_default().iter().filter_map(Doc::as_map);
    let taxes = taxes.filter_map(|tax| Some((tax_name(tx, tax), tax.int("amount")?)));
    let mut rows = vec![("Subtotal".to_owned(), amount("subtotal"))];
    rows.extend(of_the_whole(tx, rest.list("discount_amounts"), invoice));
    if rest.map("shipping_cost").is_some() {
        rows.push(("Shipping".to_owned(), amount("amount_shipping")));
    }
    rows.extend(taxes);
    let shown =
        |label, amount, is_strong| PaperSum { label, amount: money::display(amount, &note.currency), is_strong };
    let rows = rows.into_iter().map(|(label, amount)| shown(label, amount, false));
    rows.chain([shown("Total credited".to_owned(), amount("total"), true)]).collect()
}

/// A text that is there and not empty.
fn text(map: &Map, key: &str) -> Option<String> {
    map.str(key).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// When a status was reached.
fn reached(invoice: &Invoice, transition: &str) -> Option<String> {
    invoice.status_transitions.int(transition).map(calendar::date_in_words)
}

fn headline(invoice: &Invoice) -> String {
    let amount = |amount| money::display(amount, &invoice.currency);
    let on = |transition| reached(invoice, transition).map(|date| format!(" on {date}")).unwrap_or_default();
    match invoice.status {
        Some(InvoiceStatus::Paid) => format!("{} paid{}", amount(invoice.amount_due), on("paid_at")),
        Some(InvoiceStatus::Void) => format!("{} voided{}", amount(invoice.amount_due), on("voided_at")),
        Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible | InvoiceStatus::Draft) | None => {
            let by = invoice.due_date.map(|date| format!(" {}", calendar::date_in_words(date))).unwrap_or_default();
            format!("{} due{by}", amount(invoice.amount_remaining))
        }
    }
}

/// The numbers and dates of an invoice.
fn facts(invoice: &Invoice) -> Vec<(String, String)> {
    let own = [
        ("Invoice number", invoice.number.clone()),
        ("Receipt number", text(&invoice.rest, "receipt_number")),
        ("Date of issue", invoice.effective_at.map(calendar::date_in_words)),
        ("Date due", invoice.due_date.map(calendar::date_in_words)),
        ("Date paid", reached(invoice, "paid_at")),
        ("Date voided", reached(invoice, "voided_at")),
    ];
    let fields = invoice.rest.list("custom_fields").unwrap_or_default().iter().filter_map(Doc::as_map);
    let fields = fields.filter_map(|field| Some((text(field, "name")?, text(field, "value")?)));
    own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).chain(fields).collect()
}

fn parties(tx: &Tx, invoice: &Invoice) -> Vec<Party> {
    let rest = &invoice.rest;
    let own_ids = rest.list("account_tax_ids").unwrap_or_default().iter().filter_map(Doc::as_str);
    let own_ids = own_ids.filter_map(|id| contract::resolve(tx, crate::kind!("tax_id"), id));
    let from = text(rest, "account_name").into_iter().chain(text(rest, "account_country"));
    let from = from.chain(own_ids.filter_map(|record| tax_id(&record.object.to_doc())));
    let to = text(rest, "customer_name").into_iter().chain(address(rest.map("customer_address")));
    let to = to.chain(text(rest, "customer_phone")).chain(text(rest, "customer_email"));
    let ids = rest.list("customer_tax_ids").unwrap_or_default().iter().filter_map(Doc::as_map);
    let shipping = rest.map("shipping_details").or_else(|| rest.map("customer_shipping"));
    let ship_to = shipping.into_iter().flat_map(|shipping| {
        text(shipping, "name").into_iter().chain(address(shipping.map("address"))).chain(text(shipping, "phone"))
    });
    let parties = [
        Party { role: "From", lines: from.collect() },
        Party { role: "Bill to", lines: to.chain(ids.filter_map(tax_id)).collect() },
        Party { role: "Ship to", lines: ship_to.collect() },
    ];
    parties.into_iter().filter(|party| !party.lines.is_empty()).collect()
}

/// A tax id with its type, such as `EU VAT DE123456789`.
fn tax_id(id: &Map) -> Option<String> {
    Some(format!("{} {}", id.str("type")?.replace('_', " ").to_uppercase(), id.str("value")?))
}

/// The lines of an address.
fn address(address: Option<&Map>) -> Vec<String> {
    let Some(address) = address else { return Vec::new() };
    let city: Vec<String> = ["postal_code", "city", "state"].iter().filter_map(|key| text(address, key)).collect();
    let city = Some(city.join(" ")).filter(|city| !city.is_empty());
    [text(address, "line1"), text(address, "line2"), city, text(address, "country")].into_iter().flatten().collect()
}

fn of_line(tx: &Tx, line: &InvoiceLine) -> PaperLine {
    let currency = &line.currency;
    let quantity = text(&line.rest, "quantity_decimal").or_else(|| line.rest.int("quantity").map(|n| n.to_string()));
    let unit = line.rest.map("pricing").and_then(|pricing| pricing.str("unit_amount_decimal"));
    let period = line.rest.map("period").and_then(|period| Some((period.int("start")?, period.int("end")?)));
    let period = period.map(|(start, end)| (calendar::date_in_words(start), calendar::date_in_words(end)));
    let period = period.filter(|(start, end)| start != end).map(|(start, end)| format!("{start} – {end}"));
    // Those of the whole invoice stand under the lines.
    let off = taken_off(tx, line.rest.list("discount_amounts"), |id| line.discounts.iter().any(|own| **own == *id));
    let off = off.into_iter().map(|(name, amount)| format!("{name}: {}", money::display(amount, currency)));
    PaperLine {
        text: text(&line.rest, "description").unwrap_or_else(|| "Item".to_owned()),
        details: period.into_iter().chain(off).collect(),
        quantity: quantity.unwrap_or_default(),
        unit: unit.map(|unit| money::display_decimal(unit, currency)).unwrap_or_default(),
        amount: money::display(line.amount, currency),
    }
}

/// The name of a discount's coupon; one that was deleted or used up is found as it was.
fn coupon_name(tx: &Tx, discount: &str) -> String {
    let discount = tx.record(Discount::KIND, discount).and_then(|record| record.get::<Discount>());
    let id = discount.as_deref().and_then(Discount::coupon);
    let coupon = id.and_then(|id| tx.record(Coupon::KIND, id)).and_then(|record| record.get::<Coupon>());
    coupon.and_then(|coupon| text(&coupon.rest, "name")).or_else(|| id.map(str::to_owned)).unwrap_or_default()
}

/// Such as `VAT (19% inclusive)`.
fn tax_name(tx: &Tx, tax: &Map) -> String {
    let id = tax.map("tax_rate_details").and_then(|details| details.str("tax_rate"));
    let rate = id.and_then(|id| tx.record(TaxRate::KIND, id)).map(|record| record.object.to_doc());
    let name = rate.as_ref().and_then(|rate| text(rate, "display_name")).unwrap_or_else(|| "Tax".to_owned());
    let percentage = match rate.as_ref().and_then(|rate| rate.get("percentage")) {
        Some(Doc::Int(percentage)) => format!("{percentage}%"),
        Some(Doc::Float(percentage)) => format!("{percentage}%"),
        _ => String::new(),
    };
    let behavior = tax.str("tax_behavior").filter(|behavior| *behavior == "inclusive").unwrap_or_default();
    match format!("{percentage} {behavior}").trim() {
        "" => name,
        about => format!("{name} ({about})"),
    }
}

/// What discounts take off, with the names of their coupons; those that are `shown`.
fn taken_off(tx: &Tx, amounts: Option<&[Doc]>, shown: impl Fn(&str) -> bool) -> Vec<(String, i64)> {
    let amounts = amounts.unwrap_or_default().iter().filter_map(Doc::as_map);
    let row = |off: &Map| {
        let id = off.str("discount").filter(|id| shown(id))?;
        Some((coupon_name(tx, id), -off.int("amount")?))
    };
    amounts.filter_map(row).collect()
}

/// The rows of the discounts of the whole invoice; those of its lines stand there.
fn of_the_whole(tx: &Tx, amounts: Option<&[Doc]>, invoice: &Invoice) -> Vec<(String, i64)> {
    let own = taken_off(tx, amounts, |id| invoice.discounts.iter().any(|own| **own == *id));
    own.into_iter().map(|(name, amount)| (format!("Discount ({name})"), amount)).collect()
}

/// The rows under the lines.
fn sums(tx: &Tx, invoice: &Invoice) -> Vec<PaperSum> {
    let rest = &invoice.rest;
    let mut rows = vec![("Subtotal".to_owned(), invoice.subtotal)];
    rows.extend(of_the_whole(tx, rest.list("total_discount_amounts"), invoice));
    if rest.map("shipping_cost").is_some() {
        rows.push(("Shipping".to_owned(), invoice.amount_shipping));
    }
    let taxes: Vec<_> = rest.list("total_taxes").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    if let Some(net) = rest.int("total_excluding_tax").filter(|_| !taxes.is_empty()) {
        rows.push(("Total excluding tax".to_owned(), net));
    }
    rows.extend(taxes.into_iter().filter_map(|tax| Some((tax_name(tx, tax), tax.int("amount")?))));
    rows.push(("Total".to_owned(), invoice.total));
    // What the customer's balance gave stands as a payment, what it took as a further amount.
    let applied = invoice.ending_balance.map_or(0, |ending| invoice.starting_balance - ending);
    let further = [("Applied balance", applied), ("Credit notes", -invoice.pre_payment_credit_notes_amount)];
    rows.extend(further.into_iter().filter(|(_, amount)| *amount != 0).map(|(label, n)| (label.to_owned(), n)));
    let mut due = vec![("Amount due", invoice.amount_due)];
    if invoice.amount_paid > 0 {
        due.extend([("Amount paid", invoice.amount_paid), ("Amount remaining", invoice.amount_remaining)]);
    }
    let last = due.len() - 1;
    let shown =
        |label, amount, is_strong| PaperSum { label, amount: money::display(amount, &invoice.currency), is_strong };
    let rows = rows.into_iter().map(|(label, amount)| shown(label, amount, false));
    let due = due.into_iter().enumerate().map(|(n, (label, amount))| shown(label.to_owned(), amount, n == last));
    rows.chain(due).collect()
}
