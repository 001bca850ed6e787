# SPDX-License-Identifier: Apache-2.0
"""Errors and statuses."""

from __future__ import annotations

import enum


class DoraError(RuntimeError):
    """What libdora refuses, or a dataflow that failed.

    ``status`` is libdora's number (``dora_status`` in ``dora/dora.h``) where it has one, else 0.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class DoraStatus(enum.IntEnum):
    """What an operator's ``on_event`` returns."""

    CONTINUE = 0
    """The operator goes on."""
    STOP = 1
    """The operator has ended."""
    STOP_ALL = 2
    """The whole dataflow shall end."""
