//! The bodies of answers: bytes in pieces, bytes after which the connection is lost, or whatever a handler of the router made.
//!
//! May use: hyper's bodies, the connection. Invariant: a body of the API is not behind a pointer of its own, and its connection
//! hears of its end.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Response, StatusCode};
use bytes::BytesMut;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;

use super::connections::Answering;
use crate::limits::PIECE_BYTES;

/// The body of an answer.
pub(super) enum AnswerBody {
    /// Bytes. Many are sent in pieces, between which the connection lets others have their turn.
    Whole(Bytes),
    /// The connection is closed, at once or after some bytes.
    Lost(LostBody),
    /// What a handler of the router made.
    Routed(Body),
}

/// A body whose connection is closed.
pub(super) struct LostBody {
    /// What is sent before.
    head: Option<Bytes>,
    /// Whether bytes that were passed on are still to be sent.
    flushes: bool,
}

impl LostBody {
    /// A body that ends after these bytes, or before any.
    pub(super) fn after(head: Option<Bytes>) -> Self {
        LostBody { head, flushes: false }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if std::mem::take(&mut self.flushes) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(head) = self.head.take() else {
            let reset = io::Error::from(io::ErrorKind::ConnectionReset);
            return Poll::Ready(Some(Err(axum::Error::new(reset))));
        };
        self.flushes = true;
        Poll::Ready(Some(Ok(Frame::data(head))))
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            AnswerBody::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            AnswerBody::Whole(bytes) => {
                let next = bytes.len().min(PIECE_BYTES);
                // The last piece takes the bytes themselves: a part of them would need a count of its owners.
                let piece = if next == bytes.len() { std::mem::take(bytes) } else { bytes.split_to(next) };
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            AnswerBody::Lost(lost) => lost.poll(context),
            AnswerBody::Routed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            AnswerBody::Whole(bytes) => bytes.is_empty(),
            AnswerBody::Lost(_) => false,
            AnswerBody::Routed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            AnswerBody::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            AnswerBody::Lost(_) => SizeHint::default(),
            AnswerBody::Routed(body) => body.size_hint(),
        }
    }
}

/// All bytes of a body. One that comes in one piece is not copied.
///
/// # Errors
/// It cannot be read to its end.
pub(super) async fn whole<B>(body: B) -> Result<Bytes, B::Error>
where
    B: HttpBody<Data = Bytes>,
{
    let mut body = pin!(body);
    let (mut first, mut all) = (Bytes::new(), None);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        match &mut all {
            None if first.is_empty() => first = data,
            None => all = Some(BytesMut::from_iter(first.iter().chain(&data))),
            Some(all) => all.extend_from_slice(&data),
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(all.map_or(first, BytesMut::freeze))
}

/// An answer whose end lets its connection wait for another request. After a change of protocol there is none.
pub(super) fn watched(answer: Response<AnswerBody>, mut answering: Answering) -> Response<WatchedBody> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        answering.is_last();
    }
    let piece = if answering.connection().is_shared() { SHARED_PIECE_BYTES } else { usize::MAX };
    answer.map(|body| WatchedBody { body, answering, piece, rest: Bytes::new() })
}

/// Bytes of one piece where several answers share a connection: they take turns, and what a client does not take is kept out of the
/// connection's own buffers, but for one piece.
const SHARED_PIECE_BYTES: usize = 16 << 10;

/// The body of an answer, dropped when it is sent.
pub(super) struct WatchedBody {
    body: AnswerBody,
    answering: Answering,
    piece: usize,
    /// What is still to be sent of the last piece of the body.
    rest: Bytes,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.answering.is_read();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)).map(|polled| polled.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let next = self.rest.len().min(self.piece);
        let piece = if next == self.rest.len() { std::mem::take(&mut self.rest) } else { self.rest.split_to(next) };
        if !self.is_end_stream() {
            self.answering.waits_for_reader();
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Asked before anything is sent.
        self.body.size_hint()
    }
}
