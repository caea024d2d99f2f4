//! Every type of payment method on the page of a session: it can be finished, and where the customer is asked it can be failed
//! (stripe-js 2.1, intents-and-checkout 3.2).

use serde_json::Value;

use super::{PAYMENT, browse, create, read};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, text, with};

/// The types with a currency of theirs, and whether the customer is asked on another page.
const TYPES: [(&str, &str, bool); 51] = [
    ("acss_debit", "cad", false),
    ("affirm", "usd", true),
    ("afterpay_clearpay", "usd", true),
    ("alipay", "usd", true),
    ("alma", "eur", true),
    ("amazon_pay", "usd", true),
    ("au_becs_debit", "aud", false),
    ("bacs_debit", "gbp", false),
    ("bancontact", "eur", true),
    ("billie", "eur", true),
    ("bizum", "eur", true),
    ("blik", "pln", false),
    ("boleto", "brl", false),
    ("cashapp", "usd", true),
    ("crypto", "usd", true),
    ("eps", "eur", true),
    ("fpx", "myr", true),
    ("giropay", "eur", true),
    ("grabpay", "sgd", true),
    ("ideal", "eur", true),
    ("kakao_pay", "krw", true),
    ("klarna", "usd", true),
    ("konbini", "jpy", false),
    ("kr_card", "krw", true),
    ("mb_way", "eur", true),
    ("mobilepay", "dkk", true),
    ("multibanco", "eur", false),
    ("naver_pay", "krw", true),
    ("nz_bank_account", "nzd", false),
    ("oxxo", "mxn", false),
    ("p24", "eur", true),
    ("pay_by_bank", "gbp", true),
    ("payco", "krw", true),
    ("paynow", "sgd", true),
    ("paypal", "usd", true),
    ("payto", "aud", true),
    ("pix", "brl", true),
    ("promptpay", "thb", true),
    ("revolut_pay", "eur", true),
    ("samsung_pay", "krw", true),
    ("satispay", "eur", true),
    ("scalapay", "eur", true),
    ("sepa_debit", "eur", false),
    ("sofort", "eur", true),
    ("sunbit", "usd", true),
    ("swish", "sek", true),
    ("twint", "chf", true),
    ("upi", "inr", true),
    ("us_bank_account", "usd", false),
    ("wechat_pay", "usd", true),
    ("zip", "usd", true),
];

#[track_caller]
fn session_of(api: &Client, kind: &str, currency: &str) -> Value {
    let line = [
        ("line_items[0][price_data][currency]", currency),
        ("line_items[0][price_data][unit_amount]", "500000"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "1"),
        ("payment_method_types[0]", kind),
    ];
    create(api, &with(PAYMENT, &line)).ok()
}

/// Sends the form with what the page has chosen for the type.
fn press(api: &Client, made: &Value, kind: &str) -> Answer {
    let page = browse(api, "GET", text(made, "url"), None).text;
    assert!(page.contains(&format!("data-testid=\"{kind}-accordion-item-button\"")), "{kind}: {page}");
    let account = page.split(&format!("name=\"testAccount[{kind}]\"")).nth(1);
    let account =
        account.and_then(|rest| rest.split("<option value=\"").nth(1)).map(|rest| rest.split('"').next().unwrap());
    let account = account.map(|account| format!("&testAccount%5B{kind}%5D={account}")).unwrap_or_default();
    let said: Vec<String> = page
        .split(&format!("name=\"{kind}["))
        .skip(1)
        .map(|rest| {
            let (key, rest) = rest.split_once(']').unwrap();
            let value = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
            format!("&{kind}%5B{key}%5D={value}")
        })
        .collect();
    let form = format!("email=jo%40example.com&payment_method={kind}{account}{}", said.concat());
    browse(api, "POST", text(made, "url"), Some(&form))
}

/// Follows a link of the bank's page, and comes back to the session.
fn decide(api: &Client, bank: &str, name: &str) -> Answer {
    let page = browse(api, "GET", bank, None).text;
    let link = page.split(&format!("name=\"{name}\" href=\"")).nth(1).unwrap_or_else(|| panic!("no {name}: {page}"));
    let query = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    browse(api, "GET", &format!("{}{query}", bank.split('?').next().unwrap()), None)
}

#[test]
fn every_type_can_be_finished() {
    let api = sandbox("cs-every-type");
    for (kind, currency, is_asked) in TYPES {
        let made = session_of(&api, kind, currency);
        let answer = press(&api, &made, kind);
        assert_eq!(answer.status, 303, "{kind}: {}", answer.text);
        let onward = answer.header("location").unwrap();
        if is_asked {
            let back = decide(&api, onward, "success");
            let back = back.header("location").unwrap_or_else(|| panic!("{kind}: {}", back.text)).to_owned();
            assert!(back.contains(&format!("/c/pay/{}/return", id(&made))), "{kind}: {back}");
        } else {
            assert!(onward.starts_with("https://shop.example/"), "{kind}: {onward}");
        }
        assert_eq!(text(&read(&api, &made), "status"), "complete", "{kind}");
    }
}

#[test]
fn every_type_that_asks_the_customer_can_be_failed() {
    let api = sandbox("cs-every-failure");
    for (kind, currency, _) in TYPES.into_iter().filter(|(.., is_asked)| *is_asked) {
        let made = session_of(&api, kind, currency);
        let bank = press(&api, &made, kind);
        let bank = bank.header("location").unwrap_or_else(|| panic!("{kind}: {}", bank.text)).to_owned();
        let back = decide(&api, &bank, "failure");
        assert!(back.header("location").is_some(), "{kind}: {}", back.text);
        assert_eq!(text(&read(&api, &made), "status"), "open", "{kind}");
        let page = browse(&api, "GET", text(&made, "url"), None).text;
        assert!(page.contains("ConfirmPaymentButton-Error"), "{kind}: {page}");
    }
}
