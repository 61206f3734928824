from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rokt_helpers.ledger import Ledger
from tests.real_parts.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL for the tests of this folder."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Path | str:
    """Where a ledger may lie: a file of its own, or a real PostgreSQL."""
    return tmp_path / "ledger.sqlite" if request.param == "sqlite" else postgres.url


@pytest.fixture
def ledger(where: Path | str, tmp_path: Path) -> Iterator[Ledger]:
    """An open ledger."""
    opened = Ledger(where, folder=tmp_path)
    yield opened
    opened.close()
