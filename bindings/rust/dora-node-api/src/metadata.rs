// SPDX-License-Identifier: Apache-2.0

use crate::error::DoraError;
use crate::ffi::{self, Handle};
use std::collections::BTreeMap;
use std::fmt;
use std::os::raw::c_char;
use std::sync::Arc;

/// The name of an input or output. Cloning copies no text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataId(Arc<str>);

impl DataId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DataId {
    fn from(id: String) -> Self {
        DataId(id.into())
    }
}

impl From<&str> for DataId {
    fn from(id: &str) -> Self {
        DataId(id.into())
    }
}

impl From<DataId> for String {
    fn from(id: DataId) -> Self {
        (*id.0).to_owned()
    }
}

impl std::str::FromStr for DataId {
    type Err = std::convert::Infallible;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Ok(id.into())
    }
}

impl AsRef<str> for DataId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for DataId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for DataId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for DataId {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for DataId {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for DataId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parameters of a message, by name.
pub type MetadataParameters = BTreeMap<String, Parameter>;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Parameter {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A text.
    String(String),
    /// Whole numbers.
    ListInt(Vec<i64>),
    /// Numbers.
    ListFloat(Vec<f64>),
    /// Texts.
    ListString(Vec<String>),
    /// A point in time, nanoseconds since 1970 UTC.
    Timestamp(u64),
}

macro_rules! parameter_from {
    ($($ty:ty => $kind:ident),*) => {
        $(
            impl From<$ty> for Parameter {
                fn from(value: $ty) -> Self {
                    Parameter::$kind(value.into())
                }
            }
        )*
    };
}

parameter_from!(bool => Bool, i32 => Integer, i64 => Integer, f32 => Float, f64 => Float, &str => String, String => String,
    Vec<i64> => ListInt, Vec<f64> => ListFloat, Vec<String> => ListString);

/// Metadata of the library, freed with this.
pub(crate) struct MetadataHandle(Handle);

impl MetadataHandle {
    /// Null for no parameters, which costs nothing.
    pub(crate) fn encode(parameters: &MetadataParameters) -> Result<MetadataHandle, DoraError> {
        if parameters.is_empty() {
            return Ok(MetadataHandle(std::ptr::null_mut()));
        }
        let mut handle = std::ptr::null_mut();
        // SAFETY: a place for a handle.
        DoraError::check(unsafe { (ffi::get().dora_metadata_new)(&mut handle) })?;
        let metadata = MetadataHandle(handle);
        for (key, value) in parameters {
            metadata.set(key, value)?;
        }
        Ok(metadata)
    }

    /// The parameters of a received event.
    pub(crate) fn decode(event: Handle) -> Result<MetadataParameters, DoraError> {
        let mut handle = std::ptr::null_mut();
        // SAFETY: a place for a handle; a bad event is an error.
        DoraError::check(unsafe { (ffi::get().dora_event_metadata)(event, &mut handle) })?;
        MetadataHandle(handle).to_parameters()
    }

    fn to_parameters(&self) -> Result<MetadataParameters, DoraError> {
        let library = ffi::get();
        let mut count = 0;
        // SAFETY: a place for the result.
        DoraError::check(unsafe { (library.dora_metadata_count)(self.0, &mut count) })?;
        let mut parameters = MetadataParameters::new();
        for index in 0..count {
            // SAFETY: a buffer with its capacity, and a place for the length.
            let key = text(|buffer, capacity, length| unsafe { (library.dora_metadata_key_at)(self.0, index, buffer, capacity, length) })?;
            if let Some(value) = self.get(&key)? {
                parameters.insert(key, value);
            }
        }
        Ok(parameters)
    }

    pub(crate) fn as_raw(&self) -> Handle {
        self.0
    }

    fn set(&self, key: &str, value: &Parameter) -> Result<(), DoraError> {
        let library = ffi::get();
        let (k, n) = (key.as_ptr() as *const c_char, key.len());
        // SAFETY: pointers and lengths of living slices, which the library only reads during the call.
        DoraError::check(unsafe {
            match value {
                Parameter::Bool(value) => (library.dora_metadata_set_bool)(self.0, k, n, *value as i32),
                Parameter::Integer(value) => (library.dora_metadata_set_integer)(self.0, k, n, *value),
                Parameter::Float(value) => (library.dora_metadata_set_float)(self.0, k, n, *value),
                Parameter::String(value) => (library.dora_metadata_set_string)(self.0, k, n, value.as_ptr() as *const c_char, value.len()),
                Parameter::ListInt(values) => (library.dora_metadata_set_integers)(self.0, k, n, values.as_ptr(), values.len()),
                Parameter::ListFloat(values) => (library.dora_metadata_set_floats)(self.0, k, n, values.as_ptr(), values.len()),
                Parameter::ListString(values) => {
                    let texts: Vec<_> = values.iter().map(|value| value.as_ptr() as *const c_char).collect();
                    let lengths: Vec<_> = values.iter().map(|value| value.len()).collect();
                    (library.dora_metadata_set_strings)(self.0, k, n, texts.as_ptr(), lengths.as_ptr(), values.len())
                }
                Parameter::Timestamp(value) => (library.dora_metadata_set_timestamp)(self.0, k, n, *value),
            }
        })
    }

    fn get(&self, key: &str) -> Result<Option<Parameter>, DoraError> {
        let library = ffi::get();
        let (k, n) = (key.as_ptr() as *const c_char, key.len());
        // SAFETY: places for results, and buffers with their capacities.
        unsafe {
            Ok(Some(match (library.dora_metadata_kind)(self.0, k, n) {
                1 => {
                    let mut value = 0;
                    DoraError::check((library.dora_metadata_get_bool)(self.0, k, n, &mut value))?;
                    Parameter::Bool(value != 0)
                }
                2 => {
                    let mut value = 0;
                    DoraError::check((library.dora_metadata_get_integer)(self.0, k, n, &mut value))?;
                    Parameter::Integer(value)
                }
                3 => {
                    let mut value = 0.0;
                    DoraError::check((library.dora_metadata_get_float)(self.0, k, n, &mut value))?;
                    Parameter::Float(value)
                }
                4 => Parameter::String(text(|buffer, capacity, length| {
                    (library.dora_metadata_get_string)(self.0, k, n, buffer, capacity, length)
                })?),
                5 => Parameter::ListInt(list(0, |buffer, capacity, count| {
                    (library.dora_metadata_get_integers)(self.0, k, n, buffer, capacity, count)
                })?),
                6 => Parameter::ListFloat(list(0.0, |buffer, capacity, count| {
                    (library.dora_metadata_get_floats)(self.0, k, n, buffer, capacity, count)
                })?),
                7 => {
                    let mut count = 0;
                    DoraError::check((library.dora_metadata_get_strings_count)(self.0, k, n, &mut count))?;
                    let texts: Result<Vec<_>, _> = (0..count)
                        .map(|index| {
                            text(|buffer, capacity, length| {
                                (library.dora_metadata_get_string_at)(self.0, k, n, index, buffer, capacity, length)
                            })
                        })
                        .collect();
                    Parameter::ListString(texts?)
                }
                8 => {
                    let mut value = 0;
                    DoraError::check((library.dora_metadata_get_timestamp)(self.0, k, n, &mut value))?;
                    Parameter::Timestamp(value)
                }
                _ => return Ok(None), // a kind of a later version
            }))
        }
    }
}

impl Drop for MetadataHandle {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: freed once; a bad handle would be an error only.
            unsafe { (ffi::get().dora_metadata_free)(self.0) };
        }
    }
}

/// Reads what mostly fits on the stack; what does not is asked for again with the length that was told.
fn list<T: Copy>(zero: T, read: impl Fn(*mut T, usize, *mut usize) -> ffi::Status) -> Result<Vec<T>, DoraError> {
    const ON_STACK: usize = 64;
    let mut length = 0;
    let mut first = [zero; ON_STACK];
    DoraError::check(read(first.as_mut_ptr(), ON_STACK, &mut length))?;
    if length <= ON_STACK {
        return Ok(first[..length].to_vec());
    }
    let mut values = vec![zero; length];
    DoraError::check(read(values.as_mut_ptr(), length, &mut length))?;
    Ok(values)
}

fn text(read: impl Fn(*mut c_char, usize, *mut usize) -> ffi::Status) -> Result<String, DoraError> {
    let bytes = list(0u8, |buffer, capacity, length| read(buffer as *mut c_char, capacity, length))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_with_texts_and_share_theirs() {
        let id = DataId::from("image".to_owned());
        assert_eq!(id, "image");
        assert!(std::ptr::eq(id.as_str(), id.clone().as_str()));
        assert_eq!(id.len(), 5);
        assert_eq!(String::from(id.clone()), "image");
        assert_eq!("image".parse::<DataId>(), Ok(id));
    }

    #[test]
    fn parameters_survive_the_library() {
        let long = "x".repeat(1000);
        let parameters: MetadataParameters = [
            ("bool", true.into()),
            ("integer", i64::MIN.into()),
            ("float", 0.5.into()),
            ("string", "dr\u{e4}i".into()),
            ("empty", "".into()),
            ("long", long.clone().into()),
            ("integers", vec![1i64, -2, i64::MAX].into()),
            ("many", (0..1000).collect::<Vec<i64>>().into()),
            ("floats", vec![f64::MAX, -0.0].into()),
            ("strings", vec!["a".to_owned(), String::new(), long].into()),
            ("none", Vec::<String>::new().into()),
            ("timestamp", Parameter::Timestamp(1_700_000_000_123_456_789)),
        ]
        .into_iter()
        .map(|(key, value): (&str, Parameter)| (key.to_owned(), value))
        .collect();
        ffi::open().unwrap();
        let metadata = MetadataHandle::encode(&parameters).unwrap();
        assert_eq!(metadata.to_parameters().unwrap(), parameters);
    }

    #[test]
    fn no_parameters_are_no_metadata() {
        assert!(MetadataHandle::encode(&MetadataParameters::new()).unwrap().as_raw().is_null());
    }
}
