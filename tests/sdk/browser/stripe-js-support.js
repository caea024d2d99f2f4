// What the suites for Stripe.js need: shops whose pages load it, the way from js.stripe.com to the server, and the API.
import { createServer } from "node:http";
import { after, before, beforeEach } from "node:test";
import { build } from "esbuild";
import { launch } from "./support.js";

/** The running server. */
export const server = process.env.PINSTRIPE_URL;

/** What Stripe documents as the policy of a page with Stripe.js. */
export const POLICY = [
  "default-src 'self'",
  "script-src 'self' https://js.stripe.com https://*.js.stripe.com https://maps.googleapis.com",
  "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
  "connect-src https://api.stripe.com https://maps.googleapis.com",
  "img-src 'self' data:",
].join("; ");

/** Sends a request of the shop's server. */
export async function api(path, params = {}, method = "POST") {
  const form = new URLSearchParams(params);
  const headers = { Authorization: "Bearer sk_test_123" };
  const get = method === "GET";
  const response = await fetch(`${server}/v1/${path}${get ? `?${form}` : ""}`, { method, headers, body: get ? undefined : form });
  return response.json();
}

/** An intent that a card can pay. */
export function payment(params = {}) {
  return api("payment_intents", { amount: 1999, currency: "usd", "payment_method_types[]": "card", ...params });
}

/** A script as one file for a page. */
export async function bundle(source) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "jsx" },
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  });
  return outputFiles[0].text;
}

/** Opens a shop: its front page has the body and the script; every other address says "Thank you". */
export async function openPage({ body = "", tag = "https://js.stripe.com/v3/", script = "", policy = POLICY } = {}) {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">${tag ? `<script src="${tag}"></script>` : ""}<body>${body}<script src="/shop.js"></script></body></html>`;
  const shop = createServer((request, response) => {
    if (request.url === "/shop.js") return response.setHeader("Content-Type", "text/javascript").end(script);
    response.setHeader("Content-Type", "text/html").setHeader("Content-Security-Policy", policy);
    response.end(request.url === "/" ? html : '<!doctype html><title>Done</title><link rel="icon" href="data:,"><h1>Thank you</h1>');
  });
  await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${shop.address().port}`, close: () => shop.close() };
}

/** Leads what a page asks of js.stripe.com and connect-js.stripe.com to the server: the lines that the documentation gives. */
export async function route(context) {
  await context.route(/^https:\/\/(js|connect-js)\.stripe\.com\//, async (route) => {
    const request = route.request();
    const { host, origin, ...headers } = await request.allHeaders();
    const { pathname, search } = new URL(request.url());
    const response = await route.fetch({ url: server + pathname + search, headers, maxRedirects: 0 });
    await route.fulfill({ response });
  });
}

/** A browser, and pages in it that note what their console says. */
export async function openBrowser() {
  const browser = await launch();
  const visit = async (shop) => {
    // High enough for every form: a click right after a scroll can go to the frame that was there before.
    const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1280, height: 1600 } });
    await route(context);
    // What a page still asks for when it is closed is answered by nobody, and that is no fault of the test.
    const close = context.close.bind(context);
    context.close = () => context.unrouteAll({ behavior: "ignoreErrors" }).then(close);
    const page = await context.newPage();
    page.noise = [];
    page.on("console", (message) => page.noise.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => page.noise.push(String(error)));
    await page.goto(`${shop.url}/`);
    return page;
  };
  const close = async () => {
    for (const context of browser.contexts()) await context.close();
    await browser.close();
  };
  return { visit, close };
}

/** A browser and a shop for the tests of a file, and a page of it anew for each test: `browser`, `shop` and `page` of the answer. */
export function openSuite(options) {
  const suite = {};
  before(async () => {
    suite.browser = await openBrowser();
    suite.shop = await openPage(options);
  });
  after(async () => {
    suite.shop?.close();
    await suite.browser?.close();
  });
  beforeEach(async () => {
    await suite.page?.context().close();
    suite.page = await suite.browser.visit(suite.shop);
  });
  return suite;
}

/** The document in an element's frame. */
export function frame(page, title) {
  return page.frameLocator(`iframe[title="${title}"]`);
}

/** Types a card into a Card Element. */
export async function typeCard(page, number = "4242424242424242") {
  const card = frame(page, "Secure card payment input frame");
  await card.locator("[name=cardnumber]").fill(number);
  await card.locator("[name=exp-date]").fill("1234");
  await card.locator("[name=cvc]").fill("123");
  await card.locator("[name=postal]").fill("12345");
}

/** Types a card into a Payment Element. */
export async function typePayment(page, number = "4242424242424242") {
  const payment = frame(page, "Secure payment input frame");
  await payment.locator("[name=number]").fill(number);
  await payment.locator("[name=expiry]").fill("1234");
  await payment.locator("[name=cvc]").fill("123");
  await payment.locator("[name=postalCode]").fill("12345");
}

/** The bank's page of a 3-D Secure challenge. */
export function bank(page) {
  return page
    .frameLocator('body > div > iframe[name^="__privateStripeFrame"][src^="https://js.stripe.com/v3/three-ds-2-challenge"]')
    .frameLocator('iframe#challengeFrame[name="stripe-challenge-frame"]');
}

/** Starts a call in the page, and gives the promise of its result, so that the test can act meanwhile. */
export function start(page, call, given) {
  const result = page.evaluate(call, given);
  // Whoever started it waits for it later; until then a failure is not unhandled.
  result.catch(() => {});
  return result;
}
