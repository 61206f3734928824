"""A delivery in a process of its own, for the lesson in which it is killed.

Reads one line of JSON from standard input, so that no secret stands in its arguments: the settings
of a classroom, people and a list. Law: those settings are the only ones it knows.
"""

from __future__ import annotations

import json
import sys

from rokt_helpers.academy.classroom import ClassroomSettings, prepared
from rokt_helpers.workbench import Workbench

if __name__ == "__main__":
    order = json.load(sys.stdin)
    with Workbench(ClassroomSettings(**order["settings"])) as workbench:
        workbench.deliver(workbench.plan(prepared(order["people"]), list=order["list"]))
