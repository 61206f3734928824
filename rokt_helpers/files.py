"""Write a file whole or not at all, readable by its owner only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rokt_helpers.errors import InputError

__all__ = ["private_folder", "write_private"]


def private_folder(path: Path) -> Path:
    """Return the folder, made with mode 0700 where it was not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside the target, then put it in place at once, mode 0600.

    Raises
    ------
    InputError
        When the folder is not there or cannot be written to. The older file, if any, stays.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        write(part)
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):  # what has just failed may fail again
            part.unlink(missing_ok=True)
