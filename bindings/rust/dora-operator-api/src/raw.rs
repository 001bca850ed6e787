// SPDX-License-Identifier: Apache-2.0

//! The structs of `dora/operator_types.h`, field for field, and what `register_operator!` exports.

use crate::{DoraOperator, DoraOutputSender, Event};
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

extern "C" {
    // The runtime frees errors with the C library's free, so they come from its malloc.
    fn malloc(size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
}

/// `Vec_uint8_t`.
#[repr(C)]
pub struct Bytes {
    ptr: *mut u8,
    len: usize,
    cap: usize,
}

impl Bytes {
    fn as_slice(&self) -> &[u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the runtime lends so many bytes for the call, which `&self` does not outlive.
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_slice()).unwrap_or("")
    }
}

/// `DoraResult_t`.
#[repr(C)]
pub struct DoraResult {
    error: *mut Bytes,
}

impl DoraResult {
    fn from(result: Result<(), String>) -> DoraResult {
        match result {
            Ok(()) => DoraResult { error: std::ptr::null_mut() },
            Err(message) => DoraResult { error: error(&message) },
        }
    }
}

/// `DoraInitResult_t`.
#[repr(C)]
pub struct InitResult {
    result: DoraResult,
    context: *mut c_void,
}

/// `OnEventResult_t`.
#[repr(C)]
pub struct OnEventResult {
    result: DoraResult,
    status: u8,
}

/// `Input_t`.
#[repr(C)]
pub struct Input {
    id: Bytes,
    data: Bytes,
    pub(crate) open_telemetry_context: Bytes,
    pub(crate) timestamp_ns: u64,
}

/// `RawEvent_t`.
#[repr(C)]
pub struct RawEvent {
    input: *mut Input,
    input_closed: Bytes,
    stop: bool,
    error: Bytes,
}

/// `SendOutput_t`.
#[repr(C)]
pub struct SendOutput {
    environment: *mut c_void,
    call: *const c_void, // takes memory from malloc; we use send_bytes
    release: *const c_void,
    retain: *const c_void,
    send_bytes: unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, usize) -> DoraResult,
}

impl SendOutput {
    pub(crate) fn send(&self, id: &str, data: &[u8]) -> Result<(), String> {
        // SAFETY: slices that live during the call, and an error that is ours to free.
        unsafe {
            let result = (self.send_bytes)(self.environment, id.as_ptr(), id.len(), data.as_ptr(), data.len());
            if result.error.is_null() {
                return Ok(());
            }
            let text = (*result.error).as_str().to_owned();
            free((*result.error).ptr as *mut c_void);
            free(result.error as *mut c_void);
            Err(text)
        }
    }
}

#[doc(hidden)]
pub fn init<O: DoraOperator>() -> InitResult {
    match catch_unwind(O::default) {
        Ok(operator) => InitResult {
            result: DoraResult::from(Ok(())),
            context: Box::into_raw(Box::new(operator)) as *mut c_void,
        },
        Err(panic) => InitResult { result: DoraResult::from(Err(text_of(panic))), context: std::ptr::null_mut() },
    }
}

/// # Safety
/// `context` is what `init::<O>` gave, and is not used again.
#[doc(hidden)]
pub unsafe fn drop_operator<O: DoraOperator>(context: *mut c_void) -> DoraResult {
    if context.is_null() {
        return DoraResult::from(Ok(()));
    }
    // SAFETY: as the caller says.
    let operator = unsafe { Box::from_raw(context as *mut O) };
    DoraResult::from(catch_unwind(AssertUnwindSafe(|| drop(operator))).map_err(text_of))
}

/// # Safety
/// `context` is what `init::<O>` gave; the others live during the call.
#[doc(hidden)]
pub unsafe fn on_event<O: DoraOperator>(event: *const RawEvent, send_output: *const SendOutput, context: *mut c_void) -> OnEventResult {
    // SAFETY: as the caller says; the runtime makes one call at a time.
    let (event, raw, operator) = unsafe { (&*event, &*send_output, &mut *(context as *mut O)) };
    // SAFETY: NULL, or an input that lives during the call.
    let input = unsafe { event.input.as_ref() };
    let mut output = DoraOutputSender { raw, input };
    let event = match input {
        Some(input) => Event::Input { id: input.id.as_str(), data: input.data.as_slice() },
        None if event.stop => Event::Stop,
        None if !event.input_closed.ptr.is_null() => Event::InputClosed { id: event.input_closed.as_str() },
        None => Event::Error(event.error.as_str()),
    };
    match catch_unwind(AssertUnwindSafe(|| operator.on_event(&event, &mut output))) {
        Ok(Ok(status)) => OnEventResult { result: DoraResult::from(Ok(())), status: status as u8 },
        Ok(Err(message)) => OnEventResult { result: DoraResult::from(Err(message)), status: 0 },
        Err(panic) => OnEventResult { result: DoraResult::from(Err(text_of(panic))), status: 0 },
    }
}

fn text_of(panic: Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the operator panicked: {}", text.unwrap_or_default())
}

fn error(message: &str) -> *mut Bytes {
    // SAFETY: fresh memory of the sizes that are written; without memory there is an error without a text.
    unsafe {
        let error = malloc(std::mem::size_of::<Bytes>()) as *mut Bytes;
        if error.is_null() {
            return error;
        }
        let text = malloc(message.len() + 1) as *mut u8;
        let len = if text.is_null() { 0 } else { message.len() };
        std::ptr::copy_nonoverlapping(message.as_ptr(), text, len);
        error.write(Bytes { ptr: text, len, cap: message.len() + 1 });
        error
    }
}
