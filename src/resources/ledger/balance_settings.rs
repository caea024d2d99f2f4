//! Balance settings: when an account is paid out by itself, and when its money becomes available (billing 6.7).
//!
//! May use: payouts, connected accounts. Invariant: a connected account's `settings[payouts]` and its balance settings say
//! the same of its schedule and of negative balances, and there is a next payout exactly when a schedule was chosen that is
//! not manual.

use std::sync::Arc;

use crate::contract::{
    Behaviour, Call, Ctx, DueOf, Entry, Events, Fill, Marked, On, Outcome, Reaction, Trigger, View, Who,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::connect::accounts::{self, Account, schedule};
use crate::resources::ledger::balance::{self, DELAY_DAYS};
use crate::resources::ledger::payouts::{self, PayoutRun};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, FieldError, Object, Resource, downcast};
use crate::state::{AccountKey, Id, Kind, Rank, Tx};
use crate::time::calendar::{self, DAY};

crate::resource! {
    /// The balance settings of an account.
    BalanceSettings = "balance_settings" {
        /// The payouts and the timing.
        payments: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// When the next automatic payout is made, in Unix seconds; absent until somebody chooses a schedule.
        next_at: Absent<i64>,
    }
}

/// The id of an account's one object; the API does not show it.
const ID: &str = "balance_settings";

/// The days for which a schedule is searched: every one pays out within two months.
const SEARCHED_DAYS: i64 = 62;

/// Days of the week as the API names them; 1970 began on a Thursday.
const WEEKDAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];

/// The settings of an account that has chosen nothing.
fn fresh(tx: &Tx, ctx: &Ctx<'_>) -> Result<BalanceSettings> {
    let shown = body::new(tx, ctx, BalanceSettings::KIND, ID, &Map::new())?;
    let mut settings = BalanceSettings::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    let account = tx.state().record(AccountKey::PLATFORM, accounts::KIND, &tx.account_id());
    if let Some(account) = account.and_then(|record| record.get::<Account>()) {
        adopt(&mut settings.payments, &account);
    }
    Ok(settings)
}

fn current(tx: &Tx, ctx: &Ctx<'_>) -> Result<Arc<BalanceSettings>> {
    tx.get::<BalanceSettings>(ID).map_or_else(|| fresh(tx, ctx).map(Arc::new), Ok)
}

/// Stores changed settings: for the first time only if they differ.
fn keep(tx: &mut Tx, before: &Arc<BalanceSettings>, changed: BalanceSettings) {
    let is_stored = tx.get::<BalanceSettings>(ID).is_some();
    let is_same = changed.next_at == before.next_at && changed.payments == before.payments;
    match (is_stored, is_same) {
        (_, true) => {}
        (true, false) => tx.save(before, changed),
        (false, false) => {
            tx.insert(changed);
        }
    }
}

/// `GET /v1/balance_settings`.
fn retrieve(tx: &Tx, ctx: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    current(tx, ctx).map(|settings| Outcome::Value(shown(&settings).into()))
}

/// `POST /v1/balance_settings`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let before = current(tx, ctx)?;
    let mut doc = before.to_doc();
    body::change(tx, ctx, BalanceSettings::KIND, &mut doc, &call.params)?;
    let mut changed = BalanceSettings::from_docs(doc, Map::new(), before.created).map_err(|_| ApiError::internal())?;
    changed.next_at = before.next_at.clone();
    let sent = call.params.map("payments");
    check_amounts(sent)?;
    follow_override(&mut changed.payments);
    if let Some(sent) = sent.and_then(|sent| sent.map("payouts")).and_then(|payouts| payouts.map("schedule")) {
        check_schedule(&mut changed.payments, sent)?;
        changed.next_at = Absent(next_payout(&changed.payments, ctx.now));
    }
    keep(tx, &before, changed.clone());
    tell_account(tx, &changed.payments);
    retrieve(tx, ctx, call)
}

/// Checks the delay, and that what stays in the balance is there.
fn check_amounts(sent: Option<&Map>) -> Result<()> {
    let Some(sent) = sent else { return Ok(()) };
    let delay = sent.map("settlement_timing").and_then(|timing| timing.int("delay_days_override"));
    schedule::check_delay(delay, "payments[settlement_timing][delay_days_override]")?;
    let minima = sent.map("payouts").and_then(|payouts| payouts.map("minimum_balance_by_currency"));
    let mut minima = minima.into_iter().flat_map(Map::iter);
    match minima.find(|(_, amount)| amount.as_int().is_some_and(|amount| amount < 0)) {
        Some((currency, _)) => {
            Err(ApiError::param_negative(&format!("payments[payouts][minimum_balance_by_currency][{currency}]")))
        }
        None => Ok(()),
    }
}

/// The days follow what overrides them.
fn follow_override(payments: &mut Map) {
    if let Some(Doc::Map(timing)) = payments.get_mut("settlement_timing") {
        let days = timing.int("delay_days_override").unwrap_or(DELAY_DAYS);
        timing.set("delay_days", days);
    }
}

/// Checks the days of a schedule, and removes those of another interval.
fn check_schedule(payments: &mut Map, sent: &Map) -> Result<()> {
    let Some(Doc::Map(payouts)) = payments.get_mut("payouts") else { return Ok(()) };
    let Some(Doc::Map(schedule)) = payouts.get_mut("schedule") else { return Ok(()) };
    let interval = schedule.str("interval").unwrap_or_default().to_owned();
    for (of, days) in [("weekly", "weekly_payout_days"), ("monthly", "monthly_payout_days")] {
        if interval != of {
            let _ = schedule.remove(days);
        } else if schedule.list(days).is_none_or(<[Doc]>::is_empty) {
            return Err(ApiError::param_missing(&format!("payments[payouts][schedule][{days}]")));
        }
    }
    let outside = |day: &&Doc| !day.as_int().is_some_and(|day| (1..=31).contains(&day));
    match sent.list("monthly_payout_days").and_then(|days| days.iter().find(outside)) {
        Some(_) => Err(ApiError::payout_day_invalid("payments[payouts][schedule][monthly_payout_days]")),
        None => Ok(()),
    }
}

fn schedule_of(payments: &Map) -> Option<&Map> {
    payments.map("payouts")?.map("schedule")
}

/// The first midnight after `now` on which the schedule pays out; `None` for a manual one.
fn next_payout(payments: &Map, now: i64) -> Option<i64> {
    let schedule = schedule_of(payments)?;
    let days = (1..=SEARCHED_DAYS).map(|days| calendar::midnight(now) + days * DAY);
    let mut days = days.filter(|midnight| pays_on(schedule, *midnight));
    days.next()
}

/// Whether a schedule pays out on the day that begins at `midnight`; in a month that is too short, on its last day.
fn pays_on(schedule: &Map, midnight: i64) -> bool {
    let listed = |key: &str| schedule.list(key).unwrap_or_default();
    match schedule.str("interval") {
        Some("daily") => true,
        Some("weekly") => {
            let name = usize::try_from((midnight / DAY).rem_euclid(7)).ok().and_then(|day| WEEKDAYS.get(day));
            listed("weekly_payout_days").iter().any(|day| day.as_str() == name.copied())
        }
        Some("monthly") => {
            let (month, day) = calendar::month_and_day(midnight);
            let is_last = calendar::month_and_day(midnight + DAY).0 != month;
            let mut days = listed("monthly_payout_days").iter().filter_map(Doc::as_int);
            days.any(|wanted| wanted == day || (is_last && wanted > day))
        }
        _ => false,
    }
}

/// Makes the payouts of the day.
fn pay_out(tx: &mut Tx, ctx: &Ctx<'_>, settings: &Arc<BalanceSettings>) -> Result<()> {
    let payouts = settings.payments.map("payouts").cloned().unwrap_or_default();
    let debits = settings.payments.bool(DEBITS) == Some(true);
    for currency in balance::currencies(tx) {
        let minimum = payouts.map("minimum_balance_by_currency").and_then(|minima| minima.int(&currency));
        let statement_descriptor = payouts.str(DESCRIPTOR);
        let run = PayoutRun { currency: &currency, minimum: minimum.unwrap_or(0), debits, statement_descriptor };
        payouts::pay_out(tx, ctx, &run);
    }
    let next = next_payout(&settings.payments, ctx.now);
    tx.quietly(|tx| tx.update::<BalanceSettings>(ID, |settings| settings.next_at = Absent(next)));
    Ok(())
}

/// The payouts of a day are made when everything has happened that is due at its beginning.
const DUES: &[DueOf] =
    &[DueOf { rank: Rank::Last, ..crate::due!(BalanceSettings, "pay_out", |settings| settings.next_at.0, pay_out) }];

/// A connected account shows the schedule and what becomes of negative balances among its settings.
fn tell_account(tx: &mut Tx, payments: &Map) {
    let account = tx.account_id();
    let Some(schedule) = schedule_of(payments).filter(|_| tx.account() != AccountKey::PLATFORM) else { return };
    let mut shown = schedule.clone();
    if let Some(days) = payments.map("settlement_timing").and_then(|timing| timing.int("delay_days")) {
        shown.set("delay_days", days);
    }
    for (anchor, days) in ANCHORS {
        if let Some(first) = schedule.list(days).and_then(<[Doc]>::first) {
            shown.set(anchor, first.clone());
        }
    }
    let debits = payments.bool(DEBITS);
    let descriptor = payments.map("payouts").and_then(|payouts| payouts.get(DESCRIPTOR)).cloned().unwrap_or_default();
    tx.within(AccountKey::PLATFORM, |tx| {
        tx.update::<Account>(&account, |account| {
            let Some(Doc::Map(settings)) = account.rest.get_mut("settings") else { return };
            let Some(Doc::Map(payouts)) = settings.get_mut("payouts") else { return };
            payouts.set("schedule", shown);
            if let Some(debits) = debits {
                payouts.set(DEBITS, debits);
            }
            payouts.set(DESCRIPTOR, descriptor);
        });
    });
}

/// The older names of the days, of which there is one.
const ANCHORS: [(&str, &str); 2] = [("weekly_anchor", "weekly_payout_days"), ("monthly_anchor", "monthly_payout_days")];

/// What becomes of a negative balance, in both settings.
const DEBITS: &str = "debit_negative_balances";

/// The words on the bank's statement, in both settings.
const DESCRIPTOR: &str = "statement_descriptor";

/// Sets what an account's settings say of its payouts besides their schedule.
fn adopt(payments: &mut Map, account: &Account) {
    let Some(known) = payouts_of(account) else { return };
    if let Some(debits) = known.bool(DEBITS) {
        payments.set(DEBITS, debits);
    }
    if let Some(Doc::Map(payouts)) = payments.get_mut("payouts") {
        payouts.set(DESCRIPTOR, known.get(DESCRIPTOR).cloned().unwrap_or_default());
    }
}

/// Whether an account's settings say something else of its payouts than before, besides their schedule.
fn says_otherwise(before: &Account, after: &Account) -> bool {
    let said = |account: &Account| {
        [DEBITS, DESCRIPTOR].map(|key| payouts_of(account).and_then(|known| known.get(key)).cloned())
    };
    said(before) != said(after)
}

/// The payouts in an account's settings.
fn payouts_of(account: &Account) -> Option<&Map> {
    account.rest.map("settings")?.map("payouts")
}

/// The schedule in an account's settings.
fn of_account(account: &Account) -> Option<&Map> {
    payouts_of(account)?.map("schedule")
}

/// Whether an account was given another schedule; a daily one of a new account is nobody's choice.
fn is_chosen(before: Option<&Account>, after: &Account) -> bool {
    match before {
        Some(before) => of_account(before) != of_account(after),
        None => of_account(after).is_some_and(|schedule| schedule.str("interval") != Some("daily")),
    }
}

/// Brings the balance settings into line with the schedule of their account.
fn follow_account(tx: &mut Tx, ctx: &Ctx<'_>, account: &Id) -> Result<()> {
    let schedule = tx.get::<Account>(account).and_then(|account| of_account(&account).cloned());
    let Some((mut schedule, place)) = schedule.zip(tx.state().account(account)) else { return Ok(()) };
    let delay = schedule.remove("delay_days").and_then(|days| days.as_int());
    for (anchor, days) in ANCHORS {
        if let Some(first) = schedule.remove(anchor).filter(|first| !first.is_null() && schedule.list(days).is_none()) {
            schedule.set(days, vec![first]);
        }
    }
    tx.within(place, |tx| {
        let before = current(tx, ctx)?;
        let mut changed = BalanceSettings::clone(&before);
        if let Some(Doc::Map(payouts)) = changed.payments.get_mut("payouts") {
            payouts.set("schedule", schedule);
        }
        if let (Some(days), Some(Doc::Map(timing))) = (delay, changed.payments.get_mut("settlement_timing")) {
            timing.set("delay_days", days);
        }
        if changed.payments != before.payments {
            changed.next_at = Absent(next_payout(&changed.payments, ctx.now));
        }
        keep(tx, &before, changed);
        Ok(())
    })
}

/// Brings the balance settings into line with what their account says of its payouts besides their schedule; those that are not
/// stored are anyway.
fn follow_settings(tx: &mut Tx, _: &Ctx<'_>, account: &Id) -> Result<()> {
    let place = tx.state().account(account);
    let Some((account, place)) = tx.get::<Account>(account).zip(place) else { return Ok(()) };
    tx.within(place, |tx| {
        let Some(settings) = tx.get::<BalanceSettings>(ID) else { return };
        let mut payments = settings.payments.clone();
        adopt(&mut payments, &account);
        if payments != settings.payments {
            tx.update::<BalanceSettings>(ID, |settings| settings.payments = payments);
        }
    });
    Ok(())
}

/// The settings as the API shows them, in an event, too: without an id.
fn shown(settings: &BalanceSettings) -> Map {
    let mut shown = settings.to_doc();
    let _ = shown.remove("id");
    shown
}

/// Reads the settings of a dump, which may not say their id.
fn read(visible: Map, hidden: Map, created: i64) -> std::result::Result<Arc<dyn Object>, FieldError> {
    crate::contract::import::<BalanceSettings>(visible.with("id", ID), hidden, created)
}

/// The kind, for references.
const KIND: Kind = BalanceSettings::KIND;

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: BalanceSettings::FIELDS,
    marks: &[
        Marked::acts(
            &["payments.payouts.schedule.monthly_payout_days"],
            "ledger::automatic_payouts::a_monthly_schedule_pays_out_on_the_last_day_of_a_month_that_is_too_short",
        ),
        Marked::acts(
            &["payments.payouts.schedule.weekly_payout_days"],
            "ledger::automatic_payouts::a_weekly_schedule_pays_out_on_its_days",
        ),
    ],
    noun: "balance settings",
    operations: &[
        ("balance_settings.retrieve", Behaviour::Read(retrieve)),
        ("balance_settings.update", Behaviour::Write(update)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: read,
    views: &[View { from: KIND, doc: |settings| downcast::<BalanceSettings>(settings).map(shown) }],
    // They are stored when they first differ from the fresh ones; that is a change, too.
    events: Events {
        created: Some("balance_settings.updated"),
        updated: &["balance_settings.updated"],
        ..Events::NONE
    },
    defaults: &[
        ("payments.payouts.status", Fill::Text("enabled")),
        ("payments.debit_negative_balances", Fill::Flag(true)),
        ("payments.settlement_timing.delay_days", Fill::Int(DELAY_DAYS)),
        ("payments.settlement_timing.start_of_day.hour", Fill::Int(0)),
        ("payments.settlement_timing.start_of_day.minutes", Fill::Int(0)),
        ("payments.settlement_timing.start_of_day.timezone", Fill::Text("Etc/UTC")),
        (
            "payments.payouts",
            Fill::Object(&[
                ("automatic_transfer_rules_by_currency", Fill::Object(&[])),
                ("minimum_balance_by_currency", Fill::Null),
                ("schedule", Fill::Object(&[("interval", Fill::Text("daily"))])),
                ("statement_descriptor", Fill::Null),
                ("status", Fill::Text("enabled")),
            ]),
        ),
    ],
    reactions: &[
        Reaction {
            to: accounts::KIND,
            on: On::Change(crate::when!(Account, is_chosen)),
            who: Who::New,
            run: follow_account,
        },
        Reaction {
            to: accounts::KIND,
            on: On::Change(crate::when!(Account, |before, after| {
                before.is_some_and(|before| says_otherwise(before, after))
            })),
            who: Who::New,
            run: follow_settings,
        },
    ],
    dues: DUES,
    by_clock_only: true,
    triggers: &[Trigger::update("balance_settings.updated", "/v1/balance_settings")],
    ..Entry::PLAIN
};
