// SPDX-License-Identifier: Apache-2.0

//! The operator in Rust: sends all cases at its first event, and checks those of everybody.

use cases::{arrow, Book, Description, CASES};
use dora_operator_api::{register_operator, ArrowArray, ArrowSchema, DoraOperator, DoraOutputSender, DoraStatus, Event, LogLevel};

const ME: &str = "rust-operator";

cases::conversions!(dora_operator_api);
register_operator!(Peer);

struct Peer {
    book: Book,
    is_first: bool,
}

impl Default for Peer {
    fn default() -> Self {
        Peer { book: Book::new(ME), is_first: true }
    }
}

impl DoraOperator for Peer {
    fn on_event(&mut self, event: &Event, output: &mut DoraOutputSender) -> Result<DoraStatus, String> {
        if std::mem::take(&mut self.is_first) {
            CASES.iter().try_for_each(|case| send(output, case))?;
        }
        match event {
            Event::Input { id, data } => {
                let values = to_values(&output.input_metadata()?);
                if let Some(line) = self.book.check(id, &values, describe(output, data)?)? {
                    output.log(LogLevel::Info, &line);
                }
            }
            Event::InputClosed { id } => self.book.close(id)?,
            _ => {}
        }
        Ok(if self.book.is_complete() { DoraStatus::Stop } else { DoraStatus::Continue })
    }
}

fn send(output: &mut DoraOutputSender, case: &str) -> Result<(), String> {
    let parameters = from_values(cases::values_of(ME, case));
    match arrow::array_of(case) {
        // SAFETY: valid structs, of the same layout as dora's.
        Some((array, schema)) => unsafe {
            let array = std::mem::transmute::<arrow::Array, ArrowArray>(array);
            let schema = std::mem::transmute::<arrow::Schema, ArrowSchema>(schema);
            output.send_arrow("messages", array, schema, &parameters)
        },
        // Written straight into the message.
        None => output.send_in_place("messages", cases::byte_count(case).unwrap_or(0), &parameters, cases::write_pattern),
    }
}

fn describe(output: &DoraOutputSender, data: &[u8]) -> Result<Description, String> {
    if !output.input_is_arrow() {
        return Ok(Description::of_bytes(data));
    }
    let (mut array, mut schema) = output.input_arrow()?;
    // SAFETY: filled by dora, of the same layout as ours.
    unsafe {
        let (array, schema) = (&mut *(&mut array as *mut ArrowArray as *mut arrow::Array), &mut *(&mut schema as *mut ArrowSchema as *mut arrow::Schema));
        let description = Description::of_array(array, schema);
        arrow::release(array, schema);
        Ok(description)
    }
}
