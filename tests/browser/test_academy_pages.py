"""A newcomer in front of the lessons."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Lab


@pytest.mark.parametrize("lesson", ["01_matching", "07_referrals"])
def test_a_lesson_can_be_read_by_everybody(lab: Lab, lesson: str) -> None:
    """Its tables, charts and exercises hold against WCAG, light and dark."""
    page = lab.open(f"academy/{lesson}")
    expect(page.locator("figure.picture:visible").first).to_be_visible(timeout=120_000)
    lab.look(f"academy_{lesson}", where=".jp-RenderedHTML")
    assert lab.asked_elsewhere == []
