// @ts-check
// The small elements: an e-mail address, a tax id, a currency, what payments in instalments cost, terms.

/** @param {Setup} setup @returns {Part} */
function emailElement({ options }) {
  const field = makeField({ ...DETAILS.email, id: "Field-emailInput", value: options.defaultValues?.email ?? "" });
  const value = () => ({ email: field.read().trim() });
  return { node: make("div", { class: "p-Grid" }, field.node), fields: () => [field], state: () => ({ value: value() }) };
}

/** The countries of each kind of tax id. @type {{ [kind: string]: string }} */
const TAX_IDS = {
  vat: "at be bg bh ch cy cz de dk ee es fi fr gb ge gr hr hu ie is it li lk lt lu lv ma md mk mt nl no om pl pt ro sa se si sk th tw tz ua uz xi za",
  tin: "al am ao aw az ba bb bs by cl cr eg et kg kh la ng ph tj tr ug uz zm zw",
  nif: "cd cv gn ic mr",
  ruc: "ec pe uy",
  gst: "in nz sg",
  bin: "bd kz",
  ifu: "bf bj",
  pib: "me rs",
  trn: "ae",
  abn: "au",
  bn: "ca",
  gst_hst: "ca",
  pst_bc: "ca",
  pst_mb: "ca",
  pst_sk: "ca",
  qst: "ca",
  niu: "cm",
  cif: "es",
  pin: "ke",
  brn: "kr",
  rfc: "mx",
  pan: "np",
  inn: "ru",
  kpp: "ru",
  ninea: "sn",
  fin: "sr",
};

/** The types of tax ids, by the API's names. */
const TAX_ID_TYPES = Object.entries(TAX_IDS)
  .flatMap(([kind, countries]) => countries.split(" ").map((country) => `${country}_${kind}`))
  .sort();

/** Countries whose VAT numbers the API calls `eu_vat`. */
const EU_VAT = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk xi".split(" ");

/** @param {string} type */
const apiTaxIdType = (type) => (type.endsWith("_vat") && EU_VAT.includes(type.slice(0, 2)) ? "eu_vat" : type);

/** @param {Setup} setup @returns {Part} */
function taxIdElement({ options, group }) {
  const values = options.defaultValues ?? {};
  const isVisible = options.visibility !== "never";
  const isNeeded = (/** @type {string} */ key) => options.validation?.[key]?.required === "always";
  const country = String(group.merchant_country ?? "").toLowerCase();
  const first = values.taxIdType ?? TAX_ID_TYPES.find((type) => type.startsWith(`${country}_`)) ?? TAX_ID_TYPES[0];
  const fields = isVisible
    ? [
        ...(options.fields?.businessName === "never"
          ? []
          : [
              makeField({
                name: "businessName",
                label: "Business name",
                value: values.businessName ?? "",
                optional: !isNeeded("businessName"),
                autocomplete: "organization",
                id: "Field-businessNameInput",
              }),
            ]),
        makeField({
          name: "taxIdType",
          label: "Tax ID type",
          options: TAX_ID_TYPES.map((type) => [type, type.replaceAll("_", " ").toUpperCase()]),
          value: first,
          isHalf: true,
          id: "Field-taxIdTypeInput",
        }),
        makeField({
          name: "taxId",
          label: "Tax ID",
          value: values.taxId ?? "",
          optional: !isNeeded("taxId"),
          isHalf: true,
          id: "Field-taxIdInput",
        }),
      ]
    : [];
  const read = (/** @type {string} */ called) =>
    fields
      .find(({ spec }) => spec.name === called)
      ?.read()
      .trim() ?? "";
  const value = () => ({
    businessName: read("businessName"),
    taxId: read("taxId"),
    taxIdType: read("taxIdType"),
    externalTaxIdType: apiTaxIdType(read("taxIdType")),
  });
  return {
    node: make("div", { class: "p-Grid" }, ...fields.map(({ node }) => node)),
    fields: () => fields,
    state: () => ({ visible: isVisible, value: value() }),
    answer: () => ({ visible: isVisible }),
  };
}

/** @param {Setup} setup @returns {Part} */
function currencyElement({ group, changed }) {
  const currencies = /** @type {Bag[]} */ (group.currencies ?? []);
  const list = make("fieldset", { class: "p-Currencies" }, make("legend", { class: "Label" }, "Currency"));
  for (const { currency, amount } of currencies) {
    const id = `currency-${currency}`;
    const radio = /** @type {HTMLInputElement} */ (make("input", { type: "radio", name: "currency", id, value: currency }));
    radio.checked = currency === group.currency;
    radio.addEventListener("change", async () => {
      const { error } = await call("currency", { currency });
      // What was refused is not chosen.
      if (error) for (const other of list.querySelectorAll("input")) other.checked = other.value === group.currency;
      changed();
    });
    list.append(
      make(
        "div",
        { class: "p-SavedItem PickerItem" },
        radio,
        make(
          "label",
          { for: id, class: "p-SavedLabel" },
          `${currency.toUpperCase()} ${typeof amount === "number" ? money(amount, currency) : ""}`,
        ),
      ),
    );
  }
  list.hidden = currencies.length < 2;
  return { node: list, fields: () => [], state: () => ({}) };
}

/** The lenders of each of the elements that tell of instalments. @type {{ [type: string]: string[] }} */
const LENDERS = {
  affirmMessage: ["affirm"],
  afterpayClearpayMessage: ["afterpay_clearpay"],
  paymentMethodMessaging: ["affirm", "afterpay_clearpay", "klarna"],
};

/** @param {Setup} setup @returns {Part} */
function messageElement({ type, options, group }) {
  const wanted = /** @type {string[]} */ (options.paymentMethodTypes ?? options.paymentMethods ?? LENDERS[type]);
  const amount = options.amount ?? group.amount;
  const currency = options.currency ?? group.currency ?? "usd";
  const lenders = new Intl.ListFormat("en", { type: "disjunction" }).format(wanted.map((lender) => methodOf(lender).label));
  const text =
    typeof amount === "number" && wanted.length
      ? `4 payments of ${money(amount / 4, currency)} without interest with ${lenders}.`
      : `Pay in instalments with ${lenders}.`;
  return { node: make("p", { class: "p-Message Text" }, text), fields: () => [], state: () => ({}) };
}

/** @param {Setup} setup @returns {Part} */
function termsElement({ group }) {
  const shop = group.business_name ?? "the shop";
  const isKept = group.mode === "subscription" || group.mode === "setup" || group.setup_future_usage;
  const text = isKept ? TERMS.other(shop) : `By paying, you agree to the terms of ${shop}.`;
  return { node: make("p", { class: "p-TermsText TermsText" }, text), fields: () => [], state: () => ({}) };
}

/** @param {Setup} setup @returns {Part} */
function linkSignupElement(setup) {
  const { nodes, fields } = linkOptIn("card", { ...setup, options: {}, group: { payment_method_types: ["link"] } });
  return { node: make("div", {}, ...nodes), fields, state: () => ({}) };
}
