//! The PDF of a credit note, the address in its `pdf` (billing 5.4).

use super::{coupon, credit, first_line, open, rate};
use crate::support::client::sandbox;
use crate::support::decisions::path;
use crate::support::flows::{id, text};
use crate::support::pdf;

#[test]
fn the_pdf_shows_all_that_the_credit_note_says() {
    let api = sandbox("cn-pdf");
    let (rate, coupon) = (rate(&api, "20", "false"), coupon(&api, &[("percent_off", "10"), ("name", "Ten off")]));
    let invoice = open(&api, "2000", &[("default_tax_rates[0]", &rate), ("discounts[0][coupon]", &coupon)]);
    let line = first_line(&api, &invoice);
    let params = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", &*line),
        ("lines[0][amount]", "1000"),
        ("memo", "Sorry for Łukasz"),
        ("reason", "order_change"),
    ];
    let note = credit(&api, &invoice, &params).ok();
    let link = path(&api, text(&note, "pdf"));
    let get = || api.send("GET", link, None);
    let answer = get();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/pdf")));
    let name = format!("attachment; filename=\"Credit-note-{}.pdf\"", text(&note, "number"));
    assert_eq!(answer.header("content-disposition"), Some(&*name));
    assert_eq!(answer.bytes, get().bytes);
    let page = pdf::pages(&answer.bytes).concat();
    let number = format!("Credit note number\n{}\n", text(&note, "number"));
    for part in [
        &*number,
        "Reason\norder change\n",
        "$10.80 credited\n",
        "Sorry for Łukasz\n",
        "ada@example.com\n",
        "Subtotal\n$10.00\nDiscount (Ten off)\n-$1.00\nVAT (20%)\n$1.80\nTotal credited\n$10.80\n",
    ] {
        assert!(page.contains(part), "{part} is not in the PDF:\n{page}");
    }
    api.post(&format!("/v1/credit_notes/{}/void", id(&note)), &[]).ok();
    let page = pdf::pages(&get().bytes).concat();
    assert!(page.contains("$10.80 voided on ") && page.contains("Date voided\n"), "{page}");
    api.send("GET", "/credit_notes/cn_none/pdf", None).refused(404);
}
