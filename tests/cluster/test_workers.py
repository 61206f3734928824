from __future__ import annotations

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, prepare_audience
from rokt_helpers.audience.judging import Output
from rokt_helpers.cluster import workers
from rokt_helpers.cluster.workers import judge_batches
from tests.prepare import reference

PIECES = (
    *(contract.WHITE_SPACE + contract.INVISIBLE),
    *"aZ9.@@@..--_+'\"\\;,:()\0\x01\x7f\x80\x9f\u0130\u0131ßΣςK\u212bé\u0301\uff21臺\U0001f600",
    *("example.com", "ann", "ab" * 16, "c4" * 32, "x" * 63),
)
NASTY = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
CELLS = st.lists(NASTY | st.none() | st.just("c4" * 32), max_size=30)


def judge(cells: list[str | None], rows_in_a_batch: int, output: Output = "sha256") -> pl.DataFrame:
    """Let the workers' function judge cells, cut into batches as Spark would."""
    table = pl.DataFrame(
        {"row": range(1, len(cells) + 1), "text": cells, "unreadable": False},
        schema={"row": pl.Int64, "text": pl.String, "unreadable": pl.Boolean},
    ).to_arrow(compat_level=pl.CompatLevel.oldest())
    batches = table.to_batches(max_chunksize=rows_in_a_batch)
    empty = pa.RecordBatch.from_pylist([], schema=table.schema)
    judged = judge_batches([empty, *batches], output=output, title="email")
    return pl.DataFrame(pa.Table.from_batches(judged, schema=workers._schema(output)))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(CELLS, st.integers(1, 12))
def test_the_workers_judge_as_one_machine_does(cells: list[str | None], size: int) -> None:
    """However a list is cut into batches, digests, rows and reasons are those of the local path.

    What is neither address nor digest gets its name where the whole list is known.
    """
    cells = ["ann@example.com", "c4" * 32, *cells]
    judged = judge(cells, size).sort("row")
    local = prepare_audience(pl.Series("email", cells), mixed="hash")
    assert judged["row"].to_list() == [*range(1, len(cells) + 1)]
    good = judged.filter(pl.col("reason").is_null())
    digests = good["identifier"].bin.encode("hex")
    assert digests.unique(maintain_order=True).to_list() == local.identifiers.to_list()
    named = pl.col("reason").replace("not_a_digest", "no_at_sign")
    bad = judged.filter(pl.col("reason").is_not_null()).select("row", named).rows()
    assert bad == [*local.rejected.itertuples(index=False, name=None)]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(NASTY | st.none(), max_size=30), st.integers(1, 12))
def test_the_workers_keep_the_rule(cells: list[str | None], size: int) -> None:
    """A cell with an @ is judged as the plain twin says, and any other is no address."""
    judged = judge(cells, size).sort("row")
    faults = [reference.fault(reference.canonical(cell or "")) for cell in cells]
    for fault, look, reason in zip(faults, judged["look"], judged["reason"], strict=True):
        if look == "email":
            assert reason == fault
        else:
            assert (fault, reason) in {
                ("empty", "empty"), ("no_at_sign", "not_a_digest"),
                ("other_digest", "other_digest"), ("other_digest", None),
            }  # fmt: skip


def test_a_batch_without_rows_gives_none() -> None:
    """Spark may hand over empty batches."""
    assert judge([], 1).height == 0


def test_a_plain_address_stays_text() -> None:
    """Where addresses are wanted and not digests, the canonical form itself comes back."""
    judged = judge([" Ann@Example.com", "nobody"], 2, output="plain").sort("row")
    assert judged["identifier"].to_list() == ["ann@example.com", None]
