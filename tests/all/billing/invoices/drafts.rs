//! Creating, changing and deleting drafts (billing 3.1, 3.3).

use serde_json::json;

use super::{act, draft, item, payer, the_invoice, with_line};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, ids, int, invalid, missing, rows, says, text};

#[test]
fn a_draft_has_the_fields_of_its_stage() {
    let api = sandbox("inv-draft");
    let customer = payer(&api);
    let made = draft(&api, &customer, &[]);
    let created = int(&made, "created");
    assert_eq!(
        (text(&made, "status"), text(&made, "billing_reason"), text(&made, "currency")),
        ("draft", "manual", "usd")
    );
    for key in ["number", "effective_at", "ending_balance", "hosted_invoice_url", "invoice_pdf", "parent", "due_date"] {
        assert_eq!(made[key], json!(null), "{key}");
    }
    for key in ["amount_due", "amount_paid", "amount_remaining", "attempt_count", "starting_balance", "total"] {
        assert_eq!(int(&made, key), 0, "{key}");
    }
    for key in ["discounts", "total_taxes", "total_discount_amounts", "customer_tax_ids", "default_tax_rates"] {
        assert_eq!(made[key], json!([]), "{key}");
    }
    assert_eq!((int(&made, "period_start"), int(&made, "period_end")), (created, created));
    assert_eq!((&made["auto_advance"], &made["attempted"]), (&json!(false), &json!(false)));
    assert_eq!((text(&made, "customer_email"), text(&made, "customer_name")), ("ada@example.com", "Ada"));
    assert_eq!(made["rendering"]["pdf"]["page_size"], "auto");
    assert_eq!(made["automatic_tax"]["enabled"], false);
    assert_eq!((text(&made["issuer"], "type"), text(&made, "account_country")), ("self", "US"));
    assert_eq!(made["lines"]["total_count"], 0);
    assert_eq!(made["lines"]["url"], format!("/v1/invoices/{}/lines", id(&made)));
    assert!(made.get("payments").is_none() && made.get("confirmation_secret").is_none(), "{made}");
}

#[test]
fn a_new_invoice_takes_pending_items_when_it_is_told() {
    let api = sandbox("inv-sweep");
    let customer = payer(&api);
    let first = id(&item(&api, &customer, "100"));
    let second = id(&item(&api, &customer, "200"));
    assert_eq!(draft(&api, &customer, &[])["lines"]["total_count"], 0);
    let made = draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]);
    let bills: Vec<_> =
        rows(&made["lines"]).iter().map(|line| &line["parent"]["invoice_item_details"]["invoice_item"]).collect();
    // Newest first.
    assert_eq!(bills, [&json!(second), &json!(first)]);
    assert_eq!((int(&made, "subtotal"), int(&made, "total"), int(&made, "amount_due")), (300, 300, 300));
    let nothing = "Nothing to invoice for customer";
    let params = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include_and_require")];
    let refused = says(api.post("/v1/invoices", &params), 400, nothing);
    assert_eq!(refused["code"], "invoice_no_customer_line_items");
    // Older versions took them without being told.
    says(api.version("2020-08-27").post("/v1/invoices", &[("customer", &customer)]), 400, nothing);
    let third = id(&item(&api, &customer, "300"));
    let older = api.version("2020-08-27").post("/v1/invoices", &[("customer", &customer)]).ok();
    assert_eq!(rows(&older["lines"])[0]["invoice_item"], third);
}

#[test]
fn an_item_that_is_put_on_a_draft_is_a_line_at_once() {
    let api = sandbox("inv-attach");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "100", &[]);
    let more = [("customer", customer.as_str()), ("invoice", &invoice), ("amount", "250")];
    let more = id(&api.post("/v1/invoiceitems", &more).ok());
    let shown = the_invoice(&api, &invoice);
    assert_eq!((int(&shown, "total"), &shown["lines"]["total_count"]), (350, &json!(2)));
    // Last, because it came later.
    assert_eq!(rows(&shown["lines"])[1]["parent"]["invoice_item_details"]["invoice_item"], more);
    api.post(&format!("/v1/invoiceitems/{more}"), &[("amount", "50")]).ok();
    assert_eq!(int(&the_invoice(&api, &invoice), "total"), 150);
    api.delete(&format!("/v1/invoiceitems/{more}")).ok();
    assert_eq!(int(&the_invoice(&api, &invoice), "total"), 100);
    let other = payer(&api);
    let foreign = api.post("/v1/invoiceitems", &[("customer", &other), ("invoice", &invoice), ("amount", "1")]);
    invalid(foreign, 400, None, Some("invoice"));
    let yen = [("customer", customer.as_str()), ("invoice", &invoice), ("amount", "1"), ("currency", "jpy")];
    invalid(api.post("/v1/invoiceitems", &yen), 400, None, Some("currency"));
}

#[test]
fn an_invoice_that_is_sent_has_a_date_and_an_address() {
    let api = sandbox("inv-send-date");
    let customer_of = payer(&api);
    let sent = ("collection_method", "send_invoice");
    let refused = api.post("/v1/invoices", &[("customer", &customer_of), sent]);
    says(
        refused,
        400,
        "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
    );
    let refused = api.post("/v1/invoices", &[("customer", &customer_of), ("days_until_due", "5")]);
    says(
        refused,
        400,
        "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
    );
    let made = draft(&api, &customer_of, &[sent, ("days_until_due", "30")]);
    assert_eq!(int(&made, "due_date") - int(&made, "created"), 30 * 86_400);
    let nameless = customer(&api, &[]);
    let refused = says(
        api.post("/v1/invoices", &[("customer", &nameless), sent, ("days_until_due", "30")]),
        400,
        "Missing email. In order to create invoices that are sent to the customer, the customer must have a valid email.",
    );
    assert_eq!((refused.get("code"), refused.get("param")), (None, None));
}

#[test]
fn a_draft_that_goes_on_by_itself_says_when() {
    let api = sandbox("inv-advance");
    let customer = payer(&api);
    let made = draft(&api, &customer, &[("auto_advance", "true")]);
    let after = |key: &str| int(&made, key) - int(&made, "created");
    assert_eq!((after("automatically_finalizes_at"), after("next_payment_attempt")), (3601, 3600));
    let path = format!("/v1/invoices/{}", id(&made));
    let stopped = api.post(&path, &[("auto_advance", "false")]).ok();
    assert_eq!(
        (&stopped["automatically_finalizes_at"], &stopped["next_payment_attempt"]),
        (&json!(null), &json!(null))
    );
    let again = api.post(&path, &[("auto_advance", "true")]).ok();
    assert_eq!(again["automatically_finalizes_at"], made["automatically_finalizes_at"]);
    let sent = draft(
        &api,
        &customer,
        &[("auto_advance", "true"), ("collection_method", "send_invoice"), ("days_until_due", "3")],
    );
    assert_eq!(sent["next_payment_attempt"], json!(null));
}

#[test]
fn a_draft_follows_its_customer() {
    let api = sandbox("inv-follow");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "1900", &[]);
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("name", "Grace"), ("balance", "-500")]).ok();
    let shown = the_invoice(&api, &invoice);
    assert_eq!((text(&shown, "customer_name"), int(&shown, "starting_balance")), ("Grace", -500));
    assert_eq!((int(&shown, "amount_due"), &shown["ending_balance"]), (1400, &json!(null)));
    act(&api, &invoice, "finalize", &[]).ok();
    api.post(&path, &[("name", "Ada")]).ok();
    assert_eq!(text(&the_invoice(&api, &invoice), "customer_name"), "Grace");
}

#[test]
fn invoices_are_found_by_their_customer_status_and_date() {
    let api = sandbox("inv-list");
    let (one, other) = (payer(&api), payer(&api));
    let sent = [("collection_method", "send_invoice"), ("due_date", "1900000000")];
    let (draft_of_one, of_other) = (id(&draft(&api, &one, &[])), id(&draft(&api, &other, &sent)));
    let open = with_line(&api, &one, "500", &[]);
    act(&api, &open, "finalize", &[]).ok();
    let listed = |params: &[(&str, &str)]| ids(&api.get("/v1/invoices", params).ok());
    assert_eq!(listed(&[("customer", &one)]), [open.clone(), draft_of_one.clone()]);
    assert_eq!(listed(&[("status", "open")]), [open]);
    assert_eq!(listed(&[("status", "draft"), ("customer", &one)]), [draft_of_one]);
    assert_eq!(listed(&[("collection_method", "send_invoice")]), std::slice::from_ref(&of_other));
    assert_eq!(listed(&[("due_date[gte]", "1900000000")]), [of_other]);
    says(
        api.get("/v1/invoices", &[("status", "late")]),
        400,
        "Invalid status: must be one of draft, open, void, paid, or uncollectible",
    );
}

#[test]
fn an_invoice_that_does_not_exist_is_named_by_the_operation() {
    let api = sandbox("inv-none");
    for (method, verb, param) in [
        ("GET", "", "invoice"),
        ("DELETE", "", "invoice"),
        ("POST", "/send", "invoice"),
        ("POST", "", "id"),
        ("POST", "/pay", "id"),
        ("POST", "/finalize", "id"),
        ("POST", "/void", "id"),
        ("POST", "/mark_uncollectible", "id"),
    ] {
        let path = format!("/v1/invoices/in_none{verb}");
        let answer = match method {
            "GET" => api.get(&path, &[]),
            "DELETE" => api.delete(&path),
            _ => api.post(&path, &[]),
        };
        missing(answer, 404, "invoice", "in_none", param);
    }
    let params = [("lines[0][amount]", "5")];
    missing(api.post("/v1/invoices/in_none/add_lines", &params), 404, "invoice", "in_none", "invoice");
}

#[test]
fn only_a_draft_is_deleted_or_changed() {
    let api = sandbox("inv-delete");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "500", &[]);
    let path = format!("/v1/invoices/{invoice}");
    act(&api, &invoice, "finalize", &[]).ok();
    says(api.delete(&path), 400, "You can only delete draft invoices.");
    let refused =
        says(api.post(&path, &[("description", "x")]), 400, "Finalized invoices can't be updated in this way");
    assert_eq!(refused["param"], "description");
    assert_eq!(text(&api.post(&path, &[("metadata[a]", "b")]).ok()["metadata"], "a"), "b");
    let gone = id(&draft(&api, &customer, &[]));
    assert_eq!(api.delete(&format!("/v1/invoices/{gone}")).ok()["deleted"], true);
    assert_eq!(api.get(&format!("/v1/invoices/{gone}"), &[]).status, 404);
}

#[test]
fn a_revision_replaces_an_open_invoice() {
    let api = sandbox("inv-revision");
    let customer = payer(&api);
    let original = with_line(&api, &customer, "500", &[]);
    let from = [("from_invoice[action]", "revision"), ("from_invoice[invoice]", original.as_str())];
    invalid(api.post("/v1/invoices", &from), 400, None, Some("from_invoice[invoice]"));
    act(&api, &original, "finalize", &[]).ok();
    let revision = api.post("/v1/invoices", &from).ok();
    assert_eq!((text(&revision, "status"), int(&revision, "total")), ("draft", 500));
    assert_eq!(revision["from_invoice"], json!({"action": "revision", "invoice": original}));
    act(&api, &id(&revision), "finalize", &[]).ok();
    let shown = the_invoice(&api, &original);
    assert_eq!((text(&shown, "status"), &shown["latest_revision"]), ("void", &revision["id"]));
}
