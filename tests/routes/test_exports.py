"""Files that marketing tools export, which Rokt had put the people into.

Mailchimp's columns are those of its audience export. A Zap writes whatever columns a person gave
their table, and Sailthru one column for each variable a person made; those two are examples.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.inbox import collect, import_file
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.folder import LocalFolder
from tests.routes.deliveries import NOW

EXPORTS = Path(__file__).parent / "exports"
RULES: dict[str, list[dict[str, Any]]] = {
    "mailchimp": [
        {"source": "OPTIN_TIME", "name": "Date/time"},
        {"source": "Campaign", "name": "Campaign name", "default_empty": "unknown"},
        {
            "source": "CC",
            "name": "Country",
            "condition": "equal",
            "value": "US",
            "to": "United States",
            "default_no_match": "elsewhere",
        },
        {"source": "REGION", "name": "State"},
    ],
    "zapier": [
        {"source": "Received", "name": "Date/time"},
        {"source": "Offer price", "name": "Bid price"},
    ],
    "sailthru": [
        {"source": "referral_date", "name": "Date/time"},
        {"source": "rokt_campaign", "name": "Campaign name"},
    ],
}
COLUMNS = ("referred_at", "campaign", "country", "state", "audience_id", "postal_code")
ROWS: dict[str, list[tuple[str | None, ...]]] = {
    "mailchimp": [
        ("2026-11-19 08:01", "Autumn", "United States", "MA", None, "02134"),
        ("2026-11-19 08:02", "Autumn", "elsewhere", None, None, "10010"),
        (None, "unknown", None, None, None, None),
    ],
    "zapier": [
        ("2026-11-20 08:01", None, "Australia", None, "2581697744617019994", None),
        ("2026-11-20 08:02", None, "Australia", None, "2581697744617019994", None),
    ],
    "sailthru": [
        ("2026-11-21 00:00", "Autumn", None, None, None, "02134"),
        ("2026-11-21 00:00", "Winter", None, None, None, "10010"),
    ],
}


def vault_for(tool: str, folder: Path) -> Vault:
    return Vault(folder / "vault", fields=FieldRules.of(RULES[tool]))


@pytest.mark.parametrize("tool", list(ROWS))
def test_an_export_becomes_referrals_by_rules_that_are_data(tool: str, tmp_path: Path) -> None:
    """Field rules give each tool's columns our names; ids and postal codes stay text."""
    vault = vault_for(tool, tmp_path)
    outcome = import_file(EXPORTS / f"{tool}.csv", vault, now=lambda: NOW)
    assert (outcome.rows_kept, outcome.rows_rejected) == (len(ROWS[tool]), 0)
    moment = pl.col("referred_at").dt.to_string("%Y-%m-%d %H:%M")
    table = vault.read().select(COLUMNS).with_columns(moment)
    assert sorted(table.rows(), key=str) == sorted(ROWS[tool], key=str)


@pytest.mark.parametrize("tool", list(ROWS))
def test_nobody_can_be_read_out_of_what_is_kept(tool: str, tmp_path: Path) -> None:
    """Addresses become digests; names and the places on the internet are not kept."""
    vault = vault_for(tool, tmp_path)
    import_file(EXPORTS / f"{tool}.csv", vault, now=lambda: NOW)
    table = vault.read()
    assert table["email_sha256"].str.len_chars().to_list() == [64] * len(ROWS[tool])
    cells = table.select(pl.all().cast(pl.String)).rows()
    shown = " ".join(str(cell) for row in cells for cell in row)
    assert not [word for word in ("@", "Canary", "Zoë", "192.0.2") if word in shown]


def test_the_same_exports_in_the_folder_are_collected(tmp_path: Path) -> None:
    """An export that a person put into the folder is collected like a delivered file."""
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(EXPORTS / "zapier.csv", folder / "My table (1).csv")
    outcome = collect(LocalFolder(folder), vault_for("zapier", tmp_path), now=lambda: NOW)
    assert (outcome.files_new, outcome.rows_kept) == (("My table (1).csv",), 2)
