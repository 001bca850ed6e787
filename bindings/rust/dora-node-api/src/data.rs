// SPDX-License-Identifier: Apache-2.0

use crate::arrow::{ArrowArray, ArrowSchema, ArrowValue};
use crate::error::DoraError;
use crate::ffi::{self, Handle};
use crate::node::NodeHandle;
use std::ffi::CStr;
use std::fmt;
use std::os::raw::c_void;
use std::sync::Arc;

/// An event of the library, freed with this. Keeps the node open, since the payload lies in the node's mappings.
pub(crate) struct EventHandle {
    pub(crate) raw: Handle,
    pub(crate) _node: Arc<NodeHandle>,
}

// SAFETY: the library's functions may be called from any thread.
unsafe impl Send for EventHandle {}
unsafe impl Sync for EventHandle {}

impl Drop for EventHandle {
    fn drop(&mut self) {
        // SAFETY: freed once; all that borrows from the payload borrows from a `Data`, which holds this.
        unsafe { (ffi::get().dora_event_free)(self.raw) };
    }
}

/// The payload of a message, read in place in shared memory.
///
/// Ownership: the memory is the sender's, lent until the last clone of this is dropped. Cloning copies no bytes. A program that keeps
/// many makes their sender drop messages or wait, as the input's `queue_policy` says: copy (`to_vec`) what is kept long. The node stays
/// in the dataflow while any is alive.
///
/// Threads: may be sent to and read from any.
#[derive(Clone)]
pub struct Data {
    event: Arc<EventHandle>,
    start: *const u8, // null when there are no bytes
    length: usize,
    is_arrow: bool,
}

// SAFETY: read-only bytes that live as long as the event handle, which any thread may use.
unsafe impl Send for Data {}
unsafe impl Sync for Data {}

impl Data {
    /// The payload of an input; None when it has no bytes and no type, as a timer's tick.
    pub(crate) fn of(event: EventHandle, info: &ffi::EventInfo) -> Option<Data> {
        let is_arrow = info.flags & ffi::IS_ARROW != 0;
        if info.length == 0 && !is_arrow {
            return None;
        }
        Some(Data { event: Arc::new(event), start: info.data, length: info.length, is_arrow })
    }

    pub(crate) fn raw_event(&self) -> Handle {
        self.event.raw
    }

    /// The bytes. Of an Arrow array: its buffers, one after the other.
    pub fn as_slice(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: so many bytes lie there, mapped read-only, until the event is freed; `self` holds it.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// Whether the sender sent a typed Arrow array rather than plain bytes.
    pub fn is_arrow(&self) -> bool {
        self.is_arrow
    }

    /// The message as a slice of numbers, in place. Of an Arrow array: None unless it is of exactly this type and without nulls. Of plain
    /// bytes: None unless they are a whole number of such values, suitably aligned.
    ///
    /// ```no_run
    /// # fn f(data: dora_node_api::Data) {
    /// if let Some(boxes) = data.values::<f32>() {
    ///     println!("{} boxes", boxes.len() / 4);
    /// }
    /// # }
    /// ```
    pub fn values<T: ArrowValue>(&self) -> Option<&[T]> {
        let (start, count) = if self.is_arrow { self.arrow_values::<T>()? } else { self.plain_values::<T>()? };
        if count == 0 {
            return Some(&[]);
        }
        if start as usize % std::mem::align_of::<T>() != 0 {
            return None;
        }
        // SAFETY: aligned, initialised, any bits are a value of T, and read-only in the message's memory, which `self` holds.
        Some(unsafe { std::slice::from_raw_parts(start, count) })
    }

    fn plain_values<T: ArrowValue>(&self) -> Option<(*const T, usize)> {
        let size = std::mem::size_of::<T>();
        (self.length % size == 0).then(|| (self.start as *const T, self.length / size))
    }

    fn arrow_values<T: ArrowValue>(&self) -> Option<(*const T, usize)> {
        let (array, schema) = self.to_arrow().ok()?;
        // SAFETY: the library filled both, by the rules of the C Data Interface.
        unsafe {
            if CStr::from_ptr(schema.format).to_bytes_with_nul() != T::FORMAT || array.null_count != 0 || array.n_buffers != 2 {
                return None;
            }
            // The buffer lies in the message, which outlives these two structs.
            let values = *array.buffers.add(1) as *const T;
            Some((if array.length == 0 { values } else { values.add(array.offset as usize) }, array.length as usize))
        }
    }

    /// The message as an Arrow array over the same memory, for any crate that takes the Arrow C Data Interface; plain bytes are a uint8
    /// array. Nothing is copied.
    ///
    /// Ownership: dropping a struct releases it, unless it was moved out by the interface's rules (`release` is None then). The array
    /// holds the message by itself, so this can be dropped before; but not the node: release it before the node ends.
    pub fn to_arrow(&self) -> Result<(ArrowArray, ArrowSchema), DoraError> {
        let (mut array, mut schema) = (ArrowArray::default(), ArrowSchema::default());
        // SAFETY: the structs have the layout of the C Data Interface and are written over.
        DoraError::check(unsafe {
            (ffi::get().dora_event_arrow)(
                self.event.raw,
                &mut array as *mut ArrowArray as *mut c_void,
                &mut schema as *mut ArrowSchema as *mut c_void,
            )
        })?;
        Ok((array, schema))
    }
}

impl std::ops::Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Data {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} {})", self.length, if self.is_arrow { "bytes of an Arrow array" } else { "bytes" })
    }
}
