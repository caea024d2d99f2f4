// @ts-check
// Numbers, brands, expiration dates and security codes of cards: texts to texts, nothing is drawn here.

/**
 * @typedef {object} Brand
 * @property {string} brand The name that events tell.
 * @property {string} label
 * @property {RegExp} starts How its numbers start.
 * @property {number[]} lengths
 * @property {number} cvc The length of its security code.
 */

/** @type {Brand[]} */
const BRANDS = [
  { brand: "amex", label: "American Express", starts: /^3[47]/, lengths: [15], cvc: 4 },
  { brand: "diners", label: "Diners Club", starts: /^3(0[0-5]|09|[689])/, lengths: [14, 16], cvc: 3 },
  { brand: "jcb", label: "JCB", starts: /^35(2[89]|[3-8])/, lengths: [16], cvc: 3 },
  { brand: "visa", label: "Visa", starts: /^4/, lengths: [16], cvc: 3 },
  { brand: "mastercard", label: "Mastercard", starts: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16], cvc: 3 },
  { brand: "eftpos_au", label: "eftpos Australia", starts: /^6280/, lengths: [16], cvc: 3 },
  { brand: "discover", label: "Discover", starts: /^6(011|4[4-9]|5)/, lengths: [16], cvc: 3 },
  { brand: "unionpay", label: "UnionPay", starts: /^(62|81)/, lengths: [16, 17, 18, 19], cvc: 3 },
];

/** The second network of test cards that run on two. @type {{ [start: string]: string }} */
const SECOND_NETWORKS = {
  400000250: "cartes_bancaires",
  555555250: "cartes_bancaires",
  400005036: "eftpos_au",
  555505036: "eftpos_au",
};

/** Countries whose postal code has four digits, by the number that test cards carry. */
const FOUR_DIGITS = /^(036|040|056|100|196|208|348|428|442|554|578|620|705|756)$/;

/** The digits of a text. @param {string} text */
const digitsOf = (text) => text.replace(/\D/g, "");

/** @param {string} number @returns {Brand | undefined} */
const brandOf = (number) => BRANDS.find(({ starts }) => starts.test(number));

/** The networks that a number runs on. @param {string} number @returns {string[]} */
function networksOf(number) {
  const first = brandOf(number)?.brand;
  const second = SECOND_NETWORKS[number.slice(0, 9)];
  return [first, second].filter((network) => network !== undefined);
}

/** @param {string} number */
function passesLuhn(number) {
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The longest number of a brand. @param {string} number */
const longest = (number) => Math.max(...(brandOf(number)?.lengths ?? [16]));

/** A card number in groups. @param {string} text */
function formatNumber(text) {
  const all = digitsOf(text);
  const number = all.slice(0, longest(all));
  const isAmex = /^3[47]/.test(number);
  const groups = isAmex ? [number.slice(0, 4), number.slice(4, 10), number.slice(10)] : (number.match(/\d{1,4}/g) ?? []);
  return groups.filter(Boolean).join(" ");
}

/** The code of what is wrong with a card number. @param {string} text */
function checkNumber(text) {
  const number = digitsOf(text);
  const lengths = brandOf(number)?.lengths ?? [16];
  if (lengths.includes(number.length)) {
    if (passesLuhn(number)) return undefined;
    return number.length < longest(number) ? "incomplete_number" : "invalid_number";
  }
  return "incomplete_number";
}

/** A month and a year, from `1234`, `1/34`, `12 / 34` or `12/2034`. @param {string} text */
function formatExpiry(text) {
  let typed = digitsOf(text);
  if (/^[2-9]/.test(typed) || /^\s*1\s*\/|^1[3-9]/.test(text)) typed = `0${typed}`;
  if (typed.length >= 6 && typed.startsWith("20", 2)) typed = typed.slice(0, 2) + typed.slice(4, 6);
  // The fifth digit of a year that is typed in full.
  typed = typed.slice(0, typed.length === 5 && typed.startsWith("20", 2) ? 5 : 4);
  return typed.length > 2 ? `${typed.slice(0, 2)} / ${typed.slice(2)}` : typed;
}

/** The code of what is wrong with an expiration date. @param {string} text @param {Date} [now] */
function checkExpiry(text, now = new Date()) {
  const typed = digitsOf(text);
  const month = Number(typed.slice(0, 2));
  if (typed.length >= 2 && (month < 1 || month > 12)) return "invalid_expiry_month";
  if (typed.length !== 4) return "incomplete_expiry";
  const ahead = 2000 + Number(typed.slice(2)) - now.getFullYear();
  if (ahead > 50) return "invalid_expiry_year";
  if (ahead < 0) return "invalid_expiry_year_past";
  return ahead === 0 && month < now.getMonth() + 1 ? "invalid_expiry_month_past" : undefined;
}

/** A security code. @param {string} text @param {string} [number] The number of its card, if it is known. */
const formatCvc = (text, number = "") => digitsOf(text).slice(0, brandOf(digitsOf(number))?.cvc ?? 4);

/** The code of what is wrong with a security code. @param {string} text @param {string} [number] */
function checkCvc(text, number = "") {
  return digitsOf(text).length < (brandOf(digitsOf(number))?.cvc ?? 3) ? "incomplete_cvc" : undefined;
}

/** The code of what is wrong with the postal code of a card's holder. @param {string} text @param {string} number */
function checkCardPostal(text, number) {
  const country = /^4000\d{2}(\d{3})/.exec(digitsOf(number))?.[1] ?? "000";
  const length = country === "000" || country === "840" ? 5 : FOUR_DIGITS.test(country) ? 4 : 3;
  return text.trim().length < length ? "incomplete_zip" : undefined;
}

/** The piece of `payment_method_data.card` that an expiration date is. @param {string} text */
function expiryParams(text) {
  const typed = digitsOf(text);
  return { exp_month: Number(typed.slice(0, 2)), exp_year: 2000 + Number(typed.slice(2)) };
}
