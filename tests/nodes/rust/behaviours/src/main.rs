// SPDX-License-Identifier: Apache-2.0

//! Test nodes in Rust: `behaviours BEHAVIOUR`.

mod asynchronous;
mod kinds;
mod surroundings;
mod watching;

use std::error::Error;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let behaviour = std::env::args().nth(1).unwrap_or_default();
    let count = || std::env::args().nth(2).unwrap_or_default().parse();
    match behaviour.as_str() {
        "asynchronous" => asynchronous::asynchronous(count()?),
        "leaves" => asynchronous::leaves(),
        "kinds_source" => kinds::source(),
        "kinds_sink" => kinds::sink(),
        "forwarder" => kinds::forwarder(),
        "pushed_back" => kinds::pushed_back(),
        "surroundings" => surroundings::surroundings(),
        "counter" => watching::counter(count()? as usize),
        "holder" => watching::holder(),
        "watcher" => watching::watcher(),
        other => Err(format!("no behaviour '{}'", other).into()),
    }
}
