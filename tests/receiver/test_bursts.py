"""Nothing that was answered with success is lost: bursts, crashes, full disks, ends."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest
import requests

from rokt_helpers.sandbox import Sandbox
from tests.command_line import Rokt, one_object
from tests.receiver.running import Running, drained, in_journal, kept, lead
from tests.receiver.test_answers import half_sent

AT_ONCE = 16
DUPLICATE = {"field": "email", "is": "duplicate", "status": 409}


def digest(number: int) -> str:
    return sha256(f"person.{number}@example.com".encode()).hexdigest()


def burst(
    running: Running, numbers: Sequence[int], *, after: Callable[[int], None] = lambda _: None
) -> dict[int, int]:
    """Push people from many threads; return number → status, 0 where no answer came."""
    statuses: dict[int, int] = {}

    def share(first: int) -> None:
        with closing(HTTPConnection(*address(running.url), timeout=30)) as line:
            for number in numbers[first::AT_ONCE]:
                statuses[number] = pushed(line, lead(number))
                after(len(statuses))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(share, range(AT_ONCE)))
    assert set(statuses) == set(numbers)
    return statuses


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


def pushed(line: HTTPConnection, body: Any) -> int:
    try:
        line.request("POST", "/referrals", json.dumps(body), {"Content-Type": "application/json"})
        answer = line.getresponse()
        answer.read()
    except (HTTPException, OSError):
        line.close()
        return 0
    return answer.status


def digests(rows: Sequence[Any]) -> list[str]:
    return sorted(row["email"] for row in rows)


def test_a_burst_is_kept_whole_and_taken_over_once(tmp_path: Path) -> None:
    """Of 2,000 requests each is answered once and kept once; a second drain adds nothing."""
    with Running(tmp_path) as running:
        statuses = burst(running, range(2_000))
        assert set(statuses.values()) == {201}
        assert digests(in_journal(running.journal)) == sorted(map(digest, range(2_000)))
        first, second = drained(tmp_path), drained(tmp_path)
        assert (first["rows"], first["segments_aside"], second["rows"]) == (2_000, 0, 0)
        assert running.push(lead(5_000)).status_code == 201
    third = drained(tmp_path)
    table = kept(tmp_path)
    assert (third["rows"], table.height, table["email_sha256"].n_unique()) == (1, 2_001, 2_001)
    assert set(table["audience_id"]) == {"2581697744617019994"}
    assert set(table["postal_code"]) == {"02134"}
    assert "kept: 2,001" in running.said


def test_one_answer_is_enough(tmp_path: Path) -> None:
    """The only referral that came is there, though the process was ended right after its answer."""
    with Running(tmp_path) as running:
        assert running.push(lead(7)).status_code == 201
        running.process.kill()
        running.process.wait(20)
    assert digests(in_journal(running.journal)) == [digest(7)]


def test_what_was_answered_outlives_kill_9(tmp_path: Path) -> None:
    """Ended in the midst of a burst, and started again: everything answered is there, once."""
    with Running(tmp_path, {"rules": [DUPLICATE]}) as running:

        def end(done: int) -> None:
            if done == 100:
                running.process.kill()

        statuses = burst(running, range(300), after=end)
        running.process.wait(20)
    answered = {number for number, status in statuses.items() if status == 201}
    assert 80 < len(answered) < 300
    with Running(tmp_path, {"rules": [DUPLICATE]}) as running:
        again = burst(running, range(300))
        assert {again[number] for number in answered} == {409}
        assert set(again.values()) == {201, 409}
    assert digests(in_journal(running.journal)) == sorted(map(digest, range(300)))
    assert drained(tmp_path)["rows"] == 300


def test_sigterm_answers_what_is_under_way(tmp_path: Path) -> None:
    """A request half sent is still answered and kept, the port closes, the exit code is 0."""
    with Running(tmp_path, {"encoding": "json", "fields": {"Tier": "t"}}) as running:
        line = half_sent(running.url)  # of its 9 bytes the first
        assert running.push({"t": "a"}).status_code == 201
        running.process.terminate()
        until_closed(running.url)
        line.sendall(b'"t":"x"}')
        line.settimeout(10)
        assert line.recv(12) == b"HTTP/1.1 201"
        line.close()
        assert running.ends() == 0
    assert [row["Tier"] for row in in_journal(running.journal)] == ["a", "x"]
    assert [path.suffix for path in running.journal.glob("push-*")] == [".segment"]


def until_closed(url: str) -> None:
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            requests.get(url, timeout=1)
        except requests.ConnectionError:
            return
        time.sleep(0.05)
    raise AssertionError("still listening")


def test_a_burst_that_is_ended_is_answered_or_cut_off(tmp_path: Path) -> None:
    """After SIGTERM in a burst the journal holds exactly what was answered with success."""
    with Running(tmp_path) as running:

        def end(done: int) -> None:
            if done == 100:
                running.process.terminate()

        statuses = burst(running, range(300), after=end)
        assert running.ends() == 0
    answered = [digest(number) for number, status in statuses.items() if status == 201]
    assert set(statuses.values()) == {201, 0}
    assert digests(in_journal(running.journal)) == sorted(answered)


def small_disk() -> None:
    """Let no file of this process grow beyond 20 kB: the write after that fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_what_cannot_be_written_is_not_accepted(tmp_path: Path) -> None:
    """When the disk takes no more the answer is 503 with a time, and nothing half is kept."""
    with Running(tmp_path, before=small_disk) as running:
        answers = [running.push(lead(number)) for number in range(150)]
        refused = [a for a in answers if a.status_code != 201]
        assert {(a.status_code, a.headers.get("retry-after")) for a in refused} == {(503, "2")}
        accepted = [digest(n) for n, a in enumerate(answers) if a.status_code == 201]
        assert digests(in_journal(running.journal)) == sorted(accepted)
    assert len(accepted) > len(refused) > 0
    assert drained(tmp_path)["segments_aside"] == 0


def test_the_same_person_at_once_is_accepted_once(tmp_path: Path) -> None:
    """Of equal pushes that arrive together one is accepted and all others are duplicates."""
    with Running(tmp_path, {"rules": [DUPLICATE]}) as running:
        bodies = [lead(1)] * 60
        with ThreadPoolExecutor(AT_ONCE) as threads:
            statuses = [a.status_code for a in threads.map(running.push, bodies)]
    assert sorted(statuses) == [201] + [409] * 59
    assert len(in_journal(running.journal)) == 1


def test_no_one_is_named_anywhere(tmp_path: Path) -> None:
    """Neither journal, vault nor output holds an address or a name that was pushed."""
    canary = lead(1, tier="call zebrafinch@example.com")
    canary["customer"]["email"] = "Zebrafinch@example.com"
    with Running(tmp_path, {"rules": [DUPLICATE]}) as running:
        for content in (canary, canary, {"customer": {"email": ["zebrafinch"]}}):
            running.push(content)
        requests.post(running.url, data=b'{"zebrafinch@example.com', timeout=20)
        requests.get(f"{running.url}?zebrafinch@example.com", timeout=20)
        found = [everything(tmp_path)]
        drained(tmp_path)
        running.push({**canary, "at": "zebrafinch"})
    found += [everything(tmp_path), running.said, str(kept(tmp_path).to_dicts())]
    assert [text for text in found if "zebrafinch" in text.lower()] == []
    assert kept(tmp_path).select(pl.col("email_sha256")).to_series().to_list() == [
        sha256(b"zebrafinch@example.com").hexdigest()
    ]


def everything(home: Path) -> str:
    paths = [path for path in (home / "state").rglob("*") if path.is_file()]
    return "".join(f"{path} {path.read_bytes()!r}" for path in paths)


def test_fetching_takes_over_what_was_pushed(
    sandbox: Sandbox, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rokt referrals fetch` brings the pushed referrals in beside the files, and says so once."""
    assert sandbox.environment
    with Running(tmp_path) as running:
        assert running.push(lead(1)).status_code == 201
        monkeypatch.setenv("ROKT_HOME", str(tmp_path / "state"))
        code, out, _ = rokt("referrals", "fetch", "--json")
        told = one_object(out)
        assert (code, told["pushed"]["rows"]) == (0, 1)
        assert "pushed" not in one_object(rokt("referrals", "fetch", "--json")[1])
    assert digest(1) in set(kept(tmp_path)["email_sha256"])


def test_everything_is_kept_where_it_was_asked_for(tmp_path: Path) -> None:
    """With --personal keep the names go through to the vault."""
    with Running(tmp_path, {}, "--personal", "keep") as running:
        assert running.push(lead(1)).status_code == 201
    drained(tmp_path, "--personal", "keep")
    (text,) = [p.read_bytes() for p in (tmp_path / "state").rglob("*.parquet")]
    assert pl.read_parquet(text)["first_name"].to_list() == ["Zebrafinch"]
