from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rokt_helpers.sandbox import Fault, Sandbox
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import addresses, digests

ROKT = [sys.executable, "-c", "from rokt_helpers.cli import main; main()"]


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """A caller of the command line."""
    return caller(capsys)


@pytest.fixture
def customers() -> Path:
    """A file of nine people, one of them twice, and one cell that is no address."""
    lines = ["email", *addresses(9), addresses(1)[0].upper(), "nobody"]
    Path("customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Path("customers.csv")


def notebook(*cells: str) -> Path:
    first = new_code_cell('list: str = "VIP"\nrows: int = 5', metadata={"tags": ["parameters"]})  # type: ignore[no-untyped-call]
    others = [new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]
    node = new_notebook(cells=[first, *others])  # type: ignore[no-untyped-call]
    nbformat.write(node, "lesson.ipynb")  # type: ignore[no-untyped-call]
    return Path("lesson.ipynb")


# --- deliver ------------------------------


def test_nothing_is_sent_unless_it_is_asked_for(
    rokt: Rokt, sandbox: Sandbox, customers: Path
) -> None:
    """Without --send the plan and its sums are shown, and no server hears of it."""
    code, out, _ = rokt("deliver", str(customers), "--list", "VIP", "--action", "include")
    assert (code, sandbox.requests(), sandbox.files()) == (0, [], [])
    assert "Nothing was sent. Add --send to deliver this plan." in out
    assert "Add 9 SHA-256 digests to list 'VIP' of account 123456789, profile sandbox." in out
    assert "Nothing was delivered yet." in rokt("history")[1]


@pytest.mark.parametrize("via", ["api", "sftp"])
def test_send_delivers_what_was_shown(
    rokt: Rokt, sandbox: Sandbox, customers: Path, via: str
) -> None:
    """With --send the same plan is delivered, and its receipt is shown and kept."""
    words = ["deliver", str(customers), "--list", "VIP", "--action", "include", "--via", via]
    shown = one_object(rokt(*words, "--json")[1])
    code, out, err = rokt(*words, "--send", "--json")
    done = one_object(out)
    assert (code, err, shown["sent"], done["sent"]) == (0, "", False, True)
    assert done["plan"]["fingerprint"] == shown["plan"]["fingerprint"]
    assert done["receipt"]["rows_confirmed"] == 9
    assert sandbox.members("VIP") == digests(addresses(9))
    [run] = one_object(rokt("history", "--json")[1])["runs"]
    assert (run["run_id"], run["status"]) == (done["receipt"]["run_id"], "delivered")


def test_a_person_sees_sums_and_a_receipt(rokt: Rokt, sandbox: Sandbox, customers: Path) -> None:
    """Without --json the sums, the plan and the receipt are sentences, and history is a table."""
    words = ["deliver", str(customers), "--list", "VIP", "--action", "include", "--send"]
    code, out, _ = rokt(*words)
    assert (code, len(sandbox.requests())) == (0, 1)
    assert "  11 in the source\n   9 accepted" in out
    assert "9 of 9 added to list 'VIP': every batch was confirmed." in out
    assert "nothing was sent now" in rokt(*words)[1]
    assert len(sandbox.requests()) == 1
    assert "every batch was confirmed.\n" in rokt(*words, "--allow", "repeat")[1]
    assert len(sandbox.requests()) == 2
    head, _, *rows = rokt("history")[1].splitlines()
    assert head.split()[:3] == ["started", "(UTC)", "list"]
    assert [("VIP" in row, "delivered" in row) for row in rows] == [(True, True)] * 2


def test_conversions_go_to_their_folder(rokt: Rokt, sandbox: Sandbox, customers: Path) -> None:
    """`conversions` shows by default, and delivers people who bought with --send."""
    assert one_object(rokt("conversions", str(customers), "--json")[1])["sent"] is False
    assert sandbox.conversions() == frozenset()
    assert rokt("conversions", str(customers), "--send", "--json")[0] == 0
    assert sandbox.conversions() == digests(addresses(9))
    assert sandbox.lists() == {"AdvertiserDatabase": 0}


def test_with_nothing_set_up_a_delivery_is_practice(rokt: Rokt, customers: Path) -> None:
    """Without any setting the command delivers to a sandbox of its own, started for it alone."""
    send = ["deliver", str(customers), "--list", "VIP", "--action", "include", "--send"]
    code, out, err = rokt(*send)
    assert (code, err) == (0, "")
    assert "profile sandbox" in out
    assert "9 of 9 added to list 'VIP': every batch was confirmed." in out


@pytest.mark.parametrize(
    ("words", "code", "kind", "said"),
    [
        (["--list", "a/b", "--action", "include"], 2, "InputError", "cannot be the name"),
        (["--list", "VIP", "--action", "add"], 2, "UsageError", "'add' is not one of"),
        (["--list", "VIP"], 2, "UsageError", "Missing option '--action'"),
        (["--list", "VIP", "--action", "include", "--column", "x"], 2, "InputError", "no column"),
        (["--list", "VIP", "--action", "include", "--allow", "all"], 2, "UsageError", "'all'"),
    ],
)
def test_a_wrong_call_ends_with_2(
    rokt: Rokt, sandbox: Sandbox, customers: Path, words: list[str], code: int, kind: str, said: str
) -> None:
    """A call that cannot be carried out ends with 2, and as JSON is one object all the same."""
    assert sandbox.url
    ended, out, err = rokt("deliver", str(customers), *words, "--send", "--json")
    told = one_object(out)
    assert (ended, told["error"], told["exit_code"]) == (code, kind, code)
    assert said in told["message"]
    assert said in err
    assert sandbox.requests() == []


def test_a_refused_delivery_ends_with_1(rokt: Rokt, sandbox: Sandbox, customers: Path) -> None:
    """When the platform says no the exit code is 1 and the receipt is in the history."""
    sandbox.script(Fault.answer(400))
    words = ["deliver", str(customers), "--list", "VIP", "--action", "include", "--send"]
    code, out, _ = rokt(*words, "--json")
    said = one_object(out)
    assert (code, said["error"], said["exit_code"]) == (1, "Refused", 1)
    assert [batch["outcome"] for batch in said["receipt"]["batches"]] == ["refused"]
    assert one_object(rokt("history", "--json")[1])["runs"][0]["status"] == "refused"


def test_a_guard_ends_with_3(rokt: Rokt, customers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson aimed at production ends with 3 before anything is sent."""
    monkeypatch.setenv("ROKT_API_URL", "https://data.rokt.com")
    code, out, err = rokt("deliver", str(customers), "--list", "VIP", "--action", "include")
    assert (code, out) == (3, "")
    assert "set ROKT_PROFILE=live" in err


def test_a_guard_at_the_plan_shows_the_sums_of_the_list(rokt: Rokt, sandbox: Sandbox) -> None:
    """They often tell why it stopped: it is another file than the one that was meant."""
    Path("all.csv").write_text("\n".join(["email", *addresses(60)]))
    Path("other.csv").write_text("\n".join(["email", *addresses(3)]))
    words = ("--list", "VIP", "--action", "include", "--send")
    assert rokt("deliver", "all.csv", *words)[0] == 0
    code, out, err = rokt("deliver", "other.csv", *words, "--mode", "mirror")
    assert (code, "3 accepted" in out, "would be taken off" in err) == (3, True, True)
    assert len(sandbox.requests()) == 1


def test_check_proves_the_connection(
    rokt: Rokt, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` ends with 0 where all is well, and with 1 and the finding where it is not."""
    assert sandbox.url
    code, out, _ = rokt("check", "--json")
    assert (code, all(found["well"] for found in one_object(out)["findings"])) == (0, True)
    monkeypatch.setenv("ROKT_SECRET_KEY", "rsec-wrong")
    code, out, _ = rokt("check")
    assert code == 1
    assert re.search(r"NO  custom audience API: \[.+\] The key pair was not accepted", out)
    assert "ok  SFTP:" in out


# --- run ------------------------------


def test_a_notebook_delivers(rokt: Rokt, sandbox: Sandbox, customers: Path, home: Path) -> None:
    """`run` executes a notebook that delivers, and ends with what it handed over."""
    lesson = notebook(
        "from rokt_helpers import open_workbench, prepare_audience\n"
        "from rokt_helpers.notebook_result import hand_over\n"
        f"prepared = prepare_audience({str(customers)!r})\n"
        "with open_workbench() as workbench:\n"
        "    receipt = workbench.deliver(workbench.plan(prepared, list=list))\n"
        "hand_over({'sentence': receipt.describe(), 'rows': rows})"
    )
    Path("params.yml").write_text("rows: 6\nlist: Nobody\n")
    words = ["run", str(lesson), "-f", "params.yml", "-p", "list", "Lapsed", "--json"]
    code, out, _ = rokt(*words)
    told = one_object(out)
    assert (code, told["result"]["rows"]) == (0, 6)
    assert told["result"]["sentence"].startswith("9 of 9 added to list 'Lapsed'")
    assert sandbox.lists() == {"AdvertiserDatabase": 0, "Lapsed": 9}
    folder = Path(told["folder"])
    assert folder.parent == home / "sandbox" / "runs"
    assert sorted(path.name for path in folder.iterdir()) == [
        "executed.html", "executed.ipynb", "result.json", "run.log",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lst", "VIP", "Did you mean 'list'?"),
        ("rows", "many", "rows should be a whole number"),
        ("list", "rsec-123", "looks like a secret"),
    ],
)
def test_a_parameter_that_does_not_fit_ends_with_2(
    rokt: Rokt, home: Path, name: str, value: str, said: str
) -> None:
    """An unknown, misfit or secret parameter ends with 2 before a kernel starts."""
    code, _, err = rokt("run", str(notebook("1 / 0")), "-p", name, value)
    assert (code, said in err, value == "VIP" or value not in err) == (2, True, True)
    assert not (home / "sandbox" / "runs").exists()


def test_a_notebook_stopped_by_a_guard_ends_with_3(rokt: Rokt) -> None:
    """What stopped the notebook is what the command ends with."""
    lesson = notebook(
        "from rokt_helpers.errors import GuardError\nraise GuardError('Too many.', guard='mass')"
    )
    code, out, err = rokt("run", str(lesson), "--json")
    assert (code, one_object(out)["error"]) == (3, "GuardError")
    assert "Too many. The notebook as far as it came:" in err


# --- processes of their own ------------------------------


def test_a_sandbox_of_its_own_and_a_delivery_to_it(customers: Path) -> None:
    """`rokt sandbox` serves another process by the variables it prints, and Ctrl-C ends it well."""
    words = [*ROKT, "sandbox", "--env-file", "sandbox.env"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout is not None
        lines = iter(box.stdout.readline, "")
        printed = dict(
            shlex.split(line)[1].split("=", 1) for line in iter(lambda: next(lines), "\n")
        )
        send = ["deliver", str(customers), "--list", "VIP", "--action", "include", "--send"]
        done = subprocess.run(
            [*ROKT, *send, "--json"],
            env={**os.environ, **printed},
            capture_output=True,
            text=True,
            check=False,
        )
        box.send_signal(signal.SIGINT)
        assert box.wait(timeout=10) == 0
    assert (done.returncode, done.stderr) == (0, "")
    assert one_object(done.stdout)["plan"]["host"] == printed["ROKT_API_URL"].split("/")[-1]
    written = Path("sandbox.env").read_text().splitlines()
    assert written == [f"{name}={json.dumps(value)}" for name, value in printed.items()]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_ended_sandbox_leaves_nothing_behind(how: signal.Signals, tmp_path: Path) -> None:
    """Whichever way it is ended, its folder with keys and lists is gone."""
    words = [*ROKT, "sandbox", "--json"]
    settings = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=settings) as box:
        assert box.stdout is not None
        environment = json.loads(box.stdout.readline())["environment"]
        assert Path(environment["ROKT_SFTP_KEY_FILE"]).is_relative_to(tmp_path)
        box.send_signal(how)
        assert box.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_delivery_that_the_system_ends_is_resumed(customers: Path, sandbox: Sandbox) -> None:
    """SIGTERM lets the batch on its way be confirmed and says so; the same call sends the rest."""
    sandbox.script(Fault.slow(1.0))
    words = [*ROKT, "deliver", str(customers), "--list", "VIP", "--action", "include", "--send"]
    settings = {**os.environ, "ROKT_API_BATCH_ROWS": "3", "ROKT_API_IN_FLIGHT": "1"}
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=settings) as process:
        while not sandbox.requests():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    told = re.search(r"rokt: Stopped by the system\. (\d) of 9 identifiers are confirmed", said)
    assert told is not None, said
    assert int(told[1]) < 9  # on a busy computer a second batch goes before the signal is heard
    assert sandbox.members("VIP") == digests(addresses(int(told[1])))
    assert subprocess.run(words, env=settings, check=True, timeout=60).returncode == 0
    assert sandbox.members("VIP") == digests(addresses(9))


def test_an_inbox_that_cannot_be_written_does_not_keep_the_pages_shut() -> None:
    """`rokt lab` says that it put no lists there, and opens."""
    Path("notebooks").mkdir()
    Path("notebooks/00_start_here.ipynb").touch()
    Path("inbox").touch()  # root may write into any folder, and nobody into a file
    done = subprocess.run(
        [*ROKT, "lab", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "No lists to practise on were put into inbox/: File exists." in done.stderr


def test_help_is_quick_and_names_every_verb() -> None:
    """`rokt --help` names the verbs and imports none of them."""
    done = subprocess.run([*ROKT, "--help"], capture_output=True, text=True, check=True)
    verbs = ["deliver", "conversions", "history", "check", "sandbox", "run", "lab"]
    assert [verb for verb in verbs if f"  {verb} " not in done.stdout] == []
