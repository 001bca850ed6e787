# SPDX-License-Identifier: Apache-2.0
"""Dataflow descriptors from Python code. Needs no PyYAML.

::

    from dora.builder import DataflowBuilder

    flow = DataflowBuilder()
    camera = flow.add_node("camera").path("camera.py").add_input("tick", "dora/timer/millis/100")
    image = camera.add_output("image")
    flow.add_node("plot").path("plot.py").add_input("image", image, queue_size=1)
    flow.to_yaml("dataflow.yml")
"""

from __future__ import annotations

import json
import os
import re
from typing import Any, Mapping, Sequence, Union

from ._run import run as _run


class Output:
    """An output of a node or operator, to be given to ``add_input``."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __str__(self) -> str:
        """As inputs name it: ``node/output`` or ``node/operator/output``."""
        return self._source


class _Ports:
    """Inputs and outputs."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    def _add_input(
        self, input_id: str, source: Output | str, queue_size: int | None, queue_policy: str | None, input_timeout: float | None
    ) -> None:
        options = {"queue_size": queue_size, "queue_policy": queue_policy, "input_timeout": input_timeout}
        given = {key: value for key, value in options.items() if value is not None}
        self._config.setdefault("inputs", {})[input_id] = {"source": str(source), **given} if given else str(source)

    def _add_output(self, output_id: str, source: str) -> Output:
        outputs = self._config.setdefault("outputs", [])
        if output_id not in outputs:
            outputs.append(output_id)
        return Output(source)

    def to_dict(self) -> dict[str, Any]:
        """As in the descriptor."""
        config: dict[str, Any] = json.loads(json.dumps(self._config))
        return config


class Operator(_Ports):
    """An operator of a runtime node: one of ``python``, ``csharp`` or ``shared_library`` names its code."""

    def __init__(
        self,
        operator_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        build: str | None = None,
        python: str | None = None,
        csharp: str | None = None,
        shared_library: str | None = None,
    ) -> None:
        code = {"python": python, "csharp": csharp, "shared-library": shared_library}
        if sum(value is not None for value in code.values()) != 1:
            raise ValueError("an operator has its code in exactly one of python, csharp and shared_library")
        config = {"id": operator_id, "name": name, "description": description, "build": build, **code}
        super().__init__({key: value for key, value in config.items() if value is not None})
        self._node: str | None = None

    def add_input(
        self,
        input_id: str,
        source: Output | str,
        queue_size: int | None = None,
        queue_policy: str | None = None,
        input_timeout: float | None = None,
    ) -> Operator:
        """Reads ``source``: an :class:`Output`, ``node/output`` or ``dora/timer/...``."""
        self._add_input(input_id, source, queue_size, queue_policy, input_timeout)
        return self

    def add_output(self, output_id: str) -> Output:
        """Declares an output; the operator must have been added to its node."""
        if self._node is None:
            raise ValueError("add the operator to a node first")
        return self._add_output(output_id, f"{self._node}/{self._config['id']}/{output_id}")


class Node(_Ports):
    """A node; every method but ``add_output`` gives the node back, so that calls can follow one another."""

    def __init__(self, node_id: str, **options: Any) -> None:
        super().__init__({"id": node_id, **options})

    def path(self, path: str) -> Node:
        """The program."""
        return self._set("path", path)

    def args(self, arguments: str | Sequence[str]) -> Node:
        """Its arguments."""
        return self._set("args", arguments if isinstance(arguments, str) else " ".join(_quote(argument) for argument in arguments))

    def env(self, environment: Mapping[str, str | int | float | bool]) -> Node:
        """Variables of its environment."""
        return self._set("env", {**self._config.get("env", {}), **environment})

    def build_command(self, command: str) -> Node:
        """What ``dora build`` runs."""
        return self._set("build", command)

    def option(self, key: str, value: Any) -> Node:
        """Any other key of a node, such as ``restart_policy``."""
        return self._set(key, value)

    def add_operator(self, operator: Operator) -> Node:
        """Makes this a runtime node, with one more operator."""
        operator._node = self._config["id"]
        self._operators().append(operator)
        return self

    def add_input(
        self,
        input_id: str,
        source: Output | str,
        queue_size: int | None = None,
        queue_policy: str | None = None,
        input_timeout: float | None = None,
    ) -> Node:
        """Reads ``source``: an :class:`Output`, ``node/output`` or ``dora/timer/...``."""
        self._add_input(input_id, source, queue_size, queue_policy, input_timeout)
        return self

    def add_output(self, output_id: str) -> Output:
        """Declares an output, for ``add_input`` of others."""
        return self._add_output(output_id, f"{self._config['id']}/{output_id}")

    def to_dict(self) -> dict[str, Any]:
        """As in the descriptor."""
        operators = [operator.to_dict() for operator in self._config.get("operators", [])]
        config: dict[str, Any] = json.loads(json.dumps({key: value for key, value in self._config.items() if key != "operators"}))
        return {**config, "operators": operators} if operators else config

    def _operators(self) -> list[Operator]:
        operators: list[Operator] = self._config.setdefault("operators", [])
        return operators

    def _set(self, key: str, value: Any) -> Node:
        self._config[key] = value
        return self


class DataflowBuilder:
    """A dataflow under construction. ``options`` are other keys of the top level, such as ``allow_outside=True``."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._nodes: dict[str, Node] = {}

    def add_node(self, node_id: str, **options: Any) -> Node:
        """One more node; ``options`` are keys of it."""
        if node_id in self._nodes:
            raise ValueError(f"there is a node '{node_id}' already")
        node = self._nodes[node_id] = Node(node_id, **options)
        return node

    def to_dict(self) -> dict[str, Any]:
        """The descriptor."""
        return {**self._options, "nodes": [node.to_dict() for node in self._nodes.values()]}

    def to_yaml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The descriptor as YAML, written to ``path`` if there is one. Nothing is checked: ``dora check`` does."""
        text = "".join(line + "\n" for line in _block(self.to_dict()))
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return text

    def run(self, path: str | os.PathLike[str], *options: str) -> None:
        """Writes the descriptor to ``path``, and runs it as :func:`dora.run` does."""
        self.to_yaml(path)
        _run(path, *options)

    def __enter__(self) -> DataflowBuilder:
        return self

    def __exit__(self, *unused: object) -> None:
        return None


_Value = Union[Mapping[str, Any], Sequence[Any], str, int, float, bool, None]
_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*\Z")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", ".inf", ".nan"}  # not texts, in one version of YAML or another


def _quote(argument: str) -> str:
    return argument if re.fullmatch(r"[A-Za-z0-9_./:=,@%+-]+", argument) else "'" + argument.replace("'", "'\\''") + "'"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)  # YAML reads JSON


def _block(value: Any) -> list[str]:
    lines = []
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, (Mapping, list)) and item:
                lines.append(f"{_scalar(key)}:")
                lines += ["  " + line for line in _block(item)]
            else:
                lines.append(f"{_scalar(key)}: {_scalar(item)}")
    else:
        for item in value:
            first, *rest = _block(item) if isinstance(item, (Mapping, list)) and item else [_scalar(item)]
            lines.append(f"- {first}")
            lines += ["  " + line for line in rest]
    return lines
