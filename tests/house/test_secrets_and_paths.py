from __future__ import annotations

import re

import pytest

from rokt_helpers.settings.fields import SECRETS
from tests.house.project import ROOT, text_files
from tests.house.secret_scan import DETECTORS, findings, lines_of_history

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a machine's path": r"(?<![\w.-])/(?:work|root|Users|home)/" + r"[a-z]",
    "a registry's host": r"pypi\.(?:org|python)|files\." + r"pythonhosted|registry\.npm|"
    r"index" + r"-url|conda\.anaconda" + r"\.org",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----",
    "a secret that looks real": r"rsec-(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]" + r"{24,}",
    "a cloud's key": r"(?<![A-Z0-9])AKIA" + r"[A-Z0-9]{16}",
}
EXAMPLES = {
    "a machine's path": "see /home/" + "ann/list.csv",
    "a registry's host": "https://pypi" + ".org/simple",
    "a private key": "-----BEGIN OPENSSH PRIVATE" + " KEY-----",
    "a secret that looks real": "rsec-" + "4f1c2b7ae09d4c55a1b2c3d4e5f60718",
    "a cloud's key": "AKIA" + "ABCDEFGHIJKLMNOP",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    """Nothing in the repository belongs to one machine, one registry or one person's account."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_search_finds(what: str) -> None:
    """Each pattern finds what it is there for."""
    assert re.search(FORBIDDEN[what], EXAMPLES[what])


# What must not even be in an old commit: whoever has the project has that, too.
SECRET = ("a private key", "a secret that looks real", "a cloud's key")
# Written in pieces, too. Each is made up, and of the form that its service gives out.
LOOK_ALIKES = {
    "AWS Access Key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "Basic Auth Credentials": "postgresql://ann:s3cr3t" + "@db.internal.net/ledger",
    "GitHub Token": "gh" + "p_" + "a1B2" * 9,
    "JSON Web Token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJlLW9mLWl0",
    "Slack Token": "xox" + "b-123456789012-abcdefghijkl",
}


def test_no_file_holds_a_secret() -> None:
    """The detectors of detect-secrets find nothing in any file, notebooks and params included."""
    found = {
        str(path.relative_to(ROOT)): kinds
        for path in text_files()
        if (kinds := findings(path.read_text(encoding="utf-8").splitlines()))
    }
    assert found == {}


def test_no_commit_ever_held_a_secret() -> None:
    """Neither the detectors nor our own patterns find anything in a line of the whole history."""
    lines = lines_of_history()
    assert lines or not (ROOT / ".git").exists()
    own = [what for what in SECRET for line in lines if re.search(FORBIDDEN[what], line)]
    assert (own, findings(lines)) == ([], [])


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_the_detectors_find(kind: str) -> None:
    """A line with such a secret in it is found; the same with an invented host is let through."""
    assert len(DETECTORS) > 15
    assert findings([f"key = {LOOK_ALIKES[kind]!r}"]) == [kind]
    assert findings(["postgresql://ann:s3cr3t" + "@db.example.com/ledger"]) == []


def test_the_example_of_settings_has_every_secret_and_no_value() -> None:
    """Each secret stands in .env.example, empty, with dots, or with words in capitals."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    values = dict(line.lstrip("#").split("=", 1) for line in lines if re.match("#?ROKT_", line))
    assert {f"ROKT_{name.upper()}" for name in SECRETS} - {*values} == set()
    filled = {
        name: value
        for name in SECRETS
        if (value := values[f"ROKT_{name.upper()}"])
        and not value.endswith("…")
        and not re.search(r"PASSWORD|[?&]|://$", value)
    }
    assert filled == {}


def test_every_text_is_utf_8_with_plain_line_ends() -> None:
    """Every text file can be read anywhere: UTF-8, no carriage returns."""
    returns = [str(path.relative_to(ROOT)) for path in text_files() if b"\r\n" in path.read_bytes()]
    assert returns == []


def test_what_is_a_persons_own_is_never_committed() -> None:
    """Git leaves alone the settings, keys, state, lists and runs of the person at the desk."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".env", "/accounts/", "*.pem", "/.rokt/", "/runs/", "/inbox/*", "/.venv/"} <= {*ignored}
