from __future__ import annotations

import json
import threading
from datetime import date, datetime, timedelta
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
from tests.referrals.downloads import NOW, Downloads, ResumableDownloads, delivered

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
    assert sorted(downloads.downloads) == ["a.csv", "b.csv"]  # several at a time, in any order


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
    """Each file seen and not collected has its countdown, the most urgent first."""
    for name, age in (("a.csv", timedelta(days=12, hours=1)), ("b.csv", timedelta(days=40))):
        downloads.put(name, delivered(ROW), modified=NOW - age)
    downloads.put("refused.csv", delivered(ROW))
    downloads.put("good.csv", delivered(LATER))
    downloads.refuse = {"a.csv", "b.csv", "refused.csv"}
    result = collect(downloads, vault, now=clock)
    assert result.files_new == ("good.csv",)
    assert result.expiring == (
        Expiring("b.csv", 0),
        Expiring("a.csv", 1, 23),
        Expiring("refused.csv", 14),
    )
    said = result.describe()
    assert "a.csv was not collected; Rokt will remove it in 1 day and 23 hours." in said
    assert "b.csv was not collected, and Rokt may remove it at any moment." in said
    week = collect(downloads, vault, now=clock, retention_days=7)
    assert week.expiring[-1] == Expiring("refused.csv", 7)


def test_what_cannot_be_read_is_set_aside(downloads: Downloads, vault: Vault) -> None:
    """A damaged file lies in quarantine with its reason, is not fetched again, and can be retried.

    The others come in, and the whole file comes in once it is delivered.
    """
    damaged = delivered(ROW) + b'"never closed\nand on\n'
    downloads.put("a.csv", damaged)
    downloads.put("b.csv", delivered(LATER))
    first = collect(downloads, vault, now=clock)
    again = collect(downloads, vault, now=clock)
    assert first.files_new == ("b.csv",)
    assert [f.name for f in first.files_set_aside] == ["a.csv"]
    assert (first.expiring, again.files_known) == ((), ("a.csv", "b.csv"))
    assert downloads.downloads.count("a.csv") == 1
    row = vault.quarantined().row(0, named=True)
    assert "quotation mark" in row["reason"]
    assert (row["size_bytes"], row["modified"], row["set_aside_at"]) == (len(damaged), NOW, NOW)
    with pytest.raises(InputError, match="quotation mark"):
        vault.retry("a.csv", now=NOW)
    assert vault.quarantined().height == 1
    downloads.put("a.csv", delivered(ROW), modified=NOW + timedelta(hours=1))
    assert collect(downloads, vault, now=clock).rows_kept == 1
    vault.discard("a.csv", now=NOW)
    assert (vault.quarantined().height, vault.read().height) == (0, 2)


def test_a_broken_download_is_gone_on_with(tmp_path: Path, vault: Vault) -> None:
    """Where the folder can hand over the rest, only the rest is fetched; the file is whole."""
    folder = tmp_path / "resumable"
    folder.mkdir()
    remote = ResumableDownloads(folder)
    content = delivered(*[ROW] * 50)
    remote.put("a.csv", content)
    remote.breaks_after = 1_000
    for _ in range(2):
        with pytest.raises(Unavailable):
            collect(remote, vault, now=clock)
    modes = {path.stat().st_mode & 0o777 for path in (vault.folder / "incoming").iterdir()}
    remote.breaks_after = None
    assert collect(remote, vault, now=clock).rows_kept == 50
    assert remote.asked == [("a.csv", 0), ("a.csv", 1_000), ("a.csv", 2_000)]
    assert modes == {0o600}
    assert not list((vault.folder / "incoming").iterdir())


def test_half_of_an_older_file_is_never_gone_on_with(tmp_path: Path, vault: Vault) -> None:
    """A file that was delivered anew is fetched from its start, and the old half is removed."""
    folder = tmp_path / "resumable"
    folder.mkdir()
    remote = ResumableDownloads(folder)
    remote.put("a.csv", delivered(*[ROW] * 50))
    remote.breaks_after = 1_000
    with pytest.raises(Unavailable):
        collect(remote, vault, now=clock)
    remote.put("a.csv", delivered(LATER), modified=NOW + timedelta(hours=1))
    remote.breaks_after = None
    assert collect(remote, vault, now=clock).rows_kept == 1
    assert remote.asked[-1] == ("a.csv", 0)
    assert not list((vault.folder / "incoming").iterdir())


@pytest.mark.parametrize(("at_once", "bears", "most"), [(4, 4, 4), (2, 4, 2), (4, 1, 1)])
def test_several_come_at_a_time(
    downloads: Downloads, vault: Vault, at_once: int, bears: int, most: int
) -> None:
    """As many downloads as were asked for run at a time, and never more than the folder bears."""
    for number in range(8):
        downloads.put(f"{number}.csv", delivered((f"2026-11-0{number + 1}", *ROW[1:])))
    downloads.downloads_at_once = bears
    running, seen, lock = 0, 0, threading.Lock()
    together = threading.Barrier(most)

    def between() -> None:
        nonlocal running, seen
        with lock:
            running += 1
            seen = max(seen, running)
        together.wait(timeout=10)  # proves that so many run; breaks when fewer do
        with lock:
            running -= 1
        together.wait(timeout=10)

    downloads.between = between
    result = collect(downloads, vault, now=clock, at_once=at_once)
    assert (result.rows_kept, seen) == (8, most)


def test_a_stop_comes_between_files(downloads: Downloads, vault: Vault) -> None:
    """What was collected until then stays, what is left is named, and the next time has it."""
    for number in range(6):
        age = timedelta(days=6 - number)
        row = (f"2026-11-0{number + 1}", *ROW[1:])
        downloads.put(f"{number}.csv", delivered(row), modified=NOW - age)
    stop = threading.Event()

    def listen(reading: Progress) -> None:
        if reading.done == 3:
            stop.set()

    first = collect(downloads, vault, now=clock, progress=listen, cancel=stop, at_once=2)
    assert (first.files_new, first.cancelled) == (("0.csv", "1.csv", "2.csv"), True)
    assert [left.name for left in first.files_left] == ["3.csv", "4.csv", "5.csv"]
    assert [soon.name for soon in first.expiring] == ["3.csv", "4.csv", "5.csv"]
    second = collect(downloads, vault, now=clock)
    assert (second.rows_kept, second.cancelled, vault.read().height) == (3, False, 6)


def test_a_day_that_never_came_is_said(downloads: Downloads, vault: Vault) -> None:
    """From the rhythm of what came, the missing day is named with the way to export it."""
    for number in range(1, 10):
        if number != 6:
            name = f"2026-11-{number + 10}"
            modified = datetime(2026, 11, number + 11, 6, tzinfo=NOW.tzinfo)
            downloads.put(f"{name}.csv", delivered((name, *ROW[1:])), modified=modified)
    result = collect(downloads, vault, now=clock)
    days = [date(2026, 11, 16), date(2026, 11, 20)]  # the last one is due since yesterday
    assert [gap.day for gap in result.lost] == days
    said = result.describe(now=NOW)
    assert any("No file for Monday 16 November 2026; export those dates" in line for line in said)
    plain = json.loads(json.dumps(result.as_dict()))
    assert plain["lost"][0]["day"] == "2026-11-16"
    export = delivered(("2026-11-16", *ROW[1:]), ("2026-11-20", *ROW[1:]))
    vault.add("export.csv", export, modified=NOW, now=NOW, route="import")
    assert collect(downloads, vault, now=clock).lost == ()


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


@pytest.mark.parametrize(
    "header", ["email", "Name,E-mail,Phone number", "Order number,Date,Total,Customer,Email"]
)
def test_a_list_of_customers_or_orders_is_no_referrals(
    header: str, vault: Vault, tmp_path: Path
) -> None:
    """Who somebody is, and a date, stand in every list; nothing of such a file is kept."""
    path = tmp_path / "customers.csv"
    row = ",".join(
        "ann@example.com" if "mail" in name.lower() else "1" for name in header.split(",")
    )
    path.write_text(f"{header}\n{row}\n")
    with pytest.raises(InputError, match="These are no referrals"):
        import_file(path, vault, now=clock)
    assert len(vault.files()) == 0


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
