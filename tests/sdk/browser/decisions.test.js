// A customer in a real browser: 3-D Secure of a payment, and the redirect of a source.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { launch, openShop } from "./support.js";

let stripe, browser, shop, page;

before(async () => {
  stripe = await open("browser-decisions");
  [browser, shop] = await Promise.all([launch(), openShop()]);
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** Opens a link in a new tab, which keeps nothing of the one before. */
async function visit(link) {
  await page?.close();
  page = await browser.newPage();
  const answer = await page.goto(link);
  assert.equal(answer.status(), 200);
}

/** Presses a button or a link and waits for the shop's page; returns the query that the browser came back with. */
async function press(name, role = "button") {
  await Promise.all([page.waitForURL(`${shop.url}/**`), page.getByRole(role, { name }).click()]);
  assert.equal(await page.getByRole("heading").textContent(), "Thank you");
  return Object.fromEntries(new URL(page.url()).searchParams);
}

const buttons = () => page.getByRole("button").allTextContents();

/** A payment that waits for its customer. */
async function waiting(params = {}) {
  const intent = await stripe.paymentIntents.create({
    amount: 2000, currency: "usd", payment_method: "pm_card_threeDSecure2Required", confirm: true,
    return_url: `${shop.url}/done?order=7`, ...params,
  });
  assert.equal(intent.status, "requires_action");
  return intent;
}

test("completing 3-D Secure pays and comes back to the shop", async () => {
  const intent = await waiting();
  await visit(intent.next_action.redirect_to_url.url);
  assert.match(await page.textContent("body"), /3D Secure.*\$20\.00/s);
  assert.deepEqual(await buttons(), ["Complete", "Fail"]);
  assert.deepEqual(await press("Complete"), {
    order: "7", payment_intent: intent.id, payment_intent_client_secret: intent.client_secret, redirect_status: "succeeded",
  });
  const paid = await stripe.paymentIntents.retrieve(intent.id, { expand: ["latest_charge"] });
  assert.equal(paid.status, "succeeded");
  assert.equal(paid.latest_charge.payment_method_details.card.three_d_secure.result, "authenticated");
});

test("failing 3-D Secure fails the payment and comes back to the shop", async () => {
  const intent = await waiting();
  await visit(intent.next_action.redirect_to_url.url);
  const query = await press("Fail");
  assert.equal(query.redirect_status, "failed");
  const failed = await stripe.paymentIntents.retrieve(intent.id);
  assert.equal(failed.status, "requires_payment_method");
  assert.equal(failed.last_payment_error.code, "payment_intent_authentication_failure");
});

test("the page of a payment that is done has no button", async () => {
  const intent = await waiting();
  const link = intent.next_action.redirect_to_url.url;
  await visit(link);
  await press("Complete");
  await visit(link);
  assert.deepEqual(await buttons(), []);
  assert.match(await page.textContent("body"), /succeeded/);
});

test("without a return_url the page stays and shows what became of the payment", async () => {
  const intent = await waiting({ return_url: undefined, payment_method_types: ["card"] });
  await visit(intent.next_action.use_stripe_sdk.stripe_js);
  await page.getByRole("button", { name: "Complete" }).click();
  await page.getByText("succeeded").waitFor();
  assert.deepEqual(await buttons(), []);
  assert.equal((await stripe.paymentIntents.retrieve(intent.id)).status, "succeeded");
});

for (const [link, status, redirect] of [["Authorize Test Payment", "chargeable", "succeeded"], ["Fail Test Payment", "failed", "failed"]]) {
  test(`${link} on a source's page makes it ${status}`, async () => {
    const source = await stripe.sources.create({
      type: "ideal", amount: 1099, currency: "eur", redirect: { return_url: `${shop.url}/back` },
    });
    await visit(source.redirect.url);
    assert.match(await page.textContent("body"), /iDEAL test payment page.*€10\.99/s);
    assert.deepEqual(await press(link, "link"), { client_secret: source.client_secret, livemode: "false", source: source.id });
    const settled = await stripe.sources.retrieve(source.id);
    assert.deepEqual([settled.status, settled.redirect.status], [status, redirect]);
  });
}
