//! Why a charge was approved or declined: the `outcome` of a charge, and the declines that refer to it.
//!
//! May use: nothing. Invariant: a decline and the outcome of its charge are defined together.

/// The `outcome` hash of a charge (core-payments 6.3).
#[derive(Debug, PartialEq, Eq)]
pub struct ChargeOutcome {
    /// `approved_by_network`, `declined_by_network` or `not_sent_to_network`.
    pub network_status: &'static str,
    /// The reason, one word; null if `None`.
    pub reason: Option<&'static str>,
    /// `normal`, `elevated` or `highest`.
    pub risk_level: &'static str,
    /// Radar's score, 0 to 100.
    pub risk_score: i64,
    /// The sentence for the seller.
    pub seller_message: &'static str,
    /// The member `type`: `authorized`, `issuer_declined`, `blocked` or `manual_review`.
    pub kind: &'static str,
    /// The Radar rule that decided; the member is absent if `None`.
    pub rule: Option<&'static str>,
    /// What Stripe advises to do next.
    pub advice_code: Option<&'static str>,
    /// What the network advises to do next.
    pub network_advice_code: Option<&'static str>,
    /// The issuer's own code.
    pub network_decline_code: Option<&'static str>,
}

/// One way in which a card is declined. Its sentence is in `error/`, by `code` and `decline_code`.
#[derive(Debug, PartialEq, Eq)]
pub struct Decline {
    /// The error's `code`, and the charge's `failure_code`.
    pub code: &'static str,
    /// The error's `decline_code`; `None` for codes that need none.
    pub decline_code: Option<&'static str>,
    /// The error's `param` for charges and for attaching. For `None`, attaching answers `""`; PaymentIntents never send
    /// a `param` (core-payments 3.5, 7.3).
    pub param: Option<&'static str>,
    /// Whether the issuer checked the security code and the address before. It asks for authentication first
    /// (core-payments 4.1.1).
    pub makes_checks: bool,
    /// What Stripe advises to do next.
    pub advice_code: Option<&'static str>,
    /// The issuer's own code.
    pub network_decline_code: Option<&'static str>,
    /// What the network advises to do next.
    pub network_advice_code: Option<&'static str>,
    /// The outcome of the failed charge.
    pub outcome: &'static ChargeOutcome,
}

impl Decline {
    /// The `decline_code` of a declined intent: the code, if there is no decline code.
    #[must_use]
    pub const fn intent_decline_code(&self) -> &'static str {
        match self.decline_code {
            Some(decline_code) => decline_code,
            None => self.code,
        }
    }
}

const SUCCESS: ChargeOutcome = ChargeOutcome {
    network_status: "approved_by_network",
    reason: None,
    risk_level: "normal",
    risk_score: 20,
    seller_message: "Payment complete.",
    kind: "authorized",
    rule: None,
    advice_code: None,
    network_advice_code: None,
    network_decline_code: None,
};

/// The outcome of an ordinary success.
pub static APPROVED: ChargeOutcome = SUCCESS;

/// A success that Radar puts in the review queue.
pub(super) static ELEVATED_RISK: ChargeOutcome = ChargeOutcome {
    reason: Some("elevated_risk_level"),
    risk_level: "elevated",
    risk_score: 70,
    seller_message: "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue.",
    kind: "manual_review",
    rule: Some("manual_review_if_elevated_risk"),
    ..SUCCESS
};

/// Defines a decline by the issuer together with the outcome of its charge, so that the codes of both are written once.
macro_rules! issuer_declines {
    ($($(#[$doc:meta])* $vis:vis $name:ident = ($code:literal, $decline_code:expr, $param:expr),
        advice $advice:expr, network $network:expr, $network_advice:expr,
        outcome $reason:literal, $message:literal;)*) => {$(
        $(#[$doc])*
        $vis static $name: Decline = Decline {
            code: $code,
            decline_code: $decline_code,
            param: $param,
            makes_checks: true,
            advice_code: $advice,
            network_decline_code: $network,
            network_advice_code: $network_advice,
            outcome: &ChargeOutcome {
                network_status: "declined_by_network",
                reason: Some($reason),
                seller_message: $message,
                kind: "issuer_declined",
                advice_code: $advice,
                network_decline_code: $network,
                network_advice_code: $network_advice,
                ..SUCCESS
            },
        };
    )*};
}

// The network's codes are those that declines of payment intents were recorded with in 2026. `reason` repeats the decline code, as in current answers (in 2020 it was still `generic_decline` for
// insufficient funds).
issuer_declines! {
    /// The bank gave no reason.
    pub GENERIC_DECLINE = ("card_declined", Some("generic_decline"), None),
        advice Some("try_again_later"), network Some("01"), None,
        outcome "generic_decline", "The bank did not return any further details with this decline.";
    /// Not enough money.
    pub(super) INSUFFICIENT_FUNDS = ("card_declined", Some("insufficient_funds"), None),
        advice Some("try_again_later"), network Some("51"), Some("02"),
        outcome "insufficient_funds", "The bank did not return any further details with this decline.";
    /// Reported lost.
    pub(super) LOST_CARD = ("card_declined", Some("lost_card"), None),
        advice Some("do_not_try_again"), network Some("41"), Some("01"),
        outcome "lost_card", "The bank returned the decline code `lost_card`.";
    /// Reported stolen.
    pub(super) STOLEN_CARD = ("card_declined", Some("stolen_card"), None),
        advice Some("do_not_try_again"), network Some("43"), Some("01"),
        outcome "stolen_card", "The bank returned the decline code `stolen_card`.";
    /// Too many payments in a short time.
    pub(super) VELOCITY_EXCEEDED = ("card_declined", Some("card_velocity_exceeded"), None),
        advice Some("try_again_later"), network Some("61"), Some("02"),
        outcome "card_velocity_exceeded", "The bank returned the decline code `card_velocity_exceeded`.";
    /// Expired, whatever date was sent.
    pub(super) EXPIRED_CARD = ("expired_card", None, Some("exp_month")),
        advice Some("confirm_card_data"), network Some("54"), Some("03"),
        outcome "expired_card", "The bank returned the decline code `expired_card`.";
    /// The security code is wrong.
    pub INCORRECT_CVC = ("incorrect_cvc", None, Some("cvc")),
        advice Some("confirm_card_data"), network Some("N7"), Some("03"),
        outcome "incorrect_cvc", "The bank returned the decline code `incorrect_cvc`.";
    /// An error on the way to the issuer.
    pub PROCESSING_ERROR = ("processing_error", None, None),
        advice Some("try_again_later"), network Some("06"), None,
        outcome "processing_error", "The bank returned the decline code `processing_error`.";
    /// The 3D Secure lookup failed. Stripe's page names `card_declined` as the failure code here.
    pub(super) AUTHENTICATION_LOOKUP_FAILED = ("card_declined", Some("processing_error"), None),
        advice Some("try_again_later"), network None, None,
        outcome "processing_error", "The bank returned the decline code `processing_error`.";
}

/// The payment needs authentication and is off session. No network code and no advice (core-payments 6.7.7).
pub static AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    param: None,
    makes_checks: false,
    advice_code: None,
    network_decline_code: None,
    network_advice_code: None,
    outcome: &ChargeOutcome {
        network_status: "declined_by_network",
        reason: Some("authentication_required"),
        seller_message: "The bank returned the decline code `authentication_required`.",
        kind: "issuer_declined",
        ..SUCCESS
    },
};

/// Radar blocked the payment.
const fn blocked(outcome: &'static ChargeOutcome) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some("fraudulent"),
        param: None,
        makes_checks: true,
        advice_code: None,
        network_decline_code: None,
        network_advice_code: None,
        outcome,
    }
}

const BLOCKED: ChargeOutcome = ChargeOutcome {
    network_status: "not_sent_to_network",
    reason: Some("merchant_blacklist"),
    risk_level: "highest",
    risk_score: 92,
    seller_message: "Stripe blocked this payment.",
    kind: "blocked",
    ..SUCCESS
};

/// Radar always blocks this card.
pub(super) static ALWAYS_BLOCKED: Decline = blocked(&BLOCKED);

/// The default rule blocks payments of the highest risk.
pub(super) static BLOCKED_AS_TOO_RISKY: Decline = blocked(&ChargeOutcome {
    reason: Some("highest_risk_level"),
    seller_message: "Stripe blocked this payment as too risky.",
    rule: Some("block_if_high_risk"),
    ..BLOCKED
});

/// Declines that no test card gives; a fault can request them (core-payments 7.3).
macro_rules! plain_declines {
    ($($code:literal)*) => {
        static PLAIN: &[Decline] = &[$(Decline {
            code: "card_declined",
            decline_code: Some($code),
            param: None,
            makes_checks: true,
            advice_code: None,
            network_decline_code: None,
            network_advice_code: None,
            outcome: &ChargeOutcome {
                network_status: "declined_by_network",
                reason: Some($code),
                seller_message: concat!("The bank returned the decline code `", $code, "`."),
                kind: "issuer_declined",
                ..SUCCESS
            },
        }),*];
    };
}

plain_declines! {
    "approve_with_id" "call_issuer" "card_not_supported" "currency_not_supported" "do_not_honor" "do_not_try_again"
    "duplicate_transaction" "incorrect_pin" "invalid_account" "invalid_amount" "issuer_not_available"
    "merchant_blacklist" "new_account_information_available" "no_action_taken" "not_permitted" "offline_pin_required"
    "online_or_offline_pin_required" "pickup_card" "pin_try_exceeded" "reenter_transaction" "restricted_card"
    "revocation_of_all_authorizations" "revocation_of_authorization" "security_violation" "service_not_allowed"
    "stop_payment_order" "testmode_decline" "transaction_not_allowed" "try_again_later"
    "withdrawal_count_limit_exceeded"
}

/// Declines that test cards give.
static KNOWN: &[&Decline] = &[
    &GENERIC_DECLINE,
    &INSUFFICIENT_FUNDS,
    &LOST_CARD,
    &STOLEN_CARD,
    &VELOCITY_EXCEEDED,
    &EXPIRED_CARD,
    &INCORRECT_CVC,
    &PROCESSING_ERROR,
    &ALWAYS_BLOCKED,
];

/// The decline with this `decline_code`, or with this `code` if it has no decline code.
pub fn decline(code: &str) -> Option<&'static Decline> {
    KNOWN.iter().copied().chain(PLAIN).find(|decline| decline.intent_decline_code() == code)
}

/// The names that [`decline`] finds.
pub fn decline_codes() -> Vec<&'static str> {
    KNOWN.iter().copied().chain(PLAIN).map(Decline::intent_decline_code).collect()
}
