from __future__ import annotations

import pytest

from tests.house.project import run_tool

TOOLS = {
    "ruff check": ("-m", "ruff", "check", "--output-format", "concise", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tool_has_nothing_to_say(tool: str) -> None:
    """The code is as ruff and strict mypy want it; otherwise what they said is shown."""
    code, said = run_tool(*TOOLS[tool])
    assert code == 0, said
