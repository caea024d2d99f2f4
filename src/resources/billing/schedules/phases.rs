//! From parameters to phases (billing 5.3, billing-2 11.4, 13.7).
//!
//! May use: subscription items, prices, tax rates, the calendar. Invariant: a phase begins where the one before it ends, bills in
//! one currency at intervals that go together, and its trial is over when it is.

use super::{KIND, PhaseSpan};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::generic::described::{self, Described};
use crate::object::body;
use crate::resources::billing::subscription_items::{self, Chosen, ITEMS_MAX, PriceUse};
use crate::resources::billing::subscriptions::{Anchor, Recurrence};
use crate::resources::catalog::tax_rates;
use crate::resources::customers::customer::Customer;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::time::calendar::Interval;

/// The largest number of phases that are not over (billing 5.3).
const PHASES_MAX: usize = 10;

/// The largest number of iterations that is counted.
const ITERATIONS_MAX: i64 = 10_000;

/// A price that is described in place.
const PRICE: Described = Described { param: "price_data", kind: crate::kind!("price") };

/// What phases depend on besides their parameters.
pub(super) struct PhaseBasis<'a> {
    /// Who is billed.
    pub(super) customer: &'a Customer,
    /// Whether the billing mode is flexible.
    pub(super) is_flexible: bool,
    /// When the first phase begins, in Unix seconds, unless it says so itself.
    pub(super) start: i64,
    /// Unix seconds.
    pub(super) now: i64,
    /// The id of the schedule.
    pub(super) schedule: &'a str,
}

/// Reads `phases`. Returns them as the schedule shows them.
///
/// # Errors
/// None or too many; items that cannot be billed together; times that do not follow one another.
pub(super) fn read(tx: &mut Tx, ctx: &Ctx<'_>, sent: &[Doc], basis: &PhaseBasis<'_>) -> Result<Vec<Doc>> {
    if sent.is_empty() {
        return Err(ApiError::param_missing("phases"));
    }
    if sent.len() > PHASES_MAX {
        return Err(ApiError::array_too_long("phases", PHASES_MAX));
    }
    let mut phases = Vec::with_capacity(sent.len());
    let mut start = basis.start;
    for (index, phase) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let within = format!("phases[{index}]");
        if phase.present("start_date").is_some_and(|sent| moment(sent, basis.now) != Some(start)) {
            return Err(ApiError::phases_have_a_gap(&within));
        }
        let items = choose(tx, ctx, phase, &within)?;
        let read = read_one(phase, &items, start, basis).map_err(|error| error.inside(&within))?;
        start = PhaseSpan::of(&read).end;
        phases.push((read, rates(tx, phase, &items).map_err(|error| error.inside(&within))?));
    }
    show(tx, ctx, phases, basis.schedule)
}

/// The hashes of a list.
fn maps(list: &mut [Doc]) -> impl Iterator<Item = &mut Map> {
    list.iter_mut().filter_map(|doc| match doc {
        Doc::Map(map) => Some(map),
        _ => None,
    })
}

/// A time of a parameter that may be `now`, in Unix seconds.
pub(super) fn moment(sent: &Doc, now: i64) -> Option<i64> {
    match sent {
        Doc::Int(at) => Some(*at),
        Doc::Text(text) if &**text == "now" => Some(now),
        _ => None,
    }
}

/// The items of a phase.
fn choose(tx: &mut Tx, ctx: &Ctx<'_>, phase: &Map, within: &str) -> Result<Vec<Chosen>> {
    let sent = phase.list("items").unwrap_or_default();
    if sent.is_empty() {
        return Err(ApiError::param_missing(&format!("{within}[items]")));
    }
    if sent.len() > ITEMS_MAX {
        return Err(ApiError::array_too_long(&format!("{within}[items]"), ITEMS_MAX));
    }
    let mut chosen: Vec<Chosen> = Vec::with_capacity(sent.len());
    for (index, item) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let item = subscription_items::choose(tx, ctx, item, &format!("{within}[items][{index}]"), PriceUse::New)?;
        if chosen.iter().any(|other| other.price.id == item.price.id) {
            return Err(ApiError::subscription_price_twice(&item.price.id));
        }
        chosen.push(item);
    }
    Ok(chosen)
}

/// A phase with its currency, times and items; the tax rates are not in it.
fn read_one(sent: &Map, items: &[Chosen], start: i64, basis: &PhaseBasis<'_>) -> Result<Map> {
    let recurrences = items.iter().map(Chosen::recurrence);
    let shortest = subscription_items::check_recurrences(recurrences, basis.is_flexible)?;
    let end = end(sent, start, shortest, basis)?;
    let mut phase = sent.clone();
    for key in ["coupon", "default_tax_rates", "duration", "iterations"] {
        let _ = phase.remove(key);
    }
    if let Some(coupon) = sent.str("coupon").filter(|coupon| !coupon.is_empty()) {
        phase.set("discounts", Doc::List(vec![Map::from([("coupon", coupon.to_owned())]).into()]));
    }
    phase.set("currency", currency(sent, items, basis.customer)?);
    phase.set("start_date", start);
    phase.set("end_date", end);
    phase.set("trial_end", trial_end(sent, PhaseSpan { start, end }, basis.now)?);
    let shown = items.iter().zip(sent.list("items").unwrap_or_default());
    let shown = shown.map(|(item, sent)| Doc::from(item_of(item, sent.as_map())));
    phase.set("items", Doc::List(shown.collect()));
    if let Some(Doc::List(extras)) = phase.get_mut("add_invoice_items") {
        for extra in maps(extras) {
            let _ = extra.remove("tax_rates");
        }
    }
    Ok(phase)
}

/// An item of a phase.
fn item_of(item: &Chosen, sent: Option<&Map>) -> Map {
    let mut shown = Map::from([("plan", item.price.id.to_string()), ("price", item.price.id.to_string())]);
    if let Some(quantity) = item.quantity {
        shown.set("quantity", quantity);
    }
    shown.set("metadata", item.metadata.clone());
    for key in ["billing_thresholds", "discounts"] {
        if let Some(value) = sent.and_then(|sent| sent.present(key)) {
            shown.set(key, value.clone());
        }
    }
    shown
}

/// The tax rates of a phase, of its items, and of what it bills once, as they are now.
struct PhaseRates {
    of_phase: Vec<Doc>,
    of_items: Vec<Vec<Doc>>,
    of_extras: Vec<Vec<Doc>>,
}

fn rates(tx: &Tx, sent: &Map, items: &[Chosen]) -> Result<PhaseRates> {
    let named = |of: &Map, key: &'static str| tax_rates::shown(tx, of.list(key).unwrap_or_default(), key);
    let extras = sent.list("add_invoice_items").unwrap_or_default().iter().filter_map(Doc::as_map);
    Ok(PhaseRates {
        of_phase: named(sent, "default_tax_rates")?,
        of_items: items.iter().map(|item| item.tax_rates.clone()).collect(),
        of_extras: extras.map(|extra| named(extra, "tax_rates")).collect::<Result<_>>()?,
    })
}

/// The phases with all their fields.
fn show(tx: &mut Tx, ctx: &Ctx<'_>, phases: Vec<(Map, PhaseRates)>, schedule: &str) -> Result<Vec<Doc>> {
    let (read, rates): (Vec<Map>, Vec<PhaseRates>) = phases.into_iter().unzip();
    let mut sent = Map::from([("phases", Doc::List(read.into_iter().map(Doc::from).collect()))]);
    described::each(tx, ctx, &mut sent, &["phases", "add_invoice_items"], PRICE)?;
    let mut shown = body::new(tx, ctx, KIND, schedule, &sent)?;
    let Some(Doc::List(mut phases)) = shown.remove("phases") else { return Err(ApiError::internal()) };
    for (phase, rates) in maps(&mut phases).zip(rates) {
        phase.set("default_tax_rates", Doc::List(rates.of_phase));
        for (list, of) in [("items", rates.of_items), ("add_invoice_items", rates.of_extras)] {
            let Some(Doc::List(parts)) = phase.get_mut(list) else { continue };
            for (part, rates) in maps(parts).zip(of) {
                part.set("tax_rates", Doc::List(rates));
            }
        }
    }
    Ok(phases)
}

/// The currency of all items: the one that is sent, or the customer's if the first price has it, or the first price's.
fn currency(sent: &Map, items: &[Chosen], customer: &Customer) -> Result<String> {
    let has = |item: &Chosen, wanted: &str| item.price.currency == wanted || item.price.in_currency(wanted).is_some();
    let Some(first) = items.first() else { return Err(ApiError::param_missing("items")) };
    let own = customer.rest.str("currency").filter(|own| has(first, own)).map(str::to_owned);
    let sent = sent.str("currency").map(str::to_lowercase);
    let currency = sent.or(own).unwrap_or_else(|| first.price.currency.clone());
    match items.iter().all(|item| has(item, &currency)) {
        true => Ok(currency),
        false => Err(ApiError::subscription_items_differ("currency")),
    }
}

/// When a phase ends, in Unix seconds: as it says, or after one interval of its prices.
fn end(sent: &Map, start: i64, shortest: Recurrence, basis: &PhaseBasis<'_>) -> Result<i64> {
    let named: Vec<&'static str> =
        ["duration", "end_date", "iterations"].into_iter().filter(|key| sent.present(key).is_some()).collect();
    match named[..] {
        [] => after(start, shortest, 1, basis).ok_or_else(|| ApiError::phase_is_empty("end_date")),
        ["end_date"] => {
            let end = sent.get("end_date").and_then(|sent| moment(sent, basis.now));
            end.filter(|end| *end > start).ok_or_else(|| ApiError::phase_is_empty("end_date"))
        }
        ["iterations"] => match sent.int("iterations").unwrap_or(1) {
            count if count < 1 => Err(ApiError::param_below("iterations", 1)),
            count => after(start, shortest, count, basis).ok_or_else(|| ApiError::phase_is_empty("iterations")),
        },
        ["duration"] => {
            let duration = sent.map("duration");
            let unit = duration.and_then(|duration| duration.str("interval")).and_then(Interval::parse);
            match duration.and_then(|duration| duration.int("interval_count")).unwrap_or(1) {
                count if count < 1 => Err(ApiError::param_below("interval_count", 1).inside("duration")),
                count => after(start, Recurrence::every(unit.unwrap_or(Interval::Month), count), 1, basis)
                    .ok_or_else(|| ApiError::phase_is_empty("duration")),
            }
        }
        [first, second, ..] => Err(ApiError::params_exclusive(first, second)),
        [_] => Err(ApiError::internal()),
    }
}

/// The time after so many recurrences, in Unix seconds, counted from the anchor if the phase begins with a period; `None` where the
/// calendar ends.
fn after(start: i64, recurrence: Recurrence, count: i64, basis: &PhaseBasis<'_>) -> Option<i64> {
    let common = Anchor::at(basis.start);
    let anchor = if recurrence.around(common, start).start == start { common } else { Anchor::at(start) };
    let next = |end: i64| Some(recurrence.next(anchor, end)).filter(|next| *next < i64::MAX);
    (0..count.min(ITERATIONS_MAX)).try_fold(start, |end, _| next(end))
}

/// When the trial of a phase ends, in Unix seconds.
fn trial_end(sent: &Map, span: PhaseSpan, now: i64) -> Result<Option<i64>> {
    let end = sent.present("trial_end").and_then(|sent| moment(sent, now));
    match (sent.bool("trial"), end) {
        (Some(true), Some(_)) => Err(ApiError::params_exclusive("trial", "trial_end")),
        (Some(true), None) => Ok(Some(span.end)),
        (_, Some(end)) if end > span.end => Err(ApiError::phase_trial_is_too_long()),
        (_, Some(end)) if end <= span.start => Ok(None),
        (_, end) => Ok(end),
    }
}
