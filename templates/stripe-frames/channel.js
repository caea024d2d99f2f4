// @ts-check
// The messages between this frame and the script of the page around it.
// Invariant: only the page around the frame is listened to, and what was typed goes only to the origin that sent `init`.

/** @typedef {{ [key: string]: any }} Bag */

/** Where messages go; known since `init`. */
let pageOrigin = "*";

/** Tells the page something: an `event`, or the answer to an `ask`. @param {Bag} message */
function post(message) {
  parent.postMessage(message, pageOrigin);
}

/** Hands every message of the page to its action. @param {{ [action: string]: (message: Bag) => void }} actions */
function listen(actions) {
  addEventListener("message", ({ source, origin: sender, data }) => {
    if (source !== parent || !data || (pageOrigin !== "*" && sender !== pageOrigin)) return;
    if (data.action === "init") pageOrigin = sender === "null" ? "*" : sender;
    if (data.answer !== undefined) return settle(data);
    actions[data.action]?.(data);
  });
}

/** Every call that was made, by its number; none is taken out, since their count numbers the next. @type {Map<number, (answer: Bag) => void>} */
const waiting = new Map();

/** Asks the script for something that only it can do. @param {string} called @param {Bag} params @returns {Promise<Bag>} */
function call(called, params) {
  return new Promise((resolve) => {
    const number = waiting.size + 1;
    waiting.set(number, resolve);
    post({ event: "call", name: called, params, call: number });
  });
}

/** @param {Bag} message */
function settle(message) {
  waiting.get(message.answer)?.(message);
}
