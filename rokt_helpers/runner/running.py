"""One run from the parameters to the record.

The laws kept here: nothing starts that cannot run; widget state is not stored; what the notebook
ended with is what is returned; whatever happens, the record says how it ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError

from rokt_helpers import errors
from rokt_helpers.clock import Clock
from rokt_helpers.errors import Cancelled, RoktError
from rokt_helpers.files import write_private
from rokt_helpers.redact import scrub
from rokt_helpers.runner.alone import alone
from rokt_helpers.runner.kernel import GRACE_SECONDS, NotStartedError, execute
from rokt_helpers.runner.page import PageMaker
from rokt_helpers.runner.parameters import check_parameters
from rokt_helpers.runner.record import RunLog, make_folder, masked_notebook, result_of
from rokt_helpers.runner.stopping import Stop

__all__ = ["NotebookRun", "run_notebook"]


@dataclass(frozen=True)
class NotebookRun:
    """One finished run: its folder, what the notebook ended with, and how long it took."""

    notebook: str
    folder: Path
    result: dict[str, Any]
    seconds: float = 0.0

    @property
    def executed(self) -> Path:
        """The executed notebook, outputs and all."""
        return self.folder / "executed.ipynb"

    @property
    def page(self) -> Path:
        """The executed notebook as an HTML page without code, for reading."""
        return self.folder / "executed.html"

    @property
    def sentence(self) -> str:
        """What the notebook says of itself."""
        return str(self.result.get("sentence", "Done."))


def run_notebook(
    notebook: Path,
    *,
    parameters: Mapping[str, Any],
    runs: Path,
    locks: Path | None = None,
    clock: Clock | None = None,
    stop: Stop | None = None,
    time_limit_seconds: float | None = None,
    grace_seconds: float = GRACE_SECONDS,
    account: str = "",
) -> NotebookRun:
    """Execute a notebook in a fresh kernel and return what it ended with.

    Parameters
    ----------
    runs
        The folder that gets one new folder for this run, readable by its owner only:
        ``executed.ipynb``, ``executed.html``, ``run.log`` and, where the notebook came to its end,
        ``result.json``.
    locks
        The folder of locks of the profile; whoever names it runs a notebook once at a time.
    stop, time_limit_seconds
        The wish to end before the end: asked for, or after so many seconds. What is on its way
        has ``grace_seconds`` to finish.
    account
        Of which account it is by the settings; a parameter ``account`` goes over it. Runs of one
        notebook for two accounts are not in one another's way.

    Raises
    ------
    RoktError
        The kind the notebook ended with; the executed notebook is kept and named. ``Cancelled``
        when it was stopped; a ``GuardError`` named ``busy`` when it is running already.
    """
    checked = check_parameters(notebook, parameters)
    clock = clock or Clock()
    account = str(checked.get("account") or account)
    with _lock(notebook, locks, clock, account):
        stop = stop or Stop()
        run = _Run(notebook, make_folder(notebook, runs, clock), clock, stop, account)
        with run.recorded(checked):
            execute(
                notebook,
                run.executed,
                checked,
                stop=stop,
                time_limit_seconds=time_limit_seconds,
                grace_seconds=grace_seconds,
                clock=clock,
                on_cell=run.cell,
            )
        return NotebookRun(notebook.stem, run.folder, run.result, run.seconds)


def _lock(
    notebook: Path, locks: Path | None, clock: Clock, account: str
) -> AbstractContextManager[None]:
    if locks is None:
        return nullcontext()
    key = f"{notebook.resolve()} {account}".strip()
    return alone(notebook.stem, key=key, locks=locks, clock=clock)


@dataclass
class _Run:
    """One run under way, and its record."""

    notebook: Path
    folder: Path
    clock: Clock
    stop: Stop
    account: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.executed = self.folder / "executed.ipynb"
        self.log = RunLog(self.folder / "run.log", self.clock)
        self._page = PageMaker()
        self._began = self.clock.monotonic()

    @property
    def seconds(self) -> float:
        return round(self.clock.monotonic() - self._began, 1)

    def cell(self, number: int) -> None:
        """Write down that a cell begins."""
        self.log.write("cell", number=number)
        self._page.get_ready()

    @contextmanager
    def recorded(self, parameters: Mapping[str, Any]) -> Iterator[None]:
        """Keep the record of what happens in the block, and turn its errors into ours."""
        whose = {"account": self.account} if self.account else {}
        self.log.write(
            "started", notebook=self.notebook.name, parameters=sorted(parameters), **whose
        )
        try:
            yield
            self._keep(whole=True)
        except PapermillExecutionError as error:
            raise self._failed(self._stopped(_as_ours(error))) from None
        except Cancelled as error:
            raise self._failed(error) from None
        except DeadKernelError:
            raise self._failed(self._stopped(RoktError(_DIED))) from None
        except NotStartedError as error:
            raise self._failed(self._stopped(error)) from None
        except Exception as error:
            self.log.write("ended", exit_code=1, seconds=self.seconds, error=type(error).__name__)
            raise
        self.log.write("ended", exit_code=0, seconds=self.seconds, sentence=self._sentence())

    def _stopped(self, error: RoktError) -> RoktError:
        """Return why the run was stopped, where it was; the kernel heard the keyboard only."""
        if not self.stop.is_set():
            return error
        if isinstance(error, Cancelled):
            rest = str(error).removeprefix(_HEARD).strip()
            return Cancelled(f"{self.stop.reason} {rest}".strip())
        if isinstance(error, NotStartedError):
            return Cancelled(self.stop.reason)
        return Cancelled(f"{self.stop.reason} {_NOT_IN_TIME}") if str(error) == _DIED else error

    def _failed(self, error: RoktError) -> RoktError:
        """Return the error with where the record is, which is complete then."""
        self._keep(whole=False)
        self.log.write(
            "ended", exit_code=error.exit_code, seconds=self.seconds, error=type(error).__name__,
            sentence=str(error),
        )  # fmt: skip
        error.args = (f"{error} The notebook as far as it came: {self.executed}",)
        return error

    def _keep(self, *, whole: bool) -> None:
        if not self.executed.exists():
            return
        node = masked_notebook(self.executed)
        if whole:
            self.result = result_of(node)
            text = json.dumps(self.result, indent=2, ensure_ascii=False)
            target = self.folder / "result.json"
            write_private(target, lambda part: part.write_text(text, encoding="utf-8"))
        try:
            self._page.write(node, self.folder / "executed.html")
        except Exception as error:  # noqa: BLE001  the work is done, and a page is not worth losing it
            self.log.write("no_page", error=type(error).__name__)

    def _sentence(self) -> str:
        return str(self.result.get("sentence", ""))


_HEARD: Final = "Stopped from the keyboard."
_NOT_IN_TIME: Final = (
    "The kernel did not end in time and was ended; what it may have sent is in doubt, and the same "
    "run again settles it."
)
_DIED: Final = "The kernel ended before its notebook; most often memory ran out. Run it again."


def _as_ours(error: PapermillExecutionError) -> RoktError:
    """Return the error of our tree that the kernel ended with; foreign ones by type only."""
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, errors.GuardError):
        return kind(str(error.evalue), guard="")
    if isinstance(kind, type) and issubclass(kind, RoktError):
        return kind(str(error.evalue))
    if error.ename == "KeyboardInterrupt":
        return Cancelled(_HEARD)
    return RoktError(f"A cell failed with {error.ename}: {scrub(str(error.evalue))}")
