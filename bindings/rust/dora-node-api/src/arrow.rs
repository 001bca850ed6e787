// SPDX-License-Identifier: Apache-2.0

use std::os::raw::{c_char, c_void};

/// `struct ArrowArray` of the Arrow C Data Interface. Dropping it releases it, if it was not released or moved out before.
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

/// `struct ArrowSchema` of the Arrow C Data Interface. Dropping it releases it, if it was not released or moved out before.
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

// SAFETY: the interface lets a struct be released by any thread; reading one is `unsafe` anyway.
unsafe impl Send for ArrowArray {}
unsafe impl Send for ArrowSchema {}

impl Default for ArrowArray {
    /// A released array.
    fn default() -> Self {
        // SAFETY: all fields may be zero.
        unsafe { std::mem::zeroed() }
    }
}

impl Default for ArrowSchema {
    /// A released schema.
    fn default() -> Self {
        // SAFETY: all fields may be zero.
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

/// A number that Arrow has a type for.
///
/// # Safety
/// `FORMAT` is the type's format string in the Arrow C Data Interface with a NUL behind it, and any bits are a valid value.
pub unsafe trait ArrowValue: Copy + 'static {
    #[doc(hidden)]
    const FORMAT: &'static [u8];
}

macro_rules! arrow_value {
    ($($ty:ty => $format:literal),*) => {
        $(
            // SAFETY: the interface's table of formats; numbers have no invalid bits.
            unsafe impl ArrowValue for $ty {
                const FORMAT: &'static [u8] = $format;
            }
        )*
    };
}

arrow_value!(i8 => b"c\0", u8 => b"C\0", i16 => b"s\0", u16 => b"S\0", i32 => b"i\0", u32 => b"I\0", i64 => b"l\0", u64 => b"L\0", f32 => b"f\0", f64 => b"g\0");

/// Lends a slice as an array without nulls for the time of a call. Nothing is allocated.
pub(crate) fn lend<T: ArrowValue, R>(values: &[T], call: impl FnOnce(*mut ArrowArray, *mut ArrowSchema) -> R) -> R {
    unsafe extern "C" fn release_array(array: *mut ArrowArray) {
        // SAFETY: the struct made below, or where it was moved; its private data is the flag below.
        unsafe {
            *((*array).private_data as *mut bool) = true;
            (*array).release = None;
        }
    }
    unsafe extern "C" fn release_schema(schema: *mut ArrowSchema) {
        // SAFETY: as above.
        unsafe { (*schema).release = None };
    }

    let mut is_released = false;
    let mut buffers = [std::ptr::null(), values.as_ptr() as *const c_void];
    let mut array = ArrowArray {
        length: values.len() as i64,
        n_buffers: buffers.len() as i64,
        buffers: buffers.as_mut_ptr(),
        release: Some(release_array),
        private_data: &mut is_released as *mut bool as *mut c_void,
        ..ArrowArray::default()
    };
    let mut schema = ArrowSchema {
        format: T::FORMAT.as_ptr() as *const c_char,
        name: b"\0".as_ptr() as *const c_char,
        release: Some(release_schema),
        ..ArrowSchema::default()
    };
    let result = call(&mut array, &mut schema);
    // SAFETY: a flag of this function, still alive.
    let is_released = unsafe { std::ptr::read_volatile(&is_released) };
    assert!(is_released, "libdora kept an array that was lent to it");
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lent_slice_is_an_array_of_its_type() {
        let values = [1i64, 2, 3];
        let sum: i64 = lend(&values, |array, schema| unsafe {
            assert_eq!((*array).length, 3);
            assert_eq!((*array).null_count, 0);
            assert_eq!(*(*schema).format as u8, b'l');
            let first = *(*array).buffers.add(1) as *const i64;
            let sum = (0..3).map(|index| *first.add(index)).sum();
            (*array).release.unwrap()(array);
            (*schema).release.unwrap()(schema);
            sum
        });
        assert_eq!(sum, 6);
    }

    #[test]
    #[should_panic(expected = "libdora kept an array")]
    fn keeping_a_lent_array_is_noticed() {
        lend(&[1u8], |array, _| unsafe { std::mem::take(&mut *array) }).release = None;
    }

    #[test]
    fn dropping_releases_once() {
        static RELEASED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        unsafe extern "C" fn release(array: *mut ArrowArray) {
            RELEASED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            unsafe { (*array).release = None };
        }
        let mut array = ArrowArray { release: Some(release), ..ArrowArray::default() };
        let moved = std::mem::take(&mut array);
        drop(array);
        assert_eq!(RELEASED.load(std::sync::atomic::Ordering::SeqCst), 0);
        drop(moved);
        assert_eq!(RELEASED.load(std::sync::atomic::Ordering::SeqCst), 1);
    }
}
