"""What a team shares, for real: a PostgreSQL, an S3 with a bucket, a disk that is mounted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from rokt_helpers.storage import Storage, open_storage
from tests.real_parts.postgres import PostgresServer
from tests.real_parts.s3 import BUCKET, S3Server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL for the tests of this folder."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A running S3 for the tests of this folder."""
    import s3fs  # noqa: PLC0415  a second that only these tests need

    with S3Server() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir(BUCKET)
        yield server


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The same, with an environment that leads there."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture(params=["s3", "file", "mounted"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty shared folder: on S3, behind fsspec without an object store, and mounted."""
    if request.param == "s3":
        request.getfixturevalue("s3")
        return f"s3://{BUCKET}/{uuid.uuid4().hex}"
    shared = tmp_path / "share"
    return f"file://{shared}" if request.param == "file" else str(shared)


@pytest.fixture
def storage(address: str) -> Storage:
    """What one machine sees of it."""
    return open_storage(address)


@pytest.fixture
def other(address: str) -> Storage:
    """What another machine sees of it."""
    return open_storage(address)
