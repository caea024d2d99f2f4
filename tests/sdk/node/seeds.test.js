// The documents that the project was asked to implement, call by call, as their reader makes them: with nothing
// changed but the address and the key. The objects that they name are loaded beforehand.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import { CONSUMED_SOURCE, NEEDS_RETURN_URL, RETURN, USED_AGAIN, USED_AGAIN_ON_ATTACH, USED_CODE, ANY, cardMethod, client, has, lacks, load,
  open, refused, reusableSource, singleUseSource } from "./support.js";

const objects = (file) => JSON.parse(readFileSync(new URL(`../documents/${file}.json`, import.meta.url)));
const documented = (id) => objects("reusable").find((object) => object.id === id);

const SANDBOX = "node-seeds";
let stripe;
const start = async (file = "reusable") => {
  stripe = await open(SANDBOX);
  await load(SANDBOX, objects(file));
};

/** Every field that the document shows is there and equal. */
function resembles(actual, expected, path = "") {
  if (expected === null || typeof expected !== "object") {
    assert.deepEqual(actual, expected, path);
    return;
  }
  assert.equal(Array.isArray(actual), Array.isArray(expected), path);
  for (const key of Object.keys(expected)) {
    assert.ok(key in actual, `${path}.${key} is missing`);
    resembles(actual[key], expected[key], `${path}.${key}`);
  }
}

describe("Attach a PaymentMethod to a Customer (clover)", () => {
  beforeEach(() => start());

  test("attach, at the document's version", async () => {
    const clover = client(SANDBOX, { apiVersion: "2025-10-29.clover" });
    const method = await clover.paymentMethods.attach("pm_1MqM05LkdIwHu7ixlDxxO6Mc", { customer: "cus_NbZ8Ki3f322LNn" });
    const expected = documented("pm_1MqM05LkdIwHu7ixlDxxO6Mc");
    expected.customer = "cus_NbZ8Ki3f322LNn";
    expected.card.checks.cvc_check = "pass";
    resembles(method, expected);
    assert.equal(method.lastResponse.apiVersion, "2025-10-29.clover");
  });

  test("as the default for invoices", async () => {
    const id = "pm_1MqM05LkdIwHu7ixlDxxO6Mc";
    await stripe.paymentMethods.attach(id, { customer: "cus_NbZ8Ki3f322LNn" });
    const customer = await stripe.customers.update("cus_NbZ8Ki3f322LNn", { invoice_settings: { default_payment_method: id } });
    assert.equal(customer.invoice_settings.default_payment_method, id);
  });

  test("customer is optional in the list of parameters, but somebody must be named", async () => {
    await refused(stripe.paymentMethods.attach("pm_1MqM05LkdIwHu7ixlDxxO6Mc"),
      { status: 400, code: "parameter_missing", message: "Must provide customer or customer_account." });
  });
});

describe("Attach and detach (2025)", () => {
  beforeEach(() => start());

  test("detach", async () => {
    const method = await stripe.paymentMethods.detach("pm_1MqLiJLkdIwHu7ixUEgbFdYF");
    resembles(method, { ...documented("pm_1MqLiJLkdIwHu7ixUEgbFdYF"), customer: null });
  });

  test("after a PaymentMethod is detached, it can no longer be used for a payment or re-attached", async () => {
    const id = "pm_1MqLiJLkdIwHu7ixUEgbFdYF";
    await stripe.paymentMethods.detach(id);
    await refused(stripe.paymentMethods.attach(id, { customer: "cus_NbZ8Ki3f322LNn" }), { status: 400, code: USED_CODE, message: USED_AGAIN_ON_ATTACH });
    await refused(stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: id, confirm: true, ...RETURN }),
      { status: 400, code: USED_CODE, message: USED_AGAIN });
  });
});

describe("PaymentMethods", () => {
  beforeEach(() => start());

  test("retrieve", async () => {
    resembles(await stripe.paymentMethods.retrieve("pm_1Q0PsIJvEtkwdCNYMSaVuRz6"), documented("pm_1Q0PsIJvEtkwdCNYMSaVuRz6"));
  });

  test("a customer's PaymentMethods", async () => {
    const list = await stripe.customers.listPaymentMethods("cus_9s6XKzkNRiz8i3", { limit: 3 });
    has(list, { object: "list", url: "/v1/customers/cus_9s6XKzkNRiz8i3/payment_methods", has_more: false });
    assert.deepEqual(list.data.map((m) => m.id), ["pm_1NVChw2eZvKYlo2CHxiM5E2E", "pm_1NO6mA2eZvKYlo2CEydeHsKT", "pm_1NAoxV2eZvKYlo2C7pQxq0Wd"]);
    for (const method of list.data) resembles(method, documented(method.id));
  });

  test("PaymentMethods", async () => {
    const list = await stripe.paymentMethods.list({ type: "card", limit: 3, customer: "cus_9s6XKzkNRiz8i3" });
    has(list, { object: "list", url: "/v1/payment_methods", has_more: false });
    assert.equal(list.data.length, 3);
    for (const method of list.data) resembles(method, documented(method.id));
  });

  test("attach, then detach", async () => {
    const id = "pm_1MqM05LkdIwHu7ixlDxxO6Mc";
    assert.equal((await stripe.paymentMethods.attach(id, { customer: "cus_NbZ8Ki3f322LNn" })).customer, "cus_NbZ8Ki3f322LNn");
    assert.equal((await stripe.paymentMethods.detach(id)).customer, null);
  });
});

describe("'Previously Used Without Customer or Detached'", () => {
  beforeEach(() => start());

  // Confirming without return_url: what the guide's libraries did, and what those of today are told.
  const then = () => client(SANDBOX, { apiVersion: "2022-11-15" });
  const problematic = (api, payment_method = "pm_12345") => api.paymentIntents.create({ amount: 1000, currency: "usd", payment_method, confirm: true });

  const yourDatabase = {
    users: new Map([[123, { name: "Jenny Rosen", email: "jenny@example.com", stripeCustomerId: undefined }]]),
    async getUser(id) { return this.users.get(id); },
    async updateUser(id, changes) { Object.assign(this.users.get(id), changes); },
  };
  async function getOrCreateStripeCustomer(user_id) {
    const dbUser = await yourDatabase.getUser(user_id);
    if (dbUser.stripeCustomerId) return dbUser.stripeCustomerId;
    const customer = await stripe.customers.create({ name: dbUser.name, email: dbUser.email, metadata: { user_id: user_id } });
    await yourDatabase.updateUser(user_id, { stripeCustomerId: customer.id });
    return customer.id;
  }
  beforeEach(() => yourDatabase.updateUser(123, { stripeCustomerId: undefined }));

  test("the error: used without a customer, at the guide's time", async () => {
    assert.equal((await problematic(then())).status, "succeeded");
    const error = await refused(problematic(then()), { status: 400, code: USED_CODE, message: USED_AGAIN });
    assert.match(error.message, /previously used/);
  });

  test("the error: used without a customer, today with a return_url", async () => {
    const use = () => stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: "pm_12345", confirm: true, return_url: "https://your-app.com/success" });
    assert.equal((await use()).status, "succeeded");
    await refused(use(), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  for (const apiVersion of ["2023-08-16", "2024-06-20", "2025-10-29.clover", "2026-10-28.endive"]) {
    test(`without return_url ${apiVersion} gets the documented error`, async () => {
      await refused(problematic(client(SANDBOX, { apiVersion })), { status: 400, param: ANY, message: NEEDS_RETURN_URL });
      assert.equal((await problematic(then())).status, "succeeded", "the refused call used nothing up");
    });
  }

  test("the error: detached from a customer", async () => {
    const id = "pm_1MqLiJLkdIwHu7ixUEgbFdYF";
    await stripe.paymentMethods.detach(id);
    await refused(problematic(then(), id), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });

  test("the fix, step by step", async () => {
    const userId = 123;
    const customerId = await getOrCreateStripeCustomer(userId);
    assert.equal(await getOrCreateStripeCustomer(userId), customerId);
    assert.equal((await stripe.customers.retrieve(customerId)).metadata.user_id, "123");

    const paymentMethodId = "pm_12345";
    const paymentMethod = await stripe.paymentMethods.retrieve(paymentMethodId);
    assert.equal(paymentMethod.id, paymentMethodId);

    const attachedPaymentMethod = await stripe.paymentMethods.attach(paymentMethodId, { customer: customerId });
    has(attachedPaymentMethod, { id: paymentMethodId, customer: customerId });

    for (let i = 0; i < 2; i++) {
      const paymentIntent = await stripe.paymentIntents.create({
        amount: 1000,
        currency: "usd",
        payment_method: paymentMethodId,
        customer: customerId,
        confirm: true,
        return_url: "https://your-app.com/success",
      });
      has(paymentIntent, { status: "succeeded", amount: 1000, customer: customerId, payment_method: paymentMethodId });
    }
  });

  test("the fix comes too late once the method was used", async () => {
    await problematic(then());
    const customerId = await getOrCreateStripeCustomer(123);
    await refused(stripe.paymentMethods.attach("pm_12345", { customer: customerId }), { status: 400, code: USED_CODE, message: USED_AGAIN_ON_ATTACH });
  });

  test("troubleshooting: already attached, an invalid customer, an expired method", async () => {
    const first = await getOrCreateStripeCustomer(123);
    await stripe.paymentMethods.attach("pm_12345", { customer: first });
    assert.equal((await stripe.paymentMethods.attach("pm_12345", { customer: first })).customer, first);
    const other = await stripe.customers.create();
    await refused(stripe.paymentMethods.attach("pm_12345", { customer: other.id }),
      { status: 400, code: ANY, message: "The payment method you provided has already been attached to a customer." });
    await refused(stripe.customers.retrieve("cus_789"), { status: 404, code: "resource_missing", param: "id", message: "No such customer: 'cus_789'" });
    lacks(await stripe.paymentMethods.retrieve("pm_12345"), "status");
  });

  test("the same with objects made through the API", async () => {
    const method = await cardMethod(stripe);
    assert.equal((await problematic(then(), method.id)).status, "succeeded");
    await refused(problematic(then(), method.id), { status: 400, code: USED_CODE, message: USED_AGAIN });
  });
});

describe("Sources and Customers", () => {
  const CUSTOMER = "cus_AFGbOSiITuJVDs";
  const SOURCE = "src_18eYalAHEMiOZZp1l9ZTjSU0";
  const charge = (more) => stripe.charges.create({ amount: 1099, currency: "eur", ...more });
  beforeEach(() => start());

  test("attaching a Source to a new Customer", async () => {
    const customer = await stripe.customers.create({ email: "paying.user@example.com", source: SOURCE });
    has(customer, { email: "paying.user@example.com", default_source: SOURCE });
    assert.equal((await stripe.sources.retrieve(SOURCE)).customer, customer.id);
    assert.equal((await charge({ customer: customer.id })).source.id, SOURCE);
  });

  test("attaching a Source to an existing Customer leaves its default", async () => {
    const before = await stripe.customers.retrieve(CUSTOMER);
    const source = await stripe.customers.createSource(CUSTOMER, { source: SOURCE });
    has(source, { id: SOURCE, object: "source", customer: CUSTOMER, status: "chargeable" });
    assert.equal((await stripe.customers.retrieve(CUSTOMER)).default_source, before.default_source);
  });

  test("updating the Customer's default source", async () => {
    await stripe.customers.createSource(CUSTOMER, { source: SOURCE });
    assert.equal((await stripe.customers.update(CUSTOMER, { default_source: SOURCE })).default_source, SOURCE);
    assert.equal((await charge({ customer: CUSTOMER })).source.id, SOURCE);
  });

  test("a default that isn't attached is refused", async () => {
    await refused(stripe.customers.update(CUSTOMER, { default_source: SOURCE }),
      { status: 400, code: "resource_missing", param: "source", message: `No such source: '${SOURCE}'` });
  });

  test("charging a Source attached to a Customer", async () => {
    await stripe.customers.createSource(CUSTOMER, { source: SOURCE });
    for (let i = 0; i < 2; i++) {
      const paid = await charge({ customer: CUSTOMER, source: SOURCE });
      has(paid, { amount: 1099, currency: "eur", customer: CUSTOMER, status: "succeeded" });
      assert.equal(paid.source.id, SOURCE);
    }
    assert.equal((await stripe.sources.retrieve(SOURCE)).status, "chargeable");
  });

  test("without the Customer there is an error asking for it", async () => {
    await stripe.customers.createSource(CUSTOMER, { source: SOURCE });
    const error = await refused(charge({ source: SOURCE }), { status: 400, code: ANY, param: ANY });
    assert.match(error.message, /customer/i);
    assert.equal((await stripe.sources.retrieve(SOURCE)).status, "chargeable");
  });

  test("without a Source the Customer's default is charged", async () => {
    const { default_source } = await stripe.customers.retrieve(CUSTOMER);
    assert.equal((await charge({ customer: CUSTOMER })).source.id, default_source);
  });

  test("charging a reusable Source directly consumes it", async () => {
    assert.equal((await charge({ source: SOURCE })).status, "succeeded");
    assert.equal((await stripe.sources.retrieve(SOURCE)).status, "consumed");
    await refused(charge({ source: SOURCE }), { status: 400, message: CONSUMED_SOURCE });
  });

  test("attributing a single-use Source's payment to a Customer", async () => {
    await start("single_use");
    const before = await stripe.customers.retrieve(CUSTOMER, { expand: ["sources"] });
    const paid = await charge({ customer: CUSTOMER, source: SOURCE });
    has(paid, { customer: CUSTOMER, status: "succeeded" });
    assert.equal(paid.source.id, SOURCE);
    const source = await stripe.sources.retrieve(SOURCE);
    assert.equal(source.status, "consumed");
    lacks(source, "customer");
    const after = await stripe.customers.retrieve(CUSTOMER, { expand: ["sources"] });
    assert.deepEqual(after.sources.data.map((s) => s.id), before.sources.data.map((s) => s.id));
    await refused(charge({ customer: CUSTOMER, source: SOURCE }),
      { status: 400, code: "invalid_source_usage", param: ANY, message: "The source you provided is not in a chargeable state." });
  });

  test("the whole document with objects made through the API", async () => {
    const first = await reusableSource(stripe);
    const customer = await stripe.customers.create({ email: "paying.user@example.com", source: first.id });
    assert.equal(customer.default_source, first.id);
    const second = await reusableSource(stripe, "tok_mastercard");
    await stripe.customers.createSource(customer.id, { source: second.id });
    assert.equal((await stripe.customers.retrieve(customer.id)).default_source, first.id);
    await stripe.customers.update(customer.id, { default_source: second.id });
    assert.equal((await charge({ customer: customer.id, source: first.id })).source.id, first.id);
    assert.equal((await charge({ customer: customer.id })).source.id, second.id);
    const single = await singleUseSource(stripe);
    assert.equal((await charge({ customer: customer.id, source: single.id })).customer, customer.id);
  });
});
