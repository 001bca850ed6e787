# SPDX-License-Identifier: Apache-2.0
"""Passes each message on, copied into a loan; holds the last four events all the while: whenever it is killed, it holds something."""

import collections

from dora import Node

node = Node()
held = collections.deque(maxlen=4)
for event in node:
    if event["type"] == "INPUT":
        with node.send_output_raw("data", len(event["data"])) as sample:
            sample.as_memoryview()[:] = event["data"]
    held.append(event)
