// SPDX-License-Identifier: Apache-2.0

use crate::error::DoraError;
use crate::ffi::{self, Handle};
use crate::node::NodeHandle;
use std::fmt;
use std::os::raw::{c_char, c_void};
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
        // SAFETY: freed once; the spans of `Data` borrow from a `Data`, which holds this.
        unsafe { (ffi::get().dora_event_free)(self.raw) };
    }
}

/// The payload of a message, in place in shared memory. Cloning shares it; dropping the last gives the memory back to the sender.
///
/// A program that keeps many makes their sender drop messages or wait, as the input's queue policy says: copy (`to_vec`) what is kept long.
#[derive(Clone)]
pub struct Data {
    event: Arc<EventHandle>,
    start: *const u8,
    length: usize,
}

// SAFETY: read-only bytes that live as long as the event handle, which any thread may use.
unsafe impl Send for Data {}
unsafe impl Sync for Data {}

impl Data {
    /// The payload of an input; None when it has no bytes, as a timer's tick.
    pub(crate) fn of(event: Arc<EventHandle>) -> Result<Option<Data>, DoraError> {
        let (mut start, mut length) = (std::ptr::null(), 0);
        // SAFETY: two places for results.
        DoraError::check(unsafe { (ffi::get().dora_event_data)(event.raw, &mut start, &mut length) })?;
        Ok(if length == 0 { None } else { Some(Data { event, start, length }) })
    }

    /// Whether the sender sent a typed Arrow array rather than plain bytes.
    pub fn is_arrow(&self) -> bool {
        // SAFETY: a living event.
        unsafe { (ffi::get().dora_event_is_arrow)(self.event.raw) == 1 }
    }

    /// The message as an Arrow array over the same memory, for any crate that takes the Arrow C Data Interface; plain bytes are a uint8
    /// array. Release both structs; the array holds the message by itself, but not the node: release it before the node ends.
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
        // SAFETY: so many bytes lie there, mapped read-only, until the event is freed; `self` holds it.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} bytes)", self.length)
    }
}

/// `struct ArrowArray` of the Arrow C Data Interface.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)] // named there
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

/// `struct ArrowSchema` of the Arrow C Data Interface.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)] // named there
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}

impl Default for ArrowArray {
    fn default() -> Self {
        // SAFETY: all fields may be zero: a released array.
        unsafe { std::mem::zeroed() }
    }
}

impl Default for ArrowSchema {
    fn default() -> Self {
        // SAFETY: all fields may be zero: a released schema.
        unsafe { std::mem::zeroed() }
    }
}
