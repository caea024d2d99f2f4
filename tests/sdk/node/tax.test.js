// Tax by the SDK: settings and a registration, a calculation, its transaction, and two reversals.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./support.js";

const seattle = { line1: "920 5th Ave", city: "Seattle", state: "WA", postal_code: "98104", country: "US" };

test("a sale is taxed, recorded and given back", async () => {
  const stripe = await open("node-tax");
  const settings = await stripe.tax.settings.update({ head_office: { address: seattle } });
  assert.equal(settings.status, "active");
  await stripe.tax.registrations.create({
    country: "US",
    country_options: { us: { state: "WA", type: "state_sales_tax" } },
    active_from: "now",
  });
  const calculation = await stripe.tax.calculations.create({
    currency: "usd",
    line_items: [{ amount: 1499, reference: "Music" }],
    shipping_cost: { amount: 300 },
    customer_details: { address: seattle, address_source: "shipping" },
    expand: ["line_items"],
  });
  assert.deepEqual([calculation.amount_total, calculation.tax_amount_exclusive], [1953, 154]);
  assert.equal(calculation.tax_breakdown[0].tax_rate_details.percentage_decimal, "10.25");
  const lines = await stripe.tax.calculations.listLineItems(calculation.id);
  assert.deepEqual(lines.data, calculation.line_items.data);

  const sale = await stripe.tax.transactions.createFromCalculation({
    calculation: calculation.id,
    reference: "order_1",
    expand: ["line_items"],
  });
  const [line] = sale.line_items.data;
  assert.deepEqual([sale.type, line.amount, line.amount_tax], ["transaction", 1499, 154]);
  const part = await stripe.tax.transactions.createReversal({
    mode: "partial",
    original_transaction: sale.id,
    reference: "refund_1",
    line_items: [{ original_line_item: line.id, reference: "Music, refunded", amount: -1000, amount_tax: -100 }],
    expand: ["line_items"],
  });
  assert.deepEqual([part.type, part.line_items.data[0].amount_tax], ["reversal", -100]);
  const more = {
    mode: "partial",
    original_transaction: sale.id,
    reference: "refund_2",
    line_items: [{ original_line_item: line.id, reference: "Music, refunded", amount: -500, amount_tax: -50 }],
  };
  await assert.rejects(stripe.tax.transactions.createReversal(more), (error) => {
    assert.deepEqual([error.type, error.param], ["StripeInvalidRequestError", "line_items[0][amount]"]);
    return true;
  });
  const whole = await stripe.tax.transactions.createReversal({
    mode: "full",
    original_transaction: sale.id,
    reference: "refund_2",
    expand: ["line_items"],
  });
  assert.deepEqual(whole.reversal, { original_transaction: sale.id });
  assert.deepEqual([whole.shipping_cost.amount, whole.line_items.data[0].amount], [-300, -1499]);
});
