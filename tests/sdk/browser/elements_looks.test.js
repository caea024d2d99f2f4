// How elements look: themes, variables, rules and fonts of the shop; that nobody is hindered, on a telephone either.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { draw, hindrancesIn, mount, openSuite } from "./elements-support.js";

const suite = openSuite();
let page;
beforeEach(() => ({ page } = suite));

const TELEPHONE = { viewport: { width: 320, height: 800 } };
const TYPES = { paymentMethodTypes: ["card", "sepa_debit", "ideal", "klarna"], currency: "eur" };
const { open } = suite;
const payment = () => page.frameLocator("#payment iframe");
const look = (locator, property) => locator.evaluate((node, property) => getComputedStyle(node)[property], property);

test("each theme has its colours, and the shop's variables and rules go over them", async () => {
  const number = () => payment().locator("[name=number]");
  const colours = async () => [await look(number(), "backgroundColor"), await look(number(), "color")];
  await open({ payment: {} });
  assert.deepEqual(await colours(), ["rgb(255, 255, 255)", "rgb(48, 49, 61)"]);
  const appearance = {
    theme: "night",
    variables: { colorBackground: "rgb(10, 10, 40)", borderRadius: "11px", spacingUnit: "6px", fontSizeBase: "18px", gridRowSpacing: "30px" },
    rules: { ".Label": { textTransform: "uppercase", color: "var(--colorPrimary)" }, ".Input:focus": { borderColor: "rgb(0, 255, 0)" }, ".Tab--selected, .Block": { fontStyle: "italic" }, ".Tab .nothing{}": { color: "red" } },
  };
  await page.evaluate((appearance) => window.group.update({ appearance }), appearance);
  await page.evaluate(() => window.made.payment.getValue());
  assert.deepEqual(await colours(), ["rgb(10, 10, 40)", "rgb(255, 255, 255)"]);
  assert.deepEqual([await look(number(), "borderRadius"), await look(number(), "paddingTop"), await look(number(), "fontSize")], ["11px", "18px", "18px"]);
  const label = payment().locator(".Label").first();
  assert.deepEqual([await look(label, "textTransform"), await look(label, "color")], ["uppercase", "rgb(133, 217, 150)"]);
  await number().focus();
  assert.equal(await look(number(), "borderTopColor"), "rgb(0, 255, 0)");
  assert.equal(await look(payment().locator("#card-tab"), "fontStyle"), "italic");
  await page.evaluate(() => window.group.update({ appearance: { theme: "flat" } }));
  await page.evaluate(() => window.made.payment.getValue());
  assert.deepEqual(await colours(), ["rgb(241, 241, 241)", "rgb(48, 49, 61)"]);
});

test("what a shop sends as style can be nothing but style", async () => {
  await open({ payment: {} }, { appearance: { variables: { colorText: "red}html{display:none" }, rules: { "body{display:none}": { color: "red" }, "html": { display: "none" }, ".Input": { color: "blue}html{display:none}" } } } });
  await payment().getByLabel("Card number").waitFor();
  assert.equal(await look(payment().locator("html"), "display"), "block");
});

test("labels float into their fields where the shop wants it", async () => {
  await open({ payment: {} }, { appearance: { labels: "floating" } });
  const label = payment().locator("label[for=payment-numberInput]");
  const number = payment().locator("[name=number]");
  assert.match(await label.getAttribute("class"), /Label--resting/);
  const resting = (await label.boundingBox()).y;
  await number.fill("4242");
  assert.match(await label.getAttribute("class"), /Label--floating/);
  assert.ok((await label.boundingBox()).y < resting);
  const [box, field] = [await label.boundingBox(), await number.boundingBox()];
  assert.ok(box.y > field.y && box.y + box.height < field.y + field.height, "the label is in its field");
});

test("the frame is as high as what it shows", async () => {
  await open({ payment: {} });
  const height = async () => (await page.locator("#payment iframe").boundingBox()).height;
  const before = await height();
  await page.evaluate(() => window.group.submit());
  await page.waitForFunction((before) => document.querySelector("#payment iframe").getBoundingClientRect().height > before + 20, before);
  const frame = page.frames().find((frame) => frame.url().includes("elements-inner-payment"));
  assert.equal(await frame.evaluate(() => document.documentElement.scrollHeight), await height());
});

test("an element that is mounted while it is hidden is whole once it is shown", async () => {
  await suite.visit();
  await page.evaluate(() => (document.querySelector("main").hidden = true));
  await mount(page, { payment: {}, card: {} }, TYPES);
  await page.evaluate(() => (document.querySelector("main").hidden = false));
  await payment().getByLabel("ZIP").fill("94107");
  await page.waitForFunction(() => document.querySelector("#payment iframe").getBoundingClientRect().height > 250);
  assert.deepEqual(await payment().getByRole("tab").allTextContents(), ["Card", "SEPA Direct Debit", "iDEAL", "Klarna"]);
  const frame = page.frames().find((frame) => frame.url().includes("elements-inner-payment"));
  await page.waitForFunction((height) => document.querySelector("#payment iframe").getBoundingClientRect().height === height, await frame.evaluate(() => document.documentElement.scrollHeight));
});

test("a font of the shop is loaded, and one that isn't there is no error", async () => {
  const fonts = [{ family: "Shop", src: "url(data:font/woff2;base64,AAAA)", weight: "500" }];
  await open({ payment: {} }, { fonts, appearance: { variables: { fontFamily: "Shop, serif" } } });
  assert.match(await look(payment().locator("[name=number]"), "fontFamily"), /^Shop, serif$/);
  // The browser says more about such a file than the frame does.
  const ours = () => suite.complaints.filter((text) => text.startsWith("Pinstripe"));
  for (let tries = 0; tries < 500 && ours().length === 0; tries += 1) await page.waitForTimeout(20);
  assert.deepEqual(ours(), ["Pinstripe: the font Shop did not load."]);
  suite.complaints.length = 0;
});

test("the Payment Element hinders nobody in dark or flat colours, on a telephone, with errors", async () => {
  for (const [theme, labels] of [["night", "floating"], ["flat", "above"]]) {
    await open({ payment: {} }, { ...TYPES, appearance: { theme, labels } }, TELEPHONE);
    const frame = page.frames().find((frame) => frame.url().includes("elements-inner-payment"));
    // The page's own colour is behind the frame.
    if (theme === "night") await frame.evaluate(() => (document.documentElement.style.background = "#1a1b25"));
    await page.evaluate(() => window.group.submit());
    assert.deepEqual(await hindrancesIn(page, "payment"), [], `${theme} ${labels}`);
  }
});

test("an accordion and saved payment methods hinder nobody", async () => {
  await suite.visit(TELEPHONE);
  const card = (id) => ({ id, type: "card", billing_details: {}, card: { brand: "mastercard", last4: "4444", exp_month: 1, exp_year: 2034 } });
  const customer = { payment_methods: [card("pm_1"), card("pm_2")], features: { payment_method_remove: "enabled" } };
  await draw(page, "payment", { layout: "accordion" }, { payment_method_types: ["card", "us_bank_account", "boleto"], customer, require_cvc_recollection: true });
  assert.deepEqual(await hindrancesIn(page, "payment"), []);
  await page.frameLocator("iframe[title=payment]").getByTestId("boleto").click();
  assert.deepEqual(await hindrancesIn(page, "payment"), []);
});

test("no other element hinders anybody, on a telephone either", async () => {
  const elements = {
    address: { mode: "shipping", fields: { phone: "always" }, contacts: [{ name: "Ada", address: { line1: "1 Elm St", city: "Concord", state: "MA", postal_code: "01742", country: "US" } }] },
    "link-authentication": {}, "express-checkout": {}, iban: {}, "ideal-bank": {}, "au-bank-account": {}, "tax-id": {}, "payment-method-messaging": { amount: 4000, currency: "USD" }, terms: {}, "contact-details": {}, "link-signup": {},
  };
  const named = Object.fromEntries(Object.entries(elements).map(([file, options]) => [file.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), options]));
  await open(named, {}, { ...TELEPHONE, script: "/v3/?wallets=applePay,googlePay,paypal,klarna" });
  await page.frameLocator("#idealBank iframe").getByRole("button").click();
  for (const file of Object.keys(elements)) assert.deepEqual(await hindrancesIn(page, file), [], file);
});
