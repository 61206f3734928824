"""What a conversion turned into at the other side: the sandbox tells, the live account does not."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import requests
from requests.exceptions import RequestException

from rokt_helpers.charts import table_html
from rokt_helpers.settings import Settings, is_loopback

__all__ = ["TurnedInto", "in_the_sandbox"]

_SECONDS: Final = 10
_SHOWN_ROWS: Final = 10
_COLUMNS: Final = {
    "conversiontype": "type",
    "confirmationref": "order id",
    "amount": "amount",
    "currency": "currency",
    "happened": "bought (UTC)",
    "known_by": "person known by",
    "times": "came how often",
}
_KNOWN_BY: Final = {
    "email": "e-mail address",
    "other": "SHA-256 of the e-mail",
    "other2": "Rokt click id",
    "customerid": "your customer id",
}


@dataclass(frozen=True, repr=False)
class TurnedInto:
    """What the sandbox knows: ``sentence`` counts, ``table`` holds the latest conversions as text.

    Its columns are ``type``, ``order id``, ``amount``, ``currency``, ``bought (UTC)``, ``person
    known by`` (never who it is) and ``came how often``.
    """

    sentence: str
    table: pl.DataFrame

    def __repr__(self) -> str:
        """Return the sentence."""
        return self.sentence

    def _repr_html_(self) -> str:
        rows = table_html(self.table) if len(self.table) else ""
        return f"<p>{html.escape(self.sentence)}</p>{rows}"


def in_the_sandbox(settings: Settings) -> TurnedInto | None:
    """Return what became of conversions; None where there is no sandbox, or it does not answer."""
    told = _overview(settings)
    if told is None:
        return None
    events, people = told["events"], told["conversions"]
    rows = [[_shown(each, name) for name in _COLUMNS] for each in events["conversions"]]
    table = pl.DataFrame(rows, dict.fromkeys(_COLUMNS.values(), pl.String), orient="row")
    moment = pl.col("bought (UTC)").str.slice(0, 16).str.replace("T", " ")
    known = f"The sandbox knows {events['conversion_count']:,} conversions, each once."
    sentences = [known, *_besides(events["batches"], people)]
    return TurnedInto(" ".join(sentences), table.head(_SHOWN_ROWS).with_columns(moment))


def _besides(batches: dict[str, int], people: int) -> list[str]:
    """Return sentences on what else came, where it did."""
    return [
        sentence
        for count, sentence in (
            (people, f"In files of people it got {people:,}."),
            (batches["dropped"], f"It dropped {batches['dropped']:,} without a word."),
            (batches["repeated"], f"It had seen {batches['repeated']:,} before."),
        )
        if count
    ]


def _overview(settings: Settings) -> dict[str, Any] | None:
    """Ask the page of the sandbox; it stands on this computer, so no proxy is on the way."""
    host = settings.api_url.removeprefix("http://").partition(":")[0]
    if settings.leaves_this_computer or not is_loopback(host):
        return None
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"{settings.api_url}/_inspect", timeout=_SECONDS)
            told: dict[str, Any] = answer.json()
        except (RequestException, ValueError):
            return None
    return told if answer.ok else None


def _shown(conversion: dict[str, Any], name: str) -> str | None:
    value = conversion[name]
    if value is None or value == "":
        return None
    return _KNOWN_BY.get(value, value) if name == "known_by" else str(value)
