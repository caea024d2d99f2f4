//! Every member of an account with its default (connect-accounts 2).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::sandbox;
use crate::support::flows::{id, text};

#[test]
fn a_custom_account_has_settings_and_controls_of_its_own() {
    let api = sandbox("sh-custom");
    let made = account(&api, &[BUSINESS]);
    let settings = &made["settings"];
    assert_eq!(settings["bacs_debit_payments"], json!({"display_name": null, "service_user_number": null}));
    assert_eq!((&settings["capital"], &settings["sepa_debit_payments"]), (&json!({}), &json!({})));
    assert_eq!(settings["card_issuing"], json!({"tos_acceptance": {"date": null, "ip": null}}));
    assert_eq!(settings["card_payments"]["decline_on"], json!({"avs_failure": false, "cvc_failure": false}));
    assert_eq!(settings["invoices"], json!({"default_account_tax_ids": null, "hosted_payment_method_save": "offer"}));
    let descriptor = json!({"statement_descriptor": "SHOP.EXAMPLE.COM", "statement_descriptor_kana": null, "statement_descriptor_kanji": null});
    assert_eq!(settings["payments"], descriptor);
    assert_eq!(settings["card_payments"]["statement_descriptor_prefix"], "SHOP.EXAMP");
    assert_eq!(settings["dashboard"], json!({"display_name": "shop.example", "timezone": "Etc/UTC"}));
    let schedule = json!({"delay_days": 2, "interval": "daily"});
    assert_eq!(
        settings["payouts"],
        json!({"debit_negative_balances": false, "schedule": schedule, "statement_descriptor": null})
    );
    let paused = json!({"pause_requested": false});
    assert_eq!(made["risk_controls"], json!({"charges": paused, "payouts": paused}));
    let profile = &made["business_profile"];
    for key in ["annual_revenue", "estimated_worker_count", "product_description", "name"] {
        assert_eq!(profile.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!(text(profile, "mcc"), "5192");
    assert!(made.get("company").is_none() && made.get("individual").is_none());
    assert_eq!((&made["email"], &made["external_accounts"]["total_count"]), (&Value::Null, &json!(0)));
}

#[test]
fn a_standard_account_has_fewer_members_and_is_paid_out_by_its_country() {
    let api = sandbox("sh-standard");
    for (country, days) in [("AU", 2), ("SG", 7)] {
        let made = account(&api, &[&[("type", "standard"), ("country", country)]]);
        assert!(made.get("risk_controls").is_none() && made["settings"].get("capital").is_none());
        assert_eq!(made["settings"]["payouts"]["schedule"]["delay_days"], days, "{country}");
        assert_eq!(made["settings"]["payouts"]["debit_negative_balances"], true);
        assert_eq!(made["business_profile"]["mcc"], Value::Null);
        assert_eq!(made["settings"]["dashboard"]["display_name"], Value::Null);
    }
    let charity = account(&api, &[&[("type", "standard"), ("country", "AU"), ("business_type", "non_profit")]]);
    assert_eq!(
        (&charity["company"]["address"]["country"], &charity["company"]["owners_provided"]),
        (&json!("AU"), &json!(false))
    );
    let plain = account(&api, &[&[("type", "standard"), ("business_type", "company")]]);
    assert!(plain.get("company").is_none());
}

#[test]
fn a_company_shows_what_it_is_called_and_what_was_provided() {
    let api = sandbox("sh-company");
    let firm = [
        ("business_type", "company"),
        ("company[name]", "Firm"),
        ("company[phone]", "0000000000"),
        ("company[tax_id]", "000000000"),
    ];
    let made = account(&api, &[BUSINESS, &firm]);
    let company = &made["company"];
    assert_eq!((text(company, "name"), text(company, "phone")), ("Firm", "0000000000"));
    assert_eq!((&company["tax_id_provided"], &company["owners_provided"]), (&json!(true), &json!(false)));
    assert_eq!(
        company["verification"]["document"],
        json!({"back": null, "details": null, "details_code": null, "front": null})
    );
    assert_eq!(text(&made["business_profile"], "name"), "Firm");
}

#[test]
fn a_name_gives_the_texts_of_statements_and_one_that_was_sent_stays() {
    let api = sandbox("sh-texts");
    let named = account(&api, &[BUSINESS, &[("business_profile[name]", "The Very Long Bookshop of Ada")]]);
    let settings = &named["settings"];
    assert_eq!(text(&settings["payments"], "statement_descriptor"), "THE VERY LONG BOOKSHOP");
    assert_eq!(text(&settings["card_payments"], "statement_descriptor_prefix"), "THE VERY L");
    assert_eq!(text(&settings["dashboard"], "display_name"), "The Very Long Bookshop of Ada");
    let sent = account(&api, &[BUSINESS, &[("settings[payments][statement_descriptor]", "ADA")]]);
    assert_eq!(text(&sent["settings"]["payments"], "statement_descriptor"), "ADA");
}

#[test]
fn payouts_by_hand_take_a_day_and_the_full_agreement_is_not_shown() {
    let api = sandbox("sh-payouts");
    let sent = [
        ("settings[payouts][schedule][interval]", "manual"),
        ("settings[payouts][debit_negative_balances]", "true"),
        ("tos_acceptance[service_agreement]", "full"),
    ];
    let made = account(&api, &[BUSINESS, &sent]);
    let payouts = &made["settings"]["payouts"];
    assert_eq!(payouts["schedule"], json!({"delay_days": 1, "interval": "manual"}));
    assert_eq!(
        (&payouts["debit_negative_balances"], made["tos_acceptance"].get("service_agreement")),
        (&json!(true), None)
    );
}

#[test]
fn documents_of_an_account_are_checked() {
    let api = sandbox("sh-documents");
    let made = account(&api, &[BUSINESS, INDIVIDUAL]);
    let sent = [("documents[company_license][files][0]", "file_identity_document_success")];
    let told = api.post(&format!("/v1/accounts/{}", id(&made)), &sent).ok();
    let pending = &told["requirements"]["pending_verification"];
    assert_eq!(pending, &json!(["documents.company_license.files"]));
    api.advance(20);
    assert_eq!(again(&api, &made)["requirements"]["pending_verification"], json!([]));
}
