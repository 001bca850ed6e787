// SPDX-License-Identifier: Apache-2.0

//! Parameters of messages, and how they pass between operator and runtime.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::os::raw::c_int;

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

/// `DoraText_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Text {
    start: *const u8,
    length: usize,
}

impl Text {
    pub(crate) fn of(text: &str) -> Text {
        Text { start: text.as_ptr(), length: text.len() }
    }

    /// # Safety
    /// So many bytes lie there.
    unsafe fn copy(&self) -> String {
        if self.length == 0 {
            return String::new();
        }
        // SAFETY: as the caller says.
        String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(self.start, self.length) }).into_owned()
    }
}

/// The union in `DoraParameter_t`.
#[repr(C)]
union Value {
    boolean: bool,
    integer: i64,
    floating: f64,
    string: Text,
    list: *const c_void,
    timestamp_ns: u64,
}

/// `DoraParameter_t`.
#[repr(C)]
pub(crate) struct Entry {
    key: Text,
    kind: c_int,
    count: usize,
    value: Value,
}

/// `DoraParameters_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Parameters {
    pub(crate) entries: *const Entry,
    pub(crate) count: usize,
}

/// Parameters as the runtime takes them; borrows them.
pub(crate) struct Lent<'a> {
    entries: Vec<Entry>,
    _texts: Vec<Vec<Text>>, // of lists
    _parameters: &'a MetadataParameters,
}

impl<'a> Lent<'a> {
    pub(crate) fn of(parameters: &'a MetadataParameters) -> Lent<'a> {
        let mut texts: Vec<Vec<Text>> = Vec::new();
        let entries = parameters
            .iter()
            .map(|(key, value)| {
                let (kind, count, value) = match value {
                    Parameter::Bool(value) => (1, 0, Value { boolean: *value }),
                    Parameter::Integer(value) => (2, 0, Value { integer: *value }),
                    Parameter::Float(value) => (3, 0, Value { floating: *value }),
                    Parameter::String(value) => (4, 0, Value { string: Text::of(value) }),
                    Parameter::ListInt(values) => (5, values.len(), Value { list: values.as_ptr() as *const c_void }),
                    Parameter::ListFloat(values) => (6, values.len(), Value { list: values.as_ptr() as *const c_void }),
                    Parameter::ListString(values) => {
                        let list: Vec<_> = values.iter().map(|value| Text::of(value)).collect();
                        let start = list.as_ptr(); // stays where it is when the vector is moved
                        texts.push(list);
                        (7, values.len(), Value { list: start as *const c_void })
                    }
                    Parameter::Timestamp(value) => (8, 0, Value { timestamp_ns: *value }),
                };
                Entry { key: Text::of(key), kind, count, value }
            })
            .collect();
        Lent { entries, _texts: texts, _parameters: parameters }
    }

    pub(crate) fn as_raw(&self) -> Parameters {
        Parameters { entries: self.entries.as_ptr(), count: self.entries.len() }
    }
}

/// Copies what the runtime lends. Kinds of a later version are left out.
///
/// # Safety
/// All of it is valid by the rules of `operator_types.h`.
pub(crate) unsafe fn copy(lent: &Parameters) -> MetadataParameters {
    if lent.count == 0 {
        return MetadataParameters::new();
    }
    // SAFETY: as the caller says; the kind says which value is set.
    unsafe {
        std::slice::from_raw_parts(lent.entries, lent.count)
            .iter()
            .filter_map(|entry| {
                let value = match entry.kind {
                    1 => Parameter::Bool(entry.value.boolean),
                    2 => Parameter::Integer(entry.value.integer),
                    3 => Parameter::Float(entry.value.floating),
                    4 => Parameter::String(entry.value.string.copy()),
                    5 => Parameter::ListInt(list::<i64>(entry).to_vec()),
                    6 => Parameter::ListFloat(list::<f64>(entry).to_vec()),
                    7 => Parameter::ListString(list::<Text>(entry).iter().map(|text| text.copy()).collect()),
                    8 => Parameter::Timestamp(entry.value.timestamp_ns),
                    _ => return None,
                };
                Some((entry.key.copy(), value))
            })
            .collect()
    }
}

/// # Safety
/// The entry is a list of this type.
unsafe fn list<T>(entry: &Entry) -> &[T] {
    if entry.count == 0 {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(entry.value.list as *const T, entry.count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_every_kind_are_what_they_were_after_being_lent() {
        let parameters: MetadataParameters = [
            ("bool", Parameter::Bool(true)),
            ("integer", Parameter::Integer(i64::MIN)),
            ("float", Parameter::Float(0.1)),
            ("string", Parameter::String("drei \u{e4}".to_owned())),
            ("empty", Parameter::String(String::new())),
            ("integers", Parameter::ListInt(vec![1, -2])),
            ("floats", Parameter::ListFloat(vec![0.5])),
            ("strings", Parameter::ListString(vec!["one".to_owned(), String::new()])),
            ("none", Parameter::ListString(vec![])),
            ("timestamp", Parameter::Timestamp(1_700_000_000_123_456_789)),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        let lent = Lent::of(&parameters);
        // SAFETY: lent by us.
        assert_eq!(unsafe { copy(&lent.as_raw()) }, parameters);
    }

    #[test]
    fn no_parameters_are_none() {
        let none = MetadataParameters::new();
        // SAFETY: lent by us.
        assert_eq!(unsafe { copy(&Lent::of(&none).as_raw()) }, none);
    }
}
