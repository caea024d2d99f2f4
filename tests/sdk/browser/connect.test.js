// The pages of the people behind connected accounts, as a person uses them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { baseUrl, open } from "../node/support.js";
import { hindrances, launch, openShop } from "./support.js";

let stripe, browser, shop, page;
const complaints = [];

before(async () => {
  stripe = await open("browser-connect");
  [browser, shop] = await Promise.all([launch(), openShop()]);
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

async function visit(link, settings = {}) {
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  return page.goto(link);
}

/** A link to the page of a new account. */
async function onboarding(more = {}) {
  const account = await stripe.accounts.create({ type: "express", country: "DE", ...more });
  const link = () => stripe.accountLinks.create({
    account: account.id, type: "account_onboarding", refresh_url: `${shop.url}/again`, return_url: `${shop.url}/done`,
    collection_options: { fields: "eventually_due" },
  });
  return { account, link };
}
const press = (name, to) => Promise.all([page.waitForURL(`${shop.url}/${to}`), page.getByRole("button", { name }).click()]);

/** Looks at a page on a narrow screen in both themes. */
async function inspect(name, link) {
  for (const colorScheme of ["light", "dark"]) {
    assert.equal((await visit(await link(), { viewport: { width: 320, height: 640 }, colorScheme })).status(), 200);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${name} is ${width} pixels wide`);
    assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, name);
    assert.deepEqual(await hindrances(page), [], `${name}, ${colorScheme}`);
  }
}

test("one press onboards an account and leads back", async () => {
  const { account, link } = await onboarding();
  await visit((await link()).url);
  await page.getByRole("heading", { name: "Set up your account" }).waitFor();
  await page.getByRole("listitem").getByText("A bank account or a debit card").waitFor();
  await page.reload();
  await press("Use test data", "done");
  const onboarded = await stripe.accounts.retrieve(account.id);
  assert.deepEqual([onboarded.charges_enabled, onboarded.payouts_enabled, onboarded.requirements.eventually_due], [true, true, []]);
});

test("who saves for later goes on with another link", async () => {
  const { account, link } = await onboarding();
  const first = await link();
  await visit(first.url);
  await press("Save for later", "done");
  assert.equal((await stripe.accounts.retrieve(account.id)).details_submitted, false);
  await visit(first.url);
  await page.waitForURL(`${shop.url}/again`);
  await visit((await link()).url);
  await press("Use test data", "done");
  assert.equal((await stripe.accounts.retrieve(account.id)).details_submitted, true);
});

test("the keyboard alone onboards an account", async () => {
  const { account, link } = await onboarding({ country: "US" });
  await visit((await link()).url);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "use-test-data");
  await Promise.all([page.waitForURL(`${shop.url}/done`), page.keyboard.press("Enter")]);
  assert.equal((await stripe.accounts.retrieve(account.id)).charges_enabled, true);
});

/** A link of the sandbox's platform on this server. */
const oauth = (more = {}, options = {}) => {
  const sent = { client_id: "ca_sandbox_browser-connect", scope: "read_write", redirect_uri: `${shop.url}/back`, state: "s1", ...more };
  // The SDK's link is on the host that its client was given, or on the API's own.
  const { pathname, search } = new URL(stripe.oauth.authorizeUrl(sent, options));
  return `${baseUrl}${pathname}${search}`;
};
const came = () => Object.fromEntries(new URL(page.url()).searchParams);

test("a person connects an account at one press, or with what they type", async () => {
  await visit(oauth({ stripe_user: { email: "jenny@example.com" } }));
  await Promise.all([page.waitForURL(`${shop.url}/back?**`), page.locator("#skip-account-app").click()]);
  assert.equal(came().state, "s1");
  const tokens = await stripe.oauth.token({ grant_type: "authorization_code", code: came().code });
  assert.equal((await stripe.accounts.retrieve(tokens.stripe_user_id)).email, "jenny@example.com");
  await visit(oauth());
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel(/^Country/).fill("DE");
  await Promise.all([page.waitForURL(`${shop.url}/back?**`), page.getByRole("button", { name: "Connect" }).click()]);
  const typed = await stripe.oauth.token({ grant_type: "authorization_code", code: came().code });
  const { email, country } = await stripe.accounts.retrieve(typed.stripe_user_id);
  assert.deepEqual([email, country], ["ada@example.com", "DE"]);
});

test("a person declines", async () => {
  await visit(oauth({}, { express: true }));
  await Promise.all([page.waitForURL(`${shop.url}/back?**`), page.getByRole("button", { name: "Cancel" }).click()]);
  assert.deepEqual(came(), { error: "access_denied", error_description: "The user denied your request", state: "s1" });
});

test("a login link leads to the dashboard once", async () => {
  const { account, link } = await onboarding({ country: "US", business_profile: { name: "Bakery & Sons <b>" } });
  await visit((await link()).url);
  await press("Use test data", "done");
  await stripe.charges.create({ amount: 5000, currency: "usd", source: "tok_bypassPending" }, { stripeAccount: account.id });
  const login = await stripe.accounts.createLoginLink(account.id);
  await visit(login.url);
  await page.getByRole("heading", { name: "Bakery & Sons <b>" }).waitFor();
  assert.match(await page.getByRole("table").first().textContent(), /USD\s*\$48\.25/);
  await visit(login.url);
  await page.getByRole("heading", { name: "This link is over" }).waitFor();
});

test("the pages fit a telephone in both themes, and hinder nobody", async () => {
  const { account, link } = await onboarding({ business_type: "company", business_profile: { name: "Long ".repeat(30) } });
  await inspect("authorize", oauth);
  await inspect("onboarding", async () => (await link()).url);
  await visit((await link()).url);
  await press("Use test data", "done");
  await inspect("dashboard", async () => (await stripe.accounts.createLoginLink(account.id)).url);
});
