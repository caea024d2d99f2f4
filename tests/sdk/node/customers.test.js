import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ANY, assertKeyOrder, cardMethod, has, lacks, open, refused } from "./support.js";

let stripe;
before(async () => {
  stripe = await open("node-customers");
});

test("a customer made without parameters has every documented default", async () => {
  const customer = await stripe.customers.create();
  assert.match(customer.id, /^cus_[0-9A-Za-z]{14}$/);
  assert.ok(Math.abs(customer.created - Date.now() / 1000) < 60);
  assert.match(customer.invoice_prefix, /^[0-9A-Z]{8}$/);
  has(customer, {
    object: "customer", address: null, balance: 0, currency: null, customer_account: null, default_source: null,
    delinquent: false, description: null, discount: null, email: null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false, metadata: {}, name: null, next_invoice_sequence: 1, phone: null, preferred_locales: [],
    shipping: null, tax_exempt: "none", test_clock: null,
  });
  lacks(customer, "sources", "subscriptions", "tax_ids", "tax", "cash_balance");
  assertKeyOrder(customer);
});

test("what create is given comes back, and retrieve and update answer the same object", async () => {
  const address = { city: "Berlin", country: "DE", line1: "Torstr. 1", line2: null, postal_code: "10119", state: null };
  const given = {
    name: "Jenny Rosen", email: "jenny.rosen@example.com", phone: "+49305550100", description: "First",
    preferred_locales: ["de", "en"], tax_exempt: "reverse", metadata: { order_id: "6735" },
    address: { city: "Berlin", country: "DE", line1: "Torstr. 1", postal_code: "10119" },
    shipping: { name: "Jenny Rosen", address: { line1: "Torstr. 1", city: "Berlin" } },
  };
  const customer = await stripe.customers.create(given);
  has(customer, { name: given.name, email: given.email, phone: given.phone, description: given.description,
    preferred_locales: given.preferred_locales, tax_exempt: "reverse", metadata: { order_id: "6735" }, address });
  assert.deepEqual(customer.shipping.address,
    { city: "Berlin", country: null, line1: "Torstr. 1", line2: null, postal_code: null, state: null });
  lacks(customer.shipping, "carrier", "tracking_number");
  assert.deepEqual({ ...(await stripe.customers.retrieve(customer.id)) }, { ...customer });
  const updated = await stripe.customers.update(customer.id, { name: "Jenny R." });
  assert.deepEqual({ ...updated }, { ...customer, name: "Jenny R." });
});

test("nested updates merge leaf by leaf", async () => {
  const { id } = await stripe.customers.create({ address: { line1: "Torstr. 1", city: "Berlin" } });
  const updated = await stripe.customers.update(id, { address: { city: "Bonn" }, invoice_settings: { footer: "Thanks" } });
  assert.equal(updated.address.line1, "Torstr. 1");
  assert.equal(updated.address.city, "Bonn");
  const again = await stripe.customers.update(id, { invoice_settings: { custom_fields: [{ name: "PO", value: "7" }] } });
  assert.equal(again.invoice_settings.footer, "Thanks");
  assert.deepEqual(again.invoice_settings.custom_fields, [{ name: "PO", value: "7" }]);
});

test("an empty string unsets", async () => {
  const { id } = await stripe.customers.create({
    name: "A", email: "a@example.com", description: "x", phone: "1", address: { line1: "y" },
    shipping: { name: "A", address: { line1: "y" } },
  });
  const cleared = await stripe.customers.update(id, { name: "", email: "", description: "", phone: "", address: "", shipping: "" });
  has(cleared, { name: null, email: null, description: null, phone: null, address: null, shipping: null });
});

test("metadata merges, loses single keys and empties, and holds strings", async () => {
  const { id, metadata } = await stripe.customers.create({ metadata: { number: 420, keep: "yes" } });
  assert.deepEqual({ ...metadata }, { number: "420", keep: "yes" });
  const merged = await stripe.customers.update(id, { metadata: { more: "x", number: "" } });
  assert.deepEqual({ ...merged.metadata }, { keep: "yes", more: "x" });
  const emptied = await stripe.customers.update(id, { metadata: "" });
  assert.deepEqual({ ...emptied.metadata }, {});
});

test("metadata has limits", async () => {
  const value = "v".repeat(501);
  await refused(stripe.customers.create({ metadata: { long: value } }), {
    status: 400, param: "metadata",
    message: `Metadata values can have up to 500 characters, but you passed in a value that is 501 characters. Invalid value: ${value}`,
  });
  await refused(stripe.customers.create({ metadata: { ["k".repeat(41)]: "x" } }), { status: 400, param: "metadata" });
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`key${i}`, "x"]));
  await refused(stripe.customers.create({ metadata: many }), { status: 400, param: "metadata", code: ANY });
  const fifty = await stripe.customers.create({ metadata: Object.fromEntries(Object.entries(many).slice(0, 50)) });
  assert.equal(Object.keys(fifty.metadata).length, 50);
  await refused(stripe.customers.update(fifty.id, { metadata: { one_more: "x" } }), { status: 400, param: "metadata", code: ANY });
});

test("sources, subscriptions and tax_ids appear when they are expanded", async () => {
  const customer = await stripe.customers.create({ expand: ["sources", "subscriptions", "tax_ids"] });
  for (const list of ["sources", "subscriptions", "tax_ids"]) {
    assert.deepEqual({ ...customer[list] },
      { object: "list", data: [], has_more: false, total_count: 0, url: `/v1/customers/${customer.id}/${list}` }, list);
  }
});

test("a deleted customer leaves a stub", async () => {
  const { id } = await stripe.customers.create({ email: "gone@example.com" });
  const stub = { id, object: "customer", deleted: true };
  assert.deepEqual({ ...(await stripe.customers.del(id)) }, stub);
  assert.deepEqual({ ...(await stripe.customers.retrieve(id)) }, stub);
  const missing = { status: 404, code: "resource_missing", param: "id" };
  await refused(stripe.customers.del(id), missing);
  await refused(stripe.customers.update(id, { name: "x" }), missing);
  assert.equal((await stripe.customers.list({ email: "gone@example.com" })).data.length, 0);
});

test("a deleted customer is missing wherever a parameter names it", async () => {
  const { id } = await stripe.customers.create();
  await stripe.customers.del(id);
  const missing = { status: 400, code: "resource_missing", param: "customer", message: `No such customer: '${id}'` };
  const method = await cardMethod(stripe);
  await refused(stripe.paymentMethods.attach(method.id, { customer: id }), missing);
  await refused(stripe.paymentMethods.list({ customer: id }), missing);
  await refused(stripe.charges.create({ amount: 500, currency: "usd", customer: id }), missing);
  await refused(stripe.paymentIntents.create({ amount: 500, currency: "usd", customer: id }), missing);
  await refused(stripe.customers.listPaymentMethods(id), { ...missing, status: 404, param: "id" });
});

test("a deleted customer's methods belong to nobody and can't be used", async () => {
  const customer = await stripe.customers.create();
  const method = await cardMethod(stripe);
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  await stripe.customers.del(customer.id);
  assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, null);
  const other = await stripe.customers.create();
  await refused(stripe.paymentMethods.attach(method.id, { customer: other.id }), { status: 400, code: ANY });
});

test("past charges keep the id of a deleted customer, and expand it to the stub", async () => {
  const { id } = await stripe.customers.create({ source: "tok_visa" });
  const charge = await stripe.charges.create({ amount: 500, currency: "usd", customer: id });
  await stripe.customers.del(id);
  assert.equal((await stripe.charges.retrieve(charge.id)).customer, id);
  const expanded = await stripe.charges.retrieve(charge.id, { expand: ["customer"] });
  assert.deepEqual({ ...expanded.customer }, { id, object: "customer", deleted: true });
});

test("an unknown customer is 404 in the path", async () => {
  const missing = { status: 404, code: "resource_missing", param: "id", message: "No such customer: 'cus_none'" };
  await refused(stripe.customers.retrieve("cus_none"), missing);
  await refused(stripe.customers.update("cus_none", { name: "x" }), missing);
  await refused(stripe.customers.del("cus_none"), missing);
});

test("a caller may choose the id, once", async () => {
  const chosen = await stripe.customers.create({ id: "cus_chosen" });
  assert.equal(chosen.id, "cus_chosen");
  await refused(stripe.customers.create({ id: "cus_chosen" }),
    { status: 400, code: "resource_already_exists", param: ANY, message: "Customer already exists." });
});

test("wrong values are refused in Stripe's words", async () => {
  await refused(stripe.customers.create({ email: "nope" }),
    { status: 400, code: "email_invalid", param: "email", message: "Invalid email address: nope" });
  await refused(stripe.customers.create({ tax_exempt: "maybe" }),
    { status: 400, param: "tax_exempt", message: "Invalid tax_exempt: must be one of none, reverse, or exempt" });
  await refused(stripe.customers.create({ currency: "usd" }),
    { status: 400, code: "parameter_unknown", param: "currency", message: "Received unknown parameter: currency" });
  await refused(stripe.customers.create({ balance: "abc" }),
    { status: 400, code: "parameter_invalid_integer", param: "balance", message: "Invalid integer: abc" });
  await refused(stripe.customers.create({ name: "n".repeat(257) }), { status: 400, param: "name" });
  await refused(stripe.customers.create({ invoice_prefix: "bad prefix" }),
    { status: 400, message: "Invoice number prefix must be 1–12 uppercase letters or numbers." });
});

test("an invoice prefix belongs to one customer, a deleted one too", async () => {
  const first = await stripe.customers.create({ invoice_prefix: "ACME1" });
  const taken = { status: 400, param: "invoice_prefix",
    message: `This invoice number prefix is taken by customer: ${first.id}. Please enter a different prefix.` };
  await refused(stripe.customers.create({ invoice_prefix: "ACME1" }), taken);
  assert.equal((await stripe.customers.update(first.id, { invoice_prefix: "ACME1" })).invoice_prefix, "ACME1");
  await stripe.customers.del(first.id);
  await refused(stripe.customers.create({ invoice_prefix: "ACME1" }), taken);
});

test("a balance stamps the currency, zero does not", async () => {
  has(await stripe.customers.create({ balance: -500 }), { balance: -500, currency: "usd" });
  has(await stripe.customers.create({ balance: 0 }), { balance: 0, currency: null });
});

test("a payment method given at creation is attached", async () => {
  const method = await cardMethod(stripe);
  const customer = await stripe.customers.create({
    payment_method: method.id, invoice_settings: { default_payment_method: method.id },
  });
  assert.equal(customer.invoice_settings.default_payment_method, method.id);
  assert.equal(customer.default_source, null);
  assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, customer.id);
});

test("an invoice default must be attached", async () => {
  const customer = await stripe.customers.create();
  const method = await cardMethod(stripe);
  const param = "invoice_settings[default_payment_method]";
  await refused(stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } }), {
    status: 400, code: "resource_missing", param,
    message: `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
  });
  await refused(stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: "pm_none" } }),
    { status: 400, code: "resource_missing", param, message: "No such PaymentMethod: 'pm_none'" });
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  const set = await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  assert.equal(set.invoice_settings.default_payment_method, method.id);
  const cleared = await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: "" } });
  assert.equal(cleared.invoice_settings.default_payment_method, null);
});

test("detaching the invoice default clears it", async () => {
  const customer = await stripe.customers.create();
  const method = await cardMethod(stripe);
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  await stripe.paymentMethods.detach(method.id);
  assert.equal((await stripe.customers.retrieve(customer.id)).invoice_settings.default_payment_method, null);
});

test("the email filter is exact and minds case", async () => {
  const a = await stripe.customers.create({ email: "Case@example.com" });
  await stripe.customers.create({ email: "case@example.com" });
  const found = await stripe.customers.list({ email: "Case@example.com" });
  assert.deepEqual(found.data.map((c) => c.id), [a.id]);
});
