// @ts-check
// The elements for bank accounts: an IBAN, an Australian account, and the lists of banks.

/** @param {Setup} setup @returns {Part} */
function ibanElement({ options }) {
  const sample = { DE: "DE00 0000 0000 0000 0000 00", FR: "FR00 0000 0000 0000 0000 0000 000", NL: "NL00 AAAA 0000 0000 00" };
  const placeholder = sample[/** @type {"DE"} */ (options.placeholderCountry)] ?? sample.DE;
  const field = makeBareField(ibanSpec({ into: ["sepa_debit", "iban"], placeholder }, options.supportedCountries), "iban", options);
  const icon = make("span", { class: "CardIcon", "aria-hidden": "true" }, "IBAN");
  return {
    node: make("div", { class: "CardRow" }, ...(options.hideIcon ? [] : [icon]), field.node),
    fields: () => [field],
    report: field.draw,
    state: () => {
      const country = compact(field.read()).slice(0, 2);
      return { error: field.visible(), country: IBAN_LENGTHS[country] ? country : "", bankName: "" };
    },
    answer: () => typed("sepa_debit", field.problem(), collect([field])),
  };
}

/** @param {Setup} setup @returns {Part} */
function auBankElement({ options }) {
  const own = METHODS.au_becs_debit.own ?? [];
  const bsb = makeBareField({ ...own[0], name: "au_bsb", isFull: () => true }, "auBsb", options);
  const number = makeBareField({ ...own[1], name: "au_bank_account_number" }, "auBankAccountNumber", options);
  const fields = [bsb, number];
  return {
    node: make("div", { class: "CardRow au" }, ...fields.map(({ node }) => node)),
    fields: () => fields,
    report: () => fields.forEach((field) => field.draw()),
    // Only the bank of tests is known here.
    state: () => ({
      error: firstVisible(fields),
      ...(digitsOf(bsb.read()) === "000000" ? { bankName: "STRIPE TEST BANK", branchName: "" } : {}),
    }),
    answer: () => typed("au_becs_debit", firstProblem(fields), collect(fields)),
  };
}

/** Data with its type, if nothing is wrong. @param {string} type @param {Problem | undefined} error @param {Bag} data */
const typed = (type, error, data) => ({ data: error ? undefined : { type, ...data } });

/** The type of payment method whose banks an element lists. @type {{ [element: string]: string }} */
const BANK_TYPES = { idealBank: "ideal", p24Bank: "p24", epsBank: "eps", fpxBank: "fpx" };

/** @param {Setup} setup @returns {Part} */
function bankElement({ type, options, changed }) {
  const method = BANK_TYPES[type];
  // What is chosen is kept in a select, so that it is a field like others.
  const field = makeField({
    name: `${method}-bank`,
    label: "Bank",
    into: [method, "bank"],
    options: [["", "Select bank"], ...bankOptions(method)],
    value: options.value ?? "",
    isBare: true,
    missing: "incomplete_payment_details",
    isLocked: Boolean(options.disabled),
  });
  field.node.hidden = true;
  const { button, list, draw } = makeListbox(field, changed);
  button.setAttribute("data-elements-stable-field-name", type);
  return {
    node: make("div", { class: "Bank" }, button, list, field.node),
    fields: () => [field],
    state: () => ({ empty: !field.read(), value: field.read(), error: undefined }),
    answer: () => ({ ...typed(method, field.problem(), collect([field])), value: field.read() }),
    clear: () => {
      field.write("");
      draw();
    },
    focus: () => button.focus(),
  };
}

/** A button that opens the list of what a field can be. @param {Field} field @param {() => void} changed */
function makeListbox(field, changed) {
  const label = make("span", { class: "BankLabel" });
  const button = make(
    "button",
    {
      type: "button",
      class: "BankButton InputElement",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": "bank-list",
      disabled: field.spec.isLocked,
      onclick: () => open(list.hidden === true),
    },
    label,
  );
  const list = make("ul", { id: "bank-list", class: "BankList", role: "listbox", "aria-label": field.spec.label, tabindex: "0" });
  list.hidden = true;
  /** @param {string} value */
  const choose = (value) => {
    field.write(value);
    open(false);
    draw();
    changed();
    button.focus();
  };
  const [none, ...choices] = field.spec.options ?? [];
  const items = choices.map(([value, called]) => {
    const attributes = { role: "option", id: `bank-${value}`, class: "BankOption", "data-value": value, onclick: () => choose(value) };
    return make("li", attributes, called);
  });
  list.append(...items);
  const isChosen = (/** @type {HTMLElement} */ item) => item.dataset.value === field.read();
  const draw = () => {
    for (const item of items) item.setAttribute("aria-selected", String(isChosen(item)));
    const chosen = items.find(isChosen);
    label.textContent = chosen?.textContent ?? none[1];
    button.classList.toggle("is-empty", !chosen);
    button.classList.toggle("is-complete", Boolean(chosen));
  };
  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      point(list, items, Math.max(0, items.findIndex(isChosen)));
      list.focus();
    }
    tellHeight();
  };
  list.addEventListener("keydown", (event) => browse(event, list, items, choose, () => (open(false), button.focus())));
  draw();
  return { button, list, draw };
}

/** Marks the option that keys act on. @param {HTMLElement} list @param {HTMLElement[]} items @param {number} place */
function point(list, items, place) {
  for (const item of items) item.classList.toggle("is-active", item === items[place]);
  list.setAttribute("aria-activedescendant", items[place].id);
  items[place].scrollIntoView({ block: "nearest" });
}

/**
 * What keys do in a list.
 * @param {KeyboardEvent} event @param {HTMLElement} list @param {HTMLElement[]} items @param {(value: string) => void} choose @param {() => void} close
 */
function browse(event, list, items, choose, close) {
  const from = items.findIndex((item) => item.classList.contains("is-active"));
  const steps = /** @type {{ [key: string]: number }} */ ({
    ArrowDown: Math.min(from + 1, items.length - 1),
    ArrowUp: Math.max(from - 1, 0),
    Home: 0,
    End: items.length - 1,
  });
  const letter = event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : "";
  if (event.key in steps) point(list, items, steps[event.key]);
  else if (event.key === "Enter" || event.key === " ") choose(items[from]?.dataset.value ?? "");
  else if (event.key === "Escape" || event.key === "Tab") close();
  else if (letter) {
    const after = [...items.slice(from + 1), ...items.slice(0, from + 1)].find((item) =>
      item.textContent?.toLowerCase().startsWith(letter),
    );
    if (after) point(list, items, items.indexOf(after));
  } else return;
  if (event.key !== "Tab") event.preventDefault();
}
