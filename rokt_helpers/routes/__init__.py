"""The routes on which referrals arrive, beside Rokt's own SFTP: each lists files and fetches one.

None of them changes anything where the files lie.
"""

from rokt_helpers.routes.sources import Route, Routes

__all__ = ["Route", "Routes"]
