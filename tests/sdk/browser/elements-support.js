// A shop's page with the script that stands in for Stripe.js, and elements on it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { baseUrl, keyOf } from "../node/support.js";
import { hindrances, launch } from "./support.js";

const PAGE = (script) => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>
<link rel="icon" href="data:,"><style>body{margin:16px;font:16px system-ui}main>div{margin-bottom:16px}</style><main><h1>Shop</h1></main><script src="${script}"></script>`;

/** A shop whose page loads the script; `script` in the query is its path. */
async function openElements() {
  const server = createServer((request, response) => {
    const script = new URL(request.url, "http://shop").searchParams.get("script") ?? "/v3/";
    response.setHeader("Content-Type", "text/html");
    response.end(PAGE(baseUrl + script));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** A window to visit the shop in; what the browser complains about is added to `complaints`. */
async function newPage(browser, complaints) {
  const page = await browser.newPage();
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

/** Opens the shop's page anew. */
async function visit(page, shop, { script = "/v3/", viewport = { width: 700, height: 800 } } = {}) {
  await page.setViewportSize(viewport);
  await page.goto(`${shop.url}?script=${encodeURIComponent(script)}`);
  await page.evaluate((key) => {
    window.stripe = window.Stripe(key);
    window.told = [];
    window.made = {};
  }, keyOf("elements", "pk"));
}

/** What the page is to be told about, of every element. */
const EVENTS = ["ready", "change", "focus", "blur", "escape", "click", "networkschange", "carddetailschange", "savedpaymentmethodremove", "availablepaymentmethodschange"];

/** Makes a group and puts its elements into the page, each into a node with the id of its type; resolves once they are ready. */
export function mount(page, elements, group = {}) {
  return page.evaluate(async ([elements, group, events]) => {
    window.group = window.stripe.elements({ mode: "payment", amount: 2000, currency: "usd", paymentMethodTypes: ["card"], ...group });
    const ready = Object.entries(elements).map(([type, options]) => {
      const node = document.createElement("div");
      node.id = type;
      document.querySelector("main").append(node);
      const element = window.group.create(type, options);
      window.made[type] = element;
      for (const name of events) {
        element.on(name, ({ resolve, reject, ...event }) => {
          window.told.push([name, event]);
          reject?.();
        });
      }
      return new Promise((resolve) => {
        element.on("ready", resolve);
        element.mount(node);
      });
    });
    await Promise.all(ready);
  }, [elements, group, EVENTS]);
}

/** A browser, a shop and a window in it for the tests of a file, and at the end nothing that the browser has complained about. */
export function openSuite() {
  const suite = { complaints: [] };
  before(async () => {
    [suite.browser, suite.shop] = await Promise.all([launch(), openElements()]);
    suite.page = await newPage(suite.browser, suite.complaints);
  });
  after(async () => {
    await suite.browser?.close();
    suite.shop?.close();
    assert.deepEqual(suite.complaints, [], "what the browser complained about");
  });
  /** Opens the shop's page anew. */
  suite.visit = (how) => visit(suite.page, suite.shop, how);
  /** Opens it with elements on it. */
  suite.open = async (elements, group, how) => {
    await suite.visit(how);
    await mount(suite.page, elements, group);
  };
  return suite;
}

/** Draws an element that only its frame knows all of: a page that tells the frame itself what the script has no option for. */
export function draw(page, type, options = {}, group = {}) {
  return page.evaluate(([type, options, group, origin]) => {
    const frame = document.createElement("iframe");
    frame.name = `__privateStripeFrame-${type}`;
    frame.title = type;
    frame.style.cssText = "border:0;width:100%;height:400px";
    frame.src = `${origin}/v3/elements-inner-${type}-pinstripe.html`;
    window.answers = {};
    window.calls = [];
    window.say = (message) => frame.contentWindow.postMessage(message, origin);
    window.ask = (show) => new Promise((resolve) => {
      window.answers[1] = resolve;
      window.say({ action: "values", ask: 1, show });
    });
    return new Promise((resolve) => {
      addEventListener("message", ({ source, data }) => {
        if (source !== frame.contentWindow) return;
        if (data.answer) return window.answers[data.answer](data);
        if (data.event === "loaded") window.say({ action: "init", type, options, group });
        if (data.event === "ready") resolve();
        if (data.event === "change") window.told.push(["change", data.state]);
        else window.told.push([data.event, data.detail ?? {}]);
        if (data.event !== "call") return;
        window.calls.push([data.name, data.params]);
        window.say({ answer: data.call });
      });
      document.querySelector("main").append(frame);
    });
  }, [type, options, group, baseUrl]);
}

/** Waits until the page was told an event that passes, and gives the last such. */
export async function told(page, name, passes = () => true) {
  for (let tries = 0; tries < 500; tries += 1) {
    const events = await page.evaluate((name) => window.told.filter(([told]) => told === name).map(([, event]) => event), name);
    const found = events.findLast(passes);
    if (found) return found;
    await page.waitForTimeout(20);
  }
  throw new Error(`no ${name} came that passes: ${JSON.stringify(await page.evaluate(() => window.told))}`);
}

/** What hinders people in the frame of an element, or is cut off there. The heading above a frame is the page's own. */
export async function hindrancesIn(page, file) {
  const frame = page.frames().find((frame) => frame.url().includes(`/elements-inner-${file}-`));
  const found = (await hindrances(frame)).filter((rule) => !rule.startsWith("page-has-heading-one"));
  const isCut = await frame.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  return isCut ? [...found, `${file} is wider than its frame`] : found;
}
