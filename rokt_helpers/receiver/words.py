"""Read the plain values of a YAML file, and say where one is not what it has to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rokt_helpers.errors import InputError

__all__ = ["choice", "entries", "number", "text"]


def entries(found: object, where: str, allowed: Collection[str] = ()) -> Mapping[str, Any]:
    """Return a mapping whose keys are text, and all of them allowed where ``allowed`` is given.

    Raises
    ------
    InputError
        It is none; ``where`` says which part of the file is meant.
    """
    if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
        raise InputError(f"{where} has to be pairs of a name and a value.")
    strange = sorted(key for key in found if allowed and key not in allowed)
    if strange:
        raise InputError(
            f"{where} has {strange[0]!r}, which is none of: {', '.join(sorted(allowed))}."
        )
    return found


def text(found: object, where: str) -> str:
    """Return a text that is not empty; a whole number is taken as it is written."""
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str) or not found.strip():
        raise InputError(f"{where} has to be text. Put it in quotation marks.")
    return found.strip()


def number(found: object, where: str, lowest: int, highest: int) -> int:
    """Return a whole number between two, both of them allowed."""
    if isinstance(found, bool) or not isinstance(found, int) or not lowest <= found <= highest:
        raise InputError(f"{where} has to be a whole number from {lowest:,} to {highest:,}.")
    return found


def choice(found: object, where: str, allowed: Collection[str]) -> str:
    """Return one of the words that are allowed."""
    if not isinstance(found, str) or found not in allowed:
        raise InputError(f"{where} has to be one of: {', '.join(allowed)}.")
    return found
