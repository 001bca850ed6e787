// SPDX-License-Identifier: Apache-2.0

//! The nodes of Dora.Latency's ping-pong and throughput in Rust: the same work by the same rules, on the crate `dora-node-api`.

mod usage;

use dora_node_api::{dora_core::config::DataId, DoraNode, Event, EventStream, MetadataParameters};
use std::error::Error;
use std::fmt::Write;
use std::{env, fs, thread, time::Duration};
use usage::{now_ns, Meter};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Default)]
struct Settings {
    folder: String,
    size: usize,
    messages: i64,
    warmup: i64,
    warmup_ns: i64,
    fan: i64,
    loans: bool,
}

struct Bench {
    s: Settings,
    node: DoraNode,
    events: EventStream,
    output: DataId,
    bytes: Vec<u8>,
}

impl Bench {
    fn send(&mut self) -> Outcome {
        let none = MetadataParameters::new();
        if self.s.loans {
            self.node.send_output(self.output.clone(), none, self.s.size, |_| ())?;
        } else {
            self.node.send_output_bytes(self.output.clone(), none, self.bytes.len(), &self.bytes)?;
        }
        Ok(())
    }

    /// A message of another length ends the warm-up.
    fn send_marker(&mut self) -> Outcome {
        let length = if self.s.size == 1 { 2 } else { 1 };
        Ok(self.node.send_output_bytes(self.output.clone(), MetadataParameters::new(), length, &[0; 2][..length])?)
    }

    /// The length of the next message.
    fn receive(&mut self) -> Outcome<usize> {
        match self.events.recv() {
            Some(Event::Input { data, .. }) => Ok(data.map_or(0, |data| data.len())),
            other => Err(format!("waits for a message and gets {other:?}").into()),
        }
    }

    fn receive_all(&mut self) -> Outcome {
        for _ in 0..self.s.fan {
            self.receive()?;
        }
        Ok(())
    }

    fn exchange(&mut self) -> Outcome {
        self.send()?;
        self.receive_all()
    }

    fn ping(&mut self) -> Outcome {
        self.output = "ping".into();
        let mut meter = Meter::new(true);
        let mut samples = vec![-1_i64; self.s.messages as usize];
        let start_ns = now_ns();
        self.exchange()?;
        let first_ns = (now_ns() - start_ns) / 2;
        let mut warmups = 1;
        while warmups < self.s.warmup || now_ns() - start_ns < self.s.warmup_ns {
            self.exchange()?;
            warmups += 1;
        }
        self.send_marker()?;
        self.receive_all()?;

        meter.start();
        let mut sent_ns = now_ns();
        for sample in &mut samples {
            self.exchange()?;
            let received_ns = now_ns();
            *sample = (received_ns - sent_ns) / 2;
            sent_ns = received_ns;
        }
        meter.stop();
        self.write_result(&meter, warmups + self.s.messages, first_ns, &samples)
    }

    fn pong(&mut self) -> Outcome {
        self.output = "pong".into();
        let mut meter = Meter::new(false);
        let (mut count, mut last) = (0, -1);
        while let Some(event) = self.events.recv() {
            let length = match event {
                Event::Input { data, .. } => data.map_or(0, |data| data.len()),
                _ => continue,
            };
            if length == self.s.size {
                self.send()?;
                count += 1;
                if count == last {
                    meter.stop();
                }
            } else {
                last = count + self.s.messages;
                meter.start();
                self.send_marker()?;
            }
        }
        self.write_result(&meter, count, 0, &[])
    }

    fn pump(&mut self) -> Outcome {
        self.output = "data".into();
        let mut meter = Meter::new(true);
        fs::write(self.full_queues(), "")?; // nothing here tries to send: the warm-up makes the pool as large as it gets
        let start_ns = now_ns();
        let mut warmups = 0;
        while warmups < self.s.warmup || now_ns() - start_ns < self.s.warmup_ns {
            self.send()?;
            warmups += 1;
        }
        self.send_marker()?;
        meter.start();
        for _ in 0..self.s.messages {
            self.send()?;
        }
        meter.stop();
        self.write_result(&meter, warmups + self.s.messages, 0, &[])
    }

    fn sink(&mut self) -> Outcome {
        let mut meter = Meter::new(false);
        while fs::metadata(self.full_queues()).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        let mut count = 0;
        while self.receive()? == self.s.size {
            count += 1;
        }
        meter.start();
        for _ in 0..self.s.messages {
            self.receive()?;
        }
        meter.stop();
        count += self.s.messages;
        while let Some(event) = self.events.recv() {
            count += i64::from(matches!(event, Event::Input { .. })); // more than were sent: the runner will say so
        }
        self.write_result(&meter, count, 0, &[])
    }

    fn full_queues(&self) -> String {
        format!("{}/queues-are-full", self.s.folder)
    }

    fn write_result(&self, meter: &Meter, messages: i64, first_ns: i64, samples: &[i64]) -> Outcome {
        let path = format!("{}/{}", self.s.folder, self.node.id());
        fs::write(format!("{path}.samples"), samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect::<Vec<u8>>())?;
        let mut text = String::new();
        meter.write_to(&mut text)?;
        writeln!(text, "allocated 0\ncollections 0\nmessages {messages}\nfirst_ns {first_ns}")?;
        Ok(fs::write(format!("{path}.result"), text)?)
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Outcome<Settings> {
    let mut s = Settings::default();
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or("name=value")?;
        match name {
            "folder" => s.folder = value.to_owned(),
            "size" => s.size = value.parse()?,
            "messages" => s.messages = value.parse()?,
            "warmup" => s.warmup = value.parse()?,
            "warmup_ms" => s.warmup_ns = value.parse::<i64>()? * 1_000_000,
            "fan" => s.fan = value.parse()?,
            "fill" if value == "Loan" => s.loans = true,
            "fill" if value != "Write" => return Err("fill loan or write".into()),
            _ => (),
        }
    }
    Ok(s)
}

fn main() -> Outcome {
    let mut arguments = env::args().skip(2);
    let role = arguments.next().ok_or("node ROLE name=value…")?;
    let s = parse(arguments)?;
    let bytes = (0..s.size).map(|i| (i * 31 + 7) as u8).collect();
    let (node, events) = DoraNode::init_from_env()?;
    let mut bench = Bench { s, node, events, output: "".into(), bytes };
    match role.as_str() {
        "ping" => bench.ping(),
        "pong" => bench.pong(),
        "pump" => bench.pump(),
        "sink" => bench.sink(),
        _ => Err(format!("there is no role '{role}'").into()),
    }
}
