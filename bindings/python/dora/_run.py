# SPDX-License-Identifier: Apache-2.0
"""Starting dataflows from Python, by the ``dora`` executable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Sequence, Union

from ._errors import DoraError

PathLike = Union[str, "os.PathLike[str]"]


def find_executable(dataflow: PathLike | None = None) -> str:
    """Path of ``dora``: beside this package, among the environment's scripts, in PATH, or built in a checkout that the dataflow is in.

    :raises DoraError: there is none.
    """
    scripts = sysconfig.get_path("scripts")
    places = [Path(__file__).parent / "bin" / "dora", Path(scripts) / "dora", Path(sys.executable).parent / "dora"]
    for place in places:
        if os.access(place, os.X_OK) and place.is_file():
            return str(place)
    found = shutil.which("dora")
    if found is not None:
        return found
    start = Path(dataflow).resolve() if dataflow is not None else Path.cwd() / "x"
    for folder in start.parents:
        if (folder / "Dora.slnx").is_file():
            built = folder / "artifacts" / "dora" / "dora"
            script = folder / "dora"
            if os.access(built, os.X_OK) or os.access(script, os.X_OK):
                return str(built if os.access(built, os.X_OK) else script)
    raise DoraError("there is no 'dora' beside the package, in PATH, or in the checkout that the dataflow belongs to")


def run(dataflow: PathLike, *options: str) -> None:
    """Runs a dataflow to its end, as ``dora run DATAFLOW`` does, with its output on this process's.

    ``options``: more of the command line, such as ``"--stop-after", "10s"``. Ctrl-C stops the dataflow, then raises KeyboardInterrupt.

    :raises DoraError: it failed; ``status`` is the exit code.
    """
    _call("run", dataflow, options)


def build(dataflow: PathLike, *options: str) -> None:
    """Builds what a dataflow's nodes need, as ``dora build DATAFLOW`` does.

    :raises DoraError: it failed; ``status`` is the exit code.
    """
    _call("build", dataflow, options)


def _call(command: str, dataflow: PathLike, options: Sequence[str]) -> None:
    with subprocess.Popen([find_executable(dataflow), command, os.fspath(dataflow), *options]) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # dora got it as well, and is stopping the nodes
            process.wait()
            raise
    if code != 0:
        raise DoraError(f"'dora {command} {os.fspath(dataflow)}' ended with {code}", code)
