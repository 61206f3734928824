"""A process that collects a folder into a vault, to be killed at any moment.

``python -m tests.referrals.adding FOLDER VAULT``
"""

from __future__ import annotations

import sys
from pathlib import Path

from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from tests.referrals.downloads import NOW, Downloads

if __name__ == "__main__":
    for route in ("sftp", "email"):
        folder = Path(sys.argv[1]) / route
        collect(Downloads(folder), Vault(Path(sys.argv[2])), now=lambda: NOW, route=route)
