// SPDX-License-Identifier: Apache-2.0

use crate::event::{Event, InputNames, StopCause};
use crate::node::NodeHandle;
use crate::receive::{self, Missing, Received, Receiver};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Why [`EventStream::try_recv`] gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is nothing now.
    Empty,
    /// There will be nothing any more.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "there is no event now",
            TryRecvError::Closed => "the node has ended",
        })
    }
}

impl std::error::Error for TryRecvError {}

/// The events of a node, in order; also an iterator.
///
/// Threads: can be moved to a thread of its own, while others send. One thread at a time receives, as `&mut self` says.
pub struct EventStream {
    receiver: Option<Receiver>, // from the first wait of recv_async on; declared first: its thread stops looking before the node goes
    node: Arc<NodeHandle>,
    ahead: Option<Event>, // seen by is_empty, not given out
    inputs: InputNames,
    stop_cause: Option<StopCause>,
    has_ended: bool,
}

impl EventStream {
    pub(crate) fn new(node: Arc<NodeHandle>) -> Self {
        EventStream { receiver: None, node, ahead: None, inputs: InputNames::default(), stop_cause: None, has_ended: false }
    }

    /// Waits for the next event; None when the node has ended.
    pub fn recv(&mut self) -> Option<Event> {
        self.next_within(None).ok()
    }

    /// Waits for the next event, for so long at most; None when time is up, or the node has ended ([`EventStream::has_ended`]).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Option<Event> {
        self.next_within(Some(timeout)).ok()
    }

    /// Takes the next event if there is one.
    pub fn try_recv(&mut self) -> Result<Event, TryRecvError> {
        self.next_within(Some(Duration::ZERO))
    }

    /// Takes all events that are there, without waiting.
    pub fn drain(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.try_recv().ok()).collect()
    }

    /// Whether no event has come yet.
    pub fn is_empty(&mut self) -> bool {
        if self.ahead.is_none() {
            self.ahead = self.try_recv().ok();
        }
        self.ahead.is_none()
    }

    /// Whether there will be no more events.
    pub fn has_ended(&self) -> bool {
        self.has_ended && self.ahead.is_none()
    }

    /// Waits for the next event without blocking the thread; None when the node has ended. Works in any executor.
    ///
    /// A future that is dropped before it is done loses no event, so `select!` and time-outs of the executor are right:
    ///
    /// ```ignore
    /// match tokio::time::timeout(Duration::from_millis(100), events.recv_async()).await {
    ///     Ok(Some(event)) => handle(event),
    ///     Ok(None) => break, // the node has ended
    ///     Err(_) => {}       // nothing came in time
    /// }
    /// ```
    ///
    /// An event that has come already costs what [`EventStream::recv`] costs. A wait costs a hop from the thread that waits for
    /// events, which is started by the first.
    pub fn recv_async(&mut self) -> Recv<'_> {
        Recv { events: self }
    }

    /// [`EventStream::recv_async`] for futures of your own; with the crate futures, `stream::poll_fn(move |cx| events.poll_recv(cx))` is a
    /// `Stream`.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let is_busy = self.receiver.as_ref().map_or(false, Receiver::is_busy);
        if !is_busy {
            match self.try_recv() {
                Ok(event) => return Poll::Ready(Some(event)),
                Err(TryRecvError::Closed) => return Poll::Ready(None),
                Err(TryRecvError::Empty) => {}
            }
        } else if let Some(event) = self.ahead.take() {
            return Poll::Ready(Some(event));
        }
        if self.receiver.is_none() {
            match Receiver::start(&self.node) {
                Ok(receiver) => self.receiver = Some(receiver),
                Err(e) => return Poll::Ready(Some(Event::Error(format!("no thread to receive on: {}", e)))),
            }
        }
        match self.receiver.as_ref().map(|receiver| receiver.poll(context)) {
            Some(Poll::Ready(received)) => Poll::Ready(self.read(received).ok()),
            _ => Poll::Pending,
        }
    }

    /// Why the node was asked to end, once [`Event::Stop`] has come.
    pub fn stop_cause(&self) -> Option<StopCause> {
        self.stop_cause
    }

    fn next_within(&mut self, timeout: Option<Duration>) -> Result<Event, TryRecvError> {
        if let Some(event) = self.ahead.take() {
            return Ok(event);
        }
        let received = match &self.receiver {
            Some(receiver) if receiver.is_busy() => receiver.wait(timeout),
            _ => receive::receive(&self.node, receive::nanoseconds(timeout)),
        };
        self.read(received)
    }

    fn read(&mut self, received: Received) -> Result<Event, TryRecvError> {
        match received {
            Ok(handle) => {
                let (event, stop_cause) = Event::read(handle, &mut self.inputs);
                self.stop_cause = stop_cause.or(self.stop_cause);
                Ok(event)
            }
            Err(Missing::Empty) => Err(TryRecvError::Empty),
            Err(Missing::Closed) => {
                self.has_ended = true;
                Err(TryRecvError::Closed)
            }
            Err(Missing::Failed(text)) => Ok(Event::Error(text)),
        }
    }
}

impl Iterator for EventStream {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.recv()
    }
}

/// The future of [`EventStream::recv_async`]. Dropping it loses no event.
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a> {
    events: &'a mut EventStream,
}

impl Future for Recv<'_> {
    type Output = Option<Event>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(context)
    }
}
