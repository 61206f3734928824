"""The choices in how people and audiences are written: the account manager has to confirm them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rokt_helpers import contract

__all__ = ["Identities", "Spelling"]

Identities = Literal["rokt", "mparticle"]


@dataclass(frozen=True)
class Spelling:
    """How a batch of the Event and Audience API is written.

    Attributes
    ----------
    environment
        ``production`` counts for campaigns; ``development`` marks a trial, and what Rokt does with
        one is not known.
    attribute
        The name of the boolean attribute that says who is on an audience, with ``{list}`` in it.
    event
        Whether a membership event is sent besides.
    identities
        ``rokt`` writes them as Rokt's connectors do, ``mparticle`` as mParticle's schema has them:
        ``contract.IDENTITY_SPELLINGS``.
    """

    environment: str = "production"
    attribute: str = "audience_{list}"
    event: bool = False
    identities: Identities = "rokt"

    def identity(self, name: str) -> str:
        """Return an identity as it is spelled, such as ``customerid`` or ``customer_id``."""
        return contract.IDENTITY_SPELLINGS.get(name, name) if self.identities != "rokt" else name
