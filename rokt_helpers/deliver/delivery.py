"""Send a sealed plan, batch by batch, and return the receipt.

The laws kept here: only a sealed plan, only to where it was sealed for; the ledger is written
before and after each send; what is confirmed is never sent again; no receipt, no success. This is
the only place that retries, and the only one that keeps a rate.
"""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

import tenacity

from rokt_helpers.channels.channel import Channel, Confirmation, Turn
from rokt_helpers.clock import Clock
from rokt_helpers.deliver.opening import alone_on, find_or_open_run, lock_of
from rokt_helpers.deliver.pace import STOP_ASKED, Pace
from rokt_helpers.deliver.receipt import Receipt, read_receipt
from rokt_helpers.errors import (
    Cancelled,
    ContractError,
    DeliveryError,
    GuardError,
    InDoubt,
    LedgerAway,
    Refused,
    SettingsError,
    Unavailable,
)
from rokt_helpers.ledger import Ledger, Outcome
from rokt_helpers.plan import Batch, DeliveryPlan
from rokt_helpers.progress import OnProgress, Progress, Speedometer

__all__ = ["Patience", "deliver"]

_POLL_SECONDS: Final = 0.1
_SAME_AGAIN: Final = {  # what is counted, and how the rest of it goes
    "audience": ("identifiers", "deliver the same list again"),
    "conversions": ("conversions", "report the same conversions again"),
}


@dataclass(frozen=True)
class Patience:
    """How often to try, and how long to wait: pauses, pick-up, a run in the way."""

    attempts: int = 6
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 60.0
    pickup_seconds: float = 30.0
    busy_seconds: float = 60.0


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
    allowed; the receipt of the earlier run is returned. One run at a time goes to a list: another
    waits for its end, for ``busy_seconds``.

    Raises
    ------
    GuardError
        When the channel leads elsewhere than the plan was sealed for; when another run is under
        way on the list, or went there after this plan was made or interrupted.
    DeliveryError
        When a batch was not confirmed; ``receipt`` holds what was. Calling again sends the rest.
    LedgerAway
        When the ledger's database went away meanwhile: nothing more was sent from then on.
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
    clock, patience = clock or Clock(), patience or Patience()
    with alone_on(plan.target, ledger=ledger, clock=clock, seconds=patience.busy_seconds):
        run_id, finished = find_or_open_run(plan, ledger, clock)
        if finished:
            return _whole(read_receipt(ledger, run_id))
        delivery = _Delivery(plan, run_id, channel, ledger, clock, patience, progress, cancel)
        return delivery.run()


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
        target = self.plan.target
        self.pace = Pace(
            limits,
            platform=f"{target.account} at {target.host}",
            ledger=self.ledger,
            clock=self.clock,
        )
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
            raise self._ended_badly(Cancelled(STOP_ASKED))
        self._watch_for_pickup()
        left_out = self._receipt().rows_left_out
        status = "incomplete" if left_out else "delivered"
        self.ledger.end_run(self.run_id, status, now=self.clock.now())
        return _whole(self._receipt())

    # --- sending ------------------------------

    def _send_all(self, batches: list[Batch]) -> None:
        with ThreadPoolExecutor(self.plan.limits.in_flight, "rokt-send") as pool:
            try:
                sends = [pool.submit(self._send, batch) for batch in batches]
                # The senders sleep by `stop` alone; a person's `cancel` must wake them from it.
                while wait(sends, timeout=_POLL_SECONDS).not_done:
                    if self._is_cancelled():
                        self.stop.set()
            except KeyboardInterrupt as ended:  # by the system, too, which says so
                self.error = Cancelled(str(ended) or "Stopped from the keyboard.")
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
        except Cancelled:
            return  # while it waited for its turn: the batch is as it was
        except Exception as error:  # noqa: BLE001  whatever it is, the others must stop too
            with self.lock:
                self.error = self.error or error
            self.stop.set()

    def _send_once(self, batch: Batch) -> None:
        with self.pace.turn(self.stop) as turn:
            self.ledger.prove_held(lock_of(self.plan.target))
            self.ledger.batch_started(self.run_id, batch.number, now=self.clock.now())
            if self._is_cancelled():
                self._end_batch(batch, "planned", None, None)
                return
            try:
                confirmation = self._over_the_wire(batch, turn)
            except Cancelled:
                self._end_batch(batch, "planned", None, None)
                return
            except DeliveryError as error:
                self._end_batch(batch, _outcome(error), error.status, error.request_id)
                if error.retry_after_seconds is not None:
                    self.pace.hold(error.retry_after_seconds)
                raise
            except SettingsError:
                self._end_batch(batch, "failed", None, None)
                raise
            self._end_batch(
                batch,
                "confirmed",
                confirmation.status,
                confirmation.request_id,
                name=confirmation.name,
                left_out=json.dumps([[row.position, row.reason] for row in confirmation.left_out]),
            )
        self._count(batch)

    def _over_the_wire(self, batch: Batch, turn: Turn) -> Confirmation:
        identifiers = self.plan.identifiers(batch)
        name = f"{batch.action}-{self.plan.fingerprint[:12]}-{self.run_id[:8]}"
        return self.channel.send(self.plan.target, batch, identifiers, name=name, turn=turn)

    def _end_batch(
        self,
        batch: Batch,
        outcome: Outcome,
        status: int | None,
        request_id: str | None,
        **facts: str | None,
    ) -> None:
        self.ledger.batch_ended(
            self.run_id,
            batch.number,
            outcome,
            now=self.clock.now(),
            status=status,
            request_id=request_id,
            **facts,
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
        if isinstance(error, LedgerAway):  # there is nothing to write it into
            return error
        status = "cancelled" if isinstance(error, Cancelled) else "failed"
        if isinstance(error, DeliveryError):
            status = _outcome(error)
        self.ledger.end_run(self.run_id, status, now=self.clock.now())
        receipt = self._receipt()
        if isinstance(error, Cancelled | DeliveryError):
            what, again = _SAME_AGAIN[self.plan.target.purpose]
            so_far = f"{receipt.rows_confirmed:,} of {self.plan.rows:,} {what} are confirmed"
            mended = (
                "" if _is_retryable(error) or isinstance(error, Cancelled) else "mend that, then "
            )
            error.args = (f"{error} {so_far}; {mended}{again} to send only the rest.",)
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


def _whole(receipt: Receipt) -> Receipt:
    """Return the receipt of a run whose batches were all taken, or raise if rows were left out."""
    if receipt.status != "incomplete":
        return receipt
    reasons = receipt.left_out["reason"].value_counts(sort=True)
    told = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.head(3).iter_rows())
    error = Refused(
        f"The platform took every request, and left out {receipt.rows_left_out:,} of "
        f"{receipt.run.rows:,} rows: {told}. The rest is stored. The receipt's left_out names the "
        "places of these rows; mend them and deliver them by themselves."
    )
    error.receipt = receipt
    raise error


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, DeliveryError) and error.retryable


def _outcome(error: DeliveryError) -> Outcome:
    if isinstance(error, InDoubt):
        return "in_doubt"
    return "failed" if isinstance(error, Unavailable) else "refused"
