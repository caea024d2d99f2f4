// @ts-check
// A test wallet: one sheet over the page with a card, an address, rates, and the buttons Pay and Cancel.

/** The address that the customer of the test wallet has. */
const HOME = { line1: "354 Oyster Point Blvd", line2: null, city: "South San Francisco", state: "CA", postal_code: "94080", country: "US" };

/** Who the customer of the test wallet is. */
const OWNER = { name: "Jenny Rosen", email: "jenny.rosen@example.com", phone: "+14155550132" };

/**
 * What a sheet tells the page, and what the page makes of it.
 * @typedef {object} Sheet
 * @property {string} wallet the name on it
 * @property {string} total
 * @property {boolean} [shipping] whether an address is asked for
 * @property {{id: string, label: string}[]} [rates]
 */

/**
 * Opens the sheet.
 * @param {Sheet} sheet
 * @param {object} handlers
 * @param {(card: string, rate: string | undefined) => void} handlers.pay
 * @param {() => void} handlers.cancel
 * @param {(rate: string) => void} [handlers.rate]
 * @returns {{show: (sheet: Partial<Sheet> & {error?: string}) => void, close: () => void}}
 */
function openWallet(sheet, handlers) {
  let shown = { kind: "wallet", ...sheet };
  const channel = cover("modal-pinstripe.html", sheet.wallet, ({ event, detail }) => {
    if (event === "loaded") channel.post({ action: "show", sheet: shown });
    else if (event === "pay") handlers.pay(detail.card, detail.rate);
    else if (event === "rate") handlers.rate?.(detail.rate);
    else if (event === "cancel") {
      channel.close();
      handlers.cancel();
    }
  });
  return {
    show: (changed) => {
      shown = { ...shown, ...changed };
      channel.post({ action: "show", sheet: shown });
    },
    close: () => channel.close(),
  };
}

/**
 * An amount as people read it.
 * @param {number | undefined} amount in the smallest unit
 * @param {string | undefined} currency
 * @returns {string}
 */
function price(amount, currency) {
  if (amount === undefined || !currency) return "";
  return writer(currency.toLowerCase(), "en")(amount).amount;
}
