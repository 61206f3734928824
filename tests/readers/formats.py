"""The same list in every form that can be read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

import polars as pl
import pyarrow as pa
import xlsxwriter
import xlwt

__all__ = ["CANARY", "FORMATS", "HEADER", "ROWS", "as_text", "frame", "ods", "zipped"]

CANARY = "canary"
HEADER = ("n", "email")
# Rows 2 to 8 of a spreadsheet: two people, one twice, letters outside English, and what is wrong.
ROWS: tuple[tuple[str, str], ...] = (
    ("1", "Ann@Example.com "),
    ("2", "josé@example.com"),
    ("3", ""),
    ("4", "nobody"),
    ("5", "ann@example.com"),
    ("6", "email"),
    ("7", "b@@b.co"),
)


def as_text(delimiter: str = ",", end: str = "\n") -> str:
    """The list as a text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([HEADER, *ROWS])
    return out.getvalue()


def frame() -> pl.DataFrame:
    """The list as a frame."""
    return pl.DataFrame(ROWS, schema=list(HEADER), orient="row")


def _bytes(write: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def _write_xlsx(out: io.BytesIO) -> None:
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Notes").write(0, 0, "made in spring")
        sheet = book.add_worksheet("People")
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)


def _write_xls(out: io.BytesIO) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    for number, row in enumerate([HEADER, *ROWS]):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.save(out)


def zipped(members: dict[str, str | bytes]) -> bytes:
    """An archive of these members."""

    def write(out: io.BytesIO) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return _bytes(write)


def ods(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """A sheet of OpenDocument, written by hand."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(cell)}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(
        {
            "mimetype": kind,
            "content.xml": f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="People">{cells}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:'
            'opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            f'manifest:media-type="{kind}"/></manifest:manifest>',
        }
    )


def _json_lines() -> str:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in ROWS)


def _json_array() -> str:
    return json.dumps([dict(zip(HEADER, row, strict=True)) for row in ROWS], indent=1)


def _zst(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


TEXT = as_text().encode()
# Name of the file → its bytes.
FORMATS: dict[str, Callable[[], bytes]] = {
    "list.csv": lambda: TEXT,
    "list.tsv": lambda: as_text("\t", "\r\n").encode(),
    "list.txt": lambda: as_text(";").encode("utf-16"),
    "bare.txt": lambda: as_text().encode("utf-16-le"),
    "other.txt": lambda: as_text().encode("utf-16-be"),
    "western.csv": lambda: as_text().encode("latin-1"),
    "windows.csv": lambda: as_text().replace("n,", "„n”,", 1).encode("cp1252"),
    "list.csv.gz": lambda: gzip.compress(TEXT),
    "two.csv.gz": lambda: gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]),
    "marked.csv.gz": lambda: gzip.compress(as_text().encode("utf-8-sig")),
    "western.csv.zst": lambda: _zst(as_text("|").encode("latin-1")),
    "list.zip": lambda: zipped({"folder/list.csv": TEXT, "__MACOSX/._list.csv": b"\0\1"}),
    "gzip.csv": lambda: gzip.compress(TEXT),
    "list.xlsx": lambda: _bytes(_write_xlsx),
    "list.xls": lambda: _bytes(_write_xls),
    "text.xls": lambda: as_text("\t").encode(),
    "list.ods": lambda: ods((HEADER, *ROWS)),
    "list.jsonl": lambda: _json_lines().encode(),
    "list.ndjson.gz": lambda: gzip.compress(_json_lines().encode()),
    "list.parquet": lambda: _bytes(frame().write_parquet),
    "list.arrow": lambda: _bytes(frame().write_ipc),
    "list.feather": lambda: _bytes(lambda out: frame().write_ipc(out, compression="lz4")),
    "list.arrows": lambda: _bytes(frame().write_ipc_stream),
    "parquet.csv": lambda: _bytes(frame().write_parquet),
    "list.json": lambda: _json_array().encode(),
    "lines.json": lambda: _json_lines().encode(),
    "marked.json": lambda: _json_array().encode("utf-8-sig"),
    "wide.json": lambda: _json_array().encode("utf-16"),
    "list.json.gz": lambda: gzip.compress(_json_array().encode()),
    "list.parquet.gz": lambda: gzip.compress(_bytes(frame().write_parquet)),
    "list.arrow.zst": lambda: _zst(_bytes(frame().write_ipc)),
    "list.arrows.gz": lambda: gzip.compress(_bytes(frame().write_ipc_stream)),
    "list.xlsx.gz": lambda: gzip.compress(_bytes(_write_xlsx)),
    "xls.zip": lambda: zipped({"list.xls": _bytes(_write_xls)}),
    "text-xls.zip": lambda: zipped({"list.xls": as_text("\t")}),
    "ods.zip": lambda: zipped({"folder/list.ods": ods((HEADER, *ROWS))}),
    "parquet.zip": lambda: zipped({"list.parquet": _bytes(frame().write_parquet)}),
}
