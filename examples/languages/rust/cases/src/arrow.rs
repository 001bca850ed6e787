// SPDX-License-Identifier: Apache-2.0

//! The Arrow arrays of this example, built and read through the structs of the Arrow C Data Interface alone. A program with an Arrow crate would
//! leave this to it.

use crate::checksum::Checksum;
use std::ffi::{c_void, CStr};
use std::os::raw::c_char;

const ROWS: i64 = 100;

/// `struct ArrowArray`, as both of dora's crates have it.
#[repr(C)]
pub struct Array {
    pub length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// `struct ArrowSchema`.
#[repr(C)]
pub struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

// ---- Reading

/// # Safety
/// A valid schema of the C Data Interface.
pub unsafe fn format_of(schema: &Schema) -> String {
    unsafe { CStr::from_ptr(schema.format) }.to_string_lossy().into_owned()
}

/// The checksum of all values.
///
/// # Safety
/// A valid array and its schema.
pub unsafe fn checksum(array: &Array, schema: &Schema) -> u32 {
    let mut sum = Checksum::default();
    for row in 0..array.length {
        unsafe { add_value(&mut sum, array, schema, row) };
    }
    sum.value()
}

unsafe fn add_value(sum: &mut Checksum, array: &Array, schema: &Schema, row: i64) {
    unsafe {
        let index = (array.offset + row) as usize;
        let buffer = |number: usize| *array.buffers.add(number);
        let valid = buffer(0) as *const u8;
        if !valid.is_null() && *valid.add(index >> 3) >> (index & 7) & 1 == 0 {
            sum.add(&[0]);
            return;
        }
        match CStr::from_ptr(schema.format).to_bytes() {
            b"l" => {
                sum.add(&[1]);
                sum.add(&(*(buffer(1) as *const i64).add(index)).to_le_bytes());
            }
            b"f" => {
                sum.add(&[2]);
                sum.add(&(*(buffer(1) as *const f32).add(index)).to_le_bytes());
            }
            b"u" => {
                let offsets = (buffer(1) as *const i32).add(index);
                let (start, end) = (*offsets as usize, *offsets.add(1) as usize);
                sum.add(&[3]);
                sum.add_text(if end == start { &[] } else { std::slice::from_raw_parts((buffer(2) as *const u8).add(start), end - start) });
            }
            b"+l" => {
                let offsets = (buffer(1) as *const i32).add(index);
                sum.add(&[4]);
                sum.add(&((*offsets.add(1) - *offsets) as u32).to_le_bytes());
                for item in *offsets..*offsets.add(1) {
                    add_value(sum, &**array.children, &**schema.children, item as i64);
                }
            }
            b"+s" => {
                sum.add(&[5]);
                for child in 0..array.n_children as usize {
                    let of = &**schema.children.add(child);
                    sum.add_text(CStr::from_ptr(of.name).to_bytes());
                    add_value(sum, &**array.children.add(child), of, index as i64);
                }
            }
            _ => sum.add(&[255]), // no case has this type: the checksums will differ
        }
    }
}

/// Releases both, unless somebody took them over.
///
/// # Safety
/// Valid structs of the C Data Interface.
pub unsafe fn release(array: &mut Array, schema: &mut Schema) {
    unsafe {
        if let Some(release) = array.release {
            release(array);
        }
        if let Some(release) = schema.release {
            release(schema);
        }
    }
}

// ---- Building

/// What an array and its schema point to; freed when they are released.
#[allow(clippy::vec_box)] // others point to each of them
struct ArrayParts {
    _owned: Vec<Vec<u64>>, // buffers, of whole words, so that they are aligned
    _buffers: Vec<*const c_void>,
    children: Vec<Box<Array>>,
    _pointers: Vec<*mut Array>,
}

#[allow(clippy::vec_box)]
struct SchemaParts {
    children: Vec<Box<Schema>>,
    _pointers: Vec<*mut Schema>,
}

unsafe extern "C" fn release_array(array: *mut Array) {
    unsafe {
        let mut parts = Box::from_raw((*array).private_data as *mut ArrayParts);
        for child in &mut parts.children {
            if let Some(release) = child.release {
                release(&mut **child);
            }
        }
        (*array).release = None;
    }
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    unsafe {
        let mut parts = Box::from_raw((*schema).private_data as *mut SchemaParts);
        for child in &mut parts.children {
            if let Some(release) = child.release {
                release(&mut **child);
            }
        }
        (*schema).release = None;
    }
}

type Pair = (Array, Schema);

/// `valid`: whether a row is not null; None: all are. Format and name end with NUL.
fn make(format: &'static str, name: &'static str, rows: i64, valid: Option<&dyn Fn(i64) -> bool>, buffers: Vec<Vec<u8>>, children: Vec<Pair>) -> Pair {
    let bits = valid.map(|valid| {
        let mut bits = vec![0u8; (rows as usize + 7) / 8];
        (0..rows).filter(|row| valid(*row)).for_each(|row| bits[row as usize >> 3] |= 1 << (row & 7));
        bits
    });
    let null_count = valid.map_or(0, |valid| (0..rows).filter(|row| !valid(*row)).count() as i64);
    let mut owned: Vec<Vec<u64>> = Vec::new();
    let mut pointers: Vec<*const c_void> = Vec::new();
    for bytes in std::iter::once(bits).chain(buffers.into_iter().map(Some)) {
        match bytes {
            None => pointers.push(std::ptr::null()),
            Some(bytes) => {
                let words: Vec<u64> = bytes
                    .chunks(8)
                    .map(|chunk| {
                        let mut word = [0; 8];
                        word[..chunk.len()].copy_from_slice(chunk);
                        u64::from_ne_bytes(word)
                    })
                    .collect();
                pointers.push(words.as_ptr() as *const c_void);
                owned.push(words);
            }
        }
    }

    let (mut arrays, mut schemas): (Vec<_>, Vec<_>) = children.into_iter().map(|(array, schema)| (Box::new(array), Box::new(schema))).unzip();
    let mut array_pointers: Vec<*mut Array> = arrays.iter_mut().map(|child| &mut **child as *mut Array).collect();
    let mut schema_pointers: Vec<*mut Schema> = schemas.iter_mut().map(|child| &mut **child as *mut Schema).collect();
    let array = Array {
        length: rows,
        null_count,
        offset: 0,
        n_buffers: pointers.len() as i64,
        n_children: arrays.len() as i64,
        buffers: pointers.as_mut_ptr(),
        children: array_pointers.as_mut_ptr(),
        dictionary: std::ptr::null_mut(),
        release: Some(release_array),
        private_data: Box::into_raw(Box::new(ArrayParts { _owned: owned, _buffers: pointers, children: arrays, _pointers: array_pointers })) as *mut c_void,
    };
    let schema = Schema {
        format: format.as_ptr() as *const c_char,
        name: name.as_ptr() as *const c_char,
        metadata: std::ptr::null(),
        flags: 2, // nullable
        n_children: schemas.len() as i64,
        children: schema_pointers.as_mut_ptr(),
        dictionary: std::ptr::null_mut(),
        release: Some(release_schema),
        private_data: Box::into_raw(Box::new(SchemaParts { children: schemas, _pointers: schema_pointers })) as *mut c_void,
    };
    (array, schema)
}

fn int64(name: &'static str, value: impl Fn(i64) -> i64, valid: Option<&dyn Fn(i64) -> bool>) -> Pair {
    make("l\0", name, ROWS, valid, vec![(0..ROWS).flat_map(|row| value(row).to_ne_bytes()).collect()], vec![])
}

fn big(row: i64) -> i64 {
    (row - 50) * 1_000_000_007
}

fn text(row: i64) -> String {
    if row == 0 {
        String::new()
    } else {
        format!("{}: gr\u{fc}n, \u{4e16}\u{754c} \u{1f642}", row)
    }
}

fn strings(name: &'static str, valid: Option<&dyn Fn(i64) -> bool>) -> Pair {
    let mut data = Vec::new();
    let mut offsets = 0i32.to_ne_bytes().to_vec();
    for row in 0..ROWS {
        data.extend(text(row).into_bytes());
        offsets.extend((data.len() as i32).to_ne_bytes());
    }
    make("u\0", name, ROWS, valid, vec![offsets, data], vec![])
}

fn list() -> Pair {
    let mut items = Vec::new();
    let mut offsets = 0i32.to_ne_bytes().to_vec();
    for row in 0..ROWS {
        (0..row % 4).for_each(|k| items.push(row * 10 + k));
        offsets.extend((items.len() as i32).to_ne_bytes());
    }
    let child = make("l\0", "item\0", items.len() as i64, None, vec![items.iter().flat_map(|item| item.to_ne_bytes()).collect()], vec![]);
    make("+l\0", "\0", ROWS, None, vec![offsets], vec![child])
}

fn not_each(divisor: i64, rest: i64) -> impl Fn(i64) -> bool {
    move |row| row % divisor != rest
}

/// The array of a case; None when the case is plain bytes. The caller's to give away or to release.
pub fn array_of(case: &str) -> Option<Pair> {
    Some(match case {
        "int64" => int64("\0", big, None),
        "float32" => make("f\0", "\0", ROWS, None, vec![(0..ROWS).flat_map(|row| ((row - 50) as f32 / 8.0).to_ne_bytes()).collect()], vec![]),
        "string" => strings("\0", None),
        "struct" => make("+s\0", "\0", ROWS, None, vec![], vec![int64("x\0", |row| row * 3, None), strings("name\0", None)]),
        "list" => list(),
        "nulls" => int64("\0", big, Some(&not_each(3, 1))),
        "null-struct" => make(
            "+s\0",
            "\0",
            ROWS,
            Some(&not_each(4, 2)),
            vec![],
            vec![int64("x\0", |row| row * 3, Some(&not_each(3, 1))), strings("name\0", Some(&not_each(5, 3)))],
        ),
        "sliced" => {
            let (mut array, schema) = int64("\0", big, Some(&not_each(3, 1)));
            array.offset = 5;
            array.length = 20;
            array.null_count = -1; // not counted
            (array, schema)
        }
        _ => return None,
    })
}
