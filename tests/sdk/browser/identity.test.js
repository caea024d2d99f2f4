// A verification session's page, as a person uses it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch, openShop } from "./support.js";

let stripe, browser, shop, page;
const complaints = [];

before(async () => {
  stripe = await open("browser-identity");
  [browser, shop] = await Promise.all([launch(), openShop()]);
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

async function visit(link, settings = {}) {
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  assert.equal((await page.goto(link)).status(), 200);
}

const session = (more = {}) => stripe.identity.verificationSessions.create({ type: "document", return_url: `${shop.url}/done`, ...more });
const press = (name) => Promise.all([page.waitForURL(`${shop.url}/done`), page.getByRole("button", { name, exact: true }).click()]);
const read = ({ id }, expand = []) => stripe.identity.verificationSessions.retrieve(id, { expand });

test("a person fails, and is verified at the second attempt", async () => {
  const made = await session({ options: { document: { require_matching_selfie: true } } });
  await visit(made.url);
  await press("selfie_face_mismatch");
  const failed = await read(made, ["last_verification_report"]);
  assert.deepEqual([failed.status, failed.last_error.code, failed.last_verification_report.selfie.status], ["requires_input", "selfie_face_mismatch", "unverified"]);
  await visit(made.url);
  await page.getByRole("heading", { name: "This link is over" }).waitFor();
  await visit(failed.url);
  await page.getByText("The last attempt:").waitFor();
  await press("Verified");
  const verified = await read(made, ["verified_outputs"]);
  assert.deepEqual([verified.status, verified.last_error, verified.verified_outputs.first_name], ["verified", null, "Jenny"]);
});

test("the keyboard alone verifies", async () => {
  const made = await session();
  await visit(made.url);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "verified");
  await Promise.all([page.waitForURL(`${shop.url}/done`), page.keyboard.press("Enter")]);
  assert.equal((await read(made)).status, "verified");
});

test("the page fits a telephone in both themes, and hinders nobody", async () => {
  const options = { document: { require_matching_selfie: true, require_id_number: true } };
  const { url } = await session({ options });
  for (const colorScheme of ["light", "dark"]) {
    await visit(url, { viewport: { width: 320, height: 640 }, colorScheme });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${width} pixels wide`);
    assert.deepEqual(await hindrances(page), [], colorScheme);
  }
});
