// SPDX-License-Identifier: Apache-2.0

use crate::error::DoraError;
use crate::ffi::{self, Handle};
use crate::metadata::{DataId, MetadataHandle, MetadataParameters};
use crate::node::NodeHandle;
use std::fmt;
use std::os::raw::c_char;
use std::sync::Arc;

/// Shared memory lent to build a message in, so that sending copies nothing. A `&mut [u8]`: 64-byte aligned, not zeroed.
///
/// Ownership: exclusive to the holder, until it is sent; dropping it gives it back unsent. A loan that is held takes memory from the
/// node's pool, and keeps the node in the dataflow. Threads: may be sent to another and filled there.
#[must_use = "a loan that is dropped is not sent"]
pub struct OutputLoan {
    raw: Handle,
    start: *mut u8,
    length: usize,
    _node: Arc<NodeHandle>,
}

// SAFETY: memory that is lent to this alone, and a handle that any thread may use.
unsafe impl Send for OutputLoan {}
unsafe impl Sync for OutputLoan {}

/// Why [`OutputLoan::try_send`] did not send.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrySendError {
    /// A subscriber with `queue_policy: backpressure` is full; the loan, to try again.
    BackPressured(OutputLoan),
    /// All shared memory that the node may have is in use; the loan, to try again.
    PoolExhausted(OutputLoan),
    /// It can't be sent; the loan is gone.
    Failed(DoraError),
}

impl OutputLoan {
    /// `wait`: until there is memory. None: there is none now.
    pub(crate) fn take(
        node: &Arc<NodeHandle>,
        output_id: &DataId,
        length: usize,
        metadata_bytes: usize,
        wait: bool,
    ) -> Result<Option<OutputLoan>, DoraError> {
        let library = ffi::get();
        let lend = if wait { library.dora_node_loan } else { library.dora_node_try_loan };
        let (mut raw, mut start) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: a name that lives during the call, and places for results.
        let status =
            unsafe { lend(node.raw, output_id.as_ptr() as *const c_char, output_id.len(), length, metadata_bytes, &mut raw, &mut start) };
        if status == ffi::POOL_EXHAUSTED {
            return Ok(None);
        }
        DoraError::check(status)?;
        Ok(Some(OutputLoan { raw, start, length, _node: node.clone() }))
    }

    /// Sends all of it. Waits while a subscriber pushes back.
    ///
    /// Parameters may take 1,024 bytes when encoded, unless [`crate::DoraNode::loan_output_with_room`] asked for more.
    pub fn send(self, parameters: MetadataParameters) -> Result<(), DoraError> {
        let length = self.length;
        self.send_first(length, parameters)
    }

    /// Sends the first `length` bytes of it, otherwise the same.
    pub fn send_first(self, length: usize, parameters: MetadataParameters) -> Result<(), DoraError> {
        let metadata = MetadataHandle::encode(&parameters)?;
        self.send_encoded(length, &metadata)
    }

    /// Sends all of it if that can be done without waiting; else gives the loan back, with what was built in it.
    pub fn try_send(self, parameters: MetadataParameters) -> Result<(), TrySendError> {
        let metadata = MetadataHandle::encode(&parameters).map_err(TrySendError::Failed)?;
        // SAFETY: a loan of ours alone.
        match unsafe { (ffi::get().dora_loan_try_send)(self.raw, self.length, metadata.as_raw()) } {
            ffi::BACK_PRESSURED => Err(TrySendError::BackPressured(self)),
            ffi::POOL_EXHAUSTED => Err(TrySendError::PoolExhausted(self)),
            status => self.used_up(status).map_err(TrySendError::Failed),
        }
    }

    pub(crate) fn send_encoded(self, length: usize, metadata: &MetadataHandle) -> Result<(), DoraError> {
        // SAFETY: a loan of ours alone.
        let status = unsafe { (ffi::get().dora_loan_send)(self.raw, length, metadata.as_raw()) };
        self.used_up(status)
    }

    /// After an error the loan is still ours to discard, else it is the library's.
    fn used_up(mut self, status: ffi::Status) -> Result<(), DoraError> {
        let result = DoraError::check(status);
        if status >= ffi::OK {
            self.raw = std::ptr::null_mut();
        }
        result
    }
}

impl std::ops::Deref for OutputLoan {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: so many bytes are lent to this alone.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl std::ops::DerefMut for OutputLoan {
    fn deref_mut(&mut self) -> &mut [u8] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: as above, and borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl Drop for OutputLoan {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: not sent.
            unsafe { (ffi::get().dora_loan_discard)(self.raw) };
        }
    }
}

impl fmt::Debug for OutputLoan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputLoan({} bytes)", self.length)
    }
}

impl fmt::Display for TrySendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrySendError::BackPressured(_) => f.write_str("the message was not sent: a subscriber pushes back"),
            TrySendError::PoolExhausted(_) => f.write_str("the message was not sent: all shared memory of the node is in use"),
            TrySendError::Failed(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for TrySendError {}
