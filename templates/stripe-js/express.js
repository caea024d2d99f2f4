// @ts-check
// The Express Checkout Element and the button of a payment request: what a click leads to.

/** How long a page has to answer a click. */
const CLICK = 1000;

/**
 * A click in an element's frame.
 * @param {FramedElement} element
 * @param {Params} detail
 */
function clicked(element, detail) {
  if (element._type === "expressCheckout") return expressClick(element, detail.expressPaymentType);
  let prevented = false;
  element._emit("click", { ...detail, preventDefault: () => (prevented = true) });
  const request = element._options.paymentRequest;
  if (!prevented && request instanceof WalletRequest) request.show();
}

/**
 * The page is asked what the wallet is to show; without a handler it shows what the element was made with.
 * @param {FramedElement} element
 * @param {string} expressPaymentType
 */
function expressClick(element, expressPaymentType) {
  let settled = false;
  const resolve = (/** @type {any} */ details = {}) => {
    if (settled) return;
    settled = true;
    clearTimeout(late);
    openExpress(element, expressPaymentType, { ...element._options, ...details });
  };
  const reject = () => {
    settled = true;
    clearTimeout(late);
  };
  const late = setTimeout(() => {
    settled = true;
    console.error("Express Checkout Element: the 'click' event has to be resolved within 1 second.");
  }, CLICK);
  if (!element._emit("click", { expressPaymentType, resolve, reject })) resolve();
}

/**
 * The wallet's sheet, until the page has confirmed the payment or the customer has gone.
 * @param {FramedElement} element
 * @param {string} expressPaymentType
 * @param {any} options what the page has said of the sheet
 */
function openExpress(element, expressPaymentType, options) {
  const group = element._group;
  let { lineItems = [], shippingRates = [] } = options;
  /** @type {any} */
  let shippingRate = shippingRates[0];
  const { currency, amount } = group._options;
  const drawn = () => ({
    total: price(
      lineItems.length ? lineItems.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.amount, 0) : amount,
      currency,
    ),
    rates: shippingRates.map((/** @type {any} */ one) => ({ id: one.id, label: `${one.displayName} ${price(one.amount, currency)}` })),
  });
  const tell = (/** @type {string} */ event, /** @type {Params} */ detail) =>
    element._emit(event, {
      ...detail,
      resolve: (/** @type {any} */ details = {}) => {
        ({ lineItems, shippingRates } = { lineItems, shippingRates, ...details });
        shippingRate = shippingRates.find((/** @type {any} */ { id }) => id === shippingRate?.id) ?? shippingRates[0];
        sheet.show({ ...drawn(), error: "" });
      },
      reject: () => sheet.show({ error: "This can't be delivered." }),
    });
  const end = () => {
    group._wallet = element._sheetDone = undefined;
  };
  const fail = (/** @type {string | undefined} */ message) => {
    sheet.show({ error: message ?? "The payment was not completed." });
    end();
  };
  const pay = (/** @type {string} */ card) => {
    const details = {
      name: OWNER.name,
      ...(options.emailRequired && { email: OWNER.email }),
      ...(options.phoneNumberRequired && { phone: OWNER.phone }),
      address: HOME,
    };
    const isCard = ["apple_pay", "google_pay"].includes(expressPaymentType);
    group._wallet = { type: isCard ? "card" : expressPaymentType, ...(isCard && { card: { token: card } }), billing_details: details };
    element._sheetDone = (error) => {
      if (error) return fail(error.message);
      sheet.close();
      end();
    };
    element._emit("confirm", {
      expressPaymentType,
      billingDetails: details,
      shippingAddress: options.shippingAddressRequired ? { name: OWNER.name, address: HOME } : undefined,
      shippingRate,
      paymentFailed: (/** @type {any} */ { message } = {}) => fail(message),
    });
  };
  const name = Object.values(WALLET_NAMES).find(([, type]) => type === expressPaymentType)?.[0] ?? expressPaymentType;
  const sheet = openWallet(
    { wallet: name, shipping: Boolean(options.shippingAddressRequired), ...drawn() },
    {
      pay,
      cancel: () => {
        end();
        element._emit("cancel");
      },
      rate: (id) => {
        shippingRate = shippingRates.find((/** @type {any} */ one) => one.id === id);
        tell("shippingratechange", { shippingRate });
      },
    },
  );
  const { line1, line2, ...address } = HOME;
  if (options.shippingAddressRequired) tell("shippingaddresschange", { name: OWNER.name, address });
}
