# SPDX-License-Identifier: Apache-2.0
"""`kinds.py source` sends a message of each kind at each tick, `kinds.py sink` compares what it gets with what was sent."""

import datetime
import sys
import warnings
import zlib

import dora
import numpy as np

METADATA = {
    "bool": True,
    "int": -(1 << 62),
    "float": 2.5,
    "str": "grüße",
    "ints": [1, -2, 3],
    "floats": [0.5, 1.0],
    "strs": ["a", "", "ß"],
    "none": [],
    "time": datetime.datetime(2024, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc),
}
ARRAYS = {
    "int64": [1, -2, 3],
    "nulls": [1, None, 3],
    "float64": [0.5, None, -1.5],
    "bool": [True, None, False],
    "text": ["a", None, "größer"],
    "bytes": [b"\0\1", b"", None],
    "list": [[1, 2], [], None, [None]],
    "struct": [{"x": 1, "y": "a", "z": [1.5]}, None, {"x": None, "y": "b", "z": []}],
    "null": [None, None],
    "empty": [],
    "time": [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), None],
}
NUMPY = {
    f"numpy_{dtype}": np.arange(12).astype(dtype).reshape(3, 4)
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "bool")
}
SIZES = (0, 8, 4096, 4 << 20)


def payload(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


def source() -> None:
    node = dora.Node()
    for event in node:
        if event["type"] == "INPUT":
            break
    for size in SIZES:
        data = payload(size)
        assert node.send_output("out", data, {"kind": "raw", "size": size, "crc": zlib.crc32(data), **METADATA})
    for name, values in ARRAYS.items():
        node.send_output("out", dora.array(values), {"kind": "array", "name": name})
    for name, values in NUMPY.items():
        node.send_output("out", values, {"kind": "numpy", "name": name})
    with node.send_output_raw("out", 1000, {"kind": "loan"}) as sample:
        np.frombuffer(sample.as_memoryview(), "uint8")[:] = 7
    try:
        with node.send_output_raw("out", 8, {"kind": "never"}):
            raise KeyError("given up")
    except KeyError:
        pass
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with node.send_output_raw("out", 8, {"kind": "copy"}) as sample:
            view = np.frombuffer(sample.as_memoryview(), "uint8")
            view[:] = 9
        view[:] = 1  # nobody sees it
    assert [w.category for w in caught] == [RuntimeWarning]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        node.send_output("out", b"", {"kind": "odd", "numpy": np.int32(5), "mixed": [1, 2.5], "other": {"a": 1}})
    assert [w.category for w in caught] == [RuntimeWarning], caught
    for bad in ("text", [1, 2], 5, None):
        try:
            node.send_output("out", bad)
            raise AssertionError(f"{bad!r} was sent")
        except TypeError:
            pass
    for send in (lambda: node.send_output("nowhere", b""), lambda: node.send_output_raw("nowhere", 5)):
        try:
            send()
            raise AssertionError("there is no such output")
        except dora.DoraError as error:
            assert error.status == -3, error.status
    node.close_outputs(["out"])
    try:
        node.send_output("out", b"")
        raise AssertionError("the output was closed")
    except dora.DoraError as error:
        assert error.status == 6, error.status


def sink() -> None:
    node = dora.Node()
    seen = []
    last = None
    for event in node:
        if event["type"] != "INPUT":
            continue
        metadata = event["metadata"]
        stamp = metadata.pop("timestamp")
        assert stamp.tzinfo is datetime.timezone.utc and (last is None or stamp >= last)
        last = stamp
        value, data, kind = event["value"], event["data"], metadata.pop("kind")
        assert data.readonly and memoryview(data).format == "B"
        seen.append(kind)
        if kind == "raw":
            assert len(data) == metadata.pop("size") and zlib.crc32(data) == metadata.pop("crc")
            assert metadata == METADATA, metadata
            assert bytes(value) == bytes(data) and value.format == "C"
        elif kind == "array":
            assert value.to_pylist() == ARRAYS[metadata["name"]], (metadata["name"], value)
            again = dora.ArrowArray(*value.__arrow_c_array__())
            assert again == value
        elif kind == "numpy":
            sent = NUMPY[metadata["name"]]
            got = value.to_numpy()
            assert got.dtype == sent.dtype and np.array_equal(got, sent.reshape(-1)), (metadata["name"], got)
            assert sent.dtype == bool or (not got.flags.writeable and bytes(data) == sent.tobytes())
        elif kind == "loan":
            assert bytes(data) == b"\7" * 1000
        elif kind == "copy":
            assert bytes(data) == b"\x09" * 8
        else:
            assert kind == "odd" and metadata == {"numpy": 5, "mixed": [1.0, 2.5], "other": "{'a': 1}"}, metadata
    assert seen == ["raw"] * len(SIZES) + ["array"] * len(ARRAYS) + ["numpy"] * len(NUMPY) + ["loan", "copy", "odd"], seen
    assert node.ended and node.next(0) is None
    print("kinds: all is right")


{"source": source, "sink": sink}[sys.argv[1]]()
