from __future__ import annotations

import re
from pathlib import Path

from rokt_helpers.profiles import PROFILES
from rokt_helpers.settings import load_settings
from rokt_helpers.settings.asking import keepers_of
from rokt_helpers.settings.fields import CREDENTIALS, SECRETS, Settings
from tests.house.project import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_page_names_every_secret() -> None:
    """The list of secrets on the page is the list that is asked for."""
    listed = PAGE.partition("These are the secrets: ")[2].partition("\n\n")[0]
    assert set(re.findall(r"`ROKT_(\w+)`", listed)) == {name.upper() for name in SECRETS}


def test_the_page_names_the_services_of_the_keyring() -> None:
    """The services in the table are those that are asked."""
    for profile in PROFILES:
        service = keepers_of(load_settings(profile))[0].service  # type: ignore[attr-defined]
        assert f"| {profile} | `{service}` | `{service}/brand_b` |" in PAGE


def test_every_variable_of_the_page_is_one() -> None:
    """The page speaks of no variable that does not exist."""
    known = {f"ROKT_{name.upper()}" for name in Settings.model_fields}
    spoken = {name for name in re.findall(r"ROKT_[A-Z_]+[A-Z]", PAGE) if "__" not in name}
    assert spoken - known == set()


def test_what_is_read_anew_opens_wires_and_no_more() -> None:
    """No address, host key, folder or account is among what changes behind an open workbench."""
    assert set(CREDENTIALS) < set(Settings.model_fields)
    kept = ("_host", "_url", "_port", "_host_key", "_folder", "_id")
    assert [name for name in CREDENTIALS if name.endswith(kept)] == ["app_id"]


def test_every_setting_stands_in_the_example() -> None:
    """Nobody has to read the code to find a setting."""
    example = Path(ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?ROKT_([A-Z_]+)=", example, flags=re.MULTILINE))
    assert {name.upper() for name in Settings.model_fields} - named == set()
