// One flow with each of several ages of the official Node SDK, from the oldest that people still run to a preview: every
// one in its own API version, with the parameters that its own documents show.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";

if (!process.env.PINSTRIPE_URL) throw new Error("PINSTRIPE_URL names no server");
const url = new URL(process.env.PINSTRIPE_URL);

/** The SDKs; an old one has no version of its own and takes that of an account of its days. */
const SDKS = { "stripe-2020": "2020-08-27", "stripe-8": "2020-08-27", "stripe-12": undefined, "stripe-17": undefined, "stripe-22": undefined,
  "stripe-newest": undefined, "stripe-preview": undefined };

/** Those that bill as before 2025-03-31.basil, with what that version took away. */
const BILLS = new Set(["stripe-17"]);

const control = async (call, sandbox) => {
  const response = await fetch(`${url.origin}/_pinstripe/${call}${call.includes("?") ? "&" : "?"}sandbox=${sandbox}`, { method: "POST" });
  assert.equal(response.status, 200, `${call}: ${await response.text()}`);
};

for (const [name, apiVersion] of Object.entries(SDKS)) {
  describe(name, () => {
    const sandbox = `ages-${name}`;
    const hits = [];
    let stripe, server;

    before(async () => {
      const { default: Stripe } = await import(name);
      await control("reset", sandbox);
      stripe = new Stripe(`sk_test_sandbox_${sandbox}`, { host: url.hostname, port: url.port, protocol: "http", maxNetworkRetries: 1,
        telemetry: false, ...(apiVersion && { apiVersion }) });
      server = http.createServer((request, response) => {
        const chunks = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", () => {
          hits.push({ body: Buffer.concat(chunks), signature: request.headers["stripe-signature"] });
          response.end("ok");
        });
      });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => (server.closeAllConnections(), server.close()));

    const pay = (more, options) => stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method_types: ["card"], confirm: true,
      ...more }, options);

    test("a saved card pays, and its payment is refunded", async () => {
      const customer = await stripe.customers.create({ email: "ada@example.com", metadata: { order: "6735" } });
      const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
      const intent = await pay({ customer: customer.id, payment_method: method.id, off_session: true });
      assert.equal(intent.status, "succeeded");
      const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
      assert.deepEqual([refund.status, refund.amount], ["succeeded", 500]);
      assert.equal((await stripe.customers.retrieve(customer.id)).metadata.order, "6735");
    });

    test("a declined card raises a card error with its code", async () => {
      const declined = await pay({ payment_method: "pm_card_chargeDeclinedInsufficientFunds" }).then(() => assert.fail("it was paid"), (error) => error);
      assert.deepEqual([declined.type, declined.code, declined.decline_code, declined.statusCode],
        ["StripeCardError", "card_declined", "insufficient_funds", 402]);
      assert.equal(declined.payment_intent.status, "requires_payment_method");
    });

    test("3-D Secure is asked for and done", async () => {
      const intent = await pay({ payment_method: "pm_card_threeDSecure2Required", return_url: "https://example.com/back" });
      assert.deepEqual([intent.status, intent.next_action.type], ["requires_action", "redirect_to_url"]);
      await control(`authorize/${intent.id}?client_secret=${intent.client_secret}&result=succeeded`, sandbox);
      assert.equal((await stripe.paymentIntents.retrieve(intent.id)).status, "succeeded");
    });

    test("a list is paged through by itself, newest first", async () => {
      const made = [];
      for (let i = 0; i < 5; i++) made.unshift((await stripe.products.create({ name: `Product ${i}` })).id);
      const page = await stripe.products.list({ limit: 2 });
      assert.deepEqual([page.data.map((row) => row.id), page.has_more], [made.slice(0, 2), true]);
      const all = [];
      for await (const product of stripe.products.list({ limit: 2 })) all.push(product.id);
      assert.deepEqual(all, made);
    });

    test("a request with the same idempotency key is answered once more", async () => {
      const once = () => pay({ payment_method: "pm_card_visa" }, { idempotencyKey: `${sandbox}-1` });
      const [first, second] = [await once(), await once()];
      assert.equal(first.id, second.id);
      assert.equal(second.lastResponse.headers["idempotent-replayed"], "true");
    });

    if (BILLS.has(name)) {
      test("a customer is billed by hand, declined, credited and refunded", async () => {
        const customer = await stripe.customers.create({ email: "ada@example.com" });
        const bill = async () => {
          await stripe.invoiceItems.create({ customer: customer.id, amount: 2000, currency: "usd" });
          const draft = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: "include" });
          return stripe.invoices.finalizeInvoice(draft.id);
        };
        const useCard = async (card) => {
          const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
          await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
        };
        await useCard("pm_card_chargeCustomerFail");
        const open = await bill();
        assert.deepEqual([open.status, open.paid, open.lines.data[0].price.unit_amount, open.tax], ["open", false, 2000, null]);
        const declined = await stripe.invoices.pay(open.id).then(() => assert.fail("it was paid"), (error) => error);
        assert.deepEqual([declined.type, declined.code], ["StripeCardError", "card_declined"]);
        await useCard("pm_card_visa");
        const paid = await stripe.invoices.pay(open.id, { expand: ["payment_intent"] });
        assert.deepEqual([paid.paid, paid.payment_intent.status, paid.payment_intent.latest_charge], [true, "succeeded", paid.charge]);
        const note = await stripe.creditNotes.create({ invoice: paid.id, amount: 700, refund_amount: 500, credit_amount: 200 });
        assert.deepEqual([note.number, note.type, note.tax_amounts], [`${paid.number}-CN-01`, "post_payment", []]);
        assert.equal((await stripe.refunds.retrieve(note.refund)).amount, 500);
        const refund = await stripe.refunds.create({ charge: paid.charge, amount: 300 });
        const linked = await stripe.creditNotes.create({ invoice: paid.id, amount: 300, refund: refund.id });
        assert.equal(linked.refund, refund.id);
        const next = await bill();
        assert.deepEqual([next.amount_due, next.starting_balance], [1800, -200]);
        await stripe.creditNotes.create({ invoice: next.id, amount: 1800 });
        assert.equal((await stripe.invoices.retrieve(next.id)).paid, true);
      });

      test("a subscription is paid, upgraded, declined, paid again and canceled", async () => {
        const at = 1_898_596_800; // 1 March 2030
        await control(`clock?freeze=${at}`, sandbox);
        const price = async (amount) => stripe.prices.create({ currency: "usd", unit_amount: amount, recurring: { interval: "month" }, product_data: { name: `Plan ${amount}` } });
        const [basic, pro] = [await price(1000), await price(3000)];
        const customer = await stripe.customers.create({ email: "ada@example.com" });
        const useCard = async (card) => {
          const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
          await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
        };
        const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: basic.id }], payment_behavior: "default_incomplete",
          expand: ["latest_invoice.payment_intent"] });
        assert.deepEqual([begun.status, begun.current_period_start, begun.latest_invoice.subscription], ["incomplete", at, begun.id]);
        const intent = begun.latest_invoice.payment_intent;
        assert.match(intent.client_secret, /_secret_/);
        await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa", return_url: "https://example.com/back" });
        const active = await stripe.subscriptions.retrieve(begun.id);
        assert.deepEqual([active.status, active.current_period_end], ["active", at + 31 * 86_400]);

        await useCard("pm_card_visa");
        const upcoming = await stripe.invoices.retrieveUpcoming({ subscription: begun.id });
        assert.deepEqual([upcoming.total, upcoming.lines.data[0].price.id], [1000, basic.id]);
        await control("clock?advance=1339200", sandbox); // half of March
        const item = active.items.data[0].id;
        const upgraded = await stripe.subscriptions.update(begun.id, { items: [{ id: item, price: pro.id }], proration_behavior: "always_invoice",
          expand: ["latest_invoice"] });
        assert.deepEqual([upgraded.plan.amount, upgraded.latest_invoice.total, upgraded.latest_invoice.paid], [3000, 1000, true]);
        assert.deepEqual(upgraded.latest_invoice.lines.data.map((line) => [line.amount, line.proration]), [[-500, true], [1500, true]]);

        await useCard("pm_card_chargeCustomerFail");
        await control("clock?advance=1346400", sandbox); // the rest of it, and two hours
        const late = await stripe.subscriptions.retrieve(begun.id, { expand: ["latest_invoice.charge"] });
        assert.deepEqual([late.status, late.latest_invoice.charge.failure_code], ["past_due", "card_declined"]);
        await useCard("pm_card_visa");
        await stripe.invoices.pay(late.latest_invoice.id);
        assert.equal((await stripe.subscriptions.retrieve(begun.id)).status, "active");
        assert.equal((await stripe.subscriptions.cancel(begun.id)).status, "canceled");
      });
    }

    test("an event is delivered with a signature that the SDK accepts", async () => {
      const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${server.address().port}/hook`, enabled_events: ["customer.created"] });
      const customer = await stripe.customers.create({ name: 'Ada "Löve" \u2028' });
      for (let i = 0; i < 200 && hits.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 25));
      const event = stripe.webhooks.constructEvent(hits[0].body, hits[0].signature, endpoint.secret);
      assert.deepEqual([event.type, event.data.object.id], ["customer.created", customer.id]);
      assert.throws(() => stripe.webhooks.constructEvent(hits[0].body, hits[0].signature, "whsec_other"), { type: "StripeSignatureVerificationError" });
    });
  });
}
