//! What the page of a portal session shows: within the flow of the session, or everything that the configuration allows.
//!
//! May use: the portal, subscriptions, payment methods, invoices. Invariant: no button stands there that the configuration forbids.

use super::checked;
use super::template::{PortalInvoice, PortalMethod, PortalPage, PortalPreview, PortalSubscription, PortalTaxId};
use crate::contract;
use crate::engine;
use crate::error::Result;
use crate::money;
use crate::pages::checkout::template::{InputOption, PageInput};
use crate::pages::checkout::view::card_inputs;
use crate::pages::linked::Linked;
use crate::pages::method_name;
use crate::resources::billing::invoices::Invoice;
use crate::resources::billing::subscription_items;
use crate::resources::billing::subscriptions::{Subscription, SubscriptionStatus};
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products::Product;
use crate::resources::checkout::portal::act::{self, PortalAction, PreviewedChange};
use crate::resources::checkout::portal::configurations::PortalConfiguration;
use crate::resources::checkout::portal::sessions::PortalSession;
use crate::resources::checkout::sessions;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::tax_ids::TaxId;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object as _, Resource as _};
use crate::time::calendar;

/// The parts of an address, with their labels.
const PARTS: [(&str, &str); 6] = [
    ("line1", "Address line 1"),
    ("line2", "Address line 2"),
    ("city", "City"),
    ("state", "State"),
    ("postal_code", "Postal code"),
    ("country", "Country (two letters)"),
];

/// How many invoices are shown, the newest first.
const INVOICES_MAX: usize = 20;

/// The page of a session; `None` if its configuration or customer is gone.
pub(super) fn of(
    found: &Linked<PortalSession>,
    done: Option<PortalAction>,
    refusal: &str,
    preview: Option<PortalPreview>,
) -> Option<PortalPage> {
    let (session, tx) = (&*found.object, found.tx());
    let configuration = tx.get::<PortalConfiguration>(&session.configuration)?;
    let customer = tx.get::<Customer>(&session.customer)?;
    let (configuration, customer) = (&*configuration, &*customer);
    let view = PortalView { session, tx: &tx, configuration, customer, is_home: false, preview };
    let known = customer.email.as_deref().or(customer.rest.str("name")).unwrap_or(&session.customer);
    let headline = configuration.rest.map("business_profile").and_then(|profile| profile.str("headline"));
    let view = if done.is_some() && view.goes_home() { PortalView { is_home: true, ..view } } else { view };
    Some(PortalPage {
        headline: headline.unwrap_or("Customer portal").to_owned(),
        customer: known.to_owned(),
        notice: done.map_or("", said),
        refusal: refusal.to_owned(),
        subscriptions: view.subscriptions(),
        methods: view.leads_to("payment_method_update").then(|| view.methods()),
        card: if view.leads_to("payment_method_update") { card_inputs() } else { Vec::new() },
        details: if view.leads_to("customer_update") { view.details() } else { Vec::new() },
        tax_ids: view.leads_to("customer_update").then(|| view.tax_ids()).flatten(),
        invoices: if view.leads_to("invoice_history") { view.invoices() } else { Vec::new() },
        return_url: return_url(found).unwrap_or_default(),
    })
}

/// Where the customer goes back to.
pub(super) fn return_url(found: &Linked<PortalSession>) -> Option<String> {
    let configuration = found.tx().get::<PortalConfiguration>(&found.object.configuration);
    let usual = configuration.and_then(|configuration| configuration.default_return_url.clone());
    found.object.return_url.clone().or(usual).filter(|url| checked(url).is_some())
}

/// What is said after an action.
pub(super) fn said(action: PortalAction) -> &'static str {
    match action {
        PortalAction::AddTaxId => "Your tax ID was added",
        PortalAction::RemoveTaxId => "Your tax ID was removed",
        PortalAction::CancelSubscription => "Your subscription is canceled",
        PortalAction::KeepSubscription => "Your subscription goes on",
        PortalAction::PauseSubscription => "Your subscription is paused",
        PortalAction::RemovePaymentMethod => "Your payment method was removed",
        PortalAction::UpdateCustomer => "Your details were changed",
        PortalAction::UpdatePaymentMethod => "Your payment method was changed",
        PortalAction::UpdateSubscription => "Your subscription was changed",
    }
}

struct PortalView<'v> {
    session: &'v PortalSession,
    tx: &'v Tx,
    configuration: &'v PortalConfiguration,
    customer: &'v Customer,
    /// Whether the flow is over, and everything is there again.
    is_home: bool,
    /// The change that is to be confirmed.
    preview: Option<PortalPreview>,
}

/// What the change that a session's flow asks to confirm costs; `None` if there is none, or it cannot be made any more.
pub(super) fn confirmed(found: &Linked<PortalSession>, base_url: &str) -> Option<PortalPreview> {
    let flow = found.object.flow.as_map()?;
    let asks = flow.str("type") == Some("subscription_update_confirm");
    asks.then(|| preview(found, base_url, &Map::new()).ok()).flatten()
}

/// What a change costs.
///
/// # Errors
/// The change cannot be made.
pub(super) fn preview(found: &Linked<PortalSession>, base_url: &str, asked: &Map) -> Result<PortalPreview> {
    let session = &*found.object;
    let cost = engine::apply(&found.sandbox, found.account, base_url, |tx, ctx| act::preview(tx, ctx, session, asked))?;
    let flow = session.flow.as_map().and_then(|flow| flow.map(flow.str("type")?));
    let offered = flow.and_then(|flow| flow.list("items")?.first()?.as_map());
    let chosen = |key: &str| asked.present(key).or_else(|| offered.and_then(|item| item.present(key)));
    let (price, quantity) = (chosen("price").and_then(Doc::as_str), chosen("quantity").and_then(Doc::as_int));
    let texts = ["price", "promotion_code"];
    let mut inputs: Vec<_> = texts.into_iter().filter_map(|key| Some((key, asked.str(key)?.to_owned()))).collect();
    inputs.extend(asked.int("quantity").map(|quantity| ("quantity", quantity.to_string())));
    let named = asked.str("subscription").or_else(|| flow.and_then(|flow| flow.str("subscription")));
    let count = quantity.map(|quantity| format!(" × {quantity}")).unwrap_or_default();
    let plan = price.map(|price| price_in_words(&found.tx(), price)).unwrap_or_default();
    let total = |cost: &PreviewedChange| {
        let amount = money::display(cost.total, &cost.currency);
        let when = calendar::date_in_words(cost.billed_at);
        (amount, if cost.is_due { "Due today".to_owned() } else { format!("On the invoice of {when}") })
    };
    Ok(PortalPreview {
        subscription: named.unwrap_or_default().to_owned(),
        plan: format!("{plan}{count}"),
        inputs,
        total: cost.as_ref().map(total).unwrap_or_default(),
        lines: cost.map_or_else(Vec::new, |cost| {
            let shown = |(text, amount): (String, i64)| (text, money::display(amount, &cost.currency));
            cost.lines.into_iter().map(shown).collect()
        }),
    })
}

impl PortalView<'_> {
    /// Whether the portal itself follows the flow.
    fn goes_home(&self) -> bool {
        let after = self.session.flow.as_map().and_then(|flow| flow.map("after_completion"));
        after.and_then(|after| after.str("type")) == Some("portal_homepage")
    }

    /// The flow that the session leads the customer through.
    fn flow(&self) -> Option<(&str, Option<&Map>)> {
        let flow = self.session.flow.as_map().filter(|_| !self.is_home)?;
        let kind = flow.str("type")?;
        Some((kind, flow.map(kind)))
    }

    /// Whether a feature is on the page: it is allowed, and the flow leads to no other.
    fn leads_to(&self, feature: &str) -> bool {
        let is_of_flow = match self.flow() {
            None => true,
            Some(("subscription_update_confirm", _)) => feature == "subscription_update",
            Some((flow, _)) => flow == feature,
        };
        is_of_flow && self.configuration.allows(feature)
    }

    fn subscriptions(&self) -> Vec<PortalSubscription> {
        let features = ["subscription_cancel", "subscription_pause", "subscription_update"];
        if self.flow().is_some() && !features.iter().any(|feature| self.leads_to(feature)) {
            return Vec::new();
        }
        let named = self.flow().and_then(|(_, flow)| flow?.str("subscription"));
        let mut all = self.tx.having::<Subscription>("customer", &self.session.customer);
        all.retain(|it| !it.has_ended() && named.is_none_or(|named| &*it.id == named));
        all.iter().map(|subscription| self.subscription(subscription)).collect()
    }

    fn subscription(&self, subscription: &Subscription) -> PortalSubscription {
        let items = subscription_items::of(self.tx, &subscription.id);
        let line = |price: &str, quantity: Option<i64>| {
            let count = quantity.filter(|count| *count != 1).map(|count| format!("{count} × ")).unwrap_or_default();
            format!("{count}{}", self.price(price))
        };
        let cancel_at = subscription.cancel_at;
        let ends = subscription.cancel_at_period_end || cancel_at.is_some();
        let until = items.iter().map(|item| item.current_period_end).max().unwrap_or_default();
        let date = calendar::date_in_words(cancel_at.unwrap_or(until));
        let next = match subscription.status {
            _ if ends => format!("Ends on {date}"),
            SubscriptionStatus::Trialing => format!("The trial ends on {date}"),
            SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => "The last payment failed".to_owned(),
            SubscriptionStatus::Paused => "Paused".to_owned(),
            _ => format!("Renews on {date}"),
        };
        let reasons =
            self.configuration.feature("subscription_cancel").and_then(|feature| feature.map("cancellation_reason"));
        let reasons =
            reasons.filter(|reason| reason.bool("enabled") == Some(true)).and_then(|reason| reason.list("options"));
        let reasons = reasons.unwrap_or_default().iter().filter_map(Doc::as_str);
        let one = items.first().filter(|_| items.len() == 1);
        let asked = |it: &PortalPreview| it.subscription.is_empty() || it.subscription == *subscription.id;
        let preview = self.preview.clone().filter(asked);
        let updates = self.leads_to("subscription_update") && one.is_some() && preview.is_none();
        PortalSubscription {
            id: subscription.id.to_string(),
            lines: items.iter().map(|item| line(item.price_id(), item.quantity.0)).collect(),
            next,
            can_cancel: self.leads_to("subscription_cancel") && !ends,
            can_keep: self.leads_to("subscription_cancel") && ends,
            can_pause: self.leads_to("subscription_pause") && subscription.status != SubscriptionStatus::Paused,
            preview,
            prices: if updates { self.prices(one.map_or("", |item| item.price_id())) } else { Vec::new() },
            quantity: one.filter(|_| updates && self.may_change("quantity")).map(|item| PageInput {
                name: "quantity".to_owned(),
                label: "Quantity".to_owned(),
                kind: "number",
                value: item.quantity.0.unwrap_or(1).to_string(),
                ..PageInput::default()
            }),
            reasons: reasons.map(|reason| InputOption::new(reason, reason.replace('_', " "))).collect(),
        }
    }

    /// Whether customers may change this of a subscription.
    fn may_change(&self, what: &str) -> bool {
        let allowed =
            self.configuration.feature("subscription_update").and_then(|it| it.list("default_allowed_updates"));
        allowed.unwrap_or_default().iter().any(|known| known.as_str() == Some(what))
    }

    /// The prices to choose from, the present one first.
    fn prices(&self, present: &str) -> Vec<InputOption> {
        let offered = self.configuration.choices().flat_map(|choice| choice.list("prices").unwrap_or_default());
        let offered = offered.filter_map(Doc::as_str).filter(|id| *id != present && self.may_change("price"));
        let others: Vec<InputOption> = offered.map(|id| InputOption::new(id, self.price(id))).collect();
        if others.is_empty() {
            return others;
        }
        let present = InputOption::new(present, format!("{} (now)", self.price(present)));
        std::iter::once(present).chain(others).collect()
    }

    fn price(&self, id: &str) -> String {
        price_in_words(self.tx, id)
    }

    fn methods(&self) -> Vec<PortalMethod> {
        let settings = self.customer.rest.map("invoice_settings");
        let default = settings.and_then(|settings| settings.str("default_payment_method")).unwrap_or_default();
        let records = self.tx.records_having(PaymentMethod::KIND, "customer", &self.session.customer);
        let shown = records.iter().filter_map(|record| contract::show(record, PaymentMethod::KIND));
        let method = |method: Map| {
            let (id, kind) = (method.str("id")?.to_owned(), method.str("type")?.to_owned());
            let last4 = method.map(&kind).and_then(|details| details.str("last4"));
            let name =
                method.map("card").and_then(|card| card.str("brand")).map_or_else(|| method_name(&kind), str::to_owned);
            let label = last4.map_or_else(|| name.clone(), |last4| format!("{name} ending in {last4}"));
            Some(PortalMethod { is_default: id == default, id, label })
        };
        shown.filter_map(method).collect()
    }

    fn details(&self) -> Vec<PageInput> {
        let allowed = self.configuration.feature("customer_update").and_then(|it| it.list("allowed_updates"));
        let allowed: Vec<&str> = allowed.unwrap_or_default().iter().filter_map(Doc::as_str).collect();
        let input = |name: &str, label: &str, kind: &'static str, value: Option<&str>| PageInput {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            value: value.unwrap_or_default().to_owned(),
            ..PageInput::default()
        };
        let rest = &self.customer.rest;
        let mut inputs = Vec::new();
        for (name, label, kind, value) in [
            ("name", "Name", "text", rest.str("name")),
            ("email", "Email", "email", self.customer.email.as_deref()),
            ("phone", "Phone number", "tel", rest.str("phone")),
        ] {
            if allowed.contains(&name) {
                inputs.push(input(name, label, kind, value));
            }
        }
        let address = |beginning: &str, title: &str, address: Option<&Map>| {
            PARTS.map(|(key, label)| {
                let label = format!("{title}{label}");
                input(&format!("{beginning}{key}"), &label, "text", address.and_then(|address| address.str(key)))
            })
        };
        if allowed.contains(&"address") {
            inputs.extend(address("", "", rest.map("address")));
        }
        if allowed.contains(&"shipping") {
            let shipping = rest.map("shipping");
            inputs.push(input("shipping_name", "Shipping: Name", "text", shipping.and_then(|it| it.str("name"))));
            inputs.extend(address("shipping_", "Shipping: ", shipping.and_then(|it| it.map("address"))));
        }
        inputs
    }

    /// The customer's tax ids, if they may be changed.
    fn tax_ids(&self) -> Option<(Vec<PortalTaxId>, Vec<InputOption>)> {
        let allowed = self.configuration.feature("customer_update").and_then(|it| it.list("allowed_updates"));
        let _ = allowed?.iter().find(|known| known.as_str() == Some("tax_id"))?;
        let known = self.tx.records_having(TaxId::KIND, "customer", &self.session.customer);
        let shown = known.iter().map(|record| record.object.to_doc());
        let label = |id: &Map| Some(format!("{} {}", kind_of_tax_id(id.str("type")?), id.str("value")?));
        let known = shown.filter_map(|id| Some(PortalTaxId { id: id.str("id")?.to_owned(), label: label(&id)? }));
        let kinds = sessions::tax_id_types().iter().map(|kind| InputOption::new(*kind, kind_of_tax_id(kind)));
        Some((known.collect(), kinds.collect()))
    }

    fn invoices(&self) -> Vec<PortalInvoice> {
        let all = self.tx.having::<Invoice>("customer", &self.session.customer);
        let shown = all.iter().filter(|invoice| !invoice.is_draft()).take(INVOICES_MAX);
        shown
            .map(|invoice| PortalInvoice {
                date: calendar::date_in_short(invoice.created),
                amount: money::display(invoice.total, &invoice.currency),
                status: invoice.status.map_or("", |status| status.as_str()).to_owned(),
                url: invoice.rest.str("hosted_invoice_url").and_then(checked).unwrap_or_default().to_owned(),
            })
            .collect()
    }
}

/// A price in words: `Plan, $12.00 a month`.
fn price_in_words(tx: &Tx, id: &str) -> String {
    let Some(price) = tx.get::<Price>(id) else { return id.to_owned() };
    let product = tx.get::<Product>(&price.product);
    let name = product.map_or_else(
        || price.product.to_string(),
        |product| product.to_doc().str("name").unwrap_or_default().to_owned(),
    );
    let shown = price.to_doc();
    let amount = shown.int("unit_amount").map(|amount| money::display(amount, &price.currency));
    let every = shown.map("recurring").map(|recurring| {
        let (count, interval) =
            (recurring.int("interval_count").unwrap_or(1), recurring.str("interval").unwrap_or("month"));
        if count == 1 { format!(" a {interval}") } else { format!(" every {count} {interval}s") }
    });
    match amount {
        Some(amount) => format!("{name}, {amount}{}", every.unwrap_or_default()),
        None => name,
    }
}

/// The type of a tax id as customers know it, such as `EU VAT`.
fn kind_of_tax_id(kind: &str) -> String {
    kind.replace('_', " ").to_uppercase()
}
