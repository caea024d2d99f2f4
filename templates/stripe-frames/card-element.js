// @ts-check
// The Card Element, and the elements that are one part of it each.

/**
 * @typedef {object} Setup What a frame is drawn from.
 * @property {string} type
 * @property {Bag} options
 * @property {Bag} group
 * @property {() => void} changed Is called after something was changed by hand.
 */

/**
 * @typedef {object} Part What a frame shows.
 * @property {HTMLElement} node
 * @property {() => Field[]} fields Those that count now, in order.
 * @property {() => Bag} state The payload of `change`, but for `empty` and `complete` where these follow from the fields.
 * @property {() => Bag} [answer] What an answer to `values` has besides the fields.
 * @property {Bag} [detail] What `ready` tells.
 * @property {() => void} [clear]
 * @property {() => void} [collapse]
 * @property {() => void} [focus]
 * @property {(error: Bag) => void} [fail]
 * @property {() => Bag} [memory] What a new drawing begins with.
 * @property {() => void} [report] Tells the page more than `change`.
 * @property {() => void} [typed] Is called when something is typed.
 * @property {() => void} [resized] Is called when the frame has another width.
 */

/** The fields of a card, for both kinds of elements. @param {() => string} number What stands in the number's field. @returns {{ [name: string]: FieldSpec }} */
function cardSpecs(number) {
  return {
    number: {
      name: "number",
      label: "Card number",
      placeholder: "1234 1234 1234 1234",
      mode: "numeric",
      autocomplete: "cc-number",
      into: ["card", "number"],
      param: digitsOf,
      format: formatNumber,
      check: checkNumber,
      isFull: () => digitsOf(number()).length === longest(digitsOf(number())),
    },
    expiry: {
      name: "expiry",
      label: "Expiration date",
      hint: "MM / YY",
      placeholder: "MM / YY",
      mode: "numeric",
      autocomplete: "cc-exp",
      into: ["card"],
      param: expiryParams,
      format: formatExpiry,
      check: checkExpiry,
      isFull: () => true,
    },
    cvc: {
      name: "cvc",
      label: "Security code",
      placeholder: "CVC",
      mode: "numeric",
      autocomplete: "cc-csc",
      into: ["card", "cvc"],
      format: (text) => formatCvc(text, number()),
      check: (text) => checkCvc(text, number()),
      isFull: () => brandOf(digitsOf(number())) !== undefined,
    },
  };
}

/** How the old elements name these fields. @type {{ [field: string]: Partial<FieldSpec> & { stable: string } }} */
const OLD_NAMES = {
  number: {
    name: "cardnumber",
    label: "Credit or debit card number",
    placeholder: "Card number",
    missing: "incomplete_number",
    stable: "cardNumber",
  },
  expiry: {
    name: "exp-date",
    label: "Credit or debit card expiration date",
    placeholder: "MM / YY",
    missing: "incomplete_expiry",
    stable: "cardExpiry",
  },
  cvc: { name: "cvc", label: "Credit or debit card CVC/CVV", placeholder: "CVC", missing: "incomplete_cvc", stable: "cardCvc" },
  postal: { name: "postal", label: "ZIP", placeholder: "ZIP", missing: "incomplete_zip", stable: "postalCode" },
};

/** @type {{ [type: string]: string[] }} */
const OLD_PARTS = { card: ["number", "expiry", "cvc", "postal"], cardNumber: ["number"], cardExpiry: ["expiry"], cardCvc: ["cvc"] };

/** An input of one of the old elements. @param {FieldSpec} spec @param {string} stable @param {Bag} options */
function makeBareField(spec, stable, options) {
  const field = makeField({ ...spec, isBare: true, isLocked: Boolean(options.disabled) });
  field.input.classList.add("InputElement");
  field.input.setAttribute("data-elements-stable-field-name", stable);
  if (typeof options.placeholder === "string") field.input.setAttribute("placeholder", options.placeholder);
  const draw = field.draw;
  field.draw = () => {
    draw();
    const isEmpty = field.input.value === "";
    field.input.classList.toggle("is-empty", isEmpty);
    field.input.classList.toggle("is-invalid", Boolean(field.visible()));
    field.input.classList.toggle("is-complete", !isEmpty && !field.problem());
  };
  field.draw();
  return field;
}

/** @param {Setup} setup @returns {Part} */
function cardElement({ type, options }) {
  /** @type {{ [key: string]: Field }} */
  const made = {};
  const number = () => made.number?.input.value ?? "";
  /** @type {{ [key: string]: FieldSpec }} */
  const specs = {
    ...cardSpecs(number),
    postal: {
      name: "postal",
      label: "ZIP",
      autocomplete: "billing postal-code",
      into: ["billing_details", "address", "postal_code"],
      value: options.value?.postalCode,
      format: (text) => text.slice(0, 10),
      check: (text) => checkCardPostal(text, number()),
    },
  };
  const keys = OLD_PARTS[type].filter((key) => key !== "postal" || !options.hidePostalCode);
  for (const key of keys) {
    const { stable, ...old } = OLD_NAMES[key];
    made[key] = makeBareField({ ...specs[key], ...old }, stable, options);
  }
  const fields = keys.map((key) => made[key]);
  const icon = make("span", { class: `CardIcon ${options.iconStyle ?? ""}`, "aria-hidden": "true" });
  const withIcon = type === "card" ? !options.hideIcon : type === "cardNumber" && options.showIcon;
  const node = make("div", { class: `CardRow ${type}` }, ...(withIcon ? [icon] : []), ...fields.map((field) => field.node));
  /** @type {string[]} */
  let networks = [];
  const report = () => {
    drawIcon(icon, number());
    node.classList.toggle("is-invalid", Boolean(firstVisible(fields)));
    const now = networksOf(digitsOf(number()));
    if (now.join() !== networks.join() && (now.length > 1 || networks.length > 1))
      post({ event: "networkschange", detail: { networks: now, loading: false } });
    networks = now;
    for (const field of fields) field.draw();
  };
  report();
  return {
    node,
    fields: () => fields,
    report,
    state: () => ({
      error: firstVisible(fields),
      ...(made.number ? { brand: brandOf(digitsOf(number()))?.brand ?? "unknown" } : {}),
      ...(type === "card" ? { value: { postalCode: made.postal?.read() ?? "" } } : {}),
    }),
    answer: () => preferred(options.preferredNetwork, number()),
  };
}

/** The brand's sign. @param {HTMLElement} icon @param {string} number */
function drawIcon(icon, number) {
  const brand = brandOf(digitsOf(number));
  icon.textContent = brand ? brand.label.split(" ")[0] : "";
  icon.dataset.brand = brand?.brand ?? "unknown";
}

/** The options of a payment with a card that runs on two networks, if one of them is preferred. @param {string[] | undefined} wanted @param {string} number */
function preferred(wanted, number) {
  const networks = networksOf(digitsOf(number));
  const network = networks.length > 1 ? wanted?.find((name) => networks.includes(name)) : undefined;
  return network ? { payment_method_options: { card: { network } } } : {};
}
