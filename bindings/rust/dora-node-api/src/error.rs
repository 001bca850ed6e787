// SPDX-License-Identifier: Apache-2.0

use crate::ffi;
use std::fmt;

/// Why something failed, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoraError {
    message: String,
}

impl DoraError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        DoraError { message: message.into() }
    }

    /// Ok for 0; for anything else the library's text.
    pub(crate) fn check(status: ffi::Status) -> Result<(), DoraError> {
        match status {
            ffi::OK => Ok(()),
            ffi::BACK_PRESSURED => Err(DoraError::new("the message was not sent: a subscriber pushes back")),
            ffi::POOL_EXHAUSTED => Err(DoraError::new("the message was not sent: all shared memory of the node is in use")),
            ffi::STOPPING => Err(DoraError::new("the message was not sent: the node shall stop, and a subscriber pushes back")),
            ffi::CLOSED => Err(DoraError::new("the message was not sent: the output was closed")),
            _ => Err(DoraError::new(ffi::last_error())),
        }
    }
}

impl fmt::Display for DoraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DoraError {}
