//! The preset `@marketplace`, as a user finds it who walks the API.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{self, Client};
use crate::support::flows::{id, int, rows, text};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;
const ACCOUNTS: [&str; 5] = ["acct_MarketAda", "acct_MarketBea", "acct_MarketCleo", "acct_MarketDan", "acct_MarketEve"];

fn server() -> Client {
    let fixtures = vec!["@marketplace".into()];
    let config = Config { clock: Clock::Frozen(NOW), seed: Some(1), fixtures, ..Config::default() };
    Client::new(&client::start(config), "sk_test_1")
}

/// A server with the preset; its tests only read.
static MARKET: LazyLock<Client> = LazyLock::new(server);

fn of(account: &str) -> Client {
    MARKET.with("Stripe-Account", account)
}

/// All rows of a list, page by page.
fn all(user: &Client, path: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    loop {
        let last = found.last().map(id);
        let mut page = vec![("limit", "100")];
        page.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page = user.get(path, &page).ok();
        found.extend(rows(&page).iter().cloned());
        if page["has_more"] == false {
            return found;
        }
    }
}

/// The sum of a field of the rows in each currency.
fn sums(rows: &[Value], field: &str) -> BTreeMap<String, i64> {
    rows.iter().fold(BTreeMap::new(), |mut sums, row| {
        *sums.entry(text(row, "currency").to_owned()).or_default() += int(row, field);
        sums
    })
}

fn count(rows: &[Value], field: &str, value: &str) -> usize {
    rows.iter().filter(|row| row[field] == value).count()
}

#[test]
fn it_has_five_accounts_in_four_countries_and_in_every_state() {
    let shown = |account: &str| {
        let account = MARKET.get(&format!("/v1/accounts/{account}"), &[]).ok();
        let reason = account["requirements"]["disabled_reason"].clone();
        json!([account["country"], account["type"], account["charges_enabled"], account["payouts_enabled"], reason])
    };
    let expected = [
        json!(["US", "custom", true, true, null]),
        json!(["DE", "express", true, true, null]),
        json!(["GB", "custom", true, false, "requirements.pending_verification"]),
        json!(["US", "express", false, false, "requirements.past_due"]),
        json!(["JP", "custom", false, false, "rejected.fraud"]),
    ];
    assert_eq!(ACCOUNTS.map(shown), expected);
    let mut ids: Vec<String> = all(&MARKET, "/v1/accounts").iter().map(id).collect();
    ids.sort_unstable();
    assert_eq!(ids, ACCOUNTS);
}

#[test]
fn its_ninety_days_lie_in_the_past() {
    let charges = all(&MARKET, "/v1/charges");
    let created = |row: &Value| int(row, "created");
    let (first, last) = (charges.iter().map(created).min().unwrap(), charges.iter().map(created).max().unwrap());
    assert!(first < NOW - 75 * DAY && last > NOW - 15 * DAY && last <= NOW, "{first} {last}");
    // Nothing that was due is left over.
    let due = MARKET.send("GET", "/_pinstripe/due", None).ok();
    assert!(int(&due["due"][0], "at") > NOW, "{due}");
    let events = all(&MARKET, "/v1/events");
    assert!(events.len() > 40 && events.iter().all(|event| (NOW - 30 * DAY..=NOW).contains(&created(event))));
}

#[test]
fn its_charges_are_of_the_three_kinds() {
    let charges = all(&MARKET, "/v1/charges");
    let (destination, own): (Vec<_>, Vec<_>) =
        charges.into_iter().partition(|charge| charge["destination"].is_string());
    assert_eq!((destination.len(), own.len()), (52, 13));
    assert_eq!(destination.iter().filter(|charge| charge["on_behalf_of"].is_string()).count(), 12);
    let transfers = all(&MARKET, "/v1/transfers");
    for n in 1..=12 {
        let group = format!("order-{n:03}");
        assert_eq!(count(&transfers, "transfer_group", &group), 2, "{group}");
        assert_eq!(count(&own, "transfer_group", &group), 1, "{group}");
    }
    let direct = |account: &str| {
        let charges = all(&of(account), "/v1/charges");
        charges.into_iter().filter(|charge| text(charge, "id").starts_with("ch_")).collect::<Vec<_>>()
    };
    assert_eq!(direct(ACCOUNTS[0]).len() + direct(ACCOUNTS[1]).len(), 22);
    assert!(direct(ACCOUNTS[0]).iter().all(|charge| charge["application_fee"].is_string()));
    let part = transfers.iter().find(|transfer| transfer["transfer_group"] == "order-shared").unwrap();
    assert_eq!((int(part, "amount"), int(part, "amount_reversed")), (15_000, 5_000));
    let refunds = all(&MARKET, "/v1/refunds");
    assert!(refunds.len() == 4 && refunds.iter().all(|refund| refund["transfer_reversal"].is_string()));
    assert_eq!(all(&of(ACCOUNTS[0]), "/v1/refunds").iter().filter(|refund| int(refund, "amount") == 2_900).count(), 3);
    assert_eq!(all(&MARKET, "/v1/disputes").len(), 1);
}

#[test]
fn its_money_adds_up() {
    let mut whose: Vec<(&str, Client)> = vec![("the platform", MARKET.clone())];
    whose.extend(ACCOUNTS.map(|account| (account, of(account))));
    for (name, user) in &whose {
        let ledger = all(user, "/v1/balance_transactions");
        for row in &ledger {
            assert_eq!(int(row, "net"), int(row, "amount") - int(row, "fee"), "{name}: {row}");
        }
        let balance = user.get("/v1/balance", &[]).ok();
        let mut there: BTreeMap<String, i64> = BTreeMap::new();
        for side in ["available", "pending"] {
            for (currency, amount) in sums(balance[side].as_array().unwrap(), "amount") {
                *there.entry(currency).or_default() += amount;
            }
        }
        let of_ledger = sums(&ledger, "net");
        for (currency, amount) in &there {
            assert_eq!(of_ledger.get(currency).copied().unwrap_or_default(), *amount, "{name} {currency}");
        }
        assert!(of_ledger.keys().all(|currency| there.contains_key(currency)), "{name}");
    }
    // What the platform sent is what the accounts were sent.
    for transfer in all(&MARKET, "/v1/transfers") {
        let there = of(text(&transfer, "destination"));
        let payment = there.get(&format!("/v1/charges/{}", text(&transfer, "destination_payment")), &[]).ok();
        let expected = (&transfer["amount"], &transfer["currency"], int(&transfer, "amount_reversed"));
        assert_eq!((&payment["amount"], &payment["currency"], int(&payment, "amount_refunded")), expected);
    }
    // What is kept of fees is what they were, without what was given back.
    let fees = all(&MARKET, "/v1/application_fees");
    assert_eq!(fees.iter().filter(|fee| int(fee, "amount_refunded") > 0).count(), 7);
    assert_eq!(sums(&fees, "amount").keys().collect::<Vec<_>>(), ["eur", "jpy", "usd"]);
}

#[test]
fn its_accounts_are_paid_out_as_they_are_allowed_to() {
    let payouts = |account: &str| all(&of(account), "/v1/payouts");
    let ada = payouts(ACCOUNTS[0]);
    assert!(ada.iter().filter(|payout| payout["automatic"] == true).count() > 20, "{}", ada.len());
    assert_eq!((count(&ada, "method", "instant"), count(&ada, "status", "failed")), (1, 1));
    let bea = payouts(ACCOUNTS[1]);
    assert!(bea.len() > 8 && bea.iter().all(|payout| payout["automatic"] == true && payout["currency"] == "eur"));
    for payout in bea.iter().filter(|payout| payout["status"] == "paid") {
        let made_of =
            of(ACCOUNTS[1]).get("/v1/balance_transactions", &[("payout", &id(payout)), ("limit", "100")]).ok();
        let other = rows(&made_of).iter().filter(|row| row["type"] != "payout");
        assert_eq!(other.map(|row| int(row, "net")).sum::<i64>(), int(payout, "amount"), "{payout}");
    }
    // Those whose payouts are not enabled have their money still.
    for account in [ACCOUNTS[2], ACCOUNTS[3]] {
        assert_eq!(payouts(account).len(), 0, "{account}");
        assert!(int(&of(account).get("/v1/balance", &[]).ok()["available"][0], "amount") > 0, "{account}");
    }
    assert_eq!(payouts(ACCOUNTS[4]).iter().map(|payout| int(payout, "amount")).collect::<Vec<_>>(), [4_000]);
}

#[test]
fn it_is_the_same_each_time_and_described_in_the_readme() {
    let again = server();
    for path in ["/v1/charges", "/v1/transfers", "/v1/application_fees", "/v1/accounts", "/v1/events"] {
        assert_eq!(all(&MARKET, path), all(&again, path), "{path}");
    }
    let readme = include_str!("../../../fixtures/README.md");
    let products: Vec<String> = all(&again, "/v1/products").iter().map(id).collect();
    let names = ACCOUNTS.iter().map(|id| (*id).to_owned()).chain(products);
    for name in names {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    assert_eq!(all(&again, "/v1/customers").len(), 12);
}

#[test]
fn its_future_goes_on() {
    let user = server();
    let path = "/v1/accounts/acct_MarketCleo";
    user.send("POST", "/_pinstripe/account/acct_MarketCleo?turn=finish", None).ok();
    assert_eq!(user.get(path, &[]).ok()["payouts_enabled"], true);
    let bea = user.with("Stripe-Account", ACCOUNTS[1]);
    let before = all(&bea, "/v1/payouts");
    let to: &[(&str, &str)] = &[
        ("amount", "10000"),
        ("currency", "usd"),
        ("source", "tok_bypassPending"),
        ("transfer_data[destination]", ACCOUNTS[1]),
    ];
    user.post("/v1/charges", to).ok();
    user.send("POST", &format!("/_pinstripe/clock?advance={}", 21 * DAY), None).ok();
    let after = all(&bea, "/v1/payouts");
    assert!(after.len() > before.len() && after.iter().all(|payout| payout["status"] == "paid"));
}
