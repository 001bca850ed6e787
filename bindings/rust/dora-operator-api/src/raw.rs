// SPDX-License-Identifier: Apache-2.0

//! The structs of `dora/operator_types.h`, field for field, and what `register_operator!` exports.

use crate::arrow::{ArrowArray, ArrowSchema};
use crate::parameter::{self, Lent, MetadataParameters, Parameters, Text};
use crate::{DoraOperator, DoraOutputSender, Event};
use std::ffi::c_void;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

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
    pub(crate) is_arrow: bool,
    api: *const Api,
}

/// `RawEvent_t`.
#[repr(C)]
pub struct RawEvent {
    input: *mut Input,
    input_closed: Bytes,
    stop: bool,
    error: Bytes,
    input_recovered: Bytes,
    node_restarted: Bytes,
    node_failed: Bytes,
    reason: Bytes,
    deadline_missed: Bytes,
}

/// `SendOutput_t`.
#[repr(C)]
pub struct SendOutput {
    environment: *mut c_void,
    call: *const c_void, // takes memory from malloc; we use send_bytes
    release: *const c_void,
    retain: *const c_void,
    send_bytes: unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, usize) -> DoraResult,
    api: *const Api,
}

/// `DoraOperatorApi_t`.
#[repr(C)]
struct Api {
    size: usize,
    send: unsafe extern "C" fn(Text, *const u8, usize, Parameters) -> DoraResult,
    send_in_place:
        unsafe extern "C" fn(Text, usize, unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> bool, *mut c_void, Parameters) -> DoraResult,
    send_arrow: unsafe extern "C" fn(Text, *mut ArrowArray, *mut ArrowSchema, Parameters) -> DoraResult,
    forward: unsafe extern "C" fn(Text) -> DoraResult,
    read_parameters: unsafe extern "C" fn(*mut Parameters) -> DoraResult,
    read_arrow: unsafe extern "C" fn(*mut ArrowArray, *mut ArrowSchema) -> DoraResult,
    log: unsafe extern "C" fn(i32, Text) -> DoraResult,
}

impl Input {
    pub(crate) fn parameters(&self) -> Result<MetadataParameters, String> {
        let mut lent = Parameters { entries: std::ptr::null(), count: 0 };
        // SAFETY: the table lives as long as the runtime; what it lends lives during the call, and is copied.
        unsafe {
            taken(((*self.api).read_parameters)(&mut lent))?;
            Ok(parameter::copy(&lent))
        }
    }

    pub(crate) fn arrow(&self) -> Result<(ArrowArray, ArrowSchema), String> {
        let (mut array, mut schema) = (ArrowArray::default(), ArrowSchema::default());
        // SAFETY: two places of the right layout.
        taken(unsafe { ((*self.api).read_arrow)(&mut array, &mut schema) })?;
        Ok((array, schema))
    }
}

impl SendOutput {
    pub(crate) fn send(&self, id: &str, data: &[u8]) -> Result<(), String> {
        // SAFETY: slices that live during the call.
        taken(unsafe { (self.send_bytes)(self.environment, id.as_ptr(), id.len(), data.as_ptr(), data.len()) })
    }

    pub(crate) fn send_with(&self, id: &str, data: &[u8], parameters: &MetadataParameters) -> Result<(), String> {
        let lent = Lent::of(parameters);
        // SAFETY: slices and parameters that live during the call; so below.
        taken(unsafe { ((*self.api).send)(Text::of(id), data.as_ptr(), data.len(), lent.as_raw()) })
    }

    pub(crate) fn send_in_place<F: FnOnce(&mut [u8])>(
        &self,
        id: &str,
        length: usize,
        parameters: &MetadataParameters,
        write: F,
    ) -> Result<(), String> {
        struct Writer<F> {
            write: Option<F>,
            panic: Option<Box<dyn std::any::Any + Send>>,
        }
        unsafe extern "C" fn call<F: FnOnce(&mut [u8])>(state: *mut c_void, data: *mut u8, length: usize) -> bool {
            // SAFETY: the state of the call below, and bytes that are lent to this call alone.
            let (state, data) = unsafe {
                let state = &mut *(state as *mut Writer<F>);
                (state, if length == 0 { &mut [][..] } else { std::slice::from_raw_parts_mut(data, length) })
            };
            if let Some(write) = state.write.take() {
                state.panic = catch_unwind(AssertUnwindSafe(|| write(data))).err();
            }
            state.panic.is_none()
        }
        let lent = Lent::of(parameters);
        let mut writer = Writer { write: Some(write), panic: None };
        // SAFETY: as above; the function is called before this returns.
        let result = taken(unsafe {
            ((*self.api).send_in_place)(Text::of(id), length, call::<F>, &mut writer as *mut Writer<F> as *mut c_void, lent.as_raw())
        });
        match writer.panic {
            Some(panic) => resume_unwind(panic),
            None => result,
        }
    }

    pub(crate) unsafe fn send_arrow(
        &self,
        id: &str,
        mut array: ArrowArray,
        mut schema: ArrowSchema,
        parameters: &MetadataParameters,
    ) -> Result<(), String> {
        let lent = Lent::of(parameters);
        // SAFETY: the caller says that both are valid; the runtime takes them over.
        taken(unsafe { ((*self.api).send_arrow)(Text::of(id), &mut array, &mut schema, lent.as_raw()) })
    }

    pub(crate) fn forward(&self, id: &str) -> Result<(), String> {
        // SAFETY: a name that lives during the call.
        taken(unsafe { ((*self.api).forward)(Text::of(id)) })
    }

    pub(crate) fn log(&self, level: i32, message: &str) {
        // SAFETY: a text that lives during the call.
        let _ = taken(unsafe { ((*self.api).log)(level, Text::of(message)) });
    }
}

/// Takes an error over: it is ours to free.
fn taken(result: DoraResult) -> Result<(), String> {
    if result.error.is_null() {
        return Ok(());
    }
    // SAFETY: a struct and a text from malloc.
    unsafe {
        let text = (*result.error).as_str().to_owned();
        free((*result.error).ptr as *mut c_void);
        free(result.error as *mut c_void);
        Err(text)
    }
}

#[doc(hidden)]
pub fn init<O: DoraOperator>() -> InitResult {
    match catch_unwind(O::default) {
        Ok(operator) => InitResult { result: DoraResult::from(Ok(())), context: Box::into_raw(Box::new(operator)) as *mut c_void },
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
        None if !event.input_recovered.ptr.is_null() => Event::InputRecovered { id: event.input_recovered.as_str() },
        None if !event.node_restarted.ptr.is_null() => Event::NodeRestarted { id: event.node_restarted.as_str() },
        None if !event.deadline_missed.ptr.is_null() => Event::DeadlineMissed { id: event.deadline_missed.as_str() },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DoraStatus;

    #[derive(Default)]
    struct Echo {
        count: usize,
    }

    impl DoraOperator for Echo {
        fn on_event(&mut self, event: &Event, output: &mut DoraOutputSender) -> Result<DoraStatus, String> {
            self.count += 1;
            match event {
                Event::Input { id, data } => match *id {
                    "panic" => panic!("event {}", self.count),
                    _ => output.send_bytes(id, data).map(|()| DoraStatus::Continue),
                },
                Event::InputClosed { id } => Err(format!("{} is closed", id)),
                Event::Stop => Ok(DoraStatus::StopAll),
                Event::Error(text) => Err((*text).to_owned()),
                Event::InputRecovered { id } => Err(format!("{} is back", id)),
                Event::NodeRestarted { id } => Err(format!("{} was restarted", id)),
                other => Err(format!("{:?}", other)),
            }
        }
    }

    /// Refuses a message without bytes, and keeps the others: `environment` is a list of them.
    unsafe extern "C" fn send(environment: *mut c_void, id: *const u8, id_length: usize, data: *const u8, length: usize) -> DoraResult {
        if length == 0 {
            return DoraResult { error: error("it is empty") };
        }
        // SAFETY: as `operate` and `SendOutput::send` have it.
        unsafe {
            let sent = &mut *(environment as *mut Sent);
            let id = std::str::from_utf8(std::slice::from_raw_parts(id, id_length)).unwrap();
            sent.push((id.to_owned(), std::slice::from_raw_parts(data, length).to_vec()));
        }
        DoraResult { error: std::ptr::null_mut() }
    }

    fn bytes(text: &str) -> Bytes {
        Bytes { ptr: text.as_ptr() as *mut u8, len: text.len(), cap: text.len() }
    }

    fn nothing() -> Bytes {
        Bytes { ptr: std::ptr::null_mut(), len: 0, cap: 0 }
    }

    fn input(id: &str, data: &str) -> Input {
        Input {
            id: bytes(id),
            data: bytes(data),
            open_telemetry_context: nothing(),
            timestamp_ns: 5,
            is_arrow: false,
            api: std::ptr::null(),
        }
    }

    type Sent = Vec<(String, Vec<u8>)>;

    /// What an operator answers, as the runtime sees it, and what it sends.
    fn operate(events: Vec<RawEvent>) -> Vec<(u8, String, Sent)> {
        let operator = init::<Echo>();
        let answers = events
            .iter()
            .map(|event| {
                let mut sent = Sent::new();
                let output = SendOutput {
                    environment: &mut sent as *mut _ as *mut c_void,
                    call: std::ptr::null(),
                    release: std::ptr::null(),
                    retain: std::ptr::null(),
                    send_bytes: send,
                    api: std::ptr::null(), // nothing here asks for it
                };
                // SAFETY: what `init` gave, and structs that live during the call.
                let answer = unsafe { on_event::<Echo>(event, &output, operator.context) };
                (answer.status, take(answer.result), sent)
            })
            .collect();
        // SAFETY: not used again.
        take(unsafe { drop_operator::<Echo>(operator.context) });
        answers
    }

    /// The text of an error, freed as the runtime does.
    fn take(result: DoraResult) -> String {
        if result.error.is_null() {
            return String::new();
        }
        // SAFETY: from malloc, and ours.
        unsafe {
            let text = (*result.error).as_str().to_owned();
            free((*result.error).ptr as *mut c_void);
            free(result.error as *mut c_void);
            text
        }
    }

    fn no_event() -> RawEvent {
        // SAFETY: every field may be zero: nothing has happened.
        unsafe { std::mem::zeroed() }
    }

    fn event(input: &mut Input) -> RawEvent {
        RawEvent { input, ..no_event() }
    }

    #[test]
    fn messages_reach_the_operator_and_come_out_of_it() {
        let (mut first, mut empty) = (input("a", "data"), input("b", ""));
        let answers = operate(vec![event(&mut first), event(&mut empty)]);
        assert_eq!(answers[0], (0, String::new(), vec![("a".to_owned(), b"data".to_vec())]));
        assert_eq!(answers[1], (0, "it is empty".to_owned(), vec![]));
    }

    #[test]
    fn a_panic_is_an_error_and_the_operator_is_still_there() {
        let (mut bad, mut good) = (input("panic", ""), input("a", "x"));
        let answers = operate(vec![event(&mut bad), event(&mut good)]);
        assert_eq!(answers[0].1, "the operator panicked: event 1");
        assert_eq!(answers[1].2.len(), 1);
    }

    #[test]
    fn the_other_events() {
        let closed = RawEvent { input_closed: bytes("a"), ..no_event() };
        let stop = RawEvent { stop: true, ..no_event() };
        let failed = RawEvent { error: bytes("it broke"), ..no_event() };
        let recovered = RawEvent { input_recovered: bytes("a"), ..no_event() };
        let restarted = RawEvent { node_restarted: bytes("n"), ..no_event() };
        let answers = operate(vec![closed, stop, failed, recovered, restarted]);
        assert_eq!(answers[0].1, "a is closed");
        assert_eq!((answers[1].0, answers[1].1.as_str()), (2, ""));
        assert_eq!(answers[2].1, "it broke");
        assert_eq!(answers[3].1, "a is back");
        assert_eq!(answers[4].1, "n was restarted");
    }
}
