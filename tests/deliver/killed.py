"""A delivery that kills its own process at a chosen point.

A point is a call or a return of a function: its module, its name, which of the two, and the how
manyeth. Called with the wire, the list's name, the people, how many of them make one batch, and the
point.
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

if __name__ == "__main__":
    via, name, people, rows, module, function, fatal_event, fatal = sys.argv[1:]
    times = itertools.count(1)

    def look(frame: FrameType, event: str, _: Any) -> None:
        # Every call and return comes by here: what rules out most is asked first.
        if frame.f_code.co_qualname != function or event != fatal_event:
            return
        here = Path(frame.f_code.co_filename).stem == module
        if here and next(times) == int(fatal):
            os.kill(os.getpid(), signal.SIGKILL)

    with open_workbench() as workbench:
        how: Any = {"list": name, "via": via}
        plan = in_pieces(workbench, audience(int(people)), rows=int(rows), **how)
        threading.setprofile(look)
        sys.setprofile(look)
        send(workbench, plan)
