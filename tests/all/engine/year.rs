//! A year of invoices by the sandbox's clock: nothing is lost on the way, and it does not matter in how many steps it passes.

use std::collections::HashSet;

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::Value;

use super::{DAY, NOW};
use crate::support::client::{Client, raw, start};
use crate::support::dice::Dice;
use crate::support::flows::{attached, customer, id, int, rows, text};
use crate::support::process::Process;
use crate::support::receiver::Receiver;

const YEAR: i64 = 365 * DAY;

/// All events of a sandbox, oldest first.
fn events(api: &Client) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let last = all.last().map(id);
        let mut params = vec![("limit", "100")];
        params.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page = api.get("/v1/events", &params).ok();
        all.extend(rows(&page).iter().cloned());
        if page["has_more"] == false {
            all.reverse();
            return all;
        }
    }
}

/// A customer with a default card.
fn payer(api: &Client, card: &str) -> String {
    let payer = customer(api, &[("email", "ada@example.com")]);
    let card = attached(api, card, &payer);
    api.post(&format!("/v1/customers/{payer}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    payer
}

/// A draft with a line that goes on by itself at a time.
fn draft(api: &Client, payer: &str, at: i64, params: &[(&str, &str)]) -> String {
    api.post("/v1/invoiceitems", &[("customer", payer), ("amount", "2000"), ("currency", "usd")]).ok();
    let at = at.to_string();
    let own = [("customer", payer), ("automatically_finalizes_at", &at), ("pending_invoice_items_behavior", "include")];
    id(&api.post("/v1/invoices", &[&own, params].concat()).ok())
}

#[test]
fn after_a_year_of_a_hundred_customers_every_event_was_delivered_once_and_in_order() {
    // In a process of its own: the bound on the memory of events is the process's.
    let server = Process::start(&["--clock", &format!("frozen@{NOW}")]);
    let api = Client::new(&server.url, "sk_test_year");
    let receiver = Receiver::start();
    api.post("/v1/webhook_endpoints", &[("url", &receiver.url()), ("enabled_events[]", "*")]).ok();
    for n in 0..100 {
        let payer = payer(&api, "pm_card_visa");
        for month in 1..=12 {
            draft(&api, &payer, NOW + month * 30 * DAY + n * 60, &[]);
        }
    }
    let told = raw(api.url(), "POST", &format!("/_pinstripe/clock?advance={YEAR}"), &[], None).ok();
    assert!(int(&told, "done") >= 1_200, "{told}");
    assert_eq!((&told["dropped"]["events"], &told["dropped"]["deliveries"]), (&0.into(), &0.into()));
    let all = events(&api);
    let paid = all.iter().filter(|event| event["type"] == "invoice.paid").count();
    assert_eq!(paid, 1_200);
    let made: Vec<String> = all.iter().map(id).collect();
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), made.len());
    let came: Vec<String> = receiver.wait_for(made.len()).iter().map(|hit| id(&hit.event())).collect();
    assert!(came == made, "{} events came, {} were made", came.len(), made.len());
}

/// What a script has made.
#[derive(Default)]
struct Made {
    payers: Vec<String>,
}

impl Made {
    fn payer(&self, dice: &mut Dice) -> String {
        self.payers[dice.roll(self.payers.len())].clone()
    }
}

/// A step of a script: what a user does at its beginning, of which something follows later.
type Step = fn(&Client, &mut Dice, &mut Made);

/// Every step; a new kind of thing that goes on by itself gets one here.
const STEPS: &[Step] = &[
    |api, dice, made| {
        let cards = ["pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_mastercard"];
        made.payers.push(payer(api, dice.one_of(&cards)));
    },
    |api, dice, made| {
        draft(api, &made.payer(dice), some_time(dice), &[]);
    },
    |api, dice, made| {
        let days = (1 + dice.roll(90)).to_string();
        let sent = [("collection_method", "send_invoice"), ("days_until_due", days.as_str())];
        draft(api, &made.payer(dice), some_time(dice), &sent);
    },
    |api, _, _| {
        let hold = [("amount", "1500"), ("currency", "usd"), ("source", "tok_visa"), ("capture", "false")];
        api.post("/v1/charges", &hold).ok();
    },
    |api, dice, made| {
        let voucher = [
            ("amount", "2000"),
            ("currency", "mxn"),
            ("customer", &*made.payer(dice)),
            ("payment_method_types[]", "oxxo"),
            ("payment_method_data[type]", "oxxo"),
            ("payment_method_data[billing_details][name]", "Ada"),
            ("payment_method_data[billing_details][email]", "ada.fill_never@example.com"),
            ("confirm", "true"),
        ];
        api.post("/v1/payment_intents", &voucher).ok();
    },
    |api, dice, _| {
        // A clock with an end of its own.
        let at = some_time(dice).to_string();
        api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &at)]).ok();
    },
];

/// A time within the year, often on the same days as others.
fn some_time(dice: &mut Dice) -> i64 {
    let days = i64::try_from(1 + dice.roll(52) * 7).unwrap();
    let seconds = i64::try_from(dice.roll(3)).unwrap();
    NOW + days * DAY + seconds
}

/// A server on which a script was played; the same seed gives the same ids.
fn played(seed: u64) -> Client {
    let settings = ["will_be_due_days=7", "overdue_invoices=true"];
    let settings = settings.map(|setting| pinstripe::settings::Choice::parse(setting).unwrap()).to_vec();
    // The links in objects are the same, too.
    let public_url = Some("https://stripe.test".to_owned());
    let config = Config { seed: Some(seed), clock: Clock::Frozen(NOW), settings, public_url, ..Config::default() };
    let api = Client::new(&start(config), "sk_test_steps");
    let (mut dice, mut made) = (Dice(seed), Made::default());
    STEPS[0](&api, &mut dice, &mut made);
    for _ in 0..25 {
        STEPS[dice.roll(STEPS.len())](&api, &mut dice, &mut made);
    }
    api
}

#[test]
fn a_year_at_once_is_the_same_as_fifty_two_weeks_and_a_day() {
    for seed in [3, 141, 59_265] {
        let [at_once, in_steps] = [played(seed), played(seed)];
        at_once.advance(YEAR);
        (0..52).for_each(|_| in_steps.advance(7 * DAY));
        in_steps.advance(YEAR - 52 * 7 * DAY);
        let [one, other] = [events(&at_once), events(&in_steps)];
        let kinds = |events: &[Value]| events.iter().map(|event| text(event, "type").to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(&one), kinds(&other), "seed {seed}");
        assert!(one == other, "an event shows something else: seed {seed}");
        let late = one.iter().filter(|event| int(event, "created") > NOW).count();
        assert!(late >= 10, "little happened later: seed {seed}, {late} events");
        let states = [&at_once, &in_steps].map(|api| raw(api.url(), "GET", "/_pinstripe/state", &[], None).text);
        assert!(states[0] == states[1], "an object is another: seed {seed}");
    }
}
