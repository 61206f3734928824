"""How several workers share the tests: what belongs together to one, and the longest first.

Files stay whole, because a file's tests share what is dear to start. Some folders stay whole for
the same reason: one JupyterLab with its browser, one Spark and one PostgreSQL are enough. What is
long goes first, so that at the end no worker is waited for.
"""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadScopeScheduling

__all__ = ["Shares", "order", "share_of"]

# Each of these is one share; every other file is a share by itself.
TOGETHER: Final = (
    "tests/browser/",
    "tests/cluster/",
    "tests/ledger/",
    "tests/packaging/",
    "tests/readers/",
    "tests/shared/",
)

# What takes longest, before everything else, in this order.
LONGEST: Final = (
    "tests/browser/",
    "tests/cluster/",
    "tests/notebooks/test_run_headless.py",
    "tests/academy/test_notebooks.py",
    "tests/house/test_readme.py",
    "tests/house/test_style.py",
    "tests/packaging/",
    "tests/deliver/test_many_runs.py",
    "tests/proof/",
    "tests/referrals/test_year.py",
    "tests/academy/test_exercises.py",
    "tests/deliver/test_benchmark.py",
    "tests/runner/test_soak.py",
    "tests/runner/test_stopping.py",
    "tests/schedule/test_running.py",
    "tests/readers/",
    "tests/ledger/",
)
# Its tests share nothing, and together they are as long as a folder.
EACH_BY_ITSELF: Final = "tests/deliver/test_crashes.py"


def share_of(nodeid: str) -> str:
    """Return what a test belongs to: its folder, its file, or nothing but itself."""
    if nodeid.startswith(EACH_BY_ITSELF):
        return nodeid
    whole = (folder for folder in TOGETHER if nodeid.startswith(folder))
    return next(whole, nodeid.partition("::")[0])


def order(nodeid: str) -> int:
    """Return the place of a test's share among the others; those not named keep theirs."""
    places = (place for place, long in enumerate(LONGEST) if nodeid.startswith(long))
    return next(places, len(LONGEST))


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Hand out the shares in the order in which the workers collected them."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
