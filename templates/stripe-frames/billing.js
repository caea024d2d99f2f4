// @ts-check
// The billing details that a payment method asks for, as far as the shop's `fields` option lets it.

/** The code of what is wrong with an e-mail address. @param {string} text */
function checkEmail(text) {
  if (/^[^@\s]+@[^@\s]+\.[^@\s]{2,}$/.test(text.trim())) return undefined;
  return /\s|@.*@/.test(text.trim()) ? "email_invalid" : "incomplete_email";
}
/** @param {string} text */
const checkPhone = (text) => (digitsOf(text).length < 7 ? "incomplete_phone_number" : undefined);
/** @param {string} text */
const formatPhone = (text) => text.replace(/[^\d+()\s.-]/g, "").slice(0, 24);

/** @type {{ [detail: string]: FieldSpec }} */
const DETAILS = {
  name: {
    name: "name",
    label: "Full name",
    placeholder: "First and last name",
    autocomplete: "billing name",
    into: ["billing_details", "name"],
    missing: "incomplete_name",
  },
  email: {
    name: "email",
    label: "Email",
    placeholder: "you@example.com",
    type: "email",
    autocomplete: "email",
    into: ["billing_details", "email"],
    check: checkEmail,
    missing: "incomplete_email",
  },
  phone: {
    name: "phone",
    label: "Phone number",
    placeholder: "(201) 555-0123",
    type: "tel",
    autocomplete: "billing tel",
    into: ["billing_details", "phone"],
    format: formatPhone,
    check: checkPhone,
    missing: "incomplete_phone_number",
  },
};

/** The names of an address' parts in the `fields` option. @type {{ [part: string]: string }} */
const PART_OPTIONS = { country: "country", postal_code: "postalCode", state: "state", city: "city", line1: "line1", line2: "line2" };

/**
 * What is asked for of a type: details, and parts of an address.
 * @param {string} type @param {Bag} options @returns {{ details: string[], address: string[] }}
 */
function askedFor(type, options) {
  const wish = options.fields?.[type]?.billingDetails ?? options.fields?.billingDetails ?? "auto";
  const asks = type === "card" ? ["country"] : (methodOf(type).asks ?? "").split(" ");
  if (wish === "never") return { details: [], address: [] };
  /** @param {string} detail */
  const choice = (detail) => (typeof wish === "object" ? (wish[detail] ?? "auto") : "auto");
  const details = Object.keys(DETAILS).filter(
    (detail) => choice(detail) === "always" || (asks.includes(detail) && choice(detail) !== "never"),
  );
  const wished = choice("address");
  if (wished === "never" || (wished === "if_required" && !asks.includes("address"))) return { details, address: [] };
  const parts = asks.includes("address")
    ? ["country", "line1", "line2", "city", "state", "postal_code"]
    : type === "card"
      ? ["country", "postal_code"]
      : asks.includes("country")
        ? ["country"]
        : [];
  return { details, address: parts.filter((part) => typeof wished !== "object" || wished[PART_OPTIONS[part]] !== "never") };
}

/**
 * What a payment method asks for.
 * @typedef {object} Panel
 * @property {HTMLElement} node
 * @property {() => Field[]} fields
 * @property {Field | undefined} save The box to keep it for later.
 * @property {Lines | undefined} lines
 * @property {() => void} draw Shows of the fields what there is to show.
 */

/** @param {string} type @param {Setup} setup @returns {Panel} */
function makePanel(type, setup) {
  const { options, group } = setup;
  const { details, address } = askedFor(type, options);
  const defaults = options.defaultValues?.billingDetails ?? {};
  const isLocked = Boolean(options.readOnly);
  /** @type {{ [key: string]: Field }} */
  const card = {};
  const specs = type === "card" ? Object.entries(cardSpecs(() => card.number?.input.value ?? "")) : [];
  for (const [key, spec] of specs) card[key] = makeField({ ...spec, isLocked, isHalf: key !== "number" });
  const icon = make("span", { class: "CardIcon", "aria-hidden": "true" });
  card.number?.input.after(icon);
  const about = details.map((detail) => makeField({ ...DETAILS[detail], value: defaults[detail] ?? "", isLocked }));
  const own = (methodOf(type).own ?? []).map((spec) => makeField({ ...spec, isLocked }));
  const lines = address.length
    ? makeLines({
        into: ["billing_details", "address"],
        asked: address,
        values: { country: group.merchant_country, ...defaults.address },
        isForCard: type === "card",
        isLocked,
      })
    : undefined;
  const save = offersToSave(type, group)
    ? makeField({ name: "savePaymentMethod", label: "Save payment details for future purchases", type: "checkbox" })
    : undefined;
  const link = linkOptIn(type, setup);
  const before = [...Object.values(card), ...about, ...own];
  const grid = make("div", { class: "p-Grid" }, ...before.map((field) => field.node));
  const node = make("div", {}, grid, ...(lines ? [lines.node] : []), ...(save ? [save.node] : []), ...link.nodes, ...says(type, setup));
  const fields = () => [...before, ...(lines?.fields() ?? []), ...(save ? [save] : []), ...link.fields()];
  const draw = () => {
    for (const field of fields()) field.draw();
    drawIcon(icon, card.number?.input.value ?? "");
  };
  draw();
  return { node, save, lines, fields, draw };
}

/** Whether the customer may choose to keep it. @param {string} type @param {Bag} group */
function offersToSave(type, group) {
  const isKept = ["card", "us_bank_account", "sepa_debit"].includes(type) && !group.setup_future_usage && group.mode !== "setup";
  return isKept && group.customer?.features?.payment_method_save === "enabled";
}

/** The box to join Link, and what it asks for then. Nothing of it is sent anywhere. @param {string} type @param {Setup} setup */
function linkOptIn(type, { options, group }) {
  if (type !== "card" || options.wallets?.link === "never" || options.readOnly || !group.payment_method_types?.includes("link"))
    return { nodes: [], fields: () => [] };
  const box = makeField({ name: "linkOptIn", label: "Save my information for faster checkout with Link", type: "checkbox" });
  const phone = makeField({ ...DETAILS.phone, name: "linkMobilePhone", into: undefined });
  phone.node.hidden = true;
  const isOn = () => box.read() === "true";
  box.input.addEventListener("input", () => (phone.node.hidden = !isOn()));
  return { nodes: [box.node, phone.node], fields: () => (isOn() ? [box, phone] : [box]) };
}

/** What is said under the fields: what happens next, and what one agrees to. @param {string} type @param {Setup} setup */
function says(type, { options, group }) {
  const { next = "page" } = methodOf(type);
  const nodes = next in NEXT ? [make("p", { class: "p-RedirectText RedirectText Text" }, NEXT[next])] : [];
  const isKept =
    group.mode === "setup" ||
    group.mode === "subscription" ||
    group.setup_future_usage === "off_session";
  const wish = options.terms?.[type.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())] ?? "auto";
  const kind = type === "card" ? "card" : next === "debit" ? "debit" : "other";
  if (wish === "always" || (wish === "auto" && (isKept || kind === "debit"))) {
    nodes.push(make("p", { class: "p-TermsText TermsText" }, TERMS[kind](options.business?.name ?? group.business_name ?? "the shop")));
  }
  return nodes;
}
