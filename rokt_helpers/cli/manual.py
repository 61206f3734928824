"""What stands below the options in the help of each verb: examples, exit codes, files, environment.

The texts are in :mod:`rokt_helpers.cli.pages`; the tests parse every example, and the command
reference of the documentation is made from the same pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import click

__all__ = ["EXIT_CODES", "Page", "epilog"]

_WIDTH: Final = 76  # with click's indent it fits into 80 columns
# What each exit code means, whichever verb ends with it.
EXIT_CODES: Final = {
    0: "done",
    1: "the work failed, or what was looked for was found; the message says which",
    2: "the call was wrong, or a setting or the source cannot be used; nothing was sent",
    3: "a guard stopped it; the message says what to pass to go on",
    130: "cancelled from the keyboard or by the system",
}


@dataclass(frozen=True)
class Page:
    """The lower half of one verb's page.

    ``examples`` are pairs of what is to be done and the command line that does it; ``codes`` says
    what an exit code means for this verb where :data:`EXIT_CODES` is too general; ``files`` and
    ``environment`` map a name to what it is for. ``ends_with`` are the exit codes it can have.
    """

    examples: tuple[tuple[str, str], ...]
    ends_with: tuple[int, ...]
    codes: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def exit_codes(self) -> dict[int, str]:
        """Return what each exit code of this verb means."""
        return {code: self.codes.get(code, EXIT_CODES[code]) for code in self.ends_with}


def epilog(page: Page) -> str:
    r"""Return the page as click shows it: ``\b`` keeps a paragraph's lines as they are."""
    examples = [
        line for what, call in page.examples for line in (f"  # {what}", *_shell_lines(call))
    ]
    parts = [["Examples:", *examples]]
    for title, entries in (
        ("Exit codes:", {str(code): words for code, words in page.exit_codes().items()}),
        ("Files:", page.files),
        ("Environment:", page.environment),
    ):
        if entries:
            parts.append([title, *_entries(entries)])
    return "\n\n".join("\n".join(["\b", *lines]) for lines in parts)


def _shell_lines(call: str) -> list[str]:
    """Return a command line as it can be pasted, broken before an option where it is long."""
    first, *options = re.split(r" (?=--?[a-z])", call)
    lines = [f"  {first}"]
    for part in options:
        if len(f"{lines[-1]} {part} \\") > _WIDTH:
            lines.append(f"     {part}")
        else:
            lines[-1] += f" {part}"
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _entries(entries: Mapping[str, str]) -> list[str]:
    """Return a list of terms with hanging indents, 80 columns wide as click's own lists."""
    formatter = click.HelpFormatter(width=_WIDTH)
    formatter.indent()
    formatter.write_dl(list(entries.items()), col_max=32)
    return formatter.getvalue().splitlines()
