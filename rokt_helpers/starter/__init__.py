"""A folder to work in: the notebooks, their parameters and JupyterLab's settings, copied out.

In a checkout they lie beside the package. A wheel carries them in ``starter/files/``, because what
is installed is nobody's to edit: ``[tool.hatch.build.targets.wheel.sources]`` puts them there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rokt_helpers.errors import InputError

__all__ = ["PARTS", "Copied", "copy_starter", "starter_files"]

# What a folder to work in is made of, as paths in the checkout.
PARTS: Final = (".env.example", ".gitignore", ".jupyter", "inbox/.gitkeep", "notebooks", "params")
_IN_THE_WHEEL: Final = Path(__file__).with_name("files")
_CHECKOUT: Final = Path(__file__).parents[2]
_NOT_OURS: Final = {".ipynb_checkpoints", "__pycache__"}


@dataclass(frozen=True)
class Copied:
    """What became of each file, as paths relative to ``folder``.

    ``kept`` are files that were there already with other content: they are the person's own.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def starter_files() -> dict[str, Path]:
    """Return each file of a folder to work in: its place there, and where it is now.

    Raises
    ------
    InputError
        When the package was installed without them.
    """
    origin = _IN_THE_WHEEL if _IN_THE_WHEEL.is_dir() else _CHECKOUT
    found = [path for part in PARTS for path in _files(origin / part)]
    if not any(path.suffix == ".ipynb" for path in found):
        raise InputError(
            "This installation carries no notebooks. Install the wheel, or work in a checkout."
        )
    return {path.relative_to(origin).as_posix(): path for path in found}


def copy_starter(folder: Path) -> Copied:
    """Copy what is not there yet; never write over a file that is.

    Raises
    ------
    InputError
        When the folder cannot be written to, or the package carries no notebooks.
    """
    files = starter_files()
    written, kept = [], []
    try:
        for name, origin in files.items():
            target = folder / name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin, target)
                written.append(name)
            elif target.read_bytes() != origin.read_bytes():
                kept.append(name)
    except OSError as error:
        raise InputError(f"{folder} cannot be written to: {error.strerror}.") from None
    return Copied(folder, tuple(written), tuple(kept))


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(path.rglob("*"))
    return [one for one in found if one.is_file() and _NOT_OURS.isdisjoint(one.parts)]
