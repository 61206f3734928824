"""Judge the files of the older SFTP: lists of people, and people who bought."""

from __future__ import annotations

import posixpath

from rokt_helpers.sandbox.file_rules import RejectedUpload, check_outside, read_upload
from rokt_helpers.sandbox.sftp_tree import Tree
from rokt_helpers.sandbox.state import Change, State

__all__ = ["ListFiles"]


class ListFiles:
    """What a file in an upload folder does to the lists."""

    def __init__(self, tree: Tree, state: State) -> None:
        self._tree = tree
        self._state = state

    def judge(self, path: str) -> None:
        """Read one file, apply it where it is good, and keep a record."""
        local = self._tree.local(path)
        target = self._tree.target(posixpath.dirname(path))
        try:
            check_outside(local.name, local.stat().st_size)
            digests, lines = read_upload(local.read_bytes())
        except RejectedUpload as reason:
            self._state.record_file(path, "rejected", reason=str(reason), count=0)
            return
        if target is not None:
            self._state.apply(Change(target.action, target.list_name, digests))
        self._state.record_file(path, "picked_up", reason="", count=lines)
