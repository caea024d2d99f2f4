// @ts-check
// Checkout in a frame of the page, and the way to its own page.

/** Whether an embedded Checkout is in the page: there may be one. */
let hasEmbedded = false;

/** One embedded Checkout. */
class EmbeddedPage {
  /**
   * @param {Context} context
   * @param {string} id
   * @param {Params} options
   */
  constructor(context, id, options) {
    this._context = context;
    this._id = id;
    this._options = options;
    /** @type {Channel | undefined} */
    this._channel = undefined;
    this._destroyed = false;
  }

  /** @param {string | Element} place */
  mount(place) {
    if (this._destroyed) throw new IntegrationError("This Embedded Checkout has been destroyed. Please create a new one.");
    if (this._channel) throw new IntegrationError("This Embedded Checkout is mounted already. Unmount it first.");
    const node = nodeOf(place);
    const told = new URLSearchParams({ apiKey: this._context.key, checkoutSessionId: this._id });
    const frame = makeFrame(`embedded-checkout-inner-pinstripe.html#${told}`, "Secure payment form");
    frame.name = "embedded-checkout";
    frame.style.cssText = "border:0;width:100%;min-height:400px;display:block";
    this._channel = new Channel(frame, (message) => this._hear(message));
    node.append(frame);
  }

  /** @param {any} message */
  _hear(message) {
    const { onComplete, onAnalyticsEvent } = this._options;
    if (message.event === "resize" && this._channel) this._channel.frame.style.height = `${message.height}px`;
    else if (message.event === "navigate") leave(message.url);
    else if (message.event === "complete") onComplete?.();
    else if (message.event === "call") this._answer(message);
    else if (message.event === "rendered" || message.event === "submitted") onAnalyticsEvent?.(this._analytics(message));
  }

  /**
   * Asks the shop, whose server stores an address or refuses it.
   * @param {any} message
   */
  async _answer({ params, call }) {
    const reject = (/** @type {string} */ errorMessage) => ({ type: "reject", errorMessage });
    const ask = this._options.onShippingDetailsChange;
    const result = ask
      ? await Promise.resolve(ask({ checkoutSessionId: this._id, shippingDetails: params })).catch((error) => reject(String(error?.message ?? error)))
      : reject("The page of the shop has no onShippingDetailsChange, which says whether this address will do.");
    this._channel?.post({ answer: call, result: plain(result) });
  }

  /** @param {any} message */
  _analytics({ event }) {
    const eventType = event === "rendered" ? "checkoutRendered" : "checkoutSubmitted";
    const timestamp = Math.floor(Date.now() / 1000);
    return { checkoutSession: this._id, eventType, details: {}, clientMetadata: {}, timestamp };
  }

  unmount() {
    this._channel?.close();
    this._channel = undefined;
  }

  destroy() {
    if (this._destroyed) return;
    this.unmount();
    this._destroyed = true;
    // The place is free a moment later, as with the real one: a page that makes the next one at once has a fault to find.
    setTimeout(() => (hasEmbedded = false));
  }
}

/**
 * The id of a Checkout Session by its client secret.
 * @param {any} secret
 * @param {string} method
 * @returns {string}
 */
function sessionIdOf(secret, method) {
  const [, id] = /^(cs_\w+?)_secret_/.exec(String(secret)) ?? [];
  if (id) return id;
  throw new IntegrationError(`Invalid value for ${method} client secret: value should be the client_secret of a Checkout Session. You specified: ${String(secret)}.`);
}

/**
 * @param {Context} context
 * @param {string} method
 * @param {any} options
 * @returns {Promise<any>}
 */
async function makeEmbedded(context, method, options) {
  needObject(options, `stripe.${method}()`);
  // The form would have to ask the shop: better no Checkout than one that does not.
  if (options.onLineItemsChange) throw new IntegrationError(`Pinstripe does not have onLineItemsChange of stripe.${method}(): nothing was done.`);
  if (hasEmbedded) throw new IntegrationError("You cannot have multiple Embedded Checkout objects.");
  hasEmbedded = true;
  try {
    const secret = (await options.clientSecret) ?? (await options.fetchClientSecret?.());
    return new EmbeddedPage(context, sessionIdOf(secret, method), options);
  } catch (error) {
    hasEmbedded = false;
    throw error;
  }
}

/**
 * The methods for Checkout in a frame or on its own page.
 * @param {Context} context
 */
function embeddedMethods(context) {
  return {
    /** @param {any} options */
    createEmbeddedCheckoutPage: (options) => makeEmbedded(context, "createEmbeddedCheckoutPage", options),
    /** @param {any} options */
    initEmbeddedCheckout: (options) => makeEmbedded(context, "initEmbeddedCheckout", options),
    /** @param {any} options */
    redirectToCheckout: async (options) => {
      needObject(options, "stripe.redirectToCheckout()");
      if (!options.sessionId) {
        throw new IntegrationError("Pinstripe's stripe.redirectToCheckout() needs a sessionId: a page alone can't make sessions.");
      }
      const page = await context.call("GET", `/v1/payment_pages/${options.sessionId}`);
      if (page.error) return { error: page.error };
      return leave(page.url ?? here(`/c/pay/${page.session_id}`));
    },
  };
}
