"""The schedule in the words of other programs: cron, systemd, GitHub Actions, Airflow, JupyterLab.

The first three call ``rokt run --due`` every few minutes and leave the rest to the schedule; the
others take one entry each, and run it with their own means.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from rokt_helpers.errors import InputError
from rokt_helpers.schedule.entries import Entry
from rokt_helpers.settings import account_variable

__all__ = ["FORMS", "Place", "definition"]

_EVERY_MINUTES: Final = 5
# Longer than a run has to finish what is on its way.
_STOP_SECONDS: Final = 120


@dataclass(frozen=True)
class Place:
    """Where the schedule is at home on this computer.

    Parameters
    ----------
    project
        The folder that ``notebooks/`` and ``params/`` lie in.
    program
        The program ``rokt``.
    schedule
        The schedule, as seen from the project.
    profile
        ``sandbox``, ``staging`` or ``live``.
    runs
        The folder of the runs.
    account
        The name of one of several accounts; empty is the one without a name.
    """

    project: Path
    program: Path
    schedule: Path
    profile: str
    runs: Path
    account: str = ""

    @property
    def words(self) -> list[str]:
        """The command that runs what is due."""
        return [
            str(self.program), "run", "--due", "--schedule", str(self.schedule),
            "--profile", self.profile, *(["--account", self.account] if self.account else []),
        ]  # fmt: skip


def definition(form: str, entries: Sequence[Entry], place: Place) -> str:
    """Return the text of a definition; ``form`` is one of ``FORMS``.

    Raises
    ------
    InputError
        When an entry is to be written and its notebook or parameters cannot be used, or when each
        entry is switched off; when a path holds a line break.
    """
    if any(not text.isprintable() for text in (*place.words, str(place.project))):
        raise InputError(
            "A path holds a character that no definition can carry. Rename the folder."
        )
    return FORMS[form](entries, place)


def _crontab(_: Sequence[Entry], place: Place) -> str:
    command = f"cd {shlex.quote(str(place.project))} && {shlex.join(place.words)}"
    # To cron a % ends the command, in quotes as well.
    line = command.replace("%", r"\%")
    return (
        "# Add with `crontab -e`. What it prints is mailed to MAILTO; no news is no mail.\n"
        f"*/{_EVERY_MINUTES} * * * * {line}\n"
    )


def _systemd(_: Sequence[Entry], place: Place) -> str:
    # The first word may hold nothing special; what `env` is asked to start may.
    plain = re.fullmatch(r"[\w./ -]+", str(place.program))
    words = place.words if plain else ["/usr/bin/env", *place.words]
    command = " ".join(_systemd_word(word) for word in words)
    folder = str(place.project).replace("%", "%%")
    return f"""\
# Two files for ~/.config/systemd/user/, then: systemctl --user enable --now rokt-due.timer
# --- rokt-due.service
[Unit]
Description=Rokt Workbench: run what is due
[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# Only rokt hears the wish to stop, and lets its kernel finish the batch on the way.
KillMode=mixed
TimeoutStopSec={_STOP_SECONDS}
# --- rokt-due.timer
[Unit]
Description=Rokt Workbench: look what is due
[Timer]
OnCalendar=*:0/{_EVERY_MINUTES}
AccuracySec=10s
Persistent=true
[Install]
WantedBy=timers.target
"""


def _systemd_word(word: str) -> str:
    """Quote a word as systemd reads it; % and $ mean something to it in quotes, too."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if re.search(r"[^\w./:%$-]", word) else plain


def _github(_: Sequence[Entry], place: Place) -> str:
    workflow = {
        "name": "rokt-due",
        "on": {"schedule": [{"cron": "*/15 * * * *"}], "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": "rokt-due", "cancel-in-progress": False},
        "jobs": {
            "due": {
                "runs-on": "self-hosted",
                "env": {
                    "ROKT_HOME": "${{ vars.ROKT_HOME }}",
                    **{name: f"${{{{ secrets.{name} }}}}" for name in _secrets(place)},
                },
                "steps": [
                    {"uses": "actions/checkout@v4"},
                    {"run": "python -m venv .venv && .venv/bin/pip install -c constraints.txt ."},
                    {"run": shlex.join([".venv/bin/rokt", *place.words[1:]])},
                ],
            }
        },
    }
    return (
        "# Save as .github/workflows/rokt-due.yml. The runner is your own: ROKT_HOME holds what\n"
        "# was sent and what ran last, and a runner that forgets it would run things twice.\n"
        + yaml.safe_dump(workflow, sort_keys=False, width=100)
    )


def _secrets(place: Place) -> list[str]:
    """Return the variables that say who we are; those of a named account bear its name."""
    fields = ("account_id", "public_key", "secret_key")
    return [account_variable(field, place.account) for field in fields]


def _airflow(entries: Sequence[Entry], place: Place) -> str:
    blocks = [_dag(entry, place) for entry in _enabled(entries)]
    own = _ACCOUNT_OF_DAGS.format(account=place.account, key=_secrets(place)[-1])
    head = _AIRFLOW_HEAD.format(own=own if place.account else "")
    return head + "\n".join(blocks)


_AIRFLOW_HEAD: Final = '''\
"""One DAG for each entry of the schedule. Save in the folder of DAGs.

Set ROKT_PROFILE, ROKT_HOME and the keys in the environment of the workers. Papermill by itself is
less strict than `rokt run`: it checks no parameter, holds no lock and keeps the state of forms.
{own}"""

import pendulum
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.sdk import DAG

'''
# The keys of a named account have names of their own.
_ACCOUNT_OF_DAGS: Final = "These need ROKT_ACCOUNT={account} as well; its key is then {key}.\n"


def _dag(entry: Entry, place: Place) -> str:
    output = place.runs / "airflow" / f"{entry.name}-{{{{ ts_nodash }}}}.ipynb"
    return f"""\
with DAG(
    dag_id={f"rokt-{entry.name}"!r},
    schedule={_cron(entry)!r},
    start_date=pendulum.datetime(2026, 1, 1, tz={entry.time_zone!r}),
    catchup=False,
    max_active_runs=1,
    tags=["rokt"],
):
    PapermillOperator(
        task_id="run",
        input_nb={str(place.project / entry.notebook)!r},
        output_nb={str(output)!r},
        parameters={entry.read_parameters()!r},
        kernel_name="python3",
        language_name="python",
    )
"""


def _jupyter_scheduler(entries: Sequence[Entry], _: Place) -> str:
    jobs = [
        {
            "name": entry.name,
            # As seen from the folder JupyterLab was started in.
            "input_uri": entry.notebook.as_posix(),
            # What it calls the environment it runs in, where there is no conda.
            "runtime_environment_name": "python",
            "runtime_environment_parameters": {},
            "output_formats": ["ipynb"],
            # It pastes each value into the notebook as code, so text needs its quotes.
            "parameters": {name: repr(value) for name, value in entry.read_parameters().items()},
            "schedule": _cron(entry),
            "timezone": entry.time_zone,
            "package_input_folder": False,
        }
        for entry in _enabled(entries)
    ]
    return json.dumps(jobs, indent=2, ensure_ascii=False) + "\n"


def _enabled(entries: Sequence[Entry]) -> list[Entry]:
    enabled = [entry for entry in entries if entry.enabled]
    if not enabled:
        raise InputError(
            "Each entry of the schedule is switched off. Set `enabled: true` for those to write."
        )
    return enabled


def _cron(entry: Entry) -> str:
    hour = "*" if entry.hourly else str(entry.at.hour)
    # Cron counts from Sunday.
    days = sorted((day + 1) % 7 for day in entry.days)
    weekdays = "*" if len(days) == 7 else ",".join(map(str, days))  # noqa: PLR2004  days of a week
    return f"{entry.at.minute} {hour} * * {weekdays}"


FORMS: Final[dict[str, Callable[[Sequence[Entry], Place], str]]] = {
    "crontab": _crontab,
    "systemd": _systemd,
    "github": _github,
    "airflow": _airflow,
    "jupyter-scheduler": _jupyter_scheduler,
}
