"""Report one file of purchases: see which column is what, check it, and send it when asked to."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, get_args

from rokt_helpers.audience import Output, PreparedAudience, prepare_audience
from rokt_helpers.charts import (
    Picture,
    attributes_bar,
    conversion_reasons_bar,
    reasons_bar,
    sales_by_day,
    sums_bar,
)
from rokt_helpers.conversions import (
    DateOrder,
    Decimal,
    Mapping,
    PreparedConversions,
    prepare_conversions,
    propose_mapping,
)
from rokt_helpers.conversions.daily import by_day
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import InputError
from rokt_helpers.forms.conversions import ColumnRow, ConversionsVia
from rokt_helpers.jobs.columns import load_mapping, look_at, mapping_path
from rokt_helpers.jobs.job import DeliveringJob
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import source_named
from rokt_helpers.jobs.turned_into import TurnedInto, in_the_sandbox
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.progress import OnProgress, with_rate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConversionsJob"]

_FIRST: Final = Notice("Nothing is checked yet. Use the form above; this place fills itself.")
_ONE_COLUMN: Final = Notice(
    "The file of people carries one column: no order, no amount and no day goes with it."
)
_NONE: Final = Sentences(("No row was rejected.",))
_NO_SANDBOX: Final = Notice("Only the sandbox shows what became of a conversion.")
_NOTHING_THERE: Final = Notice("Send first: then the sandbox shows what the conversions became.")


class ConversionsJob(DeliveringJob):
    """Reports one file of purchases over one channel.

    Parameters
    ----------
    source
        Path of the file; relative ones are found from the project folder, too.
    mapping
        Path of a saved mapping; empty recognises the columns by name and content.
    time_zone, date_order, decimal
        As for :func:`rokt_helpers.conversions.prepare_conversions`; empty looks, and asks where it
        cannot be told.
    conversiontype, currency
        For rows that have none; empty for none.
    via
        ``events``, ``events-legacy`` or ``events-sftp`` report conversions with all they carry,
        ``sftp`` a column of people.
    output
        ``sha256`` or ``plain``.
    allow
        Guards to pass, separated by commas.
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by its name; empty takes ``ROKT_ACCOUNT``.

    Raises
    ------
    InputError
        When a choice is not one of those there are.
    """

    notebook = "30_conversions"

    def __init__(
        self,
        *,
        source: str = "",
        mapping: str = "",
        time_zone: str = "",
        date_order: DateOrder | str = "",
        decimal: Decimal | str = "",
        conversiontype: str = "",
        currency: str = "",
        via: ConversionsVia = "events",
        output: Output = "sha256",
        allow: str = "",
        profile: str = "",
        account: str = "",
    ) -> None:
        super().__init__(profile, account)
        _check_choice("via", via, get_args(ConversionsVia))
        _check_choice("output", output, get_args(Output))
        _check_choice("date_order", date_order, ("", *get_args(DateOrder)))
        _check_choice("decimal", decimal, ("", *get_args(Decimal)))
        self.source = source
        self.mapping = mapping
        self.time_zone = time_zone
        self.date_order = date_order
        self.decimal = decimal
        self.conversiontype = conversiontype
        self.currency = currency
        self.via: ConversionsVia = via
        self.output = output
        self.allow = allow
        self.matched: Mapping | None = None  # what a person chose on the screen
        self._saved: tuple[Mapping, str] | None = None  # the last that was saved, and where
        self.prepared: PreparedConversions | PreparedAudience | None = None

    # --- looking ------------------------------

    def look(self) -> tuple[ColumnRow, ...]:
        """Say which column is what, and why, by the first rows; nothing is sent.

        Raises
        ------
        InputError
            When the file or the saved mapping cannot be used.
        """
        given = load_mapping(self.mapping)
        return look_at(source_named(self.source), given, plain=self.output == "plain")

    def save_mapping(self, name: str) -> str:
        """Keep which column is what under a name, for a schedule; return where.

        Raises
        ------
        InputError
            When the name cannot be that of a file, or it cannot be written.
        """
        mapping = self.matched or self._mapping() or self._recognised()
        shown, path = mapping_path(name)
        mapping.save(path)
        self._saved = mapping, shown
        return shown

    def _mapping(self) -> Mapping | None:
        return self.matched or load_mapping(self.mapping)

    def _recognised(self) -> Mapping:
        return propose_mapping(source_named(self.source), output=self.output)

    def _present(self) -> dict[str, Any]:
        return super()._present() | {"mapping": self._named_mapping() or self.mapping}

    def _by_hand(self) -> list[str]:
        if self._named_mapping() is not None:
            return []
        return ["Save which column is what under a name first: no other run knows it."]

    def _named_mapping(self) -> str | None:
        """Return the path that stands for what was chosen on the screen; None where none does."""
        if self.matched is None:
            return self.mapping
        if self._saved is not None and self._saved[0].columns == self.matched.columns:
            return self._saved[1]
        try:
            same = (load_mapping(self.mapping) or self._recognised()).columns
        except InputError:
            return None
        return self.mapping if same == self.matched.columns else None

    # --- checking and sending -----------------

    def check(
        self, progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> DeliveryPlan:
        """Prepare the whole file and seal the plan; nothing is sent.

        Raises
        ------
        InputError, GuardError
            When the file cannot be used or leaves something open; when a guard stops the plan.
        Cancelled
            When ``cancel`` was set while it was being prepared.
        """
        self.prepared = self.plan = self.receipt = None
        listen = progress and with_rate(progress, monotonic=time.monotonic)
        try:
            self.prepared = self._prepare(listen, cancel)
            self.plan = self._plan(self.prepared)
        finally:
            self._tell_it_changed()
        return self.plan

    def make_plan(self) -> DeliveryPlan:
        """Do as :meth:`check`, without progress."""
        return self.check()

    def _plan(self, prepared: PreparedConversions | PreparedAudience) -> DeliveryPlan:
        return self.workbench.plan_conversions(prepared, via=self.via, allow=_names(self.allow))

    def _prepare(
        self, progress: OnProgress | None, cancel: threading.Event | None
    ) -> PreparedConversions | PreparedAudience:
        source, mapping = source_named(self.source), self._mapping()
        if self.via == "sftp":
            column = _of_people(mapping or self._recognised())
            return prepare_audience(
                source, column=column, output=self.output, progress=progress, cancel=cancel
            )
        reading: dict[str, Any] = {
            "time_zone": self.time_zone or None,
            "date_order": self.date_order or None,
            "decimal": self.decimal or None,
        }
        given = {"conversiontype": self.conversiontype, "currency": self.currency}
        return prepare_conversions(
            source,
            mapping=mapping,
            output=self.output,
            defaults={name: value for name, value in given.items() if value},
            progress=progress,
            cancel=cancel,
            **reading,
        )

    def run(self, *, send: bool) -> DeliveryPlan:
        """Make the plan and, where ``send`` is true, deliver it; return the plan."""
        plan = self.check()
        if send:
            self.send()
        return plan

    # --- views --------------------------------

    def sums(self) -> str:
        """Return what became of the rows, in one sentence that adds up."""
        if self.prepared is None:
            return _FIRST.text
        s = self.prepared.summary
        kept = "people" if self.via == "sftp" else "conversions"
        return (
            f"{s['accepted']:,} of {s['rows_in']:,} rows are {kept} to report; duplicates: "
            f"{s['duplicates']:,}, rejected: {s['rejected']:,}."
        )

    def sums_chart(self) -> Picture | Notice:
        """Return the sums as one bar."""
        return sums_bar(self.prepared.summary) if self.prepared else _FIRST

    def reasons_chart(self) -> Picture | Notice:
        """Return why rows were rejected."""
        if self.prepared is None:
            return _FIRST
        if isinstance(self.prepared, PreparedAudience):
            return reasons_bar(self.prepared.summary)
        return conversion_reasons_bar(self.prepared.summary)

    def rejected_rows(self, first: int = 10) -> pd.DataFrame | Sentences | Notice:
        """Return the first rejected rows: row number, reason and column at fault, no values."""
        if self.prepared is None:
            return _FIRST
        return self.prepared.rejected.head(first) if self.prepared.summary["rejected"] else _NONE

    def attributes_chart(self) -> Picture | Notice:
        """Return how many conversions carry which attribute."""
        if not isinstance(self.prepared, PreparedConversions):
            return _ONE_COLUMN if self.prepared else _FIRST
        return attributes_bar(self.prepared.summary)

    def sales_chart(self) -> Picture | Notice:
        """Return the money and the number of conversions of each day, days as in the time zone."""
        if not isinstance(self.prepared, PreparedConversions):
            return _ONE_COLUMN if self.prepared else _FIRST
        return sales_by_day(by_day(self.prepared.table, time_zone=self.time_zone or "UTC"))

    def show_plan(self) -> DeliveryPlan | Notice:
        """Return the plan in words, with the first request masked."""
        return self.plan or _FIRST

    def show_receipt(self) -> Receipt | Notice:
        """Return the receipt, batch by batch."""
        return self.receipt or self.no_receipt(_FIRST)

    def turned_into(self) -> TurnedInto | Notice:
        """Return what the sandbox knows of conversions, without the person."""
        if self.workbench.settings.leaves_this_computer:
            return _NO_SANDBOX
        found = in_the_sandbox(self.workbench.settings) if self.receipt else None
        return found or _NOTHING_THERE

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.plan is None:
            return {"sentence": _FIRST.text}
        told = {"plan": self.plan.to_dict(), "sent": self.receipt is not None}
        if self.receipt is None:
            what = "people" if self.via == "sftp" else "conversions"
            return {"sentence": f"{self.plan.rows:,} {what} planned; nothing was sent."} | told
        sentence = {"sentence": self.receipt.describe()}
        return sentence | told | {"receipt": self.receipt.to_dict()}


def _of_people(mapping: Mapping) -> str:
    columns = mapping.columns
    for name in ("email", "emailsha256"):
        if name in columns:
            return columns[name]
    raise InputError(
        "No column of the source holds e-mail addresses or their SHA-256, and the file of people "
        "is made of nothing else. Say which column it is, or take another way, such as events."
    )


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} is {' or '.join(map(repr, allowed))}, not {value!r}.")


def _names(allow: str) -> Collection[str]:
    return [name.strip() for name in allow.split(",") if name.strip()]
