from __future__ import annotations

import math
from datetime import time
from pathlib import Path

import pytest
import yaml

from rokt_helpers.errors import InputError
from rokt_helpers.runner import check_parameters, read_parameters
from rokt_helpers.schedule import read_schedule

ROOT = Path(__file__).resolve().parents[2]


def written(folder: Path, text: str) -> Path:
    path = folder / "schedule.yml"
    path.write_text(text, encoding="utf-8")
    return path


def entry(**lines: object) -> str:
    first: dict[str, object] = {"name": "night", "notebook": "n.ipynb", "at": "06:00"}
    return yaml.safe_dump({"entries": [first | lines]})


def test_an_entry_is_read_with_what_it_leaves_out(tmp_path: Path) -> None:
    """Name, notebook and time are enough: each day, UTC, caught up, without a limit."""
    [one] = read_schedule(written(tmp_path, entry()))
    assert (one.name, one.notebook, one.params, one.at) == ("night", Path("n.ipynb"), None, time(6))
    assert (one.days, one.hourly, one.time_zone) == (frozenset(range(7)), False, "UTC")
    assert (one.catch_up, one.enabled, one.time_limit_minutes) == (True, True, None)
    assert one.when == "each day 06:00 UTC"


def test_a_key_that_stands_twice_is_found_where_it_is(tmp_path: Path) -> None:
    """The sentence names this file and the line, in its second entry as in its first."""
    lines = "entries:\n- name: a\n  at: '06:00'\n- name: b\n  at: '07:00'\n  at: '08:00'\n"
    path = written(tmp_path, lines)
    with pytest.raises(InputError) as said:
        read_schedule(path)
    where = f"stands twice in {path}, the second time in line 6."
    assert str(said.value) == f"'at' {where} Keep one of them."


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    """Every line an entry may have is heard."""
    text = entry(
        params="p.yml",
        at="10:30",
        days=["fri", "mon"],
        time_zone="Europe/Berlin",
        catch_up=False,
        time_limit_minutes=90,
        enabled=False,
    )
    [one] = read_schedule(written(tmp_path, text))
    assert (one.params, one.at, one.days) == (Path("p.yml"), time(10, 30), frozenset({0, 4}))
    assert (one.catch_up, one.enabled, one.time_limit_minutes) == (False, False, 90.0)
    assert one.when == "mon, fri 10:30 Europe/Berlin"


def test_an_hourly_entry_has_a_minute(tmp_path: Path) -> None:
    """Of an entry for each hour the minute counts, the full hour without one."""
    [one] = read_schedule(written(tmp_path, entry(every="hour", at=":15")))
    assert (one.hourly, one.at.minute, one.when) == (True, 15, "each hour at :15")
    text = "entries:\n- {name: n, notebook: n.ipynb, every: hour}\n"
    assert read_schedule(written(tmp_path, text))[0].at.minute == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"name": "a b"}, "Entry 1 of the schedule needs a `name`"),
        ({"name": 5}, "Entry 1 of the schedule needs a `name`"),
        ({"enable": True}, "'enable' is unknown. Did you mean 'enabled'?"),
        ({"notebook": ""}, "notebook should be text"),
        ({"notebook": None}, "notebook should be text"),
        ({"params": 5}, "params should be text"),
        ({"at": 630}, 'at should be a time in quotes, such as "06:00"'),
        ({"at": "6:00"}, 'at should be a time in quotes, such as "06:00"'),
        ({"at": "24:00"}, "at should be a time in quotes"),
        ({"at": ":15"}, "at should be a time in quotes"),
        ({"every": "hour"}, 'at should be the minute in quotes, such as ":15"'),
        ({"every": "week"}, "every should be day or hour"),
        ({"days": []}, "days should be a list of mon, tue"),
        ({"days": ["monday"]}, "days should be a list of mon, tue"),
        ({"days": "mon"}, "days should be a list of mon, tue"),
        ({"days": ["mon"], "every": "day"}, "give `days` or `every`, not both"),
        ({"time_zone": "Berlin"}, "time_zone should be the name of one, such as Europe/Berlin"),
        ({"time_zone": "../etc"}, "time_zone should be the name of one"),
        ({"catch_up": "yes"}, "catch_up should be true or false"),
        ({"enabled": 1}, "enabled should be true or false"),
        ({"time_limit_minutes": 0}, "time_limit_minutes should be a number of minutes"),
        ({"time_limit_minutes": math.nan}, "time_limit_minutes should be a number of minutes"),
        ({"time_limit_minutes": math.inf}, "time_limit_minutes should be a number of minutes"),
        ({"time_limit_minutes": True}, "time_limit_minutes should be a number of minutes"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, lines: dict[str, object], said: str) -> None:
    """Each mistake is named with its entry and with what would be right."""
    with pytest.raises(InputError) as caught:
        read_schedule(written(tmp_path, entry(**lines)))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "should hold `entries:`"),
        ("- a", "has its name above it, such as `entries:`"),
        ("entries: 5", "should hold `entries:`"),
        ("entries: [5]", "Entry 1 of the schedule should hold lines"),
        ("entries: []\nmore: 1", "should hold `entries:`"),
        ("entries: [{name: a, name: b}]", "'name' stands twice"),
        (
            "entries: [{name: a, notebook: n, at: '06:00'}, {name: a, notebook: n, at: '07:00'}]",
            "are called 'a'",
        ),
    ],
)
def test_a_file_that_is_no_schedule_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The file as a whole has one form."""
    with pytest.raises(InputError, match=said):
        read_schedule(written(tmp_path, text))


def test_a_schedule_may_be_empty(tmp_path: Path) -> None:
    """Somebody who took all entries out has a schedule still."""
    assert read_schedule(written(tmp_path, "entries:\n")) == []


def test_the_schedule_that_is_shipped_is_off_and_fits_its_notebooks() -> None:
    """Nothing runs before somebody switched it on, and then it finds its parameters."""
    entries = read_schedule(ROOT / "params" / "schedule.yml")
    assert entries
    assert [one.name for one in entries if one.enabled] == []
    for one in entries:
        assert one.params is not None
        check_parameters(ROOT / one.notebook, read_parameters(ROOT / one.params))
