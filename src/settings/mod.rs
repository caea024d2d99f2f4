//! The settings of an account, as in the dashboard of a real one: values that rules read and tests set.
//!
//! May use nothing. Invariant: every setting is one row of [`SETTINGS`]; the flag `--set`, the control calls, fixtures,
//! state files and `docs/configuration.md` use only the rows. So a new setting is a row, and the rule that reads it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Charges and customers refuse card tokens and card numbers, as new accounts of the real API do (core-payments 6.1).
pub static REFUSE_CARD_TOKENS: Setting = Setting {
    name: "refuse_card_tokens",
    default: SettingValue::Flag(false),
    most: 0,
    choices: &[],
    what: "Whether charges refuse `source` and customers refuse card tokens, as new accounts of the real API do",
};

/// Seconds between the `created` of two events of one request (core-payments 10.2), for consumers that order events by
/// `created`.
pub static EVENT_SECONDS: Setting = Setting {
    name: "event_seconds",
    default: SettingValue::Number(0),
    most: 60,
    choices: &[],
    what: "Seconds between the `created` of one event and the next; with 0, all events of a request have the same `created`",
};

/// Days after which an invoice whose first attempt failed is charged again (billing-2 6.2).
pub static FIRST_RETRY_DAYS: Setting = Setting {
    name: "first_retry_days",
    default: SettingValue::Number(3),
    most: 60,
    choices: &[],
    what: "Days from the first failed payment of an invoice to the next attempt; with 0, there is none",
};

/// As [`FIRST_RETRY_DAYS`], after the second attempt.
pub static SECOND_RETRY_DAYS: Setting = Setting {
    name: "second_retry_days",
    default: SettingValue::Number(5),
    what: "Days from the second failed payment of an invoice to the next attempt; with 0, there is none",
    ..FIRST_RETRY_DAYS
};

/// As [`FIRST_RETRY_DAYS`], after the third attempt.
pub static THIRD_RETRY_DAYS: Setting = Setting {
    name: "third_retry_days",
    default: SettingValue::Number(7),
    what: "Days from the third failed payment of an invoice to the last attempt; with 0, there is none",
    ..FIRST_RETRY_DAYS
};

/// The days between the attempts to charge an invoice, in order.
pub static RETRY_DAYS: [&Setting; 3] = [&FIRST_RETRY_DAYS, &SECOND_RETRY_DAYS, &THIRD_RETRY_DAYS];

/// Whether `invoice.overdue` is emitted when an invoice that was sent is not paid at its due date (billing-2 7).
pub static OVERDUE_INVOICES: Setting = Setting {
    name: "overdue_invoices",
    default: SettingValue::Flag(false),
    most: 0,
    choices: &[],
    what: "Whether `invoice.overdue` is emitted at the due date of an invoice that was sent and is not paid, as by an automation",
};

/// When `invoice.will_be_due` is emitted (billing-2 7).
pub static WILL_BE_DUE_DAYS: Setting = Setting {
    name: "will_be_due_days",
    default: SettingValue::Number(0),
    most: 60,
    choices: &[],
    what: "Days before the due date of a sent invoice at which `invoice.will_be_due` is emitted, as by an automation; with 0, never",
};

/// What becomes of an invoice after the last attempt (billing-2 6.3).
pub static WRITE_OFF_UNPAID_INVOICES: Setting = Setting {
    name: "write_off_unpaid_invoices",
    default: SettingValue::Flag(false),
    most: 0,
    choices: &[],
    what: "Whether an invoice becomes uncollectible after its last failed attempt, instead of staying open",
};

/// What becomes of a subscription after the last attempt to charge its invoice (billing-2 6.3).
pub static AFTER_LAST_RETRY: Setting = Setting {
    name: "after_last_retry",
    default: SettingValue::Choice("cancel"),
    most: 0,
    choices: &["cancel", "past_due", "unpaid"],
    what: "What becomes of a subscription after the last failed attempt to charge an invoice: `cancel`, `past_due` or `unpaid`",
};

/// When `invoice.upcoming` is emitted (billing-2 10.4).
pub static UPCOMING_DAYS: Setting = Setting {
    name: "upcoming_days",
    default: SettingValue::Number(7),
    most: 60,
    choices: &[],
    what: "Days before a renewal at which `invoice.upcoming` is emitted; with 0, never",
};

/// How long the service checks what an account has told (connect-accounts 3.6).
pub static ACCOUNT_CHECK_SECONDS: Setting = Setting {
    name: "account_check_seconds",
    default: SettingValue::Number(20),
    most: 1_000_000,
    choices: &[],
    what: "Seconds that the service checks what a connected account has told; with 0, and with a frozen clock unless it is set, \
           the checks end right after the answer",
};

/// The line of business of the platform, which its custom accounts have unless they tell another (connect-accounts 2.2).
pub static DEFAULT_MCC: Setting = Setting {
    name: "default_mcc",
    default: SettingValue::Number(5192),
    most: 9_999,
    choices: &[],
    what: "The merchant category code of a custom account that tells none; with 0, it has none",
};

/// What the platform takes of instant payouts of its connected accounts (connect-accounts 7.2).
pub static INSTANT_PAYOUT_FEE_PERCENT: Setting = Setting {
    name: "instant_payout_fee_percent",
    default: SettingValue::Number(0),
    most: 50,
    choices: &[],
    what: "Percent of an instant payout that a connected account pays the platform besides; with 0, nothing",
};

/// Every setting.
pub static SETTINGS: &[&Setting] = &[
    &ACCOUNT_CHECK_SECONDS,
    &AFTER_LAST_RETRY,
    &DEFAULT_MCC,
    &EVENT_SECONDS,
    &FIRST_RETRY_DAYS,
    &INSTANT_PAYOUT_FEE_PERCENT,
    &OVERDUE_INVOICES,
    &REFUSE_CARD_TOKENS,
    &SECOND_RETRY_DAYS,
    &THIRD_RETRY_DAYS,
    &UPCOMING_DAYS,
    &WILL_BE_DUE_DAYS,
    &WRITE_OFF_UNPAID_INVOICES,
];

/// A row of the table.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value until another is set; the default also decides the type.
    pub default: SettingValue,
    /// The largest value of a number; the smallest is 0.
    pub most: i64,
    /// The values of a choice.
    pub choices: &'static [&'static str],
    /// What it does, for the documents and the control call.
    pub what: &'static str,
}

/// A value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// One of several.
    Choice(&'static str),
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingValue::Flag(flag) => write!(f, "{flag}"),
            SettingValue::Number(number) => write!(f, "{number}"),
            SettingValue::Choice(choice) => f.write_str(choice),
        }
    }
}

impl Setting {
    /// The setting of this name.
    ///
    /// # Errors
    /// There is none; the message lists the existing ones.
    pub fn find(name: &str) -> Result<&'static Setting, String> {
        let names = || SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", ");
        let found = SETTINGS.iter().copied().find(|setting| setting.name == name);
        found.ok_or_else(|| format!("There is no setting `{name}`. There are: {}.", names()))
    }

    /// Reads a value of this setting: `true` or `false`, a whole number, or one of its choices.
    ///
    /// # Errors
    /// The text is not a value; the message says what is expected.
    pub fn parse(&self, text: &str) -> Result<SettingValue, String> {
        let value = match self.default {
            SettingValue::Flag(_) => text.parse().ok().map(SettingValue::Flag),
            SettingValue::Number(_) => {
                text.parse().ok().filter(|number| (0..=self.most).contains(number)).map(SettingValue::Number)
            }
            SettingValue::Choice(_) => {
                self.choices.iter().find(|choice| **choice == text).copied().map(SettingValue::Choice)
            }
        };
        value.ok_or_else(|| format!("`{}` is {}, not `{text}`.", self.name, self.expected()))
    }

    /// The expected form of a value, for messages.
    fn expected(&self) -> String {
        match self.default {
            SettingValue::Flag(_) => "`true` or `false`".to_owned(),
            SettingValue::Number(_) => format!("a whole number from 0 to {}", self.most),
            SettingValue::Choice(_) => format!("one of {}", self.choices.join(", ")),
        }
    }
}

/// The values that were set; every other setting has its default. A clone shares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// None while there are none; every request asks for its settings.
    chosen: Option<Arc<BTreeMap<&'static str, SettingValue>>>,
    /// Whether they hold where the clock is frozen.
    time_stands: bool,
}

/// What has another default where the clock is frozen, because nothing that takes time would ever end there.
static WHERE_TIME_STANDS: &[(&Setting, SettingValue)] = &[(&ACCOUNT_CHECK_SECONDS, SettingValue::Number(0))];

impl Settings {
    /// The value of a setting.
    pub fn value(&self, setting: &Setting) -> SettingValue {
        self.chosen.as_ref().and_then(|chosen| chosen.get(setting.name)).copied().unwrap_or_else(|| {
            let mut there = WHERE_TIME_STANDS.iter().filter(|_| self.time_stands);
            there.find(|(known, _)| known.name == setting.name).map_or(setting.default, |(_, default)| *default)
        })
    }

    /// These settings in a sandbox whose clock is frozen, or is not.
    #[must_use]
    pub fn under_clock(self, is_frozen: bool) -> Settings {
        Settings { time_stands: is_frozen, ..self }
    }

    /// Whether a setting is on; a number is on unless it is 0.
    pub fn is_on(&self, setting: &Setting) -> bool {
        self.value(setting) != SettingValue::Flag(false) && self.number(setting) != 0
    }

    /// The number of a setting; a flag is 1 or 0, a choice its place.
    pub fn number(&self, setting: &Setting) -> i64 {
        match self.value(setting) {
            SettingValue::Flag(flag) => i64::from(flag),
            SettingValue::Number(number) => number,
            SettingValue::Choice(choice) => {
                let place = setting.choices.iter().position(|known| *known == choice);
                place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
            }
        }
    }

    /// The choice of a setting; the empty text of one that is none.
    pub fn choice(&self, setting: &Setting) -> &'static str {
        match self.value(setting) {
            SettingValue::Choice(choice) => choice,
            SettingValue::Flag(_) | SettingValue::Number(_) => "",
        }
    }

    /// Sets a value; `None` returns to the default.
    pub fn set(&mut self, setting: &'static Setting, value: Option<SettingValue>) {
        let mut chosen = self.chosen.take().map_or_else(BTreeMap::new, Arc::unwrap_or_clone);
        let _ = match value {
            Some(value) => chosen.insert(setting.name, value),
            None => chosen.remove(setting.name),
        };
        self.chosen = (!chosen.is_empty()).then(|| Arc::new(chosen));
    }

    /// These settings, with the values of `over` where it has any.
    #[must_use]
    pub fn with(&self, over: &Settings) -> Settings {
        if over.chosen.is_none() {
            return self.clone();
        }
        let all: BTreeMap<_, _> = self.chosen().chain(over.chosen()).collect();
        Settings { chosen: Some(Arc::new(all)), ..*self }
    }

    /// The values that were set, ordered by name.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static str, SettingValue)> {
        self.chosen.iter().flat_map(|chosen| chosen.iter()).map(|(name, value)| (*name, *value))
    }
}

/// A value for a setting, as `NAME=VALUE` in the flag `--set`.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value.
    pub value: SettingValue,
}

impl Choice {
    /// Reads `NAME=VALUE`.
    ///
    /// # Errors
    /// The text has another form, or the setting or its value is unknown.
    pub fn parse(text: &str) -> Result<Choice, String> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
        let setting = Setting::find(name)?;
        Ok(Choice { setting, value: setting.parse(value)? })
    }
}

/// The table of settings, as in `docs/configuration.md`.
pub fn markdown() -> String {
    let mut out = String::from("| setting | default | meaning |\n|---|---|---|\n");
    for setting in SETTINGS {
        out.push_str(&format!("| `{}` | `{}` | {} |\n", setting.name, setting.default, setting.what));
    }
    out
}
