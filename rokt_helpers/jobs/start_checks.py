"""Connection checks side by side, each timed, and none waited for longer than a person would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from rokt_helpers.channels.channel import Finding
from rokt_helpers.clock import Clock
from rokt_helpers.errors import RoktError, spoken
from rokt_helpers.forms.start import Check, State
from rokt_helpers.workbench import Workbench

__all__ = ["Checks"]

_UNSET: Final = "not set up"


class Checks:
    """Asks every wire at once.

    Parameters
    ----------
    workbench
        It is closed when the last wire has answered, which may be after :meth:`wait`.
    """

    def __init__(self, workbench: Workbench, *, clock: Clock | None = None) -> None:
        self._workbench = workbench
        self._clock = clock or Clock()
        self._looks = workbench.checks()
        self._answers: dict[str, Check | None] = {}
        self._threads = [self._begin(what, look) for what, look in self._looks.items()]

    def wait(self, seconds: float) -> tuple[Check, ...]:
        """Return what is known after at most so many seconds, and let go of the workbench."""
        until = self._clock.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))
        known = dict(self._answers)
        late = {what: _silent(what, seconds) for what in self._looks if what not in known}
        self._close(at_once=not late)
        return tuple(
            check for what in self._looks if (check := {**known, **late}[what]) is not None
        )

    def _begin(self, what: str, look: Callable[[], list[Finding]]) -> threading.Thread:
        thread = threading.Thread(target=self._ask, args=(what, look), name="rokt-check")
        # A kernel that ends does not wait for a wire that is silent.
        thread.daemon = True
        thread.start()
        return thread

    def _ask(self, what: str, look: Callable[[], list[Finding]]) -> None:
        began = self._clock.monotonic()
        try:
            findings = look()
        except RoktError as error:
            findings = [Finding(what, well=False, detail=str(error))]
        except Exception as error:  # noqa: BLE001  the page stands; foreign words may hold a value
            unforeseen = f"Something unforeseen happened: {spoken(error)}."
            findings = [Finding(what, well=False, detail=unforeseen)]
        took = round((self._clock.monotonic() - began) * 1000)
        self._answers[what] = _check(what, findings, took)

    def _close(self, *, at_once: bool) -> None:
        if at_once:
            self._workbench.close()
        else:
            threading.Thread(target=self._close_later, name="rokt-check-end", daemon=True).start()

    def _close_later(self) -> None:
        for thread in self._threads:
            thread.join()
        self._workbench.close()


def _check(what: str, findings: list[Finding], milliseconds: int) -> Check | None:
    """Return one wire's line; None where there was nothing to look at."""
    if not findings:
        return None
    if len(findings) == 1 and findings[0].detail.startswith(_UNSET):
        return Check(what, "unset", None, (findings[0].detail,))
    state: State = "well" if all(finding.well for finding in findings) else "look"
    # What is wrong comes first.
    ordered = sorted(findings, key=lambda finding: finding.well)
    return Check(what, state, milliseconds, tuple(map(_line, ordered)))


def _line(finding: Finding) -> str:
    return f"{'✓' if finding.well else '✗'} {finding.what}: {finding.detail}"


def _silent(what: str, seconds: float) -> Check:
    advice = (
        f"No answer within {seconds:g} s. It may only be slow, or a firewall or VPN stands in "
        "between: `rokt check` waits for it and says which."
    )
    return Check(what, "silent", round(seconds * 1000), (advice,))
