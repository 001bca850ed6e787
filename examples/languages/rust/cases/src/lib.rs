// SPDX-License-Identifier: Apache-2.0

//! What the node and the operator in Rust have in common: the cases, their parameters, and the book of what was received.

#![warn(unsafe_op_in_unsafe_fn)]

pub mod arrow;
mod checksum;

use checksum::Checksum;
use std::collections::{BTreeMap, BTreeSet};

/// All cases, in the order in which they are sent.
pub const CASES: [&str; 12] = [
    "empty", "bytes-8", "bytes-4096", "bytes-4194304", "int64", "float32", "string", "struct", "list", "nulls", "null-struct", "sliced",
];

/// All nodes and operators.
pub const PEERS: [&str; 10] = [
    "csharp-node", "python-node", "rust-node", "c-node", "cpp-node",
    "csharp-operator", "python-operator", "rust-operator", "c-operator", "cpp-operator",
];

/// The bytes of a case; None when it is an Arrow array.
pub fn byte_count(case: &str) -> Option<usize> {
    match case {
        "empty" => Some(0),
        _ => case.strip_prefix("bytes-").and_then(|count| count.parse().ok()),
    }
}

/// Writes what a case of bytes holds.
pub fn write_pattern(data: &mut [u8]) {
    data.iter_mut().enumerate().for_each(|(i, byte)| *byte = (i * 7 % 251) as u8);
}

/// What a message is.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Arrow's format string; "C" for plain bytes.
    pub format: String,
    pub rows: i64,
    pub checksum: i64,
}

impl Description {
    pub fn of_bytes(data: &[u8]) -> Description {
        let mut sum = Checksum::default();
        sum.add(data);
        Description { format: "C".to_owned(), rows: data.len() as i64, checksum: sum.value() as i64 }
    }

    /// # Safety
    /// A valid array and its schema.
    pub unsafe fn of_array(array: &arrow::Array, schema: &arrow::Schema) -> Description {
        unsafe { Description { format: arrow::format_of(schema), rows: array.length, checksum: arrow::checksum(array, schema) as i64 } }
    }

    /// Of a case as it is here.
    pub fn of_case(case: &str) -> Description {
        match arrow::array_of(case) {
            // SAFETY: just made.
            Some((mut array, mut schema)) => unsafe {
                let description = Description::of_array(&array, &schema);
                arrow::release(&mut array, &mut schema);
                description
            },
            None => {
                let mut data = vec![0; byte_count(case).unwrap_or(0)];
                write_pattern(&mut data);
                Description::of_bytes(&data)
            }
        }
    }
}

/// A parameter, apart from the crates that send it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    ListInt(Vec<i64>),
    ListFloat(Vec<f64>),
    ListString(Vec<String>),
    Timestamp(u64),
}

/// Parameters by name, and so in the order of their names.
pub type Values = BTreeMap<String, Value>;

/// Makes the functions `to_values` and `from_values` for the parameters of one of dora's crates.
#[macro_export]
macro_rules! conversions {
    ($api:ident) => {
        fn to_values(parameters: &$api::MetadataParameters) -> $crate::Values {
            use $crate::Value;
            use $api::Parameter;
            let convert = |value: &Parameter| match value.clone() {
                Parameter::Bool(value) => Some(Value::Bool(value)),
                Parameter::Integer(value) => Some(Value::Integer(value)),
                Parameter::Float(value) => Some(Value::Float(value)),
                Parameter::String(value) => Some(Value::String(value)),
                Parameter::ListInt(value) => Some(Value::ListInt(value)),
                Parameter::ListFloat(value) => Some(Value::ListFloat(value)),
                Parameter::ListString(value) => Some(Value::ListString(value)),
                Parameter::Timestamp(value) => Some(Value::Timestamp(value)),
                _ => None, // of a later version
            };
            parameters.iter().filter_map(|(key, value)| Some((key.clone(), convert(value)?))).collect()
        }

        fn from_values(values: $crate::Values) -> $api::MetadataParameters {
            use $crate::Value;
            use $api::Parameter;
            let convert = |value| match value {
                Value::Bool(value) => Parameter::Bool(value),
                Value::Integer(value) => Parameter::Integer(value),
                Value::Float(value) => Parameter::Float(value),
                Value::String(value) => Parameter::String(value),
                Value::ListInt(value) => Parameter::ListInt(value),
                Value::ListFloat(value) => Parameter::ListFloat(value),
                Value::ListString(value) => Parameter::ListString(value),
                Value::Timestamp(value) => Parameter::Timestamp(value),
            };
            values.into_iter().map(|(key, value)| (key, convert(value))).collect()
        }
    };
}

/// Over all parameters but itself, in the order of their names.
pub fn checksum_of_values(values: &Values) -> i64 {
    let mut sum = Checksum::default();
    for (key, value) in values.iter().filter(|(key, _)| *key != "metadata-checksum") {
        sum.add_text(key.as_bytes());
        match value {
            Value::Bool(value) => sum.add(&[1, *value as u8]),
            Value::Integer(value) => {
                sum.add(&[2]);
                sum.add(&value.to_le_bytes());
            }
            Value::Float(value) => {
                sum.add(&[3]);
                sum.add(&value.to_le_bytes());
            }
            Value::String(value) => {
                sum.add(&[4]);
                sum.add_text(value.as_bytes());
            }
            Value::ListInt(values) => {
                sum.add(&[5]);
                sum.add(&(values.len() as u32).to_le_bytes());
                values.iter().for_each(|value| sum.add(&value.to_le_bytes()));
            }
            Value::ListFloat(values) => {
                sum.add(&[6]);
                sum.add(&(values.len() as u32).to_le_bytes());
                values.iter().for_each(|value| sum.add(&value.to_le_bytes()));
            }
            Value::ListString(values) => {
                sum.add(&[7]);
                sum.add(&(values.len() as u32).to_le_bytes());
                values.iter().for_each(|value| sum.add_text(value.as_bytes()));
            }
            Value::Timestamp(value) => {
                sum.add(&[8]);
                sum.add(&value.to_le_bytes());
            }
        }
    }
    sum.value() as i64
}

/// What is sent with a case: what it is, and a parameter of every kind.
pub fn values_of(me: &str, case: &str) -> Values {
    let what = Description::of_case(case);
    let mut values: Values = [
        ("case", Value::String(case.to_owned())),
        ("from", Value::String(me.to_owned())),
        ("format", Value::String(what.format)),
        ("rows", Value::Integer(what.rows)),
        ("checksum", Value::Integer(what.checksum)),
        ("bool", Value::Bool(true)),
        ("integer", Value::Integer(-9_007_199_254_740_993)),
        ("float", Value::Float(0.1)),
        ("string", Value::String("Gr\u{fc}\u{df}e, \u{4e16}\u{754c} \u{1f642}".to_owned())),
        ("integers", Value::ListInt(vec![1, -2, i64::MAX])),
        ("floats", Value::ListFloat(vec![0.5, -1e300])),
        ("strings", Value::ListString(vec!["one".to_owned(), String::new(), "drei \u{e4}".to_owned()])),
        ("stamp", Value::Timestamp(1_700_000_000_123_456_000)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    values.insert("metadata-checksum".to_owned(), Value::Integer(checksum_of_values(&values)));
    values
}

/// Who has sent what so far.
pub struct Book {
    me: String,
    missing: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Book {
    pub fn new(me: &str) -> Book {
        Book { me: me.to_owned(), missing: PEERS.iter().map(|peer| (*peer, CASES.iter().copied().collect())).collect() }
    }

    /// An error unless this message arrived as it was sent. Gives a line to print when it was the sender's last.
    pub fn check(&mut self, sender: &str, values: &Values, received: Description) -> Result<Option<String>, String> {
        let text = |key: &str| match values.get(key) {
            Some(Value::String(text)) => text.clone(),
            _ => "?".to_owned(),
        };
        let integer = |key: &str| match values.get(key) {
            Some(Value::Integer(value)) => *value,
            _ => -1,
        };
        let case = text("case");
        let differs = |what: String| Err(format!("differs {} <- {}: case {}: {}", self.me, sender, case, what));
        if integer("metadata-checksum") != checksum_of_values(values) {
            return differs(format!("the metadata is {:?}", values));
        }
        if text("from") != sender {
            return differs(format!("it comes from {}", text("from")));
        }
        let sent = Description { format: text("format"), rows: integer("rows"), checksum: integer("checksum") };
        if received != sent {
            return differs(format!("it is {:?}, but sent was {:?}", received, sent));
        }
        if !CASES.contains(&case.as_str()) || received != Description::of_case(&case) {
            return differs("this is not what the case is here".to_owned());
        }
        let left = self.missing.get_mut(sender).and_then(|missing| if missing.remove(case.as_str()) { Some(missing.len()) } else { None });
        match left {
            Some(0) => Ok(Some(format!("checked {} <- {}: {}", self.me, sender, CASES.join(" ")))),
            Some(_) => Ok(None),
            None => Err(format!("differs {} <- {}: case {}: came twice", self.me, sender, case)),
        }
    }

    /// An error if something should still have come.
    pub fn close(&self, sender: &str) -> Result<(), String> {
        match self.missing.get(sender) {
            Some(missing) if !missing.is_empty() => {
                Err(format!("missing {} <- {}: {}", self.me, sender, missing.iter().copied().collect::<Vec<_>>().join(" ")))
            }
            _ => Ok(()),
        }
    }

    pub fn is_complete(&self) -> bool {
        self.missing.values().all(BTreeSet::is_empty)
    }
}
