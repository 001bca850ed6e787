// SPDX-License-Identifier: Apache-2.0

use crate::data::{Data, EventHandle};
use crate::error::DoraError;
use crate::ffi::{self, EventInfo};
use crate::metadata::{DataId, MetadataHandle, MetadataParameters};
use std::borrow::Cow;
use std::os::raw::c_char;

/// What came with a message beside its payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The sender's parameters.
    pub parameters: MetadataParameters,
    timestamp_ns: u64,
    sequence: u64,
}

impl Metadata {
    /// Number of the message within its sender, from 1. A gap means messages that this input did not get.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

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
    /// Messages that belong together, as the node's `join` says.
    Joined {
        /// Each an [`Event::Input`]: of one input after the other, the oldest first.
        events: Vec<Event>,
        /// Members that have no message; none when the set is complete.
        missing: Vec<DataId>,
        /// `complete`, `partial` or `timed out`.
        outcome: String,
    },
    /// A connection of this node was cut, or a message could not be read.
    Error(String),
}

impl Event {
    /// Reads an event of the library out; `inputs` are names seen before.
    pub(crate) fn read(handle: EventHandle, inputs: &mut InputNames) -> (Event, Option<StopCause>) {
        let mut info = EventInfo::empty();
        // SAFETY: a living event and a place for the result.
        if let Err(e) = DoraError::check(unsafe { (ffi::get().dora_event_info)(handle.raw, &mut info) }) {
            return (Event::Error(e.to_string()), None);
        }
        let event = match info.kind {
            0 => {
                let cause = match &*info.id() {
                    "MANUAL" => StopCause::Manual,
                    "ALL_INPUTS_CLOSED" => StopCause::AllInputsClosed,
                    _ => StopCause::DaemonLost,
                };
                return (Event::Stop, Some(cause));
            }
            1 => Event::input(handle, &info, inputs).unwrap_or_else(|e| Event::Error(e.to_string())),
            2 => Event::InputClosed { id: inputs.get(info.id_bytes()) },
            3 => Event::Error(message(&handle)),
            5 => Event::InputRecovered { id: inputs.get(info.id_bytes()) },
            6 => Event::NodeRestarted { id: info.id().into_owned() },
            7 => {
                Event::NodeFailed { affected_input_ids: affected(&handle), error: message(&handle), source_node_id: info.id().into_owned() }
            }
            8 => Event::Reload { operator_id: Some(info.id().into_owned()).filter(|id| !id.is_empty()) },
            10 => Event::Joined { events: Event::joined(&handle, inputs), missing: affected(&handle), outcome: message(&handle) },
            other => Event::Error(format!("an event of the unknown type {}", other)),
        };
        (event, None)
    }

    fn joined(set: &EventHandle, inputs: &mut InputNames) -> Vec<Event> {
        let mut events = Vec::new();
        let mut raw = std::ptr::null_mut();
        // SAFETY: a living event and a place for the handle of one of its messages, which is ours.
        while unsafe { (ffi::get().dora_event_joined)(set.raw, events.len(), &mut raw) } == ffi::OK {
            events.push(Event::read(EventHandle { raw, _node: set._node.clone() }, inputs).0);
        }
        events
    }

    fn input(handle: EventHandle, info: &EventInfo, inputs: &mut InputNames) -> Result<Event, DoraError> {
        let parameters = match info.flags & ffi::HAS_METADATA {
            0 => MetadataParameters::new(),
            _ => MetadataHandle::decode(handle.raw)?,
        };
        Ok(Event::Input {
            id: inputs.get(info.id_bytes()),
            metadata: Metadata { parameters, timestamp_ns: info.timestamp_ns, sequence: info.sequence },
            data: Data::of(handle, info),
        })
    }
}

impl EventInfo {
    fn empty() -> EventInfo {
        // SAFETY: numbers and pointers may be zero.
        unsafe { std::mem::zeroed() }
    }

    /// The bytes of the id; living as long as the event, which the callers hold.
    fn id_bytes(&self) -> &[u8] {
        if self.id.is_null() || self.id_length == 0 {
            return &[];
        }
        // SAFETY: the library lends so many bytes until the event is freed.
        unsafe { std::slice::from_raw_parts(self.id as *const u8, self.id_length) }
    }

    fn id(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.id_bytes())
    }
}

/// Names of inputs that came before, so that a message does not allocate its input's.
#[derive(Default)]
pub(crate) struct InputNames(Vec<DataId>);

impl InputNames {
    /// Past so many, looking costs more than making.
    const COUNT_MAX: usize = 64;

    pub(crate) fn get(&mut self, name: &[u8]) -> DataId {
        if let Some(known) = self.0.iter().find(|known| known.as_str().as_bytes() == name) {
            return known.clone();
        }
        let id = DataId::from(&*String::from_utf8_lossy(name));
        if self.0.len() < Self::COUNT_MAX {
            self.0.push(id.clone());
        }
        id
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_once() {
        let mut names = InputNames::default();
        let first = names.get(b"image");
        assert_eq!(first, "image");
        assert_eq!(names.get(b"tick"), "tick");
        assert!(std::ptr::eq(first.as_str(), names.get(b"image").as_str()));
    }

    #[test]
    fn many_names_are_still_right() {
        let mut names = InputNames::default();
        for index in 0..2 * InputNames::COUNT_MAX {
            let name = format!("input-{}", index);
            assert_eq!(names.get(name.as_bytes()), *name);
            assert_eq!(names.get(name.as_bytes()), *name);
        }
        assert_eq!(names.0.len(), InputNames::COUNT_MAX);
    }
}
