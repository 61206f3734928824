"""A place to drop a file, which sends it in pieces, each acknowledged before the next.

The upload of ipywidgets puts a whole file into one message and into the state of a widget: a large
one meets the limits of the connection without a word, and a saved notebook may hold it. Here the
kernel asks for one piece after the other, writes it down and forgets it.

The page says ``begin`` (id, name, size), ``piece`` (id, offset, one buffer) and ``cancel`` (id);
the kernel says ``want`` (id, offset, bytes), ``done`` (id, name, size, replaced) and ``no`` (id,
why). What a page says is not trusted: a name, size or piece that does not fit ends the transfer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets as t

from rokt_helpers.errors import InputError
from rokt_helpers.widgets.background import guarded
from rokt_helpers.widgets.dropped import ArrivingFile, DroppedFiles

__all__ = ["PIECE_BYTES", "DropZone"]

# Far below every limit on the way (Tornado takes 10 MB), and large enough to be quick.
PIECE_BYTES: Final = 1_000_000
_LONGEST_ID: Final = 64
_LARGEST_FILE_BYTES: Final = 1 << 50


class DropZone(anywidget.AnyWidget):
    """A button and a zone: "Drop a file here, or choose one".

    Its content is never in a trait: nothing of it is in the state of the widget or in a notebook.

    Parameters
    ----------
    keep
        The private folder that takes the file.
    took
        Called with the path once the file is whole. It may be called in another thread than the
        one that made the widget; an error of it becomes a sentence below the zone.
    accept
        Endings that are taken, such as ``.csv``; none means every file.
    label
        What stands in the zone.
    """

    _esm = Path(__file__).with_name("drop.js")
    _css = Path(__file__).with_name("drop.css")

    accept: t.List[str] = t.List(t.Unicode()).tag(sync=True)
    disabled: t.Bool[bool, bool | int] = t.Bool(default_value=False).tag(sync=True)
    label: t.Unicode[str, str | bytes] = t.Unicode().tag(sync=True)

    def __init__(
        self,
        keep: DroppedFiles,
        took: Callable[[Path], None],
        *,
        accept: Sequence[str] = (),
        label: str = "Drop a file here, or choose one",
    ) -> None:
        self._id = ""
        self._arriving: ArrivingFile | None = None
        self._files, self._took = keep, took
        super().__init__(accept=[ending.lower() for ending in accept], label=label)
        self.on_msg(self._hear)

    def close(self) -> None:
        """Remove a half sent file with the widget."""
        self._forget()
        super().close()

    # --- what the page says -------------------

    def _hear(self, _: object, said: object, buffers: Sequence[memoryview]) -> None:
        """Answer one message; whatever goes wrong is a sentence, never a trace of the content."""
        if not isinstance(said, dict) or not _is_id(said.get("id")):
            return
        name = said["id"]
        guarded(lambda: self._answer(said, buffers), lambda why: self._refuse(name, why))

    def _answer(self, said: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        match said.get("kind"):
            case "begin":
                self._begin(said)
            case "piece":
                self._take(said, buffers)
            case "cancel" if said["id"] == self._id:
                self._forget()
            case _:
                pass  # a page of another version, or one that lies: there is nothing to say

    def _begin(self, said: dict[str, Any]) -> None:
        name, size = said.get("name"), said.get("size")
        if self.disabled:
            raise InputError("A file cannot be taken just now. Wait until the work has ended.")
        if not isinstance(name, str) or not self._is_accepted(name):
            raise InputError(f"This file does not end as it must: {self._endings()}.")
        if type(size) is not int or not 0 < size < _LARGEST_FILE_BYTES:
            raise InputError("The file is empty. Choose one that holds something.")
        self._forget()  # one file at a time: the newest is what the person wants
        self._arriving = self._files.arriving(name, size)
        self._id = said["id"]
        self._want()

    def _take(self, said: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        """Write the piece down if it is exactly the one that was asked for."""
        arriving = self._arriving
        if arriving is None or said["id"] != self._id:
            raise InputError("This transfer was ended, perhaps by another one. Choose it again.")
        fits = (
            type(said.get("offset")) is int
            and said["offset"] == arriving.received_bytes
            and [memoryview(piece).nbytes for piece in buffers] == [_next_bytes(arriving)]
        )
        if not fits:
            raise InputError("The file arrived in the wrong order. Choose it again.")
        arriving.add(buffers[0])
        if arriving.is_whole:
            self._finish(arriving)
        else:
            self._want()

    def _finish(self, arriving: ArrivingFile) -> None:
        replaced = arriving.path.exists()
        path, name = arriving.finish(), self._id
        self._id, self._arriving = "", None
        size = arriving.size_bytes
        self._say("done", name, name=path.name, size=size, replaced=replaced)
        self._took(path)

    # --- what the kernel says -----------------

    def _want(self) -> None:
        arriving = self._arriving
        if arriving is not None:
            offset = arriving.received_bytes
            self._say("want", self._id, offset=offset, bytes=_next_bytes(arriving))

    def _refuse(self, name: str, why: str) -> None:
        if name == self._id:
            self._forget()
        self._say("no", name, why=why)

    def _say(self, kind: str, transfer: str, **facts: object) -> None:
        self.send({"kind": kind, "id": transfer, **facts})

    # --- small things -------------------------

    def _forget(self) -> None:
        if self._arriving is not None:
            self._arriving.give_up()
        self._id, self._arriving = "", None

    def _is_accepted(self, name: str) -> bool:
        return not self.accept or name.lower().endswith(tuple(self.accept))

    def _endings(self) -> str:
        return ", ".join(self.accept)


def _next_bytes(arriving: ArrivingFile) -> int:
    return min(PIECE_BYTES, arriving.size_bytes - arriving.received_bytes)


def _is_id(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _LONGEST_ID
