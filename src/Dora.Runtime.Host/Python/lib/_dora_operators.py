# SPDX-License-Identifier: Apache-2.0
"""What dora-runtime runs Python operators with: loading, events, output, errors. Not for operators to import."""

import importlib.util
import io
import linecache
import logging
import os
import re
import sys
import threading
import traceback
import types
from datetime import datetime, timedelta, timezone

import _dora_host  # functions of the process that we live in

_HERE = __file__
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LONG = range(-(2**63), 2**63)
_current = threading.local()  # .operator: whose code runs on this thread
_unfinished = set()  # streams with a line that has no end yet


# ---------------------------------------------------------------- received data


class Bytes(_dora_host.Payload):
    """Bytes that another node or operator sent, in place and read-only; as an Arrow array they are of type uint8."""

    __slots__ = ()

    type = "uint8"
    null_count = 0

    def __len__(self):
        return len(memoryview(self))

    def __getitem__(self, index):
        return memoryview(self)[index]

    def __iter__(self):
        return iter(memoryview(self))

    def __repr__(self):
        return f"<{len(self)} bytes of a dora message>"

    def __eq__(self, other):
        return memoryview(self) == other

    __hash__ = None

    def to_pylist(self):
        """A list of int."""
        return memoryview(self).tolist()

    def to_numpy(self, zero_copy_only=True):
        """A uint8 array over the same memory, not writable."""
        import numpy

        return numpy.frombuffer(self, dtype=numpy.uint8)

    def tobytes(self):
        """A copy."""
        return bytes(memoryview(self))

    def __arrow_c_array__(self, requested_schema=None):
        """For pyarrow, polars and their like, which take it over without a copy."""
        return _dora_host.export(self)


class Typed:
    """An Arrow array of another type, where neither pyarrow nor the package dora is installed: numbers can be read, the rest passed on."""

    __slots__ = ("_payload",)

    def __init__(self, payload):
        self._payload = payload

    def __arrow_c_array__(self, requested_schema=None):
        """For pyarrow, polars and their like, and for send_output."""
        return _dora_host.export(self._payload)

    def to_numpy(self, zero_copy_only=True):
        """Numbers without nulls, over the same memory, not writable."""
        import numpy

        kind, *numbers = _dora_host.describe(self._payload).split() or (None,)
        if kind not in _NUMPY:
            raise ImportError("only numbers without nulls are read without the package 'dora' (pip install ./bindings/python) or pyarrow")
        start, skipped, count = map(int, numbers)
        dtype = numpy.dtype(_NUMPY[kind])
        if count == 0:
            return numpy.empty(0, dtype)
        return numpy.frombuffer(self._payload, dtype, count, start + skipped * dtype.itemsize)

    def __array__(self, dtype=None, copy=None):
        return self.to_numpy() if dtype is None else self.to_numpy().astype(dtype)

    def to_pylist(self):
        """A list of numbers."""
        return self.to_numpy().tolist()

    def __len__(self):
        return len(self.to_numpy())


# Arrow's formats of numbers, as numpy's types.
_NUMPY = {"c": "i1", "s": "i2", "S": "u2", "i": "i4", "I": "u4", "l": "i8", "L": "u8", "e": "f2", "f": "f4", "g": "f8"}


def _find_arrow():
    """What makes the value of plain bytes, and that of an Arrow array."""
    if importlib.util.find_spec("pyarrow") is not None:
        import pyarrow

        uint8 = pyarrow.uint8()
        return (
            lambda payload, view: pyarrow.Array.from_buffers(uint8, view.nbytes, [None, pyarrow.py_buffer(view)]),
            lambda payload: pyarrow.array(Typed(payload)),
        )
    try:
        from dora import ArrowArray
    except ImportError:
        return (lambda payload, view: payload), Typed
    return (
        lambda payload, view: ArrowArray._build("C", view.nbytes, 0, (None, view)),
        lambda payload: ArrowArray(*_dora_host.export(payload)),
    )


_value_of_bytes = _value_of_array = None


# ---------------------------------------------------------------- metadata that is sent

_BOOL, _INTEGER, _FLOAT, _STRING, _INTEGERS, _FLOATS, _STRINGS, _TIMESTAMP = range(2, 10)


def _parameters(metadata):
    """A dictionary as a list of (key, kind, value), which the host reads without a question left."""
    result = []
    for key, value in metadata.items():
        if not isinstance(key, str):
            raise TypeError(f"the keys of metadata are str, not {type(key).__name__}: {key!r}")
        if key == "timestamp" and isinstance(value, datetime):
            continue  # of a received message that is passed on; each message has its own
        entry = _parameter(key, value)
        if entry is not None:
            result.append((key, *entry))
    return result


def _parameter(key, value):
    if value is None:
        return None
    if isinstance(value, bool):
        return _BOOL, int(value)
    if isinstance(value, int):
        return _INTEGER, _long(key, value)
    if isinstance(value, float):
        return _FLOAT, value
    if isinstance(value, str):
        return _STRING, value
    if isinstance(value, datetime):
        return _TIMESTAMP, _nanoseconds(key, value)
    if isinstance(value, (list, tuple)):
        return _list(key, value)
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        return _parameter(key, value.tolist())
    raise TypeError(
        f"metadata[{key!r}] is a {type(value).__name__}; metadata can be bool, int, float, str, datetime, and lists of int, float or str"
    )


def _list(key, values):
    if all(isinstance(v, int) and not isinstance(v, bool) for v in values) and values:
        return _INTEGERS, [_long(key, v) for v in values]
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values) and values:
        return _FLOATS, [float(v) for v in values]
    if all(isinstance(v, str) for v in values):
        return _STRINGS, list(values)
    raise TypeError(f"metadata[{key!r}] is a list of mixed or other types; lists are of int, of float or of str")


def _long(key, value):
    if value not in _LONG:
        raise ValueError(f"metadata[{key!r}] = {value} has more than 64 bits")
    return int(value)


def _nanoseconds(key, value):
    if value.tzinfo is None:
        raise ValueError(f"metadata[{key!r}] is a datetime without a time zone; use datetime.now(timezone.utc)")
    return (value - _EPOCH) // timedelta(microseconds=1) * 1000


def send_output(output_id, data, metadata=None):
    """Sends data to everybody who has this output as input.

    output_id: an output that the dataflow lists for this operator.
    data: bytes, or anything with the buffer protocol (bytearray, memoryview, a numpy array) or __arrow_c_array__ (pyarrow, a received value);
        copied once. Numbers of more than one byte keep their type.
    metadata: dict of bool, int, float, str, datetime, and lists of int, float or str.
    Only within on_event, and on the thread that called it. Never waits.
    """
    parameters = _parameters(metadata) if metadata else None
    try:
        capsules = getattr(data, "__arrow_c_array__", None)
        if capsules is None or type(data) is Bytes:
            _dora_host.send(output_id, data, parameters)
        else:
            _dora_host.send_arrow(output_id, *capsules(), parameters)
    except TypeError:
        if isinstance(data, str):
            raise TypeError("an output is bytes, not str: send text.encode()") from None
        if not isinstance(output_id, str):
            raise TypeError(f"the output's name is a str, not {type(output_id).__name__}") from None
        raise TypeError(
            f"an output is bytes, or something with the buffer protocol like a numpy array; this is a {type(data).__name__}"
        ) from None


# ---------------------------------------------------------------- operators


class Program:
    """The file of an operator, loaded."""

    def __init__(self, operator_id, path):
        self.operator_id = operator_id
        self.path = path
        self.name = "dora_operator_" + re.sub(r"\W", "_", operator_id)
        self._class = None

    def load(self):
        """Runs the file as it is now. Returns None, or what went wrong."""
        folder = os.path.dirname(self.path)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        _current.operator = self.operator_id
        try:
            linecache.checkcache(self.path)
            importlib.invalidate_caches()
            with open(self.path, "rb") as file:
                source = file.read()
            module = types.ModuleType(self.name)
            module.__file__ = self.path
            code = compile(source, self.path, "exec", dont_inherit=True)  # not from a .pyc, which is as old as its second
            before = sys.modules.get(self.name)
            sys.modules[self.name] = module
            try:
                exec(code, module.__dict__)
                self._class = self._operator_of(module)
            except BaseException:
                if before is None:
                    del sys.modules[self.name]
                else:
                    sys.modules[self.name] = before
                raise
            return None
        except _NoOperator as e:
            return f"{e}\n"
        except BaseException as e:
            return _explain(e, self.path)
        finally:
            _end_of_call()

    def _operator_of(self, module):
        operator = getattr(module, "Operator", None)
        if operator is None:
            raise _NoOperator(f"{self.path} has no class 'Operator'; write one with a method on_event(self, event, send_output)")
        if not isinstance(operator, type) or not callable(getattr(operator, "on_event", None)):
            raise _NoOperator(f"{self.path}: 'Operator' is not a class with a method on_event(self, event, send_output)")
        return operator

    def create(self):
        """A fresh instance, or a text that says what went wrong."""
        _current.operator = self.operator_id
        try:
            return Instance(self, self._class())
        except BaseException as e:
            return _explain(e, self.path)
        finally:
            _end_of_call()


class Instance:
    """One instance of an operator. Methods answer with the status as a number, or with a text that says what went wrong."""

    __slots__ = ("_operator_id", "_path", "_on_event", "_restore")

    def __init__(self, program, operator):
        self._operator_id = program.operator_id
        self._path = program.path
        self._on_event = operator.on_event
        self._restore = getattr(operator, "restore_state", None)

    def restore(self, state, reason, incarnation, version, damaged):
        """Gives the operator what was saved before it, if it wants to know."""
        _current.operator = self._operator_id
        try:
            if self._restore is not None:
                info = {
                    "reason": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason).upper(),
                    "incarnation": incarnation,
                    "version": version,
                    "damaged_keys": damaged.split("\n") if damaged else [],
                }
                if _takes_two(self._restore):
                    self._restore(state, info)
                else:
                    self._restore(state)
            return 0
        except BaseException as e:
            return _explain(e, self._path)
        finally:
            _end_of_call()

    def on_input(self, input_id, payload, metadata, is_array):
        _current.operator = self._operator_id
        view = memoryview(payload)
        try:
            status = self._on_event(
                {
                    "kind": "dora",
                    "type": "INPUT",
                    "id": input_id,
                    "value": _value_of_array(payload) if is_array else _value_of_bytes(payload, view),
                    "data": view,
                    "metadata": metadata,
                },
                send_output,
            )
            return status + 0 if type(status) is _status_type else _status(status)
        except BaseException as e:
            return _explain(e, self._path)
        finally:
            if _unfinished:
                _end_of_call()
            _current.operator = None

    def on_other(self, kind, subject, error):
        event = {"kind": "dora", "type": kind}
        if subject:
            event["id"] = subject
        if error:
            event["error"] = error
        _current.operator = self._operator_id
        try:
            return _status(self._on_event(event, send_output))
        except BaseException as e:
            return _explain(e, self._path)
        finally:
            _end_of_call()

    def drop(self):
        """Forgets the operator, so that its destructor runs now."""
        _current.operator = self._operator_id
        try:
            self._on_event = self._restore = None
            return 0
        finally:
            _end_of_call()


def _takes_two(method):
    """Whether restore_state(self, state) has a second parameter of its own."""
    code = getattr(method, "__code__", None) or getattr(getattr(method, "__func__", None), "__code__", None)
    return code is not None and (code.co_argcount > 2 or bool(code.co_flags & 0x04))


class _NoOperator(Exception):
    pass


class _WrongStatus(Exception):
    pass


_status_type = None


def _status(status):
    if isinstance(status, int) and not isinstance(status, bool) and 0 <= status <= 2:
        return int(status)
    value = getattr(status, "value", None)  # an enum of the operator's own
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2:
        return value
    if isinstance(status, types.CoroutineType):
        status.close()
        raise _WrongStatus("on_event is 'async def'; operators are called, not awaited: make it 'def'")
    raise _WrongStatus(
        f"on_event returned {status!r}; it must end with 'return DoraStatus.CONTINUE', DoraStatus.STOP or DoraStatus.STOP_ALL"
        " ('from dora import DoraStatus')"
    )


def _explain(error, path):
    """First line: what went wrong and where. Then Python's traceback, without our own frames."""
    if isinstance(error, _WrongStatus):
        return f"{error}\n"
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename == _HERE:
        tb = tb.tb_next
    where = ""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{error.filename}:{error.lineno}: "
    else:
        for frame in traceback.extract_tb(tb):
            if frame.filename == path:
                where = f"{path}:{frame.lineno}: "
    summary = traceback.format_exception_only(type(error), error)[-1].strip()
    if isinstance(error, SystemExit):
        summary = f"SystemExit: {error.code} (sys.exit() ends this instance only; an operator that is done returns DoraStatus.STOP)"
    text = "".join(traceback.format_exception(type(error), error, tb)).rstrip()
    error.__traceback__ = None  # its frames hold the event, and so the sender's memory
    return f"{where}{' '.join(summary.splitlines())}\n{text}"


def _end_of_call():
    if _unfinished:
        _out.flush()
        _err.flush()
    _current.operator = None


# ---------------------------------------------------------------- print and logging


class _Lines(io.TextIOBase):
    """Standard output or error: whole lines, each with the name of the operator that wrote it."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._rests = {}  # by operator: a line that has no end yet
        self._lock = threading.RLock()

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        name = getattr(_current, "operator", None)
        with self._lock:
            *lines, rest = (self._rests.pop(name, "") + text).split("\n")
            if rest:
                self._rests[name] = rest
                _unfinished.add(self)
            if lines:
                self._put(name, lines)
        return len(text)

    def flush(self):
        """The end of an event is the end of a line too: nothing shall wait for a newline that never comes."""
        name = getattr(_current, "operator", None)
        with self._lock:
            rest = self._rests.pop(name, None)
            if rest is not None:
                self._put(name, [rest])
            if not self._rests:
                _unfinished.discard(self)

    def _put(self, name, lines):
        prefix = f"{name}: " if name else ""
        text = "".join(f"{line}\n" if line.startswith('{"') else f"{prefix}{line}\n" for line in lines)  # JSON names itself
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._descriptor, data) :]


_out = _Lines(1)
_err = _Lines(2)


class _LogHandler(logging.Handler):
    """Python's logging as records of dora's log, with the operator's name."""

    def emit(self, record):
        try:
            level = 0 if record.levelno >= 40 else 1 if record.levelno >= 30 else 2 if record.levelno >= 20 else 3 if record.levelno >= 10 else 4
            name = getattr(_current, "operator", None) or "python"
            target = name if record.name == "root" else f"{name}.{record.name}"
            _dora_host.log(level, target, self.format(record))
        except Exception:
            self.handleError(record)


def start():
    """Once, before the first operator."""
    global _value_of_bytes, _value_of_array, _status_type
    sys.stdout = sys.__stdout__ = _out
    sys.stderr = sys.__stderr__ = _err
    sys.argv = [""]
    root = logging.getLogger()
    root.addHandler(_LogHandler())
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    from dora import DoraStatus  # an installed package comes before the one beside us

    _status_type = DoraStatus if issubclass(DoraStatus, int) else None
    _value_of_bytes, _value_of_array = _find_arrow()
