from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.manifest import KeptFile, files_table
from rokt_helpers.watching import LeftToExpire, Watched, metrics_text, write_metrics
from rokt_helpers.watching.metrics import _HELP
from tests.house.project import ROOT, run_tool
from tests.watching.made_up import NOW, daily, notebook, record, watched

LIST = {"profile": "sandbox", "account": "123", "purpose": "audience", "list": "VIP",
        "action": "include", "mode": "full"}  # fmt: skip
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(found: Watched) -> Figures:
    """Read the text as Prometheus does; each figure is there once, and is explained."""
    read: Figures = {}
    for family in text_string_to_metric_families(metrics_text(found, now=NOW)):
        assert family.documentation
        assert family.type == "gauge"
        for sample in family.samples:
            key = (sample.name.removeprefix("rokt_"), frozenset(sample.labels.items()))
            assert key not in read
            assert sample.timestamp is None  # the collector takes none
            read[key] = sample.value
    return read


def of_list(read: Figures, name: str, **labels: str) -> float | None:
    return read.get((name, frozenset((LIST | labels).items())))


def test_the_last_delivery_of_a_list(runs: Path) -> None:
    """Moment, success, rows, rejected, duration and what is in doubt are those of the last run."""
    read = figures(
        watched(
            [*daily(9, 1), record(0, rows=8_100, rejected=7, seconds=3, status="in_doubt")], runs
        )
    )
    assert of_list(read, "last_delivery_timestamp_seconds") == NOW.timestamp() - 6 * 3_600
    assert of_list(read, "last_delivery_success_timestamp_seconds") == (
        NOW.timestamp() - 30 * 3_600
    )
    assert of_list(read, "last_delivery_succeeded") == 0
    assert of_list(read, "last_delivery_rows") == 8_100
    assert of_list(read, "last_delivery_rejected_rows") == 7
    assert of_list(read, "last_delivery_duration_seconds") == 3
    assert of_list(read, "deliveries_in_doubt") == 1
    assert of_list(read, "deliveries", outcome="done") == 9
    assert of_list(read, "deliveries", outcome="failed") == 0


def test_what_is_not_known_is_left_out(runs: Path) -> None:
    """A run that never succeeded, has not ended and prepared nothing has no such figures."""
    read = figures(watched([record(0, status="started", summary="{}")], runs))
    names = {name for name, _ in read}
    assert "last_delivery_timestamp_seconds" in names
    assert not names & {
        "last_delivery_success_timestamp_seconds", "last_delivery_duration_seconds",
        "last_delivery_rejected_rows", "last_delivery_unusual", "referrals_oldest_expires_days",
    }  # fmt: skip


def test_an_unusual_last_run_is_a_figure(runs: Path) -> None:
    """Each measure tells by itself whether the last run lies outside its band."""
    read = figures(watched([*daily(9, 1), record(0, rows=20_000)], runs))
    assert of_list(read, "last_delivery_unusual", measure="rows") == 1
    assert of_list(read, "last_delivery_unusual", measure="seconds") == 0


def test_each_list_and_way_has_its_figures(runs: Path) -> None:
    """Action, mode and account tell lists of one name apart."""
    read = figures(
        watched(
            [record(1), record(0, action="exclude"), record(0, mode="delta", account="9")], runs
        )
    )
    rows = [labels for name, labels in read if name == "last_delivery_rows"]
    assert len(rows) == 3
    assert of_list(read, "last_delivery_rows", mode="delta", account="9") == 8_000


def test_notebooks_have_figures(runs: Path) -> None:
    """A notebook's last run, its last success and how long it took."""
    notebook(runs, 1, name="40_referrals", seconds=9)
    notebook(runs, 0, name="40_referrals", exit_code=1, seconds=4)
    read = figures(watched([], runs))
    labels = frozenset({"profile": "sandbox", "notebook": "40_referrals"}.items())
    assert read["last_notebook_succeeded", labels] == 0
    assert read["last_notebook_duration_seconds", labels] == 4
    assert read["last_notebook_timestamp_seconds", labels] == NOW.timestamp() - 6 * 3_600
    assert read["last_notebook_success_timestamp_seconds", labels] == NOW.timestamp() - 30 * 3_600


def test_referral_files_have_figures(runs: Path) -> None:
    """When a file was collected last, and for how many days the oldest one left will lie there."""
    left = [LeftToExpire("b.csv", NOW + timedelta(days=2, hours=6))]
    at = datetime(2026, 11, 21, 5, tzinfo=UTC)
    found = watched([], runs, files_table([KeptFile("a.csv", 1, at, "d", 5, 0, 0, at)]), left)
    read = figures(found)
    labels = frozenset({("profile", "sandbox")})
    assert read["referrals_last_collected_timestamp_seconds", labels] == at.timestamp()
    assert read["referrals_oldest_expires_days", labels] == 2.25


def test_a_name_is_written_so_that_it_is_read(runs: Path) -> None:
    """Quotes, line ends and other alphabets in a list's name come back; an address does not."""
    odd = 'A "b" \\ é 名'
    found = watched([record(0, list=odd), record(0, list="of ada@example.com", at=time(9))], runs)
    names = {dict(labels).get("list") for _, labels in figures(found)}
    assert odd in names
    assert "ada" not in metrics_text(found, now=NOW)


def test_nothing_ran(runs: Path) -> None:
    """Without a run the text is empty, which is a valid one."""
    assert figures(watched([], runs)) == {}


def test_the_page_on_watching_names_each_figure() -> None:
    """The table in the documents is the list of the code, name by name, in its words."""
    text = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `rokt_(\w+)` \|[^|]*\| (.+?) \|$", text, re.MULTILINE)
    assert dict(rows) == {name: said.removesuffix(".") for name, said in _HELP.items()}
    used = set(re.findall(r"rokt_(\w+)[{ ]", text.split("```yaml")[1]))
    assert used
    assert used <= set(_HELP)


def test_the_file_is_put_in_place_whole(runs: Path, tmp_path: Path) -> None:
    """It replaces an older one, the collector's user may read it, and nothing lies beside it."""
    folder = tmp_path / "collector"
    folder.mkdir()
    path = folder / "rokt.prom"
    path.write_text("old")
    found = watched([record(0)], runs)
    write_metrics(found, path, now=NOW)
    assert path.read_text(encoding="utf-8") == metrics_text(found, now=NOW)
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "says"), [("rokt.txt", "must end in .prom"), ("no/a.prom", "Make")]
)
def test_a_file_the_collector_would_not_find(runs: Path, name: str, says: str) -> None:
    """Another ending, or a folder that is not there, is refused with what to do."""
    with pytest.raises(InputError, match=says):
        write_metrics(watched([], runs), Path(name), now=NOW)


def test_figures_load_nothing_that_draws() -> None:
    """A monitor that asks every few minutes does not wait for charts, and nobody for pandas."""
    seen = "print(sorted({'jinja2', 'pandas', 'vl_convert'} & {*sys.modules}))"
    asked = "import sys; from rokt_helpers.watching import write_metrics; "
    assert run_tool("-c", asked + seen) == (0, "[]\n")
    drawn = "import sys; from rokt_helpers.watching import history_page; "
    assert run_tool("-c", drawn + seen) == (0, "['jinja2', 'vl_convert']\n")
