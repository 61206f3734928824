"""Files for the newer SFTP, compressed and encrypted, before anything is sent."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from pathlib import Path
from typing import cast

import pytest

from rokt_helpers.channels.feed_packing import Compression, Packing
from rokt_helpers.errors import SettingsError


def test_packed_files_are_the_same_each_time() -> None:
    """The same content is the same file a second later, with the CSV inside as it was."""
    csv = b"environment\r\nproduction\r\n" * 1000
    suffixes: dict[Compression, str] = {"gz": ".gz", "zip": ".zip"}
    for compression, suffix in suffixes.items():
        packing = Packing(compression)
        first = packing.pack("a-eventless.csv", csv)
        time.sleep(1.1)
        assert packing.pack("a-eventless.csv", csv) == first
        assert first.name == f"a-eventless.csv{suffix}"
        assert len(first.content) < len(csv)
        if suffix == ".gz":
            assert gzip.decompress(first.content) == csv
        else:
            with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
                assert archive.namelist() == ["a-eventless.csv"]
                assert archive.read("a-eventless.csv") == csv


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    """A key that is missing, is none, or is for an archive is told by its setting."""
    (tmp_path / "no.asc").write_text("not a key")
    for name in ("missing.asc", "no.asc"):
        with pytest.raises(SettingsError, match="ROKT_FEED_PGP_KEY_FILE") as raised:
            Packing("none", tmp_path / name).pack("a-eventless.csv", b"")
        assert "backtrace" not in str(raised.value)
    with pytest.raises(SettingsError, match="ROKT_FEED_COMPRESSION"):
        Packing("zip", tmp_path / "no.asc")
    with pytest.raises(SettingsError, match="none, gz, zip"):
        Packing(cast("Compression", "rar"))
