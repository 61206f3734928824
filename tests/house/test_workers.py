"""The tests are shared out so that nothing dear is started twice and nothing long starts last."""

from __future__ import annotations

import pytest

from tests.house.project import ROOT
from tests.workers import EACH_BY_ITSELF, LONGEST, TOGETHER, order, share_of


@pytest.mark.parametrize("place", [*TOGETHER, *LONGEST, EACH_BY_ITSELF])
def test_every_place_that_is_named_is_there(place: str) -> None:
    """A file that is moved or renamed is named anew here, or it would start last unnoticed."""
    assert (ROOT / place).exists()


def test_a_folder_with_one_server_is_one_share() -> None:
    """Two files of the browser's folder are one share; elsewhere each file is one."""
    assert share_of("tests/browser/test_a.py::test_x") == share_of(
        "tests/browser/test_b.py::test_y"
    )
    assert share_of("tests/test_a.py::test_x[1::2]") == "tests/test_a.py"
    crashes = [f"{EACH_BY_ITSELF}::test_x[{number}]" for number in range(2)]
    assert share_of(crashes[0]) != share_of(crashes[1])


def test_what_is_long_goes_first() -> None:
    """The browser's tests come before all, and what is not named comes after what is."""
    assert order("tests/browser/test_a.py::test_x") == 0
    assert order("tests/test_a.py::test_x") == len(LONGEST)


@pytest.mark.parametrize("folder", sorted({p.parent for p in ROOT.glob("tests/*/conftest.py")}))
def test_a_folder_that_starts_something_once_is_not_divided(folder: object) -> None:
    """What a folder's conftest starts once for all is started in one worker only."""
    name = str(folder).removeprefix(f"{ROOT}/") + "/"
    once = 'scope="session"' in (ROOT / name / "conftest.py").read_text(encoding="utf-8")
    assert not once or name in TOGETHER
