# SPDX-License-Identifier: Apache-2.0
"""Descriptors from code, and running them."""

import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path

import dora
from dora import _run
from dora.builder import DataflowBuilder, Operator

EXPECTED = """\
nodes:
  - id: camera
    path: camera.py
    args: "--device '/dev/video 0'"
    env:
      RATE: 5
      MODE: "on"
    inputs:
      tick: dora/timer/millis/100
    outputs:
      - image
  - id: work
    operators:
      - id: detect
        python: detect.py
        inputs:
          image:
            source: camera/image
            queue_size: 1
        outputs:
          - bbox
  - id: plot
    path: plot.py
    inputs:
      bbox: work/detect/bbox
"""


def example() -> DataflowBuilder:
    flow = DataflowBuilder()
    camera = flow.add_node("camera").path("camera.py").args(["--device", "/dev/video 0"]).env({"RATE": 5}).env({"MODE": "on"})
    camera.add_input("tick", "dora/timer/millis/100")
    image = camera.add_output("image")
    detect = Operator("detect", python="detect.py").add_input("image", image, queue_size=1)
    flow.add_node("work").add_operator(detect)
    flow.add_node("plot", path="plot.py").add_input("bbox", detect.add_output("bbox"))
    return flow


class Builder(unittest.TestCase):
    def test_yaml(self):
        self.assertEqual(example().to_yaml(), EXPECTED)

    def test_yaml_is_read_back_as_it_was(self):
        try:
            import yaml
        except ImportError:
            self.assertIn("nodes:", EXPECTED)  # PyYAML is only a second opinion
            return
        flow = example()
        for text in ("yes", "1.5", "a: b", "- a", "", "ü\n\t", "0x1", "null", "2024-01-01", "a #b", "~"):
            flow.add_node(f"node-{len(flow.to_dict()['nodes'])}").option("description", text)
        self.assertEqual(yaml.safe_load(flow.to_yaml()), flow.to_dict())

    def test_mistakes(self):
        flow = example()
        self.assertRaises(ValueError, flow.add_node, "camera")
        self.assertRaises(ValueError, Operator, "a")
        self.assertRaises(ValueError, Operator, "a", python="a.py", csharp="a.cs")
        self.assertRaises(ValueError, Operator("a", python="a.py").add_output, "b")


class Running(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()) if sys.version_info >= (3, 11) else tempfile.mkdtemp())
        self.path, os.environ["PATH"] = os.environ["PATH"], f"{self.folder}:{os.environ['PATH']}"

    def tearDown(self):
        os.environ["PATH"] = self.path

    def script(self, text):
        file = self.folder / "dora"
        file.write_text("#!/bin/sh\n" + text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def test_the_command_line_is_that_of_dora(self):
        self.script(f'printf "%s|" "$@" > {self.folder}/args\n')
        self.assertEqual(_run.find_executable(), str(self.folder / "dora"))
        dora.run("a.yml", "--stop-after", "1s")
        self.assertEqual((self.folder / "args").read_text(), "run|a.yml|--stop-after|1s|")
        dora.build("a.yml")
        self.assertEqual((self.folder / "args").read_text(), "build|a.yml|")
        example().run(self.folder / "b.yml")
        self.assertEqual((self.folder / "b.yml").read_text(), EXPECTED)

    def test_failure(self):
        self.script("exit 3\n")
        with self.assertRaises(dora.DoraError) as caught:
            dora.run("a.yml")
        self.assertEqual(caught.exception.status, 3)


if __name__ == "__main__":
    unittest.main()
