"""Bring a vault of this computer to where a team keeps its own, where that is empty.

The law kept here: rows count once the manifest names them, so it goes last; what is here is removed
once all of it is there, for whoever forgets a person looks there only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import filelock

from rokt_helpers.referrals.vault import Alone, Vault
from rokt_helpers.storage import LocalStorage, Storage

__all__ = ["Moved", "has_referrals", "move_vault"]

Moved = Literal["moved", "occupied"]
_MANIFEST: Final = "manifest.jsonl"
_FOLDERS: Final = (("rows", ".parquet"), ("quarantine", ".delivered"), ("quarantine", ".json"))


def has_referrals(folder: Path) -> bool:
    """Tell whether anything was collected into the vault in a folder of this computer."""
    return any((folder / name).is_file() for name in (_MANIFEST, "manifest.json"))


def move_vault(folder: Path, to: Storage, alone: Alone) -> Moved:
    """Move a vault; ``occupied`` where another one lies there, and nothing is changed then.

    Parameters
    ----------
    alone
        How one of the team is alone on the vault there.

    Raises
    ------
    ContractError
        When a copy is not what was copied. Called again, it begins anew.
    """
    Vault(folder)  # one of an older layout is brought up to date
    here = LocalStorage(folder)
    with filelock.FileLock(folder / ".lock", mode=0o600), alone() as prove_alone:
        names = [name for place, ending in _FOLDERS for name in here.names(place, ending)]
        manifest = folder / _MANIFEST
        there = to.newest(_MANIFEST)
        if there is None or not there.read_bytes().startswith(manifest.read_bytes()):
            if there is not None:
                return "occupied"
            for name in names:
                to.copy(folder / name, name)
            prove_alone()
            to.copy(manifest, _MANIFEST)
        here.remove([_MANIFEST, *reversed(names)])
    return "moved"
