"""Deliver one list: make the plan, show it, and send it when that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Output, prepare_audience
from rokt_helpers.deliver import Receipt
from rokt_helpers.jobs.job import DeliveringJob
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.places import source_named
from rokt_helpers.plan import UNNAMED_LIST, DeliveryPlan, Mode, Via

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DeliverJob"]

_NO_PLAN = Notice("There is no plan yet. Use the form above; this place fills itself.")
_NO_HISTORY = Notice("Nothing was delivered yet.")
_HISTORY_COLUMNS = {
    "started_at": "started (UTC)",
    "list": "list",
    "action": "action",
    "mode": "mode",
    "via": "via",
    "rows": "planned",
    "rows_confirmed": "confirmed",
    "status": "status",
}


class DeliverJob(DeliveringJob):
    """Delivers one list over one channel.

    Parameters
    ----------
    source
        A raw list or a prepared one; it is prepared again either way, which changes nothing.
    column, output
        As for preparing.
    list, action, via, mode
        As for :meth:`Workbench.plan`. Rokt's default list stands in the form before anybody has
        chosen, so it counts as not named.
    allow
        Guards to pass, separated by commas.
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by its name; empty takes ``ROKT_ACCOUNT``.
    """

    notebook = "20_deliver_audience"

    def __init__(
        self,
        *,
        source: str = "",
        column: str = "",
        output: Output = "sha256",
        list: str = contract.DEFAULT_LIST,
        action: contract.Action = "include",
        via: Via = "api",
        mode: Mode = "full",
        allow: str = "",
        profile: str = "",
        account: str = "",
    ) -> None:
        super().__init__(profile, account)
        self.source = source
        self.column = column
        self.output = output
        self.list = list
        self.action = action
        self.via = via
        self.mode = mode
        self.allow = allow

    def make_plan(self) -> DeliveryPlan:
        """Prepare the list and seal the plan; nothing is sent."""
        self.plan = self.receipt = None
        prepared = prepare_audience(
            source_named(self.source), column=self.column or None, output=self.output
        )
        self.plan = self.workbench.plan(
            prepared,
            list=UNNAMED_LIST if self.list in {"", contract.DEFAULT_LIST} else self.list,
            action=self.action,
            via=self.via,
            mode=self.mode,
            allow=[name.strip() for name in self.allow.split(",") if name.strip()],
        )
        self._tell_it_changed()
        return self.plan

    def run(self, *, send: bool) -> DeliveryPlan:
        """Make the plan and, where ``send`` is true, deliver it; return the plan."""
        plan = self.make_plan()
        if send:
            self.send()
        return plan

    # --- views --------------------------------

    def show_plan(self) -> DeliveryPlan | Notice:
        """Return the plan in words, with the first request masked."""
        return self.plan or _NO_PLAN

    def show_receipt(self) -> Receipt | Notice:
        """Return the receipt, batch by batch."""
        return self.receipt or self.no_receipt(_NO_PLAN)

    def history(self, last: int = 10) -> pd.DataFrame | Notice:
        """Return the last deliveries: when, list, action, channel, rows planned and confirmed."""
        receipts = [receipt.to_dict() for receipt in self.workbench.receipts(last)]
        if not receipts:
            return _NO_HISTORY
        rows = [{name: values[name] for name in _HISTORY_COLUMNS} for values in receipts]
        started = pl.col("started_at").str.slice(0, 16).str.replace("T", " ")
        return pl.DataFrame(rows).with_columns(started).rename(_HISTORY_COLUMNS).to_pandas()

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.plan is None:
            return {"sentence": _NO_PLAN.text}
        if self.receipt is None:
            sentence = f"{self.plan.rows:,} identifiers planned; nothing was sent."
            return {"sentence": sentence, "plan": self.plan.to_dict(), "sent": False}
        return {
            "sentence": self.receipt.describe(),
            "plan": self.plan.to_dict(),
            "sent": True,
            "receipt": self.receipt.to_dict(),
        }
