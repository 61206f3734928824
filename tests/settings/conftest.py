"""A keyring of a test's own, and a vault that is a program."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyrings.alt.file import PlaintextKeyring

VAULT = """
import json, pathlib, sys
place = pathlib.Path(sys.argv[1])
with (place / "asked").open("a") as asked:
    print(*sys.argv[2:], file=asked)
print("the vault says: very-secret", file=sys.stderr)
secrets = json.loads((place / "secrets.json").read_text())
sys.exit(2) if sys.argv[2] not in secrets else print(secrets[sys.argv[2]])
"""


@pytest.fixture
def own_keyring(tmp_path: Path) -> Iterator[PlaintextKeyring]:
    """The system's keyring, while the test runs: a file in the test's folder."""
    before = keyring.get_keyring()
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


class Vault:
    """A program that prints secrets, and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "vault.py").write_text(VAULT, encoding="utf-8")
        self.keep({})

    def keep(self, secrets: dict[str, str]) -> None:
        """Keep these secrets from now on."""
        (self._folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")

    def command(self, *words: str) -> str:
        """Return the line that asks it."""
        program = [sys.executable, str(self._folder / "vault.py"), str(self._folder)]
        return shlex.join([*program, *words])

    def asked(self) -> list[str]:
        """Return the words it was asked with, oldest first."""
        file = self._folder / "asked"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault that keeps nothing yet."""
    folder = tmp_path / "vault"
    folder.mkdir()
    return Vault(folder)


@pytest.fixture
def file_of_settings() -> Callable[..., Path]:
    """Write a file of settings below the working folder."""

    def write(name: str, /, **values: str) -> Path:
        path = Path.cwd() / name
        path.parent.mkdir(exist_ok=True)
        lines = (
            f"ROKT_{field.upper()}={json.dumps(value, ensure_ascii=False)}\n"
            for field, value in values.items()
        )
        path.write_text("".join(lines), encoding="utf-8")
        path.chmod(0o600)
        return path

    return write
