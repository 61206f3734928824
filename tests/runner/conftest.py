from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SIGNATURE = """\
source: str = "inbox/customers.csv"
list: str = "VIP"
rows: int = 5
share: float = 0.5
send: bool = False
column: str | None = None
"""

MakeNotebook = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> MakeNotebook:
    """Give a maker of small notebooks: prose, a parameters cell, then the cells it is handed."""

    def write(*cells: str, signature: str = SIGNATURE, name: str = "lesson") -> Path:
        prose = new_markdown_cell("# A lesson")  # type: ignore[no-untyped-call]
        first = new_code_cell(signature, metadata={"tags": ["parameters"]})  # type: ignore[no-untyped-call]
        others = [new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]
        node = new_notebook(cells=[prose, first, *others])  # type: ignore[no-untyped-call]
        node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(node, path)  # type: ignore[no-untyped-call]
        return path

    return write
