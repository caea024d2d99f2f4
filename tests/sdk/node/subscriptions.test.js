// What a team that sells subscriptions tests: sign-up with a trial, conversion, an upgrade in mid-cycle, a renewal that fails
// and recovers, the end of a period, and a customer who comes back.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { baseUrl, client, has, open, refused } from "./support.js";

const SANDBOX = "node-subscriptions";
const DAY = 86_400;
/** 1 March 2030, 12:00 UTC. */
const START = 1_898_596_800;
let stripe;
beforeEach(async () => {
  stripe = await open(SANDBOX);
  await clock(`freeze=${START}`);
});

async function clock(change) {
  const response = await fetch(`${baseUrl}/_pinstripe/clock?sandbox=${SANDBOX}&${change}`, { method: "POST" });
  assert.equal(response.status, 200, await response.text());
}
const days = (count) => clock(`advance=${Math.round(count * DAY)}`);

/** A customer whose default card is this test card; none for null. */
async function payer(card = "pm_card_visa") {
  const customer = await stripe.customers.create({ name: "Ada", email: "ada@example.com" });
  return card === null ? customer : pays(customer, card);
}

async function pays(customer, card) {
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}

const monthly = (amount, name = "Basic") =>
  stripe.prices.create({ currency: "usd", unit_amount: amount, recurring: { interval: "month" }, product_data: { name } });
const current = (subscription) => stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice"] });
const reasons = async (subscription) =>
  (await stripe.invoices.list({ subscription: subscription.id, limit: 100 })).data.reverse().map((invoice) => [invoice.billing_reason, invoice.total, invoice.status]);
const told = async (...types) => (await stripe.events.list({ types, limit: 100 })).data.reverse().map((event) => event.type);

describe("a team that sells subscriptions", () => {
  test("a trial is begun without a card, converts, and renews month by month", async () => {
    const customer = await payer(null);
    const price = await monthly(2500);
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], trial_period_days: 14,
      payment_settings: { save_default_payment_method: "on_subscription" }, expand: ["pending_setup_intent", "latest_invoice"] });
    has(begun, { status: "trialing", trial_start: START, trial_end: START + 14 * DAY, billing_cycle_anchor: START + 14 * DAY });
    has(begun.latest_invoice, { status: "paid", total: 0, billing_reason: "subscription_create" });
    assert.equal(begun.latest_invoice.lines.data[0].description, "Free trial for 1 × Basic");

    await stripe.setupIntents.confirm(begun.pending_setup_intent.id, { payment_method: "pm_card_visa", return_url: "https://shop.test" });
    const carded = await current(begun);
    assert.equal(carded.pending_setup_intent, null);
    assert.match(carded.default_payment_method, /^pm_/);

    await days(14);
    has(await current(begun), { status: "active" });
    has((await current(begun)).latest_invoice, { status: "draft", total: 2500, billing_reason: "subscription_cycle" });
    await days(1 / 12);
    has((await current(begun)).latest_invoice, { status: "paid", amount_paid: 2500, attempt_count: 1 });
    assert.deepEqual(await told("customer.subscription.trial_will_end"), ["customer.subscription.trial_will_end"]);

    await days(365);
    const all = await reasons(begun);
    assert.deepEqual(all.slice(0, 2), [["subscription_create", 0, "paid"], ["subscription_cycle", 2500, "paid"]]);
    assert.deepEqual([all.length, new Set(all.slice(1).map(String)).size], [14, 1]);
    // 15 March to 15 April, and so on: the day of the anchor is kept.
    const [item] = (await current(begun)).items.data;
    assert.deepEqual([item.current_period_start, item.current_period_end].map((at) => new Date(at * 1000).getUTCDate()), [15, 15]);
  });

  test("an upgrade in mid-cycle is prorated, and invoiced when it is asked for", async () => {
    const [basic, pro] = [await monthly(1000), await monthly(2000, "Pro")];
    const customer = await payer();
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: basic.id }] });
    const [item] = begun.items.data;
    const middle = (item.current_period_end - item.current_period_start) / 2;
    await clock(`advance=${middle}`);

    const change = { items: [{ id: item.id, price: pro.id }], proration_behavior: "always_invoice" };
    const preview = await stripe.invoices.createPreview({ subscription: begun.id, subscription_details: change });
    assert.deepEqual(preview.lines.data.map((line) => line.amount), [-500, 1000]);
    const changed = await stripe.subscriptions.update(begun.id, { ...change, expand: ["latest_invoice"] });
    has(changed.latest_invoice, { total: 500, status: "paid", billing_reason: "subscription_update" });
    assert.deepEqual(changed.latest_invoice.lines.data.map((line) => line.amount), [-500, 1000]);
    assert.match(changed.latest_invoice.lines.data[0].description, /^Unused time on Basic after \d\d Mar 2030$/);

    // Back again, but the money waits for the next invoice.
    await stripe.subscriptions.update(begun.id, { items: [{ id: item.id, price: basic.id }] });
    assert.deepEqual((await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data.map((row) => row.amount).sort(), [-1000, 500].sort());
    await days(17);
    has((await current(begun)).latest_invoice, { total: 500, status: "paid", billing_reason: "subscription_cycle" });
  });

  test("a renewal that fails is tried again, recovers with a new card, and ends after the last try without one", async () => {
    const price = await monthly(2500);
    const customer = await payer();
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    await pays(customer, "pm_card_chargeCustomerFail");
    await days(31.1);
    const failed = await current(begun);
    has(failed, { status: "past_due" });
    has(failed.latest_invoice, { status: "open", attempt_count: 1 });
    assert.equal(failed.latest_invoice.next_payment_attempt, START + 31 * DAY + 3601 + 3 * DAY);
    assert.equal((await stripe.customers.retrieve(customer.id)).delinquent, true);

    await pays(customer, "pm_card_mastercard");
    await days(3);
    has(await current(begun), { status: "active" });
    has((await current(begun)).latest_invoice, { status: "paid", attempt_count: 2 });
    assert.equal((await stripe.customers.retrieve(customer.id)).delinquent, false);

    await pays(customer, "pm_card_chargeCustomerFail");
    await days(30 + 16);
    const ended = await current(begun);
    has(ended, { status: "canceled" });
    assert.equal(ended.cancellation_details.reason, "payment_failed");
    has(ended.latest_invoice, { status: "open", attempt_count: 4, next_payment_attempt: null });
    assert.equal((await told("invoice.payment_failed")).length, 5);
    assert.deepEqual(await told("customer.subscription.deleted"), ["customer.subscription.deleted"]);
  });

  test("a customer leaves at the end of the period, changes her mind, leaves, and comes back", async () => {
    const price = await monthly(2500);
    const customer = await payer();
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const leaves = await stripe.subscriptions.update(begun.id, { cancel_at_period_end: true, cancellation_details: { feedback: "too_expensive" } });
    has(leaves, { status: "active", canceled_at: START, cancel_at: leaves.items.data[0].current_period_end });
    has(await stripe.subscriptions.update(begun.id, { cancel_at_period_end: false }), { cancel_at: null, canceled_at: null });
    await stripe.subscriptions.update(begun.id, { cancel_at_period_end: true });
    await days(31);
    const left = await current(begun);
    has(left, { status: "canceled", ended_at: leaves.cancel_at });
    assert.equal(left.cancellation_details.reason, "cancellation_requested");
    assert.deepEqual(await reasons(begun), [["subscription_create", 2500, "paid"]]);
    await refused(stripe.subscriptions.update(begun.id, { items: [{ price: price.id }] }), { status: 400,
      code: "invalid_canceled_subscription_fields", message: "A canceled subscription can only update its cancellation_details and metadata." });

    const coupon = await stripe.coupons.create({ percent_off: 20, duration: "repeating", duration_in_months: 3 });
    const back = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], discounts: [{ coupon: coupon.id }] });
    await days(125);
    assert.deepEqual((await reasons(back)).map(([, total]) => total), [2000, 2000, 2000, 2500, 2500]);
    assert.deepEqual((await stripe.subscriptions.list({ customer: customer.id })).data.map((row) => row.id), [back.id]);
    assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: "all" })).data.length, 2);
  });

  test("a first payment that fails leaves an incomplete subscription, which is paid or expires", async () => {
    const price = await monthly(2500);
    for (const [card, ending] of [["pm_card_visa", "active"], [null, "incomplete_expired"]]) {
      const customer = await payer("pm_card_chargeCustomerFail");
      const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], expand: ["latest_invoice.payments"] });
      has(begun, { status: "incomplete" });
      const intent = begun.latest_invoice.payments.data[0].payment.payment_intent;
      if (card) await stripe.paymentIntents.confirm(intent, { payment_method: card, return_url: "https://shop.test" });
      await clock("advance=82800");
      has(await current(begun), { status: ending });
      has((await current(begun)).latest_invoice, { status: card ? "paid" : "void" });
    }
    const strict = { customer: (await payer("pm_card_chargeCustomerFail")).id, items: [{ price: price.id }], payment_behavior: "error_if_incomplete" };
    const error = await stripe.subscriptions.create(strict).then(() => assert.fail("it was made"), (error) => error);
    assert.deepEqual([error.type, error.code], ["StripeCardError", "card_declined"]);
  });

  test("a client confirms the first payment with the secret of its invoice", async () => {
    const price = await monthly(2500);
    const customer = await payer(null);
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], payment_behavior: "default_incomplete",
      payment_settings: { save_default_payment_method: "on_subscription" }, expand: ["latest_invoice.confirmation_secret"] });
    has(begun, { status: "incomplete" });
    const secret = begun.latest_invoice.confirmation_secret.client_secret;
    const [intent] = secret.split("_secret_");
    const browser = client(SANDBOX, {}, `pk_test_sandbox_${SANDBOX}`);
    await browser.paymentIntents.confirm(intent, { client_secret: secret, payment_method_data: { type: "card", card: { token: "tok_visa" } }, return_url: "https://shop.test" });
    const paid = await current(begun);
    has(paid, { status: "active" });
    assert.match(paid.default_payment_method, /^pm_/);
    has(paid.latest_invoice, { status: "paid" });
  });
});
