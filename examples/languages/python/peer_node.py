# SPDX-License-Identifier: Apache-2.0
"""The node in Python: sends all cases, and checks those of everybody."""

import sys

from cases import CASES, PEERS, Book, Difference, metadata_of
from dora import Node

ME = "python-node"


def send(node, case):
    data = CASES[case]
    if case == "bytes-4194304":
        with node.send_output_raw("messages", len(data), metadata_of(ME, case)) as sample:
            sample.as_memoryview()[:] = data
    else:
        node.send_output("messages", data, metadata_of(ME, case))


def main():
    node = Node()
    book = Book(ME)
    for case in CASES:
        send(node, case)
    while not book.is_complete:
        event = node.next()
        if event is None:
            break
        if event["type"] == "INPUT":
            book.check(event["id"], event["metadata"], event["data"], event["value"])
        elif event["type"] == "INPUT_CLOSED":
            book.close(event["id"])
    for sender in PEERS:
        book.close(sender)


try:
    main()
except Difference as e:
    sys.exit(str(e))
