"""Collect the referral files that Rokt puts in its downloads folder, each of them once.

Law: a file is collected whole or left for the next time, the remote folder is never changed, and
rows in = rows kept + duplicate + rejected.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from rokt_helpers import contract
from rokt_helpers.errors import InputError, Refused
from rokt_helpers.progress import OnProgress, Progress, StopSign
from rokt_helpers.referrals.collected import Collected, Expiring, LeftFile
from rokt_helpers.referrals.rhythm import Delivered, find_gaps
from rokt_helpers.referrals.vault import KeptFile, Vault

__all__ = [
    "Collected",
    "Expiring",
    "LeftFile",
    "RemoteFile",
    "RemoteFolder",
    "collect",
    "delivered_files",
    "import_file",
]

_GROWING: Final = "it is still being written"
_SHORT: Final = "less came than was listed"
_STOPPED: Final = "somebody asked to stop"
_SCHEDULED: Final = "sftp"
_BY_HAND: Final = "import"


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
    """The downloads folder; its faults are the kinds of :class:`DeliveryError`.

    Two things it may offer besides: ``downloads_at_once``, how many downloads it can bear at a time
    (an int; without it one), and an ``offset`` in bytes as a keyword of ``download``, from which on
    it then appends to ``to``.
    """

    def listing(self) -> Sequence[RemoteFile]:
        """Return what is there now."""

    def download(self, name: str, to: Path) -> None:
        """Write the content of one file to ``to``."""


def collect(
    remote: RemoteFolder,
    vault: Vault,
    *,
    now: Callable[[], datetime],
    progress: OnProgress | None = None,
    cancel: StopSign | None = None,
    retention_days: int = contract.REFERRAL_RETENTION_DAYS,
    at_once: int = 4,
    route: str = _SCHEDULED,
    on_listed: Callable[[Sequence[RemoteFile]], None] = lambda _: None,
) -> Collected:
    """Bring every new file of the downloads folder into the vault.

    A file whose name starts with a dot is somebody's unfinished upload and is left alone. A file
    that comes whole and cannot be read is set aside in the vault's quarantine. What was collected
    before an error stays collected, and half a download is gone on with the next time.

    Parameters
    ----------
    cancel
        Such as a ``threading.Event``; looked at between files.
    retention_days, at_once
        How long Rokt keeps a file, for the countdown; how many downloads at a time, if the folder
        can bear as many.
    route
        The name of this way of delivery, by which the vault lists the files.
    on_listed
        Called with what lies ready and is not collected, before the first download.

    Raises
    ------
    Unavailable, NotTrusted
        The wire failed; call again to go on with the rest.
    """
    vault.sweep(now=now())
    listed = [file for file in remote.listing() if not file.name.startswith(".")]
    known = [f for f in listed if vault.known(f.name, f.size_bytes, f.modified)]
    # What will go first comes first.
    new = sorted((f for f in listed if f not in known), key=lambda f: (f.modified, f.name))
    _forget_others(vault, listed)
    on_listed(new)
    work = _Collecting(remote, vault, now, route, len(new), progress, cancel)
    size = min(max(1, at_once), int(getattr(remote, "downloads_at_once", 1)))
    for start in range(0, len(new), size):
        work.take(new[start : start + size])
    moment, keeps = now(), timedelta(days=retention_days)
    gaps = find_gaps(delivered_files(vault, route), now=moment, retention_days=retention_days)
    # Nobody but Rokt removes files by itself.
    lapsing = work.left if route == _SCHEDULED else []
    left = sorted((f.modified + keeps - moment, f.name) for f, _ in lapsing)
    return _collected(
        work.kept,
        files_known=tuple(f.name for f in known),
        files_left=tuple(LeftFile(f.name, why) for f, why in work.left),
        files_set_aside=tuple(work.aside),
        expiring=tuple(Expiring.of(name, time) for time, name in left),
        lost=tuple(gaps),
        cancelled=any(why == _STOPPED for _, why in work.left),
    )


def import_file(
    path: Path, vault: Vault, *, now: Callable[[], datetime], route: str = _BY_HAND
) -> Collected:
    """Bring one file that came another way (e-mail, manual export) into the vault.

    Raises
    ------
    InputError
        There is no such file, or it cannot be read as referrals.
    """
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}.") from error
    return _collected([vault.add(path.name, path, modified=modified, now=now(), route=route)])


def delivered_files(vault: Vault, route: str = _SCHEDULED) -> list[Delivered]:
    """Return what the vault's files say of the rhythm of a route; other routes fill its gaps."""
    return [
        Delivered(
            name=row["name"],
            modified=row["modified"],
            days=tuple(date.fromisoformat(day) for day in row["days"] if day != "unknown"),
            scheduled=row["route"] == route,
        )
        for row in vault.files().iter_rows(named=True)
    ]


# --- downloads ------------------------------


@dataclass
class _Collecting:
    """One collection at work, and what became of each file so far."""

    remote: RemoteFolder
    vault: Vault
    now: Callable[[], datetime]
    route: str
    total: int
    progress: OnProgress | None
    cancel: StopSign | None
    kept: list[KeptFile] = field(default_factory=list)
    left: list[tuple[RemoteFile, str]] = field(default_factory=list)
    aside: list[LeftFile] = field(default_factory=list)

    def take(self, files: Sequence[RemoteFile]) -> None:
        """Download some files at a time, then take them in one by one.

        Raises
        ------
        DeliveryError
            A download failed for another reason than that the file is still being written. The
            others of these files are taken in before.
        """
        if self._stopped():
            self.left += [(file, _STOPPED) for file in files]
            return
        failures = self._downloaded(files)
        still = {(f.name, f.size_bytes, f.modified) for f in self.remote.listing()}
        for file, failure in zip(files, failures, strict=True):
            if isinstance(failure, Refused):
                self.left.append((file, str(failure).rstrip(".")))
            elif (file.name, file.size_bytes, file.modified) not in still:
                _part(self.vault, file).unlink(missing_ok=True)
                self.left.append((file, _GROWING))
            elif failure is not None:
                continue
            elif self._stopped():
                self.left.append((file, _STOPPED))
            else:
                self._take_in(file, _part(self.vault, file))
            self._tell()
        settled = {id(file) for file, _ in self.left}
        for file, failure in zip(files, failures, strict=True):
            if failure is not None and id(file) not in settled:
                raise failure

    def _downloaded(self, files: Sequence[RemoteFile]) -> list[BaseException | None]:
        with ThreadPoolExecutor(len(files)) as pool:
            jobs = [
                pool.submit(_download, self.remote, file, _part(self.vault, file)) for file in files
            ]
        return [job.exception() for job in jobs]

    def _take_in(self, file: RemoteFile, part: Path) -> None:
        """Keep a file that came whole, or set it aside; what fell short is gone on with later."""
        came = part.stat().st_size
        if came != file.size_bytes:
            if came > file.size_bytes:
                part.unlink()
            self.left.append((file, _SHORT))
            return
        stamp: dict[str, Any] = {
            "modified": file.modified, "now": self.now(), "route": self.route
        }  # fmt: skip
        try:
            self.kept.append(self.vault.add(file.name, part, **stamp))
        except InputError as error:
            self.vault.set_aside(file.name, part, reason=str(error), **stamp)
            self.aside.append(LeftFile(file.name, str(error)))
        part.unlink()

    def _stopped(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    def _tell(self) -> None:
        if self.progress is not None:
            done = len(self.kept) + len(self.left) + len(self.aside)
            self.progress(Progress("Collecting", done, self.total, "files"))


def _download(remote: RemoteFolder, file: RemoteFile, part: Path) -> None:
    part.touch(mode=0o600)
    there = part.stat().st_size
    if there and "offset" in inspect.signature(remote.download).parameters:
        if there < file.size_bytes:
            remote.download(file.name, part, offset=there)  # type: ignore[call-arg]
    else:
        part.write_bytes(b"")
        remote.download(file.name, part)


def _part(vault: Vault, file: RemoteFile) -> Path:
    """Return where a download lies: under our own name, for a remote one might lead elsewhere.

    It is named for the very file, so that what has changed since is never gone on with.
    """
    name = hashlib.sha256(file.name.encode()).hexdigest()[:24]
    return vault.downloads / f"{name}-{file.size_bytes}-{file.modified.timestamp():.0f}.download"


def _forget_others(vault: Vault, listed: Sequence[RemoteFile]) -> None:
    """Remove half downloads of what no longer lies ready: they may hold personal data."""
    wanted = {_part(vault, file) for file in listed}
    for path in vault.downloads.glob("*.download"):
        if path not in wanted:
            path.unlink(missing_ok=True)


def _collected(kept: list[KeptFile], **others: Any) -> Collected:
    return Collected(
        files_new=tuple(k.name for k in kept if k.same_as is None),
        files_redelivered=tuple(k.name for k in kept if k.same_as is not None),
        rows_in=sum(k.rows_in for k in kept if k.same_as is None),
        rows_kept=sum(k.rows for k in kept if k.same_as is None),
        rows_duplicate=sum(k.duplicates for k in kept if k.same_as is None),
        rows_rejected=sum(k.rejected for k in kept if k.same_as is None),
        **others,
    )
