// @ts-check
// Amounts as people read them, by the units that the API counts in. Both the script and its frames contain this.

/** Currencies without a smaller unit, and those with a thousand of it; all others have a hundred. */
const WHOLE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
const THOUSANDTHS = "bhd jod kwd omr tnd".split(" ");

/**
 * How many of the smallest units make one of a currency.
 * @param {string} currency
 * @returns {number}
 */
function divisorOf(currency) {
  if (WHOLE.includes(currency)) return 1;
  return THOUSANDTHS.includes(currency) ? 1000 : 100;
}

/**
 * A way to write the amounts of one currency.
 * @param {string} currency
 * @param {string | undefined} locale
 * @returns {(minor: number | null | undefined, places?: number) => {minorUnitsAmount: number, amount: string}}
 */
function writer(currency, locale) {
  const divisor = divisorOf(currency);
  const digits = Math.log10(divisor);
  const format = (/** @type {number} */ most) =>
    new Intl.NumberFormat(!locale || locale === "auto" ? "en" : locale, {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: Math.max(digits, most),
    });
  return (minor, places = 0) => {
    const units = minor ?? 0;
    return { minorUnitsAmount: units, amount: format(places).format(units / divisor) };
  };
}
