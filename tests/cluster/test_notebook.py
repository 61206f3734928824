"""The page for Spark, with a real kernel and a real Spark; and the job behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import polars as pl
import pytest
from pyspark.sql import SparkSession

from rokt_helpers import hash_email, prepare_audience
from rokt_helpers.charts import Picture
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.extras import how_to_install
from rokt_helpers.jobs import ClusterJob, Notice
from rokt_helpers.jobs.notice import Sentences
from rokt_helpers.runner import NotebookRun, read_parameters, run_notebook
from rokt_helpers.sandbox import write_customers
from tests.cluster.conftest import SUMS, read
from tests.house.project import ROOT

PEOPLE = ["Ann@Example.com", "ann@example.com ", "bob@example.com", "canary", None]

# What PySpark says whenever a job makes a frame with a function of its own.
pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas:FutureWarning"
)


def run_page(home: Path, **parameters: object) -> NotebookRun:
    page = ROOT / "notebooks" / "18_spark.ipynb"
    return run_notebook(page, parameters=parameters, runs=home / "runs")


def test_the_page_prepares_a_list_on_spark(home: Path) -> None:
    """With its params file Spark starts with two workers and comes to the sums of one machine."""
    (Path.cwd() / "inbox").mkdir()
    source = Path.cwd() / "inbox" / "sample_customers.csv"
    write_customers(source, rows=300)
    done = run_page(home, **read_parameters(ROOT / "params" / "18_spark.yml"))
    local = prepare_audience(source)
    assert done.result["summary"]["accepted"] == len(local)
    assert done.result["summary"]["rejected_by_reason"]
    assert done.result["sentence"].endswith("rejected.")
    folder = done.result["out"]
    assert Path(folder).is_relative_to(home / "sandbox" / "prepared")
    assert sorted(prepare_audience(folder).identifiers.to_list()) == sorted(
        local.identifiers.to_list()
    )
    shown = nbformat.read(done.executed, as_version=4)  # type: ignore[no-untyped-call]
    html = "".join(
        output.get("data", {}).get("text/html", "")
        for cell in shown.cells
        for output in cell.get("outputs", [])
    )
    assert "<svg" in html
    assert "workbench.plan(prepared" in html
    assert "widgets" not in shown.metadata


def job_for(folder: Path, **choices: str) -> ClusterJob:
    source = folder / "list.parquet"
    pl.DataFrame({"email": PEOPLE}).write_parquet(source)
    return ClusterJob(source=str(source), **choices)  # type: ignore[arg-type]


def test_a_view_asked_too_early_says_what_to_do_first() -> None:
    """Before anything has run each view is a sentence, and nothing is started."""
    job = ClusterJob()
    views = (job.sums_chart, job.reasons_chart, job.next_step)
    assert all(isinstance(view(), Notice) for view in views)
    assert "run to True" in job.result()["sentence"]
    place = job.place()
    assert isinstance(place, Sentences)
    assert "local[2]" in repr(place)
    for url in ("sc://host:15002/;token=canary", "spark://host:7077", "yarn"):
        said = repr(ClusterJob(spark_url=url).place())
        assert "docs/scale.md" in said
        assert "canary" not in said


@pytest.mark.usefixtures("spark")
def test_a_job_writes_beside_what_is_there(tmp_path: Path, home: Path) -> None:
    """A second run of the same list goes to a folder of its own; the views show the result."""
    job = job_for(tmp_path)
    folders = [Path(job.run().path).parent, Path(job.run().path).parent]
    assert [folder.name for folder in folders] == [
        "list-sha256-spark", "list-sha256-spark-2",
    ]  # fmt: skip
    assert folders[0].parent == home / "sandbox" / "prepared"
    assert folders[0].parent.stat().st_mode & 0o777 == 0o700
    local = prepare_audience(pl.Series("email", PEOPLE))
    assert job.audience is not None
    assert [job.audience.summary[key] for key in SUMS] == [local.summary[key] for key in SUMS]
    assert isinstance(job.sums_chart(), Picture)
    assert isinstance(job.reasons_chart(), Picture)
    assert f"prepare_audience({str(job.audience.path)!r})" in repr(job.next_step())
    assert "canary" not in f"{job.result()}{job.next_step()!r}"


def test_a_text_list_is_cut_as_it_was_found(spark: SparkSession, tmp_path: Path) -> None:
    """Delimiter, header and encoding of a CSV are told to Spark; quoted line ends are kept."""
    assert spark.getActiveSession() is not None
    source = tmp_path / "list.csv"
    text = 'name;mail\n"Ann ""A""\nMay";josé@example.com\nBob;BOB@example.com\n'
    for number, encoding in enumerate(("utf-8-sig", "latin-1")):
        source.write_bytes(text.encode(encoding))
        audience = ClusterJob(source=str(source), out=str(tmp_path / f"out {number}")).run()
        wanted = sorted(str(hash_email(who)) for who in ("josé@example.com", "bob@example.com"))
        assert read(audience.path).to_series().sort().to_list() == wanted
        assert audience.summary["rows_in"] == 2
    source.write_bytes(text.encode("utf-16"))
    with pytest.raises(InputError, match="Save it as CSV UTF-8"):
        ClusterJob(source=str(source), out=str(tmp_path / "out")).run()


@pytest.mark.usefixtures("spark")
def test_a_session_that_runs_elsewhere_is_not_taken(tmp_path: Path) -> None:
    """Who names another place than the session that runs is told, and nothing is written."""
    out = tmp_path / "out"
    with pytest.raises(SettingsError, match=r"runs already, at local\[2,2\]"):
        job_for(tmp_path, spark_url="local[1]", out=str(out)).run()
    assert not out.exists()
    assert len(job_for(tmp_path, spark_url="local[2,2]", out=str(out)).run()) == 2


@pytest.mark.usefixtures("spark")
def test_on_a_cluster_the_folder_is_named_by_the_person(tmp_path: Path) -> None:
    """The state folder of this computer is no place that the workers of a cluster reach."""
    with pytest.raises(InputError, match="Name a new folder with out="):
        job_for(tmp_path, spark_url="spark://host:7077").run()


def test_without_pyspark_the_page_says_what_to_install() -> None:
    """The views answer where the extra is missing; only a run is an error."""
    program = """
import sys
sys.modules["pyspark"] = None
from rokt_helpers.jobs import ClusterJob
job = ClusterJob()
print(job.place())
try:
    job.run()
except Exception as error:
    print(type(error).__name__)
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert how_to_install("spark") in done.stdout
    assert done.stdout.endswith("SettingsError\n")


def test_without_java_the_page_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The place Spark would run at is looked for before anything is started."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    said = ClusterJob().place()
    assert isinstance(said, Notice)
    assert "default-jre-headless" in repr(said)


def test_spark_connect_without_its_packages_says_what_to_install() -> None:
    """Spark Connect needs a few packages more, and no message repeats the address or its token."""
    program = """
import sys
sys.modules["grpc"] = None
from rokt_helpers.jobs import ClusterJob
try:
    ClusterJob(source="x.parquet", out="/y", spark_url="sc://host/;token=canary").run()
except Exception as error:
    print(type(error).__name__, error)
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("SettingsError Spark Connect needs"), done.stderr
    assert "pyspark[connect]" in done.stdout
    assert "canary" not in done.stdout
