from __future__ import annotations

import pytest

from tests.command_line import Rokt, caller


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)
