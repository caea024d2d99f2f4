//! The lists that a pull reads, in their order.
//!
//! May use: nothing else. Invariant: what stands later may name what stands before it.

/// A list of the API.
#[derive(Debug)]
pub(super) struct PulledList {
    /// Its path, perhaps with a query; `{id}` stands for each object of the kind in `of`.
    pub(super) path: &'static str,
    /// The kind of the objects that each have such a list.
    pub(super) of: Option<&'static str>,
    /// The list in such an object that shows only the first of these, in the same order: where it is whole, they are not read.
    pub(super) rest_of: Option<&'static str>,
    /// More parameters, as a query.
    pub(super) params: &'static str,
}

const fn list(path: &'static str) -> PulledList {
    PulledList { path, of: None, rest_of: None, params: "" }
}

/// The lists.
pub(super) const SOURCES: &[PulledList] = &[
    list("/v1/tax_rates"),
    list("/v1/shipping_rates"),
    list("/v1/products"),
    // These are shown only where they are asked for.
    PulledList { params: "expand[]=data.currency_options&expand[]=data.tiers", ..list("/v1/prices") },
    PulledList { params: "expand[]=data.applies_to&expand[]=data.currency_options", ..list("/v1/coupons") },
    list("/v1/promotion_codes"),
    list("/v1/accounts"),
    list("/v1/customers"),
    PulledList { of: Some("customer"), ..list("/v1/customers/{id}/payment_methods") },
    PulledList { of: Some("customer"), ..list("/v1/customers/{id}/tax_ids") },
    PulledList { params: "status=all", ..list("/v1/subscriptions") },
    PulledList { of: Some("subscription"), rest_of: Some("items"), ..list("/v1/subscription_items?subscription={id}") },
    list("/v1/billing_portal/configurations"),
    list("/v1/webhook_endpoints"),
];
