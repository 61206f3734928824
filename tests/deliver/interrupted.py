"""A delivery in a process of its own, so that a test can kill it in the middle.

Called with a list's name, a number of people, and how many of them make one request; prints how
many identifiers it sent.
"""

from __future__ import annotations

import sys

from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import audience, in_pieces, send

if __name__ == "__main__":
    name, people, rows = sys.argv[1:]
    with open_workbench() as workbench:
        plan = in_pieces(workbench, audience(int(people)), rows=int(rows), list=name)
        print(send(workbench, plan).rows_sent_now)  # noqa: T201  read by the test
