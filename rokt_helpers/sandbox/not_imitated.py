"""What the sandbox leaves out, and what it had to decide where Rokt's pages are silent."""

from __future__ import annotations

from typing import Final

__all__ = ["NOT_IMITATED"]

NOT_IMITATED: Final[tuple[str, ...]] = (
    (
        "The custom audience API, the Event and Audience API, the older ones of both, and both "
        "SFTP servers are here. The reporting interfaces are not."
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
    (
        "MD5, compressed files and postal code lists, known from older pages, are not accepted by "
        "the older SFTP."
    ),
    (
        "That the newer SFTP leaves files alone whose names begin with a dot, and deletes what it "
        "has taken, is inferred from the older one. Its page says neither."
    ),
    (
        "The newer SFTP's page does not say what becomes of a file that breaks a rule. Here it is "
        "deleted and the reason shown, and an archive counts as a whole or not at all."
    ),
    (
        "A column that no document names is refused here with its file. A manifest, which gives "
        "columns other names or no header, is not read, and commerce events are not taken."
    ),
    (
        "The newer SFTP knows text only. Here a person's attribute that reads true or false is "
        "taken as such, and source_message_id as a column; both are inferred."
    ),
    (
        "In a file the click id stands in other2 alone: a column for its second place is not "
        "documented. Old events are taken from files, as no document speaks of their age there."
    ),
    (
        "RFC 4180 ends each line with CR LF. Here LF alone is taken from files of the newer SFTP "
        "too. The largest files are read into memory at once."
    ),
    (
        "The names, columns and people of the referral files are invented. Rokt agrees the "
        "real ones with each client."
    ),
    (
        "Referral files are not deleted while the sandbox runs. The page shows the days they "
        "have left."
    ),
    (
        "At Rokt each interface has a host of its own. Here all have one address, and the older "
        "Event API, whose /v2/events would clash with the newer one, stands below /legacy."
    ),
    (
        "What the Event and Audience API enforces is not published. Here what Rokt's connectors "
        "send is the rule: other keys, other event types, a click id in one place, or a digest "
        "that is not that of the address beside it are refused."
    ),
    "Kilobytes are counted as 1,000 bytes. At the platform they may be 1,024.",
    "Too long names and values are refused here. The platform cuts some of them off instead.",
    "The Charset header of Rokt's guide may be missing, as known connectors do without it.",
    (
        "Each batch is remembered by its source_request_id, for good. The platform's documents "
        "speak of requests, kept for 30 to 60 days."
    ),
    (
        "A bulk request of which every batch is bad is answered with 202 too. The documents say so "
        "only of some."
    ),
    "Two batches that name a person by different identities are two people here.",
    (
        "Development and production are kept apart, and a conversion that comes over two event "
        "interfaces, or over one and in a file, is two. Neither is documented."
    ),
    (
        "Limits by the day, by the month and on the growth of the rate, known as acceleration, are "
        "not kept. A scripted fault can answer 429 at any time."
    ),
    (
        "The older Event API's version 2 looks at no Idempotency-Key, and an event that came "
        "before is taken in silence. Neither is documented."
    ),
    (
        "Connections are not encrypted on the API's side, which is why it listens on this "
        "computer only."
    ),
)
