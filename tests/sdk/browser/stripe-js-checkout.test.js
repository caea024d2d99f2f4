// Checkout in the page: the session that a page reads, the actions on it, and paying by elements, as the releases have given it.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { api, bank, bundle, openPage, openSuite, typePayment } from "./stripe-js-support.js";

const suite = openSuite({ body: '<div id="payment"></div><div id="address"></div>', script: 'window.stripe = Stripe("pk_test_123");' });
let browser, shop, react, price, page;
before(async () => {
  price = await api("prices", { currency: "usd", unit_amount: 1000, "product_data[name]": "Mug" });
});
after(() => react?.close());
beforeEach(() => ({ browser, shop, page } = suite));

async function session(more = {}) {
  const made = await api("checkout/sessions", {
    mode: "payment", ui_mode: "elements", return_url: `${shop.url}/done?session={CHECKOUT_SESSION_ID}`,
    "line_items[0][price]": price.id, "line_items[0][quantity]": 2, ...more,
  });
  assert.equal(made.error, undefined);
  return made;
}
const stored = ({ id }) => api(`checkout/sessions/${id}`, {}, "GET");

/** Begins a Checkout in the page, with a Payment Element that is ready. */
const begin = (made, options = {}) =>
  page.evaluate(async ([clientSecret, more]) => {
    window.changes = [];
    window.checkout = stripe.initCheckoutElementsSdk({ clientSecret, ...more });
    checkout.on("change", (session) => changes.push(session));
    const payment = checkout.createPaymentElement();
    const ready = new Promise((resolve) => payment.on("ready", resolve));
    payment.mount("#payment");
    const loaded = await checkout.loadActions();
    window.actions = loaded.actions;
    await ready;
    return loaded.type;
  }, [made.client_secret, options]);
const act = (name, ...given) => page.evaluate(([method, args]) => actions[method](...args), [name, given]);

test("a page reads the session", async () => {
  const made = await session({ allow_promotion_codes: true });
  assert.equal(await begin(made), "success");
  const read = await act("getSession");
  assert.deepEqual([read.id, read.status, read.currency, read.minorUnitsAmountDivisor, read.canConfirm], [made.id, { type: "open" }, "usd", 100, false]);
  assert.deepEqual(read.total.total, { minorUnitsAmount: 2000, amount: "$20.00" });
  const [line] = read.lineItems;
  assert.deepEqual([line.name, line.quantity, line.priceId, line.unitAmount.amount, line.total.amount], ["Mug", 2, price.id, "$10.00", "$20.00"]);
  assert.deepEqual([read.discountAmounts, read.email, read.shipping, read.tax], [null, null, null, { status: "ready" }]);
  assert.deepEqual(page.noise, []);
});

test("a card pays, and the shop's page goes on", async () => {
  const made = await session();
  await begin(made);
  assert.equal((await act("updateEmail", "jenny@example.com")).session.email, "jenny@example.com");
  await typePayment(page);
  await page.waitForFunction(() => actions.getSession().canConfirm);
  assert.ok(await page.evaluate(() => changes.at(-1).canConfirm), "the page is told when the form is whole");
  page.evaluate(() => actions.confirm()).catch(() => {});
  await page.waitForURL(`${shop.url}/done?session=${made.id}`);
  const paid = await stored(made);
  assert.deepEqual([paid.status, paid.payment_status, paid.customer_details.email], ["complete", "paid", "jenny@example.com"]);
});

test("without a redirect the page gets the paid session", async () => {
  const made = await session();
  await begin(made, { defaultValues: { email: "jenny@example.com" } });
  await typePayment(page);
  const { type, session: paid } = await act("confirm", { redirect: "if_required" });
  assert.deepEqual([type, paid.status], ["success", { type: "complete", paymentStatus: "paid" }]);
  assert.equal(page.url(), `${shop.url}/`);
});

test("a decline is the error of the result, and another card pays", async () => {
  const made = await session();
  await begin(made, { defaultValues: { email: "jenny@example.com" } });
  await typePayment(page, "4000000000009995");
  const { type, error } = await act("confirm", { redirect: "if_required" });
  assert.deepEqual([type, error.code, error.paymentFailed], ["error", "paymentFailed", { declineCode: "insufficient_funds" }]);
  assert.match(error.message, /insufficient funds/);
  await typePayment(page);
  assert.equal((await act("confirm", { redirect: "if_required" })).type, "success");
});

test("3-D Secure is passed and failed over the page", async () => {
  for (const [button, expected] of [["authorize", "success"], ["fail", "error"]]) {
    const made = await session();
    await page.reload();
    await begin(made, { defaultValues: { email: "jenny@example.com" } });
    await typePayment(page, "4000002760003184");
    const result = act("confirm", { redirect: "if_required" });
    await bank(page).locator(`#test-source-${button}-3ds`).click();
    assert.equal((await result).type, expected);
    assert.equal((await stored(made)).status, expected === "success" ? "complete" : "open");
  }
});

test("promotion codes, quantities, optional items and addresses change the session", async () => {
  const coupon = await api("coupons", { percent_off: 50, duration: "once", name: "Half" });
  await api("promotion_codes", { "promotion[type]": "coupon", "promotion[coupon]": coupon.id, code: "HALF" });
  const sticker = await api("prices", { currency: "usd", unit_amount: 300, "product_data[name]": "Sticker" });
  const made = await session({
    allow_promotion_codes: true, "line_items[0][adjustable_quantity][enabled]": true, "optional_items[0][price]": sticker.id,
    "optional_items[0][quantity]": 1, "shipping_address_collection[allowed_countries][0]": "US", "phone_number_collection[enabled]": true,
  });
  await begin(made);
  assert.deepEqual((await act("applyPromotionCode", "NONE")).error.code, "invalidCode");
  const { session: half } = await act("applyPromotionCode", "HALF");
  assert.deepEqual([half.total.total.amount, half.total.discount.amount], ["$10.00", "$10.00"]);
  const [discount] = half.discountAmounts;
  assert.deepEqual([discount.displayName, discount.promotionCode, discount.percentOff], ["Half", "HALF", 50]);
  assert.equal((await act("removePromotionCode")).session.total.total.amount, "$20.00");
  const line = half.lineItems[0].id;
  assert.equal((await act("updateLineItemQuantity", { lineItem: line, quantity: 3 })).session.total.total.amount, "$30.00");
  const { session: more } = await act("addOptionalLineItem", sticker.id);
  assert.deepEqual([more.total.total.amount, more.optionalItems[0].isSelected], ["$33.00", true]);
  assert.equal((await act("removeOptionalLineItem", sticker.id)).session.total.total.amount, "$30.00");
  const address = { name: "Jenny Rosen", address: { country: "US", line1: "1 Main St", city: "San Francisco", state: "CA", postal_code: "94107" } };
  assert.equal((await act("updateShippingAddress", address)).session.shippingAddress.address.city, "San Francisco");
  assert.equal((await act("updateBillingAddress", address)).session.billingAddress.name, "Jenny Rosen");
  assert.equal((await act("updatePhoneNumber", "+15555550123")).session.phoneNumber, "+15555550123");
  assert.deepEqual((await act("updateEmail", "nobody")).error.code, "incompleteEmail");
  assert.equal(await page.evaluate(() => changes.at(-1).total.total.amount), "$30.00");
});

test("what the shop's server changes is read anew", async () => {
  const made = await session();
  await begin(made);
  await page.exposeFunction("change", () => api(`checkout/sessions/${made.id}`, { "metadata[seen]": "yes" }));
  const { type, session: after } = await page.evaluate(() => actions.runServerUpdate(() => window.change()));
  assert.deepEqual([type, after.id], ["success", made.id]);
  const failed = await page.evaluate(() => actions.runServerUpdate(async () => { throw new Error("no"); }));
  assert.deepEqual(failed, { type: "error", error: { message: "no", code: null } });
});

test("validateElements says what is missing, by element", async () => {
  await begin(await session());
  const { type, error } = await act("validateElements");
  assert.deepEqual([type, error.code, error.validation_errors.map(({ element }) => element)], ["error", "validation_error", ["payment"]]);
});

test("a session that is unknown or over is an error of loading", async () => {
  const load = (secret) => page.evaluate(async (clientSecret) => (await stripe.initCheckoutElementsSdk({ clientSecret }).loadActions()).error, secret);
  assert.match((await load("cs_test_none_secret_none")).message, /No such/);
  const wrong = await load("pi_1_secret_2");
  assert.match(wrong.message, /should be the client_secret of a Checkout Session/);
});

test("the objects of the older releases are there", async () => {
  const made = await session();
  const older = await page.evaluate(async (clientSecret) => {
    const checkout = await stripe.initCheckout({ fetchClientSecret: async () => clientSecret });
    const { session } = checkout;
    const changed = await checkout.updateEmail("jenny@example.com");
    const own = Object.keys(checkout);
    return { total: session().total.total.amount, email: changed.session.email, has: ["confirm", "on", "createPaymentElement", "changeAppearance"].every((name) => own.includes(name)) };
  }, made.client_secret);
  assert.deepEqual(older, { total: "$20.00", email: "jenny@example.com", has: true });
  const later = await page.evaluate(async (clientSecret) => (await stripe.initCheckout({ clientSecret }).loadActions()).type, made.client_secret);
  assert.equal(later, "success");
});

test("React's provider of Checkout pays", async () => {
  const script = await bundle(`
    import { StrictMode, createElement as h, useState } from "react";
    import { createRoot } from "react-dom/client";
    import { loadStripe } from "@stripe/stripe-js";
    import { CheckoutElementsProvider, PaymentElement, useCheckoutElements } from "@stripe/react-stripe-js/checkout";
    const stripe = loadStripe("pk_test_123");
    const Form = () => {
      const state = useCheckoutElements();
      const [said, say] = useState("");
      if (state.type !== "success") return h("p", null, state.type === "error" ? state.error.message : "Loading");
      const { checkout } = state;
      const pay = async () => {
        await checkout.updateEmail("jenny@example.com");
        const result = await checkout.confirm({ redirect: "if_required" });
        say(result.type === "success" ? "Paid" : result.error.message);
      };
      return h("div", null, h("output", null, checkout.total.total.amount), h(PaymentElement), h("button", { onClick: pay }, "Pay"), h("p", { id: "said" }, said));
    };
    window.begin = (clientSecret) => createRoot(document.getElementById("root")).render(
      h(StrictMode, null, h(CheckoutElementsProvider, { stripe, options: { clientSecret } }, h(Form))));
  `);
  react = await openPage({ body: '<div id="root"></div>', tag: "", script });
  page = await browser.visit(react);
  const made = await session();
  await page.evaluate((secret) => window.begin(secret), made.client_secret);
  await page.locator("output").getByText("$20.00").waitFor();
  await typePayment(page);
  await page.getByRole("button", { name: "Pay" }).click();
  await page.locator("#said").getByText("Paid").waitFor();
  assert.equal((await stored(made)).status, "complete");
  assert.deepEqual(page.noise.filter((said) => !said.startsWith("info:")), []);
});
