"""The main job, once, from a dirty list to a report: every notebook headless, on a sandbox.

Run by ``python run.py demo``. What it makes lies in ``.rokt/demo/`` of the folder it is called in,
an older demo is replaced; lists to practise on are put into ``inbox/``.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers import charts
from rokt_helpers.cli.output import table
from rokt_helpers.clock import Clock
from rokt_helpers.errors import ContractError, RoktError
from rokt_helpers.files import private_folder
from rokt_helpers.referrals import analysis
from rokt_helpers.report import KeyFigure, Report, Sums
from rokt_helpers.runner import NotebookRun, read_parameters, run_notebook
from rokt_helpers.sandbox import Sandbox, write_customers, write_practice_lists
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import open_workbench

__all__ = ["main"]

_FOLDER: Final = Path(".rokt/demo")
_LIST: Final = "Practice_Customers"
_RECEIPT_COLUMNS: Final = {
    "list": "list",
    "action": "action",
    "via": "via",
    "rows": "planned",
    "rows_confirmed": "confirmed",
    "files_or_requests": "pieces",
    "status": "status",
    "run_id": "receipt",
}


def main() -> int:
    """Run the tour and return the exit code."""
    try:
        with Sandbox() as sandbox:
            return _tour(sandbox, _fresh_folder())
    except RoktError as error:
        print(f"The demo stopped: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped from the keyboard.", file=sys.stderr)
        return 130


def _fresh_folder() -> Path:
    folder = Path.cwd() / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    return private_folder(folder)


def _tour(sandbox: Sandbox, folder: Path) -> int:
    # The kernels of the notebooks inherit this: they work on this sandbox and in this folder.
    os.environ.update(sandbox.environment, ROKT_HOME=str(folder))
    customers, prepared = folder / "customers.csv", folder / "prepared.csv"
    write_customers(customers)
    write_practice_lists(Path("inbox"))
    runs = [
        _run(1, "10_prepare_audience", source=str(customers), out=str(prepared)),
        _run(2, "20_deliver_audience", source=str(prepared), list=_LIST, via="api", send=True),
        _run(3, "20_deliver_audience", source=str(prepared), list=_LIST, via="sftp", send=True),
        _run(4, "40_referrals"),
    ]
    preparation, *deliveries, _ = (run.result for run in runs)
    receipts = [_receipt_row(delivery["receipt"]) for delivery in deliveries]
    _prove(preparation["summary"], receipts, sandbox)
    report = _report(preparation["summary"], receipts, runs[-1].result, sandbox)
    report.write(folder / "report.html")
    print("\nReceipts")
    print("\n".join(table(receipts, _RECEIPT_COLUMNS)))
    print(f"\nThe report: {_FOLDER / 'report.html'}")
    return 0


def _run(number: int, notebook: str, **parameters: Any) -> NotebookRun:
    """Run one notebook with its params file and what the demo puts over it."""
    print(f"{number} of 4  notebooks/{notebook}.ipynb …", flush=True)
    run = run_notebook(
        Path("notebooks") / f"{notebook}.ipynb",
        parameters={**read_parameters(Path("params") / f"{notebook}.yml"), **parameters},
        runs=load_settings().folder / "runs",
    )
    print(f"        {run.result['sentence']}", flush=True)
    return run


def _receipt_row(receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {**receipt, "files_or_requests": len(receipt["batches"])}


def _prove(summary: Mapping[str, Any], receipts: list[dict[str, Any]], sandbox: Sandbox) -> None:
    """Compare what the receipts say with what lies on the list at the other side."""
    on_the_list = sandbox.lists().get(_LIST, 0)
    if {summary["accepted"], on_the_list} != {row["rows_confirmed"] for row in receipts}:
        raise ContractError("The receipts and the list at the other side differ: this is a bug.")


def _report(
    summary: Mapping[str, Any],
    receipts: list[dict[str, Any]],
    collected: Mapping[str, Any],
    sandbox: Sandbox,
) -> Report:
    report = Report(
        "From a dirty list to a report",
        "One run of the Rokt Workbench on its sandbox: prepared, delivered, collected, analysed.",
        created_at=Clock().now(),
    )
    report.section("At a glance", *_figures(summary, receipts, collected))
    _prepared_section(report, summary)
    _delivered_section(report, summary, receipts, sandbox)
    _referrals_section(report, collected)
    return report


def _figures(
    summary: Mapping[str, Any], receipts: list[dict[str, Any]], collected: Mapping[str, Any]
) -> list[KeyFigure]:
    return [
        KeyFigure("In the customer file", summary["rows_in"], "rows"),
        KeyFigure("Ready for Rokt", summary["accepted"], "people"),
        KeyFigure("Confirmed deliveries", len(receipts), "receipts"),
        KeyFigure("Referrals kept", collected["collected"]["rows_kept"], "rows"),
    ]


def _prepared_section(report: Report, summary: Mapping[str, Any]) -> None:
    found = summary["source"]
    report.section(
        "Prepared",
        f"The addresses were found in column “{found['column']}”. Each was brought into the form "
        "Rokt hashes, white space removed and lower case, and hashed with SHA-256.",
        charts.sums_bar(summary),
        charts.reasons_bar(summary),
        Sums.of(summary),
    )


def _delivered_section(
    report: Report,
    summary: Mapping[str, Any],
    receipts: list[dict[str, Any]],
    sandbox: Sandbox,
) -> None:
    columns = [name for name in _RECEIPT_COLUMNS if name != "run_id"]
    shown = pl.DataFrame([{name: row[name] for name in columns} for row in receipts])
    report.section(
        "Delivered",
        f"The same {summary['accepted']:,} people went to the list “{_LIST}” twice, over the API "
        "and as a file over SFTP. Putting somebody on a list twice changes nothing, so the list "
        f"at the other side holds {sandbox.lists()[_LIST]:,} members.",
        shown.rename({name: _RECEIPT_COLUMNS[name] for name in columns}),
    )


def _referrals_section(report: Report, collected: Mapping[str, Any]) -> None:
    with open_workbench() as workbench:
        kept = workbench.referral_table()
    sums = collected["collected"]
    report.section(
        "Referrals",
        collected["findings"],
        charts.referrals_by_day(analysis.by_day(kept)),
        charts.cost_by_audience(analysis.by_audience(kept)),
        charts.by_state(analysis.by_state(kept)),
        charts.by_age_band(analysis.by_age_band(kept)),
        Sums(
            ("Rows in the collected files", sums["rows_in"]),
            [
                ("Kept", sums["rows_kept"]),
                ("Delivered before", sums["rows_duplicate"]),
                ("Could not be read", sums["rows_rejected"]),
            ],
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
