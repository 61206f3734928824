from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.errors import ContractError, InputError, Unavailable
from rokt_helpers.progress import Progress
from rokt_helpers.referrals.inbox import (
    Collected,
    Expiring,
    collect,
    import_file,
)
from rokt_helpers.referrals.vault import Vault
from tests.referrals.downloads import NOW, Downloads, delivered

ROW = ("2026-11-01 10:00:00", "1", "Everybody", "USA", "2.50", "ann@example.com")
LATER = ("2026-11-02 10:00:00", "1", "Everybody", "USA", "3.50", "bob@example.com")


def clock() -> datetime:
    return NOW


def test_each_file_is_collected_once(downloads: Downloads, vault: Vault) -> None:
    """New files come in, oldest first; the next collection downloads nothing again."""
    downloads.put("b.csv", delivered(LATER), modified=NOW)
    downloads.put("a.csv", delivered(ROW, ("x", *ROW[1:])), modified=NOW - timedelta(days=1))
    first = collect(downloads, vault, now=clock)
    again = collect(downloads, vault, now=clock)
    assert first.files_new == ("a.csv", "b.csv")
    assert (first.rows_in, first.rows_kept, first.rows_rejected) == (3, 2, 1)
    assert (again.files_known, again.rows_in) == (("a.csv", "b.csv"), 0)
    assert downloads.downloads == ["a.csv", "b.csv"]


def test_the_remote_folder_is_not_changed(downloads: Downloads, vault: Vault) -> None:
    """Names, bytes and moments of the downloads folder are the same afterwards."""
    downloads.put("a.csv", delivered(ROW))
    downloads.put(".b.csv", b"unfinished")

    def seen() -> list[tuple[str, bytes, float]]:
        folder = sorted(downloads.folder.iterdir())
        return [(p.name, p.read_bytes(), p.stat().st_mtime) for p in folder]

    before = seen()
    collect(downloads, vault, now=clock)
    assert seen() == before


def test_dot_files_are_left_alone(downloads: Downloads, vault: Vault) -> None:
    """A file that begins with a dot is neither downloaded nor mentioned."""
    downloads.put(".a.csv", delivered(ROW))
    assert collect(downloads, vault, now=clock) == Collected()
    assert downloads.downloads == []


def test_a_copy_under_another_name_is_recognised(downloads: Downloads, vault: Vault) -> None:
    """The same content again is counted as redelivered, adds nothing and is known from then on."""
    downloads.put("a.csv", delivered(ROW))
    collect(downloads, vault, now=clock)
    downloads.put("a (1).csv", delivered(ROW), modified=NOW + timedelta(hours=1))
    copy = collect(downloads, vault, now=clock)
    assert (copy.files_redelivered, copy.files_new, copy.rows_in) == (("a (1).csv",), (), 0)
    assert len(collect(downloads, vault, now=clock).files_known) == 2
    assert vault.read().height == 1


def test_a_growing_file_waits(downloads: Downloads, vault: Vault) -> None:
    """A file that changes while it is fetched is left, and comes in whole the next time."""
    downloads.put("a.csv", delivered(ROW))
    downloads.between = lambda: downloads.put("a.csv", delivered(ROW, LATER))
    first = collect(downloads, vault, now=clock)
    assert [(left.name, "still being written" in left.why) for left in first.files_left] == [
        ("a.csv", True)
    ]
    downloads.between = lambda: None
    assert collect(downloads, vault, now=clock).rows_kept == 2


def test_a_short_download_waits(downloads: Downloads, vault: Vault) -> None:
    """Fewer bytes than listed are not taken for the file."""
    downloads.put("a.csv", delivered(ROW))
    downloads.cut_bytes = 3
    result = collect(downloads, vault, now=clock)
    assert [left.name for left in result.files_left] == ["a.csv"]
    assert vault.read().height == 0


def test_what_is_left_says_how_long_it_will_stay(downloads: Downloads, vault: Vault) -> None:
    """A file that could not be collected is listed with its days, and others come in."""
    downloads.put("bad.csv", b"PK\0", modified=NOW - timedelta(days=12, hours=1))
    downloads.put("old.csv", b"PK\1\0", modified=NOW - timedelta(days=40))
    downloads.put("refused.csv", delivered(ROW))
    downloads.put("good.csv", delivered(LATER))
    downloads.refuse = {"refused.csv"}
    result = collect(downloads, vault, now=clock)
    assert result.files_new == ("good.csv",)
    assert set(result.expiring) == {
        Expiring("bad.csv", 1),
        Expiring("old.csv", 0),
        Expiring("refused.csv", 14),
    }


def test_a_failing_wire_keeps_what_came(downloads: Downloads, vault: Vault) -> None:
    """When nobody answers for the second file the first is kept, and nothing half is."""
    downloads.put("a.csv", delivered(ROW), modified=NOW - timedelta(days=1))
    downloads.put("b.csv", delivered(LATER))
    downloads.fail = {"b.csv"}
    with pytest.raises(Unavailable):
        collect(downloads, vault, now=clock)
    assert vault.files()["name"].to_list() == ["a.csv"]
    assert not list(vault.folder.glob(".incoming-*"))


def test_progress_is_told_for_each_file(downloads: Downloads, vault: Vault) -> None:
    """After each file somebody who waits hears how many are done."""
    downloads.put("a.csv", delivered(ROW), modified=NOW - timedelta(days=1))
    downloads.put("b.csv", delivered(LATER))
    heard: list[Progress] = []
    collect(downloads, vault, now=clock, progress=heard.append)
    assert heard == [
        Progress("Collecting", 1, 2, "files"),
        Progress("Collecting", 2, 2, "files"),
    ]


def test_a_file_that_came_by_mail_is_taken_in(tmp_path: Path, vault: Vault) -> None:
    """An exported file on this computer counts like a collected one, and only once."""
    path = tmp_path / "export.csv"
    path.write_bytes(delivered(ROW))
    assert import_file(path, vault, now=clock).rows_kept == 1
    assert import_file(path, vault, now=clock).files_redelivered == ("export.csv",)
    assert vault.files().height == 1


def test_a_missing_file_is_said_so(tmp_path: Path, vault: Vault) -> None:
    """A path that leads nowhere is the caller's to mend."""
    with pytest.raises(InputError, match="cannot be opened"):
        import_file(tmp_path / "nowhere.csv", vault, now=clock)


@given(st.tuples(*[st.integers(0, 9)] * 4))
def test_the_rows_of_a_collection_add_up(counts: tuple[int, int, int, int]) -> None:
    """A result whose rows do not add up cannot be made."""
    rows_in, kept, duplicate, rejected = counts

    def make() -> Collected:
        return Collected(
            rows_in=rows_in, rows_kept=kept, rows_duplicate=duplicate, rows_rejected=rejected
        )

    if rows_in == kept + duplicate + rejected:
        assert make().as_dict()["rows_in"] == rows_in
    else:
        with pytest.raises(ContractError):
            make()
