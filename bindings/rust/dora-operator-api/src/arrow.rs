// SPDX-License-Identifier: Apache-2.0

//! The structs of the Arrow C Data Interface, for any crate that takes it.

use std::ffi::c_void;
use std::os::raw::c_char;

/// `struct ArrowArray`. Dropping it releases it, if it was not released or moved out before.
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

/// `struct ArrowSchema`. Dropping it releases it, if it was not released or moved out before.
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

impl Drop for ArrowArray {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: by the interface, whoever holds the struct calls this once; it sets `release` to None.
            unsafe { release(self) };
        }
    }
}

impl Drop for ArrowSchema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: as above.
            unsafe { release(self) };
        }
    }
}
