from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import paramiko
import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from tests.sandbox.wires import TODAY, connect, key_pair


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(today=TODAY, pickup_seconds=0.05) as sandbox:
        yield sandbox


@pytest.fixture
def post(box: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """Give a plain caller of the import address; what it is given overrides a good request."""
    with requests.Session() as session:

        def call(path: str = contract.IMPORT_PATH, **changes: Any) -> requests.Response:
            given: dict[str, Any] = {"auth": key_pair(box), "timeout": 10, **changes}
            return session.post(box.url + path, **given)

        yield call


@pytest.fixture
def sftp(box: Sandbox) -> Iterator[paramiko.SFTPClient]:
    with connect(box) as client:
        yield client
