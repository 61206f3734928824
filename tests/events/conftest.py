from __future__ import annotations

from collections.abc import Iterator

import pytest

from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench, open_workbench


@pytest.fixture
def workbench(sandbox: Sandbox) -> Iterator[Workbench]:  # noqa: ARG001  the environment points to it
    with open_workbench() as opened:
        yield opened
