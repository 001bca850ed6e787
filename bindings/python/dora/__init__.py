# SPDX-License-Identifier: Apache-2.0
"""dora for Python: nodes of a dataflow, what operators need, and starting dataflows.

A node::

    from dora import Node

    node = Node()
    for event in node:
        if event["type"] == "INPUT":
            node.send_output("echo", event["value"], event["metadata"])

``import dora`` is cheap: libdora is loaded with the first use of :class:`Node`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._arrow import ArrowArray, array, from_arrow
from ._errors import DoraError, DoraStatus
from ._run import build, run
from ._state import StateSizeError, commit_state, delete_state, save_state

if TYPE_CHECKING:
    from ._node import Node, OutputSample

__version__ = "0.1.0"
__all__ = [
    "ArrowArray",
    "DoraError",
    "DoraStatus",
    "Node",
    "OutputSample",
    "StateSizeError",
    "array",
    "build",
    "commit_state",
    "delete_state",
    "from_arrow",
    "run",
    "save_state",
]


def __getattr__(name: str) -> Any:
    if name in ("Node", "OutputSample"):
        from . import _node

        return getattr(_node, name)
    raise AttributeError(f"module 'dora' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
