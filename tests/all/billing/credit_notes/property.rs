//! Random credit notes of random invoices.

use proptest::prelude::*;

use super::super::invoices::the_invoice;
use super::preview::essence;
use super::{act, coupon, credit, draft, item, payer, rate};
use crate::support::client::Client;
use crate::support::flows::{id, int, rows, text};
use crate::support::property::{hold, own_sandbox};

/// A note: which line, which part of it in percent (above a hundred: too much), and of the whole instead.
#[derive(Clone, Debug)]
struct Wish {
    line: usize,
    percent: i64,
    is_of_all: bool,
    void: bool,
}

#[derive(Clone, Debug)]
struct Case {
    amounts: Vec<i64>,
    percent_off: Option<u8>,
    rates: Vec<(u8, bool)>,
    is_paid: bool,
    wishes: Vec<Wish>,
}

fn case() -> impl Strategy<Value = Case> {
    let wish = (0_usize..4, 1_i64..130, any::<bool>(), any::<bool>());
    let wish = wish.prop_map(|(line, percent, is_of_all, void)| Wish { line, percent, is_of_all, void });
    let parts = (
        proptest::collection::vec(60_i64..9_000, 1..4),
        proptest::option::of(1_u8..60),
        proptest::collection::vec((1_u8..30, any::<bool>()), 0..3),
        any::<bool>(),
        proptest::collection::vec(wish, 1..6),
    );
    parts.prop_map(|(amounts, percent_off, rates, is_paid, wishes)| Case {
        amounts,
        percent_off,
        rates,
        is_paid,
        wishes,
    })
}

fn billed(api: &Client, case: &Case) -> String {
    let customer = payer(api);
    case.amounts.iter().for_each(|amount| drop(item(api, &customer, &amount.to_string())));
    let mut params = vec![("pending_invoice_items_behavior".to_owned(), "include".to_owned())];
    if let Some(percent) = case.percent_off {
        params.push(("discounts[0][coupon]".to_owned(), coupon(api, &[("percent_off", &percent.to_string())])));
    }
    for (place, (percentage, inclusive)) in case.rates.iter().enumerate() {
        let rate = rate(api, &percentage.to_string(), &inclusive.to_string());
        params.push((format!("default_tax_rates[{place}]"), rate));
    }
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let invoice = id(&draft(api, &customer, &params));
    act(api, &invoice, if case.is_paid { "pay" } else { "finalize" }, &[]).ok();
    invoice
}

/// The parameters of a wish.
fn params_of(invoice: &serde_json::Value, wish: &Wish) -> Vec<(&'static str, String)> {
    let lines = rows(&invoice["lines"]);
    if wish.is_of_all {
        return vec![("amount", (int(invoice, "total") * wish.percent / 100).to_string())];
    }
    let line = &lines[wish.line % lines.len()];
    vec![
        ("lines[0][type]", "invoice_line_item".to_owned()),
        ("lines[0][invoice_line_item]", text(line, "id").to_owned()),
        ("lines[0][amount]", (int(line, "amount") * wish.percent / 100).to_string()),
    ]
}

/// Tries a note as its preview says, and returns it.
fn try_note(api: &Client, invoice: &serde_json::Value, wish: &Wish) -> Option<serde_json::Value> {
    let mut params = params_of(invoice, wish);
    let sent = |params: &[(&'static str, String)]| {
        let all = params.iter().map(|(name, value)| (*name, value.clone()));
        all.chain([("invoice", id(invoice))]).collect::<Vec<_>>()
    };
    let ask = |params: &[(&'static str, String)]| {
        let sent = sent(params);
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.get("/v1/credit_notes/preview", &sent)
    };
    let mut shown = ask(&params);
    if shown.status == 400 && shown.text.contains("must equal the credit note amount") {
        // Its total is what was asked for at last: `… ($1.23).`
        let message = text(&shown.body["error"], "message").to_owned();
        let digits: String = message.rsplit('(').next().unwrap().chars().filter(char::is_ascii_digit).collect();
        params.push(("credit_amount", digits.parse::<i64>().unwrap().to_string()));
        shown = ask(&params);
    }
    let owned = sent(&params);
    let sent: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = credit(api, &id(invoice), &sent[..sent.len() - 1]);
    assert_eq!(made.status, shown.status, "{}\n{}", made.text, shown.text);
    (made.status == 200).then(|| {
        assert_eq!(essence(&shown.body), essence(&made.body));
        made.body
    })
}

#[test]
fn a_note_is_as_its_preview_and_never_more_than_is_there() {
    hold(10, &case(), |case| {
        let api = own_sandbox("cn-random");
        let invoice = billed(&api, &case);
        let start = the_invoice(&api, &invoice);
        let (mut before, mut after) = (0, 0);
        for wish in &case.wishes {
            let Some(note) = try_note(&api, &start, wish) else { continue };
            let [total, subtotal, discount, pre, post] =
                ["total", "subtotal", "discount_amount", "pre_payment_amount", "post_payment_amount"]
                    .map(|key| int(&note, key));
            let added: i64 = note["total_taxes"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|tax| tax["tax_behavior"] == "exclusive")
                .map(|tax| int(tax, "amount"))
                .sum();
            prop_assert_eq!(total, subtotal - discount + added);
            prop_assert_eq!((total, int(&note, "amount")), (pre + post, total));
            let is_open = text(&the_invoice(&api, &invoice), "status") == "open";
            if wish.void && is_open {
                api.post(&format!("/v1/credit_notes/{}/void", id(&note)), &[]).ok();
                continue;
            }
            (before, after) = (before + pre, after + post);
        }
        let end = the_invoice(&api, &invoice);
        prop_assert!(before + after <= int(&start, "total"), "{} + {}", before, after);
        prop_assert_eq!(int(&end, "pre_payment_credit_notes_amount"), before);
        prop_assert_eq!(int(&end, "post_payment_credit_notes_amount"), after);
        prop_assert_eq!(int(&end, "amount_due"), int(&start, "amount_due") - before);
        prop_assert_eq!(int(&end, "amount_remaining"), int(&start, "amount_remaining") - before);
        let customer = api.get(&format!("/v1/customers/{}", text(&start, "customer")), &[]).ok();
        prop_assert_eq!(int(&customer, "balance"), -after);
        Ok(())
    });
}
