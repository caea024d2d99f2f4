// The page of a Financial Connections session and the components of an account session, in the frame of a shop.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch } from "./support.js";

let stripe, browser, shop, page, src;
const complaints = [];
const base = () => process.env.PINSTRIPE_URL;

before(async () => {
  stripe = await open("browser-banks");
  browser = await launch();
  shop = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang=en><title>Shop</title><link rel=icon href="data:,"><iframe title=bank name=bank src="${src}" width=360 height=800></iframe>
      <script>said = []; addEventListener("message", (event) => said.push(event.data))</script></html>`);
  });
  await new Promise((listening) => shop.listen(0, "127.0.0.1", listening));
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

async function frame(address, settings = {}) {
  src = address;
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  await page.goto(`http://localhost:${shop.address().port}/`);
  return page.frameLocator("iframe[name=bank]");
}
const told = async (type) => (await page.waitForFunction((wanted) => said.find((one) => one.type === wanted), type)).jsonValue();

async function session(more = {}) {
  const customer = await stripe.customers.create();
  const made = await stripe.financialConnections.sessions.create({ account_holder: { type: "customer", customer: customer.id }, permissions: ["payment_method", "balances"], ...more });
  const hosted = await stripe.rawRequest("POST", "/v1/link_account_sessions/generate_hosted_url", { client_secret: made.client_secret });
  return { id: made.id, url: hosted.hosted_auth_url };
}

test("a person links accounts in a frame, and the shop hears of it", async () => {
  const { id, url } = await session();
  const bank = await frame(url);
  await bank.getByRole("link", { name: "Down Bank (Error)" }).click();
  await bank.getByRole("heading", { name: "Down Bank (Error) is not available" }).waitFor();
  await bank.getByRole("link", { name: "Choose another bank" }).click();
  await bank.getByRole("link", { name: "Test Institution" }).click();
  await bank.getByLabel("Savings").check();
  await bank.getByRole("button", { name: "Link accounts" }).click();
  assert.deepEqual(await told("done"), { type: "done", session: id, result: "completed" });
  const linked = await stripe.financialConnections.sessions.retrieve(id);
  assert.deepEqual(linked.accounts.data.map((account) => account.last4), ["6789", "4321"]);
});

test("a person types numbers, or gives up", async () => {
  const { id, url } = await session();
  let bank = await frame(url);
  await bank.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await told("done")).result, "canceled");
  bank = await frame(url);
  await bank.getByRole("link", { name: "Enter bank details manually" }).click();
  await bank.getByLabel("Routing number").fill("110000000");
  await bank.getByLabel("Account number").fill("000123456789");
  await bank.getByRole("button", { name: "Continue" }).click();
  assert.equal((await told("done")).result, "completed");
  assert.equal((await stripe.financialConnections.sessions.retrieve(id)).bank_account_token.bank_account.last4, "6789");
});

test("the page fits a telephone in both themes, and hinders nobody", async () => {
  const { url } = await session();
  for (const colorScheme of ["light", "dark"]) {
    for (const step of ["", "&institution=test_institution", "&manual=true"]) {
      await page?.context().close();
      page = await (await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme })).newPage();
      await page.goto(url + step);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, `${colorScheme} ${step}`);
      assert.deepEqual(await hindrances(page), [], `${colorScheme} ${step}`);
    }
  }
});

test("the components of an account say when they are there, and onboarding when it is left", async () => {
  const account = await stripe.accounts.create({ type: "custom", country: "US", business_type: "individual" });
  const components = { account_onboarding: { enabled: true }, payments: { enabled: true } };
  const { client_secret: secret } = await stripe.accountSessions.create({ account: account.id, components });
  const address = (tag) => `${base()}/connect/components/${tag}?client_secret=${secret}`;
  await frame(address("payments"));
  await told("ready");
  assert.ok((await told("resize")).height > 50);
  await frame(address("payouts"));
  assert.equal((await told("loaderror")).error.type, "invalid_request_error");
  const onboarding = await frame(address("account-onboarding"));
  await onboarding.getByRole("button", { name: "Use test data" }).click();
  await told("exit");
  assert.deepEqual((await stripe.accounts.retrieve(account.id)).requirements.currently_due, []);
});
