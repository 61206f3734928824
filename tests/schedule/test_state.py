from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.schedule import Due, Entry, LastRun, ScheduleState

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
NIGHT = Entry("night", Path("n.ipynb"))
OFF = Entry("off", Path("n.ipynb"), enabled=False)


def test_what_is_kept_is_there_for_the_next_one(tmp_path: Path) -> None:
    """Private, whole, and the same when it is read again."""
    path = tmp_path / "schedule.json"
    run = LastRun(NOW.isoformat(), NOW.isoformat(), NOW.isoformat(), 1.5, 0, "Done.", "folder")
    ScheduleState(path).keep("night", run)
    again = ScheduleState(path)
    assert (again["night"], again["other"]) == (run, None)
    assert again.last_runs() == {"night": NOW}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["schedule.json"]
    again.keep("night", None)
    assert ScheduleState(path).last_runs() == {}


def test_a_new_entry_is_settled_when_it_is_first_seen(tmp_path: Path) -> None:
    """What is due waits for its run, what is off is not known, and what left is forgotten."""
    path = tmp_path / "schedule.json"
    state = ScheduleState(path)
    later = Entry("later", Path("n.ipynb"))
    state.meet([NIGHT, later, OFF], NOW, due=[Due(later, NOW)])
    assert ScheduleState(path).last_runs() == {"night": NOW}
    written = path.stat().st_mtime_ns
    state.meet([NIGHT], NOW + timedelta(days=1))
    assert path.stat().st_mtime_ns == written
    state.meet([OFF], NOW)
    assert ScheduleState(path).last_runs() == {}


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"runs": []}', '{"runs": {"a": {}}}', '{"runs": {"a": {"settled": "x"}}}'],
)
def test_a_file_that_cannot_be_read_is_not_taken_for_empty(tmp_path: Path, content: str) -> None:
    """Otherwise what ran today would run again."""
    path = tmp_path / "schedule.json"
    path.write_text(content)
    with pytest.raises(InputError, match="nobody knows what ran last"):
        ScheduleState(path)


def test_the_file_is_for_other_programs_as_well(tmp_path: Path) -> None:
    """Plain JSON with a version, by the names of the entries."""
    path = tmp_path / "schedule.json"
    ScheduleState(path).meet([NIGHT], NOW)
    content = json.loads(path.read_text())
    assert (content["version"], list(content["runs"])) == (1, ["night"])


def test_an_account_has_one_schedule(tmp_path: Path) -> None:
    """Another is refused while the first is there, and takes its place once it is gone.

    The same file in another folder is a project that moved, or its next release.
    """
    path, first, second = (tmp_path / name for name in ("schedule.json", "first.yml", "second.yml"))
    for schedule in (first, second):
        schedule.write_text("entries: []\n")
    state = ScheduleState(path)
    state.belong_to(first)
    state.meet([NIGHT], NOW)
    with pytest.raises(InputError, match=r"first\.yml.*ROKT_ACCOUNT"):
        ScheduleState(path).belong_to(second)
    assert ScheduleState(path).last_runs() == {"night": NOW}
    ScheduleState(path).belong_to(tmp_path / "release" / "first.yml")
    ScheduleState(path).belong_to(first)
    first.unlink()
    ScheduleState(path).belong_to(second)
    first.write_text("entries: []\n")
    with pytest.raises(InputError, match=r"second\.yml"):
        ScheduleState(path).belong_to(first)
