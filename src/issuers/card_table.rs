//! The table of test cards: one row per number. A row states only how the card differs from an ordinary one, which
//! succeeds and is a credit card of the brand and country in its digits.
//!
//! May use: the vocabulary and the outcomes. Invariant: a number, a token and a PaymentMethod id occur once.

use super::cards::{Brand, Check, DisputeKind, Funding, NEEDS_CUSTOMER, RefundOutcome, TestCard, Verdict};
use super::outcomes::{
    ALWAYS_BLOCKED, AUTHENTICATION_LOOKUP_FAILED, BLOCKED_AS_TOO_RISKY, Decline, ELEVATED_RISK, EXPIRED_CARD,
    GENERIC_DECLINE, INCORRECT_CVC, INSUFFICIENT_FUNDS, LOST_CARD, PROCESSING_ERROR, STOLEN_CARD, VELOCITY_EXCEEDED,
};

const fn card(number: &'static str, names: &'static [&'static str]) -> TestCard {
    let mut card = TestCard::plain(number);
    card.names = names;
    card
}

/// What a row can state beyond the default, in the order of a payment.
impl TestCard {
    const fn token(mut self, names: &'static [&'static str]) -> Self {
        self.token_names = names;
        self
    }

    const fn funding(mut self, funding: Funding) -> Self {
        self.funding = funding;
        self
    }

    const fn debit(self) -> Self {
        self.funding(Funding::Debit)
    }

    const fn country(mut self, country: &'static str) -> Self {
        self.country = country;
        self
    }

    const fn networks(mut self, networks: &'static [Brand]) -> Self {
        self.networks = networks;
        self
    }

    /// Saving succeeds, every payment is declined.
    const fn declines_payments(mut self, decline: &'static Decline) -> Self {
        let verdict = Verdict::Decline(decline);
        self.charge = verdict;
        self.on_session = verdict;
        self.off_session = verdict;
        self.after_setup = verdict;
        self.after_authentication = verdict;
        self
    }

    /// Saving and paying are declined.
    const fn declines(self, decline: &'static Decline) -> Self {
        let mut card = self.attaches_then_declines(decline);
        card.attach = Verdict::Decline(decline);
        card
    }

    /// Attaching succeeds without asking the issuer; payments and SetupIntents are declined.
    const fn attaches_then_declines(self, decline: &'static Decline) -> Self {
        let mut card = self.declines_payments(decline);
        let verdict = Verdict::Decline(decline);
        card.setup_on_session = verdict;
        card.setup_off_session = verdict;
        card.setup_after_authentication = verdict;
        card
    }

    /// Every use needs authentication; off session it is declined.
    const fn authenticates(mut self) -> Self {
        self.charge = Verdict::Authenticate;
        self.on_session = Verdict::Authenticate;
        self.off_session = NEEDS_CUSTOMER;
        self.after_setup = NEEDS_CUSTOMER;
        self.setup_on_session = Verdict::Authenticate;
        self.setup_off_session = Verdict::Authenticate;
        self
    }

    /// After one setup, off-session payments succeed.
    const fn once_set_up(mut self) -> Self {
        self.after_setup = Verdict::Approve;
        self
    }

    /// It counts as set up.
    const fn already_set_up(mut self) -> Self {
        self.off_session = Verdict::Approve;
        self.once_set_up()
    }

    /// Payments are declined even after authentication, and after authentication at setup.
    const fn then_declines_payments(mut self, decline: &'static Decline) -> Self {
        let verdict = Verdict::Decline(decline);
        self.off_session = verdict;
        self.after_setup = verdict;
        self.after_authentication = verdict;
        self
    }

    /// Payments and setups are declined after authentication.
    const fn then_declines(mut self, decline: &'static Decline) -> Self {
        self.after_authentication = Verdict::Decline(decline);
        self.setup_after_authentication = Verdict::Decline(decline);
        self
    }

    const fn on_request(mut self, verdict: Verdict) -> Self {
        self.on_request = verdict;
        self
    }

    const fn without_3ds(mut self) -> Self {
        self.three_d_secure_supported = false;
        self
    }

    const fn cvc(mut self, check: Check) -> Self {
        self.cvc_check = check;
        self
    }

    const fn address(mut self, line1: Check, postal: Check) -> Self {
        self.line1_check = line1;
        self.postal_check = postal;
        self
    }

    const fn elevated_risk(mut self) -> Self {
        self.approved = &ELEVATED_RISK;
        self
    }

    const fn available_at_once(mut self) -> Self {
        self.available_at_once = true;
        self
    }

    const fn disputed(mut self, kind: DisputeKind) -> Self {
        self.dispute = Some(kind);
        self
    }

    const fn refunds(mut self, outcome: RefundOutcome) -> Self {
        self.refund = outcome;
        self
    }
}

const VISA_CB: &[Brand] = &[Brand::Visa, Brand::CartesBancaires];
const MASTERCARD_CB: &[Brand] = &[Brand::Mastercard, Brand::CartesBancaires];
const VISA_EFTPOS: &[Brand] = &[Brand::Visa, Brand::EftposAu];
const MASTERCARD_EFTPOS: &[Brand] = &[Brand::Mastercard, Brand::EftposAu];

/// Cards for the same purpose.
#[derive(Debug)]
pub(super) struct Group {
    /// The heading on the page.
    pub(super) title: &'static str,
    /// The sentence below the heading.
    pub(super) about: &'static str,
    /// The rows.
    pub(super) cards: &'static [TestCard],
}

/// Every test card.
pub fn cards() -> impl Iterator<Item = &'static TestCard> + Clone {
    GROUPS.iter().flat_map(|group| group.cards)
}

/// Every group, in the order of the page.
pub(super) static GROUPS: &[Group] = &[
    Group { title: "Brands", about: "Everything succeeds.", cards: BRANDS },
    Group {
        title: "Countries",
        about: "Everything succeeds, with the fee of a foreign card. The American card is 4242424242424242.",
        cards: FOREIGN,
    },
    Group {
        title: "Declines",
        about: "The issuer declines. The security code is only checked if one was sent; a token and a `pm_card_` id \
                count as cards with one.",
        cards: DECLINES,
    },
    Group {
        title: "Fraud prevention",
        about: "Radar blocks the payment, or allows it with a higher risk level. Rules that an account has to enable are off.",
        cards: RADAR,
    },
    Group {
        title: "Checks of security code and address",
        about: "Payments succeed. What was sent is checked when the card is first saved or charged.",
        cards: CHECKS,
    },
    Group { title: "Balance", about: "Payments succeed.", cards: BALANCE },
    Group {
        title: "Disputes",
        about: "Payments succeed and are disputed. Dispute prevention, which an account has to enable, is off.",
        cards: DISPUTES,
    },
    Group { title: "Refunds", about: "Payments succeed; their refunds do not succeed at once.", cards: REFUNDS },
    Group {
        title: "3D Secure: authentication and setup",
        about: "The customer has to authenticate, unless the card was set up for off-session payments.",
        cards: SECURE_SETUP,
    },
    Group {
        title: "3D Secure: support and availability",
        about: "The result of 3D Secure, if it is required, or requested with `request_three_d_secure`.",
        cards: SECURE_SUPPORT,
    },
    Group {
        title: "3D Secure: challenges of mobile clients",
        about: "On the web they are authenticated like any other card.",
        cards: SECURE_MOBILE,
    },
    Group {
        title: "PINs",
        about: "Only a card reader asks for a PIN; without a reader, these cards are approved.",
        cards: PINS,
    },
    Group {
        title: "Debit cards for payouts",
        about: "Payments succeed. The result of a payout to the card:",
        cards: PAYOUTS,
    },
];

/// Success by brand (core-payments 7.1).
#[rustfmt::skip]
static BRANDS: &[TestCard] = &[
    card("4242424242424242", &["visa", "us"]),
    card("4000056655665556", &["visa_debit"]).token(&["visa_debit_us_transferSuccess"]).debit(),
    card("5555555555554444", &["mastercard"]),
    card("2223003122003222", &[]),
    card("5200828282828210", &["mastercard_debit"]).token(&["mastercard_debit_us_transferSuccess"]).debit(),
    card("5105105105105100", &["mastercard_prepaid"]).funding(Funding::Prepaid),
    card("378282246310005", &["amex_threeDSecureNotSupported", "visa_threeDSecureNotSupported"]).without_3ds(),
    card("371449635398431", &["amex"]),
    card("6011111111111117", &[]),
    card("6011000990139424", &["discover"]),
    card("6011981111111113", &[]).token(&["discover_debit_us_transferSuccess"]).debit(),
    card("3056930009020004", &["diners"]),
    card("36227206271667", &[]),
    card("3566002020360505", &["jcb"]).country("JP"),
    card("6200000000000005", &["unionpay"]).country("CN"),
    card("6200000000000047", &[]).country("CN").debit(),
    card("6205500000000000004", &[]).country("CN"),
    card("6555900000604105", &[]),
    card("4000002500001001", &["visa_cartesBancaires"]).networks(VISA_CB),
    card("5555552500001001", &["mastercard_cartesBancaires"]).country("FR").networks(MASTERCARD_CB),
    card("4000050360000001", &["visa_debit_eftposAuCoBranded"]).debit().networks(VISA_EFTPOS),
    card("5555050360000080", &["mastercard_debit_eftposAuCoBranded"]).country("AU").debit().networks(MASTERCARD_EFTPOS),
    card("4000051230000072", &["debit_visaFsaProductCode", "debit_visaHsaProductCode"]).debit(),
    card("5200828282828897", &["mastercard_debit_mastercardFsaProductCode"]).debit(),
];

/// Success by country (core-payments 7.2); the American card is 4242424242424242.
#[rustfmt::skip]
static FOREIGN: &[TestCard] = &[
    card("4000000320000021", &["ar"]),
    card("4000000760000002", &["br"]),
    card("4000001240000000", &["ca"]),
    card("4000001520000001", &["cl"]),
    card("4000001700000003", &["co"]),
    card("4000001880000005", &["cr"]),
    card("4000002180000000", &["ec"]),
    card("4000004840008001", &["mx"]),
    card("4000005910000000", &["pa"]),
    card("4000006000000066", &["py"]),
    card("4000006040000068", &["pe"]),
    card("4000008580000003", &["uy"]),
    card("4000007840000001", &["ae"]),
    card("5200007840000022", &["ae_mastercard"]).country("AE"),
    card("4000000400000008", &["at"]),
    card("4000000560000004", &["be"]),
    card("4000001000000000", &["bg"]),
    card("4000001120000005", &["by"]),
    card("4000001910000009", &["hr"]),
    card("4000001960000008", &["cy"]),
    card("4000002030000002", &["cz"]),
    card("4000002080000001", &["dk"]),
    card("4000002330000009", &["ee"]),
    card("4000002460000001", &["fi"]),
    card("4000002500000003", &["fr"]),
    card("4000002760000016", &["de"]),
    card("4000002920000005", &["gi"]),
    card("4000003000000030", &["gr"]),
    card("4000003480000005", &["hu"]),
    card("4000003720000005", &["ie"]),
    card("4000003800000008", &["it"]),
    card("4000004280000005", &["lv"]),
    card("4000004380000004", &["li"]),
    card("4000004400000000", &["lt"]),
    card("4000004420000006", &["lu"]),
    card("4000004700000007", &["mt"]),
    card("4000005280000002", &["nl"]),
    card("4000005780000007", &["no"]),
    card("4000006160000005", &["pl"]),
    card("4000006200000007", &["pt"]),
    card("4000006420000001", &["ro"]),
    card("4000006820000007", &["sa"]),
    card("4000007050000006", &["si"]),
    card("4000007030000001", &["sk"]),
    card("4000007240000007", &["es"]),
    card("4000007520000008", &["se"]),
    card("4000007560000009", &["ch"]),
    card("4000008260000000", &["gb"]),
    card("4000058260000005", &["gb_debit"]).debit(),
    card("5555558265554449", &["gb_mastercard"]).country("GB"),
    card("4000000360000006", &["au"]),
    card("4000001560000002", &["cn"]),
    card("4000003440000004", &["hk"]),
    card("4000003560000008", &["in"]),
    card("4000003920000003", &["jp"]),
    card("3530111333300000", &[]).country("JP"),
    card("4000004580000002", &["my"]),
    card("4000005540000008", &["nz"]),
    card("4000007020000003", &["sg"]),
    card("4000001580000008", &["tw"]),
    card("4000007640000003", &["th", "th_credit"]),
    card("4000057640000008", &["th_debit"]).debit(),
];

/// Declines (core-payments 7.3).
#[rustfmt::skip]
static DECLINES: &[TestCard] = &[
    card("4000000000000002", &["chargeDeclined", "visa_chargeDeclined"]).declines(&GENERIC_DECLINE),
    card("4000000000009995", &["chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"])
        .token(&["visa_debit_chargeDeclinedInsufficientFunds"]).declines(&INSUFFICIENT_FUNDS),
    card("4000000000009987", &["chargeDeclinedLostCard", "visa_chargeDeclinedLostCard"]).declines(&LOST_CARD),
    card("4000000000009979", &["chargeDeclinedStolenCard", "visa_chargeDeclinedStolenCard"]).declines(&STOLEN_CARD),
    card("4000000000000069", &["chargeDeclinedExpiredCard", "visa_chargeDeclinedExpiredCard"]).declines(&EXPIRED_CARD),
    card("4000000000000127", &["chargeDeclinedIncorrectCvc", "visa_chargeDeclinedIncorrectCvc"])
        .declines(&INCORRECT_CVC),
    card("4000000000000119", &["chargeDeclinedProcessingError", "visa_chargeDeclinedProcessingError"]).declines(&PROCESSING_ERROR),
    card("4000000000006975", &["chargeDeclinedVelocityLimitExceeded", "visa_chargeDeclinedVelocityLimitExceeded"])
        .declines(&VELOCITY_EXCEEDED),
    card("4000000000000341", &["chargeCustomerFail", "visa_chargeCustomerFail"]).declines_payments(&GENERIC_DECLINE),
];

/// Radar (core-payments 7.4). Rules that an account has to enable are off here.
#[rustfmt::skip]
static RADAR: &[TestCard] = &[
    card("4100000000000019", &["radarBlock", "chargeDeclinedFraudulent", "visa_chargeDeclinedFraudulent"])
        .declines_payments(&ALWAYS_BLOCKED).cvc(Check::Unavailable),
    card("4000000000004954", &["riskLevelHighest"]).declines_payments(&BLOCKED_AS_TOO_RISKY).cvc(Check::Unavailable),
    card("4000000000009235", &["riskLevelElevated"]).elevated_risk(),
    card("4000008400000407", &["highFraudDisputeScore"]),
    card("4000008400000159", &["highEfwScore"]),
    card("4000008400001017", &["radarDynamicRiskThreshold"]),
    card("4000008405600003", &["adaptive3dsChallenge"]),
    card("4001858821843804", &["freeTrialAbuseBlock"]),
    card("4000000000001208", &[]), // a captcha, which an API call does not show
    card("4000000000003725", &[]),
];

/// Checks (core-payments 7.4).
#[rustfmt::skip]
static CHECKS: &[TestCard] = &[
    card("4000000000000101", &["cvcCheckFail"]).cvc(Check::Fail),
    card("4000000000000010", &["avsFail"]).address(Check::Fail, Check::Fail),
    card("4000000000000028", &["avsLine1Fail"]).address(Check::Fail, Check::Pass),
    card("4000000000000036", &["avsZipFail"]).address(Check::Pass, Check::Fail),
    card("4000000000000044", &["avsUnchecked"]).address(Check::Unavailable, Check::Unavailable),
    card("4000058400307872", &["cvcCheckFailElevatedRisk"]).debit().cvc(Check::Fail).elevated_risk(),
    card("4000058400306072", &["avsZipFailElevatedRisk"]).debit().address(Check::Pass, Check::Fail).elevated_risk(),
];

/// Balance (core-payments 7.4).
#[rustfmt::skip]
static BALANCE: &[TestCard] = &[
    card("4000000000000077", &["bypassPending"]).available_at_once(),
    card("4000003720000278", &["bypassPendingInternational"]).available_at_once(),
    card("4000000000000093", &["domesticPricing"]),
];

/// Disputes (core-payments 7.4). Dispute prevention has to be enabled, so its cards are disputed.
#[rustfmt::skip]
static DISPUTES: &[TestCard] = &[
    card("4000000000000259", &["createDispute", "visa_createDispute"]).disputed(DisputeKind::Fraudulent),
    card("4000000000002685", &["createDisputeProductNotReceived", "visa_createDisputeProductNotReceived"])
        .disputed(DisputeKind::ProductNotReceived),
    card("4000000000001976", &["createDisputeInquiry", "visa_createDisputeInquiry"]).disputed(DisputeKind::Inquiry),
    card("4000000000005423", &["createIssuerFraudRecord"]).disputed(DisputeKind::EarlyFraudWarning),
    card("4000000404000079", &["createMultipleDisputes"]).disputed(DisputeKind::Multiple),
    card("4000000404000038", &["createCe3EligibleDispute"]).disputed(DisputeKind::CompellingEvidence),
    card("4000008400000779", &["createComplianceDispute"]).disputed(DisputeKind::Compliance),
    card("5105008400000002", &["createMastercardComplianceDispute"]).disputed(DisputeKind::Compliance),
    card("4000000001000043", &["createAutoRepresentmentEligibleDispute"]).disputed(DisputeKind::Fraudulent),
    card("4000000404004816", &["createRapidDisputeResolutionDispute"]).disputed(DisputeKind::Fraudulent),
    card("4000000404005649", &["createCe3BlockDispute"]).disputed(DisputeKind::Fraudulent),
    card("5105000300000018", &["createEthocaAlert"]).disputed(DisputeKind::Fraudulent),
];

/// Refunds (core-payments 7.4).
#[rustfmt::skip]
static REFUNDS: &[TestCard] = &[
    card("4000000000007726", &["pendingRefund"]).refunds(RefundOutcome::PendThenSucceed),
    card("4000000000005126", &["refundFail"]).refunds(RefundOutcome::SucceedThenFail),
];

/// 3D Secure: authentication and setup (core-payments 7.4).
#[rustfmt::skip]
static SECURE_SETUP: &[TestCard] = &[
    card("4000002500003155", &["authenticationRequiredOnSetup"]).authenticates().once_set_up(),
    card("4000002760003184", &["authenticationRequired"]).authenticates(),
    card("4000003800000446", &["authenticationRequiredSetupForOffSession"]).authenticates().already_set_up(),
    card("4000008260003178", &["authenticationRequiredChargeDeclinedInsufficientFunds"])
        .authenticates().then_declines_payments(&INSUFFICIENT_FUNDS),
];

/// 3D Secure: support and availability.
#[rustfmt::skip]
static SECURE_SUPPORT: &[TestCard] = &[
    card("4000000000003220", &["threeDSecure2Required"]).country("IE").authenticates(),
    card("4000000000003063", &["threeDSecureRequired"]).authenticates(),
    card("4000008400000027", &[]).authenticates(),
    card("4000008400001629", &["threeDSecureRequiredChargeDeclined"]).authenticates().then_declines(&GENERIC_DECLINE),
    card("4000008400001280", &["threeDSecureRequiredProcessingError"]).attaches_then_declines(&AUTHENTICATION_LOOKUP_FAILED),
    card("4000000000003055", &["threeDSecureOptional"]).on_request(Verdict::Authenticate),
    card("4000000000003097", &["threeDSecureOptionalProcessingError"])
        .on_request(Verdict::Decline(&AUTHENTICATION_LOOKUP_FAILED)),
    card("4000000032200000", &[]),
];

/// 3D Secure: the challenges of mobile clients.
#[rustfmt::skip]
static SECURE_MOBILE: &[TestCard] = &[
    card("4000582600000094", &[]).country("GB").authenticates(),
    card("4000582600000045", &[]).country("GB").authenticates(),
    card("4000582600000102", &[]).country("GB").authenticates(),
    card("4000582600000110", &[]).country("GB").authenticates(),
];

/// In-person payments with PINs (Stripe's public page on testing).
#[rustfmt::skip]
static PINS: &[TestCard] = &[
    card("4001007020000002", &[]).country("SG"),
    card("4000008260000075", &[]),
    card("4001000360000005", &[]).country("AU"),
    card("4000002760000008", &[]),
];

/// Debit cards for payouts (core-payments 7.6, `payout_outcome`).
#[rustfmt::skip]
static PAYOUTS: &[TestCard] = &[
    card("4000056655665572", &[]).token(&["visa_debit_us_transferFail"]).debit(),
    card("4000056755665555", &[]).token(&["visa_debit_us_instantPayoutUnsupported"]).debit(),
];
