from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.cli import main

Rokt = Callable[..., tuple[int, str, str]]


def digest(person: int) -> str:
    return sha256(f"canary{person}@example.com".encode()).hexdigest()


@pytest.fixture
def rokt(capfd: pytest.CaptureFixture[str]) -> Rokt:
    """Give a caller of the command line; it returns exit code, standard output and error."""

    def call(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words])
        return int(str(ended.value.code or 0)), *capfd.readouterr()

    return call


@pytest.fixture(autouse=True)
def two_lists() -> None:
    """Eight people in a plain list, one of them twice; people 6 to 10 in a hashed one."""
    plain = [f"Canary{person}@Example.com" for person in [*range(8), 0]]
    Path("shop.csv").write_text("\n".join(["email", *plain]) + "\n", encoding="utf-8")
    Path("stop.csv").write_text("\n".join(map(digest, range(6, 11))) + "\n", encoding="utf-8")


def parts(said: dict[str, Any]) -> dict[str, int]:
    return {row["part"]: row["people"] for row in said["parts"]}


def test_two_lists_are_compared_in_people(rokt: Rokt) -> None:
    """A plain list meets a hashed one: a small table that adds up, and the finding in words."""
    code, out, err = rokt("compare", "shop.csv", "stop.csv")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "part           people  share",
        "─────────────  ──────  ──────",
        "only shop.csv       6   54.5%",
        "both                2   18.2%",
        "only stop.csv       3   27.3%",
        "",
        "2 people are on both lists: 25% of shop.csv, 40% of stop.csv.",
        "Of everybody on either list, 18.2% are on both (the Jaccard index).",
    ]


@pytest.mark.parametrize(
    ("mode", "counted", "sentence"),
    [
        (
            "overlap",
            {"only_left": 6, "both": 2, "only_right": 3},
            "2 people are on both lists: 25%",
        ),
        (
            "conflicts",
            {"only_left": 6, "both": 2, "only_right": 3},
            "2 people are on both lists: 25",
        ),
        ("churn", {"stayed": 2, "came": 3, "went": 6}, "From 8 people to 5: 3 came and 6 went"),
    ],
)
def test_json_is_one_object(rokt: Rokt, mode: str, counted: dict[str, int], sentence: str) -> None:
    """Each question gives its parts and its sentence, and nobody's address or digest."""
    code, out, _ = rokt("compare", "shop.csv", "stop.csv", "--as", mode, "--json")
    said = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert parts(said) == counted
    assert said["sentence"].startswith(sentence)
    assert (said["mode"], said["left"], said["right"]) == (mode, "shop.csv", "stop.csv")
    assert not any(digest(person)[:12] in out for person in range(11))
    assert "canary" not in out.lower()


def test_conflicts_are_written_as_rokt_takes_them(rokt: Rokt) -> None:
    """The file holds exactly those on both, a digest a line, readable by its owner only."""
    words = ["compare", "shop.csv", "stop.csv", "--as", "conflicts", "--out-conflicts", "off.csv"]
    code, out, _ = rokt(*words)
    assert code == 0
    assert out.endswith("Their digests were written to off.csv.\n")
    text = Path("off.csv").read_bytes().decode()
    assert sorted(text.splitlines()) == sorted(map(digest, (6, 7)))
    assert text.endswith("\n")
    assert Path("off.csv").stat().st_mode & 0o777 == 0o600
    assert parts(json.loads(rokt("compare", "shop.csv", "off.csv", "--json")[1]))["both"] == 2


def test_an_older_answer_does_not_stay(rokt: Rokt) -> None:
    """Where nobody conflicts the file is empty: what lay there is not taken for the answer."""
    Path("off.csv").write_text(digest(1))
    Path("others.csv").write_text("email\nsomebody@example.org\n")
    words = ["--as", "conflicts", "--out-conflicts", "off.csv"]
    code, out, _ = rokt("compare", "shop.csv", "others.csv", *words)
    assert (code, Path("off.csv").read_text()) == (0, "")
    assert "Nobody is on both" in out
    assert out.endswith("off.csv is empty, for there is nobody to take off.\n")


def test_a_pattern_is_one_list(rokt: Rokt) -> None:
    """Files that a pattern means are read as one list, each person once."""
    for number, people in enumerate([(1, 2), (2, 3)]):
        rows = "\n".join(f"canary{person}@example.com" for person in people)
        Path(f"part{number}.csv").write_text(f"email\n{rows}\n")
    said = json.loads(rokt("compare", "part*.csv", "shop.csv", "--json")[1])
    assert parts(said) == {"only_left": 0, "both": 3, "only_right": 5}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["shop.csv"], "Missing argument 'RIGHT'"),
        (["shop.csv", "./shop.csv"], "Both sides are the same list"),
        (["shop.csv", "nowhere.csv"], "There is no file"),
        (["shop.csv", "stop.csv", "--as", "age"], "Invalid value for '--as'"),
        (["shop.csv", "stop.csv", "--out-conflicts", "off.csv"], "--as conflicts"),
        (
            ["shop.csv", "stop.csv", "--as", "conflicts", "--out-conflicts", "stop.csv"],
            "is one of the lists",
        ),
        (
            ["shop.csv", "stop.csv", "--as", "conflicts", "--out-conflicts", "off.xlsx"],
            "Rokt takes .csv and .txt files",
        ),
    ],
)
def test_a_wrong_call_says_what_to_do(rokt: Rokt, words: list[str], says: str) -> None:
    """It ends with 2 before anything is written, and no list is harmed."""
    before = Path("stop.csv").read_bytes()
    code, out, err = rokt("compare", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert Path("stop.csv").read_bytes() == before
    assert not Path("off.csv").exists()


def test_a_command_means_its_own_folder(rokt: Rokt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of that name in a folder above is not taken for one that is missing here."""
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert rokt("compare", "shop.csv", "stop.csv")[0] == 2
