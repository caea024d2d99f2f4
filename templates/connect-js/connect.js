// @ts-check
// The components of connected accounts (https://connect-js.stripe.com/v1.0/connect.js): each is an element of the page with a frame
// of the server in it, which shows what the account session allows.
(() => {
  "use strict";

  /** @typedef {Record<string, any>} Init What the page begins with: `publishableKey`, `fetchClientSecret` and so on. */

  const tag = document.currentScript;
  /** The origin of the server that answers. */
  const ORIGIN = new URL(tag instanceof HTMLScriptElement && tag.src ? tag.src : location.href).origin;

  /** The methods that every component has, by the names that the wrapper calls. */
  const COMMON = ["setOnLoadError", "setOnLoaderStart"];

  /** The components, and the methods that each has besides. */
  const COMPONENTS = {
    "account-onboarding":
      "setFullTermsOfServiceUrl setRecipientTermsOfServiceUrl setPrivacyPolicyUrl setSkipTermsOfServiceCollection setCollectionOptions setOnExit setOnStepChange",
    "account-management": "setCollectionOptions setOnSectionOpen",
    "notification-banner": "setCollectionOptions setOnNotificationsChange",
    payments: "setDefaultFilters",
    "payment-details": "setPayment setOnClose",
    "payment-disputes": "setPayment setOnDisputesLoaded",
    "disputes-list": "",
    payouts: "",
    "payouts-list": "",
    "payout-details": "setPayout setOnClose",
    "payout-reconciliation-report": "setOnReportAvailabilityLoaded",
    balances: "",
    "balance-report": "",
    "instant-payouts-promotion": "setOnInstantPayoutsPromotionLoaded setOnInstantPayoutCreated",
    documents: "",
    "tax-settings": "setHideProductTaxCodeSelector setDisplayHeadOfficeCountries setOnTaxSettingsUpdated",
    "tax-registrations": "setOnAfterTaxRegistrationAdded setDisplayCountries setOnAfterTaxRegistrationExpired",
    "issuing-card": "setDefaultCard setCardSwitching setFetchEphemeralKey setShowSpendControls",
    "issuing-cards-list": "setFetchEphemeralKey setShowSpendControls setIssuingProgram",
    "financial-account": "setFinancialAccount",
    "financial-account-transactions": "setFinancialAccount",
    "capital-overview": "",
    "capital-financing": "",
    "capital-financing-application": "",
    "capital-financing-promotion": "",
    "recipients": "",
    "check-scanning": "setHandleCheckScanSubmitted setOnCheckScanTokenReceived",
  };

  /** What a frame tells, and which of the page's listeners hears of it. @type {Record<string, string>} */
  const LISTENERS = {
    exit: "setOnExit",
    notifications: "setOnNotificationsChange",
  };

  /** One beginning of a page: it knows the account by the secrets that the page's server makes. */
  class Connector {
    /** @param {Init} init */
    constructor(init) {
      if (typeof init?.publishableKey !== "string" || !init.publishableKey.startsWith("pk_")) {
        throw new Error("StripeConnect.init(): publishableKey should be a publishable key.");
      }
      if (typeof init.fetchClientSecret !== "function") {
        throw new Error("StripeConnect.init(): fetchClientSecret should be a function that returns a promise of a client secret.");
      }
      this._init = init;
      /** @type {Promise<string> | undefined} */
      this._secret = init.metaOptions?.eagerClientSecretPromise;
      /** @type {Set<Component>} */
      this._components = new Set();
    }

    /** The secret of the account session, which all components share. @returns {Promise<string>} */
    secret() {
      return (this._secret ??= Promise.resolve(this._init.fetchClientSecret()));
    }

    /** After a secret has expired, another one is asked for. */
    forget() {
      this._secret = undefined;
    }

    logout() {
      this.forget();
      for (const component of this._components) component.replaceChildren();
      this._components.clear();
      return Promise.resolve();
    }

    /** @param {Init} changes */
    update(changes) {
      Object.assign(this._init, changes);
      for (const component of this._components) component.show();
    }
  }

  /** An element of the page that shows one component. */
  class Component extends HTMLElement {
    constructor() {
      super();
      /** @type {Connector | undefined} */
      this._connector = undefined;
      /** What the page has set, by the names of the methods. @type {Record<string, any>} */
      this._set = {};
      /** @type {HTMLIFrameElement | undefined} */
      this._frame = undefined;
      this._renewed = false;
      /** @param {MessageEvent} message */
      this._hearing = (message) => {
        if (message.origin === ORIGIN && message.source === this._frame?.contentWindow) this._hear(message.data);
      };
    }

    /** The name of the component. */
    get component() {
      return this.localName.replace("stripe-connect-", "");
    }

    connectedCallback() {
      addEventListener("message", this._hearing);
      this.show();
    }

    disconnectedCallback() {
      removeEventListener("message", this._hearing);
      this._connector?._components.delete(this);
      this.replaceChildren();
    }

    /** @param {Connector} connector */
    setConnector(connector) {
      this._connector = connector;
      this.show();
    }

    /**
     * Takes what the page sets.
     * @param {string} method
     * @param {any} value
     */
    _take(method, value) {
      this._set[method] = value;
    }

    /** Shows the component, once it is in the page and knows the account. */
    async show() {
      const connector = this._connector;
      if (!connector || !this.isConnected) return;
      connector._components.add(this);
      try {
        const secret = await connector.secret();
        if (!this.isConnected || this._connector !== connector) return;
        // The page sets its listeners after the connector.
        this._set.setOnLoaderStart?.({ elementTagName: this.component });
        this._open(secret, connector._init);
      } catch (error) {
        connector.forget();
        this._fail({ type: "authentication_error", message: error instanceof Error ? error.message : String(error) });
      }
    }

    /**
     * @param {string} secret
     * @param {Init} init
     */
    _open(secret, { publishableKey }) {
      // The key of a sandbox with a name names it; a copied sandbox has the same sessions.
      const [, sandbox] = /^pk_test_sandbox_([A-Za-z0-9-]+)$/.exec(publishableKey) ?? [];
      const query = new URLSearchParams({ client_secret: secret, ...(sandbox && { sandbox }) });
      const frame = document.createElement("iframe");
      frame.title = this.component.replaceAll("-", " ");
      frame.setAttribute("frameborder", "0");
      frame.style.cssText = "border:0;width:100%;min-height:60px;display:block";
      frame.src = `${ORIGIN}/connect/components/${this.component}?${query}`;
      this._frame = frame;
      this.replaceChildren(frame);
    }

    /** @param {any} told */
    _hear(told) {
      if (told?.type === "resize" && this._frame) this._frame.style.height = `${told.height}px`;
      else if (told?.type === "ready") this._renewed = false;
      else if (told?.type === "loaderror") this._refused(told.error);
      else if (told?.type in LISTENERS) {
        const { type, ...details } = told;
        this._set[LISTENERS[type]]?.(...(Object.keys(details).length ? [details] : []));
      }
    }

    /** @param {any} error */
    _refused(error) {
      // A secret is good for an hour; a page may stay open for longer.
      if (error.type === "authentication_error" && !this._renewed) {
        this._renewed = true;
        this._connector?.forget();
        return void this.show();
      }
      this._fail(error);
    }

    /** @param {{type: string, message: string}} error */
    _fail(error) {
      this._set.setOnLoadError?.({ error: { type: error.type, message: error.message }, elementTagName: this.component });
    }
  }

  for (const [name, methods] of Object.entries(COMPONENTS)) {
    if (customElements.get(`stripe-connect-${name}`)) continue;
    const kind = class extends Component {};
    for (const method of [...COMMON, ...methods.split(" ").filter(Boolean)]) {
      /**
       * @this {Component}
       * @param {any} value
       */
      const value = function (value) {
        this._take(method, value);
      };
      Object.defineProperty(kind.prototype, `${method}InternalOnly`, { value, configurable: true });
    }
    customElements.define(`stripe-connect-${name}`, kind);
  }

  /** @type {any} */
  const page = window;
  page.StripeConnect = {
    ...page.StripeConnect,
    /** @param {Init} init */
    init: (init) => {
      const connector = new Connector(init);
      return {
        connect: connector,
        /** @param {Init} changes */
        update: (changes) => connector.update(changes),
        logout: () => connector.logout(),
        /** @param {string} name */
        create: (name) => {
          const element = document.createElement(`stripe-connect-${name}`);
          if (element instanceof Component) element.setConnector(connector);
          return element;
        },
      };
    },
  };
  page.StripeConnect.onLoad?.();
})();
