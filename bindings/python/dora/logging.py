# SPDX-License-Identifier: Apache-2.0
"""Python's ``logging`` as records of the dataflow's log.

A :class:`dora.Node` bridges by itself: where ``logging.basicConfig``, called by the program or by ``logging.info`` and the like, would write
to stderr, records go to the dataflow's log, with their level and the logger's name as target; so do those of a program that configures
nothing. Handlers that a program chooses itself (a file, a stream) stay what they are; to have the dataflow's log beside them:
``logging.getLogger().addHandler(dora.logging.DoraHandler(node))``.
"""

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._node import Node


class DoraHandler(logging.Handler):
    """Writes records to the log of a node's dataflow. Does not keep the node alive; without it, records go to stderr."""

    def __init__(self, node: Node, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._node = weakref.ref(node)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        try:
            node = self._node()
            if node is None or node.closed:
                _stderr.handle(record)
            else:
                node.log(level_name(record.levelno), self.format(record), record.name)
        except Exception:
            self.handleError(record)


def level_name(level: int) -> str:
    """dora's name of a level of ``logging``."""
    if level >= logging.ERROR:
        return "error"
    if level >= logging.WARNING:
        return "warn"
    if level >= logging.INFO:
        return "info"
    return "debug" if level >= logging.DEBUG else "trace"


def bridge(node: Node) -> None:
    """What a node does when it starts."""
    global _bridged
    _bridged = DoraHandler(node)
    logging.lastResort = _bridged
    logging.basicConfig = _basic_config


def _basic_config(**options: Any) -> None:
    if _bridged is not None and not any(options.get(name) is not None for name in ("handlers", "filename", "stream")):
        if not any(name in options for name in ("format", "datefmt", "style")):
            _bridged.setFormatter(logging.Formatter("%(message)s"))  # the log shows level and logger by itself
        options = {**{k: v for k, v in options.items() if k not in ("filename", "stream", "filemode")}, "handlers": [_bridged]}
    _python_basic_config(**options)


_bridged: DoraHandler | None = None
_stderr: logging.Handler = logging.lastResort or logging.StreamHandler()
_python_basic_config = logging.basicConfig
