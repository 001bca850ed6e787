# SPDX-License-Identifier: Apache-2.0
"""Event dictionaries, metadata values, statuses."""

import datetime
import subprocess
import sys
import unittest
import warnings

import numpy as np

import dora
from dora import _events
from dora._metadata import simplify


class Events(unittest.TestCase):
    def test_shapes(self):
        self.assertEqual(_events.other(0, "MANUAL", "", []), {"kind": "dora", "type": "STOP", "id": "MANUAL"})
        self.assertEqual(
            _events.other(2, "in", "ended", []), {"kind": "dora", "type": "INPUT_CLOSED", "id": "in", "reason": "ended"}
        )
        self.assertEqual(_events.other(3, "", "cut", []), {"kind": "dora", "type": "ERROR", "error": "cut"})
        failed = _events.other(7, "camera", "exit code 1", ["image"])
        self.assertEqual((failed["type"], failed["id"], failed["error"]), ("NODE_FAILED", "camera", "exit code 1"))
        self.assertEqual(failed["value"]["affected_input_ids"], ["image"])
        self.assertEqual(_events.other(99, "", "", [])["type"], "UNKNOWN")

    def test_statuses(self):
        self.assertEqual([int(s) for s in (dora.DoraStatus.CONTINUE, dora.DoraStatus.STOP, dora.DoraStatus.STOP_ALL)], [0, 1, 2])


class Metadata(unittest.TestCase):
    def test_numbers_of_numpy(self):
        self.assertEqual(simplify("k", np.int32(5)), 5)
        self.assertEqual(simplify("k", np.float32(0.5)), 0.5)
        self.assertIs(simplify("k", np.bool_(True)), True)
        self.assertEqual(simplify("k", np.arange(3)), (0, 1, 2))
        self.assertEqual(simplify("k", [1, 2.5]), (1.0, 2.5))
        self.assertEqual(simplify("k", []), ())

    def test_others_become_text_with_a_warning(self):
        for value in ({"a": 1}, None, 1 << 70, [1, "a"], [[1]], datetime.date(2024, 1, 1)):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                self.assertEqual(simplify("k", value), str(value))
            self.assertEqual([w.category for w in caught], [RuntimeWarning])


class Import(unittest.TestCase):
    def test_importing_loads_no_libdora(self):
        code = "import dora, sys; assert 'dora._native' not in sys.modules; print(open('/proc/self/maps').read())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        self.assertNotIn("libdora_node_api_c", done.stdout)

    def test_a_process_that_no_dataflow_started_is_no_node(self):
        with self.assertRaises(dora.DoraError) as caught:
            dora.Node()
        self.assertEqual(caught.exception.status, -5)
        self.assertIn("DORA_DAEMON_SOCKET", str(caught.exception))

    def test_the_package_is_complete(self):
        for name in dora.__all__:
            self.assertTrue(getattr(dora, name).__doc__, name)
        self.assertRaises(AttributeError, lambda: dora.nothing)


if __name__ == "__main__":
    unittest.main()
