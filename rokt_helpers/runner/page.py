"""The executed notebook as one HTML page that stands alone: outputs and prose, no code.

Law: the page asks no network for anything and runs no script; the browser is told to see to it.
"""

from __future__ import annotations

import importlib
import re
import threading
import warnings
from pathlib import Path
from typing import Any, Final

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from rokt_helpers.files import write_private

__all__ = ["PageMaker"]

_SCRIPT: Final = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)
_POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
# A link is told by more than its colour. On paper a chart stays whole and stands below its heading,
# and nothing waits to be unfolded.
_STYLE: Final = (
    "<style>a:link, a:visited { text-decoration: underline !important; } "
    "@media print { figure, tr { break-inside: avoid; } h1, h2, h3 { break-after: avoid; } "
    "figure details { display: none; } "
    "svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }</style>"
)


class PageMaker:
    """Gets ready while the kernel works, for loading the exporter takes longer than using it."""

    def __init__(self) -> None:
        self._exporter: Any = None
        self._warming: threading.Thread | None = None

    def get_ready(self) -> None:
        """Begin to load; a second call does nothing.

        Not before the kernel runs: until then the main thread loads parts of the same libraries.
        """
        if self._warming is None:
            self._warming = threading.Thread(target=self._warm_up, name="rokt-page", daemon=True)
            self._warming.start()

    def write(self, node: NotebookNode, path: Path) -> None:
        """Write the page, readable by its owner only."""
        self.get_ready()
        if self._warming is not None:
            self._warming.join()
        with warnings.catch_warnings():
            # It would tell the mail of every night that results and forms have no picture.
            warnings.simplefilter("ignore")
            text, _ = self._exporter.from_notebook_node(node)
        text = _SCRIPT.sub("", text).replace("<head>", f"<head>{_POLICY}", 1)
        text = text.replace("</head>", f"{_STYLE}</head>", 1)
        write_private(path, lambda part: part.write_text(text, encoding="utf-8"))

    def _warm_up(self) -> None:
        exporters = importlib.import_module("nbconvert.exporters")
        self._exporter = exporters.HTMLExporter(
            exclude_input=True,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
            require_js_url="",
            mathjax_url="",
            jquery_url="",
            mermaid_js_url="",
            mermaid_layout_elk_js_url="",
        )
        self._exporter.from_notebook_node(new_notebook())  # type: ignore[no-untyped-call]
