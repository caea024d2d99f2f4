// @ts-check
// The sentences that frames say, in one place.

/** @typedef {{ type: "validation_error", code: string, message: string }} Problem */

/** What is wrong with an input, by its code. @type {{ [code: string]: string }} */
const SENTENCES = {
  incomplete_number: "Your card number is incomplete.",
  invalid_number: "Your card number is invalid.",
  incomplete_expiry: "Your card's expiration date is incomplete.",
  invalid_expiry_month: "Your card's expiration month is invalid.",
  invalid_expiry_year: "Your card's expiration year is invalid.",
  invalid_expiry_year_past: "Your card's expiration year is in the past.",
  invalid_expiry_month_past: "Your card's expiration date is in the past.",
  incomplete_cvc: "Your card's security code is incomplete.",
  incomplete_zip: "Your postal code is incomplete.",
  postal_code_invalid: "Your ZIP is invalid.",
  incomplete_email: "Your email is incomplete.",
  email_invalid: "Your email address is invalid.",
  incomplete_phone_number: "Your phone number is incomplete.",
  incomplete_payment_details: "Please provide complete payment details.",
  incomplete_iban: "The IBAN you entered is incomplete.",
  invalid_iban: "The IBAN you entered is invalid.",
  invalid_iban_country_code: "The IBAN you entered is of a country that is not accepted here.",
  incomplete_au_bank_account_bsb: "The BSB you entered is incomplete.",
  incomplete_au_bank_account_number: "The account number you entered is incomplete.",
  incomplete_bank_number: "The number you entered is incomplete.",
  invalid_routing_number: "The routing number you entered is invalid.",
  po_box_not_allowed: "An address with a PO box is not accepted here.",
};

/** What is said of an input that has no sentence of its own. */
const UNFINISHED = "This field is incomplete.";

/** A problem by its code. @param {string} code @returns {Problem} */
function problem(code) {
  return { type: "validation_error", code, message: SENTENCES[code] ?? UNFINISHED };
}

/** Whether a problem may go away by typing on: it is not shown while somebody types. @param {string} code */
const isUnfinished = (code) => code.startsWith("incomplete_");

/** What happens after a payment method was chosen, by the way it is completed. @type {{ [next: string]: string }} */
const NEXT = {
  page: "After you submit, you go on to a test page, where you authorize or fail the payment.",
  scan: "After you submit, a code to scan is shown.",
  voucher: "After you submit, instructions to pay are shown.",
  transfer: "After you submit, the details of a bank account to send the money to are shown.",
  app: "After you submit, you confirm the payment in your bank's app.",
};

/** What a customer agrees to, by what is stored. @type {{ [kind: string]: (shop: string) => string }} */
const TERMS = {
  card: (shop) => `By providing your card, you allow ${shop} to charge it for future payments on their terms.`,
  debit: (shop) =>
    `By providing your account and confirming, you allow ${shop} to debit it, and you can ask your bank for a refund as your agreement with it says.`,
  other: (shop) => `By continuing, you allow ${shop} to use this payment method for future payments until you cancel.`,
};
