//! What a card's network calls a payment (core-payments 6.3, shapes 2.3).
//!
//! May use: the test cards. Invariant: what never reached the network has no name there.

use crate::contract::Ctx;
use crate::issuers::Brand;
use crate::state::document::{Map, Text};
use crate::time::calendar;

/// Characters of a charge's id behind its prefix that a link of test mode repeats.
const LINK_CHARACTERS: usize = 5;

/// Sets the network's names of a payment in the hash of its card; `id` is the charge's.
pub(super) fn identify(ctx: &Ctx<'_>, brand: Brand, id: &str, hash: &mut Map) {
    if brand != Brand::Mastercard {
        hash.set(
            "network_transaction_id",
            Text::formatted(format_args!("{:015}", ctx.ids.number(1_000_000_000_000_000))),
        );
        return;
    }
    let (month, day) = calendar::month_and_day(ctx.now);
    hash.set("network_transaction_id", format!("MCC{}{month:02}{day:02}", ctx.ids.id("", 6).to_uppercase()));
    let random = id.split_once('_').map_or(id, |(_, random)| random);
    let begin: String = random.chars().take(LINK_CHARACTERS).collect();
    hash.set("transaction_link_id", format!("test123-tlid456__{begin}"));
}
