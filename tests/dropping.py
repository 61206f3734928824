"""Drop a file on a panel's zone, saying what a page says."""

from __future__ import annotations

from typing import Any

from rokt_helpers.widgets.drop import PIECE_BYTES

__all__ = ["drop"]


def drop(panel: Any, name: str, content: bytes) -> None:
    """Send the content in the pieces that the kernel asks for, one after the other."""
    zone = panel.picker.drop
    sent = {"id": "1", "name": name, "size": len(content)}
    zone._handle_custom_msg({"kind": "begin", **sent}, [])
    for offset in range(0, len(content), PIECE_BYTES):
        piece = memoryview(content[offset : offset + PIECE_BYTES])
        zone._handle_custom_msg({"kind": "piece", "id": "1", "offset": offset}, [piece])
