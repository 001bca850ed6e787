# SPDX-License-Identifier: Apache-2.0
"""The nodes of Dora.Latency's ping-pong and throughput in Python: the same work by the same rules."""

import array
import os
import resource
import sys
import time

from dora import Node

now_ns = time.monotonic_ns  # CLOCK_MONOTONIC


class Settings:
    def __init__(self, arguments):
        values = dict(argument.split("=", 1) for argument in arguments)
        self.folder = values["folder"]
        self.size = int(values["size"])
        self.messages = int(values["messages"])
        self.warmup = int(values["warmup"])
        self.warmup_ns = int(values["warmup_ms"]) * 1_000_000
        self.fan = int(values["fan"])
        self.loans = values["fill"] == "Loan"
        assert self.loans or values["fill"] == "Write", "fill loan or write"


class Meter:
    """What the process uses between two moments, and what the daemon does."""

    def __init__(self, watches_daemon):
        self.daemon = None
        if watches_daemon:
            parent = int(open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[1])  # the launcher's
            self.daemon = time.clock_getcpuclockid(parent) if hasattr(time, "clock_getcpuclockid") else (~parent << 3) | 2
        self.start()
        self.stop()

    def start(self):
        self.used = [-value for value in self._now()]
        self.started_ns = now_ns()

    def stop(self):
        self.stopped_ns = now_ns()
        self.used = [before + value for before, value in zip(self.used, self._now())]

    def _now(self):
        usage = resource.getrusage(resource.RUSAGE_SELF)
        daemon_ns = 0 if self.daemon is None else time.clock_gettime_ns(self.daemon)
        return int((usage.ru_utime + usage.ru_stime) * 1e9), usage.ru_minflt, usage.ru_nvcsw, daemon_ns


def write_result(meter, messages, first_ns=0, samples=()):
    path = os.path.join(settings.folder, node.id)
    with open(f"{path}.samples", "wb") as file:
        array.array("q", samples).tofile(file)
    cpu_ns, faults, switches, daemon_ns = meter.used
    lines = {
        "started_ns": meter.started_ns, "stopped_ns": meter.stopped_ns, "cpu_ns": cpu_ns, "faults": faults, "switches": switches, "allocated": 0,
        "collections": 0, "daemon_cpu_ns": daemon_ns, "messages": messages, "first_ns": first_ns,
    }
    with open(f"{path}.result", "w") as file:
        file.writelines(f"{name} {value}\n" for name, value in lines.items())


def sender(output):
    """The function that sends one message of the case."""
    if settings.loans:

        def send():
            with node.send_output_raw(output, settings.size):
                pass

    else:
        data = os.urandom(settings.size)

        def send():
            node.send_output(output, data)

    return send


def receive():
    """The length of the next message."""
    event = node.next()
    assert event["type"] == "INPUT", event
    return len(event["data"])


def ping():
    send = sender("ping")
    meter = Meter(True)
    samples = array.array("q", [-1]) * settings.messages

    def exchange():
        send()
        for _ in range(settings.fan):
            receive()

    start_ns = now_ns()
    exchange()
    first_ns = (now_ns() - start_ns) // 2
    warmups = 1
    while warmups < settings.warmup or now_ns() - start_ns < settings.warmup_ns:
        exchange()
        warmups += 1
    node.send_output("ping", MARKER)
    for _ in range(settings.fan):
        receive()

    meter.start()
    sent_ns = now_ns()
    for n in range(settings.messages):
        exchange()
        received_ns = now_ns()
        samples[n] = (received_ns - sent_ns) // 2
        sent_ns = received_ns
    meter.stop()
    write_result(meter, warmups + settings.messages, first_ns, samples)


def pong():
    send = sender("pong")
    meter = Meter(False)
    count, last = 0, -1
    for event in node:
        if event["type"] != "INPUT":
            continue
        length = len(event["data"])
        del event  # its memory goes back before the answer
        if length == settings.size:
            send()
            count += 1
            if count == last:
                meter.stop()
        else:
            last = count + settings.messages
            meter.start()
            node.send_output("pong", MARKER)
    write_result(meter, count)


def pump():
    send = sender("data")
    meter = Meter(True)
    open(os.path.join(settings.folder, "queues-are-full"), "w").close()  # nothing here tries to send: the warm-up makes the pool as large as it gets
    start_ns = now_ns()
    warmups = 0
    while warmups < settings.warmup or now_ns() - start_ns < settings.warmup_ns:
        send()
        warmups += 1
    node.send_output("data", MARKER)
    meter.start()
    for _ in range(settings.messages):
        send()
    meter.stop()
    write_result(meter, warmups + settings.messages)


def sink():
    meter = Meter(False)
    while not os.path.exists(os.path.join(settings.folder, "queues-are-full")):
        time.sleep(0.001)
    count = 0
    while receive() == settings.size:
        count += 1
    meter.start()
    for _ in range(settings.messages):
        receive()
    meter.stop()
    count += settings.messages
    for event in node:
        count += event["type"] == "INPUT"  # more than were sent: the runner will say so
    write_result(meter, count)


_, _, role, *arguments = sys.argv
settings = Settings(arguments)
MARKER = bytes(2 if settings.size == 1 else 1)
node = Node()
{"ping": ping, "pong": pong, "pump": pump, "sink": sink}[role]()
