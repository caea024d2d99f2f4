//! Invoices, their items and credit notes, quotes (billing 3).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::CLOCKED;
use super::checkout;
use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::older;
use super::verb::{ACTIVE, CANCELED, verb};
use crate::contract::Fill::{Absent, After, EmptyList, First, Flag, Format, Int, Now, Of, Own, Random, Sent, Text};
use crate::contract::{self, ClockLimit, Clocked, Ctx, Entry, Expand, STATEMENTS, SearchField, Searched, Trigger};
use crate::error::{ApiError, Result};
use crate::generic::filters::{RowCheck, asks};
use crate::generic::shape::Shape;
use crate::object::fill::FillInput;
use crate::state::document::{Doc, Map};
use crate::state::{Object, Tx};
use crate::time::calendar::DAY;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("credit_note"),
            named_by: &["credit_note"],
            defaults: &[
                ("shipping_cost.amount_subtotal", Int(0)),
                ("shipping_cost.amount_tax", Int(0)),
                ("shipping_cost.amount_total", Int(0)),
                ("amount", First(&[Sent("amount"), Of(crate::kind!("invoice"), "invoice", "total"), Int(0)])),
                ("amount_shipping", Int(0)),
                ("refunds.amount_refunded", Of(crate::kind!("refund"), "refund", "amount")),
                ("currency", First(&[Of(crate::kind!("invoice"), "invoice", "currency"), Text("usd")])),
                ("customer", Of(crate::kind!("invoice"), "invoice", "customer")),
                ("discount_amount", Int(0)),
                ("number", First(&[Of(crate::kind!("invoice"), "invoice", "number"), Random("", 8)])),
                ("pdf", Format("https://pay.stripe.com/credit_notes/test_{random}/pdf?s=ap")),
                ("post_payment_amount", Int(0)),
                ("pre_payment_amount", Own("amount")),
                ("status", Text("issued")),
                ("subtotal", Own("amount")),
                ("total", Own("amount")),
                ("type", Text("pre_payment")),
            ],
            triggers: &[
                Trigger::update("credit_note.updated", "/v1/credit_notes/{id}"),
                Trigger::post("credit_note.voided", "/v1/credit_notes/{id}/void", &[]),
            ],
            ..SHAPE
        },
        verbs: &[verb("credit_notes.void_credit_note", &["issued"], &[("status", Text("void")), ("voided_at", Now)])
            .announcing("credit_note.voided")],
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("credit_note_line_item"), ..SHAPE },
        absent: &["credit_notes.preview.lines.list"],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("discount"),
            expands: &[Expand::reference("coupon", &["coupon"])],
            named_by: &["discount"],
            ..SHAPE
        },
        absent: &[
            "customers.discount.delete",
            "customers.discount.retrieve",
            "customers.subscriptions.discount.delete",
            "customers.subscriptions.discount.retrieve",
            "subscriptions.discount.delete",
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("invoice"),
            changes: older::INVOICE,
            expands: &[
                Expand::reference("charge", &["charge"]),
                Expand::field("confirmation_secret"),
                Expand::reference("discount", &["discount"]),
                Expand::reference("payment_intent", &["payment_intent"]),
                Expand::reference("quote", &["quote"]),
                Expand::reference("subscription", &["subscription"]),
            ],
            search: Some(&Searched {
                plural: "invoices",
                fields: &[
                    SearchField::number("created"),
                    SearchField::token("currency"),
                    SearchField::token("customer"),
                    SearchField::token("last_finalization_error_code").at("last_finalization_error.code"),
                    SearchField::token("last_finalization_error_type").at("last_finalization_error.type"),
                    SearchField::text("number"),
                    SearchField::text("receipt_number"),
                    SearchField::text("status"),
                    SearchField::text("subscription").at("parent.subscription_details.subscription"),
                    SearchField::number("total"),
                ],
            }),
            named_by: &["invoice"],
            statements: STATEMENTS,
            defaults: &[
                ("shipping_cost.amount_subtotal", Int(0)),
                ("shipping_cost.amount_tax", Int(0)),
                ("shipping_cost.amount_total", Int(0)),
                ("amount_due", Int(0)),
                ("amount_overpaid", Int(0)),
                ("amount_paid", Int(0)),
                ("amount_remaining", Int(0)),
                ("amount_shipping", Int(0)),
                ("attempt_count", Int(0)),
                ("attempted", Flag(false)),
                ("auto_advance", Flag(false)),
                ("automatic_tax.enabled", Flag(false)),
                ("billing_reason", Text("manual")),
                ("collection_method", Text("charge_automatically")),
                // shapes 1.6
                ("confirmation_secret", Absent),
                ("currency", First(&[Of(crate::kind!("customer"), "customer", "currency"), Text("usd")])),
                ("customer_email", Of(crate::kind!("customer"), "customer", "email")),
                ("customer_name", Of(crate::kind!("customer"), "customer", "name")),
                ("customer_phone", Of(crate::kind!("customer"), "customer", "phone")),
                ("customer_address", Of(crate::kind!("customer"), "customer", "address")),
                ("customer_shipping", Of(crate::kind!("customer"), "customer", "shipping")),
                ("customer_tax_exempt", Text("none")),
                ("customer_tax_ids", EmptyList),
                ("issuer.type", Text("self")),
                ("parent.type", Text("subscription_details")),
                ("payment_settings.payment_method_options.bancontact.preferred_language", Text("en")),
                ("period_end", Now),
                ("period_start", Now),
                ("post_payment_credit_notes_amount", Int(0)),
                ("pre_payment_credit_notes_amount", Int(0)),
                ("starting_balance", Int(0)),
                ("status", Text("draft")),
                ("subtotal", Int(0)),
                ("subtotal_excluding_tax", Int(0)),
                ("total", Int(0)),
                ("total_excluding_tax", Int(0)),
                ("webhooks_delivered_at", Now),
            ],
            renamed: &[("subscription", "parent.subscription_details.subscription")],
            triggers: &[
                Trigger::update("invoice.updated", "/v1/invoices/{id}"),
                Trigger::delete("invoice.deleted", "/v1/invoices/{id}"),
                Trigger::post("invoice.finalized", "/v1/invoices/{id}/finalize", &[]),
                Trigger::post("invoice.paid", "/v1/invoices/{id}/pay", &[]),
                Trigger::post("invoice.payment_succeeded", "/v1/invoices/{id}/pay", &[]),
                Trigger::post("invoice.sent", "/v1/invoices/{id}/send", &[]),
                Trigger::post("invoice.voided", "/v1/invoices/{id}/void", &[]),
                Trigger::post("invoice.marked_uncollectible", "/v1/invoices/{id}/mark_uncollectible", &[]),
            ],
            ..SHAPE
        },
        absent: &["invoices.upcoming.retrieve"],
        filters: &[Filtered::by_path("subscription", "parent.subscription_details.subscription")],
        verbs: &[
            verb(
                "invoices.mark_uncollectible",
                &["open"],
                &[("status", Text("uncollectible")), ("status_transitions.marked_uncollectible_at", Now)],
            )
            .announcing("invoice.marked_uncollectible"),
            verb("invoices.send_invoice", &["open"], &[]).announcing("invoice.sent"),
            verb(
                "invoices.void_invoice",
                &["open", "uncollectible"],
                &[("status", Text("void")), ("status_transitions.voided_at", Now)],
            )
            .announcing("invoice.voided"),
        ],
        before: Some(needs_customer),
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("invoice_rendering_template"), ..SHAPE },
        verbs: &[
            verb("invoice_rendering_templates.archive", &["active"], &[("status", Text("archived"))]),
            verb("invoice_rendering_templates.unarchive", &["archived"], &[ACTIVE]),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("invoiceitem"),
            changes: older::ITEM,
            noun: "Invoice Item",
            path_param: "id",
            expands: &[Expand::reference("plan", &["plan"]), Expand::reference("price", &["price"])],
            named_by: &["invoice_item"],
            defaults: &[
                ("pricing.type", Text("price_details")),
                ("amount", Int(0)),
                ("currency", First(&[Of(crate::kind!("customer"), "customer", "currency"), Text("usd")])),
                ("customer", Of(crate::kind!("invoice"), "invoice", "customer")),
                ("date", Now),
                ("discountable", Flag(true)),
                ("discounts", EmptyList),
                ("period.end", Now),
                ("period.start", Now),
                ("proration", Flag(false)),
                ("quantity", Int(1)),
                ("quantity_decimal", Text("1")),
                ("tax_rates", EmptyList),
            ],
            references: &[("price_data.product", &[])],
            triggers: &[Trigger::delete("invoiceitem.deleted", "/v1/invoiceitems/{id}")],
            ..SHAPE
        },
        filters: &[Filtered::by("pending", pending)],
        before: Some(checkout::described),
        derive: Some(priced),
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("line_item"),
            changes: older::LINE,
            expands: &[Expand::reference("plan", &["plan"]), Expand::reference("price", &["price"])],
            ..SHAPE
        },
        absent: &["invoices.upcoming.lines.list"],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("quote"),
            clocked: Some(Clocked { limit: Some(ON_CLOCK), ..CLOCKED }),
            includes: &[checkout::lines(|id| format!("/v1/quotes/{id}/line_items"))],
            named_by: &["quote"],
            defaults: &[
                ("subscription_data.billing_mode.type", Text("flexible")),
                ("from_quote.is_revision", Flag(false)),
                ("amount_subtotal", Int(0)),
                ("amount_total", Int(0)),
                ("automatic_tax.enabled", Flag(false)),
                ("collection_method", Text("charge_automatically")),
                ("computed.upfront.amount_subtotal", Int(0)),
                ("computed.upfront.amount_total", Int(0)),
                ("computed.upfront.total_details.amount_discount", Int(0)),
                ("computed.upfront.total_details.amount_tax", Int(0)),
                ("expires_at", After(30 * DAY)),
                ("invoice_settings.issuer.type", Text("self")),
                ("status", Text("draft")),
                ("total_details.amount_discount", Int(0)),
                ("total_details.amount_shipping", Int(0)),
                ("total_details.amount_tax", Int(0)),
            ],
            triggers: &[
                Trigger::post("quote.finalized", "/v1/quotes/{id}/finalize", &[]),
                Trigger::post("quote.accepted", "/v1/quotes/{id}/accept", &[]),
                Trigger::post("quote.canceled", "/v1/quotes/{id}/cancel", &[]),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("quotes.cancel", &["draft", "open"], &[CANCELED, ("status_transitions.canceled_at", Now)])
                .announcing("quote.canceled"),
            verb(
                "quotes.finalize_quote",
                &["draft"],
                &[("status", Text("open")), ("status_transitions.finalized_at", Now), ("number", Random("QT-", 8))],
            )
            .taking()
            .announcing("quote.finalized"),
        ],
        ..PLAIN
    },
];

/// Quotes without a customer on one test clock (billing-2 10.3).
const ON_CLOCK: ClockLimit = ClockLimit { most: 10, counts: has_no_customer };

fn has_no_customer(object: &dyn Object) -> bool {
    Shape::of(object).is_some_and(|quote| quote.body.str("customer").is_none())
}

/// Filters items that have no invoice yet.
fn pending(sent: Option<&Doc>) -> Option<RowCheck> {
    let pending = sent?.as_bool();
    asks(move |item| Some(item.present("invoice").is_none()) == pending)
}

/// An invoice needs a customer or an earlier invoice.
fn needs_customer(_: &mut Tx, _: &Ctx<'_>, sent: &Map) -> Result<Map> {
    match sent.get("customer").or(sent.get("customer_account")).or(sent.get("from_invoice")) {
        Some(_) => Ok(sent.clone()),
        None => Err(ApiError::param_missing("customer")),
    }
}

/// Copies the fields of an item's price.
fn priced(source: &FillInput<'_>, body: &mut Map) {
    let named = source.sent.map("pricing").and_then(|pricing| pricing.str("price")).or(source.sent.str("price"));
    let price = named
        .and_then(|id| contract::resolve(source.tx, crate::kind!("price"), id))
        .map(|record| record.object.to_doc());
    let quantity = body.int("quantity").unwrap_or(1);
    body.set("quantity_decimal", quantity.to_string());
    if let Some(price) = price {
        let unit = price.int("unit_amount").unwrap_or_default();
        body.set("amount", unit.saturating_mul(quantity));
        body.set("currency", price.str("currency").unwrap_or("usd").to_owned());
        let details = Map::from([("price", price.get("id").cloned()), ("product", price.get("product").cloned())]);
        body.set(
            "pricing",
            Map::from([
                ("price_details", Doc::from(details)),
                ("type", Doc::from("price_details")),
                ("unit_amount_decimal", Doc::from(unit.to_string())),
            ]),
        );
    }
}
