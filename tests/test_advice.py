from __future__ import annotations

import itertools
import json
import time
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.advice import (
    APPLICABLE,
    NOT_APPLICABLE,
    TITLES,
    Advice,
    Code,
    advise,
    apply,
    change_of,
    chosen_codes,
    domains,
)
from rokt_helpers.errors import InputError

NOBODY = pl.Series("email", [], dtype=pl.String)


def listed(*addresses: str | None) -> pl.Series:
    return pl.Series("email", addresses, dtype=pl.String)


def found(cells: pl.Series, code: str) -> list[Advice]:
    return [advice for advice in advise(cells) if advice.code == code]


def mended(domain: str) -> str | None:
    """What applying `domain_typo` makes of the domain; None where it stays."""
    after = apply(listed(f"ada@{domain}"), ["domain_typo"]).canonical[0].partition("@")[2]
    return None if after == domain else after


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        # mailcheck's own test cases
        ("gmailc.om", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gnail.con", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("homail.con", "hotmail.com"),
        ("hotmail.co", "hotmail.com"),
        ("yajoo.com", "yahoo.com"),
        ("randomsmallcompany.cmo", "randomsmallcompany.com"),
        ("con-artists.con", "con-artists.com"),
        # each kind of step, and the ones that public lists of throw-away mail have as well
        ("gmial.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("gmil.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("comcast.nte", "comcast.net"),
        ("hotmal.co.uk", "hotmail.co.uk"),
        ("hotmail.couk", "hotmail.co.uk"),
        ("firm.couk", "firm.co.uk"),
    ],
)
def test_a_slip_is_mended(slip: str, meant: str) -> None:
    """A domain one step from a big provider's, or with an ending that does not exist, is mended."""
    assert mended(slip) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "gmx.fr", "yahoo.co.uk", "mail.com", "ymail.com", "hotmail.co.uk", "email.com", "gmx.de",
        "yahoo.gr", "hotmail.be", "hotmail.se", "live.nl", "googlemail.com", "fmail.com", "me.com",
        "sol.com", "cloud.com", "proton.me", "pm.me", "example.com", "firm.co", "firm.cm",
        "mailinator.com", "contact.co.uk", "gm.com",
    ],
)  # fmt: skip
def test_a_real_domain_is_no_slip(domain: str) -> None:
    """Providers that look like one another, and endings that exist, are left alone."""
    assert mended(domain) is None
    assert found(listed(f"ada@{domain}"), "domain_typo") == []


def test_no_known_domain_is_among_the_slips() -> None:
    """Every slip leads to a big provider, and no provider is a slip of another."""
    slips = domains.slips()
    assert not domains.KNOWN & set(slips)
    assert set(slips.values()) <= set(domains.BIG_PROVIDERS)
    assert not any(slip.endswith((".mom", ".cam")) for slip in slips)


def damerau_levenshtein(one: str, other: str) -> int:
    """The textbook's table, with swaps of neighbours."""
    table = {(-1, -1): 0} | {(i, -1): i + 1 for i in range(len(one))}
    table |= {(-1, j): j + 1 for j in range(len(other))}
    for i, j in itertools.product(range(len(one)), range(len(other))):
        change = table[i - 1, j - 1] + (one[i] != other[j])
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, change)
        if i and j and one[i] == other[j - 1] and one[i - 1] == other[j]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


def test_every_slip_is_one_step_from_its_provider() -> None:
    """The textbook's distance agrees; the point that moved is a swap as well."""
    for slip, provider in list(domains.slips().items())[::20]:
        assert damerau_levenshtein(slip, provider) == 1, (slip, provider)


def test_slips_are_counted_and_shown_masked() -> None:
    """Rows and people are counted, the most frequent comes first, and a small domain is hidden."""
    cells = listed(
        *["ada@gmial.com"] * 3, "bob@gmial.com", *["cy@gmail.con"] * 2, "dee@janedoe.con", "x@a.org"
    )
    (advice,) = found(cells, "domain_typo")
    assert (advice.rows, advice.people, advice.share) == (7, 4, 7 / 8)
    assert advice.examples == (
        "•••@gmial.com → •••@gmail.com",
        "•••@gmail.con → •••@gmail.com",
        "•••@•••.con → •••@•••.com",
    )
    assert "7 rows (4 addresses) have a mail domain that looks mistyped (3 domains)" in (
        advice.sentence
    )


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("info@firm.com", {"role_account"}),
        ("noreply@firm.com", {"role_account"}),
        ("sales+spring@firm.com", {"role_account"}),
        ("information@firm.com", set()),
        ("test@test.com", {"placeholder"}),
        ("none@none.com", {"placeholder"}),
        ("a@a.com", {"placeholder"}),
        ("xxx@xxx.co.uk", {"placeholder"}),
        ("noemail@firm.com", {"placeholder"}),
        ("ada@example.com", {"placeholder"}),
        ("ada@mail.example.org", {"placeholder"}),
        ("ada@shop.test", {"placeholder"}),
        ("a@b.com", set()),
        ("nike@nike.com", set()),
        ("ada@counterexample.com", set()),
        ("ada@mailinator.com", {"disposable"}),
        ("info@mailinator.com", {"disposable", "role_account"}),
        ("ada@gmail.com", set()),
        ("ada@hotmai.com", {"domain_typo"}),
    ],
)
def test_each_kind_is_recognised(address: str, codes: set[str]) -> None:
    """Roles, placeholders and throw-away domains are told, and their look-alikes are not."""
    assert {advice.code for advice in advise(listed(address))} - {"small_include"} == codes


def test_spellings_of_one_gmail_mailbox() -> None:
    """Dots, plus tags and googlemail are counted; elsewhere a dot is another person."""
    cells = listed(
        "jane.doe@gmail.com", "janedoe@gmail.com", "janedoe+x@googlemail.com", "j@gmail.com",
        "jane.doe@firm.com", "janedoe@firm.com", "+a@gmail.com", "+b@gmail.com",
    )  # fmt: skip
    (advice,) = found(cells, "same_mailbox")
    assert (advice.rows, advice.people, advice.examples) == (3, 2, ())
    assert advice.sentence.startswith("3 Gmail addresses are spellings of 1 mailbox ")
    assert NOT_APPLICABLE["same_mailbox"] in advice.sentence


def test_one_domain_that_holds_most_of_the_list() -> None:
    """A firm's domain above 60 % is told; a provider's, or a share of just 60 %, is not."""
    others = [f"a{'b' * number}@firm{number}.com" for number in range(20)]
    staff = [f"{'x' * number}y@firm.com" for number in range(31)]
    (advice,) = found(listed(*staff, *others), "concentration")
    assert (advice.rows, advice.people, advice.examples) == (31, 31, ("•••@firm.com",))
    assert found(listed(*staff[:30], *others), "concentration") == []
    at_gmail = [address.replace("firm.com", "gmail.com") for address in staff]
    assert found(listed(*at_gmail, *others), "concentration") == []


def test_one_word_with_many_numbers() -> None:
    """Addresses such as test1, test2 … above 5 % are told; numbers alone are ordinary in China."""
    others = [f"{'ab' * number}c@gmail.com" for number in range(1, 381)]
    made_up = [f"anna{number}@gmail.com" for number in range(21)]
    (advice,) = found(listed(*made_up, *others), "concentration")
    assert (advice.rows, advice.people, advice.examples) == (21, 21, ())
    assert "anna" not in advice.sentence
    assert found(listed(*made_up[:20], *others), "concentration") == []
    numbers = [f"{number}@qq.com" for number in range(1000)]
    assert found(listed(*numbers), "concentration") == []


def test_a_small_list_is_told_by_people() -> None:
    """Repeated rows are one person; from the minimum on nothing is said."""
    people = [f"{'ab' * number}@gmail.com" for number in range(1, contract.MIN_INCLUDE_PEOPLE + 1)]
    assert advise(listed(*people)) == ()
    (advice,) = advise(listed(*people[1:], *people[1:]))
    assert (advice.code, advice.people, advice.rows) == ("small_include", 999, 1998)


@pytest.mark.parametrize("cells", [NOBODY, pl.Series("email", [None]), listed("x", None, "a@b@c")])
def test_a_list_without_addresses_is_only_small(cells: pl.Series) -> None:
    """Nothing, nulls and what is no address are left out of every count, and stay as they are."""
    (advice,) = advise(cells)
    assert (advice.code, advice.rows, advice.people) == ("small_include", 0, 0)
    after = apply(cells, ["placeholder", "domain_typo"])
    assert after.canonical.to_list() == cells.to_list()
    assert after.changed == {"domain_typo": 0, "placeholder": 0}


def test_what_was_chosen_is_done_and_counted_once() -> None:
    """Slips are rewritten, the others dropped, each row under one code; the rest stays in place."""
    cells = listed(
        "ada@gmial.com", None, "info@gmial.com", "info@mailinator.com", "test@test.com",
        "bob@firm.com", "bob@firm.com", "ada@gmial.com", "a.b@gmail.com", "ab@gmail.com",
    )  # fmt: skip
    after = apply(cells, {"domain_typo", "role_account", "placeholder", "disposable"})
    assert after.canonical.to_list() == [
        "ada@gmail.com", None, None, None, None,
        "bob@firm.com", "bob@firm.com", "ada@gmail.com", "a.b@gmail.com", "ab@gmail.com",
    ]  # fmt: skip
    assert after.changed == {
        "domain_typo": 2, "role_account": 1, "placeholder": 1, "disposable": 1,
    }  # fmt: skip
    assert after.canonical.name == "email"


@pytest.mark.parametrize("codes", [["typos"], "disposable", ["disposable", "all"]])
def test_a_code_that_does_not_exist_is_refused(codes: list[str] | str) -> None:
    """The message lists the codes there are."""
    with pytest.raises(InputError, match=r"domain_typo, role_account, placeholder, disposable\."):
        apply(listed("ada@gmial.com"), codes)


@pytest.mark.parametrize("code", NOT_APPLICABLE)
def test_advice_that_nothing_follows_from_is_refused(code: Code) -> None:
    """Whoever asks for it learns why, instead of a record that says it was applied."""
    with pytest.raises(InputError) as refused:
        apply(listed("ada@gmial.com"), ["domain_typo", code])
    assert str(refused.value).startswith(f"{code!r} cannot be applied. {NOT_APPLICABLE[code]}")


LOCALS = st.sampled_from(["zoë.quartz", "info", "test", "quartz7", "quartz.8", "noemail", "none"])
DOMAINS = st.sampled_from(
    ["gmail.com", "gmial.com", "quartz.con", "mailinator.com", "test.com", "example.com", "a.org"]
)
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS) | st.sampled_from([None, "no address"])


@settings(max_examples=30, deadline=None)
@given(st.lists(ADDRESSES, max_size=30), st.sets(st.sampled_from(APPLICABLE)))
def test_the_record_says_how_many_rows_changed(rows: list[str | None], codes: set[str]) -> None:
    """The record's sum is the number of rows that differ; without a choice nothing does."""
    cells = listed(*rows)
    after = apply(cells, codes)
    assert sum(after.changed.values()) == cells.ne_missing(after.canonical).sum()
    assert set(after.changed) == codes
    assert len(after.canonical) == len(cells)


@settings(max_examples=30, deadline=None)
@given(st.lists(ADDRESSES, max_size=30), st.sampled_from(APPLICABLE))
def test_what_is_announced_is_what_is_done(rows: list[str | None], code: str) -> None:
    """Applying one kind changes as many rows as its advice counts, and then it is gone."""
    cells = listed(*rows)
    announced = sum(advice.rows for advice in found(cells, code))
    after = apply(cells, [code])
    assert after.changed == {code: announced}
    assert found(after.canonical, code) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(ADDRESSES, max_size=30))
def test_no_person_is_shown(rows: list[str | None]) -> None:
    """Nothing that stands before the @, and no small domain's name, is in any advice."""
    told = "".join(str(asdict(advice)) for advice in advise(listed(*rows)))
    assert "quartz" not in told
    assert "zoë" not in told
    for advice in advise(listed(*rows)):
        assert all(example.startswith("•••@") for example in advice.examples)


def test_codes_come_back_each_once_and_in_order() -> None:
    """However they were named, the record and the screen show them in one order."""
    assert chosen_codes(["disposable", "domain_typo", "disposable"]) == (
        "domain_typo", "disposable",
    )  # fmt: skip
    assert chosen_codes(()) == ()


def test_each_code_has_a_title_and_says_what_it_would_change() -> None:
    """What can be applied changes rows, what cannot changes nothing, and all have a name."""
    assert set(TITLES) == {*APPLICABLE, *NOT_APPLICABLE}
    said = {code: Advice(code, "", 1, 1, (), 1.0).would_change for code in TITLES}
    assert {code for code, change in said.items() if change == "nothing"} == {*NOT_APPLICABLE}
    assert said["domain_typo"] == "rewrites the domain"


def test_advice_can_be_written_as_json() -> None:
    """Plain values, with whether it can be applied."""
    (advice,) = found(listed("ada@gmial.com"), "domain_typo")
    kept = json.loads(json.dumps(advice.to_dict()))
    assert kept == {
        "code": "domain_typo", "sentence": advice.sentence, "rows": 1, "people": 1,
        "examples": ["•••@gmial.com → •••@gmail.com"], "share": 1.0, "applicable": True,
    }  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(ADDRESSES, max_size=30), st.sets(st.sampled_from(APPLICABLE)))
def test_row_by_row_is_the_same_as_all_at_once(rows: list[str | None], codes: set[Code]) -> None:
    """Each row is looked at by itself, so a list can be cut into batches anywhere."""
    cells = listed(*rows)
    change = change_of(pl.col("email"), codes).alias("change")
    whole = cells.to_frame().select(change)["change"].to_list()
    apart = [listed(row).to_frame().select(change)["change"][0] for row in rows]
    assert whole == apart


def test_a_million_rows_take_seconds_not_minutes() -> None:
    """Advice on a million rows stays quick, whatever else this computer does."""
    numbers = pl.int_range(1_000_000, eager=True).cast(pl.String)
    cells = pl.select(
        pl.concat_str(
            pl.lit("person"), numbers, pl.lit(".x@domain"), numbers.str.slice(2), pl.lit(".com")
        )
    ).to_series()
    start = time.process_time()
    advise(cells)
    assert time.process_time() - start < 6
