"""The pictures of the documentation are there, small, and all of them are shown."""

from __future__ import annotations

import re

from tests.house.project import ROOT

PICTURES = ROOT / "docs" / "pictures"
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
LARGEST_BYTES = 200_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def shown() -> set[str]:
    """Return the pictures that pages show, by name, after looking that each is where it says."""
    found = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for words, link in re.findall(r"!\[([^\]]*)\]\(([^)\s]*pictures/[^)\s]+)\)", text):
            target = (page.parent / link).resolve()
            assert target.parent == PICTURES, f"{page.name}: {link} is no picture of ours"
            assert target.is_file(), f"{page.name}: {link} is not there"
            assert len(words) > 20, f"{page.name}: {link} needs words for who cannot see it"
            found.add(target.name)
    return found


def test_every_picture_is_shown_and_small() -> None:
    """What lies in docs/pictures is on a page, a PNG, and quick to load."""
    kept = sorted(PICTURES.iterdir())
    assert {path.name for path in kept} == shown()
    assert [path.name for path in kept if path.stat().st_size >= LARGEST_BYTES] == []
    assert [path.name for path in kept if not path.read_bytes().startswith(SIGNATURE)] == []
