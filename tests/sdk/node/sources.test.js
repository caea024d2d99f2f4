import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, CONSUMED_SOURCE, assertKeyOrder, card, has, keyOf, lacks, open, refused, reusableSource, singleUseSource,
  wire } from "./support.js";

const SANDBOX = "node-sources";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const charge = (more) => stripe.charges.create({ amount: 1099, currency: "eur", ...more });
const status = async (source) => (await stripe.sources.retrieve(source.id)).status;
const NOT_CHARGEABLE = "The source you provided is not in a chargeable state.";
const BANK = { country: "US", currency: "usd", account_holder_name: "Jenny Rosen", account_holder_type: "individual",
  routing_number: "110000000", account_number: "000123456789" };

describe("tokens", () => {
  test("a card token", async () => {
    const token = await stripe.tokens.create({ card: card("4242424242424242", { name: "Jenny Rosen" }) });
    assert.match(token.id, /^tok_[0-9A-Za-z]{24}$/);
    has(token, { object: "token", livemode: false, type: "card", used: false });
    assert.match(token.card.id, /^card_[0-9A-Za-z]{24}$/);
    has(token.card, { object: "card", brand: "Visa", country: "US", funding: "credit", last4: "4242", name: "Jenny Rosen" });
    lacks(token.card, "customer");
    lacks(token, "bank_account");
    assertKeyOrder(token);
  });

  test("a bank account token", async () => {
    const token = await stripe.tokens.create({ bank_account: BANK });
    assert.match(token.id, /^btok_[0-9A-Za-z]{24}$/);
    assert.equal(token.type, "bank_account");
    has(token.bank_account, { object: "bank_account", bank_name: "STRIPE TEST BANK", country: "US", currency: "usd",
      last4: "6789", routing_number: "110000000", status: "new" });
  });

  test("a token can be read often and used once", async () => {
    const token = await stripe.tokens.create({ card: card() });
    assert.equal((await stripe.tokens.retrieve(token.id)).used, false);
    await charge({ source: token.id });
    assert.equal((await stripe.tokens.retrieve(token.id)).used, true);
    const used = { status: 400, code: "token_already_used", message: `You cannot use a Stripe token more than once: ${token.id}.` };
    await refused(charge({ source: token.id }), used);
    await refused(stripe.customers.create({ source: token.id }), used);
    await refused(stripe.sources.create({ type: "card", token: token.id }), used);
  });

  test("a declined charge uses its token up", async () => {
    const token = await stripe.tokens.create({ card: card("4000000000000002") });
    await refused(charge({ source: token.id }), { status: 402, code: "card_declined", decline_code: "generic_decline" });
    await refused(charge({ source: token.id }), { status: 400, code: "token_already_used" });
  });

  test("test tokens are never used up", async () => {
    await charge({ source: "tok_visa" });
    assert.equal((await charge({ source: "tok_visa" })).status, "succeeded");
  });

  test("a token needs something to stand for, and a card that can be one", async () => {
    await refused(stripe.tokens.create({}), { status: 400, code: ANY, param: ANY });
    await refused(stripe.tokens.create({ card: card("4242424242424241") }),
      { status: 402, code: "incorrect_number", param: "number", message: "Your card number is incorrect." });
    await refused(stripe.tokens.create({ card: card(undefined, { exp_month: 13 }) }),
      { status: 402, code: "invalid_expiry_month", param: "exp_month", message: "Your card's expiration month is invalid." });
  });

  test("an unknown token", async () => {
    await refused(stripe.tokens.retrieve("tok_none"), { status: 404, code: "resource_missing", param: "token" });
    await refused(stripe.customers.create({ source: "tok_none" }),
      { status: 400, code: "resource_missing", param: "source", message: "No such token: 'tok_none'" });
    await refused(charge({ source: "tok_none" }),
      { status: 400, code: "resource_missing", param: "source", message: "No such token: 'tok_none'" });
  });

  const brands = { tok_visa: "Visa", tok_visa_debit: "Visa", tok_mastercard: "MasterCard", tok_mastercard_debit: "MasterCard",
    tok_mastercard_prepaid: "MasterCard", tok_amex: "American Express", tok_discover: "Discover", tok_diners: "Diners Club",
    tok_jcb: "JCB", tok_unionpay: "UnionPay", tok_us: "Visa", tok_ca: "Visa", tok_au: "Visa" };
  for (const [token, brand] of Object.entries(brands)) {
    test(`${token} makes a ${brand} card`, async () => {
      const customer = await stripe.customers.create({ source: token, expand: ["default_source"] });
      assert.equal(customer.default_source.brand, brand);
    });
  }
});

describe("Source objects", () => {
  test("a card source is reusable and chargeable at once", async () => {
    const source = await reusableSource(stripe, "tok_visa", { owner: { email: "jenny@example.com" }, metadata: { a: "b" } });
    assert.match(source.id, /^src_[0-9A-Za-z]{24}$/);
    assert.match(source.client_secret, /^src_client_secret_[0-9A-Za-z]{24}$/);
    has(source, { object: "source", amount: null, currency: null, flow: "none", livemode: false, metadata: { a: "b" },
      status: "chargeable", type: "card", usage: "reusable", statement_descriptor: null });
    has(source.owner, { address: null, email: "jenny@example.com", name: null, phone: null, verified_address: null,
      verified_email: null, verified_name: null, verified_phone: null });
    has(source.card, { brand: "Visa", country: "US", dynamic_last4: null, funding: "credit", last4: "4242", tokenization_method: null });
    lacks(source, "customer", "receiver", "redirect", "code_verification");
    assertKeyOrder(source);
  });

  test("a card source can be made from the number", async () => {
    assert.equal((await stripe.sources.create({ type: "card", card: card("5555555555554444") })).card.brand, "MasterCard");
  });

  test("sepa_debit", async () => {
    const source = await stripe.sources.create({ type: "sepa_debit", currency: "eur",
      sepa_debit: { iban: "DE89370400440532013000" }, owner: { name: "Jenny Rosen" } });
    has(source, { type: "sepa_debit", flow: "none", usage: "reusable", status: "chargeable", currency: "eur" });
    has(source.sepa_debit, { country: "DE", last4: "3000" });
  });

  for (const type of ["ideal", "bancontact", "giropay", "eps", "sofort", "p24", "alipay"]) {
    test(`${type} redirects, is for one payment and waits`, async () => {
      const more = type === "sofort" ? { sofort: { country: "DE" } } : {};
      const source = await stripe.sources.create({ type, amount: 1099, currency: "eur", redirect: { return_url: "https://example.com/back" },
        owner: { name: "Jenny Rosen" }, ...more });
      has(source, { type, amount: 1099, currency: "eur", flow: "redirect", usage: "single_use", status: "pending" });
      has(source.redirect, { failure_reason: null, return_url: "https://example.com/back", status: "pending" });
      assert.ok(source.redirect.url);
      assert.equal(typeof source[type], "object");
      await refused(charge({ source: source.id }), { status: 400, code: "invalid_source_usage", param: ANY, message: NOT_CHARGEABLE });
      assert.equal(await status(source), "pending");
    });
  }

  test("a receiver source becomes chargeable when money arrives", async () => {
    const waiting = await stripe.sources.create({ type: "ach_credit_transfer", currency: "usd", owner: { email: "jenny@example.com" } });
    has(waiting, { flow: "receiver", usage: "reusable", status: "pending", amount: null, currency: "usd" });
    has(waiting.receiver, { amount_charged: 0, amount_received: 0, amount_returned: 0, refund_attributes_method: "email",
      refund_attributes_status: "missing" });
    assert.ok(waiting.receiver.address);
    const funded = await stripe.sources.create({ type: "ach_credit_transfer", currency: "usd", owner: { email: "amount_1099@example.com" } });
    const now = await stripe.sources.retrieve(funded.id);
    assert.equal(now.status, "chargeable");
    assert.equal(now.receiver.amount_received, 1099);
    assert.equal(await status(waiting), "pending");
  });

  test("metadata and owner can be updated, the rest can't", async () => {
    const source = await reusableSource(stripe);
    const updated = await stripe.sources.update(source.id, { metadata: { order: "7" }, owner: { email: "new@example.com" } });
    assert.deepEqual({ ...updated.metadata }, { order: "7" });
    assert.equal(updated.owner.email, "new@example.com");
    await refused(stripe.sources.update(source.id, { usage: "single_use" }),
      { status: 400, code: "parameter_unknown", param: "usage", message: "Received unknown parameter: usage" });
  });

  test("a browser reads a source with its client secret", async () => {
    const source = await reusableSource(stripe);
    const key = keyOf(SANDBOX, "pk");
    const read = (secret) => wire("GET", `/v1/sources/${source.id}?client_secret=${secret}`, { key });
    const answer = await read(source.client_secret);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.id, source.id);
    const wrong = await read("src_client_secret_wrong");
    assert.ok(wrong.status >= 400 && wrong.status < 500, wrong.text);
    assert.equal(wrong.body.error.type, "invalid_request_error");
    assert.equal((await stripe.sources.retrieve(source.id, { client_secret: source.client_secret })).id, source.id);
  });

  test("what a source needs", async () => {
    const missing = (param) => ({ status: 400, code: "parameter_missing", param, message: `Missing required param: ${param}.` });
    await refused(stripe.sources.create({}), missing("type"));
    const redirect = { return_url: "https://example.com/back" };
    await refused(stripe.sources.create({ type: "ideal", currency: "eur", redirect }), missing("amount"));
    await refused(stripe.sources.create({ type: "ideal", amount: 1099, redirect }), missing("currency"));
    await refused(stripe.sources.create({ type: "ideal", amount: 1099, currency: "eur" }), { status: 400, code: "parameter_missing", param: "redirect" });
    await refused(stripe.sources.create({ type: "ideal", amount: 0, currency: "eur", redirect }),
      { status: 400, code: "parameter_invalid_integer", param: "amount", message: "This value must be greater than or equal to 1." });
    await refused(stripe.sources.create({ type: "gold" }), { status: 400, code: ANY, param: "type" });
    await refused(stripe.sources.retrieve("src_none"), { status: 404, code: "resource_missing", param: "source" });
  });
});

describe("a source on a customer", () => {
  test("a customer made with a source has it as its default", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ email: "paying.user@example.com", source: source.id, expand: ["sources"] });
    assert.equal(customer.default_source, source.id);
    assert.equal(customer.sources.total_count, 1);
    has(customer.sources.data[0], { id: source.id, customer: customer.id, status: "chargeable" });
    assert.equal((await stripe.sources.retrieve(source.id)).customer, customer.id);
  });

  test("a customer made with a token has a card", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa", expand: ["default_source"] });
    const { id, fingerprint, exp_month, exp_year, ...rest } = customer.default_source;
    assert.match(id, /^card_[0-9A-Za-z]{24}$/);
    assert.match(fingerprint, /^[0-9A-Za-z]{16}$/);
    assert.ok(exp_month && exp_year);
    has(rest, {
      object: "card", address_city: null, address_country: null, address_line1: null, address_line1_check: null,
      address_line2: null, address_state: null, address_zip: null, address_zip_check: null, brand: "Visa", country: "US",
      customer: customer.id, cvc_check: "pass", dynamic_last4: null, funding: "credit", last4: "4242", metadata: {},
      name: null, regulated_status: "unregulated", tokenization_method: null, wallet: null,
    });
  });

  test("the card may be given as a hash", async () => {
    const customer = await stripe.customers.create({
      source: { object: "card", name: "Jenny Rosen", address_zip: "94107", ...card("5555555555554444") }, expand: ["default_source"] });
    has(customer.default_source, { object: "card", brand: "MasterCard", name: "Jenny Rosen", address_zip: "94107" });
    const bank = await stripe.customers.create({ source: { object: "bank_account", ...BANK }, expand: ["default_source"] });
    has(bank.default_source, { object: "bank_account", last4: "6789", status: "new" });
  });

  test("a second source leaves the default, until it is named", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const first = customer.default_source;
    const second = await stripe.customers.createSource(customer.id, { source: "tok_mastercard" });
    assert.equal(second.customer, customer.id);
    const third = await stripe.customers.createSource(customer.id, { source: (await reusableSource(stripe)).id });
    assert.equal((await stripe.customers.retrieve(customer.id)).default_source, first);
    let list = await stripe.customers.listSources(customer.id);
    assert.deepEqual(list.data.map((s) => s.id), [first, third.id, second.id], "the default, then the newest");
    const updated = await stripe.customers.update(customer.id, { default_source: second.id });
    assert.equal(updated.default_source, second.id);
    list = await stripe.customers.listSources(customer.id);
    assert.deepEqual(list.data.map((s) => s.id), [second.id, third.id, first]);
    assert.equal((await stripe.customers.update(customer.id, { default_source: third.id })).default_source, third.id);
  });

  test("a default must be attached, and can't be emptied", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const source = await reusableSource(stripe);
    for (const id of [source.id, "card_none"]) {
      await refused(stripe.customers.update(customer.id, { default_source: id }),
        { status: 400, code: "resource_missing", param: "source", message: `No such source: '${id}'` });
    }
    await refused(stripe.customers.update(customer.id, { default_source: "" }), {
      status: 400, code: "parameter_invalid_empty", param: "default_source",
      message: "You passed an empty string for 'default_source'. We assume empty values are an attempt to unset a parameter; " +
        "however 'default_source' cannot be unset. You should remove 'default_source' from your request or supply a non-empty value.",
    });
  });

  test("updating a customer with a source replaces the default", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const kept = await stripe.customers.createSource(customer.id, { source: "tok_amex" });
    const updated = await stripe.customers.update(customer.id, { source: "tok_mastercard", expand: ["sources", "default_source"] });
    assert.equal(updated.default_source.brand, "MasterCard");
    assert.deepEqual(updated.sources.data.map((s) => s.id), [updated.default_source.id, kept.id]);
    const empty = await stripe.customers.create();
    const first = await stripe.customers.update(empty.id, { source: "tok_visa", expand: ["sources"] });
    assert.deepEqual(first.sources.data.map((s) => s.id), [first.default_source]);
  });

  test("deleting the default promotes the newest of the rest", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const second = await stripe.customers.createSource(customer.id, { source: "tok_mastercard" });
    const third = await stripe.customers.createSource(customer.id, { source: "tok_amex" });
    assert.deepEqual({ ...(await stripe.customers.deleteSource(customer.id, customer.default_source)) },
      { id: customer.default_source, object: "card", deleted: true });
    const current = async () => (await stripe.customers.retrieve(customer.id)).default_source;
    assert.equal(await current(), third.id);
    await stripe.customers.deleteSource(customer.id, second.id);
    assert.equal(await current(), third.id);
    await stripe.customers.deleteSource(customer.id, third.id);
    assert.equal(await current(), null);
  });

  test("detaching a Source consumes it", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: source.id });
    const detached = await stripe.customers.deleteSource(customer.id, source.id);
    has(detached, { id: source.id, object: "source", status: "consumed" });
    lacks(detached, "customer", "deleted");
    assert.equal((await stripe.customers.retrieve(customer.id)).default_source, null);
    await refused(charge({ source: source.id }), { status: 400, message: CONSUMED_SOURCE });
    await refused(charge({ source: source.id, customer: customer.id }), { status: 400, message: CONSUMED_SOURCE });
    await refused(stripe.customers.createSource(customer.id, { source: source.id }), { status: 400, message: CONSUMED_SOURCE });
  });

  test("an attached source can't be attached again", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: source.id });
    const other = await stripe.customers.create();
    for (const id of [customer.id, other.id]) {
      await refused(stripe.customers.createSource(id, { source: source.id }),
        { status: 400, code: ANY, param: ANY, message: "The source you provided has already been attached to a customer." });
    }
    await refused(stripe.customers.create({ source: source.id }),
      { status: 400, code: ANY, param: ANY, message: "The source you provided has already been attached to a customer." });
  });

  test("a payment method is not a source", async () => {
    const customer = await stripe.customers.create();
    const message = "You cannot use a PaymentMethod as a source for Customers. Instead, use the PaymentMethods API to Attach " +
      "a Customer to a PaymentMethod. See https://stripe.com/docs/api/payment_methods/attach";
    const refusal = { status: 400, code: ANY, param: ANY, message };
    await refused(stripe.customers.createSource(customer.id, { source: "pm_card_visa" }), refusal);
    await refused(stripe.customers.create({ source: "pm_card_visa" }), refusal);
    await refused(stripe.customers.update(customer.id, { source: "pm_card_visa" }), refusal);
  });

  test("cards, bank accounts and sources are listed, alone or together", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const bank = await stripe.customers.createSource(customer.id, { source: (await stripe.tokens.create({ bank_account: BANK })).id });
    const source = await stripe.customers.createSource(customer.id, { source: (await reusableSource(stripe)).id });
    const all = await stripe.customers.listSources(customer.id);
    assert.equal(all.url, `/v1/customers/${customer.id}/sources`);
    assert.deepEqual(all.data.map((s) => s.object), ["card", "source", "bank_account"]);
    const only = async (object) => (await stripe.customers.listSources(customer.id, { object })).data.map((s) => s.id);
    assert.deepEqual(await only("card"), [customer.default_source]);
    assert.deepEqual(await only("bank_account"), [bank.id]);
    assert.deepEqual(await only("source"), [source.id]);
    const page = await stripe.customers.listSources(customer.id, { limit: 1 });
    assert.equal(page.has_more, true);
  });

  test("each kind can be read and updated", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    assert.equal((await stripe.customers.retrieveSource(customer.id, customer.default_source)).last4, "4242");
    const year = new Date().getUTCFullYear() + 4;
    const updated = await stripe.customers.updateSource(customer.id, customer.default_source,
      { name: "Jenny Rosen", address_zip: "94107", exp_month: 5, exp_year: year, metadata: { a: "b" } });
    has(updated, { name: "Jenny Rosen", address_zip: "94107", exp_month: 5, exp_year: year, metadata: { a: "b" } });
    const source = await stripe.customers.createSource(customer.id, { source: (await reusableSource(stripe)).id });
    const owned = await stripe.customers.updateSource(customer.id, source.id, { owner: { name: "Jenny" } });
    assert.equal(owned.owner.name, "Jenny");
    await refused(stripe.customers.retrieveSource(customer.id, "card_none"), { status: 404, code: "resource_missing", param: "id" });
    await refused(stripe.customers.listSources("cus_none"), { status: 404, code: "resource_missing", param: "customer", message: "No such customer: 'cus_none'" });
    await refused(stripe.customers.createSource(customer.id, {}),
      { status: 400, code: "parameter_missing", param: "source", message: "Missing required param: source." });
  });

  test("a bank account is verified by its two deposits", async () => {
    const customer = await stripe.customers.create();
    const bank = await stripe.customers.createSource(customer.id, { source: (await stripe.tokens.create({ bank_account: BANK })).id });
    assert.match(bank.id, /^ba_[0-9A-Za-z]{24}$/);
    has(bank, { object: "bank_account", account_holder_name: "Jenny Rosen", account_holder_type: "individual", country: "US",
      currency: "usd", customer: customer.id, last4: "6789", routing_number: "110000000", status: "new" });
    await refused(stripe.charges.create({ amount: 500, currency: "usd", customer: customer.id }),
      { status: ANY, code: "bank_account_unverified", param: ANY, decline_code: ANY });
    await refused(stripe.customers.verifySource(customer.id, bank.id, { amounts: [1, 2] }),
      { status: ANY, code: "bank_account_verification_failed", param: ANY });
    assert.equal((await stripe.customers.verifySource(customer.id, bank.id, { amounts: [32, 45] })).status, "verified");
    await refused(stripe.customers.verifySource(customer.id, bank.id, { amounts: [32, 45] }),
      { status: 400, code: ANY, param: ANY, message: "This bank account has already been verified." });
    const twice = await stripe.tokens.create({ bank_account: BANK });
    await refused(stripe.customers.createSource(customer.id, { source: twice.id }), { status: 400, code: "bank_account_exists", param: ANY,
      message: "A bank account with that routing number and account number already exists for this customer." });
    const paid = await stripe.charges.create({ amount: 500, currency: "usd", customer: customer.id });
    assert.match(paid.id, /^py_/);
    assert.deepEqual({ ...(await stripe.customers.deleteSource(customer.id, bank.id)) },
      { id: bank.id, object: "bank_account", deleted: true });
  });

  test("a verified test account is one", async () => {
    const customer = await stripe.customers.create({ source: "btok_us_verified", expand: ["default_source"] });
    has(customer.default_source, { object: "bank_account", status: "verified" });
  });

  const declines = [
    ["tok_chargeDeclined", "card_declined", "generic_decline", "", "Your card was declined."],
    ["tok_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "", "Your card has insufficient funds."],
    ["tok_chargeDeclinedIncorrectCvc", "incorrect_cvc", ANY, "cvc", "Your card's security code is incorrect."],
    ["tok_chargeDeclinedExpiredCard", "expired_card", ANY, "exp_month", "Your card has expired."],
    ["tok_chargeDeclinedProcessingError", "processing_error", ANY, "", "An error occurred while processing your card. Try again in a little bit."],
  ];
  for (const [token, code, decline_code, param, message] of declines) {
    test(`${token} is not saved, and no customer is made`, async () => {
      const email = `${token}@example.com`;
      const error = await refused(stripe.customers.create({ email, source: token }), { status: 402, code, decline_code, param, message });
      assert.equal(error.charge, undefined);
      assert.equal((await stripe.customers.list({ email })).data.length, 0);
      const customer = await stripe.customers.create();
      await refused(stripe.customers.createSource(customer.id, { source: token }), { status: 402, code, decline_code, param, message });
      assert.equal((await stripe.customers.listSources(customer.id)).data.length, 0);
    });
  }

  test("the legacy paths for cards and bank accounts work", async () => {
    const key = keyOf(SANDBOX);
    const customer = await stripe.customers.create();
    const made = await wire("POST", `/v1/customers/${customer.id}/cards`, { key, form: { source: "tok_visa" } });
    assert.equal(made.status, 200, made.text);
    assert.equal(made.body.object, "card");
    const bank = await wire("POST", `/v1/customers/${customer.id}/bank_accounts`, { key, form: { source: "btok_us_verified" } });
    assert.equal(bank.body.object, "bank_account", bank.text);
    const cards = await wire("GET", `/v1/customers/${customer.id}/cards`, { key });
    assert.deepEqual(cards.body.data.map((c) => c.id), [made.body.id]);
    const banks = await wire("GET", `/v1/customers/${customer.id}/bank_accounts`, { key });
    assert.deepEqual(banks.body.data.map((b) => b.id), [bank.body.id]);
    const read = await wire("GET", `/v1/customers/${customer.id}/cards/${made.body.id}`, { key });
    assert.equal(read.body.id, made.body.id);
    const changed = await wire("POST", `/v1/customers/${customer.id}/cards/${made.body.id}`, { key, form: { name: "Jenny" } });
    assert.equal(changed.body.name, "Jenny");
    const gone = await wire("DELETE", `/v1/customers/${customer.id}/cards/${made.body.id}`, { key });
    assert.deepEqual(gone.body, { id: made.body.id, object: "card", deleted: true });
  });
});

describe("charging sources", () => {
  test("an unattached reusable source is consumed when charged", async () => {
    const source = await reusableSource(stripe);
    const paid = await charge({ source: source.id });
    has(paid, { status: "succeeded", customer: null, payment_method: source.id });
    has(paid.source, { id: source.id, object: "source" });
    assert.equal(paid.payment_method_details.type, "card");
    assert.equal(await status(source), "consumed");
    await refused(charge({ source: source.id }), { status: 400, message: CONSUMED_SOURCE });
  });

  test("an attached source stays chargeable, with its customer", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: source.id });
    for (let i = 0; i < 3; i++) {
      const paid = await charge({ source: source.id, customer: customer.id });
      has(paid, { status: "succeeded", customer: customer.id });
      assert.equal(paid.source.id, source.id);
    }
    assert.equal(await status(source), "chargeable");
  });

  test("an attached source can't be charged without its customer", async () => {
    const source = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: source.id });
    const error = await refused(charge({ source: source.id }), { status: 400, code: ANY, param: ANY, message: /customer/ });
    assert.ok(error.message.includes("`customer` parameter"), error.message);
    assert.equal(await status(source), "chargeable");
    assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, 0);
  });

  test("an attached source can't be charged with another customer", async () => {
    const source = await reusableSource(stripe);
    await stripe.customers.create({ source: source.id });
    const other = await stripe.customers.create();
    await refused(charge({ source: source.id, customer: other.id }), {
      status: 404, code: "missing", param: "source", message: `Customer ${other.id} does not have a linked source with ID ${source.id}.` });
  });

  test("a charge of the customer alone takes the default", async () => {
    const first = await reusableSource(stripe);
    const customer = await stripe.customers.create({ source: first.id });
    const second = await stripe.customers.createSource(customer.id, { source: "tok_mastercard" });
    assert.equal((await charge({ customer: customer.id })).source.id, first.id);
    await stripe.customers.update(customer.id, { default_source: second.id });
    const paid = await charge({ customer: customer.id });
    assert.equal(paid.source.id, second.id);
    assert.equal(paid.payment_method, second.id);
    await stripe.customers.deleteSource(customer.id, second.id);
    assert.equal((await charge({ customer: customer.id })).source.id, first.id);
  });

  test("a single-use source pays once", async () => {
    const source = await singleUseSource(stripe);
    has(source, { usage: "single_use", status: "chargeable", amount: 1099, currency: "eur" });
    assert.equal((await charge({ source: source.id })).status, "succeeded");
    assert.equal(await status(source), "consumed");
    await refused(charge({ source: source.id }), { status: 400, code: "invalid_source_usage", param: ANY, message: NOT_CHARGEABLE });
  });

  test("a single-use source's charge can be attributed to a customer", async () => {
    const customer = await stripe.customers.create();
    const source = await singleUseSource(stripe);
    const paid = await charge({ source: source.id, customer: customer.id });
    has(paid, { customer: customer.id, status: "succeeded" });
    assert.equal(paid.source.id, source.id);
    const after = await stripe.sources.retrieve(source.id);
    assert.equal(after.status, "consumed");
    lacks(after, "customer");
    assert.equal((await stripe.customers.retrieve(customer.id)).default_source, null);
    assert.equal((await stripe.customers.listSources(customer.id)).data.length, 0);
  });

  test("so can an unattached reusable source's, which consumes it", async () => {
    const customer = await stripe.customers.create();
    const source = await reusableSource(stripe);
    const paid = await charge({ source: source.id, customer: customer.id });
    has(paid, { customer: customer.id, status: "succeeded" });
    assert.equal(await status(source), "consumed");
    await refused(charge({ source: source.id, customer: customer.id }), { status: 400, message: CONSUMED_SOURCE });
  });

  test("a single-use source may be attached, and is consumed by its charge all the same", async () => {
    const source = await singleUseSource(stripe);
    const customer = await stripe.customers.create({ source: source.id });
    assert.equal(customer.default_source, source.id);
    await charge({ source: source.id, customer: customer.id });
    assert.equal(await status(source), "consumed");
    await refused(charge({ customer: customer.id, source: source.id }), { status: 400, code: "invalid_source_usage", param: ANY, message: NOT_CHARGEABLE });
  });

  test("a single-use source covers its amount and its currency", async () => {
    const source = await singleUseSource(stripe);
    await refused(charge({ source: source.id, amount: 2000 }), { status: 400, code: "charge_exceeds_source_limit", param: ANY });
    await refused(charge({ source: source.id, currency: "usd" }), { status: 400, code: ANY, param: "currency" });
    assert.equal(await status(source), "chargeable");
  });

  test("of 64 charges of one single-use source at the same time exactly one succeeds", async () => {
    const customer = await stripe.customers.create();
    const source = await singleUseSource(stripe);
    const attempts = Array.from({ length: 64 }, () => charge({ source: source.id, customer: customer.id }));
    const results = await Promise.allSettled(attempts);
    const won = results.filter((r) => r.status === "fulfilled");
    assert.equal(won.length, 1);
    for (const { reason } of results.filter((r) => r.status === "rejected")) {
      assert.equal(reason.statusCode, 400);
      assert.equal(reason.message, NOT_CHARGEABLE);
    }
    const charges = await stripe.charges.list({ customer: customer.id, limit: 100 });
    assert.deepEqual(charges.data.map((c) => c.id), [won[0].value.id]);
    assert.equal(await status(source), "consumed");
  });

  test("what the customer doesn't have can't be charged with it", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const other = await stripe.customers.create({ source: "tok_visa" });
    await refused(charge({ customer: customer.id, source: "tok_visa" }),
      { status: 404, code: "resource_missing", param: "card", message: `Customer ${customer.id} does not have card with ID tok_visa` });
    for (const id of ["card_none", other.default_source]) {
      await refused(charge({ customer: customer.id, source: id }),
        { status: 404, code: "missing", param: "source", message: `Customer ${customer.id} does not have a linked source with ID ${id}.` });
    }
  });

  test("a card of a customer is no token", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    await refused(charge({ source: customer.default_source }), { status: 400, code: "resource_missing", param: "source" });
  });

  test("a customer without sources can't be charged", async () => {
    const customer = await stripe.customers.create();
    await refused(charge({ customer: customer.id }), {
      status: 402, code: "missing", param: "card",
      message: "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or Source to " +
        "this Customer and then try this request again, or use Payment Intents and Payment Methods instead.",
    });
    await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    await refused(charge({ customer: customer.id }), {
      status: 402, code: "missing", param: "card",
      message: "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. Use a Payment " +
        "Intent instead of creating a Charge: https://stripe.com/docs/payments/payment-intents/migration",
    });
    assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, 0);
  });
});
