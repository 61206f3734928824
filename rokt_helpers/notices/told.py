"""What each receiver was told, in one small file of the profile: ``told.json``, 0600, whole.

The law kept here: it is written once a receiver has said yes, so a notice that could not be handed
over is tried again. Receivers stand there by a digest, for their addresses are secrets.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rokt_helpers.attention import KINDS
from rokt_helpers.errors import InputError
from rokt_helpers.files import write_private
from rokt_helpers.notices.changes import ToldOf, key_of
from rokt_helpers.settings import Settings

__all__ = ["Sent", "ToldState", "is_time", "told_file"]

# How often what runs every few minutes looks for more than its own runs.
EVERY: Final = timedelta(hours=1)
_VERSION: Final = 1
_MOST_SENT: Final = 20


@dataclass(frozen=True)
class Sent:
    """A notice that somebody took: when (UTC, ISO), its subject, and the kind of receiver."""

    at: str
    subject: str
    to: str


@dataclass
class ToldState:
    """What is kept; see :meth:`read`.

    Attributes
    ----------
    told
        By receiver what it knows, by the key of each concern.
    sent
        The last notices, newest first.
    waiting
        The kinds of receivers that did not take what there was to tell.
    looked_at
        When somebody looked last, UTC.
    """

    told: dict[str, dict[str, ToldOf]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    looked_at: datetime | None = None

    @classmethod
    def read(cls, path: Path) -> ToldState:
        """Return what the file holds, or nothing where nobody was told yet.

        Raises
        ------
        InputError
            When the file is there and cannot be read.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            looked_at = content["looked_at"]
            return cls(
                told={
                    receiver: {key_of(told): told for told in map(_told, concerns)}
                    for receiver, concerns in content["told"].items()
                },
                sent=[Sent(**one) for one in content["sent"]],
                waiting=[str(one) for one in content["waiting"]],
                looked_at=None if looked_at is None else datetime.fromisoformat(looked_at),
            )
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{path} cannot be read, so nobody knows who was told what. Remove it: everything "
                "that needs a person is then told once more."
            ) from None

    def write(self, path: Path) -> None:
        """Put it in place of the file.

        Raises
        ------
        InputError
            When it cannot be written.
        """
        content = {
            "version": _VERSION,
            "looked_at": self.looked_at,
            "waiting": self.waiting,
            "sent": [asdict(one) for one in self.sent[:_MOST_SENT]],
            "told": {
                receiver: [asdict(one) for one in told.values()]
                for receiver, told in self.told.items()
            },
        }
        text = json.dumps(content, indent=2, default=datetime.isoformat, ensure_ascii=False)
        write_private(path, lambda part: part.write_text(text + "\n", encoding="utf-8"))


def told_file(settings: Settings) -> Path:
    """Return where it is kept who was told what."""
    return settings.account_folder / "told.json"


def is_time(settings: Settings, now: datetime, *, ran: bool) -> bool:
    """Tell whether whoever is to be told has something to hear.

    It is time after each run, each hour for what happens without one, and while a notice waits.

    Raises
    ------
    InputError
        When the file of what was told cannot be read.
    """
    if not settings.notify.get_secret_value() and not settings.notify_command.get_secret_value():
        return False
    state = ToldState.read(told_file(settings))
    waited = None if state.looked_at is None else now - state.looked_at
    return ran or bool(state.waiting) or waited is None or waited >= EVERY


def _told(item: dict[str, Any]) -> ToldOf:
    if item["kind"] not in KINDS:
        raise ValueError(item["kind"])
    moments = {name: datetime.fromisoformat(item[name]) for name in ("since", "told_at")}
    return ToldOf(**{**item, **moments})
