"""Whole files by name: in a folder of this computer, or in a store that a team shares."""

from rokt_helpers.storage.local import LocalStorage
from rokt_helpers.storage.opening import open_storage
from rokt_helpers.storage.storage import Storage

__all__ = ["LocalStorage", "Storage", "open_storage"]
