# SPDX-License-Identifier: Apache-2.0
"""The messages of this example, their checksums, and the book of what was received. What they hold is described in ../README.md."""

import datetime
import struct
import zlib

import dora

ROWS = 100
PEERS = [f"{language}-{kind}" for kind in ("node", "operator") for language in ("csharp", "python", "rust", "c", "cpp")]
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def pattern(length):
    return bytes(i * 7 % 251 for i in range(251)) * (length // 251) + bytes(i * 7 % 251 for i in range(length % 251))


def _text(i):
    return "" if i == 0 else f"{i}: grün, 世界 🙂"


def _make_cases():
    int64 = [(i - 50) * 1_000_000_007 for i in range(ROWS)]
    nulls = [None if i % 3 == 1 else int64[i] for i in range(ROWS)]
    return {
        "empty": b"",
        "bytes-8": pattern(8),
        "bytes-4096": pattern(4096),
        "bytes-4194304": pattern(4 << 20),
        "int64": dora.array(int64),
        "float32": dora.array([(i - 50) / 8 for i in range(ROWS)], "f"),
        "string": dora.array([_text(i) for i in range(ROWS)]),
        "struct": dora.array([{"x": i * 3, "name": _text(i)} for i in range(ROWS)]),
        "list": dora.array([[i * 10 + k for k in range(i % 4)] for i in range(ROWS)]),
        "nulls": dora.array(nulls),
        "null-struct": dora.array(
            [
                None if i % 4 == 2 else {"x": None if i % 3 == 1 else i * 3, "name": None if i % 5 == 3 else _text(i)}
                for i in range(ROWS)
            ]
        ),
        "sliced": dora.array(nulls)[5:25],
    }


CASES = _make_cases()


def _encode(value):
    if value is None:
        return b"\0"
    if isinstance(value, int):
        return b"\1" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\2" + struct.pack("<f", value)
    if isinstance(value, str):
        return b"\3" + _encode_text(value)
    if isinstance(value, list):
        return b"\4" + struct.pack("<I", len(value)) + b"".join(_encode(item) for item in value)
    return b"\5" + b"".join(_encode_text(name) + _encode(field) for name, field in value.items())


def _encode_text(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def describe(data):
    """(format, rows, checksum) of bytes or an Arrow array."""
    if isinstance(data, (bytes, memoryview)):
        return "C", len(data), zlib.crc32(data)
    array = dora.array(data)
    checksum = 0
    for value in array.to_pylist():
        checksum = zlib.crc32(_encode(value), checksum)
    return array.format, len(array), checksum


def checksum_of_metadata(metadata):
    """Over all parameters but itself, in the order of their names. `timestamp` is when the message was sent, and no parameter."""
    checksum = 0
    for key in sorted(metadata, key=str.encode):
        if key not in ("metadata-checksum", "timestamp"):
            checksum = zlib.crc32(_encode_text(key) + _encode_parameter(metadata[key]), checksum)
    return checksum


def _encode_parameter(value):
    if isinstance(value, bool):
        return b"\1" + bytes([value])
    if isinstance(value, int):
        return b"\2" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\3" + struct.pack("<d", value)
    if isinstance(value, str):
        return b"\4" + _encode_text(value)
    if isinstance(value, datetime.datetime):
        return b"\10" + struct.pack("<Q", (value - _EPOCH) // datetime.timedelta(microseconds=1) * 1000)
    count = struct.pack("<I", len(value))
    if isinstance(value[0], str):
        return b"\7" + count + b"".join(_encode_text(text) for text in value)
    if isinstance(value[0], float):
        return b"\6" + count + struct.pack(f"<{len(value)}d", *value)
    return b"\5" + count + struct.pack(f"<{len(value)}q", *value)


def metadata_of(me, case):
    """What is sent with a case: what it is, and a parameter of every kind."""
    kind, rows, checksum = describe(CASES[case])
    metadata = {
        "case": case,
        "from": me,
        "format": kind,
        "rows": rows,
        "checksum": checksum,
        "bool": True,
        "integer": -(2**53) - 1,
        "float": 0.1,
        "string": "Grüße, 世界 🙂",
        "integers": [1, -2, 2**63 - 1],
        "floats": [0.5, -1e300],
        "strings": ["one", "", "drei ä"],
        "stamp": _EPOCH + datetime.timedelta(microseconds=1_700_000_000_123_456),
    }
    metadata["metadata-checksum"] = checksum_of_metadata(metadata)
    return metadata


class Difference(Exception):
    """Something did not arrive as it was sent."""


class Book:
    """Who has sent what so far."""

    def __init__(self, me):
        self._me = me
        self._missing = {peer: list(CASES) for peer in PEERS}

    def check(self, sender, metadata, data, value):
        """Raises a Difference unless this message arrived as it was sent."""
        case = metadata.get("case", "?")
        name = f"differs {self._me} <- {sender}: case {case}"
        if metadata.get("metadata-checksum") != checksum_of_metadata(metadata):
            raise Difference(f"{name}: the metadata is {metadata}")
        if metadata["from"] != sender:
            raise Difference(f"{name}: it comes from {metadata['from']}")
        sent = metadata["format"], metadata["rows"], metadata["checksum"]
        received = describe(data if dora.array(value).format == "C" else value)
        if received != sent:
            raise Difference(f"{name}: (format, rows, checksum) is {received}, but {sent} was sent")
        if case not in CASES or received != describe(CASES[case]):
            raise Difference(f"{name}: (format, rows, checksum) is {received}, which is not what the case is here")
        if case not in self._missing[sender]:
            raise Difference(f"{name}: came twice")
        self._missing[sender].remove(case)
        if not self._missing[sender]:
            print(f"checked {self._me} <- {sender}: {' '.join(CASES)}")

    def close(self, sender):
        """Raises a Difference if something should still have come."""
        if self._missing[sender]:
            raise Difference(f"missing {self._me} <- {sender}: {' '.join(self._missing[sender])}")

    @property
    def is_complete(self):
        return not any(self._missing.values())
