# SPDX-License-Identifier: Apache-2.0
"""Sends what it receives on the output of the same name, or on the output `out`; parameters too. `--loan`: builds each message in place."""

import sys

from dora import Node

use_loans = "--loan" in sys.argv
node = Node()
outputs = node.node_config()["outputs"]
for event in node:
    if event["type"] != "INPUT":
        continue
    output = event["id"] if event["id"] in outputs else outputs[0]
    if use_loans:
        with node.send_output_raw(output, len(event["data"]), event["metadata"]) as sample:
            sample.as_memoryview()[:] = event["data"]
    else:
        node.send_output(output, event["value"], event["metadata"])
