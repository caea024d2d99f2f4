//! The rules that need a moving clock or a look behind the API: the ledger, the balance, holds and refunds.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Charge;
use super::flow::{self, ChargeAttempt};
use crate::api::params;
use crate::catalogue;
use crate::contract::version::Version;
use crate::contract::{self, Attempt, Behaviour, Call, Ctx, KeyKind, Outcome};
use crate::error::ApiError;
use crate::form;
use crate::issuers::{self, Verdict};
use crate::resources;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::payment_methods::Instrument;
use crate::resources::ledger::balance::{Balance, BalanceTransaction, RowStatus};
use crate::resources::payments::refunds::{Refund, RefundStatus};
use crate::state::document::Map;
use crate::state::ids::Ids;
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, State, Tx};
use crate::time::calendar::DAY;

/// Noon of a day.
const NOON: i64 = 20_000 * DAY + DAY / 2;

struct World {
    tx: Tx,
    now: i64,
    requests: u64,
}

impl World {
    fn new() -> Self {
        resources::install();
        World { tx: Tx::new(&State::new("acct_test"), AccountKey::PLATFORM, contract::indexes), now: NOON, requests: 0 }
    }

    fn ctx(&mut self) -> Ctx<'static> {
        self.requests += 1;
        Ctx {
            now: self.now,
            machine_now: self.now,
            request_id: "req_test",
            idempotency_key: None,
            key: KeyKind::Secret,
            version: Version::newest(),
            version_is_sent: false,
            base_url: "http://localhost",
            sandbox: "default",
            decline: None,
            settings: self.tx.settings(),
            ids: Ids::seeded(Uuid::from_u64_pair(1, self.requests)),
        }
    }

    /// Runs an operation and returns the id of what it shows.
    fn run(&mut self, name: &str, args: &[&str], body: &str) -> Result<Id, ApiError> {
        let operation = catalogue::operation(name).unwrap();
        let entry = contract::behaviour(operation).map(|(entry, _)| entry);
        let params = params::check(operation, entry, form::decode(body.as_bytes()).unwrap(), Version::newest(), false)?;
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        let call = Call { operation, args: &args, path: "", params };
        let ctx = self.ctx();
        let outcome = match resources::behaviour(operation).unwrap().1 {
            Behaviour::Write(write) => self.tx.attempt(|tx| write(tx, &ctx, &call)),
            behaviour => panic!("{name} is {behaviour:?}"),
        };
        contract::settle(&mut self.tx, &ctx);
        match outcome {
            Ok(Outcome::Done(shown)) => Ok(shown.id),
            Ok(Outcome::Refused(error)) => Err(error),
            Ok(other) => panic!("{name} answers {other:?}"),
            Err(error) => Err(error),
        }
    }

    fn charge(&mut self, more: &str) -> Id {
        self.run("charges.create", &[], &format!("amount=2000&currency=usd&{more}")).unwrap()
    }

    fn get<T: Resource>(&self, id: &str) -> T {
        T::clone(&self.tx.get::<T>(id).unwrap())
    }

    /// Moves the clock and does what becomes due on the way.
    fn wait(&mut self, seconds: i64) {
        let until = self.now + seconds;
        while let Some(due) = self.tx.next_due(until) {
            self.now = due.at().max(self.now);
            let ctx = self.ctx();
            (contract::due(&due).unwrap().work)(&mut self.tx, &ctx, &due.about.id).unwrap();
            assert!(!self.tx.is_due_still(&due), "{due:?}");
            contract::settle(&mut self.tx, &ctx);
        }
        self.now = until;
    }

    fn all<T: Resource>(&self) -> Vec<T> {
        let Some(table) = self.tx.state().table(AccountKey::PLATFORM, T::KIND) else { return Vec::new() };
        table.live().map(|record| self.get::<T>(record.object.id())).collect()
    }

    /// The invariants of the ledger and of refunds.
    fn check(&self) {
        let mut sums: BTreeMap<(String, RowStatus), i64> = BTreeMap::new();
        for row in self.all::<BalanceTransaction>() {
            assert_eq!(row.net, row.amount - row.fee);
            *sums.entry((row.currency.to_string(), row.status)).or_default() += row.net;
        }
        let balance = self.get::<Balance>("balance");
        for ((currency, status), sum) in sums {
            let kept = if status == RowStatus::Pending { &balance.pending } else { &balance.available };
            assert_eq!(kept.get(&currency), sum, "{status:?} {currency}");
        }
        for charge in self.all::<Charge>() {
            let refunds = self.tx.having::<Refund>("charge", &charge.id);
            let live = refunds
                .iter()
                .filter(|refund| !matches!(refund.status, Some(RefundStatus::Failed | RefundStatus::Canceled)));
            assert_eq!(charge.amount_refunded, live.map(|refund| refund.amount).sum::<i64>(), "{}", charge.id);
            assert!(charge.amount_refunded <= charge.amount);
        }
    }
}

#[test]
fn the_balance_is_the_sum_of_the_rows() {
    let mut world = World::new();
    let plain = world.charge("source=tok_visa");
    let bypassing = world.charge("source=tok_bypassPending");
    let held = world.charge("source=tok_visa&capture=false");
    world.charge("source=tok_visa&currency=eur");
    assert!(world.run("charges.create", &[], "amount=2000&currency=usd&source=tok_chargeDeclined").is_err());
    world.check();
    let (usd, eur) = (2000 - 88, 2000 - 83);
    let balance = world.get::<Balance>("balance");
    assert_eq!((balance.pending.get("usd"), balance.available.get("usd")), (usd, usd));
    assert_eq!((balance.pending.get("eur"), balance.available.get("eur")), (eur, 0));
    world.run("refunds.create", &[], &format!("charge={plain}&amount=500")).unwrap();
    world.run("refunds.create", &[], &format!("charge={bypassing}")).unwrap();
    world.check();
    let balance = world.get::<Balance>("balance");
    assert_eq!((balance.pending.get("usd"), balance.available.get("usd")), (usd - 500, usd - 2000));
    world.run("charges.capture", &[&held], "amount=1500").unwrap();
    world.run("refunds.create", &[], &format!("charge={held}&amount=100")).unwrap();
    world.check();
    world.wait(3 * DAY);
    world.check();
    let balance = world.get::<Balance>("balance");
    assert_eq!((balance.pending.get("usd"), balance.pending.get("eur"), balance.available.get("eur")), (0, 0, eur));
}

#[test]
fn pending_money_becomes_available_at_midnight_two_days_on() {
    let mut world = World::new();
    let charge = world.charge("source=tok_visa");
    let row = world.get::<Charge>(&charge).balance_transaction.unwrap();
    assert_eq!(world.get::<BalanceTransaction>(&row).available_on, NOON - DAY / 2 + 2 * DAY);
    world.wait(DAY + DAY / 2 - 1);
    assert_eq!(world.get::<BalanceTransaction>(&row).status, RowStatus::Pending);
    world.wait(1);
    assert_eq!(world.get::<BalanceTransaction>(&row).status, RowStatus::Available);
}

#[test]
fn an_intents_charge_gains_its_row_after_the_answer() {
    let mut world = World::new();
    let ctx = world.ctx();
    let details = CardDetails::of_test_card(issuers::by_token("tok_visa").unwrap(), &ctx, "acct_test");
    let card = Card::new("card_1".into(), NOON, details);
    let plan = ChargeAttempt {
        amount: 2000,
        currency: "usd".into(),
        capture: true,
        instrument: Instrument::Card(card.into()),
        customer: None,
        payment_intent: Some("pi_3".into()),
        verdict: Verdict::Approve,
        authenticated: false,
        options: Map::new(),
        details: Map::new(),
        ledger_later: true,
    };
    let Attempt::Approved(id) = flow::attempt(&mut world.tx, &ctx, plan.clone()) else { panic!() };
    assert!(id.starts_with("ch_3"));
    assert_eq!(world.get::<Charge>(&id).balance_transaction, None);
    world.wait(0);
    let row = world.get::<Charge>(&id).balance_transaction.unwrap();
    assert!(row.starts_with("txn_3"));
    assert_eq!(world.get::<BalanceTransaction>(&row).net, 2000 - 88);

    let held = ChargeAttempt { capture: false, ledger_later: false, ..plan.clone() };
    let ctx = world.ctx();
    let Attempt::Approved(id) = flow::attempt(&mut world.tx, &ctx, held.clone()) else { panic!() };
    flow::capture(&mut world.tx, &ctx, &id, Some(1500));
    let charge = world.get::<Charge>(&id);
    assert_eq!((charge.amount_captured, charge.amount_refunded, charge.refundable()), (1500, 0, 1500));
    let refund = world.run("refunds.create", &[], &format!("charge={id}")).unwrap();
    assert_eq!((world.get::<Refund>(&refund).amount, world.get::<Charge>(&id).refunded), (1500, true));

    let Attempt::Approved(id) = flow::attempt(&mut world.tx, &ctx, held) else { panic!() };
    flow::release(&mut world.tx, &ctx, &id);
    contract::settle(&mut world.tx, &ctx);
    let charge = world.get::<Charge>(&id);
    assert_eq!((charge.captured, charge.refunded, charge.amount_refunded), (false, true, 2000));
    world.check();

    let refused = ChargeAttempt { verdict: Verdict::Decline(&issuers::INCORRECT_CVC), ..plan };
    let Attempt::Declined { charge: Some(id), error } = flow::attempt(&mut world.tx, &ctx, refused) else { panic!() };
    assert_eq!((world.get::<Charge>(&id).status.as_str(), error.field("param")), ("failed", Some("cvc")));
}

#[test]
fn the_hold_of_a_direct_charge_ends_after_seven_days() {
    let mut world = World::new();
    let held = world.charge("source=tok_visa&capture=false");
    world.wait(7 * DAY - 1);
    assert!(!world.get::<Charge>(&held).refunded);
    world.wait(1);
    let charge = world.get::<Charge>(&held);
    assert_eq!((charge.refunded, charge.captured, charge.amount_refunded), (true, false, 2000));
    let refund = &world.all::<Refund>()[0];
    assert_eq!(refund.rest.str("reason"), Some("expired_uncaptured_charge"));
    assert_eq!(refund.balance_transaction, None);
    let error = world.run("charges.capture", &[&held], "").unwrap_err();
    assert_eq!(error.field("code"), Some("charge_expired_for_capture"));
}

#[test]
fn a_captured_hold_does_not_end() {
    let mut world = World::new();
    let held = world.charge("source=tok_visa&capture=false");
    world.run("charges.capture", &[&held], "").unwrap();
    world.wait(8 * DAY);
    assert!(!world.get::<Charge>(&held).refunded);
}

#[test]
fn a_slow_refund_succeeds_later() {
    let mut world = World::new();
    let charge = world.charge("source=tok_pendingRefund");
    let id = world.run("refunds.create", &[], &format!("charge={charge}")).unwrap();
    assert_eq!(world.get::<Refund>(&id).status, Some(RefundStatus::Pending));
    world.wait(DAY);
    assert_eq!(world.get::<Refund>(&id).status, Some(RefundStatus::Succeeded));
    world.check();
}

#[test]
fn a_pending_refund_can_be_canceled() {
    let mut world = World::new();
    let charge = world.charge("source=tok_pendingRefund");
    let id = world.run("refunds.create", &[], &format!("charge={charge}")).unwrap();
    world.run("refunds.cancel", &[&id], "").unwrap();
    world.wait(30 * 60);
    assert_eq!(world.get::<Refund>(&id).status, Some(RefundStatus::Canceled));
    assert_eq!(world.get::<Charge>(&charge).amount_refunded, 0);
    world.check();
}

#[test]
fn a_failed_refund_gives_the_money_back() {
    let mut world = World::new();
    let charge = world.charge("source=tok_refundFail");
    let id = world.run("refunds.create", &[], &format!("charge={charge}")).unwrap();
    assert!(world.get::<Charge>(&charge).refunded);
    world.wait(0);
    let refund = world.get::<Refund>(&id);
    assert_eq!(refund.status, Some(RefundStatus::Failed));
    assert_eq!(refund.rest.str("failure_reason"), Some("expired_or_canceled_card"));
    let row = world.get::<BalanceTransaction>(refund.rest.str("failure_balance_transaction").unwrap());
    assert_eq!((row.kind.as_str(), row.amount), ("refund_failure", 2000));
    let charge = world.get::<Charge>(&charge);
    assert_eq!((charge.refunded, charge.amount_refunded), (false, 0));
    world.check();
}

#[test]
fn a_wrong_security_code_is_only_noticed_when_given() {
    let mut world = World::new();
    let card = "source[object]=card&source[number]=4000000000000127&source[exp_month]=12&source[exp_year]=2050";
    world.charge(card);
    let body = format!("amount=2000&currency=usd&{card}&source[cvc]=123");
    assert_eq!(world.run("charges.create", &[], &body).unwrap_err().field("code"), Some("incorrect_cvc"));
}

#[test]
fn a_row_of_a_dump_counts() {
    let mut world = World::new();
    world.charge("source=tok_visa");
    let mut row = world.all::<BalanceTransaction>().remove(0);
    row.id = "txn_dump".into();
    let about = world.tx.insert(row);
    let ctx = world.ctx();
    let imported = contract::entry(BalanceTransaction::KIND).unwrap().imported.unwrap();
    imported(&mut world.tx, &ctx, &about).unwrap();
    world.check();
    world.wait(3 * DAY);
    world.check();
}
