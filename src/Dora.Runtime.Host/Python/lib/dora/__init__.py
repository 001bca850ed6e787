# SPDX-License-Identifier: Apache-2.0
"""What operators need of the package ``dora``, for machines where the package itself is not installed."""

from enum import IntEnum

__all__ = ["DoraStatus", "StateSizeError", "commit_state", "delete_state", "save_state"]


class DoraStatus(IntEnum):
    """An operator's answer to an event."""

    CONTINUE = 0
    """Send more events."""
    STOP = 1
    """This operator is done: it gets no more events, and its outputs close."""
    STOP_ALL = 2
    """The whole dataflow is done."""


class StateSizeError(ValueError):
    """The operator's state has no room for a value: ``max_size`` in the dataflow. Nothing has changed."""


def _host():
    try:
        import _dora_host
    except ImportError:
        raise RuntimeError("state is for operators, in a runtime of dora; nodes keep their own") from None
    return _dora_host


def save_state(key, value):
    """Replaces one value of the operator's state, when the event has been handled. ``value`` is bytes, or has the buffer protocol."""
    problem = _host().save_state(key, value)
    if problem is not None:
        raise StateSizeError(problem)


def delete_state(key):
    """Removes one value of the operator's state, when the event has been handled; whether there was one."""
    return _host().delete_state(key)


def commit_state():
    """With ``commit: explicit``: what was saved so far becomes permanent when this event has been handled."""
    _host().commit_state()


def __getattr__(name):
    problem = (
        f"'dora.{name}' is in the Python package 'dora', which is not installed; "
        "without it, operators have DoraStatus and their state only (nodes need the package: pip install ./bindings/python)"
    )
    if name == "Node":
        raise ImportError(problem)  # the text would get lost in that of 'from dora import Node'
    raise AttributeError(problem)
