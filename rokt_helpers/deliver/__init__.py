"""From a sealed plan to a receipt."""

from rokt_helpers.deliver.delivery import Patience, deliver
from rokt_helpers.deliver.receipt import Receipt, read_receipt

__all__ = ["Patience", "Receipt", "deliver", "read_receipt"]
