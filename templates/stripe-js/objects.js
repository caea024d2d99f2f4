// @ts-check
// Payment methods, tokens, sources and confirmation tokens made in the page.

/**
 * The methods that make or retrieve objects.
 * @param {Context} context
 */
function objectMethods(context) {
  return {
    createPaymentMethod: (/** @type {any[]} */ ...given) => createPaymentMethod(context, given),
    createToken: (/** @type {any} */ what, /** @type {any} */ data) => createToken(context, what, data),
    createSource: (/** @type {any} */ what, /** @type {any} */ data) => createSource(context, what, data),
    createConfirmationToken: (/** @type {any} */ options) => createConfirmationToken(context, options),
    /** @param {{id: string, client_secret: string}} source */
    retrieveSource: async ({ id, client_secret }) =>
      resultOf("source", await context.call("GET", `/v1/sources/${encodeURIComponent(id)}`, { client_secret })),
  };
}

/**
 * Elements that were submitted, as the parameters of a payment method.
 * @param {Context} context
 * @param {any} elements
 * @param {any} params what the page adds
 * @param {string} method
 * @returns {Promise<any>} parameters of an intent, or `{error}`
 */
async function submitted(context, elements, params, method) {
  const group = groupOf(elements, method);
  if (!group._submitted && !group._wallet) {
    throw new IntegrationError(`elements.submit() must be called before stripe.${method}().`);
  }
  const given = params?.payment_method_data ?? params;
  needDetails(group, given?.billing_details, method === "createPaymentMethod" ? "params" : "params.payment_method_data", method);
  const collected = await collectGroup(group);
  return collected.error ? { error: collected.error } : collectedParams(context, group, collected);
}

/**
 * `createPaymentMethod`: of data, of elements, of one element; and as it was called before.
 * @param {Context} context
 * @param {any[]} given
 * @returns {Promise<any>}
 */
async function createPaymentMethod(context, given) {
  const [first, second, third] = given;
  /** @type {any} */
  let made;
  if (typeof first === "string") {
    const element = second instanceof FramedElement ? { [first]: second } : undefined;
    made = await paymentMethodData(first, { ...(element ? third : second), ...element });
  } else {
    needObject(first, "stripe.createPaymentMethod()");
    made = await paymentMethodOf(context, first);
  }
  if (made.error) return { error: made.error };
  return resultOf("paymentMethod", await context.call("POST", "/v1/payment_methods", made.data));
}

/**
 * The parameters of a payment method from the one object that a page passes.
 * @param {Context} context
 * @param {any} options
 * @returns {Promise<any>} `{data}` or `{error}`
 */
async function paymentMethodOf(context, options) {
  const { elements, element, params, metadata } = options;
  if (!elements && !element) return paymentMethodData(options.type, options);
  if (element) {
    if (!(element instanceof FramedElement)) throw new IntegrationError("stripe.createPaymentMethod(): element should be an Element.");
    if (element._kind.source) {
      const made = await collectElement(element);
      return made.error ? made : { data: mergeIn({}, made.data, params, { metadata }) };
    }
  }
  const typed = await submitted(context, elements ?? element._group, params, "createPaymentMethod");
  if (typed.error) return typed;
  return { data: mergeIn({}, typed.payment_method_data, params, { metadata }) };
}

/**
 * `createToken`: of an element, or of data by its kind.
 * @param {Context} context
 * @param {any} what
 * @param {any} data
 * @returns {Promise<any>}
 */
async function createToken(context, what, data) {
  const params = await tokenParams(context, what, data);
  if (params.error) return { error: params.error };
  return resultOf("token", params.object ? params : await context.call("POST", "/v1/tokens", params));
}

/**
 * The parameters of a token.
 * @param {Context} context
 * @param {any} what
 * @param {any} data
 * @returns {Promise<any>} parameters, the token itself, or `{error}`
 */
async function tokenParams(context, what, data) {
  if (what instanceof FramedElement) {
    const { error, data: typed } = await collectElement(what);
    if (error) return { error };
    const { iban } = typed.sepa_debit ?? {};
    if (iban) return { bank_account: { country: iban.slice(0, 2), account_number: iban, ...data } };
    return { card: { ...typed.card, address_zip: typed.billing_details?.address?.postal_code, ...data } };
  }
  if (what === "cvc_update") {
    if (data instanceof FramedElement) return cvcToken(context, data);
    throw new IntegrationError("stripe.createToken('cvc_update'): pass a cardCvc Element.");
  }
  if (what === "pii") return { pii: { id_number: data?.personal_id_number ?? data?.id_number } };
  if (what === "bank_account" || what === "account" || what === "person") return { [what]: data };
  throw new IntegrationError(
    "You must provide a Stripe Element or a valid token type to create a Token: 'account', 'bank_account', 'cvc_update', 'person' or 'pii'.",
  );
}

/**
 * `createSource`: of an element, or of data.
 * @param {Context} context
 * @param {any} what
 * @param {any} [data]
 * @returns {Promise<any>}
 */
async function createSource(context, what, data) {
  /** @type {Params} */
  let params = what;
  if (what instanceof FramedElement) {
    const { error, data: typed } = await collectElement(what);
    if (error) return { error };
    const { billing_details, ...rest } = typed;
    params = mergeIn(rest, billing_details && { owner: billing_details }, data);
  }
  return resultOf("source", await context.call("POST", "/v1/sources", params));
}

/**
 * `createConfirmationToken`.
 * @param {Context} context
 * @param {any} options
 * @returns {Promise<any>}
 */
async function createConfirmationToken(context, options) {
  needObject(options, "stripe.createConfirmationToken()");
  const { elements, params = {} } = options;
  const typed = await submitted(context, elements, params, "createConfirmationToken");
  if (typed.error) return typed;
  // What is wanted of the card is the intent's, which the server makes of the token.
  const { payment_method_data, setup_future_usage, ...rest } = typed;
  const wanted = setup_future_usage ?? either(elements._options, "setupFutureUsage", "setup_future_usage");
  const { payment_method_data: given, ...own } = params;
  const data = payment_method_data && { payment_method_data: mergeIn({}, payment_method_data, given) };
  const body = { setup_future_usage: wanted, ...rest, ...clientContext(elements), ...own, ...data };
  return resultOf("confirmationToken", await context.call("POST", "/v1/confirmation_tokens", body));
}
