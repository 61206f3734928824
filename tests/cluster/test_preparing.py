from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyspark import TaskContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from rokt_helpers import contract, hash_email, prepare_audience
from rokt_helpers.cluster import ClusterAudience, prepare_on_cluster
from rokt_helpers.errors import ContractError, InputError, RoktError, SettingsError
from tests.cluster.conftest import Frame, assert_equal, read
from tests.cluster.test_workers import PIECES

CANARY = "canary@canary.example"
SHA256, MD5 = "C4a4a47" + "1" * 57, "c4a4a47" + "1" * 25
ADDRESSES = ["Ann@Example.com ", "bob@example.com", "ann@example.com", "nobody", None, MD5]


# What PySpark says whenever one of these tests makes a frame with a function of its own.
pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas:FutureWarning"
)


def nasty_cells(count: int) -> list[str | None]:
    """Cells of awkward pieces, many of them twice, some missing, nearly all without a meaning."""
    dice = random.Random(2026)
    cells: list[str | None] = [None]
    for _ in range(count):
        text = "".join(dice.choices(PIECES, k=dice.randrange(6)))
        person = f"{text}@{dice.choice('ab')}{dice.choice(PIECES)}.example"
        cells.append(dice.choice([text, person, person.upper(), dice.choice(cells)]))
    return [cell for cell in cells if cell is None or "c4" not in cell]


def test_nasty_cells_come_out_as_on_one_machine(frame: Frame, out: Path) -> None:
    """Five thousand awkward cells give the same sums, digests and rejected rows as locally."""
    cells = nasty_cells(5_000)
    source = frame("n long, email string", range(1, len(cells) + 1), cells)
    cluster = prepare_on_cluster(source, output_path=out, column="email", row_column="n")
    local = prepare_audience(pl.Series("email", cells))
    assert_equal(cluster, local)
    assert min(cluster.summary[key] for key in ("accepted", "duplicates", "rejected")) > 100


LISTS: dict[str, tuple[list[str | None], dict[str, Any]]] = {
    "addresses": (ADDRESSES, {}),
    "plain addresses": (ADDRESSES, {"output": "plain"}),
    "digests": ([SHA256, SHA256.lower(), MD5, "nobody", hash_email(CANARY), None, " "], {}),
    "digests, said so": ([SHA256, "x"], {"identifier": "sha256"}),
    "both": ([*ADDRESSES, SHA256, hash_email("bob@example.com")], {"mixed": "hash"}),
    "none that is right": (["a@@b.co", "@", None], {}),
    "a digest in two pieces": ([CANARY, SHA256[:9] + " " + SHA256[9:]], {"mixed": "hash"}),
    "a header inside": (["ann@example.com", "e.mail", " e.mail", "E.mail"], {}),
}


@pytest.mark.parametrize("name", LISTS)
def test_each_kind_of_list_comes_out_as_on_one_machine(name: str, frame: Frame, out: Path) -> None:
    """Addresses, digests and both together are found by their content and judged alike."""
    cells, options = LISTS[name]
    source = frame("n int, `e.mail` string", range(1, len(cells) + 1), cells)
    cluster = prepare_on_cluster(source, output_path=out, row_column="n", **options)
    assert_equal(cluster, prepare_audience(pl.Series("e.mail", cells), **options))
    assert (cluster.summary["source"]["column"], cluster.identifier) == (
        "e.mail", "email" if "output" in options else "sha256",
    )  # fmt: skip


ATTRIBUTES: dict[str, list[str | None]] = {
    "mobile": ["(555) 010-0100", "15550100100", "5550100101", "12", "mobile", None],
    "zip": ["2139", "02139-4307", "10001.0", "1000", "n/a", " "],
    "zip4": ["021394307", "02139-4307", "02139"],
    "first_name": [" Mary  Ann", "mary ann", "JOSÉ", "42", ""],
    "last_name": ["O'Neil", "o'neil", "last_name", "-"],
}


@pytest.mark.parametrize("output", ["sha256", "plain"])
@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_other_attributes_come_out_as_on_one_machine(
    kind: Any, output: Any, frame: Frame, out: Path
) -> None:
    """Mobile numbers, ZIP codes and names go through the same kernel, hashed or plain."""
    cells = ATTRIBUTES[kind]
    source = frame(f"n int, {kind} string", range(1, len(cells) + 1), cells)
    options: dict[str, Any] = {"identifier": kind, "output": output}
    cluster = prepare_on_cluster(source, output_path=out, row_column="n", column=kind, **options)
    assert_equal(cluster, prepare_audience(pl.DataFrame({kind: cells}), **options))


def test_the_column_of_an_attribute_is_found_by_its_content(frame: Frame, out: Path) -> None:
    """The evidence for a column that was found is that of one machine; a named one was named."""
    zips = ["02139", "10001", "x"]
    source = frame("who string, code string", ["Ann", "Bob", "Cy"], zips)
    cluster = prepare_on_cluster(source, output_path=out, identifier="zip")
    found = cluster.summary["source"]
    assert found["column"] == "code"
    assert found["evidence"] == "its first 3 filled cells: 67 % ZIP codes"
    named = prepare_on_cluster(source, output_path=out / "b", identifier="zip", column="code")
    assert named.summary["source"]["evidence"] == "it was named"
    with pytest.raises(InputError, match=r"None of the 3 rows .* holds a mobile number"):
        prepare_on_cluster(source, output_path=out / "c", identifier="mobile", column="code")
    assert not (out / "c").exists()


UNUSABLE: dict[str, tuple[list[str | None], dict[str, Any]]] = {
    "addresses and digests": ([CANARY, CANARY, SHA256], {}),
    "addresses and digests, plain": ([CANARY, SHA256], {"mixed": "hash", "output": "plain"}),
    "MD5": ([MD5, MD5, None, "canary"], {}),
    "addresses for digests": ([CANARY], {"identifier": "sha256"}),
    "digests for addresses": ([SHA256], {"output": "plain"}),
    "no address in the named column": (["canary", None], {"column": "email"}),
    "no such column": ([CANARY], {"column": "mail"}),
    "a wrong option": ([CANARY], {"output": "sha1"}),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_refused_in_the_same_words(
    name: str, frame: Frame, out: Path
) -> None:
    """The message is that of one machine, and nothing is written."""
    cells, options = UNUSABLE[name]
    with pytest.raises(InputError) as local:
        prepare_audience(pl.DataFrame({"email": cells}), **options)
    with pytest.raises(InputError) as cluster:
        prepare_on_cluster(frame("email string", cells), output_path=out, **options)
    assert str(cluster.value) == str(local.value)
    assert not out.exists()


SHAPES: dict[str, tuple[str, tuple[list[Any], ...], dict[str, Any], str]] = {
    "no address": ("n int, m string", ([1], ["canary"]), {}, "columns: 'n', 'm'"),
    "two columns": ("home string, work string", ([CANARY], [CANARY]), {}, "2 columns could"),
    "a row for a header": (f"`{CANARY}` string", ([CANARY],), {}, "name of column 1"),
    "no such row column": ("email string", ([CANARY],), {"row_column": "n"}, "no column 'n'"),
    "a row column of text": ("email string", ([CANARY],), {"row_column": "email"}, "whole numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_frame_in_which_nothing_can_be_found_is_refused(
    name: str, frame: Frame, out: Path
) -> None:
    """Which column is meant is asked, never guessed; no message holds a value."""
    schema, columns, options, says = SHAPES[name]
    with pytest.raises(InputError, match=says) as caught:
        prepare_on_cluster(frame(schema, *columns), output_path=out, **options)
    assert "canary" not in str(caught.value).lower()
    assert not out.exists()


def test_columns_that_share_a_name_are_told_apart(frame: Frame, out: Path) -> None:
    """Names that differ in nothing, or only in case, do not confuse Spark."""
    source = frame("a string, b string, c string", ["x"], [CANARY], ["y"]).toDF("e", "e", "E")
    cluster = prepare_on_cluster(source, output_path=out)
    assert (cluster.summary["source"]["column"], len(cluster)) == ("e (2)", 1)


def test_what_is_not_text_is_counted_as_unreadable(frame: Frame, out: Path) -> None:
    """Bytes that are not UTF-8 are a rejected row with its number, not an end of the job."""
    source = frame("n int, raw binary", [1, 2, 3], [CANARY.encode(), b"caf\xe9@b.example", None])
    text = source.select("n", sf.col("raw").cast("string").alias("email"))
    cluster = prepare_on_cluster(text, output_path=out, row_column="n")
    assert read(cluster.rejected_path).sort("row").rows() == [(2, "unreadable"), (3, "empty")]
    with pytest.raises(InputError, match="in the 3 rows of column 'raw'"):
        prepare_on_cluster(source, output_path=out / "more", column="raw")


def test_without_a_row_column_the_report_has_reasons_only(frame: Frame, out: Path) -> None:
    """Spark keeps no order, so no row number is made up."""
    cluster = prepare_on_cluster(frame("email string", [CANARY, "x", None]), output_path=out)
    report = read(cluster.rejected_path)
    assert report.schema == {"row": pl.Int64, "reason": pl.String}
    assert sorted(report.rows()) == [(None, "empty"), (None, "no_at_sign")]


def test_a_task_that_is_run_again_counts_nothing_twice(frame: Frame, out: Path) -> None:
    """A task that dies after half its rows is tried again, and the sums are as if it had not."""

    def die_once(batches: Any) -> Any:
        for number, batch in enumerate(batches):
            yield batch.slice(0, batch.num_rows // 2)
            context = TaskContext.get()
            if number == 0 and context is not None and context.attemptNumber() == 0:
                raise RuntimeError
            yield batch.slice(batch.num_rows // 2)

    cells = [f"p{n % 70}@example.com" if n % 3 else "x" for n in range(200)]
    source = frame("n long, email string", range(1, 201), cells)
    dying = source.mapInArrow(die_once, source.schema)
    cluster = prepare_on_cluster(dying, output_path=out, column="email", row_column="n")
    assert_equal(cluster, prepare_audience(pl.Series("email", cells)))


def test_parquet_files_are_read_by_their_path(spark: SparkSession, tmp_path: Path) -> None:
    """A path of Parquet is read by Spark itself, as text in its own spelling or as a Path."""
    path = tmp_path / "a list.parquet"
    pl.DataFrame({"email": ADDRESSES}).write_parquet(path)
    assert spark.getActiveSession() is not None
    local = prepare_audience(pl.Series("email", ADDRESSES))
    for number, source in enumerate((path, str(path), f"file://{path}")):
        cluster = prepare_on_cluster(source, output_path=f"{tmp_path}/out {number}/")
        assert read(cluster.path).to_series().sort().to_list() == sorted(local.identifiers)
        assert cluster.summary["source"]["name"] == "a list.parquet"
        assert cluster.path == f"{tmp_path}/out {number}/accepted"


def test_what_is_there_is_not_replaced(frame: Frame, out: Path) -> None:
    """A second run to the same folder is refused before it reads anything."""
    source = frame("email string", [CANARY])
    prepare_on_cluster(source, output_path=out)
    before = sorted(out.rglob("*"))
    with pytest.raises(InputError, match="Name a new folder"):
        prepare_on_cluster(source, output_path=out)
    assert sorted(out.rglob("*")) == before


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("gone.parquet", "nothing at gone.parquet"),
        (Path("gone"), "nothing at gone"),
        ("list.csv", "spark.read.csv"),
        (["ann@example.com"], "type list"),
    ],
)
@pytest.mark.usefixtures("spark")
def test_a_source_spark_cannot_read_is_refused(source: object, says: str, out: Path) -> None:
    """A path where nothing is, another kind of file or of thing: the sentence says what to do."""
    with pytest.raises(InputError, match=says):
        prepare_on_cluster(source, output_path=out)


def test_rows_are_not_corrected_on_spark(frame: Frame, out: Path) -> None:
    """Rows without a fixed order have no number to correct them by, on the cluster or collected."""
    source, typed = frame("email string", ["nope"]), {1: CANARY}
    with pytest.raises(InputError, match="no fixed order"):
        prepare_on_cluster(source, output_path=out, corrections=typed)
    with pytest.raises(InputError, match="no fixed order"):
        prepare_audience(source, column="email", corrections=typed)
    assert not out.exists()


def test_a_failure_of_spark_shows_no_value(frame: Frame, out: Path) -> None:
    """What Spark says of a failure may hold a row; what we say does not, nor does its cause."""
    source = frame("email string", [CANARY])
    failing = source.select(sf.raise_error(sf.col("email")).cast("string").alias("email"))
    with pytest.raises(RoktError, match="Spark did not finish") as caught:
        prepare_on_cluster(failing, output_path=out, column="email")
    error = caught.value
    assert "canary" not in f"{error}{error.__cause__}"
    assert error.__suppress_context__
    assert not out.exists()


def test_workers_without_the_workbench_are_a_matter_of_settings(frame: Frame, out: Path) -> None:
    """When a worker's Python lacks a module the message names the page that says how to send it."""

    def lack(batches: Any) -> Any:
        __import__("a_module_nobody_has")
        yield from batches

    source = frame("email string", [CANARY])
    with pytest.raises(SettingsError, match=r"docs/scale\.md"):
        prepare_on_cluster(source.mapInArrow(lack, source.schema), output_path=out, column="email")


def test_sums_that_do_not_add_up_stop_everything(frame: Frame, out: Path) -> None:
    """A result whose sums are wrong cannot come into being; a right one shows sums, no values."""
    cluster = prepare_on_cluster(frame("email string", [CANARY, "x"]), output_path=out)
    assert repr(cluster) == (
        "<ClusterAudience 1 sha256 identifiers from 2 rows: 0 duplicate, 1 rejected>"
    )
    for wrong in (
        {"rows_in": 3},
        {"rejected": 0, "accepted": 2},
        {"accepted": 2, "duplicates": -1},
    ):
        with pytest.raises(ContractError, match="Do not use"):
            dataclasses.replace(cluster, summary=cluster.summary | wrong)
    assert isinstance(cluster, ClusterAudience)
    assert {*cluster.summary["rejected_by_reason"]} <= {*contract.REASONS}
