//! With a seed and a frozen clock, the same script gives the same bytes: in another process, and after a reset.

use serde_json::Value;

use crate::support::client::{Answer, Client, encode, raw};
use crate::support::flows::{id, rows, text};
use crate::support::process::Process;
use crate::support::receiver::Receiver;
use crate::webhooks::deliveries;

const DAY: u32 = 86_400;
const OFFLINE: (&str, &str) = ("mandate_data[customer_acceptance][type]", "offline");

/// A user who writes down everything that the server says.
struct Scribe<'a> {
    url: &'a str,
    sandbox: &'a str,
    said: Vec<String>,
}

impl Scribe<'_> {
    fn send(&mut self, method: &str, target: &str, params: &[(&str, &str)], headers: &[(&str, &str)]) -> Value {
        let key = match self.sandbox {
            "default" => "sk_test_1234".to_owned(),
            name => format!("sk_test_sandbox_{name}"),
        };
        let mut all = Vec::new();
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            all.push(("Authorization".to_owned(), format!("Bearer {key}")));
        }
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let form = encode(params);
        let body = (method == "POST").then_some(("application/x-www-form-urlencoded", form.as_bytes()));
        let Answer { status, headers, body, text, .. } = raw(self.url, method, target, &all, body);
        let headers: Vec<_> = headers.iter().filter(|(name, _)| name != "date").collect();
        assert!(status < 500, "{method} {target}: {text}");
        self.said.push(format!("{method} {target} {form}\n{status} {headers:?}\n{text}"));
        body
    }

    fn post(&mut self, path: &str, params: &[(&str, &str)]) -> Value {
        self.send("POST", path, params, &[])
    }

    fn get(&mut self, path: &str) -> Value {
        self.send("GET", path, &[], &[])
    }

    fn control(&mut self, method: &str, call: &str) -> Value {
        let joint = if call.contains('?') { '&' } else { '?' };
        self.send(method, &format!("/_pinstripe/{call}{joint}sandbox={}", self.sandbox), &[], &[])
    }

    fn advance(&mut self, days: u32) {
        self.control("POST", &format!("clock?advance={}", days * DAY));
    }

    fn authorize(&mut self, waiting: &Value, result: &str) {
        let secret = text(waiting, "client_secret");
        self.control("POST", &format!("authorize/{}?client_secret={secret}&result={result}", id(waiting)));
    }

    /// The script: a bit of everything that draws ids, waits for its time or is announced.
    fn play(&mut self) {
        self.post("/v1/webhook_endpoints", &[("url", "https://shop.example/hook"), ("enabled_events[]", "*")]);
        let customer = self.customers();
        self.charges(&customer);
        self.sources();
        self.intents(&customer);
        self.setups(&customer);
        self.money_out();
        self.shapes(&customer);
        self.advance(1);
        self.refusals(&customer);
        self.time(&customer);
        self.looks();
    }

    fn customers(&mut self) -> String {
        let card = [("email", "ada@example.com"), ("source", "tok_visa"), ("metadata[z]", "1"), ("metadata[a]", "2")];
        let customer = id(&self.post("/v1/customers", &card));
        let path = format!("/v1/customers/{customer}");
        self.post(&format!("{path}/sources"), &[("source", "tok_mastercard")]);
        self.post(&format!("{path}/sources"), &[("source", "btok_us")]);
        self.post(&path, &[("name", "Ada"), ("metadata[m]", "3"), ("preferred_locales[]", "de")]);
        let other = id(&self.post("/v1/customers", &[("balance", "-500")]));
        self.send("DELETE", &format!("/v1/customers/{other}"), &[], &[]);
        customer
    }

    fn charges(&mut self, customer: &str) {
        let amount = [("amount", "2000"), ("currency", "usd")];
        let charge = id(&self.post("/v1/charges", &[&amount[..], &[("customer", customer)]].concat()));
        self.post("/v1/refunds", &[("charge", &charge), ("amount", "700")]);
        self.post("/v1/refunds", &[("charge", &charge)]);
        for token in ["tok_bypassPending", "tok_chargeDeclined", "tok_createDispute", "tok_createIssuerFraudRecord"] {
            self.post("/v1/charges", &[&amount[..], &[("source", token)]].concat());
        }
        let held = self.post("/v1/charges", &[&amount[..], &[("source", "tok_visa"), ("capture", "false")]].concat());
        self.post(&format!("/v1/charges/{}/capture", id(&held)), &[("amount", "1500")]);
        for _ in 0..2 {
            let params = [&amount[..], &[("source", "tok_visa")]].concat();
            self.send("POST", "/v1/charges", &params, &[("Idempotency-Key", "once")]);
        }
    }

    fn sources(&mut self) {
        let back = ("redirect[return_url]", "https://shop.example/back");
        for result in ["succeeded", "failed"] {
            let ideal = [("type", "ideal"), ("amount", "1000"), ("currency", "eur"), back];
            let source = self.post("/v1/sources", &ideal);
            self.authorize(&source, result);
            let paid = [("amount", "1000"), ("currency", "eur"), ("source", text(&source, "id"))];
            self.post("/v1/charges", &paid);
        }
        self.post("/v1/tokens", &[("pii[id_number]", "000000000")]);
    }

    fn intents(&mut self, customer: &str) {
        let back = ("return_url", "https://shop.example/back");
        let amount = [("amount", "3000"), ("currency", "usd"), ("confirm", "true"), back];
        for method in ["pm_card_visa", "pm_card_mastercard", "pm_card_chargeDeclined", "pm_usBankAccount_success"] {
            let bank = method.starts_with("pm_us");
            let mut more = vec![("payment_method", method), ("customer", customer)];
            more.extend([("payment_method_types[]", if bank { "us_bank_account" } else { "card" })]);
            more.extend([OFFLINE].iter().filter(|_| bank));
            self.post("/v1/payment_intents", &[&amount[..], &more].concat());
        }
        for result in ["succeeded", "failed"] {
            let more = [("payment_method", "pm_card_threeDSecure2Required")];
            let waiting = self.post("/v1/payment_intents", &[&amount[..], &more].concat());
            self.authorize(&waiting, result);
            self.get(&format!("/v1/payment_intents/{}?expand[]=latest_charge.balance_transaction", id(&waiting)));
        }
        let held = [("payment_method", "pm_card_visa"), ("capture_method", "manual")];
        let held = self.post("/v1/payment_intents", &[&amount[..], &held].concat());
        self.post(&format!("/v1/payment_intents/{}/cancel", id(&held)), &[]);
    }

    fn setups(&mut self, customer: &str) {
        let back = ("return_url", "https://shop.example/back");
        for method in ["pm_card_visa", "pm_card_threeDSecure2Required", "pm_usBankAccount_success"] {
            let kind = if method.starts_with("pm_us") { "us_bank_account" } else { "card" };
            let mut params = vec![("customer", customer), ("payment_method", method), ("confirm", "true"), back];
            params.extend([("payment_method_types[]", kind), ("usage", "off_session")]);
            params.extend([OFFLINE].iter().filter(|_| kind != "card"));
            let setup = self.post("/v1/setup_intents", &params);
            if setup["status"] == "requires_action" {
                self.authorize(&setup, "succeeded");
            }
            self.get(&format!("/v1/setup_attempts?setup_intent={}", text(&setup, "id")));
        }
        self.post("/v1/customer_sessions", &[("customer", customer), ("components[buy_button][enabled]", "true")]);
        let ephemeral = [("customer", customer)];
        self.send("POST", "/v1/ephemeral_keys", &ephemeral, &[("Stripe-Version", "2024-06-20")]);
    }

    fn money_out(&mut self) {
        for method in ["standard", "instant"] {
            self.post("/v1/payouts", &[("amount", "300"), ("currency", "usd"), ("method", method)]);
        }
        self.post("/v1/topups", &[("amount", "5000"), ("currency", "usd"), ("source", "btok_us_verified")]);
    }

    /// Objects without rules.
    fn shapes(&mut self, customer: &str) {
        let product = id(&self.post("/v1/products", &[("name", "Tea")]));
        let price = [("product", product.as_str()), ("currency", "usd"), ("unit_amount", "900")];
        let price = self.post("/v1/prices", &[&price[..], &[("recurring[interval]", "month")]].concat());
        let price = price["id"].as_str().unwrap_or_default();
        self.post("/v1/subscriptions", &[("customer", customer), ("items[0][price]", price)]);
        self.post("/v1/coupons", &[("percent_off", "25"), ("duration", "once")]);
    }

    fn refusals(&mut self, customer: &str) {
        self.post("/v1/customers", &[("no_such", "1"), ("nor_this", "2")]);
        self.get("/v1/charges/ch_none");
        self.send("DELETE", "/v1/customers/cus_none", &[], &[]);
        self.post("/v1/charges", &[("amount", "1"), ("currency", "usd"), ("customer", customer)]);
        if self.sandbox == "default" {
            // Where a request counts whose key names no sandbox.
            self.send("GET", "/v1/customers", &[], &[("Authorization", "Bearer sk_live_1234")]);
        }
    }

    /// What happens when days pass.
    fn time(&mut self, customer: &str) {
        let disputes = self.get("/v1/disputes?limit=100");
        if let [first, ..] = rows(&disputes) {
            let dispute = format!("/v1/disputes/{}", id(first));
            self.post(&dispute, &[("evidence[uncategorized_text]", "winning_evidence"), ("submit", "true")]);
        }
        for days in [2, 7, 30] {
            self.advance(days);
            self.get("/v1/balance");
            self.get(&format!("/v1/customers/{customer}?expand[]=sources"));
        }
    }

    fn looks(&mut self) {
        let mut page = self.get("/v1/events?limit=100");
        while page["has_more"] == true {
            let last = id(rows(&page).last().unwrap());
            page = self.get(&format!("/v1/events?limit=100&starting_after={last}"));
        }
        for list in ["balance_transactions", "charges", "customers", "payouts", "refunds", "topups", "payment_intents"]
        {
            self.get(&format!("/v1/{list}?limit=100"));
        }
        self.get("/v1/charges/search?query=amount%3E100&limit=100");
        self.send("GET", "/v1/charges?limit=100", &[], &[("Stripe-Version", "2015-10-16")]);
        let collected = self.control("GET", "webhooks/collected");
        assert!(collected["collected"].as_array().is_some_and(|all| all.len() > 60), "{collected}");
        self.control("GET", "state");
        self.control("GET", "clock");
        self.control("GET", "webhooks");
    }
}

/// A server whose every byte follows from its seed and what it is asked.
fn seeded(seed: &str) -> Process {
    started(seed, &["--webhook-mode", "collect"])
}

fn started(seed: &str, more: &[&str]) -> Process {
    let clock = ["--seed", seed, "--clock", "frozen@1800000000", "--fixtures", "@shop"];
    let rest = ["--public-url", "http://stripe.test", "--webhook-timestamps", "sandbox"];
    Process::start(&[&clock[..], &rest[..], more].concat())
}

fn transcript(process: &Process, sandbox: &str) -> Vec<String> {
    let mut scribe = Scribe { url: &process.url, sandbox, said: Vec::new() };
    scribe.play();
    scribe.said
}

#[track_caller]
fn assert_same(one: &[String], other: &[String]) {
    for (n, (one, other)) in one.iter().zip(other).enumerate() {
        assert!(one == other, "answer {n} differs:\n{one}\n\n{other}");
    }
    assert_eq!(one.len(), other.len());
}

#[test]
fn a_seed_and_a_frozen_clock_give_the_same_bytes_in_every_process_and_after_a_reset() {
    let [first, second] = ["7", "7"].map(seeded);
    for sandbox in ["default", "worker-1"] {
        let told = transcript(&first, sandbox);
        assert_same(&told, &transcript(&second, sandbox));
        let reset = format!("/_pinstripe/reset?sandbox={sandbox}");
        raw(&first.url, "POST", &reset, &[], None).ok();
        assert_same(&told, &transcript(&first, sandbox));
    }
}

#[test]
fn a_seed_and_a_frozen_clock_give_the_same_deliveries() {
    let receiver = Receiver::start();
    for _ in 0..2 {
        let process = started("7", &["--webhook-url", &receiver.url()]);
        let user = Client::new(&process.url, "sk_test_1234");
        user.post("/v1/charges", &[("amount", "2000"), ("currency", "usd"), ("source", "tok_createDispute")]).ok();
        deliveries::wait(&user);
    }
    let hits = receiver.hits();
    let (first, second) = hits.split_at(hits.len() / 2);
    assert!(first.len() >= 3, "{}", first.len());
    for (one, other) in first.iter().zip(second) {
        assert_eq!((&one.headers, &one.body), (&other.headers, &other.body));
        assert!(one.header("stripe-signature").starts_with("t=1800000000,"), "{:?}", one.headers);
    }
}

#[test]
fn another_seed_and_another_sandbox_give_other_ids() {
    let [one, other] = ["7", "8"].map(seeded);
    let id = |process: &Process, sandbox: &str| {
        let mut scribe = Scribe { url: &process.url, sandbox, said: Vec::new() };
        id(&scribe.post("/v1/customers", &[]))
    };
    assert_ne!(id(&one, "a"), id(&other, "a"));
    assert_ne!(id(&one, "b"), id(&one, "c"));
}
