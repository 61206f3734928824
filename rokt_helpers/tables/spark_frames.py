"""Read a PySpark frame: its columns are collected into the memory of this computer.

The law kept here: nothing is said of what Spark says, since its messages may show a row.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.table import (
    SAMPLE_ROWS,
    Places,
    Rows,
    SourceFacts,
    Table,
    cell_name,
    distinct_names,
)

__all__ = ["is_spark_frame", "open_spark_frame"]

# Names of Spark's types that become text; lists, structures and bytes do not.
_NO_TEXT: Final = ("array", "binary", "map", "struct", "variant")


def is_spark_frame(source: object) -> bool:
    """Tell a PySpark frame by where its type comes from: PySpark need not be installed."""
    module = type(source).__module__
    return module.startswith("pyspark.sql.") and hasattr(source, "toArrow")


def open_spark_frame(source: Any) -> Table:
    """Look at a PySpark DataFrame, of Spark itself or of Spark Connect.

    The rows of the columns that are read are collected here, in the order in which Spark hands them
    over. A list that does not fit into memory is one for ``rokt_helpers.cluster``'s
    ``prepare_on_cluster``.

    Raises
    ------
    InputError
        When it has no column, or Spark cannot compute it.
    """
    if not source.columns:
        raise InputError("The frame has no column. Pass one with the addresses in it.")
    names = distinct_names(list(source.columns))
    # Names may repeat, or hold dots: positions do not.
    numbered = source.toDF(*map(str, range(len(names))))
    texts = [_text(place, kind) for place, (_, kind) in enumerate(numbered.dtypes)]

    def rows(places: Places) -> Rows:
        wanted = [f"{texts[place]} as {cell_name(i)}" for i, place in enumerate(places)]
        faults = [f"(`{place}` is not null and {texts[place]} is null)" for place in places]
        frame = _collected(numbered.selectExpr(*wanted, f"{' or '.join(faults)} as unreadable"))
        return frame.lazy().with_row_index("row", offset=1)

    shown = [f"{text} as `{place}`" for place, text in enumerate(texts)]
    sample = _collected(numbered.limit(SAMPLE_ROWS).selectExpr(*shown))
    sample.columns = names
    return Table(SourceFacts("frame", "DataFrame", tuple(names)), sample, rows)


def _text(place: int, kind: str) -> str:
    """Return what Spark is asked for to get a column as text, null where it is none."""
    if kind.startswith(_NO_TEXT):
        return "cast(null as string)"
    # Spark keeps whatever bytes a reader gave it; Polars must have UTF-8.
    return f"try_validate_utf8(cast(`{place}` as string))"


def _collected(frame: Any) -> pl.DataFrame:
    try:
        return pl.DataFrame(frame.toArrow())
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"py4j", "pyspark"}:
            raise
        raise InputError(
            "Spark could not compute the frame; its own log says why. Look at its first rows with "
            "frame.show() before you try once more."
        ) from None
