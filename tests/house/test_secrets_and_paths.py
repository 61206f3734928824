from __future__ import annotations

import re

import pytest

from tests.house.project import ROOT, text_files

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


def test_every_text_is_utf_8_with_plain_line_ends() -> None:
    """Every text file can be read anywhere: UTF-8, no carriage returns."""
    returns = [str(path.relative_to(ROOT)) for path in text_files() if b"\r\n" in path.read_bytes()]
    assert returns == []


def test_what_is_a_persons_own_is_never_committed() -> None:
    """Git leaves alone the settings, keys, state, lists and runs of the person at the desk."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".env", "*.pem", "/.rokt/", "/runs/", "/inbox/*", "/.venv/"} <= {*ignored}
