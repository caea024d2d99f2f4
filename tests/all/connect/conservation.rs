//! Money between a platform and accounts in two countries adds up in each currency, whatever happens to it
//! (connect-accounts 7).
//!
//! The seed of a failing run is printed; `PINSTRIPE_CONNECT_SEED=N cargo test connect::conservation` repeats it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use super::{account, onboard};
use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{id, int, rows, text};

/// How a charge shares its money.
#[derive(Clone, Copy, Debug)]
enum Way {
    Direct,
    Destination,
    OnBehalf,
}

/// One thing that happens. A number chooses among what is there; the account is that in the United States or in Canada.
#[derive(Clone, Debug)]
enum Step {
    Charge {
        abroad: bool,
        way: Way,
        disputed: bool,
        amount: u32,
        fee: u32,
    },
    Refund {
        platform: bool,
        abroad: bool,
        which: usize,
        amount: Option<u32>,
    },
    Transfer {
        abroad: bool,
        amount: u32,
    },
    SendHome {
        abroad: bool,
        amount: u32,
    },
    Reverse(usize, u32),
    GiveBack(usize, u32),
    PayOut {
        abroad: bool,
        amount: u32,
    },
    Hold {
        abroad: bool,
        behalf: bool,
        amount: u32,
        fee: u32,
    },
    Capture(usize, Option<u32>),
    /// The account is rejected, or taken back.
    Judge {
        abroad: bool,
        rejected: bool,
    },
    Wait(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (amount, abroad, which) = (60..20_000_u32, any::<bool>(), any::<usize>());
    let way = prop_oneof![Just(Way::Direct), Just(Way::Destination), Just(Way::OnBehalf)];
    let step = prop_oneof![
        5 => (abroad, way, prop::bool::weighted(0.15), amount.clone(), 0..60_u32)
            .prop_map(|(abroad, way, disputed, amount, fee)| Step::Charge { abroad, way, disputed, amount, fee }),
        4 => (any::<bool>(), abroad, which, prop::option::of(1..20_000_u32))
            .prop_map(|(platform, abroad, which, amount)| Step::Refund { platform, abroad, which, amount }),
        2 => (abroad, 1..5_000_u32).prop_map(|(abroad, amount)| Step::Transfer { abroad, amount }),
        1 => (abroad, 1..5_000_u32).prop_map(|(abroad, amount)| Step::SendHome { abroad, amount }),
        2 => (which, 1..5_000_u32).prop_map(|(which, amount)| Step::Reverse(which, amount)),
        2 => (which, 1..60_u32).prop_map(|(which, amount)| Step::GiveBack(which, amount)),
        1 => (abroad, amount).prop_map(|(abroad, amount)| Step::PayOut { abroad, amount }),
        2 => (abroad, any::<bool>(), 60..20_000_u32, 0..60_u32)
            .prop_map(|(abroad, behalf, amount, fee)| Step::Hold { abroad, behalf, amount, fee }),
        2 => (any::<usize>(), prop::option::of(50..20_000_u32)).prop_map(|(which, amount)| Step::Capture(which, amount)),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(abroad, rejected)| Step::Judge { abroad, rejected }),
        1 => (0..3_u32).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..14)
}

/// A platform with an account in the United States and one in Canada, which is paid out every day.
struct World {
    api: Client,
    name: String,
    sellers: [String; 2],
}

impl World {
    fn new(name: &str) -> Self {
        let api = sandbox(name);
        let made = |country| id(&account(&api, &[&[("type", "express"), ("country", country)]]));
        let sellers = ["US", "CA"].map(made);
        sellers.iter().for_each(|seller| onboard(&api, seller));
        let world = World { api, name: name.to_owned(), sellers };
        let daily = [("payments[payouts][schedule][interval]", "daily")];
        world.theirs(true).post("/v1/balance_settings", &daily).ok();
        let bank = [
            ("external_account[object]", "bank_account"),
            ("external_account[country]", "CA"),
            ("external_account[currency]", "cad"),
            ("external_account[routing_number]", "11000-000"),
            ("external_account[account_number]", "000123456789"),
        ];
        let path = format!("/v1/accounts/{}/external_accounts", world.sellers[1]);
        world.api.post(&path, &bank).ok();
        world
    }

    fn seller(&self, abroad: bool) -> &str {
        &self.sellers[usize::from(abroad)]
    }

    fn theirs(&self, abroad: bool) -> Client {
        self.api.with("Stripe-Account", self.seller(abroad))
    }

    fn take(&self, step: &Step) {
        let answer = match *step {
            Step::Charge { abroad, way, disputed, amount, fee } => {
                let (amount, fee, seller) = (amount.to_string(), fee.to_string(), self.seller(abroad));
                let source = if disputed { "tok_createDispute" } else { "tok_bypassPending" };
                let mut params = vec![
                    ("amount", &*amount),
                    ("currency", "usd"),
                    ("source", source),
                    ("application_fee_amount", &*fee),
                ];
                let api = match way {
                    Way::Direct => self.theirs(abroad),
                    Way::Destination => self.api.clone(),
                    Way::OnBehalf => {
                        params.push(("on_behalf_of", seller));
                        self.api.clone()
                    }
                };
                if !matches!(way, Way::Direct) {
                    params.push(("transfer_data[destination]", seller));
                }
                Some(api.post("/v1/charges", &params))
            }
            Step::Refund { platform, abroad, which, amount } => {
                let api = if platform { self.api.clone() } else { self.theirs(abroad) };
                let charges = list(&api, "/v1/charges");
                let amount = amount.map(|amount| amount.to_string());
                charges.get(which % charges.len().max(1)).map(|charge| {
                    let charge_id = id(charge);
                    let mut params = vec![("charge", &*charge_id), ("refund_application_fee", "true")];
                    params.extend(amount.as_deref().map(|amount| ("amount", amount)));
                    if charge["transfer"].is_string() {
                        params.push(("reverse_transfer", "true"));
                    }
                    api.post("/v1/refunds", &params)
                })
            }
            Step::Transfer { abroad, amount } => Some(transfer(&self.api, amount, self.seller(abroad))),
            Step::SendHome { abroad, amount } => {
                let platform = id(&self.api.get("/v1/account", &[]).ok());
                Some(transfer(&self.theirs(abroad), amount, &platform))
            }
            Step::Reverse(which, amount) => self.post_below("/v1/transfers", which, "reversals", amount),
            Step::GiveBack(which, amount) => self.post_below("/v1/application_fees", which, "refunds", amount),
            Step::PayOut { abroad, amount } => {
                let currency = if abroad { "cad" } else { "usd" };
                let params = [("amount", &*amount.to_string()), ("currency", currency)];
                Some(self.theirs(abroad).post("/v1/payouts", &params))
            }
            Step::Hold { abroad, behalf, amount, fee } => Some(self.hold(abroad, behalf, amount, fee)),
            Step::Capture(which, amount) => self.capture(which, amount),
            Step::Judge { abroad, rejected } => {
                let call = if rejected { "reject" } else { "unreject" };
                let reason: &[(&str, &str)] = if rejected { &[("reason", "fraud")] } else { &[] };
                Some(self.api.post(&format!("/v1/accounts/{}/{call}", self.seller(abroad)), reason))
            }
            Step::Wait(days) => {
                let target = format!("/_pinstripe/clock?sandbox={}&advance={}", self.name, days * 86_400 + 1);
                Some(client::raw(self.api.url(), "POST", &target, &[], None))
            }
        };
        if let Some(answer) = answer {
            assert!(matches!(answer.status, 200 | 400 | 402), "{}", answer.text);
        }
    }

    fn hold(&self, abroad: bool, behalf: bool, amount: u32, fee: u32) -> client::Answer {
        let (amount, fee, seller) = (amount.to_string(), fee.to_string(), self.seller(abroad));
        let mut params = vec![("amount", &*amount), ("currency", "usd"), ("source", "tok_bypassPending")];
        params.extend([("capture", "false"), ("application_fee_amount", &*fee)]);
        params.push(("transfer_data[destination]", seller));
        params.extend(behalf.then_some(("on_behalf_of", seller)));
        self.api.post("/v1/charges", &params)
    }

    fn capture(&self, which: usize, amount: Option<u32>) -> Option<client::Answer> {
        let mut held = list(&self.api, "/v1/charges");
        held.retain(|charge| charge["captured"] == false && charge["refunded"] == false);
        let amount = amount.map(|amount| amount.to_string());
        let params: Vec<_> = amount.as_deref().map(|amount| ("amount", amount)).into_iter().collect();
        let charge = id(held.get(which % held.len().max(1))?);
        Some(self.api.post(&format!("/v1/charges/{charge}/capture"), &params))
    }

    fn post_below(&self, path: &str, which: usize, below: &str, amount: u32) -> Option<client::Answer> {
        let there = list(&self.api, path);
        let object = there.get(which % there.len().max(1))?;
        Some(self.api.post(&format!("{path}/{}/{below}", id(object)), &[("amount", &amount.to_string())]))
    }

    /// What holds at every moment.
    fn check(&self) {
        let accounts = [self.api.clone(), self.theirs(false), self.theirs(true)];
        accounts.iter().for_each(check_balance);
        self.check_payouts();
        for sender in &accounts {
            for transfer in list(sender, "/v1/transfers") {
                let receiver = accounts.iter().find_map(|account| {
                    let path = format!("/v1/charges/{}", text(&transfer, "destination_payment"));
                    Some(account.get(&path, &[])).filter(|answer| answer.status == 200)
                });
                let payment = receiver.unwrap().ok();
                for (sent, arrived) in [("amount", "amount"), ("amount_reversed", "amount_refunded")] {
                    assert_eq!(int(&transfer, sent), int(&payment, arrived), "{transfer} {payment}");
                }
                assert_eq!(transfer["currency"], payment["currency"]);
            }
        }
        self.check_fees(&accounts[1..]);
    }

    /// An account gets back what the refunds of its fees say, and never more than it paid.
    fn check_fees(&self, accounts: &[Client]) {
        let mut back = 0;
        for fee in list(&self.api, "/v1/application_fees") {
            let refunds = rows(&fee["refunds"]);
            back += refunds.iter().map(|refund| int(refund, "amount")).sum::<i64>();
            assert!(int(&fee, "amount_refunded") <= int(&fee, "amount"), "{fee}");
        }
        let mut got = 0;
        let mut paid = 0;
        for row in accounts.iter().flat_map(|account| list(account, "/v1/balance_transactions")) {
            got += if text(&row, "type") == "application_fee_refund" { int(&row, "amount") } else { 0 };
            let fees = row["fee_details"].as_array().unwrap().iter();
            paid += fees.filter(|fee| fee["type"] == "application_fee").map(|fee| int(fee, "amount")).sum::<i64>();
        }
        assert_eq!(back, got, "what the refunds of fees brought");
        assert!(got <= paid, "{got} of {paid}");
    }

    /// An automatic payout is the sum of what it is made of.
    fn check_payouts(&self) {
        let theirs = self.theirs(true);
        for payout in list(&theirs, "/v1/payouts").iter().filter(|payout| payout["automatic"] == true) {
            let params = [("payout", &*id(payout)), ("limit", "100")];
            let made_of = theirs.get("/v1/balance_transactions", &params).ok();
            let parts = rows(&made_of).iter().filter(|row| row["source"] != payout["id"]);
            assert_eq!(parts.map(|row| int(row, "net")).sum::<i64>(), int(payout, "amount"), "{payout}");
        }
    }
}

fn list(api: &Client, path: &str) -> Vec<Value> {
    rows(&api.get(path, &[("limit", "100")]).ok()).to_vec()
}

fn transfer(api: &Client, amount: u32, to: &str) -> client::Answer {
    let params = [("amount", &*amount.to_string()), ("currency", "usd"), ("destination", to)];
    api.post("/v1/transfers", &params)
}

/// The balance is the sum of its rows in each currency, and a converted row is its object's amount at the row's rate.
fn check_balance(api: &Client) {
    let listed = api.get("/v1/balance_transactions", &[("limit", "100"), ("expand[]", "data.source")]).ok();
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in rows(&listed) {
        assert_eq!(int(row, "net"), int(row, "amount") - int(row, "fee"), "{row}");
        let of = (text(row, "status").to_owned(), text(row, "currency").to_owned());
        *sums.entry(of).or_default() += int(row, "net");
        let converted = matches!(text(row, "type"), "charge" | "payment" | "refund" | "payment_refund");
        if let Some(rate) = row["exchange_rate"].as_f64().filter(|_| converted) {
            let exact = int(&row["source"], "amount") as f64 * rate;
            assert!((exact - int(row, "amount").abs() as f64).abs() < 0.51, "{row}");
        }
    }
    let balance = api.get("/v1/balance", &[]).ok();
    for side in ["available", "pending"] {
        for amount in balance[side].as_array().unwrap() {
            let of = (side.to_owned(), text(amount, "currency").to_owned());
            assert_eq!(int(amount, "amount"), sums.remove(&of).unwrap_or(0), "{of:?}");
        }
    }
    assert!(sums.is_empty(), "the balance lacks {sums:?}");
}

/// The seed of this run: what the environment says, or the time.
fn seed() -> u64 {
    let told = std::env::var("PINSTRIPE_CONNECT_SEED").ok().and_then(|seed| seed.parse().ok());
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    told.unwrap_or(u64::from(since.subsec_nanos()) ^ since.as_secs())
}

#[test]
fn money_between_accounts_adds_up_in_each_currency() {
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
        let world = World::new(&format!("connect-money-{n}"));
        for step in &steps {
            world.take(step);
            world.check();
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("PINSTRIPE_CONNECT_SEED={seed}: {error}");
    }
}
