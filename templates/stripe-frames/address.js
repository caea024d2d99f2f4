// @ts-check
// The Address Element, for where something is sent or who pays; and the older element for shipping addresses.

/** A box of a post office, as some shops don't take it. @param {string} text */
const isPoBox = (text) => /\bp\.?\s*o\.?\s*box\b|\bpost office box\b/i.test(text);

/** @param {Setup} setup @returns {FieldSpec[]} */
function nameSpecs({ options }) {
  const values = options.defaultValues ?? {};
  const base = { missing: "incomplete_name", id: "Field-nameInput", autocomplete: "name", into: ["name"] };
  if (options.fields?.name === "never") return [];
  if (options.display?.name === "split") {
    return [
      {
        ...base,
        name: "firstName",
        label: "First name",
        id: "Field-firstNameInput",
        autocomplete: "given-name",
        into: ["firstName"],
        value: values.firstName ?? "",
        isHalf: true,
      },
      {
        ...base,
        name: "lastName",
        label: "Last name",
        id: "Field-lastNameInput",
        autocomplete: "family-name",
        into: ["lastName"],
        value: values.lastName ?? "",
        isHalf: true,
      },
    ];
  }
  const label = options.display?.name === "organization" ? "Company or full name" : "Full name";
  return [{ ...base, name: "name", label, placeholder: "First and last name", value: values.name ?? "" }];
}

/** @param {Setup} setup @returns {Field | undefined} */
function phoneField({ options }) {
  const wish = options.fields?.phone;
  if (wish !== "always" && !(wish === "auto" && options.validation?.phone?.required === "always")) return undefined;
  const optional = options.validation?.phone?.required !== "always" && options.validation?.phone?.required !== undefined;
  return makeField({
    ...DETAILS.phone,
    id: "Field-phoneInput",
    into: ["phone"],
    optional,
    label: optional ? "Phone number (optional)" : "Phone number",
    autocomplete: "tel",
    value: options.defaultValues?.phone ?? "",
  });
}

/** @param {Setup} setup @returns {Part} */
function addressElement(setup) {
  const { type, options, group, changed } = setup;
  const mode = type === "shippingAddress" ? "shipping" : options.mode;
  const names = nameSpecs(setup).map(makeField);
  const phone = phoneField(setup);
  const lines = makeLines({
    into: ["address"],
    asked: ["country", "line1", "line2", "city", "state", "postal_code"],
    countries: options.allowedCountries,
    prefix: "Field-",
    values: { country: group.merchant_country, ...options.defaultValues?.address },
    checkLine: (text) => (options.blockPoBox && isPoBox(text) ? "po_box_not_allowed" : undefined),
    purpose: mode,
  });
  const grid = make("div", { class: "p-Grid" }, ...names.map(({ node }) => node));
  const form = make("div", {}, grid, lines.node, ...(phone ? [phone.node] : []));
  const contacts = makeContacts(options.contacts ?? [], (contact) => {
    form.hidden = Boolean(contact);
    if (contact) fillContact(contact, names, lines, phone);
    changed();
  });
  const fields = () => [...names, ...lines.fields(), ...(phone ? [phone] : [])];
  const value = () => addressValue(names, lines, phone);
  return {
    node: make("div", { class: "p-AddressElement" }, ...(contacts ? [contacts.node] : []), form),
    fields,
    report: () => fields().forEach((field) => field.draw()),
    state: () => ({ ...(type === "address" ? { elementMode: mode } : {}), isNewAddress: !contacts?.chosen(), value: value() }),
    answer: () => ({ data: undefined, value: value(), isNewAddress: !contacts?.chosen() }),
  };
}

/** The public value of an address. @param {Field[]} names @param {Lines} lines @param {Field | undefined} phone */
function addressValue(names, lines, phone) {
  const typed = collect(names);
  const split = typed.firstName !== undefined || typed.lastName !== undefined || names.length === 2;
  const { line1 = "", line2, city = "", state = "", postal_code = "", country } = lines.value();
  return {
    name: split ? [typed.firstName, typed.lastName].filter(Boolean).join(" ") : (typed.name ?? ""),
    ...(split ? { firstName: typed.firstName ?? "", lastName: typed.lastName ?? "" } : {}),
    address: { line1, line2: line2 || null, city, country, postal_code, state },
    ...(phone ? { phone: phone.read().trim() } : {}),
  };
}

/** @param {Bag} contact @param {Field[]} names @param {Lines} lines @param {Field | undefined} phone */
function fillContact(contact, names, lines, phone) {
  const [first, ...rest] = String(contact.name ?? "").split(" ");
  const parts = names.length === 2 ? [first, rest.join(" ")] : [contact.name ?? ""];
  names.forEach((field, place) => field.write(parts[place]));
  lines.fill(contact.address ?? {});
  phone?.write(contact.phone ?? "");
}

/**
 * Addresses that the shop knows already: one is chosen, or a new one is typed.
 * @param {Bag[]} contacts @param {(contact: Bag | undefined) => void} choose
 */
function makeContacts(contacts, choose) {
  if (contacts.length === 0) return undefined;
  /** @type {Bag | undefined} */
  let chosen;
  const list = make("fieldset", { class: "p-SavedList" }, make("legend", { class: "Label" }, "Saved addresses"));
  const rows = [...contacts, undefined];
  for (const [place, contact] of rows.entries()) {
    const id = `contact-${place}`;
    const radio = /** @type {HTMLInputElement} */ (make("input", { type: "radio", name: "contact", id, class: "p-SavedRadio" }));
    radio.checked = contact === undefined;
    radio.addEventListener("change", () => {
      chosen = contact;
      choose(contact);
    });
    const { line1, city, postal_code } = contact?.address ?? {};
    const text = contact ? [contact.name, line1, city, postal_code].filter(Boolean).join(", ") : "Enter a new address";
    list.append(make("div", { class: "p-SavedItem PickerItem" }, radio, make("label", { for: id, class: "p-SavedLabel" }, text)));
  }
  return { node: list, chosen: () => chosen };
}
