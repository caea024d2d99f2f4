//! Where a look at a person's face is asked for (connect-accounts 3.4, 4), and addresses in Japan (connect-accounts 1.2).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, rows, text};

const LIVENESS: &str = "individual.verification.proof_of_liveness";

/// What an individual tells in Canada and in Singapore, with a debit card for payouts.
const MORE: &[(&str, &str)] = &[
    ("external_account", "tok_visa_debit"),
    ("individual[relationship][title]", "Owner"),
    ("individual[id_number]", "000000000"),
    ("individual[nationality]", "SG"),
];

const DOCUMENT: (&str, &str) = ("individual[verification][document][front]", "file_identity_document_success");

#[track_caller]
fn change(api: &Client, account: &Value, params: &[(&str, &str)]) -> Value {
    api.post(&format!("/v1/accounts/{}", id(account)), params).ok()
}

#[test]
fn a_canadian_who_sent_a_document_shows_a_face_or_another_document() {
    let api = sandbox("li-ca");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, MORE, &[("country", "CA")]]);
    assert_eq!(made["requirements"]["currently_due"], json!([]));
    let sent = change(&api, &made, &[DOCUMENT]);
    let requirements = &sent["requirements"];
    for list in ["currently_due", "eventually_due", "past_due"] {
        assert_eq!(requirements[list], json!([LIVENESS]), "{list}");
    }
    assert_eq!(requirements["pending_verification"], json!(["individual.verification.document"]));
    let other = "individual.verification.additional_document";
    let pair = json!([{"alternative_fields_due": [other], "original_fields_due": [LIVENESS]}]);
    assert_eq!(requirements["alternatives"], pair);
    let flags = ["charges_enabled", "payouts_enabled", "details_submitted"].map(|flag| sent[flag].as_bool().unwrap());
    assert_eq!(flags, [true, false, true]);
    let own = &sent["individual"]["requirements"];
    assert_eq!(own["past_due"], json!(["verification.proof_of_liveness"]));
    let pair = json!([{
        "alternative_fields_due": ["verification.additional_document"],
        "original_fields_due": ["verification.proof_of_liveness"],
    }]);
    assert_eq!(own["alternatives"], pair);
    api.advance(60);
    assert_eq!(again(&api, &made)["requirements"]["past_due"], json!([LIVENESS]));

    let front = ("individual[verification][additional_document][front]", DOCUMENT.1);
    let whole = change(&api, &made, &[front]);
    assert_eq!((&whole["requirements"]["past_due"], &whole["requirements"]["alternatives"]), (&json!([]), &json!([])));
    assert_eq!(whole["payouts_enabled"], false);
    api.advance(60);
    assert_eq!(again(&api, &made)["payouts_enabled"], true);
}

#[test]
fn in_singapore_a_face_is_shown_once_all_is_told() {
    let api = sandbox("li-sg");
    let made = account(&api, &[BUSINESS, INDIVIDUAL, MORE, &[("country", "SG")]]);
    assert_eq!(made["requirements"]["currently_due"], json!(["individual.full_name_aliases"]));
    assert_eq!((&made["charges_enabled"], &made["capabilities"]["transfers"]), (&json!(false), &json!("inactive")));
    let told = change(&api, &made, &[("individual[full_name_aliases][0]", "")]);
    assert_eq!(told["individual"]["full_name_aliases"], json!([]));
    for list in ["currently_due", "past_due"] {
        assert_eq!(told["requirements"][list], json!([LIVENESS]), "{list}");
    }
    assert_eq!((&told["charges_enabled"], &told["payouts_enabled"]), (&json!(true), &json!(false)));
}

#[test]
fn who_is_known_at_once_shows_no_face() {
    let api = sandbox("li-known");
    let known = [&INDIVIDUAL[..7], &INDIVIDUAL[8..], &[("individual[dob][year]", "1902")]].concat();
    for (country, more) in [("CA", DOCUMENT), ("SG", ("individual[full_name_aliases][0]", ""))] {
        let made = account(&api, &[BUSINESS, &known, MORE, &[("country", country), more]]);
        assert_eq!(made["requirements"]["currently_due"], json!([]), "{country}");
        assert_eq!(made["payouts_enabled"], true, "{country}");
    }
}

#[test]
fn a_japanese_postal_code_says_prefecture_and_city() {
    let api = sandbox("li-jp");
    let address = [
        ("country", "JP"),
        ("individual[address_kana][postal_code]", "100-0000"),
        ("individual[address_kana][line1]", "1-1"),
        ("individual[address_kanji][postal_code]", "1500001"),
        ("individual[address_kanji][state]", "大阪府"),
    ];
    let made = account(&api, &[BUSINESS, &INDIVIDUAL[..8], &address]);
    let kana = &made["individual"]["address_kana"];
    let shown = ["postal_code", "state", "city", "line1", "country"].map(|key| text(kana, key));
    assert_eq!(shown, ["1000000", "ﾄｳｷﾖｳﾄ", "ﾁﾖﾀﾞｸ", "1-1", "JP"]);
    assert_eq!((&kana["town"], &kana["line2"]), (&Value::Null, &Value::Null));
    // What was sent stays.
    let kanji = &made["individual"]["address_kanji"];
    assert_eq!(["postal_code", "state", "city"].map(|key| text(kanji, key)), ["１５００００１", "大阪府", "渋谷区"]);
    assert_eq!(made["company"]["address_kana"]["city"], kana["city"]);
    let person = api.get(&format!("/v1/accounts/{}/persons", id(&made)), &[]).ok();
    assert_eq!(rows(&person)[0]["address_kana"], *kana);

    let elsewhere = change(&api, &made, &[("individual[address_kana][postal_code]", "9999999")]);
    assert_eq!(text(&elsewhere["individual"]["address_kana"], "postal_code"), "9999999");
    let company = [
        ("type", "custom"),
        ("country", "JP"),
        ("business_type", "company"),
        ("company[address_kanji][postal_code]", "1050011"),
    ];
    assert_eq!(text(&account(&api, &[&company])["company"]["address_kanji"], "city"), "港区");
}
