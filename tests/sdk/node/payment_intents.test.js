import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, NEEDS_RETURN_URL, RETURN, USED_AGAIN, USED_CODE, assertKeyOrder, cardMethod, has, lacks, open, refused,
  reusableSource } from "./support.js";

let stripe;
before(async () => {
  stripe = await open("node-intents");
});

const create = (more, options) => stripe.paymentIntents.create({ amount: 2000, currency: "usd", ...more }, options);
const pay = (more, options) => create({ confirm: true, ...RETURN, ...more }, options);
const attached = async (token) => {
  const customer = await stripe.customers.create();
  const method = await cardMethod(stripe, token);
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  return { customer, method };
};
const UNEXPECTED = "payment_intent_unexpected_state";

describe("create", () => {
  test("without a method it waits for one", async () => {
    const intent = await create({ description: "Boots", metadata: { order: 1 }, receipt_email: "jenny@example.com" });
    assert.match(intent.id, /^pi_3[0-9A-Za-z]{23}$/);
    assert.match(intent.client_secret, new RegExp(`^${intent.id}_secret_[0-9A-Za-z]{25}$`));
    has(intent, {
      object: "payment_intent", amount: 2000, amount_capturable: 0, amount_received: 0, application: null,
      application_fee_amount: null, automatic_payment_methods: { allow_redirects: "always", enabled: true }, canceled_at: null,
      cancellation_reason: null, capture_method: "automatic_async", confirmation_method: "automatic", currency: "usd", customer: null,
      description: "Boots", last_payment_error: null, latest_charge: null, livemode: false, metadata: { order: "1" },
      next_action: null, on_behalf_of: null, payment_method: null, processing: null, receipt_email: "jenny@example.com", review: null,
      setup_future_usage: null, shipping: null, source: null, statement_descriptor: null, statement_descriptor_suffix: null,
      status: "requires_payment_method", transfer_data: null, transfer_group: null,
    });
    assert.deepEqual(intent.amount_details.tip, {});
    assert.ok(intent.payment_method_types.includes("card"));
    has(intent.payment_method_options.card, { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" });
    lacks(intent, "charges", "invoice");
    assertKeyOrder(intent);
    assert.deepEqual({ ...(await stripe.paymentIntents.retrieve(intent.id)) }, { ...intent });
  });

  test("with a method it waits for its confirmation", async () => {
    const method = await cardMethod(stripe);
    has(await create({ payment_method: method.id }), { status: "requires_confirmation", payment_method: method.id, latest_charge: null });
  });

  test("a test id becomes a new method", async () => {
    const intent = await create({ payment_method: "pm_card_visa" });
    assert.match(intent.payment_method, /^pm_1/);
    assert.equal((await stripe.paymentMethods.retrieve(intent.payment_method)).card.last4, "4242");
  });

  test("a method can be made in place", async () => {
    const intent = await pay({ payment_method_data: { type: "card", card: { token: "tok_mastercard" } }, expand: ["payment_method"] });
    has(intent, { status: "succeeded" });
    assert.equal(intent.payment_method.card.brand, "mastercard");
  });

  test("automatic methods may be kept from redirecting", async () => {
    const intent = await create({ automatic_payment_methods: { enabled: true, allow_redirects: "never" }, payment_method: "pm_card_visa", confirm: true });
    has(intent, { status: "succeeded", automatic_payment_methods: { allow_redirects: "never", enabled: true } });
  });

  test("types and automatic methods exclude each other", async () => {
    const apiVersion = "2024-06-20";
    has(await create({ payment_method_types: ["card"] }, { apiVersion }), { payment_method_types: ["card"], automatic_payment_methods: null });
    await refused(create({ payment_method_types: ["card"], automatic_payment_methods: { enabled: true } }, { apiVersion }), {
      status: 400, code: ANY, param: ANY, message: "You cannot enable `automatic_payment_methods` and specify `payment_method_types`." });
  });

  test("bad amounts and currencies", async () => {
    const minimum = "The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set " +
      "(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment Method for future use " +
      "without an immediate payment, use a Setup Intent instead: https://docs.stripe.com/payments/setup-intents";
    await refused(create({ amount: 0 }), { status: 400, code: "parameter_invalid_integer", param: "amount", message: minimum });
    await refused(create({ amount: 49 }), { status: 400, code: "amount_too_small", param: "amount", message: "Amount must be at least $0.50 usd" });
    await refused(create({ amount: 100000000 }), { status: 400, code: "amount_too_large", param: "amount", message: "Amount must be no more than $999,999.99" });
    await refused(create({ amount: "abc" }), { status: 400, code: "parameter_invalid_integer", param: "amount", message: "Invalid integer: abc" });
    await refused(create({ amount: undefined }), { status: 400, code: "parameter_missing", param: "amount", message: "Missing required param: amount." });
    await refused(create({ currency: undefined }), { status: 400, code: "parameter_missing", param: "currency", message: "Missing required param: currency." });
    await refused(create({ currency: "zzz" }), { status: 400, param: "currency", message: /^Invalid currency: zzz\. Stripe currently supports these currencies: usd, aed, afn/ });
  });

  test("unknown customers and methods", async () => {
    await refused(create({ customer: "cus_none" }), { status: 400, code: "resource_missing", param: "customer", message: "No such customer: 'cus_none'" });
    await refused(create({ payment_method: "pm_none" }), { status: 400, code: "resource_missing", param: "payment_method", message: /^No such PaymentMethod: 'pm_none'/ });
  });

  test("what belongs to a confirmation can't be given without one", async () => {
    for (const [param, value] of [["return_url", "https://example.com"], ["off_session", true]]) {
      await refused(create({ [param]: value }), { status: 400, code: ANY, param: ANY,
        message: `The parameter \`${param}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.` });
    }
  });

  test("a method of a type that isn't allowed", async () => {
    await refused(pay({ payment_method_types: ["us_bank_account"], payment_method: "pm_card_visa" }, { apiVersion: "2024-06-20" }), {
      status: 400, code: "payment_intent_incompatible_payment_method", param: "payment_method",
      message: "The PaymentMethod provided (card) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the " +
        "following types: us_bank_account. Alternatively, update the allowed payment_method_types for this PaymentIntent to include \"card\"." });
  });
});

describe("confirm", () => {
  test("an approved payment", async () => {
    const { id } = await create({ description: "Boots", metadata: { a: "b" } });
    const intent = await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa", ...RETURN, expand: ["latest_charge"] });
    has(intent, { status: "succeeded", amount_received: 2000, amount_capturable: 0, next_action: null, last_payment_error: null, canceled_at: null });
    const charge = intent.latest_charge;
    assert.match(charge.id, /^ch_3/);
    has(charge, { amount: 2000, captured: true, customer: null, description: "Boots", metadata: { a: "b" }, paid: true, payment_intent: id,
      payment_method: intent.payment_method, source: null, status: "succeeded" });
    assert.equal(charge.outcome.type, "authorized");
    assert.equal(charge.payment_method_details.card.last4, "4242");
    assert.equal(charge.payment_method_details.card.checks.cvc_check, "pass");
    assertKeyOrder(intent);
  });

  test("create and confirm in one call", async () => {
    const intent = await pay({ payment_method: "pm_card_visa" });
    has(intent, { status: "succeeded", amount_received: 2000 });
    assert.equal((await stripe.charges.retrieve(intent.latest_charge)).payment_intent, intent.id);
  });

  test("with a customer and its method", async () => {
    const { customer, method } = await attached();
    const intent = await pay({ customer: customer.id, payment_method: method.id });
    has(intent, { status: "succeeded", customer: customer.id, payment_method: method.id });
    assert.equal((await stripe.charges.retrieve(intent.latest_charge)).customer, customer.id);
  });

  test("with a card or a source that a customer has from earlier", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: "tok_visa" });
    await stripe.customers.createSource(customer.id, { source: source.id });
    for (const payment_method of [customer.default_source, source.id]) {
      const intent = await pay({ customer: customer.id, payment_method, expand: ["latest_charge"] });
      has(intent, { status: "succeeded", payment_method });
      assert.equal(intent.latest_charge.payment_method, payment_method);
      assert.equal(intent.latest_charge.payment_method_details.type, "card");
    }
  });

  test("the balance transaction follows a moment later with automatic_async, at once with automatic", async () => {
    const later = await pay({ payment_method: "pm_card_visa", expand: ["latest_charge"] });
    assert.equal(later.latest_charge.balance_transaction, null);
    const charge = await stripe.charges.retrieve(later.latest_charge.id, { expand: ["balance_transaction"] });
    has(charge.balance_transaction, { amount: 2000, fee: 88, source: charge.id });
    const now = await pay({ payment_method: "pm_card_visa", capture_method: "automatic", expand: ["latest_charge"] });
    assert.match(now.latest_charge.balance_transaction, /^txn_/);
  });

  test("without return_url it is refused, unless nothing can redirect", async () => {
    await refused(create({ payment_method: "pm_card_visa", confirm: true }), { status: 400, param: ANY, message: NEEDS_RETURN_URL });
    const { customer, method } = await attached();
    const intent = await create({ customer: customer.id, payment_method: method.id });
    await refused(stripe.paymentIntents.confirm(intent.id), { status: 400, param: ANY, message: NEEDS_RETURN_URL });
    const same = await stripe.paymentIntents.retrieve(intent.id);
    has(same, { status: "requires_confirmation", payment_method: method.id, latest_charge: null });
    has(await stripe.paymentIntents.confirm(intent.id, { off_session: true }), { status: "succeeded" });
    has(await create({ payment_method: "pm_card_visa", confirm: true }, { apiVersion: "2022-11-15" }), { status: "succeeded" });
    has(await create({ payment_method: "pm_card_visa", confirm: true, payment_method_types: ["card"] }, { apiVersion: "2023-08-16" }), { status: "succeeded" });
  });

  test("a decline leaves the intent open and a failed charge behind", async () => {
    const { id } = await create();
    const method = await cardMethod(stripe, "tok_chargeDeclined");
    const error = await refused(stripe.paymentIntents.confirm(id, { payment_method: method.id, ...RETURN }),
      { status: 402, code: "card_declined", decline_code: "generic_decline", message: "Your card was declined." });
    has(error.raw, { advice_code: "try_again_later", network_decline_code: "01" });
    has(error.payment_method, { id: method.id, object: "payment_method" });
    const intent = await stripe.paymentIntents.retrieve(id);
    assert.deepEqual(error.payment_intent, { ...intent });
    has(intent, { status: "requires_payment_method", payment_method: null, latest_charge: error.charge, amount_received: 0 });
    const { payment_method, ...last } = intent.last_payment_error;
    assert.equal(payment_method.id, method.id);
    has(last, { advice_code: "try_again_later", charge: error.charge, code: "card_declined", decline_code: "generic_decline",
      doc_url: "https://stripe.com/docs/error-codes/card-declined", message: "Your card was declined.", network_decline_code: "01",
      payment_method_type: "card", type: "card_error" });
    lacks(last, "request_log_url", "payment_intent");
    const failed = await stripe.charges.retrieve(error.charge);
    has(failed, { status: "failed", paid: false, captured: false, amount_captured: 0, failure_code: "card_declined",
      failure_message: "Your card was declined.", balance_transaction: null, payment_intent: id });
    has(await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa", ...RETURN }),
      { status: "succeeded", last_payment_error: null });
  });

  test("a declined create and confirm still makes the intent", async () => {
    const error = await refused(pay({ payment_method: "pm_card_chargeDeclined" }), { status: 402, code: "card_declined", decline_code: "generic_decline" });
    has(await stripe.paymentIntents.retrieve(error.payment_intent.id), { status: "requires_payment_method", latest_charge: error.charge });
  });

  const declines = [
    ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "Your card was declined."],
    ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "Your card has insufficient funds."],
    ["pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "Your card was declined."],
    ["pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "Your card was declined."],
    ["pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded", "Your card was declined."],
    ["pm_card_radarBlock", "card_declined", "fraudulent", "Your card was declined."],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "Your card has expired.", "exp_month"],
    ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc"],
    ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."],
  ];
  for (const [payment_method, code, decline_code, message, param] of declines) {
    test(`${payment_method} declines`, async () => {
      const error = await refused(pay({ payment_method }), { status: 402, code, decline_code, message, param });
      assert.equal(error.payment_intent.last_payment_error.code, code);
      assert.equal((await stripe.charges.retrieve(error.charge)).failure_code, code);
    });
  }

  test("a method is needed", async () => {
    const alone = await create();
    const error = await refused(stripe.paymentIntents.confirm(alone.id, RETURN), { status: 400, code: UNEXPECTED, param: ANY,
      message: "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a " +
        "payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken." });
    assert.equal(error.payment_intent.id, alone.id);
    const { customer } = await attached();
    const owned = await create({ customer: customer.id });
    await refused(stripe.paymentIntents.confirm(owned.id, RETURN), { status: 400, code: UNEXPECTED, param: ANY,
      message: `You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent with ${customer.id}, ` +
        "specify a payment method attached to this customer along with the customer ID." });
  });

  test("a customer's default source is not taken", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    await refused(pay({ customer: customer.id }), { status: 400, code: UNEXPECTED, param: ANY });
  });

  test("somebody's method needs that somebody", async () => {
    const { customer, method } = await attached();
    const alone = await create();
    const error = await refused(stripe.paymentIntents.confirm(alone.id, { payment_method: method.id, ...RETURN }), {
      status: 400, code: "parameter_missing", param: "source",
      message: `The \`payment_method\` parameter supplied ${method.id} belongs to the Customer ${customer.id}. Please include the Customer in the ` +
        "`customer` parameter on the PaymentIntent." });
    assert.equal(error.payment_intent.id, alone.id);
    const other = await stripe.customers.create();
    const foreign = await create({ customer: other.id });
    const refusal = { status: 400, param: "payment_method", message: `The PaymentMethod ${method.id} does not belong to the Customer you supplied ` +
      `${other.id}. Please use this PaymentMethod with the Customer that it belongs to instead.` };
    const second = await refused(stripe.paymentIntents.confirm(foreign.id, { payment_method: method.id, ...RETURN }), refusal);
    assert.equal(second.payment_intent.id, foreign.id);
    await refused(create({ customer: other.id, payment_method: method.id }), refusal);
    has(await stripe.paymentIntents.retrieve(foreign.id), { status: "requires_payment_method", payment_method: null });
  });

  test("a method that was used without a customer can't be used again", async () => {
    const method = await cardMethod(stripe);
    await pay({ payment_method: method.id });
    await refused(pay({ payment_method: method.id }), { status: 400, code: USED_CODE, message: USED_AGAIN });
    const { id } = await create();
    await refused(stripe.paymentIntents.confirm(id, { payment_method: method.id, ...RETURN }), { status: 400, code: USED_CODE, message: USED_AGAIN });
    has(await stripe.paymentIntents.retrieve(id), { status: "requires_payment_method", latest_charge: null });
  });

  test("what has succeeded can't be confirmed again", async () => {
    const intent = await pay({ payment_method: "pm_card_visa" });
    const error = await refused(stripe.paymentIntents.confirm(intent.id), { status: 400, code: UNEXPECTED, param: ANY,
      message: "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed." });
    assert.equal(error.payment_intent.status, "succeeded");
    await refused(stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa", ...RETURN }), {
      status: 400, code: UNEXPECTED, param: "payment_method",
      message: "This PaymentIntent's payment_method could not be updated because it has a status of succeeded. You may only update the " +
        "payment_method of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action." });
  });
});

describe("retrieve, update, cancel, list", () => {
  test("an unknown intent", async () => {
    const missing = { status: 404, code: "resource_missing", param: "intent", message: "No such payment_intent: 'pi_none'" };
    await refused(stripe.paymentIntents.retrieve("pi_none"), missing);
    await refused(stripe.paymentIntents.update("pi_none", { amount: 500 }), missing);
    await refused(stripe.paymentIntents.confirm("pi_none"), missing);
    await refused(stripe.paymentIntents.cancel("pi_none"), missing);
  });

  test("an open intent changes, method and all", async () => {
    const { customer, method } = await attached();
    const { id } = await create({ metadata: { a: "1" } });
    has(await stripe.paymentIntents.update(id, { amount: 3000, currency: "eur", description: "x", metadata: { b: "2" }, customer: customer.id }),
      { amount: 3000, currency: "eur", description: "x", metadata: { a: "1", b: "2" }, customer: customer.id, status: "requires_payment_method" });
    has(await stripe.paymentIntents.update(id, { payment_method: method.id }), { payment_method: method.id, status: "requires_confirmation" });
    has(await stripe.paymentIntents.confirm(id, RETURN), { status: "succeeded", amount_received: 3000 });
  });

  test("a finished intent keeps its money, not its description", async () => {
    const { id } = await pay({ payment_method: "pm_card_visa" });
    const error = await refused(stripe.paymentIntents.update(id, { amount: 3000 }), { status: 400, code: UNEXPECTED, param: "amount",
      message: "This PaymentIntent's amount could not be updated because it has a status of succeeded. You may only update the amount of a " +
        "PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action." });
    assert.equal(error.payment_intent.id, id);
    has(await stripe.paymentIntents.update(id, { description: "x", metadata: { a: "b" } }), { description: "x", metadata: { a: "b" }, amount: 2000 });
  });

  test("an open intent is canceled, once", async () => {
    for (const more of [{}, { payment_method: "pm_card_visa" }]) {
      const { id } = await create(more);
      const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: "requested_by_customer" });
      has(canceled, { status: "canceled", cancellation_reason: "requested_by_customer", next_action: null });
      assert.ok(Math.abs(canceled.canceled_at - Date.now() / 1000) < 60);
      await refused(stripe.paymentIntents.cancel(id), { status: 400, code: UNEXPECTED, param: ANY,
        message: "You cannot cancel this PaymentIntent because it has a status of canceled. Only a PaymentIntent with one of the following statuses may be " +
          "canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, expired, processing." });
      await refused(stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa", ...RETURN }), {
        status: 400, code: UNEXPECTED, param: "payment_method", message: /because it has a status of canceled/ });
    }
    const { id } = await create();
    assert.equal((await stripe.paymentIntents.cancel(id)).cancellation_reason, null);
    const paid = await pay({ payment_method: "pm_card_visa" });
    await refused(stripe.paymentIntents.cancel(paid.id), { status: 400, code: UNEXPECTED, param: ANY, message: /because it has a status of succeeded/ });
    const open_ = await create();
    await refused(stripe.paymentIntents.cancel(open_.id, { cancellation_reason: "bored" }),
      { status: 400, param: "cancellation_reason", message: /^Invalid cancellation_reason: must be one of / });
  });

  test("a customer's intents, newest first", async () => {
    const customer = await stripe.customers.create();
    const ids = [];
    for (let i = 0; i < 3; i++) ids.unshift((await create({ customer: customer.id })).id);
    const list = await stripe.paymentIntents.list({ customer: customer.id });
    assert.deepEqual(list.data.map((p) => p.id), ids);
    has(list, { object: "list", has_more: false, url: "/v1/payment_intents" });
    await refused(stripe.paymentIntents.list({ customer: "cus_none" }), { status: 400, code: "resource_missing", param: "customer", message: "No such customer: 'cus_none'" });
  });
});
