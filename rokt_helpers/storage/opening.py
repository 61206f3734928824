"""From the address of a shared folder to the storage behind it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from rokt_helpers.errors import SettingsError
from rokt_helpers.extras import how_to_install
from rokt_helpers.storage.local import LocalStorage
from rokt_helpers.storage.storage import Storage

__all__ = ["open_storage"]


def open_storage(address: str) -> Storage:
    """Return the storage behind an address; nothing is read or written yet.

    Parameters
    ----------
    address
        A folder, such as that of a mounted disk, or an fsspec address such as ``s3://bucket/rokt``.

    Raises
    ------
    SettingsError
        When nothing that is installed knows such an address.
    """
    if "://" not in address:
        return LocalStorage(Path(address).expanduser(), shared=True)
    try:
        # Loaded here: only who shares a folder needs fsspec, and it takes a second.
        fsspec = import_module("fsspec")
        remote = import_module("rokt_helpers.storage.remote")
        files, root = fsspec.core.url_to_fs(
            address, use_listings_cache=False, skip_instance_cache=True
        )
    except (ImportError, ValueError, TypeError):
        raise SettingsError(
            "The shared folder cannot be opened. Check ROKT_SHARED_FOLDER, and that what its "
            f"beginning asks for is installed: {how_to_install('shared')} for s3://."
        ) from None
    storage: Storage = remote.RemoteStorage(files, root)
    return storage
