from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

from rokt_helpers.cli.app import VERBS
from rokt_helpers.starter import starter_files
from tests.house.project import PACKAGE, ROOT
from tests.packaging.conftest import LEFT_BEHIND, build
from tests.packaging.environments import New, pythons

LIST = "email\nAda@example.com\nada@example.com \nn/a\ngrace@example.org\n"
DELIVER = """
import pandas as pd
from rokt_helpers import open_workbench, prepare_audience
audience = prepare_audience(pd.DataFrame({"email": ["ada@example.com", "grace@example.org"]}))
with open_workbench() as workbench:
    plan = workbench.plan(audience, list="US_Customers", action="include")
    print(workbench.profile, workbench.deliver(plan).describe())
"""


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {*archive.namelist()}


def names_of_sdist(built: Path) -> set[str]:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Code, templates, schemas, styles and migrations of the checkout are all in it."""
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(name).suffix for name in ours} >= {".py", ".css", ".j2", ".json", ".typed"}
    assert ours - names(wheel) == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    """Beside the package there are the files of `rokt notebooks`, and what describes the wheel."""
    starter = {f"rokt_helpers/starter/files/{name}" for name in starter_files()}
    others = {name for name in names(wheel) if not (ROOT / name).is_file()}
    assert starter <= others
    assert {name.split("/")[0] for name in others - starter} == {"rokt_workbench-0.1.0.dist-info"}


def test_what_a_person_left_in_the_folder_does_not_travel(built: Path, wheel: Path) -> None:
    """Settings, keys, lists, runs and environments are in neither form."""
    travelled = names_of_sdist(built) | names(wheel)
    assert [one for one in travelled if one.endswith(tuple(f"/{n}" for n in LEFT_BEHIND))] == []
    assert travelled.isdisjoint(LEFT_BEHIND)


def test_the_sdist_builds_the_same_wheel(built: Path, wheel: Path, tmp_path: Path) -> None:
    """Whoever starts from the source archive gets the same files, tests and docs beside them."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build(source, tmp_path / "again", "-t", "wheel")
    (again,) = (tmp_path / "again").glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()
    assert (source / "tests" / "conftest.py").exists()
    assert (source / "docs" / "architecture.md").exists()


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Its metadata has the licence, the README and each version of Python that was tried."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_it_is_installed_outside_the_project(installed: New) -> None:
    """What is imported lies in the new environment and not in this folder."""
    where = installed.says("import rokt_helpers; print(rokt_helpers.__file__)").strip()
    assert Path(where).is_relative_to(installed.python.parents[1])
    assert not Path(where).is_relative_to(ROOT)


def test_the_command_line_answers(installed: New) -> None:
    """`rokt --help` names every verb."""
    done = installed.call(installed.rokt, "--help")
    assert done.returncode == 0
    assert [verb for verb in VERBS if f"  {verb} " not in done.stdout] == []


def test_a_list_is_prepared_on_every_python_that_is_here(
    installed: New, wheel: Path, tmp_path: Path
) -> None:
    """The wheel is installed on each version found on this computer, and does its work there."""
    here = {*pythons()} - {"{}.{}".format(*installed_version(installed))}
    environments = [installed]
    for version in sorted(here):
        environments.append(New(tmp_path / version, pythons()[version]))
        environments[-1].install(str(wheel))
    for new in environments:
        source, out = new.desk / "list.csv", new.desk / "out.csv"
        source.write_text(LIST, encoding="utf-8")
        done = new.call(new.rokt, "prepare", source, "--out", out, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["accepted"] == 2
        assert len(out.read_text().split()) == 2


def installed_version(new: New) -> tuple[str, str]:
    major, minor = new.says("import sys; print(*sys.version_info[:2])").split()
    return major, minor


def test_a_workbench_opens_on_the_sandbox_it_brings(installed: New) -> None:
    """Without any setting a list is delivered to the sandbox that is in the wheel."""
    said = installed.says(DELIVER)
    assert said == ("sandbox 2 of 2 added to list 'US_Customers': every batch was confirmed.\n")


def test_the_notebooks_run_where_they_were_copied(installed: New) -> None:
    """Whoever has the wheel only gets a folder, and its page runs as its parameters stand there."""
    folder = installed.desk / "mine"
    done = installed.call(installed.rokt, "notebooks", folder, "--json")
    assert {*json.loads(done.stdout)["written"]} == {*starter_files()}
    page, values = "notebooks/10_prepare_audience.ipynb", "params/10_prepare_audience.yml"
    ran = installed.call(installed.rokt, "run", page, "-f", values, "--json", cwd=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    source = (folder / "inbox" / "sample_customers.csv").read_text(encoding="utf-8-sig")
    summary = json.loads(ran.stdout)["result"]["summary"]
    assert summary["rows_in"] == len(source.splitlines()) - 1
    assert summary["accepted"] > 0


def test_jupyterlab_that_was_there_is_found(installed: New) -> None:
    """In the copied folder `rokt lab` starts the JupyterLab that the environment had."""
    folder = installed.desk / "lab"
    installed.call(installed.rokt, "notebooks", folder)
    done = installed.call(installed.rokt, "lab", "--version", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.strip()
        == installed.says(
            "from importlib.metadata import version; print(version('jupyterlab'))"
        ).strip()
    )


def test_a_folder_is_filled_again_without_touching_what_is_ones_own(
    installed: New, tmp_path: Path
) -> None:
    """A second call writes what is missing, and names what differs instead of writing over it."""
    folder = tmp_path / "mine"
    installed.call(installed.rokt, "notebooks", folder)
    own, missing = folder / "params" / "schedule.yml", folder / "params" / "00_start_here.yml"
    own.write_text("# mine\n", encoding="utf-8")
    missing.unlink()
    practice = folder / "inbox" / "sample_customers.csv"
    practice.unlink()
    said = json.loads(installed.call(installed.rokt, "notebooks", folder, "--json").stdout)
    assert not practice.exists()
    assert said["written"] == ["params/00_start_here.yml"]
    assert said["kept"] == ["params/schedule.yml"]
    assert own.read_text(encoding="utf-8") == "# mine\n"
    shutil.rmtree(folder)
