"""What was done by hand, as a schedule would do it: a params file, a command, an entry.

The law kept here: what a schedule cannot do again is said, and never left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Literal

import yaml

__all__ = ["DROPPED_PREFIX", "SameAgain", "Source", "is_dropped", "same_again"]

Source = Literal["file", "dropped", "pasted", "frame"]

# How the name of a folder begins in which a file lies that was dropped into the browser.
DROPPED_PREFIX: Final = "rokt-dropped-"
_INBOX: Final = "inbox"
_NO_FILE: Final = f"{_INBOX}/your_list.csv"
# What names a run best, the best first.
_NAMING: Final = ("source", "left", "list", "purchases")
_SLUG_CHARACTERS: Final = 40
_HOURLY: Final = frozenset({"40_referrals"})


@dataclass(frozen=True)
class SameAgain:
    """How to do again what was done by hand.

    Attributes
    ----------
    params_yaml
        The text of the file of parameters.
    file
        Where it belongs, as seen from the project folder.
    command
        What runs it once.
    entry_yaml
        The entry for ``params/schedule.yml``, to be put below ``entries:``; it is off.
    hindrance
        What has to be done first, in sentences; empty where nothing has.
    note
        What a person should know of who schedules it all the same; empty where there is nothing.
    """

    params_yaml: str
    file: str
    command: str
    entry_yaml: str
    hindrance: str = ""
    note: str = ""


def same_again(
    notebook: str, parameters: Mapping[str, Any], *, source: str, by_hand: Sequence[str] = ()
) -> SameAgain:
    """Say how a schedule would do what was done by hand.

    Parameters
    ----------
    notebook
        Its name without the suffix, such as ``10_prepare_audience``.
    parameters
        What :meth:`Job.parameters` gives: name → plain value, without secrets.
    source
        Where the list came from: ``file``, ``dropped`` into the browser, ``pasted`` or ``frame``.
    by_hand
        Sentences on what was done by hand besides and no parameter can say.

    Returns
    -------
    The texts. A dropped file is named as if it lay in ``inbox/`` already.
    """
    given, moved = _in_the_inbox(dict(parameters), source)
    if source in {"pasted", "frame"}:
        given = {"source": _NO_FILE} | {k: v for k, v in given.items() if k != "source"}
    name = f"{notebook}-{_slug(given)}"
    file = f"params/{name}.yml"
    command = f"rokt run notebooks/{notebook}.ipynb -f {file}"
    heading = (
        "# What was done by hand, once more. Every other setting is the notebook's own.\n"
        f"#   {command}\n"
    )
    return SameAgain(
        params_yaml=heading + _as_yaml(given),
        file=file,
        command=command,
        entry_yaml=_entry(notebook, name, file),
        hindrance=" ".join([*_missing(source, moved), *by_hand]),
        note=_note(given),
    )


def is_dropped(path: str) -> bool:
    """Tell a file that was dropped into the browser, which goes with the page."""
    return PurePath(path).parent.name.startswith(DROPPED_PREFIX)


def _in_the_inbox(given: dict[str, Any], source: str) -> tuple[dict[str, Any], list[str]]:
    """Return the parameters with dropped files in the inbox, and the names of those files."""
    moved = []
    for name, value in given.items():
        if isinstance(value, str) and (
            is_dropped(value) or (source == "dropped" and name == "source")
        ):
            moved.append(PurePath(value).name)
            given[name] = f"{_INBOX}/{moved[-1]}"
    return given, moved


def _missing(source: str, moved: Sequence[str]) -> list[str]:
    said = [
        f"Put {name} into {_INBOX}/: a file that is dropped here is gone when the page is closed."
        for name in moved
    ]
    if source in {"pasted", "frame"}:
        what = "What was pasted" if source == "pasted" else "A frame"
        said.append(
            f"{what} is not there when a schedule runs: put the list into a file in {_INBOX}/, and "
            f"name that file in the place of {_NO_FILE}."
        )
    return said


def _note(given: Mapping[str, Any]) -> str:
    said = []
    if given.get("allow"):
        said.append(f"These guards are passed each time, unasked: {given['allow']}.")
    if given.get("send"):
        said.append("It sends without asking.")
    return " ".join(said)


def _slug(given: Mapping[str, Any]) -> str:
    """Return a name for the file out of what names the run; letters, digits and hyphens only."""
    name = next((name for name in _NAMING if given.get(name)), "")
    value = str(given.get(name, ""))
    spoken = value if name == "list" else PurePath(value).stem
    words = re.sub(r"[^a-z0-9]+", "-", spoken.lower()).strip("-")
    return words[:_SLUG_CHARACTERS].strip("-") or "again"


class _Dumper(yaml.SafeDumper):
    """YAML with text that cannot be seen, such as a line break of Unicode's, written as escapes."""


def _as_scalar(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _as_scalar)


def _as_yaml(given: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        dict(given), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )
    return text


def _entry(notebook: str, name: str, file: str) -> str:
    when = 'every: hour\n    at: ":15"' if notebook in _HOURLY else 'every: day\n    at: "06:00"'
    return (
        f"  - name: {name}\n"
        f"    notebook: notebooks/{notebook}.ipynb\n"
        f"    params: {file}\n"
        f"    {when}\n"
        "    time_zone: UTC  # whose clock that is, such as Europe/Berlin\n"
        "    enabled: false  # true lets it run\n"
    )
