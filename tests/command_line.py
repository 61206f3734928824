"""Call the command line in this process, and read what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import click
import pytest

from rokt_helpers.cli import main
from rokt_helpers.cli.app import app

__all__ = ["Rokt", "caller", "one_object", "parses"]

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


def parses(words: Sequence[str]) -> click.Command:
    """Parse a call without doing it, and return the verb it calls.

    Raises
    ------
    click.UsageError
        When the command line would refuse it.
    """
    command: click.Command = app
    context = app.make_context("rokt", [*words])
    rest = [*words]
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert name is not None
        assert found is not None
        is_group = isinstance(found, click.Group)
        parent = context
        context = (
            click.Context(found, parent=parent)
            if is_group and rest
            else found.make_context(name, [*rest], parent=parent)
        )
        command = found
    return command
