"""Say how an extra is installed here: with ``run.py`` in a checkout, else the packages themselves.

The workbench is on no package registry, so its own name would lead nowhere there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Final

__all__ = ["how_to_install"]

_CHECKOUT: Final = Path(__file__).parents[1]
_NAME: Final = "rokt-workbench"


def how_to_install(
    extra: str,
    *,
    checkout: Path = _CHECKOUT,
    environment: str = sys.prefix,
    needs: Iterable[str] | None = None,
) -> str:
    """Return the command, in backticks, that brings an extra into this environment.

    Parameters
    ----------
    extra
        Its name, as ``pyproject.toml`` has it.
    checkout
        The folder that the package lies in.
    environment
        Where Python is at home. Only that which ``run.py`` made is its to add to.
    needs
        What the installed package says it needs, line by line; None reads it.

    Notes
    -----
    What is installed knows what its extras are made of, so a wheel needs to be nowhere any more.
    """
    own = (checkout / "run.py").is_file() and Path(environment) == checkout / ".venv"
    packages = [] if own else _packages(extra, _needs() if needs is None else needs)
    if not packages:
        return f"`python run.py add {extra}`"
    return f"`pip install {' '.join(packages)}`"


def _needs() -> list[str]:
    try:
        return requires(_NAME) or []
    except PackageNotFoundError:
        return []


def _packages(extra: str, needs: Iterable[str]) -> list[str]:
    """Return the packages an extra is made of, quoted for every shell."""
    of_extra = re.compile(rf"""\bextra\s*==\s*['"]{re.escape(extra)}['"]""")
    parts = (need.partition(";") for need in needs)
    return [f'"{need.strip()}"' for need, _, marker in parts if of_extra.search(marker)]
