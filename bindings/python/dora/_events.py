# SPDX-License-Identifier: Apache-2.0
"""The shape of event dictionaries. Needs no node: operators get theirs from here too."""

from __future__ import annotations

from typing import Any

_TYPES = {
    0: "STOP",
    1: "INPUT",
    2: "INPUT_CLOSED",
    3: "ERROR",
    4: "UNKNOWN",
    5: "INPUT_RECOVERED",
    6: "NODE_RESTARTED",
    7: "NODE_FAILED",
    8: "RELOAD",
    10: "JOINED",
}


def input_event(input_id: str, value: Any, data: memoryview, metadata: dict[str, Any]) -> dict[str, Any]:
    """An INPUT event. ``metadata`` holds the parameters, and ``timestamp`` as an aware datetime."""
    return {"kind": "dora", "type": "INPUT", "id": input_id, "value": value, "data": data, "metadata": metadata}


def other(number: int, event_id: str, message: str, affected_inputs: list[str]) -> dict[str, Any]:
    """Any other event. ``number``: ``dora_event_type_t`` in ``dora/dora.h``; ``event_id`` and ``message`` may be empty."""
    kind = _TYPES.get(number, "UNKNOWN")
    event: dict[str, Any] = {"kind": "dora", "type": kind}
    if event_id:
        event["id"] = event_id
    if kind == "NODE_FAILED":
        event["value"] = {"source_node_id": event_id, "affected_input_ids": affected_inputs, "error": message}
        event["error"] = message
    elif kind == "JOINED":
        event["reason"] = message
        event["missing"] = affected_inputs
    elif kind == "ERROR":
        event["error"] = message
    elif message:
        event["reason"] = message
    return event
