"""The tables out of many messages, as a folder of files.

A message never changes, so each is opened once. What was found in it is remembered by name, size
and moment, where a file for that is given: then a message read yesterday is not fetched today, and
a link that has run out since is not taken for a file that was lost.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rokt_helpers.errors import DeliveryError, Refused
from rokt_helpers.files import PassingFolder, write_private
from rokt_helpers.routes.files import DeliveredFile, numbered
from rokt_helpers.routes.messages import Attached, Linked

__all__ = ["Found", "Messages", "Postbag"]


@dataclass(frozen=True)
class Found:
    """One table in a message: where its content lies by now, or why it is not to be had."""

    file: DeliveredFile
    path: Path | None = None
    fault: DeliveryError | None = None


class Messages(Protocol):
    """Where messages come from."""

    def keys(self) -> Sequence[str]:
        """Return what names each message, oldest first; a key never means another one."""

    def open(self, key: str) -> list[Attached | Linked]:
        """Return what one of them brings."""


class Postbag:
    """The tables that messages bring; see :class:`~rokt_helpers.routes.mail.MailFolder`.

    Parameters
    ----------
    messages
        Where they come from.
    fetch
        Writes what lies at an address into a file, and returns its size in bytes.
    memory
        A file to remember them in; None remembers for as long as the program runs.
    place
        What the memory is of: with another place it starts anew.
    """

    def __init__(
        self,
        messages: Messages,
        fetch: Callable[[str, Path], int],
        *,
        memory: Path | None,
        place: str,
    ) -> None:
        self._messages = messages
        self._fetch = fetch
        self._memory = memory
        self._place = hashlib.sha256(place.encode()).hexdigest()
        self._folder = PassingFolder("mail")
        self._found: dict[str, list[Found]] | None = None
        self._listed: dict[str, tuple[str, int]] = {}
        self._turn = threading.RLock()

    def listing(self) -> list[DeliveredFile]:
        """Return every table, oldest first."""
        with self._turn:
            found = self._remembered() if self._found is None else self._found
            keys = self._messages.keys()
            self._found = {key: found.get(key) or [] for key in keys if key in found}
            try:
                for key in keys:
                    if key not in self._found:
                        with suppress(Refused):  # it went in between
                            self._found[key] = self._opened(key)
            finally:
                self._remember()
            files = list(self._named())
        return sorted(files, key=lambda file: (file.modified, file.name))

    def download(self, name: str, to: Path) -> None:
        """Copy one table into ``to``, readable by its owner only."""
        with self._turn:
            if name not in self._listed:
                raise Refused("There is no such file in the mail. List it again.")
            key, number = self._listed[name]
            found = self._found or {}
            if found[key][number].path is None and found[key][number].fault is None:
                found[key] = self._opened(key)
            one = found[key][number] if number < len(found[key]) else None
            if one is None or one.path is None:
                raise (one and one.fault) or Refused("The message has gone.")
            to.touch(mode=0o600)
            shutil.copyfile(one.path, to)

    def close(self) -> None:
        """Remove what was unpacked; it is fetched anew when it is wanted again."""
        with self._turn:
            self._found, self._listed = None, {}
            self._folder.remove()
            self._folder = PassingFolder("mail")

    def _named(self) -> Iterator[DeliveredFile]:
        """Give each table a name of its own; a copy of a message brings nothing new."""
        self._listed = {}
        sizes: dict[str, int] = {}
        for key, several in (self._found or {}).items():
            for number, one in enumerate(several):
                name, size_bytes = one.file.name, one.file.size_bytes
                if sizes.get(name) == size_bytes:
                    continue
                name = numbered(name, set(sizes))
                sizes[name] = size_bytes
                self._listed[name] = key, number
                yield DeliveredFile(name, size_bytes, one.file.modified)

    def _opened(self, key: str) -> list[Found]:
        return [self._unpacked(key, n, part) for n, part in enumerate(self._messages.open(key))]

    def _unpacked(self, key: str, number: int, part: Attached | Linked) -> Found:
        path = self._folder.path / f"{hashlib.sha256(key.encode()).hexdigest()}-{number}"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        try:
            if isinstance(part, Linked):
                size_bytes = self._fetch(part.address, path)
            elif part.fault:
                raise Refused(part.fault)
            else:
                size_bytes = path.write_bytes(part.content)
        except DeliveryError as error:
            path.unlink()
            # Refused, whatever it was: one link whose host is down must not keep all later messages
            # from being collected. It is tried again the next time.
            fault = Refused(str(error))
            return Found(DeliveredFile(part.name, 0, part.modified), fault=fault)
        return Found(DeliveredFile(part.name, size_bytes, part.modified), path)

    # --- memory -----------------------------

    def _remembered(self) -> dict[str, list[Found]]:
        if self._memory is None:
            return {}
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            told = json.loads(self._memory.read_text(encoding="utf-8"))
            if told["place"] == self._place:
                return {
                    key: [Found(_file(one)) for one in several]
                    for key, several in told["messages"].items()
                }
        return {}  # it costs time to forget, and no referral

    def _remember(self) -> None:
        if self._memory is None:
            return
        messages = {
            key: [[f.file.name, f.file.size_bytes, f.file.modified.isoformat()] for f in several]
            for key, several in (self._found or {}).items()
            if not any(f.fault for f in several)
        }
        text = json.dumps({"place": self._place, "messages": messages}, ensure_ascii=False)
        write_private(self._memory, lambda part: part.write_text(text, encoding="utf-8"))


def _file(told: Any) -> DeliveredFile:
    name, size_bytes, modified = told
    return DeliveredFile(str(name), int(size_bytes), datetime.fromisoformat(modified))
