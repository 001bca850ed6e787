# SPDX-License-Identifier: Apache-2.0
import struct

from dora import DoraStatus


class Operator:
    def on_event(self, event, send_output):
        if event["type"] == "INPUT":
            (value,) = struct.unpack("<d", event["data"])
            metadata = event["metadata"]
            print(f"{value:.1f} degrees, change {metadata['passed']} in {metadata['seen']} readings")
        return DoraStatus.CONTINUE
