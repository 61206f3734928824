"""Which column of a source is which of Rokt's attributes: a value to see, change, save and load.

The law kept here: no attribute has two columns, and a column that is left out is there to be seen.
"""

from __future__ import annotations

import html
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
import yaml

from rokt_helpers.conversions.attributes import ATTRIBUTES
from rokt_helpers.errors import InputError
from rokt_helpers.files import write_private

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Mapping", "Match", "check_attributes"]

_HEADING: Final = (
    "# Which column of the source is which of Rokt's conversion attributes; null leaves it out.\n"
)


@dataclass(frozen=True)
class Match:
    """One column of the source, the attribute it is (None: it is left out), and why; no values.

    ``named`` is the attribute that a column is named like and cannot be read as.
    """

    column: str
    attribute: str | None
    evidence: str
    named: str | None = None


@dataclass(frozen=True, repr=False)
class Mapping:
    """The columns of a source, in its order, each with the attribute it is."""

    matches: tuple[Match, ...]

    def __post_init__(self) -> None:
        """Refuse an attribute that there is not, or that has two columns."""
        check_attributes(match.attribute for match in self.matches)
        seen: dict[str, str] = {}
        for match in self.matches:
            if match.attribute is None:
                continue
            if match.attribute in seen:
                raise InputError(
                    f"Columns {seen[match.attribute]!r} and {match.column!r} are both mapped to "
                    f"{match.attribute}. Map one of them to None."
                )
            seen[match.attribute] = match.column

    @property
    def attributes(self) -> dict[str, str | None]:
        """Return column → attribute, None for those left out."""
        return {match.column: match.attribute for match in self.matches}

    @property
    def columns(self) -> dict[str, str]:
        """Return attribute → column, in the order of Rokt's attributes; what is used."""
        found = {match.attribute: match.column for match in self.matches}
        return {name: found[name] for name in ATTRIBUTES if name in found}

    @property
    def misfits(self) -> dict[str, str]:
        """Return column → the attribute it is named like, of those whose cells do not fit it.

        They are left out; where another column is that attribute, nothing is amiss.
        """
        used = self.columns
        return {m.column: m.named for m in self.matches if m.named and m.named not in used}

    @property
    def warnings(self) -> list[str]:
        """Return a sentence about each of the :attr:`misfits`."""
        evidence = {match.column: match.evidence for match in self.matches}
        return [
            f"Column {column!r} is {evidence[column]}, so it is left out."
            for column in self.misfits
        ]

    def changed(self, changes: AbstractMapping[str, str | None]) -> Mapping:
        """Return the same mapping with some columns decided by hand.

        Parameters
        ----------
        changes
            Column → attribute; None leaves the column out.

        Raises
        ------
        InputError
            When there is no such column or attribute, or an attribute would have two columns.
        """
        names = [match.column for match in self.matches]
        for column in changes:
            if column not in names:
                raise InputError(
                    f"The mapping names a column {column!r}, which the source does not have. It "
                    f"has: {', '.join(map(repr, names))}."
                )
        return Mapping(
            tuple(
                Match(match.column, changes[match.column], "chosen by hand")
                if match.column in changes
                else match
                for match in self.matches
            )
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return the table of it: ``column``, ``attribute`` and ``evidence``, all text."""
        rows = [(match.column, match.attribute, match.evidence) for match in self.matches]
        names = ("column", "attribute", "evidence")
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").to_pandas()

    def save(self, path: str | Path) -> Path:
        """Write it as YAML, ``column: attribute``, to be kept beside the parameters of a notebook.

        Raises
        ------
        InputError
            When it cannot be written there.
        """
        target = Path(path).expanduser()
        body = yaml.safe_dump(self.attributes, allow_unicode=True, sort_keys=False, width=1_000)
        write_private(target, lambda part: part.write_text(_HEADING + body, encoding="utf-8"))
        return target

    @classmethod
    def load(cls, path: str | Path) -> Mapping:
        """Read what :meth:`save` wrote, or a person.

        Raises
        ------
        InputError
            When it cannot be read, or is no mapping of columns to attributes.
        """
        source = Path(path).expanduser()
        try:
            found = yaml.safe_load(source.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{source} cannot be read: {error.strerror}.") from None
        except (yaml.YAMLError, UnicodeError):
            raise InputError(
                f"{source.name} is not YAML. Write it as `column: attribute`."
            ) from None
        if not isinstance(found, dict) or not all(
            isinstance(column, str) and (name is None or isinstance(name, str))
            for column, name in found.items()
        ):
            raise InputError(
                f"{source.name} is no mapping. Write each line as `column: attribute`, both as "
                "text; null leaves a column out."
            )
        return cls(tuple(Match(column, name, source.name) for column, name in found.items()))

    def __repr__(self) -> str:
        """Show names, never values."""
        used = ", ".join(f"{m.column!r}: {m.attribute}" for m in self.matches if m.attribute)
        left_out = sum(match.attribute is None for match in self.matches)
        return f"<Mapping {used or 'nothing'}; {left_out} left out>"

    def _repr_html_(self) -> str:
        cells = "".join(
            "<tr>"
            + "".join(
                f"<td style='text-align:left'>{html.escape(text)}</td>"
                for text in (match.column, match.attribute or "left out", match.evidence)
            )
            + "</tr>"
            for match in self.matches
        )
        head = "<tr><th>Column</th><th>Rokt's attribute</th><th>Why</th></tr>"
        return f"<table><caption>Mapping of the columns</caption>{head}{cells}</table>"


def check_attributes(names: object) -> None:
    """Refuse names that are no attributes of a conversion; None stands for none."""
    for name in names:  # type: ignore[attr-defined]
        if name is not None and name not in ATTRIBUTES:
            raise InputError(
                f"Rokt has no conversion attribute {name!r}. Take one of: {', '.join(ATTRIBUTES)}."
            )
