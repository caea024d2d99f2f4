// @ts-check
// `window.Stripe`.

/**
 * What one call of `Stripe()` is about.
 * @param {any} key
 * @param {Params} options
 * @returns {Context}
 */
function contextOf(key, options) {
  if (typeof key !== "string") throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
  if (!key) throw new IntegrationError("Please call Stripe() with your publishable key. You used an empty string.");
  if (/^[sr]k_/.test(key)) {
    throw new IntegrationError("You should not use your secret key with Stripe.js.\n        Please pass a publishable key instead.");
  }
  const always = { key, _stripe_account: options.stripeAccount, _stripe_version: options.apiVersion };
  return { key, options, call: (method, path, params) => request(method, path, { ...params, ...always }) };
}

/**
 * Everything that a page can call. They are properties of the object itself: some wrappers spread it.
 * @param {Context} context
 */
function methodsOf(context) {
  return {
    elements: (/** @type {any} */ options = {}) => new ElementsGroup(context, options ?? {}),
    confirmPayment: (/** @type {any} */ options) => confirmByElements(context, "confirmPayment", options),
    confirmSetup: (/** @type {any} */ options) => confirmByElements(context, "confirmSetup", options),
    ...confirmMethods(context),
    ...legacyMethods(context),
    ...intentMethods(context),
    ...objectMethods(context),
    ...bankMethods(context),
    ...checkoutMethods(context),
    paymentRequest: (/** @type {any} */ options) => new WalletRequest(context, options),
    registerAppInfo: () => {},
    _registerWrapper: () => {},
    createRadarSession: async () => resultOf("radarSession", await context.call("POST", "/v1/radar/session")),
    createEphemeralKeyNonce: notBuilt("createEphemeralKeyNonce"),
    initializePricing: notBuilt("initializePricing"),
    processOrder: notBuilt("processOrder"),
    retrieveOrder: notBuilt("retrieveOrder"),
    _apiKey: context.key,
  };
}

/** @typedef {import("@stripe/stripe-js").Stripe} PublicStripe What the types of the newest release promise. */

/**
 * `Stripe(key, options)`, with and without `new`.
 * @param {any} key
 * @param {any} [options]
 * @returns {PublicStripe}
 */
function makeStripe(key, options) {
  const context = contextOf(key, options ?? {});
  startController();
  return methodsOf(context);
}

/** A function of the old kind, since pages call it with `new`, too. */
function Stripe(/** @type {any} */ key, /** @type {any} */ options) {
  return makeStripe(key, options);
}
Stripe.version = VERSION;
// Elements of one copy mean nothing to another, so the first one stays.
if (Object.getOwnPropertyDescriptor(window, "Stripe")?.value?.version) {
  console.warn("It looks like Stripe.js was loaded more than one time. Please only load it once per page.");
} else {
  Object.assign(window, { Stripe });
}
