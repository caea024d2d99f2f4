// @ts-check
// The types of payment methods: their names, what each asks for, and how a payment with it goes on.

/**
 * @typedef {object} Method
 * @property {string} label
 * @property {string} [asks] The billing details that it needs, of `name email phone country address`.
 * @property {FieldSpec[]} [own] What only this type asks for.
 * @property {keyof typeof NEXT | "debit" | "none"} [next] How it goes on; without it, on a page of the payment method.
 */

/** A number of digits as banks write it. @param {string} name @param {string} label @param {number} least @param {number} most @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
function bankNumber(name, label, least, most, more = {}) {
  return {
    name,
    label,
    mode: "numeric",
    missing: "incomplete_bank_number",
    format: (text) => digitsOf(text).slice(0, most),
    check: (text) => (digitsOf(text).length < least ? (more.missing ?? "incomplete_bank_number") : undefined),
    param: digitsOf,
    ...more,
  };
}

/** The number of a bank in the USA, whose digits are weighed 3, 7, 1. @param {string} text */
function checkRouting(text) {
  if (text.length < 9) return "incomplete_bank_number";
  const sum = [...text].reduce((total, digit, at) => total + Number(digit) * [3, 7, 1][at % 3], 0);
  return sum % 10 ? "invalid_routing_number" : undefined;
}

/** A Brazilian tax number. @param {string} text */
function formatTaxNumber(text) {
  const digits = digitsOf(text).slice(0, 14);
  return digits.length > 11
    ? digits.replace(/(\d{2})(\d{3})(\d{3})(\d{4})(\d*)/, "$1.$2.$3/$4-$5")
    : digits.replace(/(\d{3})(?=\d)/g, "$1.").replace(/^(\d{3}\.\d{3}\.\d{3})\.(\d+)$/, "$1-$2");
}

/** @type {FieldSpec[]} */
const US_ACCOUNT = [
  {
    name: "accountHolderType",
    label: "Account holder",
    into: ["us_bank_account", "account_holder_type"],
    options: [
      ["individual", "Individual"],
      ["company", "Company"],
    ],
  },
  {
    name: "accountType",
    label: "Account type",
    into: ["us_bank_account", "account_type"],
    options: [
      ["checking", "Checking"],
      ["savings", "Savings"],
    ],
  },
  bankNumber("routingNumber", "Routing number", 9, 9, {
    into: ["us_bank_account", "routing_number"],
    placeholder: "110000000",
    check: checkRouting,
  }),
  bankNumber("accountNumber", "Account number", 4, 17, { into: ["us_bank_account", "account_number"], placeholder: "000123456789" }),
];

/** @type {{ [type: string]: Method }} */
const METHODS = {
  card: { label: "Card", next: "none" },
  acss_debit: {
    label: "Pre-authorized debit",
    asks: "name email",
    next: "debit",
    own: [
      bankNumber("transitNumber", "Transit number", 5, 5, { into: ["acss_debit", "transit_number"], placeholder: "11000", isHalf: true }),
      bankNumber("institutionNumber", "Institution number", 3, 3, {
        into: ["acss_debit", "institution_number"],
        placeholder: "000",
        isHalf: true,
      }),
      bankNumber("accountNumber", "Account number", 7, 12, { into: ["acss_debit", "account_number"], placeholder: "000123456789" }),
    ],
  },
  affirm: { label: "Affirm" },
  afterpay_clearpay: { label: "Afterpay / Clearpay", asks: "name email address" },
  alipay: { label: "Alipay" },
  alma: { label: "Alma" },
  amazon_pay: { label: "Amazon Pay" },
  apple_pay: { label: "Apple Pay", next: "none" },
  au_becs_debit: {
    label: "BECS Direct Debit",
    asks: "name email",
    next: "debit",
    own: [
      {
        name: "auBsb",
        label: "BSB",
        placeholder: "000-000",
        mode: "numeric",
        format: formatBsb,
        check: checkBsb,
        missing: "incomplete_au_bank_account_bsb",
        into: ["au_becs_debit", "bsb_number"],
        param: digitsOf,
      },
      bankNumber("auBankAccountNumber", "Account number", 4, 9, {
        placeholder: "000123456",
        into: ["au_becs_debit", "account_number"],
        missing: "incomplete_au_bank_account_number",
      }),
    ],
  },
  bacs_debit: {
    label: "Bacs Direct Debit",
    asks: "name email address",
    next: "debit",
    own: [
      {
        name: "sortCode",
        label: "Sort code",
        placeholder: "10-88-00",
        mode: "numeric",
        format: (text) =>
          (
            digitsOf(text)
              .slice(0, 6)
              .match(/\d{1,2}/g) ?? []
          ).join("-"),
        check: (text) => (text.length < 8 ? "incomplete_bank_number" : undefined),
        missing: "incomplete_bank_number",
        into: ["bacs_debit", "sort_code"],
        param: digitsOf,
      },
      bankNumber("accountNumber", "Account number", 8, 8, { into: ["bacs_debit", "account_number"], placeholder: "00012345" }),
    ],
  },
  bancontact: { label: "Bancontact", asks: "name" },
  billie: { label: "Billie" },
  bizum: { label: "Bizum", asks: "phone" },
  blik: { label: "BLIK", next: "app", own: [bankNumber("blikCode", "BLIK code", 6, 6, { placeholder: "123456" })] },
  boleto: {
    label: "Boleto",
    asks: "name email address",
    next: "voucher",
    own: [
      {
        name: "taxId",
        label: "CPF/CNPJ",
        placeholder: "000.000.000-00",
        mode: "numeric",
        format: formatTaxNumber,
        check: (text) => ([11, 14].includes(digitsOf(text).length) ? undefined : "incomplete_bank_number"),
        missing: "incomplete_bank_number",
        into: ["boleto", "tax_id"],
      },
    ],
  },
  cashapp: { label: "Cash App Pay", next: "scan" },
  customer_balance: { label: "Bank transfer", next: "transfer" },
  eps: {
    label: "EPS",
    asks: "name",
    own: [{ name: "bank", label: "Bank", into: ["eps", "bank"], options: [["", "Select bank"], ...bankOptions("eps")], optional: true }],
  },
  fpx: {
    label: "FPX",
    own: [{ name: "bank", label: "Bank", into: ["fpx", "bank"], options: [["", "Select bank"], ...bankOptions("fpx")] }],
  },
  giropay: { label: "giropay", asks: "name" },
  google_pay: { label: "Google Pay", next: "none" },
  grabpay: { label: "GrabPay" },
  ideal: {
    label: "iDEAL",
    asks: "name",
    own: [
      {
        name: "bank",
        label: "iDEAL bank",
        into: ["ideal", "bank"],
        options: [["", "Select bank"], ...bankOptions("ideal")],
        optional: true,
      },
    ],
  },
  kakao_pay: { label: "Kakao Pay" },
  klarna: { label: "Klarna", asks: "email country" },
  konbini: {
    label: "Konbini",
    asks: "name email",
    next: "voucher",
    own: [bankNumber("konbiniConfirmationNumber", "Phone number (optional)", 10, 11, { optional: true })],
  },
  kr_card: { label: "Korean cards" },
  link: { label: "Link", asks: "email" },
  mb_way: { label: "MB WAY", asks: "phone", next: "app" },
  mobilepay: { label: "MobilePay" },
  multibanco: { label: "Multibanco", asks: "email", next: "voucher" },
  naver_pay: { label: "Naver Pay" },
  nz_bank_account: {
    label: "BECS Direct Debit",
    asks: "name email",
    next: "debit",
    own: [
      bankNumber("bankCode", "Bank code", 2, 2, { into: ["nz_bank_account", "bank_code"], placeholder: "11", isHalf: true }),
      bankNumber("branchCode", "Branch code", 4, 4, { into: ["nz_bank_account", "branch_code"], placeholder: "0000", isHalf: true }),
      bankNumber("accountNumber", "Account number", 7, 7, {
        into: ["nz_bank_account", "account_number"],
        placeholder: "0000010",
        isHalf: true,
      }),
      bankNumber("suffix", "Suffix", 2, 3, { into: ["nz_bank_account", "suffix"], placeholder: "000", isHalf: true }),
    ],
  },
  oxxo: { label: "OXXO", asks: "name email", next: "voucher" },
  p24: {
    label: "Przelewy24",
    asks: "name email",
    own: [{ name: "bank", label: "Bank", into: ["p24", "bank"], options: [["", "Select bank"], ...bankOptions("p24")], optional: true }],
  },
  pay_by_bank: { label: "Pay by Bank" },
  payco: { label: "PAYCO" },
  paynow: { label: "PayNow", next: "scan" },
  paypal: { label: "PayPal" },
  payto: {
    label: "PayTo",
    asks: "name email",
    own: [{ name: "payId", label: "PayID", into: ["payto", "pay_id"], placeholder: "ada@example.com" }],
  },
  pix: { label: "Pix", next: "scan" },
  promptpay: { label: "PromptPay", asks: "email", next: "scan" },
  revolut_pay: { label: "Revolut Pay" },
  samsung_pay: { label: "Samsung Pay" },
  satispay: { label: "Satispay" },
  sepa_debit: { label: "SEPA Direct Debit", asks: "name email", next: "debit", own: [ibanSpec({ into: ["sepa_debit", "iban"] })] },
  sofort: {
    label: "Sofort",
    asks: "name email",
    own: [
      {
        name: "bankCountry",
        label: "Country of the bank",
        into: ["sofort", "country"],
        options: [
          ["DE", "Germany"],
          ["AT", "Austria"],
          ["BE", "Belgium"],
          ["IT", "Italy"],
          ["NL", "Netherlands"],
          ["ES", "Spain"],
        ],
      },
    ],
  },
  swish: { label: "Swish", next: "scan" },
  twint: { label: "TWINT", next: "scan" },
  us_bank_account: { label: "US bank account", asks: "name email", next: "debit", own: US_ACCOUNT },
  vipps: { label: "Vipps" },
  wechat_pay: { label: "WeChat Pay", next: "scan" },
  zip: { label: "Zip" },
};

/** @param {string} type @returns {Method} */
const methodOf = (type) => METHODS[type] ?? { label: type.replaceAll("_", " ") };

/** What stands in `payment_method_options` beside the data. @type {{ [field: string]: string[] }} */
const IN_OPTIONS = { blikCode: ["blik", "code"], konbiniConfirmationNumber: ["konbini", "confirmation_number"] };
