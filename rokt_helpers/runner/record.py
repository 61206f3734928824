"""What a run leaves: its folder, its log line by line, and the executed notebook, masked."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from rokt_helpers.clock import Clock
from rokt_helpers.files import private_folder
from rokt_helpers.notebook_result import MIME_TYPE
from rokt_helpers.redact import scrub

__all__ = ["RunLog", "make_folder", "masked_notebook", "result_of"]


def make_folder(notebook: Path, runs: Path, clock: Clock) -> Path:
    """Make one new folder for this run, mode 0700, named for the moment and the notebook."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    private_folder(runs)
    return private_folder(runs / f"{stamp}-{notebook.stem}-{secrets.token_hex(2)}")


class RunLog:
    """Appends one JSON object a line to a file of mode 0600: ``moment`` (UTC), ``event``, facts.

    Text among the facts is masked; each line is on the disk before the next thing happens.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def write(self, event: str, **facts: Any) -> None:
        """Append one event."""
        moment = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"moment": moment, "event": event, **_clean(facts)}, ensure_ascii=False)
        to = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(to, f"{line}\n".encode())
        finally:
            os.close(to)


def masked_notebook(executed: Path) -> NotebookNode:
    """Return the executed notebook, with what its errors quote masked in the file as well.

    Another library's message may hold a person's data.
    """
    executed.chmod(0o600)
    node: NotebookNode = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    failures = [
        output
        for cell in node.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    for failure in failures:
        failure.evalue = scrub(failure.evalue)
        failure.traceback = [
            _masked(line) for part in failure.traceback for line in part.split("\n")
        ]
    if failures:
        nbformat.write(node, executed)  # type: ignore[no-untyped-call]
    return node


def result_of(node: NotebookNode) -> dict[str, Any]:
    """Return everything the notebook's cells handed over as results, later ones on top."""
    result: dict[str, Any] = {}
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            result.update(output.get("data", {}).get(MIME_TYPE, {}))
    return result


def _masked(line: str) -> str:
    """Leave a line alone, indentation too, where there is nothing to mask."""
    clean = scrub(line)
    return line if clean == " ".join(line.split()) else clean


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value
