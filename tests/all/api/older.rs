//! What older versions show of objects that exist (shapes 6): rendered, or named in a header.

use std::fs;

use pinstripe::contract;
use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, pay, text, the_charge, the_customer};

/// Words of the table that are no members: names of newer members and of operations.
const NO_MEMBERS: &[&str] = &["include", "line_items", "plan_", "upcoming"];

/// The members and parameters that the rows of `shapes 6` name in backticks, with these rows.
fn named() -> Vec<(String, String)> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/shapes.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| 6."));
    let mut named = Vec::new();
    for row in rows {
        // The last column; a sentence of an error is in double backticks.
        let column = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let column = column.split("``").step_by(2).collect::<String>();
        for quoted in column.split('`').skip(1).step_by(2).filter(|quoted| !quoted.contains("/v1/")) {
            for word in quoted.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let is_member = word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_member && !NO_MEMBERS.contains(&word) {
                    named.push((row[2..6].to_owned(), word.to_owned()));
                }
            }
        }
    }
    named
}

#[test]
fn every_difference_of_an_older_version_is_declared() {
    let _ = sandbox("older-declared");
    let mut declared = String::new();
    for entry in contract::all_entries() {
        entry.changes.iter().for_each(|change| declared.push_str(&format!("{}\n", change.what)));
        entry.older.iter().for_each(|older| {
            declared.push_str(&format!("{} {}\n", older.name, older.newer.name().unwrap_or_default()));
        });
    }
    let known: Vec<&str> = declared.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let named = named();
    assert!(named.len() > 60, "only {} members are named", named.len());
    let missing: Vec<_> = named.iter().filter(|(_, member)| !known.contains(&member.as_str())).collect();
    assert!(missing.iter().all(|(_, member)| NOT_DECLARED.contains(&member.as_str())), "{missing:?}");
    for member in NOT_DECLARED {
        assert!(missing.iter().any(|(_, missing)| missing == member), "{member} is declared");
    }
}

/// What the table names and no kind declares: what every version shows (`quantity`, the items' `current_period_…`), and the
/// parameter `include[]=total_count`, which every list takes.
const NOT_DECLARED: &[&str] = &["current_period_", "quantity", "total_count"];

/// The same just before a version and in it.
fn around(api: &Client, before: &str, since: &str, path: &str) -> (Value, Value) {
    (api.version(before).get(path, &[]).ok(), api.version(since).get(path, &[]).ok())
}

#[test]
fn a_customer_had_a_default_currency_tax_info_and_a_vat_id() {
    let api = sandbox("older-customer");
    let path = format!("/v1/customers/{}", customer(&api, &[]));
    for (before, since, members) in [
        ("2020-08-27", "2022-08-01", &["default_currency"][..]),
        ("2019-11-05", "2019-12-03", &["tax_info", "tax_info_verification"]),
        ("2018-07-27", "2018-08-23", &["business_vat_id"]),
    ] {
        let (old, new) = around(&api, before, since, &path);
        for member in members {
            assert_eq!((old.get(member), new.get(member)), (Some(&Value::Null), None), "{member}");
        }
    }
    let paying = customer(&api, &[("balance", "-100"), ("source", "tok_visa")]);
    let made = the_customer(&api.version("2020-08-27"), &paying);
    assert_eq!(made["default_currency"], made["currency"]);
}

#[test]
fn tiers_were_shown_with_prices_and_plans() {
    let api = sandbox("older-tiers");
    let tiers = [
        ("currency", "usd"),
        ("product_data[name]", "Calls"),
        ("recurring[interval]", "month"),
        ("billing_scheme", "tiered"),
        ("tiers_mode", "graduated"),
        ("tiers[0][up_to]", "inf"),
        ("tiers[0][unit_amount]", "5"),
    ];
    let price = id(&api.post("/v1/prices", &tiers).ok());
    for kind in ["prices", "plans"] {
        let (old, new) = around(&api, "2020-03-02", "2020-08-27", &format!("/v1/{kind}/{price}"));
        assert_eq!((&old["tiers"][0]["unit_amount"], new.get("tiers")), (&json!(5), None), "{kind}");
    }
    let flat = [("currency", "usd"), ("product[name]", "Mug"), ("interval", "month"), ("amount", "5")];
    let plan = id(&api.post("/v1/plans", &flat).ok());
    let (old, new) = around(&api, "2020-03-02", "2020-08-27", &format!("/v1/plans/{plan}"));
    assert_eq!((old.get("tiers"), new.get("tiers")), (Some(&Value::Null), None));
    let (old, new) = around(&api, "2018-01-23", "2018-02-05", &format!("/v1/plans/{plan}"));
    assert_eq!((&old["name"], &old["statement_descriptor"], new.get("name")), (&json!("Mug"), &json!(null), None));
}

#[test]
fn an_authentication_had_two_flags() {
    let api = sandbox("older-3ds");
    let card_only = ("payment_method_types[]", "card");
    let waiting = pay(&api, "pm_card_threeDSecure2Required", &[card_only, ("return_url", "https://shop.example")]).ok();
    let page = text(&waiting["next_action"]["redirect_to_url"], "url").to_owned();
    crate::support::decisions::decide(&api, &page, "succeeded").ok();
    let paid = crate::support::flows::the_intent(&api, &id(&waiting));
    let charge = text(&paid, "latest_charge");
    let old =
        the_charge(&api.version("2020-03-02"), charge)["payment_method_details"]["card"]["three_d_secure"].clone();
    assert_eq!((&old["authenticated"], &old["succeeded"]), (&json!(true), &json!(true)));
    let new = the_charge(&api, charge)["payment_method_details"]["card"]["three_d_secure"].clone();
    assert!(new.get("authenticated").is_none() && new.get("succeeded").is_none(), "{new}");
}

#[test]
fn a_coupon_had_whole_percents_and_a_product_units() {
    let api = sandbox("older-catalog");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "12.5"), ("duration", "once")]).ok());
    let (old, new) = around(&api, "2018-05-21", "2018-07-27", &format!("/v1/coupons/{coupon}"));
    assert_eq!((&old["percent_off"], &new["percent_off"]), (&json!(12), &json!(12.5)));
    let product = id(&api.post("/v1/products", &[("name", "Mug")]).ok());
    let (old, new) = around(&api, "2018-02-28", "2018-05-21", &format!("/v1/products/{product}"));
    assert_eq!((&old["skus"]["data"], new.get("skus")), (&json!([]), None));
}

#[test]
fn a_file_was_an_upload_and_an_account_managed() {
    let api = sandbox("older-others");
    let body = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbusiness_icon\r\n--b\r\nContent-Disposition: \
                form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\r\n--b--\r\n";
    let file = api.send("POST", "/v1/files", Some(("multipart/form-data; boundary=b", body.as_bytes()))).ok();
    let (old, new) = around(&api, "2018-09-06", "2018-09-24", &format!("/v1/files/{}", id(&file)));
    assert_eq!((text(&old, "object"), text(&new, "object")), ("file_upload", "file"));
    for (kind, managed) in [("custom", true), ("standard", false)] {
        let params: &[(&str, &str)] = match managed {
            true => &[("type", kind), ("capabilities[transfers][requested]", "true")],
            false => &[("type", kind)],
        };
        let account = id(&api.post("/v1/accounts", params).ok());
        let (old, new) = around(&api, "2017-04-06", "2017-05-25", &format!("/v1/accounts/{account}"));
        assert_eq!((&old["managed"], new.get("managed")), (&json!(managed), None), "{kind}");
    }
}

#[test]
fn a_list_counts_its_rows_when_it_is_asked_to() {
    let api = sandbox("older-total");
    for number in 0..5 {
        api.post("/v1/customers", &[("email", if number < 3 { "a@b.example" } else { "c@d.example" })]).ok();
    }
    let total = |path: &str, params: &[(&str, &str)]| {
        let mut asked = params.to_vec();
        asked.extend([("include[]", "total_count"), ("limit", "2")]);
        assert!(api.get(path, params).ok().get("total_count").is_none(), "{path}");
        api.get(path, &asked).ok()["total_count"].clone()
    };
    assert_eq!(total("/v1/customers", &[]), 5);
    assert_eq!(total("/v1/customers", &[("email", "a@b.example")]), 3);
    let second = text(&api.get("/v1/customers", &[]).ok()["data"][1], "id").to_owned();
    assert_eq!(total("/v1/customers", &[("starting_after", &second)]), 5, "whatever the page is");
    assert_eq!(total("/v1/customers", &[("created[lt]", "1000")]), 0);
    assert_eq!(total("/v1/events", &[("type", "customer.created")]), 5);
    assert_eq!(total("/v1/coupons", &[]), 0);
    let own = api.post(&format!("/v1/customers/{second}/sources"), &[("source", "tok_visa")]).ok();
    assert_eq!(text(&own, "object"), "card");
    assert_eq!(total(&format!("/v1/customers/{second}/sources"), &[]), 1);
    let unknown = api.get("/v1/customers", &[("include[]", "sum")]);
    assert_eq!((unknown.status, text(&unknown.body["error"], "code")), (400, "parameter_unknown"));
}
