//! Decisions of a person about an object, on a page of this server instead of a bank's or a wallet's.
//!
//! May use: the state. Invariant: the page and the control call use only a resource's [`Decision`], and do nothing
//! without the object's secret.

use sha2::{Digest as _, Sha256};

use crate::contract::{Ctx, Decision};
use crate::state::Kind;
use crate::state::document::Doc;

/// How much of a hash stands in a link.
const NONCE_BYTES: usize = 12;

/// The kinds with decisions.
pub fn kinds() -> impl Iterator<Item = (Kind, Decision)> {
    crate::contract::entries().iter().filter_map(|entry| Some((entry.kind, entry.decision?)))
}

/// The link to an object's page; `secret` is its `client_secret`, which the link does not contain.
pub fn link(ctx: &Ctx<'_>, id: &str, secret: &str) -> String {
    link_to(ctx, &format!("/authorize/{id}"), secret)
}

/// The link to another page, or a picture, of such an object; `path` names it.
pub fn link_to(ctx: &Ctx<'_>, path: &str, secret: &str) -> String {
    ctx.link(&format!("{path}?nonce={}", nonce(secret)))
}

/// The pictures of the code with which a customer comes to an object's page: as PNG and as SVG.
pub fn pictures(ctx: &Ctx<'_>, id: &str, secret: &str) -> [(&'static str, Doc); 2] {
    [("image_url_png", "png"), ("image_url_svg", "svg")]
        .map(|(field, ending)| (field, link_to(ctx, &format!("/qr/{id}.{ending}"), secret).into()))
}

/// What stands in a link instead of a secret, and entitles to the decision alone.
pub fn nonce(secret: &str) -> String {
    let hash = Sha256::digest(["decision:", secret].concat());
    hash.iter().take(NONCE_BYTES).fold("pa_nonce_".to_owned(), |nonce, byte| format!("{nonce}{byte:02x}"))
}

/// A URL with more parameters in its query, before its fragment.
pub fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let added = serde_urlencoded::to_string(parameters).unwrap_or_default();
    let (address, fragment) = url.split_once('#').map_or((url, None), |(address, fragment)| (address, Some(fragment)));
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let fragment = fragment.map_or(String::new(), |fragment| format!("#{fragment}"));
    format!("{address}{joint}{added}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn a_query_is_added_where_it_belongs() {
        let added = |url| with_query(url, &[("a", "b c")]);
        assert_eq!(added("https://shop.example/back"), "https://shop.example/back?a=b+c");
        assert_eq!(added("https://shop.example/back?"), "https://shop.example/back?a=b+c");
        assert_eq!(added("https://shop.example/back?x=1#end"), "https://shop.example/back?x=1&a=b+c#end");
    }
}
