"""Load what only some sources need, when one of them is read; say what to install where it is not.

The package answers at once, and is small, for those who have a CSV.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from rokt_helpers.errors import InputError
from rokt_helpers.extras import how_to_install

__all__ = ["load", "missing"]


def load(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Return a module; InputError with the extra to install where it is missing."""
    try:
        return import_module(module)
    except ImportError:
        raise missing(extra=extra, purpose=purpose) from None


def missing(*, extra: str, purpose: str) -> InputError:
    """Return the error that names the extra to install for a purpose."""
    return InputError(f'To read {purpose}, install the extra "{extra}": {how_to_install(extra)}.')
