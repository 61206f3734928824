"""Java on this computer, for the tests that run Spark."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

__all__ = ["find_java"]


def find_java() -> str:
    """Give the path of Java, or fail the test with what to install."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if found is None:
        pytest.fail("Java 17 or newer is needed: apt-get install default-jre-headless")
    return found
