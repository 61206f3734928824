"""Law 3 for delivering: plant canaries, let everything happen, and search what is left behind.

Rokt's side (the sandbox's folder, the files on the server) is where people's data belongs, and is
left out of the search.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.cli import main
from rokt_helpers.deliver import Patience
from rokt_helpers.errors import RoktError
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import digests, send

GOOD = ["Zebrafinch.One@example.com", " zebrafinch.two@example.com", "zebrafinch+3@example.org"]
BAD = ["zebrafinch@@example.com", "zebrafinch four", "zebrafinch@", "@zebrafinch"]
CANONICAL = [address.strip().lower() for address in GOOD]
# Also parts, because half an address is a person's address too.
CANARIES = ["zebrafinch", *(digest[:12] for digest in digests(CANONICAL))]
QUICK = Patience(attempts=2, first_pause_seconds=0.01, pickup_seconds=1)


class Found:
    """Everything that was said, shown or raised; ``text`` is all of it."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def add(self, *shown: object) -> None:
        """Keep every form in which these things show themselves."""
        for thing in shown:
            html = getattr(thing, "_repr_html_", None)
            self.parts += [str(thing), repr(thing), html() if html else ""]
            if isinstance(thing, BaseException):
                self.parts += traceback.format_exception(thing)
                self.add(*vars(thing).values())

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Expect one of our errors, and keep it with everything it carries."""
        with pytest.raises(RoktError) as caught:
            yield
        self.add(caught.value)


@pytest.fixture
def found(
    home: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Found]:
    """Collect what a test leaves behind, and search it for canaries when the test is over."""
    caplog.set_level(logging.DEBUG)
    collected = Found()
    yield collected
    said = capfd.readouterr()
    kept = [path.read_bytes().decode("utf-8", "replace") for path in files(home)]
    everything = "".join([*collected.parts, *kept, said.out, said.err, caplog.text]).lower()
    assert len(everything) > 500
    assert [canary for canary in CANARIES if canary in everything] == []


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def source() -> Path:
    Path("people.csv").write_text("\n".join(["email", *GOOD, *BAD]) + "\n", encoding="utf-8")
    return Path("people.csv")


def prepared(output: Any) -> PreparedAudience:
    return prepare_audience(source(), output=output)


@pytest.mark.parametrize("output", ["sha256", "plain"])
@pytest.mark.parametrize("via", ["api", "sftp"])
def test_a_success_leaves_nobody_behind(
    sandbox: Sandbox, found: Found, via: Any, output: str
) -> None:
    """Preparing, planning and delivering leave no address and no digest outside Rokt's side."""
    people = prepared(output)
    with open_workbench() as workbench:
        plan = workbench.plan(people, via=via)
        receipt = workbench.deliver(plan, progress=found.add)
        found.add(people, plan, *plan.describe(), plan.first_request_masked(), receipt)
        found.add(json.dumps([plan.to_dict(), receipt.to_dict()]), *workbench.history(), workbench)
        found.add(people.rejected.to_string(), receipt.to_pandas().to_string(), *workbench.check())
    assert sandbox.members("AdvertiserDatabase") == digests(CANONICAL)


Spoil = Callable[[Sandbox, pytest.MonkeyPatch], object]

SPOILT: dict[str, tuple[str, Spoil]] = {
    "refused": ("api", lambda box, _: box.script(Fault.answer(400))),
    "not now": ("api", lambda box, _: box.script(Fault.answer(503, times=2))),
    "answer lost": ("api", lambda box, _: box.script(Fault.drop_before_answer(times=2))),
    "dropped": ("api", lambda box, _: box.script(Fault.drop_before_reading(times=2))),
    "wrong key pair": ("api", lambda _, patch: patch.setenv("ROKT_SECRET_KEY", "rsec-wrong")),
    "nobody there": ("api", lambda _, patch: patch.setenv("ROKT_API_URL", "http://127.0.0.1:1")),
    "line broken": ("sftp", lambda box, _: box.script(Fault.sftp_drop_after(5, times=2))),
    "no rename": ("sftp", lambda box, _: box.script(Fault.sftp_refuse_rename(times=2))),
    "other host key": ("sftp", lambda _, patch: patch.setenv("ROKT_SFTP_HOST_KEY", "SHA256:x")),
    "no such user": ("sftp", lambda _, patch: patch.setenv("ROKT_SFTP_USERNAME", "nobody")),
    "no right": ("sftp", lambda _, patch: patch.setenv("ROKT_SFTP_ROOT", "/downloads")),
    "no key file": ("sftp", lambda _, patch: patch.setenv("ROKT_SFTP_KEY_FILE", "/no/key")),
    "no server": ("sftp", lambda _, patch: patch.setenv("ROKT_SFTP_PORT", "1")),
}


@pytest.mark.parametrize("output", ["sha256", "plain"])
@pytest.mark.parametrize("name", SPOILT)
def test_a_failure_leaves_nobody_behind(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, found: Found, name: str, output: str
) -> None:
    """Whichever way a delivery fails, its error, receipt, logs and ledger hold nobody."""
    via, spoil = SPOILT[name]
    spoil(sandbox, monkeypatch)
    with open_workbench() as workbench:
        plan = workbench.plan(prepared(output), via=via)  # type: ignore[arg-type]
        with found.failing():
            send(workbench, plan, patience=QUICK)
        found.add(*workbench.history(), *workbench.check())


def tampered(plan: DeliveryPlan) -> DeliveryPlan:
    backwards = Identifiers.in_memory(plan._parts[0].to_series().reverse())
    return replace(plan, _parts=(backwards,))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda bench, people: bench.deliver(tampered(bench.plan(people))),
        lambda bench, people: bench.plan(people, action="zap"),
        lambda *_: prepare_audience(pl.DataFrame({"a": GOOD, "b": GOOD})),
        lambda *_: prepare_audience(pl.DataFrame({"a": [*GOOD, *digests(CANONICAL)]})),
        lambda *_: prepare_audience(source(), identifier="sha256"),
        lambda *_: prepare_audience(source(), column="none"),
        lambda _, people: people.write("people.xlsx"),
    ],
    ids=["tampered", "action", "two columns", "mixed", "not digests", "no column", "file name"],
)
def test_a_wrong_call_leaves_nobody_behind(
    sandbox: Sandbox, found: Found, wrong: Callable[[Workbench, PreparedAudience], object]
) -> None:
    """Whatever is wrong with a source or a call, the error names columns and counts at most."""
    assert sandbox.url
    with open_workbench() as workbench, found.failing():
        wrong(workbench, prepared("plain"))


@pytest.mark.parametrize("fault", [None, 400])
@pytest.mark.parametrize("via", ["api", "sftp"])
@pytest.mark.parametrize("switch", ["--json", "--send"])
def test_the_command_line_leaves_nobody_behind(
    sandbox: Sandbox, found: Found, via: str, switch: str, fault: int | None
) -> None:
    """Neither the plan nor the receipt nor an error of the command line shows anybody."""
    if fault:
        sandbox.script(Fault.answer(fault), Fault.sftp_refuse_rename(times=2))
    words = ["deliver", str(source()), "--list", "VIP", "--action", "include", "--via", via]
    for more in ([switch], ["--output", "plain", "--send", "--json"]):
        with pytest.raises(SystemExit) as ended:
            main([*words, *more])
        found.add(ended.value)


LESSON = """\
from rokt_helpers import open_workbench, prepare_audience
people = prepare_audience("people.csv", output="plain")
workbench = open_workbench()
plan = workbench.plan(people)
display(people, plan, workbench.deliver(plan))
int(people.identifiers[0])
"""


def test_an_executed_notebook_holds_nobody(sandbox: Sandbox, found: Found) -> None:
    """A notebook that shows all it has, delivers, and then fails keeps nobody in its record."""
    assert source().exists()
    cells = [new_code_cell("", metadata={"tags": ["parameters"]})]  # type: ignore[no-untyped-call]
    cells.append(new_code_cell(LESSON))  # type: ignore[no-untyped-call]
    nbformat.write(new_notebook(cells=cells), "lesson.ipynb")  # type: ignore[no-untyped-call]
    with pytest.raises(SystemExit) as ended:
        main(["run", "lesson.ipynb"])
    found.add(ended.value)
    assert (ended.value.code, len(sandbox.members("AdvertiserDatabase"))) == (1, 3)
