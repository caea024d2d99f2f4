// @ts-check
// The session of a Checkout in the page, as pages of shops read it: made of what the API answers about its payment page.

/** @typedef {ReturnType<typeof writer>} Write */

/**
 * @param {Write} write
 * @param {any[] | null | undefined} discounts
 */
function discountsOf(write, discounts) {
  if (!discounts?.length) return null;
  return discounts.map(({ amount, coupon, promotion_code }) => ({
    ...write(amount),
    displayName: coupon?.name ?? promotion_code?.code ?? coupon?.id ?? "",
    promotionCode: promotion_code?.code ?? null,
    recurring: repeats(coupon),
    percentOff: coupon?.percent_off ?? null,
  }));
}

/** @param {any} coupon */
function repeats(coupon) {
  if (coupon?.duration === "forever") return { type: "forever" };
  return coupon?.duration === "repeating" ? { type: "repeating", durationInMonths: coupon.duration_in_months } : null;
}

/**
 * @param {Write} write
 * @param {any[] | null | undefined} taxes
 */
function taxesOf(write, taxes) {
  if (!taxes?.length) return null;
  return taxes.map(({ amount, inclusive, tax_rate }) => ({
    ...write(amount),
    inclusive,
    displayName: tax_rate?.display_name ?? "",
    percentage: tax_rate?.percentage,
  }));
}

/**
 * What one of a price costs.
 * @param {Write} write
 * @param {any} price
 */
function unitOf(write, price) {
  const decimal = price?.unit_amount_decimal;
  const isFraction = decimal !== undefined && decimal !== null && Number(decimal) % 1 !== 0;
  return {
    unitAmount: write(price?.unit_amount ?? Math.round(Number(decimal ?? 0))),
    unitAmountDecimal: isFraction ? write(Number(decimal), 12) : null,
  };
}

/** @param {any} recurring */
function intervalOf(recurring) {
  return recurring ? { interval: recurring.interval, intervalCount: recurring.interval_count } : null;
}

/**
 * @param {Write} write
 * @param {any} line
 */
function lineOf(write, line) {
  const { price } = line;
  return {
    id: line.id,
    name: line.name,
    description: line.description ?? null,
    images: line.images ?? [],
    quantity: line.quantity,
    unitLabel: price?.product?.unit_label ?? null,
    priceId: price?.id,
    ...unitOf(write, price),
    discount: write(line.discount),
    subtotal: write(line.subtotal),
    total: write(line.total),
    taxExclusive: write(line.tax_exclusive),
    taxInclusive: write(line.tax_inclusive),
    discountAmounts: discountsOf(write, line.discount_amounts),
    taxAmounts: taxesOf(write, line.tax_amounts),
    recurring: price?.recurring ? { ...intervalOf(price.recurring), usageType: price.recurring.usage_type ?? "licensed" } : null,
    adjustableQuantity: line.adjustable_quantity ?? null,
    isRemovable: line.is_removable ?? false,
    pricing: null,
    transformQuantity: null,
  };
}

/**
 * @param {Write} write
 * @param {any} item
 */
function optionalOf(write, item) {
  const { price } = item;
  return {
    priceId: price.id,
    name: item.name,
    description: price.product?.description ?? null,
    images: item.images ?? [],
    ...unitOf(write, price),
    unitLabel: price.product?.unit_label ?? null,
    quantity: item.quantity,
    adjustableQuantity: item.adjustable_quantity ?? null,
    recurring: intervalOf(price.recurring),
    isSelected: Boolean(item.line_item_id),
  };
}

/**
 * @param {Write} write
 * @param {any} rate
 */
function shippingOptionOf(write, rate) {
  return {
    ...write(rate.amount),
    id: rate.id,
    currency: rate.currency,
    displayName: rate.display_name ?? null,
    deliveryEstimate: rate.delivery_estimate ?? null,
  };
}

/** @param {any} method */
function savedOf({ id, type, card, billing_details }) {
  return {
    id,
    type,
    card: { brand: card.brand, expMonth: card.exp_month, expYear: card.exp_year, last4: card.last4 },
    billingDetails: billing_details,
  };
}

/**
 * The sums of an order.
 * @param {Write} write
 * @param {any} page
 */
function totalsOf(write, { line_item_group: lines, total_summary: sums }) {
  const sum = (/** @type {any[] | null | undefined} */ parts) => (parts ?? []).reduce((total, { amount }) => total + amount, 0);
  const taxes = (/** @type {boolean} */ inclusive) => sum(lines.tax_amounts?.filter((/** @type {any} */ tax) => tax.inclusive === inclusive));
  return {
    subtotal: write(sums.subtotal),
    discount: write(sum(lines.discount_amounts)),
    shippingRate: write(lines.shipping_rate?.amount),
    taxExclusive: write(taxes(false)),
    taxInclusive: write(taxes(true)),
    surcharge: write(0),
    appliedBalance: write(sums.applied_balance),
    balanceAppliedToNextInvoice: false,
    total: write(sums.total),
  };
}

/**
 * What is charged again later.
 * @param {Write} write
 * @param {any} page
 */
function recurringOf(write, { recurring, line_item_group: lines }) {
  if (!recurring) return null;
  const renewed = lines.line_items.filter((/** @type {any} */ { price }) => price?.recurring);
  const sum = (/** @type {string} */ key) => write(renewed.reduce((/** @type {number} */ total, /** @type {any} */ line) => total + (line[key] ?? 0), 0));
  return {
    ...intervalOf(recurring),
    isProrated: false,
    dueNext: {
      subtotal: sum("subtotal"),
      total: sum("total"),
      discount: sum("discount"),
      taxInclusive: sum("tax_inclusive"),
      taxExclusive: sum("tax_exclusive"),
      billingCycleAnchor: null,
    },
    trial: recurring.trial_end ? { trialEnd: recurring.trial_end, trialPeriodDays: recurring.trial_period_days } : null,
  };
}

/** @param {any} page */
function statusOf({ status, payment_status }) {
  return status === "complete" ? { type: status, paymentStatus: payment_status } : { type: status };
}

/** @param {any} page */
function taxStatusOf({ tax_meta, tax_context }) {
  if (tax_meta?.status !== "requires_location_inputs") return { status: "ready" };
  const isBilling = tax_context?.automatic_tax_address_source === "session.billing";
  return { status: isBilling ? "requires_billing_address" : "requires_shipping_address" };
}

/**
 * The session that pages of shops read.
 * @param {any} page what the API answers
 * @param {{billingAddress: any, canConfirm: boolean, locale?: string}} own what only the page knows
 * @returns {any}
 */
function sessionOf(page, { billingAddress, canConfirm, locale }) {
  const write = writer(page.currency, locale);
  const customer = page.customer_details ?? {};
  const [taxId] = customer.tax_ids ?? [];
  const saved = page.customer?.payment_methods?.filter((/** @type {any} */ { card }) => card);
  const names = page.name_collection;
  return {
    id: page.session_id,
    livemode: page.livemode,
    status: statusOf(page),
    currency: page.currency,
    minorUnitsAmountDivisor: divisorOf(page.currency),
    currencyOptions: page.currency_options?.map((/** @type {any} */ { currency, amount }) => ({ ...writer(currency, locale)(amount), currency })) ?? null,
    businessName: page.account_settings?.display_name ?? null,
    nameCollection: names ? { individualName: customer.individual_name ?? null, businessName: customer.business_name ?? null } : null,
    lineItems: page.line_item_group.line_items.map((/** @type {any} */ line) => lineOf(write, line)),
    optionalItems: page.optional_items?.length ? page.optional_items.map((/** @type {any} */ item) => optionalOf(write, item)) : null,
    total: totalsOf(write, page),
    recurring: recurringOf(write, page),
    discountAmounts: discountsOf(write, page.line_item_group.discount_amounts),
    taxAmounts: taxesOf(write, page.line_item_group.tax_amounts),
    tax: taxStatusOf(page),
    taxIdInfo: taxId ? { taxId: { type: taxId.type, value: taxId.value }, businessName: customer.business_name ?? customer.name ?? "" } : null,
    email: customer.email ?? page.customer_email ?? null,
    phoneNumber: customer.phone ?? null,
    billingAddress: billingAddress ?? null,
    shippingAddress: page.shipping_details ? { name: page.shipping_details.name, address: page.shipping_details.address } : null,
    shipping: page.shipping
      ? { shippingOption: shippingOptionOf(write, page.shipping.shipping_option), taxAmounts: taxesOf(write, page.shipping.tax_amounts) }
      : null,
    shippingOptions: (page.shipping_options ?? []).map((/** @type {any} */ { shipping_rate }) => shippingOptionOf(write, shipping_rate)),
    savedPaymentMethods: saved?.length ? saved.map(savedOf) : null,
    surcharge: null,
    lastPaymentError: page.last_payment_error ? { message: page.last_payment_error.message } : null,
    canConfirm,
  };
}
