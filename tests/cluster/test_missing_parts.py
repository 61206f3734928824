from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rokt_helpers.extras import how_to_install
from tests.house.project import ROOT

SAY = "except Exception as error: print(type(error).__name__, error)"


def run_python(program: str, **environment: str) -> str:
    """Run a program in a Python of its own and return what it prints."""
    words = [sys.executable, "-c", program]
    surroundings = {**os.environ, **environment}
    done = subprocess.run(
        words, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_workbench_does_without_spark() -> None:
    """Nothing but this room loads PySpark."""
    program = (
        "import sys, rokt_helpers.cli, rokt_helpers.workbench; print('pyspark' in sys.modules)"
    )
    assert run_python(program) == "False\n"


def test_without_pyspark_the_message_says_what_to_install() -> None:
    """PySpark is an extra: where it is missing the person reads which one."""
    program = f"""
import sys
sys.modules["pyspark"] = None
try:
    import rokt_helpers.cluster
{SAY}
"""
    said = run_python(program)
    assert said.startswith("SettingsError")
    assert how_to_install("spark") in said


def test_without_java_the_message_says_what_to_install(tmp_path: Path) -> None:
    """Spark without a Java does not start, and the person reads what is missing."""
    for tool in ("bash", "dirname", "env", "ps"):
        found = next(
            Path(place, tool) for place in ("/usr/bin", "/bin") if Path(place, tool).exists()
        )
        (tmp_path / tool).symlink_to(found)
    program = f"""
from rokt_helpers.cluster import prepare_on_cluster
try:
    prepare_on_cluster("list.parquet", output_path="out")
{SAY}
"""
    said = run_python(program, PATH=str(tmp_path), JAVA_HOME="")
    assert said.startswith("SettingsError Spark did not start")
    assert "default-jre-headless" in said
