"""``rokt referrals``: collect the referrals Rokt delivers, or receive those it pushes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import click

from rokt_helpers.cli.aside import aside
from rokt_helpers.cli.output import as_json, choose_profile, progress_line, say
from rokt_helpers.clock import Clock
from rokt_helpers.errors import SettingsError
from rokt_helpers.extras import how_to_install
from rokt_helpers.settings import Settings, load_settings

__all__ = ["command"]

T = TypeVar("T")
Personal = Literal["hash", "mask", "keep"]

_PERSONAL: Final = click.option(
    "--personal",
    type=click.Choice(["hash", "mask", "keep"]),
    default="hash",
    show_default=True,
    help="Of columns that name a person: keep a digest only, masked forms, or all.",
)


@click.group("referrals")
def command() -> None:
    """Collect and look at the referrals Rokt delivers."""


command.add_command(aside)


@command.command("fetch")
@_PERSONAL
@choose_profile
@as_json
def fetch(personal: Personal, profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Collect what is new on every route that is set up, each file once.

    What Rokt pushed since the last time goes into the same table.
    """
    from rokt_helpers.workbench import open_workbench  # the receiver starts sooner without it

    with open_workbench(profile) as workbench:
        pushed = workbench.desk.take_over_pushed(personal=personal)
        collected = workbench.fetch_referrals(
            personal=personal, progress=progress_line(as_json=as_json)
        )
        now = workbench.clock.now()
    facts = {"pushed": pushed.as_dict()} if pushed.segments else {}
    lines = pushed.describe() if pushed.segments else []
    say(collected.as_dict() | facts, [*lines, *collected.describe(now=now)], as_json=as_json)


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_PERSONAL
@choose_profile
@as_json
def take(files: tuple[Path, ...], personal: Personal, profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Take FILES that came by hand, such as an export from One Platform, into the table."""
    from rokt_helpers.workbench import open_workbench

    with open_workbench(profile) as workbench:
        collected = workbench.desk.take(files, personal=personal)
    say(collected.as_dict(), collected.describe(), as_json=as_json)


@command.command("report")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The HTML file to write."
)
@click.option("--customers", default="", metavar="FILE", help="People who were customers already.")
@click.option("--purchases", default="", metavar="FILE", help="Purchases, to see what came back.")
@click.option(
    "--mapping",
    default="",
    metavar="FILE",
    help="Which column of the purchases is what, as `rokt conversions --save-mapping` wrote it.",
)
@click.option(
    "--purchases-time-zone",
    default="",
    metavar="ZONE",
    help="The zone of purchase times that name none.",
)
@click.option(
    "--suppression-lists",
    default="",
    metavar="A,B",
    help="The lists whose people should not have been referred.",
)
@click.option("--currency", default="", help="The currency of your bid prices, such as USD.")
@click.option(
    "--time-zone",
    default="UTC",
    metavar="ZONE",
    show_default=True,
    help="The zone of the clock that the files show.",
)
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="DAYS",
    default=0,
    show_default=True,
    help="Look at so many last days only; 0 looks at all.",
)
@click.option(
    "--window-days",
    type=float,
    metavar="DAYS",
    default=30.0,
    show_default=True,
    help="How long after a referral a purchase still counts for it.",
)
@click.option(
    "--grace-hours",
    type=float,
    metavar="HOURS",
    default=0.0,
    show_default=True,
    help="How long after a delivery a referral of a suppressed person is no leak yet.",
)
@choose_profile
@as_json
def report(*, out: Path, profile: str | None, as_json: bool, **choices: Any) -> None:
    """Write what the collected referrals show as one page that opens offline.

    Nobody is on it: there are no rows, and groups of few people are folded.
    """
    from rokt_helpers.jobs.referrals import Beside, ReferralsJob, View

    beside, view = _chosen(Beside, choices), _chosen(View, choices)
    job = ReferralsJob(beside=beside, view=view, profile=profile or "")
    try:
        written, findings = job.write_report(out), job.study().findings()
    finally:
        job.close()
    lines = [*findings, f"The report: {written}"]
    say({"report": str(written), "findings": findings}, lines, as_json=as_json)


@command.command("receive")
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    default=Path("params/referrals/push.yml"),
    show_default=True,
    help="What was agreed with Rokt: fields, answers, limits.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8480,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("--cert", type=click.Path(path_type=Path), help="The certificate chain (PEM).")
@click.option("--key", type=click.Path(path_type=Path), help="Its key (PEM), not encrypted.")
@_PERSONAL
@click.option(
    "--allow",
    type=click.Choice(["plain_http"]),
    multiple=True,
    help="Guards to pass: plain_http listens to other machines without TLS.",
)
@click.option("--drain", "only_drain", is_flag=True, help="Take over what was pushed, and end.")
@choose_profile
@as_json
def receive(
    *,
    template: Path,
    personal: Personal,
    only_drain: bool,
    profile: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Receive the referrals that Rokt pushes, until Ctrl-C.

    Each is on the disk before it is answered. `rokt referrals fetch`, or --drain, takes them over
    into the table of referrals. docs/receiver.md says how to set it up with Rokt.
    """
    settings = load_settings(profile)
    if only_drain:
        from rokt_helpers.workbench import open_workbench

        with open_workbench(profile) as workbench:
            drained = workbench.desk.take_over_pushed(personal=personal)
        say(drained.as_dict(), drained.describe(), as_json=as_json)
    else:
        _listen(template, settings, personal, options, as_json=as_json)


def _listen(
    template: Path, settings: Settings, personal: str, options: dict[str, Any], *, as_json: bool
) -> None:
    try:
        from rokt_helpers.receiver.access import Secrets
        from rokt_helpers.receiver.agreement import Agreement
        from rokt_helpers.receiver.serving import PLAIN_HTTP, Address, serve
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"To receive referrals {error.name} is needed: {how_to_install('receive')}."
        ) from None

    def started(url: str) -> None:
        lines = [f"Receiving at {url}", "Stop with Ctrl-C."]
        say({"url": url}, lines, as_json=as_json)

    address = Address(
        options["host"],
        options["port"],
        options["cert"],
        options["key"],
        allow_plain=PLAIN_HTTP in options["allow"],
    )
    counts = serve(
        Agreement.load(template),
        settings.account_folder / "pushed",
        address,
        Secrets(
            settings.receiver_token.get_secret_value(),
            settings.receiver_user,
            settings.receiver_password.get_secret_value(),
        ),
        personal="keep" if personal == "keep" else "hash",
        clock=Clock(),
        started=started,
        tell=lambda line: click.echo(line, err=True),
    )
    click.echo(f"Stopped. {counts}", err=True)


def _chosen(of: type[T], choices: dict[str, Any]) -> T:
    """Return the choices that belong to one kind."""
    names = {field.name for field in fields(of)}  # type: ignore[arg-type]
    return of(**{name: value for name, value in choices.items() if name in names})
