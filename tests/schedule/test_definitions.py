from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from rokt_helpers.errors import InputError
from rokt_helpers.schedule import Entry
from rokt_helpers.schedule.definitions import FORMS, Place, definition
from rokt_helpers.settings import load_settings
from tests.command_line import caller, one_object
from tests.runner.conftest import MakeNotebook, make

__all__ = ["make"]

PROFILE = ["--profile", "live"]
CRON_LINE = re.compile(r"(\*/\d+|\d+) (\*|\d+) \* \* (\*|[0-6](?:,[0-6])*) (.+)")


def place(folder: Path) -> Place:
    return Place(
        folder, folder / "bin" / "rokt", Path("params/schedule.yml"), "live", Path("/runs")
    )


def test_a_definition_names_the_account(tmp_path: Path) -> None:
    """What a scheduler starts works on the account that the definition was written for."""
    words = replace(place(tmp_path), account="brand_b").words
    assert words[-4:] == ["--profile", "live", "--account", "brand_b"]
    assert "--account" not in place(tmp_path).words


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    """Give a folder whose name means something to cron, systemd and the shell, with a `rokt`."""
    folder = tmp_path / "it's 100% $HOME"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "rokt"
    program.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    return folder


def entries(notebook: Path, params: Path | None = None) -> list[Entry]:
    daily = Entry("daily", notebook, params, at=time(6), time_zone="Europe/Berlin")
    return [
        daily,
        replace(daily, name="weekdays", days=frozenset({0, 4, 6}), params=None),
        replace(daily, name="hourly", hourly=True, at=time(0, 15), params=None),
        replace(daily, name="off", enabled=False),
    ]


def as_cron_runs_it(line: str) -> str:
    """Return what cron hands to the shell: all up to the first % without a backslash."""
    found = CRON_LINE.fullmatch(line)
    assert found is not None, line
    return re.split(r"(?<!\\)%", found[4])[0].replace(r"\%", "%")


def test_the_crontab_calls_the_program_in_its_folder(awkward: Path) -> None:
    """The line is cron's grammar, and what the shell makes of it is the call that was meant."""
    comment, line = definition("crontab", [], place(awkward)).splitlines()
    assert comment.startswith("# ")
    ran = subprocess.run(
        ["/bin/sh", "-c", as_cron_runs_it(line)], capture_output=True, text=True, check=True
    )
    said = ["run", "--due", "--schedule", "params/schedule.yml", *PROFILE]
    assert ran.stdout.splitlines() == [str(awkward), *said]


def units(text: str, folder: Path) -> list[str]:
    """Write the units into files, as their comments say, and return their paths."""
    parts = re.split(r"^# --- (\S+)\n", text, flags=re.MULTILINE)[1:]
    for name, unit in zip(parts[::2], parts[1::2], strict=True):
        (folder / name).write_text(unit)
    return [str(folder / name) for name in parts[::2]]


@pytest.mark.parametrize("name", ["it's 100% $HOME", "my project"])
def test_systemd_has_nothing_to_say_to_its_units(name: str, awkward: Path, tmp_path: Path) -> None:
    """Its own verifier finds both units right, with the program where they say."""
    folder = awkward.rename(tmp_path / name)
    text = definition("systemd", [], place(folder))
    paths = units(text, tmp_path)
    assert [Path(path).name for path in paths] == ["rokt-due.service", "rokt-due.timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, [x for x in done.stderr.splitlines() if "rokt" in x]) == (0, [])
    assert "KillMode=mixed\n" in text
    broken = text.replace("Type=oneshot", "Type=nonsense")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units(broken, tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "rokt" in line]


def test_the_workflow_is_yaml_that_holds_no_secret(tmp_path: Path) -> None:
    """One job at a time on a runner that keeps its state; secrets by name only."""
    workflow = yaml.safe_load(definition("github", [], place(tmp_path)))
    assert workflow["on"]["schedule"] == [{"cron": "*/15 * * * *"}]
    assert workflow["concurrency"] == {"group": "rokt-due", "cancel-in-progress": False}
    job = workflow["jobs"]["due"]
    assert job["runs-on"] == "self-hosted"
    assert all(
        re.fullmatch(r"\$\{\{ (vars|secrets)\.ROKT_\w+ \}\}", v) for v in job["env"].values()
    )
    last = job["steps"][-1]["run"]
    assert last == ".venv/bin/rokt run --due --schedule params/schedule.yml --profile live"


@pytest.mark.parametrize("account", ["", "brand-b"])
def test_the_workflow_s_variables_are_those_the_product_takes(
    account: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With exactly these in the environment, its last step runs on that account."""
    where = replace(place(tmp_path), account=account)
    job = yaml.safe_load(definition("github", [], where))["jobs"]["due"]
    for name, value in job["env"].items():
        assert re.sub(r"\W", " ", value).split()[1] == name
        monkeypatch.setenv(name, str(tmp_path) if name == "ROKT_HOME" else f"of {name}")
    monkeypatch.setenv("ROKT_ACCOUNT", "")  # --account sets it for the whole process
    Path("params").mkdir()
    Path("params/schedule.yml").write_text("entries:\n")
    assert caller(capsys)(*shlex.split(job["steps"][-1]["run"])[1:]) == (0, "", "")
    settings = load_settings("live")
    prefix = "ROKT_BRAND_B__" if account else "ROKT_"
    assert settings.account_id == f"of {prefix}ACCOUNT_ID"
    assert settings.secret_key.get_secret_value() == f"of {prefix}SECRET_KEY"


def calls(text: str) -> list[dict[str, Any]]:
    """Return what each call in a module is given by name, as far as it is written out."""
    given = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            named = {k.arg or "": k.value for k in node.keywords}
            plain = {k: v for k, v in named.items() if not isinstance(v, ast.Call)}
            given.append({name: ast.literal_eval(value) for name, value in plain.items()})
    return given


def test_each_entry_is_a_dag(make: MakeNotebook, tmp_path: Path) -> None:
    """The module compiles; each entry that is on has its time, its zone and its parameters."""
    params = tmp_path / "p.yml"
    params.write_text('rows: 7\nlist: "it\'s"\n')
    text = definition("airflow", entries(make(), params), place(tmp_path))
    compile(text, "dags.py", "exec")
    found = calls(text)
    assert [(c["dag_id"], c["schedule"], c["catchup"]) for c in found if "dag_id" in c] == [
        ("rokt-daily", "0 6 * * *", False),
        ("rokt-weekdays", "0 6 * * 0,1,5", False),
        ("rokt-hourly", "15 * * * *", False),
    ]
    assert [c["tz"] for c in found if "tz" in c] == ["Europe/Berlin"] * 3
    runs = [c for c in found if "input_nb" in c]
    assert [c["parameters"] for c in runs] == [{"rows": 7, "list": "it's"}, {}, {}]
    assert {c["kernel_name"] for c in runs} == {"python3"}
    assert {c["input_nb"] for c in runs} == {str(tmp_path / "lesson.ipynb")}
    names = [c["output_nb"].removeprefix("/runs/airflow/") for c in runs]
    assert names[0] == "daily-{{ ts_nodash }}.ipynb"
    assert len({*names}) == 3
    assert "ROKT_ACCOUNT=" not in text
    named = definition("airflow", entries(make()), replace(place(tmp_path), account="brand_b"))
    assert "ROKT_ACCOUNT=brand_b as well; its key is then ROKT_BRAND_B__SECRET_KEY." in named
    compile(named, "dags.py", "exec")


def test_each_entry_is_a_job_of_jupyter_scheduler(make: MakeNotebook, tmp_path: Path) -> None:
    """A body for its job definitions each; values are code there, so text is in quotes."""
    params = tmp_path / "p.yml"
    params.write_text('rows: 7\nsend: true\nlist: "it\'s"\n')
    jobs = json.loads(definition("jupyter-scheduler", entries(make(), params), place(tmp_path)))
    assert [(j["name"], j["schedule"], j["timezone"]) for j in jobs] == [
        ("daily", "0 6 * * *", "Europe/Berlin"),
        ("weekdays", "0 6 * * 0,1,5", "Europe/Berlin"),
        ("hourly", "15 * * * *", "Europe/Berlin"),
    ]
    values = {name: ast.literal_eval(code) for name, code in jobs[0]["parameters"].items()}
    assert values == {"rows": 7, "send": True, "list": "it's"}


@pytest.mark.parametrize("form", ["airflow", "jupyter-scheduler"])
def test_parameters_are_checked_before_they_are_written(
    form: str, make: MakeNotebook, tmp_path: Path
) -> None:
    """What would fail at six in the morning fails now, and what is off is not written."""
    params = tmp_path / "p.yml"
    params.write_text("rows: many\n")
    with pytest.raises(InputError, match="rows should be a whole number"):
        definition(form, entries(make(), params), place(tmp_path))
    with pytest.raises(InputError, match="switched off"):
        definition(form, [replace(entries(make())[0], enabled=False)], place(tmp_path))


@pytest.mark.parametrize("form", FORMS)
def test_a_path_that_would_break_out_is_refused(form: str, tmp_path: Path) -> None:
    """A line break in a path would be a line of its own in a definition."""
    with pytest.raises(InputError, match="Rename the folder"):
        definition(form, [], place(tmp_path / "a\nb"))


@pytest.mark.parametrize("form", ["crontab", "systemd", "github"])
def test_the_command_line_prints_it(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The text and nothing else; with --json one object."""
    Path("params").mkdir()
    Path("params/schedule.yml").write_text("entries:\n")
    rokt = caller(capsys)
    code, said, complaint = rokt("schedule", "--write", form)
    assert (code, complaint) == (0, "")
    assert f"run --due --schedule {Path('params/schedule.yml')} --profile sandbox\n" in said
    told = one_object(rokt("schedule", "--write", form, "--json")[1])
    assert (told["form"], told["text"]) == (form, said)


@pytest.mark.parametrize("form", ["crontab", "systemd", "github"])
def test_what_cannot_run_is_said_beside_it(
    form: str, make: MakeNotebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """What calls the schedule is written whatever is in it; what would fail is said now."""
    Path("params").mkdir()
    given = [
        {"name": "well", "at": "06:00", "notebook": str(make())},
        {"name": "lost", "at": "06:00", "notebook": "lost.ipynb"},
        {"name": "blank", "at": "06:00", "notebook": str(make()), "params": "lost.yml"},
        {"name": "off", "at": "06:00", "notebook": "lost.ipynb", "enabled": False},
    ]
    Path("params/schedule.yml").write_text(yaml.safe_dump({"entries": given}))
    faults = [
        "lost cannot run: There is no notebook lost.ipynb. Look in notebooks/.",
        "blank cannot run: lost.yml cannot be read: No such file or directory.",
    ]
    rokt = caller(capsys)
    code, said, complaint = rokt("schedule", "--write", form)
    assert (code, said.count("cannot run")) == (0, 0)
    assert complaint.splitlines() == [f"rokt: {fault}" for fault in faults]
    lines = rokt("schedule")[1].splitlines()
    assert lines[-2:] == faults
    assert [line.split()[0] for line in lines if line.endswith("see below")] == ["lost", "blank"]
    rows = one_object(rokt("schedule", "--json")[1])["entries"]
    assert [bool(row["fault"]) for row in rows] == [False, True, True, False]
