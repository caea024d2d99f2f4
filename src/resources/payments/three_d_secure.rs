//! 3D Secure inside the shop's page, by the browser library (shapes 2.1).
//!
//! May use: the instruments, ids. Invariant: both kinds of intents ask in this one form; what a bank would show is a page
//! of this server, which the form names besides what is recorded.

use crate::contract::Ctx;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::sources;
use crate::state::document::{Doc, Map};

/// Stands for the certificates of a directory server, which only the browser library reads.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

/// The directory server of test mode.
const DIRECTORY_SERVER: &str = "A000000003";

/// The next action of an intent whose card has to be authenticated; `account` is the seller's id, and `page` is where the
/// customer agrees or refuses.
pub(super) fn by_library(ctx: &Ctx<'_>, account: &str, card: Option<&CardDetails>, page: String) -> Map {
    let encryption = Map::from([
        ("algorithm", Doc::from("RSA")),
        ("certificate", CERTIFICATE.into()),
        ("directory_server_id", DIRECTORY_SERVER.into()),
        ("root_certificate_authorities", Doc::List(vec![CERTIFICATE.into()])),
    ]);
    let sdk = Map::from([
        ("directory_server_encryption", Doc::from(encryption)),
        ("directory_server_name", card.map_or("visa", |card| card.brand.as_str()).into()),
        ("merchant", account.to_owned().into()),
        ("one_click_authn", Doc::Null),
        ("server_transaction_id", ctx.ids.uuid().into()),
        // Not recorded: the page of this server.
        ("stripe_js", page.into()),
        ("three_d_secure_2_source", sources::ENTRY.id.draw(&ctx.ids).into()),
        ("three_ds_frontend_optimizations", Doc::Null),
        ("three_ds_method_url", "".into()),
        ("three_ds_optimizations", "kf".into()),
        ("type", "stripe_3ds2_fingerprint".into()),
    ]);
    Map::from([("type", Doc::from("use_stripe_sdk")), ("use_stripe_sdk", sdk.into())])
}
