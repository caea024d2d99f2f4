//! What the page of a portal session shows: within the flow of the session, or everything that the configuration allows.
//!
//! May use: the portal, subscriptions, payment methods, invoices. Invariant: no button stands there that the configuration forbids.

use super::checked;
use super::template::{PortalInvoice, PortalMethod, PortalPage, PortalSubscription};
use crate::contract;
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
use crate::resources::checkout::portal::act::PortalAction;
use crate::resources::checkout::portal::configurations::PortalConfiguration;
use crate::resources::checkout::portal::sessions::PortalSession;
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object as _, Resource as _};
use crate::time::calendar;

/// How many invoices are shown, the newest first.
const INVOICES_MAX: usize = 20;

/// The page of a session; `None` if its configuration or customer is gone.
pub(super) fn of(found: &Linked<PortalSession>, done: Option<PortalAction>, refusal: &str) -> Option<PortalPage> {
    let (session, tx) = (&*found.object, found.tx());
    let configuration = tx.get::<PortalConfiguration>(&session.configuration)?;
    let customer = tx.get::<Customer>(&session.customer)?;
    let view = PortalView { session, tx: &tx, configuration: &configuration, customer: &customer, is_home: false };
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
        let confirmed = self.confirmed();
        let updates = self.leads_to("subscription_update") && one.is_some() && confirmed.is_none();
        PortalSubscription {
            id: subscription.id.to_string(),
            lines: items.iter().map(|item| line(item.price_id(), item.quantity.0)).collect(),
            next,
            can_cancel: self.leads_to("subscription_cancel") && !ends,
            can_keep: self.leads_to("subscription_cancel") && ends,
            can_pause: self.leads_to("subscription_pause") && subscription.status != SubscriptionStatus::Paused,
            confirmed,
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

    /// The change that the flow asks the customer to confirm, in words.
    fn confirmed(&self) -> Option<String> {
        let (_, flow) = self.flow().filter(|(kind, _)| *kind == "subscription_update_confirm")?;
        let item = flow?.list("items")?.first()?.as_map()?;
        let price = item.str("price").map(|price| self.price(price)).unwrap_or_default();
        let quantity = item.int("quantity").map(|quantity| format!(" × {quantity}")).unwrap_or_default();
        Some(format!("{price}{quantity}"))
    }

    /// A price in words: `Plan, $12.00 a month`.
    fn price(&self, id: &str) -> String {
        let Some(price) = self.tx.get::<Price>(id) else { return id.to_owned() };
        let product = self.tx.get::<Product>(&price.product);
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
        if allowed.contains(&"address") {
            let address = rest.map("address");
            let part = |key: &str| address.and_then(|address| address.str(key));
            for (name, label) in [
                ("line1", "Address line 1"),
                ("line2", "Address line 2"),
                ("city", "City"),
                ("state", "State"),
                ("postal_code", "Postal code"),
                ("country", "Country (two letters)"),
            ] {
                inputs.push(input(name, label, "text", part(name)));
            }
        }
        inputs
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
