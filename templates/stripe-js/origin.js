// @ts-check
// Where the script came from: every frame and every request goes to that origin, so that one route in a test is enough.

/** The address of this script. */
const SCRIPT = new URL(scriptAddress());

/** The origin of the server that answers. */
const ORIGIN = SCRIPT.origin;

/** What `Stripe.version` says: the word of the path, or the number of the oldest one. */
const VERSION = SCRIPT.pathname.split("/")[1] === "v3" ? 3 : SCRIPT.pathname.split("/")[1];

/** The wallets that the browser is to have: `?wallets=applePay,googlePay`. Without the switch it has none. */
const WALLETS = (SCRIPT.searchParams.get("wallets") ?? "").split(",").filter(Boolean);

/** The year whose ids the fields carry: `?fields=2023` for the older ones. */
const FIELDS = SCRIPT.searchParams.get("fields") ?? undefined;

/**
 * The `src` of the tag that runs. It is only known while the script runs for the first time.
 * @returns {string}
 */
function scriptAddress() {
  const running = document.currentScript;
  if (running instanceof HTMLScriptElement && running.src) return running.src;
  const tags = [...document.querySelectorAll("script")];
  const found = tags.find(({ src }) => /\/v3\/?(\?|$)|\/[a-z0-9]+\/stripe\.js(\?|$)/.test(src));
  return found?.src ?? location.href;
}

/**
 * An address of the server as seen from this script's origin: what it answers names its own, which a page may not frame.
 * @param {string} address
 * @returns {string}
 */
function here(address) {
  const { pathname, search } = new URL(address, ORIGIN);
  return ORIGIN + pathname + search;
}
