// SPDX-License-Identifier: Apache-2.0

//! A message of each kind, and who compares what came with what was sent.

use crate::Outcome;
use dora_node_api::{dora_core::config::DataId, ArrowValue, Data, DoraNode, Event, MetadataParameters, Parameter};
use std::panic::{catch_unwind, AssertUnwindSafe};

const SIZES: [usize; 4] = [0, 8, 4096, 4 << 20];
const INT64: [i64; 3] = [1, -2, i64::MAX];
const FLOAT32: [f32; 4] = [0.5, -1.0, f32::MIN, f32::INFINITY];

fn parameters(kind: &str) -> MetadataParameters {
    let mut all = MetadataParameters::new();
    all.insert("kind".into(), kind.into());
    all
}

fn every_parameter(kind: &str) -> MetadataParameters {
    let mut all = parameters(kind);
    all.insert("bool".into(), true.into());
    all.insert("int".into(), (-(1i64 << 62)).into());
    all.insert("float".into(), 2.5.into());
    all.insert("str".into(), "gr\u{fc}\u{df}e".into());
    all.insert("ints".into(), vec![1i64, -2, 3].into());
    all.insert("floats".into(), vec![0.5, 1.0].into());
    all.insert("strs".into(), vec!["a".to_owned(), String::new(), "\u{df}".repeat(500)].into());
    all.insert("none".into(), Vec::<String>::new().into());
    all.insert("time".into(), Parameter::Timestamp(1_704_164_645_678_901_234));
    all
}

fn byte(index: usize) -> u8 {
    (index * 7 + index / 256) as u8
}

/// Sends each at the first tick, then makes every mistake.
pub fn source() -> Outcome {
    let (mut node, mut events) = DoraNode::init_from_env()?;
    let out = DataId::from("out");
    while !matches!(events.recv(), Some(Event::Input { .. }) | None) {}

    for size in SIZES {
        node.send_output(out.clone(), every_parameter("closure"), size, |bytes| {
            assert_eq!(bytes.len(), size);
            bytes.iter_mut().enumerate().for_each(|(index, to)| *to = byte(index));
        })?;
        let bytes: Vec<u8> = (0..size).map(byte).collect();
        node.send_output_bytes(out.clone(), every_parameter("bytes"), size, &bytes)?;
    }
    let mut loan = node.loan_output(out.clone(), 1000)?;
    loan.fill(7);
    loan.send_first(999, parameters("loan"))?;
    let mut loan = node.try_loan_output(out.clone(), 8)?.ok_or("no memory")?;
    loan.copy_from_slice(&7u64.to_ne_bytes());
    loan.send(parameters("plain-u64"))?;
    node.loan_output_with_room(out.clone(), 0, 4096)?.send(every_parameter("room"))?;
    node.send_output_values(out.clone(), parameters("int64"), &INT64)?;
    node.send_output_values(out.clone(), every_parameter("float32"), &FLOAT32)?;
    node.send_output_values::<i64>(out.clone(), parameters("no-int64"), &[])?;

    // None of these is sent.
    drop(node.loan_output(out.clone(), 1 << 20)?);
    let panics = |length| {
        catch_unwind(AssertUnwindSafe(|| node.send_output_raw(out.clone(), parameters("never"), length, |_| panic!("on purpose"))))
    };
    assert!(panics(8).is_err() && panics(8000).is_err());
    let unknown = node.send_output("nowhere".into(), parameters("never"), 1000, |_| panic!("not asked")).unwrap_err();
    assert!(unknown.to_string().contains("nowhere"), "{}", unknown);
    assert!(node.send_output("nowhere".into(), parameters("never"), 1, |_| {}).is_err());
    assert!(node.send_output_bytes(out.clone(), parameters("never"), 2, &[0]).is_err());
    assert!(node.loan_output("nowhere".into(), 1).is_err());
    let too_long = node.loan_output(out.clone(), 8)?.send(every_parameter("never")).unwrap_err();
    assert!(too_long.to_string().contains("1024 bytes"), "{}", too_long);
    assert!(node.loan_output(out.clone(), 8)?.send_first(9, parameters("never")).is_err());
    assert!(node.subscriber_count(&"nowhere".into()).is_err());
    assert_eq!(node.subscriber_count(&out)?, 1);
    assert!(node.validate_output(&out) && !node.validate_output(&"nowhere".into()));

    node.close_outputs(vec![out.clone()])?;
    assert!(node.send_output_bytes(out, parameters("never"), 1, &[0]).unwrap_err().to_string().contains("closed"));
    Ok(())
}

/// Passes on whatever comes.
pub fn forwarder() -> Outcome {
    let (node, events) = DoraNode::init_from_env()?;
    let out = DataId::from("out");
    for event in events {
        match event {
            Event::Input { data: Some(data), .. } => node.forward_output(out.clone(), &data)?,
            Event::Input { metadata, data: None, .. } => node.send_output_bytes(out.clone(), metadata.parameters, 0, &[])?,
            _ => {}
        }
    }
    Ok(())
}

pub fn sink() -> Outcome {
    let (_node, mut events) = DoraNode::init_from_env()?;
    let mut seen = Vec::new();
    let mut last = 0;
    while let Some(event) = events.recv() {
        let (metadata, data) = match event {
            Event::Input { id, metadata, data } if id == "in" => (metadata, data),
            Event::Input { id, .. } => return Err(format!("there is no input {}", id).into()),
            _ => continue,
        };
        assert!(metadata.timestamp_ns() >= last && metadata.sequence() == seen.len() as u64 + 1);
        last = metadata.timestamp_ns();
        let kind = match &metadata.parameters["kind"] {
            Parameter::String(kind) => kind.clone(),
            other => return Err(format!("a kind of {:?}", other).into()),
        };
        let bytes = data.as_deref().unwrap_or(&[]);
        match kind.as_str() {
            "closure" | "bytes" => {
                assert_eq!(metadata.parameters, every_parameter(&kind));
                assert_eq!(bytes.len(), SIZES[seen.len() / 2]);
                assert_eq!(data.is_none(), bytes.is_empty());
                assert!(bytes.iter().enumerate().all(|(index, found)| *found == byte(index)));
            }
            "loan" => assert_eq!(bytes, [7; 999]),
            "plain-u64" => {
                let data = data.ok_or("no data")?;
                assert!(!data.is_arrow());
                assert_eq!(data.values::<u64>(), Some(&[7][..]));
                assert_eq!(data.values::<u8>(), Some(&*data));
                assert_eq!(data.values::<u64>().map(|values| values.as_ptr() as *const u8), Some(data.as_ptr()));
            }
            "room" => assert_eq!(metadata.parameters, every_parameter(&kind)),
            "int64" => check(data, &INT64)?,
            "float32" => {
                assert_eq!(metadata.parameters, every_parameter(&kind));
                check(data, &FLOAT32)?;
            }
            "no-int64" => check(data, &[0i64; 0])?,
            other => return Err(format!("{} was sent", other).into()),
        }
        seen.push(kind);
    }
    assert_eq!(seen[..8].iter().filter(|kind| *kind == "closure").count(), 4);
    assert_eq!(seen[8..], ["loan", "plain-u64", "room", "int64", "float32", "no-int64"]);
    assert!(events.has_ended() && events.try_recv().is_err());
    println!("kinds: all is right");
    Ok(())
}

fn check<T: ArrowValue + PartialEq + std::fmt::Debug>(data: Option<Data>, sent: &[T]) -> Outcome {
    let data = data.ok_or("no data")?;
    assert!(data.is_arrow());
    assert_eq!(data.values::<T>(), Some(sent));
    assert_eq!(data.values::<u16>(), None);

    // The array outlives the event.
    let (array, schema) = data.to_arrow()?;
    drop(data);
    assert_eq!((array.length, array.null_count), (sent.len() as i64, 0));
    drop(schema);
    // SAFETY: a primitive array of T, as was just seen.
    let values = unsafe { *array.buffers.add(1) } as *const T;
    for (index, value) in sent.iter().enumerate() {
        // SAFETY: as above.
        assert_eq!(unsafe { &*values.add(index) }, value);
    }
    Ok(())
}

/// Sends to itself until it is full.
pub fn pushed_back() -> Outcome {
    use dora_node_api::TrySendError;
    let (node, mut events) = DoraNode::init_from_env()?;
    let out = DataId::from("loop");
    let mut sent = 0u64;
    let full = loop {
        let mut loan = node.loan_output(out.clone(), 8)?;
        loan.copy_from_slice(&sent.to_ne_bytes());
        match loan.try_send(MetadataParameters::new()) {
            Ok(()) => sent += 1,
            Err(TrySendError::BackPressured(loan)) => break loan,
            Err(other) => return Err(other.into()),
        }
    };
    assert!(sent > 0);
    assert!(!events.is_empty());
    let mut received = 0;
    while received < sent {
        if let Some(Event::Input { data: Some(data), .. }) = events.recv() {
            assert_eq!(data.values::<u64>(), Some(&[received][..]));
            received += 1;
        }
    }
    assert!(events.is_empty());
    assert!(events.recv_timeout(std::time::Duration::from_millis(1)).is_none() && !events.has_ended());
    assert_eq!(*full, sent.to_ne_bytes());
    full.try_send(MetadataParameters::new())?;
    assert_eq!(events.drain().len(), 1);
    println!("pushed back: all is right");
    Ok(())
}
