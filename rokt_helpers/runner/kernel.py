"""Execute a notebook with papermill, in a kernel that can be asked to stop at a good moment.

A kernel is deaf to an interrupt between two cells and as it begins one. So the interrupt goes only
to a cell that is known to run, once, and no cell begins after the wish. Delivery hears it as the
wish to stop and finishes the batches on the way; a kernel that does not end in time is ended.
"""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from rokt_helpers.clock import Clock
from rokt_helpers.errors import Cancelled, RoktError
from rokt_helpers.runner.stopping import Stop

__all__ = ["GRACE_SECONDS", "NotStartedError", "execute"]

# As long as one file of the largest size takes on a slow line.
GRACE_SECONDS: Final = 60.0
# A busy computer may take minutes to start a Python and all it imports; the library waits for one.
START_SECONDS: Final = 300
_POLL_SECONDS: Final = 0.05
_ENGINE: Final = "rokt"
# Windows knows one way to end a process only.
_DEADLY: Final = getattr(signal, "SIGKILL", signal.SIGTERM)
_NOT_STARTED: Final = (
    "The kernel did not start: it ended at once, or this computer was too busy for "
    f"{START_SECONDS // 60} minutes. Nothing of the notebook ran, so run it again. If that ends "
    "the same way, `python -m ipykernel_launcher` in this environment shows why."
)


class NotStartedError(RoktError):
    """There was no kernel to run the first cell."""


class _Watch:
    """Passes the wish to stop on to the kernel of one client."""

    def __init__(
        self,
        stop: Stop,
        *,
        seconds: float | None,
        grace_seconds: float,
        on_cell: Callable[[int], None],
        clock: Clock,
    ) -> None:
        self.client: Any = None
        self._stop = stop
        self._seconds = seconds
        self._grace_seconds = grace_seconds
        self._on_cell = on_cell
        self._clock = clock
        self._ended = threading.Event()
        self._cell = 0  # counts the cells that began
        self._cell_runs = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch in a thread while the block runs."""
        thread = threading.Thread(target=self._run, name="rokt-stop", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    # --- what the client tells ----------------

    def before_cell(self, cell: Any, cell_index: int) -> None:
        """Let no cell begin once the end was asked for."""
        self._cell_runs = False
        if self._stop.is_set():
            raise Cancelled(self._stop.reason)
        if cell.cell_type == "code":
            self._on_cell(cell_index)

    def cell_began(self) -> None:
        self._cell += 1
        self._cell_runs = True

    def after_cell(self, **_: Any) -> None:
        self._cell_runs = False

    # --- the thread ---------------------------

    def _run(self) -> None:
        limit = math.inf if self._seconds is None else self._seconds
        began = self._clock.monotonic()
        while not self._stop.is_set():
            if self._ended.wait(_POLL_SECONDS):
                return
            if self._clock.monotonic() - began >= limit:
                self._stop.ask(f"Stopped after the time limit of {limit / 60:g} minutes.")
        self._end()

    def _end(self) -> None:
        """Interrupt each cell that runs once, and after the grace end the kernel."""
        interrupted, asked = 0, self._clock.monotonic()
        while not self._ended.wait(_POLL_SECONDS):
            if self._cell_runs and interrupted < self._cell:
                interrupted = self._cell
                self._signal(signal.SIGINT)
            if self._clock.monotonic() - asked >= self._grace_seconds:
                self._signal(_DEADLY)
                return

    def _signal(self, number: signal.Signals) -> None:
        kernel = getattr(self.client, "km", None)
        if kernel is None:
            return
        act = kernel.interrupt_kernel() if number is signal.SIGINT else kernel.signal_kernel(number)
        with suppress(RuntimeError, OSError):  # it has ended in this very moment
            asyncio.run(act)


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # the library has no types
    """Tells the watch when the kernel has taken up a cell, and kindly where there is none."""

    watch: _Watch

    def start_new_kernel_client(self) -> Any:
        try:
            return super().start_new_kernel_client()
        except RuntimeError:  # all that the library says of a kernel that is silent, or gone
            raise NotStartedError(_NOT_STARTED) from None

    def process_message(self, msg: Any, *rest: Any, **named: Any) -> Any:
        if msg["msg_type"] == "execute_input":
            self.watch.cell_began()
        return super().process_message(msg, *rest, **named)


class _Engine(NBClientEngine):  # type: ignore[misc]  # the library has no types
    """Papermill's own way to execute, with a watch."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, watch: _Watch, config: Config, **_: Any
    ) -> Any:
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            log=logging.getLogger("papermill"),
            config=config,
            startup_timeout=START_SECONDS,
            store_widget_state=False,
            on_cell_start=watch.before_cell,
            on_cell_executed=watch.after_cell,
        )
        client.watch, watch.client = watch, client
        with watch.watching():
            # Past its cells a kernel speaks to nobody: it is interrupted as it ends, and says so at
            # times, which would be in the mail of cron and beside the one object of --json.
            return client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


papermill_engines.register(_ENGINE, _Engine)


def execute(
    notebook: Path,
    executed: Path,
    parameters: dict[str, Any],
    *,
    stop: Stop,
    time_limit_seconds: float | None,
    on_cell: Callable[[int], None],
    clock: Clock,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Execute ``notebook`` in a fresh kernel, and keep it as ``executed`` cell by cell.

    Parameters
    ----------
    on_cell
        Is told the number of each code cell as it begins.
    grace_seconds
        How long what is on its way may take after the wish to stop.

    Raises
    ------
    Cancelled
        When the end was asked for between two cells.
    PapermillExecutionError
        When a cell failed.
    DeadKernelError
        When the kernel ended before its notebook.
    NotStartedError
        When it did not even begin.
    """
    config = Config()
    config.KernelManager.transport_encryption = "auto"
    # The names are checked; papermill itself overlooks parameters such as `column: str | None`.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    execute_notebook(
        str(notebook),
        str(executed),
        parameters=parameters,
        engine_name=_ENGINE,
        kernel_name="python3",
        language="python",
        progress_bar=False,
        config=config,
        watch=_Watch(
            stop,
            seconds=time_limit_seconds,
            grace_seconds=grace_seconds,
            on_cell=on_cell,
            clock=clock,
        ),
    )
