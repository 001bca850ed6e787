// SPDX-License-Identifier: Apache-2.0

//! What this process uses between two moments, and what the daemon does; by the C library.

use std::fmt::{self, Write};
use std::fs;

#[repr(C)]
#[derive(Default)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// `struct rusage` of 64-bit Linux.
#[repr(C)]
#[derive(Default)]
struct Rusage {
    user: [i64; 2],
    system: [i64; 2],
    max_resident: i64,
    unused: [i64; 3],
    minor_faults: i64,
    others: [i64; 7],
    voluntary_switches: i64,
    involuntary_switches: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    fn getrusage(who: i32, usage: *mut Rusage) -> i32;
    fn getppid() -> i32;
}

const CLOCK_MONOTONIC: i32 = 1;

fn read(clock: i32) -> i64 {
    let mut time = Timespec::default();
    // SAFETY: a place for the result.
    unsafe { clock_gettime(clock, &mut time) };
    time.seconds * 1_000_000_000 + time.nanoseconds
}

/// CLOCK_MONOTONIC in nanoseconds.
pub fn now_ns() -> i64 {
    read(CLOCK_MONOTONIC)
}

/// The daemon's CPU clock: the launcher's parent.
fn daemon_clock() -> Option<i32> {
    // SAFETY: cannot fail.
    let launcher = unsafe { getppid() };
    let text = fs::read_to_string(format!("/proc/{launcher}/stat")).ok()?;
    let parent: i32 = text.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
    Some((!parent << 3) | 2) // what clock_getcpuclockid makes of a process
}

#[derive(Default)]
pub struct Meter {
    daemon: Option<i32>,
    started_ns: i64,
    stopped_ns: i64,
    cpu_ns: i64,
    faults: i64,
    switches: i64,
    daemon_ns: i64,
}

impl Meter {
    pub fn new(watches_daemon: bool) -> Meter {
        let mut meter = Meter { daemon: if watches_daemon { daemon_clock() } else { None }, ..Meter::default() };
        meter.start();
        meter.stop();
        meter
    }

    pub fn start(&mut self) {
        *self = Meter { daemon: self.daemon, ..Meter::default() };
        self.add(-1);
        self.started_ns = now_ns();
    }

    pub fn stop(&mut self) {
        self.stopped_ns = now_ns();
        self.add(1);
    }

    pub fn write_to(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "started_ns {}\nstopped_ns {}\ncpu_ns {}", self.started_ns, self.stopped_ns, self.cpu_ns)?;
        writeln!(text, "faults {}\nswitches {}\ndaemon_cpu_ns {}", self.faults, self.switches, self.daemon_ns)
    }

    fn add(&mut self, sign: i64) {
        let mut usage = Rusage::default();
        // SAFETY: a place for the result.
        unsafe { getrusage(0, &mut usage) };
        self.cpu_ns += sign * ((usage.user[0] + usage.system[0]) * 1_000_000_000 + (usage.user[1] + usage.system[1]) * 1_000);
        self.faults += sign * usage.minor_faults;
        self.switches += sign * usage.voluntary_switches;
        if let Some(daemon) = self.daemon {
            self.daemon_ns += sign * read(daemon);
        }
    }
}
