//! Tax codes (billing-2 9.5).

use serde_json::{Value, json};

use crate::support::client::sandbox;
use crate::support::flows::{Params, ids, invalid, missing};

#[test]
fn the_usual_codes_are_listed_in_pages() {
    let api = sandbox("tax-codes-list");
    let page = |params: Params<'_>| api.get("/v1/tax_codes", params).ok();
    let first = page(&[("limit", "2")]);
    assert_eq!((ids(&first), &first["has_more"]), (vec!["txcd_00000000".into(), "txcd_10000000".into()], &json!(true)));
    let all = ids(&page(&[("limit", "100")]));
    for code in ["txcd_10103001", "txcd_20030000", "txcd_35010000", "txcd_92010001", "txcd_99999999"] {
        assert!(all.iter().any(|known| known == code), "{code}");
    }
    assert_eq!(ids(&page(&[("starting_after", "txcd_00000000"), ("limit", "1")])), ["txcd_10000000"]);
    assert_eq!(ids(&page(&[("ending_before", "txcd_10000000")])), ["txcd_00000000"]);
    let unknown = api.get("/v1/tax_codes", &[("starting_after", "txcd_1")]);
    invalid(unknown, 400, Some("resource_missing"), Some("starting_after"));
}

#[test]
fn a_code_is_shown_where_it_is_named() {
    let api = sandbox("tax-codes-shown");
    let code = api.get("/v1/tax_codes/txcd_92010001", &[]).ok();
    assert_eq!(
        (&code["name"], &code["object"], &code["requirements"]),
        (&json!("Shipping"), &json!("tax_code"), &Value::Null)
    );
    missing(api.get("/v1/tax_codes/txcd_12345678", &[]), 404, "tax code", "txcd_12345678", "id");
    let product = [("name", "Box"), ("tax_code", "txcd_92010001"), ("expand[]", "tax_code")];
    assert_eq!(api.post("/v1/products", &product).ok()["tax_code"], code);
}

#[test]
fn a_code_beyond_the_list_is_taken_and_a_text_is_not() {
    let api = sandbox("tax-codes-known");
    let product = |code: &str| api.post("/v1/products", &[("name", "Box"), ("tax_code", code)]);
    assert_eq!(product("txcd_30050000").ok()["tax_code"], "txcd_30050000");
    for wrong in ["text", "txcd_1", "txcd_1234567x"] {
        invalid(product(wrong), 400, Some("resource_missing"), Some("tax_code"));
    }
}
