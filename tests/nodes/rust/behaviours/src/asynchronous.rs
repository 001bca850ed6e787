// SPDX-License-Identifier: Apache-2.0

//! Receiving without blocking a thread, in two executors.

use crate::Outcome;
use dora_node_api::{DoraNode, Event, EventStream, TryRecvError};
use futures::StreamExt;
use std::future::Future;
use std::task::Poll;
use std::time::Duration;

/// Receives so many messages in every way there is, each once and in order; most waits are given up once.
pub fn asynchronous(count: u64) -> Outcome {
    let (node, mut events) = DoraNode::init_from_env()?;
    let mut expected = 1;
    let mut take = |event: Event| {
        if let Event::Input { metadata, .. } = event {
            assert_eq!(metadata.sequence(), expected);
            expected += 1;
        }
        expected
    };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let mut next = 1;
        while next <= count / 4 {
            // Given up at once, or soon.
            let started = futures::future::poll_fn(|context| match std::pin::Pin::new(&mut events.recv_async()).poll(context) {
                Poll::Ready(event) => Poll::Ready(event),
                Poll::Pending => Poll::Ready(None),
            });
            if let Some(event) = started.await {
                next = take(event);
            }
            if let Ok(Some(event)) = tokio::time::timeout(Duration::from_micros(200), events.recv_async()).await {
                next = take(event);
            }
        }
    });

    // While an asynchronous wait may still be on its way.
    let mut next = 1;
    while next <= count / 2 {
        if let Some(event) = events.recv_timeout(Duration::from_micros(200)) {
            next = take(event);
        }
        match events.try_recv() {
            Ok(event) => next = take(event),
            Err(TryRecvError::Empty) => give_up(&mut events, &mut take),
            Err(TryRecvError::Closed) => return Err("ended too soon".into()),
        }
        if !events.is_empty() {
            next = take(events.recv().ok_or("ended too soon")?);
        }
    }

    // Another executor; as a Stream, in another thread, until the end.
    give_up(&mut events, &mut take);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let stream = futures::stream::poll_fn(|context| events.poll_recv(context));
            futures::executor::block_on(stream.for_each(|event| {
                take(event);
                futures::future::ready(())
            }));
        });
    });
    assert_eq!(take(Event::Stop), count + 1);
    assert!(events.has_ended());
    println!("asynchronous: all is right");
    drop(node);
    Ok(())
}

/// Starts a wait and drops it.
fn give_up(events: &mut EventStream, take: &mut impl FnMut(Event) -> u64) {
    let waker = futures::task::noop_waker();
    let mut context = std::task::Context::from_waker(&waker);
    if let Poll::Ready(Some(event)) = std::pin::Pin::new(&mut events.recv_async()).poll(&mut context) {
        take(event);
    }
}

/// Leaves the dataflow while an asynchronous wait is on its way, and goes on without it.
pub fn leaves() -> Outcome {
    let (node, mut events) = DoraNode::init_from_env()?;
    give_up(&mut events, &mut |_| 0);
    drop(events);
    node.log_info("the events are dropped");
    drop(node);
    let again = DoraNode::init_from_env().err().ok_or("a process is one node only")?;
    println!("left: {}", again);
    Ok(())
}
