from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.errors import InputError
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.referrals.vault import KeptFile, Vault
from tests.referrals.downloads import HEADER, NOW, delivered

ROW = ("2026-11-01 10:00:00", "1", "Everybody", "USA", "2.50", "ann@example.com")
LATER = ("2026-11-02 10:00:00", "1", "Everybody", "USA", "3.50", "bob@example.com")
CANARY = "canary.bird@example.org"


def add(vault: Vault, name: str, *rows: tuple[object, ...]) -> KeptFile:
    return vault.add(name, delivered(*rows), modified=NOW, now=NOW)


def test_rows_come_back_oldest_first_with_their_origin(vault: Vault) -> None:
    """The union of all files is sorted by moment, and each row names its file and its row."""
    add(vault, "b.csv", LATER)
    add(vault, "a.csv", ROW)
    table = vault.read()
    assert table.select("bid_price", "file", "row").rows() == [(2.5, "a.csv", 2), (3.5, "b.csv", 2)]


def test_an_empty_vault_has_the_columns_too(vault: Vault) -> None:
    """Before the first file, the table is empty and has the columns it will have."""
    assert vault.read().height == 0
    assert vault.files().height == 0
    assert vault.read().columns[-2:] == ["file", "row"]


def test_the_same_content_adds_nothing(vault: Vault) -> None:
    """Content delivered again under another name is known by its digest and adds no rows."""
    add(vault, "a.csv", ROW)
    again = add(vault, "copy.csv", ROW)
    assert (again.same_as, again.rows_in, vault.read().height) == ("a.csv", 0, 1)
    assert vault.known("copy.csv", again.size_bytes, NOW)


def test_rows_delivered_before_are_duplicates(vault: Vault) -> None:
    """Of two overlapping files each referral is kept once, also with an address spelt apart."""
    add(vault, "a.csv", ROW)
    second = add(vault, "b.csv", (*ROW[:5], " ANN@example.com"), LATER)
    assert (second.rows, second.duplicates, vault.read().height) == (1, 1, 2)


def test_equal_rows_of_one_file_are_all_kept(vault: Vault) -> None:
    """Two equal rows of one file are two referrals; a later file's third is one more."""
    add(vault, "a.csv", ROW, ROW)
    later = add(vault, "b.csv", ROW, ROW, ROW)
    assert (later.rows, later.duplicates, vault.read().height) == (1, 2, 3)


def test_rows_without_a_date_are_compared_too(vault: Vault) -> None:
    """A file without dates is recognised when it overlaps with another such file."""
    undated = ("", *ROW[1:])
    add(vault, "a.csv", undated)
    assert add(vault, "b.csv", undated, ROW).duplicates == 1


def test_a_new_column_is_no_trouble(vault: Vault) -> None:
    """When Rokt changes the columns, old rows are null in the new one."""
    add(vault, "a.csv", ROW)
    content = delivered((*LATER, "gold"), header=(*HEADER, "Tier"))
    vault.add("b.csv", content, modified=NOW, now=NOW)
    assert vault.read()["extra_tier"].to_list() == [None, "gold"]


def test_the_manifest_tells_what_was_collected(vault: Vault) -> None:
    """The list of files holds the sums, the moments in UTC, and the notes."""
    east = datetime.fromisoformat("2026-11-22T16:00:00+10:00")
    content = delivered(ROW, ("x", *ROW[1:]))
    vault.add("a.csv", content, modified=east, now=NOW)
    row = vault.files().row(0, named=True)
    assert (row["rows"], row["duplicates"], row["rejected"]) == (1, 0, 1)
    assert (row["modified"], row["collected_at"]) == (NOW, NOW)
    assert any("Rejected" in note and "(row 3)" in note for note in row["notes"])


def test_only_the_owner_may_look(vault: Vault) -> None:
    """Folders are 0700 and files 0600."""
    add(vault, "a.csv", ROW)
    modes = {path.stat().st_mode & 0o777 for path in vault.folder.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in (vault.folder, vault.folder / "rows")}
    assert (modes, folders) == ({0o600}, {0o700})


def test_a_crash_before_the_manifest_loses_nothing(vault: Vault) -> None:
    """Rows the manifest does not name were never collected; collecting replaces them."""
    add(vault, "a.csv", ROW)
    before = (vault.folder / "manifest.json").read_bytes()
    add(vault, "b.csv", LATER)
    (vault.folder / "manifest.json").write_bytes(before)
    assert vault.read().height == 1
    assert add(vault, "b.csv", LATER).rows == 1
    assert vault.read().height == 2


def test_what_an_interruption_left_is_swept(vault: Vault) -> None:
    """Half a download is removed once it is an hour old; what was kept stays."""
    add(vault, "a.csv", ROW)
    with vault.incoming() as folder:
        (folder / "half").write_bytes(b"x")
    (vault.folder / ".incoming-dead").mkdir()
    (vault.folder / "rows" / ".x.parquet.1.part").touch()
    vault.sweep(now=datetime.now(tz=UTC))
    assert (vault.folder / ".incoming-dead").exists()
    vault.sweep(now=datetime.now(tz=UTC) + timedelta(hours=2))
    names = {path.name for path in vault.folder.rglob("*") if path.is_file()}
    assert names == {"manifest.json", f"{vault.files()['sha256'][0]}.parquet"}
    assert not list(vault.folder.glob(".incoming-*"))


def test_a_broken_manifest_is_said_so(vault: Vault) -> None:
    """A manifest that cannot be read stops the work; nothing is written over it."""
    (vault.folder / "manifest.json").write_text('{"files": [{}]}', encoding="utf-8")
    with pytest.raises(InputError, match="manifest"):
        add(vault, "a.csv", ROW)
    assert json.loads((vault.folder / "manifest.json").read_text())["files"] == [{}]


def test_a_refused_file_leaves_the_vault_as_it_was(vault: Vault) -> None:
    """A file that cannot be read adds neither rows nor an entry."""
    with pytest.raises(InputError):
        vault.add("a.zip", b"PK\0", modified=NOW, now=NOW)
    assert vault.files().height == 0


def canary_file() -> bytes:
    personal = [d for d, own in contract.REFERRAL_COLUMNS.items() if own in PERSONAL]
    header = ("Date/time", "State", *personal, "Contact e-mail", "Remark")
    cells = [CANARY] * (len(header) - 2)
    # The last row has slipped to the left: an address stands in the column of the state.
    return delivered(
        ("2026-11-01", "CA", *cells), ("2026-11-01", CANARY, *cells), (CANARY,), header=header
    )


PERSONAL = contract.PERSONAL_COLUMNS


def test_nothing_personal_is_kept(vault: Vault) -> None:
    """With personal="hash" a planted address is in no byte, cell, note, name or repr."""
    kept = vault.add("a.csv", canary_file(), modified=NOW, now=NOW)
    table = vault.read()
    said = "".join(map(str, (kept, vault, vault.files().to_dicts(), table.to_dicts())))
    stored = b"".join(path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())
    assert (kept.rows, kept.rejected) == (2, 1)
    assert CANARY not in said
    assert CANARY.encode() not in stored
    assert not set(contract.PERSONAL_COLUMNS) & set(table.columns)
    assert table["email_sha256"].null_count() == 0


@pytest.mark.parametrize(("setting", "seen"), [("keep", True), ("hash", False)])
def test_personal_columns_show_only_where_asked_for(
    tmp_path: Path, setting: Personal, seen: bool
) -> None:
    """Columns kept under an earlier setting are out of sight once it is "hash"."""
    Vault(tmp_path, personal="keep").add("a.csv", canary_file(), modified=NOW, now=NOW)
    assert ("email" in Vault(tmp_path, personal=setting).read().columns) is seen


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), max_size=6), min_size=1, max_size=4))
def test_overlapping_files_add_up(files: list[list[int]]) -> None:
    """However files overlap, of each referral as many are kept as the fullest file held."""
    with TemporaryDirectory() as folder:
        vault = Vault(Path(folder))
        for number, moments in enumerate(files):
            rows = [(f"2026-11-0{day + 1}", *ROW[1:]) for day in moments]
            kept = add(vault, f"{number}.csv", *rows)
            assert kept.same_as or kept.rows_in == len(moments)
        expected = sum(max(moments.count(day) for moments in files) for day in range(5))
        assert vault.read().height == expected


def test_known_is_exact(vault: Vault) -> None:
    """Another name, size or moment is another file."""
    kept = add(vault, "a.csv", ROW)
    assert vault.known("a.csv", kept.size_bytes, NOW.astimezone(UTC))
    assert not vault.known("b.csv", kept.size_bytes, NOW)
    assert not vault.known("a.csv", kept.size_bytes + 1, NOW)
    assert not vault.known("a.csv", kept.size_bytes, NOW + timedelta(seconds=1))
