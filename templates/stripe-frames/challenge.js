// @ts-check
// The frame over a page in which a bank asks the customer: it holds the bank's page, and a way out.

(() => {
  "use strict";

  const address = decodeURIComponent(location.hash.slice(1));
  // Only pages of this server: the fragment comes from the page around.
  if (!/^\/authorize\//.test(address)) return;

  const bank = document.createElement("iframe");
  bank.id = "challengeFrame";
  bank.name = "stripe-challenge-frame";
  bank.title = "3DS Challenge";
  let documents = 0;
  bank.addEventListener("load", () => {
    // The first document asks; every later one is an answer.
    if (++documents > 1) parent.postMessage({ event: "moved" }, "*");
  });
  bank.src = `${address}${address.includes("?") ? "&" : "?"}framed=true`;
  const dialog = /** @type {HTMLElement | null} */ (document.querySelector(".LightboxModalContent"));
  dialog?.prepend(bank);
  dialog?.focus();

  /** Who gives up has not been authenticated. */
  async function cancel() {
    await fetch(address, { method: "POST", body: new URLSearchParams({ result: "failed" }) });
    parent.postMessage({ event: "cancel" }, "*");
  }
  document.getElementById("cancel")?.addEventListener("click", cancel);
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") cancel();
  });
})();
