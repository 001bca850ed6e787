// SPDX-License-Identifier: Apache-2.0

//! Nodes that are hurt, and nodes that look on.

use crate::Outcome;
use dora_node_api::{dora_core::config::DataId, DoraNode, Event};
use std::collections::VecDeque;

/// Passes on what comes, until it is stopped; holds the last few messages all the while.
pub fn holder() -> Outcome {
    const HELD: usize = 5;
    let (mut node, mut events) = DoraNode::init_from_env()?;
    let out = DataId::from("out");
    let mut held = VecDeque::new();
    while let Some(event) = events.recv() {
        if let Event::Input { metadata, data: Some(data), .. } = event {
            node.send_output(out.clone(), metadata.parameters, data.len(), |bytes| bytes.copy_from_slice(&data))?;
            held.push_back(data);
            if held.len() > HELD {
                held.pop_front();
            }
        }
    }
    Ok(())
}

/// Prints what becomes of the nodes upstream.
pub fn watcher() -> Outcome {
    let (_node, events) = DoraNode::init_from_env()?;
    for event in events {
        match event {
            Event::NodeFailed { source_node_id, error, affected_input_ids } => {
                assert_eq!(affected_input_ids, [DataId::from("in")]);
                println!("heard that {} failed: {}", source_node_id, error);
            }
            Event::NodeRestarted { id } => println!("heard that {} was restarted", id),
            Event::InputClosed { id } => println!("{} is closed", id),
            _ => {}
        }
    }
    Ok(())
}

/// Says when so many messages have come.
pub fn counter(wanted: usize) -> Outcome {
    let (_node, events) = DoraNode::init_from_env()?;
    let messages = events.filter(|event| matches!(event, Event::Input { .. }));
    for (index, _) in messages.enumerate() {
        if index + 1 == wanted {
            println!("counted {}", wanted);
        }
    }
    Ok(())
}
