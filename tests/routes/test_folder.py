from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.errors import Refused
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.folder import LocalFolder
from tests.routes.deliveries import NOW, contents, gzipped, put, table, zipped


def test_tables_are_listed_and_copied(tmp_path: Path) -> None:
    """Tables of every packing are taken; folders, dot-files, other papers and no names are not."""
    folder = tmp_path / "exports"
    (folder / "folder.csv").mkdir(parents=True)
    wanted = {
        "My Export (1).CSV": table(1),
        "référés.csv": table(2),
        "a.csv.gz": gzipped(table(3)),
        "b.zip": zipped(table(4)),
        "c.txt": table(5),
    }
    for name, content in wanted.items():
        put(folder, name, content)
    for name in (".csv", "mail.eml", "paper.pdf", "list.csv.crdownload"):
        put(folder, name, b"x")
    with open(bytes(folder) + b"/caf\xe9.csv", "wb"):  # noqa: PTH123  a Path has no bytes
        pass
    (folder / "dangling.csv").symlink_to("nowhere")
    assert contents(LocalFolder(folder), tmp_path) == wanted
    assert {file.modified for file in LocalFolder(folder).listing()} == {NOW}


def test_the_vault_takes_each_file_once(tmp_path: Path, vault: Vault) -> None:
    """What is collected is known the next time, and the folder is as it was."""
    folder = tmp_path / "exports"
    folder.mkdir()
    put(folder, "plain.csv", table(5))
    put(folder, "packed.csv.gz", gzipped(table(5, first=5)))
    put(folder, "archive.zip", zipped(table(5, first=10)))
    outcome = collect(LocalFolder(folder), vault, now=lambda: NOW)
    assert (outcome.rows_kept, outcome.rows_rejected) == (15, 0)
    assert len(collect(LocalFolder(folder), vault, now=lambda: NOW).files_known) == 3
    assert sorted(path.name for path in folder.iterdir()) == [
        "archive.zip",
        "packed.csv.gz",
        "plain.csv",
    ]


def test_a_folder_that_is_not_there_names_its_setting(tmp_path: Path) -> None:
    """A missing folder, and a file in its place, say where to look."""
    for path in (tmp_path / "nowhere", put(tmp_path, "file", b"")):
        with pytest.raises(Refused, match="ROKT_REFERRALS_FOLDER"):
            LocalFolder(path).listing()


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", ".."])
def test_a_name_that_leads_out_is_not_copied(tmp_path: Path, name: str) -> None:
    """Parts of a path are no name of a file."""
    with pytest.raises(Refused):
        LocalFolder(tmp_path).download(name, tmp_path / "to")


def test_a_file_that_went_in_between_is_refused(tmp_path: Path) -> None:
    """A file that is not there any more is a refusal."""
    with pytest.raises(Refused):
        LocalFolder(tmp_path).download("gone.csv", tmp_path / "to")
