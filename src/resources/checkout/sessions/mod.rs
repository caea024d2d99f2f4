//! Checkout Sessions (intents-and-checkout 3.1, 3.2).
//!
//! May use: prices and coupons as documents, customers, both kinds of intents, the forms of the catalogue. Invariant: a
//! session is complete only if its intent is paid, set up or being paid, or if there is nothing to pay; all money moves
//! through its intent.

mod amounts;
mod answers;
mod asked;
mod blocked;
mod breakdown;
mod change;
mod check;
mod create;
mod currencies;
mod custom_amount;
mod discount;
mod enter;
mod follow;
mod form;
mod invoice;
mod optional_items;
mod pay;
mod payment_pages;
mod places;
mod recover;
mod saved;
mod subscribe;
mod taxes;

pub use self::asked::{CheckoutForm, CustomField, CustomFieldKind};
pub(super) use self::check::{check_lines, check_managed, mode_of_lines};
pub(super) use self::create::make as begin;
pub use self::custom_amount::asked as custom_amount;
pub use self::enter::enter;
pub(super) use self::optional_items::check as check_optional_items;
pub use self::optional_items::{OptionalItem, optional_items};
pub use self::pay::{page, pay};
pub use self::places::{is_whole as is_whole_address, needs as address_needs};
pub use self::recover::{of_page as of_recovery, recover};

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Change, Defaults, Entry, Events, Expand, Fill, Include, Marked, Newer, Older, Rewrite, STATEMENTS,
    Shown, Trigger, Turn,
};
use crate::error::ApiError;
use crate::generic::described::Described;
use crate::generic::lines;
use crate::object::{body, template};
use crate::resources::billing::invoices::Invoice;
use crate::resources::customers::customer::Customer;
use crate::resources::payments::options;
use crate::resources::payments::paying::{self, Offer};
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::resources::payments::setup_intents::SetupIntent;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Kind, Ref, Tx};
use crate::time::calendar::DAY;

/// A Checkout Session has a `mode`, creates a customer only if it needs one, and its intent when it is paid.
const CHECKOUT_LATE_INTENTS: Gate = Gate::since("2022-08-01");

crate::values! {
    /// What a session does.
    pub enum SessionMode {
        Payment = "payment",
        Setup = "setup",
        Subscription = "subscription",
    }
}

crate::values! {
    /// How far a session is.
    pub enum SessionStatus {
        Complete = "complete",
        Expired = "expired",
        Open = "open",
    }
}

crate::values! {
    /// How far the payment of a session is.
    pub enum SessionPaymentStatus {
        NoPaymentRequired = "no_payment_required",
        Paid = "paid",
        Unpaid = "unpaid",
    }
}

crate::resource! {
    /// A Checkout Session.
    Session = "checkout.session" {
        /// Unix seconds.
        created: i64,
        /// Before discounts and taxes, in the currency's smallest unit; null if nothing is sold.
        amount_subtotal: Option<i64>,
        /// After discounts and taxes, in the currency's smallest unit.
        amount_total: Option<i64>,
        /// Three letters, lower case.
        currency: Option<String>,
        /// The customer, if there is one.
        customer: Option<Id>,
        /// The customer's details from the page; null before.
        customer_details: Doc,
        /// When an open session expires, in Unix seconds.
        expires_at: i64,
        /// The user's own keys and values.
        metadata: Map,
        /// `payment`, `setup` or `subscription`.
        mode: SessionMode,
        /// The intent that pays it; null until it is paid, and in other modes.
        payment_intent: Option<Id>,
        /// The payment link that created it, if any.
        payment_link: Option<Id>,
        /// `paid`, `unpaid` or `no_payment_required`.
        payment_status: SessionPaymentStatus,
        /// The intent that sets up a payment method; null in other modes.
        setup_intent: Option<Id>,
        /// `open`, `complete` or `expired`.
        status: Option<SessionStatus>,
        /// The page where the customer pays; null if it is not open or not hosted.
        url: Option<String>,
    }
    hidden {
        /// Whether a known customer takes the name from the page (`customer_update[name]=auto`).
        renames: Flag,
        /// Whether a known customer takes the address from the page (`customer_update[address]=auto`).
        keeps_address: Flag,
        /// Whether a known customer takes the shipping address from the page (`customer_update[shipping]=auto`).
        keeps_shipping: Flag,
        /// The shipping rate that the customer chose; the first until then.
        chosen_shipping: Absent<Id>,
        /// Parameters for what it makes: `payment_intent_data`, `setup_intent_data` or `subscription_data`.
        intent_data: Doc,
        /// Whether the customer stays on the page of the shop when the session is complete.
        stays: Flag,
        /// What is said of the payment method that it makes (`payment_method_data`).
        method_data: Doc,
        /// The tax rates of its lines, by the ids of the lines.
        tax_rates: Map,
        /// The unit amount that the customer chose, for a price that lets it.
        chosen_amount: Absent<i64>,
        /// The lines of the optional items that the customer added, by the ids of the prices.
        added_items: Map,
        /// Its discounts and taxes one by one.
        breakdown: Map,
        /// Its discount: an offer until the session is complete.
        discount: Doc,
        /// The subscription that has begun, while its first invoice waits for the customer and after.
        begun: Absent<Id>,
        /// What the session waits for in `subscription` mode: the first invoice, or the intent that sets up a payment method.
        pending_step: Absent<Id>,
        /// Who buys, in `subscription` mode.
        buyer: Absent<Id>,
        /// Where the customer says that it is, before it enters an address: taxes are computed for it.
        tax_region: Absent<Map>,
        /// Whether a payment that was under way when the customer left has failed, and no other has begun.
        payment_failed: Flag,
    }
}

/// A shipping rate that is described in place.
const SHIPPING: Described = Described { param: "shipping_rate_data", kind: crate::kind!("shipping_rate") };

/// The kind, for references.
pub const KIND: Kind = Session::KIND;

impl Session {
    /// Whether it can still be paid.
    pub fn is_open(&self) -> bool {
        self.status == Some(SessionStatus::Open)
    }

    /// Whether it has a page of its own; another is shown in the shop's.
    pub fn is_hosted(&self) -> bool {
        check::is_hosted(&self.rest)
    }

    /// Whether its taxes cannot be computed before the customer enters an address.
    pub fn lacks_place(&self) -> bool {
        taxes::lacks_place(self)
    }

    /// Whether the customer may enter a promotion code.
    pub fn takes_codes(&self) -> bool {
        self.rest.bool("allow_promotion_codes") == Some(true)
    }

    /// The promotion code that was entered, by its id.
    pub fn promotion_code(&self) -> Option<&str> {
        self.rest.list("discounts")?.first()?.as_map()?.str("promotion_code")
    }

    /// The allowed types of payment method.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.rest.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str)
    }

    /// The payment methods on its page.
    pub fn offers(&self, tx: &Tx) -> Vec<Offer> {
        let mut offers = self.saved_methods(tx);
        offers.extend(paying::offers(tx, None, &self.types().collect::<Vec<_>>()));
        offers
    }

    /// The customer's e-mail address, if it is known.
    pub fn email(&self) -> Option<&str> {
        let known = self.customer_details.as_map().and_then(|details| details.str("email"));
        known.or_else(|| self.rest.str("customer_email"))
    }

    /// The test payment methods of a type; none if it has no accounts to choose from.
    pub fn test_methods(kind: &str) -> Vec<Offer> {
        paying::tests(kind)
    }

    /// The intent that pays it, and the one that sets up its payment method, as far as there are any.
    fn intents(&self, tx: &Tx) -> (Option<Arc<PaymentIntent>>, Option<Arc<SetupIntent>>) {
        // A subscription waits for its first invoice, or for the intent that sets up its payment method.
        let invoice = self.pending_step.0.as_ref().and_then(|id| tx.get::<Invoice>(id));
        let payment = self.payment_intent.as_deref().or_else(|| invoice.as_ref()?.payment_intent().map(|id| &**id));
        let setup = self.setup_intent.as_deref().or(self.pending_step.0.as_deref());
        (payment.and_then(|id| tx.get::<PaymentIntent>(id)), setup.and_then(|id| tx.get::<SetupIntent>(id)))
    }

    /// Why the last attempt to pay failed, if it did: what a customer is told who comes back from a bank's page.
    pub fn failure(&self, tx: &Tx) -> Option<String> {
        let (payment, setup) = self.intents(tx);
        let error = payment.and_then(|intent| intent.last_payment_error.as_map().cloned());
        let error = error.or_else(|| setup?.last_setup_error.as_map().cloned())?;
        error.str("message").map(str::to_owned)
    }

    /// The customer's address, if it is known.
    fn address(&self) -> Option<&Map> {
        self.customer_details.as_map().and_then(|details| details.map("address"))
    }

    /// The e-mail address that the shop set, directly or by the customer, and that nobody changes on the page.
    pub fn fixed_email(&self, tx: &Tx) -> Option<String> {
        let customer = self.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
        let known = customer.and_then(|customer| customer.email.clone());
        known.or_else(|| self.rest.str("customer_email").map(str::to_owned))
    }

    /// Where the browser goes when the session is complete: the URL with the session's id in it; `None` for nowhere
    /// (intents-and-checkout 3.1).
    pub fn destination(&self) -> Option<String> {
        let stays = self.stays.0 || self.rest.str("redirect_on_completion") == Some("never");
        let address = self.rest.str("success_url").or_else(|| self.rest.str("return_url").filter(|_| !stays))?;
        Some(self.with_id(address))
    }

    /// A URL with the session's id in its place.
    fn with_id(&self, url: &str) -> String {
        let places = ["{CHECKOUT_SESSION_ID}", "%7BCHECKOUT_SESSION_ID%7D"];
        places.iter().fold(url.to_owned(), |url, place| url.replace(place, &self.id))
    }

    fn reference(&self) -> Ref {
        Ref { kind: KIND, id: Id::clone(&self.id) }
    }
}

/// The types of tax ids that a customer may enter.
pub fn tax_id_types() -> &'static [&'static str] {
    template::values_at(KIND, &["customer_details", "tax_ids", "type"])
}

/// The events of a session; its creation emits none (intents-and-checkout 3.2).
const TURNS: &[Turn] = &[
    crate::becomes!(Session, ["checkout.session.completed"], |session| session.status == Some(SessionStatus::Complete)),
    crate::becomes!(Session, ["checkout.session.expired"], |session| session.status == Some(SessionStatus::Expired)),
    crate::turn!(Session, ["checkout.session.async_payment_succeeded"], |before, after| {
        after.payment_status == SessionPaymentStatus::Paid
            && before.is_some_and(|before| before.payment_status == SessionPaymentStatus::Unpaid)
    }),
    crate::becomes!(Session, ["checkout.session.async_payment_failed"], |session| session.payment_failed.0),
];

/// The defaults of a new session.
const DEFAULTS: Defaults = &[
    ("after_expiration.recovery.allow_promotion_codes", Fill::Flag(false)),
    ("automatic_tax.enabled", Fill::Flag(false)),
    ("branding_settings.background_color", Fill::Text("#ffffff")),
    ("branding_settings.border_style", Fill::Text("rounded")),
    ("branding_settings.button_color", Fill::Text("#0074d4")),
    ("branding_settings.display_name", Fill::Text("Pinstripe")),
    ("branding_settings.font_family", Fill::Text("default")),
    ("custom_fields.optional", Fill::Flag(false)),
    ("expires_at", Fill::After(DAY)),
    ("invoice_creation.enabled", Fill::Flag(false)),
    ("invoice_creation.invoice_data.metadata", Fill::Object(&[])),
    ("managed_payments.enabled", Fill::Flag(false)),
    ("mode", Fill::Text("payment")),
    ("name_collection.*.optional", Fill::Flag(false)),
    ("optional_items", Fill::Absent),
    ("payment_method_collection", Fill::Text("always")),
    ("payment_method_options.boleto.expires_after_days", Fill::Int(3)),
    ("payment_method_options.card.request_three_d_secure", Fill::Text("automatic")),
    ("payment_method_options.oxxo.expires_after_days", Fill::Int(3)),
    ("payment_method_types", Fill::Texts(&["card"])),
    ("payment_status", Fill::Text("unpaid")),
    ("phone_number_collection.enabled", Fill::Flag(false)),
    ("saved_payment_method_options.allow_redisplay_filters", Fill::Texts(&["always"])),
    ("saved_payment_method_options.payment_method_remove", Fill::Text("disabled")),
    (
        "shipping_options.shipping_amount",
        Fill::Of(crate::kind!("shipping_rate"), "shipping_rate", "fixed_amount.amount"),
    ),
    ("status", Fill::Text("open")),
    ("tax_id_collection.required", Fill::Text("never")),
    ("ui_mode", Fill::Text("hosted_page")),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Session::KIND,
    marks: &[
        Marked::refused(&["payment_method_options.blik", "payment_method_options.demo_pay"]),
        Marked::neutral(
            &["payment_method_options.crypto", "payment_method_options.pay_by_bank"],
            "these types have nothing to choose",
        ),
        Marked::describes(&["line_items.*.price_data"], "prices.create"),
        Marked::describes(&["line_items.*.price_data.product_data"], "products.create"),
        Marked::describes(&["shipping_options.*.shipping_rate_data"], "shipping_rates.create"),
        Marked::describes(&["payment_intent_data"], "payment_intents.create"),
        Marked::describes(&["setup_intent_data"], "setup_intents.create"),
        Marked::describes(&["subscription_data"], "subscriptions.create"),
        Marked::refused(&["line_items.*.dynamic_tax_rates"]),
        Marked::refused(&["customer_account"]).on(&["checkout.sessions.create"]),
        Marked::acts(
            &["payment_method_data"],
            "checkout::saved::what_is_saved_is_shown_again_as_the_session_or_the_customer_says",
        ),
        Marked::acts(
            &["customer_update.name"],
            "checkout::paying::a_known_customer_takes_the_name_from_the_page_when_the_session_asks_for_it",
        ),
        Marked::acts(
            &["customer_update.address"],
            "checkout::taxes::the_address_from_the_page_is_kept_for_a_known_customer_when_the_session_asks_for_it",
        ),
        Marked::acts(
            &["customer_update.shipping"],
            "checkout::answers::a_known_customer_takes_the_shipping_address_when_the_session_asks_for_it",
        ),
        options::KLARNA_HINTS,
        payment_pages::ADAPTIVE_PRICING,
        payment_pages::DISCOUNT_ERRORS,
        Marked::describes(&["payment_method_data"], "payment_methods.create").on(&["payment_pages.confirm"]),
        Marked::acts(&["return_url"], "checkout::in_page::a_bank_leads_back_to_the_page_of_the_shop")
            .on(&["payment_pages.confirm"]),
    ],
    fields: Session::FIELDS,
    noun: "checkout.session",
    id: IdForm { prefix: "cs_test_", lead: "a1", length: 58 },
    path_param: "session",
    missing: Some(ApiError::session_missing),
    operations: &[
        ("checkout.sessions.create", Behaviour::Write(create::create)),
        ("checkout.sessions.retrieve", Behaviour::Retrieve),
        ("checkout.sessions.update", Behaviour::Write(change::update)),
        ("checkout.sessions.expire", Behaviour::Write(change::expire)),
        ("checkout.sessions.list", Behaviour::Read(change::list)),
        ("checkout.sessions.line_items.list", Behaviour::Read(change::line_items)),
        ("payment_pages.retrieve", Behaviour::Read(payment_pages::retrieve)),
        ("payment_pages.init", Behaviour::Read(payment_pages::retrieve)),
        ("payment_pages.update", Behaviour::Write(payment_pages::update)),
        ("payment_pages.confirm", Behaviour::Write(payment_pages::confirm)),
    ],
    filters: &[
        crate::filter!("payment_intent", Session, |session| session.payment_intent.as_deref()),
        // Not a parameter of the list: it finds the session of an intent.
        crate::filter!("setup_intent", Session, |session| session.setup_intent.as_deref()),
        crate::filter!("subscription", Session, |session| session.rest.str("subscription")),
        // Nor is this: it finds the session of an invoice, or of an intent that sets up a payment method.
        crate::filter!("pending_step", Session, |session| session.pending_step.0.as_deref()),
        crate::filter!("payment_link", Session, |session| session.payment_link.as_deref()),
        crate::filter!(
            "customer",
            Session,
            |session| session.customer.as_deref(),
            Some(crate::resources::customers::customer::KIND)
        ),
        crate::filter!("customer_account", Session, |session| session.rest.str("customer_account")),
        crate::filter!("status", Session, |session| session.status.map(SessionStatus::as_str)),
    ],
    includes: &[Include {
        field: "line_items",
        shown: Shown::Expanded,
        total_count: false,
        rows: lines::of,
        url: |session| format!("/v1/checkout/sessions/{session}/line_items"),
    }],
    joins: breakdown::JOINS,
    expands: &[Expand::field("shipping_cost.taxes"), Expand::field("total_details.breakdown")],
    changes: &[
        Change {
            since: Gate::since("2026-03-25.dahlia"),
            older: Some(Rewrite::Alone(ui_mode_was_short)),
            what: "checkout.session.ui_mode names",
        },
        Change {
            since: Gate::since("2025-03-31.basil"),
            older: Some(Rewrite::Alone(shipping_details_stood_alone)),
            what: "checkout.session.shipping_details",
        },
        Change {
            since: CHECKOUT_LATE_INTENTS,
            older: Some(Rewrite::Alone(shipping_was_an_address_and_a_rate)),
            what: "checkout.session.shipping, checkout.session.shipping_rate",
        },
        Change {
            since: CHECKOUT_LATE_INTENTS,
            older: None,
            what: "line_items of a new checkout.session had name, amount, currency, description and images",
        },
        Change {
            since: Gate::since("2020-08-27"),
            older: None,
            what: "checkout.session.display_items showed what line_items shows",
        },
    ],
    older: &[Older {
        operation: "checkout.sessions.create",
        until: CHECKOUT_LATE_INTENTS,
        name: "shipping_rates",
        newer: Newer::Items { list: "shipping_options", member: "shipping_rate" },
    }],
    statements: STATEMENTS,
    public: payment_pages::PUBLIC,
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Session>,
    reactions: follow::REACTIONS,
    // What cannot be canceled any more leaves the session as it is.
    dues: &[crate::due!(Session, "expire", |session| session.is_open().then_some(session.expires_at), change::end)],
    events: Events { turns: TURNS, ..Events::NONE },
    defaults: DEFAULTS,
    triggers: &[Trigger::post("checkout.session.expired", "/v1/checkout/sessions/{id}/expire", &[])],
    ..Entry::PLAIN
};

fn ui_mode_was_short(session: &mut Map) {
    let old = match session.str("ui_mode") {
        Some("hosted_page") => "hosted",
        Some("embedded_page") => "embedded",
        Some("elements") => "custom",
        _ => return,
    };
    session.set("ui_mode", old);
}

fn shipping_details_stood_alone(session: &mut Map) {
    let details = session.map("collected_information").and_then(|collected| collected.get("shipping_details")).cloned();
    session.set("shipping_details", details.unwrap_or_default());
}

fn shipping_was_an_address_and_a_rate(session: &mut Map) {
    let cost = session.remove("shipping_cost");
    let rate = cost.as_ref().and_then(Doc::as_map).and_then(|cost| cost.get("shipping_rate")).cloned();
    session.set("shipping_rate", rate.unwrap_or_default());
    let details = session.remove("shipping_details");
    session.set("shipping", details.unwrap_or_default());
}
