"""Write what a run did or what the referrals show as one HTML page that stands alone.

Law: the page asks no network for anything, escapes every text it is handed, and is put in place
whole, readable by its owner only. Its sums are proven before they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rokt_helpers.charts import Picture, table_html
from rokt_helpers.errors import ContractError
from rokt_helpers.files import write_private

if TYPE_CHECKING:  # whoever has a pandas table has paid for pandas; nobody else should
    import pandas as pd

__all__ = ["Block", "KeyFigure", "Report", "Sums"]

# A page is for reading: a longer table is cut, and the page says so.
_MOST_ROWS: Final = 200
_TEMPLATES: Final = Environment(
    loader=PackageLoader("rokt_helpers"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class KeyFigure:
    """One figure on a card: what it is, its value, its unit. Figures in a row share a strip."""

    label: str
    value: float | str | None
    unit: str = ""

    @property
    def shown(self) -> str:
        """Return the value with thousands separators; a whole number without decimals."""
        if self.value is None:
            return "not given"
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:,.2f}"


@dataclass(frozen=True)
class Sums:
    """A table that shows how numbers add up: ``whole`` is the sum of ``parts``.

    Raises
    ------
    ContractError
        It is not.
    """

    whole: tuple[str, int]
    parts: Sequence[tuple[str, int]]

    def __post_init__(self) -> None:
        """Prove the sum before anybody can read it."""
        if self.together != self.whole[1]:
            raise ContractError(
                f"{self.whole[0]}: {self.whole[1]:,}, yet the parts come to {self.together:,}. "
                "This is a bug in the workbench; the report was not written."
            )

    @property
    def together(self) -> int:
        """Return the sum of the parts."""
        return sum(count for _, count in self.parts)

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> Sums:
        """Return the sums of ``PreparedAudience.summary``."""
        reasons = summary["rejected_by_reason"].items()
        rejected = [(f"Rejected: {reason.replace('_', ' ')}", count) for reason, count in reasons]
        parts = [
            ("Accepted, each person once", summary["accepted"]),
            ("Duplicate of an accepted row", summary["duplicates"]),
            *rejected,
        ]
        return cls(("Rows in the source", summary["rows_in"]), parts)


Block: TypeAlias = "str | Picture | pl.DataFrame | pd.DataFrame | KeyFigure | Sums"
Drawn = tuple[str, Any]


class Report:
    """One page of sections.

    Parameters
    ----------
    title, subtitle
        What the page is about, in words for a meeting.
    created_at
        When; aware. The page shows it in the time zone it came in.
    """

    def __init__(self, title: str, subtitle: str = "", *, created_at: datetime) -> None:
        self.title = title
        self.subtitle = subtitle
        self.created_at = created_at
        self._sections: list[tuple[str, list[Drawn]]] = []

    def __repr__(self) -> str:
        return f"<Report {self.title!r}, {len(self._sections)} sections>"

    def section(self, heading: str, *blocks: Block | Sequence[str]) -> Report:
        """Add a section and return the report, so that sections can be chained.

        A text is a paragraph, a sequence of texts a list; tables, pictures, key figures and sums
        are shown as such. Key figures that follow one another stand side by side.
        """
        drawn: list[Drawn] = []
        for block in blocks:
            kind, content = _drawn(block)
            if kind == "figures" and drawn and drawn[-1][0] == "figures":
                drawn[-1][1].extend(content)
            else:
                drawn.append((kind, content))
        self._sections.append((heading, drawn))
        return self

    def html(self) -> str:
        """Return the whole page."""
        return _TEMPLATES.get_template("report.html.j2").render(
            title=self.title,
            subtitle=self.subtitle,
            created_at=f"{self.created_at:%Y-%m-%d %H:%M %Z}".strip(),
            sections=self._sections,
        )

    def write(self, path: Path | str) -> Path:
        """Write the page, whole or not at all, readable by its owner only.

        Raises
        ------
        InputError
            The folder is not there or cannot be written to.
        """
        target, page = Path(path), self.html()
        write_private(target, lambda part: part.write_text(page, encoding="utf-8"))
        return target


def _drawn(block: Block | Sequence[str]) -> Drawn:
    """Return the kind of a block and what the template needs to show it."""
    match block:
        case str():
            return "paragraph", block
        case KeyFigure():
            return "figures", [block]
        case Sums():
            return "sums", block
        case Picture():
            # Its HTML escapes every text itself.
            return "html", Markup(block._repr_html_())  # noqa: S704
        case Sequence():
            return "list", list(block)
        case _:
            note = f"The first {_MOST_ROWS:,} of {len(block):,} rows."
            cut = Markup(table_html(block.head(_MOST_ROWS)))  # noqa: S704  escapes every cell
            return "table", (cut, note if len(block) > _MOST_ROWS else "")
