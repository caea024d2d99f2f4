//! The values that are tried for a parameter, and what has to be sent beside it.

use pinstripe::catalogue::Type;

/// A key of a map.
pub(super) const KEY: &str = "eur";

/// Parameters of which a call has one.
pub(super) const ALTERNATIVES: &[&[&str]] = &[
    &["source", "card", "bank_account", "alipay_account", "external_account"],
    &["payment_method", "payment_method_data", "confirmation_token"],
    &["account", "bank_account", "card", "cvc_update", "person", "pii"],
    &["price", "price_data"],
    &["product", "product_data"],
    &["shipping_rate", "shipping_rate_data"],
    &["amount", "amount_decimal", "unit_amount", "unit_amount_decimal", "custom_unit_amount", "tiers"],
    &["flat_amount", "flat_amount_decimal"],
    &["percent_off", "amount_off"],
    &["automatic_payment_methods", "payment_method_types", "allowed_payment_method_types"],
    &["amounts", "descriptor_code"],
    &["payment_intent_data", "setup_intent_data", "subscription_data"],
    &["destination", "transfer_data"],
    &["starting_after", "ending_before"],
];

/// The operation, the path, the pairs.
type Context = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What else has to be sent for a parameter: the operation's name or its beginning, the path or its beginning, the pairs; an
/// empty value takes a parameter out.
const CONTEXTS: &[Context] = &[
    (
        "payment_pages.",
        "shipping.",
        &[
            ("shipping[name]", "Jo"),
            ("shipping[address][country]", "US"),
            ("shipping[address][line1]", "1 Tea Street"),
            ("shipping[address][city]", "San Francisco"),
            ("shipping[address][state]", "CA"),
            ("shipping[address][postal_code]", "94107"),
        ],
    ),
    (
        "payment_pages.update",
        "tax_id_collection",
        &[("tax_id_collection[tax_id][type]", "eu_vat"), ("tax_id_collection[tax_id][value]", "DE123456789")],
    ),
    (
        "v2.core.accounts.update",
        "configuration.merchant.support.address",
        &[("configuration[merchant][support][address][country]", "us")],
    ),
    (
        "v2.core.accounts.update",
        "identity.business_details.address",
        &[("identity[business_details][address][country]", "us")],
    ),
    (
        "v2.core.accounts.update",
        "identity.business_details.script_addresses.kana",
        &[("identity[business_details][script_addresses][kana][country]", "jp")],
    ),
    (
        "v2.core.accounts.update",
        "identity.business_details.script_addresses.kanji",
        &[("identity[business_details][script_addresses][kanji][country]", "jp")],
    ),
    (
        "v2.core.accounts.update",
        "identity.individual.script_addresses.kana",
        &[("identity[individual][script_addresses][kana][country]", "jp")],
    ),
    (
        "v2.core.accounts.update",
        "identity.individual.script_addresses.kanji",
        &[("identity[individual][script_addresses][kanji][country]", "jp")],
    ),
    ("prices.", "currency_options", &[("expand[0]", "currency_options")]),
    ("prices.create", "tiers", TIERS),
    ("prices.create", "tiers.*.flat", &[("tiers[0][up_to]", "inf")]),
    ("prices.create", "tiers.*.unit", &[("tiers[0][up_to]", "inf")]),
    ("prices.create", "custom_unit_amount", &[("custom_unit_amount[enabled]", "true")]),
    ("plans.create", "tiers", TIERS),
    ("plans.create", "tiers.*.flat", &[("tiers[0][up_to]", "inf")]),
    ("plans.create", "tiers.*.unit", &[("tiers[0][up_to]", "inf")]),
    ("prices.create", "currency_options.*.tiers", &[("currency_options[eur][tiers][0][up_to]", "inf")]),
    ("prices.create", "currency_options.*.tiers", &[("currency_options[eur][tiers][0][unit_amount]", "7")]),
    ("prices.create", "tiers.*.up_to", &[("tiers[0][unit_amount]", "7")]),
    ("plans.create", "tiers.*.up_to", &[("tiers[0][unit_amount]", "7")]),
    ("coupons.", "currency_options", &[("expand[0]", "currency_options")]),
    ("coupons.create", "currency_options", &[("amount_off", "100"), ("currency", "usd"), ("percent_off", "")]),
    ("customers.", "tax_id_data", &[("expand[0]", "tax_ids")]),
    ("customers.", "tax.ip_address", &[("expand[0]", "tax")]),
    ("customers.", "tax.validate_location", &[("tax[ip_address]", "10.0.0.1")]),
    ("charges.refund", "", &[("expand[0]", "refunds")]),
    ("checkout.sessions.", "line_items", &[("expand[0]", "line_items"), ("line_items[0][quantity]", "2")]),
    ("checkout.sessions.create", "line_items", &[("mode", "payment"), ("ui_mode", "")]),
    ("checkout.sessions.create", "line_items", &[("line_items[0][price]", "{price}")]),
    ("checkout.sessions.update", "line_items", &[("line_items[0][price]", "{price}")]),
    ("checkout.sessions.create", "optional_items", &[("optional_items[0][quantity]", "1")]),
    ("checkout.sessions.create", "optional_items", &[("optional_items[0][price]", "{price}")]),
    (
        "payment_links.",
        "optional_items",
        &[("optional_items[0][quantity]", "1"), ("optional_items[0][price]", "{price}")],
    ),
    ("checkout.sessions.create", "custom_fields", &[("custom_fields[0][dropdown][options][0][label]", "Blue")]),
    ("checkout.sessions.create", "custom_fields", &[("custom_fields[0][dropdown][options][0][value]", "blue")]),
    ("checkout.sessions.create", "customer_update", &[("customer", "{customer}")]),
    ("checkout.sessions.create", "subscription_data", MONTHLY),
    ("sources.create", "ach_credit_transfer", &[("type", "ach_credit_transfer"), ("currency", "usd")]),
    ("sources.create", "ach_debit", &[("type", "ach_debit"), ("currency", "usd"), ("usage", ""), ("token", "")]),
    ("sources.create", "acss_debit", &[("type", "acss_debit"), ("currency", "cad"), ("usage", ""), ("token", "")]),
    ("sources.create", "alipay", &[("type", "alipay"), ("currency", "usd")]),
    (
        "sources.create",
        "au_becs_debit",
        &[("type", "au_becs_debit"), ("currency", "aud"), ("usage", ""), ("token", "")],
    ),
    ("sources.create", "bancontact", &[("type", "bancontact"), ("currency", "eur")]),
    (
        "sources.create",
        "ach_debit",
        &[
            ("ach_debit[account_number]", "000123456789"),
            ("ach_debit[routing_number]", "110000000"),
            ("ach_debit[account_holder_name]", "Ada"),
            ("ach_debit[account_holder_type]", "individual"),
            ("ach_debit[country]", "US"),
        ],
    ),
    ("sources.create", "sepa_debit", &[("owner[name]", "Ada")]),
    (
        "sources.create",
        "acss_debit",
        &[
            ("acss_debit[account_number]", "000123456789"),
            ("acss_debit[institution_number]", "000"),
            ("acss_debit[transit_number]", "11000"),
        ],
    ),
    (
        "sources.create",
        "au_becs_debit",
        &[("au_becs_debit[account_number]", "000123456"), ("au_becs_debit[bsb_number]", "000000")],
    ),
    ("sources.create", "card", &[("type", "card"), ("token", "")]),
    (
        "sources.create",
        "card",
        &[("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2039")],
    ),
    ("sources.create", "eps", &[("type", "eps"), ("currency", "eur")]),
    ("sources.create", "giropay", &[("type", "giropay"), ("currency", "eur")]),
    (
        "sources.create",
        "klarna",
        &[
            ("type", "klarna"),
            ("currency", "eur"),
            ("source_order[items][0][type]", "sku"),
            ("source_order[items][0][amount]", "900"),
        ],
    ),
    ("sources.create", "multibanco", &[("type", "multibanco"), ("currency", "eur")]),
    ("sources.create", "p24", &[("type", "p24"), ("currency", "eur")]),
    ("sources.create", "receiver", &[("type", "ach_credit_transfer"), ("currency", "usd"), ("amount", "")]),
    ("sources.create", "sepa_credit_transfer", &[("type", "sepa_credit_transfer"), ("currency", "eur")]),
    ("sources.create", "sepa_debit", &[("type", "sepa_debit"), ("currency", "eur"), ("usage", ""), ("token", "")]),
    ("sources.create", "sofort", &[("type", "sofort"), ("currency", "eur")]),
    (
        "sources.create",
        "three_d_secure",
        &[("type", "three_d_secure"), ("currency", "eur"), ("redirect[return_url]", "https://example.com")],
    ),
    (
        "payment_methods.create",
        "bacs_debit",
        &[("bacs_debit[sort_code]", "108800"), ("bacs_debit[account_number]", "00012345")],
    ),
    (
        "payment_methods.create",
        "us_bank_account",
        &[
            ("us_bank_account[account_number]", "000123456789"),
            ("us_bank_account[routing_number]", "110000000"),
            ("us_bank_account[account_holder_type]", "individual"),
        ],
    ),
    (
        "payment_methods.create",
        "card",
        &[("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2039")],
    ),
    ("plans.create", "tiers_mode", &[("tiers[0][up_to]", "inf"), ("tiers[0][unit_amount]", "7"), ("amount", "")]),
    (
        "plans.create",
        "billing_scheme",
        &[("tiers[0][up_to]", "inf"), ("tiers[0][unit_amount]", "7"), ("tiers_mode", "volume"), ("amount", "")],
    ),
    (
        "shipping_rates.",
        "fixed_amount.currency_options",
        &[("fixed_amount[currency_options][eur][amount]", "5"), ("expand[0]", "fixed_amount.currency_options")],
    ),
    ("charges.create", "transfer_data", &[("transfer_data[destination]", "{account}")]),
    ("sources.create", "wechat", &[("type", "wechat"), ("currency", "usd")]),
];

/// A price with tiers.
const TIERS: &[(&str, &str)] = &[("expand[0]", "tiers"), ("billing_scheme", "tiered"), ("tiers_mode", "volume")];

/// A session for a subscription.
const MONTHLY: &[(&str, &str)] = &[
    ("mode", "subscription"),
    ("line_items", ""),
    ("line_items[0][quantity]", "1"),
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "900"),
    ("line_items[0][price_data][product_data][name]", "Tea"),
    ("line_items[0][price_data][recurring][interval]", "month"),
];

/// Good values by the end of the path.
const SAMPLES: &[(&str, &[&str])] = &[
    ("shipping.address.postal_code", &["94107", "10001"]),
    ("acss_debit.account_number", &["000123456789", "000222222227"]),
    ("institution_number", &["000", "001"]),
    ("transit_number", &["11000", "11001"]),
    ("au_becs_debit.account_number", &["000123456", "111111113"]),
    ("bsb_number", &["000000", "082902"]),
    ("bacs_debit.account_number", &["00012345", "22222227"]),
    ("sort_code", &["108800", "200000"]),
    ("nz_bank_account.account_number", &["0000000", "0000001"]),
    ("bank_code", &["11"]),
    ("branch_code", &["0000"]),
    ("suffix", &["010"]),
    ("boleto.tax_id", &["00000000000", "11111111111"]),
    ("iban", &["DE89370400440532013000", "AT611904300234573201"]),
    ("routing_number", &["110000000", "021000021"]),
    ("account_number", &["000123456789", "000111111116"]),
    ("cvc", &["123", "124"]),
    ("exp_month", &["12", "11"]),
    ("exp_year", &["2040", "2041"]),
    ("network_token.number", &["4242424242424242"]),
    ("number", &["4242424242424242", "5555555555554444"]),
    ("descriptor_code", &["SM11AA", "SM44AA"]),
    ("limit", &["1", "7"]),
    ("amount", &["700", "900"]),
    ("allowed_payment_method_types", &["card", "sepa_debit"]),
    ("destination.account", &["{account}"]),
    ("transfer_data.destination", &["{account}"]),
    ("dob.day", &["7", "8"]),
    ("dob.year", &["1980", "1981"]),
];

/// What has to be sent beside a parameter.
pub(super) fn context(operation: &str, path: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let fits = |(of, outer, _): &&Context| {
        (operation == *of || of.ends_with('.') && operation.starts_with(of)) && path.starts_with(outer)
    };
    CONTEXTS.iter().filter(fits).flat_map(|(_, _, pairs)| pairs.iter().copied()).collect::<Vec<_>>().into_iter()
}

/// The values that are tried for a type.
pub(super) fn values(kind: &Type, path: &str) -> Vec<String> {
    if matches!(kind, Type::Range) {
        return vec!["700".to_owned(), "1900000000".to_owned()];
    }
    let path = path.replace(".*", "");
    let name = path.rsplit('.').next().unwrap_or_default();
    let is_at_end = |end: &str| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if let Some((_, values)) = SAMPLES.iter().find(|(end, _)| is_at_end(end)) {
        return values.iter().map(|value| (*value).to_owned()).collect();
    }
    let all: &[&str] = match kind {
        // Only the empty string can be sent.
        Type::Enum([]) => return vec![String::new()],
        Type::Enum(values) => return values.iter().take(9).map(|value| (*value).to_owned()).collect(),
        Type::Boolean => &["true", "false"],
        Type::Integer | Type::Int64String => &["7", "1"],
        Type::Timestamp => &["1900000000", "1700000000"],
        Type::Number | Type::Decimal => &["1.5", "2"],
        Type::String { max_length } => match name {
            _ if (1..3).contains(max_length) => &["02", "03"],
            name if name.ends_with("email") => &["ada@example.com", "bob@example.com"],
            name if name.ends_with("url") => &["https://example.com/a", "https://example.com/b"],
            name if name.ends_with("country") => &["DE", "US"],
            name if name.ends_with("currency") => &["eur", "usd"],
            name if name.contains("phone") => &["+14155550123", "+14155550124"],
            name if name.ends_with("ip_address") || name == "ip" => &["10.0.0.1", "10.0.0.2"],
            _ => &["abc", "7"],
        },
        _ => &["7"],
    };
    all.iter().map(|value| (*value).to_owned()).collect()
}
