// SPDX-License-Identifier: Apache-2.0

use crate::arrow::{self, ArrowArray, ArrowSchema, ArrowValue};
use crate::data::Data;
use crate::error::DoraError;
use crate::event::text;
use crate::ffi::{self, Handle};
use crate::loan::OutputLoan;
use crate::metadata::{DataId, MetadataHandle, MetadataParameters};
use crate::stream::EventStream;
use std::os::raw::{c_char, c_void};
use std::sync::Arc;

/// Room for metadata that every loan has, in encoded bytes; more is asked for when the parameters need it.
const METADATA_BYTES_MIN: usize = 1024;

/// Up to so many bytes, one call that copies is much cheaper than lending memory and sending it: 0.1 µs instead of 0.3.
const SMALL: usize = 256;

/// Aligned as a loan is.
#[repr(align(64))]
struct Small([u8; SMALL]);

/// The node in the library; left when the last user is gone.
pub(crate) struct NodeHandle {
    pub(crate) raw: Handle,
}

// SAFETY: the library's functions may be called from any thread.
unsafe impl Send for NodeHandle {}
unsafe impl Sync for NodeHandle {}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        // SAFETY: freed once; events hold this handle, so none is left.
        unsafe { (ffi::get().dora_node_free)(self.raw) };
    }
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

/// This process as a node of a dataflow: sends outputs. Dropping it closes them; the node leaves when its [`EventStream`] and all
/// [`crate::Data`] are dropped too. All methods may be called from several threads at once.
pub struct DoraNode {
    handle: Arc<NodeHandle>,
}

impl DoraNode {
    /// Joins the dataflow that started this process, and waits until it starts. Once per process.
    pub fn init_from_env() -> Result<(DoraNode, EventStream), DoraError> {
        let library = ffi::open().map_err(DoraError::new)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: a place for the handle.
        DoraError::check(unsafe { (library.dora_node_init)(&mut raw) })?;
        let handle = Arc::new(NodeHandle { raw });
        Ok((DoraNode { handle: handle.clone() }, EventStream::new(handle)))
    }

    /// Sends a message that `write` puts straight into shared memory: nothing is copied (but up to 256 bytes, where copying is cheaper).
    /// Waits while a subscriber pushes back. `write` gets exactly `data_len` bytes, 64-byte aligned and of any content, and must fill all of
    /// them; if it panics, nothing is sent.
    pub fn send_output<F>(&mut self, output_id: DataId, parameters: MetadataParameters, data_len: usize, write: F) -> Result<(), DoraError>
    where
        F: FnOnce(&mut [u8]),
    {
        self.send_output_raw(output_id, parameters, data_len, write)
    }

    /// The same as [`DoraNode::send_output`].
    pub fn send_output_raw<F>(&self, output_id: DataId, parameters: MetadataParameters, data_len: usize, write: F) -> Result<(), DoraError>
    where
        F: FnOnce(&mut [u8]),
    {
        if data_len <= SMALL {
            let mut small = Small([0; SMALL]);
            write(&mut small.0[..data_len]);
            return self.send_output_bytes(output_id, parameters, data_len, &small.0[..data_len]);
        }
        let metadata = MetadataHandle::encode(&parameters)?;
        let room = METADATA_BYTES_MIN.max(encoded_size(&parameters));
        let mut loan = self.loan(&output_id, data_len, room)?;
        write(&mut loan);
        loan.send_encoded(data_len, &metadata)
    }

    /// Lends `data_len` bytes of shared memory to build a message in; see [`OutputLoan`]. Waits while all memory is in use.
    ///
    /// ```no_run
    /// # fn f(node: &dora_node_api::DoraNode) -> Result<(), dora_node_api::DoraError> {
    /// let mut image = node.loan_output("image".into(), 640 * 480 * 3)?;
    /// image.fill(0);
    /// image.send(Default::default())
    /// # }
    /// ```
    pub fn loan_output(&self, output_id: DataId, data_len: usize) -> Result<OutputLoan, DoraError> {
        self.loan(&output_id, data_len, METADATA_BYTES_MIN)
    }

    /// The same with room for so many bytes of encoded parameters, instead of 1,024.
    pub fn loan_output_with_room(&self, output_id: DataId, data_len: usize, metadata_bytes: usize) -> Result<OutputLoan, DoraError> {
        self.loan(&output_id, data_len, metadata_bytes)
    }

    /// [`DoraNode::loan_output`] without waiting: None when all memory is in use.
    pub fn try_loan_output(&self, output_id: DataId, data_len: usize) -> Result<Option<OutputLoan>, DoraError> {
        OutputLoan::take(&self.handle, &output_id, data_len, METADATA_BYTES_MIN, false)
    }

    /// Sends bytes that exist already: one copy. `data_len` is `data.len()`. Waits while a subscriber pushes back.
    pub fn send_output_bytes(
        &self,
        output_id: DataId,
        parameters: MetadataParameters,
        data_len: usize,
        data: &[u8],
    ) -> Result<(), DoraError> {
        if data_len != data.len() {
            return Err(DoraError::new(format!("data_len is {}, but there are {} bytes", data_len, data.len())));
        }
        let metadata = MetadataHandle::encode(&parameters)?;
        // SAFETY: slices that live during the call.
        DoraError::check(unsafe {
            (ffi::get().dora_node_send)(
                self.handle.raw,
                output_id.as_ptr() as *const c_char,
                output_id.len(),
                data.as_ptr(),
                data.len(),
                metadata.as_raw(),
            )
        })
    }

    /// Sends numbers as an Arrow array of their type; one copy. Waits while a subscriber pushes back.
    pub fn send_output_values<T: ArrowValue>(
        &self,
        output_id: DataId,
        parameters: MetadataParameters,
        values: &[T],
    ) -> Result<(), DoraError> {
        let metadata = MetadataHandle::encode(&parameters)?;
        arrow::lend(values, |array, schema| {
            // SAFETY: both are valid, and the library takes them over.
            DoraError::check(unsafe { self.send_arrow(&output_id, array, schema, &metadata) })
        })
    }

    /// Passes a received message on as it came: bytes, parameters and, of an Arrow array, its type; one copy. Waits while a subscriber
    /// pushes back.
    pub fn forward_output(&self, output_id: DataId, data: &Data) -> Result<(), DoraError> {
        // SAFETY: a living event, and a name that lives during the call.
        DoraError::check(unsafe {
            (ffi::get().dora_node_forward)(self.handle.raw, output_id.as_ptr() as *const c_char, output_id.len(), data.raw_event())
        })
    }

    /// Sends a typed Arrow array, given by the Arrow C Data Interface; its buffers are copied once.
    ///
    /// # Safety
    /// Both structs must be valid by the rules of the C Data Interface. They are released in every case.
    pub unsafe fn send_output_arrow(
        &self,
        output_id: DataId,
        parameters: MetadataParameters,
        mut array: ArrowArray,
        mut schema: ArrowSchema,
    ) -> Result<(), DoraError> {
        let metadata = MetadataHandle::encode(&parameters)?;
        // SAFETY: the caller says that both are valid; the library takes them over.
        DoraError::check(unsafe { self.send_arrow(&output_id, &mut array, &mut schema, &metadata) })
    }

    unsafe fn send_arrow(
        &self,
        output_id: &DataId,
        array: *mut ArrowArray,
        schema: *mut ArrowSchema,
        metadata: &MetadataHandle,
    ) -> ffi::Status {
        // SAFETY: as the caller says.
        unsafe {
            (ffi::get().dora_node_send_arrow)(
                self.handle.raw,
                output_id.as_ptr() as *const c_char,
                output_id.len(),
                array as *mut c_void,
                schema as *mut c_void,
                metadata.as_raw(),
            )
        }
    }

    fn loan(&self, output_id: &DataId, length: usize, metadata_bytes: usize) -> Result<OutputLoan, DoraError> {
        OutputLoan::take(&self.handle, output_id, length, metadata_bytes, true)?
            .ok_or_else(|| DoraError::new("all shared memory of the node is in use"))
    }

    /// Ends some outputs: their subscribers receive what is queued, then `InputClosed`.
    pub fn close_outputs(&mut self, output_ids: Vec<DataId>) -> Result<(), DoraError> {
        for id in output_ids {
            // SAFETY: a name that lives during the call.
            DoraError::check(unsafe { (ffi::get().dora_node_close_output)(self.handle.raw, id.as_ptr() as *const c_char, id.len()) })?;
        }
        Ok(())
    }

    /// How many inputs the next message of an output would reach; an error when the dataflow declares no such output.
    pub fn subscriber_count(&self, output_id: &DataId) -> Result<usize, DoraError> {
        // SAFETY: a name that lives during the call.
        let count =
            unsafe { (ffi::get().dora_node_subscriber_count)(self.handle.raw, output_id.as_ptr() as *const c_char, output_id.len()) };
        usize::try_from(count).map_err(|_| DoraError::new(ffi::last_error()))
    }

    /// Whether the dataflow declares this output.
    pub fn validate_output(&self, output_id: &DataId) -> bool {
        // SAFETY: a name that lives during the call.
        unsafe { (ffi::get().dora_node_has_output)(self.handle.raw, output_id.as_ptr() as *const c_char, output_id.len()) == 1 }
    }

    /// The node's name in the dataflow.
    pub fn id(&self) -> String {
        // SAFETY: a living node; the text lives as long as it.
        text(|data, length| unsafe { (ffi::get().dora_node_id)(self.handle.raw, data, length) }).unwrap_or_default()
    }

    /// The run that this node belongs to, a UUID.
    pub fn dataflow_id(&self) -> String {
        // SAFETY: as above.
        text(|data, length| unsafe { (ffi::get().dora_node_dataflow_id)(self.handle.raw, data, length) }).unwrap_or_default()
    }

    /// The dataflow file, as it was resolved; YAML.
    pub fn dataflow_descriptor(&self) -> String {
        // SAFETY: as above.
        text(|data, length| unsafe { (ffi::get().dora_node_dataflow_descriptor)(self.handle.raw, data, length) }).unwrap_or_default()
    }

    /// What the dataflow says about this node; JSON, described in `dora/dora.h`.
    pub fn node_config(&self) -> String {
        // SAFETY: as above.
        text(|data, length| unsafe { (ffi::get().dora_node_config_json)(self.handle.raw, data, length) }).unwrap_or_default()
    }

    /// How often this node was started before, in this run of the dataflow.
    pub fn restart_count(&self) -> u32 {
        let mut count = 0;
        // SAFETY: a place for the result.
        unsafe { (ffi::get().dora_node_restart_count)(self.handle.raw, &mut count) };
        count
    }

    /// Whether this is not the first start.
    pub fn is_restart(&self) -> bool {
        self.restart_count() > 0
    }

    /// A stamp of the hybrid logical clock, nanoseconds since 1970 UTC: later than every one given out or received so far.
    pub fn timestamp(&self) -> u64 {
        let mut unix_ns = 0;
        // SAFETY: a place for the result.
        unsafe { (ffi::get().dora_node_timestamp)(self.handle.raw, &mut unix_ns) };
        unix_ns
    }

    /// Writes a record to the dataflow's log; `target` is a category for filters.
    pub fn log(&self, level: LogLevel, message: &str, target: Option<&str>) {
        let target = target.unwrap_or("");
        // SAFETY: texts that live during the call. A record that cannot be written goes to standard error by the library.
        unsafe {
            (ffi::get().dora_node_log)(
                self.handle.raw,
                level as i32,
                message.as_ptr() as *const c_char,
                message.len(),
                target.as_ptr() as *const c_char,
                target.len(),
            )
        };
    }

    /// Writes an error to the dataflow's log.
    pub fn log_error(&self, message: &str) {
        self.log(LogLevel::Error, message, None);
    }

    /// Writes a warning.
    pub fn log_warn(&self, message: &str) {
        self.log(LogLevel::Warn, message, None);
    }

    /// Writes a piece of information.
    pub fn log_info(&self, message: &str) {
        self.log(LogLevel::Info, message, None);
    }

    /// Writes something for who looks for a mistake.
    pub fn log_debug(&self, message: &str) {
        self.log(LogLevel::Debug, message, None);
    }

    /// Writes more of it.
    pub fn log_trace(&self, message: &str) {
        self.log(LogLevel::Trace, message, None);
    }
}

impl Drop for DoraNode {
    fn drop(&mut self) {
        // SAFETY: no name means all outputs.
        unsafe { (ffi::get().dora_node_close_output)(self.handle.raw, std::ptr::null(), 0) };
    }
}

/// An upper bound of the encoded size.
fn encoded_size(parameters: &MetadataParameters) -> usize {
    use crate::metadata::Parameter::*;
    const PER_VALUE: usize = 32;
    parameters
        .iter()
        .map(|(key, value)| {
            PER_VALUE
                + key.len()
                + match value {
                    String(text) => text.len(),
                    ListInt(values) => values.len() * 10,
                    ListFloat(values) => values.len() * 8,
                    ListString(texts) => texts.iter().map(|text| text.len() + 10).sum(),
                    _ => 0,
                }
        })
        .sum()
}
