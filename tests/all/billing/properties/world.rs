//! A seller with prices, coupons and customers, in a sandbox whose clock stands still between the steps.

use pinstripe::Config;
use pinstripe::settings::Choice;
use pinstripe::time::clock::Clock;
use serde_json::Value;

use crate::support::client::{Client, raw, start};
use crate::support::dice::Dice;
use crate::support::flows::{id, int, rows};

/// When each world begins, and the seconds of a day.
pub(super) const BEGIN: i64 = 1_800_000_000;
pub(super) const DAY: i64 = 86_400;

/// The prices that are for the same interval, by the name of the interval.
pub(super) struct Prices {
    pub month: Vec<String>,
    pub week: Vec<String>,
    pub long: Vec<String>,
    pub metered: String,
    pub once: String,
}

pub(super) struct World {
    pub api: Client,
    pub now: i64,
    pub customers: Vec<String>,
    pub subscriptions: Vec<String>,
    pub schedules: Vec<String>,
    pub prices: Prices,
    pub coupons: Vec<String>,
    pub rate: String,
    /// What was asked, and how it was answered.
    pub told: Vec<(String, u16)>,
}

/// A server of its own for a property, so that the same script always gets the same ids.
pub(super) fn server(name: &str) -> Client {
    let settings = ["will_be_due_days=7", "overdue_invoices=true"].map(|it| Choice::parse(it).unwrap()).to_vec();
    let config = Config { seed: Some(7), clock: Clock::Frozen(BEGIN), settings, ..Config::default() };
    Client::new(&start(config), &format!("sk_test_{name}"))
}

/// Pairs of a form, whose values are as they are.
pub(super) fn pairs(form: &str) -> Vec<(&str, &str)> {
    form.split('&').filter_map(|pair| pair.split_once('=')).collect()
}

impl World {
    /// Begins anew on a property's server.
    pub(super) fn begin(api: &Client) -> Self {
        raw(api.url(), "POST", "/_pinstripe/reset", &[], None).ok();
        let make = |path: &str, form: &str| id(&api.post(path, &pairs(form)).ok());
        let product = make("/v1/products", "name=Gold");
        let meter = "display_name=Calls&event_name=calls&default_aggregation[formula]=sum";
        let meter = make("/v1/billing/meters", meter);
        let price = |form: &str| make("/v1/prices", &format!("product={product}&currency=usd&{form}"));
        let tiers = "billing_scheme=tiered&tiers_mode=graduated&tiers[0][up_to]=2&tiers[0][unit_amount]=1300\
                     &tiers[1][up_to]=inf&tiers[1][unit_amount]=650";
        let prices = Prices {
            month: ["unit_amount=1000", "unit_amount=2999", tiers]
                .map(|amount| price(&format!("{amount}&recurring[interval]=month")))
                .to_vec(),
            week: ["700", "1234"].map(|it| price(&format!("unit_amount={it}&recurring[interval]=week"))).to_vec(),
            long: vec![
                price("unit_amount=12000&recurring[interval]=year"),
                price("unit_amount=2500&recurring[interval]=month&recurring[interval_count]=3"),
            ],
            metered: price(&format!(
                "unit_amount=5&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
            )),
            once: price("unit_amount=450"),
        };
        let coupons = [
            "percent_off=20&duration=forever",
            "amount_off=300&currency=usd&duration=once",
            "percent_off=33.3&duration=repeating&duration_in_months=3",
        ];
        let coupons = coupons.map(|form| make("/v1/coupons", form)).to_vec();
        let rate = make("/v1/tax_rates", "display_name=VAT&percentage=8.25&inclusive=false");
        let mut world = World {
            api: api.clone(),
            now: BEGIN,
            customers: Vec::new(),
            subscriptions: Vec::new(),
            schedules: Vec::new(),
            prices,
            coupons,
            rate,
            told: Vec::new(),
        };
        world.customer("pm_card_visa", "");
        world
    }

    /// Moves the clock on; what is due by then is done.
    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += seconds;
        let told = raw(self.api.url(), "POST", &format!("/_pinstripe/clock?freeze={}", self.now), &[], None).ok();
        assert_eq!(told["dropped"]["events"], 0, "{told}");
    }

    /// What was made, if it was; the refusals are those of a user's mistake or of a card.
    pub(super) fn post(&mut self, path: &str, form: &str) -> Option<Value> {
        self.answer("POST", path, form)
    }

    pub(super) fn delete(&mut self, path: &str) -> Option<Value> {
        self.answer("DELETE", path, "")
    }

    fn answer(&mut self, method: &str, path: &str, form: &str) -> Option<Value> {
        let answer = if method == "POST" { self.api.post(path, &pairs(form)) } else { self.api.delete(path) };
        assert!(matches!(answer.status, 200 | 400 | 402 | 404 | 501), "{method} {path} {form}: {}", answer.text);
        self.told.push((format!("{method} {path} {form}"), answer.status));
        (answer.status == 200).then_some(answer.body)
    }

    pub(super) fn get(&self, path: &str) -> Value {
        self.api.get(path, &[]).ok()
    }

    /// A whole list, the newest first.
    pub(super) fn list(&self, path: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let last = all.last().map(id);
            let mut params = vec![("limit", "100")];
            params.extend(last.as_deref().map(|last| ("starting_after", last)));
            let (path, own) = path.split_once('?').unwrap_or((path, ""));
            params.extend(pairs(own));
            let page = self.api.get(path, &params).ok();
            all.extend(rows(&page).iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }

    /// All events, oldest first.
    pub(super) fn events(&self) -> Vec<Value> {
        let mut all = self.list("/v1/events");
        all.reverse();
        all
    }

    /// A customer with a default card.
    pub(super) fn customer(&mut self, card: &str, form: &str) {
        let form = format!("email=ada@shop.example{form}");
        let Some(made) = self.post("/v1/customers", &form) else { return };
        let customer = id(&made);
        self.use_card(&customer, card);
        self.customers.push(customer);
    }

    /// The customer is charged by a new card from now on.
    pub(super) fn use_card(&mut self, customer: &str, card: &str) {
        let attach = format!("/v1/payment_methods/{card}/attach");
        let Some(card) = self.post(&attach, &format!("customer={customer}")) else { return };
        let default = format!("invoice_settings[default_payment_method]={}", id(&card));
        self.post(&format!("/v1/customers/{customer}"), &default);
    }

    pub(super) fn some_customer(&self, dice: &mut Dice) -> String {
        self.customers[dice.roll(self.customers.len())].clone()
    }

    /// One of the subscriptions, as it is now.
    pub(super) fn some_subscription(&self, dice: &mut Dice) -> Option<Value> {
        if self.subscriptions.is_empty() {
            return None;
        }
        let which = &self.subscriptions[dice.roll(self.subscriptions.len())];
        Some(self.get(&format!("/v1/subscriptions/{which}")))
    }

    /// An invoice in a status, if there is one.
    pub(super) fn some_invoice(&self, dice: &mut Dice, status: &str) -> Option<Value> {
        let all = self.list(&format!("/v1/invoices?status={status}"));
        if all.is_empty() { None } else { Some(all[dice.roll(all.len())].clone()) }
    }
}

/// The items of a subscription.
pub(super) fn items(subscription: &Value) -> &[Value] {
    rows(&subscription["items"])
}

/// Whether something is to be billed for it again.
pub(super) fn is_alive(subscription: &Value) -> bool {
    matches!(subscription["status"].as_str().unwrap(), "active" | "trialing" | "past_due")
}

/// When the first of the items' periods is over.
pub(super) fn period_end(subscription: &Value) -> i64 {
    items(subscription).iter().map(|item| int(item, "current_period_end")).min().unwrap()
}
