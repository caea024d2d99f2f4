//! The page of all test cards and bank accounts, `docs/test-cards.md`, generated from the tables, and the same for a program.
//!
//! May use: the tables. Invariant: the page says of a card what the table says; a column is shown if a card of the group
//! differs from an ordinary card in it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::banks::{BankOutcome, BankRail, TestBank, all as bank_accounts};
use super::card_table::{GROUPS, Group};
use super::cards::{Brand, Check, Circumstances, DisputeKind, RefundOutcome, TestCard, Verdict, brand_of};
use super::lookup::PLAIN;
use super::validation::check_card;
use super::{PayoutOutcome, payout_outcome};

/// The whole page, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for group in GROUPS {
        let _ = write!(page, "\n## {}\n\n{}\n\n{}", group.title, group.about, cards(group));
    }
    let _ = write!(page, "\n## Other numbers\n\n{OTHERS}\n\n{}", brands());
    let _ = write!(page, "\n## Refused card data\n\n{REFUSED}\n\n{}", faults());
    let _ = write!(page, "\n## Bank accounts\n\n{BANKS}\n\n{}", banks());
    let _ = write!(page, "\n## SEPA accounts by country\n\n{}", sepa());
    page
}

/// The same for a program: the cards in their groups, with what differs from an ordinary card, and the bank accounts.
#[must_use]
pub fn json() -> Value {
    let groups = GROUPS.iter().map(|group| {
        let cards: Vec<Value> = group.cards.iter().map(card_json).collect();
        json!({"title": group.title, "about": plain(group.about), "cards": cards})
    });
    let banks = bank_accounts().map(|bank| {
        json!({
            "type": bank.rail.as_str(),
            "routing": Some(bank.routing).filter(|routing| !routing.is_empty()),
            "account": bank.account,
            "payment_methods": bank.names,
            "what": plain(&debit(bank)),
        })
    });
    json!({"groups": groups.collect::<Vec<_>>(), "banks": banks.collect::<Vec<_>>()})
}

fn card_json(card: &TestCard) -> Value {
    let differing = BEHAVIOUR.iter().map(|(title, cell)| (*title, cell(card), cell(&PLAIN)));
    let outcomes = differing.filter(|(_, says, plain)| says != plain);
    let outcomes: Vec<Value> = outcomes.map(|(when, says, _)| json!({"when": when, "what": plain(&says)})).collect();
    let tokens = card.names.iter().chain(card.token_names).map(|name| format!("tok_{name}"));
    json!({
        "number": card.number,
        "payment_methods": card.names.iter().map(|name| format!("pm_card_{name}")).collect::<Vec<_>>(),
        "tokens": tokens.collect::<Vec<_>>(),
        "brand": card.networks.iter().map(|network| network.as_str()).collect::<Vec<_>>().join(", "),
        "funding": card.funding.as_str(),
        "country": card.country,
        "outcomes": outcomes,
    })
}

/// A text without the marks of Markdown.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

const INTRODUCTION: &str = "\
# Test cards

Every test card, with its token (`tok_…`), its payment method (`pm_card_…`) and what happens when it is used. This page is
generated from the table in the code; a test compares them.

Use a number with any future expiry date and any security code (three digits, four or three on American Express). A `pm_card_…` id
creates a new payment method each time; a `tok_…` can be used any number of times.

The columns:

- **save**: attaching a payment method to a customer, adding a source to a customer, `POST /v1/sources`.
- **charge**: `POST /v1/charges`.
- **payment**: confirming a PaymentIntent on session; **3DS requested** with `request_three_d_secure`, **off session** with
  `off_session`, **off session, set up** with a card that was set up for off-session payments before.
- **after authentication**: the payment after the customer has passed 3D Secure.
- **setup**: confirming a SetupIntent, for payments **on session** or off session.

A decline is shown by its `decline_code`, or by its `code` if it has none. If a column is not shown, the step succeeds for
every card of the table.
";

const OTHERS: &str = "\
Any other number with a correct check digit is approved, as a credit card of the brand that its first digits belong to.
If it begins with 40000, its seventh to ninth digits are the country (ISO 3166, numeric); every other card is American.";

const REFUSED: &str = "\
Refused in every request with card data, with status 402 and type `card_error`. The number is checked first, then the month,
the year and the security code.";

const BANKS: &str = "\
A debit is `processing` first. Debits of any other account number succeed.";

type Cell = fn(&TestCard) -> String;

/// The columns of every card.
const IDENTITY: &[(&str, Cell)] = &[
    ("number", |card| code(card.number)),
    ("token, payment method", ids),
    ("brand", |card| card.networks.iter().map(|network| network.as_str()).collect::<Vec<_>>().join(", ")),
    ("funding", |card| card.funding.as_str().to_owned()),
    ("country", |card| card.country.to_owned()),
];

/// Columns that are shown if a card of the group differs from an ordinary one, in the order of a payment.
const BEHAVIOUR: &[(&str, Cell)] = &[
    ("3D Secure", |card| if card.three_d_secure_supported { "supported" } else { "not supported" }.to_owned()),
    ("save", |card| verdict(card.attach)),
    ("charge", |card| verdict(card.charge)),
    ("payment", |card| verdict(card.on_session)),
    ("payment, 3DS requested", |card| {
        verdict(card.payment(Circumstances { asks_for_3ds: true, ..Circumstances::default() }))
    }),
    ("payment off session", |card| verdict(card.off_session)),
    ("payment off session, set up", |card| verdict(card.after_setup)),
    ("payment after authentication", |card| verdict(card.after_authentication)),
    ("setup on session", |card| verdict(card.setup_on_session)),
    ("setup", |card| verdict(card.setup_off_session)),
    ("setup after authentication", |card| verdict(card.setup_after_authentication)),
    ("security code", |card| check(card.cvc_check)),
    ("address line", |card| check(card.line1_check)),
    ("postal code", |card| check(card.postal_check)),
    ("risk", |card| code(risk(card))),
    ("money", |card| if card.available_at_once { "available at once" } else { "pending first" }.to_owned()),
    ("refund", |card| refund(card.refund).to_owned()),
    ("dispute", |card| card.dispute.map_or_else(String::new, dispute)),
    ("payout", |card| payout(card.number)),
];

fn cards(group: &Group) -> String {
    let cells = |cell: Cell| group.cards.iter().map(cell).collect::<Vec<_>>();
    let mut columns: Vec<(String, Vec<String>)> =
        IDENTITY.iter().map(|(title, cell)| ((*title).to_owned(), cells(*cell))).collect();
    let identities = columns.len();
    for (title, cell) in BEHAVIOUR {
        let rows = cells(*cell);
        if rows.iter().all(|row| *row == cell(&PLAIN)) {
            continue;
        }
        // Columns with the same values for every card are shown as one.
        match columns.iter_mut().skip(identities).find(|(_, known)| *known == rows) {
            Some((titles, _)) => *titles = format!("{titles}; {title}"),
            None => columns.push(((*title).to_owned(), rows)),
        }
    }
    table(&columns)
}

fn table(columns: &[(String, Vec<String>)]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(columns.iter().map(|(title, _)| title.as_str()).collect());
    text.push_str(&line(vec!["---"; columns.len()]));
    for row in 0..columns.first().map_or(0, |(_, rows)| rows.len()) {
        text.push_str(&line(columns.iter().map(|(_, rows)| rows[row].as_str()).collect()));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn ids(card: &TestCard) -> String {
    let tokens = card.names.iter().chain(card.token_names).map(|name| code(&format!("tok_{name}")));
    let methods = card.names.iter().map(|name| code(&format!("pm_card_{name}")));
    tokens.chain(methods).collect::<Vec<_>>().join(" ")
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Approve => "ok".to_owned(),
        Verdict::Authenticate => "3D Secure".to_owned(),
        Verdict::Decline(decline) => code(decline.decline_code.unwrap_or(decline.code)),
    }
}

fn risk(card: &TestCard) -> &'static str {
    match card.charge {
        Verdict::Decline(decline) => decline.outcome.risk_level,
        Verdict::Approve | Verdict::Authenticate => card.approved.risk_level,
    }
}

fn check(check: Check) -> String {
    code(check.as_str())
}

fn refund(outcome: RefundOutcome) -> &'static str {
    match outcome {
        RefundOutcome::Succeed => "`succeeded`",
        RefundOutcome::PendThenSucceed => "`pending` for 30 minutes, in which it can be canceled, then `succeeded`",
        RefundOutcome::SucceedThenFail => "`succeeded`, later `failed`",
    }
}

fn dispute(kind: DisputeKind) -> String {
    let what = match kind {
        DisputeKind::EarlyFraudWarning => return "early fraud warning, no dispute".to_owned(),
        DisputeKind::Inquiry => "inquiry: ",
        DisputeKind::Multiple => "several: ",
        DisputeKind::CompellingEvidence => "with compelling evidence: ",
        DisputeKind::Fraudulent | DisputeKind::ProductNotReceived | DisputeKind::Compliance => "",
    };
    format!("{what}{}", code(kind.reason().unwrap_or_default()))
}

fn payout(number: &str) -> String {
    match payout_outcome(number) {
        PayoutOutcome::Paid => "paid".to_owned(),
        PayoutOutcome::Failed(why) => format!("fails: {}", code(why)),
        PayoutOutcome::NotInstant => "not as an instant payout".to_owned(),
    }
}

/// The first digits of each brand, as they are written and as an example.
const FIRST_DIGITS: &[(&str, &str)] = &[
    ("4", "4111"),
    ("51 to 55, 2221 to 2720", "2221"),
    ("34, 37", "3411"),
    ("6011, 644 to 649, 65", "6441"),
    ("30, 36, 38, 39", "3611"),
    ("35", "3511"),
    ("62, 81", "8111"),
    ("anything else", "9111"),
];

fn brands() -> String {
    let brand = |digits: &str| -> Brand { brand_of(digits.as_bytes()) };
    let rows = FIRST_DIGITS.iter();
    table(&[
        ("first digits".to_owned(), rows.clone().map(|(first, _)| (*first).to_owned()).collect()),
        ("brand".to_owned(), rows.map(|(_, example)| code(brand(example).as_str())).collect()),
    ])
}

/// Card data that is refused, as if sent in January 2026: what is wrong, number, month, year, code.
const FAULTS: &[(&str, &str, i64, i64, &str)] = &[
    ("a wrong check digit, such as 4242424242424241", "4242424242424241", 12, 2030, "123"),
    ("not 12 to 19 digits", "4242", 12, 2030, "123"),
    ("a month that is none, such as 13, or has passed this year", "4242424242424242", 13, 2030, "123"),
    ("a year that has passed, such as 1995 or 95", "4242424242424242", 12, 95, "123"),
    ("a security code that is not of three digits, such as 99", "4242424242424242", 12, 2030, "99"),
    ("one that is of neither three nor four digits on American Express", "378282246310005", 12, 2030, "12345"),
];

fn faults() -> String {
    let fault = |(_, number, month, year, cvc): &(&str, &str, i64, i64, &str)| {
        check_card(number, *month, *year, Some(cvc), 2026, 1).err()
    };
    let said = |what: fn(super::CardFault) -> &'static str| {
        FAULTS.iter().map(|row| fault(row).map_or_else(String::new, |fault| code(what(fault)))).collect()
    };
    table(&[
        ("card data".to_owned(), FAULTS.iter().map(|row| row.0.to_owned()).collect()),
        ("code".to_owned(), said(super::CardFault::code)),
        ("param".to_owned(), said(super::CardFault::param)),
    ])
}

/// The accounts that are not in a list by country.
fn banks() -> String {
    let shown: Vec<&TestBank> =
        bank_accounts().filter(|bank| bank.rail != BankRail::SepaDebit || bank.names.is_empty()).collect();
    let column = |title: &str, cell: &dyn Fn(&TestBank) -> String| {
        (title.to_owned(), shown.iter().map(|bank| cell(bank)).collect::<Vec<_>>())
    };
    table(&[
        column("type", &|bank| code(bank.rail.as_str())),
        column("routing", &|bank| if bank.routing.is_empty() { String::new() } else { code(bank.routing) }),
        column("account", &|bank| code(bank.account)),
        column("ids", &|bank| bank.names.iter().map(|name| code(name)).collect::<Vec<_>>().join(" ")),
        column("debit", &debit),
    ])
}

/// The accounts of each country.
fn sepa() -> String {
    let listed: Vec<(&TestBank, &str)> = bank_accounts()
        .filter(|bank| bank.rail == BankRail::SepaDebit)
        .filter_map(|bank| Some((bank, *bank.names.first()?)))
        .collect();
    let column = |title: &str, cell: &dyn Fn(&TestBank, &str) -> String| {
        (title.to_owned(), listed.iter().map(|(bank, name)| cell(bank, name)).collect::<Vec<_>>())
    };
    table(&[
        column("country", &|bank, _| bank.account[..2].to_owned()),
        column("account", &|bank, _| code(bank.account)),
        column("id", &|_, name| code(name)),
        column("debit", &|bank, _| debit(bank)),
    ])
}

fn debit(bank: &TestBank) -> String {
    let outcome = match bank.outcome {
        BankOutcome::Succeed => "succeeds".to_owned(),
        BankOutcome::Fail(why) => format!("fails: {}", code(why)),
        BankOutcome::FailUnexplained => "fails".to_owned(),
        BankOutcome::Dispute => "succeeds and is disputed".to_owned(),
        BankOutcome::StayProcessing => "stays `processing`".to_owned(),
        BankOutcome::Block => "blocked by Radar".to_owned(),
        BankOutcome::Refuse(why) => format!("no payment method: {}", code(why)),
        BankOutcome::RefuseMandate => "the mandate is refused".to_owned(),
        BankOutcome::LoseMicrodeposits => "microdeposits never arrive".to_owned(),
    };
    if bank.delayed { format!("{outcome}, after three minutes") } else { outcome }
}
