// What a page of any site can do with the frames of the stand-in: nothing but what a publishable key may do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPage, server } from "./stripe-js-support.js";

let browser, shop, page;
before(async () => {
  browser = await openBrowser();
  shop = await openPage({ tag: "" });
  page = await browser.visit(shop);
  // The page of another site speaks to the frame itself.
  await page.evaluate(async () => {
    const frame = document.createElement("iframe");
    const loaded = new Promise((resolve) => addEventListener("message", ({ data }) => data.event === "loaded" && resolve()));
    frame.src = "https://js.stripe.com/v3/controller-other.html";
    document.body.append(frame);
    await loaded;
    let asked = 0;
    window.ask = (request) => new Promise((resolve) => {
      const ask = ++asked;
      addEventListener("message", ({ data }) => data.answer === ask && resolve(data));
      frame.contentWindow.postMessage({ ask, ...request }, "https://js.stripe.com");
    });
  });
});
after(async () => {
  shop?.close();
  await browser?.close();
});

const ask = (request) => page.evaluate((one) => window.ask(one), request);

test("a frame asks the API with a publishable key", async () => {
  const params = { key: "pk_test_123", type: "card", card: { token: "tok_visa" } };
  const { status, body } = await ask({ method: "POST", path: "/v1/payment_methods", params });
  assert.deepEqual([status, body.object], [200, "payment_method"]);
});

test("a frame asks for nothing else", async () => {
  const key = "pk_test_123";
  await fetch(`${server}/v1/customers`, { method: "POST", headers: { Authorization: "Bearer sk_test_123" }, body: new URLSearchParams({ name: "Kept" }) });
  for (const request of [
    { method: "POST", path: "/_pinstripe/reset", params: { key } },
    { method: "GET", path: "/_pinstripe/state", params: { key } },
    { method: "GET", path: "/v1/../_pinstripe/state", params: { key } },
    { method: "GET", path: "/v1/%2e%2e/_pinstripe/state", params: { key } },
    { method: "GET", path: "https://example.com/v1/tokens", params: { key } },
    { method: "GET", path: "//example.com/v1/tokens", params: { key } },
    { method: "DELETE", path: "/v1/customers/cus_1", params: { key } },
    { method: "GET", path: "/v1/customers", params: { key: "sk_test_123" } },
    { method: "GET", path: "/v1/customers", params: {} },
    { method: "GET", path: "/v1/customers" },
    {},
  ]) {
    const answer = await ask(request);
    assert.deepEqual([answer.failed, answer.body], [true, undefined], JSON.stringify(request));
  }
  const kept = await fetch(`${server}/v1/customers`, { headers: { Authorization: "Bearer sk_test_123" } });
  assert.ok((await kept.json()).data.some(({ name }) => name === "Kept"));
});
