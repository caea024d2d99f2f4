//! What the page of a Checkout Session shows: the order, the inputs with what was typed, the payment methods.
//!
//! May use: sessions, their rules of what is asked, money. Invariant: an input is required on the page if the session is not
//! complete without it.

use super::inputs::Typed;
use super::methods::{self, MethodChoice};
use super::template::{CheckoutPage, InputOption, PageInput, SummaryLine, SummaryOption};
use super::{address, brand};
use crate::generic::lines;
use crate::money;
use crate::pages::countries;
use crate::pages::linked::Linked;
use crate::pages::texts::Texts;
use crate::resources::catalog::products::Product;
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::checkout::sessions::{
    self, CheckoutForm, CustomField, CustomFieldKind, OptionalItem, Session, SessionMode, SessionPaymentStatus,
};
use crate::state::Tx;
use crate::state::document::Map;
use crate::url;

/// What went wrong with the last attempt.
#[derive(Debug, Default)]
pub(super) struct PageRefusal {
    /// The sentence.
    pub(super) message: String,
    /// The input that it is about; none if it is about the payment as a whole.
    pub(super) input: Option<String>,
}

/// The page of an open session.
pub(super) fn of(found: &Linked<Session>, typed: &Typed, refusal: &PageRefusal, texts: Texts) -> CheckoutPage {
    let (session, tx) = (&*found.object, found.tx());
    let view = CheckoutView { session, tx: &tx, typed, refusal, texts };
    let asked = session.asked();
    let (methods, shows_methods) = view.methods(&asked);
    let places = address::countries_of(&asked);
    let page = CheckoutPage {
        texts,
        description: view.description(),
        places: places.as_deref().map(|countries| address::rules(countries, texts)).unwrap_or_default(),
        area_lists: places.as_deref().map(|countries| address::area_lists(countries, texts)).unwrap_or_default(),
        scripted: texts.of_script(SCRIPTED),
        business: view.business(),
        heading: view.heading(),
        total: session.amount_total.map(|total| view.money(total)).unwrap_or_default(),
        expected: session.amount_total.unwrap_or_default(),
        lines: view.lines(),
        options: view.options(),
        sums: view.sums(),
        takes_code: session.takes_codes(),
        code: match typed.get("promotionCode").filter(|_| !view.error("promotionCode").is_empty()) {
            Some(code) => code.to_owned(),
            None => view.code(),
        },
        code_error: view.error("promotionCode"),
        amount: view.amount(),
        known_email: session.fixed_email(&tx).unwrap_or_default(),
        contact: view.contact(&asked),
        shipping: view.shipping(&asked),
        shipped_to: if asked.shop_ships && asked.asks_shop.is_none() { view.shipped_to() } else { String::new() },
        asks_shop: asked.asks_shop.is_some(),
        shipping_rates: view.shipping_rates(&asked),
        methods,
        offers_link: session.customer.is_none() && session.mode != SessionMode::Setup && session.shows_link(),
        saves: session.asks_to_save().then(|| view.saves()),
        reuse: view.reuse(),
        shows_methods,
        billing: if asked.whole_address { view.billing(&[]) } else { Vec::new() },
        same_address: asked.ships_to.is_some(),
        uses_same_address: view.typed.0.is_empty() || view.typed.ticks("cardUseShippingAsBilling"),
        more: view.more(&asked),
        boxes: view.boxes(&asked),
        own_texts: ["shipping_address", "submit"].map(|place| view.custom_text(place)),
        refusal: if refusal.input.is_none() { texts.say(&refusal.message).to_owned() } else { String::new() },
        button: view.button(),
        is_step: session.lacks_place(),
        cancel_url: session.rest.str("cancel_url").filter(|url| url::check(url).is_ok()).unwrap_or_default().to_owned(),
        brand: view.brand(),
    };
    page.settle(refusal)
}

/// The inputs of a card, with nothing typed.
pub(in crate::pages) fn card_inputs() -> Vec<PageInput> {
    let input = |name: &str, label: &str, placeholder, autocomplete, inputmode| PageInput {
        name: name.to_owned(),
        label: label.to_owned(),
        kind: "text",
        placeholder,
        autocomplete,
        inputmode,
        is_required: true,
        ..PageInput::default()
    };
    vec![
        input("cardNumber", "Card number", "1234 1234 1234 1234", "cc-number", "numeric"),
        input("cardExpiry", "Expiration", "MM / YY", "cc-exp", "numeric"),
        input("cardCvc", "CVC", "CVC", "cc-csc", "numeric"),
        input("billingName", "Cardholder name", "Full name on card", "cc-name", ""),
    ]
}

/// What the script of the page says (`templates/checkout.js`).
const SCRIPTED: &[&str] = &[
    "Required",
    "ZIP",
    "Postal code",
    "Your email is incomplete.",
    "Your card number is incomplete.",
    "Your card number is invalid.",
    "Your card's expiration date is incomplete.",
    "Your card's expiration date is invalid.",
    "Your card's expiration year is in the past.",
    "Your card's security code is incomplete.",
    "The server did not answer. Try again.",
    "Cancel",
];

pub(super) struct CheckoutView<'v> {
    session: &'v Session,
    tx: &'v Tx,
    pub(super) typed: &'v Typed,
    refusal: &'v PageRefusal,
    pub(super) texts: Texts,
}

impl CheckoutView<'_> {
    fn currency(&self) -> &str {
        self.session.currency.as_deref().unwrap_or_default()
    }

    fn money(&self, amount: i64) -> String {
        self.texts.money(amount, self.currency())
    }

    fn brand_text(&self, key: &str) -> &str {
        self.session.rest.map("branding_settings").and_then(|brand| brand.str(key)).unwrap_or_default()
    }

    fn business(&self) -> String {
        self.brand_text("display_name").to_owned()
    }

    /// The style of the merchant's brand.
    fn brand(&self) -> String {
        self.session.rest.map("branding_settings").map(brand::style).unwrap_or_default()
    }

    fn error(&self, input: &str) -> String {
        if self.refusal.input.as_deref() == Some(input) {
            self.texts.say(&self.refusal.message).to_owned()
        } else {
            String::new()
        }
    }

    fn heading(&self) -> String {
        let pattern = match self.session.mode {
            SessionMode::Setup => "Save a payment method with {}",
            SessionMode::Subscription => "Subscribe to {}",
            SessionMode::Payment => "Pay {}",
        };
        match &self.lines()[..] {
            [line] => line.name.clone(),
            _ => self.texts.about(pattern, &self.business()),
        }
    }

    /// What the one thing is that is bought; empty if there are several.
    fn description(&self) -> String {
        let records = lines::of(self.tx, &self.session.id);
        let [line] = &records[..] else { return String::new() };
        let line = line.object.to_doc();
        let product = line.map("price").and_then(|price| self.tx.get::<Product>(price.str("product")?));
        product.and_then(|product| product.rest.str("description").map(str::to_owned)).unwrap_or_default()
    }

    fn lines(&self) -> Vec<SummaryLine> {
        let options = sessions::optional_items(self.tx, self.session);
        let line = |line: Map| {
            let rules = line.map("adjustable_quantity").filter(|rules| rules.bool("enabled") == Some(true));
            let id = line.str("id").unwrap_or_default();
            let optional = options.iter().find(|option| option.line.as_deref() == Some(id));
            let quantity = line.int("quantity").unwrap_or(1);
            SummaryLine {
                input: rules.map(|rules| PageInput {
                    least: rules.int("minimum").unwrap_or(0).to_string(),
                    most: rules.int("maximum").unwrap_or(99).to_string(),
                    ..self.input(&format!("quantities[{id}]"), "Quantity", "number", &quantity.to_string())
                }),
                name: line.str("description").unwrap_or("item").to_owned(),
                quantity,
                amount: self.money(line.int("amount_subtotal").unwrap_or_default()),
                optional: optional.map(|option| option.price.clone()).unwrap_or_default(),
            }
        };
        let records = lines::of(self.tx, &self.session.id);
        let mut lines: Vec<SummaryLine> = records.iter().map(|record| line(record.object.to_doc())).collect();
        // What was added comes last.
        lines.sort_by_key(|line| !line.optional.is_empty());
        lines
    }

    /// What may be bought besides, and is not yet.
    fn options(&self) -> Vec<SummaryOption> {
        let free = sessions::optional_items(self.tx, self.session).into_iter().filter(|option| option.line.is_none());
        let option = |OptionalItem { price, name, amount, quantity, .. }| SummaryOption {
            amount: self.money(amount),
            price,
            name,
            quantity,
        };
        free.map(option).collect()
    }

    /// What is added to the lines, or taken off.
    fn sums(&self) -> Vec<(&'static str, String)> {
        let details = self.session.rest.map("total_details");
        let amount = |key: &str| details.and_then(|details| details.int(key)).filter(|amount| *amount != 0);
        let rows = [
            ("Subtotal", self.session.amount_subtotal),
            ("Discount", amount("amount_discount").map(|off| -off)),
            ("Shipping", amount("amount_shipping")),
            ("Tax", amount("amount_tax")),
        ];
        if rows[1..].iter().all(|(_, amount)| amount.is_none()) {
            return Vec::new();
        }
        rows.into_iter().filter_map(|(name, amount)| Some((self.texts.say(name), self.money(amount?)))).collect()
    }

    fn code(&self) -> String {
        let code = self.session.promotion_code().and_then(|id| self.tx.get::<PromotionCode>(id));
        code.map(|code| code.code.clone()).unwrap_or_default()
    }

    fn amount(&self) -> Option<PageInput> {
        let amount = sessions::custom_amount(self.tx, self.session)?;
        let shown = if amount > 0 {
            self.texts.number(&money::major(amount, self.currency()).replace(',', ""))
        } else {
            String::new()
        };
        Some(PageInput { inputmode: "decimal", ..self.input("customUnitAmount", "Amount", "text", &shown) })
    }

    /// An input that is required, with what was typed, or what is known.
    pub(super) fn input(&self, name: &str, label: &str, kind: &'static str, known: &str) -> PageInput {
        PageInput {
            name: name.to_owned(),
            label: self.texts.say(label).to_owned(),
            kind,
            value: self.typed.get(name).unwrap_or(known).to_owned(),
            error: self.error(name),
            is_required: true,
            ..PageInput::default()
        }
    }

    /// What is known of the customer.
    pub(super) fn known(&self, path: &[&str]) -> String {
        let Some((last, outer)) = path.split_last() else { return String::new() };
        let details = self.session.customer_details.as_map();
        let holder = outer.iter().fold(details, |map, key| map?.map(key));
        holder.and_then(|map| map.str(last)).unwrap_or_default().to_owned()
    }

    fn contact(&self, asked: &CheckoutForm<'_>) -> Vec<PageInput> {
        let mut inputs = Vec::new();
        if self.session.fixed_email(self.tx).is_none() {
            inputs.push(PageInput {
                placeholder: "email@example.com",
                autocomplete: "email",
                ..self.input("email", "Email", "email", self.session.email().unwrap_or_default())
            });
        }
        if asked.phone {
            inputs.push(PageInput {
                placeholder: "(800) 555-0175",
                autocomplete: "tel",
                ..self.input("phoneNumber", "Phone number", "tel", &self.known(&["phone"]))
            });
        }
        inputs
    }

    fn shipping(&self, asked: &CheckoutForm<'_>) -> Vec<PageInput> {
        let Some(places) = asked.ships_to.as_ref().or(asked.asks_shop.as_ref()) else { return Vec::new() };
        let name = PageInput { autocomplete: "shipping name", ..self.input("shippingName", "Full name", "text", "") };
        let mut inputs = vec![name];
        inputs.extend(address::inputs(self, "shipping", places));
        inputs
    }

    /// Where the shop sends it.
    fn shipped_to(&self) -> String {
        let collected = self.session.rest.map("collected_information").and_then(|all| all.map("shipping_details"));
        let Some(details) = collected else {
            return self.texts.say("The shop has not said yet where it goes.").to_owned();
        };
        let part = |of: Option<&Map>, key: &str| of.and_then(|of| of.str(key)).map(str::to_owned);
        let address = details.map("address");
        let parts = ["line1", "line2", "postal_code", "city", "state", "country"].map(|key| part(address, key));
        let parts: Vec<String> = std::iter::once(part(Some(details), "name")).chain(parts).flatten().collect();
        parts.join(", ")
    }

    fn saves(&self) -> PageInput {
        PageInput {
            is_required: false,
            is_ticked: self.typed.ticks("savePaymentMethod"),
            ..self.input("savePaymentMethod", "Save my payment method for future purchases", "checkbox", "true")
        }
    }

    /// What the customer agrees to whose payment method is kept.
    fn reuse(&self) -> String {
        if !self.session.shows_reuse_agreement() {
            return String::new();
        }
        let business = self.business();
        match self.session.mode {
            SessionMode::Subscription => self
                .texts
                .about("By confirming, you allow {} to charge you for each period until you cancel.", &business),
            SessionMode::Payment | SessionMode::Setup => self
                .texts
                .about("By confirming, you allow {} to charge you for future payments on their terms.", &business),
        }
    }

    fn billing(&self, places: &[&str]) -> Vec<PageInput> {
        address::inputs(self, "billing", places)
    }

    fn shipping_rates(&self, asked: &CheckoutForm<'_>) -> Vec<InputOption> {
        let rate = |id: &&str| {
            let rate = self.tx.get::<ShippingRate>(id)?;
            let amount = rate.amount_in(self.currency()).unwrap_or_default();
            let price = if amount == 0 { self.texts.say("Free").to_owned() } else { self.money(amount) };
            let name = rate.rest.str("display_name").unwrap_or(self.texts.say("Shipping")).to_owned();
            Some(InputOption::new(*id, format!("{name}: {price}")))
        };
        let mut rates: Vec<InputOption> = asked.shipping_rates.iter().filter_map(rate).collect();
        let chosen = self.session.rest.map("shipping_cost").and_then(|cost| cost.str("shipping_rate"));
        rates.iter_mut().for_each(|rate| rate.is_chosen = Some(rate.value.as_str()) == chosen);
        rates
    }

    /// The payment methods, and whether there is anything to pay with one.
    fn methods(&self, asked: &CheckoutForm<'_>) -> (Vec<MethodChoice>, bool) {
        let session = self.session;
        let is_free = session.asks_no_method()
            || (session.payment_status == SessionPaymentStatus::NoPaymentRequired
                && session.mode == SessionMode::Payment);
        // Before the place is known, the amount is not.
        if is_free || session.lacks_place() {
            return (Vec::new(), false);
        }
        let mut inputs: Vec<PageInput> = card_inputs()
            .into_iter()
            .map(|input| {
                let known = if input.name == "billingName" { self.known(&["name"]) } else { String::new() };
                let typed = self.input(&input.name, &input.label, "text", &known);
                PageInput {
                    label: typed.label,
                    value: typed.value,
                    error: typed.error,
                    placeholder: self.texts.say(input.placeholder),
                    ..input
                }
            })
            .collect();
        if !asked.whole_address {
            let country = address::country(self, "billing", &[], &self.known(&["address", "country"]));
            let label = countries::postal_label(&country.value);
            let code = self.input(
                "billingPostalCode",
                label.unwrap_or("Postal code"),
                "text",
                &self.known(&["address", "postal_code"]),
            );
            inputs.push(country);
            inputs.push(PageInput {
                autocomplete: "billing postal-code",
                is_required: label.is_some(),
                is_hidden: label.is_none(),
                ..code
            });
        }
        (methods::of(session, self.tx, self.typed, inputs, self.texts), true)
    }

    /// Names, the tax id and the merchant's own fields.
    fn more(&self, asked: &CheckoutForm<'_>) -> Vec<PageInput> {
        let mut inputs = Vec::new();
        let names = [
            ("individualName", "Full name", asked.individual_name),
            ("businessName", "Business name", asked.business_name),
        ];
        for (name, label, is_optional) in names {
            let Some(is_optional) = is_optional else { continue };
            inputs.push(PageInput { is_required: !is_optional, ..self.input(name, label, "text", "") });
        }
        if let Some(is_optional) = asked.tax_id {
            let options = sessions::tax_id_types()
                .iter()
                .map(|kind| InputOption::new(*kind, kind.replace('_', " ").to_uppercase()));
            let kind = self.input("taxIdType", "Tax ID type", "select", "eu_vat");
            inputs.push(PageInput { is_required: false, options: options.collect(), ..kind });
            inputs.push(PageInput { is_required: !is_optional, ..self.input("taxId", "Tax ID", "text", "") });
        }
        inputs.extend(asked.custom_fields.iter().map(|field| self.custom_field(field)));
        inputs
    }

    fn custom_field(&self, field: &CustomField<'_>) -> PageInput {
        let kind = match field.kind {
            CustomFieldKind::Dropdown => "select",
            CustomFieldKind::Numeric | CustomFieldKind::Text => "text",
        };
        let label =
            if field.is_optional { self.texts.about("{} (optional)", field.label) } else { field.label.to_owned() };
        let input = PageInput { label, ..self.input(&format!("customFields[{}]", field.key), "", kind, field.value) };
        let none =
            (field.kind == CustomFieldKind::Dropdown).then(|| InputOption::new("", self.texts.say("Select an option")));
        let options = field.options.iter().map(|(value, label)| InputOption::new(*value, *label));
        PageInput {
            is_required: !field.is_optional,
            inputmode: if field.kind == CustomFieldKind::Numeric { "numeric" } else { "" },
            longest: field.most.map(|most| most.to_string()).unwrap_or_default(),
            options: none.into_iter().chain(options).collect(),
            ..input
        }
    }

    fn boxes(&self, asked: &CheckoutForm<'_>) -> Vec<PageInput> {
        let tick = |name: &str, label: String, is_required: bool| PageInput {
            is_required,
            is_ticked: self.typed.ticks(name),
            label,
            ..self.input(name, "", "checkbox", "true")
        };
        let mut boxes = Vec::new();
        if asked.terms_of_service {
            let own = self.custom_text("terms_of_service_acceptance");
            let text = if own.is_empty() {
                self.texts.about("I agree to {}’s terms of service", &self.business())
            } else {
                own
            };
            boxes.push(tick("termsOfServiceConsentCheckbox", text, true));
        }
        if asked.promotions {
            let text = self.texts.about("Keep me up to date with news and offers of {}", &self.business());
            boxes.push(tick("promotionsConsentCheckbox", text, false));
        }
        boxes
    }

    fn custom_text(&self, place: &str) -> String {
        let text = self.session.rest.map("custom_text").and_then(|texts| texts.map(place));
        text.and_then(|text| text.str("message")).unwrap_or_default().to_owned()
    }

    fn button(&self) -> &'static str {
        let session = self.session;
        let label = match (session.mode, session.rest.str("submit_type")) {
            _ if session.lacks_place() => "Continue",
            (SessionMode::Setup, _) => "Save payment method",
            (_, Some("book")) => "Book",
            (_, Some("donate")) => "Donate",
            (_, Some("pay")) | (SessionMode::Payment, None | Some("auto")) => "Pay",
            (SessionMode::Subscription, _) if self.has_trial() => "Start trial",
            (SessionMode::Subscription | SessionMode::Payment, _) => "Subscribe",
        };
        self.texts.say(label)
    }

    fn has_trial(&self) -> bool {
        let data = self.session.intent_data.as_map();
        data.is_some_and(|data| ["trial_end", "trial_period_days"].iter().any(|key| data.present(key).is_some()))
    }
}
