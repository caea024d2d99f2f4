//! One flow with async-stripe: `pinstripe-sdk-rust SANDBOX`, with the server's address in `PINSTRIPE_URL`. It reads every answer
//! into a struct whose required members must be there, which no dynamic language does. Ends with `N passed, N failed`.

use std::error::Error;

use futures_util::TryStreamExt;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_core::customer::{CreateCustomer, DeleteCustomer, ListCustomer};
use stripe_core::payment_intent::{CreatePaymentIntent, RetrievePaymentIntent};
use stripe_core::refund::CreateRefund;
use stripe_payment::payment_method::AttachPaymentMethod;
use stripe_shared::{ApiErrorsCode, PaymentIntent, PaymentIntentStatus};
use stripe_types::Currency;

type Flow = Result<(), Box<dyn Error>>;

fn payment(method: &str) -> CreatePaymentIntent {
    CreatePaymentIntent::new(2000, Currency::USD)
        .payment_method(method)
        .return_url("https://example.com/back")
        .confirm(true)
}

async fn a_saved_card_pays_and_its_payment_is_refunded(client: &Client) -> Flow {
    let customer = CreateCustomer::new().email("ada@example.com").send(client).await?;
    let method = AttachPaymentMethod::new("pm_card_visa").customer(customer.id.to_string()).send(client).await?;
    let intent = payment(method.id.as_str()).customer(customer.id.to_string()).send(client).await?;
    assert_eq!(intent.status, PaymentIntentStatus::Succeeded);
    let refund = CreateRefund::new().payment_intent(intent.id.to_string()).amount(500).send(client).await?;
    assert_eq!((refund.amount, refund.status.as_deref()), (500, Some("succeeded")));
    Ok(())
}

async fn a_declined_card_is_an_error_with_its_code(client: &Client) -> Flow {
    match payment("pm_card_chargeDeclinedInsufficientFunds").send(client).await {
        Err(StripeError::Stripe(error, 402)) => {
            assert_eq!(error.code, Some(ApiErrorsCode::CardDeclined));
            assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
            Ok(())
        }
        other => Err(format!("{other:?}").into()),
    }
}

async fn a_challenge_is_asked_for(client: &Client) -> Flow {
    let intent = payment("pm_card_threeDSecure2Required").send(client).await?;
    assert_eq!(intent.status, PaymentIntentStatus::RequiresAction);
    let again = RetrievePaymentIntent::new(intent.id.clone()).send(client).await?;
    assert!(again.next_action.is_some_and(|action| action.redirect_to_url.is_some()));
    Ok(())
}

async fn an_unfiltered_list_is_paged_through_by_itself(client: &Client) -> Flow {
    let before: Vec<_> = ListCustomer::new().paginate().stream(client).try_collect().await?;
    let mut made = Vec::new();
    for _ in 0..25 {
        made.insert(0, CreateCustomer::new().send(client).await?.id);
    }
    let all: Vec<_> = ListCustomer::new().paginate().stream(client).try_collect().await?;
    let ids: Vec<_> = all.iter().take(25).map(|customer| customer.id.clone()).collect();
    assert_eq!((ids == made, all.len()), (true, before.len() + 25));
    let deleted = DeleteCustomer::new(made[0].clone()).send(client).await?;
    assert_eq!(deleted.id, made[0]);
    Ok(())
}

async fn a_request_with_the_same_idempotency_key_is_answered_once_more(client: &Client) -> Flow {
    let once = async || -> Result<PaymentIntent, StripeError> {
        let key = IdempotencyKey::new("rust-1").expect("a key");
        payment("pm_card_visa").customize().request_strategy(RequestStrategy::Idempotent(key)).send(client).await
    };
    assert_eq!(once().await?.id, once().await?.id);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Flow {
    let url = std::env::var("PINSTRIPE_URL")?;
    let sandbox = std::env::args().nth(1).ok_or("a sandbox is missing")?;
    let client = ClientBuilder::new(format!("sk_test_sandbox_{sandbox}")).url(url).build()?;
    let results = [
        ("a saved card", a_saved_card_pays_and_its_payment_is_refunded(&client).await),
        ("a decline", a_declined_card_is_an_error_with_its_code(&client).await),
        ("a challenge", a_challenge_is_asked_for(&client).await),
        ("pages", an_unfiltered_list_is_paged_through_by_itself(&client).await),
        ("idempotency", a_request_with_the_same_idempotency_key_is_answered_once_more(&client).await),
    ];
    let mut failed = 0;
    for (name, result) in &results {
        match result {
            Ok(()) => println!("ok: {name}"),
            Err(error) => {
                failed += 1;
                println!("FAILED: {name}: {error}");
            }
        }
    }
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 { Ok(()) } else { Err("a flow failed".into()) }
}
