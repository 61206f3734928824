"""The pages without cells: Voila as ``rokt lab --view`` starts it, in a process of its own.

The laws kept here: who has no token sees nothing; it listens on this computer only unless told
otherwise; it serves pages and no files; a browser that shows them asks nobody but this server.
"""

from __future__ import annotations

from typing import Any, Final

from tornado.web import RedirectHandler
from voila.app import Voila

__all__ = ["View"]

_START_PAGE: Final = "voila/render/00_start_here.ipynb"
_IDLE_SECONDS: Final = 4 * 3600
# Voila's page names a style sheet on another host; its own copy of the icons is in the page anyway.
_ONLY_HERE: Final = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; "
    "connect-src 'self' ws: wss: data: blob:; object-src 'none'; base-uri 'self'"
)


class View(Voila):  # type: ignore[misc]
    """Voila with a token, on the loopback address, that opens on the start page."""

    name = "voila"

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line and settings; what nobody chose is chosen here."""
        self.ip = "127.0.0.1"
        self.auto_token = True
        # As in JupyterLab: a file dropped on a page comes in one message.
        self.tornado_settings = {
            "websocket_max_message_size": 1_000_000_000,
            "headers": {"Content-Security-Policy": _ONLY_HERE},
        }
        self.config.VoilaConfiguration.file_allowlist = []
        self.config.KernelManager.transport_encryption = "auto"
        self.config.MappingKernelManager.cull_idle_timeout = _IDLE_SECONDS
        super().initialize(argv)

    def init_handlers(self) -> list[Any]:
        """Put the start page where Voila lists the folder."""
        start = f"{self.server_url}{_START_PAGE}"
        first = (self.server_url, RedirectHandler, {"url": start, "permanent": False})
        return [first, *super().init_handlers()]


if __name__ == "__main__":
    View.launch_instance()
