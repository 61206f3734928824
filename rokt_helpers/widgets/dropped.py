"""Keep a file that was dropped into the browser, privately and no longer than the kernel lives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["DroppedFiles"]


class DroppedFiles:
    """A private folder, removed with the kernel: a dropped list is not left behind."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="rokt-dropped-")

    def keep(self, name: str, content: memoryview | bytes) -> Path:
        """Write the content under the file's own name, mode 0600, and return the path."""
        path = Path(self._folder.name) / Path(name).name
        path.touch(mode=0o600)
        path.write_bytes(content)
        return path
