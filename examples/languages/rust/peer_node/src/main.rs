// SPDX-License-Identifier: Apache-2.0

//! The node in Rust: sends all cases, and checks those of everybody.

use cases::{arrow, Book, Description, CASES, PEERS};
use dora_node_api::{ArrowArray, ArrowSchema, Data, DoraNode, Event};
use std::error::Error;

const ME: &str = "rust-node";

cases::conversions!(dora_node_api);

fn send(node: &mut DoraNode, case: &str) -> Result<(), Box<dyn Error>> {
    let parameters = from_values(cases::values_of(ME, case));
    match arrow::array_of(case) {
        // SAFETY: valid structs, of the same layout as dora's.
        Some((array, schema)) => unsafe {
            let array = std::mem::transmute::<arrow::Array, ArrowArray>(array);
            let schema = std::mem::transmute::<arrow::Schema, ArrowSchema>(schema);
            node.send_output_arrow("messages".into(), parameters, array, schema)?;
        },
        // Written straight into shared memory.
        None => node.send_output("messages".into(), parameters, cases::byte_count(case).unwrap_or(0), cases::write_pattern)?,
    }
    Ok(())
}

fn describe(data: Option<Data>) -> Result<Description, Box<dyn Error>> {
    match data {
        Some(data) if data.is_arrow() => {
            let (mut array, mut schema) = data.to_arrow()?;
            // SAFETY: filled by dora, of the same layout as ours.
            unsafe {
                let (array, schema) = (&mut *(&mut array as *mut ArrowArray as *mut arrow::Array), &mut *(&mut schema as *mut ArrowSchema as *mut arrow::Schema));
                let description = Description::of_array(array, schema);
                arrow::release(array, schema);
                Ok(description)
            }
        }
        Some(data) => Ok(Description::of_bytes(&data)),
        None => Ok(Description::of_bytes(&[])),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut node, mut events) = DoraNode::init_from_env()?;
    let mut book = Book::new(ME);
    for case in CASES {
        send(&mut node, case)?;
    }
    while !book.is_complete() {
        match events.recv() {
            Some(Event::Input { id, metadata, data }) => {
                if let Some(line) = book.check(id.as_str(), &to_values(&metadata.parameters), describe(data)?)? {
                    println!("{}", line);
                }
            }
            Some(Event::InputClosed { id }) => book.close(id.as_str())?,
            Some(_) => {}
            None => break,
        }
    }
    for peer in PEERS {
        book.close(peer)?;
    }
    Ok(())
}
