// The shell: navigation, addresses, keys.
import { chip, get, go, goTo, h, notice, pageName, readState, say, setSandbox, state, statusLine, url } from "./core.js";
import timeline from "./timeline.js";
import requests from "./requests.js";
import objects from "./objects.js";
import events from "./events.js";
import webhooks from "./webhooks.js";
import waiting from "./waiting.js";
import billing from "./billing.js";
import clock from "./clock.js";
import faults from "./faults.js";
import sandboxes from "./sandboxes.js";
import coverage from "./coverage.js";
import cards from "./cards.js";

const PAGES = [timeline, requests, objects, events, webhooks, waiting, billing, clock, faults, sandboxes, coverage, cards];
const KEYS = [
  ["/", "Search"], ["j k", "Next and previous row"], ["Enter", "Open the row"], ["g and a letter", "Go to a page"],
  ["r", "Load again"], ["~", "Choose the sandbox"], ["?", "This help"], ["Esc", "Leave a field, close this"],
];

/** @param {Event} event */
const skip = (event) => {
  event.preventDefault();
  main.focus();
};
const nav = h("ul");
const chooser = h("select", { id: "sandbox", onchange: () => setSandbox(chooser.value) });
const brand = h("a", { class: "brand" }, "Pinstripe");
const light = h("span", { id: "live" });
const main = h("main", { id: "main", tabindex: -1 });
const help = h("dialog", { "aria-labelledby": "help-title" });
document.body.replaceChildren(
  h("a", { class: "skip", href: "#main", onclick: skip }, "Skip to the page"),
  h("header",
    brand, light,
    h("label", { for: "sandbox" }, "Sandbox"), chooser,
    h("button", { type: "button", class: "small", "aria-label": "Keyboard help", onclick: () => help.showModal() }, "?")),
  h("nav", { "aria-label": "Pages" }, nav),
  main, statusLine, help,
);
help.append(h("h2", { id: "help-title" }, "Keyboard"),
  h("dl", KEYS.map(([key, what]) => [h("dt", h("kbd", key)), h("dd", what)]), PAGES.map(({ title, key }) => [h("dt", h("kbd", `g ${key}`)), h("dd", title)])),
  h("form", { method: "dialog" }, h("button", { class: "main" }, "Close")));

let controller = new AbortController();
/** Draws the page that the address names. @param {boolean} [moved] whether the focus goes to the new page */
async function render(moved = true) {
  controller.abort();
  const own = (controller = new AbortController());
  readState();
  const name = pageName();
  const page = PAGES.find((one) => one.name === name);
  const params = new URLSearchParams(location.search);
  draw(name);
  say("");
  const fresh = h("div");
  try {
    if (!page) throw new Error(`There is no page “${name}”.`);
    await page.show(fresh, params, own.signal);
  } catch (error) {
    if (own.signal.aborted) return;
    fresh.append(notice(error));
  }
  if (own.signal.aborted) return;
  const title = fresh.querySelector("h1") ?? h("h1", page?.title ?? "No such page");
  if (!title.parentNode) fresh.prepend(title);
  title.tabIndex = -1;
  main.replaceChildren(...fresh.childNodes);
  document.title = `${title.textContent} – Pinstripe`;
  if (moved) {
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

/** @param {string} name */
function draw(name) {
  nav.replaceChildren(...PAGES.map(({ name: page, title, key }) => h("li", h("a", { href: url(page), "aria-current": page === name && "page", title: `g ${key}` }, title, h("kbd", { "aria-hidden": "true" }, key)))));
  brand.href = url("timeline");
  choices.add(state.sandbox);
  choose();
}
const choices = new Set(["default"]);
function choose() {
  chooser.replaceChildren(...[...choices].sort().map((name) => h("option", name)));
  chooser.value = state.sandbox;
}
const look = () => get("sandboxes").then(({ sandboxes: all }) => {
  for (const { sandbox } of all) choices.add(sandbox);
  choose();
}, () => {});
chooser.addEventListener("focus", look);

document.addEventListener("click", (event) => {
  const anchor = event.target instanceof Element && event.target.closest("a");
  if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || anchor.target) return;
  const to = new URL(anchor.href);
  if (to.origin !== location.origin || !to.pathname.startsWith(new URL(document.baseURI).pathname) || to.pathname.includes("/files/")) return;
  event.preventDefault();
  goTo(to.pathname + to.search);
});
addEventListener("go", () => render());
addEventListener("popstate", () => render());
addEventListener("live", (event) => {
  const on = /** @type {CustomEvent} */ (event).detail;
  light.replaceChildren(...(on === null ? [] : [on ? chip("live", "ok") : chip("no connection, trying again", "bad")]));
});

const FIRST = "summary, a, button";
/** @param {Element | null | undefined} element */
function focusOn(element) {
  if (element instanceof HTMLElement) element.focus();
  return element;
}
/** @param {number} step */
function move(step) {
  const rows = /** @type {HTMLElement[]} */ ([...main.querySelectorAll("tbody tr, [data-row]")]).filter((row) => row.offsetParent && row.querySelector(FIRST));
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
  focusOn(row?.querySelector(FIRST));
  row?.scrollIntoView({ block: "nearest" });
}
let going = 0;
/** @type {Record<string, () => void>} */
const ACTS = {
  "/": () => focusOn(main.querySelector("input[type=search]")) || go("timeline"),
  j: () => move(1), k: () => move(-1), r: () => render(false), "~": () => chooser.focus(), "?": () => help.showModal(),
  g: () => { going = Date.now(); },
};
document.addEventListener("keydown", (event) => {
  const inField = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && inField && event.target instanceof HTMLElement && !help.open) event.target.blur();
  if (inField || event.metaKey || event.ctrlKey || event.altKey) return;
  const page = Date.now() - going < 1500 && PAGES.find(({ key }) => key === event.key);
  going = 0;
  const act = page ? () => go(page.name) : ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

look();
render(false);
