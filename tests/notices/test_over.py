"""What is over, what was taken out, and what only cannot be seen for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.clock import Clock
from rokt_helpers.notices import ToldState, tell
from rokt_helpers.settings import load_settings
from tests.notices.unattended import notices, ran, schedule


def test_what_cannot_be_seen_is_not_told_as_mended(profile: Path, told: Path) -> None:
    """The schedule is broken for a while, or the look is from a folder that has none."""
    path = schedule({"name": "night"})
    ran(profile, "night", 1)
    tell(load_settings(), path)
    notices(told)
    good = path.read_text()
    path.write_text("entries: 7\n")
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: the schedule failed"]
    ran(profile, "night", 0)
    tell(load_settings(), None)
    assert notices(told) == []
    path.write_text(good)
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: night recovered, and 1 more"]


@pytest.mark.parametrize("off", [{"name": "day"}, {"name": "night", "enabled": False}])
def test_an_entry_that_was_taken_out_did_not_recover(
    profile: Path, told: Path, off: dict[str, object]
) -> None:
    """What failed and runs no longer is over, and is told as what it is."""
    ran(profile, "night", 1)
    tell(load_settings(), schedule({"name": "night"}))
    notices(told)
    tell(load_settings(), schedule(off))
    text = told.read_text()
    assert notices(told) == ["Rokt live: night no longer runs by the schedule"]
    assert "night: no longer runs by the schedule (was: failed)." in text
    tell(load_settings(), schedule(off))
    assert notices(told) == []


def test_what_cannot_be_read_has_its_beginning(
    profile: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that is away does not say since when; the first look knows it."""
    monkeypatch.setenv("ROKT_LEDGER_URL", "postgresql://127.0.0.1:9/away")
    monkeypatch.setenv("ROKT_NOTIFY_AGAIN_DAYS", "1")
    path = schedule()
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: the ledger failed, and 1 more"]

    def since() -> set[datetime]:
        [known] = ToldState.read(profile / "told.json").told.values()
        return {one.since for one in known.values()}

    first = since()
    tell(load_settings(), path, clock=Tomorrow())
    assert notices(told) == ["Rokt live: the ledger still failed, and 1 more"]
    assert since() == first


class Tomorrow(Clock):
    """A day and an hour ahead."""

    def now(self) -> datetime:
        """Return the moment."""
        return super().now() + timedelta(hours=25)
