"""The table of fields in docs/migration.md, as the workbench has it.

``python -m tests.migration_page`` writes it into the page.
"""

from __future__ import annotations

import re
from pathlib import Path

from rokt_helpers.migration import FIELD_MOVES
from rokt_helpers.migration.page import field_table
from tests.trust_page import table

__all__ = ["PAGE", "renewed"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "migration.md"
_MARKED = re.compile(r"(<!-- migration: fields -->\n).*?(<!-- end -->\n)", re.DOTALL)


def renewed(text: str) -> str:
    """The page with its table as it is now."""
    fields = field_table([*FIELD_MOVES])
    rows = [
        tuple(
            f"`{cell}`" if at < 3 and cell != "no counterpart" else cell or "–"
            for at, cell in enumerate(row)
        )
        for row in fields.iter_rows()
    ]
    made = table(tuple(fields.columns), rows)
    return _MARKED.sub(lambda found: f"{found[1]}{made}{found[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
