// Tests that wait for the service's own addresses: links lead to its hosts for a client that comes by one of them, and a route brings the
// browser to the server (docs/browser-tests.md).
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { baseUrl, open } from "../node/support.js";
import { launch, openShop } from "./support.js";

const KEY = "sk_test_sandbox_browser-hosts";
let stripe, browser, shop, page;

before(async () => {
  stripe = await open("browser-hosts");
  [browser, shop] = await Promise.all([launch(), openShop()]);
  page = await (await browser.newContext()).newPage();
  await page.route(/^https:\/\/(checkout|buy|billing|invoice|pay|hooks|connect|verify)\.stripe\.com\//, async (route) => {
    const url = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${baseUrl}${url.pathname}${url.search}` }) });
  });
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** A call of a client that reaches the server by the name api.stripe.com. */
function call(path, params) {
  const headers = { Authorization: `Bearer ${KEY}`, Host: "api.stripe.com", "Content-Type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const sent = request(`${baseUrl}${path}`, { method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject).end(new URLSearchParams(params).toString());
  });
}

test("a session is paid at the address of the service's own page", async () => {
  const made = await call("/v1/checkout/sessions", {
    mode: "payment", success_url: `${shop.url}/done`, "line_items[0][quantity]": "1", "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "1000", "line_items[0][price_data][product_data][name]": "Mug",
  });
  await page.goto(made.url);
  await page.waitForURL("https://checkout.stripe.com/c/pay/**");
  for (const [id, text] of [["email", "jenny@example.com"], ["cardNumber", "4242424242424242"], ["cardExpiry", "1234"], ["cardCvc", "123"], ["billingName", "Jenny"], ["billingPostalCode", "94107"]]) {
    await page.locator(`#${id}`).fill(text);
  }
  await page.getByTestId("hosted-payment-submit-button").click();
  await page.waitForURL(`${shop.url}/done`);
  assert.equal((await stripe.checkout.sessions.retrieve(made.id)).payment_status, "paid");
});

test("a receipt stands on its host", async () => {
  const charge = await call("/v1/charges", { amount: "500", currency: "usd", source: "tok_visa" });
  assert.match(charge.receipt_url, /^https:\/\/pay\.stripe\.com\/receipts\/ch_/);
  await page.goto(charge.receipt_url);
  await page.getByRole("heading", { name: "Receipt" }).waitFor();
});
