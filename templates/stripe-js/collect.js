// @ts-check
// What was typed into elements, as parameters of the API.

/**
 * What a form holds.
 * @typedef {object} Collected
 * @property {any} [error] the first thing that is wrong; nothing else is there then
 * @property {string} [type] the type of the payment method
 * @property {Params} [data] `payment_method_data`
 * @property {string} [payment_method] a saved one that was chosen
 * @property {string} [cvc] typed again for a saved card
 * @property {boolean} [save] whether it is to be kept
 * @property {Params} [payment_method_options]
 * @property {Params} [shipping]
 */

/** The error of a form in which nothing is chosen. */
const INCOMPLETE = {
  type: "validation_error",
  code: "incomplete_payment_details",
  message: "Please provide complete payment details.",
};

/**
 * Asks every element of a group, and draws what is wrong.
 * @param {ElementsGroup} group
 * @returns {Promise<Collected>}
 */
async function collectGroup(group) {
  const payment = group._wallet ? undefined : group._first("payment", "checkoutForm", "paymentForm");
  if (!payment && !group._wallet && !group._first("expressCheckout")) throw new IntegrationError(NOT_MOUNTED);
  const others = [...group._elements.values()].filter(
    ({ _kind, _channel }) => _kind.asks && _kind !== KINDS.payment && _kind !== KINDS.checkoutForm && _channel,
  );
  const asked = payment ? [payment, ...others] : others;
  const answers = await Promise.all(asked.map((element) => element._values()));
  const wrong = answers.find(({ complete, error }) => error || !complete);
  if (wrong) return { error: wrong.error ?? { ...INCOMPLETE } };
  /** @type {Collected} */
  const chosen = payment ? answers[0] : { data: group._wallet };
  const { data, payment_method, cvc, save, payment_method_options } = chosen;
  const around = asked.map((element, at) => ({ element, value: answers[at].value })).filter(({ element }) => element !== payment);
  return {
    type: data?.type ?? payment?._state.value?.type ?? group._wallet?.type ?? "card",
    data: data && mergeIn({}, { billing_details: billingOf(around) }, data, { billing_details: billingOf(around) }),
    payment_method,
    cvc,
    save,
    payment_method_options,
    shipping: shippingOf(around),
  };
}

/** @typedef {{element: FramedElement, value: any}[]} Around The elements around the Payment Element, and their values. */

/**
 * @param {Around} around
 * @returns {Params}
 */
function billingOf(around) {
  const billing = {};
  for (const { element, value } of around) {
    if (element._options.mode === "billing") mergeIn(billing, { name: value?.name, phone: value?.phone, address: value?.address });
    if (["linkAuthentication", "contactDetails"].includes(element._type)) mergeIn(billing, { email: value?.email });
  }
  return billing;
}

/**
 * @param {Around} around
 * @returns {Params | undefined}
 */
function shippingOf(around) {
  const found = around.find(({ element }) => element._options.mode === "shipping" || element._type === "shippingAddress");
  return found?.value && { name: found.value.name, phone: found.value.phone, address: found.value.address };
}

/**
 * Writes later values over earlier ones; what is undefined or null says nothing.
 * @param {Params} target
 * @param {...(Params | undefined)} layers
 * @returns {Params}
 */
function mergeIn(target, ...layers) {
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer ?? {})) {
      if (value === undefined || value === null) continue;
      const nested = typeof value === "object" && !Array.isArray(value);
      target[key] = nested ? mergeIn({ ...target[key] }, value) : value;
    }
  }
  return target;
}

/**
 * What was typed into an older element: of a card in three elements all parts, whichever is named.
 * @param {FramedElement} element
 * @returns {Promise<{error?: any, data?: any, cvc?: string}>}
 */
async function collectElement(element) {
  const parts = CARD_PARTS.includes(element._type)
    ? CARD_PARTS.map((type) => element._group._elements.get(type)).filter((part) => part !== undefined)
    : [element];
  const answers = await Promise.all(parts.map((part) => part._values()));
  const wrong = answers.find(({ complete, error }) => error || !complete);
  if (wrong) return { error: wrong.error ?? { ...INCOMPLETE } };
  return { data: mergeIn({ type: element._kind.source }, ...answers.map(({ data }) => data)) };
}

/**
 * The parameters of a payment method in which elements may stand for what is typed into them.
 * @param {string | undefined} type
 * @param {any} given
 * @returns {Promise<{error?: any, data?: any}>}
 */
async function paymentMethodData(type, given) {
  needObject(given, "payment_method");
  const { ...rest } = given;
  /** @type {Params} */
  let typed = {};
  for (const [key, value] of Object.entries(given)) {
    if (!(value instanceof FramedElement)) continue;
    const { error, data } = await collectElement(value);
    if (error) return { error };
    typed = mergeIn(typed, data);
    delete rest[key];
  }
  return { data: mergeIn({}, typed, rest, type ? { type } : undefined) };
}

/** The details that a Payment Element can be told not to ask for, in its words and in those of the API. */
const DETAILS = [
  ["name"],
  ["email"],
  ["phone"],
  ...["line1", "line2", "city", "state", "country", "postalCode"].map((part) => ["address", part]),
];

/**
 * Refuses to go on without details that the Payment Element was told not to ask for.
 * @param {ElementsGroup} group
 * @param {any} billing what the page gives
 * @param {string} where the parameter in which it is to be given
 * @param {string} method
 */
function needDetails(group, billing, where, method) {
  const fields = group._first("payment")?._options.fields?.billingDetails;
  for (const path of DETAILS) {
    const asked = path.reduce((option, part) => (typeof option === "object" ? option?.[part] : option), fields);
    const named = path.map((part) => (part === "postalCode" ? "postal_code" : part));
    if (asked !== "never" || named.reduce((value, part) => value?.[part], billing) !== undefined) continue;
    const name = `billing_details.${named.join(".")}`;
    throw new IntegrationError(
      `You specified "never" for fields.${name} when creating the payment Element, but did not pass ${where}.${name} when calling stripe.${method}(). ` +
        `If you opt out of collecting data via the payment Element using the fields option, the data must be passed in when calling stripe.${method}().`,
    );
  }
}
