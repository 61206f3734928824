from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.academy.production import GUARD, LIVE, Watched


@pytest.fixture
def leads_to_production(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Watched:
    """Set everything up for the live account, in the environment and in ``.env``."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(GUARD)
    watched = Watched(folder / "tried.txt")
    monkeypatch.setenv("TRIED", str(watched.path))
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), before])))
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in LIVE.items()))
    return watched
