// A customer is billed by hand: items, a draft, the invoice, payments, declines, credit notes and refunds.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { has, open, refused } from "./support.js";

const SANDBOX = "node-billing";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

/** A customer whose default card is this test card. */
async function payer(card = "pm_card_visa") {
  const customer = await stripe.customers.create({ name: "Ada", email: "ada@example.com" });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}

/** A finalized invoice of two items: 2 * 1000 and 500. */
async function billed(customer, more) {
  await stripe.invoiceItems.create({ customer: customer.id, unit_amount_decimal: "1000", quantity: 2, currency: "usd", description: "Chairs" });
  await stripe.invoiceItems.create({ customer: customer.id, amount: 500, currency: "usd", description: "Delivery" });
  const draft = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: "include", ...more });
  has(draft, { status: "draft", total: 2500, number: null });
  return stripe.invoices.finalizeInvoice(draft.id);
}

describe("billing by hand", () => {
  test("an invoice is paid, credited line by line and refunded", async () => {
    const customer = await payer();
    const open = await billed(customer);
    has(open, { status: "open", amount_remaining: 2500 });
    assert.match(open.number, /^[A-Z0-9]{8}-0001$/);
    const paid = await stripe.invoices.pay(open.id, { expand: ["payments"] });
    has(paid, { status: "paid", amount_paid: 2500, amount_remaining: 0 });
    assert.equal(paid.payments.data[0].status, "paid");

    const chairs = paid.lines.data.find((line) => line.description === "Chairs");
    const wanted = { invoice: paid.id, lines: [{ type: "invoice_line_item", invoice_line_item: chairs.id, quantity: 1 }] };
    const parts = { refund_amount: 600, credit_amount: 300, out_of_band_amount: 100 };
    const preview = await stripe.creditNotes.preview({ ...wanted, ...parts });
    const note = await stripe.creditNotes.create({ ...wanted, ...parts, reason: "product_unsatisfactory", memo: "One was broken." });
    for (const shown of [preview, note]) has(shown, { total: 1000, type: "post_payment", post_payment_amount: 1000, out_of_band_amount: 100 });
    assert.equal(note.number, `${paid.number}-CN-01`);
    has(note.lines.data[0], { amount: 1000, quantity: 1, invoice_line_item: chairs.id, description: "Chairs" });
    const refund = await stripe.refunds.retrieve(note.refunds[0].refund);
    has(refund, { amount: 600, status: "succeeded" });
    assert.equal((await stripe.customers.retrieve(customer.id)).balance, -300);
    has(await stripe.invoices.retrieve(paid.id), { post_payment_credit_notes_amount: 1000, status: "paid" });

    const next = await billed(customer);
    has(next, { starting_balance: -300, ending_balance: 0, amount_due: 2200 });
    await refused(stripe.creditNotes.create({ ...wanted, credit_amount: 100 }), {
      status: 400,
      message: "The sum of credit amount, refund amount and out of band amount ($1.00) must equal the credit note amount ($10.00).",
    });
  });

  test("a declined invoice stays open, and credit makes it cheaper", async () => {
    const open = await billed(await payer("pm_card_chargeCustomerFail"));
    const error = await stripe.invoices.pay(open.id).then(() => assert.fail("it was paid"), (error) => error);
    assert.deepEqual([error.type, error.code, error.statusCode], ["StripeCardError", "card_declined", 402]);
    has(await stripe.invoices.retrieve(open.id), { status: "open", attempted: true, attempt_count: 1 });
    const note = await stripe.creditNotes.create({ invoice: open.id, amount: 500 });
    has(note, { type: "pre_payment", pre_payment_amount: 500 });
    has(await stripe.invoices.retrieve(open.id), { amount_due: 2000, amount_remaining: 2000, pre_payment_credit_notes_amount: 500 });
    has(await stripe.creditNotes.voidCreditNote(note.id), { status: "void" });
    await stripe.creditNotes.create({ invoice: open.id, amount: 2500 });
    has(await stripe.invoices.retrieve(open.id), { status: "paid", amount_paid: 0, amount_due: 0 });
    const notes = [];
    for await (const row of stripe.creditNotes.list({ invoice: open.id, limit: 1 })) notes.push(row.status);
    assert.deepEqual(notes, ["issued", "void"]);
  });
});
