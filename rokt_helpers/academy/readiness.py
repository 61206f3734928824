"""What a person has passed: one small file in the sandbox's state folder, for its owner only.

It holds the numbers of lessons and moments, and no name and no answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
from dotenv import find_dotenv
from pydantic_settings import BaseSettings, SettingsConfigDict

from rokt_helpers.charts.picture import table_html
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.notebook_result import hand_over
from rokt_helpers.settings.fields import DEFAULT_HOME

__all__ = ["TITLES", "Readiness"]

TITLES: Final[Mapping[str, str]] = {
    "01": "How matching works",
    "02": "Reading a broken list",
    "03": "A plan and its guards",
    "04": "A crash in the middle",
    "05": "SFTP by hand and by helper",
    "06": "The Event and Audience API",
    "07": "Referrals and their traps",
    "08": "The morning after",
}
_FILE: Final = "academy.json"


class _Home(BaseSettings):
    """Where the person's state lies, and nothing else of their settings."""

    model_config = SettingsConfigDict(env_prefix="ROKT_", extra="ignore", env_ignore_empty=True)

    home: Path = DEFAULT_HOME


class Readiness:
    """Which lessons were passed, and when.

    Parameters
    ----------
    folder
        Where the record lies; left out, the state folder of the sandbox, whichever profile is set.
    clock
        Tells when something was passed.
    """

    def __init__(self, folder: Path | None = None, *, clock: Clock | None = None) -> None:
        self._path = (folder or _sandbox_folder()) / _FILE
        self._clock = clock or Clock()

    def passed(self) -> dict[str, str]:
        """Return number of the lesson → when it was first passed, ISO in UTC.

        Raises
        ------
        InputError
            When the record cannot be read.
        """
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise InputError(
                f"The record of what was passed, {self._path}, cannot be read. Remove it to start "
                "anew."
            )
        return {number: str(found[number]) for number in TITLES if number in found}

    def record(self, number: str) -> None:
        """Write down that a lesson was passed; the first time counts."""
        moment = self._clock.now().isoformat(timespec="seconds")
        self._write({number: moment} | self.passed())

    def forget(self) -> None:
        """Forget all of it."""
        self._path.unlink(missing_ok=True)

    @property
    def ready(self) -> bool:
        """True when every lesson was passed."""
        return self.passed().keys() == TITLES.keys()

    def table(self) -> pl.DataFrame:
        """Return a row a lesson: ``lesson``, ``title``, ``passed`` (when, in UTC, or "not yet")."""
        passed = self.passed()
        rows = [
            (int(number), title, passed.get(number, "not yet")[:16].replace("T", " "))
            for number, title in TITLES.items()
        ]
        return pl.DataFrame(rows, ["lesson", "title", "passed"], orient="row")

    def describe(self) -> str:
        """Return in one sentence how far the person is, and what comes next."""
        passed = self.passed()
        left = [number for number in TITLES if number not in passed]
        if not left:
            return f"All {len(TITLES)} lessons are passed: ready to work with a live account."
        return (
            f"{len(passed)} of {len(TITLES)} lessons are passed. Next: lesson {int(left[0])}, "
            f"{TITLES[left[0]]}."
        )

    def result(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return {"sentence": self.describe(), "ready": self.ready, "passed": self.passed()}

    def hand_over(self) -> None:
        """Give the record to the program that runs the notebook."""
        hand_over(self.result())

    def _write(self, passed: Mapping[str, str]) -> None:
        text = json.dumps(dict(sorted(passed.items())), indent=2)
        write_private(self._path, lambda part: part.write_text(text, encoding="utf-8"))

    def __repr__(self) -> str:
        return f"<Readiness: {self.describe()}>"

    def _repr_html_(self) -> str:
        return f"<p><strong>{self.describe()}</strong></p>{table_html(self.table())}"


def _sandbox_folder() -> Path:
    home = _Home(_env_file=find_dotenv(usecwd=True) or None).home.expanduser()
    try:
        return private_folder(private_folder(home) / "sandbox")
    except OSError as error:
        raise SettingsError(
            f"The state folder {home} cannot be used: {error.strerror}. Check ROKT_HOME."
        ) from None
