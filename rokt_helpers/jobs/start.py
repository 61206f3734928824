"""The start page: where we are, whether the connection stands, what was done last."""

from __future__ import annotations

import html
from typing import Any

from rokt_helpers.channels.channel import Finding
from rokt_helpers.ledger import RunRecord
from rokt_helpers.notebook_result import hand_over
from rokt_helpers.profiles import place_in_words
from rokt_helpers.workbench import open_workbench

__all__ = ["StartPage"]


class StartPage:
    """A look at the workbench that changes nothing.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    """

    def __init__(self, *, profile: str = "") -> None:
        with open_workbench(profile or None) as workbench:
            self.profile = workbench.profile
            self.account = workbench.settings.account_id
            self.findings: list[Finding] = workbench.check()
            self.runs: list[RunRecord] = workbench.history(5)

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        well = sum(finding.well for finding in self.findings)
        return {
            "sentence": f"{well} of {len(self.findings)} connection checks are well.",
            "profile": self.profile,
            "findings": [vars(finding) for finding in self.findings],
        }

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())

    def __repr__(self) -> str:
        return f"<StartPage {self.profile}: {self.result()['sentence']}>"

    def _repr_html_(self) -> str:
        where = html.escape(place_in_words(self.profile, self.account))
        checks = "".join(
            f"<li>{'✓' if f.well else '✗'} <strong>{html.escape(f.what)}</strong>: "
            f"{html.escape(f.detail)}</li>"
            for f in self.findings
        )
        rows = "".join(
            f"<tr><td>{run.started_at[:16].replace('T', ' ')}</td><td>{html.escape(run.list)}</td>"
            f"<td>{run.action}</td><td>{run.via}</td><td>{run.rows:,}</td><td>{run.status}</td></tr>"
            for run in self.runs
        )
        last = (
            "<table><tr><th>started (UTC)</th><th>list</th><th>action</th><th>via</th>"
            f"<th>rows</th><th>status</th></tr>{rows}</table>"
            if rows
            else "<p>Nothing was delivered yet.</p>"
        )
        return (
            f"<p style='font-size:1.15em'><strong>{where}.</strong></p><h4>Connection</h4>"
            f"<ul style='list-style:none;padding-left:0'>{checks}</ul>"
            f"<h4>Last deliveries</h4>{last}"
        )
