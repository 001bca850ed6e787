# SPDX-License-Identifier: Apache-2.0
"""What operators keep beyond their own life; docs/guide/state.md."""

from __future__ import annotations

from typing import Any


class StateSizeError(ValueError):
    """The operator's state has no room for a value: ``max_size`` in the dataflow. Nothing has changed."""


def _host() -> Any:
    try:
        import _dora_host  # type: ignore[import-not-found]
    except ImportError:
        raise RuntimeError("state is for operators, in a runtime of dora; nodes keep their own") from None
    return _dora_host


def save_state(key: str, value: Any) -> None:
    """Replaces one value of the operator's state, when the event has been handled. ``value`` is bytes, or has the buffer protocol."""
    problem = _host().save_state(key, value)
    if problem is not None:
        raise StateSizeError(problem)


def delete_state(key: str) -> bool:
    """Removes one value of the operator's state, when the event has been handled; whether there was one."""
    return bool(_host().delete_state(key))


def commit_state() -> None:
    """With ``commit: explicit``: what was saved so far becomes permanent when this event has been handled."""
    _host().commit_state()
