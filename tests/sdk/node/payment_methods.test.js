import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, RETURN, USED_AGAIN, USED_AGAIN_ON_ATTACH, USED_CODE, assertKeyOrder, card, cardMethod, has, lacks, open,
  refused } from "./support.js";

let stripe;
before(async () => {
  stripe = await open("node-methods");
});

const attached = async (token) => {
  const customer = await stripe.customers.create();
  const method = await cardMethod(stripe, token);
  return { customer, method: await stripe.paymentMethods.attach(method.id, { customer: customer.id }) };
};

describe("create", () => {
  test("a card from a token has the documented shape", async () => {
    const method = await cardMethod(stripe);
    assert.match(method.id, /^pm_1[0-9A-Za-z]{23}$/);
    has(method, {
      object: "payment_method", allow_redisplay: "unspecified", customer: null, customer_account: null, livemode: false,
      metadata: {}, type: "card",
      billing_details: {
        address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
        email: null, name: null, phone: null, tax_id: null,
      },
    });
    const now = new Date();
    const { fingerprint, ...rest } = method.card;
    assert.match(fingerprint, /^[0-9A-Za-z]{16}$/);
    assert.deepEqual(rest, {
      brand: "visa", checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "unchecked" },
      country: "US", display_brand: "visa", exp_month: now.getUTCMonth() + 1, exp_year: now.getUTCFullYear() + 1,
      funding: "credit", generated_from: null, last4: "4242", networks: { available: ["visa"], preferred: null },
      regulated_status: "unregulated", three_d_secure_usage: { supported: true }, wallet: null,
    });
    assertKeyOrder(method);
  });

  test("a card from its number keeps number, expiry and what else was said", async () => {
    const year = new Date().getUTCFullYear() + 3;
    const method = await stripe.paymentMethods.create({
      type: "card", card: card("5555555555554444"), allow_redisplay: "always", metadata: { a: "b" },
      billing_details: { name: "Jenny Rosen", email: "jenny@example.com", address: { country: "US", postal_code: "94107" } },
    });
    has(method.card, { brand: "mastercard", last4: "4444", exp_month: 12, exp_year: year, funding: "credit" });
    has(method, { allow_redisplay: "always", metadata: { a: "b" } });
    assert.equal(method.billing_details.name, "Jenny Rosen");
    assert.equal(method.billing_details.address.postal_code, "94107");
  });

  test("one number has one fingerprint, by token or in full", async () => {
    const byToken = await cardMethod(stripe);
    const byNumber = await stripe.paymentMethods.create({ type: "card", card: card() });
    const other = await stripe.paymentMethods.create({ type: "card", card: card("4000056655665556") });
    assert.equal(byToken.card.fingerprint, byNumber.card.fingerprint);
    assert.notEqual(byToken.card.fingerprint, other.card.fingerprint);
  });

  const cards = {
    "4000056655665556": { brand: "visa", funding: "debit", last4: "5556" },
    "2223003122003222": { brand: "mastercard", funding: "credit", last4: "3222" },
    "5105105105105100": { brand: "mastercard", funding: "prepaid", last4: "5100" },
    "378282246310005": { brand: "amex", funding: "credit", last4: "0005", display_brand: "american_express" },
    "6011111111111117": { brand: "discover", funding: "credit", last4: "1117" },
    "3056930009020004": { brand: "diners", funding: "credit", last4: "0004", display_brand: "diners_club" },
    "3566002020360505": { brand: "jcb", funding: "credit", last4: "0505" },
    "6200000000000005": { brand: "unionpay", funding: "credit", last4: "0005", display_brand: "union_pay" },
    "4000002760000016": { brand: "visa", country: "DE", last4: "0016" },
    "4000003920000003": { brand: "visa", country: "JP", last4: "0003" },
  };
  for (const [number, facts] of Object.entries(cards)) {
    test(`${number} is a ${facts.brand} ${facts.funding ?? facts.country}`, async () => {
      const cvc = facts.brand === "amex" ? "1234" : "123";
      has((await stripe.paymentMethods.create({ type: "card", card: card(number, { cvc }) })).card, facts);
    });
  }

  test("two-digit years and spaces in the number are understood", async () => {
    const method = await stripe.paymentMethods.create({ type: "card", card: card("4242 4242 4242 4242", { exp_year: 40 }) });
    has(method.card, { last4: "4242", exp_year: 2040 });
  });

  const bad = [
    ["a number that fails its check digit", { number: "4242424242424241" }, "incorrect_number", "number", "Your card number is incorrect."],
    ["a number with too few digits", { number: "4242" }, "invalid_number", "number"],
    ["month 13", { exp_month: 13 }, "invalid_expiry_month", "exp_month", "Your card's expiration month is invalid."],
    ["a year in the past", { exp_year: 1995 }, "invalid_expiry_year", "exp_year", "Your card's expiration year is invalid."],
    ["a security code of two digits", { cvc: "99" }, "invalid_cvc", "cvc", "Your card's security code is invalid."],
  ];
  for (const [what, change, code, param, message] of bad) {
    test(`${what} is a card error`, async () => {
      await refused(stripe.paymentMethods.create({ type: "card", card: card(undefined, change) }), { status: 402, code, param, message });
    });
  }

  test("type is required and known, and a number needs its expiry", async () => {
    await refused(stripe.paymentMethods.create({ card: { token: "tok_visa" } }),
      { status: 400, code: "parameter_missing", param: "type", message: "Missing required param: type." });
    await refused(stripe.paymentMethods.create({ type: "gold" }), { status: 400, param: "type", message: /^Invalid type: must be one of / });
    await refused(stripe.paymentMethods.create({ type: "card", card: { number: "4242424242424242" } }),
      { status: 400, code: "parameter_missing", param: "card[exp_month]", message: "Missing required param: card[exp_month]." });
  });

  test("an unknown token is an invalid token id", async () => {
    for (const token of ["tok_none", "pm_card_visa"]) {
      await refused(cardMethod(stripe, token), { status: 400, code: ANY, param: "token", message: `Invalid token id: ${token}` });
    }
  });

  test("a token is used up by the method made from it", async () => {
    const token = await stripe.tokens.create({ card: card() });
    await cardMethod(stripe, token.id);
    await refused(cardMethod(stripe, token.id),
      { status: 400, code: "token_already_used", message: `You cannot use a Stripe token more than once: ${token.id}.` });
  });

  test("a customer can't be given at creation", async () => {
    const customer = await stripe.customers.create();
    await refused(cardMethod(stripe, "tok_visa", { customer: customer.id }), {
      status: 400, code: ANY, param: ANY,
      message: "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the " +
        "PaymentMethod and then attach it using the attachment method of the PaymentMethods API.",
    });
  });

  test("a declining card can be made, it declines later", async () => {
    assert.equal((await cardMethod(stripe, "tok_visa_chargeDeclined")).card.last4, "0002");
  });

  test("us_bank_account", async () => {
    const method = await stripe.paymentMethods.create({
      type: "us_bank_account", billing_details: { name: "John Doe" },
      us_bank_account: { account_holder_type: "individual", account_number: "000123456789", routing_number: "110000000" },
    });
    const { fingerprint, ...rest } = method.us_bank_account;
    assert.match(fingerprint, /^[0-9A-Za-z]{16}$/);
    assert.deepEqual(rest, {
      account_holder_type: "individual", account_type: "checking", bank_name: "STRIPE TEST BANK",
      financial_connections_account: null, last4: "6789", networks: { preferred: "ach", supported: ["ach"] },
      routing_number: "110000000", status_details: {},
    });
    lacks(method, "card");
  });

  test("sepa_debit", async () => {
    const method = await stripe.paymentMethods.create({
      type: "sepa_debit", sepa_debit: { iban: "DE89370400440532013000" },
      billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
    });
    has(method.sepa_debit, { bank_code: "37040044", country: "DE", last4: "3000" });
    assert.deepEqual(method.sepa_debit.generated_from, { charge: null, setup_attempt: null });
  });

  const others = [
    ["bacs_debit", { account_number: "00012345", sort_code: "108800" }, { last4: "2345", sort_code: "108800" }],
    ["au_becs_debit", { account_number: "000123456", bsb_number: "000000" }, { bsb_number: "000000", last4: "3456" }],
    ["acss_debit", { account_number: "000123456789", institution_number: "000", transit_number: "11000" },
      { institution_number: "000", last4: "6789", transit_number: "11000" }],
    ["ideal", { bank: "ing" }, { bank: "ing" }],
    ["eps", { bank: "volksbank_gruppe" }, { bank: "volksbank_gruppe" }],
    ["p24", { bank: "ing" }, { bank: "ing" }],
    ["fpx", { bank: "maybank2u" }, { bank: "maybank2u" }],
    ["sofort", { country: "DE" }, { country: "DE" }],
    ["boleto", { tax_id: "00000000000" }, { tax_id: "00000000000" }],
    ["link", undefined, {}], ["cashapp", undefined, {}], ["paypal", undefined, {}], ["klarna", undefined, {}],
    ["bancontact", undefined, {}], ["giropay", undefined, {}], ["alipay", undefined, {}], ["wechat_pay", undefined, {}],
    ["oxxo", undefined, {}], ["grabpay", undefined, {}], ["affirm", undefined, {}], ["afterpay_clearpay", undefined, {}],
    ["amazon_pay", undefined, {}], ["revolut_pay", undefined, {}], ["blik", undefined, {}], ["multibanco", undefined, {}],
    ["twint", undefined, {}], ["swish", undefined, {}], ["pix", undefined, {}], ["customer_balance", undefined, {}],
  ];
  for (const [type, hash, facts] of others) {
    // giropay left the newest types; clients of earlier years still create it.
    const options = type === "giropay" ? { apiVersion: "2023-10-16" } : undefined;
    test(`${type} can be made`, async () => {
      const method = await stripe.paymentMethods.create({ type, ...(hash && { [type]: hash }),
        billing_details: { name: "Jenny Rosen", email: "jenny@example.com" } }, options);
      assert.equal(method.type, type);
      has(method[type], facts);
    });
  }
});

describe("test ids", () => {
  const ids = {
    pm_card_visa: { brand: "visa", last4: "4242" },
    pm_card_visa_debit: { brand: "visa", last4: "5556", funding: "debit" },
    pm_card_mastercard: { brand: "mastercard", last4: "4444" },
    pm_card_mastercard_debit: { brand: "mastercard", last4: "8210", funding: "debit" },
    pm_card_mastercard_prepaid: { brand: "mastercard", last4: "5100", funding: "prepaid" },
    pm_card_amex: { brand: "amex" },
    pm_card_discover: { brand: "discover" },
    pm_card_diners: { brand: "diners", last4: "0004" },
    pm_card_jcb: { brand: "jcb", last4: "0505" },
    pm_card_unionpay: { brand: "unionpay", last4: "0005" },
    pm_card_us: { brand: "visa", country: "US" },
    pm_card_gb: { country: "GB" }, pm_card_de: { country: "DE" }, pm_card_fr: { country: "FR" },
    pm_card_ca: { country: "CA" }, pm_card_jp: { country: "JP" }, pm_card_au: { country: "AU" }, pm_card_br: { country: "BR" },
    pm_card_chargeCustomerFail: { last4: "0341" },
    pm_card_bypassPending: { last4: "0077" },
    pm_card_createDispute: { last4: "0259" },
    pm_card_pendingRefund: { last4: "7726" },
    pm_card_refundFail: { last4: "5126" },
    pm_card_authenticationRequired: { last4: "3184" },
    pm_card_threeDSecure2Required: { last4: "3220" },
  };
  for (const [id, facts] of Object.entries(ids)) {
    test(`${id} attaches as a new method`, async () => {
      const customer = await stripe.customers.create();
      const method = await stripe.paymentMethods.attach(id, { customer: customer.id });
      assert.match(method.id, /^pm_1[0-9A-Za-z]{23}$/);
      assert.equal(method.customer, customer.id);
      has(method.card, facts);
    });
  }

  test("each use of a test id makes another method", async () => {
    const customer = await stripe.customers.create();
    const first = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    const second = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    assert.notEqual(first.id, second.id);
    assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 2);
    await refused(stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: "pm_card_visa" } }), {
      status: 400, code: "resource_missing", param: "invoice_settings[default_payment_method]",
      message: /^The customer does not have a payment method with the ID /,
    });
  });

  test("retrieving a test id answers a new method", async () => {
    assert.match((await stripe.paymentMethods.retrieve("pm_card_visa")).id, /^pm_1/);
  });

  test("an invented test id is no method", async () => {
    await refused(stripe.paymentMethods.retrieve("pm_card_gold"),
      { status: 404, code: "resource_missing", param: "payment_method", message: "No such PaymentMethod: 'pm_card_gold'" });
  });
});

describe("attach", () => {
  test("an unattached method gets its customer and its check", async () => {
    const { method, customer } = await attached();
    assert.equal(method.customer, customer.id);
    assert.equal(method.card.checks.cvc_check, "pass");
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, customer.id);
    const after = await stripe.customers.retrieve(customer.id);
    assert.equal(after.invoice_settings.default_payment_method, null);
    assert.equal(after.default_source, null);
  });

  test("attaching again to the same customer changes nothing", async () => {
    const { method, customer } = await attached();
    const again = await stripe.paymentMethods.attach(method.id, { customer: customer.id });
    assert.deepEqual({ ...again }, { ...method });
  });

  test("what is attached can't be attached to another customer", async () => {
    const { method, customer } = await attached();
    const other = await stripe.customers.create();
    await refused(stripe.paymentMethods.attach(method.id, { customer: other.id }),
      { status: 400, code: ANY, message: "The payment method you provided has already been attached to a customer." });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, customer.id);
  });

  test("a detached method can't be reattached", async () => {
    const { method, customer } = await attached();
    await stripe.paymentMethods.detach(method.id);
    const other = await stripe.customers.create();
    for (const id of [customer.id, other.id]) {
      await refused(stripe.paymentMethods.attach(method.id, { customer: id }),
        { status: 400, code: USED_CODE, message: USED_AGAIN_ON_ATTACH });
    }
  });

  test("a method that was used without a customer can't be attached", async () => {
    const method = await cardMethod(stripe);
    await stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: method.id, confirm: true, ...RETURN });
    const customer = await stripe.customers.create();
    await refused(stripe.paymentMethods.attach(method.id, { customer: customer.id }),
      { status: 400, code: USED_CODE, message: USED_AGAIN_ON_ATTACH });
  });

  test("a customer is needed, and must exist; so must the method", async () => {
    const method = await cardMethod(stripe);
    await refused(stripe.paymentMethods.attach(method.id),
      { status: 400, code: "parameter_missing", message: "Must provide customer or customer_account." });
    await refused(stripe.paymentMethods.attach(method.id, { customer: "cus_none" }),
      { status: 400, code: "resource_missing", param: "customer", message: "No such customer: 'cus_none'" });
    const customer = await stripe.customers.create();
    await refused(stripe.paymentMethods.attach("pm_none", { customer: customer.id }),
      { status: 404, code: "resource_missing", param: "payment_method", message: "No such PaymentMethod: 'pm_none'" });
  });

  const declines = [
    ["tok_chargeDeclined", "card_declined", "generic_decline", "Your card was declined.", ""],
    ["tok_visa_chargeDeclined", "card_declined", "generic_decline", "Your card was declined.", ""],
    ["tok_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "Your card has insufficient funds.", ""],
    ["tok_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "Your card was declined.", ""],
    ["tok_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "Your card was declined.", ""],
    ["tok_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded", "Your card was declined.", ""],
    ["tok_chargeDeclinedIncorrectCvc", "incorrect_cvc", ANY, "Your card's security code is incorrect.", "cvc"],
    ["tok_chargeDeclinedExpiredCard", "expired_card", ANY, "Your card has expired.", "exp_month"],
    ["tok_chargeDeclinedProcessingError", "processing_error", ANY,
      "An error occurred while processing your card. Try again in a little bit.", ""],
  ];
  for (const [token, code, decline_code, message, param] of declines) {
    test(`${token} refuses to be saved, and stays unattached`, async () => {
      const customer = await stripe.customers.create();
      const method = await cardMethod(stripe, token);
      const error = await refused(stripe.paymentMethods.attach(method.id, { customer: customer.id }),
        { status: 402, code, decline_code, message, param });
      assert.equal(error.charge, undefined);
      assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, null);
      assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 0);
    });
  }

  test("the refusal of a declining card has the recorded keys", async () => {
    const customer = await stripe.customers.create();
    const method = await cardMethod(stripe, "tok_chargeDeclined");
    const error = await refused(stripe.paymentMethods.attach(method.id, { customer: customer.id }),
      { status: 402, code: "card_declined", decline_code: "generic_decline", param: "" });
    has(error.raw, { advice_code: "try_again_later", network_decline_code: "01", type: "card_error" });
    assert.ok(error.raw.request_log_url.includes(error.requestId));
    lacks(error.raw, "charge", "payment_intent", "payment_method");
  });

  test("...0341 attaches, its charges fail", async () => {
    const { method, customer } = await attached("tok_chargeCustomerFail");
    await refused(stripe.paymentIntents.create({ amount: 1000, currency: "usd", customer: customer.id,
      payment_method: method.id, confirm: true, ...RETURN }),
    { status: 402, code: "card_declined", decline_code: "generic_decline", message: "Your card was declined." });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, customer.id);
  });
});

describe("detach", () => {
  test("an attached method loses its customer", async () => {
    const { method, customer } = await attached();
    const detached = await stripe.paymentMethods.detach(method.id);
    assert.deepEqual({ ...detached }, { ...method, customer: null });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, null);
    assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 0);
  });

  test("what is not attached can't be detached", async () => {
    const refusal = { status: 400, message: "The payment method you provided is not attached to a customer so detachment is impossible." };
    const fresh = await cardMethod(stripe);
    await refused(stripe.paymentMethods.detach(fresh.id), refusal);
    const { method } = await attached();
    await stripe.paymentMethods.detach(method.id);
    await refused(stripe.paymentMethods.detach(method.id), refusal);
    await refused(stripe.paymentMethods.detach("pm_none"),
      { status: 404, code: "resource_missing", param: "payment_method", message: "No such PaymentMethod: 'pm_none'" });
  });

  test("a detached method can't be used", async () => {
    const { method, customer } = await attached();
    await stripe.paymentMethods.detach(method.id);
    for (const more of [{}, { customer: customer.id }]) {
      await refused(stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: method.id, confirm: true, ...RETURN, ...more }),
        { status: 400, code: USED_CODE, message: USED_AGAIN });
    }
  });
});

describe("update", () => {
  test("an attached method takes new details, leaf by leaf", async () => {
    const { method } = await attached();
    const year = new Date().getUTCFullYear() + 5;
    const updated = await stripe.paymentMethods.update(method.id, {
      billing_details: { name: "Jenny Rosen", address: { city: "Berlin" } }, card: { exp_month: 3, exp_year: year },
      metadata: { order: "1" }, allow_redisplay: "limited",
    });
    has(updated, { allow_redisplay: "limited", metadata: { order: "1" } });
    has(updated.card, { exp_month: 3, exp_year: year, last4: "4242" });
    const again = await stripe.paymentMethods.update(method.id, { billing_details: { email: "j@example.com", address: { country: "DE" } } });
    assert.equal(again.billing_details.name, "Jenny Rosen");
    assert.equal(again.billing_details.address.city, "Berlin");
    assert.equal(again.billing_details.address.country, "DE");
    const cleared = await stripe.paymentMethods.update(method.id, { billing_details: { name: "" } });
    assert.equal(cleared.billing_details.name, null);
  });

  test("an unattached method can't be updated", async () => {
    const method = await cardMethod(stripe);
    await refused(stripe.paymentMethods.update(method.id, { metadata: { a: "b" } }),
      { status: 400, param: ANY, message: "You must save this PaymentMethod to a customer before you can update it." });
  });

  test("number and type can't be updated, an expiry must be one", async () => {
    const { method } = await attached();
    await refused(stripe.paymentMethods.update(method.id, { card: { number: "4242424242424242" } }), {
      status: 400, code: "parameter_unknown", param: "card[number]", message: "Received unknown parameter: card[number]" });
    await refused(stripe.paymentMethods.update(method.id, { card: { exp_month: 13 } }),
      { status: 402, code: "invalid_expiry_month", param: "exp_month" });
  });
});

describe("use", () => {
  const pay = (more) => stripe.paymentIntents.create({ amount: 1000, currency: "usd", confirm: true, ...RETURN, ...more });

  test("an unattached method can be used once", async () => {
    const method = await cardMethod(stripe);
    assert.equal((await pay({ payment_method: method.id })).status, "succeeded");
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).card.checks.cvc_check, "pass");
    await refused(pay({ payment_method: method.id }), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  test("a declined attempt uses an unattached method up as well", async () => {
    const method = await cardMethod(stripe, "tok_chargeDeclined");
    await refused(pay({ payment_method: method.id }), { status: 402, code: "card_declined", decline_code: "generic_decline" });
    await refused(pay({ payment_method: method.id }), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  test("an unattached method with a customer pays, and is used up unless it is saved", async () => {
    const customer = await stripe.customers.create();
    const method = await cardMethod(stripe);
    const intent = await pay({ payment_method: method.id, customer: customer.id });
    has(intent, { status: "succeeded", customer: customer.id });
    assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, null);
    await refused(pay({ payment_method: method.id, customer: customer.id }), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  test("an attached method with its customer pays again and again", async () => {
    const { method, customer } = await attached();
    for (let i = 0; i < 3; i++) {
      assert.equal((await pay({ payment_method: method.id, customer: customer.id })).status, "succeeded");
    }
  });
});

describe("read", () => {
  test("an unknown method", async () => {
    await refused(stripe.paymentMethods.retrieve("pm_none"),
      { status: 404, code: "resource_missing", param: "payment_method", message: "No such PaymentMethod: 'pm_none'" });
  });

  test("retrieve expands the customer", async () => {
    const { method, customer } = await attached();
    assert.equal((await stripe.paymentMethods.retrieve(method.id, { expand: ["customer"] })).customer.id, customer.id);
  });

  test("both lists show a customer's methods, newest first, with their own url", async () => {
    const customer = await stripe.customers.create();
    const made = [];
    for (const id of ["pm_card_visa", "pm_card_mastercard", "pm_card_amex"]) {
      made.unshift((await stripe.paymentMethods.attach(id, { customer: customer.id })).id);
    }
    await cardMethod(stripe);
    const own = await stripe.customers.listPaymentMethods(customer.id);
    assert.deepEqual(own.data.map((m) => m.id), made);
    has(own, { object: "list", has_more: false, url: `/v1/customers/${customer.id}/payment_methods` });
    const general = await stripe.paymentMethods.list({ customer: customer.id, type: "card", limit: 2 });
    assert.deepEqual(general.data.map((m) => m.id), made.slice(0, 2));
    has(general, { object: "list", has_more: true, url: "/v1/payment_methods" });
    const rest = await stripe.paymentMethods.list({ customer: customer.id, type: "card", limit: 2, starting_after: made[1] });
    assert.deepEqual(rest.data.map((m) => m.id), made.slice(2));
    assert.equal((await stripe.paymentMethods.list({ customer: customer.id, type: "sepa_debit" })).data.length, 0);
  });

  test("a list can be narrowed by allow_redisplay", async () => {
    const { method, customer } = await attached();
    await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    await stripe.paymentMethods.update(method.id, { allow_redisplay: "always" });
    const always = await stripe.customers.listPaymentMethods(customer.id, { allow_redisplay: "always" });
    assert.deepEqual(always.data.map((m) => m.id), [method.id]);
  });

  test("without a customer the general list is empty", async () => {
    await attached();
    const list = await stripe.paymentMethods.list();
    assert.deepEqual(list.data, []);
    assert.equal(list.has_more, false);
  });

  test("lists of an unknown customer", async () => {
    const message = "No such customer: 'cus_none'";
    await refused(stripe.customers.listPaymentMethods("cus_none"), { status: 404, code: "resource_missing", param: "id", message });
    await refused(stripe.paymentMethods.list({ customer: "cus_none" }), { status: 400, code: "resource_missing", param: "customer", message });
  });

  test("a customer's method can be read under that customer only", async () => {
    const { method, customer } = await attached();
    assert.equal((await stripe.customers.retrievePaymentMethod(customer.id, method.id)).id, method.id);
    const other = await stripe.customers.create();
    await refused(stripe.customers.retrievePaymentMethod(other.id, method.id), { status: 404, param: "customer", message: "Invalid request" });
  });

  test("a legacy card answers as a payment method and is listed as one", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const method = await stripe.paymentMethods.retrieve(customer.default_source);
    has(method, { id: customer.default_source, object: "payment_method", type: "card", customer: customer.id });
    assert.match(method.id, /^card_/);
    assert.equal(method.card.brand, "visa");
    const list = await stripe.customers.listPaymentMethods(customer.id, { type: "card" });
    assert.deepEqual(list.data.map((m) => m.id), [customer.default_source]);
  });
});
