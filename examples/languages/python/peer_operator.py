# SPDX-License-Identifier: Apache-2.0
"""The operator in Python: sends all cases at its first event, and checks those of everybody."""

from cases import CASES, Book, metadata_of
from dora import DoraStatus

ME = "python-operator"


class Operator:
    def __init__(self):
        self.book = Book(ME)
        self.is_first = True

    def on_event(self, event, send_output) -> DoraStatus:
        if self.is_first:
            self.is_first = False
            for case, data in CASES.items():
                send_output("messages", data, metadata_of(ME, case))
        if event["type"] == "INPUT":
            self.book.check(event["id"], event["metadata"], event["data"], event["value"])
        elif event["type"] == "INPUT_CLOSED":
            self.book.close(event["id"])
        return DoraStatus.STOP if self.book.is_complete else DoraStatus.CONTINUE
