// SPDX-License-Identifier: Apache-2.0

//! Test nodes in Rust: `behaviours BEHAVIOUR`.

mod watching;

use std::error::Error;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let behaviour = std::env::args().nth(1).unwrap_or_default();
    match behaviour.as_str() {
        "holder" => watching::holder(),
        "watcher" => watching::watcher(),
        other => Err(format!("no behaviour '{}'", other).into()),
    }
}
