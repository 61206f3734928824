"""Where the runs of a profile can be opened: a folder of the project that leads to them.

Runs are kept in ``ROKT_HOME``, outside what JupyterLab may open.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rokt_helpers.files import private_folder

__all__ = ["show_runs", "shown_runs"]


def shown_runs(profile: str) -> Path:
    """Return the folder, as seen from the project, that leads to the runs of a profile."""
    return Path("reports") / "runs" / profile


def show_runs(runs: Path, *, project: Path, profile: str) -> bool:
    """Make the project's folder of runs lead to ``runs``, and tell whether it does.

    A file system or an account without symbolic links has none; then a reader is shown the path.
    """
    link = project / shown_runs(profile)
    with suppress(OSError):
        private_folder(runs)
        private_folder(link.parent)
        if link.is_symlink():
            link.unlink()
        link.symlink_to(runs.resolve(), target_is_directory=True)
    return link.is_dir() and link.samefile(runs)
