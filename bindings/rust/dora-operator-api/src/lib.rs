// SPDX-License-Identifier: Apache-2.0

//! dora's operator API for Rust: build the crate as `crate-type = ["cdylib"]` and name the library in the dataflow with `shared-library`.
//!
//! ```
//! use dora_operator_api::{register_operator, DoraOperator, DoraOutputSender, DoraStatus, Event};
//!
//! register_operator!(Doubler);
//!
//! #[derive(Default)]
//! struct Doubler;
//!
//! impl DoraOperator for Doubler {
//!     fn on_event(&mut self, event: &Event, output: &mut DoraOutputSender) -> Result<DoraStatus, String> {
//!         if let Event::Input { id: _, data } = event {
//!             let doubled: Vec<u8> = data.iter().map(|byte| byte.wrapping_mul(2)).collect();
//!             output.send("doubled".into(), doubled)?;
//!         }
//!         Ok(DoraStatus::Continue)
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! A panic in `on_event` is caught and handled like an `Err`: the operator is restarted, the others of its runtime go on.

#![warn(missing_docs)]
#![warn(unsafe_op_in_unsafe_fn)]

mod arrow;
mod parameter;
#[doc(hidden)]
pub mod raw;

pub use arrow::{ArrowArray, ArrowSchema};
pub use parameter::{MetadataParameters, Parameter};

/// An operator: reacts to one event at a time.
pub trait DoraOperator: Default {
    /// Reacts to one event. An error restarts this operator with its `Default`.
    #[allow(clippy::result_unit_err)]
    fn on_event(&mut self, event: &Event, output_sender: &mut DoraOutputSender) -> Result<DoraStatus, String>;
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum DoraStatus {
    /// Send more events.
    Continue = 0,
    /// This operator is done.
    Stop = 1,
    /// The whole dataflow is done.
    StopAll = 2,
}

/// What happened; borrowed until `on_event` returns.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A message, or a timer's tick.
    Input {
        /// The input, as the dataflow names it.
        id: &'a str,
        /// The payload, in place in shared memory; empty for timers.
        data: &'a [u8],
    },
    /// An input brings nothing more.
    InputClosed {
        /// The input.
        id: &'a str,
    },
    /// A late input brings messages again.
    InputRecovered {
        /// The input.
        id: &'a str,
    },
    /// A node upstream was started again.
    NodeRestarted {
        /// The node.
        id: &'a str,
    },
    /// The last event.
    Stop,
    /// A node upstream failed: which, and how.
    Error(&'a str),
    /// The last message of an input was handled after its deadline; for operators whose descriptor says `on_miss: event`.
    DeadlineMissed {
        /// The input.
        id: &'a str,
    },
}

/// How grave a log record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the usual five
pub enum LogLevel {
    Error = 0,
    Warn = 1,
    Info = 2,
    Debug = 3,
    Trace = 4,
}

/// Sends outputs during `on_event`, and knows more about the input of this call than [`Event::Input`] has room for. Sending never waits.
pub struct DoraOutputSender<'a> {
    raw: &'a raw::SendOutput,
    input: Option<&'a raw::Input>,
}

impl DoraOutputSender<'_> {
    /// Sends bytes on an output that the dataflow lists for this operator.
    pub fn send(&mut self, id: String, data: Vec<u8>) -> Result<(), String> {
        self.send_bytes(&id, &data)
    }

    /// The same without giving anything away: one copy, into the message.
    pub fn send_bytes(&mut self, id: &str, data: &[u8]) -> Result<(), String> {
        self.raw.send(id, data)
    }

    /// Sends bytes with parameters: one copy.
    pub fn send_with_metadata(&mut self, id: &str, data: &[u8], parameters: &MetadataParameters) -> Result<(), String> {
        self.raw.send_with(id, data, parameters)
    }

    /// Sends what `write` puts straight into the message: no copy. It gets `length` bytes, which are not zeroed; if it
    /// panics, nothing is sent.
    pub fn send_in_place<F>(&mut self, id: &str, length: usize, parameters: &MetadataParameters, write: F) -> Result<(), String>
    where
        F: FnOnce(&mut [u8]),
    {
        self.raw.send_in_place(id, length, parameters, write)
    }

    /// Sends a typed Arrow array; its buffers are copied once.
    ///
    /// # Safety
    /// Both structs must be valid by the rules of the C Data Interface. They are released in every case.
    pub unsafe fn send_arrow(
        &mut self,
        id: &str,
        array: ArrowArray,
        schema: ArrowSchema,
        parameters: &MetadataParameters,
    ) -> Result<(), String> {
        // SAFETY: as the caller says.
        unsafe { self.raw.send_arrow(id, array, schema, parameters) }
    }

    /// Passes the input of this call on as it came: bytes, parameters and Arrow type. Siblings get the very same memory.
    pub fn forward(&mut self, id: &str) -> Result<(), String> {
        self.raw.forward(id)
    }

    /// Writes a record to the dataflow's log.
    pub fn log(&mut self, level: LogLevel, message: &str) {
        self.raw.log(level as i32, message)
    }

    /// The parameters of the input of this call; empty when it is another event. An error: the sender's are malformed.
    pub fn input_metadata(&self) -> Result<MetadataParameters, String> {
        self.input.map_or(Ok(MetadataParameters::new()), |input| input.parameters())
    }

    /// Whether the input of this call is a typed Arrow array rather than plain bytes.
    pub fn input_is_arrow(&self) -> bool {
        self.input.map_or(false, |input| input.is_arrow)
    }

    /// The input of this call as an Arrow array over the same memory; plain bytes are a uint8 array. The array holds the message by
    /// itself, and may be kept after the call; dropping it gives the message back.
    pub fn input_arrow(&self) -> Result<(ArrowArray, ArrowSchema), String> {
        self.input.ok_or_else(|| "only an input is an Arrow array".to_owned())?.arrow()
    }

    /// When the input of this call was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock; 0 when it is another event.
    pub fn input_timestamp_ns(&self) -> u64 {
        self.input.map_or(0, |input| input.timestamp_ns)
    }

    /// The trace context that came with the input of this call; empty when there is none.
    pub fn open_telemetry_context(&self) -> &str {
        self.input.map_or("", |input| input.open_telemetry_context.as_str())
    }
}

/// Makes a type the operator of this library: exports the functions that the runtime calls.
#[macro_export]
macro_rules! register_operator {
    ($ty:ty) => {
        #[no_mangle]
        pub extern "C" fn dora_init_operator() -> $crate::raw::InitResult {
            $crate::raw::init::<$ty>()
        }

        /// # Safety
        /// Called by the runtime only, with what `dora_init_operator` gave.
        #[no_mangle]
        pub unsafe extern "C" fn dora_drop_operator(context: *mut ::std::ffi::c_void) -> $crate::raw::DoraResult {
            unsafe { $crate::raw::drop_operator::<$ty>(context) }
        }

        /// # Safety
        /// Called by the runtime only, with what `dora_init_operator` gave and pointers that live during the call.
        #[no_mangle]
        pub unsafe extern "C" fn dora_on_event(
            event: *const $crate::raw::RawEvent,
            send_output: *const $crate::raw::SendOutput,
            context: *mut ::std::ffi::c_void,
        ) -> $crate::raw::OnEventResult {
            unsafe { $crate::raw::on_event::<$ty>(event, send_output, context) }
        }
    };
}
