"""A view of a job that fills itself when the job is done, so that no cell need be run again."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any, TypeGuard

import ipywidgets as w

from rokt_helpers.charts import table_html
from rokt_helpers.charts.picture import Table
from rokt_helpers.jobs import Notice
from rokt_helpers.jobs.job import Job

__all__ = ["Live", "live"]


class Live:
    """One place on the page.

    What is there already is plain HTML, for any reader, unless a panel may still change it.
    """

    def __init__(self, view: Callable[[], object], job: Job) -> None:
        self._view = view
        self._job = job

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self._view()
        if not isinstance(shown, Notice) and not self._job.is_on_screen:
            return {"text/html": _as_html(shown), "text/plain": repr(shown)}
        place = w.HTML(_as_html(shown))
        place.add_class("rokt-live")
        self._job.when_done(lambda: setattr(place, "value", _as_html(self._view())))
        # A page that was written by a schedule has no widgets: it shows what there was to see.
        return {**place._repr_mimebundle_(**options), "text/html": _as_html(shown)}


def live(view: Callable[..., object], *of: str) -> Live:
    """Show a view of a job, for example ``live(job.sums_chart)``, now and whenever it changes.

    Parameters
    ----------
    view
        A method of a job.
    of
        What the view is asked about, as in ``live(job.by, "campaign")``.
    """
    job = getattr(view, "__self__", None)
    if not isinstance(job, Job):
        raise TypeError("live() takes a view of a job, for example live(job.sums_chart)")
    return Live(partial(view, *of), job)


def _is_table(shown: object) -> TypeGuard[Table]:
    """Tell a pandas or Polars table by its name: pandas takes a second to import."""
    return type(shown).__name__ == "DataFrame"


def _as_html(shown: object) -> str:
    if _is_table(shown):
        return table_html(shown)
    draw = getattr(shown, "_repr_html_", None)
    return str(draw()) if draw is not None else f"<pre>{html.escape(repr(shown))}</pre>"
