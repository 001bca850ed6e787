# SPDX-License-Identifier: Apache-2.0
"""Nodes for tests: the first argument says what it does. Each ends with an exception, and so fails, when something is not as it must be."""

import asyncio
import gc
import logging
import os
import sys
import threading
import types
import warnings

import dora
import numpy as np


def sequence(event):
    """The number that a test source writes in front of each message."""
    return int.from_bytes(event["data"][:8], "little")


def inputs(node):
    for event in node:
        if event["type"] == "INPUT":
            yield event


def waits(node):
    """Is interrupted while it waits for what never comes."""
    node.next()  # the tick at the start
    try:
        threading.Timer(0.3, print, ("waiting",)).start()  # most likely when this thread waits already; right in any case
        node.next()
    except KeyboardInterrupt:
        print("interrupted")
        return
    raise AssertionError("not interrupted")


def threads(node):
    """Four threads receive from the same node, and send on."""
    seen, failures = [], []

    def receive():
        try:
            for event in inputs(node):
                seen.append(sequence(event))
                node.send_output("out", event["value"])
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=receive) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures, failures
    assert sorted(seen) == list(range(1, int(sys.argv[2]) + 1)), len(seen)
    assert node.ended


def counts(node):
    """Each of the messages came once, in whatever order."""
    assert sorted(sequence(event) for event in inputs(node)) == list(range(1, int(sys.argv[2]) + 1))


def asynchronous(node):
    """recv_async among other tasks; what a cancelled wait has received is not lost."""

    async def main():
        seen, turns = [], 0
        while not node.ended:
            wait = asyncio.ensure_future(node.recv_async())
            turns += 1
            if turns % 3 == 0:
                await asyncio.sleep(0)
                wait.cancel()
            try:
                event = await wait
            except asyncio.CancelledError:
                continue
            if event is not None and event["type"] == "INPUT":
                seen.append(sequence(event))
        return seen

    seen = asyncio.run(main())
    for event in node.drain():
        if event["type"] == "INPUT":
            seen.append(sequence(event))
    assert sorted(seen) == list(range(1, int(sys.argv[2]) + 1)), len(seen)


def many(node):
    """Passes on very many messages, and does not grow."""

    def held():
        gc.collect()
        with open("/proc/self/statm") as file:
            resident = int(file.read().split()[1]) * 4096
        with open("/proc/self/maps") as file:
            mappings = sum("memfd:dora" in line for line in file)
        return resident, sys.getallocatedblocks(), len(os.listdir("/proc/self/fd")), mappings

    before = None
    count = 0
    for event in inputs(node):
        node.send_output("out", event["value"], event["metadata"])
        assert event["value"].to_pylist()[0] == event["data"][0]
        count += 1
        if count == 10_000:
            before = held()
        elif count == int(sys.argv[2]):
            del event
            after = held()  # before the edges go
    assert count == int(sys.argv[2])
    grown = [now - then for now, then in zip(after, before)]
    print("grown by %d bytes, %d blocks, %d descriptors and %d mappings" % tuple(grown), "in", count - 10_000, "messages")
    # An event that is never given back stops the flow by itself. What else may leak is some hundred bytes for each; the collector in
    # libdora takes its time, on machines with large caches even more.
    assert grown[0] < 64 << 20 and grown[1] < 1000 and grown[2] <= 0 and grown[3] <= 2, grown


def in_place(node):
    """What it receives lies in shared memory, whatever its size, and stays there as long as a view of it lives."""
    with open("/proc/self/maps") as file:
        assert "memfd:dora" in file.read()
    kept = []
    for event in inputs(node):
        view = np.frombuffer(event["data"], "uint8")
        address = view.ctypes.data
        assert event["value"]._address == address
        if len(view) >= 4096:
            with open("/proc/self/maps") as file:
                regions = [line for line in file if contains(line, address)]
            assert len(regions) == 1 and "memfd:dora" in regions[0] and " r--" in regions[0], regions
        assert not view.flags.writeable
        kept.append((view, sequence(event)))
    del event
    node.close()
    assert node.closed
    del node
    gc.collect()
    for view, number in kept:
        assert int.from_bytes(view[:8].tobytes(), "little") == number
    assert len(kept) == int(sys.argv[2])


def contains(line, address):
    first, _, end = line.split()[0].partition("-")
    return int(first, 16) <= address < int(end, 16)


def converts(node):
    """With pyarrow, or what passes for it here, values are made by pyarrow.array."""
    values = [event["value"] for event in inputs(node)]
    assert [(kind, len(array)) for kind, array in values] == [("converted", 64)] * int(sys.argv[2]), values


def surroundings(node):
    """What a node knows, its logs, waits with a limit, a fork."""
    assert node.next()["id"] == "never"  # the tick at the start
    assert node.next(0.01) is None and not node.ended
    assert node.try_recv() is None and node.is_empty() and node.drain() == []
    config = node.node_config()
    assert node.id == config["id"] == "node" and config["outputs"] == ["out"]
    assert node.dataflow_id() == config["dataflow_id"] and len(node.dataflow_id()) == 36
    assert not node.is_restart() and node.restart_count() == 0
    assert node.timestamp() < node.timestamp()
    assert node.subscriber_count("out") == 1
    assert "waits forever" in str(node.dataflow_descriptor())
    node.log_info("record 1")
    node.log("debug", "record 2", "category", {"key": 5})
    logging.warning("record %d", 3)
    logging.getLogger("of.module").error("record 4")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later Pythons warn of forks with threads
        child = os.fork()
    if child == 0:
        code = 1
        try:
            node.next(0)
        except dora.DoraError as error:
            code = 0 if "spawn" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        dora.Node()
        raise AssertionError("a process is one node only")
    except dora.DoraError:
        pass
    with node:
        assert node.send_output("out", b"last")
    try:
        node.send_output("out", b"")
        raise AssertionError("the node was closed")
    except dora.DoraError:
        pass


def tries(node):
    """A queue of one message, its own: the second finds no room, whatever it is made of."""
    assert node.try_send_output("out", b"first", {"n": 1})
    assert not node.try_send_output("out", b"second")
    assert not node.try_send_output("out", dora.array([1, 2]))
    event = node.next()
    assert bytes(event["data"]) == b"first" and event["metadata"]["n"] == 1
    assert node.try_send_output("out", dora.array([1, 2]))
    assert node.next()["value"].to_pylist() == [1, 2]


def joins(node):
    """Its own messages, brought together again."""
    for output, data in (("a", b"a1"), ("b", b"b1")):
        assert node.send_output(output, data, {"n": 7})
    event = node.next()
    assert event["type"] == "JOINED" and event["reason"] == "complete" and event["missing"] == []
    assert [(e["type"], e["id"], bytes(e["data"]), e["metadata"]["n"]) for e in event["inputs"]] == [("INPUT", "a", b"a1", 7), ("INPUT", "b", b"b1", 7)]


def chooses(node):
    """Its own messages, of the inputs that it chooses; the rest stays in its order."""
    for number in (1, 2, 3):
        for output in ("a", "b", "extra"):
            assert node.send_output(output, bytes([number]), {"n": number})

    def read(event):
        return event["type"], event["id"], bytes(event["data"]), event["metadata"]["n"]

    def check(joined, number):
        assert joined["type"] == "JOINED" and joined["reason"] == "complete" and joined["missing"] == [], joined
        assert [read(e) for e in joined["inputs"]] == [("INPUT", name, bytes([number]), number) for name in ("b", "a")]

    assert read(node.wait_any(["extra"])) == ("INPUT", "extra", b"\1", 1)
    check(node.wait_all(["b", "a"], timeout=60), 1)
    for wrong, error, text in ((["nobody"], dora.DoraError, "'a', 'b', 'extra', 'never'"), (["a", "a"], dora.DoraError, "twice"), ([], ValueError, "at least one")):
        for wait in (node.wait_any, node.wait_all):
            try:
                wait(wrong)
                raise AssertionError(wrong)
            except error as e:
                assert text in str(e), e
    assert not node.is_empty()  # takes a message off the queue, which the waits then find all the same
    assert node.wait_all(["b", "never"], timeout=0) is None and node.wait_any("never", timeout=0.01) is None
    check(node.wait_all(iter(("b", "a"))), 2)
    assert sorted(read(node.wait_any(("a", "b"))) for _ in range(2)) == [("INPUT", "a", b"\3", 3), ("INPUT", "b", b"\3", 3)]
    assert read(node.wait_any("extra"))[3] == 2 and node.wait_any(["a", "b"], 0) is None
    node.close_outputs(["a"])
    assert node.wait_all(["b", "a"]) is None and not node.ended  # however long: no more can come from a
    assert node.send_output("b", b"\4", {"n": 4})
    assert read(node.wait_any(["a", "b"])) == ("INPUT", "b", b"\4", 4)
    rest = node.drain()
    assert [read(e) for e in rest if e["type"] == "INPUT"] == [("INPUT", "extra", b"\3", 3)], rest
    assert "a" in [e["id"] for e in rest if e["type"] == "INPUT_CLOSED"], rest


behaviour = {f.__name__: f for f in (waits, threads, counts, asynchronous, many, in_place, converts, surroundings, tries, joins, chooses)}[sys.argv[1]]
if behaviour is converts:
    sys.modules["pyarrow"] = types.SimpleNamespace(array=lambda values: ("converted", dora.from_arrow(values)))
node = dora.Node()
handle = [node]
del node
behaviour(handle.pop())
print("behaviour ends well")
