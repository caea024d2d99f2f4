// @ts-check
// The objects that `initCheckout…` gives: what a page makes elements with and asks for actions.

/** The elements of a form: the word in the methods' names, the type, and what it is used for. */
const CHECKOUT_ELEMENTS = /** @type {const} */ ([
  ["Payment", "payment"],
  ["BillingAddress", "address", "billing"],
  ["ShippingAddress", "address", "shipping"],
  ["ExpressCheckout", "expressCheckout"],
  ["CurrencySelector", "currencySelector"],
  ["TaxId", "taxId"],
  ["ContactDetails", "contactDetails"],
  ["Terms", "terms"],
  ["LinkSignup", "linkSignup"],
]);

/** What an action of a form is not: its fields change these themselves. */
const OF_FORM = ["updateEmail", "updatePhoneNumber", "updateIndividualName", "updateBusinessName", "updateShippingAddress", "updateBillingAddress", "updateTaxIdInfo"];

/**
 * `createPaymentElement()`, `getPaymentElement()` and so on.
 * @param {CheckoutState} state
 * @returns {Params}
 */
function checkoutElements(state) {
  /** @type {Params} */
  const methods = {};
  for (const [word, type, mode] of CHECKOUT_ELEMENTS) {
    const use = mode ? { mode } : {};
    methods[`create${word}Element`] = (/** @type {any} */ options) => state.create(type, options, use);
    methods[`get${word}Element`] = () => state._group.getElement(type, mode ? use : undefined);
  }
  return methods;
}

/**
 * What every Checkout object has. Wrappers copy its own properties.
 * @param {CheckoutState} state
 * @returns {Params}
 */
function checkoutBase(state) {
  return {
    /**
     * @param {string} event
     * @param {(session: any) => void} listener
     */
    on: (event, listener) => {
      if (event !== "change") throw new IntegrationError(`A Checkout has no event "${event}": "change" is the only one.`);
      state.listen(listener);
    },
    /** @param {any} appearance */
    changeAppearance: (appearance) => void state._group.update({ appearance }).catch(reportError),
    /** @param {any[]} fonts */
    loadFonts: (fonts) => void state._group.update({ fonts }).catch(reportError),
  };
}

/**
 * `loadActions()`: the actions once the session is there.
 * @param {CheckoutState} state
 * @param {string[]} [left] what is left out
 */
function actionsLoader(state, left = []) {
  return async () => {
    try {
      await state._loaded;
    } catch (error) {
      return { type: "error", error: { message: /** @type {any} */ (error).message, code: null } };
    }
    const actions = Object.entries(checkoutActions(state)).filter(([name]) => !left.includes(name));
    return { type: "success", actions: Object.fromEntries(actions) };
  };
}

/**
 * @param {Context} context
 * @param {any} options
 * @param {string} method
 * @returns {import("@stripe/stripe-js").StripeCheckoutElementsSdk}
 */
function elementsSdk(context, options, method) {
  const state = new CheckoutState(context, options, method);
  /** @type {any} The methods of elements are made by their names. */
  const sdk = { ...checkoutBase(state), ...checkoutElements(state), loadActions: actionsLoader(state) };
  return sdk;
}

/**
 * @param {Context} context
 * @param {any} options
 * @returns {import("@stripe/stripe-js").StripeCheckoutFormSdk}
 */
function formSdk(context, options) {
  const state = new CheckoutState(context, options, "initCheckoutFormSdk");
  const { createCurrencySelectorElement, getCurrencySelectorElement } = checkoutElements(state);
  /** @type {any} The methods of elements are made by their names. */
  const sdk = {
    ...checkoutBase(state),
    createCurrencySelectorElement,
    getCurrencySelectorElement,
    /** @param {any} form */
    createForm: (form) => state.create("checkoutForm", form),
    getForm: () => state._group.getElement("checkoutForm"),
    loadActions: actionsLoader(state, OF_FORM),
  };
  return sdk;
}

/**
 * The object of the older releases: elements and actions in one, once the session is there.
 * @param {Context} context
 * @param {any} options
 * @param {string} method
 */
async function flatCheckout(context, options, method) {
  const state = new CheckoutState(context, options, method);
  try {
    await state._loaded;
  } catch (error) {
    throw error instanceof IntegrationError ? error : new IntegrationError(/** @type {any} */ (error).message);
  }
  const { getSession, ...actions } = checkoutActions(state);
  return {
    ...checkoutBase(state),
    ...checkoutElements(state),
    ...actions,
    session: getSession,
    /**
     * @param {string} type
     * @param {any} [given]
     */
    createElement: (type, given) => state.create(type, given, given?.mode ? { mode: given.mode } : {}),
    /**
     * @param {string} type
     * @param {any} [use]
     */
    getElement: (type, use) => state._group.getElement(type, use),
  };
}

/**
 * The methods for Checkout in the page. `initCheckout` gives what the release gave that the page was written for: with
 * `fetchClientSecret` a promise of everything at once, with `clientSecret` an object that loads.
 * @param {Context} context
 */
function checkoutMethods(context) {
  return {
    ...embeddedMethods(context),
    /** @param {any} options */
    initCheckoutElementsSdk: (options) => elementsSdk(context, options, "initCheckoutElementsSdk"),
    /** @param {any} options */
    initCheckoutFormSdk: (options) => formSdk(context, options),
    /** @param {any} options */
    initCheckout: (options) =>
      options?.fetchClientSecret ? flatCheckout(context, options, "initCheckout") : elementsSdk(context, options, "initCheckout"),
    /** @param {any} options */
    initCustomCheckout: (options) => flatCheckout(context, options, "initCustomCheckout"),
  };
}
