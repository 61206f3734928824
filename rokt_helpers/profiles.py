"""The three places a workbench may lead to, and what may be asked of each.

``sandbox`` is Rokt in a box on this computer. ``staging`` is a test account at Rokt, or a host to
rehearse on: real wires, whose addresses somebody has to name. ``live`` is the account itself, and
the only one that knows Rokt's own addresses.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["PROFILES", "Profile", "is_rokt_itself", "leaves_this_computer", "place_in_words"]

Profile = Literal["sandbox", "staging", "live"]

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)


def leaves_this_computer(profile: str) -> bool:
    """Tell whether what is sent in a profile goes to another machine, so that a person confirms."""
    return profile != "sandbox"


def is_rokt_itself(profile: str) -> bool:
    """Tell whether a profile leads to the account that people are shown offers by."""
    return profile == "live"


def place_in_words(profile: str, account: str) -> str:
    """Return the sentence of a banner: where a screen sends to."""
    if not leaves_this_computer(profile):
        return "Sandbox: nothing leaves this computer"
    if is_rokt_itself(profile):
        return f"Live: account {account}, what you send reaches real people"
    return f"Staging: test account {account}, it leaves this computer"
