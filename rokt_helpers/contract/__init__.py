"""Rokt's rules as constants, each with its page, how far to trust it, and when it was read.

Nothing here decides. The client and the sandbox both import this room and share no other code,
so that one does not judge the other by its own mistakes. Where pages of different years disagree
the newer one is the value, and the remark names the older.

A rule is written ``NAME: Final[Annotated[type, SOURCE, "remark"]] = value``, in the module of its
subject; ``sources`` has the pages, ``table`` reads the rules as data, ``questions`` is what no
page answers. Callers write ``contract.NAME``, whichever module it is from.
"""

# ruff: noqa: F403  each module names what it exports

from __future__ import annotations

from rokt_helpers.contract.conversions import *
from rokt_helpers.contract.custom_audience import *
from rokt_helpers.contract.events import *
from rokt_helpers.contract.feed import *
from rokt_helpers.contract.identifiers import *
from rokt_helpers.contract.legacy_events import *
from rokt_helpers.contract.referrals import *
from rokt_helpers.contract.sftp import *
