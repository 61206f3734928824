"""Send a sealed plan, batch by batch, and return the receipt.

The laws kept here: only a sealed plan, only to where it was sealed for; the ledger is written
before and after each send; what is confirmed is never sent again; no receipt, no success. This is
the only place that retries, and the only one that keeps a rate.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

import tenacity

from rokt_helpers.channels.channel import Channel, Confirmation
from rokt_helpers.clock import Clock
from rokt_helpers.deliver.pace import RateLimit
from rokt_helpers.deliver.receipt import Receipt, read_receipt
from rokt_helpers.errors import (
    Cancelled,
    ContractError,
    DeliveryError,
    GuardError,
    InDoubt,
    SettingsError,
    Unavailable,
)
from rokt_helpers.ledger import BatchRecord, Ledger, Outcome, RunRecord
from rokt_helpers.plan import Batch, DeliveryPlan
from rokt_helpers.progress import OnProgress, Progress, Speedometer

__all__ = ["Patience", "deliver"]

_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Patience:
    """How often to try, and how long to wait: first pause, longest pause, wait for pick-up."""

    attempts: int = 6
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 60.0
    pickup_seconds: float = 30.0


def deliver(
    plan: DeliveryPlan,
    *,
    channel: Channel,
    ledger: Ledger,
    clock: Clock | None = None,
    patience: Patience | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Receipt:
    """Send what of a plan is not confirmed yet, and return the receipt.

    A plan that was interrupted is resumed, also by another process that made the same plan anew.
    A plan that was the last thing delivered to its list is not sent again unless ``repeat`` was
    allowed; the receipt of the earlier run is returned.

    Raises
    ------
    GuardError
        When the channel leads elsewhere than the plan was sealed for; when another run went to
        the list after this one was interrupted.
    DeliveryError
        When a batch was not confirmed; ``receipt`` holds what was. Calling again sends the rest.
    Cancelled
        When ``cancel`` was set; batches on the way were finished first.
    """
    plan.prove_seal()
    if plan.target.host != channel.host:
        raise GuardError(
            f"The plan was sealed for {plan.target.host} and the connection leads to "
            f"{channel.host}. Make a new plan. Nothing was sent.",
            guard="other_target",
        )
    clock = clock or Clock()
    run_id, finished = _find_or_open_run(plan, ledger, clock)
    if finished:
        return read_receipt(ledger, run_id)
    delivery = _Delivery(
        plan, run_id, channel, ledger, clock, patience or Patience(), progress, cancel
    )
    return delivery.run()


def _find_or_open_run(plan: DeliveryPlan, ledger: Ledger, clock: Clock) -> tuple[str, bool]:
    """Return the run this plan continues or begins, and whether there is nothing left to do."""
    target = plan.target
    own = ledger.run(plan.plan_id)
    if own is None:
        last = ledger.last_run_on(target.account, target.purpose, target.list)
        same = last is not None and last.fingerprint == plan.fingerprint
        if same and last is not None and not (last.status == "delivered" and _may_repeat(plan)):
            own = last
    if own is not None:
        if own.status == "delivered":
            return own.run_id, True
        _refuse_overtaken(own, ledger)
        ledger.end_run(own.run_id, "started", now=None)
        return own.run_id, False
    _open_run(plan, ledger, clock)
    return plan.plan_id, False


def _refuse_overtaken(own: RunRecord, ledger: Ledger) -> None:
    """Stop a half-done run from going on over what was delivered to its list since."""
    last = ledger.last_run_on(own.account, own.purpose, own.list)
    if last is not None and last.run_id != own.run_id:
        raise GuardError(
            "Something else was delivered to the list after this plan was begun, so its rest would "
            "not make the list what the plan shows. Make a new plan. Nothing was sent.",
            guard="overtaken",
        )


def _may_repeat(plan: DeliveryPlan) -> bool:
    return "repeat" in plan.allowed


def _open_run(plan: DeliveryPlan, ledger: Ledger, clock: Clock) -> None:
    target = plan.target
    run = RunRecord(
        run_id=plan.plan_id,
        fingerprint=plan.fingerprint,
        profile=target.profile,
        account=target.account,
        host=target.host,
        purpose=target.purpose,
        list=target.list,
        action=target.action,
        via=target.via,
        mode=plan.mode,
        identifier=plan.identifier,
        rows=plan.rows,
        status="started",
        started_at=clock.now().isoformat(timespec="milliseconds"),
        finished_at=None,
    )
    batches = [
        BatchRecord(
            run_id=plan.plan_id,
            number=batch.number,
            rows=batch.rows,
            fingerprint=batch.fingerprint,
            outcome="planned",
            attempts=0,
            status=None,
            request_id=None,
            name=None,
            picked_up_seconds=None,
            at=None,
        )
        for batch in plan.batches
    ]
    ledger.open_run(run, batches)


@dataclass
class _Delivery:
    """One call of :func:`deliver` under way: several threads, one stop sign, one error."""

    plan: DeliveryPlan
    run_id: str
    channel: Channel
    ledger: Ledger
    clock: Clock
    patience: Patience
    progress: OnProgress | None
    cancel: threading.Event | None
    rows_sent_now: int = 0
    error: Exception | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> Receipt:
        limits = self.plan.limits
        self.pace = RateLimit(limits.starts_per_second, clock=self.clock)
        self.speed = Speedometer("Sending", self.plan.rows, "rows", monotonic=self.clock.monotonic)
        self.confirmed = {
            record.number
            for record in self.ledger.batches(self.run_id)
            if record.outcome == "confirmed"
        }
        self.rows_done = sum(b.rows for b in self.plan.batches if b.number in self.confirmed)
        self._send_all([b for b in self.plan.batches if b.number not in self.confirmed])
        if self.error is not None:
            raise self._ended_badly(self.error)
        if self.rows_done < self.plan.rows:
            raise self._ended_badly(Cancelled("Stopped as asked."))
        self._watch_for_pickup()
        self.ledger.end_run(self.run_id, "delivered", now=self.clock.now())
        return self._receipt()

    # --- sending ------------------------------

    def _send_all(self, batches: list[Batch]) -> None:
        with ThreadPoolExecutor(self.plan.limits.in_flight, "rokt-send") as pool:
            try:
                sends = [pool.submit(self._send, batch) for batch in batches]
                # The senders sleep by `stop` alone; a person's `cancel` must wake them from it.
                while wait(sends, timeout=_POLL_SECONDS).not_done:
                    if self._is_cancelled():
                        self.stop.set()
            except KeyboardInterrupt:
                self.error = Cancelled("Stopped from the keyboard.")
                self.stop.set()

    def _send(self, batch: Batch) -> None:
        """Send one batch, trying again where the error's type allows it."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_retryable),
            stop=tenacity.stop_after_attempt(self.patience.attempts),
            wait=self._pause_seconds,
            sleep=lambda seconds: self.clock.sleep(seconds, until=self.stop),
            reraise=True,
        )
        try:
            retrying(self._send_once, batch)
        except Exception as error:  # noqa: BLE001  whatever it is, the others must stop too
            with self.lock:
                self.error = self.error or error
            self.stop.set()

    def _send_once(self, batch: Batch) -> None:
        # The ledger comes before the turn: a slow disk between the two would let this start come
        # late, and the one four places behind it too close.
        self.ledger.batch_started(self.run_id, batch.number, now=self.clock.now())
        self.pace.wait_for_turn(self.stop)
        if self._is_cancelled():
            self._end_batch(batch, "planned", None, None)
            return
        try:
            confirmation = self._over_the_wire(batch)
        except DeliveryError as error:
            self._end_batch(batch, _outcome(error), error.status, error.request_id)
            if error.retry_after_seconds is not None:
                self.pace.hold(error.retry_after_seconds)
            raise
        except SettingsError:
            self._end_batch(batch, "failed", None, None)
            raise
        self._end_batch(
            batch, "confirmed", confirmation.status, confirmation.request_id, confirmation.name
        )
        self._count(batch)

    def _over_the_wire(self, batch: Batch) -> Confirmation:
        identifiers = self.plan.identifiers(batch)
        name = f"{self.plan.target.action}-{self.plan.fingerprint[:12]}-{self.run_id[:8]}"
        return self.channel.send(self.plan.target, batch, identifiers, name=name)

    def _end_batch(
        self,
        batch: Batch,
        outcome: Outcome,
        status: int | None,
        request_id: str | None,
        name: str | None = None,
    ) -> None:
        self.ledger.batch_ended(
            self.run_id,
            batch.number,
            outcome,
            now=self.clock.now(),
            status=status,
            request_id=request_id,
            name=name,
        )

    def _count(self, batch: Batch) -> None:
        with self.lock:
            self.rows_sent_now += batch.rows
            self.rows_done += batch.rows
            self._tell(self.speed.read(self.rows_done))

    def _pause_seconds(self, state: tenacity.RetryCallState) -> float:
        """Return a growing pause with jitter, or the longer one that the platform asked for."""
        doubled: float = self.patience.first_pause_seconds * 2.0 ** (state.attempt_number - 1)
        pause = min(doubled, self.patience.longest_pause_seconds) * random.uniform(0.5, 1.0)
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, DeliveryError) else None
        return max(pause, asked or 0.0)

    # --- afterwards ---------------------------

    def _watch_for_pickup(self) -> None:
        """Wait a while for delivered files to vanish, and write down how long each lay."""
        waiting = {
            record.number: record.name
            for record in self.ledger.batches(self.run_id)
            if record.name is not None and record.picked_up_seconds is None
        }
        began, total = self.clock.monotonic(), len(waiting)
        while waiting and not self._is_cancelled():
            waited = self.clock.monotonic() - began
            for number in [n for n, name in waiting.items() if self._is_gone(name)]:
                self.ledger.batch_picked_up(self.run_id, number, seconds=waited)
                del waiting[number]
            self._tell(Progress("Waiting for pick-up", total - len(waiting), total, "files"))
            if waited >= self.patience.pickup_seconds:
                return
            self.clock.sleep(_POLL_SECONDS if waiting else 0, until=self.stop)

    def _is_gone(self, name: str) -> bool:
        """Ask for a file that is delivered already: a line that breaks now proves nothing."""
        try:
            return bool(self.channel.picked_up(name))
        except DeliveryError:
            return False

    def _ended_badly(self, error: Exception) -> Exception:
        """Write the run's end into the ledger and the way on into the error."""
        status = "cancelled" if isinstance(error, Cancelled) else "failed"
        if isinstance(error, DeliveryError):
            status = _outcome(error)
        self.ledger.end_run(self.run_id, status, now=self.clock.now())
        receipt = self._receipt()
        if isinstance(error, Cancelled | DeliveryError):
            so_far = f"{receipt.rows_confirmed:,} of {self.plan.rows:,} identifiers are confirmed"
            again = "deliver the same list again to send only the rest"
            mended = (
                "" if _is_retryable(error) or isinstance(error, Cancelled) else "mend that, then "
            )
            error.args = (f"{error} {so_far}; {mended}{again}.",)
        if isinstance(error, DeliveryError):
            error.receipt = receipt
        return error

    def _receipt(self) -> Receipt:
        receipt = read_receipt(self.ledger, self.run_id, rows_sent_now=self.rows_sent_now)
        if receipt.delivered and receipt.rows_confirmed != self.plan.rows:
            raise ContractError("The receipt does not add up to the plan: this is a bug.")
        return receipt

    def _is_cancelled(self) -> bool:
        return self.stop.is_set() or (self.cancel is not None and self.cancel.is_set())

    def _tell(self, progress: Progress) -> None:
        if self.progress is not None:
            self.progress(progress)


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, DeliveryError) and error.retryable


def _outcome(error: DeliveryError) -> Outcome:
    if isinstance(error, InDoubt):
        return "in_doubt"
    return "failed" if isinstance(error, Unavailable) else "refused"
