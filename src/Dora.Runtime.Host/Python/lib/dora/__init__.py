# SPDX-License-Identifier: Apache-2.0
"""What operators need of the package ``dora``, for machines where the package itself is not installed."""

from enum import IntEnum

__all__ = ["DoraStatus"]


class DoraStatus(IntEnum):
    """An operator's answer to an event."""

    CONTINUE = 0
    """Send more events."""
    STOP = 1
    """This operator is done: it gets no more events, and its outputs close."""
    STOP_ALL = 2
    """The whole dataflow is done."""


def __getattr__(name):
    problem = (
        f"'dora.{name}' is in the Python package 'dora', which is not installed; "
        "without it, operators have DoraStatus only (nodes need the package: pip install ./bindings/python)"
    )
    if name == "Node":
        raise ImportError(problem)  # the text would get lost in that of 'from dora import Node'
    raise AttributeError(problem)
