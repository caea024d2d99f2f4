// @ts-check
// `stripe.elements()`: the elements of one form, and what they are told of the payment.

/**
 * What belongs to one `Stripe()`.
 * @typedef {object} Context
 * @property {string} key
 * @property {Params} options
 * @property {(method: string, path: string, params?: Params) => Promise<any>} call asks the API with the key: the object, or `{error}`
 */

/** The elements of one form. */
class ElementsGroup {
  /**
   * @param {Context} context
   * @param {Params} options
   * @param {() => Promise<Params>} [facts] what the frames are told, if it comes from elsewhere than an intent
   */
  constructor(context, options, facts) {
    this._context = context;
    this._options = { ...options };
    this._load = facts ?? (() => loadFacts(context, this._options));
    /** @type {Map<string, FramedElement>} */
    this._elements = new Map();
    /** @type {(() => void)[]} */
    this._updated = [];
    this._submitted = false;
    /** What a wallet has given: it stands for the Payment Element. @type {Params | undefined} */
    this._wallet = undefined;
    /** @type {Promise<Params> | undefined} */
    this._loaded = undefined;
    if (options.clientSecret !== undefined) parseSecret(options.clientSecret, "elements(): clientSecret");
    if (options.clientSecret && options.mode) {
      throw new IntegrationError("elements(): pass either a clientSecret or a mode, not both.");
    }
  }

  /**
   * Makes an element.
   * @param {string} type
   * @param {any} [options]
   * @returns {any}
   */
  create(type, options = {}) {
    if (!Object.hasOwn(KINDS, type)) {
      throw new IntegrationError(
        `A valid Element name must be provided. Valid Elements are:\n  ${Object.keys(KINDS).join(", ")}; you passed: ${type}.`,
      );
    }
    if (type === "address" && !options.mode) {
      throw new IntegrationError("You must specify a mode for the address Element: 'shipping' or 'billing'.");
    }
    const slot = slotOf(type, options);
    if (this._elements.has(slot)) {
      throw new IntegrationError(`Can only create one Element of type ${type} through an Elements instance.`);
    }
    const element = new FramedElement(this, type, options);
    this._elements.set(slot, element);
    return element;
  }

  /**
   * The element of a type that was made before.
   * @param {any} type a name, or a component of a framework that carries one
   * @param {any} [options]
   * @returns {any}
   */
  getElement(type, options) {
    const named = typeof type === "string" ? type : type?.__elementType;
    const exact = this._elements.get(slotOf(named, options ?? {}));
    return exact ?? (options ? null : [...this._elements.values()].find(({ _type }) => _type === named)) ?? null;
  }

  /**
   * Says what is different from now on.
   * @param {any} options
   */
  async update(options) {
    needObject(options, "elements.update()");
    if (options.clientSecret && options.clientSecret !== this._options.clientSecret) {
      throw new IntegrationError("elements.update(): the clientSecret can't be changed. Make another Elements instance.");
    }
    Object.assign(this._options, options);
    await this._refresh();
    for (const handler of this._updated) handler();
  }

  /**
   * Asks the API anew what may be paid and how.
   * @returns {Promise<{error?: {message: string, status?: string}}>}
   */
  async fetchUpdates() {
    try {
      await this._refresh();
      return {};
    } catch (error) {
      return { error: /** @type {any} */ (error) };
    }
  }

  /**
   * Checks what was typed, and shows what is missing.
   * @returns {Promise<any>}
   */
  async submit() {
    const { error, type } = await collectGroup(this);
    if (error) return { error };
    this._submitted = true;
    return { selectedPaymentMethod: type };
  }

  /**
   * @param {string} event
   * @param {() => void} handler
   */
  on(event, handler) {
    if (event === "update-end") this._updated.push(handler);
    return this;
  }

  /**
   * @param {string} event
   * @param {() => void} [handler]
   */
  off(event, handler) {
    if (event === "update-end") this._updated = handler ? this._updated.filter((one) => one !== handler) : [];
    return this;
  }

  /** @param {FramedElement} element */
  _forget(element) {
    for (const [slot, one] of this._elements) if (one === element) this._elements.delete(slot);
  }

  /**
   * The field that is typed into after another one.
   * @param {string} type
   * @returns {FramedElement | undefined}
   */
  _after(type) {
    return this._elements.get(CARD_PARTS[CARD_PARTS.indexOf(type) + 1] ?? "");
  }

  /**
   * The first element of these types.
   * @param {...string} types
   * @returns {FramedElement | undefined}
   */
  _first(...types) {
    return [...this._elements.values()].find(({ _type }) => types.includes(_type));
  }

  /** Whether it was made without an intent. */
  get _deferred() {
    return Boolean(this._options.mode);
  }

  /**
   * What the frames are told.
   * @param {boolean} session whether the API has to be asked
   * @returns {Promise<Params>}
   */
  async _facts(session) {
    const { appearance, fonts } = this._options;
    const base = {
      appearance: appearance ?? {},
      fonts: fonts ?? [],
      wallets: WALLETS,
      fields: FIELDS,
      payment_method_types: ["card"],
      merchant_country: "US",
      customer: null,
    };
    return plain({ ...base, ...(session && (await (this._loaded ??= this._load()))) });
  }

  /** Tells every frame what has changed. */
  async _refresh() {
    this._loaded = undefined;
    for (const element of this._elements.values()) {
      if (element._channel) element._send({ action: "update", group: await this._facts(element._kind.session ?? false) });
    }
  }

  /**
   * Does for a frame what only the page can.
   * @param {string} name
   * @param {Params} params
   * @returns {Promise<Params>}
   */
  async _serve(name, params) {
    if (name !== "detach") return { error: { type: "invalid_request_error", message: `Pinstripe's Elements can't do this: ${name}.` } };
    const { customerSessionClientSecret } = this._options;
    return this._context.call("POST", `/v1/payment_methods/${params.payment_method}/detach`, {
      customer_session_client_secret: customerSessionClientSecret,
    });
  }
}

/**
 * An element's place in its group: one of each type, and an address for each use.
 * @param {string} type
 * @param {Params} options
 * @returns {string}
 */
function slotOf(type, options) {
  return type === "address" ? `address ${options.mode}` : type;
}

/**
 * What the API says of an intent, or of one that is still to be made.
 * @param {Context} context
 * @param {Params} options
 * @returns {Promise<Params>} parts of what the frames are told
 */
async function loadFacts(context, options) {
  const { clientSecret, mode, customerSessionClientSecret } = options;
  if (!clientSecret && !mode) return {};
  const about = clientSecret && parseSecret(clientSecret, "elements()");
  const session = await context.call("GET", "/v1/elements/sessions", {
    type: about?.object ?? "deferred_intent",
    client_secret: clientSecret,
    deferred_intent: about ? undefined : { ...deferredIntent(options), ...configuration(options) },
    customer_session_client_secret: customerSessionClientSecret,
    locale: options.locale ?? context.options.locale,
  });
  if (session.error) throw session.error;
  const { payment_method_preference: preference, customer } = session;
  const intent = about && preference[about.object];
  const terms = intent ?? deferredIntent(options);
  const { excludedPaymentMethodTypes: excluded = [], allowedPaymentMethodTypes: allowed } = options;
  return {
    mode: intent ? (about.object === "setup_intent" ? "setup" : "payment") : mode,
    amount: terms.amount,
    currency: terms.currency,
    setup_future_usage: intent?.usage ?? terms.setup_future_usage ?? undefined,
    payment_method_types: preference.ordered_payment_method_types.filter(
      (/** @type {string} */ type) => !excluded.includes(type) && (allowed?.includes(type) ?? true),
    ),
    require_cvc_recollection: terms.payment_method_options?.card?.require_cvc_recollection ?? false,
    merchant_country: session.merchant_country,
    business_name: session.business_name,
    customer: customer && { ...customer, features: customer.customer_session?.components?.payment_element?.features },
  };
}

/**
 * The intent that is still to be made, in the words of the API.
 * @param {Params} options
 * @returns {Params}
 */
function deferredIntent(options) {
  return {
    mode: options.mode,
    amount: options.amount,
    currency: options.currency,
    setup_future_usage: either(options, "setupFutureUsage", "setup_future_usage"),
    capture_method: either(options, "captureMethod", "capture_method"),
    payment_method_types: either(options, "paymentMethodTypes", "payment_method_types"),
    payment_method_options: either(options, "paymentMethodOptions", "payment_method_options"),
  };
}

/**
 * What else decides which payment methods there are.
 * @param {Params} options
 * @returns {Params}
 */
function configuration(options) {
  return {
    payment_method_configuration: either(options, "paymentMethodConfiguration", "payment_method_configuration"),
    on_behalf_of: either(options, "onBehalfOf", "on_behalf_of"),
  };
}

/**
 * An option that has two spellings.
 * @param {Params} options
 * @param {string} one
 * @param {string} other
 * @returns {any}
 */
function either(options, one, other) {
  return options[one] ?? options[other] ?? undefined;
}
