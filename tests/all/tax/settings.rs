//! Tax settings (billing-2 9.5).

use serde_json::{Value, json};

use super::{OFFICE, activate};
use crate::catalog::products::{last, told};
use crate::support::client::sandbox;
use crate::support::flows::{invalid, with};

#[test]
fn settings_wait_for_a_head_office() {
    let api = sandbox("tax-settings-pending");
    let fresh = json!({
        "object": "tax.settings",
        "defaults": {"provider": "stripe", "tax_behavior": null, "tax_code": null},
        "head_office": null,
        "livemode": false,
        "status": "pending",
        "status_details": {"pending": {"missing_fields": ["head_office"]}},
    });
    assert_eq!(api.get("/v1/tax/settings", &[]).ok(), fresh);
    let chosen = api.post("/v1/tax/settings", &[("defaults[tax_code]", "txcd_10103001")]).ok();
    assert_eq!((&chosen["status"], &chosen["defaults"]["tax_code"]), (&json!("pending"), &json!("txcd_10103001")));
    let imprecise = api.post("/v1/tax/settings", &OFFICE[..1]).ok();
    assert_eq!(imprecise["status_details"], json!({"pending": {"missing_fields": ["head_office"]}}));
    assert_eq!(api.post("/v1/tax/settings", &OFFICE[..2]).ok()["status"], "active", "a state is enough");
    let active = activate(&api);
    assert_eq!((&active["status"], &active["status_details"]), (&json!("active"), &json!({"active": {}})));
    assert_eq!(active["defaults"]["tax_code"], "txcd_10103001");
    assert_eq!(api.get("/v1/tax/settings", &[]).ok(), active);
}

#[test]
fn an_address_replaces_the_one_before() {
    let api = sandbox("tax-settings-office");
    activate(&api);
    let moved = api.post("/v1/tax/settings", &[("head_office[address][country]", "DE")]).ok();
    let address =
        json!({"city": null, "country": "DE", "line1": null, "line2": null, "postal_code": null, "state": null});
    assert_eq!((&moved["head_office"], &moved["status"]), (&json!({ "address": address }), &json!("active")));
}

#[test]
fn a_change_is_an_event_and_none_is_not() {
    let api = sandbox("tax-settings-event");
    api.get("/v1/tax/settings", &[]).ok();
    assert_eq!(told(&api), [""; 0]);
    api.post("/v1/tax/settings", &[]).ok();
    assert_eq!(told(&api), [""; 0]);
    api.post("/v1/tax/settings", &[("defaults[tax_behavior]", "exclusive")]).ok();
    let active = activate(&api);
    activate(&api);
    assert_eq!(told(&api), ["tax.settings.updated", "tax.settings.updated"]);
    let data = last(&api, "tax.settings.updated");
    assert_eq!(data["object"], active);
    assert_eq!(
        data["previous_attributes"],
        json!({
            "head_office": null,
            "status": "pending",
            "status_details": {"active": null, "pending": {"missing_fields": ["head_office"]}},
        })
    );
}

#[test]
fn a_default_code_has_to_be_one() {
    let api = sandbox("tax-settings-code");
    let error = api.post("/v1/tax/settings", &[("defaults[tax_code]", "text")]);
    let error = invalid(error, 400, Some("resource_missing"), Some("defaults[tax_code]"));
    assert_eq!(error["message"], "No such tax code: 'text'");
    let settings = api.get("/v1/tax/settings", &[]).ok();
    assert_eq!(settings["defaults"]["tax_code"], Value::Null);
    let unset = with(OFFICE, &[("defaults[tax_behavior]", "")]);
    invalid(api.post("/v1/tax/settings", &unset), 400, Some("parameter_invalid_empty"), Some("defaults[tax_behavior]"));
}
