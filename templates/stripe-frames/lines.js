// @ts-check
// The lines of an address, which depend on its country.

/**
 * @typedef {object} LinesSpec
 * @property {string[]} into Where the address belongs in `payment_method_data`.
 * @property {string[]} asked Of `country line1 line2 city state postal_code`.
 * @property {Bag} [values] What stands there at first, by the names of the API.
 * @property {string[] | null} [countries] Only these can be chosen.
 * @property {boolean} [isForCard] Then a postal code is asked for only where cards are checked by it.
 * @property {boolean} [isLocked]
 * @property {string} [prefix] How the ids of inputs begin.
 * @property {(text: string) => string | undefined} [checkLine]
 * @property {string} [purpose] What browsers know the address as; `billing` without it.
 */

/**
 * @typedef {object} Lines
 * @property {HTMLElement} node
 * @property {() => Field[]} fields
 * @property {() => Bag} value The address by the names of the API.
 * @property {(values: Bag) => void} fill
 */

/** The name of the input of each part of an address. @type {{ [part: string]: string }} */
const LINE_NAMES = {
  country: "country",
  line1: "addressLine1",
  line2: "addressLine2",
  city: "locality",
  state: "administrativeArea",
  postal_code: "postalCode",
};

/** Where the postal code of a card's holder is asked for. */
const CARD_POSTAL = ["US", "CA", "GB", "PR"];

/** What is asked for in a country, in order. @param {LinesSpec} spec @param {string} country @returns {FieldSpec[]} */
function lineSpecs(spec, country) {
  const withPostal = spec.isForCard ? CARD_POSTAL.includes(country) : hasPostalCode(country);
  const purpose = spec.purpose ?? "billing";
  /** @type {{ [part: string]: Partial<FieldSpec> | undefined }} */
  const parts = {
    country: {
      label: spec.asked.length > 2 ? "Country or region" : "Country",
      options: countryOptions(spec.countries),
      value: country,
      autocomplete: `${purpose} country`,
      missing: "incomplete_payment_details",
    },
    line1: { label: "Address line 1", autocomplete: `${purpose} address-line1`, placeholder: "Street address", check: spec.checkLine },
    line2: {
      label: "Address line 2",
      autocomplete: `${purpose} address-line2`,
      placeholder: "Apt., suite, unit number, etc. (optional)",
      optional: true,
      check: spec.checkLine,
    },
    city: { label: cityLabel(country), autocomplete: `${purpose} address-level2`, isHalf: true },
    state: !hasArea(country)
      ? undefined
      : country in AREAS
        ? {
            label: areaLabel(country),
            options: [["", "Select"], ...areaOptions(country)],
            autocomplete: `${purpose} address-level1`,
            isHalf: true,
          }
        : { label: areaLabel(country), autocomplete: `${purpose} address-level1`, isHalf: true },
    postal_code: !withPostal
      ? undefined
      : {
          label: postalLabel(country),
          placeholder: country === "US" ? "12345" : "",
          autocomplete: `${purpose} postal-code`,
          missing: "incomplete_zip",
          isHalf: spec.asked.length > 2,
          check: (text) => checkPostal(text, country),
          mode: country === "US" ? "numeric" : undefined,
        },
  };
  return spec.asked
    .filter((part) => parts[part])
    .map((part) => ({
      name: LINE_NAMES[part],
      label: "",
      into: [...spec.into, part],
      isLocked: spec.isLocked,
      ...parts[part],
      id: spec.prefix ? `${spec.prefix}${LINE_NAMES[part]}Input` : undefined,
    }));
}

/** @param {LinesSpec} spec @returns {Lines} */
function makeLines(spec) {
  const node = make("div", { class: "p-Grid" });
  const options = countryOptions(spec.countries);
  const wanted = String(spec.values?.country ?? "US").toUpperCase();
  let country = options.some(([code]) => code === wanted) ? wanted : options[0][0];
  /** @type {Field[]} */
  let fields = [];
  /** @param {Bag} values */
  const draw = (values) => {
    const kept = fields.find((field) => partOf(field) === "country");
    fields = lineSpecs(spec, country).map((line) => (line.name === "country" && kept ? kept : makeField(line)));
    for (const field of fields) if (field !== kept && typeof values[partOf(field)] === "string") field.write(values[partOf(field)]);
    for (const field of fields) field.draw();
    for (const child of [...node.children]) if (child !== kept?.node) child.remove();
    const before = fields.findIndex((field) => field === kept);
    node.prepend(...fields.slice(0, Math.max(before, 0)).map((field) => field.node));
    node.append(...fields.slice(before + 1).map((field) => field.node));
  };
  const value = () => Object.fromEntries([["country", country], ...fields.map((field) => [partOf(field), field.read().trim()])]);
  draw(spec.values ?? {});
  node.addEventListener("input", ({ target }) => {
    const chosen = fields.find((field) => partOf(field) === "country");
    if (target !== chosen?.input) return;
    const values = value();
    country = chosen.read();
    // An area's code means nothing in another country.
    draw({ ...values, country, state: "" });
  });
  return {
    node,
    fields: () => fields,
    value,
    fill: (values) => {
      const code = String(values.country ?? country).toUpperCase();
      if (options.some(([known]) => known === code)) country = code;
      draw(values);
      fields.find((field) => partOf(field) === "country")?.write(country);
    },
  };
}

/** The part of an address that a field is. @param {Field} field */
const partOf = (field) => field.spec.into?.at(-1) ?? "";
