"""What no page answers: the questions for the account manager, and why each of them matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rokt_helpers.contract.sources import Trust

__all__ = ["QUESTIONS", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """One open question.

    ``about`` is the interface, ``ask`` the sentence to send, ``because`` what is known and what
    the workbench does until there is an answer, ``trust`` what that rests on, ``setting`` the
    variable that takes the answer, where there is one.
    """

    about: str
    ask: str
    because: str
    trust: Trust
    setting: str = ""


_EVENTS: Final = "Event and Audience API"
_FEED: Final = "SFTP, the newer one"
_SFTP: Final = "SFTP, the older one"
_IMPORT: Final = "Custom audience import"
_LEGACY: Final = "Event API, versions 1 and 2"
_REFERRALS: Final = "Referrals"
_HASHING: Final = "Hashed identifiers"

QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        _EVENTS,
        "What must the user attribute be called that says who is on an audience?",
        "One public client writes segment_ and the name, another audience_ and the name. Rokt's "
        "own pattern was not found. Until then it is audience_ and the name.",
        "clients",
        "ROKT_EVENTS_ATTRIBUTE",
    ),
    Question(
        _EVENTS,
        "Is the event audiencemembershipupdate needed beside that attribute?",
        "One public client sends both, another only the attribute, and the newer SFTP has files "
        "of attributes without events. Until then only the attribute is sent.",
        "clients",
        "ROKT_EVENTS_MEMBERSHIP_EVENT",
    ),
    Question(
        _EVENTS,
        "What does environment development do, and where can its data be seen?",
        "mParticle calls it test traffic; Rokt's own way to test was not found, and the public "
        "clients always send production.",
        "mparticle",
        "ROKT_EVENTS_ENVIRONMENT",
    ),
    Question(
        _EVENTS,
        "Which limits hold for our account: batches a second, bytes a request, attributes?",
        "The figures here are mParticle's defaults of 2023. Rokt's own list of limits was not in "
        "the part of its page that could be read.",
        "mparticle",
        "ROKT_EVENTS_BATCHES_PER_SECOND",
    ),
    Question(
        _EVENTS,
        "Are conversions older than 30 days taken, and at which address?",
        "mParticle has an address for them, which leaves out events younger than 72 hours. Rokt's "
        "page was not seen to name it.",
        "mparticle",
    ),
    Question(
        _EVENTS,
        "By which fields is a repeated conversion told, for how long, and across interfaces?",
        "Second-hand it is conversiontype and confirmationref; the older Event API looks at "
        "transactionid first. Here the first of two equal pairs is kept.",
        "second-hand",
    ),
    Question(
        _EVENTS,
        "Is it customerid and other2, or customer_id and other_id_2?",
        "The public clients write the first, mParticle's schema has the second. Until then it is "
        "the first.",
        "clients",
        "ROKT_EVENTS_IDENTITIES",
    ),
    Question(
        _EVENTS,
        "Where do we see which batches of a bulk request failed?",
        "A 202 comes also when some of them failed, so it does not prove each batch.",
        "mparticle",
    ),
    Question(
        _EVENTS,
        "For how long does a repeated source_request_id pass without effect, and is it one for "
        "each batch or one for the request?",
        "mParticle speaks of 30 to 60 days and of requests. The workbench gives each batch its "
        "own, which is safe under both readings.",
        "mparticle",
    ),
    Question(
        _EVENTS,
        "Is our account on the pod us2?",
        "Rokt's page uses it; mParticle also has us1, eu1 and au1.",
        "rokt",
        "ROKT_EVENTS_URL",
    ),
    Question(
        _EVENTS,
        "How is a refund or a cancelled order told?",
        "Nothing was found. The workbench rejects amounts below nothing as no conversion.",
        "ours",
    ),
    Question(
        _FEED,
        "Which host, port and drop folder are ours?",
        "mParticle's own are sftp.us2.mparticle.com, port 4422, and drop/ with the pod and the "
        "number of the feed. Whether Rokt hands out the same is not confirmed.",
        "mparticle",
        "ROKT_FEED_HOST, ROKT_FEED_PORT, ROKT_FEED_FOLDER",
    ),
    Question(
        _FEED,
        "What is the fingerprint of that server's host key?",
        "It is not published. Until it is confirmed nothing can prove that the server is Rokt's.",
        "ours",
        "ROKT_FEED_HOST_KEY",
    ),
    Question(
        _FEED,
        "May production data come in CSV files?",
        "Rokt's page lists production as a value; mParticle's page of 2023 says not without an "
        "agreement, and that a file without the column is production.",
        "mparticle",
    ),
    Question(
        _FEED,
        "Is a file left alone while its name begins with a dot?",
        "The older SFTP says so of itself. For the newer one nothing was found.",
        "inferred",
    ),
    Question(
        _FEED,
        "How are we told that a file was picked up, and which of its rows failed?",
        "Files are queued almost at once, and no notice of completion is known.",
        "mparticle",
    ),
    Question(
        _FEED,
        "Are fifty columns allowed, or forty-nine?",
        "Rokt's page says at most 50, mParticle's says fewer than 50.",
        "rokt",
    ),
    Question(
        _FEED,
        "In which column does Rokt's click id go?",
        "Over the API it is written twice. mParticle's list of columns has a place for the first, "
        "user_identities.other2, and none for the second.",
        "inferred",
    ),
    Question(
        _FEED,
        "Is our feed set for encrypted or for plain files, and where is the public key?",
        "The two cannot be mixed in one feed.",
        "mparticle",
        "ROKT_FEED_PGP_KEY_FILE",
    ),
    Question(
        _SFTP,
        "What is the fingerprint of the host key of ftp.rokt.com?",
        "It is not published. Until it is confirmed nothing can prove that the server is Rokt's.",
        "ours",
        "ROKT_SFTP_HOST_KEY",
    ),
    Question(
        _SFTP,
        "How do we learn that a file was rejected, or some of its rows?",
        "Processed files vanish; no receipt and no file of errors is documented.",
        "rokt",
    ),
    Question(
        _SFTP,
        "How large may a file be?",
        "200 MB is second-hand; Rokt's own text was not found.",
        "second-hand",
        "ROKT_SFTP_FILE_BYTES",
    ),
    Question(
        _SFTP,
        "Is our account on the older SFTP or on the newer one, and until when is the older there?",
        "They are two servers with two formats of files, and Rokt calls the older deprecated.",
        "rokt",
    ),
    Question(
        _IMPORT,
        "What happens above 100,000 identifiers, 4 requests a second or 4 at a time?",
        "Rokt recommends these figures and does not say what follows. The workbench keeps them.",
        "rokt",
        "ROKT_API_BATCH_ROWS, ROKT_API_STARTS_PER_SECOND, ROKT_API_IN_FLIGHT",
    ),
    Question(
        _IMPORT,
        "Is adding a member again, or removing one who is not there, without effect?",
        "Rokt says so of the import by CSV. The API is taken to do the same, which is what makes "
        "a second try safe.",
        "inferred",
    ),
    Question(
        _IMPORT,
        "Which characters may the name of a list have, and do capitals make another list?",
        "Nothing was found. The workbench stops at names that are almost alike.",
        "ours",
    ),
    Question(
        _IMPORT,
        "May /v3/auth-check be used to try a key pair?",
        "One public client does; no page of Rokt's that was read mentions it.",
        "clients",
    ),
    Question(
        _IMPORT,
        "Is this interface deprecated, and until when does it answer?",
        "A public tool of 2026 says that its page carries such a note; no copy that was read "
        "shows it.",
        "second-hand",
    ),
    Question(
        _LEGACY,
        "Is an Idempotency-Key taken before the events are stored, also where the answer is a 5xx?",
        "The same call made again after a 5xx is then answered with 409 though nothing was stored. "
        "Until there is an answer, a 409 counts as: this very call had arrived.",
        "inferred",
    ),
    Question(
        _LEGACY,
        "Does version 2 heed an Idempotency-Key?",
        "Version 1 requires it. The short guide to version 2 does not mention it.",
        "inferred",
    ),
    Question(
        _LEGACY,
        "How many requests a second are allowed?",
        "Nothing was found. Any figure that the workbench keeps to is its own.",
        "ours",
    ),
    Question(
        _REFERRALS,
        "Which columns, separator, names of files, rhythm and time zone do our files have?",
        "Rokt agrees them with each client, and no sample was found. Moments are read without a "
        "time zone.",
        "rokt",
    ),
    Question(
        _REFERRALS,
        "How many days do files stay in /downloads?",
        "14 by the newer page, no more than 7 by an older one.",
        "rokt",
    ),
    Question(
        _HASHING,
        "Is a mobile number hashed with its country code or without?",
        "Rokt's page shows ten digits; a second-hand note has E.164 for numbers that are not "
        "hashed. The workbench hashes ten digits.",
        "second-hand",
    ),
    Question(
        _HASHING,
        "Are first and last names lower-cased before they are hashed?",
        "Rokt's page lists names with lower case; one public client only trims them. The "
        "workbench does as the page says.",
        "rokt",
    ),
)
