// @ts-check
// Buttons that pay: those of test wallets, and one that submits. Nothing is paid in the frame: the page is told that a button was pressed.

/** The wallets by the names of options: what events call them, and what their buttons say. @type {{ [wallet: string]: [string, string] }} */
const WALLETS = {
  applePay: ["apple_pay", "Apple Pay"],
  googlePay: ["google_pay", "Google Pay"],
  link: ["link", "Link"],
  paypal: ["paypal", "PayPal"],
  amazonPay: ["amazon_pay", "Amazon Pay"],
  klarna: ["klarna", "Klarna"],
};

/** What a button says before the wallet's name, by its type. @type {{ [type: string]: string }} */
const VERBS = {
  buy: "Buy with",
  book: "Book with",
  donate: "Donate with",
  order: "Order with",
  subscribe: "Subscribe with",
  checkout: "Check out with",
  "check-out": "Check out with",
  pay: "Pay with",
  buynow: "Buy now with",
  contribute: "Contribute with",
  rent: "Rent with",
  support: "Support with",
  tip: "Tip with",
  reload: "Reload with",
  "top-up": "Top up with",
  "add-money": "Add money with",
};

/** The wallets that can show, in order. @param {Setup} setup @returns {string[]} */
function offeredWallets({ options, group }) {
  const wishes = { ...options.wallets, ...options.paymentMethods };
  const offered = Object.keys(WALLETS).filter((wallet) => group.wallets?.includes(wallet) && wishes[wallet] !== "never");
  /** @param {string} wallet */
  const rank = (wallet) => {
    const found = (options.paymentMethodOrder ?? []).findIndex(
      (/** @type {string} */ wanted) => wanted === wallet || wanted === WALLETS[wallet][0],
    );
    return found < 0 ? offered.length : found;
  };
  return offered.sort((one, other) => rank(one) - rank(other));
}

/** Tells that other payment methods can be chosen than before. @param {string[]} offered @param {string[]} [before] */
function tellAvailable(offered, before) {
  if (!before || before.join() === offered.join()) return;
  const all = [...new Set([...before, ...offered])];
  const paymentMethods = Object.fromEntries(all.map((method) => [method, { available: offered.includes(method) }]));
  post({ event: "availablepaymentmethodschange", detail: { paymentMethods } });
}

/** @param {Setup} setup @param {Bag} [memory] @returns {Part} */
function expressElement(setup, memory = {}) {
  const { options } = setup;
  const wallets = offeredWallets(setup);
  tellAvailable(wallets, memory.wallets);
  const { maxColumns = 0, maxRows = 0, overflow = "auto" } = options.layout ?? {};
  const fitting = () => Math.max(1, Math.min(maxColumns || wallets.length, wallets.length, Math.floor(innerWidth / 140)));
  const columns = fitting();
  const seen = maxRows && overflow === "auto" ? columns * maxRows : wallets.length;
  const buttons = wallets.map((wallet) => walletButton(wallet, options));
  const grid = make("div", { class: "ExpressGrid" }, ...buttons);
  const arrange = () => (grid.style.gridTemplateColumns = `repeat(${fitting()}, minmax(0, 1fr))`);
  arrange();
  for (const button of buttons.slice(seen)) button.hidden = true;
  const more = make(
    "button",
    {
      type: "button",
      class: "p-Action Action",
      onclick: () => {
        for (const button of buttons) button.hidden = false;
        more.remove();
        buttons[seen]?.focus();
        tellHeight();
      },
    },
    "Show more",
  );
  const available = Object.fromEntries(Object.keys(WALLETS).map((wallet) => [wallet, wallets.includes(wallet)]));
  return {
    node: make("div", {}, grid, ...(seen < buttons.length ? [more] : [])),
    fields: () => [],
    state: () => ({}),
    detail: { availablePaymentMethods: wallets.length ? available : undefined },
    focus: () => buttons[0]?.focus(),
    resized: arrange,
    memory: () => ({ wallets }),
  };
}

/** @param {string} wallet @param {Bag} options */
function walletButton(wallet, options) {
  const [expressPaymentType, called] = WALLETS[wallet];
  const verb = VERBS[options.buttonType?.[wallet] ?? "plain"];
  const theme = options.buttonTheme?.[wallet] ?? "black";
  return make(
    "button",
    {
      type: "button",
      class: `ExpressButton ${wallet} ${theme}`,
      id: `${wallet}-button`,
      "data-testid": wallet,
      style: `height:${Math.min(Math.max(Number(options.buttonHeight) || 44, 40), 55)}px`,
      onclick: () => post({ event: "click", detail: { expressPaymentType } }),
    },
    verb ? `${verb} ${called}` : called,
  );
}

/** @param {Setup} setup @returns {Part} */
function requestButton({ options }) {
  const { type = "default", theme = "dark", height = "44px" } = options.style?.paymentRequestButton ?? {};
  const text = { book: "Book now", buy: "Buy now", donate: "Donate now" }[/** @type {"book"} */ (type)] ?? "Pay now";
  const button = make(
    "button",
    {
      type: "button",
      class: `ExpressButton ${theme}`,
      style: `height:${/^\d+px$/.test(height) ? height : "44px"}`,
      onclick: () => post({ event: "click" }),
    },
    text,
  );
  return { node: button, fields: () => [], state: () => ({}), focus: () => button.focus() };
}

/** @param {Setup} setup @param {unknown} [tell] What is told besides that it was pressed. @returns {Part} */
function payButton({ group }, tell) {
  const amount = typeof group.amount === "number" && group.currency ? ` ${money(group.amount, group.currency)}` : "";
  const button = make(
    "button",
    {
      type: "button",
      class: "p-Button Button",
      onclick: () => post({ event: "confirm", detail: typeof tell === "function" ? tell() : undefined }),
    },
    group.mode === "setup" ? "Save" : `Pay${amount}`,
  );
  return { node: button, fields: () => [], state: () => ({}), focus: () => button.focus() };
}

/** An amount in the smallest unit of its currency, as it is read. @param {number} amount @param {string} currency */
function money(amount, currency) {
  return writer(currency.toLowerCase(), "en")(amount).amount;
}
