// The pages of payments that are completed elsewhere: codes to scan, vouchers, deposits in a bank account, mandates.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch } from "./support.js";

let stripe, browser, page;
const complaints = [];

before(async () => {
  stripe = await open("browser-elsewhere");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

/** Opens a page on a telephone, in a theme; nothing of it hinders or is cut off. */
async function visit(link, colorScheme = "light") {
  await page?.context().close();
  page = await (await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme })).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  assert.equal((await page.goto(link)).status(), 200);
  assert.deepEqual(await hindrances(page), [], `${link} in ${colorScheme}`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${link} is wider than a telephone`);
}

const ADA = { name: "Ada Byron", email: "ada@example.com" };
const pay = (type, currency, data = {}, more = {}) =>
  stripe.paymentIntents.create({
    amount: 2000, currency, confirm: true, payment_method_types: [type], return_url: "https://shop.example/back",
    payment_method_data: { type, billing_details: ADA, ...data }, ...more,
  });

test("a code is scanned, and the payment succeeds", async () => {
  const made = await pay("paynow", "sgd");
  const { hosted_instructions_url, image_url_png } = made.next_action.paynow_display_qr_code;
  // The picture is one that a browser shows.
  await visit(hosted_instructions_url, "light");
  await page.goto(image_url_png);
  assert.ok(await page.evaluate(() => document.images[0].naturalWidth > 100));
  await visit(hosted_instructions_url, "dark");
  const code = await page.getByRole("img", { name: "QR code" }).boundingBox();
  assert.ok(code.width > 100 && code.height > 100);
  await page.getByRole("link", { name: "Authorize Test Payment" }).click();
  await page.getByText("succeeded").waitFor();
});

test("a voucher says what to pay", async () => {
  const address = { line1: "1 Rua", city: "Recife", state: "PE", postal_code: "50000-000", country: "BR" };
  const made = await pay("boleto", "brl", { boleto: { tax_id: "00000000000" }, billing_details: { ...ADA, address } });
  const voucher = made.next_action.boleto_display_details;
  for (const theme of ["light", "dark"]) await visit(voucher.hosted_voucher_url, theme);
  await page.getByText(voucher.number).waitFor();
});

test("deposits are told with the keyboard alone", async () => {
  const made = await pay(
    "acss_debit", "cad", { acss_debit: { institution_number: "000", transit_number: "11000", account_number: "000123456789" } },
    {
      mandate_data: { customer_acceptance: { type: "offline" } },
      payment_method_options: { acss_debit: { verification_method: "microdeposits", mandate_options: { payment_schedule: "sporadic", transaction_type: "personal" } } },
    },
  );
  const link = made.next_action.verify_with_microdeposits.hosted_verification_url;
  for (const theme of ["light", "dark"]) await visit(link, theme);
  await page.getByLabel("First deposit").focus();
  await page.keyboard.type("11");
  await page.keyboard.press("Tab");
  await page.keyboard.type("12");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.deepEqual(await hindrances(page), []);
  await page.getByLabel("First deposit").fill("32");
  await page.getByLabel("Second deposit").fill("45");
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("There is nothing left to verify.").waitFor();
});

test("a mandate says what was consented to", async () => {
  const made = await pay("sepa_debit", "eur", { sepa_debit: { iban: "DE89370400440532013000" } }, {
    mandate_data: { customer_acceptance: { type: "online", online: { ip_address: "127.0.0.1", user_agent: "test" } } }, expand: ["latest_charge"],
  });
  const mandate = await stripe.mandates.retrieve(made.latest_charge.payment_method_details.sepa_debit.mandate);
  for (const theme of ["light", "dark"]) await visit(mandate.payment_method_details.sepa_debit.url, theme);
  await page.getByRole("heading", { name: "Mandate" }).waitFor();
});
