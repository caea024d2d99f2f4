// @ts-check
// One thing that is asked: an input with its label, what may be typed, and what is wrong with it.
// Invariant: a text is formatted in one step and the caret stays beside the sign that it was beside.

/**
 * @typedef {object} FieldSpec
 * @property {string} name
 * @property {string} label
 * @property {string} [hint] Part of the label that is heard and not seen.
 * @property {string[]} [into] Where its value belongs in `payment_method_data`.
 * @property {(text: string) => any} [param] The value as the API takes it.
 * @property {string} [id]
 * @property {string} [placeholder]
 * @property {string} [autocomplete]
 * @property {string} [mode] The keyboard that telephones show.
 * @property {string} [type] The kind of the input; `checkbox` has its label behind it.
 * @property {[string, string][]} [options] What can be chosen; it is a select then.
 * @property {string} [value]
 * @property {boolean} [optional]
 * @property {(text: string) => string} [format]
 * @property {(text: string) => string | undefined} [check] The code of what is wrong with a text that is not empty.
 * @property {() => boolean} [isFull] Whether nothing more can be typed, so that the focus goes on.
 * @property {string} [missing] The code if nothing was typed.
 * @property {boolean} [isHalf] Whether it shares its row.
 * @property {boolean} [isBare] Without a label that is seen, and without a sentence under it.
 * @property {boolean} [isLocked]
 */

/**
 * @typedef {object} Field
 * @property {FieldSpec} spec
 * @property {HTMLElement} node
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {() => string} read
 * @property {(text: string) => void} write
 * @property {() => Problem | undefined} problem What keeps it from being complete.
 * @property {() => Problem | undefined} visible What is wrong as far as it is time to say so.
 * @property {boolean} isTouched Whether somebody was there and left, or tried to submit.
 * @property {() => void} draw Shows what there is to show.
 * @property {(said?: Problem) => void} say Shows an error from outside until something is typed.
 */

/** Makes an element. @param {string} tag @param {Bag} [attributes] @param {...(Node | string)} children @returns {HTMLElement} */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key === "onclick") node.addEventListener("click", value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** How the ids of inputs begin. It depends on the page's age. */
let idPrefix = "payment-";

/** @param {FieldSpec} spec @returns {HTMLInputElement | HTMLSelectElement} */
function makeInput(spec) {
  const id = spec.id ?? `${idPrefix}${spec.name}Input`;
  const described = { id: spec.isBare ? undefined : id, name: spec.name, autocomplete: spec.autocomplete, disabled: spec.isLocked };
  if (spec.options) {
    const options = spec.options.map(([value, label]) => make("option", { value }, label));
    const input = /** @type {HTMLSelectElement} */ (make("select", { ...described, class: "p-Select-select Input" }, ...options));
    input.value = spec.value ?? spec.options[0]?.[0] ?? "";
    return input;
  }
  const isBox = spec.type === "checkbox";
  const input = /** @type {HTMLInputElement} */ (
    make("input", {
      ...described,
      type: spec.type ?? "text",
      inputmode: spec.mode,
      placeholder: isBox ? undefined : (spec.placeholder ?? ""),
      class: isBox ? "p-Checkbox-input CheckboxInput" : "p-Input-input Input",
      autocorrect: "off",
      spellcheck: "false",
      "aria-label": spec.isBare ? spec.label : undefined,
      "aria-required": isBox || spec.optional ? undefined : "true",
    })
  );
  if (isBox) input.checked = spec.value === "true";
  else input.value = spec.format?.(spec.value ?? "") ?? spec.value ?? "";
  return input;
}

/** Formats what was just typed. @param {HTMLInputElement} input @param {(text: string) => string} format */
function reformat(input, format) {
  const text = input.value;
  const caret = input.selectionStart ?? text.length;
  const formatted = format(text);
  if (formatted === text) return;
  input.value = formatted;
  if (document.activeElement !== input) return;
  const target = caret === text.length ? formatted.length : caretAfter(formatted, lettersOf(text.slice(0, caret)).length);
  input.setSelectionRange(target, target);
}

/** What of a text is no separator. @param {string} text */
const lettersOf = (text) => text.replace(/[^\p{L}\p{N}]/gu, "");

/** The place behind so many letters and digits of a text. @param {string} text @param {number} count */
function caretAfter(text, count) {
  for (let caret = 0; caret <= text.length; caret += 1) if (lettersOf(text.slice(0, caret)).length === count) return caret;
  return text.length;
}

/** The row of an input. @param {FieldSpec} spec @param {HTMLElement} input @param {HTMLElement} said @returns {HTMLElement} */
function makeRow(spec, input, said) {
  if (spec.isBare) return input;
  const isBox = spec.type === "checkbox";
  const hint = spec.hint ? [make("span", { class: "heard" }, ` ${spec.hint}`)] : [];
  const label = make(
    "label",
    { for: input.id, class: isBox ? "p-Checkbox-label CheckboxLabel" : "p-FieldLabel Label" },
    spec.label,
    ...hint,
  );
  if (isBox) return make("div", { class: "p-Field p-Checkbox Checkbox" }, input, label, said);
  const box = make("div", { class: spec.options ? "p-Select" : "p-Input" }, input);
  return make("div", { class: `p-Field p-GridCell${spec.isHalf ? " half" : ""}`, "data-field": spec.name }, label, box, said);
}

/** @param {FieldSpec} spec @returns {Field} */
function makeField(spec) {
  const input = makeInput(spec);
  const said = make("p", { id: `Field-${spec.name}Error`, class: "p-FieldError Error", role: "alert" });
  const isBox = spec.type === "checkbox";
  /** @type {Problem | undefined} */
  let fromOutside;
  /** @type {Field} */
  const field = {
    spec,
    input,
    node: makeRow(spec, input, said),
    isTouched: false,
    read: () => (isBox ? String(/** @type {HTMLInputElement} */ (input).checked) : input.value),
    write: (text) => {
      if (isBox) /** @type {HTMLInputElement} */ (input).checked = text === "true";
      else input.value = spec.format?.(text) ?? text;
    },
    problem: () => {
      if (isBox) return undefined;
      const code = input.value.trim()
        ? spec.check?.(input.value)
        : spec.optional
          ? undefined
          : (spec.missing ?? `incomplete_${kebab(spec.name).replaceAll("-", "_")}`);
      return code ? problem(code) : undefined;
    },
    visible: () => {
      if (fromOutside) return fromOutside;
      const found = field.problem();
      return found && (field.isTouched || (input.value && !isUnfinished(found.code))) ? found : undefined;
    },
    draw: () => {
      const found = field.visible();
      const isEmpty = !isBox && !input.value;
      input.classList.toggle("Input--invalid", Boolean(found));
      input.classList.toggle("Input--empty", isEmpty);
      const isResting = isEmpty && document.activeElement !== input;
      const label = field.node.querySelector(".Label");
      label?.classList.toggle("Label--resting", isResting);
      label?.classList.toggle("Label--floating", !isResting);
      label?.classList.toggle("Label--invalid", Boolean(found));
      if (found) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (spec.isBare) return;
      if (found) input.setAttribute("aria-describedby", said.id);
      else input.removeAttribute("aria-describedby");
      if (said.textContent !== (found?.message ?? "")) said.textContent = found?.message ?? "";
    },
    say: (problem) => {
      fromOutside = problem;
      field.draw();
    },
  };
  watchInput(field, () => (fromOutside = undefined));
  field.draw();
  return field;
}

/** Follows what happens in the input of a field. @param {Field} field @param {() => void} forget Forgets what was said from outside. */
function watchInput(field, forget) {
  const { input, spec } = field;
  input.addEventListener("input", () => {
    forget();
    field.isTouched = false;
    if (spec.format && input instanceof HTMLInputElement) reformat(input, spec.format);
    field.draw();
  });
  input.addEventListener("focus", field.draw);
  input.addEventListener("blur", () => {
    if (input.value) field.isTouched = true;
    field.draw();
  });
}

/** The fields as one piece of `payment_method_data`. @param {Field[]} fields @param {Bag} [into] @returns {Bag} */
function collect(fields, into = {}) {
  for (const field of fields) {
    const text = field.read().trim();
    if (!field.spec.into || !text) continue;
    const value = field.spec.param?.(text) ?? text;
    if (typeof value === "object") place(into, field.spec.into, { ...at(into, field.spec.into), ...value });
    else place(into, field.spec.into, value);
  }
  return into;
}

/** What stands at a path. @param {Bag} bag @param {string[]} path @returns {any} */
const at = (bag, path) => path.reduce((/** @type {any} */ found, key) => found?.[key], bag);

/** @param {Bag} bag @param {string[]} path @param {any} value */
function place(bag, path, value) {
  const last = path[path.length - 1];
  const holder = path.slice(0, -1).reduce((found, key) => (found[key] ??= {}), bag);
  holder[last] = value;
}

/** The first problem among fields. @param {Field[]} fields */
const firstProblem = (fields) => fields.map((field) => field.problem()).find(Boolean);

/** The first problem that is shown. @param {Field[]} fields */
const firstVisible = (fields) => fields.map((field) => field.visible()).find(Boolean);

/** Whether nothing was typed; what is chosen from a list doesn't count. @param {Field[]} fields */
const areEmpty = (fields) => fields.every(({ input, spec }) => spec.options || spec.type === "checkbox" || !input.value);
