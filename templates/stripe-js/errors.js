// @ts-check
// What is said of wrong use. Whatever the API or a field finds wrong is no exception but the `error` of a result.

/** The class of every exception of Stripe.js. */
class IntegrationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

/** What an element says that has no frame to ask. */
const NOT_MOUNTED =
  "We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is still mounted.";

/** The error of a result when the server can't be reached. */
const NO_CONNECTION = {
  type: "api_connection_error",
  message: "An error occurred with our connection to Stripe. Please check that Pinstripe is running.",
};

/**
 * A method of Stripe.js that Pinstripe doesn't have.
 * @param {string} method
 * @returns {(...given: any[]) => Promise<never>}
 */
function notBuilt(method) {
  return () =>
    Promise.reject(new IntegrationError(`Pinstripe does not have stripe.${method}${method.endsWith(")") ? "" : "()"}: nothing was done.`));
}

/**
 * Refuses what isn't an object where one is needed.
 * @param {unknown} value
 * @param {string} what
 */
function needObject(value, what) {
  if (typeof value !== "object" || value === null) {
    throw new IntegrationError(`Invalid value for ${what}: value should be an object. You specified: ${String(value)}.`);
  }
}
