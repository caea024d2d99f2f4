//! Rails: the ways to pay with each type of payment method other than cards (core-payments 4.2, intents-and-checkout
//! 1.7).
//!
//! May use nothing. Invariant: it is a table; every type that can be created and is no card has a row.

use self::Action::{
    Alipay, Blik, Boleto, CashApp, Debit, Konbini, Multibanco, Nothing, Oxxo, PayNow, Pix, PromptPay, Redirect, Swish,
    Transfer, Upi, WeChatPay,
};

/// What the customer does to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing; the account was authorized before.
    Nothing,
    /// Nothing but a mandate: the bank account is debited.
    Debit,
    /// Agrees on another page and returns.
    Redirect,
    /// As [`Redirect`](Self::Redirect), in Alipay's own form.
    Alipay,
    /// Scans a code, or is sent to Cash App.
    CashApp,
    /// Scans a code with WeChat Pay.
    WeChatPay,
    /// Scans a code with the bank's app in Singapore.
    PayNow,
    /// Scans a code with the bank's app in Thailand.
    PromptPay,
    /// Scans or copies a code in Brazil.
    Pix,
    /// Scans a code with Swish.
    Swish,
    /// Scans a code with an app in India.
    Upi,
    /// Approves in the bank's app, after a code was sent.
    Blik,
    /// Pays a voucher in Brazil.
    Boleto,
    /// Pays a voucher in a shop in Mexico.
    Oxxo,
    /// Pays a voucher in a shop in Japan.
    Konbini,
    /// Pays a reference at a cash machine in Portugal.
    Multibanco,
    /// Sends the money to the bank account of the customer's cash balance.
    Transfer,
}

/// How a type is paid.
#[derive(Clone, Copy, Debug)]
pub struct Rail {
    /// The payment method's `type`.
    pub kind: &'static str,
    /// What the customer does.
    pub action: Action,
    /// The supported currencies; all if empty.
    pub currencies: &'static [&'static str],
    /// Whether the money arrives later than the customer's action.
    pub settles_later: bool,
    /// Whether the money can be held for a later capture.
    pub holds: bool,
    /// Whether a charge needs the customer's mandate.
    pub needs_mandate: bool,
    /// The key in `destination_details` for a refund to a bank account, if the money cannot be returned the way it
    /// came: the customer names the account in answer to an e-mail.
    pub refunds_to: Option<&'static str>,
}

const fn rail(kind: &'static str, action: Action, currencies: &'static [&'static str]) -> Rail {
    Rail { kind, action, currencies, settles_later: false, holds: false, needs_mandate: false, refunds_to: None }
}

const fn debit(kind: &'static str, currencies: &'static [&'static str]) -> Rail {
    Rail { settles_later: true, needs_mandate: true, ..rail(kind, Debit, currencies) }
}

impl Rail {
    /// Whether it supports a currency (three letters, lower case).
    pub fn takes(&self, currency: &str) -> bool {
        self.currencies.is_empty() || self.currencies.contains(&currency)
    }

    const fn holds(self) -> Self {
        Rail { holds: true, ..self }
    }

    const fn later(self) -> Self {
        Rail { settles_later: true, ..self }
    }

    const fn refunds_to(self, destination: &'static str) -> Self {
        Rail { refunds_to: Some(destination), ..self }
    }
}

const EUR: &[&str] = &["eur"];
const KRW: &[&str] = &["krw"];
const USD: &[&str] = &["usd"];
const ANY: &[&str] = &[];

#[rustfmt::skip]
static RAILS: &[Rail] = &[
    debit("acss_debit", &["cad", "usd"]),
    debit("au_becs_debit", &["aud"]),
    debit("bacs_debit", &["gbp"]),
    debit("nz_bank_account", &["nzd"]),
    debit("sepa_debit", EUR),
    debit("us_bank_account", USD),
    // The legacy name, for charges of bank accounts and sources.
    debit("ach_debit", USD),

    rail("affirm", Redirect, &["cad", "usd"]).holds(),
    rail("afterpay_clearpay", Redirect, &["aud", "cad", "eur", "gbp", "nzd", "usd"]).holds(),
    rail("alipay", Alipay, ANY),
    rail("alma", Redirect, EUR).holds(),
    rail("amazon_pay", Redirect, ANY).holds(),
    rail("bancontact", Redirect, EUR),
    rail("billie", Redirect, ANY).holds(),
    rail("bizum", Redirect, EUR),
    rail("blik", Blik, &["pln"]),
    rail("boleto", Boleto, &["brl"]).refunds_to("br_bank_transfer"),
    rail("cashapp", CashApp, USD).holds(),
    rail("crypto", Redirect, USD),
    rail("customer_balance", Transfer, &["eur", "gbp", "jpy", "mxn", "usd"]),
    rail("eps", Redirect, EUR),
    rail("fpx", Redirect, &["myr"]),
    rail("giropay", Redirect, EUR),
    rail("grabpay", Redirect, &["myr", "sgd"]),
    rail("ideal", Redirect, EUR),
    rail("kakao_pay", Redirect, KRW).holds(),
    rail("klarna", Redirect, ANY).holds(),
    rail("konbini", Konbini, &["jpy"]).refunds_to("jp_bank_transfer"),
    rail("kr_card", Redirect, KRW).holds(),
    rail("link", Nothing, ANY).holds(),
    rail("mb_way", Redirect, EUR),
    rail("mobilepay", Redirect, &["dkk", "eur", "nok", "sek"]).holds(),
    rail("multibanco", Multibanco, EUR).refunds_to("multibanco"),
    rail("naver_pay", Redirect, KRW).holds(),
    rail("oxxo", Oxxo, &["mxn"]),
    rail("p24", Redirect, &["eur", "pln"]),
    rail("pay_by_bank", Redirect, &["eur", "gbp"]),
    rail("payco", Redirect, KRW).holds(),
    rail("paynow", PayNow, &["sgd"]),
    rail("paypal", Redirect, ANY).holds(),
    rail("paypay", Redirect, &["jpy"]),
    Rail { needs_mandate: true, ..rail("payto", Redirect, &["aud"]) },
    rail("pix", Pix, &["brl"]),
    rail("promptpay", PromptPay, &["thb"]).refunds_to("th_bank_transfer"),
    rail("revolut_pay", Redirect, &["eur", "gbp", "ron", "huf", "pln", "dkk"]).holds(),
    rail("samsung_pay", Redirect, KRW).holds(),
    rail("satispay", Redirect, EUR).holds(),
    rail("scalapay", Redirect, EUR).holds(),
    rail("sequra", Redirect, EUR).holds(),
    rail("sofort", Redirect, EUR).later(),
    rail("sunbit", Redirect, USD),
    rail("swish", Swish, &["sek"]),
    rail("twint", Redirect, &["chf"]),
    rail("upi", Upi, &["inr"]),
    rail("wechat_pay", WeChatPay, ANY),
    rail("zip", Redirect, &["aud", "cad", "nzd", "usd"]),
];

/// The row of a type; `None` for cards and for types that cannot pay here.
pub fn of(kind: &str) -> Option<&'static Rail> {
    RAILS.iter().find(|rail| rail.kind == kind)
}

/// Whether the money of a charge of this type arrives later.
pub fn settles_later(kind: &str) -> bool {
    of(kind).is_some_and(|rail| rail.settles_later)
}

/// Whether the customer is sent to another page to pay.
pub fn redirects(kind: &str) -> bool {
    of(kind).is_some_and(|rail| matches!(rail.action, Redirect | Alipay))
}
