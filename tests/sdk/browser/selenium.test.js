// The page of a Checkout Session driven by Selenium, with the driver of the machine's own browser: what is true for one kind of test is true
// for the other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Builder, By, until } from "selenium-webdriver";
import chrome from "selenium-webdriver/chrome.js";
import { open } from "../node/support.js";
import { openShop, path } from "./support.js";

const WAIT = 10_000;
let stripe, driver, shop;

before(async () => {
  stripe = await open("browser-selenium");
  shop = await openShop();
  const options = new chrome.Options().setChromeBinaryPath(path()).addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
  const service = new chrome.ServiceBuilder(process.env.CHROMEDRIVER ?? "/usr/bin/chromedriver");
  driver = await new Builder().forBrowser("chrome").setChromeOptions(options).setChromeService(service).build();
});
after(async () => {
  await driver?.quit();
  shop?.close();
});

const MUG = { quantity: 1, price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Mug" } } };
const session = (more = {}) =>
  stripe.checkout.sessions.create({ mode: "payment", success_url: `${shop.url}/done`, line_items: [MUG], ...more });
const type = async (id, text) => (await driver.wait(until.elementLocated(By.id(id)), WAIT)).sendKeys(text);

async function fill(number) {
  await type("email", "jenny@example.com");
  await type("cardNumber", number);
  await type("cardExpiry", "1234");
  await type("cardCvc", "123");
  await type("billingName", "Jenny Rosen");
  await driver.findElement(By.css("#billingCountry option[value=US]")).click();
  await type("billingPostalCode", "94107");
}
const submit = () => driver.findElement(By.css("[data-testid=hosted-payment-submit-button]")).click();

test("a card pays", async () => {
  const made = await session();
  await driver.get(made.url);
  await fill("4242424242424242");
  await submit();
  await driver.wait(until.urlContains(`${shop.url}/done`), WAIT);
  assert.equal((await stripe.checkout.sessions.retrieve(made.id)).payment_status, "paid");
});

test("a decline keeps what was typed, and another card pays", async () => {
  const made = await session();
  await driver.get(made.url);
  await fill("4000000000000002");
  await submit();
  const said = await driver.wait(until.elementLocated(By.css(".ConfirmPaymentButton-Error:not(:empty), .FieldError:not(:empty)")), WAIT);
  await driver.wait(until.elementTextContains(said, "declined"), WAIT);
  assert.equal(await driver.findElement(By.id("email")).getAttribute("value"), "jenny@example.com");
  await driver.findElement(By.id("cardNumber")).clear();
  await type("cardNumber", "4242424242424242");
  await submit();
  await driver.wait(until.urlContains(`${shop.url}/done`), WAIT);
});

test("3-D Secure is passed in its frame", async () => {
  const made = await session();
  await driver.get(made.url);
  await fill("4000000000003220");
  await submit();
  const frame = await driver.wait(until.elementLocated(By.css("iframe[name=stripe-challenge-frame]")), WAIT);
  await driver.switchTo().frame(frame);
  await (await driver.wait(until.elementLocated(By.id("test-source-authorize-3ds")), WAIT)).click();
  await driver.switchTo().defaultContent();
  await driver.wait(until.urlContains(`${shop.url}/done`), WAIT);
  assert.equal((await stripe.checkout.sessions.retrieve(made.id)).status, "complete");
});
