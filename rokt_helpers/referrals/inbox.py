"""Collect the referral files that Rokt puts in its downloads folder, each of them once.

Law: a file is collected whole or left for the next time, the remote folder is never changed, and
rows in = rows kept + duplicate + rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError, Refused
from rokt_helpers.progress import OnProgress, Progress
from rokt_helpers.referrals.vault import KeptFile, Vault

__all__ = [
    "Collected",
    "Expiring",
    "LeftFile",
    "RemoteFile",
    "RemoteFolder",
    "collect",
    "import_file",
]

_GROWING: Final = "it is still being written"
_SHORT: Final = "less came than was listed"
_REFUSED: Final = "Rokt's side would not hand it over"


class RemoteFile(Protocol):
    """One entry of the downloads folder."""

    @property
    def name(self) -> str:
        """Return the name, without folder."""

    @property
    def size_bytes(self) -> int:
        """Return the size as listed."""

    @property
    def modified(self) -> datetime:
        """Return when it was last written, aware."""


class RemoteFolder(Protocol):
    """The downloads folder; its faults are the kinds of :class:`DeliveryError`."""

    def listing(self) -> Sequence[RemoteFile]:
        """Return what is there now."""

    def download(self, name: str, to: Path) -> None:
        """Write the content of one file to ``to``."""


@dataclass(frozen=True)
class LeftFile:
    """A file that was not collected this time, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Expiring:
    """A file not yet collected, and the whole days until Rokt removes it."""

    name: str
    days_left: int


@dataclass(frozen=True)
class Collected:
    """What one collection brought.

    ``files_known`` were collected before; ``files_redelivered`` are new names for content that
    was, and add no rows. Always ``rows_in == rows_kept + rows_duplicate + rows_rejected``.
    """

    files_new: tuple[str, ...] = ()
    files_known: tuple[str, ...] = ()
    files_redelivered: tuple[str, ...] = ()
    files_left: tuple[LeftFile, ...] = ()
    rows_in: int = 0
    rows_kept: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    expiring: tuple[Expiring, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.rows_in != self.rows_kept + self.rows_duplicate + self.rows_rejected:
            raise ContractError("The rows of this collection do not add up.")

    def describe(self) -> list[str]:
        """Return what was collected, in sentences for a person."""
        files = len(self.files_new)
        sums = (
            f"{files:,} new file{'' if files == 1 else 's'} with {self.rows_in:,} referrals: "
            f"{self.rows_kept:,} kept, {self.rows_duplicate:,} had been delivered before, "
            f"{self.rows_rejected:,} could not be read."
        )
        lines = [sums]
        if self.files_known:
            lines.append(f"{len(self.files_known):,} files were collected before.")
        lines.extend(f"{left.name} was left: {left.why}." for left in self.files_left)
        lines.extend(
            f"{soon.name} will be removed by Rokt in {soon.days_left:,} days."
            for soon in self.expiring
        )
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def collect(
    remote: RemoteFolder,
    vault: Vault,
    *,
    now: Callable[[], datetime],
    progress: OnProgress | None = None,
) -> Collected:
    """Bring every new file of the downloads folder into the vault.

    A file whose name starts with a dot is somebody's unfinished upload and is left alone. What
    was collected before an error stays collected.

    Raises
    ------
    Unavailable, NotTrusted
        The wire failed; call again to go on with the rest.
    """
    vault.sweep(now=now())
    listed = [file for file in remote.listing() if not file.name.startswith(".")]
    known = [f for f in listed if vault.known(f.name, f.size_bytes, f.modified)]
    new = sorted((f for f in listed if f not in known), key=lambda f: (f.modified, f.name))
    kept: list[KeptFile] = []
    left: list[tuple[RemoteFile, str]] = []
    for number, file in enumerate(new, 1):
        outcome = _collect_one(remote, vault, file, now=now)
        kept.append(outcome) if isinstance(outcome, KeptFile) else left.append((file, outcome))
        if progress is not None:
            progress(Progress("Collecting", number, len(new), "files"))
    return _collected(kept, known, left, now())


def import_file(path: Path, vault: Vault, *, now: Callable[[], datetime]) -> Collected:
    """Bring one file that came another way (e-mail, manual export) into the vault.

    Raises
    ------
    InputError
        There is no such file, or it cannot be read as referrals.
    """
    try:
        content, status = path.read_bytes(), path.stat()
    except OSError as error:
        raise InputError(f"The file cannot be opened: {error.strerror}.") from error
    moment = now()
    modified = datetime.fromtimestamp(status.st_mtime, tz=moment.tzinfo)
    return _collected(
        [vault.add(path.name, content, modified=modified, now=moment)], [], [], moment
    )


def _collect_one(
    remote: RemoteFolder, vault: Vault, file: RemoteFile, *, now: Callable[[], datetime]
) -> KeptFile | str:
    """Return the kept file, or why it was left."""
    with vault.incoming() as folder:
        # Our own name: a remote one might lead out of the folder.
        part = folder / "download.part"
        part.touch(mode=0o600)
        try:
            remote.download(file.name, part)
        except Refused:
            return _REFUSED
        content = part.read_bytes()
    if not _unchanged(remote, file):
        return _GROWING
    if len(content) != file.size_bytes:
        return _SHORT
    try:
        return vault.add(file.name, content, modified=file.modified, now=now())
    except InputError as error:
        return str(error)


def _unchanged(remote: RemoteFolder, file: RemoteFile) -> bool:
    """Compare with a second listing: a file that grows between the two is not finished."""
    seen = (file.name, file.size_bytes, file.modified)
    return any((f.name, f.size_bytes, f.modified) == seen for f in remote.listing())


def _collected(
    kept: list[KeptFile],
    known: list[RemoteFile],
    left: list[tuple[RemoteFile, str]],
    moment: datetime,
) -> Collected:
    return Collected(
        files_new=tuple(k.name for k in kept if k.same_as is None),
        files_known=tuple(f.name for f in known),
        files_redelivered=tuple(k.name for k in kept if k.same_as is not None),
        files_left=tuple(LeftFile(f.name, why) for f, why in left),
        rows_in=sum(k.rows_in for k in kept),
        rows_kept=sum(k.rows for k in kept),
        rows_duplicate=sum(k.duplicates for k in kept),
        rows_rejected=sum(k.rejected for k in kept),
        expiring=tuple(Expiring(f.name, _days_left(f, moment)) for f, _ in left),
    )


def _days_left(file: RemoteFile, moment: datetime) -> int:
    ends = file.modified + timedelta(days=contract.REFERRAL_RETENTION_DAYS)
    return max(0, (ends - moment).days)
