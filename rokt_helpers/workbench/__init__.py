"""The composition root: settings to wires, ledger, vault; where it leads is chosen here.

Everything below works on whatever it is handed and does not know which of them it is.
"""

from rokt_helpers.forgetting import Forgotten
from rokt_helpers.workbench.opening import open_workbench
from rokt_helpers.workbench.workbench import Workbench

__all__ = ["Forgotten", "Workbench", "open_workbench"]
