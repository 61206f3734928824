"""A classroom: a sandbox and a workbench of its own, which cannot reach anything else.

The law kept here: a lesson cannot reach production. Its settings are those of its own sandbox; no
variable, no ``.env`` and no argument can set another profile or the address of another machine.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import polars as pl
from pydantic import model_validator

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.errors import GuardError
from rokt_helpers.files import PassingFolder
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import Settings, is_loopback
from rokt_helpers.workbench import Workbench

__all__ = ["Classroom", "ClassroomSettings", "addresses", "prepared"]

_PROXIES = {"all_proxy", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy"}


class ClassroomSettings(Settings):
    """Settings that come from the call alone, know no other profile and no other machine."""

    profile: Literal["sandbox"] = "sandbox"

    @model_validator(mode="after")
    def _stay_here(self) -> Self:
        away = [name for name in type(self).model_fields if not self._is_here(name)]
        if away:
            raise GuardError(
                f"A lesson works on its own sandbox only, and {', '.join(away)} would lead "
                "elsewhere. Leave it out.",
                guard="production_from_sandbox",
            )
        return self

    def _is_here(self, name: str) -> bool:
        value = getattr(self, name)
        if name == "ledger_url":  # a database, which might be on another machine
            return not value.get_secret_value()
        if name == "shared_folder":  # the same of a folder
            return not value
        if name.endswith("_hosts"):  # several: no lesson needs them
            return not value
        if name.endswith("_url") and value:
            return is_loopback(urlsplit(value).hostname or "")
        return not (name.endswith("_host") and value) or is_loopback(value)


class Classroom:
    """A running sandbox, and a workbench on it, with a state folder that goes at the end.

    Parameters
    ----------
    choices
        Further fields of the settings, such as ``api_batch_rows``.

    Notes
    -----
    A context manager. Without ``with`` it is closed when the process ends.
    """

    def __init__(self, **choices: Any) -> None:
        with ExitStack() as opening:
            self._passing = PassingFolder("academy")  # it goes with the last who holds it
            opening.callback(self._passing.remove)
            self.folder: Path = self._passing.path
            # A child process finds this empty file before any other .env further up.
            (self.folder / ".env").touch(mode=0o600)
            self.sandbox = opening.enter_context(Sandbox())
            fields = {
                name.removeprefix("ROKT_").lower(): value
                for name, value in self.sandbox.environment.items()
            }
            self.fields: dict[str, Any] = {"home": str(self.folder / "home"), **fields, **choices}
            self.settings = ClassroomSettings(**self.fields)
            self._open = opening.pop_all()
        # A kernel ends without a word to its objects, and a sandbox has a folder to tidy up.
        atexit.register(self.close)

    @cached_property
    def workbench(self) -> Workbench:
        """The workbench on this classroom's sandbox, opened at the first use."""
        return self._open.enter_context(Workbench(self.settings))

    def environment(self) -> dict[str, str]:
        """Return the environment for a program of the lesson: nobody's own settings are in it.

        Start the program in ``folder``, where an empty ``.env`` keeps it from finding another.
        """
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith("ROKT_") and name.lower() not in _PROXIES
        }
        ours = {f"ROKT_{name.upper()}": str(value) for name, value in self.fields.items()}
        return kept | ours | {"NO_PROXY": "127.0.0.1,localhost"}

    def write(self, name: str, lines: Sequence[str]) -> Path:
        """Write a small text file into the classroom; return where it is."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def close(self) -> None:
        """End the workbench and the sandbox, and remove the folder."""
        self._open.close()
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Classroom with a sandbox at {self.sandbox.url}>"


def addresses(count: int, *, first: int = 1) -> list[str]:
    """Return addresses of people who were invented for lessons."""
    return [f"learner.{number}@example.com" for number in range(first, first + count)]


def prepared(people: Sequence[str]) -> PreparedAudience:
    """Return people as a prepared audience."""
    return prepare_audience(pl.DataFrame({"email": people}))
