// @ts-check
// How the frame looks: a theme, the shop's variables and rules, its fonts; for the old elements their `style` option.
// Invariant: what the shop sends reaches style sheets only through the CSS object model, so that it can't be more than style.

/** @typedef {{ [variable: string]: string }} Variables */

/** @type {{ [theme: string]: Variables }} */
const THEMES = {
  stripe: {
    colorPrimary: "#0567d0",
    colorBackground: "#ffffff",
    colorText: "#30313d",
    colorDanger: "#c8102e",
    colorTextSecondary: "#5c5e6b",
    colorTextPlaceholder: "#6b6d7a",
    colorBorder: "#d6d8de",
    inputShadow: "0 1px 1px rgba(0,0,0,.03),0 3px 6px rgba(0,0,0,.02)",
    accessibleColorOnColorPrimary: "#ffffff",
    borderRadius: "5px",
    fontFamily: "system-ui, -apple-system, 'Segoe UI', sans-serif",
    fontSizeBase: "16px",
    spacingUnit: "4px",
    fontWeightNormal: "400",
    fontWeightMedium: "500",
    fontWeightBold: "600",
    fontLineHeight: "1.2",
    formScheme: "light",
  },
  night: {
    colorPrimary: "#85d996",
    colorBackground: "#30313d",
    colorText: "#ffffff",
    colorDanger: "#ff9bab",
    colorTextSecondary: "#d3d4dc",
    colorTextPlaceholder: "#b6b8c3",
    colorBorder: "#595b69",
    inputShadow: "0 1px 1px rgba(0,0,0,.5)",
    accessibleColorOnColorPrimary: "#17181f",
    formScheme: "dark",
  },
  flat: {
    colorBackground: "#f1f1f1",
    colorBorder: "transparent",
    inputShadow: "none",
    colorPrimary: "#0a54a8",
    colorTextPlaceholder: "#5f616d",
    borderRadius: "4px",
    colorDanger: "#b30d28",
  },
};

/** Older names of variables. @type {Variables} */
const RENAMED = {
  spacingGridRow: "gridRowSpacing",
  spacingGridColumn: "gridColumnSpacing",
  spacingTab: "tabSpacing",
  spacingAccordionItem: "accordionItemSpacing",
  colorPrimaryText: "accessibleColorOnColorPrimary",
  colorIcon: "iconColor",
  colorIconTab: "tabIconColor",
  colorIconTabSelected: "tabIconSelectedColor",
};

/** What a rule may begin with: a class of this frame's. */
const SELECTOR = /^\.[A-Z][\w-]*([\s.:[\]="'()*>+~-]|[\w])*$/;

const shopStyles = new CSSStyleSheet();

/** The name of a property as CSS writes it. @param {string} key */
const kebab = (key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Adds a rule to the shop's sheet. @param {string} selector @param {Bag} declarations */
function addRule(selector, declarations) {
  try {
    const rule = shopStyles.cssRules[shopStyles.insertRule(`${selector}{}`, shopStyles.cssRules.length)];
    for (const [key, value] of Object.entries(declarations)) {
      if (rule instanceof CSSStyleRule && typeof value !== "object")
        rule.style.setProperty(key.startsWith("--") ? key : kebab(key), String(value));
    }
  } catch {
    console.debug(`Pinstripe: the rule ${selector} of the appearance is left out, because browsers don't understand it.`);
  }
}

/** Draws with an `appearance`. @param {Bag} [appearance] */
function applyAppearance(appearance = {}) {
  shopStyles.replaceSync("");
  const theme = THEMES[appearance.theme ?? "stripe"] ?? THEMES.stripe;
  const renamed = Object.entries(appearance.variables ?? {}).map(([key, value]) => [RENAMED[key] ?? key, value]);
  const variables = { ...THEMES.stripe, ...theme, ...Object.fromEntries(renamed) };
  addRule(":root", Object.fromEntries(Object.entries(variables).map(([key, value]) => [`--${key}`, value])));
  for (const [selector, declarations] of Object.entries(appearance.rules ?? {})) {
    const isOurs = selector.split(",").every((part) => SELECTOR.test(part.trim()));
    if (isOurs) addRule(selector, /** @type {Bag} */ (declarations));
  }
  document.documentElement.classList.toggle("floating", appearance.labels === "floating");
  document.documentElement.classList.toggle("condensed", appearance.inputs === "condensed");
}

/** The classes of an input for each variant of a `style`. @type {Variables} */
const VARIANTS = {
  base: ".InputElement",
  empty: ".InputElement.is-empty",
  complete: ".InputElement.is-complete",
  invalid: ".InputElement.is-invalid",
};

/** Draws with the `style` of one of the old elements. @param {Bag} [style] */
function applyStyle(style = {}) {
  shopStyles.replaceSync("");
  for (const [variant, selector] of Object.entries(VARIANTS)) {
    const { iconColor, padding, ...declarations } = style[variant] ?? {};
    addRule(selector, rename(declarations));
    if (variant === "base")
      addRule("#root", {
        fontSize: declarations.fontSize ?? "16px",
        fontFamily: declarations.fontFamily ?? "inherit",
        color: declarations.color ?? "inherit",
      });
    if (padding) addRule(".BankButton,.BankOption", { padding });
    if (iconColor) addRule(variant === "base" ? ".CardIcon" : `.is-${variant} .CardIcon`, { color: iconColor });
    for (const [pseudo, inner] of Object.entries(declarations)) {
      if (/^::?[a-z-]+$/.test(pseudo) && pseudo !== "::-ms-clear") addRule(selector + pseudo, rename(/** @type {Bag} */ (inner)));
    }
  }
}

/** @param {Bag} declarations @returns {Bag} */
function rename({ fontSmoothing, ...declarations }) {
  return fontSmoothing ? { ...declarations, "-webkit-font-smoothing": fontSmoothing } : declarations;
}

/** Loads the shop's own fonts. @param {Bag[]} [fonts] What `elements()` got; a style sheet elsewhere (`cssSrc`) is not asked for. */
function loadFonts(fonts = []) {
  for (const { family, src, display, style, unicodeRange, weight } of fonts) {
    if (!family || !src) continue;
    const face = new FontFace(family, src, { display, style, unicodeRange, weight });
    document.fonts.add(face);
    face.load().catch(() => console.warn(`Pinstripe: the font ${family} did not load.`));
  }
}

document.adoptedStyleSheets = [shopStyles];
