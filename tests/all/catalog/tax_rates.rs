//! Tax rates (billing 1.7).

use serde_json::{Value, json};

use crate::catalog::products::{last, told};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, invalid, missing, text, with};

fn rate(api: &Client, params: Params<'_>) -> Value {
    api.post(
        "/v1/tax_rates",
        &with(&[("display_name", "VAT"), ("inclusive", "false"), ("percentage", "8.875")], params),
    )
    .ok()
}

#[test]
fn a_rate_has_its_defaults() {
    let api = sandbox("tr-defaults");
    let made = rate(&api, &[("jurisdiction", "NY"), ("tax_type", "sales_tax")]);
    assert!(id(&made).starts_with("txr_1"), "{made}");
    assert_eq!((&made["percentage"], &made["effective_percentage"]), (&json!(8.875), &json!(8.875)));
    assert_eq!((text(&made, "rate_type"), &made["active"]), ("percentage", &json!(true)));
    assert_eq!((&made["flat_amount"], &made["jurisdiction_level"]), (&Value::Null, &Value::Null));
    assert_eq!((text(&made, "jurisdiction"), text(&made, "tax_type")), ("NY", "sales_tax"));
    assert_eq!(told(&api), ["tax_rate.created"]);
    missing(api.get("/v1/tax_rates/txr_x", &[]), 404, "tax rate", "txr_x", "tax_rate");
}

#[test]
fn a_percentage_is_of_a_hundred() {
    let api = sandbox("tr-percentage");
    let refused = |percentage: &str| {
        let params = [("display_name", "VAT"), ("inclusive", "true"), ("percentage", percentage)];
        invalid(api.post("/v1/tax_rates", &params), 400, None, Some("percentage"));
    };
    ["-1", "100.5", "8.87512"].into_iter().for_each(refused);
    assert_eq!(rate(&api, &[])["percentage"], 8.875);
    for missing in ["display_name", "inclusive", "percentage"] {
        let all = [("display_name", "VAT"), ("inclusive", "true"), ("percentage", "5")];
        let some: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        invalid(api.post("/v1/tax_rates", &some), 400, Some("parameter_missing"), Some(missing));
    }
}

#[test]
fn a_rate_is_archived_and_never_changes_what_it_takes() {
    let api = sandbox("tr-update");
    let made = rate(&api, &[]);
    let own = format!("/v1/tax_rates/{}", id(&made));
    let changed = api.post(&own, &[("active", "false"), ("description", "Old")]).ok();
    assert_eq!((&changed["active"], text(&changed, "description")), (&json!(false), "Old"));
    assert_eq!(last(&api, "tax_rate.updated")["previous_attributes"], json!({"active": true, "description": null}));
    for fixed in ["percentage", "inclusive"] {
        invalid(api.post(&own, &[(fixed, "1")]), 400, Some("parameter_unknown"), Some(fixed));
    }
    missing(api.post("/v1/tax_rates/txr_x", &[]), 404, "tax rate", "txr_x", "tax_rate");
}

#[test]
fn the_list_knows_its_filters() {
    let api = sandbox("tr-list");
    let (first, second) = (rate(&api, &[]), rate(&api, &[("active", "false")]));
    let listed = |params: Params<'_>| ids(&api.get("/v1/tax_rates", params).ok());
    assert_eq!(listed(&[]), [id(&second), id(&first)]);
    assert_eq!(listed(&[("active", "true")]), [id(&first)]);
    assert_eq!(listed(&[("inclusive", "true")]), [""; 0]);
}
