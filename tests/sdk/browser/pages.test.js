// Every page in a real browser: an invoice that is paid there, its PDF, both themes, narrow windows, the keyboard.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch, openShop } from "./support.js";

let stripe, browser, shop, page;
const complaints = [];

before(async () => {
  stripe = await open("browser-pages");
  [browser, shop] = await Promise.all([launch(), openShop()]);
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

/** Opens a link in a browser with these settings, which keeps nothing of the one before. */
async function visit(link, settings = {}) {
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  // A browser asks for an icon by itself, which a page of this kind has none of.
  page.on("console", (said) => {
    if (said.type() === "error" && !said.location().url.endsWith("/favicon.ico")) complaints.push(said.text());
  });
  page.on("request", (request) => {
    if (!request.isNavigationRequest() && !request.url().endsWith("/favicon.ico")) complaints.push(request.url());
  });
  const answer = await page.goto(link);
  assert.equal(answer.status(), 200);
}

/** An open invoice, with a name that is long, hostile and not Latin alone. */
async function invoice(more = {}) {
  const customer = await stripe.customers.create({
    name: "Łukasz Ångström-<script>alert(1)</script> 株式会社", email: "lukasz@example.com",
    address: { line1: "1 Main Street", postal_code: "10115", city: "Berlin", country: "DE" },
  });
  const description = `Mug with a name that is too long for one line ${"x".repeat(60)}`;
  await stripe.invoiceItems.create({ customer: customer.id, amount: 2000, currency: "usd", description });
  const draft = await stripe.invoices.create({
    customer: customer.id, pending_invoice_items_behavior: "include", collection_method: "send_invoice", days_until_due: 30, ...more,
  });
  return stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
}

const pay = () => page.getByRole("button", { name: /^Pay / }).click();
const choose = (name) => page.getByRole("radio", { name }).check();
const status = async (made) => (await stripe.invoices.retrieve(made.id)).status;

test("a card pays the invoice, and the page then is a receipt", async () => {
  const made = await invoice();
  await visit(made.hosted_invoice_url);
  assert.match(await page.getByRole("heading", { level: 1 }).textContent(), /^\$20\.00 due /);
  await choose(/4242/);
  await pay();
  await page.getByRole("heading", { name: /^\$20\.00 paid on / }).waitFor();
  assert.equal(await page.getByRole("button").count(), 0);
  assert.equal(await status(made), "paid");
});

test("a decline is said, and another card pays", async () => {
  const made = await invoice();
  await visit(made.hosted_invoice_url);
  await choose(/is declined/);
  await pay();
  assert.equal(await page.getByRole("alert").textContent(), "Your card was declined.");
  await pay();
  await page.getByRole("heading", { name: /paid on/ }).waitFor();
  assert.equal(await status(made), "paid");
});

for (const [button, expected] of [["Complete", "paid"], ["Fail", "open"]]) {
  test(`3-D Secure, ${button}: the invoice is ${expected}`, async () => {
    const made = await invoice();
    await visit(made.hosted_invoice_url);
    await choose(/3D Secure/);
    await pay();
    await page.getByRole("button", { name: button }).click();
    await page.waitForURL((url) => url.pathname === new URL(made.hosted_invoice_url).pathname);
    assert.equal(await page.locator("dd strong").textContent(), expected);
    assert.equal(await page.getByRole("alert").count(), expected === "open" ? 1 : 0);
    assert.equal(await status(made), expected);
  });
}

test("the keyboard alone pays", async () => {
  const made = await invoice();
  await visit(made.hosted_invoice_url);
  const reached = [];
  for (let n = 0; n < 6 && reached.at(-1) !== "BUTTON"; n += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.tagName));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid", "the focus is seen");
  }
  assert.deepEqual(reached, ["A", "INPUT", "BUTTON"]);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /paid on/ }).waitFor();
  assert.equal(await status(made), "paid");
});

test("a void invoice and an uncollectible one say so", async () => {
  const gone = await invoice();
  await stripe.invoices.voidInvoice(gone.id);
  await visit(gone.hosted_invoice_url);
  await page.getByRole("heading", { name: /voided on/ }).waitFor();
  assert.equal(await page.getByRole("button").count(), 0);
  const doubtful = await invoice();
  await stripe.invoices.markUncollectible(doubtful.id);
  await visit(doubtful.hosted_invoice_url);
  assert.equal(await page.locator("dd strong").textContent(), "uncollectible");
  assert.equal(await page.getByRole("button", { name: "Pay $20.00" }).count(), 1);
});

/** The pages that there are: name and address. */
async function everyPage() {
  const intent = await stripe.paymentIntents.create({
    amount: 2000, currency: "usd", payment_method: "pm_card_threeDSecure2Required", confirm: true, return_url: shop.url,
  });
  const session = await stripe.checkout.sessions.create({
    mode: "payment", success_url: shop.url, cancel_url: shop.url,
    line_items: [{ quantity: 2, price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Mug ".repeat(20) } } }],
  });
  const charge = await stripe.charges.create({ amount: 2000, currency: "usd", source: "tok_visa", description: "Tea" });
  return Object.entries({
    invoice: (await invoice()).hosted_invoice_url,
    decision: intent.next_action.redirect_to_url.url,
    checkout: session.url,
    receipt: charge.receipt_url,
  });
}

test("every page fits into 320 pixels, in both themes, and has its landmarks", async () => {
  for (const [name, link] of await everyPage()) {
    const grounds = [];
    for (const colorScheme of ["light", "dark"]) {
      await visit(link, { viewport: { width: 320, height: 640 }, colorScheme });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 320, `${name} is ${width} pixels wide`);
      grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      for (const role of ["banner", "main", "contentinfo"]) assert.equal(await page.getByRole(role).count(), 1, `${name}: ${role}`);
      assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, name);
      assert.notEqual(await page.title(), "", name);
      assert.deepEqual(await hindrances(page), [], name);
    }
    assert.notEqual(grounds[0], grounds[1], `${name} is the same in both themes`);
  }
});

/** What pdftotext reads. */
async function printed(link) {
  const file = Buffer.from(await (await fetch(link)).arrayBuffer());
  return execFileSync("pdftotext", ["-layout", "-", "-"], { input: file, encoding: "utf8" });
}

test("the link on the page leads to a PDF with the numbers on it", async () => {
  const made = await invoice();
  await visit(made.hosted_invoice_url);
  const link = page.getByRole("link", { name: "Download PDF" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  assert.equal(download.suggestedFilename(), `Invoice-${made.number}.pdf`);
  const text = await printed(made.invoice_pdf);
  for (const part of ["Łukasz Ångström-<script>alert(1)</script>", "株式会社", "10115 Berlin", made.number, "Page 1 of 1"]) {
    assert.ok(text.includes(part), `${part}:\n${text}`);
  }
  assert.match(text, /Total +\$20\.00\n.*Amount due +\$20\.00/s);
  const note = await stripe.creditNotes.create({ invoice: made.id, amount: 500 });
  assert.match(await printed(note.pdf), /Credit note.*\$5\.00 credited.*Total credited +\$5\.00/s);
});
