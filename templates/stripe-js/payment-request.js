// @ts-check
// `stripe.paymentRequest()`: the test wallet by the older way.

/** The names of wallets, as they stand on the sheet and in events. */
const WALLET_NAMES = /** @type {Record<string, [string, string]>} */ ({
  applePay: ["Apple Pay", "apple_pay"],
  googlePay: ["Google Pay", "google_pay"],
  amazonPay: ["Amazon Pay", "amazon_pay"],
  link: ["Link", "link"],
  paypal: ["PayPal", "paypal"],
  klarna: ["Klarna", "klarna"],
});

/** The customer's address in the words of payment requests. */
const RECIPIENT = {
  country: HOME.country,
  addressLine: [HOME.line1],
  region: HOME.state,
  city: HOME.city,
  postalCode: HOME.postal_code,
  recipient: OWNER.name,
  phone: OWNER.phone,
};

/** The numbers of the test wallet's cards, of which a token is made anew. @type {Record<string, string>} */
const NUMBERS = { tok_visa: "4242424242424242", tok_chargeDeclined: "4000000000000002", tok_threeDSecure2Required: "4000000000003220" };

/**
 * How the object is made that a wallet has given, by the event that the page listens to.
 * @type {Record<string, [string, string, (card: string) => Params]>}
 */
const GIVEN = {
  paymentmethod: [
    "paymentMethod",
    "/v1/payment_methods",
    (token) => ({ type: "card", card: { token }, billing_details: { ...OWNER, address: HOME } }),
  ],
  source: ["source", "/v1/sources", (token) => ({ type: "card", token })],
  token: [
    "token",
    "/v1/tokens",
    (token) => ({ card: { number: NUMBERS[token] ?? NUMBERS.tok_visa, exp_month: 12, exp_year: new Date().getFullYear() + 4, cvc: "123" } }),
  ],
};

/** What `stripe.paymentRequest()` gives. */
class WalletRequest {
  /**
   * @param {Context} context
   * @param {any} options
   */
  constructor(context, options) {
    needObject(options, "stripe.paymentRequest()");
    for (const key of ["country", "currency", "total"]) {
      if (!options[key]) throw new IntegrationError(`Missing value for paymentRequest(): ${key}.`);
    }
    this._context = context;
    this._options = { ...options };
    /** @type {Map<string, ((event: any) => any)[]>} */
    this._handlers = new Map();
    /** @type {ReturnType<typeof openWallet> | undefined} */
    this._sheet = undefined;
    // Pages pass these on without the object.
    this.abort = this.abort.bind(this);
    this.isShowing = this.isShowing.bind(this);
    this.canMakePayment = this.canMakePayment.bind(this);
    this.show = this.show.bind(this);
  }

  /** The wallets that the page lets the customer use. */
  _wallets() {
    const { wallets, disableWallets = [] } = this._options;
    return WALLETS.filter(
      (name) => ["applePay", "googlePay", "link"].includes(name) && !disableWallets.includes(name) && (wallets?.includes(name) ?? true),
    );
  }

  /** @returns {Promise<Record<string, boolean> | null>} */
  async canMakePayment() {
    const wallets = this._wallets();
    if (!wallets.length) return null;
    return Object.fromEntries(["applePay", "googlePay", "link"].map((name) => [name, wallets.includes(name)]));
  }

  /** Opens the wallet. */
  show() {
    const [name] = this._wallets();
    if (!name) throw new IntegrationError("show() can only be called when canMakePayment() has found a wallet.");
    if (this._sheet) throw new IntegrationError("You have already called show() once.");
    const { requestShipping } = this._options;
    this._sheet = openWallet(
      { wallet: WALLET_NAMES[name][0], shipping: Boolean(requestShipping), ...this._drawn() },
      { pay: (card, rate) => this._pay(name, card, rate), cancel: () => this._end("cancel"), rate: (rate) => this._pick(rate) },
    );
    if (requestShipping) this._tell("shippingaddresschange", { shippingAddress: RECIPIENT });
  }

  /** Closes it without a word. */
  abort() {
    this._sheet?.close();
    this._sheet = undefined;
  }

  /** @returns {boolean} */
  isShowing() {
    return this._sheet !== undefined;
  }

  /** @param {any} options */
  update(options) {
    if (this._sheet) throw new IntegrationError("You cannot update Payment Request options while the payment sheet is showing.");
    Object.assign(this._options, options);
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} handler
   */
  on(event, handler) {
    this._handlers.set(event, [...(this._handlers.get(event) ?? []), handler]);
    return this;
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} handler
   */
  once(event, handler) {
    const heard = (/** @type {any} */ data) => {
      this.off(event, heard);
      return handler(data);
    };
    return this.on(event, heard);
  }

  /**
   * @param {string} event
   * @param {(event: any) => any} [handler]
   */
  off(event, handler) {
    this._handlers.set(event, handler ? (this._handlers.get(event) ?? []).filter((one) => one !== handler) : []);
    return this;
  }

  /** What the sheet shows of the options. */
  _drawn() {
    const { total, currency, shippingOptions = [] } = this._options;
    return {
      total: price(total.amount, currency),
      rates: shippingOptions.map((/** @type {any} */ one) => ({ id: one.id, label: `${one.label} ${price(one.amount, currency)}` })),
    };
  }

  /**
   * Tells the page of a change, and draws what it answers.
   * @param {string} event
   * @param {Params} detail
   */
  _tell(event, detail) {
    const updateWith = (/** @type {any} */ { status, ...details } = {}) => {
      Object.assign(this._options, details);
      this._sheet?.show({ ...this._drawn(), error: status && status !== "success" ? "This address can't be delivered to." : "" });
    };
    for (const handler of this._handlers.get(event) ?? []) handler({ ...detail, updateWith });
  }

  /** @param {string} rate */
  _pick(rate) {
    const shippingOption = this._options.shippingOptions?.find((/** @type {any} */ { id }) => id === rate);
    if (shippingOption) this._tell("shippingoptionchange", { shippingOption });
  }

  /**
   * The customer pays: makes what the page listens for.
   * @param {string} name
   * @param {string} card
   * @param {string | undefined} rate
   */
  async _pay(name, card, rate) {
    const { requestPayerName, requestPayerEmail, requestPayerPhone, requestShipping, shippingOptions = [] } = this._options;
    const heard = Object.keys(GIVEN).find((event) => this._handlers.get(event)?.length) ?? "paymentmethod";
    const [key, path, params] = GIVEN[heard];
    const made = await this._context.call("POST", path, params(card));
    if (made.error) return this._sheet?.show({ error: made.error.message });
    const complete = (/** @type {string} */ status) => {
      if (status === "success") return this.abort();
      this._sheet?.show({ error: "The payment was not completed." });
    };
    const event = {
      [key]: made,
      complete,
      payerName: requestPayerName ? OWNER.name : undefined,
      payerEmail: requestPayerEmail ? OWNER.email : undefined,
      payerPhone: requestPayerPhone ? OWNER.phone : undefined,
      shippingAddress: requestShipping ? RECIPIENT : undefined,
      shippingOption: requestShipping
        ? (shippingOptions.find((/** @type {any} */ { id }) => id === rate) ?? shippingOptions[0])
        : undefined,
      walletName: name,
      methodName: name === "applePay" ? "https://apple.com/apple-pay" : name === "googlePay" ? "https://google.com/pay" : name,
    };
    for (const handler of this._handlers.get(heard) ?? []) handler(event);
  }

  /** @param {string} event */
  _end(event) {
    this._sheet = undefined;
    for (const handler of this._handlers.get(event) ?? []) handler({});
  }
}
