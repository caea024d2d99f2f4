"use strict";
// What the page of a Checkout Session does while a customer types. Without it the form is sent as it stands.
const form = document.getElementById("payment-form");
const button = form.querySelector(".SubmitButton");
const PLACES = JSON.parse(form.dataset.places || "{}");
const TEXTS = JSON.parse(form.dataset.texts || "{}");
/** Whether Stripe.js shows the page in a frame of the shop's page, which goes on for it. */
const isEmbedded = window.name === "embedded-checkout" && window.parent !== window;
/** What the shop's page is told is no secret: any page may hear it. */
const tell = (message) => window.parent.postMessage(message, "*");
if (isEmbedded) new ResizeObserver(() => tell({ event: "resize", height: document.documentElement.scrollHeight })).observe(document.body);
if (isEmbedded) tell({ event: "loaded" });
/** A text in the language of the page. */
const t = (english) => TEXTS[english] || english;
const POSTAL = { US: "ZIP", CA: "Postal code", GB: "Postal code" };

// Texts are written digit by digit, or at once.
const digits = (text, most) => text.replace(/\D/g, "").slice(0, most);
const groups = (text) => (/^3[47]/.test(text) ? [text.slice(0, 4), text.slice(4, 10), text.slice(10)] : text.match(/.{1,4}/g) || []);
const FORMATS = {
  cardNumber: (text) => groups(digits(text, 19)).filter(Boolean).join(" "),
  cardExpiry: (text) => {
    let typed = digits(text, 6);
    if (/^[2-9]/.test(typed)) typed = `0${typed}`;
    // A year of four digits is written in two.
    if (typed.length === 6 && typed.slice(2, 4) === "20") typed = typed.slice(0, 2) + typed.slice(4);
    typed = typed.slice(0, 4);
    return typed.length > 2 ? `${typed.slice(0, 2)} / ${typed.slice(2)}` : typed;
  },
  cardCvc: (text) => digits(text, 4),
};

function passesLuhn(number) {
  let sum = 0;
  [...number].reverse().forEach((digit, place) => {
    const double = Number(digit) * (place % 2 ? 2 : 1);
    sum += double > 9 ? double - 9 : double;
  });
  return sum % 10 === 0;
}

/** What is wrong with what was typed; nothing if it can be sent. */
const CHECKS = {
  email: (text) => (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) ? "" : t("Your email is incomplete.")),
  cardNumber: (text) => {
    const number = digits(text, 19);
    if (number.length < (/^3[47]/.test(number) ? 15 : /^3[0689]/.test(number) ? 14 : 16)) return t("Your card number is incomplete.");
    return passesLuhn(number) ? "" : t("Your card number is invalid.");
  },
  cardExpiry: (text) => {
    const typed = digits(text, 4);
    if (typed.length < 4) return t("Your card's expiration date is incomplete.");
    if (Number(typed.slice(0, 2)) > 12 || Number(typed.slice(0, 2)) < 1) return t("Your card's expiration date is invalid.");
    return Number(typed.slice(2)) < new Date().getFullYear() % 100 ? t("Your card's expiration year is in the past.") : "";
  },
  cardCvc: (text) => (digits(text, 4).length < 3 ? t("Your card's security code is incomplete.") : ""),
};

function say(input, message) {
  const id = `error-${input.name}`;
  document.getElementById(id)?.remove();
  if (!message) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    return;
  }
  const said = Object.assign(document.createElement("span"), { className: "FieldError", id, textContent: message });
  said.setAttribute("role", "alert");
  if (message === t("Required")) said.dataset.qa = "EmptyFieldError";
  (input.closest(".Field") || input.parentElement).append(said);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
}

function refuse(message) {
  form.querySelector(".ConfirmPaymentButton-Error")?.remove();
  if (!message) return;
  const said = Object.assign(document.createElement("p"), { className: "ConfirmPaymentButton-Error Notice--red", textContent: message });
  said.setAttribute("role", "alert");
  button.before(said);
}

/** The inputs that are to be filled in now. */
function asked() {
  return [...form.elements].filter((input) => input.name && input.type !== "radio" && input.offsetParent !== null);
}

function wrong(input) {
  const text = input.type === "checkbox" ? (input.checked ? "x" : "") : input.value.trim();
  if (!text) return input.getAttribute("aria-required") ? t("Required") : "";
  return CHECKS[input.name] ? CHECKS[input.name](text) : "";
}

function turn(state) {
  for (const known of ["incomplete", "complete", "processing", "success"]) button.classList.toggle(`SubmitButton--${known}`, known === state);
  button.disabled = state === "processing" || state === "success";
  button.setAttribute("aria-busy", String(state === "processing"));
}
let isBusy = false;
function refresh() {
  if (!isBusy) turn(asked().every((input) => !wrong(input)) ? "complete" : "incomplete");
}

form.addEventListener("input", ({ target }) => {
  const format = FORMATS[target.name];
  if (format) {
    const atEnd = target.selectionStart === target.value.length;
    const place = target.selectionStart;
    target.value = format(target.value);
    if (!atEnd) target.setSelectionRange(place, place);
  }
  if (target.getAttribute("aria-invalid")) say(target, "");
  refresh();
});
form.addEventListener("focusout", ({ target }) => {
  if (target.name && target.value && CHECKS[target.name]) say(target, wrong(target));
});
function label(input, text, needed) {
  if (!input) return;
  if (text) input.labels[0].textContent = text;
  if (needed) input.setAttribute("aria-required", "true");
  else input.removeAttribute("aria-required");
  say(input, "");
}

/** The postal code beside a card, which not every country has. */
function postal(input, country) {
  if (!input) return;
  input.closest(".Field").hidden = !POSTAL[country];
  label(input, t(POSTAL[country] || "Postal code"), POSTAL[country]);
}

/** The inputs of a whole address, as its country has them. */
function whole(side, country) {
  const [needed, code, area] = (PLACES[country] || PLACES["*"]).split("|");
  const list = document.getElementById(`areas-${country}`);
  const old = form.elements[`${side}AdministrativeArea`];
  if (list || old.tagName === "SELECT") {
    const input = document.createElement(list ? "select" : "input");
    for (const name of ["id", "name", "form", "autocomplete"]) input.setAttribute(name, old.getAttribute(name));
    if (list) input.append(list.content.cloneNode(true));
    else input.type = "text";
    old.replaceWith(input);
  }
  label(form.elements[`${side}AdministrativeArea`], area, needed.includes("s"));
  label(form.elements[`${side}PostalCode`], code, needed.includes("z"));
  label(form.elements[`${side}Locality`], "", needed.includes("c"));
}

form.addEventListener("change", ({ target }) => {
  const [, side] = /^(billing|shipping)Country$/.exec(target.name) || [];
  if (side && form.elements[`${side}AddressLine1`]) whole(side, target.value);
  else if (side) postal(form.elements[`${side}PostalCode`], target.value);
  refresh();
});

/** What the form sends, with what is to be done with it. */
function sent(pressed) {
  const data = new URLSearchParams(new FormData(form));
  if (pressed) data.set(pressed.name, pressed.value);
  return data;
}

// Changes of the order are sent one after the other, and the payment after them.
let orders = Promise.resolve();

/** Sends what may change the amounts, and shows the order anew; what is being typed meanwhile stays. */
function details(pressed = { name: "step", value: "details" }) {
  orders = orders.then(async () => {
    const answer = await fetch(location.href, { method: "POST", headers: { Accept: "text/html" }, body: sent(pressed) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const order = page.querySelector(".Order");
    if (!order) return location.replace(location.href);
    const focus = document.activeElement.id;
    document.querySelector(".Order").replaceWith(order);
    if (focus && order.querySelector(`#${CSS.escape(focus)}`)) document.getElementById(focus).focus();
    form.elements.expectedAmount.value = page.querySelector("[name=expectedAmount]").value;
    for (const item of document.querySelectorAll(".AccordionItem")) {
      if (!page.querySelector(`[data-testid="${item.dataset.testid}"]`)) item.remove();
    }
    if (!form.querySelector("[name=payment_method]:checked")) form.querySelector("[name=payment_method]")?.click();
    const said = page.querySelector(".ConfirmPaymentButton-Error");
    if (said) refuse(said.textContent);
    for (const input of page.querySelectorAll("[aria-invalid]")) {
      const shown = form.elements[input.name];
      if (shown && !shown.closest(".Order")) say(shown, page.getElementById(`error-${input.name}`).textContent);
    }
    return refresh();
  }).catch(() => refuse(t("The server did not answer. Try again.")));
  return orders;
}
/** What the shop has been asked about, and why it refuses that. */
let address = "";
let refusal = "";
const answers = new Map();
window.addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || !answers.has(data?.answer)) return;
  answers.get(data.answer)(data.result);
  answers.delete(data.answer);
});

/** The address that was typed, once it is whole. */
function shipping() {
  const inputs = [...form.elements].filter(({ name }) => name?.startsWith("shipping") && name !== "shippingRate");
  if (inputs.some((input) => wrong(input))) return undefined;
  const value = (part) => form.elements[`shipping${part}`]?.value || null;
  return {
    name: value("Name"),
    address: {
      country: value("Country"), line1: value("AddressLine1"), line2: value("AddressLine2"), city: value("Locality"),
      postal_code: value("PostalCode"), state: value("AdministrativeArea"),
    },
  };
}

/** Asks the shop's page, whose server stores the address and what follows from it, or refuses it. */
function askShop() {
  const params = shipping();
  if (!params || JSON.stringify(params) === address) return;
  address = JSON.stringify(params);
  orders = orders.then(async () => {
    const call = answers.size + Date.now();
    const result = await new Promise((answered) => {
      answers.set(call, answered);
      tell({ event: "call", name: "shippingDetailsChange", params, call });
    });
    refusal = result.type === "reject" ? result.errorMessage || t("The server did not answer. Try again.") : "";
    refuse(refusal);
  });
  details();
}

document.addEventListener("change", ({ target }) => {
  if (isEmbedded && form.dataset.asksShop && target.name?.startsWith("shipping") && target.name !== "shippingRate") askShop();
  if (["shippingRate", "customUnitAmount"].includes(target.name) || target.name?.startsWith("quantities[")) details();
});
document.addEventListener("click", (pressed) => {
  const other = pressed.target.closest("button[type=submit]");
  if (other?.form === form && other !== button) {
    pressed.preventDefault();
    refuse("");
    details(other);
  }
  const manual = pressed.target.closest("[data-focus]");
  if (manual) {
    document.getElementById(manual.dataset.focus).focus();
    if (manual.classList.contains("Manual")) manual.remove();
  }
  const choice = pressed.target.closest(".AccordionButton")?.parentElement.querySelector("input");
  if (choice) {
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
document.addEventListener("keydown", (pressed) => {
  const { id, name } = pressed.target;
  if (pressed.key !== "Enter" || (id !== "promotionCode" && !name?.startsWith("quantities["))) return;
  pressed.preventDefault();
  details();
});
// A page that the browser kept is as it was before the button was pressed.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.replace(location.href);
});

/** The bank's page in a frame over this one, until the customer has decided there. */
function challenge(url) {
  const outer = document.createElement("div");
  outer.className = "Challenge";
  outer.setAttribute("role", "dialog");
  outer.setAttribute("aria-modal", "true");
  outer.setAttribute("aria-label", "3D Secure");
  const frame = Object.assign(document.createElement("iframe"), { name: "stripe-challenge-frame", id: "challengeFrame", title: "3DS Challenge" });
  const cancel = Object.assign(document.createElement("button"), { type: "button", className: "other", textContent: t("Cancel") });
  const main = document.querySelector("main");
  const close = () => {
    outer.remove();
    main.inert = false;
    isBusy = false;
    refresh();
  };
  cancel.addEventListener("click", close);
  frame.src = `${url}${url.includes("?") ? "&" : "?"}framed=true`;
  outer.append(frame, cancel);
  document.body.append(outer);
  main.inert = true;
  frame.focus();
  let documents = 0;
  frame.addEventListener("load", async () => {
    // The first document asks; every later one is what came of it.
    if (++documents === 1) return;
    close();
    const answer = await fetch(location.href, { headers: { Accept: "application/json" } });
    follow(await answer.json());
  });
}

/** Does what the server says: goes on, shows the bank's page, or shows what is wrong. */
function follow(said) {
  if (said.challenge) return challenge(said.challenge);
  if (said.url === "") {
    if (isEmbedded) tell({ event: "complete" });
    return location.replace(location.href);
  }
  if (said.url) {
    turn("success");
    if (isEmbedded) tell({ event: "navigate", url: said.url });
    else window.top.location.href = said.url;
    return undefined;
  }
  isBusy = false;
  refuse(said.message || said.error?.message);
  for (const { input, message } of said.errors || []) say(form.elements[input], message);
  if (said.details) details();
  return refresh();
}

form.addEventListener("submit", async (pressed) => {
  pressed.preventDefault();
  if (isBusy) return;
  isBusy = true;
  refuse("");
  await orders;
  if (refusal) {
    isBusy = false;
    refuse(refusal);
    return;
  }
  const inputs = asked();
  for (const input of inputs) say(input, wrong(input));
  const first = inputs.find(wrong);
  if (first) {
    isBusy = false;
    first.focus();
    return;
  }
  turn("processing");
  if (isEmbedded) tell({ event: "submitted" });
  if (button.name === "step") {
    // What can pay follows from the place: the page comes anew, with what was typed.
    const step = Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: button.value });
    form.append(step);
    form.submit();
    step.remove();
    return;
  }
  try {
    const answer = await fetch(location.href, { method: "POST", headers: { Accept: "application/json" }, body: sent() });
    follow(await answer.json());
  } catch {
    isBusy = false;
    refuse(t("The server did not answer. Try again."));
    refresh();
  }
});
if (form.dataset.texts) {
  const names = new Intl.DisplayNames([document.documentElement.lang], { type: "region", fallback: "code" });
  for (const country of form.querySelectorAll("[name$=Country]")) {
    for (const option of country.options) if (names.of(option.value) !== option.value) option.textContent = names.of(option.value);
  }
}
refresh();
if (isEmbedded) tell({ event: "rendered" });
