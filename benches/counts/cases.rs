//! What is counted: requests as clients send them, one after another.

use std::net::SocketAddr;

use serde_json::Value;

use crate::Fallible;
use crate::http::{Call, Client};
use crate::server::NOW;

/// The sandbox of a case.
const SANDBOX: &str = "counts";

/// Seconds of the longest month.
const MONTH: i64 = 31 * 24 * 60 * 60;

/// A case: its name, the server's flags besides the common ones, and how it begins.
pub(crate) type Case = (&'static str, &'static [&'static str], fn(SocketAddr) -> Fallible<Requests>);

/// Nothing is kept for the web page.
const PLAIN: &[&str] = &["--no-ui"];

/// What requests changed, and their answers, are kept for the web page.
const WITH_PAGE: &[&str] = &[];

/// Sends the nth request, or the calls that make it up.
type Send = Box<dyn FnMut(&mut Client, usize) -> Fallible<()>>;

/// The calls of a case: what the nth request sends, and the connection.
pub(crate) struct Requests {
    client: Client,
    calls: Send,
}

impl Requests {
    /// Sends the nth request of a case and reads its answer.
    pub(crate) fn send(&mut self, n: usize) -> Fallible<()> {
        (self.calls)(&mut self.client, n)
    }
}

/// All cases, in the order of the table.
pub(crate) const CASES: &[Case] = &[
    ("retrieve", PLAIN, |server| retrieve(server, Rounds::default())),
    ("create", PLAIN, |server| create(server, Rounds::default())),
    ("create, with an endpoint", PLAIN, |server| create(server, Rounds { endpoint: true, ..Rounds::default() })),
    ("create, with an idempotency key", PLAIN, |server| {
        create(server, Rounds { idempotent: true, ..Rounds::default() })
    }),
    ("create, with the web page", WITH_PAGE, |server| create(server, Rounds::default())),
    ("charge", PLAIN, |server| charge(server, Rounds::default())),
    ("charge, with an endpoint", PLAIN, |server| charge(server, Rounds { endpoint: true, ..Rounds::default() })),
    ("charge, with an idempotency key", PLAIN, |server| {
        charge(server, Rounds { idempotent: true, ..Rounds::default() })
    }),
    ("charge, with the web page", WITH_PAGE, |server| charge(server, Rounds::default())),
    ("confirmed intent", PLAIN, |server| intent(server, Rounds::default())),
    ("confirmed intent, with an endpoint", PLAIN, |server| {
        intent(server, Rounds { endpoint: true, ..Rounds::default() })
    }),
    ("confirmed intent, with an idempotency key", PLAIN, |server| {
        intent(server, Rounds { idempotent: true, ..Rounds::default() })
    }),
    ("checkout session", PLAIN, checkout_session),
    ("list of 10 customers", PLAIN, list_of_customers),
    ("list of 10 events", PLAIN, list_of_events),
    ("invoice created and paid", PLAIN, invoice),
    ("renewal", PLAIN, renewal),
];

/// What comes with each request of a case.
#[derive(Clone, Copy, Default)]
struct Rounds {
    /// A webhook endpoint is registered, for everything; nobody listens there.
    endpoint: bool,
    /// Each request has an idempotency key.
    idempotent: bool,
}

impl Rounds {
    fn begin(self, server: SocketAddr) -> Fallible<Client> {
        let mut client = Client::connect(server)?;
        if self.endpoint {
            // Disabled ones get nothing; an unreachable one is retried by the clock, which stands still.
            let form = "url=http%3A%2F%2F127.0.0.1%3A9%2Fhook&enabled_events[]=*";
            client.expect_200(&Call::post(SANDBOX, "/v1/webhook_endpoints", form))?;
        }
        Ok(client)
    }

    fn requests(self, client: Client, call: impl Fn(usize) -> Call + 'static) -> Requests {
        let send = move |client: &mut Client, n: usize| {
            let call = match self.idempotent {
                true => call(n).with_header("Idempotency-Key", &format!("key_{n:08}")),
                false => call(n),
            };
            client.expect_200(&call).map(drop)
        };
        Requests { client, calls: Box::new(send) }
    }
}

fn customer_form(n: usize) -> String {
    format!(
        "name=Jenny+Rosen&email=jenny{n:06}%40example.com&description=Regular+customer&phone=%2B15550100\
         &metadata[order_id]=order_{n:06}"
    )
}

/// A customer with a card; its id.
fn customer(client: &mut Client) -> Fallible<String> {
    client.id_of(&Call::post(SANDBOX, "/v1/customers", format!("{}&source=tok_visa", customer_form(0))))
}

fn retrieve(server: SocketAddr, rounds: Rounds) -> Fallible<Requests> {
    let mut client = rounds.begin(server)?;
    let path = format!("/v1/customers/{}", customer(&mut client)?);
    Ok(rounds.requests(client, move |_| Call::get(SANDBOX, path.clone())))
}

fn create(server: SocketAddr, rounds: Rounds) -> Fallible<Requests> {
    let client = rounds.begin(server)?;
    Ok(rounds.requests(client, |n| Call::post(SANDBOX, "/v1/customers", customer_form(n))))
}

fn charge(server: SocketAddr, rounds: Rounds) -> Fallible<Requests> {
    let mut client = rounds.begin(server)?;
    let form = format!("amount=2000&currency=usd&customer={}", customer(&mut client)?);
    Ok(rounds.requests(client, move |_| Call::post(SANDBOX, "/v1/charges", form.clone())))
}

fn intent(server: SocketAddr, rounds: Rounds) -> Fallible<Requests> {
    let client = rounds.begin(server)?;
    let form = "amount=2000&currency=usd&payment_method=pm_card_visa&payment_method_types[]=card&confirm=true";
    Ok(rounds.requests(client, move |_| Call::post(SANDBOX, "/v1/payment_intents", form)))
}

fn checkout_session(server: SocketAddr) -> Fallible<Requests> {
    let rounds = Rounds::default();
    let mut client = rounds.begin(server)?;
    let price = "unit_amount=2000&currency=usd&product_data[name]=Pro";
    let price = client.id_of(&Call::post(SANDBOX, "/v1/prices", price))?;
    let form = format!(
        "mode=payment&line_items[0][price]={price}&line_items[0][quantity]=2&success_url=https%3A%2F%2Fexample.com%2Fdone"
    );
    Ok(rounds.requests(client, move |_| Call::post(SANDBOX, "/v1/checkout/sessions", form.clone())))
}

fn list_of_customers(server: SocketAddr) -> Fallible<Requests> {
    let rounds = Rounds::default();
    let mut client = rounds.begin(server)?;
    for _ in 0..20 {
        customer(&mut client)?;
    }
    Ok(rounds.requests(client, |_| Call::get(SANDBOX, "/v1/customers?limit=10")))
}

fn list_of_events(server: SocketAddr) -> Fallible<Requests> {
    let rounds = Rounds::default();
    let mut client = rounds.begin(server)?;
    for _ in 0..20 {
        customer(&mut client)?;
    }
    Ok(rounds.requests(client, |_| Call::get(SANDBOX, "/v1/events?limit=10")))
}

/// Three calls: an item, the invoice that takes it, and its payment.
fn invoice(server: SocketAddr) -> Fallible<Requests> {
    let mut client = Rounds::default().begin(server)?;
    let customer = customer(&mut client)?;
    let calls = move |client: &mut Client, _| {
        let item = format!("customer={customer}&amount=2000&currency=usd&description=Work");
        client.expect_200(&Call::post(SANDBOX, "/v1/invoiceitems", item))?;
        let form = format!("customer={customer}&pending_invoice_items_behavior=include");
        let made = client.id_of(&Call::post(SANDBOX, "/v1/invoices", form))?;
        client.expect_200(&Call::post(SANDBOX, format!("/v1/invoices/{made}/pay"), "")).map(drop)
    };
    Ok(Requests { client, calls: Box::new(calls) })
}

/// One advance of the sandbox's clock by a month, which renews a monthly subscription: its invoice, its charge and all events.
fn renewal(server: SocketAddr) -> Fallible<Requests> {
    let mut client = Rounds::default().begin(server)?;
    let clock =
        |seconds: i64| Call::post(SANDBOX, format!("/_pinstripe/clock?freeze={}&sandbox={SANDBOX}", NOW + seconds), "");
    client.expect_200(&clock(0))?;
    let price =
        "unit_amount=2000&currency=usd&recurring[interval]=day&recurring[interval_count]=31&product_data[name]=Pro";
    let price = client.id_of(&Call::post(SANDBOX, "/v1/prices", price))?;
    let form = format!("customer={}&items[0][price]={price}", customer(&mut client)?);
    let made: Value = serde_json::from_str(&client.expect_200(&Call::post(SANDBOX, "/v1/subscriptions", form))?.body)?;
    if made["status"] != "active" {
        return Err(format!("{made}").into());
    }
    let calls = move |client: &mut Client, n: usize| {
        let month = i64::try_from(n)? + 1;
        client.expect_200(&clock(month * MONTH + 7_200)).map(drop)
    };
    Ok(Requests { client, calls: Box::new(calls) })
}
