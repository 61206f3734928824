"""Each kind of receiver at its own wire: mail, Slack, Teams, a command."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.errors import SettingsError, Unavailable
from rokt_helpers.notices.receivers import count_receivers, receivers
from rokt_helpers.notices.text import Notice
from rokt_helpers.settings import Settings, load_settings
from tests.notices.conftest import LOOPBACK, Mailbox, OpenService

NOTICE = Notice(
    "Rokt live: collect-referrals failed, and 1 more",
    "collect-referrals: failed\nNo key <b>file</b> & *no* way.\nWhat to do: look.\n" * 3,
)
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-01.westeurope.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/"
    "paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z"
)


def settings(notify: str = "", command: str = "", profile: str = "live") -> Settings:
    return load_settings(profile, notify=notify, notify_command=command)


def take(notify: str, notice: Notice = NOTICE) -> None:
    [one] = receivers(settings(notify))
    one.take(notice)


def test_mail_goes_over_a_trusted_line(mailbox: Mailbox) -> None:
    """STARTTLS, a login, the subject as it is, and a body that holds every line."""
    take(mailbox.address())
    [mail] = mailbox.mails
    assert mail["Subject"] == NOTICE.subject
    assert mailbox.recipients == ["ops@example.com"]
    body = mail.get_body(("plain",))
    text = body.get_content() if body else mail.get_content()
    for line in NOTICE.body.splitlines():
        assert line in text, text
    assert "http" not in mail.as_string().replace("xmlns", "").lower(), "nothing of theirs"


def test_mail_is_not_handed_to_a_stranger(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that nobody vouches for: nothing is sent, and no password either."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unavailable):
        take(mailbox.address())
    assert mailbox.mails == []


def test_mail_that_is_not_taken_is_told(mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    """The server says not now, then the password is wrong, then nobody is there."""
    caplog.set_level(logging.DEBUG)
    mailbox.open = False
    wrong = mailbox.address().replace("hunter2secret", "canary-password")
    nobody = mailbox.address().replace(str(mailbox.port), "1")
    for address in (mailbox.address(), wrong, nobody):
        with pytest.raises(Unavailable) as caught:
            take(address)
        assert str(caught.value) == "E-Mail did not take the notice."
    assert "hunter2" not in caplog.text + repr(caught)
    assert "canary" not in caplog.text


def test_slack_takes_it_at_its_own_address(service: OpenService) -> None:
    """The host is Slack's; a proxy of ours leads it to a service whose certificate bears its name.

    What Slack would read as markup comes as the text it is.
    """
    slack = service("hooks.slack.com")
    take(SLACK)
    assert slack.asked_for == ["hooks.slack.com:443"]
    [(path, content)] = slack.posted
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    said = repr(content)
    assert NOTICE.subject in said
    assert "What to do: look." in said
    assert "&lt;b&gt;file&lt;/b&gt; &amp;" in said
    assert "<b>" not in said
    slack.status, slack.text = 404, "no_service"
    with pytest.raises(Unavailable, match=r"^Slack did not take the notice\.$"):
        take(SLACK)


def test_teams_takes_it_as_a_workflow_reads_it(service: OpenService) -> None:
    """The address is copied from Teams as it is; a card with subject and body arrives."""
    teams = service("prod-01.westeurope.logic.azure.com")
    take(TEAMS)
    assert teams.asked_for == ["prod-01.westeurope.logic.azure.com:443"]
    [(path, content)] = teams.posted
    assert path.startswith("/workflows/643e69f83c8944/triggers/manual/paths/invoke?")
    assert "sig=KODuebWbDGYFr0z" in path
    [card] = content["attachments"]
    said = repr(card["content"]["body"])
    assert NOTICE.subject in said
    assert "What to do: look" in said


def test_long_text_is_parted_and_never_cut(service: OpenService) -> None:
    """Teams takes a thousand characters at a time; every line arrives."""
    teams = service("prod-01.westeurope.logic.azure.com")
    lines = [f"line {number} of many that say something" for number in range(40)]
    take(TEAMS, Notice("s", "\n".join(lines)))
    assert len(teams.posted) > 1
    said = repr(teams.posted)
    assert [line for line in lines if line not in said] == []


def test_any_other_service(service: OpenService) -> None:
    """JSON to a service of one's own, over HTTPS."""
    own = service()
    take(f"jsons://{LOOPBACK}:{own.port}/notices")
    [(path, content)] = own.posted
    assert path.rstrip("/") == "/notices"
    assert (content["title"], content["message"].strip()) == (NOTICE.subject, NOTICE.body.strip())


def test_two_of_one_kind_are_told_apart(service: OpenService) -> None:
    """By their place in the setting, which shows nothing of the address."""
    own = service()
    own.status = 500
    address = f"jsons://{LOOPBACK}:{own.port}"
    slack, first, second = receivers(settings(f"{SLACK} {address}/one {address}/two"))
    assert slack.spoken == "Slack"
    for one, number in ((first, 2), (second, 3)):
        with pytest.raises(Unavailable) as caught:
            one.take(NOTICE)
        where = f"address {number} of ROKT_NOTIFY"
        assert str(caught.value) == f"JSON ({where}) did not take the notice."


# --- a command --------------------------------


def program(folder: Path, code: str) -> str:
    path = folder / "a program.py"
    path.write_text(code, encoding="utf-8")
    return f"'{sys.executable}' '{path}'"


def test_a_command_reads_it_and_no_shell_does(tmp_path: Path) -> None:
    """Subject, an empty line, body; its words are its own, whatever a shell would make of them."""
    code = (
        "import json, sys\n"
        "open('told.json', 'w').write(json.dumps([sys.argv[1:], sys.stdin.buffer.read().decode()]))"
    )
    command = program(tmp_path, code) + " '$HOME; touch x' \"two words\" &"
    [one] = receivers(settings(command=command))
    one.take(NOTICE)
    told: Any = json.loads(Path("told.json").read_text())
    assert told[0] == ["$HOME; touch x", "two words", "&"]
    assert told[1] == f"{NOTICE.subject}\n\n{NOTICE.body}\n"
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [("false", "exit code 1"), ("/no/such/program", "FileNotFoundError")],
)
def test_a_command_that_does_not_take_it(command: str, says: str) -> None:
    """It fails, or is not there."""
    [one] = receivers(settings(command=command))
    with pytest.raises(Unavailable, match=says):
        one.take(NOTICE)


def test_a_command_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a minute, and then it is ended."""
    monkeypatch.setattr("rokt_helpers.notices.receivers._COMMAND_SECONDS", 0.2)
    [one] = receivers(settings(command="sleep 60"))
    with pytest.raises(Unavailable, match="TimeoutExpired"):
        one.take(NOTICE)


# --- what is set ------------------------------


@pytest.mark.parametrize(
    ("notify", "command", "says"),
    [
        ("json://127.0.0.1 canary-secret", "", "Address 2 of ROKT_NOTIFY"),
        ("slack://canary-secret", "", "Address 1 of ROKT_NOTIFY"),
        ("", "mail 'canary-secret", "ROKT_NOTIFY_COMMAND cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_shown(
    notify: str, command: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The message counts the address; neither it nor a log shows it."""
    with pytest.raises(SettingsError) as caught:
        receivers(settings(notify, command))
    assert str(caught.value).startswith(says)
    assert "canary" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "mailto://robot:canary@mail.example.com?to=ops@example.com",
        "json://example.com/canary",
        "mailtos://robot:canary@mail.example.com?to=ops@example.com&verify=no",
        "mailto://robot:canary@127.0.0.1?smtp=mail.example.com&to=ops@example.com&from=a@b.example",
    ],
)
def test_a_plain_line_to_elsewhere_is_refused(address: str) -> None:
    """What would show the password on the way, or to whoever answers, is never used."""
    with pytest.raises(SettingsError, match=r"^Address 1 of ROKT_NOTIFY would show") as caught:
        receivers(settings(address))
    assert "canary" not in str(caught.value)
    assert count_receivers(settings(address, profile="sandbox"))["used"] == 0


def test_addresses_are_secrets() -> None:
    """Neither the settings nor the receivers show them."""
    made = settings(f"{SLACK}\n\t{TEAMS}", "mail canary-secret")
    found = receivers(made)
    shown = repr(made) + str(made) + repr([(one.key, one.spoken) for one in found])
    assert [text for text in ("TIiajk", "KODueb", "canary") if text in shown] == []
    assert [one.spoken for one in found] == ["Slack", "Power Automate / Workflows (for MSTeams)",
                                            "the command"]  # fmt: skip
    assert len({one.key for one in found}) == 3


def test_the_sandbox_tells_nobody_elsewhere() -> None:
    """Nothing leaves this computer on the sandbox: only receivers on it are told."""
    own = "json://127.0.0.1:1/x jsons://localhost/x"
    made = settings(f"{SLACK} {own}", "true", profile="sandbox")
    spoken = [one.spoken.partition(" (")[0] for one in receivers(made)]
    assert spoken == ["JSON", "JSON", "the command"]
    assert count_receivers(made) == {"set_up": 4, "used": 3}
    live = settings(f"{SLACK} {own}", "true")
    assert count_receivers(live) == {"set_up": 4, "used": 4}
