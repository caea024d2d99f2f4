// How Stripe.js gets onto a page: by tags, by every train of @stripe/stripe-js, by Vue; and what `Stripe()` says of wrong use.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { after, before, test } from "node:test";
import { bundle, openBrowser, openPage, payment, server, typeCard, typePayment } from "./stripe-js-support.js";

/** Each train: the package that asks for it, the word in its address, what `Stripe.version` says. */
const TRAINS = [
  ["stripe-js-1", "v3", 3],
  ["stripe-js-5", "v3", 3],
  ["stripe-js-6", "acacia", "acacia"],
  ["stripe-js-7", "basil", "basil"],
  ["stripe-js-8", "clover", "clover"],
  ["stripe-js-9", "dahlia", "dahlia"],
  ["@stripe/stripe-js", "endive", "endive"],
];

let browser;
const shops = [];
before(async () => {
  browser = await openBrowser();
});
after(async () => {
  for (const shop of shops) shop.close();
  await browser?.close();
});

/** A visit to a shop of its own. */
async function visit(options) {
  const shop = await openPage(options);
  shops.push(shop);
  return browser.visit(shop);
}

for (const [name, word, version] of TRAINS) {
  test(`${name} loads the script by ${word}, and pays by card`, async () => {
    const script = await bundle(`
      import { loadStripe } from "${name}";
      window.loaded = loadStripe("pk_test_123").then((stripe) => {
        window.card = (window.stripe = stripe).elements().create("card");
        card.mount("#card");
        return new Promise((resolve) => card.on("ready", () => resolve()));
      });`);
    const page = await visit({ body: '<div id="card"></div>', tag: "", script });
    await page.evaluate(() => window.loaded);
    assert.equal(await page.evaluate(() => window.Stripe.version), version);
    const address = await page.evaluate(() => document.querySelector('script[src^="https://js.stripe.com"]').getAttribute("src"));
    assert.equal(address.split("/")[3], word);
    await typeCard(page);
    const { client_secret } = await payment();
    const { paymentIntent } = await page.evaluate(
      (secret) => stripe.confirmCardPayment(secret, { payment_method: { card } }),
      client_secret,
    );
    assert.equal(paymentIntent.status, "succeeded");
    assert.deepEqual(page.noise, []);
  });
}

test("tags of every documented form serve the script, and the word of any other train", async () => {
  const script = await (await fetch(`${server}/v3/`)).text();
  for (const path of ["/v3", "/v3/stripe.js", "/acacia/stripe.js", "/future/stripe.js"]) {
    const response = await fetch(server + path);
    assert.match(response.headers.get("content-type"), /^text\/javascript/);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(await response.text(), script, path);
  }
  const page = await visit({ tag: "https://js.stripe.com/future/stripe.js", body: "" });
  assert.equal(await page.evaluate(() => window.Stripe.version), "future");
  assert.equal(await page.evaluate(() => Object.hasOwn(window, "Stripe")), true);
});

test("a tag with the server's own address needs no route", async () => {
  const page = await visit({
    tag: `${server}/v3/`,
    policy: `script-src 'self' ${server}; frame-src ${server}; connect-src 'none'`,
    body: '<div id="card"></div>',
    script:
      'window.card = (window.stripe = Stripe("pk_test_123")).elements().create("card"); card.mount("#card"); window.ready = new Promise((resolve) => card.on("ready", resolve));',
  });
  await page.evaluate(() => window.ready);
  await typeCard(page);
  const { token } = await page.evaluate(() => stripe.createToken(card));
  assert.equal(token.card.last4, "4242");
  assert.deepEqual(page.noise, []);
});

test("Stripe() works in a page's head, before there is a body", async () => {
  const page = await visit({ body: "" });
  const found = await page.evaluate(async () => {
    document.body.remove();
    const asked = Stripe("pk_test_123").createToken("pii", { personal_id_number: "000000000" });
    document.documentElement.append(document.createElement("body"));
    dispatchEvent(new Event("DOMContentLoaded"));
    return (await asked).token.type;
  });
  assert.equal(found, "pii");
});

test("a page that loads the script twice keeps the first one", async () => {
  const page = await visit({ body: "" });
  const same = await page.evaluate(async () => {
    const first = window.Stripe;
    const tag = Object.assign(document.createElement("script"), { src: "https://js.stripe.com/basil/stripe.js" });
    await new Promise((resolve) => {
      tag.onload = resolve;
      document.head.append(tag);
    });
    return window.Stripe === first;
  });
  assert.equal(same, true);
  assert.deepEqual(page.noise, ["warning: It looks like Stripe.js was loaded more than one time. Please only load it once per page."]);
});

test("requests go on after a router has swapped the page's body", async () => {
  const page = await visit({ body: "" });
  const types = await page.evaluate(async () => {
    const stripe = Stripe("pk_test_123");
    const first = await stripe.createToken("pii", { personal_id_number: "000000000" });
    document.body = document.createElement("body");
    const second = await stripe.createToken("pii", { personal_id_number: "000000000" });
    return [first.token.type, second.token.type];
  });
  assert.deepEqual(types, ["pii", "pii"]);
});

test("Stripe() refuses secret keys and what is no key", async () => {
  const page = await visit({ body: "" });
  const said = await page.evaluate(() =>
    [["sk_test_123"], ["rk_test_123"], [""], [undefined]].map(([key]) => {
      try {
        return Stripe(key) && "made";
      } catch ({ name, message }) {
        return `${name}: ${message.replace(/\s+/g, " ")}`;
      }
    }),
  );
  const secret = "IntegrationError: You should not use your secret key with Stripe.js. Please pass a publishable key instead.";
  assert.deepEqual(said, [
    secret,
    secret,
    "IntegrationError: Please call Stripe() with your publishable key. You used an empty string.",
    "IntegrationError: Missing value for Stripe(): apiKey should be a string.",
  ]);
  const both = await page.evaluate(() => [typeof new Stripe("pk_test_1").elements, typeof Stripe("pk_test_1").elements]);
  assert.deepEqual(both, ["function", "function"]);
});

test("every method of the types is there; what is not built says so by name", async () => {
  const types = readFileSync(new URL("node_modules/@stripe/stripe-js/dist/stripe-js/stripe.d.ts", import.meta.url), "utf8");
  const body = types.slice(types.indexOf("export interface Stripe {"), types.indexOf("export type PaymentIntentResult"));
  const methods = [...new Set([...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name))];
  assert.ok(methods.length >= 70, `${methods.length} methods`);
  const older = [
    "handleCardPayment",
    "handleCardSetup",
    "createSource",
    "retrieveSource",
    "handleFpxPayment",
    "handleSepaDebitPayment",
    "confirmPaymentIntent",
    "confirmSetupIntent",
    "registerAppInfo",
    "_registerWrapper",
  ];
  const page = await visit({ body: "" });
  const missing = await page.evaluate(
    (names) => {
      const stripe = Stripe("pk_test_123");
      return names.filter((name) => !Object.hasOwn(stripe, name) || typeof stripe[name] !== "function");
    },
    [...methods, ...older],
  );
  assert.deepEqual(missing, []);
  await assert.rejects(
    page.evaluate(() => Stripe("pk_test_123").processOrder({})),
    /IntegrationError: Pinstripe does not have stripe\.processOrder\(\): nothing was done\./,
  );
  const hashed = page.evaluate(() => Stripe("pk_test_123").handleNextAction({ hashedValue: "x" }));
  await assert.rejects(hashed, /IntegrationError: Pinstripe does not have stripe\.handleNextAction\(\{hashedValue\}\): nothing was done\./);
});

test("stripeAccount goes with every request", async () => {
  const page = await visit({ body: "" });
  const asked = page.waitForRequest((request) => request.url().endsWith("/v1/tokens"));
  await page.evaluate(() =>
    Stripe("pk_test_123", { stripeAccount: "acct_1", apiVersion: "2025-03-31.basil" }).createToken("pii", { personal_id_number: "0" }),
  );
  const form = new URLSearchParams((await asked).postData());
  assert.deepEqual(
    [form.get("key"), form.get("_stripe_account"), form.get("_stripe_version")],
    ["pk_test_123", "acct_1", "2025-03-31.basil"],
  );
});

test("a server that can't be reached is an api_connection_error", async () => {
  const page = await visit({ body: "" });
  await page.context().route("**/v1/tokens", (route) => route.abort());
  const { error } = await page.evaluate(() => Stripe("pk_test_123").createToken("pii", { personal_id_number: "0" }));
  assert.equal(error.type, "api_connection_error");
});

test("vue-stripe-js shows a Payment Element, and pays", async () => {
  const script = await bundle(`
    import { createApp, h, ref } from "vue";
    import { StripeElement, StripeElements } from "vue-stripe-js";
    window.show = (clientSecret) => void createApp({
      setup: () => () => h(StripeElements, { stripeKey: "pk_test_123", elementsOptions: { clientSecret } }, {
        default: ({ elements, instance }) => h(StripeElement, { type: "payment", elements, options: {}, onReady: () => Object.assign(window, { elements, stripe: instance, isReady: true }) }),
      }),
    }).mount("#app");`);
  const page = await visit({ body: '<div id="app"></div>', script });
  const { client_secret } = await payment();
  await page.evaluate((secret) => show(secret), client_secret);
  await page.waitForFunction(() => window.isReady);
  await typePayment(page);
  const { paymentIntent } = await page.evaluate(() => stripe.confirmPayment({ elements, redirect: "if_required" }));
  assert.equal(paymentIntent.status, "succeeded");
  assert.deepEqual(
    page.noise.filter((line) => !/development build/.test(line)),
    [],
  );
});

test("the script is less than 25 kB over the wire", async () => {
  const script = await (await fetch(`${server}/v3/`)).text();
  const size = gzipSync(script, { level: 9 }).length;
  assert.ok(size < 25_000, `${size} bytes`);
});
