//! Tax registrations (billing-2 9.5).

use serde_json::{Value, json};

use super::register;
use crate::catalog::products::told;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, text, with};

const WASHINGTON: Params<'_> = &[("[type]", "state_sales_tax"), ("[state]", "WA")];
const BRITISH: Params<'_> = &[("country", "GB"), ("country_options[gb][type]", "standard")];

fn automatic_tax(api: &Client, address: Params<'_>) -> String {
    let made = api.post("/v1/customers", &with(address, &[("expand[]", "tax")])).ok();
    text(&made["tax"], "automatic_tax").to_owned()
}

#[test]
fn a_registration_shows_the_options_of_its_country() {
    let api = sandbox("tax-reg-options");
    let made = register(&api, "us", WASHINGTON);
    assert!(id(&made).starts_with("taxreg_"), "{made}");
    assert_eq!((text(&made, "country"), text(&made, "status")), ("US", "active"));
    assert_eq!(made["country_options"], json!({"us": {"state": "WA", "type": "state_sales_tax"}}));
    assert_eq!((&made["active_from"], &made["expires_at"]), (&made["created"], &Value::Null));
    let irish = register(&api, "IE", &[("[type]", "standard")]);
    let standard = json!({"standard": {"place_of_supply_scheme": "standard"}, "type": "standard"});
    assert_eq!(irish["country_options"], json!({ "ie": standard }));
    assert_eq!(
        register(&api, "IE", &[("[type]", "oss_union")])["country_options"],
        json!({"ie": {"type": "oss_union"}})
    );
    assert_eq!(api.get(&format!("/v1/tax/registrations/{}", id(&made)), &[]).ok(), made);
    missing(api.get("/v1/tax/registrations/taxreg_x", &[]), 404, "tax registration", "taxreg_x", "id");
    assert_eq!(told(&api), [""; 0]);
}

/// A registration for the tax on leases in the United States.
fn lease_tax<'a>(more: Params<'a>) -> Vec<(&'a str, &'a str)> {
    with(&[("country", "US"), ("country_options[us][type]", "local_lease_tax")], more)
}

#[test]
fn options_have_to_fit_the_country_and_the_type() {
    let api = sandbox("tax-reg-refused");
    let refused = |params: Params<'_>, code: Option<&str>, param: &str| {
        let sent = with(&[("active_from", "now")], params);
        invalid(api.post("/v1/tax/registrations", &sent), 400, code, Some(param));
    };
    refused(
        &[("country", "XX"), ("country_options[us][type]", "state_sales_tax"), ("country_options[us][state]", "WA")],
        None,
        "country",
    );
    let other = [("country", "IE"), ("country_options[gb][type]", "standard")];
    refused(&other, Some("parameter_missing"), "country_options[ie]");
    let both = with(&other, &[("country_options[ie][type]", "standard")]);
    refused(&both, Some("parameter_unknown"), "country_options[gb]");
    let illinois = ("country_options[us][state]", "IL");
    refused(&lease_tax(&[illinois]), Some("parameter_missing"), "country_options[us][local_lease_tax]");
    let parking = ("country_options[us][parking_tax][jurisdiction]", "1");
    let lease = ("country_options[us][local_lease_tax][jurisdiction]", "14000");
    refused(&lease_tax(&[illinois, lease, parking]), Some("parameter_unknown"), "country_options[us][parking_tax]");
    refused(&lease_tax(&[("country_options[us][state]", "Illinois"), lease]), None, "country_options[us][state]");
    let province = "country_options[ca][province_standard][province]";
    let canada = [("country", "CA"), ("country_options[ca][type]", "province_standard"), (province, "ON")];
    refused(&canada, None, province);
    refused(&canada[..2], Some("parameter_missing"), "country_options[ca][province_standard]");
    assert_eq!(ids(&api.get("/v1/tax/registrations", &[]).ok()), [""; 0]);
}

#[test]
fn the_status_follows_from_the_times() {
    let api = sandbox("tax-reg-times");
    let first = register(&api, "DE", &[("[type]", "standard")]);
    let now = int(&first, "created");
    let at = |seconds: i64| (now + seconds).to_string();
    let (begin, end) = (at(1000), at(2000));
    let made = api.post("/v1/tax/registrations", &with(BRITISH, &[("active_from", &begin), ("expires_at", &end)])).ok();
    assert_eq!(text(&made, "status"), "scheduled");
    let path = format!("/v1/tax/registrations/{}", id(&made));
    let status = || text(&api.get(&path, &[]).ok(), "status").to_owned();
    api.advance(1000);
    assert_eq!(status(), "active");
    let of = |status: &str| ids(&api.get("/v1/tax/registrations", &[("status", status)]).ok());
    assert_eq!((of("active").len(), of("scheduled").len(), of("all").len()), (2, 0, 2));
    api.advance(1000);
    assert_eq!((status(), of("expired")), ("expired".to_owned(), vec![id(&made)]));
    assert_eq!(ids(&api.get("/v1/tax/registrations", &[]).ok()), [id(&made), id(&first)]);
}

#[test]
fn times_can_be_moved_and_are_in_order() {
    let api = sandbox("tax-reg-moved");
    let past = with(BRITISH, &[("active_from", "1")]);
    invalid(api.post("/v1/tax/registrations", &past), 400, None, Some("active_from"));
    let reversed = with(BRITISH, &[("active_from", "4000000000"), ("expires_at", "3999999999")]);
    invalid(api.post("/v1/tax/registrations", &reversed), 400, None, Some("expires_at"));
    let made = api.post("/v1/tax/registrations", &with(BRITISH, &[("active_from", "4000000000")])).ok();
    let path = format!("/v1/tax/registrations/{}", id(&made));
    let changed = |params: Params<'_>| api.post(&path, params).ok();
    let active = changed(&[("active_from", "now"), ("expires_at", "4000000000")]);
    assert_eq!((text(&active, "status"), int(&active, "expires_at")), ("active", 4_000_000_000));
    assert_eq!(changed(&[("expires_at", "")])["expires_at"], Value::Null);
    assert_eq!(text(&changed(&[("expires_at", "now")]), "status"), "expired");
    assert_eq!(text(&changed(&[("expires_at", "")]), "status"), "active");
}

#[test]
fn a_registration_covers_its_state_its_province_or_the_whole_union() {
    let api = sandbox("tax-reg-covers");
    let seattle = &[("address[country]", "US"), ("address[postal_code]", "98104")];
    let chicago = &[("address[country]", "US"), ("address[postal_code]", "60601")];
    let montreal = &[("address[country]", "CA"), ("address[state]", "QC")];
    let (berlin, paris) = (&[("address[country]", "DE")], &[("address[country]", "FR")]);
    assert_eq!(automatic_tax(&api, seattle), "not_collecting");
    register(&api, "US", WASHINGTON);
    register(&api, "US", &[("[type]", "local_lease_tax"), ("[state]", "IL"), ("[local_lease_tax][jurisdiction]", "1")]);
    assert_eq!(
        (automatic_tax(&api, seattle), automatic_tax(&api, chicago)),
        ("supported".into(), "not_collecting".into())
    );
    register(&api, "CA", &[("[type]", "province_standard"), ("[province_standard][province]", "SK")]);
    assert_eq!(automatic_tax(&api, montreal), "not_collecting");
    register(&api, "CA", &[("[type]", "province_standard"), ("[province_standard][province]", "QC")]);
    assert_eq!(automatic_tax(&api, montreal), "supported");
    register(&api, "DE", &[("[type]", "standard")]);
    assert_eq!(
        (automatic_tax(&api, berlin), automatic_tax(&api, paris)),
        ("supported".into(), "not_collecting".into())
    );
    register(&api, "DE", &[("[type]", "oss_union")]);
    assert_eq!(automatic_tax(&api, paris), "supported");
}
