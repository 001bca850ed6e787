# SPDX-License-Identifier: Apache-2.0
"""The node: what a process of a dataflow calls."""

from __future__ import annotations

import asyncio
import collections
import json
import threading
from types import TracebackType
from typing import Any, Iterable, Iterator, Mapping, Protocol

from . import _events, _native
from . import logging as _logging
from ._arrow import ArrowArray, outgoing

Event = dict[str, Any]
_LEVELS = {"error": 0, "warn": 1, "warning": 1, "info": 2, "debug": 3, "trace": 4}
_SLICE_NS = 100_000_000


class OutputSample(Protocol):
    """A message under construction in shared memory, from :meth:`Node.send_output_raw`.

    Ends with its ``with`` block: sent, or discarded after an exception. Its memory is dead then. Threads: one at a time.
    """

    def as_memoryview(self) -> memoryview:
        """The bytes to write, not zeroed. The view ends with the sample."""

    def send(self) -> bool:
        """Sends the message before the block ends. False: the node shall stop, and it was not sent."""

    def discard(self) -> None:
        """Gives the memory back unsent."""

    def __len__(self) -> int: ...

    def __enter__(self) -> OutputSample: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool: ...


class Node:
    """This process as a node of the dataflow that started it. Creating one joins, and waits until the dataflow starts.

    Events are dictionaries with ``kind`` ("dora"), ``type`` and, as far as they apply, ``id``, ``value``, ``data``, ``metadata``,
    ``error`` and ``reason``:

    ================== =============================================================================================================
    ``INPUT``          a message: ``id`` of the input, ``value`` an Arrow array (of pyarrow where that is installed, else
                       :class:`dora.ArrowArray`), ``data`` its bytes as a read-only memoryview, ``metadata`` a dictionary
    ``INPUT_CLOSED``   an input ended, or is late; ``id``, ``reason``
    ``INPUT_RECOVERED`` a late input brings messages again; ``id``
    ``NODE_RESTARTED`` a node upstream was started again; ``id`` of the node
    ``NODE_FAILED``    a node upstream failed; ``id``, ``error``, ``value`` with source_node_id, affected_input_ids and error
    ``JOINED``         messages that belong together, by the node's ``join`` or from :meth:`wait_all`: ``inputs``, a list of ``INPUT``
                       events, one input after the other; ``reason``: complete,
                       partial or timed out; ``missing``: members without a message
    ``RELOAD``         an operator shall be loaded again; ``id``
    ``STOP``           the node shall end; ``id`` is MANUAL, ALL_INPUTS_CLOSED or DAEMON_LOST
    ``ERROR``          a connection was cut; ``error``
    ================== =============================================================================================================

    Ownership: ``value`` and ``data`` lie in shared memory, and stay valid while they or any view of them (numpy arrays, slices, pyarrow
    arrays) live. A node that keeps many makes its senders drop or wait, so keep copies (``bytes(event["data"])``) of what must stay.

    Threads: every method may be called from any thread; threads that receive take turns. A fork of the process cannot use the node: use
    ``subprocess``, or ``multiprocessing`` with "spawn".

    :raises DoraError: this process was not started by a dataflow.
    """

    def __init__(self, node_id: str | None = None) -> None:
        self._native = _native.Node(ArrowArray, _pyarrow_converter())
        if node_id is not None and node_id != self._native.id():
            raise ValueError(f"the dataflow calls this node '{self._native.id()}', not '{node_id}'")
        self._pending: collections.deque[Event] = collections.deque()  # received, but not wanted any more by who waited
        _logging.bridge(self)

    # ---- Receiving ------------------------------------------------------------------------------------------------------------------

    def next(self, timeout: float | None = None) -> Event | None:
        """Waits for the next event, for ``timeout`` seconds at most. None: nothing came in time, or the node has ended (:attr:`ended`).

        The GIL is released while waiting. A signal's handler runs within 100 ms: Ctrl-C raises KeyboardInterrupt.
        """
        if self._pending and (event := self._kept()) is not None:
            return event
        return self._native.next(_nanoseconds(timeout))

    def wait_any(self, inputs: Iterable[str], timeout: float | None = None) -> Event | None:
        """Waits for the next message of one of some inputs, for ``timeout`` seconds at most: ``node.wait_any(["left", "right"])``.

        Everything else stays queued, in its order, and is received afterwards; its queues keep their policies meanwhile. Inputs are
        served in turn. Signals and threads: as :meth:`next`.

        None: nothing came in time; all these inputs are closed and drained; or the node is to stop or has ended: :meth:`next` tells.

        :raises DoraError: the node has no such input, it is named twice, or it belongs to the node's ``join``.
        :raises ValueError: no input is named.
        """
        names = _names(inputs)
        if kept := self._claim(names, 1):
            return kept[0]
        return self._native.wait(names, False, _nanoseconds(timeout))

    def wait_all(self, inputs: Iterable[str], timeout: float | None = None) -> Event | None:
        """Waits until each of some inputs has a message, and takes the oldest of each: a ``JOINED`` event with ``inputs`` in this order.

        None: as :meth:`wait_any`, and when one of these inputs is closed and drained; nothing was taken then. Errors: the same.
        """
        names = _names(inputs)
        kept = self._claim(names, len(names))
        if not kept:
            return self._native.wait(names, True, _nanoseconds(timeout))
        found = {event["id"]: event for event in kept}
        joined: Event | None = None
        rest = tuple(name for name in names if name not in found)
        try:
            joined = self._native.wait(rest, True, _nanoseconds(timeout)) if rest else _events.other(10, "", "complete", [])
        finally:
            if joined is None:
                self._pending.extendleft(reversed(kept))
        if joined is not None:
            found.update({event["id"]: event for event in joined.get("inputs", ())})
            joined["inputs"] = [found[name] for name in names if name in found]
        return joined

    def try_recv(self) -> Event | None:
        """An event that has come already, or None."""
        return self.next(0)

    def drain(self) -> list[Event]:
        """All events that have come already."""
        events = []
        while (event := self.next(0)) is not None:
            events.append(event)
        return events

    def is_empty(self) -> bool:
        """Whether no event has come yet."""
        if not self._pending and (event := self._native.next(0)) is not None:
            self._pending.append(event)
        return not self._pending

    async def recv_async(self, timeout: float | None = None) -> Event | None:
        """Like :meth:`next`, for asyncio. Cancelling loses no event."""
        event = self.next(0)
        if event is not None or self.ended or (timeout is not None and timeout <= 0):
            return event
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Event | None] = loop.create_future()
        threading.Thread(target=self._wait_for, args=(loop, future), name="dora-recv-async", daemon=True).start()
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            return None

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._pending and (event := self._kept()) is not None:
            return event
        event = self._native.next(-1)
        if event is None:
            raise StopIteration
        return event

    @property
    def ended(self) -> bool:
        """Whether there will be no more events."""
        return self._native.ended and not self._pending

    # ---- Sending --------------------------------------------------------------------------------------------------------------------

    def send_output(self, output_id: str, data: Any, metadata: Mapping[str, Any] | None = None) -> bool:
        """Sends a message; one copy, into shared memory. Waits while a subscriber with ``queue_policy: backpressure`` is full.

        ``data``: bytes; anything with ``__arrow_c_array__`` (pyarrow, polars, :func:`dora.array`); or a buffer of numbers: a numpy array,
        ``array.array`` or typed memoryview is sent as the Arrow array of its type, flattened. uint8 and bytes are the same.

        ``metadata``: values of type bool, int (64 bits), float, str, datetime, or a list of one of int, float, str; others become their
        text, with a warning. A ``timestamp`` that is a datetime is left out: each message has its own.

        Returns False when the wait ended because the node shall stop, and nothing was sent. Other threads run meanwhile, but a signal's
        handler runs only after the wait.

        :raises DoraError: no such output, it was closed, or the message is too large.
        """
        if type(data) is not bytes:
            data = outgoing(data)
        return self._native.send(output_id, data, metadata if metadata is None or type(metadata) is dict else dict(metadata))

    def try_send_output(self, output_id: str, data: Any, metadata: Mapping[str, Any] | None = None) -> bool:
        """Like :meth:`send_output`, but never waits. False: a subscriber pushes back, or all shared memory is in use; nothing was sent."""
        if type(data) is not bytes:
            data = outgoing(data)
        return self._native.send(output_id, data, metadata if metadata is None or type(metadata) is dict else dict(metadata), False)

    def send_output_raw(self, output_id: str, length: int, metadata: Mapping[str, Any] | None = None) -> OutputSample:
        """Lends ``length`` bytes of shared memory to build a message in; sent, without a copy, when the ``with`` block ends::

            with node.send_output_raw("image", 640 * 480 * 3) as sample:
                numpy.frombuffer(sample.as_memoryview(), "uint8")[:] = 0

        An array that is still in a variable at the end of the block makes dora copy the message, with a RuntimeWarning: ``del`` it.
        """
        return self._native.loan(output_id, length, None if metadata is None else dict(metadata))

    def close_outputs(self, output_ids: Iterable[str] | None = None) -> None:
        """Ends outputs (None: all): subscribers get what is queued, then INPUT_CLOSED."""
        if output_ids is None:
            self._native.close_output(None)
            return
        for output_id in [output_ids] if isinstance(output_ids, str) else output_ids:
            self._native.close_output(output_id)

    def subscriber_count(self, output_id: str) -> int:
        """How many inputs the next message of an output would reach."""
        return self._native.subscribers(output_id)

    # ---- Logs -----------------------------------------------------------------------------------------------------------------------

    def log(self, level: str, message: str, target: str | None = None, fields: Mapping[str, Any] | None = None) -> None:
        """Writes a record to the dataflow's log. ``level``: error, warn, info, debug or trace; ``fields`` are appended as key=value."""
        number = _LEVELS.get(level.lower())
        if number is None:
            raise ValueError(f"'{level}' is no log level: error, warn, info, debug, trace")
        if fields:
            message = " ".join([message, *(f"{key}={value}" for key, value in fields.items())])
        self._native.log(number, message, target)

    def log_error(self, message: str, target: str | None = None) -> None:
        """Writes an error."""
        self._native.log(0, message, target)

    def log_warn(self, message: str, target: str | None = None) -> None:
        """Writes a warning."""
        self._native.log(1, message, target)

    def log_info(self, message: str, target: str | None = None) -> None:
        """Writes a piece of information."""
        self._native.log(2, message, target)

    def log_debug(self, message: str, target: str | None = None) -> None:
        """Writes a record for debugging."""
        self._native.log(3, message, target)

    def log_trace(self, message: str, target: str | None = None) -> None:
        """Writes a record of the finest level."""
        self._native.log(4, message, target)

    # ---- What is known --------------------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The node's name in the dataflow."""
        return self._native.id()

    def dataflow_id(self) -> str:
        """Id of this run of the dataflow, a UUID."""
        return self._native.dataflow_id()

    def dataflow_descriptor(self) -> Any:
        """The dataflow: a dictionary where PyYAML is installed, else its YAML text."""
        text = self._native.descriptor()
        try:
            import yaml
        except ImportError:
            return text
        return yaml.safe_load(text)

    def node_config(self) -> dict[str, Any]:
        """id, dataflow_id, working_directory, restart_count, pool_bytes_max, inputs, outputs."""
        config: dict[str, Any] = json.loads(self._native.config())
        return config

    def is_restart(self) -> bool:
        """Whether this node ran before in this run of the dataflow."""
        return self.restart_count() > 0

    def restart_count(self) -> int:
        """How often this node was started before in this run of the dataflow."""
        return self._native.restart_count()

    def timestamp(self) -> int:
        """A stamp of the hybrid logical clock: nanoseconds since 1970 UTC, later than every stamp given out or received so far."""
        return self._native.timestamp()

    # ---- Ending ---------------------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._native.closed

    def close(self) -> None:
        """Leaves the dataflow: outputs end, waits end. What was received stays valid while anybody holds it. Needed rarely: the end of
        the program, or of the last reference to the node, does the same."""
        self._native.close()

    def __enter__(self) -> Node:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<dora.Node {'closed' if self.closed else repr(self.id)}>"

    # ---- Helpers --------------------------------------------------------------------------------------------------------------------

    def _claim(self, names: tuple[str, ...], count: int) -> list[Event]:
        """Takes the oldest message of up to ``count`` inputs out of what is pending: received by is_empty, or by a wait that was cancelled."""
        if not self._pending:
            return []
        events: list[Event] = []
        while (event := self._kept()) is not None:
            events.append(event)
        claimed: dict[str, Event] = {}
        rest: list[Event] = []
        for event in events:
            if event["type"] == "INPUT" and event["id"] in names and event["id"] not in claimed and len(claimed) < count:
                claimed[event["id"]] = event
            else:
                rest.append(event)
        self._pending.extendleft(reversed(rest))
        return list(claimed.values())

    def _kept(self) -> Event | None:
        try:
            return self._pending.popleft()
        except IndexError:  # another thread was faster
            return None

    def _wait_for(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Event | None]) -> None:
        """On a thread: receives until an event comes or the waiting task gives up."""
        native, event, error = self._native, None, None
        try:
            while event is None and not native.ended and not future.cancelled():
                event = native.next(_SLICE_NS)
        except Exception as e:
            error = e

        def deliver() -> None:
            if not future.done():
                if error is not None:
                    future.set_exception(error)
                else:
                    future.set_result(event)
            elif event is not None:
                self._pending.append(event)

        try:
            loop.call_soon_threadsafe(deliver)
        except RuntimeError:  # the loop was closed
            if event is not None:
                self._pending.append(event)


def _nanoseconds(timeout: float | None) -> int:
    return -1 if timeout is None else max(int(timeout * 1e9), 0)


def _names(inputs: Iterable[str]) -> tuple[str, ...]:
    return (inputs,) if isinstance(inputs, str) else tuple(inputs)


def _pyarrow_converter() -> Any:
    try:
        import pyarrow
    except ImportError:
        return None
    return pyarrow.array  # takes __arrow_c_array__ over, without a copy
