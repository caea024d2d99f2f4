// @ts-check
// The Payment Element: the payment methods of the payment, and what the chosen one asks for.

/** The key of the choice among saved payment methods. */
const SAVED = "saved";

/** What the events call wallets, and the names of their payment types. @type {{ [wallet: string]: string }} */
const WALLET_TYPES = { applePay: "apple_pay", googlePay: "google_pay" };

/** The payment methods to choose from, in order. @param {Setup} setup @returns {string[]} */
function offeredTypes({ options, group }) {
  const types = /** @type {string[]} */ (group.payment_method_types?.length ? group.payment_method_types : ["card"]);
  const own = types.filter((type) => type !== "link" || !types.includes("card"));
  const wallets = own.includes("card")
    ? Object.keys(WALLET_TYPES).filter((wallet) => group.wallets?.includes(wallet) && options.wallets?.[wallet] !== "never")
    : [];
  const offered = [...own, ...wallets.map((wallet) => WALLET_TYPES[wallet])];
  const wanted = /** @type {string[]} */ (options.paymentMethodOrder ?? []).filter((type) => offered.includes(type));
  return [...wanted, ...offered.filter((type) => !wanted.includes(type))];
}

/** @param {Bag} options @returns {Bag} */
function layoutOf({ layout }) {
  const described = typeof layout === "object" && layout ? layout : { type: layout ?? "tabs" };
  return described.type === "auto" ? { ...described, type: innerWidth < 400 ? "accordion" : "tabs" } : described;
}

/**
 * What is chosen, and what is drawn of it.
 * @typedef {object} Choosing
 * @property {HTMLElement} node
 * @property {() => string | undefined} key The chosen type, or `SAVED`; nothing if all are closed.
 * @property {() => Panel | undefined} panel What the chosen type asks for.
 * @property {() => Saved | undefined} saved
 * @property {() => void} close
 * @property {() => void} arrange
 */

/** @param {Setup} setup @param {string[]} types @param {Bag} memory @param {() => void} chose @returns {Choosing} */
function makeSelection(setup, types, memory, chose) {
  const { options, group } = setup;
  const layout = layoutOf(options);
  const panel = make("div", { id: "payment-panel", class: "p-Panel" });
  const node = make("div", {});
  /** @type {Map<string, Panel>} */
  const panels = new Map();
  const makeAnySaved = (/** @type {string | undefined} */ id) =>
    group.customer?.payment_methods?.length ? makeSaved(setup, id, removed) : undefined;
  let saved = makeAnySaved(memory.saved);
  /** @type {string | undefined} */
  let chosen = (memory.isClosed ?? layout.defaultCollapsed) ? undefined : saved && (memory.chosen ?? SAVED) === SAVED ? SAVED : types[0];
  if (types.includes(memory.chosen)) chosen = memory.chosen;
  /** @type {Chooser} */
  let chooser;
  /** @param {string} key @returns {Panel} */
  const panelOf = (key) => {
    const found = panels.get(key) ?? makePanel(key, setup);
    panels.set(key, found);
    return found;
  };
  const draw = () => {
    if (chosen !== undefined) panel.replaceChildren(chosen === SAVED && saved ? saved.node : panelOf(chosen).node);
    chooser.show(chosen);
  };
  /** @param {string} key */
  const choose = (key) => {
    if (key === chosen) return;
    chosen = key;
    draw();
    chose();
  };
  const build = () => {
    const own = types.map((type) => ({ key: type, label: methodOf(type).label }));
    const choices = saved ? [{ key: SAVED, label: "Saved" }, ...own] : own;
    chooser = layout.type === "accordion" ? makeAccordion(choices, panel, choose, layout) : makeTabs(choices, panel, choose);
    node.replaceChildren(chooser.node);
    draw();
  };
  /** Draws without the saved one that was removed. */
  function removed() {
    saved = makeAnySaved(saved?.chosen()?.id);
    if (!saved && chosen === SAVED) chosen = types[0];
    build();
    chose();
  }
  build();
  return {
    node,
    key: () => chosen,
    arrange: () => chooser.arrange(),
    panel: () => (chosen === undefined || chosen === SAVED ? undefined : panelOf(chosen)),
    saved: () => (chosen === SAVED ? saved : undefined),
    close: () => {
      chosen = undefined;
      draw();
    },
  };
}

/** @param {Setup} setup @param {Bag} [memory] @returns {Part} */
function paymentElement(setup, memory = {}) {
  const { options, changed } = setup;
  const types = offeredTypes(setup);
  tellAvailable(types, memory.types);
  const said = make("p", { class: "p-Notice Error", role: "alert" });
  const chosen = makeSelection(setup, types, memory, () => {
    said.textContent = "";
    changed();
  });
  const fields = () => chosen.panel()?.fields() ?? chosen.saved()?.fields() ?? [];
  const isWallet = () => Object.values(WALLET_TYPES).includes(chosen.key() ?? "");
  const tellCard = makeCardReport();
  const hush = () => (said.textContent = "");
  return {
    node: make("div", { class: "p-PaymentElement" }, chosen.node, said),
    fields,
    state: () => paymentState(chosen, types, isWallet()),
    answer: () => {
      if (chosen.key() === undefined) return { complete: false, error: problem("incomplete_payment_details") };
      if (isWallet()) return { data: undefined, payment_method: "pm_card_visa" };
      const saved = chosen.saved();
      if (saved) return { data: undefined, payment_method: saved.chosen()?.id, cvc: saved.fields()[0]?.read() };
      return paymentAnswer(chosen, options.defaultValues?.card?.network);
    },
    report: () => {
      chosen.panel()?.draw();
      for (const field of chosen.saved()?.fields() ?? []) field.draw();
      tellCard(chosen.key() === "card" ? fields() : []);
    },
    collapse: chosen.close,
    resized: chosen.arrange,
    clear: hush,
    typed: hush,
    fail: (error) => sayFailure(error, fields(), said),
    memory: () => ({ types, chosen: chosen.key(), saved: chosen.saved()?.chosen()?.id, isClosed: chosen.key() === undefined }),
  };
}

/** @param {Choosing} selection @param {string[]} types @param {boolean} isWallet @returns {Bag} */
function paymentState(selection, types, isWallet) {
  const chosen = selection.key();
  const panel = selection.panel();
  const saved = selection.saved()?.chosen();
  const address = panel?.lines?.value();
  const value = {
    type: saved?.type ?? chosen ?? types[0],
    ...(saved ? { payment_method: savedValue(saved) } : {}),
    ...(panel?.save ? { savePaymentMethod: panel.save.read() === "true" } : {}),
    ...(address ? { billingDetails: { address: { country: address.country ?? null, postalCode: address.postal_code || null } } } : {}),
  };
  return {
    collapsed: chosen === undefined,
    ...(chosen === undefined ? { complete: false } : saved || isWallet ? { empty: false } : {}),
    value,
  };
}

/** @param {Choosing} selection @param {string[]} [networks] Those that a card on two networks shall run on. @returns {Bag} */
function paymentAnswer(selection, networks) {
  const panel = selection.panel();
  if (!panel || firstProblem(panel.fields())) return {};
  const data = collect(panel.fields(), { type: selection.key() });
  /** @type {Bag} */
  const options = { ...preferred(networks, data.card?.number ?? "").payment_method_options };
  for (const field of panel.fields()) {
    const path = IN_OPTIONS[field.spec.name];
    if (path && field.input.value) place(options, path, digitsOf(field.read()));
  }
  return {
    data,
    ...(Object.keys(options).length ? { payment_method_options: options } : {}),
    ...(panel.save ? { save: panel.save.read() === "true" } : {}),
  };
}

/** Which field an error of the API is about. @type {{ [code: string]: string }} */
const FAILED_FIELDS = {
  incorrect_number: "number",
  invalid_number: "number",
  card_declined: "number",
  expired_card: "expiry",
  invalid_expiry_month: "expiry",
  invalid_expiry_year: "expiry",
  incorrect_cvc: "cvc",
  invalid_cvc: "cvc",
  incorrect_zip: "postalCode",
};

/** Shows an error of the API where it belongs. @param {Bag} error @param {Field[]} fields @param {HTMLElement} said */
function sayFailure(error, fields, said) {
  const field = fields.find(({ spec }) => spec.name === FAILED_FIELDS[error.code]);
  if (field) field.say({ type: "validation_error", code: error.code, message: error.message });
  else said.textContent = error.message ?? "";
}

/** Tells when the details of a typed card changed. @returns {(fields: Field[]) => void} */
function makeCardReport() {
  let last = "";
  return (fields) => {
    const number = fields.find(({ spec }) => spec.name === "number");
    const brands = number && !number.problem() ? networksOf(digitsOf(number.read())) : [];
    if (brands.join() === last) return;
    last = brands.join();
    post({ event: "carddetailschange", detail: { loading: false, ...(brands.length ? { details: { brands, funding: "unknown" } } : {}) } });
  };
}
