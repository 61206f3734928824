"""Where secrets are kept that stand in no file: the system's keyring, and whatever a command asks.

The laws kept here: a command is a list of words and no shell reads it; what it prints is in no
message and no log; a keeper that cannot be asked keeps nobody from working with what is set
elsewhere, but is named to whoever misses a secret.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Literal, Protocol

from rokt_helpers.errors import SettingsError

__all__ = ["SERVICE", "Command", "Keeper", "Keyring", "keyring_is_there"]

SERVICE: Final = "rokt-workbench"
# Needed before anything else is done, where a locked keyring would have to count as "none": and a
# second ledger, begun by mistake, knows nothing of what was sent.
_NEVER_IN_KEYRING: Final = frozenset({"ROKT_LEDGER_URL"})


class Keeper(Protocol):
    """Something that can be asked for a secret by the name of its variable."""

    source: Literal["keyring", "command"]
    trouble: str

    def fetch(self, variable: str) -> str:
        """Return the secret; empty where it is not kept here, or ``trouble`` says why not."""
        ...


def keyring_is_there() -> bool:
    """Tell whether the library is installed, without loading it."""
    return find_spec("keyring") is not None


@dataclass
class Keyring:
    """The system's keyring: Keychain, Credential Manager, Secret Service, KWallet.

    ``service`` is under which name secrets lie there; the user name of each is its variable.
    """

    service: str
    trouble: str = ""
    source: Literal["keyring", "command"] = field(default="keyring", init=False)

    def fetch(self, variable: str) -> str:
        """Return what lies in the keyring under the variable's name."""
        if variable in _NEVER_IN_KEYRING or self.trouble or not keyring_is_there():
            return ""
        keyring, errors = import_module("keyring"), import_module("keyring.errors")
        try:
            return keyring.get_password(self.service, variable) or ""
        except errors.NoKeyringError:
            return ""  # nothing can lie in a keyring that this computer does not have
        except Exception as error:  # noqa: BLE001  each system's keyring has errors of its own
            self.trouble = f"The keyring could not be opened ({type(error).__name__})."
            return ""


@dataclass
class Command:
    """A program that prints one secret, such as the client of a vault.

    Attributes
    ----------
    template
        Its words; ``{name}`` in them is the variable, ``{account}`` and ``{profile}`` as they are.
    given
        The variables it is to be asked for.
    surely
        Those among them whose absence would be taken for a choice: without them nothing goes on.
    seconds
        How long it may take. A program that did not come back is not started again.
    """

    template: str
    given: Collection[str]
    surely: Collection[str]
    account: str
    profile: str
    seconds: float
    trouble: str = ""
    source: Literal["keyring", "command"] = field(default="command", init=False)
    _gave_up: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Refuse words that cannot be parted, and one secret for several names."""
        try:
            self._words = shlex.split(self.template)
        except ValueError:
            raise SettingsError("ROKT_SECRET_COMMAND has a quotation mark too few.") from None
        if "{name}" not in self.template and len(self.given) > 1:
            raise SettingsError(
                "ROKT_SECRET_COMMAND prints the same for every secret. Put {name} where the name "
                "of the secret belongs, or say in ROKT_SECRET_COMMAND_NAMES which one it prints."
            )

    def fetch(self, variable: str) -> str:
        """Run the program, and return the one line that it printed.

        Raises
        ------
        SettingsError
            It did not print a secret that is surely to come from it.
        """
        if variable not in self.given:
            return ""
        secret = "" if self._gave_up else self._run(variable)
        if not secret and variable in self.surely:
            raise SettingsError(f"{self.trouble} Try it by hand, for {variable}.")
        return secret

    def _run(self, variable: str) -> str:
        try:
            ended = subprocess.run(
                self._for(variable),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return self._stop_asking(f"did not end within {self.seconds:g} seconds")
        except (OSError, ValueError):
            return self._stop_asking("could not be started: its program is not there")
        if ended.returncode:
            return self._without(variable, f"ended with {ended.returncode}")
        return self._read(variable, ended.stdout)

    def _for(self, variable: str) -> list[str]:
        known = {"{name}": variable, "{account}": self.account, "{profile}": self.profile}
        words = []
        for word in self._words:
            filled = word
            for mark, text in known.items():
                filled = filled.replace(mark, text)
            words.append(filled)
        return words

    def _read(self, variable: str, printed: bytes) -> str:
        try:
            secret = printed.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            return self._without(variable, "printed what is no text")
        if not secret.strip() or not secret.isprintable():
            return self._without(variable, "did not print one line")
        return secret

    def _without(self, variable: str, what: str) -> str:
        self.trouble = f"The command of ROKT_SECRET_COMMAND {what} when asked for {variable}."
        return ""

    def _stop_asking(self, what: str) -> str:
        self.trouble, self._gave_up = f"The command of ROKT_SECRET_COMMAND {what}.", True
        return ""
