from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The folder of a profile's runs, empty."""
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder
