//! The vocabulary of test cards, and what can be computed from a number alone.
//!
//! May use: the outcomes and the table of countries. Invariant: what a number does depends on the number alone.

use super::countries::{country_of, number_at};
use super::outcomes::{AUTHENTICATION_REQUIRED, ChargeOutcome, Decline};

/// The brand of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Brand {
    /// American Express.
    Amex,
    /// Cartes Bancaires.
    CartesBancaires,
    /// Diners Club.
    Diners,
    /// Discover.
    Discover,
    /// eftpos Australia.
    EftposAu,
    /// JCB.
    Jcb,
    /// Link.
    Link,
    /// Mastercard.
    Mastercard,
    /// UnionPay.
    Unionpay,
    /// None of the above.
    Unknown,
    /// Visa.
    Visa,
}

impl Brand {
    const ALL: [Self; 11] = [
        Self::Amex,
        Self::CartesBancaires,
        Self::Diners,
        Self::Discover,
        Self::EftposAu,
        Self::Jcb,
        Self::Link,
        Self::Mastercard,
        Self::Unionpay,
        Self::Unknown,
        Self::Visa,
    ];

    /// `payment_method.card.brand` and a charge's `network`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spellings().0
    }

    /// `card.brand` of the legacy card object.
    #[must_use]
    pub const fn legacy(self) -> &'static str {
        self.spellings().1
    }

    /// `payment_method.card.display_brand`.
    #[must_use]
    pub const fn display(self) -> &'static str {
        self.spellings().2
    }

    const fn spellings(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Amex => ("amex", "American Express", "american_express"),
            Self::CartesBancaires => ("cartes_bancaires", "Cartes Bancaires", "cartes_bancaires"),
            Self::Diners => ("diners", "Diners Club", "diners_club"),
            Self::Discover => ("discover", "Discover", "discover"),
            Self::EftposAu => ("eftpos_au", "Eftpos Australia", "eftpos_australia"),
            Self::Jcb => ("jcb", "JCB", "jcb"),
            Self::Link => ("link", "Link", "other"),
            Self::Mastercard => ("mastercard", "MasterCard", "mastercard"),
            Self::Unionpay => ("unionpay", "UnionPay", "union_pay"),
            Self::Unknown => ("unknown", "Unknown", "other"),
            Self::Visa => ("visa", "Visa", "visa"),
        }
    }

    /// Reads a brand from any of its spellings, for objects in fixtures.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|brand| [brand.as_str(), brand.legacy(), brand.display()].contains(&text))
    }

    /// The networks of a card of this brand that is not co-badged.
    pub(super) const fn alone(self) -> &'static [Self] {
        match self {
            Self::Amex => &[Self::Amex],
            Self::CartesBancaires => &[Self::CartesBancaires],
            Self::Diners => &[Self::Diners],
            Self::Discover => &[Self::Discover],
            Self::EftposAu => &[Self::EftposAu],
            Self::Jcb => &[Self::Jcb],
            Self::Link => &[Self::Link],
            Self::Mastercard => &[Self::Mastercard],
            Self::Unionpay => &[Self::Unionpay],
            Self::Unknown => &[Self::Unknown],
            Self::Visa => &[Self::Visa],
        }
    }
}

/// The funding of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// A credit line.
    Credit,
    /// A bank account.
    Debit,
    /// Prepaid.
    Prepaid,
    /// Not known.
    Unknown,
}

impl Funding {
    /// `card.funding`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
            Self::Prepaid => "prepaid",
            Self::Unknown => "unknown",
        }
    }
}

/// The issuer's answer about a security code or an address line. Without data the API shows null, before the first use
/// `unchecked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It matches.
    Pass,
    /// It does not match.
    Fail,
    /// The bank does not check it.
    Unavailable,
    /// Not checked yet.
    Unchecked,
}

impl Check {
    /// `card.checks.*`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unavailable => "unavailable",
            Self::Unchecked => "unchecked",
        }
    }
}

/// The result of one step of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is approved.
    Approve,
    /// It is declined.
    Decline(&'static Decline),
    /// The customer has to pass 3D Secure first.
    Authenticate,
}

/// The circumstances of a payment or setup that change a card's verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The payment is off session; of a SetupIntent: it is for off-session payments.
    pub off_session: bool,
    /// The card was set up for off-session payments.
    pub set_up: bool,
    /// `request_three_d_secure` is `any` or `challenge`.
    pub asks_for_3ds: bool,
}

/// The result of a refund of the card's charge (core-payments 8.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// `succeeded` at once.
    Succeed,
    /// `pending`, later `succeeded`.
    PendThenSucceed,
    /// `succeeded`, later `failed` with `expired_or_canceled_card`.
    SucceedThenFail,
}

/// What follows a successful charge: a dispute, an inquiry or a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeKind {
    /// A chargeback with the reason `fraudulent`.
    Fraudulent,
    /// A chargeback with the reason `product_not_received`.
    ProductNotReceived,
    /// An inquiry before a chargeback; the charge stays refundable.
    Inquiry,
    /// More than one chargeback for one charge.
    Multiple,
    /// No dispute: the issuer reports suspected fraud.
    EarlyFraudWarning,
    /// A chargeback that can be answered with Visa Compelling Evidence 3.0.
    CompellingEvidence,
    /// A chargeback for breaking a rule of the network.
    Compliance,
}

impl DisputeKind {
    /// The dispute's `reason`; `None` for an early fraud warning, which creates no dispute.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Fraudulent | Self::Inquiry | Self::Multiple | Self::CompellingEvidence => Some("fraudulent"),
            Self::ProductNotReceived => Some("product_not_received"),
            Self::Compliance => Some("noncompliant"),
            Self::EarlyFraudWarning => None,
        }
    }
}

/// A row of the table: a test number with the result of each use.
///
/// A payment reads its verdict with [`TestCard::payment`], a SetupIntent with [`TestCard::setup`]; the columns are
/// public for the cases that these two do not cover.
#[derive(Clone, Copy, Debug)]
pub struct TestCard {
    /// The digits; empty in the row for numbers that are not in the table.
    pub number: &'static str,
    /// The brand.
    pub brand: Brand,
    /// Every network of the card, the brand first.
    pub networks: &'static [Brand],
    /// The funding.
    pub funding: Funding,
    /// The issuer's country.
    pub country: &'static str,
    /// The names behind both `tok_` and `pm_card_` in the ids of this card.
    pub names: &'static [&'static str],
    /// The names that exist only behind `tok_`.
    pub token_names: &'static [&'static str],
    /// `card.three_d_secure_usage.supported`.
    pub three_d_secure_supported: bool,
    /// Saving it: `source` of a customer, `POST /sources`, attaching a PaymentMethod.
    pub attach: Verdict,
    /// A charge of the Charges API, which cannot authenticate anybody.
    pub charge: Verdict,
    /// A PaymentIntent on session.
    pub on_session: Verdict,
    /// A PaymentIntent with `off_session`, if the card was not set up before.
    pub off_session: Verdict,
    /// A PaymentIntent with `off_session`, if the card was set up before.
    pub after_setup: Verdict,
    /// A payment after authentication.
    pub after_authentication: Verdict,
    /// A PaymentIntent or SetupIntent that requests 3D Secure (`request_three_d_secure: any` or `challenge`) and would
    /// not need it.
    pub on_request: Verdict,
    /// A SetupIntent with `usage: on_session`.
    pub setup_on_session: Verdict,
    /// A SetupIntent with `usage: off_session`, the default.
    pub setup_off_session: Verdict,
    /// A SetupIntent after authentication.
    pub setup_after_authentication: Verdict,
    /// The result of refunds.
    pub refund: RefundOutcome,
    /// What follows a charge, if anything.
    pub dispute: Option<DisputeKind>,
    /// The check of the security code. Of a card that Radar blocks, no bank checks it; the card that is declined for its
    /// code (…0127) shows that it passed, as was recorded (core-payments 4.1.1).
    pub cvc_check: Check,
    /// The check of the address line.
    pub line1_check: Check,
    /// The check of the postal code.
    pub postal_check: Check,
    /// The `outcome` of its successful charges.
    pub approved: &'static ChargeOutcome,
    /// Whether its charges are available in the balance at once, without being pending.
    pub available_at_once: bool,
}

impl TestCard {
    /// The verdict for a PaymentIntent. After authentication it is `after_authentication`.
    ///
    /// On session, an earlier setup changes nothing: Stripe's page says of …3155 that on-session payments always
    /// authenticate.
    #[must_use]
    pub fn payment(&self, session: Circumstances) -> Verdict {
        match session {
            Circumstances { off_session: true, set_up: true, .. } => self.after_setup,
            Circumstances { off_session: true, set_up: false, .. } => self.off_session,
            _ => self.requested(self.on_session, session),
        }
    }

    /// The verdict for a SetupIntent; `off_session` is its usage. After authentication it is
    /// `setup_after_authentication`.
    #[must_use]
    pub fn setup(&self, session: Circumstances) -> Verdict {
        let verdict = if session.off_session { self.setup_off_session } else { self.setup_on_session };
        self.requested(verdict, session)
    }

    fn requested(&self, verdict: Verdict, session: Circumstances) -> Verdict {
        if session.asks_for_3ds && verdict == Verdict::Approve { self.on_request } else { verdict }
    }

    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &'static str {
        &self.number[self.number.len().saturating_sub(4)..]
    }

    /// The row of a number that is not in the table: brand and country from its digits, and success at each step.
    pub(super) const fn plain(number: &'static str) -> Self {
        let brand = brand_of(number.as_bytes());
        Self {
            number,
            brand,
            networks: brand.alone(),
            funding: Funding::Credit,
            country: country_of(number.as_bytes()),
            names: &[],
            token_names: &[],
            three_d_secure_supported: true,
            attach: Verdict::Approve,
            charge: Verdict::Approve,
            on_session: Verdict::Approve,
            off_session: Verdict::Approve,
            after_setup: Verdict::Approve,
            after_authentication: Verdict::Approve,
            on_request: Verdict::Approve,
            setup_on_session: Verdict::Approve,
            setup_off_session: Verdict::Approve,
            setup_after_authentication: Verdict::Approve,
            refund: RefundOutcome::Succeed,
            dispute: None,
            cvc_check: Check::Pass,
            line1_check: Check::Pass,
            postal_check: Check::Pass,
            approved: &super::outcomes::APPROVED,
            available_at_once: false,
        }
    }
}

/// The brand that a number's first digits belong to.
pub(super) const fn brand_of(digits: &[u8]) -> Brand {
    match digits {
        [b'4', ..] => Brand::Visa,
        [b'5', b'1'..=b'5', ..] => Brand::Mastercard,
        [b'2', b'2'..=b'7', ..] => {
            let prefix = number_at(digits, 0, 4);
            if prefix >= 2221 && prefix <= 2720 { Brand::Mastercard } else { Brand::Unknown }
        }
        [b'3', b'4' | b'7', ..] => Brand::Amex,
        [b'3', b'5', ..] => Brand::Jcb,
        [b'3', b'0' | b'6' | b'8' | b'9', ..] => Brand::Diners,
        [b'6', b'0', b'1', b'1', ..] | [b'6', b'5', ..] => Brand::Discover,
        [b'6', b'4', b'4'..=b'9', ..] => Brand::Discover,
        [b'6', b'2', ..] | [b'8', b'1', ..] => Brand::Unionpay,
        _ => Brand::Unknown,
    }
}

/// The authentication decline as a verdict, for the table.
pub(super) const NEEDS_CUSTOMER: Verdict = Verdict::Decline(&AUTHENTICATION_REQUIRED);
