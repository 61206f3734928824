"""Invent what opens the wires of one sandbox: an account, keys, passwords, a drop folder."""

from __future__ import annotations

import secrets
import uuid
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.keys import Account, KeyPair

__all__ = ["ACCOUNT_ID", "FEED_USERNAME", "USERNAME", "Credentials"]

ACCOUNT_ID: Final = "123456789"  # the example on Rokt's own page
USERNAME: Final = "practice"
FEED_USERNAME: Final = "practice_feed"


class Credentials:
    """New ones for each sandbox, so that one's keys open no other.

    Attributes
    ----------
    account
        The account, its key pair and its key for the legacy address.
    events, app
        The key and secret of the Events API, and the App ID and Secret of the legacy one.
    feed_folder, feed_password
        The drop folder of the newer SFTP, the pod and a number of 19 digits, and what opens it.
    """

    def __init__(self) -> None:
        self.account = Account(ACCOUNT_ID, public_key="", secret_key="", api_key="")
        self.events, self.app = KeyPair("", ""), KeyPair("", "")
        self.rotate()
        number = 10**18 + secrets.randbelow(9 * 10**18)
        self.feed_folder = f"{contract.FEED_DROP_FOLDER}/us2-{number}"

    def rotate(self) -> None:
        """Change every key and password; what was good before opens nothing any more."""
        self.account.public_key = f"{contract.PUBLIC_KEY_PREFIX}{uuid.uuid4()}"
        self.account.secret_key = f"{contract.SECRET_KEY_PREFIX}{secrets.token_hex(16)}"
        self.account.api_key = secrets.token_hex(20)  # what Rokt's look like is not published
        self.events.key = f"us2-{secrets.token_hex(16)}"
        self.events.secret = secrets.token_urlsafe(48)
        self.app.key, self.app.secret = str(uuid.uuid4()), secrets.token_urlsafe(32)
        self.feed_password = secrets.token_urlsafe(24)

    def environment(self) -> dict[str, str]:
        """Return the variables that hand them to a workbench; where to find what is not in it."""
        return {
            "ROKT_PROFILE": "sandbox",
            "ROKT_ACCOUNT_ID": self.account.account_id,
            "ROKT_PUBLIC_KEY": self.account.public_key,
            "ROKT_SECRET_KEY": self.account.secret_key,
            "ROKT_API_KEY": self.account.api_key,
            "ROKT_EVENTS_KEY": self.events.key,
            "ROKT_EVENTS_SECRET": self.events.secret,
            "ROKT_APP_ID": self.app.key,
            "ROKT_APP_SECRET": self.app.secret,
            "ROKT_SFTP_USERNAME": USERNAME,
            "ROKT_FEED_USERNAME": FEED_USERNAME,
            "ROKT_FEED_PASSWORD": self.feed_password,
            "ROKT_FEED_FOLDER": self.feed_folder,
        }
