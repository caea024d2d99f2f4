//! Deliveries of events to receivers.

pub(crate) mod deliveries;
mod failures;
mod faults;
mod tls;
