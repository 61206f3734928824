"""What the SFTP library says by itself does not reach the terminal."""

from __future__ import annotations

import subprocess
import sys

SAYS = """
import logging
import rokt_helpers.channels.sftp_connection
logging.getLogger("paramiko.transport").error("Socket exception: Connection reset by peer (104)")
"""


def test_a_line_that_broke_is_told_once_and_by_us() -> None:
    """The library's logger has a place to speak to that is not standard error."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
