"""The words that say which list is meant and how it is to be read; every verb shares them."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, get_args

import click

from rokt_helpers.advice import APPLICABLE, Code
from rokt_helpers.audience import Identifier, Mixed, Output, PreparedAudience, prepare_audience
from rokt_helpers.audience.preparing import LookedOver, look_over
from rokt_helpers.contract import REASONS
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES
from rokt_helpers.progress import OnProgress, with_rate

__all__ = ["Source", "describe", "takes_a_list"]


@dataclass(frozen=True)
class Source:
    """The files named on the command line, and how to read them."""

    source: tuple[Path, ...]
    column: str | None
    identifier: Identifier
    output: Output
    mixed: Mixed
    header: bool | None
    sheet: str | None
    member: str | None
    apply: tuple[Code, ...]

    @property
    def files(self) -> object:
        """The file, or the files read as one."""
        return self.source[0] if len(self.source) == 1 else list(self.source)

    def prepare(self, line: OnProgress | None = None) -> PreparedAudience:
        """Prepare the list; ``line`` draws how far it is."""
        return prepare_audience(
            self.files,
            column=self.column,
            identifier=self.identifier,
            output=self.output,
            mixed=self.mixed,
            header=self.header,
            sheet=self.sheet,
            member=self.member,
            apply_advice=self.apply,
            progress=line and with_rate(line, monotonic=time.monotonic),
        )

    def look_over(self) -> LookedOver:
        """Say what looks odd in the addresses of the list.

        Raises
        ------
        InputError
            When the list is one of other identifiers, or cannot be used.
        """
        if self.identifier in ATTRIBUTES:
            raise InputError("Advice is about addresses. Leave --advise out for this column.")
        return look_over(
            self.files,
            column=self.column,
            header=self.header,
            sheet=self.sheet,
            member=self.member,
        )


def _choice(of: Any) -> click.Choice[str]:
    return click.Choice(list(get_args(of)))


_OPTIONS: Final = (
    click.argument("source", type=click.Path(path_type=Path), nargs=-1, required=True),
    click.option("--column", help="The column with the identifiers; found when left out."),
    click.option(
        "--identifier",
        type=_choice(Identifier),
        default="email",
        show_default=True,
        help="What the column holds; email takes digests of addresses, too.",
    ),
    click.option(
        "--output",
        type=_choice(Output),
        default="sha256",
        show_default=True,
        help="What to write and send: digests, or the canonical values themselves.",
    ),
    click.option(
        "--mixed",
        type=_choice(Mixed),
        default="refuse",
        show_default=True,
        help="What to do with a column of addresses and digests.",
    ),
    click.option(
        "--header/--no-header",
        default=None,
        help="Whether the first row is a header; looked for when left out.",
    ),
    click.option(
        "--sheet", help="The sheet of a spreadsheet; the only one with identifiers when left out."
    ),
    click.option("--member", help="The file inside a zip archive, or a pattern such as *.csv."),
    click.option(
        "--apply",
        type=click.Choice(APPLICABLE),
        multiple=True,
        help="Advice to apply to the addresses: rewrite mistyped domains, or leave out rows of "
        "that kind. `rokt prepare --advise` says what there is.",
    ),
)


def takes_a_list(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add SOURCE and the options to read it; the verb gets them as one :class:`Source`."""

    @functools.wraps(verb)
    def called(**words: Any) -> Any:
        source = Source(**{field.name: words.pop(field.name) for field in fields(Source)})
        return verb(source=source, **words)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def describe(prepared: PreparedAudience) -> list[str]:
    """Return the sums of a prepared audience as lines that add up before the eye."""
    s = prepared.summary
    found = s["source"]
    how = ", ".join(str(found[key]) for key in ("encoding", "delimiter", "sheet") if found[key])
    width = len(f"{s['rows_in']:,}")
    lines = [f"{found['name']}: column {found['column']!r}{f' ({how})' if how else ''}"]
    lines.append(f"  {found['evidence']}")
    lines.append(f"  {s['rows_in']:>{width},} in the source")
    lines.append(f"  {s['accepted']:>{width},} accepted, each person once")
    lines.append(f"  {s['duplicates']:>{width},} duplicate of an accepted row")
    lines.append(f"  {s['rejected']:>{width},} rejected")
    for reason, count in s["rejected_by_reason"].items():
        lines.append(f"    {count:>{width},} {reason}: {REASONS[reason]}")
    for code, count in s["advice_applied"].items():
        done = "domain rewritten" if code == "domain_typo" else "left out"
        lines.append(f"  {count:>{width},} {done} by the advice you chose: {code}")
    return lines
