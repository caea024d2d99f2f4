//! What no credit note is made of.

use super::super::invoices::{event_count, events_since};
use super::{act, credit, first_line, open, payer, with_line};
use crate::support::client::sandbox;
use crate::support::flows::{invalid, missing, says, text};

#[test]
fn drafts_and_void_invoices_have_no_credit_notes() {
    let api = sandbox("cn-draft");
    let invoice = with_line(&api, &payer(&api), "2000", &[]);
    let sentence = "Only an open, paid or uncollectible invoice can have a credit note.";
    let refused =
        || text(&invalid(credit(&api, &invoice, &[("amount", "1")]), 400, None, Some("invoice")), "message").to_owned();
    assert_eq!(refused(), sentence);
    act(&api, &invoice, "finalize", &[]).ok();
    act(&api, &invoice, "void", &[]).ok();
    assert_eq!(refused(), sentence);
    missing(credit(&api, "in_none", &[("amount", "1")]), 400, "invoice", "in_none", "invoice");
}

#[test]
fn an_invoice_that_is_written_off_may_have_one() {
    let api = sandbox("cn-written-off");
    let invoice = open(&api, "2000", &[]);
    act(&api, &invoice, "mark_uncollectible", &[]).ok();
    assert_eq!(text(&credit(&api, &invoice, &[("amount", "500")]).ok(), "type"), "pre_payment");
}

#[test]
fn what_is_credited_is_named_and_is_above_zero() {
    let api = sandbox("cn-bad");
    let invoice = open(&api, "2000", &[]);
    let line = first_line(&api, &invoice);
    let before = event_count(&api);
    says(credit(&api, &invoice, &[]), 400, "A credit note needs one of `amount`, `lines` and `shipping_cost`.");
    invalid(credit(&api, &invoice, &[("amount", "0")]), 400, Some("parameter_invalid_integer"), Some("amount"));
    let of_line = [("lines[0][type]", "invoice_line_item"), ("lines[0][invoice_line_item]", line.as_str())];
    let custom = [("lines[0][type]", "custom_line_item"), ("lines[0][description]", "A")];
    let refused = |base: &[(&str, &str)], more: &[(&str, &str)], code: Option<&str>, param: Option<&str>| {
        let error = invalid(credit(&api, &invoice, &[base, more].concat()), 400, code, param);
        text(&error, "message").to_owned()
    };
    assert_eq!(
        refused(&of_line, &[], None, None),
        "One of the following params should be provided for this request: amount or quantity."
    );
    let both = [("lines[0][amount]", "1"), ("lines[0][quantity]", "1")];
    refused(&of_line, &both, None, Some("lines[0][amount]"));
    let integer = Some("parameter_invalid_integer");
    refused(&of_line, &[("lines[0][amount]", "0")], integer, Some("lines[0][amount]"));
    refused(&of_line, &[("lines[0][quantity]", "0")], integer, Some("lines[0][quantity]"));
    let unit = [("lines[0][amount]", "1"), ("lines[0][unit_amount]", "1")];
    assert_eq!(
        refused(&of_line, &unit, None, Some("lines[0][unit_amount]")),
        "This parameter is only for lines with `type=custom_line_item`."
    );
    let missing_param = Some("parameter_missing");
    refused(&of_line[..1], &[("lines[0][amount]", "1")], missing_param, Some("lines[0][invoice_line_item]"));
    refused(&custom, &[], missing_param, Some("lines[0][unit_amount]"));
    refused(&custom[..1], &[("lines[0][unit_amount]", "1")], missing_param, Some("lines[0][description]"));
    refused(&custom, &[("lines[0][unit_amount]", "-1")], integer, Some("lines[0][unit_amount]"));
    refused(
        &custom,
        &[("lines[0][unit_amount]", "1"), ("lines[0][quantity]", "0")],
        integer,
        Some("lines[0][quantity]"),
    );
    let two = [("lines[0][unit_amount]", "1"), ("lines[0][unit_amount_decimal]", "1")];
    refused(&custom, &two, None, Some("lines[0][unit_amount]"));
    assert_eq!(
        refused(&custom, &[("lines[0][unit_amount]", "0")], None, None),
        "The amount of a credit note must be above zero."
    );
    assert_eq!(
        refused(&custom, &[("lines[0][unit_amount]", "70"), ("amount", "80")], None, Some("amount")),
        "The amount is $0.80, but what is credited comes to $0.70."
    );
    let unknown = [("lines[0][type]", "invoice_line_item"), ("lines[0][invoice_line_item]", "il_none")];
    refused(&unknown, &[("lines[0][amount]", "1")], Some("resource_missing"), Some("lines[0][invoice_line_item]"));
    refused(&[("amount", "1"), ("credit_amount", "-1")], &[], integer, Some("credit_amount"));
    assert_eq!(events_since(&api, before), [""; 0]);
}
