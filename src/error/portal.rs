//! Errors about the customer portal (billing 5.6, billing-2 11.5).

use super::ApiError;

impl ApiError {
    /// The default configuration is always active; no wording is recorded (billing 5.6).
    pub fn portal_default_inactive() -> Self {
        Self::about_param("active", "The default configuration of the customer portal cannot be deactivated.")
    }

    /// A session with a configuration that is not active; no wording is recorded (billing 5.6).
    pub fn portal_configuration_inactive(id: &str) -> Self {
        Self::about_param("configuration", format!("The portal configuration `{id}` is not active."))
    }

    /// Who may change a plan must be able to pay for it (billing 5.6).
    pub fn portal_updates_need_payment_methods() -> Self {
        Self::invalid("Cannot enable subscription updates while payment method update is disabled.")
    }

    /// A price under a product that it does not belong to; no wording is recorded (billing 5.6).
    pub fn portal_price_of_other_product(price: &str, product: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The price `{price}` does not belong to the product `{product}`."))
    }

    /// A one-time price among those of subscriptions; no wording is recorded (billing 5.6).
    pub fn portal_price_not_recurring(price: &str, param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!("The price `{price}` is not recurring: no subscription can have it."),
        )
    }

    /// A flow whose feature is disabled (billing-2 11.5); `feature` is the feature's name.
    pub fn portal_feature_disabled(feature: &str) -> Self {
        let (subject, verb) = match feature {
            "customer_update" | "payment_method_update" => ("customer", "updated"),
            "subscription_cancel" => ("subscription", "canceled"),
            "subscription_pause" => ("subscription", "paused"),
            _ => ("subscription", "updated"),
        };
        let feature = feature.replace('_', " ");
        Self::invalid(format!(
            "This {subject} cannot be {verb} because the {feature} feature in the portal configuration is disabled."
        ))
    }

    /// Something else than what the session's flow is about; no wording is recorded (billing-2 11.5).
    pub fn portal_flow_is_another(flow: &str) -> Self {
        Self::invalid(format!("This portal session only leads through the flow `{flow}`."))
    }

    /// Parameters of another flow than the one that `type` names; no wording is recorded (billing 5.6).
    pub fn portal_flow_of_other_type(param: &str, kind: &str) -> Self {
        let at = format!("flow_data[{param}]");
        let message = format!("`{at}` can only be used with `flow_data[type]={param}`, not with `{kind}`.");
        Self::about_param(at, message)
    }

    /// A flow about a subscription that has ended; no wording is recorded (billing 5.6).
    pub fn portal_subscription_ended(id: &str, status: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The subscription {id} has the status `{status}`: it has ended."))
    }

    /// A cancellation of a subscription that ends anyway (billing-2 11.5).
    pub fn portal_subscription_is_ending(id: &str) -> Self {
        Self::invalid(format!("The subscription {id} is already set to be canceled at period end."))
    }

    /// A change of a subscription with several items, or with none; no wording is recorded (billing-2 11.5).
    pub fn portal_subscription_has_items(id: &str, count: usize) -> Self {
        Self::invalid(format!(
            "The subscription {id} has {count} items: customers can only update a subscription with one item."
        ))
    }

    /// A price that the configuration does not offer (billing-2 11.5).
    pub fn portal_price_not_offered(item: &str, price: &str, configuration: &str) -> Self {
        Self::invalid(format!(
            "The item `{item}` cannot be updated to price `{price}` because the configuration `{configuration}` does not \
             include the price in its `features[subscription_update][products]`."
        ))
    }

    /// A confirmation of nothing (billing-2 11.5).
    pub fn portal_nothing_to_confirm() -> Self {
        Self::invalid("Cannot update the subscription because there are no changes to confirm.")
    }

    /// Something that a customer may not change by the portal's configuration; no wording is recorded (billing 5.6).
    pub fn portal_update_not_allowed(what: &str) -> Self {
        Self::invalid(format!("The configuration of the customer portal does not allow `{what}`."))
    }

    /// A payment method that the customer has to authenticate first; no wording is recorded (billing-2 11.5).
    pub fn portal_method_needs_action(method: &str) -> Self {
        let message = format!("The payment method {method} was not set up: its customer has to authenticate first.");
        Self::about_param("payment_method", message)
    }
}
