//! What is refused in words of our own (billing 1.4, 1.5, 3).

use super::{act, draft, item, payer, with_line};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, says, with};

fn coupon(api: &Client, percent: &str) -> String {
    id(&api.post("/v1/coupons", &[("percent_off", percent), ("duration", "forever")]).ok())
}

#[test]
fn a_discount_that_cannot_be_given() {
    let api = sandbox("refused-discounts");
    let customer = payer(&api);
    let asks = |name: &str, value: &str| {
        api.post("/v1/invoices", &[("customer", customer.as_str()), ("currency", "usd"), (name, value)])
    };
    let euros = [("amount_off", "100"), ("currency", "eur"), ("duration", "forever"), ("id", "EUROS")];
    api.post("/v1/coupons", &euros).ok();
    says(asks("discounts[0][coupon]", "EUROS"), 400, "The coupon EUROS takes nothing off an amount in usd.");
    let ten = coupon(&api, "10");
    let code = |params: &[(&str, &str)]| {
        let base = [("promotion[type]", "coupon"), ("promotion[coupon]", ten.as_str())];
        id(&api.post("/v1/promotion_codes", &with(&base, params)).ok())
    };
    let off = code(&[("active", "false")]);
    says(
        asks("discounts[0][promotion_code]", &off),
        400,
        "This promotion code, or its coupon, can no longer be redeemed.",
    );
    let others = code(&[("customer", &payer(&api))]);
    says(
        asks("discounts[0][promotion_code]", &others),
        400,
        "This promotion code can only be redeemed by another customer.",
    );
    item(&api, &customer, "100");
    let large = code(&[("restrictions[minimum_amount]", "5000"), ("restrictions[minimum_amount_currency]", "usd")]);
    let params = [
        ("customer", customer.as_str()),
        ("pending_invoice_items_behavior", "include"),
        ("discounts[0][promotion_code]", &large),
    ];
    says(
        api.post("/v1/invoices", &params),
        400,
        "This promotion code cannot be redeemed because the amount is below its `minimum_amount`.",
    );
    let given = draft(&api, &customer, &[("discounts[0][coupon]", &ten)]);
    let discount = given["discounts"][0].as_str().unwrap();
    let twice = [("discounts[0][discount]", discount), ("discounts[1][discount]", discount)];
    says(api.post(&format!("/v1/invoices/{}", id(&given)), &twice), 400, "This discount is in the list already.");
}

#[test]
fn an_item_that_does_not_fit() {
    let api = sandbox("refused-items");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "100", &[]);
    let post = |params: &[(&str, &str)]| api.post("/v1/invoiceitems", params);
    let other = payer(&api);
    says(
        post(&[("customer", &other), ("invoice", &invoice), ("amount", "1")]),
        400,
        "The invoice belongs to another customer than the invoice item.",
    );
    says(
        post(&[("customer", &customer), ("invoice", &invoice), ("amount", "1"), ("currency", "jpy")]),
        400,
        "The currency of the invoice item is jpy, but that of the invoice is usd.",
    );
    says(
        post(&[("customer", &customer), ("amount", "1"), ("period[start]", "9"), ("period[end]", "8")]),
        400,
        "The end of a period must not be before its start.",
    );
    let taken = id(&item(&api, &other, "5"));
    says(
        act(&api, &invoice, "add_lines", &[("lines[0][invoice_item]", &taken)]),
        400,
        &format!("The invoice item {taken} is on an invoice already, or belongs to another customer."),
    );
}

#[test]
fn more_items_than_an_invoice_has() {
    let api = sandbox("refused-many");
    let customer = payer(&api);
    api.post_often("/v1/invoiceitems", 251, |_| format!("customer={customer}&amount=5&currency=usd"));
    let params = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    says(api.post("/v1/invoices", &params), 400, "An invoice has at most 250 invoice items.");
}

#[test]
fn an_invoice_that_cannot_be_revised_shipped_or_paid() {
    let api = sandbox("refused-invoices");
    let customer_of = payer(&api);
    let invoice = with_line(&api, &customer_of, "100", &[]);
    let from = [("from_invoice[action]", "revision"), ("from_invoice[invoice]", invoice.as_str())];
    says(api.post("/v1/invoices", &from), 400, "Only an open invoice can be revised.");
    let post = [
        ("display_name", "Post"),
        ("type", "fixed_amount"),
        ("fixed_amount[amount]", "4"),
        ("fixed_amount[currency]", "eur"),
    ];
    let post = id(&api.post("/v1/shipping_rates", &post).ok());
    says(
        api.post(&format!("/v1/invoices/{invoice}"), &[("shipping_cost[shipping_rate]", &post)]),
        400,
        &format!("The shipping rate '{post}' has no amount in usd, the currency of this invoice."),
    );
    act(&api, &invoice, "finalize", &[]).ok();
    let intent = |params: &[(&str, &str)]| {
        let base = [("amount", "100"), ("payment_method_types[]", "card")];
        id(&api.post("/v1/payment_intents", &with(&base, params)).ok())
    };
    let foreign = intent(&[("currency", "usd")]);
    says(
        act(&api, &invoice, "attach_payment", &[("payment_intent", &foreign)]),
        400,
        "The payment has another customer or another currency than the invoice.",
    );
    let own = intent(&[("currency", "usd"), ("customer", &customer_of)]);
    act(&api, &invoice, "attach_payment", &[("payment_intent", &own)]).ok();
    says(
        act(&api, &invoice, "attach_payment", &[("payment_intent", &own)]),
        400,
        "The payment was canceled, or pays an invoice already.",
    );
    act(&api, &invoice, "void", &[]).ok();
    says(act(&api, &invoice, "pay", &[]), 400, "This invoice can no longer be paid.");
    let nobody = customer(&api, &[]);
    let unpaid = with_line(&api, &nobody, "100", &[]);
    says(
        act(&api, &unpaid, "pay", &[]),
        400,
        "This customer has no attached payment source or default payment method. Please consider adding a default \
         payment method. For more information, visit \
         https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    );
}

#[test]
fn the_draft_of_a_subscription_is_not_deleted() {
    let api = sandbox("refused-delete");
    let customer = payer(&api);
    let product = id(&api.post("/v1/products", &[("name", "Club")]).ok());
    let monthly =
        [("product", product.as_str()), ("currency", "usd"), ("unit_amount", "5"), ("recurring[interval]", "month")];
    let price = id(&api.post("/v1/prices", &monthly).ok());
    let subscription = [("customer", customer.as_str()), ("items[0][price]", &price)];
    let subscription = id(&api.post("/v1/subscriptions", &subscription).ok());
    let invoice = id(&draft(&api, &customer, &[("subscription", &subscription)]));
    says(
        api.delete(&format!("/v1/invoices/{invoice}")),
        400,
        "Draft invoices of a subscription cannot be deleted. Finalize this one, then void it.",
    );
}
