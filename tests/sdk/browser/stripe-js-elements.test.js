// Elements as nodes of a page: made, mounted, told of, thrown away; what wrong use is told.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { frame, openSuite, payment, typeCard } from "./stripe-js-support.js";

const SCRIPT = `
  const stripe = (window.stripe = Stripe("pk_test_123"));
  window.box = (id) => document.body.appendChild(Object.assign(document.createElement("div"), { id }));
  window.mounted = (element, to) => {
    const ready = new Promise((resolve) => element.on("ready", resolve));
    element.mount(to);
    return ready;
  };
  window.said = (act) => { try { act(); return "nothing"; } catch ({ name, message }) { return name + ": " + message; } };
`;

const suite = openSuite({ body: '<label id="label" for="card">Card</label><div id="card"></div>', script: SCRIPT });
let page;
beforeEach(() => ({ page } = suite));

test("the documented DOM stands around a frame", async () => {
  const found = await page.evaluate(async () => {
    const card = stripe.elements().create("card");
    await mounted(card, "#card");
    const node = document.querySelector("#card.StripeElement > .__PrivateStripeElement");
    const { name, title, src } = node.querySelector("iframe");
    const input = node.querySelector("input.__PrivateStripeElement-input");
    return {
      name,
      title,
      src: src.split("#")[0],
      hidden: input.getAttribute("aria-hidden"),
      allow: node.querySelector("iframe").getAttribute("allow"),
    };
  });
  assert.match(found.name, /^__privateStripeFrame\d+$/);
  assert.deepEqual(found.title, "Secure card payment input frame");
  assert.match(found.src, /^https:\/\/js\.stripe\.com\/v3\/elements-inner-card-.+\.html$/);
  assert.equal(found.hidden, "true");
  assert.match(found.allow, /^payment \*/);
});

test("the container's classes say what is typed; an older element can rename them", async () => {
  await page.evaluate(async () => {
    window.card = stripe.elements().create("card", { classes: { complete: "done fine", base: "box" } });
    await mounted(card, "#card");
  });
  const classes = () => page.evaluate(() => document.querySelector("#card").className.split(" ").sort());
  assert.deepEqual(await classes(), ["StripeElement--empty", "box"]);
  await frame(page, "Secure card payment input frame").locator("[name=cardnumber]").fill("4242424242424241");
  await page.waitForFunction(() => document.querySelector("#card.StripeElement--invalid"));
  assert.ok((await classes()).includes("StripeElement--focus"));
  await typeCard(page);
  await page.waitForFunction(() => document.querySelector("#card.done.fine"));
  assert.ok(!(await classes()).includes("StripeElement--invalid"));
  await page.evaluate(() => card.clear());
  await page.waitForFunction(() => document.querySelector("#card.StripeElement--empty"));
  await page.evaluate(() => card.unmount());
  assert.deepEqual(await classes(), [""]);
});

test("change says what is wrong, the brand and the postal code", async () => {
  await page.evaluate(async () => {
    window.card = stripe.elements().create("card");
    await mounted(card, "#card");
    window.changes = [];
    card.on("change", (event) => changes.push(event));
  });
  const card = frame(page, "Secure card payment input frame");
  await card.locator("[name=cardnumber]").fill("4242424242424241");
  await page.waitForFunction(() => changes.at(-1)?.error);
  const wrong = await page.evaluate(() => changes.at(-1));
  assert.deepEqual(wrong.error, { type: "validation_error", code: "invalid_number", message: "Your card number is invalid." });
  assert.deepEqual([wrong.elementType, wrong.brand, wrong.complete, wrong.empty], ["card", "visa", false, false]);
  await typeCard(page, "5555555555554444");
  await page.waitForFunction(() => changes.at(-1).complete);
  const done = await page.evaluate(() => changes.at(-1));
  assert.deepEqual([done.brand, done.value, done.error], ["mastercard", { postalCode: "12345" }, undefined]);
});

test("ready comes after the tick of the mount, and is told to who listens late", async () => {
  const heard = await page.evaluate(async () => {
    const heard = [];
    const card = stripe.elements().create("card");
    const first = new Promise((resolve) => card.on("ready", () => resolve(heard.push("first"))));
    card.mount("#card");
    heard.push("mounted");
    await first;
    await new Promise((resolve) => card.on("ready", () => resolve(heard.push("late"))));
    await new Promise((resolve) => card.once("ready", () => resolve(heard.push("once"))));
    const off = () => heard.push("never");
    card.on("ready", off);
    card.off("ready", off);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return heard;
  });
  assert.deepEqual(heard, ["mounted", "first", "late", "once"]);
});

test("mount, destroy, create and mount again leave one frame; unmount and mount keep the element", async () => {
  const found = await page.evaluate(async () => {
    const elements = stripe.elements();
    const first = elements.create("card");
    first.mount("#card");
    first.destroy();
    const second = elements.create("card");
    await mounted(second, document.querySelector("#card"));
    const frames = document.querySelectorAll("#card iframe").length;
    second.unmount();
    const gone = document.querySelectorAll("#card iframe").length;
    const again = new Promise((resolve) => second.once("ready", resolve));
    second.mount("#card");
    await again;
    return [
      frames,
      gone,
      document.querySelectorAll("#card iframe").length,
      elements.getElement("card") === second,
      said(() => first.mount("#card")),
    ];
  });
  assert.deepEqual(found, [1, 0, 1, true, "IntegrationError: This Element has already been destroyed. Please create a new one."]);
  assert.deepEqual(page.noise, []);
});

test("a node that the page moves is drawn anew", async () => {
  await page.evaluate(async () => {
    window.card = stripe.elements().create("card");
    await mounted(card, "#card");
    const ready = new Promise((resolve) => addEventListener("message", ({ data }) => data.event === "ready" && resolve()));
    box("elsewhere").append(document.querySelector("#card"));
    await ready;
  });
  await typeCard(page);
  const { token } = await page.evaluate(() => stripe.createToken(card));
  assert.equal(token.card.last4, "4242");
});

test("a label of the container, and focus(), put the caret into the frame", async () => {
  await page.evaluate(async () => {
    window.card = stripe.elements().create("card");
    await mounted(card, "#card");
  });
  const number = frame(page, "Secure card payment input frame").locator("[name=cardnumber]:focus");
  await page.locator("#label").click();
  await number.waitFor();
  await page.evaluate(() => card.blur());
  await frame(page, "Secure card payment input frame").locator("[name=cardnumber]:not(:focus)").waitFor();
  await page.evaluate(() => card.focus());
  await number.waitFor();
});

test("one element of each type in a group, and an address for each use", async () => {
  const found = await page.evaluate(() => {
    const elements = stripe.elements();
    elements.create("card");
    const billing = elements.create("address", { mode: "billing" });
    const shipping = elements.create("address", { mode: "shipping" });
    return [
      said(() => elements.create("card")),
      said(() => elements.create("address", { mode: "billing" })),
      said(() => elements.create("address")),
      said(() => elements.create("crad")),
      elements.getElement("address", { mode: "shipping" }) === shipping,
      elements.getElement("address") === billing,
      elements.getElement("payment"),
      elements.getElement({ __elementType: "card" }) === elements.getElement("card"),
    ];
  });
  assert.deepEqual(found.slice(0, 3), [
    "IntegrationError: Can only create one Element of type card through an Elements instance.",
    "IntegrationError: Can only create one Element of type address through an Elements instance.",
    "IntegrationError: You must specify a mode for the address Element: 'shipping' or 'billing'.",
  ]);
  assert.match(
    found[3],
    /^IntegrationError: A valid Element name must be provided\. Valid Elements are:\n {2}card, cardNumber, .*; you passed: crad\.$/,
  );
  assert.deepEqual(found.slice(4), [true, true, null, true]);
});

test("wrong use is told in the words that people search for", async () => {
  const found = await page.evaluate(async () => {
    const elements = stripe.elements();
    const card = elements.create("card");
    const told = (promise) =>
      promise.then(
        () => "nothing",
        ({ name, message }) => `${name}: ${message}`,
      );
    return [
      said(() => card.mount("#nowhere")),
      said(() => card.mount(7)),
      said(() => card.on("ready")),
      said(() => stripe.elements({ clientSecret: "pi_1" })),
      said(() => stripe.elements({ clientSecret: "pi_1_secret_2", mode: "payment" })),
      await told(stripe.createToken(card)),
      await told(stripe.confirmCardPayment("seti_1_secret_2")),
      await told(stripe.retrievePaymentIntent()),
      await told(stripe.confirmPayment({ elements: {}, clientSecret: "pi_1_secret_2" })),
      await told(stripe.confirmPayment({ clientSecret: "pi_1_secret_2", confirmParams: {} })),
      await told(stripe.confirmPayment()),
      await told(elements.update({ clientSecret: "pi_1_secret_2" })),
    ];
  });
  assert.deepEqual(found, [
    "IntegrationError: The selector you specified (#nowhere) applies to no DOM elements that are currently on the page.\nMake sure the element exists on the page before calling mount().",
    "IntegrationError: Invalid DOM element: pass a valid DOM element or selector to mount().",
    "IntegrationError: You must pass a function as the handler of an event.",
    "IntegrationError: Invalid value for elements(): clientSecret: value should be a client secret of the form ${id}_secret_${secret}. You specified: pi_1.",
    "IntegrationError: elements(): pass either a clientSecret or a mode, not both.",
    "IntegrationError: We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is still mounted.",
    "IntegrationError: Invalid value for stripe.confirmCardPayment intent secret: value should be a client secret of the form ${id}_secret_${secret}. You specified: seti_1_secret_2.",
    "IntegrationError: Invalid value for stripe.retrievePaymentIntent intent secret: value should be a client secret of the form ${id}_secret_${secret}. You specified: undefined.",
    "IntegrationError: Invalid value for stripe.confirmPayment(): elements should be an Elements instance, as stripe.elements() makes it.",
    'IntegrationError: stripe.confirmPayment(): confirmParams.return_url is needed unless redirect is "if_required".',
    "IntegrationError: Invalid value for stripe.confirmPayment(): value should be an object. You specified: undefined.",
    "IntegrationError: elements.update(): the clientSecret can't be changed. Make another Elements instance.",
  ]);
});

test("an intent that is not there is a loaderror", async () => {
  const error = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const element = stripe.elements({ clientSecret: "pi_nothing_secret_nothing" }).create("payment");
        element.on("loaderror", (event) => resolve([event.elementType, event.error.code]));
        element.mount("#card");
      }),
  );
  assert.deepEqual(error, ["payment", "resource_missing"]);
});

test("update() tells the elements of another amount, and the page when it is done", async () => {
  const heard = await page.evaluate(async () => {
    const elements = stripe.elements({ mode: "payment", amount: 1000, currency: "usd" });
    await mounted(elements.create("payment"), "#card");
    const heard = [];
    elements.on("update-end", () => heard.push("end"));
    await elements.update({ amount: 2000 });
    return [
      heard,
      await elements.fetchUpdates(),
      elements.getElement("payment").update({ readOnly: true }) === elements.getElement("payment"),
    ];
  });
  assert.deepEqual(heard, [["end"], {}, true]);
});

test("every type of element is drawn in one frame of its title", async () => {
  const { client_secret } = await payment();
  const titles = await page.evaluate(async (clientSecret) => {
    const elements = stripe.elements({ clientSecret });
    const options = {
      address: { mode: "billing" },
      paymentMethodMessaging: { amount: 1000, currency: "USD" },
      affirmMessage: { amount: 1000, currency: "USD" },
      afterpayClearpayMessage: { amount: 1000, currency: "USD" },
    };
    const types =
      "card cardNumber cardExpiry cardCvc iban auBankAccount idealBank p24Bank epsBank fpxBank payment expressCheckout paymentRequestButton address shippingAddress linkAuthentication contactDetails taxId currencySelector paymentMethodMessaging affirmMessage afterpayClearpayMessage terms linkSignup".split(
        " ",
      );
    const found = {};
    await Promise.all(
      types.map(async (type) => {
        const node = box(`of-${type}`);
        const late = new Promise((resolve) => setTimeout(resolve, 6000, "late"));
        if ((await Promise.race([mounted(elements.create(type, options[type]), node), late])) === "late") found[type] = "not ready";
        else found[type] = [...node.querySelectorAll("iframe")].map(({ title }) => title).join();
      }),
    );
    return found;
  }, client_secret);
  const documented = {
    payment: "Secure payment input frame",
    address: "Secure address input frame",
    linkAuthentication: "Secure email input frame",
    expressCheckout: "Secure express checkout frame",
    currencySelector: "Secure currency selector",
    paymentRequestButton: "Secure payment button frame",
    cardExpiry: "Secure expiration date input frame",
  };
  for (const [type, title] of Object.entries(documented)) assert.equal(titles[type], title);
  assert.deepEqual(
    Object.entries(titles).filter(([, title]) => !/^Secure [\w -]+$/.test(title)),
    [],
  );
  assert.deepEqual(page.noise, []);
});
