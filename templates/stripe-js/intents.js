// @ts-check
// Intents by their client secrets: retrieved, confirmed, and given back as the results of methods.

/**
 * What a client secret says.
 * @typedef {object} Secret
 * @property {string} id
 * @property {string} secret
 * @property {"payment_intent" | "setup_intent"} object
 * @property {"paymentIntent" | "setupIntent"} result the key of results
 * @property {string} path
 */

/**
 * Reads a client secret.
 * @param {any} secret
 * @param {string} what the method that was called
 * @param {"pi" | "seti"} [kind] the only one that will do
 * @returns {Secret}
 */
function parseSecret(secret, what, kind) {
  const [, id, prefix] = /^((pi|seti)_\w+?)_secret_\w+$/.exec(String(secret)) ?? [];
  if (!id || (kind && prefix !== kind)) {
    throw new IntegrationError(
      `Invalid value for ${what}${what.includes(":") ? "" : " intent secret"}: value should be a client secret of the form \${id}_secret_\${secret}. You specified: ${String(secret)}.`,
    );
  }
  const object = prefix === "pi" ? "payment_intent" : "setup_intent";
  return { id, secret, object, result: prefix === "pi" ? "paymentIntent" : "setupIntent", path: `/v1/${object}s/${id}` };
}

/**
 * @param {Context} context
 * @param {Secret} about
 * @param {Params} [params]
 * @returns {Promise<any>}
 */
function retrieveIntent(context, { path, secret }, params) {
  return context.call("GET", path, { client_secret: secret, ...params });
}

/**
 * Posts the confirmation of an intent.
 * @param {Context} context
 * @param {Secret} about
 * @param {Params} params
 * @returns {Promise<any>}
 */
function postConfirm(context, { path, secret }, params) {
  const page = /^https?:/.test(location.href) ? location.href : undefined;
  // A card that is paid in the page needs no address to come back to, while the API asks for one wherever a redirect could follow.
  const inPage = { card: page }[/** @type {string} */ (params.payment_method_data?.type ?? "card")];
  return context.call("POST", `${path}/confirm`, { return_url: inPage, use_stripe_sdk: true, client_secret: secret, ...params });
}

/**
 * An answer of the API as the result of a method.
 * @param {string} name
 * @param {any} body
 * @returns {any}
 */
function resultOf(name, body) {
  return body.error ? { error: body.error } : { [name]: body };
}

/**
 * Follows what an intent asks of the customer, and gives the result of the method.
 * @param {Context} context
 * @param {Secret} about
 * @param {any} body the API's answer
 * @param {boolean} [handleActions]
 * @returns {Promise<any>}
 */
async function settle(context, about, body, handleActions = true) {
  if (body.error || !handleActions) return resultOf(about.result, body);
  const intent = await followAction(context, about, body);
  const failure = intent.last_payment_error ?? intent.last_setup_error;
  if (intent !== body && failure && /^requires_(payment_method|source)$/.test(intent.status)) {
    return { error: { ...failure, [about.object]: intent } };
  }
  return resultOf(about.result, intent);
}

/**
 * The methods that retrieve an intent or follow its action.
 * @param {Context} context
 */
function intentMethods(context) {
  /**
   * Follows the action of an intent that needs one.
   * @param {Secret} about
   * @param {string} method
   */
  const act = async (about, method) => {
    const intent = await retrieveIntent(context, about);
    if (intent.error) return { error: intent.error };
    if (!isWaiting(intent)) {
      const name = about.object === "payment_intent" ? "PaymentIntent" : "SetupIntent";
      throw new IntegrationError(`${method}: The ${name} supplied is not in the requires_action state.`);
    }
    return settle(context, about, intent);
  };
  return {
    /** @param {string} secret */
    retrievePaymentIntent: async (secret) =>
      resultOf("paymentIntent", await retrieveIntent(context, parseSecret(secret, "stripe.retrievePaymentIntent", "pi"))),
    /** @param {string} secret */
    retrieveSetupIntent: async (secret) =>
      resultOf("setupIntent", await retrieveIntent(context, parseSecret(secret, "stripe.retrieveSetupIntent", "seti"))),
    /** @param {string} secret */
    handleCardAction: async (secret) => act(parseSecret(secret, "stripe.handleCardAction", "pi"), "handleCardAction"),
    /** @param {{clientSecret?: string, hashedValue?: string}} options */
    handleNextAction: async (options) => {
      needObject(options, "stripe.handleNextAction()");
      // That of a shared payment token.
      if (options.hashedValue !== undefined) return notBuilt("handleNextAction({hashedValue})")();
      return act(parseSecret(options.clientSecret, "stripe.handleNextAction"), "handleNextAction");
    },
  };
}
