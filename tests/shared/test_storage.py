"""The places where a team keeps files: each of them held to the same promises."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from rokt_helpers.errors import SettingsError, Unavailable
from rokt_helpers.storage import Storage, open_storage
from tests.real_parts.s3 import S3Server

PEOPLE = pl.DataFrame({"person": [b"a", b"b", b"c"], "batch": [1, 1, 2]})


def text(storage: Storage, name: str) -> str | None:
    path = storage.newest(name)
    return path.read_text(encoding="utf-8") if path else None


def save(storage: Storage, name: str, content: str) -> None:
    storage.write(name, lambda part: part.write_text(content, encoding="utf-8"))


def test_what_one_writes_the_other_reads(storage: Storage, other: Storage) -> None:
    """A file is there for both, and so is each newer one, whatever was read before."""
    assert (text(other, "a/b.txt"), other.exists("a/b.txt")) == (None, False)
    for content in ("one", "two", "three"):
        save(storage, "a/b.txt", content)
        assert text(other, "a/b.txt") == content
    assert other.exists("a/b.txt")


def test_names_are_those_below_a_folder(storage: Storage, other: Storage) -> None:
    """Only what ends so is named, by its name from the top, and removed files are not."""
    for name in ("x/1.json", "x/y/2.json", "x/3.txt", "z/4.json"):
        save(storage, name, "{}")
    assert other.names("x", ".json") == ["x/1.json", "x/y/2.json"]
    assert other.below("x").names("", ".json") == ["1.json", "y/2.json"]
    storage.remove(["x/1.json", "x/none.json"])
    assert other.names("", ".json") == ["x/y/2.json", "z/4.json"]
    assert not storage.exists("x/1.json")
    assert other.names("nothing", ".json") == []


def test_a_writer_that_fails_leaves_the_older_file(storage: Storage, other: Storage) -> None:
    """What was not finished never has its name."""
    save(storage, "list.txt", "whole")

    def fails(part: Path) -> None:
        part.write_text("ha", encoding="utf-8")
        raise ValueError("stopped half-way")

    with pytest.raises(ValueError, match="half-way"):
        storage.write("list.txt", fails)
    assert (text(other, "list.txt"), other.names("", ".txt")) == ("whole", ["list.txt"])


def test_lines_are_put_behind_what_is_whole(storage: Storage, other: Storage) -> None:
    """A line follows the first so many bytes; half a line behind them goes."""
    save(storage, "list.txt", "one\nha")
    storage.append("list.txt", "two\n", after_bytes=4)
    assert text(other, "list.txt") == "one\ntwo\n"
    other.append("list.txt", "three\n", after_bytes=8)
    assert text(storage, "list.txt") == "one\ntwo\nthree\n"


def test_a_finished_file_is_put_in_place(storage: Storage, other: Storage, tmp_path: Path) -> None:
    """It is fetched as it was, several at a time."""
    for number in range(3):
        part = tmp_path / f"part-{number}"
        part.write_text(str(number), encoding="utf-8")
        storage.put(part, f"rows/day=1/{number}.parquet")
    names = [f"rows/day=1/{number}.parquet" for number in range(3)]
    found = [path.read_text(encoding="utf-8") for path in other.fetch(names)]
    assert found == ["0", "1", "2"]
    assert other.names("rows", ".parquet") == names


def test_a_table_is_read_when_it_is_asked_for(storage: Storage, other: Storage) -> None:
    """A scan shows the file as it is then, filtered and joined as any other table."""
    storage.write("people.parquet", PEOPLE.write_parquet)
    table = other.scan("people.parquet", PEOPLE.schema)
    storage.write("people.parquet", PEOPLE.head(2).write_parquet)
    outcome = pl.LazyFrame({"batch": [1], "at": ["now"]})
    joined = table.filter(pl.col("person") != b"a").join(outcome, on="batch")
    assert joined.select("person", "at").collect(engine="streaming").rows() == [(b"b", "now")]
    assert table.head(1).select("batch").collect().item() == 1


def test_what_was_never_finished_is_swept(storage: Storage, address: str) -> None:
    """A hidden part that a crash left goes; whole files stay."""
    save(storage, "x/whole.txt", "whole")
    folder = Path(address.removeprefix("file://"))
    if not address.startswith("s3"):  # S3 never shows half a file
        (folder / "x" / ".half.txt.0.part").write_text("ha", encoding="utf-8")
    storage.sweep()
    assert storage.names("", ".txt") == ["x/whole.txt"]
    assert address.startswith("s3") or [p.name for p in (folder / "x").iterdir()] == ["whole.txt"]


def test_a_mounted_folder_is_open_to_its_group(tmp_path: Path) -> None:
    """Others of the team may read and write there, and nobody else may look."""
    storage = open_storage(str(tmp_path / "share"))
    save(storage, "members/a.parquet", "x")
    made = [tmp_path / "share", *(tmp_path / "share").rglob("*")]
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {"0o770", "0o660"}


def test_copies_go_with_whoever_read_them(s3: S3Server, storage_on_s3: Storage) -> None:
    """What was brought here to be read lies in a private folder that goes with the reader."""
    save(storage_on_s3, "a.txt", "x")
    copy = storage_on_s3.newest("a.txt")
    assert copy is not None
    folder = copy.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    storage_on_s3.__dict__["_passing"].remove()
    assert not folder.exists()
    assert s3.environment["AWS_SECRET_ACCESS_KEY"] not in repr(storage_on_s3)


@pytest.fixture
def storage_on_s3(s3: S3Server) -> Storage:  # noqa: ARG001  the environment leads there
    return open_storage("s3://team/copies")


def test_a_store_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to look at, and shows neither address nor key."""
    with S3Server() as server:
        for name, value in {**server.environment, "AWS_MAX_ATTEMPTS": "1"}.items():
            monkeypatch.setenv(name, value)
        storage = open_storage("s3://team/rokt")
        with pytest.raises(Unavailable, match="ROKT_SHARED_FOLDER"):
            save(storage, "a.txt", "no such bucket")
    with pytest.raises(Unavailable, match="The shared folder cannot be used") as caught:
        storage.exists("a.txt")
    said = str(caught.value)
    assert "127.0.0.1" not in said
    assert "canary" not in said


@pytest.mark.parametrize("address", ["nothing://team/rokt", "s3x://team"])
def test_an_address_that_nobody_knows_is_refused(address: str) -> None:
    """The sentence names the setting and what to install."""
    with pytest.raises(SettingsError, match=r"ROKT_SHARED_FOLDER.*add shared"):
        open_storage(address)
