from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real_parts.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL for all tests."""
    with PostgresServer() as server:
        yield server
