"""Keep keys that are meant for a panel out of the notebook, and name its groups of choices.

JupyterLab listens to single keys while a button has the focus: ``b`` made a cell. The widgets of
the library have no way to say that they want their keys for themselves, so this one says it.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets as t

__all__ = ["PanelKeys"]


class PanelKeys(anywidget.AnyWidget):
    """Draws nothing; it looks after the panel that it lies in.

    Parameters
    ----------
    question
        What a group of radio buttons asks, said to a screen reader.
    """

    _esm = Path(__file__).with_name("keys.js")

    question: t.Unicode[str, str | bytes] = t.Unicode().tag(sync=True)

    def __init__(self, question: str = "Where the list comes from") -> None:
        super().__init__(question=question)
        self.layout.display = "none"
