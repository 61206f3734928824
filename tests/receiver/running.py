"""A real receiver, started by the command line, and what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import requests
import yaml
from click.testing import CliRunner

from rokt_helpers.cli.referrals import command
from rokt_helpers.receiver.segments import Segment
from rokt_helpers.referrals.vault import Vault

__all__ = ["AGREED", "Running", "drained", "in_journal", "kept", "lead"]

ROKT = [sys.executable, "-c", "from rokt_helpers.cli import main; main()"]
AGREED: dict[str, Any] = {
    "methods": ["POST", "PUT"],
    "path": "/referrals",
    "encoding": "json",
    "fields": {
        "referred_at": "at",
        "audience_id": "audience.id",
        "bid_price": "price",
        "email": "customer.email",
        "first_name": "customer.first",
        "postal_code": "customer.zip",
        "Tier": "tier",
    },
}


class Running:
    """A receiver until the end of ``with``; ``said`` is all it printed, once it has ended.

    Parameters
    ----------
    agreed
        What its file says, over :data:`AGREED`.
    words, settings
        Further words of the command, and variables.
    before
        Called in the new process before the program, as a fault of the machine.
    """

    def __init__(
        self,
        home: Path,
        agreed: Mapping[str, Any] = {},
        *words: str,
        before: Any = None,
        **settings: str,
    ) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        template = home / "push.yml"
        template.write_text(yaml.safe_dump({**AGREED, **agreed}))
        self.settings = {**os.environ, "ROKT_HOME": str(home / "state"), **settings}
        listen = ["--template", str(template), "--port", "0", "--json", *words]
        self.process = subprocess.Popen(
            [*ROKT, "referrals", "receive", *listen],
            env=self.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=before,  # noqa: PLW1509  the child sets a limit of its own, nothing else
        )
        assert self.process.stdout
        self.said = self.process.stdout.readline()
        self.url: str = json.loads(self.said)["url"]

    @property
    def journal(self) -> Path:
        """Where it writes ahead."""
        return self.home / "state" / "sandbox" / "pushed"

    def push(self, body: Any, **more: Any) -> requests.Response:
        """Send a body as JSON."""
        return requests.post(self.url, json=body, timeout=20, **more)

    def ends(self) -> int:
        """Wait for the end, and read what it said."""
        said, _ = self.process.communicate(timeout=20)
        self.said += said
        return self.process.returncode

    def stop(self) -> int:
        """End it as a service would be ended; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            return self.ends()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        assert self.process.stdout
        self.process.stdout.close()


def lead(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return the body of a push, each number another person."""
    person = {"email": f"Person.{number}@example.com", "first": "Zebrafinch", "zip": "02134"}
    told = {"at": "2026-11-20T10:11:12", "price": "2.50", "audience": {"id": 2581697744617019994}}
    return {**told, "customer": person, **more}


def drained(home: Path, *words: str) -> dict[str, Any]:
    """Take over what was pushed by the command line, and return what it says."""
    said = CliRunner(env={"ROKT_HOME": str(home / "state")}).invoke(
        command, ["receive", "--drain", "--json", *words], catch_exceptions=False
    )
    told: dict[str, Any] = json.loads(said.stdout)
    return told


def in_journal(folder: Path) -> list[Mapping[str, str]]:
    """Return the rows in all files of a journal, open ones too."""
    files = sorted(p for p in folder.glob("push-*") if p.suffix in {".open", ".segment"})
    return [row for path in files for row in Segment.of(path.read_bytes()).rows]


def kept(home: Path) -> pl.DataFrame:
    """Return the table of referrals of a home."""
    return Vault(home / "state" / "sandbox" / "referrals").read()
