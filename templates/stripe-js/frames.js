// @ts-check
// Frames and the messages between them and the page. Requests go through a hidden frame on the server's origin, so that the
// page's own `connect-src` is never asked.

/** @typedef {Record<string, any>} Params Parameters of a request, or options, nested. */

/** The names of frames count up from here. */
let framesMade = 1000;

/** The numbers of questions. */
let questions = 0;

/** Every frame that is listened to. @type {Set<Channel>} */
const channels = new Set();

/** One end of the messages between the page and a frame. */
class Channel {
  /**
   * @param {HTMLIFrameElement} frame
   * @param {(message: any) => void} hear is told what the frame says of its own accord
   */
  constructor(frame, hear) {
    this.frame = frame;
    this.hear = hear;
    /** Whether the frame's document listens: before, its window is of another origin. */
    this.open = false;
    /** @type {Map<number, {answered: (answer: any) => void, lost: (error: Error) => void}>} */
    this.waiting = new Map();
    channels.add(this);
  }

  /** @param {Params} message */
  post(message) {
    if (this.open) this.frame.contentWindow?.postMessage(message, ORIGIN);
  }

  /**
   * Asks the frame, and waits for its answer.
   * @param {Params} message
   * @returns {Promise<any>}
   */
  ask(message) {
    const ask = ++questions;
    return new Promise((answered, lost) => {
      this.waiting.set(ask, { answered, lost });
      this.post({ ...message, ask });
    });
  }

  /** @param {any} message */
  receive(message) {
    if (message.event === "loaded") this.open = true;
    const question = this.waiting.get(message.answer);
    if (!question) return this.hear(message);
    this.waiting.delete(message.answer);
    question.answered(message);
  }

  /** Takes the frame away; whoever waits for it is told. */
  close() {
    channels.delete(this);
    this.frame.remove();
    for (const { lost } of this.waiting.values()) lost(new IntegrationError(NOT_MOUNTED));
    this.waiting.clear();
  }
}

addEventListener("message", ({ source, origin: from, data }) => {
  if (from !== ORIGIN || typeof data !== "object" || data === null) return;
  for (const channel of channels) if (channel.frame.contentWindow === source) channel.receive(data);
});

/**
 * A frame that isn't in the page yet.
 * @param {string} document its file
 * @param {string} title
 * @param {string} [kind] what its name begins with
 * @returns {HTMLIFrameElement}
 */
function makeFrame(document, title, kind = "Frame") {
  const frame = window.document.createElement("iframe");
  frame.name = `__privateStripe${kind}${++framesMade}`;
  frame.title = title;
  frame.setAttribute("frameborder", "0");
  frame.setAttribute("allowtransparency", "true");
  frame.setAttribute("scrolling", "no");
  frame.setAttribute("allow", "payment *; publickey-credentials-get *; clipboard-write");
  frame.src = `${ORIGIN}/v3/${document}`;
  return frame;
}

/**
 * A frame that lies over the whole page.
 * @param {string} document
 * @param {string} title
 * @param {(message: any) => void} hear
 * @returns {Channel}
 */
function cover(document, title, hear) {
  const frame = makeFrame(document, title);
  const around = window.document.createElement("div");
  around.style.cssText = "position:fixed;inset:0;z-index:2147483647";
  frame.style.cssText = "border:0;width:100%;height:100%;display:block;color-scheme:normal";
  around.append(frame);
  const before = window.document.activeElement;
  window.document.body.prepend(around);
  const channel = new Channel(frame, hear);
  frame.addEventListener("load", () => frame.focus(), { once: true });
  const close = channel.close.bind(channel);
  channel.close = () => {
    close();
    around.remove();
    // Whoever works by keyboard goes on where they were.
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  return channel;
}

/** The hidden frame that speaks with the API, once it listens. @type {Promise<Channel> | undefined} */
let controller;

/** The frame of `controller`. @type {HTMLIFrameElement | undefined} */
let controllerFrame;

/**
 * The hidden frame; made anew if the page has thrown it away, as routers that swap the whole body do.
 * @returns {Promise<Channel>}
 */
function startController() {
  if (controller && (!controllerFrame || controllerFrame.isConnected)) return controller;
  controllerFrame = undefined;
  return (controller = bodyIsThere().then(
    () =>
      new Promise((resolve) => {
        const frame = (controllerFrame = makeFrame("controller-pinstripe.html", "", "Controller"));
        frame.setAttribute("aria-hidden", "true");
        frame.tabIndex = -1;
        frame.style.cssText = "position:fixed;top:0;left:0;width:1px;height:1px;border:0;opacity:0;pointer-events:none;visibility:hidden";
        const channel = new Channel(frame, ({ event }) => event === "loaded" && resolve(channel));
        document.body.append(frame);
      }),
  ));
}

/**
 * Scripts in a page's head run before it has a body.
 * @returns {Promise<void>}
 */
function bodyIsThere() {
  return new Promise((resolve) => {
    if (document.body) resolve();
    else addEventListener("DOMContentLoaded", () => resolve());
  });
}

/**
 * Asks the API. Resolves with the object, or with `{error}`.
 * @param {string} method
 * @param {string} path
 * @param {Params} params
 * @returns {Promise<any>}
 */
async function request(method, path, params) {
  const channel = await startController();
  const { failed, body } = await channel.ask({ method, path, params: plain(params) });
  return failed ? { error: { ...NO_CONNECTION } } : body;
}

/**
 * What of a value can be sent to a frame: no functions, no nodes.
 * @template T
 * @param {T} value
 * @returns {T}
 */
function plain(value) {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}
