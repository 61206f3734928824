"""Read one person's address from a file, so that it stands in no command line."""

from __future__ import annotations

from pathlib import Path

from rokt_helpers.errors import InputError

__all__ = ["read_person"]


def read_person(path: Path) -> str:
    """Return the address in a file of one line.

    Raises
    ------
    InputError
        When the file is not there, cannot be read or holds more than one line.
    """
    try:
        lines = path.expanduser().read_text(encoding="utf-8-sig").split()
    except FileNotFoundError:
        raise InputError(
            f"There is no file {path}. It was looked for from the folder {Path.cwd()}."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as text.") from None
    if len(lines) != 1:
        raise InputError(f"{path} must hold one address and nothing else.")
    return lines[0]
