"""Prepare a list on Spark, for those whose lists have outgrown one machine.

PySpark is an extra: nothing else in the workbench imports this room.
"""

from __future__ import annotations

from rokt_helpers.errors import SettingsError
from rokt_helpers.extras import how_to_install

try:
    from rokt_helpers.cluster.audience import ClusterAudience
    from rokt_helpers.cluster.preparing import prepare_on_cluster
except ModuleNotFoundError as error:
    if error.name not in {"pyspark", "py4j"}:
        raise  # a worker that lacks more than that is told apart by its own name for it
    raise SettingsError(
        "Preparing a list on a cluster needs PySpark, which is not installed. Install it beside "
        f"the workbench: {how_to_install('spark')}."
    ) from None

__all__ = ["ClusterAudience", "prepare_on_cluster"]
