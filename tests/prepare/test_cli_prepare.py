from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rokt_helpers.cli import main
from rokt_helpers.cli.app import VERBS
from tests.prepare.vectors import AGREED, HELLO
from tests.prepare.zoo import CANARY, UNUSABLE

ROKT = [sys.executable, "-c", "from rokt_helpers.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a list.csv").write_text(
        "n,e-mail\n1,HELLO@example.com\n2,hello@example.com\n3,\n4,test@fb.com\n", encoding="utf-8"
    )
    (tmp_path / "none.csv").write_text("a@@b.co\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Call the command in this process: exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0), *capfd.readouterr()


def test_the_command_in_a_process_of_its_own(folder: Path) -> None:
    """The command ends with 0, prints one JSON object and nothing else, and writes the digests."""
    words = ["prepare", "a list.csv", "--out", "out.csv", "--rejects", "rejects.csv", "--json"]
    done = subprocess.run([*ROKT, *words], capture_output=True, text=True, check=False, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "rows_in": 4,
        "accepted": 2,
        "duplicates": 1,
        "rejected": 1,
        "rejected_by_reason": {"empty": 1},
        "advice_applied": {},
        "corrected": 0,
        "source": {
            "name": "a list.csv", "encoding": "utf-8", "delimiter": "comma", "header": True,
            "sheet": None,
            "column": "e-mail", "kind": "email",
            "evidence": "its first 3 filled cells: 100 % addresses",
        },
        "out": "out.csv",
        "rejects": "rejects.csv",
    }  # fmt: skip
    assert (folder / "out.csv").read_text(encoding="utf-8").split() == [
        HELLO, AGREED["test@fb.com"],
    ]  # fmt: skip
    assert (folder / "rejects.csv").read_text(encoding="utf-8") == "row,reason\n4,empty\n"


def test_an_error_in_a_process_of_its_own(folder: Path) -> None:
    """On an error standard output still holds exactly one JSON object, and no file appears."""
    words = ["prepare", "gone.csv", "--out", "out.csv", "--json"]
    done = subprocess.run([*ROKT, *words], capture_output=True, text=True, check=False, cwd=folder)
    printed = json.loads(done.stdout)
    assert done.returncode == printed["exit_code"] == 2
    assert printed["error"] == "InputError"
    assert done.stderr == f"rokt: {printed['message']}\n"
    assert not (folder / "out.csv").exists()


@pytest.mark.usefixtures("folder")
def test_what_a_person_reads(capfd: pytest.CaptureFixture[str]) -> None:
    """Without --json the sums stand below one another, and the file is named last."""
    assert call(capfd, "prepare", "a list.csv", "--out", "out.csv") == (
        0,
        (
            "a list.csv: column 'e-mail' (utf-8, comma)\n"
            "  its first 3 filled cells: 100 % addresses\n"
            "  4 in the source\n"
            "  2 accepted, each person once\n"
            "  1 duplicate of an accepted row\n"
            "  1 rejected\n"
            "    1 empty: nothing is in the cell once white space is removed\n"
            "Written to out.csv.\n"
        ),
        "",
    )


WRONG = {
    "nothing": [],
    "no such verb": ["prepair"],
    "no --out": ["prepare", "a list.csv"],
    "no source": ["prepare", "--out", "out.csv"],
    "no such option": ["prepare", "a list.csv", "--out", "out.csv", "--sha1"],
    "no such value": ["prepare", "a list.csv", "--out", "out.csv", "--output", "sha1"],
    "no such column": ["prepare", "a list.csv", "--out", "out.csv", "--column", "mail"],
    "a name Rokt does not take": ["prepare", "a list.csv", "--out", "out.xlsx"],
    "no such folder": ["prepare", "a list.csv", "--out", "gone/out.csv"],
    "over the source": ["prepare", "a list.csv", "--out", "./a list.csv"],
    "over one another": ["prepare", "a list.csv", "--out", "o.csv", "--rejects", "o.csv"],
    "nothing accepted": ["prepare", "none.csv", "--out", "out.csv"],
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_ends_with_2_and_writes_nothing(
    case: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2, one line or the help says why, and no file is made or changed."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    code, out, err = call(capfd, *WRONG[case])
    assert (code, out) == (2, "")
    assert err.startswith("rokt: ")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    code, out, again = call(capfd, *WRONG[case], "--json")
    assert (code, json.loads(out)["exit_code"], again[:6]) == (2, 2, "rokt: ")


def test_the_rejects_are_written_when_nothing_was_accepted(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A list without one good row still has its report, which says why; the call fails."""
    code, _, err = call(
        capfd, "prepare", "none.csv", "--out", "out.csv", "--rejects", "rejects.csv"
    )
    assert (code, "nothing to write" in err) == (2, True)
    assert (folder / "rejects.csv").read_text(encoding="utf-8").endswith("1,several_at_signs\n")
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize(
    "name", [n for n, bad in UNUSABLE.items() if "header" not in dict(bad.options)]
)
def test_no_value_of_an_unusable_file_is_printed(
    name: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A list that cannot be used ends with 2, and neither stream shows a part of a cell."""
    bad = UNUSABLE[name]
    (folder / bad.name).write_bytes(bad.content)
    options = [f"--{key}={value}" for key, value in bad.options]
    code, out, err = call(capfd, "prepare", bad.name, "--out", "out.csv", "--json", *options)
    assert (code, json.loads(out)["exit_code"]) == (2, 2)
    assert CANARY not in (out + err).lower()
    assert not (folder / "out.csv").exists()


def test_what_is_unforeseen_is_told_without_its_words(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug ends with 1 and says where in the code, but not what another library said."""

    def bug(*_: object, **__: object) -> None:
        raise ValueError("could not read Canary Lee, 0400 000 000")

    monkeypatch.setattr("pathlib.Path.exists", bug)
    code, out, err = call(capfd, "prepare", "a list.csv", "--out", "out.csv", "--json")
    monkeypatch.undo()
    assert (code, json.loads(out)["error"]) == (1, "ValueError")
    assert "test_cli_prepare.py:" in err
    assert "Canary" not in out + err
    assert sorted(path.name for path in folder.iterdir()) == ["a list.csv", "none.csv"]


def test_the_help_names_every_verb(capfd: pytest.CaptureFixture[str]) -> None:
    """The help of the group shows each verb with its sentence and ends with 0."""
    code, out, _ = call(capfd, "--help")
    said = " ".join(out.split())
    assert code == 0
    assert [verb for verb, does in VERBS.items() if f"{verb} {does}" not in said] == []
    assert call(capfd, "prepare", "-h")[0] == 0
