//! Money adds up, whatever happens to it: random sequences of payments, refunds, disputes, payouts, top-ups and transfers
//! keep the sum of the ledger, the balance and what payouts left the same (core-payments 9.3.10), and what leaves one
//! account's ledger for another's is in that one (billing 6.4).
//!
//! The seed of a failing run is printed; `PINSTRIPE_LEDGER_SEED=N cargo test ledger` repeats it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{id, int, rows, text};

/// One thing that happens. The number chooses among what is there.
#[derive(Clone, Debug)]
enum Step {
    Pay { card: usize, amount: u32, manual: bool },
    Charge { card: usize, amount: u32, currency: usize },
    Capture(usize, u32),
    Refund(usize, Option<u32>, bool),
    Share { card: usize, amount: u32, fee: u32, direct: bool },
    SendBack(usize, u32, bool),
    GiveBack(usize, u32),
    Answer(usize, usize),
    Close(usize),
    PayOut { amount: u32, instant: bool, bank: usize },
    CancelPayout(usize),
    TopUp { amount: u32, bank: usize },
    CancelTopUp(usize),
    Wait(u32),
}

const CARDS: [&str; 9] = [
    "visa",
    "bypassPending",
    "createDispute",
    "createDisputeInquiry",
    "createMultipleDisputes",
    "refundFail",
    "pendingRefund",
    "createIssuerFraudRecord",
    "chargeDeclined",
];
const CURRENCIES: [&str; 3] = ["usd", "eur", "jpy"];
const EVIDENCE: [&str; 4] = ["winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "something"];
const BANKS: [&str; 3] = ["btok_us_verified", "btok_us_verified_noAccount", "btok_us_verified_accountClosed"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let card = 0..CARDS.len();
    let amount = 50..20_000_u32;
    let which = any::<usize>();
    let step = prop_oneof![
        3 => (card.clone(), amount.clone(), any::<bool>())
            .prop_map(|(card, amount, manual)| Step::Pay { card, amount, manual }),
        3 => (card, amount.clone(), 0..CURRENCIES.len())
            .prop_map(|(card, amount, currency)| Step::Charge { card, amount, currency }),
        1 => (which, amount.clone()).prop_map(|(which, amount)| Step::Capture(which, amount)),
        3 => (which, prop::option::of(1..20_000_u32), any::<bool>())
            .prop_map(|(which, amount, shared)| Step::Refund(which, amount, shared)),
        2 => (0..CARDS.len(), amount.clone(), 0..50_u32, any::<bool>())
            .prop_map(|(card, amount, fee, direct)| Step::Share { card, amount, fee, direct }),
        1 => (which, 1..20_000_u32, any::<bool>()).prop_map(|(which, amount, fee)| Step::SendBack(which, amount, fee)),
        1 => (which, 1..50_u32).prop_map(|(which, amount)| Step::GiveBack(which, amount)),
        3 => (which, 0..EVIDENCE.len()).prop_map(|(which, evidence)| Step::Answer(which, evidence)),
        1 => which.prop_map(Step::Close),
        3 => (amount.clone(), any::<bool>(), 0..BANKS.len())
            .prop_map(|(amount, instant, bank)| Step::PayOut { amount, instant, bank }),
        1 => which.prop_map(Step::CancelPayout),
        1 => (amount, 0..BANKS.len()).prop_map(|(amount, bank)| Step::TopUp { amount, bank }),
        1 => which.prop_map(Step::CancelTopUp),
        2 => (0..3_u32).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..19)
}

/// A sandbox in which things happen.
struct World {
    api: Client,
    name: String,
    banks: Vec<String>,
    seller: String,
}

impl World {
    fn new(name: &str) -> Self {
        let api = sandbox(name);
        let path = format!("/v1/accounts/{}/external_accounts", id(&api.get("/v1/account", &[]).ok()));
        let bank = |token: &&str| id(&api.post(&path, &[("external_account", token)]).ok());
        let banks = BANKS.iter().map(bank).collect();
        let seller = id(&api.post("/v1/accounts", &[]).ok());
        World { api, name: name.to_owned(), banks, seller }
    }

    fn theirs(&self) -> Client {
        self.api.with("Stripe-Account", &self.seller)
    }

    fn list(&self, path: &str) -> Vec<Value> {
        rows(&self.api.get(path, &[("limit", "100")]).ok()).to_vec()
    }

    /// Posts below one of a list's objects, if there is any.
    fn post(&self, list: &str, which: usize, below: &str, params: &[(&str, &str)]) {
        let there = self.list(list);
        if let Some(object) = there.get(which % there.len().max(1)) {
            let answer = self.api.post(&format!("{list}/{}{below}", id(object)), params);
            assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of step")]
    fn take(&self, step: &Step) {
        match *step {
            Step::Pay { card, amount, manual } => {
                let method = format!("pm_card_{}", CARDS[card]);
                let capture = if manual { "manual" } else { "automatic" };
                let intent = self.api.version(crate::support::flows::BEFORE_AUTOMATIC);
                let answer = intent.post(
                    "/v1/payment_intents",
                    &[
                        ("amount", &amount.to_string()),
                        ("currency", "usd"),
                        ("payment_method_types[]", "card"),
                        ("payment_method", &method),
                        ("capture_method", capture),
                        ("confirm", "true"),
                    ],
                );
                assert!(matches!(answer.status, 200 | 402), "{}", answer.text);
            }
            Step::Charge { card, amount, currency } => {
                let (amount, source) = (amount.to_string(), format!("tok_{}", CARDS[card]));
                let params = [("amount", &*amount), ("currency", CURRENCIES[currency]), ("source", &source)];
                let answer = self.api.post("/v1/charges", &params);
                assert!(matches!(answer.status, 200 | 402), "{}", answer.text);
            }
            Step::Capture(which, amount) => {
                self.post("/v1/payment_intents", which, "/capture", &[("amount_to_capture", &amount.to_string())]);
            }
            Step::Refund(which, amount, shared) => {
                let charges = self.list("/v1/charges");
                let Some(charge) = charges.get(which % charges.len().max(1)).map(id) else { return };
                let amount = amount.map(|amount| amount.to_string());
                let mut params = vec![("charge", &*charge)];
                params.extend(amount.as_deref().map(|amount| ("amount", amount)));
                if shared && charges[which % charges.len()]["transfer"].is_string() {
                    params.extend([("reverse_transfer", "true"), ("refund_application_fee", "true")]);
                }
                let answer = self.api.post("/v1/refunds", &params);
                assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
            }
            Step::Share { card, amount, fee, direct } => {
                let (amount, fee, card) = (amount.to_string(), fee.to_string(), format!("tok_{}", CARDS[card]));
                let base =
                    [("amount", &*amount), ("currency", "usd"), ("source", &card), ("application_fee_amount", &fee)];
                let answer = if direct {
                    self.theirs().post("/v1/charges", &base)
                } else {
                    let to = [("transfer_data[destination]", &*self.seller)];
                    self.api.post("/v1/charges", &[&base[..], &to].concat())
                };
                assert!(matches!(answer.status, 200 | 402), "{}", answer.text);
            }
            Step::SendBack(which, amount, fee) => {
                let params =
                    [("amount", &*amount.to_string()), ("refund_application_fee", if fee { "true" } else { "false" })];
                self.post("/v1/transfers", which, "/reversals", &params);
            }
            Step::GiveBack(which, amount) => {
                self.post("/v1/application_fees", which, "/refunds", &[("amount", &amount.to_string())]);
            }
            Step::Answer(which, evidence) => {
                self.post("/v1/disputes", which, "", &[("evidence[uncategorized_text]", EVIDENCE[evidence])]);
            }
            Step::Close(which) => self.post("/v1/disputes", which, "/close", &[]),
            Step::PayOut { amount, instant, bank } => {
                let (amount, method) = (amount.to_string(), if instant { "instant" } else { "standard" });
                let to = [("destination", &*self.banks[bank]), ("method", method)];
                let answer =
                    self.api.post("/v1/payouts", &[&[("amount", &*amount), ("currency", "usd")], &to[..]].concat());
                assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
            }
            Step::CancelPayout(which) => self.post("/v1/payouts", which, "/cancel", &[]),
            Step::TopUp { amount, bank } => {
                let params = [("amount", &*amount.to_string()), ("currency", "usd"), ("source", BANKS[bank])];
                self.api.post("/v1/topups", &params).ok();
            }
            Step::CancelTopUp(which) => self.post("/v1/topups", which, "/cancel", &[]),
            Step::Wait(days) => {
                let target = format!("/_pinstripe/clock?sandbox={}&advance={}", self.name, days * 86_400 + 1);
                assert_eq!(client::raw(self.api.url(), "POST", &target, &[], None).status, 200);
            }
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let ledger = self.list("/v1/balance_transactions");
        assert!(ledger.len() < 100, "the sequence is too long for one page");
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        let mut moved: BTreeMap<String, i64> = BTreeMap::new();
        for row in &ledger {
            assert_eq!(int(row, "net"), int(row, "amount") - int(row, "fee"), "{row}");
            let of = (text(row, "currency").to_owned(), text(row, "status").to_owned());
            *sums.entry(of).or_default() += int(row, "net");
            if !text(row, "type").starts_with("payout") {
                *moved.entry(text(row, "currency").to_owned()).or_default() += int(row, "net");
            }
        }
        let balance = self.api.get("/v1/balance", &[]).ok();
        let mut left: BTreeMap<String, i64> = BTreeMap::new();
        for side in ["available", "pending"] {
            for amount in balance[side].as_array().unwrap() {
                let currency = text(amount, "currency").to_owned();
                let sum = sums.remove(&(currency.clone(), side.to_owned())).unwrap_or(0);
                assert_eq!(int(amount, "amount"), sum, "{side} {currency}");
                *left.entry(currency).or_default() += sum;
            }
        }
        assert!(sums.is_empty(), "the balance lacks {sums:?}");
        for payout in self.list("/v1/payouts") {
            if !matches!(text(&payout, "status"), "canceled" | "failed") {
                *moved.entry(text(&payout, "currency").to_owned()).or_default() -= int(&payout, "amount");
            }
        }
        left.retain(|currency, amount| *amount != 0 || moved.contains_key(currency));
        assert_eq!(left, moved, "what payouts left");
        self.check_charges();
        self.check_between_accounts(&ledger);
    }

    /// What one account gives another is what that one gets, and no transfer and no fee gives back more than it took.
    fn check_between_accounts(&self, ledger: &[Value]) {
        const SHARED: [&str; 4] = ["transfer", "transfer_refund", "application_fee", "application_fee_refund"];
        let ours: i64 =
            ledger.iter().filter(|row| SHARED.contains(&text(row, "type"))).map(|row| int(row, "amount")).sum();
        let theirs = rows(&self.theirs().get("/v1/balance_transactions", &[("limit", "100")]).ok()).to_vec();
        let shared =
            |row: &&Value| matches!(text(row, "type"), "payment" | "payment_refund" | "application_fee_refund");
        let gross: i64 = theirs.iter().filter(shared).map(|row| int(row, "amount")).sum();
        let fees = theirs.iter().flat_map(|row| row["fee_details"].as_array().unwrap());
        let paid: i64 = fees.filter(|fee| fee["type"] == "application_fee").map(|fee| int(fee, "amount")).sum();
        assert_eq!(ours + gross - paid, 0, "between the accounts");
        for (list, back) in [("/v1/transfers", "amount_reversed"), ("/v1/application_fees", "amount_refunded")] {
            for object in self.list(list) {
                assert!((0..=int(&object, "amount")).contains(&int(&object, back)), "{object}");
            }
        }
    }

    /// No charge gives back more than it took, by refunds and disputes together.
    fn check_charges(&self) {
        let mut back: BTreeMap<String, i64> = BTreeMap::new();
        for dispute in self.list("/v1/disputes") {
            let rows = dispute["balance_transactions"].as_array().unwrap();
            let withdrawn: i64 = rows.iter().map(|row| -int(row, "amount")).sum();
            assert!(withdrawn >= 0, "{dispute}");
            *back.entry(text(&dispute, "charge").to_owned()).or_default() += withdrawn;
        }
        for charge in self.list("/v1/charges") {
            let gone = int(&charge, "amount_refunded") + back.get(&id(&charge)).unwrap_or(&0);
            let voided = charge["captured"] == false;
            assert!(voided || gone <= int(&charge, "amount_captured"), "{gone} of {charge}");
        }
    }
}

/// The seed of this run: what the environment says, or the time.
fn seed() -> u64 {
    let told = std::env::var("PINSTRIPE_LEDGER_SEED").ok().and_then(|seed| seed.parse().ok());
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    told.unwrap_or(u64::from(since.subsec_nanos()) ^ since.as_secs())
}

#[test]
fn money_adds_up_at_every_moment() {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let cases = Config::default().cases / 20;
    let config = Config { cases, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let number = std::sync::atomic::AtomicU32::new(0);
    let result = runner.run(&steps(), |steps| {
        let n = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let world = World::new(&format!("ledger-{n}"));
        for step in &steps {
            world.take(step);
            world.check();
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("PINSTRIPE_LEDGER_SEED={seed}: {error}");
    }
}
