// @ts-check
// `confirmPayment` and `confirmSetup`: whatever the elements hold, or a payment method that is there already.

/** The payment methods that always need a mandate, and those that need one to be kept. */
const DEBITS = ["acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "payto", "sepa_debit", "us_bank_account"];
const KEPT = [
  "alipay",
  "amazon_pay",
  "bancontact",
  "cashapp",
  "ideal",
  "kakao_pay",
  "klarna",
  "kr_card",
  "link",
  "naver_pay",
  "paypal",
  "revolut_pay",
  "sofort",
];

/**
 * The mandate that the customer gives by pressing the button, where the payment method needs one.
 * @param {string} type
 * @param {boolean} kept whether it is to be used again
 * @returns {Params | undefined}
 */
function mandateFor(type, kept) {
  if (!DEBITS.includes(type) && !(kept && KEPT.includes(type))) return undefined;
  return { mandate_data: { customer_acceptance: { type: "online", online: { infer_from_client: true } } } };
}

/**
 * What a form adds to a confirmation.
 * @param {Context} context
 * @param {ElementsGroup} group
 * @param {Collected} collected
 * @returns {Promise<any>} parameters, or `{error}`
 */
async function collectedParams(context, group, collected) {
  const { type, data, payment_method, cvc, save, payment_method_options, shipping } = collected;
  const { setup_future_usage: setup } = await group._facts(!group._wallet);
  const options = { ...payment_method_options };
  if (cvc) {
    const token = await context.call("POST", "/v1/tokens", { cvc_update: { cvc } });
    if (token.error) return token;
    options.card = { ...options.card, cvc_token: token.id };
  }
  return plain({
    ...(payment_method ? { payment_method } : { payment_method_data: mergeIn({}, data, allowance(save)) }),
    payment_method_options: Object.keys(options).length ? options : undefined,
    shipping,
    setup_future_usage: save && !setup ? "off_session" : undefined,
    ...mandateFor(type ?? "card", Boolean(save || setup)),
  });
}

/**
 * What the customer's tick says of a payment method's use.
 * @param {boolean | undefined} save
 * @returns {Params | undefined}
 */
function allowance(save) {
  return save === undefined ? undefined : { allow_redisplay: save ? "always" : "limited" };
}

/**
 * What elements without an intent were made with: the API compares it with the intent.
 * @param {ElementsGroup} group
 * @returns {Params}
 */
function clientContext(group) {
  if (!group._deferred) return {};
  const { amount, ...terms } = deferredIntent(group._options);
  return { client_context: plain(terms) };
}

/**
 * Where a customer comes back to, and what is said there.
 * @param {string} address
 * @param {Secret} about
 * @param {any} intent
 * @returns {URL}
 */
function returnAddress(address, about, intent) {
  const url = new URL(address, location.href);
  const said = { succeeded: "succeeded", processing: "processing", requires_capture: "succeeded" };
  url.searchParams.set(about.object, about.id);
  url.searchParams.set(`${about.object}_client_secret`, about.secret);
  url.searchParams.set("redirect_status", said[/** @type {keyof typeof said} */ (intent.status)] ?? "pending");
  return url;
}

/**
 * `confirmPayment` or `confirmSetup`.
 * @param {Context} context
 * @param {"confirmPayment" | "confirmSetup"} method
 * @param {any} options
 * @returns {Promise<any>}
 */
async function confirmByElements(context, method, options) {
  needObject(options, `stripe.${method}()`);
  const { confirmParams = {}, redirect = "always" } = options;
  const group = options.elements && groupOf(options.elements, method);
  const secret = options.clientSecret ?? group?._options.clientSecret;
  if (!secret) throw new IntegrationError("You must pass in a clientSecret when calling stripe.confirmPayment()/confirmSetup().");
  const about = parseSecret(secret, `stripe.${method}`, method === "confirmPayment" ? "pi" : "seti");
  if (group?._deferred && !group._submitted) {
    throw new IntegrationError(
      `elements.submit() must be called before stripe.${method}(). Call elements.submit() as soon as your customer presses pay, prior to any asynchronous work.`,
    );
  }
  if (redirect !== "if_required" && !confirmParams.return_url) {
    throw new IntegrationError(`stripe.${method}(): confirmParams.return_url is needed unless redirect is "if_required".`);
  }
  const params = await paramsOf(context, group, confirmParams, method);
  if (params.error) return params;
  const answer = await postConfirm(context, about, params);
  const result = await settle(context, about, answer);
  wallet(group, result);
  if (result.error) {
    group?._first("payment")?._send({ action: "fail", error: plain(result.error) });
    return result;
  }
  if (redirect === "if_required") return result;
  return leave(returnAddress(confirmParams.return_url, about, result[about.result]));
}

/**
 * Tells the wallet of an Express Checkout Element how the payment has ended.
 * @param {ElementsGroup | undefined} group
 * @param {any} result
 */
function wallet(group, result) {
  group?._first("expressCheckout")?._sheetDone?.(result.error);
}

/**
 * The parameters of a confirmation: what the page says goes over what was typed.
 * @param {Context} context
 * @param {ElementsGroup | undefined} group
 * @param {any} confirmParams
 * @param {string} method
 * @returns {Promise<any>} parameters, or `{error}`
 */
async function paramsOf(context, group, confirmParams, method) {
  if (!group || confirmParams.payment_method || confirmParams.confirmation_token) {
    const given = confirmParams.payment_method_data?.type;
    return { ...(given && mandateFor(given, method === "confirmSetup")), ...confirmParams };
  }
  needDetails(group, confirmParams.payment_method_data?.billing_details, "confirmParams.payment_method_data", method);
  const collected = await collectGroup(group);
  if (collected.error) return { error: collected.error };
  const typed = await collectedParams(context, group, collected);
  if (typed.error) return typed;
  const { payment_method_data: given, ...rest } = confirmParams;
  const setup =
    method === "confirmSetup" ? { setup_future_usage: undefined, shipping: undefined, ...mandateFor(collected.type ?? "card", true) } : {};
  const data = typed.payment_method_data && { payment_method_data: mergeIn({}, typed.payment_method_data, given) };
  return { ...typed, ...setup, ...clientContext(group), ...rest, ...data };
}

/**
 * The group behind what a page passes as `elements`.
 * @param {any} elements
 * @param {string} method
 * @returns {ElementsGroup}
 */
function groupOf(elements, method) {
  if (elements instanceof ElementsGroup) return elements;
  throw new IntegrationError(
    `Invalid value for stripe.${method}(): elements should be an Elements instance, as stripe.elements() makes it.`,
  );
}
