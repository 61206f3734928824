"""What was prepared on a cluster is read, planned and delivered by one machine."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from rokt_helpers import open_workbench, prepare_audience
from rokt_helpers.cluster import prepare_on_cluster
from rokt_helpers.errors import InputError
from rokt_helpers.sandbox import Sandbox
from tests.cluster.conftest import Frame

PEOPLE = [f"Person.{n % 700}@Example.com" if n % 9 else "nobody" for n in range(1_000)]

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas:FutureWarning"
)


@pytest.mark.parametrize("spelled", [Path, str, lambda path: f"file://{path}"])
def test_the_written_folder_is_a_list_like_any_other(
    spelled: type[Path | str], frame: Frame, tmp_path: Path
) -> None:
    """Several part files in a folder, as a Path or as text, are one list of the same digests."""
    source = frame("email string", PEOPLE).repartition(5)
    cluster = prepare_on_cluster(source, output_path=spelled(tmp_path / "out"))
    assert isinstance(cluster.path, Path | str)
    prepared, local = prepare_audience(cluster.path), prepare_audience(pl.Series("email", PEOPLE))
    assert sorted(prepared.identifiers.to_list()) == sorted(local.identifiers.to_list())
    assert prepared.identifier == "sha256"
    sums = {key: prepared.summary[key] for key in ("rows_in", "accepted", "duplicates", "rejected")}
    assert sums == {
        "rows_in": len(local), "accepted": len(local), "duplicates": 0, "rejected": 0,
    }  # fmt: skip


def test_what_spark_wrote_is_planned_and_delivered(
    frame: Frame, tmp_path: Path, sandbox: Sandbox
) -> None:
    """The list at Rokt's side has as many members as the cluster accepted."""
    cluster = prepare_on_cluster(frame("email string", PEOPLE), output_path=tmp_path / "out")
    prepared = prepare_audience(cluster.path)
    with open_workbench() as workbench:
        plan = workbench.plan(prepared, list="Spark")
        assert plan.rows == len(cluster)
        assert workbench.deliver(plan).rows_confirmed == len(cluster)
    assert sandbox.lists()["Spark"] == len(cluster)


def test_parts_without_rows_are_parts(frame: Frame, tmp_path: Path) -> None:
    """Spark writes files without rows for partitions that are empty; they add nothing."""
    people = frame("email string", ["ann@example.com", "bob@example.com"])
    people.filter("email like 'b%'").write.parquet(str(tmp_path / "list"))
    rows = [len(pl.read_parquet(part)) for part in (tmp_path / "list").glob("part-*")]
    assert sorted(rows) == [0, 1]
    assert len(prepare_audience(tmp_path / "list")) == 1


def test_a_spark_frame_is_a_source(frame: Frame) -> None:
    """A frame that fits into memory is collected, and gives what the same cells give."""
    source = frame("n int, `e.mail` string", range(1_000), PEOPLE)
    prepared = prepare_audience(source)
    local = prepare_audience(pl.DataFrame({"n": range(1_000), "e.mail": PEOPLE}))
    assert prepared.identifiers.to_list() == local.identifiers.to_list()
    assert prepared.rejected.equals(local.rejected)
    assert prepared.summary == local.summary


def test_bytes_and_lists_in_a_spark_frame_are_unreadable_rows(frame: Frame) -> None:
    """What is no text is a rejected row with its number, as in every other frame."""
    cells = [b"ann@example.com", b"caf\xe9@b.example", None]
    source = frame("raw binary, many array<string>", cells, [["a@b.co"], None, []])
    text = source.coalesce(1).selectExpr("cast(raw as string) as email", "raw", "many")
    prepared = prepare_audience(text)
    assert prepared.rejected["reason"].tolist() == ["unreadable", "empty"]
    assert prepared.rejected["row"].tolist() == [2, 3]
    for column in ("raw", "many"):
        with pytest.raises(InputError, match="in the 3 rows"):
            prepare_audience(text, column=column)


def test_columns_of_a_spark_frame_that_share_a_name_are_told_apart(frame: Frame) -> None:
    """Names that differ in nothing, or only in case, do not confuse Spark."""
    source = frame("a string, b string, c long", ["x"], ["ann@example.com"], [1]).toDF(
        "e", "e", "E"
    )
    assert prepare_audience(source).summary["source"]["column"] == "e (2)"


def test_a_spark_frame_that_fails_shows_no_value(frame: Frame) -> None:
    """What Spark says of a failure may hold a row; what we say does not, nor does its cause."""
    failing = frame("email string", ["canary@example.com"]).selectExpr(
        "cast(raise_error(email) as string) as email"
    )
    with pytest.raises(InputError, match="Spark could not compute") as caught:
        prepare_audience(failing)
    assert "canary" not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__
