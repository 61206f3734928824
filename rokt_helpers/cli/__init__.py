"""The command line ``rokt``: arguments in, sentences or one JSON object out, exit codes.

0 done, 1 the work failed, 2 the call was wrong, 3 a guard stopped it, 130 cancelled.
"""

from __future__ import annotations

from rokt_helpers.cli.app import main

__all__ = ["main"]
