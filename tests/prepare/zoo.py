"""Awkward files by name: their bytes, and what a spreadsheet would show of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["GOOD", "UNUSABLE", "Animal", "Unusable"]

A, B, C = "ann@example.com", "bob@example.com", "cat@example.com"


@dataclass(frozen=True)
class Animal:
    """A file, its accepted addresses in order, and its rejected rows: number and reason.

    ``rows`` counts the rows below the header; ``found`` are further facts of the summary's source.
    """

    content: bytes
    accepted: tuple[str, ...]
    rejected: tuple[tuple[int, str], ...] = ()
    rows: int = 0
    found: tuple[tuple[str, object], ...] = ()

    def put(self, folder: Path, name: str = "my list.csv") -> Path:
        """Put the file into a folder; its name holds a space."""
        path = folder / name
        path.write_bytes(self.content)
        return path


def _animal(
    text: str | bytes,
    *accepted: str,
    rejected: tuple[tuple[int, str], ...] = (),
    rows: int | None = None,
    encoding: str = "utf-8",
    **found: object,
) -> Animal:
    content = text if isinstance(text, bytes) else text.encode(encoding)
    count = len(accepted) + len(rejected) if rows is None else rows
    return Animal(content, accepted, rejected, count, tuple(found.items()))


GOOD = {
    # --- line ends
    "line feeds": _animal(f"email\n{A}\n{B}\n", A, B, header=True, column="email"),
    "no line end at the end": _animal(f"email\n{A}\n{B}", A, B),
    "Windows line ends": _animal(f"email,n\r\n{A},1\r\n{B},2\r\n", A, B, delimiter="comma"),
    "old Mac line ends": _animal(f"email\r{A}\r{B}\r", A, B),
    "line ends of two kinds": _animal(f"email\n{A}\r{B}\n{C}\r\n", A, B, C),
    "blank rows": _animal(
        f"email\n{A}\n\n{B}\n \n", A, B, rejected=((3, "empty"), (5, "empty"))
    ),
    "blank rows between cells": _animal(
        f"email,n\n{A},1\n\n{B},2\n,\n\n", A, B,
        rejected=((3, "empty"), (5, "empty"), (6, "empty")),
    ),
    "blank rows first": _animal(
        f"\n \t\n\0\nemail,n\n{A},1\nx,2\n{B},3\n", A, B, rejected=((6, "no_at_sign"),)
    ),
    "blank Windows rows first": _animal(
        f"\r\n\r\nemail\r\n{A}\r\nx\r\n", A, rejected=((5, "no_at_sign"),)
    ),
    "a form feed first": _animal(f"\f\nemail\n{A}\nx", A, rejected=((4, "no_at_sign"),)),
    # --- encodings
    "byte-order mark": _animal(
        f"email\n{A}\n", A, encoding="utf-8-sig", column="email", header=True,
    ),
    "byte-order mark, no header": _animal(f"{A}\n{B}\n", A, B, encoding="utf-8-sig", header=False),
    "byte-order mark, quotes": _animal(f'"{A}"\n"{B}"\n', A, B, encoding="utf-8-sig"),
    "byte-order mark, blank rows": _animal(f"\n\nemail\n{A}\n", A, encoding="utf-8-sig"),
    "UTF-16": _animal(f"email\n{A}\n", A, encoding="utf-16", column="email"),
    "UTF-16 of a spreadsheet": _animal(
        f"n\temail\r\n1\t{A}\r\n\r\n2\t{B}\r\n", A, B, rejected=((3, "empty"),),
        encoding="utf-16", delimiter="tab",
    ),
    "UTF-16, the other way round": _animal(b"\xfe\xff" + f"{A}\n{B}".encode("utf-16-be"), A, B),
    "UTF-32": _animal(f"email\n{A}\n", A, encoding="utf-32"),
    "UTF-16 without its mark": _animal(f"email\n{A}\n{B}\n", A, B, encoding="utf-16-le"),
    "Latin-1": _animal(
        f"email,n\n{A},é\njosé@example.com,2\n", A, "josé@example.com", encoding="latin-1",
    ),
    "Windows-1252": _animal(f"email,n\n{A},“é”\n{B},€\n", A, B, encoding="cp1252"),
    # --- quotes
    "all quoted": _animal(f'"email","n"\n"{A}","1"\n"{B}","2"\n', A, B, delimiter="comma"),
    "a line end in a cell": _animal(
        f'email,n\n{A},"1\n2"\n{B},"3\r\n4"\nx,5\n', A, B, rejected=((4, "no_at_sign"),)
    ),
    "a line end in the header": _animal(
        f'email,"n\nm"\n{A},1\nx,2\n', A, rejected=((3, "no_at_sign"),)
    ),
    "a delimiter in a cell": _animal(f'n,email\n"Lee, Ann",{A}\n"Lee",{B}\n', A, B),
    "quotes in a cell": _animal(f'n,email\n"Ann ""A"" Lee",{A}\n"""",{B}\n', A, B),
    "a stray quote": _animal(f'email,n\n{A},5"\n{B},6\n{C},7\n', A, B, C),
    "a pair of stray quotes": _animal(f'email,n\n{A},5"\n{B},6"\n{C},7\n', A, B, C),
    "a stray quote in an address": _animal(
        f'email\n{A}\nbo"b@example.com\n{C}\n', A, C, rejected=((3, "bad_local_part"),)
    ),
    "text after a quoted cell": _animal(f'email,n\n{A},"b"c\n{B},2\n', A, B),
    "a quote opened in the last row": _animal(f'email\n{A}\n"{B}\n', A, B),
    # --- shapes
    "one cell": _animal(A, A, header=False, column="column_1"),
    "no header": _animal(f"1,{A}\n2,{B}\n", A, B, header=False, column="column_2"),
    "no header, one column": _animal(f"{A}\nx\n", A, rejected=((2, "no_at_sign"),), header=False),
    "semicolons": _animal(f"n;email\na,b;{A}\nc;{B}\n", A, B, delimiter="semicolon"),
    "tabs": _animal(f"n\temail\na,b\t{A}\nc\t{B}\n", A, B, delimiter="tab"),
    "bars": _animal(f"n|email\na,b|{A}\nc|{B}\n", A, B, delimiter="bar"),
    "too many cells": _animal(
        f"email,n\n{A},1\n{B},2,x\n{C},3,,\n", A, C, rejected=((3, "unreadable"),)
    ),
    "a comma in a name": _animal(
        f"n,email\nLee,{A}\nLee, Bob,{B}\n", A, rejected=((3, "unreadable"),)
    ),
    "too few cells": _animal(f"n,email\n1,{A}\n2\n3,{B}\n", A, B, rejected=((3, "empty"),)),
    "names that repeat": _animal(f"email (2),email,email\n1,2,{A}\n", A, column="email (3)"),
    "a name that is missing": _animal(f"n,\n1,{A}\n", A, column="column_2"),
    "white space in a name": _animal(f" e\u2028mail\t\n{A}\n", A, column="e\u2028mail"),
    # --- cells
    "NUL": _animal(
        f"email\n{A}\nb\0ob@example.com\n\0\n{C}\0\n", A,
        rejected=((3, "bad_local_part"), (4, "no_at_sign"), (5, "bad_domain")),
    ),
    "a separator of databases": _animal(f"email\n{A}\x1f\nbob@exam\x1fple.com\n", A, B),
    "a person twice": _animal(f"email\n{A}\n{B}\n ANN@Example.com\n", A, B, rows=3),
    "white space and quotes": _animal(f'email\n "{A}"\n"{B} "\n', B,
        rejected=((2, "bad_local_part"),)),
}  # fmt: skip


@dataclass(frozen=True)
class Unusable:
    """A file that cannot be used, words of the message that says why and what to do, options."""

    content: bytes
    says: tuple[str, ...]
    name: str = "list.csv"
    options: tuple[tuple[str, object], ...] = ()


# In every cell stands a canary: no message may hold a part of it.
CANARY = "canary"
_FIRST, _SECOND = f"{CANARY}1@{CANARY}.example", f"{CANARY}2@{CANARY}.example"
SHA256, MD5 = "c4a4a47" + "1" * 57, "c4a4a47" + "1" * 25


def _unusable(text: str | bytes, *says: str, name: str = "list.csv", **options: object) -> Unusable:
    content = text if isinstance(text, bytes) else text.encode()
    return Unusable(content, says, name, tuple(options.items()))


UNUSABLE = {
    "empty": _unusable("", "is empty", "Export the list again"),
    "blank rows only": _unusable("\n \r\n\0\n", "is empty"),
    "byte-order mark only": _unusable(b"\xef\xbb\xbf", "is empty"),
    "byte-order mark of UTF-16 only": _unusable(b"\xff\xfe", "is empty"),
    "header only": _unusable("email,n\n", "No address", "'email', 'n'", "right list"),
    "no address": _unusable(f"n,m\n{CANARY},{CANARY}\n", "No address", "'n', 'm'", "column="),
    "no address in the named column": _unusable(
        f"n,email\n{CANARY},{_FIRST}\n", "in the 1 rows of column 'n'", column="n"
    ),
    "two columns": _unusable(
        f"home,work\n{_FIRST},{_SECOND}\n", "2 columns", "'home' (100 %), 'work' (100 %)", "column="
    ),
    "no such column": _unusable(
        f"email,n\n{_FIRST},{CANARY}\n", "no column 'mail'", "'email', 'n'", column="mail"
    ),
    "addresses and digests": _unusable(
        f"email\n{_FIRST}\n{SHA256}\n", "1 addresses", "1 SHA-256", "mixed='hash'"
    ),
    "addresses and digests, plain": _unusable(
        f"email\n{_FIRST}\n{SHA256}\n", "mixes", mixed="hash", output="plain"
    ),
    "addresses for digests": _unusable(
        f"email\n{_FIRST}\n", "1 addresses", "identifier='email'", identifier="sha256"
    ),
    "digests for addresses": _unusable(
        f"email\n{SHA256}\n", "cannot be turned back", "output='sha256'", output="plain"
    ),
    "MD5": _unusable(f"email\n{MD5}\n{CANARY}\n", "1 MD5", "SHA-256 only", "export the addresses"),
    "another code page": _unusable(
        f"email,n\n{_FIRST},{CANARY} имя\n".encode("cp1251"), "not UTF-8", "CSV UTF-8"
    ),
    "the same far below": _unusable(
        f"email\n{_FIRST}\n".encode() * 12_000 + f"{CANARY} имя@example.com\n".encode("cp1251"),
        "not UTF-8", "CSV UTF-8",
    ),
    "UTF-16 in part": _unusable(
        f"email\n{_FIRST}\n".encode("utf-16-le") + b"\0\0\0", "not UTF-8"
    ),
    "UTF-16 cut short": _unusable(f"email\n{_FIRST}\n".encode("utf-16")[:-1], "not UTF-8"),
    "a quote that is never closed": _unusable(
        f'email,n\n{_FIRST},"{CANARY}\n{_SECOND},2\n', "quotation mark", "Export the list again"
    ),
    "never closed far below": _unusable(
        f"email,n\n{_FIRST},1\n" * 12_000 + f'{_FIRST},"{CANARY}\n{_SECOND},2\n', "quotation mark"
    ),
    "a cell without end": _unusable(f'email\n{_FIRST}\n"{CANARY * 50_000}"x\n', "cut into rows"),
    "a row taken for a header": _unusable(
        f"{_FIRST},{CANARY}\n{_SECOND},2\n", "name of column 1", "header=False", header=True
    ),
    "a digest taken for a header": _unusable(f"n,{MD5}\n1,2\n", "name of column 2", header=True),
    "a workbook": _unusable(f"PK\x03\x04{CANARY}", "Save the list as .csv", name="list.xlsx"),
    "no suffix": _unusable(_FIRST, "Save the list as .csv", name="list"),
    "a wrong option": _unusable(f"{_FIRST}\n", "output", "'sha256' or 'plain'", output="sha1"),
    "another wrong option": _unusable(f"{_FIRST}\n", "'refuse' or 'hash'", mixed="both"),
    "a wrong kind": _unusable(f"{_FIRST}\n", "'email' or 'sha256'", identifier="phone"),
}  # fmt: skip
