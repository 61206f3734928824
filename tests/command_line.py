"""Call the command line in this process, and read what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rokt_helpers.cli import main

__all__ = ["Rokt", "caller", "one_object"]

Rokt = Callable[..., tuple[int, str, str]]


def caller(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """Return a caller; it gives exit code, standard output and error."""

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words])
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return call


def one_object(text: str) -> Any:
    """Read what must be one JSON object on one line, and nothing else."""
    assert text.count("\n") == 1
    return json.loads(text)
