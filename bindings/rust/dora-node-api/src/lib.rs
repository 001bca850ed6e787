// SPDX-License-Identifier: Apache-2.0

//! dora's node API for Rust.
//!
//! ```no_run
//! use dora_node_api::{dora_core::config::DataId, DoraNode, Event};
//!
//! let (mut node, mut events) = DoraNode::init_from_env()?;
//! let output = DataId::from("random".to_owned());
//! while let Some(event) = events.recv() {
//!     if let Event::Input { id, metadata, data: _ } = event {
//!         if id.as_str() == "tick" {
//!             // Written straight into shared memory: nothing is copied.
//!             node.send_output(output.clone(), metadata.parameters, 8, |out| out.copy_from_slice(&7u64.to_le_bytes()))?;
//!         }
//!     }
//! }
//! # Ok::<(), dora_node_api::DoraError>(())
//! ```
//!
//! Everything lies over libdora (`dora/dora.h`); no other crate is needed. Payloads are read in place in shared memory and given back when
//! the last [`Data`] of a message is dropped.

#![warn(missing_docs)]
#![warn(unsafe_op_in_unsafe_fn)]

mod arrow;
mod data;
mod error;
mod event;
mod ffi;
mod loan;
mod metadata;
mod node;
mod receive;
mod stream;

/// Words that dora's documentation imports from here.
pub mod dora_core {
    /// Names in a dataflow.
    pub mod config {
        pub use crate::metadata::DataId;
    }
}

pub use arrow::{ArrowArray, ArrowSchema, ArrowValue};
pub use data::Data;
pub use error::DoraError;
pub use event::{Event, Metadata, StopCause};
pub use loan::{OutputLoan, TrySendError};
pub use metadata::{DataId, MetadataParameters, Parameter};
pub use node::{DoraNode, LogLevel};
pub use stream::{EventStream, Recv, TryRecvError};
