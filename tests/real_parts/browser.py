"""Chromium on this computer, for the tests that look at a page the way a person does."""

from __future__ import annotations

import pytest

from run import find_part

__all__ = ["find_chromium"]


def find_chromium() -> str:
    """Give the path of Chromium, or fail the test with what to install."""
    found = find_part("chromium")
    if found is None:
        pytest.fail("Chromium is needed: apt-get install chromium")
    return found
