from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError
from rokt_helpers.receiver.agreement import Agreement
from rokt_helpers.receiver.draining import Drained, drain
from rokt_helpers.receiver.journal import Journal
from rokt_helpers.receiver.judging import Arrived, Judge
from rokt_helpers.receiver.segments import Segment, header, record
from rokt_helpers.referral_desk import into_vault
from rokt_helpers.referrals.vault import Vault
from tests.receiver.running import AGREED, in_journal

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROWS = [{"email": f"{n:064x}", "state": 'N"Y,\nx'} for n in range(4)]
WRITTEN = header(["email", "state"]) + b"".join(record(row, ["k"], NOW) for row in ROWS)


class LaterClock(Clock):
    """The system's clock, some days on."""

    def __init__(self, days: int) -> None:
        self.days = days

    def now(self) -> datetime:
        """Return that later moment."""
        return super().now() + timedelta(days=self.days)


def written(folder: Path, *numbers: int) -> None:
    with Journal(folder, ["email", "state"], clock=Clock()) as journal:
        journal.append([record(ROWS[n], [f"key{n}"], NOW) for n in numbers])


@given(st.integers(0, len(WRITTEN)))
def test_a_file_cut_off_anywhere_gives_the_rows_before(end: int) -> None:
    """A record that was not wholly written counts as never written, and is no damage."""
    segment = Segment.of(WRITTEN[:end])
    whole = [row for n, row in enumerate(ROWS) if WRITTEN[:end].count(b"\n") >= n + 2]
    assert (list(segment.rows), segment.damaged) == (whole, 0)


@given(st.integers(0, WRITTEN.rindex(b"\n", 0, -1) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    """What was changed on the disk before the last record is counted as damage."""
    changed = bytearray(WRITTEN)
    changed[place] ^= change
    assert Segment.of(bytes(changed)).damaged >= 1


def test_a_segment_becomes_a_file_that_the_vault_reads(tmp_path: Path) -> None:
    """Quotation marks, commas and line breaks in a value come out as they went in."""
    vault = Vault(tmp_path / "vault")
    content = Segment.of(WRITTEN).as_csv()
    kept = vault.add("push.csv", content, modified=NOW, now=NOW)
    assert (kept.rows, kept.rejected) == (4, 0)
    assert set(vault.read()["state"]) == {ROWS[0]["state"]}


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Folders have mode 0700 and files 0600, before and after they are taken over."""
    folder = tmp_path / "pushed"
    written(folder, 0, 1)
    drain(folder, lambda *_: 1, clock=Clock())
    paths = [folder, *folder.rglob("*")]
    assert {(p.is_dir(), oct(p.stat().st_mode & 0o777)) for p in paths} == {
        (True, "0o700"),
        (False, "0o600"),
    }
    assert [path.parent.name for path in folder.rglob("*.segment")] == ["aside"]


def test_nothing_is_removed_before_it_was_taken(tmp_path: Path) -> None:
    """A taker that fails half-way gets the same bytes again, and the sums are whole."""
    folder, handed = tmp_path / "pushed", []
    written(folder, 0, 1)
    written(folder, 2)

    def take(name: str, content: bytes, modified: datetime) -> int:
        handed.append((name, content, modified))
        if len(handed) == 2:
            raise OSError("the disk is full")
        return 0

    with pytest.raises(OSError, match="the disk"):
        drain(folder, take, clock=Clock())
    assert drain(folder, take, clock=Clock()) == Drained(segments=1, rows=1)
    assert handed[1] == handed[2]
    assert drain(folder, take, clock=Clock()) == Drained()


def test_what_the_taker_refuses_is_set_aside(tmp_path: Path) -> None:
    """Refused rows, a refused file and a damaged one are all kept, counted and said."""
    folder = tmp_path / "pushed"
    for n in range(3):
        written(folder, n)
    damaged = min(folder.glob("*.segment"))
    damaged.write_bytes(damaged.read_bytes() + b"nonsense\n" + record(ROWS[3], [], NOW))
    answers = iter([0, 1, None])

    def take(*_: object) -> int:
        if (refused := next(answers)) is None:
            raise InputError("no")
        return refused

    done = drain(folder, take, clock=Clock())
    assert done == Drained(segments=3, rows=4, rows_refused=2, segments_aside=3)
    assert len(list((folder / "aside").iterdir())) == 3
    assert "3 segments could not be kept whole" in " ".join(done.describe())


def test_rows_without_a_readable_date_are_not_lost(tmp_path: Path) -> None:
    """What the vault refuses stays in aside/, also when the process ends before it is moved."""
    folder, vault = tmp_path / "pushed", Vault(tmp_path / "vault")
    with Journal(folder, ["referred_at", "state"], clock=Clock()) as journal:
        moments = ("2026-11-20", "soon")
        journal.append([record({"referred_at": m, "state": "NY"}, [], NOW) for m in moments])

    def end_after(*file: Any) -> int:
        into_vault(vault, Clock())(*file)
        raise OSError("ended")

    with pytest.raises(OSError, match="ended"):
        drain(folder, end_after, clock=Clock())
    done = drain(folder, into_vault(vault, Clock()), clock=Clock())
    assert done == Drained(segments=1, rows=2, rows_refused=1, segments_aside=1)
    assert vault.read().height == 1
    assert len(list((folder / "aside").iterdir())) == 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=5))
def test_no_value_makes_the_judge_fail(texts: list[str]) -> None:
    """Any text in any column is judged, written and read again: one cannot spoil the others."""
    rules = [{"field": "email", "is": "duplicate", "status": 409}]
    judge = Judge(Agreement.of({**AGREED, "rules": rules}), personal="hash")
    group = [Arrived(dict.fromkeys(AGREED["fields"], text), NOW) for text in texts]
    rows = [(one.row, one.keys) for one in judge.judge(group, set()) if one.row is not None]
    segment = Segment.of(b"".join([header(["email"]), *(record(*row, NOW) for row in rows)]))
    assert list(segment.rows) == [row for row, _ in rows]


def test_only_one_writes(tmp_path: Path) -> None:
    """A second receiver on the same account is refused, and the first goes on."""
    with Journal(tmp_path, ["state"], clock=Clock()) as journal:
        with pytest.raises(InputError, match="running on this account already"):
            Journal(tmp_path, ["state"], clock=Clock())
        journal.append([record({"state": "NY"}, [], NOW)])
    assert in_journal(tmp_path) == [{"state": "NY"}]


def test_a_duplicate_is_remembered_for_a_week(tmp_path: Path) -> None:
    """The keys of what was taken over are there for a new receiver, and go after seven days."""
    written(tmp_path, 0, 1)
    drain(tmp_path, lambda *_: 0, clock=Clock())
    written(tmp_path, 2)
    with Journal(tmp_path, [], clock=Clock()) as journal:
        assert journal.keys() == ["key0", "key1", "key2"]
    drain(tmp_path, lambda *_: 0, clock=LaterClock(6))
    with Journal(tmp_path, [], clock=Clock()) as journal:
        assert journal.keys() == ["key0", "key1", "key2"]
    drain(tmp_path, lambda *_: 0, clock=LaterClock(8))
    with Journal(tmp_path, [], clock=Clock()) as journal:
        assert journal.keys() == ["key2"]


def judged(values: dict[str, str], personal: str, **agreed: object) -> dict[str, str]:
    agreement = Agreement.of({**AGREED, **agreed})
    judge = Judge(agreement, personal=personal)  # type: ignore[arg-type]
    (one,) = judge.judge([Arrived(values, NOW)], set())
    return dict(one.row or {})


def test_personal_columns_obey_the_choice() -> None:
    """With hash the digest stands for the address and names go; with keep all is kept."""
    values = {"email": " A@Example.com", "first_name": "Zo", "Tier": "see b@example.com"}
    assert judged(values, "hash") == {
        "email": sha256(b"a@example.com").hexdigest(),
        "referred_at": "2026-11-22T09:00:00Z",
    }
    assert judged(values, "keep") == {**values, "referred_at": "2026-11-22T09:00:00Z"}


def test_a_duplicate_of_what_is_not_kept_is_no_rule() -> None:
    """A rule that would have to remember a name is refused where names are not kept."""
    rule = {"field": "first_name", "is": "duplicate", "status": 409}
    with pytest.raises(InputError, match="remember personal data"):
        judged({}, "hash", rules=[rule])
    assert "referred_at" in judged({}, "keep", rules=[rule])
