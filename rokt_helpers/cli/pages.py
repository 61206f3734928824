"""The texts for :mod:`rokt_helpers.cli.manual`: one page for each verb, as data."""

from __future__ import annotations

from typing import Final

from rokt_helpers.cli.manual import Page

__all__ = ["PAGES"]

_PROFILE: Final = {
    "ROKT_PROFILE": "sandbox, staging or live, where --profile does not say.",
    "ROKT_ACCOUNT": "One of several accounts, where --account does not say.",
}
_HOME: Final = {"ROKT_HOME": "The folder of state; ~/.rokt-workbench without it."}
_LEDGER: Final = {"ROKT_LEDGER_URL": "The ledger, where it is not a file in ROKT_HOME."}
_STATE: Final = _PROFILE | _HOME | _LEDGER
_ACCOUNT: Final = {
    "ROKT_ACCOUNT_ID": "The account.",
    "ROKT_PUBLIC_KEY, ROKT_SECRET_KEY": "Its key pair for the custom audience API.",
    "ROKT_SFTP_USERNAME": "With ROKT_SFTP_KEY_FILE and ROKT_SFTP_HOST_KEY: the SFTP.",
    "ROKT_EVENTS_KEY, ROKT_EVENTS_SECRET": "The pair for the Event and Audience API.",
}
_ENV_FILE: Final = {".env": "Settings; looked for here and in the folders above."}
_LEDGER_FILES: Final = {
    "ROKT_HOME/PROFILE/ledger.sqlite": "Runs and batches: counts, no identifiers.",
    "ROKT_HOME/PROFILE/members/": "Whom each run named, as digests.",
}
_TOLD: Final = {
    "ROKT_NOTIFY": "Addresses of whom to tell, with white space between them; each is a secret.",
    "ROKT_NOTIFY_COMMAND": "A program that reads each notice.",
    "ROKT_NOTIFY_KINDS": "What is told; everything without it.",
    "ROKT_NOTIFY_AGAIN_DAYS": "After how many days what still stands is told again; 0 is never.",
}
_TEAM: Final = {
    "ROKT_SHARED_FOLDER": "What a team keeps beside its ledger.",
    "ROKT_PERSON": "Who you are; the name of your login without it.",
}
_TEMPORARY: Final = {"TMPDIR": "Where long lists are kept while they are read."}

PAGES: Final[dict[str, Page]] = {
    "": Page(
        examples=(
            ("clean a list", "rokt prepare inbox/customers.csv --out audience.csv"),
            ("see what would be sent", "rokt deliver audience.csv --list L --action include"),
            ("prove the live connection, and send nothing", "rokt check --profile live"),
        ),
        ends_with=(0, 1, 2, 3, 130),
        files=_ENV_FILE,
        environment=_PROFILE | _HOME,
    ),
    "prepare": Page(
        examples=(
            ("digests of a list, and why rows were rejected",
             "rokt prepare inbox/customers.csv --out audience.csv --rejects rejected.csv"),
            ("one sheet of a workbook, one column of it",
             "rokt prepare list.xlsx --sheet May --column 'E-mail' --out audience.csv"),
            ("several files as one list, and what looks odd in it",
             "rokt prepare 'inbox/*.csv.gz' --out audience.csv --advise"),
            ("mobile numbers instead of addresses",
             "rokt prepare phones.csv --identifier mobile --out audience.csv"),
        ),
        ends_with=(0, 2, 130),
        codes={2: "the call was wrong, or the list cannot be used; nothing was written"},
        files={
            "--out": "One identifier a line, no header: Rokt's own form. Mode 0600.",
            "--rejects": "CSV with row (from 1, as a spreadsheet counts) and reason.",
        },
        environment=_TEMPORARY,
    ),
    "doctor": Page(
        examples=(
            ("what is wrong with a hashed list", "rokt doctor inbox/hashed_list.csv"),
            ("how it was hashed, with people who must be on it",
             "rokt doctor inbox/hashed_list.csv --known inbox/known_customers.csv"),
        ),
        ends_with=(0, 1, 2),
        codes={0: "the list is well", 1: "something is to be mended; it says what"},
        files={"--known": "One address a line, as your system keeps it; read only."},
    ),
    "compare": Page(
        examples=(
            ("what two lists share", "rokt compare inbox/may.csv inbox/june.csv"),
            ("who is to be targeted and suppressed at once",
             "rokt compare target.csv suppress.csv --as conflicts --out-conflicts both.csv"),
            ("who came and went", "rokt compare inbox/may.csv inbox/june.csv --as churn"),
        ),
        ends_with=(0, 2, 130),
        files={"--out-conflicts": "Digests, one a line, as Rokt takes them. Mode 0600."},
        environment=_TEMPORARY,
    ),
    "deliver": Page(
        examples=(
            ("show the plan; nothing is sent",
             "rokt deliver audience.csv --list US_Customers --action include"),
            ("send exactly that plan",
             "rokt deliver audience.csv --list US_Customers --action include --send"),
            ("only who is new, over SFTP, to the live account",
             ("rokt deliver audience.csv --list L --action exclude --mode delta --via sftp "
              "--profile live --send")),
            ("go on where the guard `removal` stopped it",
             ("rokt deliver audience.csv --list L --action include --mode mirror "
              "--allow removal --send")),
        ),
        ends_with=(0, 1, 2, 3, 130),
        codes={
            0: "the plan was shown; or everything was confirmed",
            1: "not everything was confirmed; the same call sends only the rest",
        },
        files=_LEDGER_FILES | _ENV_FILE,
        environment=_STATE | _ACCOUNT,
    ),
    "approvals": Page(
        examples=(
            ("what waits for a second person", "rokt approvals --profile live"),
            ("who released what", "rokt approvals --all --json"),
        ),
        ends_with=(0, 2),
        environment=_STATE | _TEAM,
    ),
    "release": Page(
        examples=(
            ("look at a plan that somebody asked for", "rokt release 1bc88d4a --profile live"),
            ("send exactly that plan", "rokt release 1bc88d4a --profile live --send"),
        ),
        ends_with=(0, 1, 2, 3, 130),
        codes={
            0: "the plan was shown; or everything was confirmed",
            1: "not everything was confirmed; the same call sends only the rest",
            3: "you asked for it yourself; it has expired; or it no longer fits",
        },
        files=_LEDGER_FILES,
        environment=_STATE | _ACCOUNT | _TEAM,
    ),
    "undo": Page(
        examples=(
            ("show what would take a run back", "rokt undo 1bc88d4a"),
            ("take it back", "rokt undo 1bc88d4a --send"),
        ),
        ends_with=(0, 1, 2, 3, 130),
        codes={
            0: "the plan was shown; or everything was confirmed",
            1: "not everything was confirmed; the same call sends only the rest",
        },
        files=_LEDGER_FILES,
        environment=_STATE | _ACCOUNT,
    ),
    "conversions": Page(
        examples=(
            ("show what would be reported, and keep which column is what",
             "rokt conversions inbox/purchases.csv --via events --save-mapping mapping.yml"),
            ("report it",
             "rokt conversions inbox/purchases.csv --via events --mapping mapping.yml --send"),
            ("times and amounts that a European shop writes",
             ("rokt conversions p.csv --via events --time-zone Europe/Berlin --date-order "
              "dmy --decimal , --default currency=EUR")),
        ),
        ends_with=(0, 1, 2, 3, 130),
        codes={
            0: "the plan was shown; or everything was confirmed",
            1: "not everything was confirmed, or Rokt stored some rows only",
        },
        files={"--mapping, --save-mapping": "YAML: which column is what."} | _LEDGER_FILES,
        environment=_STATE | _ACCOUNT,
    ),
    "migration": Page(
        examples=(
            ("purchases: do the newer interfaces carry all of them",
             "rokt migration inbox/sample_purchases.csv --report migration.html"),
            ("an audience for one list",
             "rokt migration audience.csv --list US_Customers --action exclude"),
        ),
        ends_with=(0, 1, 2),
        codes={
            0: "the newer interfaces carry all that the older ones do",
            1: "they would not; the lines say what is missing",
        },
        files={"--report": "One HTML page that opens offline."},
        environment={"ROKT_EVENTS_ATTRIBUTE": "How membership of an audience is written."},
    ),
    "history": Page(
        examples=(
            ("the last twenty runs", "rokt history"),
            ("one list as it was on a day",
             "rokt history --list US_Customers --on 2026-11-01"),
            ("who came and went between two days",
             "rokt history --list US_Customers --on 2026-11-01 --to 2026-11-08"),
            ("on which lists a person is; the address is in a file", "rokt history --person p.txt"),
            ("a quarter of runs, and what was not as usual", "rokt history --page runs.html"),
            ("figures of the last runs for node_exporter",
             "rokt history --profile live --prometheus rokt.prom"),
        ),
        ends_with=(0, 2),
        files=_LEDGER_FILES
        | {
            "ROKT_HOME/PROFILE/runs/": "How notebooks without a person ended.",
            "--page": "One HTML page for its owner, mode 0600.",
            "--prometheus": "Must end in .prom; everybody may read it.",
        },
        environment=_STATE,
    ),
    "share": Page(
        examples=(
            ("what of this computer the team would get", "rokt share --profile live"),
            ("bring it into the ledger that the team shares", "rokt share --profile live --bring"),
        ),
        ends_with=(0, 1, 2, 3),
        codes={1: "the database or the folder went away; the same call goes on"},
        files=_LEDGER_FILES,
        environment=_STATE | _TEAM,
    ),
    "forget": Page(
        examples=(
            ("a person who asked for it; the address is in a file", "rokt forget --person p.txt"),
            ("runs of more than a year ago", "rokt forget --runs-older-than 365"),
        ),
        ends_with=(0, 2),
        files={"--person": "One address and nothing else; remove the file afterwards."}
        | _LEDGER_FILES
        | {"ROKT_HOME/PROFILE/referrals/": "Rows of the person go from here, too."},
        environment=_STATE,
    ),
    "check": Page(
        examples=(
            ("the sandbox", "rokt check"),
            ("the live account, for a monitor", "rokt check --profile live --json"),
        ),
        ends_with=(0, 1, 2),
        codes={0: "everything that is set up answers", 1: "something does not; it says what"},
        files=_ENV_FILE,
        environment=_PROFILE | _ACCOUNT,
    ),
    "contract": Page(
        examples=(
            ("every rule, the longest unread first", "rokt contract"),
            ("remind the team once a quarter", "rokt contract --older-than 90"),
            ("what to ask the account manager", "rokt contract --questions"),
        ),
        ends_with=(0, 1, 2),
        codes={1: "with --older-than: there are rules that old"},
    ),
    "referrals": Page(
        examples=(
            ("collect what is new", "rokt referrals fetch"),
            ("what they show, as one page", "rokt referrals report --out referrals.html"),
        ),
        ends_with=(0, 1, 2, 130),
        environment=_STATE,
    ),
    "referrals fetch": Page(
        examples=(
            ("collect what is new", "rokt referrals fetch"),
            ("keep masked forms of what names a person",
             "rokt referrals fetch --personal mask --json"),
        ),
        ends_with=(0, 1, 2, 130),
        codes={1: "a route did not answer; what was collected is kept"},
        files={"ROKT_HOME/PROFILE/referrals/": "The table (Parquet) and what was set aside."},
        environment=_PROFILE | _HOME
        | {
            "ROKT_SFTP_*": "Rokt's own SFTP.",
            "ROKT_REFERRALS_*": "Other ways on which referrals arrive; see .env.example.",
        },
    ),
    "referrals import": Page(
        examples=(
            ("an export from One Platform", "rokt referrals import ~/Downloads/referrals.csv"),
        ),
        ends_with=(0, 1, 2),
        files={"ROKT_HOME/PROFILE/referrals/": "The table (Parquet) and what was set aside."},
        environment=_PROFILE | _HOME,
    ),
    "referrals aside": Page(
        examples=(
            ("which files could not be read, and why", "rokt referrals aside"),
            ("read them anew, by the names of fields that you corrected",
             "rokt referrals aside --read"),
            ("remove one by its id", "rokt referrals aside 5f2b90ac --remove"),
        ),
        ends_with=(0, 1, 2),
        codes={1: "a file still cannot be read"},
        files={"ROKT_HOME/PROFILE/referrals/quarantine/": "The files, as they were delivered."},
        environment=_STATE,
    ),
    "referrals report": Page(
        examples=(
            ("what was collected", "rokt referrals report --out referrals.html"),
            ("with leaks, and what came back in purchases",
             ("rokt referrals report --out r.html --suppression-lists Customers,Staff "
              "--purchases inbox/purchases.csv --currency USD --days 28")),
        ),
        ends_with=(0, 2),
        files={"--out": "One HTML page that opens offline; nobody is on it."},
        environment=_STATE,
    ),
    "referrals receive": Page(
        examples=(
            ("behind a proxy that speaks TLS", "rokt referrals receive"),
            ("by itself",
             "rokt referrals receive --host 0.0.0.0 --port 8443 --cert chain.pem --key key.pem"),
            ("take over what was pushed, and end", "rokt referrals receive --drain"),
        ),
        ends_with=(0, 2, 3, 130),
        codes={3: "other machines without TLS: pass --allow plain_http to do it all the same"},
        files={
            "params/referrals/push.yml": "What was agreed with Rokt; --template names another.",
            "ROKT_HOME/PROFILE/pushed/": "What was pushed and not yet taken over.",
        },
        environment=_PROFILE | _HOME
        | {
            "ROKT_RECEIVER_TOKEN": "The token Rokt sends; or",
            "ROKT_RECEIVER_USER, ROKT_RECEIVER_PASSWORD": "the pair it sends.",
        },
    ),
    "sandbox": Page(
        examples=(
            ("until Ctrl-C", "rokt sandbox"),
            ("on fixed ports, with its settings as a file",
             "rokt sandbox --port 8470 --sftp-port 8471 --env-file sandbox.env"),
        ),
        ends_with=(0, 2),
        codes={0: "it was stopped, by Ctrl-C or SIGTERM"},
        files={"--env-file": "The variables that point a workbench at it. Mode 0600."},
        environment={"TMPDIR": "Where its own files lie while it runs."},
    ),
    "run": Page(
        examples=(
            ("a notebook with the parameters of a file",
             "rokt run notebooks/20_deliver_audience.ipynb -f params/20_deliver_audience.yml"),
            ("one parameter changed, for half an hour at most",
             "rokt run notebooks/40_referrals.ipynb -p run true --time-limit 30"),
            ("what is due: the one line of a crontab", "rokt run --due"),
        ),
        ends_with=(0, 1, 2, 3, 130),
        codes={
            0: "done; with --due: all that was due, or nothing was",
            1: "the notebook failed; with --due: the worst of what ran",
        },
        files={
            "params/schedule.yml": "What --due reads; --schedule names another.",
            "ROKT_HOME/PROFILE/runs/": "One folder a run: the page, its log, its result.",
            "ROKT_HOME/PROFILE/schedule.json": "When each entry ran last.",
            "ROKT_HOME/PROFILE/watched.json": "With --tell: how NOTEBOOK ended.",
        },
        environment=_STATE | _ACCOUNT | _TOLD,
    ),
    "status": Page(
        examples=(
            ("what needs a person, what runs next, who was told", "rokt status"),
            ("the line for a watchdog: tell what is new", "rokt status --profile live --tell"),
            ("whether files on the SFTP were taken since", "rokt status --look"),
        ),
        ends_with=(0, 1, 2),
        codes={
            0: "nothing needs a person",
            1: "something does, or somebody could not be told",
        },
        files={
            "params/schedule.yml": "The nearest one upwards; --schedule names another.",
            "ROKT_HOME/PROFILE/told.json": "Who was told what; no address stands in it.",
        },
        environment=_STATE | _TOLD,
    ),
    "schedule": Page(
        examples=(
            ("what runs next, and how it ended last", "rokt schedule"),
            ("a line for cron; nothing is installed", "rokt schedule --write crontab"),
        ),
        ends_with=(0, 2),
        files={
            "params/schedule.yml": "The entries; SCHEDULE names another file.",
            "ROKT_HOME/PROFILE/schedule.json": "When each entry ran last.",
        },
        environment=_PROFILE | _HOME,
    ),
    "notebooks": Page(
        examples=(("make a folder to work in", "rokt notebooks ~/rokt"),),
        ends_with=(0, 2),
        files={"FOLDER": "Made where it is not there; what is in it is never written over."},
    ),
    "lab": Page(
        examples=(
            ("open the notebooks, with a sandbox beside them", "rokt lab"),
            ("on a server, without a browser", "rokt lab --no-browser --port 8899"),
            ("the same pages without cells, for colleagues", "rokt lab --view"),
        ),
        ends_with=(0, 2),
        codes={0: "JupyterLab ended; other codes are JupyterLab's own"},
        files={
            "notebooks/": "The pages; `rokt notebooks FOLDER` copies them.",
            ".jupyter/": "JupyterLab's settings for this folder; your own stay in force.",
            "reports/runs/": "Leads to the runs of the profile, so that their pages open.",
            "inbox/": "Filled with lists to practise on, in the sandbox profile.",
        },
        environment=_PROFILE | _ACCOUNT,
    ),
}  # fmt: skip
