"""Our errors as a cell shows them: the sentence and what to do, not the way through our code.

A bug (``ContractError``) and errors of others keep their traceback. To a program that runs the
notebook nothing changes: name and sentence of the error are what they were.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Final

from rokt_helpers.errors import ContractError, DeliveryError, GuardError, RoktError

__all__ = ["as_lines", "show_errors_plainly"]

_MARK: Final = "_rokt_plain_errors"
_HEADS: Final = {
    "SettingsError": "Something is not set up",
    "InputError": "This cannot be used as it is",
    "GuardError": "A guard stopped this",
    "Cancelled": "Stopped",
    "Unavailable": "Nobody answered",
    "Refused": "The platform said no",
    "NotTrusted": "The other side is not who it should be",
    "InDoubt": "Sent, and the answer was lost",
}


def as_lines(error: RoktError) -> list[str]:
    """Return an error as lines of text: what happened, in our words, and how to go on."""
    name = type(error).__name__
    lines = [f"{_HEADS.get(name, 'This did not work')} ({name})", str(error)]
    if isinstance(error, GuardError) and error.guard and error.guard not in str(error):
        lines.append(f"To pass it after a look: allow={{{error.guard!r}}}.")
    if isinstance(error, DeliveryError):
        again = "may be tried again" if error.retryable else "does not help to try again"
        lines.append(f"What was confirmed stands in the ledger; it {again}.")
    return lines


def show_errors_plainly() -> bool:
    """Let the running notebook or IPython show our errors so; tell whether there is one.

    Asking twice changes nothing, and somebody's own way of showing other errors stays.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return False
    if not getattr(shell, _MARK, False):
        shell.set_custom_exc((RoktError,), _show)
        setattr(shell, _MARK, True)
    return True


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    if isinstance(error, RoktError) and not isinstance(error, ContractError):
        lines = as_lines(error)
    else:
        lines = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
    shell._showtraceback(kind, error, lines)  # noqa: SLF001  what IPython's own way of showing ends with
    return lines
