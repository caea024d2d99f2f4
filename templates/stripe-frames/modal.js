// @ts-check
// A sheet over a page: a test wallet, a code to scan, or a page of the server.

(() => {
  "use strict";

  /** @typedef {Record<string, any>} Sheet */

  /** The cards of the test wallet: what happens, and the token of each. */
  const CARDS = [
    ["Visa •••• 4242", "tok_visa"],
    ["Visa •••• 0002 (is declined)", "tok_chargeDeclined"],
    ["Visa •••• 3220 (asks for 3D Secure)", "tok_threeDSecure2Required"],
  ];

  /**
   * Tells the page around.
   * @param {string} event
   * @param {Sheet} [detail]
   */
  function tell(event, detail) {
    parent.postMessage({ event, detail }, "*");
  }

  /**
   * @param {string} tag
   * @param {Sheet} properties
   * @param {...(Node | string)} inside
   * @returns {any}
   */
  function make(tag, properties, ...inside) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...inside);
    return node;
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {() => void} act
   * @param {string} [className]
   */
  function button(id, text, act, className = "") {
    return make("button", { type: "button", id, className, onclick: act }, text);
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {[string, string][]} choices text and value
   * @param {(value: string) => void} [act]
   */
  function select(id, text, choices, act) {
    const list = make(
      "select",
      { id, onchange: () => act?.(list.value) },
      ...choices.map(([label, value]) => make("option", { value }, label)),
    );
    return make("label", { htmlFor: id }, text, list);
  }

  /** What is drawn, by the kind of sheet. @type {Record<string, (sheet: Sheet) => (Node | string)[]>} */
  const KINDS = {
    wallet: ({ total, shipping, rates = [], error }) => {
      const rate = rates.length
        ? select(
            "rate",
            "Shipping",
            rates.map((/** @type {any} */ one) => [one.label, one.id]),
            (value) => tell("rate", { rate: value }),
          )
        : "";
      const card = select("card", "Card", /** @type {any} */ (CARDS));
      const value = (/** @type {string} */ id) => /** @type {HTMLSelectElement | null} */ (document.getElementById(id))?.value;
      return [
        make("p", {}, "A test wallet: nothing is charged."),
        card,
        shipping ? make("p", {}, "Jenny Rosen, 354 Oyster Point Blvd, South San Francisco, CA 94080, US") : "",
        rate,
        make("p", {}, make("strong", { id: "total" }, total)),
        error ? make("p", { role: "alert" }, error) : "",
        button("pay", "Pay", () => tell("pay", { card: value("card"), rate: value("rate") })),
        button("cancel", "Cancel", () => tell("cancel"), "other"),
      ];
    },
    code: (sheet) => [
      frame("QR Code Instructions", `/v3/modal-pinstripe.html#scan`, sheet),
      button("cancel", "Close", () => tell("cancel"), "other"),
    ],
    scan: ({ image, link }) => [
      make("img", { src: image, alt: "QR code" }),
      make("p", {}, "Scan the code with your phone, or let a window do it."),
      button("simulate-scan", "Simulate scan", () => window.open(link, "_blank")),
    ],
    page: (sheet) => [frame(sheet.title, sheet.link, sheet), button("cancel", "Close", () => tell("cancel"), "other")],
  };

  /** The frame inside. @type {HTMLIFrameElement | undefined} */
  let inner;

  /** What is shown. @type {Sheet} */
  let shown = {};

  /**
   * @param {string} title
   * @param {string} address
   * @param {Sheet} sheet
   */
  function frame(title, address, sheet) {
    let documents = 0;
    shown = sheet;
    const made = (inner = make("iframe", { title, src: address }));
    made.addEventListener("load", () => {
      if (++documents > 1) tell("moved");
    });
    return made;
  }

  /** @param {Sheet} sheet */
  function show(sheet) {
    const chosen = /** @type {HTMLSelectElement | null} */ (document.getElementById("card"))?.value;
    const tall = sheet.kind === "page" || sheet.kind === "code";
    const heading = sheet.wallet ?? sheet.title;
    const box = make(
      "div",
      { className: tall ? "sheet tall" : "sheet" },
      ...(heading ? [make("h1", {}, heading)] : []),
      ...KINDS[sheet.kind](sheet),
    );
    if (sheet.kind !== "scan") {
      box.setAttribute("role", "dialog");
      box.tabIndex = -1;
      box.setAttribute("aria-modal", "true");
      box.setAttribute("aria-label", heading ?? "Payment");
      document.body.className = "over";
    }
    document.body.replaceChildren(box);
    const card = /** @type {HTMLSelectElement | null} */ (document.getElementById("card"));
    if (sheet.kind !== "scan") box.focus();
    if (card && chosen) card.value = chosen;
  }

  addEventListener("message", ({ source, data }) => {
    if (source === parent && data?.action === "show") return show(data.sheet);
    if (!inner || source !== inner.contentWindow) return;
    // The code's own document asks what it is to draw; pages of the server say how they ended.
    if (data?.event === "loaded") inner.contentWindow?.postMessage({ action: "show", sheet: { ...shown, kind: "scan" } }, location.origin);
    else tell("said", data);
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tell("cancel");
  });
  tell("loaded");
})();
