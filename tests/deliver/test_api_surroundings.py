"""The API behind a company's own certificate authority and proxy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rokt_helpers.channels.custom_audience import CustomAudienceChannel
from rokt_helpers.errors import NotTrusted, SettingsError, Unavailable
from rokt_helpers.sandbox import Sandbox
from tests.deliver.http_channels import Noted, both, talking
from tests.deliver.http_servers import (
    CREATED,
    HOST,
    answering,
    connect_proxy,
    listening,
    private_authority,
    refusing_proxy,
    send,
)


@both
def test_a_private_authority_is_trusted_when_named(
    kind: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's own authority is trusted once REQUESTS_CA_BUNDLE names it, and not before."""
    bundle, context = private_authority(tmp_path)
    with listening(answering(CREATED), context=context) as server:
        url = server.url.replace("http:", "https:")
        turn = Noted()
        with talking(url, kind) as channel, pytest.raises(NotTrusted, match="REQUESTS_CA_BUNDLE"):
            send(channel, turn=turn)
        assert (server.heads, turn.noted) == ([], ["wait"])
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        with talking(url, kind) as channel:
            assert send(channel).status == 201


def test_a_bundle_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle that is missing, or no bundle, is said to be the matter."""
    _, context = private_authority(tmp_path)
    with listening(answering(CREATED), context=context) as server:
        url = server.url.replace("http:", "https:")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
        with talking(url) as channel, pytest.raises(SettingsError, match="REQUESTS_CA_BUNDLE"):
            send(channel)
        (tmp_path / "missing.pem").write_text("no certificate")
        with talking(url) as channel, pytest.raises(Unavailable, match="REQUESTS_CA_BUNDLE"):
            send(channel)


def test_a_server_without_encryption() -> None:
    """A server that speaks plainly where https was asked for is no matter of trust."""
    with (
        listening(lambda wire, _: wire.sendall(CREATED)) as server,
        talking(server.url.replace("http:", "https:")) as channel,
        pytest.raises(Unavailable, match="No encrypted connection"),
    ):
        send(channel)


@both
def test_through_a_company_proxy(
    kind: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through HTTPS_PROXY a request arrives, and the proxy learns the host and nothing else."""
    bundle, context = private_authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with (
        listening(answering(CREATED), context=context) as server,
        listening(connect_proxy(server.port)) as proxy,
        talking(f"https://{HOST}", kind) as channel,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert send(channel, rows=100_000).status == 201
        channel.close()
        [asked] = proxy.heads
        assert asked.startswith(f"CONNECT {HOST}:443 HTTP/1.")
        assert "uthorization" not in asked
        assert len(server.heads) == 1
        assert server.body_bytes > 6_700_000


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that wants a password, or is not there, is named as the matter; nothing was sent."""
    turn = Noted()
    with listening(refusing_proxy) as proxy, talking(f"https://{HOST}") as channel:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unavailable, match="Check HTTPS_PROXY"):
            send(channel, turn=turn)
        assert len(proxy.heads) == 1
    with talking(f"https://{HOST}") as channel, pytest.raises(Unavailable, match="HTTPS_PROXY"):
        send(channel, turn=turn)
    assert turn.noted == ["wait", "wait"]


def test_lessons_do_not_go_through_a_proxy(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox is on this computer, so a company's proxy is left out of it."""
    there = sandbox.environment
    with listening(refusing_proxy) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        channel = CustomAudienceChannel(
            sandbox.url,
            account_id=there["ROKT_ACCOUNT_ID"],
            public_key=there["ROKT_PUBLIC_KEY"],
            secret_key=SecretStr(there["ROKT_SECRET_KEY"]),
        )
        [finding] = channel.check()
        channel.close()
        assert (finding.well, proxy.heads) == (True, [])
