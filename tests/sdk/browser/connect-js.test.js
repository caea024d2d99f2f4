// The components of connected accounts, by the unmodified @stripe/connect-js.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { api, bundle, openBrowser, openPage } from "./stripe-js-support.js";

const POLICY = "default-src 'self'; script-src 'self' https://connect-js.stripe.com; frame-src https://connect-js.stripe.com; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

let browser, shop, page, account;
before(async () => {
  browser = await openBrowser();
  const script = await bundle(`
    import { loadConnectAndInitialize } from "@stripe/connect-js";
    window.begin = (secrets) => {
      window.told = [];
      const fetchClientSecret = async () => (told.push("secret"), secrets.shift());
      window.connect = loadConnectAndInitialize({ publishableKey: "pk_test_123", fetchClientSecret });
    };
    window.show = (name) => {
      const component = connect.create(name);
      component.setOnLoaderStart(({ elementTagName }) => told.push("start " + elementTagName));
      component.setOnLoadError(({ error, elementTagName }) => told.push(error.type + " " + elementTagName));
      component.setOnExit?.(() => told.push("exit"));
      component.setOnNotificationsChange?.(({ total, actionRequired }) => told.push("notifications " + total + " " + actionRequired));
      document.getElementById("root").replaceChildren(component);
    };
  `);
  shop = await openPage({ body: '<div id="root"></div>', tag: "", script, policy: POLICY });
  account = await api("accounts", { type: "express", country: "US", email: "ada@example.com" });
});
after(async () => {
  shop?.close();
  await browser?.close();
});
beforeEach(async () => {
  await page?.context().close();
  page = await browser.visit(shop);
});

const NAMES = ["account_onboarding", "notification_banner", "payments", "payouts", "balances"];
async function secret() {
  const enabled = Object.fromEntries(NAMES.map((name) => [`components[${name}][enabled]`, true]));
  return (await api("account_sessions", { account: account.id, ...enabled })).client_secret;
}
const told = (what) => page.waitForFunction((one) => window.told.includes(one), what);
const component = (title) => page.frameLocator(`iframe[title="${title}"]`);

test("components show the account in frames, and the banner says what is due", async () => {
  await page.evaluate((secrets) => window.begin(secrets), [await secret()]);
  for (const name of ["payments", "balances", "payouts"]) {
    await page.evaluate((one) => window.show(one), name);
    await component(name).locator("h1").waitFor();
    await told(`start ${name}`);
  }
  await page.evaluate(() => window.show("notification-banner"));
  await page.waitForFunction(() => window.told.some((one) => /^notifications [1-9]/.test(one)));
  assert.equal(await page.evaluate(() => window.told.filter((one) => one === "secret").length), 1);
  assert.deepEqual(page.noise, []);
});

test("onboarding is filled in and left in the frame", async () => {
  await page.evaluate((secrets) => window.begin(secrets), [await secret()]);
  await page.evaluate(() => window.show("account-onboarding"));
  await component("account onboarding").locator("#use-test-data").click();
  await told("exit");
  assert.equal((await api(`accounts/${account.id}`, {}, "GET")).details_submitted, true);
});

test("a secret that is no good is asked for again once, and a component that is not enabled says so", async () => {
  await page.evaluate((secrets) => window.begin(secrets), ["accs_secret__none", await secret()]);
  await page.evaluate(() => window.show("payments"));
  await component("payments").locator("h1").waitFor();
  await page.waitForFunction(() => window.told.filter((one) => one === "secret").length === 2);
  await page.evaluate(() => window.show("documents"));
  await told("invalid_request_error documents");
  await page.evaluate(() => connect.logout());
  assert.equal(await page.locator("iframe").count(), 0);
});
