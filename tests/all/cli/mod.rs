//! The Stripe CLI.

mod calls;
