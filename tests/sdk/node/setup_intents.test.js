// Setup intents as a backend uses them: setups with and without their customer, debits and their mandates, and what a
// browser hands to a server (confirmation tokens, ephemeral keys, customer sessions).
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { NEWEST, RETURN, assertKeyOrder, baseUrl, cardMethod, client, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-setups";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const UNEXPECTED = "setup_intent_unexpected_state";
const NO_REDIRECT = { automatic_payment_methods: { enabled: true, allow_redirects: "never" } };
const customer = () => stripe.customers.create();
const setUp = (more, options) => stripe.setupIntents.create({ confirm: true, ...RETURN, ...more }, options);

/** What a person decides on the page of an intent that waits, by the call that needs no browser. */
async function decide(url, result) {
  const response = await fetch(`${url}&result=${result}`, { method: "POST" });
  assert.equal(response.status, 200, await response.text());
}

describe("a setup of a card", () => {
  test("waits for a method, then for its confirmation, then succeeds", async () => {
    const owner = await customer();
    const intent = await stripe.setupIntents.create({ customer: owner.id, metadata: { plan: "tea" }, ...NO_REDIRECT });
    assert.match(intent.id, /^seti_1[0-9A-Za-z]{23}$/);
    assert.match(intent.client_secret, new RegExp(`^${intent.id}_secret_[0-9A-Za-z]{31}$`));
    has(intent, { status: "requires_payment_method", usage: "off_session", customer: owner.id, metadata: { plan: "tea" } });
    lacks(intent, "attach_to_self");
    assertKeyOrder(intent);
    const method = await cardMethod(stripe);
    has(await stripe.setupIntents.update(intent.id, { payment_method: method.id }), { status: "requires_confirmation" });
    const done = await stripe.setupIntents.confirm(intent.id, { expand: ["latest_attempt", "payment_method"] });
    has(done, { status: "succeeded", next_action: null, last_setup_error: null, mandate: null });
    has(done.payment_method, { id: method.id, customer: owner.id });
    has(done.latest_attempt, { object: "setup_attempt", status: "succeeded", setup_intent: intent.id });
    const attempts = await stripe.setupAttempts.list({ setup_intent: intent.id });
    assert.deepEqual(attempts.data.map((attempt) => attempt.id), [done.latest_attempt.id]);
    const listed = await stripe.setupIntents.list({ customer: owner.id });
    assert.deepEqual(listed.data.map((row) => row.id), [intent.id]);
  });

  test("is declined with the whole intent in the error", async () => {
    const error = await refused(setUp({ payment_method: "pm_card_chargeDeclined" }),
      { status: 402, code: "card_declined", decline_code: "generic_decline", param: "", message: "Your card was declined." });
    has(error.setup_intent, { object: "setup_intent", status: "requires_payment_method", payment_method: null });
    assert.equal(error.setup_intent.last_setup_error.code, "card_declined");
    has(error.payment_method, { object: "payment_method", customer: null });
    lacks(error.raw, "charge", "payment_intent");
    has(await stripe.setupIntents.confirm(error.setup_intent.id, { payment_method: "pm_card_visa", ...RETURN }), { status: "succeeded" });
  });

  test("waits for 3-D Secure, and pays off session afterwards", async () => {
    const owner = await customer();
    const waiting = await setUp({ customer: owner.id, payment_method: "pm_card_authenticationRequiredOnSetup" });
    has(waiting, { status: "requires_action" });
    assert.equal(waiting.next_action.type, "redirect_to_url");
    await decide(waiting.next_action.redirect_to_url.url, "succeeded");
    const done = await stripe.setupIntents.retrieve(waiting.id);
    has(done, { status: "succeeded", next_action: null });
    const paid = await stripe.paymentIntents.create({
      amount: 2000, currency: "usd", customer: owner.id, payment_method: done.payment_method, confirm: true, off_session: true,
    });
    has(paid, { status: "succeeded" });
  });

  test("fails 3-D Secure and takes another card", async () => {
    const waiting = await setUp({ payment_method: "pm_card_threeDSecure2Required" });
    await decide(waiting.next_action.redirect_to_url.url, "failed");
    const failed = await stripe.setupIntents.retrieve(waiting.id);
    has(failed, { status: "requires_payment_method", payment_method: null });
    assert.equal(failed.last_setup_error.code, "setup_intent_authentication_failure");
  });

  test("is canceled once, and not after it succeeded", async () => {
    const intent = await stripe.setupIntents.create();
    has(await stripe.setupIntents.cancel(intent.id, { cancellation_reason: "duplicate" }), { status: "canceled", cancellation_reason: "duplicate" });
    await refused(stripe.setupIntents.cancel(intent.id), { status: 400, code: UNEXPECTED, message: /already canceled/ });
    const done = await setUp({ payment_method: "pm_card_visa" });
    await refused(stripe.setupIntents.cancel(done.id), { status: 400, code: UNEXPECTED, message: /status of succeeded/ });
    await refused(stripe.setupIntents.confirm(done.id), { status: 400, code: UNEXPECTED, message: /already succeeded/ });
  });

  test("of nobody there is not found", () =>
    refused(stripe.setupIntents.retrieve("seti_nope"),
      { status: 404, code: "resource_missing", param: "intent", message: "No such setupintent: 'seti_nope'" }));
});

describe("a setup in a browser", () => {
  test("is confirmed with the client secret and seen reduced", async () => {
    const intent = await stripe.setupIntents.create({ payment_method_types: ["card"], metadata: { secret: "yes" } });
    const browser = client(SANDBOX, {}, keyOf(SANDBOX, "pk"));
    const done = await browser.setupIntents.confirm(intent.id, {
      client_secret: intent.client_secret, payment_method_data: { type: "card", card: { token: "tok_visa" } },
    });
    has(done, { status: "succeeded" });
    lacks(done, "metadata", "customer", "latest_attempt", "payment_method_options");
    await refused(browser.setupIntents.cancel(intent.id), { status: 401, code: "secret_key_required" });
  });
});

describe("a setup of a bank debit", () => {
  const mandate_data = { customer_acceptance: { type: "online", online: { ip_address: "127.0.0.1", user_agent: "node" } } };

  test("makes a mandate for SEPA", async () => {
    const owner = await customer();
    const done = await setUp({
      customer: owner.id, payment_method_types: ["sepa_debit"], mandate_data,
      payment_method_data: {
        type: "sepa_debit", sepa_debit: { iban: "DE89370400440532013000" },
        billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
      },
    });
    has(done, { status: "succeeded", single_use_mandate: null });
    const mandate = await stripe.mandates.retrieve(done.mandate);
    has(mandate, { status: "active", type: "multi_use", payment_method: done.payment_method, multi_use: {} });
    assert.equal(mandate.payment_method_details.type, "sepa_debit");
  });

  test("waits for microdeposits in America", async () => {
    const owner = await customer();
    const waiting = await setUp({
      customer: owner.id, payment_method_types: ["us_bank_account"], mandate_data, payment_method: "pm_usBankAccount_success",
    });
    has(waiting, { status: "requires_action" });
    assert.equal(waiting.next_action.type, "verify_with_microdeposits");
    await refused(stripe.setupIntents.verifyMicrodeposits(waiting.id, { amounts: [1, 2] }),
      { status: 400, code: "payment_method_microdeposit_verification_amounts_mismatch" });
    has(await stripe.setupIntents.verifyMicrodeposits(waiting.id, { amounts: [32, 45] }), { status: "succeeded" });
  });
});

describe("what a browser hands to a server", () => {
  test("a confirmation token confirms one intent", async () => {
    const token = await stripe.testHelpers.confirmationTokens.create({ payment_method: "pm_card_visa", ...RETURN });
    has(token, { object: "confirmation_token", payment_intent: null, setup_intent: null, use_stripe_sdk: true });
    assert.equal(token.payment_method_preview.card.last4, "4242");
    const paid = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", confirm: true, confirmation_token: token.id });
    has(paid, { status: "succeeded" });
    has(await stripe.confirmationTokens.retrieve(token.id), { payment_intent: paid.id });
    await refused(stripe.setupIntents.create({ confirm: true, confirmation_token: token.id }), { status: 400, param: "confirmation_token" });
  });

  test("an ephemeral key opens its customer", async () => {
    const [owner, other] = [await customer(), await customer()];
    const key = await stripe.ephemeralKeys.create({ customer: owner.id }, { apiVersion: NEWEST });
    has(key, { object: "ephemeral_key", associated_objects: [{ id: owner.id, type: "customer" }] });
    const mobile = client(SANDBOX, {}, key.secret);
    has(await mobile.customers.retrieve(owner.id), { id: owner.id });
    await refused(mobile.customers.retrieve(other.id), { status: 403 });
    await stripe.ephemeralKeys.del(key.id);
    await refused(mobile.customers.retrieve(owner.id), { status: 401, code: "api_key_expired" });
  });

  test("an ephemeral key names the version of its client", async () => {
    const answer = await wire("POST", "/v1/ephemeral_keys", { key: keyOf(SANDBOX), form: { customer: (await customer()).id } });
    assert.equal(answer.status, 400, `${baseUrl}: ${answer.text}`);
  });

  test("a customer session has a secret and its components", async () => {
    const owner = await customer();
    const session = await stripe.customerSessions.create({ customer: owner.id, components: { payment_element: { enabled: true } } });
    has(session, { object: "customer_session", customer: owner.id, livemode: false });
    assert.match(session.client_secret, /^cuss_secret_/);
    assert.equal(session.components.payment_element.enabled, true);
    assert.equal(session.components.pricing_table.enabled, false);
  });
});
