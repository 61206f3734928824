"""Draw how good the delivered data are: what is filled, what was left out, which ids are whole.

Law: a drawing computes order, nothing else; the table it is given is shown behind it.
"""

from __future__ import annotations

from rokt_helpers.charts.bars import bar_picture, counted, in_brackets, nothing, ratio, safe
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.vega import BLUE, GREY, ORANGE, Row, side_by_side

__all__ = ["columns_filled", "rows_delivered", "sound_ids"]

_NEARLY_ALL = 0.95


def columns_filled(table: Table) -> Picture:
    """Show how far each column is filled; takes what :func:`analysis.columns_filled` gives."""
    rows = as_polars(table).to_dicts()
    if not any(row["filled"] for row in rows):
        return nothing(table, "No column holds anything")
    empty = sum(not row["filled"] for row in rows)
    partly = sum(0 < row["share_filled"] < _NEARLY_ALL for row in rows)
    title = f"{counted(len(rows) - empty - partly, 'column')} of {len(rows)} are filled, "
    title += f"{partly} in part, {empty} not at all"
    bars: list[Row] = [
        {
            "name": row["column"], "amount": row["share_filled"],
            "label": f"{row['share_filled']:.1%}, {row['distinct']:,} different",
            "colour": BLUE if row["share_filled"] >= _NEARLY_ALL else ORANGE,
        }
        for row in rows
    ]  # fmt: skip
    said = "; ".join(f"{row['name']} {row['label']}" for row in bars)
    return Picture(title, side_by_side(bars), table, f"{title}. {said}.")


def rows_delivered(table: Table) -> Picture:
    """Show what became of the delivered rows; takes what :func:`analysis.rows_delivered` gives."""
    rows = as_polars(table).to_dicts()
    whole = sum(row["rows"] for row in rows)
    if not whole:
        return nothing(table, "No row was delivered")
    kept = sum(row["rows"] for row in rows if row["outcome"] == "kept")
    title = f"{kept:,} of {counted(whole, 'delivered row')} were kept"
    title += in_brackets(ratio(kept, whole))
    colours = {"kept": BLUE, "duplicate": GREY}
    bars: list[Row] = [
        {
            "name": row["outcome"], "amount": row["rows"],
            "label": f"{row['rows']:,}{in_brackets(ratio(row['rows'], whole))}",
            "colour": colours.get(row["outcome"], ORANGE),
        }
        for row in rows
    ]  # fmt: skip
    said = "; ".join(f"{row['name']} {row['label']}" for row in bars)
    return Picture(title, side_by_side(bars), table, f"{title}. {said}.")


def sound_ids(table: Table) -> Picture:
    """Show how many audience ids came whole; takes what :func:`analysis.sound_ids` gives."""
    shown = safe(table)
    rows = shown.to_dicts()
    whole = sum(row["referrals"] for row in rows)
    if not whole:
        return nothing(shown, "No referrals to show")
    cut = sum(row["referrals"] for row in rows if row["audience_ids"] == "cut short")
    title = f"{cut:,} of {counted(whole, 'audience id')} were cut short by a spreadsheet"
    bars = [row | {"label": f"{row['referrals']:,}"} for row in rows]
    return bar_picture(bars, "audience_ids", "referrals", title=title, table=shown)
