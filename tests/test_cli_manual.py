"""The help of every verb is a page that can be worked from."""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from rokt_helpers.cli.app import VERBS, app
from rokt_helpers.cli.manual import EXIT_CODES
from rokt_helpers.cli.pages import PAGES
from rokt_helpers.settings import Settings
from tests.command_line import parses

FROM_THE_SYSTEM = {"TMPDIR"}
SETTINGS = {f"ROKT_{name.upper()}" for name in Settings.model_fields}


def commands() -> dict[str, click.Command]:
    """Every verb, and every verb below a verb, by the words that call it."""
    return {"": app, **dict(below(app, ()))}


def below(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join([*path, name]), command
        if isinstance(command, click.Group):
            yield from below(command, (*path, name))


COMMANDS = commands()
OPTIONS = [
    pytest.param(verb, option, id=f"{verb} {option.opts[-1]}")
    for verb, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option)
]
EXAMPLES = [
    pytest.param(verb, call, id=f"{verb}: {what}")
    for verb, page in PAGES.items()
    for what, call in page.examples
]


def shown(verb: str) -> str:
    return COMMANDS[verb].get_help(click.Context(COMMANDS[verb], info_name=f"rokt {verb}".strip()))


def test_every_verb_has_its_page_and_no_page_is_without_a_verb() -> None:
    """Who adds a verb writes its page in cli/pages.py."""
    assert {*COMMANDS} == {*PAGES}
    assert {*VERBS} <= {*PAGES}


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_shows_the_whole_page(verb: str) -> None:
    """What it does, examples and exit codes stand in the help, within 80 columns."""
    said = shown(verb)
    assert re.search(r"\n\n  [A-Z][^\n]+", said), "it does not say what it does"
    assert said.index("Examples:") < said.index("Exit codes:")
    free = [line for line in said.split("Examples:")[1].splitlines() if " " in line.strip()]
    assert [line for line in free if len(line) > 80] == []


@pytest.mark.parametrize(("verb", "option"), OPTIONS)
def test_an_option_says_what_it_is(verb: str, option: click.Option) -> None:
    """Each has a sentence, and shows its default where that is a value."""
    said = option.help or ""
    assert said.endswith("."), f"{verb} {option.opts}: {said!r}"
    assert len(said.split()) >= 3
    is_value = option.default not in (None, False, "", ()) and not option.is_flag
    if is_value and "UNSET" not in str(option.default):
        assert option.show_default


@pytest.mark.parametrize(("verb", "call"), EXAMPLES)
def test_an_example_parses(verb: str, call: str) -> None:
    """Each example is a call that the verb takes, of that verb."""
    program, *words = shlex.split(call)
    assert program == "rokt"
    if words:
        parses(words)
    assert not verb or call.startswith(f"rokt {verb}")


@pytest.mark.parametrize("verb", PAGES)
def test_a_page_names_codes_and_variables_that_exist(verb: str) -> None:
    """Exit codes are of the known five, and variables are settings."""
    page = PAGES[verb]
    assert page.examples
    assert {*page.ends_with} <= {*EXIT_CODES}
    assert {*page.codes} <= {*page.ends_with}
    named = [name for names in page.environment for name in names.split(", ")]
    unknown = [n for n in named if not fnmatch.filter(SETTINGS, n) and n not in FROM_THE_SYSTEM]
    assert unknown == []
