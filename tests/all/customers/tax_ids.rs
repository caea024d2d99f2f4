//! Tax ids (core-payments 3.8).

use serde_json::{Value, json};

use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, customer, id, ids, int, invalid, missing, with};

const NUMBER: Params<'_> = &[("type", "eu_vat"), ("value", "DE123456789")];

fn of(customer: &str) -> String {
    format!("/v1/customers/{customer}/tax_ids")
}

/// What is known of a number once it was looked up.
fn found(api: &Client, owner: &str, kind: &str, value: &str) -> Value {
    let made = api.post(&of(owner), &[("type", kind), ("value", value)]).ok();
    api.get(&format!("{}/{}", of(owner), id(&made)), &[]).ok()
}

#[test]
fn a_tax_id_shows_its_customer_and_country() {
    let api = sandbox("tax-ids-shape");
    let owner = customer(&api, &[]);
    let mut made = api.post(&of(&owner), NUMBER).ok();
    assert!(id(&made).starts_with("txi_"));
    assert!(int(&made, "created") > 0);
    for made_up in ["id", "created"] {
        made.as_object_mut().unwrap().remove(made_up);
    }
    let verification = json!({"status": "pending", "verified_address": null, "verified_name": null});
    let whose = json!({"customer": owner, "customer_account": null, "type": "customer"});
    assert_eq!(
        made,
        json!({"object": "tax_id", "country": "DE", "customer": owner, "customer_account": null, "livemode": false,
            "owner": whose, "type": "eu_vat", "value": "DE123456789", "verification": verification})
    );
}

#[test]
fn the_country_is_that_of_the_type_or_of_the_number() {
    let api = sandbox("tax-ids-country");
    let owner = customer(&api, &[]);
    for (kind, value, country) in [
        ("eu_vat", "EL123456789", json!("GR")),
        ("eu_vat", "000000000", Value::Null),
        ("eu_oss_vat", "EU123456789", Value::Null),
        ("us_ein", "12-3456789", json!("US")),
        ("gb_vat", "GB123456789", json!("GB")),
    ] {
        assert_eq!(found(&api, &owner, kind, value)["country"], country, "{kind} {value}");
    }
}

#[test]
fn test_numbers_say_what_looking_them_up_finds() {
    let api = sandbox("tax-ids-verified");
    let owner = customer(&api, &[]);
    for (kind, value, status) in [
        ("eu_vat", "000000000", "verified"),
        ("eu_vat", "DE111111111", "unverified"),
        ("gb_vat", "GB000000000", "verified"),
        ("au_abn", "222222222", "pending"),
        ("eu_vat", "DE123456789", "pending"),
        ("us_ein", "000000000", "unavailable"),
    ] {
        assert_eq!(found(&api, &owner, kind, value)["verification"]["status"], status, "{kind} {value}");
    }
    let told = events(&api, &[("type", "customer.tax_id.updated")]);
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["data"]["previous_attributes"]["verification"], json!({"status": "pending"}));
}

#[test]
fn a_number_that_is_none_of_its_type_is_refused() {
    let api = sandbox("tax-ids-invalid");
    let owner = customer(&api, &[]);
    for wrong in ["123456789", "US123456789", "DE1", "DE12 34567"] {
        let sent = [("type", "eu_vat"), ("value", wrong)];
        invalid(api.post(&of(&owner), &sent), 400, Some("tax_id_invalid"), Some("value"));
    }
    assert_eq!(ids(&api.get(&of(&owner), &[]).ok()), Vec::<String>::new());
}

#[test]
fn a_tax_id_is_its_customers_alone() {
    let api = sandbox("tax-ids-owner");
    let [owner, other] = [customer(&api, &[]), customer(&api, &[])];
    let made = id(&api.post(&of(&owner), NUMBER).ok());
    missing(api.get(&format!("{}/{made}", of(&other)), &[]), 404, "tax_id", &made, "id");
    missing(api.delete(&format!("{}/{made}", of(&other))), 404, "tax_id", &made, "id");
    missing(api.post(&of("cus_none"), NUMBER), 404, "customer", "cus_none", "customer");
    missing(api.get(&of("cus_none"), &[]), 404, "customer", "cus_none", "customer");
    assert_eq!(ids(&api.get(&of(&owner), &[]).ok()), std::slice::from_ref(&made));
    assert_eq!(id(&api.get(&format!("/v1/tax_ids/{made}"), &[]).ok()), made);
}

#[test]
fn a_deleted_tax_id_is_a_stub_and_then_missing() {
    let api = sandbox("tax-ids-delete");
    let owner = customer(&api, &[]);
    let made = id(&api.post(&of(&owner), NUMBER).ok());
    let path = format!("{}/{made}", of(&owner));
    assert_eq!(api.delete(&path).ok(), json!({"id": made, "object": "tax_id", "deleted": true}));
    missing(api.get(&path, &[]), 404, "tax_id", &made, "id");
    let told = events(&api, &[]);
    assert_eq!(types(&told), ["customer.created", "customer.tax_id.created", "customer.tax_id.deleted"]);
}

#[test]
fn tax_ids_without_an_owner_are_the_accounts() {
    let api = sandbox("tax-ids-self");
    let owner = customer(&api, &[]);
    let own = api.post("/v1/tax_ids", NUMBER).ok();
    assert_eq!((&own["customer"], &own["owner"]["type"]), (&Value::Null, &json!("self")));
    let of_customer = [("owner[type]", "customer"), ("owner[customer]", owner.as_str())];
    let its = api.post("/v1/tax_ids", &with(NUMBER, &of_customer)).ok();
    assert_eq!(its["customer"], owner.as_str());
    assert_eq!(ids(&api.get("/v1/tax_ids", &[]).ok()), [id(&own)]);
    assert_eq!(ids(&api.get("/v1/tax_ids", &of_customer).ok()), [id(&its)]);
    assert_eq!(ids(&api.get(&of(&owner), &[]).ok()), [id(&its)]);
    let nobody = [("owner[type]", "customer"), ("owner[customer]", "cus_none")];
    missing(api.post("/v1/tax_ids", &with(NUMBER, &nobody)), 400, "customer", "cus_none", "owner[customer]");
    let whose = [("owner[type]", "customer")];
    invalid(api.post("/v1/tax_ids", &with(NUMBER, &whose)), 400, Some("parameter_missing"), Some("owner[customer]"));
}

#[test]
fn a_new_customer_may_come_with_tax_ids() {
    let api = sandbox("tax-ids-data");
    let data: Params<'_> = &[
        ("tax_id_data[0][type]", "eu_vat"),
        ("tax_id_data[0][value]", "DE123456789"),
        ("tax_id_data[1][type]", "us_ein"),
        ("tax_id_data[1][value]", "12-3456789"),
    ];
    let made = api.post("/v1/customers", &with(data, &[("expand[]", "tax_ids")])).ok();
    let values: Vec<&Value> = made["tax_ids"]["data"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["12-3456789", "DE123456789"]);
    let told = events(&api, &[]);
    assert_eq!(types(&told), ["customer.created", "customer.tax_id.created", "customer.tax_id.created"]);
    let wrong = [("tax_id_data[0][type]", "eu_vat"), ("tax_id_data[0][value]", "x")];
    invalid(api.post("/v1/customers", &wrong), 400, Some("tax_id_invalid"), Some("tax_id_data[0][value]"));
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), [id(&made)]);
}
