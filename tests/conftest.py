"""Every test starts where nobody has set anything up, and may have a sandbox to send to."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from rokt_helpers.sandbox import Sandbox
from tests.workers import Shares, order

# How long an example takes says something of the computer, and nothing of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

PROXIES = {"all_proxy", "http_proxy", "https_proxy", "no_proxy"}


def pytest_configure() -> None:
    """Hear Ctrl-C, as the tests that stop something need it.

    A shell that starts a command in the background lets it ignore Ctrl-C, and all that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Let the workers take whole shares, in the order of the collection."""
    config.option.loadscopereorder = False
    return Shares(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first, where several workers share the tests."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: order(item.nodeid))


@pytest.fixture(autouse=True)
def nothing_set_up(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forget the developer's own settings, keys, state and proxies."""
    for name in os.environ:
        if name.startswith("ROKT_") or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    # Nobody's own keyring is asked, not even by the programs that a test starts.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    place = tmp_path_factory.mktemp("place")
    (place / "folder").mkdir()
    monkeypatch.chdir(place / "folder")
    monkeypatch.setenv("ROKT_HOME", str(place / "home"))


@pytest.fixture
def home() -> Path:
    """The state folder of this test; it is made at the first use."""
    return Path(os.environ["ROKT_HOME"])


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A running sandbox that the environment points to."""
    with Sandbox(pickup_seconds=0.05, referral_days=0) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ROKT_PICKUP_SECONDS", "5")
        yield running
