// @ts-check
// The payment methods that the customer saved: one is chosen, each can be removed if the shop lets it.

/**
 * @typedef {object} Saved
 * @property {HTMLElement} node
 * @property {() => Field[]} fields
 * @property {() => Bag | undefined} chosen
 */

/** How a saved payment method is told from others. @param {Bag} method */
function savedLabel(method) {
  const details = method[method.type] ?? {};
  const brand = BRANDS.find(({ brand }) => brand === details.brand)?.label ?? methodOf(method.type).label;
  if (method.type === "link") return `Link ${details.email ?? ""}`;
  const expiry = details.exp_month ? `, expires ${String(details.exp_month).padStart(2, "0")} / ${String(details.exp_year).slice(-2)}` : "";
  return `${brand} •••• ${details.last4 ?? "????"}${expiry}`;
}

/** The part of a saved payment method that events tell. @param {Bag} method */
const savedValue = ({ id, type, billing_details }) => ({ id, type, billing_details });

/** @param {Setup} setup @param {string | undefined} wanted @param {() => void} redraw Is called when there is one less. @returns {Saved} */
function makeSaved({ options, group, changed }, wanted, redraw) {
  /** @type {Bag[]} */
  const methods = group.customer.payment_methods;
  let chosen = methods.find(({ id }) => id === wanted) ?? methods[0];
  const canRemove = group.customer.features?.payment_method_remove === "enabled" && !options.readOnly;
  const cvc = makeField({ ...cardSpecs(() => "").cvc, into: undefined, isFull: undefined, missing: "incomplete_cvc" });
  const list = make("fieldset", { class: "p-SavedList" }, make("legend", { class: "heard" }, "Saved payment methods"));
  const said = make("p", { class: "p-FieldError Error", role: "alert" });
  const node = make("div", {}, list, cvc.node, said);
  const asksCvc = () => chosen?.type === "card" && Boolean(group.require_cvc_recollection);
  /** @param {Bag} method */
  const remove = async (method) => {
    const { error } = await call("detach", { payment_method: method.id });
    post({
      event: "savedpaymentmethodremove",
      detail: { success: !error, ...(error ? { error: error.message } : {}), payment_method: savedValue(method) },
    });
    said.textContent = error?.message ?? "";
    if (error) return;
    methods.splice(methods.indexOf(method), 1);
    if (chosen === method) chosen = methods[0];
    redraw();
  };
  for (const method of methods) {
    const id = `saved-${method.id}`;
    const radio = /** @type {HTMLInputElement} */ (
      make("input", {
        type: "radio",
        name: "savedPaymentMethod",
        id,
        value: method.id,
        class: "p-SavedRadio",
        disabled: Boolean(options.readOnly),
      })
    );
    radio.checked = method === chosen;
    radio.addEventListener("change", () => {
      chosen = method;
      cvc.node.hidden = !asksCvc();
      changed();
    });
    const button = canRemove
      ? [
          make(
            "button",
            { type: "button", class: "p-Action Action", "aria-label": `Remove ${savedLabel(method)}`, onclick: () => remove(method) },
            "Remove",
          ),
        ]
      : [];
    list.append(
      make(
        "div",
        { class: "p-SavedItem PickerItem", "data-testid": method.id },
        radio,
        make("label", { for: id, class: "p-SavedLabel" }, savedLabel(method)),
        ...button,
      ),
    );
  }
  cvc.node.hidden = !asksCvc();
  return { node, fields: () => (asksCvc() ? [cvc] : []), chosen: () => chosen };
}
