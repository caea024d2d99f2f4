//! Everything else: issuing, treasury, terminal, tax, identity, radar, reporting (the documentation of the fields).

use super::Rules;
use crate::generic::fill::Fill::{
    self, Account, After, EmptyList, First, Flag, Format, Int, Now, Null, Object, Of, Own, Random, Sent, Text,
};

const DAY: i64 = 24 * 3600;

/// What waits for nothing.
const ACTIVE: Fill = Text("active");

pub(super) static RULES: &[Rules] = &[
    (
        "apps.install",
        &[
            ("account", Account),
            ("approval_required", Flag(false)),
            ("channel", Text("testing")),
            ("status", Text("installed")),
        ],
    ),
    (
        "balance_settings",
        &[
            ("payments.payouts.status", Text("enabled")),
            ("payments.debit_negative_balances", Flag(true)),
            ("payments.settlement_timing.delay_days", Int(2)),
            ("payments.settlement_timing.start_of_day.hour", Int(0)),
            ("payments.settlement_timing.start_of_day.minutes", Int(0)),
            ("payments.settlement_timing.start_of_day.timezone", Text("Etc/UTC")),
            (
                "payments.payouts",
                Object(&[
                    ("automatic_transfer_rules_by_currency", Object(&[])),
                    ("minimum_balance_by_currency", Null),
                    ("schedule", Object(&[("interval", Text("daily"))])),
                    ("statement_descriptor", Null),
                    ("status", Text("enabled")),
                ]),
            ),
        ],
    ),
    (
        "climate.order",
        &[
            ("amount_fees", Int(0)),
            ("amount_subtotal", First(&[Sent("amount"), Int(0)])),
            ("amount_total", Own("amount_subtotal")),
            ("currency", Text("usd")),
            ("expected_delivery_year", Int(2030)),
            ("metric_tons", Text("0")),
            ("product", Sent("product")),
            ("product_substituted_at", Null),
            ("status", Text("open")),
        ],
    ),
    ("file", &[("size", Int(0)), ("type", Null)]),
    ("file_link", &[("expired", Flag(false))]),
    ("financial_connections.session", &[("client_secret", Format("{id}_secret_{random}"))]),
    (
        "identity.verification_session",
        &[
            ("client_secret", Format("{id}_secret_test_{random}")),
            ("options", Null),
            ("status", Text("requires_input")),
            ("type", Text("document")),
            ("url", Format("https://verify.stripe.com/start/test_{random}")),
        ],
    ),
    (
        "issuing.authorization",
        &[
            ("amount", Int(0)),
            ("approved", Flag(true)),
            ("authorization_method", Text("online")),
            ("currency", First(&[Of("issuing.card", "card", "currency"), Text("usd")])),
            ("merchant_amount", Own("amount")),
            ("merchant_currency", Own("currency")),
            ("merchant_data.category", Text("computer_software_stores")),
            ("merchant_data.category_code", Text("5734")),
            ("merchant_data.network_id", Text("1234567890")),
            ("status", Text("pending")),
            ("verification_data.address_line1_check", Text("not_provided")),
            ("verification_data.address_postal_code_check", Text("not_provided")),
            ("verification_data.cvc_check", Text("not_provided")),
            ("verification_data.expiry_check", Text("match")),
        ],
    ),
    (
        "issuing.card",
        &[
            ("brand", Text("Visa")),
            ("exp_month", Int(12)),
            ("exp_year", Int(2030)),
            ("last4", Text("4242")),
            ("shipping.service", Text("standard")),
            ("shipping.type", Text("individual")),
            (
                "spending_controls",
                Object(&[
                    ("allowed_card_presences", Null),
                    ("allowed_categories", Null),
                    ("allowed_merchant_countries", Null),
                    ("blocked_card_presences", Null),
                    ("blocked_categories", Null),
                    ("blocked_merchant_countries", Null),
                    ("spending_limits", EmptyList),
                    ("spending_limits_currency", Null),
                ]),
            ),
            ("status", Text("inactive")),
        ],
    ),
    (
        "issuing.cardholder",
        &[("company.tax_id_provided", Flag(false)), ("status", Text("active")), ("type", Text("individual"))],
    ),
    (
        "issuing.dispute",
        &[
            ("amount", First(&[Of("issuing.transaction", "transaction", "amount"), Int(0)])),
            ("currency", First(&[Of("issuing.transaction", "transaction", "currency"), Text("usd")])),
            ("evidence.reason", Text("other")),
            ("status", Text("unsubmitted")),
        ],
    ),
    ("issuing.personalization_design", &[("preferences.is_default", Flag(false)), ("status", Text("inactive"))]),
    (
        "issuing.settlement",
        &[
            ("interchange_fees_amount", Int(0)),
            ("network", Text("visa")),
            ("network_fees_amount", Int(0)),
            ("network_settlement_identifier", Random("", 12)),
            ("settlement_service", Text("0")),
            ("status", Text("pending")),
            ("transaction_amount", Int(0)),
            ("transaction_count", Int(0)),
        ],
    ),
    (
        "issuing.transaction",
        &[
            ("cardholder", Of("issuing.card", "card", "cardholder.id")),
            ("currency", First(&[Of("issuing.card", "card", "currency"), Text("usd")])),
            ("merchant_amount", Own("amount")),
            ("merchant_currency", Own("currency")),
            ("merchant_data.category", Text("computer_software_stores")),
            ("merchant_data.category_code", Text("5734")),
            ("merchant_data.network_id", Text("1234567890")),
        ],
    ),
    (
        "payment_method_configuration",
        &[
            ("*.available", Flag(false)),
            ("*.display_preference.preference", Text("none")),
            ("*.display_preference.value", Text("off")),
            ("active", Flag(true)),
            ("is_default", Flag(false)),
            ("name", Text("Default")),
        ],
    ),
    (
        "payment_method_domain",
        &[
            ("amazon_pay.status", ACTIVE),
            ("apple_pay.status", ACTIVE),
            ("enabled", Flag(true)),
            ("google_pay.status", ACTIVE),
            ("klarna.status", ACTIVE),
            ("link.status", ACTIVE),
            ("paypal.status", ACTIVE),
        ],
    ),
    (
        "radar.payment_evaluation",
        &[
            ("created_at", Now),
            ("recommended_action", Text("continue")),
            ("signals.fraudulent_payment.evaluated_at", Now),
            ("signals.fraudulent_payment.risk_level", Text("not_assessed")),
        ],
    ),
    ("radar.value_list", &[("created_by", Text("API")), ("item_type", Text("string"))]),
    ("radar.value_list_item", &[("created_by", Text("API"))]),
    ("reporting.report_run", &[("status", Text("pending"))]),
    (
        "tax.calculation",
        &[
            ("shipping_cost.amount", Int(0)),
            ("shipping_cost.amount_tax", Int(0)),
            ("shipping_cost.tax_behavior", Text("exclusive")),
            ("shipping_cost.tax_code", Text("txcd_92010001")),
            ("amount_total", Int(0)),
            ("customer_details.taxability_override", Text("none")),
            ("expires_at", After(90 * DAY)),
            ("tax_amount_exclusive", Int(0)),
            ("tax_amount_inclusive", Int(0)),
            ("tax_date", Now),
        ],
    ),
    (
        "tax.registration",
        &[("country_options.*.standard.place_of_supply_scheme", Text("standard")), ("status", Text("active"))],
    ),
    ("tax.settings", &[("defaults.provider", Text("stripe")), ("status", Text("pending"))]),
    ("terminal.connection_token", &[("secret", Random("pst_test_", 40))]),
    ("terminal.location", &[("display_name", Text("Location"))]),
    ("terminal.onboarding_link", &[("redirect_url", Format("https://connect.stripe.com/setup/{random}"))]),
    (
        "terminal.reader",
        &[
            ("device_type", Text("simulated_wisepos_e")),
            ("label", Sent("registration_code")),
            ("serial_number", Random("", 12)),
            ("status", Text("offline")),
        ],
    ),
    ("three_d_secure.authentication", &[("directory_server", Text("visa")), ("status", Text("requires_submission"))]),
    (
        "treasury.credit_reversal",
        &[
            ("amount", First(&[Of("treasury.received_credit", "received_credit", "amount"), Int(0)])),
            ("currency", First(&[Of("treasury.received_credit", "received_credit", "currency"), Text("usd")])),
            (
                "financial_account",
                First(&[Of("treasury.received_credit", "received_credit", "financial_account"), Text("")]),
            ),
            ("network", First(&[Of("treasury.received_credit", "received_credit", "network"), Text("ach")])),
            ("status", Text("processing")),
        ],
    ),
    (
        "treasury.debit_reversal",
        &[
            ("amount", First(&[Of("treasury.received_debit", "received_debit", "amount"), Int(0)])),
            ("currency", First(&[Of("treasury.received_debit", "received_debit", "currency"), Text("usd")])),
            ("financial_account", Of("treasury.received_debit", "received_debit", "financial_account")),
            ("network", First(&[Of("treasury.received_debit", "received_debit", "network"), Text("ach")])),
            ("status", Text("processing")),
        ],
    ),
    (
        "treasury.financial_account",
        &[
            (
                "balance",
                Object(&[
                    ("cash", Object(&[("usd", Int(0))])),
                    ("inbound_pending", Object(&[("usd", Int(0))])),
                    ("outbound_pending", Object(&[("usd", Int(0))])),
                ]),
            ),
            ("country", Text("US")),
            ("status", Text("open")),
        ],
    ),
    (
        "treasury.financial_account_features",
        &[
            ("card_issuing.status", ACTIVE),
            ("deposit_insurance.status", ACTIVE),
            ("financial_addresses.aba.status", ACTIVE),
            ("inbound_transfers.ach.status", ACTIVE),
            ("intra_stripe_flows.status", ACTIVE),
            ("outbound_payments.ach.status", ACTIVE),
            ("outbound_payments.us_domestic_wire.status", ACTIVE),
            ("outbound_transfers.ach.status", ACTIVE),
            ("outbound_transfers.us_domestic_wire.status", ACTIVE),
        ],
    ),
    (
        "treasury.inbound_transfer",
        &[("cancelable", Flag(true)), ("statement_descriptor", Text("transfer")), ("status", Text("processing"))],
    ),
    (
        "treasury.outbound_payment",
        &[
            ("cancelable", Flag(true)),
            ("expected_arrival_date", After(2 * DAY)),
            ("statement_descriptor", Text("payment")),
            ("status", Text("processing")),
            ("transaction", Random("trxn_1", 23)),
        ],
    ),
    (
        "treasury.outbound_transfer",
        &[
            ("cancelable", Flag(true)),
            ("destination_payment_method_details.type", Text("us_bank_account")),
            ("expected_arrival_date", After(2 * DAY)),
            ("statement_descriptor", Text("transfer")),
            ("status", Text("processing")),
            ("transaction", Random("trxn_1", 23)),
        ],
    ),
    (
        "treasury.received_credit",
        &[
            ("initiating_payment_method_details.type", Text("us_bank_account")),
            ("description", Text("Stripe Test")),
            ("status", Text("succeeded")),
        ],
    ),
    ("treasury.received_debit", &[("description", Text("Stripe Test")), ("status", Text("succeeded"))]),
];
