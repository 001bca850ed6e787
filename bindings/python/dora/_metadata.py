# SPDX-License-Identifier: Apache-2.0
"""Metadata values of unusual types."""

from __future__ import annotations

import datetime
import warnings
from typing import Any, Tuple, Union

Simple = Union[bool, int, float, str, datetime.datetime, Tuple[Any, ...]]
_INT64 = range(-(1 << 63), 1 << 63)


def simplify(key: str, value: Any) -> Simple:
    """``value`` as a type that metadata can hold: bool, int (64 bits), float, str, datetime, or a tuple of one of int, float, str.

    Numbers of numpy become Python's; a mixed list of int and float becomes floats. Anything else becomes its text, with a warning.
    """
    simple = _simple(value)
    if simple is None:
        warnings.warn(f"metadata '{key}': a {type(value).__name__} becomes its text", RuntimeWarning, stacklevel=3)
        return str(value)
    return simple


def _simple(value: Any) -> Simple | None:
    if isinstance(value, (bool, str, datetime.datetime)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value) if value in _INT64 else None
    if isinstance(value, (list, tuple)):
        return _items([_simple(item) for item in value])
    if hasattr(value, "tolist") and hasattr(value, "dtype"):  # numpy, without importing it
        plain = value.tolist()
        return None if type(plain) is type(value) else _simple(plain)
    return None


def _items(items: list[Any]) -> tuple[Any, ...] | None:
    kinds = {type(item) for item in items}
    if kinds == {int, float}:
        return tuple(float(item) for item in items)
    return tuple(items) if len(kinds) == 0 or (len(kinds) == 1 and kinds <= {int, float, str}) else None
