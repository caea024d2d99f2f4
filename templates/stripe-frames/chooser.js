// @ts-check
// Choosing one of several payment methods: tabs in a row, or an accordion. Invariant: what is chosen can be seen, whatever the width.

/** @typedef {{ key: string, label: string }} Choice */

/**
 * @typedef {object} Chooser
 * @property {HTMLElement} node
 * @property {(key: string | undefined) => void} show Draws a choice as chosen; none is chosen without a key.
 * @property {() => void} arrange Draws anew after the width changed.
 */

/** How wide a tab is at least, in pixels. */
const TAB_WIDTH = 125;

/**
 * @param {Choice[]} choices @param {HTMLElement} panel @param {(key: string) => void} choose
 * @returns {Chooser}
 */
function makeTabs(choices, panel, choose) {
  const list = make("div", { class: "p-TabList", role: "tablist", "aria-label": "Payment Methods" });
  const row = make("div", { class: "p-PaymentMethodSelector" }, list);
  const node = make("div", {}, row, panel);
  /** @type {string | undefined} */
  let chosen;
  let room = 0;
  const seats = () => Math.max(1, Math.floor(((row.clientWidth || innerWidth) + 8) / TAB_WIDTH));
  const draw = () => {
    room = seats();
    const isTight = choices.length > room;
    let seen = isTight ? choices.slice(0, Math.max(1, room - 1)) : choices;
    const other = choices.find(({ key }) => key === chosen && !seen.some((choice) => choice.key === key));
    if (other) seen = [...seen.slice(0, -1), other];
    // Tabs that stay are not moved: they would lose the focus.
    const isSame = seen.map(({ key }) => key).join() === [...list.children].map((tab) => tab.getAttribute("value")).join();
    if (!isSame) list.replaceChildren(...seen.map((choice) => makeTab(choice, choose)));
    for (const [place, tab] of [...list.children].entries())
      markTab(tab, tab.getAttribute("value") === chosen, chosen === undefined && place === 0);
    if (isSame) return;
    const hadFocus = row.querySelector("select:focus");
    for (const menu of row.querySelectorAll("select")) menu.remove();
    if (isTight)
      row.append(
        makeMenu(
          choices.filter((choice) => !seen.includes(choice)),
          choose,
        ),
      );
    if (hadFocus) document.getElementById(`${chosen}-tab`)?.focus();
  };
  list.addEventListener("keydown", (event) => moveAmong(event, /** @type {HTMLElement[]} */ ([...list.children])));
  panel.setAttribute("role", "tabpanel");
  return {
    node,
    show: (key) => {
      chosen = key;
      panel.hidden = key === undefined;
      panel.setAttribute("aria-labelledby", `${key}-tab`);
      draw();
    },
    arrange: () => {
      if (seats() !== room) draw();
    },
  };
}

/** @param {Choice} choice @param {(key: string) => void} choose */
function makeTab({ key, label }, choose) {
  return make(
    "button",
    {
      type: "button",
      role: "tab",
      id: `${key}-tab`,
      value: key,
      "data-value": key,
      "data-testid": key,
      class: "p-Tab Tab",
      onclick: () => choose(key),
    },
    make("span", { class: "p-Tab-icon TabIcon", "aria-hidden": "true" }),
    make("span", { class: "p-Tab-label TabLabel" }, label),
  );
}

/** @param {Element} tab @param {boolean} isChosen @param {boolean} isFirst Whether it has the keyboard although nothing is chosen. */
function markTab(tab, isChosen, isFirst) {
  tab.classList.toggle("Tab--selected", isChosen);
  tab.setAttribute("aria-selected", String(isChosen));
  tab.setAttribute("tabindex", isChosen || isFirst ? "0" : "-1");
  if (isChosen) tab.setAttribute("aria-controls", "payment-panel");
  else tab.removeAttribute("aria-controls");
}

/** The choices for which there is no room. @param {Choice[]} choices @param {(key: string) => void} choose */
function makeMenu(choices, choose) {
  const options = choices.map(({ key, label }) => make("option", { value: key }, label));
  const menu = /** @type {HTMLSelectElement} */ (
    make(
      "select",
      { class: "p-AdditionalPaymentMethods-menu Tab", "aria-label": "More payment methods" },
      make("option", { value: "" }, "More"),
      ...options,
    )
  );
  menu.addEventListener("change", () => menu.value && choose(menu.value));
  return menu;
}

/** Moves the focus by arrows. @param {KeyboardEvent} event @param {HTMLElement[]} buttons */
function moveAmong(event, buttons) {
  const from = buttons.findIndex((button) => button === document.activeElement);
  const steps = /** @type {{ [key: string]: number }} */ ({
    ArrowRight: from + 1,
    ArrowDown: from + 1,
    ArrowLeft: from - 1,
    ArrowUp: from - 1,
    Home: 0,
    End: buttons.length - 1,
  });
  if (from < 0 || !(event.key in steps)) return;
  event.preventDefault();
  const button = buttons[(steps[event.key] + buttons.length) % buttons.length];
  const { id } = button;
  button.click();
  document.getElementById(id)?.focus();
}

/**
 * @param {Choice[]} choices @param {HTMLElement} panel @param {(key: string) => void} choose @param {Bag} layout
 * @returns {Chooser}
 */
function makeAccordion(choices, panel, choose, layout) {
  const withRadios = layout.radios !== "never" && layout.radios !== false && (layout.radios !== "if_multiple" || choices.length > 1);
  const limit = layout.visibleAccordionItemsCount ?? 5;
  const node = make("div", { class: `p-Accordion${layout.spacedAccordionItems ? " spaced" : ""}` });
  const items = choices.map(({ key, label }) => {
    const marks = withRadios ? [make("span", { class: "p-AccordionRadio RadioIcon", "aria-hidden": "true" })] : [];
    const button = make(
      "button",
      {
        type: "button",
        id: `${key}-tab`,
        value: key,
        "data-value": key,
        "data-testid": key,
        class: "p-AccordionButton",
        onclick: () => choose(key),
      },
      ...marks,
      make("span", { class: "p-AccordionLabel" }, label),
    );
    return { key, button, item: make("div", { class: "p-AccordionItem AccordionItem" }, button) };
  });
  const isLong = limit > 0 && items.length > limit;
  const more = make("button", { type: "button", class: "p-AccordionMore AccordionItem", onclick: () => showAll() }, "More payment methods");
  const showAll = () => {
    for (const { item } of items) item.hidden = false;
    more.remove();
  };
  node.append(...items.map(({ item }) => item), ...(isLong ? [more] : []));
  if (isLong) for (const { item } of items.slice(limit)) item.hidden = true;
  return {
    node,
    arrange: () => {},
    show: (chosen) => {
      panel.hidden = chosen === undefined;
      for (const { key, button, item } of items) {
        const isChosen = key === chosen;
        item.classList.toggle("AccordionItem--selected", isChosen);
        button.setAttribute("aria-expanded", String(isChosen));
        if (!isChosen) continue;
        item.hidden = false;
        item.append(panel);
      }
    },
  };
}
