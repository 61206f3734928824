from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.referrals.vault import Vault
from tests.referrals.downloads import Downloads


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return Downloads(folder)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")
