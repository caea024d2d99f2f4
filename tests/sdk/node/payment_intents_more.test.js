// What lies beyond the straight path: holds, saving a card with a payment, and what a browser may see.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, RETURN, USED_AGAIN, USED_CODE, cardMethod, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-intents-more";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const UNEXPECTED = "payment_intent_unexpected_state";
const pay = (more) => stripe.paymentIntents.create({ amount: 2000, currency: "usd", confirm: true, ...RETURN, ...more });
const hold = (more) => pay({ capture_method: "manual", payment_method: "pm_card_visa", ...more });

describe("manual capture", () => {
  test("a hold is taken in full", async () => {
    const held = await hold({ expand: ["latest_charge"] });
    has(held, { status: "requires_capture", amount_capturable: 2000, amount_received: 0 });
    has(held.latest_charge, { status: "succeeded", paid: true, captured: false, amount_captured: 0, balance_transaction: null });
    assert.equal(held.latest_charge.payment_method_details.card.capture_before, held.latest_charge.created + 604800);
    const taken = await stripe.paymentIntents.capture(held.id, { metadata: { a: "b" }, expand: ["latest_charge"] });
    has(taken, { status: "succeeded", amount_capturable: 0, amount_received: 2000, metadata: { a: "b" } });
    has(taken.latest_charge, { captured: true, amount_captured: 2000 });
    assert.match(taken.latest_charge.balance_transaction, /^txn_/);
  });

  test("or in part, which releases the rest", async () => {
    const held = await hold();
    const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500, expand: ["latest_charge"] });
    has(taken, { status: "succeeded", amount: 2000, amount_capturable: 0, amount_received: 1500 });
    has(taken.latest_charge, { amount: 2000, amount_captured: 1500, amount_refunded: 0, refunded: false });
    await refused(stripe.refunds.create({ payment_intent: held.id, amount: 1600 }), { status: 400, param: "amount" });
    assert.equal((await stripe.refunds.create({ payment_intent: held.id })).amount, 1500);
  });

  test("or canceled", async () => {
    const held = await hold();
    has(await stripe.paymentIntents.cancel(held.id), { status: "canceled", amount_capturable: 0 });
  });

  test("the refusals", async () => {
    const held = await hold();
    const over = await refused(stripe.paymentIntents.capture(held.id, { amount_to_capture: 2001 }), { status: 400, code: "amount_too_large", param: ANY,
      message: "The payment could not be captured because the requested capture amount is greater than the amount you can capture for " +
        "this charge. Contact us via https://support.stripe.com/contact/ for help." });
    assert.equal(over.payment_intent.id, held.id);
    await refused(stripe.paymentIntents.capture(held.id, { amount_to_capture: -1 }), { status: 400, param: "amount_to_capture", message: "Invalid non-negative integer" });
    await refused(stripe.paymentIntents.capture(held.id, { amount_to_capture: 0 }),
      { status: 400, code: "parameter_invalid_integer", param: "amount", message: "This value must be greater than or equal to 1." });
    await refused(stripe.charges.capture(held.latest_charge), { status: 400, param: ANY,
      message: `This uncaptured Charge was created by a PaymentIntent (${held.id}). You must capture the PaymentIntent instead. For more information, see ` +
        "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method" });
    await refused(stripe.refunds.create({ charge: held.latest_charge }), { status: 400, param: ANY,
      message: `This uncaptured Charge was created by a PaymentIntent (${held.id}). You must cancel the PaymentIntent to reverse the authorization instead of ` +
        "refunding the Charge directly. For more information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method" });
    const open_ = await stripe.paymentIntents.create({ amount: 2000, currency: "usd" });
    await refused(stripe.paymentIntents.capture(open_.id), { status: 400, code: UNEXPECTED, param: ANY,
      message: "This PaymentIntent could not be captured because it has a status of requires_payment_method. Only a PaymentIntent with one of the " +
        "following statuses may be captured: requires_capture." });
    await refused(stripe.charges.update(held.latest_charge, { transfer_group: "x" }), { status: 400, param: ANY,
      message: `This Charge was created by a PaymentIntent (${held.id}). You must update the \`transfer_group\` on the PaymentIntent instead of updating the ` +
        "Charge directly. See https://stripe.com/docs/api#update_payment_intent" });
  });
});

describe("saving a card with a payment", () => {
  test("setup_future_usage attaches the method when the payment succeeds", async () => {
    const customer = await stripe.customers.create();
    const method = await cardMethod(stripe);
    const intent = await pay({ customer: customer.id, payment_method: method.id, setup_future_usage: "off_session" });
    has(intent, { status: "succeeded", setup_future_usage: "off_session" });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, customer.id);
    assert.equal((await pay({ customer: customer.id, payment_method: method.id, off_session: true })).status, "succeeded");
  });

  test("and leaves it alone when the payment fails", async () => {
    const customer = await stripe.customers.create();
    const method = await cardMethod(stripe, "tok_chargeDeclined");
    await refused(pay({ customer: customer.id, payment_method: method.id, setup_future_usage: "off_session" }),
      { status: 402, code: "card_declined", decline_code: "generic_decline" });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, null);
    await refused(pay({ customer: customer.id, payment_method: method.id }), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  test("off_session and setup_future_usage exclude each other", async () => {
    const customer = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    await refused(pay({ customer: customer.id, payment_method: method.id, setup_future_usage: "off_session", off_session: true }), {
      status: 400, code: ANY, param: ANY,
      message: "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. The customer needs to be on-session " +
        "to perform the steps which may be required to set up the PaymentMethod for future usage." });
  });
});

describe("a browser", () => {
  const key = keyOf(SANDBOX, "pk");

  test("reads an intent with its secret, and less of it", async () => {
    const customer = await stripe.customers.create();
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", customer: customer.id, metadata: { a: "b" } });
    const answer = await wire("GET", `/v1/payment_intents/${intent.id}?client_secret=${intent.client_secret}`, { key });
    assert.equal(answer.status, 200, answer.text);
    has(answer.body, { id: intent.id, amount: 2000, currency: "usd", client_secret: intent.client_secret, status: "requires_payment_method" });
    lacks(answer.body, "customer", "metadata", "amount_received", "amount_capturable", "latest_charge", "payment_method_options", "transfer_data");
    const without = await wire("GET", `/v1/payment_intents/${intent.id}`, { key });
    assert.equal(without.status, 400);
    has(without.body.error, { code: "parameter_missing", message: "Missing required param: client_secret." });
    const wrong = await wire("GET", `/v1/payment_intents/${intent.id}?client_secret=${intent.id}_secret_wrong`, { key });
    assert.equal(wrong.status, 400);
    assert.equal(wrong.body.error.message, "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the " +
      "publishable key used belongs to the same account that created the PaymentIntent.");
  });

  test("confirms with it", async () => {
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd" });
    const answer = await wire("POST", `/v1/payment_intents/${intent.id}/confirm`,
      { key, form: { client_secret: intent.client_secret, payment_method: "pm_card_visa", ...RETURN } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.status, "succeeded");
    lacks(answer.body, "latest_charge", "amount_received");
  });
});
