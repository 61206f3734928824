from __future__ import annotations

import http.server
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.custom_audience import CustomAudienceChannel
from rokt_helpers.errors import Cancelled, InDoubt, NotTrusted, Refused, Unavailable
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, failure, in_pieces, send


def statuses(sandbox: Sandbox) -> list[int]:
    return [request.status for request in sandbox.requests()]


def test_a_large_list_arrives_whole(workbench: Workbench, sandbox: Sandbox) -> None:
    """250,001 identifiers go in three requests, and the list then holds exactly these people."""
    receipt = workbench.deliver(workbench.plan(audience(250_001), list="VIP"))
    assert sandbox.members("VIP") == digests(addresses(250_001))
    assert Counter(r.identifiers for r in sandbox.requests()) == {100_000: 2, 50_001: 1}
    assert (receipt.delivered, receipt.rows_confirmed, receipt.rows_sent_now) == (
        True,
        250_001,
        250_001,
    )


def test_the_receipt_holds_the_platform_s_proof(workbench: Workbench, sandbox: Sandbox) -> None:
    """Each batch of a receipt names the status and the request id that the platform gave."""
    receipt = send(workbench, in_pieces(workbench, audience(20), rows=10))
    given = {(request.status, request.request_id) for request in sandbox.requests()}
    assert {(batch.status, batch.request_id) for batch in receipt.batches} == given
    assert len(given) == 2
    assert "20 of 20 added to list 'AdvertiserDatabase': every batch was confirmed" in repr(receipt)


def test_plain_addresses_and_exclusion(workbench: Workbench, sandbox: Sandbox) -> None:
    """Addresses sent plainly are the same people as their digests, and exclude takes them off."""
    workbench.deliver(workbench.plan(audience(9, output="plain"), list="VIP"))
    assert sandbox.members("VIP") == digests(addresses(9))
    allow = ["flipped", "removal"]
    plan = workbench.plan(audience(5), list="VIP", action="exclude", allow=allow)
    workbench.deliver(plan)
    assert sandbox.members("VIP") == digests(addresses(4, first=5))


def test_wrong_keys_are_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong secret key nothing reaches the list, and the ledger says refused."""
    monkeypatch.setenv("ROKT_SECRET_KEY", "rsec-wrong")
    with open_workbench() as workbench:
        error = failure(workbench, workbench.plan(audience(5), list="VIP"))
        assert (type(error), error.status, error.exit_code) == (Refused, 401, 1)
        assert "key pair was not accepted" in str(error)
        assert "rsec-" not in str(error)
        assert [run.status for run in workbench.history()] == ["refused"]
        assert [batch.outcome for batch in error.receipt.batches] == ["refused"]
    assert (sandbox.members("VIP"), statuses(sandbox)) == (frozenset(), [401])


def test_a_refusal_is_not_repeated(workbench: Workbench, sandbox: Sandbox) -> None:
    """After 400 the request is not made again, and the platform's request id leads the message."""
    sandbox.script(Fault.answer(400))
    error = failure(workbench, workbench.plan(audience(5), list="VIP"))
    [request] = sandbox.requests()
    assert type(error) is Refused
    assert str(error).startswith(f"[{request.request_id}] Rokt refused the request (400)")
    assert "0 of 5 identifiers are confirmed" in str(error)
    assert sandbox.members("VIP") == frozenset()


def test_a_refusal_stops_the_other_batches(workbench: Workbench, sandbox: Sandbox) -> None:
    """Once one batch is refused the waiting ones are not sent, and stay planned in the ledger."""
    sandbox.script(Fault.answer(400, at_request=2))
    error = failure(workbench, in_pieces(workbench, audience(60), rows=10, in_flight=1))
    outcomes = [batch.outcome for batch in error.receipt.batches]
    assert outcomes == ["confirmed", "refused", *["planned"] * 4]
    assert statuses(sandbox) == [201, 400]


def test_not_now_is_tried_again(workbench: Workbench, sandbox: Sandbox) -> None:
    """Two answers of 503 are followed by a third try, which succeeds and is counted."""
    sandbox.script(Fault.answer(503, times=2))
    receipt = send(workbench, workbench.plan(audience(5), list="VIP"))
    assert statuses(sandbox) == [503, 503, 201]
    assert (receipt.delivered, receipt.batches[0].attempts) == (True, 3)
    assert sandbox.members("VIP") == digests(addresses(5))


def test_a_pause_that_is_asked_for_is_kept(workbench: Workbench, sandbox: Sandbox) -> None:
    """After 429 with Retry-After no request, of whichever batch, starts before the time is over."""
    sandbox.script(Fault.answer(429, retry_after_seconds=1))
    receipt = send(workbench, in_pieces(workbench, audience(30), rows=10, in_flight=1))
    first, *later = [request.started for request in sandbox.requests()]
    assert receipt.delivered
    assert statuses(sandbox) == [429, 201, 201, 201]
    assert min(later) - first >= 1


def test_a_pause_holds_batches_that_were_waiting_already(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """A batch that already slept for its turn sleeps on until the pause is over."""
    sandbox.script(Fault.slow(0.3), Fault.answer(429, at_request=4, retry_after_seconds=2))
    receipt = send(workbench, in_pieces(workbench, audience(60), rows=10))
    asked = next(r.started for r in sandbox.requests() if r.status == 429)
    later = [r.started - asked for r in sandbox.requests() if r.started > asked]
    assert receipt.delivered
    assert min(later) >= 1.9


def test_a_lost_answer_is_in_doubt_and_made_sure_of(workbench: Workbench, sandbox: Sandbox) -> None:
    """A request that was carried out and whose answer was lost is repeated and then confirmed."""
    sandbox.script(Fault.drop_before_answer())
    receipt = send(workbench, workbench.plan(audience(5), list="VIP"))
    assert [(r.status, r.answered) for r in sandbox.requests()] == [(201, False), (201, True)]
    assert (receipt.delivered, receipt.rows_confirmed, receipt.batches[0].attempts) == (True, 5, 2)
    assert sandbox.members("VIP") == digests(addresses(5))


def test_doubt_that_stays_is_said(workbench: Workbench, sandbox: Sandbox) -> None:
    """When every answer is lost the run ends in doubt, and the next call makes sure of it."""
    sandbox.script(Fault.drop_before_answer(times=3))
    plan = workbench.plan(audience(5), list="VIP")
    error = failure(workbench, plan)
    assert (type(error), error.receipt.status) == (InDoubt, "in_doubt")
    assert error.receipt.batches[0].outcome == "in_doubt"
    assert send(workbench, plan).delivered
    assert sandbox.members("VIP") == digests(addresses(5))


def test_a_request_dropped_unread_is_tried_again(workbench: Workbench, sandbox: Sandbox) -> None:
    """A connection that is cut before the body was read costs one more try."""
    sandbox.script(Fault.drop_before_reading())
    assert send(workbench, workbench.plan(audience(5), list="VIP")).delivered
    assert sandbox.members("VIP") == digests(addresses(5))


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_nobody_there_is_no_doubt(workbench: Workbench, host: str) -> None:
    """Where no connection was made nothing can have been carried out, and the error says so."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://{host}:{unused.getsockname()[1]}"
        secret = workbench.settings.secret_key
        channel = CustomAudienceChannel(url, account_id="1", public_key="rpub-1", secret_key=secret)
        prepared = audience(5)
        plan = workbench.plan(prepared)
        with pytest.raises(Unavailable, match="could not be reached"):
            channel.send(
                plan.target, plan.batches[0], prepared.identifiers, name="one", turn=Turn()
            )
        channel.close()


def test_nobody_there_is_given_up_after_some_attempts(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """A refused connection is tried as often as there is patience for, then reported as failed."""
    plan = workbench.plan(audience(5))
    sandbox.stop()
    error = failure(workbench, plan)
    assert (type(error), error.receipt.status) == (Unavailable, "failed")
    assert error.receipt.batches[0].attempts == 3
    assert "deliver the same list again" in str(error)


def test_never_faster_than_allowed(workbench: Workbench, sandbox: Sandbox) -> None:
    """Of 14 requests no five start within one second, no five are under way at once, none fails."""
    sandbox.script(Fault.slow(0.6, times=14))
    receipt = send(workbench, in_pieces(workbench, audience(140), rows=10, list="VIP"))
    starts = sorted(request.started for request in sandbox.requests())
    assert statuses(sandbox) == [201] * 14
    assert all(later - earlier >= 1 for earlier, later in zip(starts, starts[4:], strict=False))
    assert starts[-1] - starts[0] < 4.5
    assert sandbox.most_in_flight() <= 4
    assert (receipt.rows_confirmed, sandbox.members("VIP")) == (140, digests(addresses(140)))


def test_progress_counts_what_is_confirmed(workbench: Workbench, sandbox: Sandbox) -> None:
    """Progress is told after each batch and ends with all of it, without a value."""
    sandbox.script(Fault.answer(503))
    told: list[Any] = []
    plan = in_pieces(workbench, audience(25), rows=10, in_flight=1)
    send(workbench, plan, progress=told.append)
    sending = [(p.done, p.total, p.unit) for p in told if p.stage == "Sending"]
    assert sending == [(10, 25, "rows"), (20, 25, "rows"), (25, 25, "rows")]


# --- other servers ------------------------------


@contextmanager
def serving(answer: bytes, *, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Listen as a server that gives every request the same answer; give its address."""

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("first_line", "said"),
    [
        (b"200 OK", "refused the request (200)"),
        (b"302 Found\r\nLocation: http://127.0.0.1:1/", "(302), which is not followed"),
        (b"403 Forbidden", "key pair was not accepted (403)"),
        (b"404 Not Found", "refused the request (404)"),
    ],
)
def test_only_created_is_success(workbench: Workbench, first_line: bytes, said: str) -> None:
    """Any answer but 201 is no success, and a redirection is not followed."""
    assert workbench.settings.api_url
    with (
        serving(b"HTTP/1.1 " + first_line + b"\r\nContent-Length: 0\r\n\r\n") as url,
        open_workbench(api_url=url) as elsewhere,
    ):
        error = failure(elsewhere, elsewhere.plan(audience(5)))
    assert (type(error), said in str(error)) == (Refused, True)


def test_what_a_server_says_is_masked(workbench: Workbench) -> None:
    """Where a server repeats an address or a digest in its refusal, the message does not."""
    value = next(iter(digests(addresses(1))))
    said = f"cannot read {addresses(1)[0]} nor {value}".encode()
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
    assert workbench.settings.api_url
    with serving(answer) as url, open_workbench(api_url=url) as elsewhere:
        error = failure(elsewhere, elsewhere.plan(audience(5)))
    assert "cannot read •••@••• nor •••" in str(error)
    assert [text for text in (value, "person0") if text in repr(error) + repr(error.receipt)] == []


def self_signed(folder: Path) -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "both.pem").write_bytes(certificate + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def test_an_unknown_certificate_is_not_trusted(workbench: Workbench, tmp_path: Path) -> None:
    """A server whose certificate nobody vouches for gets no key, no identifier, and one try."""
    assert workbench.settings.api_url
    created = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    with (
        serving(created, context=self_signed(tmp_path)) as url,
        open_workbench(api_url=url) as elsewhere,
    ):
        error = failure(elsewhere, elsewhere.plan(audience(5)))
    receipt = error.receipt
    assert (type(error), receipt.status) == (NotTrusted, "refused")
    assert receipt.batches[0].attempts == 1


def test_a_cancelled_pause_ends_soon(workbench: Workbench, sandbox: Sandbox) -> None:
    """Cancelling ends a long pause that the platform asked for, in well under a second."""
    sandbox.script(Fault.answer(429, retry_after_seconds=20))
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled, match=r"A stop was asked for\. 0 of 5"):
        send(workbench, workbench.plan(audience(5)), cancel=cancel)
    timer.join()
    assert time.monotonic() - began < 1.5
