from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rokt_helpers.academy.readiness import TITLES, Readiness
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError, SettingsError


class At(Clock):
    """A clock that stands."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment it was given."""
        return self.moment


def test_the_record_is_the_persons_own(home: Path) -> None:
    """It lies with the sandbox's state, for its owner only, and knows numbers and moments only."""
    Readiness(clock=At(datetime(2026, 11, 2, 9, tzinfo=UTC))).record("03")
    path = home / "sandbox" / "academy.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.read_text() == '{\n  "03": "2026-11-02T09:00:00+00:00"\n}'


@pytest.mark.usefixtures("leads_to_production")
def test_it_is_kept_whichever_profile_is_set(home: Path) -> None:
    """With the live account set up, the record still lies with the sandbox."""
    Readiness().record("01")
    assert [path.name for path in home.iterdir()] == ["sandbox"]


def test_the_folder_of_the_env_file_is_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state folder that is named in `.env` is the one."""
    monkeypatch.delenv("ROKT_HOME")
    Path(".env").write_text(f"ROKT_HOME={tmp_path}\n")
    Readiness().record("01")
    assert (tmp_path / "sandbox" / "academy.json").exists()
    assert not home.exists()


def test_the_first_time_counts(tmp_path: Path) -> None:
    """What is passed again keeps its moment."""
    for day in (2, 3):
        Readiness(tmp_path, clock=At(datetime(2026, 11, day, tzinfo=UTC))).record("05")
    assert Readiness(tmp_path).passed() == {"05": "2026-11-02T00:00:00+00:00"}


def test_it_says_what_comes_next_and_when_all_is_done(tmp_path: Path) -> None:
    """The next lesson is the first that is not passed; after the eighth a person is ready."""
    record = Readiness(tmp_path)
    assert record.describe() == "0 of 8 lessons are passed. Next: lesson 1, How matching works."
    for number in TITLES:
        assert not record.ready
        record.record(number)
    assert record.ready
    assert "ready to work" in record._repr_html_()
    assert record.table()["passed"].str.starts_with("20").all()
    record.forget()
    record.forget()
    assert (record.passed(), record.table()["passed"].unique().to_list()) == ({}, ["not yet"])


@pytest.mark.parametrize("content", ["", "[]", "{", '"01"'])
def test_a_spoilt_record_says_what_to_do(tmp_path: Path, content: str) -> None:
    """A record that cannot be read is never taken for an empty one."""
    (tmp_path / "academy.json").write_text(content)
    with pytest.raises(InputError, match="Remove it to start anew"):
        Readiness(tmp_path).record("01")
    assert (tmp_path / "academy.json").read_text() == content


def test_a_state_folder_that_is_a_file_says_so(home: Path) -> None:
    """The variable to check is named."""
    home.write_text("")
    with pytest.raises(SettingsError, match="Check ROKT_HOME"):
        Readiness()
