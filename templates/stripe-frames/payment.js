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
  const wallets = own.includes("card") ? Object.keys(WALLET_TYPES).filter((wallet) => group.wallets?.includes(wallet) && options.wallets?.[wallet] !== "never") : [];
  const offered = [...own, ...wallets.map((wallet) => WALLET_TYPES[wallet])];
  const wanted = /** @type {string[]} */ (options.paymentMethodOrder ?? []).filter((type) => offered.includes(type));
  return [...wanted, ...offered.filter((type) => !wanted.includes(type))];
}

/** @param {Bag} options @returns {Bag} */
function layoutOf({ layout }) {
  const described = typeof layout === "object" && layout ? layout : { type: layout ?? "tabs" };
  return described.type === "auto" ? { ...described, type: innerWidth < 400 ? "accordion" : "tabs" } : described;
}

/** @param {Setup} setup @param {Bag} [memory] @returns {Part} */
function paymentElement(setup, memory = {}) {
  const { options, group, changed } = setup;
  const types = offeredTypes(setup);
  const layout = layoutOf(options);
  const panel = make("div", { id: "payment-panel", class: "p-Panel" });
  const said = make("p", { class: "p-Notice Error", role: "alert" });
  /** @type {Map<string, Panel>} */
  const panels = new Map();
  const hasSaved = () => Boolean(group.customer?.payment_methods?.length);
  let saved = hasSaved() ? makeSaved(setup, memory.saved, () => savedChanged()) : undefined;
  /** @type {string | undefined} */
  let chosen = memory.isCollapsed ?? layout.defaultCollapsed ? undefined : (memory.chosen ?? (saved ? SAVED : types[0]));
  const choices = () => [...(saved ? [{ key: SAVED, label: "Saved" }] : []), ...types.map((type) => ({ key: type, label: methodOf(type).label }))];
  const node = make("div", { class: "p-PaymentElement" });
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
    const isNew = key !== chosen;
    chosen = key;
    if (!isNew) return;
    said.textContent = "";
    draw();
    changed();
  };
  const build = () => {
    chooser = layout.type === "accordion" ? makeAccordion(choices(), panel, choose, layout) : makeTabs(choices(), panel, choose);
    node.replaceChildren(chooser.node, said);
    draw();
  };
  const savedChanged = () => {
    saved = hasSaved() ? makeSaved(setup, saved?.chosen()?.id, savedChanged) : undefined;
    if (!saved && chosen === SAVED) chosen = types[0];
    build();
    changed();
  };
  build();
  addEventListener("resize", () => chooser.arrange());
  const isWallet = () => Object.values(WALLET_TYPES).includes(chosen ?? "");
  const fields = () => (chosen === undefined ? [] : chosen === SAVED ? (saved?.fields() ?? []) : panelOf(chosen).fields());
  const told = makeCardReport();
  return {
    node, fields,
    state: () => paymentState(chosen, types, chosen === SAVED ? saved?.chosen() : undefined, chosen && chosen !== SAVED ? panelOf(chosen) : undefined, isWallet()),
    answer: () => {
      if (chosen === undefined) return { complete: false, error: problem("incomplete_payment_details") };
      if (isWallet()) return { data: undefined, payment_method: "pm_card_visa" };
      if (chosen === SAVED) return { data: undefined, payment_method: saved?.chosen()?.id, cvc: saved?.fields()[0]?.read() };
      return paymentAnswer(chosen, panelOf(chosen), options.defaultValues?.card?.network);
    },
    report: () => {
      for (const field of fields()) field.draw();
      told(chosen === "card" ? fields() : []);
    },
    collapse: () => {
      chosen = undefined;
      draw();
    },
    clear: () => (said.textContent = ""),
    fail: (error) => sayFailure(error, fields(), said),
    onchange: () => (said.textContent = ""),
    memory: () => ({ chosen, saved: saved?.chosen()?.id, isCollapsed: chosen === undefined }),
  };
}

/** @param {string | undefined} chosen @param {string[]} types @param {Bag | undefined} saved @param {Panel | undefined} panel @param {boolean} isWallet */
function paymentState(chosen, types, saved, panel, isWallet) {
  const address = panel?.lines?.value();
  const value = {
    type: saved?.type ?? chosen ?? types[0],
    ...(saved ? { payment_method: savedValue(saved) } : {}),
    ...(panel?.save ? { savePaymentMethod: panel.save.read() === "true" } : {}),
    ...(address ? { billingDetails: { address: { country: address.country ?? null, postalCode: address.postal_code || null } } } : {}),
  };
  return { collapsed: chosen === undefined, ...(chosen === undefined ? { complete: false } : saved || isWallet ? { empty: false } : {}), value };
}

/** @param {string} type @param {Panel} panel @param {string[]} [networks] Those that a card on two networks shall run on. @returns {Bag} */
function paymentAnswer(type, panel, networks) {
  if (firstProblem(panel.fields())) return {};
  const data = collect(panel.fields(), { type });
  /** @type {Bag} */
  const options = { ...preferred(networks, data.card?.number ?? "").payment_method_options };
  for (const field of panel.fields()) {
    const path = IN_OPTIONS[field.spec.name];
    if (path && field.input.value) place(options, path, digitsOf(field.read()));
  }
  return { data, ...(Object.keys(options).length ? { payment_method_options: options } : {}), ...(panel.save ? { save: panel.save.read() === "true" } : {}) };
}

/** Which field an error of the API is about. @type {{ [code: string]: string }} */
const FAILED_FIELDS = { incorrect_number: "number", invalid_number: "number", card_declined: "number", expired_card: "expiry", invalid_expiry_month: "expiry", invalid_expiry_year: "expiry", incorrect_cvc: "cvc", invalid_cvc: "cvc", incorrect_zip: "postalCode" };

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
