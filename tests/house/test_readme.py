"""The README keeps its word: every command in it is run and every output compared."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys

import pytest

from rokt_helpers.cli.app import VERBS
from tests.house.project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
CONSOLE = [
    (match[1], match[2])
    for kind, block in BLOCKS
    if kind == "console" and (match := re.match(r"\$ (.+?)\n(.*)", block, flags=re.DOTALL))
]
PLAIN = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]
SESSION = "\n".join(block for kind, block in BLOCKS if kind == "python")
# A browser opens the lab; the test is running now; the demo's output is compared below.
VERBS_RUN_ELSEWHERE = {"demo", "lab", "test"}


def same_every_time(text: str) -> str:
    """Mask what differs from run to run: ports, ids, times, and the counts of today's referrals."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"after \d+\.\d s", "after SECONDS s", text)
    text = re.sub(
        r"^(.*referrals: .*)$", lambda m: re.sub(r"[\d,]*\d", "N", m[1]), text, flags=re.MULTILINE
    )
    # Which day's file never came depends on the day it is.
    text = re.sub(
        r"( No file for [^.]*\.( A late file can still come until [^.]*\.)?)+", " GAPS", text
    )
    return text.strip()


def in_this_environment(command: str) -> list[str]:
    """Name the interpreter and the program of the environment that runs the tests."""
    words = shlex.split(command)
    if words[0] == "python":
        return [sys.executable, *words[1:]]
    assert words[0] == ".venv/bin/rokt", f"the README calls {words[0]}"
    return [sys.executable, "-c", "from rokt_helpers.cli import main; main()", *words[1:]]


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        in_this_environment(command), cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_every_command_prints_what_the_readme_shows() -> None:
    """From the demo on, in their order, as a newcomer types them."""
    assert CONSOLE[0][0] == "python run.py demo"
    for command, shown in CONSOLE:
        done = run(command)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert same_every_time(done.stdout) == same_every_time(shown), command


@pytest.mark.parametrize("command", PLAIN)
def test_every_other_command_exists(command: str) -> None:
    """Commands shown without output are those that take a screen, and one scheduled run."""
    words = shlex.split(command)
    if words[:2] == ["python", "run.py"]:
        assert words[2] in VERBS_RUN_ELSEWHERE
        assert f"\n  {words[2]} " in run("python run.py --help").stdout
    else:
        # The doctor ends with 1, because the practice list is not well: that is what it is for.
        assert run(command).returncode == (words[1] == "doctor")


def test_the_python_session_is_true() -> None:
    """The prompt in the README answers what it shows."""
    test = doctest.DocTestParser().get_doctest(SESSION, {}, "README", "README.md", 0)
    heard: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(
        test, out=heard.append
    )
    assert results.attempted > 5
    assert results.failed == 0, "".join(heard)


def test_every_verb_is_named() -> None:
    """The README lists the verbs there are, in their order."""
    named = re.search(r"lists all verbs: (.*?)\. Each", README, flags=re.DOTALL)
    assert named is not None
    assert re.findall(r"`(\w+)`", named[1]) == list(VERBS)
