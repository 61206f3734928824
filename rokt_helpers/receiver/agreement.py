"""What was agreed with Rokt about the push, out of one YAML file: template, rules and limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rokt_helpers.errors import InputError
from rokt_helpers.receiver.rules import Rules
from rokt_helpers.receiver.template import Template
from rokt_helpers.receiver.words import entries, number

__all__ = ["Agreement", "Limits"]

_KEYS: Final = (
    "accepted", "authentication", "encoding", "fields", "limits", "methods", "path", "rules",
    "test",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How much the receiver takes on.

    Attributes
    ----------
    body_bytes
        A larger body is refused (413).
    body_seconds
        A body that takes longer to arrive is given up (408).
    waiting
        Requests under way at a time; the next one is asked to come again (503).
    """

    body_bytes: int = 65_536
    body_seconds: int = 10
    waiting: int = 500

    @classmethod
    def of(cls, found: object) -> Limits:
        """Make them out of plain values."""
        told = entries(found or {}, "limits", ("body_bytes", "body_seconds", "waiting"))
        highest = {"body_bytes": 16_777_216, "body_seconds": 600, "waiting": 100_000}
        return cls(**{n: number(v, f"limits: {n}", 1, highest[n]) for n, v in told.items()})


@dataclass(frozen=True)
class Agreement:
    """The template, what to answer, and the limits."""

    template: Template
    rules: Rules
    limits: Limits

    @classmethod
    def of(cls, found: Any) -> Agreement:
        """Make it out of plain values, as :meth:`load` finds them."""
        told = entries(found, "The file", _KEYS)
        template = Template.of(told)
        rules = Rules.of(told.get("rules"), told.get("accepted"), template.fields)
        return cls(template, rules, Limits.of(told.get("limits")))

    @classmethod
    def load(cls, path: Path) -> Agreement:
        """Read it from YAML.

        Raises
        ------
        InputError
            It cannot be read or understood; the message names the file and the place in it.
        """
        try:
            found = yaml.safe_load(path.expanduser().read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from None
        except (yaml.YAMLError, UnicodeError):
            raise InputError(f"{path} is not YAML. docs/receiver.md shows what it holds.") from None
        try:
            return cls.of(found)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
