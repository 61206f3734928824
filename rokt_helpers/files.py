"""Write a file whole or not at all, readable by its owner only; tell whether two are the same."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rokt_helpers.errors import InputError

__all__ = ["PassingFolder", "digest_of", "private_folder", "write_private"]


class PassingFolder:
    """A private folder (mode 0700) that goes with its last user, or with the process.

    It is made where the system keeps temporary files; the variable ``TMPDIR`` names another place.

    Parameters
    ----------
    purpose
        A word for its name, so that a person who sees it knows whose it is.
    """

    def __init__(self, purpose: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"rokt-{purpose}-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def private_folder(path: Path) -> Path:
    """Return the folder, made with mode 0700 where it was not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        hint = "" if path.parent.is_dir() else f" Make the folder {path.parent} first."
        raise InputError(f"{path} cannot be written: {error.strerror}.{hint}") from None
    finally:
        with suppress(OSError):  # what has just failed may fail again
            part.unlink(missing_ok=True)
