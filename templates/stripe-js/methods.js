// @ts-check
// The methods that are named after a payment method: one function, and the table of their names.

/** The middles of `confirm…Payment`. */
const PAYMENTS = /** @type {const} */ ([
  "AcssDebit", "Affirm", "AfterpayClearpay", "Alipay", "AuBecsDebit", "Bancontact", "Billie", "Blik", "Boleto", "Card", "Cashapp",
  "CustomerBalance", "Eps", "Fpx", "Giropay", "GrabPay", "Ideal", "Klarna", "Konbini", "Mobilepay", "Multibanco", "Oxxo", "P24",
  "PayByBank", "PayNow", "PayPal", "Pix", "PromptPay", "SepaDebit", "Sofort", "Twint", "UsBankAccount", "WechatPay",
]);

/** The middles of `confirm…Setup`. */
const SETUPS = /** @type {const} */ ([
  "AcssDebit", "AmazonPay", "AuBecsDebit", "BacsDebit", "Bancontact", "Blik", "Card", "Cashapp", "Ideal", "PayPal", "SepaDebit", "Sofort", "UsBankAccount",
]);

/** The types that aren't the method's name in small letters with underscores. */
const IRREGULAR = /** @type {Record<string, string>} */ ({ GrabPay: "grabpay", PayNow: "paynow", PayPal: "paypal", PromptPay: "promptpay" });

/**
 * The type of payment method that a method is named after.
 * @param {string} middle
 * @returns {string}
 */
function typeOf(middle) {
  return IRREGULAR[middle] ?? middle.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase();
}

/**
 * `confirm…Payment` or `confirm…Setup`.
 * @param {Context} context
 * @param {string} method
 * @param {string | undefined} type
 * @param {"pi" | "seti"} kind
 * @param {any} secret
 * @param {any} [data]
 * @param {any} [options]
 * @returns {Promise<any>}
 */
async function confirmByType(context, method, type, kind, secret, data, options) {
  const about = parseSecret(secret, `stripe.${method}`, kind);
  const { payment_method, payment_method_options, ...params } = data ?? {};
  const handleActions = options?.handleActions ?? true;
  if (payment_method === undefined && !params.payment_method_data) {
    const intent = await retrieveIntent(context, about);
    if (intent.error || isWaiting(intent) || intent.status === "succeeded") return settle(context, about, intent, handleActions);
    if (!intent.payment_method && type && type !== "card") params.payment_method_data = { type };
  } else if (typeof payment_method === "string") {
    params.payment_method = payment_method;
  } else if (payment_method !== undefined) {
    const { error, data: made } = await paymentMethodData(type, payment_method);
    if (error) return { error };
    params.payment_method_data = made;
  }
  const own = await optionsOf(context, payment_method_options);
  if (own?.error) return own;
  const mandate = type && !options?.skipMandate && mandateFor(type, kind === "seti" || Boolean(params.setup_future_usage));
  const answer = await postConfirm(context, about, { ...mandate, ...params, payment_method_options: own });
  return alreadyDone(about, answer) ?? settle(context, about, answer, handleActions);
}

/**
 * The options of a payment method, in which an element may stand for a security code.
 * @param {Context} context
 * @param {any} options
 * @returns {Promise<any>} the options, or `{error}`
 */
async function optionsOf(context, options) {
  const element = options?.card?.cvc;
  if (!(element instanceof FramedElement)) return options;
  const { cvc, ...card } = options.card;
  const token = await cvcToken(context, element);
  return token.error ? token : { ...options, card: { ...card, cvc_token: token.id } };
}

/**
 * A token of a security code alone.
 * @param {Context} context
 * @param {FramedElement} element
 * @returns {Promise<any>} the token, or `{error}`
 */
async function cvcToken(context, element) {
  const { complete, error, data, cvc } = await element._values();
  if (error || !complete) return { error: error ?? { ...INCOMPLETE } };
  return context.call("POST", "/v1/tokens", { cvc_update: { cvc: cvc ?? data.card.cvc } });
}

/**
 * Who confirms once more what has succeeded is given the intent.
 * @param {Secret} about
 * @param {any} answer
 * @returns {any}
 */
function alreadyDone(about, { error }) {
  const intent = error?.[about.object];
  return error?.code === `${about.object}_unexpected_state` && intent?.status === "succeeded" ? { [about.result]: intent } : undefined;
}

/**
 * @template {string} Name
 * @typedef {Record<Name, (secret: string, data?: any, options?: any) => Promise<any>>} Confirming
 */

/**
 * Every method that is named after a payment method.
 * @param {Context} context
 * @returns {Confirming<`confirm${typeof PAYMENTS[number]}Payment`> & Confirming<`confirm${typeof SETUPS[number]}Setup`>}
 */
function confirmMethods(context) {
  /** @type {Record<string, any>} */
  const methods = {};
  /** @type {(method: string, middle: string, kind: "pi" | "seti") => void} */
  const add = (method, middle, kind) => {
    methods[method] = async (/** @type {any[]} */ ...given) => confirmByType(context, method, typeOf(middle), kind, given[0], given[1], given[2]);
  };
  for (const middle of PAYMENTS) add(`confirm${middle}Payment`, middle, "pi");
  for (const middle of SETUPS) add(`confirm${middle}Setup`, middle, "seti");
  return /** @type {any} */ (methods);
}

/**
 * The names of before: an element came as an argument of its own, what the page adds in `payment_method_data`.
 * @param {Context} context
 */
function legacyMethods(context) {
  /** @type {(method: string, type: string | undefined, kind: "pi" | "seti") => (...given: any[]) => Promise<any>} */
  const legacy = (method, type, kind) => async (secret, first, second) => {
    const element = first instanceof FramedElement ? first : undefined;
    const { payment_method_data, source_data, ...data } = (element ? second : first) ?? {};
    const given = payment_method_data ?? source_data;
    const key = type ?? element?._kind.source ?? given?.type ?? "card";
    if (element) data.payment_method = { ...given, [key]: element };
    else if (given) data.payment_method = given;
    return confirmByType(context, method, element || given ? key : type, kind, secret, data);
  };
  return {
    handleCardPayment: legacy("handleCardPayment", "card", "pi"),
    handleCardSetup: legacy("handleCardSetup", "card", "seti"),
    handleFpxPayment: legacy("handleFpxPayment", "fpx", "pi"),
    handleSepaDebitPayment: legacy("handleSepaDebitPayment", "sepa_debit", "pi"),
    handleSepaDebitSetup: legacy("handleSepaDebitSetup", "sepa_debit", "seti"),
    confirmPaymentIntent: legacy("confirmPaymentIntent", undefined, "pi"),
    confirmSetupIntent: legacy("confirmSetupIntent", undefined, "seti"),
  };
}

/**
 * The two amounts, or the code, that prove an account.
 * @param {Context} context
 * @param {"pi" | "seti"} kind
 * @param {string} method
 */
function verifyMicrodeposits(context, kind, method) {
  return async (/** @type {any} */ secret, /** @type {any} */ data = {}) => {
    const about = parseSecret(secret, `stripe.${method}`, kind);
    const { descriptorCode, ...rest } = data;
    const params = { client_secret: secret, ...rest, ...(descriptorCode && { descriptor_code: descriptorCode }) };
    return resultOf(about.result, await context.call("POST", `${about.path}/verify_microdeposits`, params));
  };
}
