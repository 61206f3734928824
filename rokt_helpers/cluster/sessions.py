"""Start Spark, or find the session that runs; and read a list with it as an analyst has it.

The law kept here: Spark is where the person said it is. A session that runs elsewhere is not taken
for it in silence.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from pyspark.sql import DataFrame, SparkSession

from rokt_helpers.cluster.spark import in_plain_words
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.tables import open_table

__all__ = ["LOCAL", "is_local", "read_list", "spark_session", "surroundings"]

LOCAL: Final = "local[2]"
# For Spark on this computer only: elsewhere these are the cluster's own business.
_LOCAL_SETTINGS: Final[dict[str, bool | float | int | str | None]] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.log.level": "OFF",  # its log may show a row
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_ENCODINGS: Final = {"latin-1": "ISO-8859-1", "windows-1252": "windows-1252"}


def is_local(url: str) -> bool:
    """Tell whether Spark runs inside this computer: nothing was named, or ``local[…]``."""
    return not url or url.startswith("local")


def surroundings(url: str) -> tuple[str, ...]:
    """Say in sentences what Spark will run with; nothing is started.

    Raises
    ------
    SettingsError
        When there is no Java for Spark on this computer.
    """
    if url.startswith("sc://"):
        return ("Spark Connect: the rows stay where the cluster is.", _workers_need_it())
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        raise SettingsError(
            "Spark needs Java 17 or newer, and none was found. Install it (on Debian and Ubuntu: "
            "apt-get install default-jre-headless), or set JAVA_HOME to where it is."
        )
    if is_local(url):
        return (f"Spark runs inside this computer: {url or LOCAL}. Java was found.",)
    return (f"Spark runs at {url.partition('://')[0]}. Java was found.", _workers_need_it())


def _workers_need_it() -> str:
    return "Its workers need a Python with the workbench in it: docs/scale.md says how."


def spark_session(url: str = "") -> SparkSession:
    """Return a session at a place, the running one where it is there already.

    Parameters
    ----------
    url
        ``sc://host:port`` for Spark Connect, or a master such as ``spark://host:7077``, ``yarn`` or
        ``local[4]``; empty takes the session that runs, or starts two workers on this computer.

    Raises
    ------
    SettingsError
        When Spark does not start, or a session runs somewhere else.
    """
    # Else local workers start whichever Python comes first on the PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with in_plain_words():
        if url.startswith("sc://"):
            return _connected(url)
        running = SparkSession.getActiveSession()
        if running is not None and (not url or running.sparkContext.master == url):
            return running
        if running is not None:
            raise SettingsError(
                f"A Spark session runs already, at {running.sparkContext.master}. Leave spark_url "
                "empty to use it, or restart the kernel to start another."
            )
        builder = SparkSession.builder.appName("Rokt Workbench").master(url or LOCAL)
        return builder.config(map=_LOCAL_SETTINGS if is_local(url) else {}).getOrCreate()


def _connected(url: str) -> SparkSession:
    try:
        # Asked before PySpark asks: it may end the whole process, and with success, without it.
        import_module("grpc")
        session: SparkSession = SparkSession.builder.remote(url).getOrCreate()
    except ImportError:
        raise SettingsError(
            "Spark Connect needs a few packages more: pip install 'pyspark[connect]'."
        ) from None
    except RuntimeError:
        # PySpark says so itself, and names the address, which may hold a token.
        raise SettingsError(
            "A Spark session of another kind runs already. Restart the kernel to use Spark Connect."
        ) from None
    return session


def read_list(session: SparkSession, source: str | Path) -> str | Path | DataFrame:
    """Return what ``prepare_on_cluster`` takes: a text list of this computer is read by Spark.

    How it is cut into rows is found as everywhere in the workbench, and told to Spark. Spark leaves
    out blank lines, so ``rows_in`` may be smaller than a spreadsheet shows.

    Raises
    ------
    InputError
        When Spark cannot read it as it is.
    """
    if not isinstance(source, Path) or source.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        return source
    facts = open_table(source).facts
    if (facts.encoding or "").startswith(("utf-16", "utf-32")):
        raise InputError(f"{source.name} is in {facts.encoding}. Save it as CSV UTF-8 for Spark.")
    with in_plain_words():
        return session.read.csv(
            f"file://{source.absolute()}",
            sep=_DELIMITERS.get(facts.delimiter or "", "\x02"),
            header=facts.header,
            encoding=_ENCODINGS.get(facts.encoding or "", "UTF-8"),
            quote='"',
            escape='"',
            multiLine=True,
        )
