//! One connection of a listening CLI: from its queue to its websocket, and the messages in return.
//!
//! May use: axum's websocket, tokio. Invariant: it ends when the CLI is gone or silent for long; a sent event is
//! pending until it is acknowledged or the connection ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message as Frame, WebSocket};
use tokio::time::timeout;

use super::frames::{self, Heard};
use super::hub::{Message, Seat};
use super::pace::Pace;
use crate::state::AccountKey;
use crate::state::event::Event;

/// How long a CLI may be silent: it sends a ping every two seconds.
const SILENT_FOR: Duration = Duration::from_secs(30);

/// How long sending a message may take.
const SENT_WITHIN: Duration = Duration::from_secs(10);

/// A connection.
struct Connection {
    socket: WebSocket,
    secret: String,
    pace: Pace,
    numbered: u64,
    /// Events that are not acknowledged yet, by the number of their conversation.
    open: HashMap<u64, Arc<Event>>,
}

/// The connection is over.
struct Gone;

/// Serves a connection to its end.
pub(super) async fn serve(seat: Seat, socket: WebSocket, secret: String) {
    let pace = Pace::new(seat.session().forwards);
    let mut connection = Connection { socket, secret, pace, numbered: 0, open: HashMap::new() };
    while connection.step(&seat).await.is_ok() {}
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.values().for_each(|event| event.settle());
    }
}

impl Connection {
    /// Sends what may be sent, then waits for a message, an event or a timeout.
    async fn step(&mut self, seat: &Seat) -> Result<(), Gone> {
        let waits = self.pace.until();
        if waits.is_none()
            && let Some(message) = seat.next()
        {
            return self.send(&seat.session().sandbox, message).await;
        }
        let patience = waits.map_or(SILENT_FOR, |until| until.saturating_duration_since(Instant::now()));
        tokio::select! {
            heard = timeout(patience, self.socket.recv()) => match heard {
                Ok(Some(Ok(frame))) => self.hear(&frame),
                Ok(_) => Err(Gone),
                Err(_) if waits.is_none() => Err(Gone),
                Err(_) => {
                    self.pace.pass(Instant::now());
                    Ok(())
                }
            },
            () = seat.filled(), if waits.is_none() => Ok(()),
        }
    }

    async fn send(&mut self, sandbox: &str, message: Message) -> Result<(), Gone> {
        match message {
            Message::Request { id, payload } => self.write(frames::request(&id, &payload)).await,
            // Nobody hears whether it was forwarded.
            Message::Event { event } if event.is_thin() => {
                event.settle();
                self.write(frames::thin_event(sandbox, &event, &self.secret)).await
            }
            Message::Event { event } => {
                self.numbered += 1;
                let number = self.numbered;
                self.open.insert(number, Arc::clone(&event));
                for frame in frames::event(sandbox, &event, &self.secret, &format!("wc_{number}")) {
                    self.write(frame).await?;
                }
                self.pace.sent(number, (event.name, event.account != AccountKey::PLATFORM), Instant::now());
                Ok(())
            }
        }
    }

    async fn write(&mut self, text: String) -> Result<(), Gone> {
        let sent = timeout(SENT_WITHIN, self.socket.send(Frame::Text(text.into()))).await;
        sent.map_err(|_| Gone)?.map_err(|_| Gone)
    }

    /// Pings are answered by the websocket itself.
    fn hear(&mut self, frame: &Frame) -> Result<(), Gone> {
        let text = match frame {
            Frame::Text(text) => text.as_str(),
            Frame::Close(_) => return Err(Gone),
            _ => return Ok(()),
        };
        match Heard::parse(text) {
            Heard::EventAck { webhook_conversation_id: id } => {
                let Some(number) = number(&id) else { return Ok(()) };
                if let Some(event) = self.open.remove(&number) {
                    event.settle();
                }
                self.pace.acknowledged(number, Instant::now());
            }
            Heard::WebhookResponse { webhook_conversation_id: id } => {
                if let Some(number) = number(&id) {
                    self.pace.answered(number);
                }
            }
            Heard::Other => {}
        }
        Ok(())
    }
}

/// The number of a conversation.
fn number(conversation: &str) -> Option<u64> {
    conversation.strip_prefix("wc_")?.parse().ok()
}
