"""The other end of a widget's line: what a page sends, and what it hears, without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comm.base_comm import BaseComm


class Page(BaseComm):
    """Speaks to a widget as its page does, and remembers what the widget says."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.wire: list[dict[str, Any]] = []  # the data of each message
        super().__init__(target_name="jupyter.widget", data={})

    def publish_msg(
        self,
        msg_type: str,
        data: Any = None,
        metadata: Any = None,
        buffers: Any = None,
        **keys: Any,
    ) -> None:
        """Take what the kernel's end sends."""
        self.wire.append({**(data or {}), "more": (msg_type, metadata, buffers, keys)})
        if data and data.get("method") == "custom":
            self.heard.append(data["content"])

    def say(self, content: object, buffers: Sequence[bytes] = ()) -> list[dict[str, Any]]:
        """Send one message, and return the answers to it."""
        before = len(self.heard)
        self.handle_msg(
            {
                "content": {"data": {"method": "custom", "content": content}},
                "buffers": [memoryview(piece) for piece in buffers],
            }
        )
        return self.heard[before:]


def page_of(widget: Any) -> Page:
    """Connect a page to a widget."""
    page = Page()
    page.comm_id = widget.comm.comm_id  # one widget is known by one id, so that closing forgets it
    widget.comm = page
    return page
