//! What happens without a request: due work in slices, beside the requests of others.

mod advance;
