from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.deliver import Patience
from rokt_helpers.errors import Refused
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.sftp_server import new_key, write_key
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, failure, send

AT_ONCE = Patience(attempts=2, first_pause_seconds=0.01, pickup_seconds=0)


def test_a_pickup_is_seen(workbench: Workbench, sandbox: Sandbox) -> None:
    """A file that vanishes was picked up, and the receipt says how long that took."""
    receipt = workbench.deliver(workbench.plan(audience(5), list="Brand new", via="sftp"))
    assert receipt.picked_up_seconds is not None
    assert "Rokt took the file after" in receipt.describe()
    assert sandbox.members("Brand new") == digests(addresses(5))
    assert [file.outcome for file in sandbox.files()] == ["picked_up"]


def test_exclusion_and_conversions_are_picked_up(workbench: Workbench, sandbox: Sandbox) -> None:
    """A file in the exclude folder takes people off, and conversions touch no list."""
    workbench.deliver(workbench.plan(audience(9), list="VIP", via="sftp"))
    some, allow = audience(5), {"flipped", "removal"}
    plan = workbench.plan(some, list="VIP", via="sftp", action="exclude", allow=allow)
    workbench.deliver(plan)
    workbench.deliver(workbench.plan_conversions(audience(3)))
    assert sandbox.members("VIP") == digests(addresses(4, first=5))
    assert sandbox.conversions() == digests(addresses(3))


def test_an_instant_pickup_is_no_failure(workbench: Workbench, sandbox: Sandbox) -> None:
    """A file that is gone before the rename was answered is delivered, once."""
    sandbox.script(Fault.sftp_instant_pickup())
    receipt = send(workbench, workbench.plan(audience(5), list="VIP", via="sftp"))
    assert (receipt.delivered, receipt.batches[0].attempts, len(sandbox.files())) == (True, 1, 1)
    assert receipt.picked_up_seconds is not None


def test_a_file_that_stays_is_reported(workbench: Workbench, sandbox: Sandbox) -> None:
    """A file that is never picked up is delivered and said to lie there."""
    sandbox.script(Fault.sftp_no_pickup())
    plan = workbench.plan(audience(5), list="VIP", via="sftp")
    receipt = send(workbench, plan, patience=Patience(pickup_seconds=0.5))
    assert (receipt.delivered, receipt.picked_up_seconds) == (True, None)
    assert "still lies on the server" in receipt.describe()


def test_a_broken_connection_leaves_no_half_file(workbench: Workbench, sandbox: Sandbox) -> None:
    """A line that breaks in the middle of writing is retried, and only the whole file counts."""
    sandbox.script(Fault.sftp_drop_after(100_000))
    receipt = send(workbench, workbench.plan(audience(5_000), list="VIP", via="sftp"))
    assert (receipt.delivered, receipt.batches[0].attempts) == (True, 2)
    assert [(f.outcome, f.identifiers) for f in sandbox.files()] == [("picked_up", 5_000)]
    assert sandbox.members("VIP") == digests(addresses(5_000))


def test_a_refused_rename_leaves_the_file_hidden(workbench: Workbench, sandbox: Sandbox) -> None:
    """Where the server will not rename, the delivery is refused and the file stays unprocessed."""
    sandbox.script(Fault.sftp_refuse_rename(times=2))
    error = failure(
        workbench, workbench.plan(audience(5), list="VIP", via="sftp"), patience=AT_ONCE
    )
    assert (type(error), "is not processed" in str(error)) == (Refused, True)
    assert (sandbox.files(), sandbox.members("VIP")) == ([], frozenset())


def test_a_server_without_the_extension_is_understood(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Where OpenSSH's rename is refused the plain one is tried."""
    sandbox.script(Fault.sftp_refuse_rename())
    assert send(workbench, workbench.plan(audience(5), list="VIP", via="sftp")).delivered
    assert sandbox.members("VIP") == digests(addresses(5))


def test_a_folder_the_user_may_not_write_is_refused(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the right to write is missing the delivery is refused at once."""
    assert workbench.profile == "sandbox"
    monkeypatch.setenv("ROKT_SFTP_ROOT", "/downloads")
    with open_workbench() as elsewhere:
        error = failure(
            elsewhere, elsewhere.plan(audience(5), list="VIP", via="sftp"), patience=AT_ONCE
        )
    assert (type(error), error.receipt.batches[0].attempts) == (Refused, 1)
    assert "may not put a file on" in str(error)


def test_a_key_of_somebody_else_is_refused(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key the server does not know is refused, and both variables to look at are named."""
    assert workbench.profile == "sandbox"
    write_key(tmp_path / "other.pem", new_key())
    monkeypatch.setenv("ROKT_SFTP_KEY_FILE", str(tmp_path / "other.pem"))
    with open_workbench() as elsewhere:
        error = failure(elsewhere, elsewhere.plan(audience(5), via="sftp"), patience=AT_ONCE)
    assert type(error) is Refused
    assert "ROKT_SFTP_USERNAME and ROKT_SFTP_KEY_FILE" in str(error)
