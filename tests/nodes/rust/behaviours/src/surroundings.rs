// SPDX-License-Identifier: Apache-2.0

//! What a node knows, and its records.

use crate::Outcome;
use dora_node_api::{DoraNode, LogLevel, StopCause};
use std::sync::Arc;

pub fn surroundings() -> Outcome {
    let (node, mut events) = DoraNode::init_from_env()?;
    assert_eq!(node.id(), "node");
    assert_eq!(node.dataflow_id().len(), 36);
    assert!(node.node_config().contains("\"outputs\":[\"out\"]"), "{}", node.node_config());
    assert!(node.dataflow_descriptor().contains("waits forever"));
    assert!(!node.is_restart() && node.restart_count() == 0);
    assert!(node.timestamp() < node.timestamp());
    node.log_error("record 1");
    node.log_debug("record 2");
    node.log(LogLevel::Warn, "record 3", Some("my::module"));

    // From several threads at once.
    let node = Arc::new(node);
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let node = node.clone();
            std::thread::spawn(move || {
                (0..100).try_for_each(|_| node.send_output_raw("out".into(), Default::default(), 100, |out| out.fill(1)))
            })
        })
        .collect();
    for sender in senders {
        sender.join().map_err(|_| "a sender panicked")??;
    }
    println!("surroundings: all is right");
    while events.recv().is_some() {}
    assert_eq!(events.stop_cause(), Some(StopCause::Manual));
    Ok(())
}
