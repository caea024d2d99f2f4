//! Errors about subscriptions and their items (billing 2.4, billing-2 15).

use super::{ApiError, ErrorType};

impl ApiError {
    /// The same about the parameter of an older version for which a newer one stands.
    #[must_use]
    pub fn about_older_param(self, name: &'static str) -> Self {
        if self.field("param").is_some() { self.param(name) } else { self }
    }

    /// Two items of one price (billing 2.4).
    pub fn subscription_price_twice(price: &str) -> Self {
        Self::about_param(
            "plan",
            format!("Cannot create a Subscription with multiple Subscription Items with the same Price: {price}"),
        )
    }

    /// Items that differ in something that has to be the same: `interval` or `currency` (billing 2.4).
    pub fn subscription_items_differ(field: &str) -> Self {
        Self::about_param(
            "items",
            format!(
                "Currency and interval fields must match across all plans on this subscription. Found mismatch in \
                 {field} field."
            ),
        )
    }

    /// `pending_if_incomplete` where there is nothing to change (billing 2.4).
    pub fn pending_change_of_nothing() -> Self {
        Self::about_param(
            "payment_behavior",
            "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
        )
    }

    /// A first payment that needs the customer, where nothing unpaid may stay (billing 2.4).
    pub fn first_payment_needs_action() -> Self {
        Self::new(
            402,
            ErrorType::Card,
            "Payment for this subscription requires additional user action, but the requested payment behavior doesn't \
             save the invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or \
             `payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest \
             invoice. Additional information is available here: \
             https://stripe.com/docs/billing/subscriptions/overview#requires-action",
        )
        .code("subscription_payment_intent_requires_action")
    }

    /// Two ways to ask for a trial (billing 2.4).
    pub fn trial_from_plan_and_trial() -> Self {
        Self::invalid("You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.")
    }

    /// A trial that is too long (billing-2 4.3).
    pub fn trial_too_long(param: &'static str, days: i64) -> Self {
        Self::about_param(param, format!("The maximum number of trial period days is {days}."))
    }

    /// An anchor after the next natural billing date, in Unix seconds (billing-2 4.4).
    pub fn anchor_too_late(latest: i64) -> Self {
        Self::about_param(
            "billing_cycle_anchor",
            format!("billing_cycle_anchor cannot be later than next natural billing date ({latest}) for plan"),
        )
    }

    /// An anchor by the day of the month for a price that is not billed by months (billing-2 4.4).
    pub fn anchor_config_needs_months() -> Self {
        Self::about_param(
            "billing_cycle_anchor_config",
            "`billing_cycle_anchor_config` can only be used with prices that recur by months or years.",
        )
    }

    /// An anchor by the month for a price that is billed in every month (billing-2 4.4).
    pub fn anchor_config_month_needs_longer() -> Self {
        Self::about_param(
            "billing_cycle_anchor_config[month]",
            "`month` can only be used with prices that recur in more than one month.",
        )
    }

    /// A part of an anchor that no calendar has (billing-2 4.4).
    pub fn anchor_config_out_of_range(key: &str, least: i64, most: i64) -> Self {
        Self::about_param(
            format!("billing_cycle_anchor_config[{key}]"),
            format!("`{key}` must be between {least} and {most}."),
        )
    }

    /// A start in the future (billing-2 4.4).
    pub fn backdated_into_the_future() -> Self {
        Self::about_param("backdate_start_date", "`backdate_start_date` must be in the past.")
    }

    /// Days until an invoice is due, of a subscription that is charged (billing-2 0.2).
    pub fn days_until_due_needs_sending() -> Self {
        Self::invalid("You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.")
    }

    /// A subscription whose invoices are sent without a date (billing 2.4).
    pub fn sending_needs_days_until_due() -> Self {
        Self::invalid("If invoice collection method is 'send_invoice', you must specify 'days_until_due'.")
    }

    /// A pause of what cannot be paused (billing-2 4.8).
    pub fn subscription_cannot_pause(why: &str) -> Self {
        Self::invalid(format!("This subscription cannot be paused: {why}."))
    }

    /// Going on with what is not paused (billing 2.4).
    pub fn subscription_is_not_paused() -> Self {
        Self::invalid("You can only resume a subscription if it is `paused`.")
    }

    /// The discount of a subscription without one (billing 1.6).
    pub fn no_discount_of_subscription() -> Self {
        Self::invalid("No active discount for subscription").code("resource_missing").status_code(404)
    }

    /// What an ended subscription keeps (billing 2.4).
    pub fn subscription_has_ended() -> Self {
        Self::invalid("A canceled subscription can only update its cancellation_details and metadata.")
            .code("invalid_canceled_subscription_fields")
    }

    /// What a subscription whose first invoice is not paid keeps (billing 2.5).
    pub fn subscription_is_incomplete(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!(
                "You cannot update `{param}` of a subscription in `incomplete` status. Only default_source, description \
             and metadata can be updated."
            ),
        )
    }

    /// The reasons of an end that nobody asked for (billing 2.4).
    pub fn cancellation_details_need_an_end() -> Self {
        Self::about_param(
            "cancellation_details",
            "`cancellation_details` can only be set on subscriptions that are set to cancel.",
        )
    }

    /// The end of what a schedule manages (billing-2 15).
    pub fn subscription_is_scheduled(schedule: &str) -> Self {
        Self::invalid(format!(
            "The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation behavior \
             directly is not allowed. Please update the schedule instead."
        ))
    }

    /// A trial of what is paused (billing-2 4.3).
    pub fn trial_of_paused_subscription() -> Self {
        Self::invalid(
            "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting \
             `trial_end`.",
        )
    }

    /// A customer who is billed in another currency (billing 2.4).
    pub fn currencies_combined(currency: &str) -> Self {
        Self::invalid(format!(
            "You cannot combine currencies on a single customer. This customer has an active subscription, subscription \
             schedule, discount, quote, or invoice item with currency {currency}."
        ))
    }

    /// Items twice (shapes 3.2).
    pub fn items_and_quantity() -> Self {
        Self::invalid("Received both items and quantity parameters. Please pass in only one.")
    }

    /// A share of nobody's (billing 2.4).
    pub fn fee_needs_other_account() -> Self {
        Self::about_param(
            "application_fee_percent",
            "Can only apply an application_fee_percent when the request is made on behalf of another account (using an \
             OAuth key, the Stripe-Account header, or as part of a destination charge).",
        )
    }

    /// A share that is none.
    pub fn percent_out_of_range(param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("`{param}` must be between 0 and 100."))
    }

    /// More periods than an invoice has lines (billing-2 4.4).
    pub fn backdated_too_far(most: usize) -> Self {
        Self::about_param("backdate_start_date", format!("A subscription can be backdated by at most {most} periods."))
    }

    /// A billing mode that it has already (billing-2 2.1).
    pub fn billing_mode_is_flexible() -> Self {
        Self::about_param("billing_mode[type]", "This subscription has the billing mode `flexible` already.")
    }

    /// A quantity of what is metered (billing 2.2).
    pub fn metered_item_has_no_quantity(within: &str) -> Self {
        Self::about_param(format!("{within}[quantity]"), "You cannot set the quantity for metered plans.")
    }

    /// A customer with as many subscriptions as the API allows (billing 2.4); the wording is not recorded.
    pub fn customer_has_too_many_subscriptions(most: usize) -> Self {
        Self::invalid(format!("This customer already has the maximum {most} subscriptions."))
            .code("customer_max_subscriptions")
    }

    /// A threshold of usage for a price that bills a quantity (billing-2 11.2).
    pub fn usage_threshold_needs_metered_price() -> Self {
        Self::about_param(
            "billing_thresholds[usage_gte]",
            "`usage_gte` can only be set for items with a price of `usage_type=metered`.",
        )
    }

    /// The same for a parameter that is not inside of another in this call: `price` for `items[0][price]`.
    #[must_use]
    pub fn outside(self, within: &str) -> Self {
        let inner = self.field("param").and_then(|param| param.strip_prefix(within)?.strip_prefix('['));
        match inner.map(|inner| inner.replacen(']', "", 1)) {
            Some(param) => self.param(param),
            None => self,
        }
    }

    /// An item that is none of a subscription's (billing-2 15).
    pub fn subscription_item_missing(item: &str) -> Self {
        Self::invalid(format!("No subscription item with this ID ({item}) on the subscription."))
    }

    /// An item that was deleted (billing-2 4.5).
    pub fn subscription_item_is_deleted(item: &str) -> Self {
        Self::invalid(format!("Invalid subscription_item id: {item}"))
    }

    /// An item too many (billing-2 15).
    pub fn subscription_is_full(subscription: &str, most: usize) -> Self {
        Self::invalid(format!("Subscription {subscription} already has the maximum {most} items per subscription."))
    }

    /// The last item (billing 2.4).
    pub fn subscription_needs_an_item() -> Self {
        Self::invalid(
            "A subscription must have at least one active plan. To cancel a subscription, please use the cancel API \
             endpoint on /v1/subscriptions.",
        )
    }

    /// A second item of one price (billing 2.4).
    pub fn subscription_price_added_twice(price: &str) -> Self {
        Self::invalid(format!("Cannot add multiple subscription items with the same plan: {price}"))
    }

    /// A date of proration with an anchor of its own (billing-2 3.1).
    pub fn proration_date_and_anchor() -> Self {
        Self::invalid("You cannot specify `proration_date` when `billing_cycle_anchor=now`")
    }

    /// A date of proration where nothing is prorated (billing-2 3.1).
    pub fn proration_date_without_prorations() -> Self {
        Self::about_param("proration_date", "You cannot specify `proration_date` when `proration_behavior=none`")
    }

    /// A date of proration outside of the period (billing-2 3.1).
    pub fn proration_date_outside() -> Self {
        Self::about_param(
            "proration_date",
            "Cannot specify a `proration_date` outside of the current period of the subscription.",
        )
    }

    /// What cannot wait to be paid (billing-2 4.7).
    pub fn cannot_be_pending(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!("`{param}` cannot be updated when `payment_behavior` is set to `pending_if_incomplete`."),
        )
    }

    /// A change that waits to be paid, of what is not charged (billing-2 4.7).
    pub fn pending_change_needs_charging() -> Self {
        Self::about_param(
            "payment_behavior",
            "`payment_behavior` can only be `pending_if_incomplete` when `collection_method` is `charge_automatically`.",
        )
    }
}
