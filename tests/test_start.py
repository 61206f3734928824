"""The start page without a browser: what it knows, how long it waits, and what it shows."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rokt_helpers.audience import prepare_audience
from rokt_helpers.clock import Clock
from rokt_helpers.forms.start import Card, Check, Past, Place, Start, Worry, card_of, moment
from rokt_helpers.jobs import StartPage
from rokt_helpers.jobs.start_record import cards, coming, past_runs
from rokt_helpers.runner.shown import show_runs, shown_runs
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.widgets import StartView
from rokt_helpers.widgets.start import _commands, start_html
from rokt_helpers.workbench import open_workbench
from tests.house.project import ROOT

TWO_ENTRIES = """
entries:
  - {name: a, notebook: notebooks/20_x.ipynb, at: "06:00", time_zone: Europe/Berlin}
  - {name: b, notebook: notebooks/30_y.ipynb, at: "13:30"}
"""
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes a connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def run_folder(runs: Path, name: str, *log: dict[str, object]) -> Path:
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "executed.html").write_text("<p>page</p>")
    (folder / "run.log").write_text("".join(f"{json.dumps(line)}\n" for line in log))
    return folder


# --- what it knows ----------------------------


def test_on_a_sandbox_all_stands_and_looking_changed_nothing(sandbox: Sandbox) -> None:
    """Each wire has its own line with the time it took, and nobody was put on a list."""
    page = StartPage()
    assert page.result()["stands"] is True
    assert page.result()["sentence"] == page.state.sentence == "All 6 connections work."
    assert page.state.place == Place("sandbox", page.state.place.account)
    assert all(check.milliseconds is not None for check in page.state.checks)
    assert sandbox.lists() == {"AdvertiserDatabase": 0}
    assert json.loads(json.dumps(page.result()))["profile"] == "sandbox"


def test_a_delivery_is_told_with_the_page_it_came_from(sandbox: Sandbox) -> None:
    """After a delivery the page says so, in words and with a link."""
    (Path.cwd() / "list.csv").write_text("email\nann@example.com\nbob@example.com\n")
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(prepare_audience("list.csv"), list="A"))
    (told,) = StartPage().state.deliveries
    assert (told.title, told.state, told.page) == (
        "Put on A: 2", "well", "20_deliver_audience.ipynb",
    )  # fmt: skip
    assert "every batch was confirmed" in told.sentence
    assert sandbox.lists()["A"] == 2


@pytest.mark.usefixtures("sandbox")
def test_a_silent_wire_is_not_waited_for(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page goes on after its time, says which wire was silent, and tells of the others."""
    monkeypatch.setenv("ROKT_API_URL", silent)
    clock = Clock()
    began = clock.monotonic()
    page = StartPage(patience_seconds=1.5)
    assert clock.monotonic() - began < 6
    states = {check.what: check.state for check in page.state.checks}
    assert states["custom audience API"] == "silent"
    assert states["SFTP"] == "well"
    assert page.result()["stands"] is False
    assert "No answer within 1.5 s" in StartView(page)._repr_html_()


@pytest.mark.usefixtures("sandbox")
def test_nobody_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is told as one, and the page stands."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ROKT_API_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    page = StartPage()
    (api,) = [check for check in page.state.checks if check.what == "custom audience API"]
    assert api.state == "look"
    assert page.state.sentence.endswith("of 6 connections work.")


def test_settings_that_cannot_be_used_leave_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The banner says that nothing is open, never that this is a sandbox."""
    monkeypatch.setenv("ROKT_API_URL", "https://api.example.com")
    page = StartPage()
    shown = StartView(page)._repr_html_()
    assert page.state.place.kind == "closed"
    assert "ROKT_API_URL point" in page.result()["sentence"]
    assert "Nothing leaves this computer" not in shown
    assert "Nothing was delivered yet" not in shown


def test_each_page_of_the_project_has_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks from notebooks/ finds every page but this one, with its title and its time."""
    monkeypatch.chdir(ROOT / "notebooks")
    pages = {path.name for path in Path.cwd().glob("*.ipynb")} - {"00_start_here.ipynb"}
    found = {card.link: card for card in cards()}
    assert {*found} == pages | {"academy/00_glossary.ipynb"}
    assert all(card.title and card.sentence and card.minutes for card in found.values())
    assert max(len(card.sentence) for card in found.values()) < 200


def test_a_page_that_cannot_be_read_takes_no_other_with_it() -> None:
    """Half a notebook and one without a title have no card; what is there has."""
    head = {"cells": [{"source": ["# Ours\n", "\n", "**Two minutes.** A `page` *of ours*."]}]}
    text = {"a": json.dumps(head), "b": "{", "c": '{"cells": []}', "d": '{"cells":[{"source":""}]}'}
    folder = Path.cwd() / "notebooks"
    folder.mkdir()
    for name, content in text.items():
        (folder / f"{name}.ipynb").write_text(content)
    assert cards() == (Card("Ours", "A page of ours.", "Two minutes", "a.ipynb"),)
    assert card_of("no title", "x") is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (None, "there is no params/schedule.yml"),
        ("entries: []", "each entry of params/schedule.yml is off"),
        ("entries: [{name: x}]", "x: "),
        (TWO_ENTRIES, "today 13:30 UTC"),
    ],
)
def test_what_comes_next_is_said_in_its_own_time(lines: str | None, said: str) -> None:
    """The soonest entry that is on; without one, or with a bad file, a sentence that says so."""
    (Path.cwd() / "params").mkdir()
    if lines is not None:
        (Path.cwd() / "params" / "schedule.yml").write_text(lines)
    assert said in coming(NOW).when


def test_past_runs_tell_how_they_ended(home: Path) -> None:
    """Newest first: ended well, ended badly, not ended; other folders are passed over."""
    runs = home / "sandbox" / "runs"
    run_folder(
        runs, "20261122T060000Z-10_prepare_audience-aaaa",
        {"event": "started"}, {"event": "ended", "exit_code": 0, "sentence": "All is well."},
    )  # fmt: skip
    run_folder(
        runs, "20261122T070000Z-40_referrals-bbbb",
        {"event": "ended", "exit_code": 1, "sentence": "x" * 400},
    )  # fmt: skip
    run_folder(runs, "20261122T080000Z-30_conversions-cccc", {"event": "cell", "number": 3})
    run_folder(runs, "20261122T090000Z-00_start_here-dddd")
    (runs / "airflow").mkdir()
    found = past_runs(runs, profile="sandbox", now=NOW)
    assert [(run.title, run.word) for run in found] == [
        ("Conversions", "Still open"), ("Referrals", "Look"), ("Prepare audience", "Done"),
    ]  # fmt: skip
    assert found[2].when == "today 06:00 UTC"
    assert len(found[1].sentence) == 160
    assert all(run.opens == "" and run.path.endswith("executed.html") for run in found)


def test_a_run_opens_where_the_project_leads_to_it(home: Path) -> None:
    """With the folder of runs shown in the project, each run has a link from notebooks/."""
    runs = home / "sandbox" / "runs"
    name = "20261122T060000Z-10_prepare_audience-aaaa"
    run_folder(runs, name, {"event": "ended", "exit_code": 0})
    assert show_runs(runs, project=Path.cwd(), profile="sandbox")
    assert show_runs(runs, project=Path.cwd(), profile="sandbox")
    (run,) = past_runs(runs, profile="sandbox", now=NOW)
    assert run.opens == f"../reports/runs/sandbox/{name}/executed.html"
    (Path.cwd() / "notebooks").mkdir()
    assert (Path.cwd() / "notebooks" / run.opens).read_text() == "<p>page</p>"


def test_a_folder_in_the_way_of_the_runs_is_left_alone(home: Path) -> None:
    """What somebody else put there stays, and the page shows the path instead."""
    mine = Path.cwd() / shown_runs("sandbox")
    mine.mkdir(parents=True)
    assert not show_runs(home / "sandbox" / "runs", project=Path.cwd(), profile="sandbox")
    assert mine.is_dir()
    assert not mine.is_symlink()


# --- what it shows ----------------------------


@pytest.mark.parametrize(
    ("profile", "kind", "word"),
    [
        ("sandbox", "sandbox", "Sandbox"),
        ("staging", "staging", "Staging"),
        ("live", "live", "Live"),
        ("production", "live", "Production"),
        ("", "closed", "Not open"),
    ],
)
def test_the_banner_is_a_colour_a_word_and_a_sign(profile: str, kind: str, word: str) -> None:
    """Each place has a class of its own, its word and its drawing; an unknown one is live."""
    shown = start_html(Start(Place(profile, "42")))
    banner = shown.split('<div class="rokt-where ')[1].split("</div>")[0]
    assert banner.startswith(f'{kind}"')
    assert f"<strong>{word}</strong>" in banner
    assert banner.count("<svg") == 1
    assert ("Account 42" in banner) is (kind != "sandbox")


def test_runs_without_a_person_are_called_what_they_are() -> None:
    """Whoever began them: a schedule, another scheduler, or a hand at the command line."""
    shown = start_html(Start(Place("sandbox")))
    assert "<h3>Last unattended runs</h3>" in shown
    assert "by a schedule or by rokt run" in shown


def test_what_came_from_elsewhere_is_shown_as_text() -> None:
    """Markup in a sentence, a name or a path is escaped wherever it stands."""
    bad = "<img src=x onerror=alert(1)>"
    past = Past(bad, bad, f"{bad}.ipynb", "look", bad, path=bad)
    shown = start_html(
        Start(
            Place("live", bad), bad, (Check(bad, "look", 1, (bad,)),),
            (Worry(bad, bad, bad, bad, bad),), (past,), (past,), cards=(Card(bad, bad, bad, bad),),
        )
    )  # fmt: skip
    assert "<img" not in shown
    assert shown.count("&lt;img") > 10


def test_nothing_is_said_by_colour_alone() -> None:
    """Each state of a wire and of a run has its word in the text, and signs are not read aloud."""
    checks = tuple(Check(state, state, 1) for state in ("well", "look", "unset", "silent"))
    shown = start_html(Start(Place("sandbox"), checks=checks))
    for word in ("Works", "Look here", "Not set up", "No answer"):
        assert f">{word}</span>" in shown
    assert shown.count('<span aria-hidden="true">') == shown.count('class="rokt-sign')
    assert "1 of 3 connections work." in shown


def test_moments_are_said_as_people_say_them() -> None:
    """The day by name where it is near, by date where it is not."""
    assert moment(datetime(2026, 11, 22, 6, tzinfo=UTC), NOW) == "today 06:00 UTC"
    assert moment(datetime(2026, 11, 21, 6, tzinfo=UTC), NOW) == "yesterday 06:00 UTC"
    assert moment(datetime(2026, 11, 23, 6, tzinfo=UTC), NOW) == "tomorrow 06:00 UTC"
    assert moment(datetime(2026, 11, 12, 6, tzinfo=UTC), NOW) == "Thu 12 Nov 06:00 UTC"


def test_a_command_in_a_sentence_stands_as_code_and_is_escaped() -> None:
    """Backticks mark what is typed; whatever a sentence holds, it is text."""
    drawn = _commands("Run `rokt check <x>` & look.")
    assert drawn == "Run <code>rokt check &lt;x&gt;</code> &amp; look."
