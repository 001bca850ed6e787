// SPDX-License-Identifier: Apache-2.0

use crate::data::{Data, EventHandle};
use crate::error::DoraError;
use crate::ffi;
use crate::metadata::{DataId, MetadataHandle, MetadataParameters};
use std::os::raw::c_char;
use std::sync::Arc;

/// What came with a message beside its payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The sender's parameters.
    pub parameters: MetadataParameters,
    timestamp_ns: u64,
}

impl Metadata {
    /// When the message was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock.
    pub fn timestamp_ns(&self) -> u64 {
        self.timestamp_ns
    }
}

/// Why a node is asked to end; see [`Event::Stop`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopCause {
    /// Somebody stopped the dataflow.
    Manual,
    /// Every input has closed.
    AllInputsClosed,
    /// The daemon is gone.
    DaemonLost,
}

/// Something that a node receives.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A message, or a timer's tick.
    Input {
        /// The input, as named in the dataflow.
        id: DataId,
        /// Time stamp and parameters.
        metadata: Metadata,
        /// The payload; None when there are no bytes.
        data: Option<Data>,
    },
    /// An input brings nothing more, or is late.
    InputClosed {
        /// The input.
        id: DataId,
    },
    /// A late input brings messages again.
    InputRecovered {
        /// The input.
        id: DataId,
    },
    /// A node upstream was started again.
    NodeRestarted {
        /// The node.
        id: String,
    },
    /// A node upstream failed.
    NodeFailed {
        /// Inputs that it fed.
        affected_input_ids: Vec<DataId>,
        /// How it ended.
        error: String,
        /// The node.
        source_node_id: String,
    },
    /// The node shall end; [`crate::EventStream::stop_cause`] says why. What is queued can still be received.
    Stop,
    /// An operator shall be loaded again; for runtimes.
    Reload {
        /// Which; None: all.
        operator_id: Option<String>,
    },
    /// A connection of this node was cut, or a message could not be read.
    Error(String),
}

impl Event {
    /// Reads an event of the library out.
    pub(crate) fn read(handle: Arc<EventHandle>) -> Event {
        Event::try_read(handle).unwrap_or_else(|e| Event::Error(e.to_string()))
    }

    fn try_read(handle: Arc<EventHandle>) -> Result<Event, DoraError> {
        let library = ffi::get();
        // SAFETY: a living event, here and below.
        Ok(match unsafe { (library.dora_event_type)(handle.raw) } {
            0 => Event::Stop,
            1 => {
                let mut timestamp_ns = 0;
                DoraError::check(unsafe { (library.dora_event_timestamp)(handle.raw, &mut timestamp_ns) })?;
                let parameters = match unsafe { (library.dora_event_has_metadata)(handle.raw) } {
                    0 => MetadataParameters::new(),
                    _ => MetadataHandle::decode(handle.raw)?,
                };
                Event::Input { id: id(&handle).into(), metadata: Metadata { parameters, timestamp_ns }, data: Data::of(handle)? }
            }
            2 => Event::InputClosed { id: id(&handle).into() },
            3 => Event::Error(message(&handle)),
            5 => Event::InputRecovered { id: id(&handle).into() },
            6 => Event::NodeRestarted { id: id(&handle) },
            7 => Event::NodeFailed {
                affected_input_ids: affected(&handle),
                error: message(&handle),
                source_node_id: id(&handle),
            },
            8 => Event::Reload { operator_id: Some(id(&handle)).filter(|id| !id.is_empty()) },
            other => Event::Error(format!("an event of the unknown type {}", other)),
        })
    }
}

pub(crate) fn id(event: &EventHandle) -> String {
    // SAFETY: a living event and places for results.
    text(|data, length| unsafe { (ffi::get().dora_event_id)(event.raw, data, length) }).unwrap_or_default()
}

fn message(event: &EventHandle) -> String {
    // SAFETY: as above.
    text(|data, length| unsafe { (ffi::get().dora_event_message)(event.raw, data, length) }).unwrap_or_default()
}

fn affected(event: &EventHandle) -> Vec<DataId> {
    (0..)
        // SAFETY: as above.
        .map_while(|index| text(|data, length| unsafe { (ffi::get().dora_event_affected_input)(event.raw, index, data, length) }))
        .map(DataId::from)
        .collect()
}

/// A text that the library lends, copied.
pub(crate) fn text(read: impl Fn(*mut *const c_char, *mut usize) -> ffi::Status) -> Option<String> {
    let (mut data, mut length) = (std::ptr::null(), 0);
    if read(&mut data, &mut length) != ffi::OK || length == 0 {
        return if length == 0 && !data.is_null() { Some(String::new()) } else { None };
    }
    // SAFETY: the library lends so many bytes until the object they belong to is freed; they are copied before.
    let bytes = unsafe { std::slice::from_raw_parts(data as *const u8, length) };
    Some(String::from_utf8_lossy(bytes).into_owned())
}
