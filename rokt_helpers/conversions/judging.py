"""What becomes of each row: a conversion with Rokt's attributes, or the first reason against it.

The laws kept here: a value that cannot be read rejects its row, with the reason and the column,
since a conversion with a hole nobody knows of is worse than one to mend; and without
``plain`` nothing raw that has a hashed form goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.conversions.attributes import ATTRIBUTES, IDENTIFIERS
from rokt_helpers.conversions.recognising import Form
from rokt_helpers.conversions.values import filled, reading
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES as IDENTIFIER_KINDS
from rokt_helpers.identifiers import sha256_hex

__all__ = ["Rules", "default_values", "part"]

# Which canonical form of ``identifiers`` a name has before it is hashed.
_NAMES: Final = {"firstname": "first_name", "lastname": "last_name"}
_NINE_DIGITS: Final = {"zipsha256": "zip4sha256", "billingzipsha256": "billingzip4sha256"}
_DASHED: Final = 10  # the length of 12345-6789


@dataclass(frozen=True)
class Rules:
    """All that decides what becomes of a row.

    Attributes
    ----------
    columns
        Attribute → column, in the order of Rokt's attributes.
    forms
        Column → how it writes its values.
    defaults
        Attribute → the value of rows that have none, as :func:`default_values` gives it.
    time_zone
        Of times that name none.
    plain
        Whether raw values go on.
    """

    columns: dict[str, str]
    forms: dict[str, Form]
    defaults: dict[str, object] = field(default_factory=dict)
    time_zone: str | None = None
    plain: bool = False

    @property
    def attributes(self) -> list[str]:
        """Return the attributes that rows may have, in Rokt's order, before any is hashed."""
        return [name for name in ATTRIBUTES if name in self.columns or name in self.defaults]


def default_values(
    given: dict[str, str], *, plain: bool, time_zone: str | None
) -> dict[str, object]:
    """Return the values to use where a row has none, in the form of read cells.

    Raises
    ------
    InputError
        When one cannot be read, or would say of every row that it is of the same person.
    """
    values: dict[str, object] = {}
    for name, text in given.items():
        attribute = ATTRIBUTES.get(name)
        if attribute is None or attribute.personal or name in IDENTIFIERS:
            raise InputError(
                f"defaults= cannot give {name!r}: it is no attribute, or says who one person is."
            )
        read = reading(attribute.kind, filled(pl.col("cell")), plain=plain, time_zone=time_zone)
        frame = pl.DataFrame({"cell": [text]}, schema={"cell": pl.String})
        said = frame.select(read).to_series().struct.unnest().row(0, named=True)
        if said["fault"] is not None or said["value"] is None:
            fault = contract.CONVERSION_REASONS.get(said["fault"], "it is empty")
            raise InputError(f"The default for {name} cannot be used: {fault}.")
        values[name] = said["value"]
    return values


def part(rows: pl.DataFrame, rules: Rules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows, as ``Table.rows_of`` gives them, into conversions and others.

    Returns
    -------
    The conversions: ``row`` (and ``file``, where there are several), ``defaults`` (List of String:
    the attributes taken from the defaults), then the attributes that go on, in the order of
    ``contract.CONVERSION_ATTRIBUTES``. The report on the others: ``row`` (and ``file``),
    ``reason`` and ``column`` (the one at fault, or null).
    """
    faults = [*_row_faults(rules), *_cell_faults(rules), *_pair_faults(rules)]
    faults.append(_no_identifier(rules))
    read = _with_values(_with_readings(rows.lazy(), rules), rules)
    faulty = pl.any_horizontal(fault.there.fill_null(value=False) for fault in faults)
    judged = read.with_columns(faulty=faulty).collect()
    keys = [name for name in ("file", "row") if name in rows.columns]
    # Reasons are looked for, and digests made, where they are needed only.
    needed = [*keys, *(f"value_{name}" for name in rules.attributes)]
    needed += [f"read_{name}" for name in rules.defaults if name in rules.columns]
    good = judged.select(needed).filter(~judged["faulty"]).lazy()
    outputs = _outputs(rules)
    in_order = {name: outputs[name] for name in ATTRIBUTES if name in outputs}
    reason = pl.coalesce(pl.when(fault.there).then(fault.reason) for fault in faults)
    column = pl.coalesce(pl.when(fault.there).then(pl.lit(fault.column)) for fault in faults)
    return (
        good.select(*keys, defaults=_defaults_used(rules), **in_order).collect(),
        judged.filter("faulty")
        .select(*keys, reason=reason, column=column)
        # No column is at fault where none is named.
        .with_columns(pl.col("column").replace("", None)),
    )


def _value(name: str) -> pl.Expr:
    return pl.col(f"value_{name}")


def _with_readings(rows: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """Add ``read_<attribute>`` of each column that is used."""
    cells = {
        f"cell_{place}": filled(pl.col(f"cell_{place}").cast(pl.String))
        for place in range(len(rules.columns))
    }
    readings = {
        f"read_{name}": reading(
            ATTRIBUTES[name].kind,
            pl.col(f"cell_{place}"),
            plain=rules.plain,
            decimal=rules.forms[column].decimal,
            order=rules.forms[column].order,
            time_zone=rules.time_zone,
        )
        for place, (name, column) in enumerate(rules.columns.items())
    }
    return rows.with_columns(**cells).with_columns(**readings)


def _with_values(read: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """Add ``value_<attribute>``: what was read, else the default."""
    values: dict[str, pl.Expr] = {}
    for name in rules.attributes:
        kind = pl.List(pl.String) if ATTRIBUTES[name].kind == "skus" else None
        default = pl.lit(rules.defaults.get(name), dtype=kind)
        own = pl.col(f"read_{name}").struct.field("value") if name in rules.columns else None
        values[f"value_{name}"] = default if own is None else own
        if own is not None and name in rules.defaults:
            values[f"value_{name}"] = pl.coalesce(own, default)
    return read.with_columns(**values)


def _defaults_used(rules: Rules) -> pl.Expr:
    used = [
        pl.when(pl.col(f"read_{name}").struct.field("value").is_null()).then(pl.lit(name))
        if name in rules.columns
        else pl.lit(name)
        for name in rules.defaults
    ]
    if not used:
        return pl.lit(None, dtype=pl.List(pl.String))
    return pl.concat_list(used).list.drop_nulls()


# --- the reasons ------------------------------


@dataclass(frozen=True)
class _Fault:
    """One thing that may be wrong with a row: whether it is, the reason, and the column, if one."""

    there: pl.Expr
    reason: pl.Expr
    column: str


def _fault(there: pl.Expr, reason: str, column: str = "") -> _Fault:
    return _Fault(there, pl.lit(reason), column)


def _row_faults(rules: Rules) -> list[_Fault]:
    cells = [pl.col(f"cell_{place}").is_null() for place in range(len(rules.columns))]
    return [
        _fault(pl.col("unreadable"), "unreadable"),
        _fault(pl.col("repeated_header"), "repeated_header"),
        _fault(pl.all_horizontal(cells), "empty_row"),
    ]


def _cell_faults(rules: Rules) -> list[_Fault]:
    faults = []
    for name, column in rules.columns.items():
        fault = pl.col(f"read_{name}").struct.field("fault")
        faults.append(_Fault(fault.is_not_null(), fault, column))
    return faults


def _pair_faults(rules: Rules) -> list[_Fault]:
    """Return the faults of two values of a row that do not belong together."""
    faults = []
    for name, column in rules.columns.items():
        digest = _value(name)
        for raw in rules.columns:
            if ATTRIBUTES[raw].hashed == name:
                other = (digest != _hashed(raw)).fill_null(value=False)
                faults.append(_fault(other, "digest_conflict", column))
    if "amount" in rules.columns:
        sign = pl.col("read_amount").struct.field("currency")
        own = (
            _value("currency") if "currency" in rules.attributes else pl.lit(None, dtype=pl.String)
        )
        other = sign.is_not_null() & sign.ne_missing(own)
        faults.append(_fault(other, "currency_conflict", rules.columns["amount"]))
    return faults


def _no_identifier(rules: Rules) -> _Fault:
    there = {name: _value(name).is_not_null() for name in rules.attributes}
    alone = [name for name in IDENTIFIERS if not name.startswith("mobile")]
    enough: Sequence[pl.Expr] = [there[name] for name in alone if name in there]
    if "country" in there:
        both = [
            there[name] & there["country"] for name in ("mobile", "mobilesha256") if name in there
        ]
        enough = [*enough, *both]
    return _fault(~pl.any_horizontal(enough) if enough else pl.lit(value=True), "no_identifier")


# --- what goes on ------------------------------


def _hashed(name: str) -> pl.Expr:
    """Return the digest of a value, in the canonical form of its kind."""
    value = _value(name)
    if name in _NAMES:
        kind = _NAMES[name]
        value = value.map_batches(
            lambda cells: _name_form(cells, kind), return_dtype=pl.String, is_elementwise=True
        )
    return sha256_hex(value)


def _name_form(cells: pl.Series, kind: str) -> pl.Series:
    """Return the canonical form of names, at once where small letters are all of it."""
    form = cells.str.to_lowercase()
    rest = (~cells.str.contains("^[A-Za-z]+$")).fill_null(value=False).arg_true()
    if not len(rest):
        return form
    closer = IDENTIFIER_KINDS[kind].canonical(pl.col("cell"))
    return form.scatter(rest, cells.gather(rest).to_frame("cell").select(closer).to_series())


def _outputs(rules: Rules) -> dict[str, pl.Expr]:
    outputs: dict[str, pl.Expr] = {}
    for name in rules.attributes:
        hashed = ATTRIBUTES[name].hashed
        if rules.plain or hashed is None:
            outputs[name] = outputs.get(name, _value(name))
            continue
        digest, nine = _hashed(name), _NINE_DIGITS.get(hashed)
        if nine is not None:
            is_nine = _value(name).str.len_bytes() == _DASHED
            outputs[nine] = _own_first(nine, pl.when(is_nine).then(digest), rules)
            digest = pl.when(~is_nine).then(digest)
        outputs[hashed] = _own_first(hashed, digest, rules)
    return outputs


def _own_first(name: str, digest: pl.Expr, rules: Rules) -> pl.Expr:
    """Return the digest that the row has, else the one that was made of its value."""
    return pl.coalesce(_value(name), digest) if name in rules.columns else digest
