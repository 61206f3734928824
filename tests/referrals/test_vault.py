from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.errors import InputError
from rokt_helpers.redact import mask
from rokt_helpers.referrals.reading import Personal, read_referrals
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
    manifest = vault.folder / "manifest.jsonl"
    add(vault, "a.csv", ROW)
    before = manifest.read_bytes()
    add(vault, "b.csv", LATER)
    whole = manifest.read_bytes()
    for left in range(len(before), len(whole)):  # any number of bytes may have reached the disk
        if left % 97 in {0, len(before) % 97} or left == len(whole) - 1:
            manifest.write_bytes(whole[:left])
            assert Vault(vault.folder).read().height == 1
    again = Vault(vault.folder)
    assert add(again, "b.csv", LATER).rows == 1
    assert (again.read().height, manifest.read_bytes()) == (2, whole)


def test_adding_only_adds(vault: Vault) -> None:
    """What a file brought is never written again, however many come after it."""
    add(vault, "a.csv", ROW)
    seen = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in vault.folder.rglob("*.parquet")}
    before = (vault.folder / "manifest.jsonl").read_bytes()
    for number in range(10):
        add(vault, f"{number}.csv", (f"2026-11-01 1{number}:00:00", *ROW[1:]))
    assert all((p.read_bytes(), p.stat().st_mtime_ns) == was for p, was in seen.items())
    assert (vault.folder / "manifest.jsonl").read_bytes().startswith(before)


def test_what_an_interruption_left_is_swept(vault: Vault) -> None:
    """Rows without an entry go at once, half files after an hour; what was kept stays."""
    add(vault, "a.csv", ROW)
    with vault.incoming() as folder:
        (folder / "half").write_bytes(b"x")
    orphan = vault.folder / "rows" / "day=2026-11-09"
    orphan.mkdir()
    (orphan / "x.parquet").touch()
    (vault.folder / ".incoming-dead").mkdir()
    (vault.folder / "rows" / ".x.parquet.1.part").touch()
    vault.sweep(now=datetime.now(tz=UTC))
    assert not orphan.exists()
    assert (vault.folder / ".incoming-dead").exists()
    vault.sweep(now=datetime.now(tz=UTC) + timedelta(hours=2))
    names = {path.name for path in vault.folder.rglob("*") if path.is_file()}
    assert names == {".lock", "manifest.jsonl", f"{vault.files()['sha256'][0]}.parquet"}
    assert not list(vault.folder.glob(".incoming-*"))


def test_a_broken_manifest_is_said_so(vault: Vault) -> None:
    """A manifest that cannot be read stops the work; nothing is written over it."""
    manifest = vault.folder / "manifest.jsonl"
    manifest.write_text('{"kind": "file"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="manifest"):
        add(vault, "a.csv", ROW)
    assert manifest.read_text() == '{"kind": "file"}\n'


def first_layout(folder: Path) -> pl.DataFrame:
    """Make a vault as the first version did; return the rows it holds."""
    table = read_referrals(delivered(ROW, LATER, ("", *ROW[1:]))).table
    table = table.with_columns(pl.lit("a.csv").alias("file"))
    (folder / "rows").mkdir(parents=True)
    table.write_parquet(folder / "rows" / f"{'0' * 64}.parquet")
    moment = NOW.isoformat()
    entry = {
        "name": "a.csv", "size_bytes": 7, "modified": moment, "sha256": "0" * 64, "rows": 3,
        "duplicates": 0, "rejected": 0, "collected_at": moment, "notes": [], "same_as": None,
    }  # fmt: skip
    copy = entry | {"name": "b.csv", "rows": 0, "same_as": "a.csv"}
    text = json.dumps({"version": 1, "files": [entry, copy]})
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return table


def test_a_vault_of_the_first_layout_is_brought_up_to_date(tmp_path: Path) -> None:
    """Opening it moves its rows to their days; files stay known and rows recognised."""
    table = first_layout(tmp_path)
    vault = Vault(tmp_path)
    assert (
        vault.read()
        .drop("file", "row")
        .equals(table.drop("file", "row").sort("referred_at", nulls_last=True))
    )
    parts = {p.relative_to(tmp_path / "rows").parent.name for p in tmp_path.rglob("*.parquet")}
    assert parts == {"day=2026-11-01", "day=2026-11-02", "day=unknown"}
    assert not (tmp_path / "manifest.json").exists()
    assert vault.known("b.csv", 7, NOW)
    assert add(vault, "c.csv", ROW, LATER).duplicates == 2


def test_a_migration_that_was_stopped_begins_again(tmp_path: Path) -> None:
    """Before its new manifest is there it counts for nothing; after it only the old is removed."""
    first_layout(tmp_path)
    old = (tmp_path / "manifest.json").read_bytes()
    stray = tmp_path / "rows" / "day=2026-11-01"
    stray.mkdir()
    (stray / "half.parquet").touch()
    vault = Vault(tmp_path)
    (tmp_path / "manifest.json").write_bytes(old)  # as if it had not got to removing it
    again = Vault(tmp_path)
    again.sweep(now=NOW)
    assert again.read().equals(vault.read())
    assert not (stray / "half.parquet").exists()
    assert not (tmp_path / "manifest.json").exists()


MAIL = ("Date/time", "Audience ID", "Bid price", "Email", "Tier")


def test_two_routes_bring_one_referral(vault: Vault) -> None:
    """Columns that one route lacks do not part two copies, and the first copy is kept as it is."""
    add(vault, "a.csv", ROW)
    content = delivered(("43765", *ROW[1:2], "3.00", ROW[5], "x"), header=MAIL)
    other = vault.add("old.csv", content, modified=NOW, now=NOW, route="email")
    mailed = (ROW[0] + ".4", "1", "2.5", "Ann@Example.com", "gold")
    again = vault.add("m.csv", delivered(mailed, header=MAIL), modified=NOW, now=NOW, route="email")
    assert (other.rows, again.rows, again.duplicates) == (1, 0, 1)
    kept = vault.read().filter(pl.col("file") == "a.csv").row(0, named=True)
    assert (kept["audience"], kept["extra_tier"]) == ("Everybody", None)


@pytest.mark.parametrize("place", [0, 1, 4, 5])
def test_what_differs_in_the_key_is_another_referral(vault: Vault, place: int) -> None:
    """Another second, audience, price or person is another referral."""
    other = [*ROW]
    other[place] = {0: "2026-11-01 10:00:01", 1: "2", 4: "2.51", 5: "bob@example.com"}[place]
    add(vault, "a.csv", ROW)
    assert add(vault, "b.csv", tuple(other)).rows == 1


def test_without_a_person_more_has_to_agree(vault: Vault) -> None:
    """Nameless rows are one only when all they share agrees, and not when they share too little."""
    header = ("Date/time", "Audience ID", "Bid price", "State", "Browser")
    row = ("2026-11-01 10:00:00", "1", "2.50", "CA", "Chrome")
    vault.add("a.csv", delivered(row, header=header), modified=NOW, now=NOW)
    rows = [row[:4], (*row[:3], "NY")]
    wide = vault.add("b.csv", delivered(*rows, header=header[:4]), modified=NOW, now=NOW)
    few = vault.add("c.csv", delivered(row[:2], header=header[:2]), modified=NOW, now=NOW)
    assert (wide.rows, wide.duplicates) == (1, 1)
    assert (few.rows, few.duplicates) == (1, 0)


def test_each_row_takes_one_of_all_routes(vault: Vault) -> None:
    """Copies kept from two routes count together: of three equal rows two were there."""
    add(vault, "a.csv", ROW)
    second = (ROW[0], "1", "2.50", ROW[5], "gold")
    vault.add("b.csv", delivered(second, second, header=MAIL), modified=NOW, now=NOW)
    third = vault.add("c.csv", delivered(*[second[:4]] * 3, header=MAIL[:4]), modified=NOW, now=NOW)
    assert (third.rows, third.duplicates, vault.read().height) == (1, 2, 3)


def test_changes_of_the_columns_are_told(vault: Vault) -> None:
    """New, missing and renamed columns are listed by file, each route compared with itself."""
    vault.add("a.csv", delivered(("CA", "1"), header=("State", "Age")), modified=NOW, now=NOW)
    other = delivered(("CA", "x"), header=("State", "Browser"))
    vault.add("m.csv", other, modified=NOW, now=NOW, route="email")
    content = delivered(("CA", "gold"), header=("STATE", "Tier"))
    vault.add("b.csv", content, modified=NOW, now=NOW)
    assert vault.drift().rows() == [
        ("b.csv", "Tier", "new", None),
        ("b.csv", "Age", "missing", None),
        ("b.csv", "State", "renamed_to", "STATE"),
    ]


ANN = hashlib.sha256(b"ann@example.com").hexdigest()


@pytest.mark.parametrize("setting", ["hash", "mask", "keep"])
def test_a_person_is_erased(tmp_path: Path, setting: Personal) -> None:
    """No byte of the rows names the person any more; the others and the sums stay."""
    vault = Vault(tmp_path, personal=setting)
    add(vault, "a.csv", ROW, LATER)
    add(vault, "b.csv", ("2026-11-03 10:00:00", *ROW[1:]))
    assert vault.erase_person(ANN.upper()) == 2
    assert vault.erase_person(ANN) == 0
    table = vault.read()
    assert table["referred_at"].dt.day().to_list() == [2]
    files = Vault(tmp_path).files()
    assert files.select("rows", "erased").rows() == [(2, 1), (1, 1)]
    stored = [pl.read_parquet(path) for path in tmp_path.rglob("*.parquet")]
    assert ANN not in str([frame.to_dicts() for frame in stored])
    assert "ann@" not in str([frame.to_dicts() for frame in stored])
    with pytest.raises(InputError, match="SHA-256"):
        vault.erase_person("ann@example.com")


def test_an_erasing_that_was_stopped_is_finished(vault: Vault) -> None:
    """Stopped before its line is in the manifest, nothing has changed, and it can be done again."""
    add(vault, "a.csv", ROW, LATER)
    manifest = vault.folder / "manifest.jsonl"
    before = manifest.read_bytes()
    parts = {p: p.read_bytes() for p in vault.folder.rglob("*.parquet")}
    vault.erase_person(ANN)
    for path, content in parts.items():  # the disk as it was just before the line
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    manifest.write_bytes(before)
    again = Vault(vault.folder)
    assert again.read().height == 2
    assert (again.erase_person(ANN), again.read().height) == (1, 1)


def test_masked_columns_show_the_kind_only(tmp_path: Path) -> None:
    """With "mask" a stand-in is kept, which holds nothing of the text."""
    vault = Vault(tmp_path, personal="mask")
    vault.add("a.csv", canary_file(), modified=NOW, now=NOW)
    table = vault.read()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert set(table["email"]) == {mask(CANARY)}
    assert table["email_sha256"].null_count() == 0
    assert CANARY.encode() not in stored
    assert CANARY not in str(table.to_dicts())


def test_personal_text_that_shows_late_is_left_out_everywhere(tmp_path: Path) -> None:
    """When an unknown column proves personal far down the file, its first rows go as well."""
    vault = Vault(tmp_path)
    rows = [("CA", f"remark {number} {'x' * 900}") for number in range(40_000)]
    content = delivered(*rows, ("CA", f"ask {CANARY}"), header=("State", "Remark"))
    kept = vault.add("a.csv", content, modified=NOW, now=NOW)
    (part,) = (vault.folder / "rows").rglob("*.parquet")
    assert "extra_remark" not in pl.read_parquet_schema(part)
    assert "extra_remark" not in vault.read().columns
    assert kept.rows == 40_001


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
