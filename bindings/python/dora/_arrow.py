# SPDX-License-Identifier: Apache-2.0
"""Arrow arrays without pyarrow: enough to read what arrives, in place, and to send typed data. Needs no node."""

from __future__ import annotations

import array as _array
import datetime
import decimal
import struct
from typing import Any, Iterator, Sequence

from . import _arrow_c

_EPOCH = datetime.datetime(1970, 1, 1)
_DAY = datetime.date(1970, 1, 1)
_PER_SECOND = {"s": 1, "m": 10**3, "u": 10**6, "n": 10**9}
_NUMPY_UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}
# Arrow's format to the struct module's, and its size in bytes.
_NUMBERS = {
    "c": ("b", 1), "C": ("B", 1), "s": ("h", 2), "S": ("H", 2), "i": ("i", 4), "I": ("I", 4),
    "l": ("q", 8), "L": ("Q", 8), "e": ("e", 2), "f": ("f", 4), "g": ("d", 8),
}  # fmt: skip
# The struct module's format (native sizes, as memoryviews have it) to Arrow's.
_ARROW = {"b": "c", "B": "C", "c": "C", "h": "s", "H": "S", "i": "i", "I": "I", "e": "e", "f": "f", "d": "g", "n": "l", "N": "L",
          "l": "l" if struct.calcsize("l") == 8 else "i", "L": "L" if struct.calcsize("L") == 8 else "I", "q": "l", "Q": "L"}  # fmt: skip


class ArrowArray(_arrow_c.Array):
    """An Arrow array: type, values, nulls. Read-only, in place: of a received message, in shared memory.

    Made from the two capsules of the Arrow PyCapsule interface, ``ArrowArray(schema_capsule, array_capsule)``, which it takes over;
    by :func:`dora.array` from Python values; or by :func:`dora.from_arrow` from anything with ``__arrow_c_array__``.

    * ``memoryview(a)``, ``numpy.asarray(a)`` and ``a.to_numpy()`` are views of numbers without nulls. Nothing is copied.
    * ``a.to_pylist()``, ``a[i]``, ``len(a)`` and iteration give Python values; ``None`` for a null.
    * ``pyarrow.array(a)``, ``polars.Series(a)`` and the like take it over without a copy, through ``__arrow_c_array__``.

    The memory lives while the array or any view of it lives. Threads: as any Python object that nobody changes.
    """

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        """Bytes of the values of a row of numbers; ``len(a)`` times the size of one."""
        return memoryview(self).nbytes

    def to_pylist(self) -> list[Any]:
        """Python values: bool, int, float, str, bytes, list, dict for a struct, date, time, datetime, timedelta, Decimal; None for nulls."""
        values = _values(self)
        valid = _validity(self)
        return values if valid is None else [value if ok else None for value, ok in zip(values, valid)]

    tolist = to_pylist

    def to_numpy(self, zero_copy_only: bool = False) -> Any:
        """A numpy array: a read-only view of numbers, dates and times without nulls, else a copy.

        Numbers with nulls become floats with NaN, booleans ``bool``, everything else objects.
        ``zero_copy_only``: ValueError where a copy would be needed.
        """
        import numpy

        kind = self.format
        if self.null_count == 0 and (number := _storage(kind)) is not None and self._dictionary() is None:
            values = numpy.frombuffer(self, dtype=number[0]) if len(self) else numpy.empty(0, number[0])
            unit = _numpy_unit(kind)
            return values if unit is None or values.itemsize != 8 else values.view(unit)
        if zero_copy_only:
            raise ValueError(f"an Arrow array of type '{kind}' with {self.null_count} nulls is no numpy array without a copy")
        if kind in _NUMBERS and self._dictionary() is None:
            return numpy.array([float("nan") if value is None else value for value in self.to_pylist()], dtype="float64")
        return numpy.array(self.to_pylist(), dtype=bool) if kind == "b" and self.null_count == 0 else _objects(numpy, self.to_pylist())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        values = self.to_numpy()
        if dtype is not None and values.dtype != dtype:
            return values.astype(dtype)
        return values.copy() if copy else values

    def field(self, key: int | str) -> ArrowArray:
        """A column of a struct array, by number or name. Its own nulls are told; those of the struct are not."""
        if self.format != "+s":
            raise TypeError(f"an Arrow array of type '{self.format}' has no fields")
        fields = [self._child(index, self._offset, len(self)) for index in range(self._children)]
        if isinstance(key, int):
            return fields[key]
        for column in fields:
            if column.name == key:
                return column
        raise KeyError(key)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError("an Arrow array is sliced without a step")
            return self._slice(start, max(stop - start, 0))
        position = index.__index__()
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError("Arrow array index out of range")
        return self._slice(position, 1).to_pylist()[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_pylist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ArrowArray):
            return NotImplemented
        return self.format == other.format and self.to_pylist() == other.to_pylist()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(repr(value) for value in self[:10])
        return f"<dora.ArrowArray '{self.format}' of {len(self)}: [{shown}{', ...' if len(self) > 10 else ''}]>"

    def __reduce__(self) -> Any:
        raise TypeError("an Arrow array is not pickled; send it, or pickle to_pylist()")


def array(values: Any, type: str | None = None) -> ArrowArray:  # noqa: A002
    """An Arrow array of Python values, or of a buffer (a numpy array without a copy, several dimensions flattened).

    ``type``: a format string of the Arrow C Data Interface ("l" int64, "f" float32, "u" text, ...); None: that of the values: bool, int64,
    float64, text, bytes, list, struct of dictionaries. None among the values is a null.
    """
    if isinstance(values, ArrowArray):
        return values
    if hasattr(values, "__arrow_c_array__"):
        return from_arrow(values)
    typed = None if isinstance(values, (list, tuple)) else from_buffer(values)
    if typed is not None:
        if type is not None and type != typed.format:
            raise TypeError(f"the values are of type '{typed.format}', not '{type}'")
        return typed
    return _build([value.item() if hasattr(value, "dtype") else value for value in values], type)


def from_arrow(values: Any) -> ArrowArray:
    """An array of anything with ``__arrow_c_array__``: pyarrow, polars, nanoarrow. Nothing is copied."""
    return ArrowArray(*values.__arrow_c_array__())


def from_buffer(values: Any) -> ArrowArray | None:
    """The typed array over a buffer of numbers, or None when it is none. Copies only what does not lie in one piece, and booleans."""
    dtype = getattr(values, "dtype", None)
    if dtype is not None and hasattr(values, "reshape"):
        if not dtype.isnative:
            values = values.astype(dtype.newbyteorder("="))
        kind = None
        if dtype.kind in "mM" and (unit := _time_unit(dtype)) is not None:
            kind, values = ("ts" + unit + ":" if dtype.kind == "M" else "tD" + unit), values.view("i8")
        elif dtype.kind not in "biufc":
            return None
        flat = values.reshape(-1)  # a copy unless the values lie in one piece
        view = memoryview(flat if flat.flags.c_contiguous else flat.copy())
        return _of_view(view, kind)
    try:
        view = memoryview(values)
    except TypeError:
        return None
    if not view.c_contiguous:
        view = memoryview(view.tobytes()).cast(view.format)
    return _of_view(view, None)


def outgoing(data: Any) -> Any:
    """What ``Node.send_output`` hands to libdora: a buffer of bytes, or a pair of Arrow capsules."""
    capsules = getattr(data, "__arrow_c_array__", None)
    if capsules is not None:
        return capsules()
    if isinstance(data, (bytes, bytearray)):
        return data
    typed = from_buffer(data)
    if typed is None:
        hint = "encode() it" if isinstance(data, str) else "dora.array(...) makes an Arrow array of Python values"
        raise TypeError(f"bytes, a buffer of numbers or an Arrow array can be sent, not a {type(data).__name__}; {hint}")
    return typed if typed.format == "C" else typed.__arrow_c_array__()


def _of_view(view: memoryview, kind: str | None) -> ArrowArray | None:
    form = view.format.lstrip("@=<" if struct.pack("=H", 1) == b"\1\0" else "@=>")
    count = view.nbytes // view.itemsize
    if form == "?":
        return ArrowArray._build("b", count, 0, (None, _pack_bits(view.tobytes())))
    kind = kind or _ARROW.get(form)
    return None if kind is None else ArrowArray._build(kind, count, 0, (None, view))


def _time_unit(dtype: Any) -> str | None:
    unit = dtype.str.partition("[")[2].rstrip("]")
    return {"s": "s", "ms": "m", "us": "u", "ns": "n"}.get(unit)


def _numpy_unit(kind: str) -> str | None:
    if kind.startswith("ts"):
        return f"datetime64[{_NUMPY_UNITS[kind[2]]}]"
    if kind == "tdm":
        return "datetime64[ms]"
    return f"timedelta64[{_NUMPY_UNITS[kind[2]]}]" if kind.startswith("tD") else None


def _objects(numpy: Any, values: list[Any]) -> Any:
    result = numpy.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        result[index] = value
    return result


def _storage(kind: str) -> tuple[str, int] | None:
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    if kind.startswith("t") and not kind.startswith("ti"):
        return ("i", 4) if kind in ("tdD", "tts", "ttm") else ("q", 8)
    return None


# ---- Reading ------------------------------------------------------------------------------------------------------------------------


def _validity(values: ArrowArray) -> list[bool] | None:
    return None if values.null_count == 0 or values.format == "n" else _bits(values, 0)


def _bits(values: ArrowArray, buffer: int) -> list[bool]:
    start, count = values._offset, len(values)
    first = start >> 3
    data = values._view(buffer, "B", 1, first, ((start + count + 7) >> 3) - first)
    shift = start & 7
    return [bool(data[(shift + i) >> 3] >> ((shift + i) & 7) & 1) for i in range(count)]


def _values(values: ArrowArray) -> list[Any]:
    kind, count, start = values.format, len(values), values._offset
    dictionary = values._dictionary()
    if dictionary is not None:
        words = dictionary.to_pylist()
        valid = _validity(values) or [True] * count
        return [words[index] if ok and 0 <= index < len(words) else None for index, ok in zip(_numbers(values), valid)]
    if kind == "n":
        return [None] * count
    if kind == "b":
        return _bits(values, 1)
    if kind in _NUMBERS:
        return _numbers(values)
    if kind in ("u", "z", "U", "Z"):
        return _texts(values)
    if kind in ("+l", "+L", "+m"):
        return _lists(values)
    if kind == "+s":
        fields = [values._child(index, start, count) for index in range(values._children)]
        names = [field.name for field in fields]
        columns = [field.to_pylist() for field in fields]
        return [dict(zip(names, row)) for row in zip(*columns)] if columns else [{} for _ in range(count)]
    if kind.startswith("+w:"):
        size = int(kind[3:])
        items = values._child(0, start * size, count * size).to_pylist()
        return [items[index * size : (index + 1) * size] for index in range(count)]
    if kind.startswith("w:"):
        size = int(kind[2:])
        data = values._view(1, "B", 1, start * size, count * size)
        return [data[index * size : (index + 1) * size].tobytes() for index in range(count)]
    if kind.startswith("d:"):
        return _decimals(values)
    if kind.startswith("t") and _storage(kind) is not None:
        return [_time(kind, number) for number in _numbers(values)]
    raise TypeError(f"values of the Arrow type '{kind}' have no Python form here; install pyarrow")


def _numbers(values: ArrowArray) -> list[Any]:
    form, size = _storage(values.format) or ("B", 1)
    view = values._view(1, form, size, values._offset, len(values))
    if form == "e":  # memoryviews cannot read half floats
        return [number for (number,) in struct.iter_unpack("e", view.cast("B"))]
    return view.tolist()


def _offsets(values: ArrowArray, is_large: bool) -> list[int]:
    count = len(values)
    if count == 0:
        return [0]
    view = values._view(1, "q" if is_large else "i", 8 if is_large else 4, values._offset, count + 1)
    offsets = [0] * (count + 1) if view is None else view.tolist()
    if offsets[0] < 0 or any(after < before for before, after in zip(offsets, offsets[1:])):
        raise ValueError("the Arrow array's offsets are wrong")
    return offsets


def _texts(values: ArrowArray) -> list[Any]:
    kind = values.format
    offsets = _offsets(values, kind in "UZ")
    first = offsets[0]
    data = bytes(values._view(2, "B", 1, first, offsets[-1] - first))
    parts = (data[start - first : end - first] for start, end in zip(offsets, offsets[1:]))
    return [str(part, "utf-8", "replace") for part in parts] if kind in "uU" else list(parts)


def _lists(values: ArrowArray) -> list[Any]:
    offsets = _offsets(values, values.format == "+L")
    first = offsets[0]
    items = values._child(0, first, offsets[-1] - first).to_pylist()
    lists = [items[start - first : end - first] for start, end in zip(offsets, offsets[1:])]
    return [[tuple(entry.values()) for entry in entries] for entries in lists] if values.format == "+m" else lists


def _decimals(values: ArrowArray) -> list[Any]:
    parts = values.format[2:].split(",")
    scale, size = int(parts[1]), int(parts[2]) // 8 if len(parts) > 2 else 16
    data = values._view(1, "B", 1, values._offset * size, len(values) * size)
    whole = (int.from_bytes(data[i * size : (i + 1) * size], "little", signed=True) for i in range(len(values)))
    return [decimal.Decimal(number).scaleb(-scale) for number in whole]


def _time(kind: str, number: int) -> Any:
    try:
        if kind == "tdD":
            return _DAY + datetime.timedelta(days=number)
        if kind == "tdm":
            return (_EPOCH + datetime.timedelta(milliseconds=number)).date()
        microseconds = number * 10**6 // _PER_SECOND[kind[2]]
        span = datetime.timedelta(microseconds=microseconds)
        if kind.startswith("tt"):
            return (_EPOCH + span).time()
        if kind.startswith("tD"):
            return span
        zone = kind[4:]
        moment = _EPOCH + span
        return moment.replace(tzinfo=datetime.timezone.utc).astimezone(_zone(zone)) if zone else moment
    except OverflowError:
        return None  # a null's storage, or a time that Python does not know


def _zone(name: str) -> datetime.tzinfo:
    if name in ("UTC", "Etc/UTC", "+00:00"):
        return datetime.timezone.utc
    try:
        import zoneinfo

        return zoneinfo.ZoneInfo(name)
    except Exception:  # an offset such as +01:00, or a zone that this machine does not know
        return datetime.timezone.utc


# ---- Building -----------------------------------------------------------------------------------------------------------------------


def _build(values: Sequence[Any], kind: str | None) -> ArrowArray:
    kind = kind or _kind_of(values)
    count = len(values)
    nulls = sum(value is None for value in values)
    valid = _pack_bits([value is not None for value in values]) if nulls else None
    if kind == "n":
        return ArrowArray._build("n", count, count, ())
    if kind == "b":
        return ArrowArray._build("b", count, nulls, (valid, _pack_bits([bool(value) for value in values])))
    if kind in _NUMBERS:
        form, _ = _NUMBERS[kind]
        data = struct.pack(f"={count}{form}", *(0 if value is None else value for value in values))
        return ArrowArray._build(kind, count, nulls, (valid, data))
    if kind in ("u", "z", "U", "Z"):
        parts = [b"" if value is None else value.encode() if isinstance(value, str) else bytes(value) for value in values]
        return ArrowArray._build(kind, count, nulls, (valid, _lengths(parts, kind in "UZ"), b"".join(parts)))
    if kind in ("+l", "+L"):
        lists = [[] if value is None else list(value) for value in values]
        items = _build([item for part in lists for item in part], None)
        return ArrowArray._build(kind, count, nulls, (valid, _lengths(lists, kind == "+L")), (items,), ("item",))
    if kind.startswith("+w:"):
        size = int(kind[3:])
        lists = [[None] * size if value is None else list(value) for value in values]
        if any(len(part) != size for part in lists):
            raise ValueError(f"each list must have {size} items")
        return ArrowArray._build(kind, count, nulls, (valid,), (_build([item for part in lists for item in part], None),), ("item",))
    if kind == "+s":
        names = list(dict.fromkeys(name for value in values if value is not None for name in value))
        fields = tuple(_build([None if value is None else value.get(name) for value in values], None) for name in names)
        return ArrowArray._build("+s", count, nulls, (valid,), fields, tuple(names))
    if kind.startswith("tsu:"):
        numbers = [0 if value is None else _microseconds(value) for value in values]
        return ArrowArray._build(kind, count, nulls, (valid, _array.array("q", numbers)))
    raise TypeError(f"arrays of the Arrow type '{kind}' cannot be made of Python values here; install pyarrow")


def _microseconds(value: datetime.datetime) -> int:
    moment = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    return (moment - _EPOCH) // datetime.timedelta(microseconds=1)


def _kind_of(values: Sequence[Any]) -> str:
    present = [value for value in values if value is not None]
    if not present:
        return "n"
    if all(isinstance(value, bool) for value in present):
        return "b"
    if any(isinstance(value, bool) for value in present):
        raise TypeError("an Arrow array has values of one type, not bool and others")
    if all(isinstance(value, int) for value in present):
        return "l"
    if all(isinstance(value, (int, float)) for value in present):
        return "g"
    for types, kind in ((str, "u"), ((bytes, bytearray, memoryview), "z"), ((list, tuple), "+l"), (dict, "+s")):
        if all(isinstance(value, types) for value in present):
            return kind
    if all(isinstance(value, datetime.datetime) for value in present):
        return "tsu:UTC" if present[0].tzinfo else "tsu:"
    names = ", ".join(sorted({type(value).__name__ for value in present}))
    raise TypeError(f"an Arrow array has values of one type: bool, int, float, str, bytes, list, dict or datetime; not {names}")


def _lengths(parts: Sequence[Any], is_large: bool) -> Any:
    offsets = _array.array("q" if is_large else "i", [0])
    end = 0
    for part in parts:
        end += len(part)
        offsets.append(end)
    return offsets


def _pack_bits(values: Any) -> bytes:
    packed = bytearray((len(values) + 7) >> 3)
    for index, value in enumerate(values):
        if value:
            packed[index >> 3] |= 1 << (index & 7)
    return bytes(packed)
