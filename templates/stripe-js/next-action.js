// @ts-check
// What an intent asks of the customer: a challenge in a frame, a redirect, a voucher, a code to scan.

/** How often an intent is asked for while the customer acts somewhere else. */
const POLL = 1000;

/**
 * Does what the intent asks for, and gives the intent as it is afterwards. A redirect never comes back.
 * @param {Context} context
 * @param {Secret} about
 * @param {any} intent
 * @returns {Promise<any>}
 */
async function followAction(context, about, intent) {
  const action = intent.next_action ?? intent.next_source_action;
  if (!action || !isWaiting(intent)) return intent;
  const details = action[action.type] ?? {};
  if (action.type === "use_stripe_sdk") return details.stripe_js ? challenge(context, about, details.stripe_js) : intent;
  if (action.type === "blik_authorize") return pollIntent(context, about);
  const code = details.qr_code ?? details;
  const image = code.image_url_svg ?? code.image_url_png ?? code.image_data_url;
  if (details.mobile_auth_url && /Mobi/.test(navigator.userAgent)) return leave(details.mobile_auth_url);
  if (image) return showCode(context, about, image, details.hosted_instructions_url);
  const paper = details.hosted_voucher_url ?? details.hosted_instructions_url;
  if (paper) return showVoucher(context, about, paper);
  return details.url ? leave(details.url) : intent;
}

/**
 * Whether the customer has still to act.
 * @param {any} intent
 * @returns {boolean}
 */
function isWaiting({ status }) {
  return /^requires_(source_)?action$/.test(status);
}

/**
 * Takes the whole page to another address.
 * @param {string | URL} address
 * @returns {Promise<never>}
 */
function leave(address) {
  location.assign(address);
  return new Promise(() => {});
}

/**
 * 3-D Secure: a frame over the page, in it the bank's.
 * @param {Context} context
 * @param {Secret} about
 * @param {string} address of the bank's page
 * @returns {Promise<any>}
 */
function challenge(context, about, address) {
  const { pathname, search } = new URL(address);
  const document = `three-ds-2-challenge-pinstripe.html#${encodeURIComponent(pathname + search)}`;
  return overlay(context, about, document, "3D Secure challenge", (message, look) => look());
}

/**
 * A code that is scanned with a phone.
 * @param {Context} context
 * @param {Secret} about
 * @param {string} image
 * @param {string} link where the phone goes
 * @returns {Promise<any>}
 */
function showCode(context, about, image, link) {
  const picture = image.startsWith("data:") ? image : here(image);
  return modal(context, about, "QR code", { kind: "code", image: picture, link });
}

/**
 * A voucher that is paid later: the method comes back when it is closed.
 * @param {Context} context
 * @param {Secret} about
 * @param {string} link
 * @returns {Promise<any>}
 */
function showVoucher(context, about, link) {
  return modal(context, about, "Voucher", { kind: "page", title: "Payment instructions", link: here(link) });
}

/**
 * A sheet over the page until the intent has moved on or the customer closes it.
 * @param {Context} context
 * @param {Secret} about
 * @param {string} title
 * @param {Params} sheet
 * @returns {Promise<any>}
 */
function modal(context, about, title, sheet) {
  return overlay(context, about, "modal-pinstripe.html", title, ({ event }, look, channel) => {
    if (event === "loaded") channel.post({ action: "show", sheet });
    else if (event === "moved") look();
  });
}

/**
 * A frame over the page, taken away when the intent needs no more of the customer.
 * @param {Context} context
 * @param {Secret} about
 * @param {string} document
 * @param {string} title
 * @param {(message: any, look: () => void, channel: Channel) => void} hear
 * @returns {Promise<any>}
 */
function overlay(context, about, document, title, hear) {
  return new Promise((resolve) => {
    const finish = (/** @type {any} */ intent) => {
      clearInterval(timer);
      channel.close();
      resolve(intent);
    };
    const look = async () => {
      const intent = await retrieveIntent(context, about);
      if (channels.has(channel) && !intent.error && !isWaiting(intent)) finish(intent);
    };
    const channel = cover(document, title, async (message) => {
      if (message.event === "cancel" && channels.has(channel)) finish(await retrieveIntent(context, about));
      else hear(message, look, channel);
    });
    // The customer may decide in another window, or the test by a request of its own.
    const timer = setInterval(look, POLL);
  });
}

/**
 * Waits until the customer has acted in another place.
 * @param {Context} context
 * @param {Secret} about
 * @returns {Promise<any>}
 */
async function pollIntent(context, about) {
  for (;;) {
    const intent = await retrieveIntent(context, about);
    if (intent.error || !isWaiting(intent)) return intent;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}
