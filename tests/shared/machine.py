"""One machine of a team: a process in a network of its own, which calls the command line.

``python -m tests.shared.machine APART FOLDER PORT…`` reads one JSON array of words a line, and
answers each with one JSON object: ``code``, ``out``, ``err``. APART is 1 in a namespace of its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import io
import json
import socket
import struct
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout

from rokt_helpers.cli import main
from tests.shared.relay import serve_here

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def raise_loopback() -> None:
    """Switch the loopback address of a new namespace on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = fcntl.ioctl(probe, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", asked)[1] | IFF_UP
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def lead_out(folder: str, ports: list[str]) -> None:
    """Let the ports be reached from here, for as long as this process lives."""
    loop, there = asyncio.new_event_loop(), threading.Event()

    def run() -> None:
        loop.run_until_complete(serve_here(folder, ports))
        there.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    there.wait(30)


def call(words: list[str]) -> dict[str, object]:
    """Call ``rokt`` with these words."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    if sys.argv[1] == "1":
        raise_loopback()
        lead_out(sys.argv[2], sys.argv[3:])
    print(json.dumps("ready"), flush=True)  # noqa: T201  whoever started it waits for this
    for line in sys.stdin:
        print(json.dumps(call(json.loads(line))), flush=True)  # noqa: T201  the answer
