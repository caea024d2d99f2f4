// @ts-check
// Checkout in the page: its session, the actions on it, and the elements of its form.

/** The elements of a Checkout, which tell the API of it instead of an intent. */
class CheckoutGroup extends ElementsGroup {
  /**
   * @param {Context} context
   * @param {Params} options
   * @param {CheckoutState} state
   */
  constructor(context, options, state) {
    super(context, options, async () => state.facts());
    this._state = state;
  }

  /**
   * @param {string} name
   * @param {Params} params
   * @returns {Promise<Params>}
   */
  async _serve(name, params) {
    const changes = { detach: { payment_method_to_detach: params.payment_method }, currency: { updated_currency: params.currency } }[name];
    if (!changes) return super._serve(name, params);
    const result = await this._state.update(changes);
    return result.type === "error" ? { error: result.error } : {};
  }
}

/** What one Checkout knows: the API's page of its session, and what only this page does. */
class CheckoutState {
  /**
   * @param {Context} context
   * @param {any} options
   * @param {string} method
   */
  constructor(context, options, method) {
    needObject(options, `stripe.${method}()`);
    this._context = context;
    this._options = options;
    this._method = method;
    /** @type {any} */
    this._page = undefined;
    /** @type {any} */
    this._billing = options.defaultValues?.billingAddress ?? null;
    /** @type {((session: any) => void)[]} */
    this._listeners = [];
    this._couldConfirm = false;
    /** Requests follow one another, so that the newest answer is the last. @type {Promise<any>} */
    this._last = Promise.resolve();
    const elements = options.elementsOptions ?? options;
    /** What the page wants of saved payment methods. @type {{enableSave?: string, enableRedisplay?: string}} */
    this._saved = elements.savedPaymentMethod ?? {};
    this._group = new CheckoutGroup(context, { appearance: elements.appearance, fonts: elements.fonts, loader: elements.loader, locale: elements.locale }, this);
    this._loaded = this._load();
    // Whoever asks is told of a failure; nobody has to ask.
    this._loaded.catch(() => {});
  }

  async _load() {
    const { clientSecret, fetchClientSecret, adaptivePricing, defaultValues = {} } = this._options;
    const secret = await (clientSecret ?? fetchClientSecret?.());
    this._path = `/v1/payment_pages/${sessionIdOf(secret, this._method)}`;
    const page = await this._context.call("POST", `${this._path}/init`, plain({ adaptive_pricing: adaptivePricing }));
    if (page.error) throw page.error;
    this._page = page;
    const { email, phoneNumber, shippingAddress, billingAddress } = defaultValues;
    const known = page.customer_email || page.customer_details?.email;
    const params = plain({
      email: known ? undefined : email,
      phone: phoneNumber,
      shipping: shippingAddress && contactParams(shippingAddress),
      ...(billingAddress && this._taxRegion("session.billing", billingAddress)),
    });
    if (Object.keys(params).length) this._page = await this._context.call("POST", this._path, params).then((after) => (after.error ? page : after));
    this._couldConfirm = this._canConfirm();
  }

  /**
   * What the frames of elements are told.
   * @returns {Promise<Params>}
   */
  async facts() {
    await this._loaded;
    const page = this._page;
    const { deferred_intent: deferred = {} } = page.server_built_elements_session_params ?? {};
    return {
      mode: page.mode,
      amount: page.total_summary.due,
      currency: page.currency,
      setup_future_usage: deferred.setup_future_usage,
      payment_method_types: page.payment_method_types,
      merchant_country: page.account_settings?.country,
      business_name: page.account_settings?.display_name,
      customer: page.customer && { ...page.customer, ...this._customerFacts(page) },
      currencies: page.currency_options,
    };
  }

  /**
   * What a customer may do with saved payment methods: as far as the session and the page allow it.
   * @param {any} page
   * @returns {Params}
   */
  _customerFacts({ customer, customer_managed_saved_payment_methods_offer_save: offer }) {
    const { enableSave, enableRedisplay } = this._saved;
    const allowed = (/** @type {boolean} */ is) => (is ? "enabled" : "disabled");
    return {
      payment_methods: enableRedisplay === "never" ? [] : customer.payment_methods,
      features: {
        payment_method_save: allowed(Boolean(offer?.enabled) && enableSave !== "never"),
        payment_method_remove: allowed(Boolean(customer.can_detach_payment_method)),
      },
    };
  }

  /** @returns {any} */
  session() {
    return sessionOf(this._page, { billingAddress: this._billing, canConfirm: this._canConfirm(), locale: this._page.locale });
  }

  /**
   * Changes the session; the page is told of what comes of it.
   * @param {Params} params
   * @returns {Promise<any>}
   */
  update(params) {
    return this._inTurn(() => this._context.call("POST", this._path ?? "", params));
  }

  /**
   * Sends after what was sent before, and takes the answer over.
   * @param {() => Promise<any>} send
   * @returns {Promise<any>}
   */
  _inTurn(send) {
    const turn = this._last.then(async () => {
      const page = await send();
      if (page.error) return { type: "error", error: { message: page.error.message, code: null }, cause: page.error };
      this._take(page);
      return { type: "success", session: this.session() };
    });
    this._last = turn.catch(() => {});
    return turn;
  }

  /** @param {any} page */
  _take(page) {
    const before = this._page;
    this._page = page;
    this._tell();
    const shown = (/** @type {any} */ of) => JSON.stringify([of.total_summary?.due, of.currency, of.payment_method_types, of.customer?.payment_methods]);
    if (shown(before) !== shown(page)) this._group._refresh().catch(reportError);
  }

  /** Tells the page of the shop how the session is. */
  _tell() {
    this._couldConfirm = this._canConfirm();
    const session = this.session();
    for (const listener of this._listeners.slice()) {
      try {
        listener(session);
      } catch (error) {
        // The session has changed all the same.
        reportError(error);
      }
    }
  }

  /** @param {(session: any) => void} listener */
  listen(listener) {
    this._listeners.push(listener);
  }

  /**
   * Whether everything is there that the session asks for.
   * @returns {boolean}
   */
  _canConfirm() {
    const page = this._page;
    if (page?.status !== "open") return false;
    const elements = [...this._group._elements.values()].filter(({ _kind }) => _kind.asks);
    const typed = (/** @type {string} */ type) => elements.find(({ _type }) => _type === type)?._state.complete;
    const email = page.customer_email || page.customer_details?.email || typed("contactDetails") || typed("linkAuthentication");
    const shipping = !page.shipping_address_collection || page.shipping_details;
    return Boolean(email && shipping && elements.length && elements.every(({ _state }) => _state.complete));
  }

  /**
   * An element of the form; what is typed into it becomes part of the session.
   * @param {string} type
   * @param {any} [options]
   * @param {{mode?: string}} [use]
   */
  create(type, options = {}, use = {}) {
    const element = this._group.create(type, { ...this._defaults(use.mode), ...options, ...use });
    element.on("change", (/** @type {any} */ event) => this._typed(element, event));
    return element;
  }

  /** @param {string | undefined} mode */
  _defaults(mode) {
    const { billingAddress, shippingAddress } = this._options.defaultValues ?? {};
    const given = mode === "billing" ? billingAddress : mode === "shipping" ? shippingAddress : undefined;
    return given ? { defaultValues: given } : {};
  }

  /**
   * @param {FramedElement} element
   * @param {any} event
   */
  async _typed(element, { complete, value }) {
    if (!this._page) return;
    if (complete && element._options.mode === "billing") await this.setBilling({ name: value.name, address: value.address });
    else if (complete && element._options.mode === "shipping") await this.update({ shipping: contactParams(value) });
    else if (complete && ["contactDetails", "linkAuthentication"].includes(element._type) && value?.email) await this.update({ email: value.email });
    else if (this._canConfirm() !== this._couldConfirm) this._tell();
  }

  /**
   * The billing address stays in the page until it pays, unless taxes depend on it.
   * @param {any} address
   * @returns {Promise<any>}
   */
  async setBilling(address) {
    this._billing = address;
    const region = address && this._taxRegion("session.billing", address);
    if (region) return this.update(region);
    this._tell();
    return { type: "success", session: this.session() };
  }

  /**
   * What the taxes are computed by, if by this address.
   * @param {string} source
   * @param {any} contact
   * @returns {Params | undefined}
   */
  _taxRegion(source, { address }) {
    const { automatic_tax_enabled: isComputed, automatic_tax_address_source: by } = this._page.tax_context ?? {};
    return isComputed && by === source ? { tax_region: address } : undefined;
  }
}

/** @param {any} contact */
function contactParams(contact) {
  return contact && plain({ name: contact.name ?? undefined, phone: contact.phone ?? undefined, address: contact.address });
}

/**
 * The actions on a session: own properties, which wrappers copy.
 * @param {CheckoutState} state
 * @returns {any}
 */
function checkoutActions(state) {
  /**
   * @param {Promise<any>} result
   * @param {(error: any) => any} [detail]
   */
  const done = async (result, detail) => {
    const { cause, ...rest } = await result;
    return cause && detail ? { ...rest, error: { ...rest.error, ...detail(cause) } } : rest;
  };
  const optional = (/** @type {string} */ priceId, /** @type {number} */ quantity) => done(state.update({ optional_items: { [priceId]: quantity } }));
  return {
    getSession: () => state.session(),
    /** @param {string} code */
    applyPromotionCode: (code) => done(state.update({ promotion_code: code }), () => ({ code: "invalidCode" })),
    removePromotionCode: () => done(state.update({ promotion_code: "" })),
    /** @param {string | null} email */
    updateEmail: (email) => {
      const wrong = email && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email);
      if (wrong) return Promise.resolve({ type: "error", error: { message: "Your email address is invalid.", code: /@/.test(email) ? "invalidEmail" : "incompleteEmail" } });
      return done(state.update({ email: email ?? "" }), () => ({ code: "invalidEmail" }));
    },
    /** @param {string | null} phone */
    updatePhoneNumber: (phone) => done(state.update({ phone: phone ?? "" })),
    /** @param {string | null} name */
    updateIndividualName: (name) => done(state.update({ individual_name: name ?? "" })),
    /** @param {string | null} name */
    updateBusinessName: (name) => done(state.update({ business_name: name ?? "" })),
    /** @param {any} address */
    updateBillingAddress: (address) => done(state.setBilling(address)),
    /** @param {any} address */
    updateShippingAddress: (address) => done(state.update({ shipping: address ? contactParams(address) : "" })),
    /** @param {{lineItem: string, quantity: number}} change */
    updateLineItemQuantity: ({ lineItem, quantity }) =>
      done(state.update({ updated_line_item_quantity: { line_item_id: lineItem, quantity, fail_update_on_discount_error: true } })),
    /** @param {string} id */
    updateShippingOption: (id) => done(state.update({ shipping_rate: id })),
    /** @param {any} info */
    updateTaxIdInfo: (info) =>
      done(
        state.update(info ? { tax_id_collection: { tax_id: info.taxId }, business_name: info.businessName } : { tax_id_collection: { tax_id: "" } }),
        () => ({ code: "invalidTaxId" }),
      ),
    /** @param {string} id */
    addOptionalLineItem: (id) => optional(id, 1),
    /** @param {string} id */
    removeOptionalLineItem: (id) => optional(id, 0),
    /** @param {() => Promise<any>} work */
    runServerUpdate: (work) =>
      done(
        state._inTurn(async () => {
          try {
            await work();
          } catch (error) {
            return { error: { message: error instanceof Error ? error.message : String(error) } };
          }
          return state._context.call("GET", state._path ?? "");
        }),
      ),
    validateElements: () => validateForm(state),
    /** @param {any} [args] */
    confirm: (args = {}) => confirmCheckout(state, args),
  };
}

/**
 * Draws what is wrong in the form.
 * @param {CheckoutState} state
 * @returns {Promise<any>}
 */
async function validateForm(state) {
  const asked = [...state._group._elements.values()].filter(({ _kind, _channel }) => _kind.asks && _channel);
  const refuse = (/** @type {string} */ code, /** @type {string} */ message, /** @type {any[]} */ errors) =>
    ({ type: "error", error: { code, message, validation_errors: errors } });
  if (!asked.length) return refuse("no_elements", "There is no element in the page that could be checked.", []);
  const answers = await Promise.all(asked.map((element) => element._values()));
  const named = (/** @type {FramedElement} */ { _type, _options }) => (_type === "address" ? `${_options.mode}Address` : _type);
  const wrong = asked
    .map((element, at) => ({ element: named(element), answer: answers[at] }))
    .filter(({ answer }) => answer.error || !answer.complete)
    .map(({ element, answer }) => ({ element, message: answer.error?.message ?? INCOMPLETE.message }));
  return wrong.length ? refuse("validation_error", wrong[0].message, wrong) : { type: "success", session: state.session() };
}

/**
 * What pays: a payment method that is named, one of a wallet, or what was typed.
 * @param {CheckoutState} state
 * @param {any} args
 * @returns {Promise<any>} parameters, or `{error}`
 */
async function checkoutPayment(state, args) {
  if (args.paymentMethod) return { payment_method: args.paymentMethod };
  if (state._page.total_summary.due === 0 && !state._group._first("payment", "checkoutForm")) return {};
  const collected = await collectGroup(state._group);
  if (collected.error) return collected;
  if (collected.payment_method) return { payment_method: collected.payment_method };
  const billing = args.billingAddress ?? state._billing ?? {};
  const details = { name: billing.name, address: billing.address, email: state.session().email, phone: state.session().phoneNumber };
  return {
    payment_method_data: mergeIn({}, { billing_details: details }, collected.data),
    save_payment_method: collected.save || undefined,
  };
}

/**
 * Pays, follows what the bank asks for, and goes to the shop.
 * @param {CheckoutState} state
 * @param {any} args
 * @returns {Promise<any>}
 */
async function confirmCheckout(state, args) {
  await state._last;
  const payment = await checkoutPayment(state, args);
  if (payment.error) return refusedCheckout(payment.error);
  const page = state._page;
  const params = plain({
    ...payment,
    ...(args.savePaymentMethod === undefined ? {} : { save_payment_method: args.savePaymentMethod }),
    expected_amount: page.total_summary.due,
    return_url: args.returnUrl,
    email: args.email,
    phone: args.phoneNumber,
    shipping: contactParams(args.shippingAddress),
  });
  const context = state._context;
  let after = await context.call("POST", `${state._path}/confirm`, params);
  const intent = after.payment_intent ?? after.setup_intent;
  if (!after.error && after.status === "open" && intent && isWaiting(intent)) {
    const followed = await followAction(context, parseSecret(intent.client_secret, "confirm"), intent);
    after = await context.call("GET", state._path ?? "");
    const failure = followed.last_payment_error ?? followed.last_setup_error;
    if (!after.error && after.status === "open" && failure) {
      state._take(after);
      return endWallet(state, refusedCheckout(failure));
    }
  }
  if (after.error) return endWallet(state, refusedCheckout(after.error));
  state._take(after);
  endWallet(state, { type: "success" });
  const address = args.returnUrl?.replaceAll("{CHECKOUT_SESSION_ID}", after.session_id) ?? after.return_url;
  if (after.status === "complete" && address && args.redirect !== "if_required") return leave(address);
  return { type: "success", session: state.session() };
}

/**
 * Closes the sheet of a wallet that has paid.
 * @param {CheckoutState} state
 * @param {any} result
 * @returns {any}
 */
function endWallet(state, result) {
  wallet(state._group, result);
  return result;
}

/** @param {any} error */
function refusedCheckout(error) {
  const isCard = error.type === "card_error";
  const detail = isCard ? { code: "paymentFailed", paymentFailed: { declineCode: error.decline_code ?? null } } : { code: null };
  return { type: "error", error: { message: error.message, ...detail } };
}
