// @ts-check
// One element: a node of the page that holds a frame.
// Invariant: what is typed stays in the frame until a method of this script asks for it.

/** The classes of the node that holds a frame, by what the field is. */
const CLASSES = {
  base: "StripeElement",
  empty: "StripeElement--empty",
  complete: "StripeElement--complete",
  focus: "StripeElement--focus",
  invalid: "StripeElement--invalid",
  webkitAutofill: "StripeElement--webkit-autofill",
};

/** An element, as `elements.create()` gives it. */
class FramedElement {
  /**
   * @param {ElementsGroup} group
   * @param {string} type
   * @param {Params} options
   */
  constructor(group, type, options) {
    this._group = group;
    this._type = type;
    this._options = { ...options };
    this._kind = KINDS[type];
    this._componentName = type;
    this._destroyed = false;
    this._isReady = false;
    /** @type {Params} */
    this._state = { empty: true, complete: false };
    /** @type {Map<string, ((event: any) => void)[]>} */
    this._handlers = new Map();
    /** What waits for the frame to be drawn. @type {Params[]} */
    this._later = [];
    /** @type {Element | undefined} */
    this._node = undefined;
    /** @type {Channel | undefined} */
    this._channel = undefined;
    /** What `ready` brought with it. @type {Params | undefined} */
    this._readyDetail = undefined;
    /** Tells the open sheet of a wallet how the payment has ended. @type {((error?: any) => void) | undefined} */
    this._sheetDone = undefined;
    this._focusByLabel = this._focusByLabel.bind(this);
  }

  /**
   * Puts the frame into a node of the page.
   * @param {string | Element} target
   */
  mount(target) {
    if (this._destroyed) throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
    const node = nodeOf(target);
    if (node === this._node && this._channel?.frame.isConnected) return this;
    this.unmount();
    this._node = node;
    const frame = makeFrame(`elements-inner-${this._kind.file}-pinstripe.html#componentName=${this._type}`, this._kind.title);
    frame.style.cssText = this._kind.plain
      ? "border:none!important;margin:0;padding:0;width:1px;min-width:100%!important;overflow:hidden!important;display:block!important;user-select:none;color-scheme:light"
      : // What is drawn there has room around it for the rings of what has the focus.
        "border:none!important;margin:-4px;padding:0;width:calc(100% + 8px)!important;overflow:hidden!important;display:block!important;user-select:none;color-scheme:light";
    frame.style.height = `${this._kind.height ?? 0}px`;
    const box = document.createElement("div");
    box.className = "__PrivateStripeElement";
    box.style.cssText =
      "margin:0!important;padding:0!important;border:none!important;display:block!important;background:transparent!important;position:relative!important;opacity:1!important";
    box.append(frame, this._input());
    this._channel = new Channel(frame, (message) => this._hear(message));
    node.replaceChildren(box);
    this._show();
    document.addEventListener("click", this._focusByLabel);
    // Told a tick later: frameworks attach their handlers after they have mounted.
    if (this._kind.loads) setTimeout(() => this._channel?.frame === frame && this._emit("loaderstart"));
    return this;
  }

  /**
   * The hidden field beside the frame: who comes to it by keyboard or script goes on into the frame.
   * @returns {HTMLInputElement}
   */
  _input() {
    const input = document.createElement("input");
    input.className = "__PrivateStripeElement-input";
    for (const [key, value] of Object.entries({
      "aria-hidden": "true",
      "aria-label": " ",
      autocomplete: "false",
      maxlength: "1",
      tabindex: "-1",
    })) {
      input.setAttribute(key, value);
    }
    input.style.cssText =
      "border:none!important;display:block!important;position:absolute!important;height:1px!important;top:-1px!important;left:0!important;padding:0!important;margin:0!important;width:100%!important;opacity:0!important;background:transparent!important;pointer-events:none!important;font-size:16px!important";
    input.addEventListener("focus", () => this.focus());
    return input;
  }

  /** Takes the frame out of the page. The element can be mounted again. */
  unmount() {
    const node = this._node;
    this._channel?.frame.parentElement?.remove();
    this._channel?.close();
    this._channel = this._node = undefined;
    this._isReady = false;
    this._later = [];
    this._state = { empty: true, complete: false };
    document.removeEventListener("click", this._focusByLabel);
    if (node) for (const name of Object.keys(CLASSES)) node.classList.remove(...this._classes(name));
    return this;
  }

  /** Takes the frame away for good, and frees the type for another element. */
  destroy() {
    this.unmount();
    this._destroyed = true;
    this._group._forget(this);
    return this;
  }

  /** Puts the caret into the first field. */
  focus() {
    this._channel?.frame.focus();
    this._send({ action: "focus" });
    return this;
  }

  /** Takes the caret out. */
  blur() {
    this._channel?.frame.blur();
    this._send({ action: "blur" });
    return this;
  }

  /** Empties the fields. */
  clear() {
    this._send({ action: "clear" });
    return this;
  }

  /** Closes the payment methods of an accordion. */
  collapse() {
    this._send({ action: "collapse" });
    return this;
  }

  /** @param {Params} options what is different from now on */
  update(options = {}) {
    const before = Object.keys(CLASSES).flatMap((name) => this._classes(name));
    Object.assign(this._options, options);
    if (options.classes && this._node) {
      this._node.classList.remove(...before);
      this._show();
    }
    this._send({ action: "update", options: plain(options) });
    return this;
  }

  /**
   * @param {string} event
   * @param {(event: any) => void} handler
   */
  on(event, handler) {
    if (typeof handler !== "function") throw new IntegrationError("You must pass a function as the handler of an event.");
    this._handlers.set(event, [...(this._handlers.get(event) ?? []), handler]);
    // Who listens late still hears that it is ready.
    if (event === "ready" && this._readyEvent) {
      const heard = this._readyEvent;
      setTimeout(() => this._handlers.get("ready")?.includes(handler) && handler(heard));
    }
    return this;
  }

  /**
   * @param {string} event
   * @param {(event: any) => void} handler
   */
  once(event, handler) {
    const heard = (/** @type {any} */ data) => {
      this.off(event, heard);
      handler(data);
    };
    return this.on(event, heard);
  }

  /**
   * @param {string} event
   * @param {(event: any) => void} [handler] all of them if none is named
   */
  off(event, handler) {
    this._handlers.set(event, handler ? (this._handlers.get(event) ?? []).filter((one) => one !== handler) : []);
    return this;
  }

  /** The value of an address, a tax ID, or a form. @returns {Promise<any>} */
  async getValue() {
    const { complete, value } = await this._values(false);
    return { ...this._state, complete, value };
  }

  /** What `ready` said, for who listens late. @type {Params | undefined} */
  get _readyEvent() {
    return this._isReady ? { elementType: this._type, ...this._readyDetail } : undefined;
  }

  /**
   * Asks the frame for what was typed.
   * @param {boolean} [show] whether what is wrong is to be drawn
   * @returns {Promise<any>}
   */
  async _values(show = true) {
    if (!this._channel || !this._isReady) throw new IntegrationError(NOT_MOUNTED);
    return this._channel.ask({ action: "values", show });
  }

  /**
   * Tells the frame something, as soon as it listens.
   * @param {Params} message
   */
  _send(message) {
    if (this._isReady) this._channel?.post(message);
    else if (this._channel) this._later.push(message);
  }

  /**
   * @param {string} event
   * @param {Params} [detail]
   * @returns {boolean} whether anybody listened
   */
  _emit(event, detail) {
    const handlers = this._handlers.get(event) ?? [];
    for (const handler of handlers) {
      try {
        handler({ elementType: this._type, ...detail });
      } catch (error) {
        // The others are told all the same, and the page's own handlers of errors see it.
        reportError(error);
      }
    }
    return handlers.length > 0;
  }

  /**
   * What the frame says of its own accord.
   * @param {any} message
   */
  _hear(message) {
    const { event, detail } = message;
    if (event === "loaded") this._begin();
    else if (event === "ready") this._ready(detail);
    else if (event === "change") this._change(message.state);
    else if (event === "resize") this._channel?.frame.style.setProperty("height", `${message.height}px`);
    else if (event === "advance") this._group._after(this._type)?.focus();
    else if (event === "call") this._call(message);
    else if (event === "click") clicked(this, detail ?? {});
    else if (event === "submit") this._node?.closest("form")?.requestSubmit();
    else {
      if (event === "focus" || event === "blur") this._show(event === "focus");
      this._emit(event, detail);
    }
  }

  /** The frame's document runs: tells it what to draw. It does so anew if the page has moved the frame. */
  async _begin() {
    const channel = this._channel;
    this._isReady = false;
    try {
      const group = await this._group._facts(this._kind.session ?? false);
      const { paymentRequest, ...options } = this._options;
      channel?.post({ action: "init", type: this._type, options: plain(options), group });
    } catch (error) {
      if (!this._emit("loaderror", { error })) console.error(`Unhandled ${this._type} Element loaderror`, { error });
    }
  }

  /** @param {Params} [detail] */
  _ready(detail) {
    this._isReady = true;
    this._readyDetail = this._type === "expressCheckout" ? { availablePaymentMethods: undefined, ...detail } : detail;
    for (const message of this._later.splice(0)) this._channel?.post(message);
    this._emit("ready", this._readyDetail);
  }

  /** @param {Params} state */
  _change(state) {
    this._state = state;
    this._show();
    this._emit("change", state);
  }

  /**
   * What the frame can't do itself.
   * @param {{name: string, params: Params, call: number}} message
   */
  async _call({ name, params, call }) {
    const answer = await this._group._serve(name, params);
    this._channel?.post({ ...plain(answer), answer: call });
  }

  /**
   * The classes for a state: a page may have its own names for those of the older elements.
   * @param {string} name
   * @returns {string[]}
   */
  _classes(name) {
    const named = /** @type {Record<string, string>} */ ({ ...CLASSES, ...this._options.classes })[name] ?? "";
    return named.split(/\s+/).filter(Boolean);
  }

  /**
   * Writes the state onto the node.
   * @param {boolean} [focused]
   */
  _show(focused) {
    const { empty, complete, error } = this._state;
    /** @type {Record<string, boolean>} */
    const states = { base: true, empty, complete, invalid: Boolean(error) };
    if (focused !== undefined) states.focus = focused;
    for (const [name, is] of Object.entries(states)) {
      for (const one of this._classes(name)) this._node?.classList.toggle(one, is);
    }
  }

  /**
   * A label of the node is one of the field in the frame.
   * @param {Event} event
   */
  _focusByLabel({ target }) {
    const label = target instanceof Element ? target.closest("label") : null;
    const node = this._node;
    if (!label || !node) return;
    if ((label.htmlFor && label.htmlFor === node.id) || label.contains(node)) this.focus();
  }
}

/**
 * The node that the page names.
 * @param {string | Element} target
 * @returns {Element}
 */
function nodeOf(target) {
  if (target instanceof Element) return target;
  if (typeof target !== "string") {
    throw new IntegrationError("Invalid DOM element: pass a valid DOM element or selector to mount().");
  }
  const found = document.querySelector(target);
  if (found) return found;
  throw new IntegrationError(
    `The selector you specified (${target}) applies to no DOM elements that are currently on the page.\nMake sure the element exists on the page before calling mount().`,
  );
}
