// @ts-check
// Draws the element that `init` names, and keeps the page informed: what changed, where the focus is, how high it is.
// Invariant: `change` is told once for each difference, and never before `ready`.

/** Elements without an appearance: they are dressed by their `style` option. */
const OLD = ["card", "cardNumber", "cardExpiry", "cardCvc", "iban", "auBankAccount", "idealBank", "p24Bank", "epsBank", "fpxBank"];

/** What is drawn for each type. @type {{ [type: string]: (setup: Setup, memory?: Bag) => Part }} */
const KINDS = {
  card: cardElement,
  cardNumber: cardElement,
  cardExpiry: cardElement,
  cardCvc: cardElement,
  payment: paymentElement,
  checkoutForm: checkoutFormElement,
  paymentForm: checkoutFormElement,
  iban: ibanElement,
  auBankAccount: auBankElement,
  idealBank: bankElement,
  p24Bank: bankElement,
  epsBank: bankElement,
  fpxBank: bankElement,
  address: addressElement,
  shippingAddress: addressElement,
  linkAuthentication: emailElement,
  contactDetails: emailElement,
  expressCheckout: expressElement,
  paymentRequestButton: requestButton,
  payButton: payButton,
  taxId: taxIdElement,
  currencySelector: currencyElement,
  terms: termsElement,
  linkSignup: linkSignupElement,
  paymentMethodMessaging: messageElement,
  affirmMessage: messageElement,
  afterpayClearpayMessage: messageElement,
};

const root = /** @type {HTMLElement} */ (document.getElementById("root"));

/** @type {Setup} */
let setup = { type: "", options: {}, group: {}, changed: () => report() };
/** @type {Part | undefined} */
let shown;
let lastState = "";
let isReady = false;
/** While it is drawn anew, the focus comes and goes without anybody's doing. */
let isDrawing = false;

/** Elements that say what is to be paid. */
const WITH_AMOUNTS = [
  "payButton",
  "checkoutForm",
  "paymentForm",
  "currencySelector",
  "paymentMethodMessaging",
  "affirmMessage",
  "afterpayClearpayMessage",
];

/** What decides how the element is drawn. An amount that is not shown may change without a new drawing. @param {Setup} from */
function drawnFrom({ type, options, group }) {
  const { amount, ...rest } = group;
  return JSON.stringify([options, WITH_AMOUNTS.includes(type) ? group : rest]);
}

/** The public state of the element. @returns {Bag} */
function stateNow() {
  if (!shown) return {};
  const fields = shown.fields();
  return { empty: areEmpty(fields), complete: !firstProblem(fields), ...shown.state() };
}

/** Tells the page what changed. */
function report() {
  shown?.report?.();
  const state = stateNow();
  const text = JSON.stringify(state);
  if (isReady && text !== lastState) {
    lastState = text;
    post({ event: "change", state });
  }
  tellHeight();
}

let lastHeight = -1;
/** Tells how high the frame must be. */
function tellHeight() {
  const height = Math.ceil(root.getBoundingClientRect().height);
  // A frame that is hidden has no height; once it is shown, the observer comes with the real one.
  if (height === 0 || height === lastHeight) return;
  lastHeight = height;
  post({ event: "resize", height });
}

/** Draws anew; what was typed and where the caret is stays. */
function draw() {
  const typed = shown?.fields().map((field) => /** @type {const} */ ([field.spec.name, field])) ?? [];
  const focused = typed.find(([, { input }]) => input === document.activeElement);
  const isOld = OLD.includes(setup.type);
  idPrefix = setup.group.fields === "2023" ? "Field-" : "payment-";
  document.documentElement.classList.toggle("old", isOld);
  if (isOld) applyStyle(setup.options.style);
  else applyAppearance(setup.group.appearance);
  isDrawing = true;
  shown = (KINDS[setup.type] ?? unbuiltElement)(setup, shown?.memory?.());
  for (const [called, before] of typed) {
    const field = shown.fields().find(({ spec }) => spec.name === called);
    if (!field || before.read() === before.spec.value) continue;
    field.write(before.read());
    field.input.dispatchEvent(new Event("input", { bubbles: true }));
    field.isTouched = before.isTouched;
    field.draw();
  }
  const caret = focused?.[1].input instanceof HTMLInputElement ? focused[1].input.selectionStart : null;
  root.replaceChildren(shown.node);
  const input = shown.fields().find(({ spec }) => spec.name === focused?.[0])?.input;
  input?.focus();
  if (caret !== null && input instanceof HTMLInputElement) input.setSelectionRange(caret, caret);
  isDrawing = false;
}

/** What has no frame of its own kind says so. @param {Setup} setup @returns {Part} */
function unbuiltElement({ type }) {
  return { node: make("p", { class: "Text" }, `Pinstripe has no ${type} element.`), fields: () => [], state: () => ({}) };
}

/** Goes on to the next field once one is full. @param {EventTarget | null} target */
function advance(target) {
  const fields = shown?.fields() ?? [];
  const place = fields.findIndex(({ input }) => input === target);
  const field = fields[place];
  if (!field?.spec.isFull?.() || field.problem() || document.activeElement !== field.input) return;
  const next = fields[place + 1];
  if (next && !next.spec.options) next.input.focus();
  else if (!next && ["cardNumber", "cardExpiry"].includes(setup.type)) post({ event: "advance" });
}

/** @param {Bag} message */
function answerValues({ ask, show }) {
  const fields = shown?.fields() ?? [];
  if (show) {
    for (const field of fields) {
      field.isTouched = true;
      field.draw();
    }
    report();
  }
  const state = stateNow();
  const error = firstProblem(fields);
  const answer = {
    empty: state.empty,
    complete: state.complete,
    error,
    data: error ? undefined : collect(fields),
    value: state.value,
    ...shown?.answer?.(),
  };
  if (show && answer.error && setup.type === "payment") (fields.find((field) => field.problem()) ?? fields[0])?.input.focus();
  post({ answer: ask, ...answer });
}

listen({
  init: ({ type, options, group }) => {
    setup = { type, options: options ?? {}, group: group ?? {}, changed: report };
    loadFonts(setup.group.fonts);
    draw();
    lastState = JSON.stringify(stateNow());
    tellHeight();
    post({ event: "ready", detail: shown?.detail });
    isReady = true;
    if (type === "payment") lastState = "";
    report();
    new ResizeObserver(tellHeight).observe(root);
  },
  update: ({ options, group }) => {
    if (!shown) return;
    const before = drawnFrom(setup);
    setup = { ...setup, options: { ...setup.options, ...options }, group: { ...setup.group, ...group } };
    if (drawnFrom(setup) === before) return;
    draw();
    report();
  },
  focus: () => (shown?.focus ? shown.focus() : focusFirst()),
  blur: () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  clear: () => {
    for (const field of shown?.fields() ?? []) {
      if (field.spec.options) continue;
      field.write("");
      field.isTouched = false;
      field.say(undefined);
    }
    shown?.clear?.();
    report();
  },
  collapse: () => {
    shown?.collapse?.();
    report();
  },
  values: answerValues,
  fail: ({ error }) => {
    shown?.fail?.(error);
    report();
  },
});

/** Focuses the first field that is not complete, or the first of all. */
function focusFirst() {
  const fields = shown?.fields() ?? [];
  const field = fields.find((each) => each.problem() && !each.spec.options) ?? fields[0];
  const target = field?.input ?? root.querySelector("button, select, input, a");
  if (target instanceof HTMLElement) target.focus();
}

root.addEventListener("input", ({ target }) => {
  if (isDrawing) return;
  shown?.typed?.();
  report();
  advance(target);
});
root.addEventListener("focusin", ({ relatedTarget }) => !relatedTarget && !isDrawing && post({ event: "focus" }));
root.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget || isDrawing) return;
  post({ event: "blur" });
  report();
});
// Between two fields, the one that was left says what is wrong with it.
root.addEventListener("focusin", ({ relatedTarget }) => relatedTarget && !isDrawing && report());
addEventListener("keydown", ({ key, target }) => {
  if (key === "Escape") post({ event: "escape" });
  // In the page around the frame, the form that the element is part of is sent.
  if (key === "Enter" && target instanceof HTMLInputElement) post({ event: "submit" });
});
addEventListener("resize", () => shown?.resized?.());

post({ event: "loaded" });
