// The live page: the objects of a sandbox, and one of them with what leads to it and what can be done with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HOSTILE, openUi, WINDOWS } from "./ui-support.js";

let ui, customer, charge;

before(async () => {
  ui = await openUi("browser-ui-objects");
  customer = await ui.stripe.customers.create({ name: HOSTILE, email: "ada@example.com", source: "tok_visa" });
  await ui.stripe.customers.create({ name: "Bob", email: "bob@example.com" });
  charge = await ui.stripe.charges.create({ amount: 4200, currency: "usd", customer: customer.id });
  await ui.stripe.customers.update(customer.id, { description: "Wholesale" });
});
after(() => ui?.close());

const title = (name) => ui.page.getByRole("heading", { level: 1, name }).waitFor();
const cells = (...texts) => texts.reduce((found, hasText) => found.filter({ hasText }), ui.page.getByRole("row"));

test("kinds are counted, and one is listed with names as text", async () => {
  await ui.visit("/objects");
  const count = (await ui.stripe.customers.list({ limit: 100 })).data.length;
  await ui.page.getByRole("link", { name: `customer ${count}`, exact: true }).click();
  await title("customer");
  await cells(customer.id, HOSTILE).waitFor();
  await cells("Bob").waitFor();
});

test("the search language of the API filters", async () => {
  await ui.page.getByRole("searchbox").fill("email:'ada@example.com'");
  await ui.page.keyboard.press("Enter");
  await ui.page.waitForURL(/query=/);
  await cells(customer.id).waitFor();
  await cells("Bob").waitFor({ state: "detached" });
  await ui.page.getByRole("searchbox").fill("nonsense");
  await ui.page.keyboard.press("Enter");
  await ui.page.getByRole("alert").filter({ hasText: "We were unable to parse your search query." }).waitFor();
  // The browser tells of the answer 400 by itself.
  assert.match(ui.complaints.splice(0).join("\n"), /^Failed to load resource: the server responded with a status of 400 \(Bad Request\)$/);
});

test("an object shows its changes, what leads to it, and where it leads", async () => {
  await ui.visit(`/objects?id=${customer.id}`);
  await title(`customer ${customer.id}`);
  await cells("description", "Wholesale").waitFor();
  await ui.page.getByRole("listitem").filter({ hasText: `charge ${charge.id} customer` }).waitFor();
  await ui.page.getByRole("link", { name: charge.id }).first().click();
  await title(`charge ${charge.id}`);
  await ui.page.getByText("$42.00").waitFor();
  await ui.page.getByRole("group", { name: "JSON" }).getByRole("link", { name: customer.id }).first().waitFor();
});

test("a charge is disputed and refunded there", async () => {
  await ui.visit(`/objects?id=${charge.id}`);
  await ui.page.getByRole("button", { name: "Refund", exact: true }).click();
  await cells("amount_refunded", "4200").waitFor();
  assert.equal((await ui.stripe.charges.retrieve(charge.id)).refunded, true);
  const other = await ui.stripe.charges.create({ amount: 500, currency: "usd", customer: customer.id });
  await ui.go(`/objects?id=${other.id}`);
  const dispute = ui.page.getByRole("button", { name: "Dispute", exact: true });
  assert.match(await dispute.getAttribute("title"), /^curl '?http:\S+\/_pinstripe\/trigger\?.*event=charge\.dispute\.created.*-X POST$/);
  await dispute.click();
  await cells("disputed", "true").waitFor();
});

test("what is due is done now, and a refusal is said in words", async () => {
  await ui.stripe.invoiceItems.create({ customer: customer.id, amount: 1500, currency: "usd", description: HOSTILE });
  const draft = await ui.stripe.invoices.create({ customer: customer.id, auto_advance: true, pending_invoice_items_behavior: "include" });
  await ui.visit(`/objects?id=${draft.id}`);
  await ui.page.getByRole("button", { name: "Do now what is due" }).click();
  await cells("status", "draft").first().waitFor();
  assert.notEqual((await ui.stripe.invoices.retrieve(draft.id)).status, "draft");
  await ui.go("/objects?id=cus_nope");
  await ui.page.getByRole("alert").waitFor();
  assert.match(ui.complaints.splice(0).join("\n"), /^Failed to load resource: the server responded with a status of 404 \(Not Found\)$/);
});

for (const [name, settings] of Object.entries(WINDOWS)) {
  test(`nothing hinders people in objects: ${name}`, async () => {
    for (const path of ["/objects", "/objects?kind=charge", `/objects?id=${customer.id}`]) {
      await (path === "/objects" ? ui.visit(path, settings) : ui.go(path));
      await ui.fits();
    }
  });
}
