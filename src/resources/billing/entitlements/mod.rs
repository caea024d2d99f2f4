//! Entitlements: the features that customers may use because of what they subscribe to (billing 5.7, billing-2 11.6).
//!
//! May use: products, customers, subscriptions and their items.
//! Invariant: a customer has exactly the active entitlements that the subscriptions grant, each once.

pub mod active;
pub mod features;
pub mod product_features;
mod subscribed;
