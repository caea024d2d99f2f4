// Payments whose customer has to authenticate, finished without a browser; and what a hold can do.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { RETURN, client, has, keyOf, open, refused, wire } from "./support.js";

const SANDBOX = "node-authentication";
const REQUIRED = "pm_card_threeDSecure2Required";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const pay = (more) => stripe.paymentIntents.create({ amount: 2000, currency: "usd", confirm: true, payment_method: REQUIRED, ...RETURN, ...more });

/** Does what the customer would do on the page that a link names; returns where the browser would go. */
async function decide(link, result) {
  const { pathname, search } = new URL(link);
  const { status, body, text } = await wire("POST", `${pathname}${search}&result=${result}`);
  assert.equal(status, 200, text);
  return body.return_url;
}

describe("3-D Secure", () => {
  test("is completed without a browser", async () => {
    const intent = await pay();
    has(intent, { status: "requires_action", latest_charge: null });
    assert.equal(intent.next_action.type, "redirect_to_url");
    const back = new URL(await decide(intent.next_action.redirect_to_url.url, "succeeded"));
    assert.equal(back.origin + back.pathname, RETURN.return_url);
    assert.deepEqual(Object.fromEntries(back.searchParams), {
      payment_intent: intent.id, payment_intent_client_secret: intent.client_secret, redirect_status: "succeeded" });
    has(await stripe.paymentIntents.retrieve(intent.id), { status: "succeeded", amount_received: 2000, next_action: null });
  });

  test("is failed, and the payment retried", async () => {
    const intent = await pay();
    await decide(intent.next_action.redirect_to_url.url, "failed");
    const failed = await stripe.paymentIntents.retrieve(intent.id);
    has(failed, { status: "requires_payment_method", payment_method: null, latest_charge: null });
    has(failed.last_payment_error, { code: "payment_intent_authentication_failure", type: "invalid_request_error" });
    has(await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa", ...RETURN }), { status: "succeeded" });
  });

  test("is begun by a page with a publishable key", async () => {
    const { id, client_secret } = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method_types: ["card"] }, { apiVersion: "2024-06-20" });
    const browser = client(SANDBOX, {}, keyOf(SANDBOX, "pk"));
    const intent = await browser.paymentIntents.confirm(id, { client_secret, payment_method: REQUIRED, use_stripe_sdk: true });
    has(intent, { status: "requires_action" });
    assert.equal(intent.next_action.type, "use_stripe_sdk");
    await decide(intent.next_action.use_stripe_sdk.stripe_js, "succeeded");
    has(await browser.paymentIntents.retrieve(id, { client_secret }), { status: "succeeded" });
  });

  test("cannot be done while the customer is away", async () => {
    await refused(pay({ return_url: undefined, off_session: true }), {
      status: 402, code: "authentication_required", decline_code: "authentication_required",
      message: "Your card was declined. This transaction requires authentication." });
  });

  test("a saved card pays later without it", async () => {
    const customer = (await stripe.customers.create()).id;
    const first = await pay({ customer, payment_method: "pm_card_authenticationRequiredOnSetup", setup_future_usage: "off_session" });
    await decide(first.next_action.redirect_to_url.url, "succeeded");
    const { payment_method } = await stripe.paymentIntents.retrieve(first.id);
    has(await pay({ customer, payment_method, return_url: undefined, off_session: true }), { status: "succeeded" });
  });
});

describe("a hold", () => {
  const hold = (card) => pay({ payment_method: "pm_card_visa", capture_method: "manual", payment_method_options: { card } });

  test("is captured in parts", async () => {
    const held = await hold({ request_multicapture: "if_available" });
    const part = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500, final_capture: false });
    has(part, { status: "requires_capture", amount_received: 500, amount_capturable: 1500 });
    has(await stripe.paymentIntents.capture(held.id), { status: "succeeded", amount_received: 2000, amount_capturable: 0 });
  });

  test("is raised", async () => {
    const held = await hold({ request_incremental_authorization: "if_available" });
    has(await stripe.paymentIntents.incrementAuthorization(held.id, { amount: 2500 }), { amount: 2500, amount_capturable: 2500 });
    await refused(stripe.paymentIntents.incrementAuthorization(held.id, { amount: 2400 }), {
      status: 400, code: "parameter_invalid_integer", param: "amount" });
  });
});
