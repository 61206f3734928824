"""Cut one JSON array into its items, a piece of the file at a time.

The law kept here: an array that is damaged or cut short is refused; no item is left out in silence.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Final

from rokt_helpers.errors import InputError
from rokt_helpers.tables.origins import Origin

__all__ = ["array_items", "is_array"]

_PIECE_CHARACTERS: Final = 256 * 1024
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_AFTER_AN_ITEM: Final = frozenset(" \t\n\r,]")
_DECODER: Final = json.JSONDecoder()


def is_array(origin: Origin) -> bool:
    """Tell whether the first character that is no white space opens an array."""
    with origin.open() as stream:
        while piece := stream.read(_PIECE_CHARACTERS):
            if text := piece.strip():
                return text.startswith(b"[")
    return False


def array_items(origin: Origin) -> Iterator[object]:
    """Yield the items of a text in UTF-8 that is one array.

    Raises
    ------
    InputError
        When it is not whole, or something stands after it.
    """
    with origin.open() as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8")
        try:
            yield from _Items(text, origin.name)
        finally:
            text.detach()  # whoever opened the stream closes it


class _Items:
    """Reads on only when the item at hand is not whole yet, and forgets what was handed out."""

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text = text
        self._name = name
        self._held = ""
        self._at = 0
        self._handed_out = 0

    def __iter__(self) -> Iterator[object]:
        self._take("[")
        if self._next() != "]":
            yield self._item()
            while self._next() == ",":
                self._at += 1
                yield self._item()
        self._take("]")
        if self._next():
            raise self._damaged()

    def _item(self) -> object:
        self._next()
        while True:
            try:
                item, end = _DECODER.raw_decode(self._held, self._at)
            except RecursionError:
                raise self._damaged() from None
            except ValueError:
                end = len(self._held)
            # A number at the end of a piece may go on in the next, from before its point.
            if self._held[end : end + 1] in _AFTER_AN_ITEM:
                self._at = end
                self._handed_out += 1
                return item
            if not self._read_on():
                raise self._damaged()

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise self._damaged()
        self._at += 1

    def _next(self) -> str:
        """Return the next character that is no white space; nothing at the end."""
        while True:
            self._at = _BLANK.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._read_on():
                return ""

    def _read_on(self) -> bool:
        rest = self._held[self._at :]
        # A long item is read in growing pieces, so that it is not begun anew too often.
        piece = self._text.read(max(_PIECE_CHARACTERS, len(rest)))
        self._held, self._at = rest + piece, 0
        return bool(piece)

    def _damaged(self) -> InputError:
        return InputError(
            f"{self._name} is damaged or was cut short: after {self._handed_out:,} records its "
            "array does not go on as JSON does. Export it again."
        )
