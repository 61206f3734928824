from __future__ import annotations

import time
from collections.abc import Callable

import paramiko
import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.faults import FaultScript
from tests.sandbox.wires import HELLO, LIST_FOLDER, connect, good_body, put, wait_for

Post = Callable[..., requests.Response]
LINE = f"{HELLO}\n".encode()


def test_scripted_answer(box: Sandbox, post: Post) -> None:
    """A scripted answer is given as often as asked, applies nothing, and then is over."""
    box.script(Fault.answer(503, times=2, retry_after_seconds=3))
    answers = [post(json=good_body(box)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].headers["Retry-After"] == "3"
    assert box.members(contract.DEFAULT_LIST) == frozenset()
    assert post(json=good_body(box)).status_code == 201


def test_at_request(box: Sandbox, post: Post) -> None:
    """A fault for the second request from now leaves the first one alone."""
    assert post(json=good_body(box)).status_code == 201
    box.script(Fault.answer(500, at_request=2))
    assert [post(json=good_body(box)).status_code for _ in range(3)] == [201, 500, 201]


def test_faults_keep_their_order(box: Sandbox, post: Post) -> None:
    """Faults without a number are consumed in the order in which they were scripted."""
    box.script(Fault.answer(500), Fault.answer(502))
    box.script(Fault.answer(504))
    assert [post(json=good_body(box)).status_code for _ in range(4)] == [500, 502, 504, 201]


def test_answer_lost(box: Sandbox, post: Post) -> None:
    """When the answer is dropped the client sees no answer, and the list has changed."""
    box.script(Fault.drop_before_answer())
    with pytest.raises(requests.ConnectionError):
        post(json=good_body(box))
    assert box.members(contract.DEFAULT_LIST) == {HELLO}
    (seen,) = box.requests()
    assert (seen.status, seen.answered) == (201, False)


def test_closed_unread(box: Sandbox, post: Post) -> None:
    """When the connection is closed before reading, nothing has changed."""
    box.script(Fault.drop_before_reading())
    with pytest.raises(requests.ConnectionError):
        post(json=good_body(box))
    assert box.members(contract.DEFAULT_LIST) == frozenset()
    assert [seen.status for seen in box.requests()] == [0]
    assert post(json=good_body(box)).status_code == 201


def test_slow(box: Sandbox, post: Post) -> None:
    """A slow answer comes after its pause and is a good one."""
    box.script(Fault.slow(0.3))
    began = time.monotonic()
    assert post(json=good_body(box)).status_code == 201
    assert time.monotonic() - began >= 0.3


def test_auth_check_is_left_alone(box: Sandbox, post: Post) -> None:
    """Faults wait for import requests; an auth check does not use them up."""
    box.script(Fault.answer(503))
    account = {"accountId": box.environment["ROKT_ACCOUNT_ID"]}
    assert post(contract.AUTH_CHECK_PATH, json=account).status_code == 200
    assert post(json=good_body(box)).status_code == 503


def test_sftp_drop(box: Sandbox) -> None:
    """The connection closes after so many bytes; the torn file stays under its dot name."""
    box.script(Fault.sftp_drop_after(40_000))
    path = f"{LIST_FOLDER}/.torn.csv"
    with connect(box) as client, pytest.raises((OSError, EOFError, paramiko.SSHException)):
        put(client, path, LINE * 1000)
    with connect(box) as client:
        assert client.stat(path).st_size == 40_000
        put(client, path, LINE)
        assert client.stat(path).st_size == len(LINE)


def test_sftp_refused_rename(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A refused rename leaves the file under its old name; the next one works."""
    old, new = f"{LIST_FOLDER}/.a.csv", f"{LIST_FOLDER}/a.csv"
    put(sftp, old, LINE)
    box.script(Fault.sftp_refuse_rename())
    with pytest.raises(OSError, match="Failure"):
        sftp.posix_rename(old, new)
    assert sftp.listdir(LIST_FOLDER) == [".a.csv"]
    sftp.posix_rename(old, new)
    wait_for(box.files)


def test_sftp_no_pickup(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """The file that the fault meets stays where it is; the next one is picked up."""
    box.script(Fault.sftp_no_pickup())
    put(sftp, f"{LIST_FOLDER}/stays.csv", LINE)
    wait_for(lambda: not box._faults.waiting())
    put(sftp, f"{LIST_FOLDER}/goes.csv", LINE)
    wait_for(box.files)
    time.sleep(0.2)
    assert sftp.listdir(LIST_FOLDER) == ["stays.csv"]
    assert [file.path for file in box.files()] == [f"{LIST_FOLDER}/goes.csv"]


def test_sftp_instant_pickup(sftp: paramiko.SFTPClient, box: Sandbox) -> None:
    """The file is gone, and its people on the list, when the rename returns."""
    box.script(Fault.sftp_instant_pickup())
    put(sftp, f"{LIST_FOLDER}/.a.csv", LINE)
    sftp.posix_rename(f"{LIST_FOLDER}/.a.csv", f"{LIST_FOLDER}/a.csv")
    assert sftp.listdir(LIST_FOLDER) == []
    assert box.members(contract.DEFAULT_LIST) == {HELLO}
    assert [file.outcome for file in box.files()] == ["picked_up"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fault.answer(201),
        lambda: Fault.answer(600),
        lambda: Fault.answer(503, times=0),
        lambda: Fault.answer(503, at_request=0),
        lambda: Fault.slow(-1),
        lambda: Fault.slow(float("inf")),
        lambda: Fault(kind="sftp_no_pickup", at_request=1),
        lambda: Fault(kind="flood"),  # type: ignore[arg-type]
    ],
)
def test_impossible_faults(make: Callable[[], Fault]) -> None:
    """A fault that cannot be is refused when it is made, not when it is due."""
    with pytest.raises(ValueError, match=r".+"):
        make()


@pytest.mark.parametrize(
    "fault",
    [
        Fault.answer(503, times=2, retry_after_seconds=1, at_request=3),
        Fault.drop_before_answer(at_request=1),
        Fault.slow(0.5),
        Fault.sftp_drop_after(100),
        Fault.sftp_no_pickup(times=2),
    ],
)
def test_faults_in_json(fault: Fault) -> None:
    """What a fault says of itself can be read back as the same fault."""
    assert Fault.from_json(fault.describe()) == fault


def test_what_waits() -> None:
    """The script tells what is left of each fault."""
    script = FaultScript()
    script.add(Fault.answer(503, times=3))
    script.count_request()
    script.take("answer")
    assert script.waiting() == [{"kind": "answer", "times": 2, "status": 503}]
    assert script.take("slow") is None
