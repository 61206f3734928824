"""A delivery that kills its own process at a chosen point; with 0 it lives and counts the points.

A point is a call or a return of a function of the rooms that send and keep the ledger. Called with
the wire, the list's name, the people, how many of them make one batch, and the point.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import audience, in_pieces, send

ROOMS = {"deliver", "ledger", "channels"}

if __name__ == "__main__":
    via, name, people, rows, fatal = sys.argv[1:]
    points = itertools.count(1)

    def look(frame: FrameType, event: str, _: Any) -> None:
        here = Path(frame.f_code.co_filename).parent.name in ROOMS
        if here and event in {"call", "return"} and next(points) == int(fatal):
            os.kill(os.getpid(), signal.SIGKILL)

    with open_workbench() as workbench:
        how: Any = {"list": name, "via": via}
        plan = in_pieces(workbench, audience(int(people)), rows=int(rows), **how)
        threading.setprofile(look)
        sys.setprofile(look)
        send(workbench, plan)
        sys.setprofile(None)
    print(next(points) - 1)  # noqa: T201  read by the test
