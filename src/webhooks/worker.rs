//! Sending the deliveries of a queue: one task for each receiver that has any.
//!
//! May use: the outbox, the client, tokio. Invariant: a task ends when its queue is empty, and closes its connection.

use std::sync::Arc;
use std::time::SystemTime;

use super::Sending;
use super::client::{Client, Post};
use super::delivery::{AttemptResult, DeliveryAttempt, Target};
use super::line::{Job, Next};
use super::outbox::Outbox;
use super::receiver::{FoundReceiver, Receiver};

/// Sends what the queue returns until it is empty.
pub(super) async fn work(sending: Arc<Sending>, outbox: Arc<Outbox>, target: Target) {
    let mut client = None;
    while let Some(wake) = outbox.wake(&target) {
        match outbox.next(&target) {
            Next::Nothing => return,
            Next::At(at) => {
                let sleep = tokio::time::sleep_until(at.into());
                tokio::select! {
                    () = sleep => {}
                    () = wake.notified() => {}
                }
            }
            Next::Try(job) => {
                if !attempt(&sending, &outbox, &target, job, &mut client).await {
                    return;
                }
            }
        }
    }
}

/// Makes one attempt; `false` if the receiver is disabled or deleted.
async fn attempt(sending: &Sending, outbox: &Outbox, target: &Target, job: Job, client: &mut Option<Client>) -> bool {
    // The semaphore is never closed.
    let _permit = sending.connections.acquire().await;
    let Some(sandbox) = outbox.sandbox() else { return false };
    let state = sandbox.state();
    let receiver = match Receiver::find(&state, outbox.settings(), target) {
        FoundReceiver::Ready(receiver) => receiver,
        FoundReceiver::Disabled => {
            outbox.park(target);
            return false;
        }
        FoundReceiver::Gone => {
            outbox.follow(&state);
            return false;
        }
    };
    let Some(url) = &receiver.url else { return false };
    let body = job.body.unwrap_or_else(|| receiver.body(&job.event, outbox.name()));
    drop(state);
    let at = SystemTime::now();
    let signature = receiver.sign(outbox.settings().signing_time(&sandbox), &body);
    drop(sandbox);
    if client.as_ref().is_none_or(|client| !client.fits(url)) {
        *client = Client::new(url, &sending.tls);
    }
    let begun = std::time::Instant::now();
    let reaction = match client {
        Some(client) => {
            let post = Post {
                url,
                sandbox: outbox.name(),
                signature: &signature,
                fault: job.fault.as_deref(),
                body: body.clone(),
            };
            client.send(&post, outbox.settings().timeout).await
        }
        None => AttemptResult::Unanswered("no TLS could be set up".to_owned()),
    };
    let duration = begun.elapsed();
    outbox.finish(
        target,
        job.number,
        DeliveryAttempt { at, duration, url: url.to_string(), signature, body, reaction },
    );
    true
}
