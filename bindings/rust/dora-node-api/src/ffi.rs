// SPDX-License-Identifier: Apache-2.0

//! The functions of `dora/dora.h`, found at run time.
//!
//! The library is opened when the first node joins, not linked: a program then needs no linker options and no `LD_LIBRARY_PATH`, and
//! builds where libdora is not installed.

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::sync::Once;

/// Opaque: a node, event, loan or metadata of the library. A checked handle, not an address.
pub type Handle = *mut c_void;

/// `dora_status`.
pub type Status = c_int;

pub const OK: Status = 0;
pub const TIMEOUT: Status = 1;
pub const ENDED: Status = 2;
pub const BACK_PRESSURED: Status = 3;
pub const POOL_EXHAUSTED: Status = 4;
pub const STOPPING: Status = 5;
pub const CLOSED: Status = 6;

/// The version of `dora/dora.h` that this file was written from.
const ABI_VERSION: u32 = 1000;

const FILE_NAME: &str = "libdora_node_api_c.so";

const RTLD_NOW: c_int = 2;

extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

macro_rules! library {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        /// Addresses of the library's functions; their contracts are in `dora/dora.h`.
        pub struct Library {
            $(pub $name: unsafe extern "C" fn($($argument: $type),*) -> $result,)*
        }

        impl Library {
            fn find(library: *mut c_void) -> Result<Library, String> {
                Ok(Library {
                    // SAFETY: the header declares the function of this name with exactly this type.
                    $($name: unsafe {
                        std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument: $type),*) -> $result>(
                            symbol(library, concat!(stringify!($name), "\0"))?)
                    },)*
                })
            }
        }
    };
}

/// `dora_event_info_t`, field for field.
#[repr(C)]
pub struct EventInfo {
    pub kind: i32,
    pub flags: u32,
    pub id: *const c_char,
    pub id_length: usize,
    pub data: *const u8,
    pub length: usize,
    pub timestamp_ns: u64,
    pub sequence: u64,
}

pub const HAS_METADATA: u32 = 1;
pub const IS_ARROW: u32 = 2;

library! {
    fn dora_abi_version() -> u32;
    fn dora_last_error() -> *const c_char;
    fn dora_node_init(node: *mut Handle) -> Status;
    fn dora_node_free(node: Handle) -> Status;
    fn dora_node_id(node: Handle, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_node_dataflow_id(node: Handle, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_node_dataflow_descriptor(node: Handle, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_node_config_json(node: Handle, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_node_restart_count(node: Handle, count: *mut u32) -> Status;
    fn dora_node_timestamp(node: Handle, unix_ns: *mut u64) -> Status;
    fn dora_node_log(node: Handle, level: c_int, message: *const c_char, length: usize, target: *const c_char, target_length: usize) -> Status;
    fn dora_node_next_event(node: Handle, timeout_ns: i64, event: *mut Handle) -> Status;
    fn dora_event_free(event: Handle) -> Status;
    fn dora_event_info(event: Handle, info: *mut EventInfo) -> Status;
    fn dora_event_message(event: Handle, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_event_joined(event: Handle, index: usize, input: *mut Handle) -> Status;
    fn dora_event_affected_input(event: Handle, index: usize, data: *mut *const c_char, length: *mut usize) -> Status;
    fn dora_event_arrow(event: Handle, array: *mut c_void, schema: *mut c_void) -> Status;
    fn dora_event_metadata(event: Handle, metadata: *mut Handle) -> Status;
    fn dora_node_send(node: Handle, id: *const c_char, id_length: usize, data: *const u8, length: usize, metadata: Handle) -> Status;
    fn dora_node_loan(node: Handle, id: *const c_char, id_length: usize, length: usize, metadata_bytes: usize, loan: *mut Handle, data: *mut *mut u8) -> Status;
    fn dora_node_try_loan(node: Handle, id: *const c_char, id_length: usize, length: usize, metadata_bytes: usize, loan: *mut Handle, data: *mut *mut u8) -> Status;
    fn dora_loan_send(loan: Handle, length: usize, metadata: Handle) -> Status;
    fn dora_loan_try_send(loan: Handle, length: usize, metadata: Handle) -> Status;
    fn dora_loan_discard(loan: Handle) -> Status;
    fn dora_node_send_arrow(node: Handle, id: *const c_char, id_length: usize, array: *mut c_void, schema: *mut c_void, metadata: Handle) -> Status;
    fn dora_node_forward(node: Handle, id: *const c_char, id_length: usize, event: Handle) -> Status;
    fn dora_node_subscriber_count(node: Handle, id: *const c_char, id_length: usize) -> c_int;
    fn dora_node_close_output(node: Handle, id: *const c_char, id_length: usize) -> Status;
    fn dora_node_has_output(node: Handle, id: *const c_char, id_length: usize) -> c_int;
    fn dora_metadata_new(metadata: *mut Handle) -> Status;
    fn dora_metadata_free(metadata: Handle) -> Status;
    fn dora_metadata_count(metadata: Handle, count: *mut usize) -> Status;
    fn dora_metadata_key_at(metadata: Handle, index: usize, buffer: *mut c_char, capacity: usize, length: *mut usize) -> Status;
    fn dora_metadata_kind(metadata: Handle, key: *const c_char, key_length: usize) -> c_int;
    fn dora_metadata_set_bool(metadata: Handle, key: *const c_char, key_length: usize, value: c_int) -> Status;
    fn dora_metadata_set_integer(metadata: Handle, key: *const c_char, key_length: usize, value: i64) -> Status;
    fn dora_metadata_set_float(metadata: Handle, key: *const c_char, key_length: usize, value: f64) -> Status;
    fn dora_metadata_set_string(metadata: Handle, key: *const c_char, key_length: usize, value: *const c_char, length: usize) -> Status;
    fn dora_metadata_set_integers(metadata: Handle, key: *const c_char, key_length: usize, values: *const i64, count: usize) -> Status;
    fn dora_metadata_set_floats(metadata: Handle, key: *const c_char, key_length: usize, values: *const f64, count: usize) -> Status;
    fn dora_metadata_set_strings(metadata: Handle, key: *const c_char, key_length: usize, values: *const *const c_char, lengths: *const usize, count: usize) -> Status;
    fn dora_metadata_set_timestamp(metadata: Handle, key: *const c_char, key_length: usize, unix_ns: u64) -> Status;
    fn dora_metadata_get_bool(metadata: Handle, key: *const c_char, key_length: usize, value: *mut c_int) -> Status;
    fn dora_metadata_get_integer(metadata: Handle, key: *const c_char, key_length: usize, value: *mut i64) -> Status;
    fn dora_metadata_get_float(metadata: Handle, key: *const c_char, key_length: usize, value: *mut f64) -> Status;
    fn dora_metadata_get_timestamp(metadata: Handle, key: *const c_char, key_length: usize, unix_ns: *mut u64) -> Status;
    fn dora_metadata_get_string(metadata: Handle, key: *const c_char, key_length: usize, buffer: *mut c_char, capacity: usize, length: *mut usize) -> Status;
    fn dora_metadata_get_integers(metadata: Handle, key: *const c_char, key_length: usize, buffer: *mut i64, capacity: usize, count: *mut usize) -> Status;
    fn dora_metadata_get_floats(metadata: Handle, key: *const c_char, key_length: usize, buffer: *mut f64, capacity: usize, count: *mut usize) -> Status;
    fn dora_metadata_get_strings_count(metadata: Handle, key: *const c_char, key_length: usize, count: *mut usize) -> Status;
    fn dora_metadata_get_string_at(metadata: Handle, key: *const c_char, key_length: usize, index: usize, buffer: *mut c_char, capacity: usize, length: *mut usize) -> Status;
}

static mut LIBRARY: Option<Result<Library, String>> = None;
static OPENED: Once = Once::new();

/// The library, opened at the first call; or why it cannot be.
pub fn open() -> Result<&'static Library, &'static str> {
    // SAFETY: written once, under the Once, before anybody reads; never written again.
    unsafe {
        OPENED.call_once(|| std::ptr::addr_of_mut!(LIBRARY).write(Some(load())));
        match &*std::ptr::addr_of!(LIBRARY) {
            Some(Ok(library)) => Ok(library),
            Some(Err(reason)) => Err(reason),
            None => Err("libdora was not opened"),
        }
    }
}

/// The library, where a node exists and it is therefore open.
pub fn get() -> &'static Library {
    match open() {
        Ok(library) => library,
        Err(reason) => panic!("{}", reason), // unreachable: every handle comes from the open library
    }
}

/// This thread's last error.
pub fn last_error() -> String {
    // SAFETY: never null, NUL-terminated, valid until this thread's next error.
    unsafe { CStr::from_ptr((get().dora_last_error)()) }.to_string_lossy().into_owned()
}

fn load() -> Result<Library, String> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(|folder| folder.join(FILE_NAME)));
    let built = std::path::Path::new(env!("DORA_SDK_LIB")).join(FILE_NAME);
    let mut tried = Vec::new();
    for path in beside.into_iter().filter(|path| path.exists()).chain([built, FILE_NAME.into()]) {
        let text = path.to_string_lossy().into_owned();
        let file = CString::new(text.clone()).map_err(|e| e.to_string())?;
        // SAFETY: a NUL-terminated name; the library is never closed.
        let library = unsafe { dlopen(file.as_ptr(), RTLD_NOW) };
        if library.is_null() {
            // SAFETY: after a failure dlerror is a NUL-terminated text of this thread.
            tried.push(unsafe { CStr::from_ptr(dlerror()) }.to_string_lossy().into_owned());
            continue;
        }
        let found = Library::find(library)?;
        // SAFETY: no arguments.
        let version = unsafe { (found.dora_abi_version)() };
        if version / 1000 != ABI_VERSION / 1000 || version < ABI_VERSION {
            return Err(format!(
                "{} has the ABI version {}, this program needs {}; build both from the same dora",
                text, version, ABI_VERSION
            ));
        }
        return Ok(found);
    }
    Err(format!("libdora cannot be loaded: {}. Build it with bindings/c/build, or put {} beside the program", tried.join("; "), FILE_NAME))
}

fn symbol(library: *mut c_void, name: &'static str) -> Result<*mut c_void, String> {
    // SAFETY: the name ends with NUL.
    let address = unsafe { dlsym(library, name.as_ptr() as *const c_char) };
    if address.is_null() {
        Err(format!("{} has no function {}; it is older than this program", FILE_NAME, name.trim_end_matches('\0')))
    } else {
        Ok(address)
    }
}
