//! The names of payment methods, as pages print them (stripe-js 2.1).
//!
//! May use: nothing of the program. Invariant: a type without a name of its own is printed in words.

const NAMES: &[(&str, &str)] = &[
    ("acss_debit", "Pre-authorized debit"),
    ("affirm", "Affirm"),
    ("afterpay_clearpay", "Afterpay / Clearpay"),
    ("alipay", "Alipay"),
    ("alma", "Alma"),
    ("amazon_pay", "Amazon Pay"),
    ("au_becs_debit", "BECS Direct Debit"),
    ("bacs_debit", "Bacs Direct Debit"),
    ("bancontact", "Bancontact"),
    ("billie", "Billie"),
    ("blik", "BLIK"),
    ("boleto", "Boleto"),
    ("card", "Card"),
    ("cashapp", "Cash App Pay"),
    ("customer_balance", "Bank transfer"),
    ("eps", "EPS"),
    ("fpx", "FPX"),
    ("giropay", "giropay"),
    ("grabpay", "GrabPay"),
    ("ideal", "iDEAL"),
    ("kakao_pay", "Kakao Pay"),
    ("klarna", "Klarna"),
    ("konbini", "Konbini"),
    ("kr_card", "Korean cards"),
    ("link", "Link"),
    ("mb_way", "MB WAY"),
    ("mobilepay", "MobilePay"),
    ("multibanco", "Multibanco"),
    ("naver_pay", "Naver Pay"),
    ("nz_bank_account", "BECS Direct Debit"),
    ("oxxo", "OXXO"),
    ("p24", "Przelewy24"),
    ("pay_by_bank", "Pay by Bank"),
    ("payco", "PAYCO"),
    ("paynow", "PayNow"),
    ("paypal", "PayPal"),
    ("pix", "Pix"),
    ("promptpay", "PromptPay"),
    ("revolut_pay", "Revolut Pay"),
    ("samsung_pay", "Samsung Pay"),
    ("satispay", "Satispay"),
    ("sepa_debit", "SEPA Direct Debit"),
    ("sofort", "Sofort"),
    ("swish", "Swish"),
    ("twint", "TWINT"),
    ("us_bank_account", "ACH Direct Debit"),
    ("vipps", "Vipps"),
    ("wechat_pay", "WeChat Pay"),
    ("zip", "Zip"),
];

/// The name of a type, such as `iDEAL` for `ideal`.
pub(crate) fn name(kind: &str) -> String {
    NAMES
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or_else(|| kind.replace('_', " "), |(_, name)| (*name).to_owned())
}
