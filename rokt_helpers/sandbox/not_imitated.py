"""What the sandbox leaves out, and what it had to decide where Rokt's pages are silent."""

from __future__ import annotations

from typing import Final

__all__ = ["NOT_IMITATED"]

NOT_IMITATED: Final[tuple[str, ...]] = (
    (
        "Only the custom audience API, its legacy address too, and the SFTP server are here. "
        "The Event and Audience API and the reporting interfaces are not."
    ),
    (
        "The legacy address takes as many identifiers as an older page says, and no accountId, as "
        "in the examples. Rokt's page says its limits and body are those of the newer one."
    ),
    "Rokt recommends its limits and may let larger requests through. Here they are enforced.",
    "Rokt does not publish the words of its answers beyond the status. The reasons here are ours.",
    "Rokt does not say what happens above the limits. Here it is 429 with a Retry-After header.",
    "An empty array is refused here. At least one known connector sends one, so Rokt may not mind.",
    "Keys that are not documented, and an accountId that is not text, are refused here.",
    "Rokt offers no way to read a list back. The inspection addresses exist only here.",
    "A change shows at once. At Rokt a list may take hours or a day to reach the campaigns.",
    "Nobody is matched: no match rates, no minimum list size, no offers.",
    "How soon Rokt picks up a file is not published. Here it takes a moment.",
    (
        "What Rokt does with a rejected file is not documented. Here it is deleted, and the "
        "reason is shown."
    ),
    "Blank lines inside a file and quoted cells are rejected here. Rokt's page mentions neither.",
    "MD5, compressed files and postal code lists, known from older pages, are not accepted.",
    (
        "The names, columns and people of the referral files are invented. Rokt agrees the "
        "real ones with each client."
    ),
    (
        "Referral files are not deleted while the sandbox runs. The page shows the days they "
        "have left."
    ),
    (
        "Connections are not encrypted on the API's side, which is why it listens on this "
        "computer only."
    ),
)
