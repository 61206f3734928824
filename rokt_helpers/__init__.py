"""The Rokt Workbench: prepare, deliver, collect, analyse.

The public words, each loaded when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rokt_helpers.audience import PreparedAudience, prepare_audience
    from rokt_helpers.conversions import PreparedConversions, prepare_conversions
    from rokt_helpers.deliver import Receipt
    from rokt_helpers.identifiers import hash_email, normalise_email
    from rokt_helpers.plan import DeliveryPlan
    from rokt_helpers.sandbox import Sandbox
    from rokt_helpers.workbench import Workbench, open_workbench

__all__ = [
    "DeliveryPlan",
    "PreparedAudience",
    "PreparedConversions",
    "Receipt",
    "Sandbox",
    "Workbench",
    "hash_email",
    "normalise_email",
    "open_workbench",
    "prepare_audience",
    "prepare_conversions",
]

_ROOMS = {
    "DeliveryPlan": "plan",
    "PreparedAudience": "audience",
    "PreparedConversions": "conversions",
    "Receipt": "deliver",
    "Sandbox": "sandbox",
    "Workbench": "workbench",
    "hash_email": "identifiers",
    "load_ipython_extension": "magic",
    "normalise_email": "identifiers",
    "open_workbench": "workbench",
    "prepare_audience": "audience",
    "prepare_conversions": "conversions",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("rokt-workbench")
    if name not in _ROOMS:
        raise AttributeError(f"module 'rokt_helpers' has no attribute {name!r}")
    return getattr(import_module(f"rokt_helpers.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
