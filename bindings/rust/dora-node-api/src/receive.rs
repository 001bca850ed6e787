// SPDX-License-Identifier: Apache-2.0

//! Receiving from the library: on the caller's thread, or on one of our own for `recv_async`.

use crate::data::EventHandle;
use crate::ffi::{self, Handle};
use crate::node::NodeHandle;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Why there is no event.
pub(crate) enum Missing {
    /// Nothing came in time.
    Empty,
    /// Nothing will come any more.
    Closed,
    /// The library's text.
    Failed(String),
}

pub(crate) type Received = Result<EventHandle, Missing>;

pub(crate) const FOREVER: i64 = -1;

/// `None` has no limit.
pub(crate) fn nanoseconds(timeout: Option<Duration>) -> i64 {
    timeout.map_or(FOREVER, |timeout| i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX))
}

/// Waits for the next event. One thread at a time.
pub(crate) fn receive(node: &Arc<NodeHandle>, timeout_ns: i64) -> Received {
    receive_raw(node.raw, timeout_ns).map(|raw| EventHandle { raw, _node: node.clone() })
}

fn receive_raw(node: Handle, timeout_ns: i64) -> Result<Handle, Missing> {
    let mut raw = std::ptr::null_mut();
    // SAFETY: a place for the handle; a node that is gone, or that another thread waits for, is an error.
    match unsafe { (ffi::get().dora_node_next_event)(node, timeout_ns, &mut raw) } {
        ffi::OK => Ok(raw),
        ffi::TIMEOUT => Err(Missing::Empty),
        ffi::ENDED => Err(Missing::Closed),
        _ => Err(Missing::Failed(ffi::last_error())),
    }
}

/// Receives one event at a time, when asked to, on a thread of its own.
///
/// The thread exists from the first request on and sleeps between requests. It does not keep the node open: a node that is left ends its
/// wait. A request can't be taken back; its event is kept for whoever receives next, so that a future that is dropped loses nothing.
pub(crate) struct Receiver {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    step: Step,
    waker: Option<Waker>,
}

enum Step {
    Idle,
    /// Asked for; the thread waits, or is about to.
    Wanted,
    /// Received, and not taken yet.
    Here(Received),
    /// The stream is gone: the thread ends.
    Over,
}

impl Receiver {
    pub(crate) fn start(node: &Arc<NodeHandle>) -> std::io::Result<Receiver> {
        let shared = Arc::new(Shared { state: Mutex::new(State { step: Step::Idle, waker: None }), changed: Condvar::new() });
        let (ours, raw, node) = (shared.clone(), RawNode(node.raw), Arc::downgrade(node));
        std::thread::Builder::new().name("dora-receive".to_owned()).spawn(move || ours.run(raw, node))?;
        Ok(Receiver { shared })
    }

    /// Whether an event was asked for that nobody has taken. Then nobody else may receive.
    pub(crate) fn is_busy(&self) -> bool {
        !matches!(self.shared.lock().step, Step::Idle)
    }

    /// Asks for an event, unless one is on its way; `waker` is woken when it is here.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Received> {
        let mut state = self.shared.lock();
        match std::mem::replace(&mut state.step, Step::Idle) {
            Step::Here(received) => return Poll::Ready(received),
            step => state.step = step,
        }
        if let Step::Idle = state.step {
            state.step = Step::Wanted;
            self.shared.changed.notify_all();
        }
        if !state.waker.as_ref().map_or(false, |waker| waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Waits for the event that was asked for.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Received {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.shared.lock();
        loop {
            match std::mem::replace(&mut state.step, Step::Idle) {
                Step::Here(received) => return received,
                step => state.step = step,
            }
            state = match deadline {
                None => self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                    None => return Err(Missing::Empty),
                    Some(left) => self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                },
            };
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let left = std::mem::replace(&mut state.step, Step::Over);
        state.waker = None;
        self.shared.changed.notify_all();
        drop(state);
        drop(left); // may free an event, and with it the node: not under the lock
    }
}

impl Shared {
    fn run(&self, raw: RawNode, node: Weak<NodeHandle>) {
        while self.is_wanted() {
            let received = receive_raw(raw.0, FOREVER).and_then(|raw| match node.upgrade() {
                Some(node) => Ok(EventHandle { raw, _node: node }),
                None => {
                    // SAFETY: nobody else has it, and its memory is not looked at.
                    unsafe { (ffi::get().dora_event_free)(raw) };
                    Err(Missing::Closed)
                }
            });
            let mut state = self.lock();
            if let Step::Over = state.step {
                drop(state);
                drop(received);
                return;
            }
            state.step = Step::Here(received);
            let waker = state.waker.take();
            self.changed.notify_all();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Sleeps until an event is asked for; false at the end.
    fn is_wanted(&self) -> bool {
        let mut state = self.lock();
        loop {
            match state.step {
                Step::Wanted => return true,
                Step::Over => return false,
                _ => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A node's handle without the node: a checked number.
struct RawNode(Handle);

// SAFETY: see `NodeHandle`.
unsafe impl Send for RawNode {}
