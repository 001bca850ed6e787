// SPDX-License-Identifier: Apache-2.0

use crate::data::EventHandle;
use crate::event::{self, Event, StopCause};
use crate::ffi;
use crate::node::NodeHandle;
use std::fmt;
use std::sync::Arc;
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

/// The events of a node, in order. Can be moved to a thread of its own; also an iterator.
pub struct EventStream {
    node: Arc<NodeHandle>,
    stop_cause: Option<StopCause>,
}

impl EventStream {
    pub(crate) fn new(node: Arc<NodeHandle>) -> Self {
        EventStream { node, stop_cause: None }
    }

    /// Waits for the next event; None when the node has ended.
    pub fn recv(&mut self) -> Option<Event> {
        self.next_within(-1).ok()
    }

    /// Waits for the next event, for so long at most; None when time is up or the node has ended.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Option<Event> {
        self.next_within(i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX)).ok()
    }

    /// Takes the next event if there is one.
    pub fn try_recv(&mut self) -> Result<Event, TryRecvError> {
        self.next_within(0)
    }

    /// Takes all events that are there, without waiting.
    pub fn drain(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.try_recv().ok()).collect()
    }

    /// Why the node was asked to end, once [`Event::Stop`] has come.
    pub fn stop_cause(&self) -> Option<StopCause> {
        self.stop_cause
    }

    fn next_within(&mut self, timeout_ns: i64) -> Result<Event, TryRecvError> {
        let mut raw = std::ptr::null_mut();
        // SAFETY: a living node and a place for the handle; `&mut self` keeps other threads from receiving.
        match unsafe { (ffi::get().dora_node_next_event)(self.node.raw, timeout_ns, &mut raw) } {
            ffi::OK => {
                let handle = Arc::new(EventHandle { raw, _node: self.node.clone() });
                let next = Event::read(handle.clone());
                if let Event::Stop = next {
                    self.stop_cause = Some(match event::id(&handle).as_str() {
                        "MANUAL" => StopCause::Manual,
                        "ALL_INPUTS_CLOSED" => StopCause::AllInputsClosed,
                        _ => StopCause::DaemonLost,
                    });
                }
                Ok(next)
            }
            ffi::TIMEOUT => Err(TryRecvError::Empty),
            ffi::ENDED => Err(TryRecvError::Closed),
            _ => Ok(Event::Error(ffi::last_error())),
        }
    }
}

impl Iterator for EventStream {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.recv()
    }
}
