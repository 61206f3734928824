"""The content of a delivered file, under a name that cannot lead out of its folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

__all__ = ["named_copy"]


def named_copy(folder: Path, name: str, content: bytes | Path) -> Path:
    """Return where the content lies under a name that is as good as its own.

    The ending tells what kind of file it is, but a remote name might lead out of the folder.
    """
    safe = re.sub(r"[^\w.() -]", "_", name)[-100:].lstrip(".") or "delivered"
    if isinstance(content, Path) and content.name == safe:
        return content
    path = folder / safe
    if isinstance(content, bytes):
        path.touch(mode=0o600)
        path.write_bytes(content)
        return path
    try:
        path.hardlink_to(content)
    except OSError:  # it lies on another disk
        path.touch(mode=0o600)
        shutil.copyfile(content, path)
    return path
