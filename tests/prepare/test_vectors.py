from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from rokt_helpers import hash_email, normalise_email, prepare_audience
from rokt_helpers.cli import main
from rokt_helpers.identifiers import POISON_DIGESTS
from tests.prepare.vectors import AGREED, DISPUTED, HELLO, MISHAPS, POISON, UNICODE

OURS = AGREED | UNICODE | {cell: ours for cell, (_, ours) in DISPUTED.items()}
CELLS, DIGESTS = list(OURS), list(dict.fromkeys(OURS.values()))


def as_csv(cells: list[str], path: Path, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([["id", "email"], *enumerate(cells)])
    return path


def as_text(cells: list[str], path: Path) -> Path:
    path.write_text("\n".join(cells), encoding="utf-8")
    return path


def digests_of(source: object) -> list[str]:
    return prepare_audience(source).to_pandas()["sha256"].tolist()


def by_command(cells: list[str], folder: Path) -> list[str]:
    out = folder / "out.txt"
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["prepare", str(as_csv(cells, folder / "list.csv")), "--out", str(out)])
    return out.read_text(encoding="utf-8").split()


WAYS: dict[str, Callable[[list[str], Path], list[str]]] = {
    "one by one": lambda cells, _: list(dict.fromkeys(str(hash_email(cell)) for cell in cells)),
    "series": lambda cells, _: hash_email(pd.Series(cells)).drop_duplicates().tolist(),
    "prepared series": lambda cells, _: digests_of(pd.Series(cells, dtype=object)),
    "pandas": lambda cells, _: digests_of(pd.DataFrame({"n": 1, "email": cells})),
    "polars": lambda cells, _: digests_of(pl.DataFrame({"email": cells, "n": [[1]] * len(cells)})),
    "polars series": lambda cells, _: digests_of(pl.Series(cells)),
    "arrow": lambda cells, _: digests_of(pa.table({"email": cells})),
    "arrow view": lambda cells, _: digests_of(pa.table({"e": pa.array(cells, pa.string_view())})),
    "arrow column": lambda cells, _: digests_of(pa.chunked_array([cells[:3], cells[3:]])),
    "CSV": lambda cells, folder: digests_of(as_csv(cells, folder / "a list.csv")),
    "CSV, UTF-16": lambda cells, folder: digests_of(as_csv(cells, folder / "l.csv", "utf-16")),
    "TXT": lambda cells, folder: digests_of(as_text(cells, folder / "list.TXT")),
    "rokt prepare": by_command,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_same_digests(way: str, tmp_path: Path) -> None:
    """The published digests come out of every way in, in the order of the list, each once."""
    assert WAYS[way](CELLS, tmp_path) == DIGESTS


@pytest.mark.parametrize("cell", OURS)
def test_one_address(cell: str) -> None:
    """A string gives the published digest, which is the plain SHA-256 of its canonical form."""
    canonical = normalise_email(cell)
    assert canonical is not None
    assert hash_email(cell) == OURS[cell] == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize("cell", DISPUTED)
def test_rules_of_other_platforms_are_not_taken_over(cell: str) -> None:
    """Dots, plus tags and apostrophes stay, because Rokt does not ask to remove them."""
    theirs, ours = DISPUTED[cell]
    assert hash_email(cell) == ours != theirs


@pytest.mark.parametrize("cell", MISHAPS)
@pytest.mark.parametrize("way", ["series", "polars", "CSV", "TXT", "rokt prepare"])
def test_no_known_mishap_is_repeated(cell: str, way: str, tmp_path: Path) -> None:
    """What is known to go wrong in a cell never gives the digest of exactly that cell."""
    assert hashlib.sha256(cell.encode()).hexdigest() == MISHAPS[cell]
    neighbour = "ann@example.com" if "@" in cell else AGREED["test@fb.com"]
    digests = WAYS[way]([neighbour, cell], tmp_path)
    assert digests
    assert MISHAPS[cell] not in digests


@pytest.mark.parametrize("cell", [c for c in MISHAPS if "@" in c and c[0] != '"' and ":" not in c])
def test_invisible_differences_are_removed(cell: str) -> None:
    """Case, line ends, marks and white space around an address do not change its digest."""
    assert hash_email(cell) == HELLO


def test_a_list_of_digests_stays_as_it_is() -> None:
    """Digests in capitals and padded come out in lower case, and are not hashed again."""
    assert digests_of(pl.Series([HELLO.upper(), f" {HELLO}\r"])) == [HELLO]


@pytest.mark.parametrize("word", POISON)
def test_the_digest_of_a_placeholder_is_no_person(word: str) -> None:
    """A digest of an empty cell or a word such as nan is rejected by its own reason."""
    assert hashlib.sha256(word.encode()).hexdigest() == POISON[word]
    assert POISON[word] in POISON_DIGESTS
    prepared = prepare_audience(pl.Series([HELLO, POISON[word]]))
    assert prepared.summary["rejected_by_reason"] == {"poison_digest": 1}


def test_the_summary_of_the_command_counts_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command prints as JSON is the summary Python gives for the same file."""
    source = as_csv(CELLS, tmp_path / "list.csv")
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["prepare", str(source), "--out", str(tmp_path / "out.csv"), "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed.items() >= prepare_audience(source).summary.items()
