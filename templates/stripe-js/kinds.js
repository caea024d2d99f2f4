// @ts-check
// Every type of element, and what tells it from the others.

/**
 * @typedef {object} Kind
 * @property {string} title the frame's title, by which tests find it
 * @property {string} file the middle of the frame's address
 * @property {number} [height] before the frame has said its own
 * @property {boolean} [plain] an older field that fills the page's own box: no appearance, and classes that can be renamed
 * @property {boolean} [loads] says `loaderstart`
 * @property {boolean} [session] shows what the intent allows, so it needs to know it
 * @property {string} [source] the type of payment method that is made of its data
 * @property {boolean} [asks] is part of what `submit()` checks and `confirmPayment()` collects
 */

/** @type {Record<string, Kind>} */
const KINDS = {
  card: { title: "Secure card payment input frame", file: "card", height: 20, plain: true, source: "card" },
  cardNumber: { title: "Secure card number input frame", file: "card", height: 20, plain: true, source: "card" },
  cardExpiry: { title: "Secure expiration date input frame", file: "card", height: 20, plain: true, source: "card" },
  cardCvc: { title: "Secure CVC input frame", file: "card", height: 20, plain: true, source: "card" },
  iban: { title: "Secure IBAN input frame", file: "iban", height: 20, plain: true, source: "sepa_debit" },
  auBankAccount: { title: "Secure bank account input frame", file: "au-bank-account", height: 20, plain: true, source: "au_becs_debit" },
  idealBank: { title: "Secure bank input frame", file: "ideal-bank", height: 40, plain: true, source: "ideal" },
  p24Bank: { title: "Secure bank input frame", file: "p24-bank", height: 40, plain: true, source: "p24" },
  epsBank: { title: "Secure bank input frame", file: "eps-bank", height: 40, plain: true, source: "eps" },
  fpxBank: { title: "Secure bank input frame", file: "fpx-bank", height: 40, plain: true, source: "fpx" },
  payment: { title: "Secure payment input frame", file: "payment", height: 280, loads: true, session: true, asks: true },
  checkoutForm: { title: "Secure payment form frame", file: "checkout-form", height: 480, loads: true, session: true, asks: true },
  expressCheckout: { title: "Secure express checkout frame", file: "express-checkout", height: 0, session: true },
  paymentRequestButton: { title: "Secure payment button frame", file: "payment-request", height: 40 },
  payButton: { title: "Secure pay button frame", file: "pay-button", height: 44, session: true },
  address: { title: "Secure address input frame", file: "address", height: 300, loads: true, asks: true },
  shippingAddress: { title: "Secure address input frame", file: "shipping-address", height: 300, loads: true, asks: true },
  linkAuthentication: { title: "Secure email input frame", file: "link-authentication", height: 70, loads: true, asks: true },
  contactDetails: { title: "Secure contact details input frame", file: "contact-details", height: 70, loads: true, asks: true },
  linkSignup: { title: "Secure Link sign-up frame", file: "link-signup", height: 60, loads: true },
  taxId: { title: "Secure tax ID input frame", file: "tax-id", height: 120, loads: true, asks: true },
  terms: { title: "Secure terms frame", file: "terms", height: 40, loads: true },
  currencySelector: { title: "Secure currency selector", file: "currency-selector", height: 60, session: true },
  paymentMethodMessaging: { title: "Secure payment method messaging frame", file: "payment-method-messaging", height: 24 },
  affirmMessage: { title: "Secure payment method messaging frame", file: "affirm-message", height: 24 },
  afterpayClearpayMessage: { title: "Secure payment method messaging frame", file: "afterpay-clearpay-message", height: 24 },
  issuingCardNumberDisplay: { title: "Secure card number display frame", file: "issuing-card-number-display", height: 20 },
  issuingCardCvcDisplay: { title: "Secure CVC display frame", file: "issuing-card-cvc-display", height: 20 },
  issuingCardExpiryDisplay: { title: "Secure expiration date display frame", file: "issuing-card-expiry-display", height: 20 },
  issuingCardPinDisplay: { title: "Secure PIN display frame", file: "issuing-card-pin-display", height: 20 },
  issuingCardCopyButton: { title: "Secure copy button frame", file: "issuing-card-copy-button", height: 20 },
  issuingAddToWalletButton: { title: "Secure add to wallet button frame", file: "issuing-add-to-wallet-button", height: 40 },
};

/** Another name for a type. */
KINDS.paymentForm = KINDS.checkoutForm;

/** The fields of a card that is typed into three elements; the first of them that is wrong is the one that is told. */
const CARD_PARTS = ["cardNumber", "cardExpiry", "cardCvc"];
