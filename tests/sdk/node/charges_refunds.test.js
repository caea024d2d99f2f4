import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, RETURN, assertKeyOrder, card, cardMethod, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-charges";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const charge = (more) => stripe.charges.create({ amount: 2000, currency: "usd", source: "tok_visa", ...more });

describe("create", () => {
  test("a charge of a card has the documented shape", async () => {
    const paid = await charge({ description: "My First Test Charge" });
    assert.match(paid.id, /^ch_[0-9A-Za-z]{24}$/);
    has(paid, {
      object: "charge", amount: 2000, amount_captured: 2000, amount_refunded: 0, application: null, application_fee: null,
      application_fee_amount: null, captured: true, currency: "usd", customer: null, description: "My First Test Charge",
      destination: null, dispute: null, disputed: false, failure_balance_transaction: null, failure_code: null,
      failure_message: null, fraud_details: {}, livemode: false, metadata: {}, on_behalf_of: null, order: null, paid: true,
      payment_intent: null, receipt_email: null, receipt_number: null, refunded: false, review: null, shipping: null,
      source_transfer: null, statement_descriptor: null, statement_descriptor_suffix: null, status: "succeeded",
      transfer_data: null, transfer_group: null,
    });
    assert.deepEqual(paid.billing_details,
      { address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
        email: null, name: null, phone: null, tax_id: null });
    has(paid.outcome, { advice_code: null, network_advice_code: null, network_decline_code: null,
      network_status: "approved_by_network", reason: null, risk_level: "normal", seller_message: "Payment complete.", type: "authorized" });
    assert.ok(paid.outcome.risk_score >= 0 && paid.outcome.risk_score <= 100);
    has(paid.source, { object: "card", brand: "Visa", last4: "4242", customer: null });
    assert.match(paid.source.id, /^card_/);
    assert.equal(paid.payment_method, paid.source.id);
    assert.equal(paid.payment_method_details.type, "card");
    has(paid.payment_method_details.card, {
      amount_authorized: 2000, brand: "visa", country: "US", extended_authorization: { status: "disabled" }, funding: "credit",
      incremental_authorization: { status: "unavailable" }, installments: null, last4: "4242", mandate: null,
      multicapture: { status: "unavailable" }, network: "visa", network_token: { used: false }, regulated_status: "unregulated",
      three_d_secure: null, wallet: null,
    });
    assert.deepEqual(paid.payment_method_details.card.overcapture, { maximum_amount_capturable: 2000, status: "unavailable" });
    assert.equal(paid.payment_method_details.card.checks.cvc_check, "pass");
    assert.ok(URL.canParse(paid.receipt_url));
    assert.match(paid.balance_transaction, /^txn_/);
    lacks(paid, "refunds", "invoice");
    assertKeyOrder(paid);
    assert.deepEqual({ ...(await stripe.charges.retrieve(paid.id)) }, { ...paid });
  });

  test("what is given is kept", async () => {
    const shipping = { name: "Jenny Rosen", phone: null, carrier: "DHL", tracking_number: "42",
      address: { city: "Berlin", country: "DE", line1: "Torstr. 1", line2: null, postal_code: null, state: null } };
    const paid = await charge({
      receipt_email: "jenny@example.com", metadata: { order: 6735 }, transfer_group: "group",
      shipping: { name: "Jenny Rosen", carrier: "DHL", tracking_number: "42", address: { city: "Berlin", country: "DE", line1: "Torstr. 1" } },
    });
    has(paid, { receipt_email: "jenny@example.com", metadata: { order: "6735" }, transfer_group: "group", shipping });
  });

  test("the currency may be given in any case", async () => {
    assert.equal((await charge({ currency: "EUR" })).currency, "eur");
  });

  test("a card hash can be charged", async () => {
    const paid = await charge({ source: { object: "card", name: "Jenny Rosen", ...card("5555555555554444") } });
    has(paid.source, { brand: "MasterCard", name: "Jenny Rosen" });
    assert.equal(paid.billing_details.name, "Jenny Rosen");
  });

  test("a customer's card can be charged, by name or as the default", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    for (const more of [{ source: customer.default_source }, { source: undefined }]) {
      const paid = await charge({ customer: customer.id, ...more });
      has(paid, { customer: customer.id, payment_method: customer.default_source });
      assert.equal(paid.source.id, customer.default_source);
    }
  });

  test("amounts below the minimum, above the maximum and no amounts at all", async () => {
    await refused(charge({ amount: 49 }), { status: 400, code: "amount_too_small", param: "amount", message: "Amount must be at least $0.50 usd" });
    await refused(charge({ amount: 49, currency: "jpy" }), { status: 400, code: "amount_too_small", param: "amount" });
    await refused(charge({ amount: 399, currency: "hkd" }), { status: 400, code: "amount_too_small", param: "amount" });
    assert.equal((await charge({ amount: 50, currency: "jpy" })).amount, 50);
    await refused(charge({ amount: 100000000 }),
      { status: 400, code: "amount_too_large", param: "amount", message: "Amount must be no more than $999,999.99" });
    assert.equal((await charge({ amount: 99999999 })).status, "succeeded");
    for (const amount of [0, -5]) {
      await refused(charge({ amount }),
        { status: 400, code: "parameter_invalid_integer", param: "amount", message: "This value must be greater than or equal to 1." });
    }
    for (const amount of ["abc", "20.5"]) {
      await refused(charge({ amount }), { status: 400, code: "parameter_invalid_integer", param: "amount", message: `Invalid integer: ${amount}` });
    }
    await refused(charge({ amount: undefined }), { status: 400, code: "parameter_missing", param: "amount", message: "Missing required param: amount." });
    await refused(charge({ currency: undefined }), { status: 400, code: "parameter_missing", param: "currency", message: "Missing required param: currency." });
  });

  test("a currency must be one", async () => {
    await refused(charge({ currency: "zzz" }),
      { status: 400, param: "currency", message: /^Invalid currency: zzz\. Stripe currently supports these currencies: usd, aed, afn, all, .*, sll, mro$/ });
  });

  test("something must be charged; a payment method is not taken", async () => {
    const nothing = { status: 400, code: "parameter_missing", message: "Must provide source or customer." };
    await refused(charge({ source: undefined }), nothing);
    await refused(charge({ source: undefined, payment_method: "pm_card_visa" }), nothing);
    await refused(charge({ source: undefined, customer: "cus_none" }),
      { status: 400, code: "resource_missing", param: "customer", message: "No such customer: 'cus_none'" });
  });

  test("refused charges leave nothing behind", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    await refused(charge({ customer: customer.id, source: undefined, amount: 1 }), { status: 400, code: "amount_too_small", param: "amount" });
    await refused(charge({ customer: customer.id, source: "tok_visa" }), { status: 404, code: "resource_missing", param: "card" });
    assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, 0);
  });
});

describe("decline", () => {
  const bank = (reason) => ({ network_status: "declined_by_network", reason, risk_level: "normal", type: "issuer_declined",
    seller_message: ["generic_decline", "insufficient_funds"].includes(reason) ? "The bank did not return any further details with this decline."
      : `The bank returned the decline code \`${reason}\`.` });
  const blocked = { network_status: "not_sent_to_network", reason: "merchant_blacklist", risk_level: "highest",
    seller_message: "Stripe blocked this payment.", type: "blocked" };
  const declined = "Your card was declined.";
  const declines = [
    ["tok_chargeDeclined", "card_declined", "generic_decline", declined, undefined, bank("generic_decline")],
    ["tok_visa_chargeDeclined", "card_declined", "generic_decline", declined, undefined, bank("generic_decline")],
    ["tok_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "Your card has insufficient funds.", undefined, bank("insufficient_funds")],
    ["tok_visa_chargeDeclinedLostCard", "card_declined", "lost_card", declined, undefined],
    ["tok_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", declined, undefined],
    ["tok_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded", declined, undefined],
    ["tok_chargeDeclinedFraudulent", "card_declined", "fraudulent", declined, undefined, blocked],
    ["tok_chargeDeclinedExpiredCard", "expired_card", undefined, "Your card has expired.", "exp_month", bank("expired_card")],
    ["tok_chargeDeclinedIncorrectCvc", "incorrect_cvc", undefined, "Your card's security code is incorrect.", "cvc", bank("incorrect_cvc")],
    ["tok_chargeDeclinedProcessingError", "processing_error", undefined,
      "An error occurred while processing your card. Try again in a little bit.", undefined, bank("processing_error")],
  ];
  for (const [token, code, decline_code, message, param, outcome] of declines) {
    test(`${token} leaves a failed charge that the error names`, async () => {
      const error = await refused(charge({ source: token }), { status: 402, code, decline_code, message, param });
      assert.match(error.charge, /^ch_/);
      lacks(error.raw, "payment_intent", "payment_method");
      const failed = await stripe.charges.retrieve(error.charge);
      has(failed, { status: "failed", paid: false, captured: false, amount_captured: 0, failure_code: code, failure_message: message,
        balance_transaction: null, receipt_url: null, amount: 2000 });
      assert.equal(failed.payment_method_details.card.amount_authorized, null);
      if (outcome) has(failed.outcome, outcome);
    });
  }

  test("a generic decline carries advice and the network's code", async () => {
    const error = await refused(charge({ source: "tok_chargeDeclined" }), { status: 402, code: "card_declined", decline_code: "generic_decline" });
    has(error.raw, { advice_code: "try_again_later", network_decline_code: "01" });
    const failed = await stripe.charges.retrieve(error.charge);
    has(failed.outcome, { advice_code: "try_again_later", network_advice_code: null, network_decline_code: "01" });
  });

  test("failed charges are listed, and change no balance", async () => {
    const customer = await stripe.customers.create({ source: "tok_chargeCustomerFail" });
    const error = await refused(charge({ customer: customer.id, source: undefined }),
      { status: 402, code: "card_declined", decline_code: "generic_decline", message: declined });
    const list = await stripe.charges.list({ customer: customer.id });
    assert.deepEqual(list.data.map((c) => [c.id, c.status]), [[error.charge, "failed"]]);
  });

  test("elevated risk succeeds under review", async () => {
    const paid = await charge({ source: "tok_riskLevelElevated" });
    has(paid.outcome, { network_status: "approved_by_network", reason: "elevated_risk_level", risk_level: "elevated", type: "manual_review",
      seller_message: "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue." });
  });

  test("failed checks don't fail the charge", async () => {
    const zip = await charge({ source: { object: "card", address_zip: "94107", address_line1: "x", ...card("4000000000000036") } });
    assert.equal(zip.payment_method_details.card.checks.address_postal_code_check, "fail");
    assert.equal(zip.status, "succeeded");
    const cvc = await charge({ source: "tok_cvcCheckFail" });
    assert.equal(cvc.payment_method_details.card.checks.cvc_check, "fail");
  });
});

describe("capture", () => {
  test("an authorised charge is captured in full", async () => {
    const held = await charge({ capture: false });
    has(held, { captured: false, amount_captured: 0, balance_transaction: null, status: "succeeded", paid: true });
    assert.equal(held.payment_method_details.card.capture_before, held.created + 604800);
    const taken = await stripe.charges.capture(held.id);
    has(taken, { captured: true, amount_captured: 2000, amount_refunded: 0, refunded: false, status: "succeeded" });
    assert.match(taken.balance_transaction, /^txn_/);
  });

  test("a part of it releases the rest", async () => {
    const held = await charge({ capture: false });
    const taken = await stripe.charges.capture(held.id, { amount: 1500, expand: ["refunds", "balance_transaction"] });
    has(taken, { amount: 2000, captured: true, amount_captured: 1500, amount_refunded: 500, refunded: false });
    assert.deepEqual(taken.refunds.data.map((r) => r.amount), [500]);
    assert.equal(taken.balance_transaction.amount, 1500);
  });

  test("the refusals of a capture", async () => {
    const paid = await charge();
    await refused(stripe.charges.capture(paid.id),
      { status: 400, code: "charge_already_captured", message: `Charge ${paid.id} has already been captured.` });
    const held = await charge({ capture: false });
    await refused(stripe.charges.capture(held.id, { amount: 2001 }), { status: 400, code: "amount_too_large", param: ANY });
    await refused(stripe.charges.capture(held.id, { amount: 49 }), { status: 400, code: "amount_too_small" });
    await refused(stripe.charges.capture("ch_none"), { status: 404, code: "resource_missing", param: "id", message: "No such charge: 'ch_none'" });
    const failed = await refused(charge({ source: "tok_chargeDeclined" }), { status: 402, code: "card_declined", decline_code: "generic_decline" });
    await refused(stripe.charges.capture(failed.charge), { status: 400, code: ANY, param: ANY });
    await stripe.refunds.create({ charge: held.id });
    await refused(stripe.charges.capture(held.id), { status: 400, code: "charge_already_refunded", param: ANY });
  });
});

describe("update, list", () => {
  test("descriptive fields change, money doesn't", async () => {
    const { id } = await charge({ metadata: { a: "1" } });
    const updated = await stripe.charges.update(id, { description: "x", receipt_email: "a@example.com", metadata: { a: "2", b: "3" },
      fraud_details: { user_report: "safe" } });
    has(updated, { description: "x", receipt_email: "a@example.com", metadata: { a: "2", b: "3" }, fraud_details: { user_report: "safe" } });
    for (const param of ["amount", "currency", "source"]) {
      await refused(stripe.charges.update(id, { [param]: "1" }),
        { status: 400, code: "parameter_unknown", param, message: `Received unknown parameter: ${param}` });
    }
    await refused(stripe.charges.update("ch_none", { description: "x" }), { status: 404, code: "resource_missing", param: "id" });
    await refused(stripe.charges.retrieve("ch_none"), { status: 404, code: "resource_missing", param: "id", message: "No such charge: 'ch_none'" });
  });

  test("a customer may be added to a charge that has none", async () => {
    const customer = await stripe.customers.create();
    const { id } = await charge();
    assert.equal((await stripe.charges.update(id, { customer: customer.id })).customer, customer.id);
    const other = await stripe.customers.create();
    await refused(stripe.charges.update(id, { customer: other.id }), { status: 400, code: ANY, param: ANY });
  });

  test("the list's filters", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const ids = [];
    for (const transfer_group of ["red", "blue", "red"]) {
      ids.unshift((await charge({ customer: customer.id, source: undefined, transfer_group: `${transfer_group}-${customer.id}` })).id);
    }
    const listed = async (params) => (await stripe.charges.list(params)).data.map((c) => c.id);
    assert.deepEqual(await listed({ customer: customer.id }), ids);
    assert.deepEqual(await listed({ transfer_group: `red-${customer.id}` }), [ids[0], ids[2]]);
    assert.deepEqual(await listed({ customer: customer.id, created: { gt: Math.floor(Date.now() / 1000) + 60 } }), []);
    assert.deepEqual(await listed({ customer: customer.id, created: { gte: 1, lte: Math.floor(Date.now() / 1000) + 60 } }), ids);
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true, ...RETURN });
    assert.deepEqual(await listed({ payment_intent: intent.id }), [intent.latest_charge]);
    await refused(stripe.charges.list({ customer: "cus_none" }), { status: 400, code: "resource_missing", param: "customer" });
    await refused(stripe.charges.list({ payment_intent: "pi_none" }), { status: 400, code: "resource_missing", param: "payment_intent" });
  });
});

describe("balance transactions", () => {
  test("a charge's transaction has the fee", async () => {
    const paid = await charge({ description: "Boots", expand: ["balance_transaction"] });
    const transaction = paid.balance_transaction;
    has(transaction, { object: "balance_transaction", amount: 2000, balance_type: "payments", currency: "usd", description: "Boots",
      exchange_rate: null, fee: 88, net: 1912, reporting_category: "charge", source: paid.id, status: "pending", type: "charge",
      fee_details: [{ amount: 88, application: null, currency: "usd", description: "Stripe processing fees", type: "stripe_fee" }] });
    assert.equal(transaction.available_on % 86400, 0);
    assert.ok(transaction.available_on > transaction.created + 86400);
    assert.deepEqual({ ...(await stripe.balanceTransactions.retrieve(transaction.id)) }, { ...transaction });
    await refused(stripe.balanceTransactions.retrieve("txn_none"),
      { status: 404, code: "resource_missing", param: "id", message: "No such balance transaction: 'txn_none'" });
  });

  test("cards that bypass pending are available at once", async () => {
    const paid = await charge({ source: "tok_bypassPending", expand: ["balance_transaction"] });
    assert.equal(paid.balance_transaction.status, "available");
  });

  for (const [amount, fee] of [[50, 31], [100, 33], [1000, 59], [999999, 29030]]) {
    test(`the fee of ${amount} is ${fee}`, async () => {
      const { balance_transaction } = await charge({ amount, expand: ["balance_transaction"] });
      assert.deepEqual([balance_transaction.fee, balance_transaction.net], [fee, amount - fee]);
    });
  }
});

describe("refunds", () => {
  test("a refund of everything", async () => {
    const paid = await charge({ description: "Boots" });
    const refund = await stripe.refunds.create({ charge: paid.id, metadata: { why: "late" } });
    assert.match(refund.id, /^re_[0-9A-Za-z]{24}$/);
    has(refund, { object: "refund", amount: 2000, charge: paid.id, currency: "usd", customer: null, customer_account: null,
      metadata: { why: "late" }, payment_intent: null, payment_method: paid.payment_method, reason: null, receipt_number: null,
      source_transfer_reversal: null, status: "succeeded", transfer_reversal: null });
    assert.equal(refund.destination_details.type, "card");
    has(refund.destination_details.card, { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" });
    lacks(refund, "livemode", "failure_reason", "failure_balance_transaction", "description", "next_action");
    assertKeyOrder(refund);
    const after = await stripe.charges.retrieve(paid.id, { expand: ["refunds"] });
    has(after, { refunded: true, amount_refunded: 2000, status: "succeeded", paid: true, captured: true, metadata: {} });
    assert.deepEqual(Object.keys(after.refunds), ["object", "data", "has_more", "total_count", "url"]);
    has(after.refunds, { has_more: false, total_count: 1, url: `/v1/charges/${paid.id}/refunds` });
    assert.deepEqual({ ...(await stripe.refunds.retrieve(refund.id)) }, { ...refund });
    const transaction = await stripe.balanceTransactions.retrieve(refund.balance_transaction);
    has(transaction, { amount: -2000, fee: 0, fee_details: [], net: -2000, type: "refund", reporting_category: "refund",
      source: refund.id, description: "REFUND FOR CHARGE (Boots)" });
  });

  test("several parts, until nothing is left", async () => {
    const paid = await charge({ amount: 5000 });
    const first = await stripe.refunds.create({ charge: paid.id, amount: 700, reason: "requested_by_customer" });
    has(first, { amount: 700, reason: "requested_by_customer" });
    has(await stripe.charges.retrieve(paid.id), { refunded: false, amount_refunded: 700, status: "succeeded" });
    await refused(stripe.refunds.create({ charge: paid.id, amount: 4500 }),
      { status: 400, param: "amount", message: "Refund amount ($45.00) is greater than unrefunded amount on charge ($43.00)" });
    const rest = await stripe.refunds.create({ charge: paid.id });
    assert.equal(rest.amount, 4300);
    has(await stripe.charges.retrieve(paid.id), { refunded: true, amount_refunded: 5000 });
    for (const more of [{}, { amount: 100 }]) {
      await refused(stripe.refunds.create({ charge: paid.id, ...more }),
        { status: 400, code: "charge_already_refunded", message: `Charge ${paid.id} has already been refunded.` });
    }
    assert.deepEqual((await stripe.refunds.list({ charge: paid.id })).data.map((r) => r.id), [rest.id, first.id]);
  });

  test("a payment intent's charge is refunded through either", async () => {
    const pay = () => stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true, ...RETURN });
    const intent = await pay();
    has(await stripe.refunds.create({ payment_intent: intent.id, amount: 500 }),
      { amount: 500, payment_intent: intent.id, charge: intent.latest_charge });
    has(await stripe.refunds.create({ charge: intent.latest_charge }), { amount: 1500, payment_intent: intent.id });
    has(await stripe.paymentIntents.retrieve(intent.id), { status: "succeeded", amount_received: 2000 });
    assert.equal((await stripe.refunds.list({ payment_intent: intent.id })).data.length, 2);
  });

  test("an authorised charge is voided whole or not at all", async () => {
    const held = await charge({ capture: false });
    await refused(stripe.refunds.create({ charge: held.id, amount: 500 }), { status: 400, code: ANY, param: "amount",
      message: "You cannot partially refund an uncaptured charge. Instead, capture the charge for an amount less than the original amount" });
    const voided = await stripe.refunds.create({ charge: held.id });
    has(voided, { amount: 2000, balance_transaction: null });
    has(await stripe.charges.retrieve(held.id), { refunded: true, captured: false, amount_refunded: 2000 });
  });

  test("a partially captured charge gives back what was captured", async () => {
    const held = await charge({ capture: false });
    await stripe.charges.capture(held.id, { amount: 1500 });
    assert.equal((await stripe.refunds.create({ charge: held.id })).amount, 1500);
  });

  test("the refusals of a refund", async () => {
    const paid = await charge();
    await refused(stripe.refunds.create({}),
      { status: 400, message: "One of the following params should be provided for this request: payment_intent or charge." });
    await refused(stripe.refunds.create({ charge: "ch_none" }),
      { status: 404, code: "resource_missing", param: "id", message: "No such charge: 'ch_none'" });
    await refused(stripe.refunds.create({ payment_intent: "pi_none" }),
      { status: 400, code: "resource_missing", param: "payment_intent", message: "No such payment_intent: 'pi_none'" });
    await refused(stripe.refunds.create({ charge: paid.id, reason: "bored" }),
      { status: 400, param: "reason", message: "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer" });
    for (const amount of [0, -5]) {
      await refused(stripe.refunds.create({ charge: paid.id, amount }),
        { status: 400, code: "parameter_invalid_integer", param: "amount", message: "This value must be greater than or equal to 1." });
    }
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd" });
    const method = await cardMethod(stripe, "tok_chargeDeclined");
    const error = await refused(stripe.paymentIntents.confirm(intent.id, { payment_method: method.id, ...RETURN }),
      { status: 402, code: "card_declined", decline_code: "generic_decline" });
    for (const what of [{ charge: error.charge }, { payment_intent: intent.id }]) {
      await refused(stripe.refunds.create(what),
        { status: 400, param: ANY, message: `This PaymentIntent (${intent.id}) does not have a successful charge to refund.` });
    }
  });

  test("a fraudulent refund keeps its reason to itself", async () => {
    const paid = await charge();
    assert.equal((await stripe.refunds.create({ charge: paid.id, reason: "fraudulent" })).reason, "fraudulent");
    assert.deepEqual((await stripe.charges.retrieve(paid.id)).fraud_details, {});
  });

  test("test cards for slow and failing refunds", async () => {
    const slow = await charge({ source: "tok_pendingRefund" });
    assert.equal((await stripe.refunds.create({ charge: slow.id })).status, "pending");
    const failing = await charge({ source: "tok_refundFail" });
    assert.equal((await stripe.refunds.create({ charge: failing.id })).status, "succeeded");
  });

  test("only metadata can be updated, and a finished refund can't be canceled", async () => {
    const paid = await charge();
    const refund = await stripe.refunds.create({ charge: paid.id, metadata: { a: "1" } });
    assert.deepEqual({ ...(await stripe.refunds.update(refund.id, { metadata: { b: "2" } })).metadata }, { a: "1", b: "2" });
    await refused(stripe.refunds.update(refund.id, { reason: "duplicate" }),
      { status: 400, code: "parameter_unknown", param: "reason", message: "Received unknown parameter: reason" });
    await refused(stripe.refunds.cancel(refund.id), { status: 400, param: ANY, message: "Canceling this refund is unsupported." });
    await refused(stripe.refunds.retrieve("re_none"), { status: 404, code: "resource_missing", param: ANY, message: "No such refund: 're_none'" });
  });

  test("the list counts, and knows its filters", async () => {
    const list = await wire("GET", "/v1/refunds?limit=2", { key: keyOf(SANDBOX) });
    assert.deepEqual(Object.keys(list.body), ["object", "count", "data", "has_more", "url"]);
    assert.equal(list.body.data.length, 2);
    await refused(stripe.refunds.list({ charge: "ch_none" }), { status: 400, code: "resource_missing", param: "charge" });
    await refused(stripe.refunds.list({ payment_intent: "pi_none" }), { status: 400, code: "resource_missing", param: "payment_intent" });
  });

  test("the paths under a charge", async () => {
    const key = keyOf(SANDBOX);
    const paid = await charge();
    const refund = await wire("POST", `/v1/charges/${paid.id}/refunds`, { key, form: { amount: "500" } });
    has(refund.body, { object: "refund", amount: 500, charge: paid.id });
    const whole = await wire("POST", `/v1/charges/${paid.id}/refund`, { key, form: {} });
    has(whole.body, { object: "charge", id: paid.id, refunded: true });
    const list = await wire("GET", `/v1/charges/${paid.id}/refunds`, { key });
    assert.deepEqual(Object.keys(list.body), ["object", "data", "has_more", "url"]);
    assert.equal(list.body.data.length, 2);
    const one = await wire("GET", `/v1/charges/${paid.id}/refunds/${refund.body.id}`, { key });
    assert.equal(one.body.id, refund.body.id);
    const other = await charge();
    const foreign = await wire("GET", `/v1/charges/${other.id}/refunds/${refund.body.id}`, { key });
    assert.equal(foreign.status, 404);
    has(foreign.body.error, { code: "resource_missing", param: "refund", message: `No such refund: '${refund.body.id}'` });
  });
});
