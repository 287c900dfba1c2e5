"""Presets: from a zone's rows to those that a provider needs. Pure."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone import changeset, managed, presets, rules, spf, template
from dnszone.presets import HERE, PRESETS, Here, Plan, Tidy
from dnszone.spec import RecordSpec, Row
from lib.errors import Refused

ZONE = "ex-ample.test"
OURS = Here(hosts=["mail1.postroom.test"], include="_spf.postroom.test")
TIDY = Tidy(programs=True, includes=["_spf.postroom.test"])
DKIM = RecordSpec(
    owner="pr1-mail1._domainkey", type="TXT", rdata="v=DKIM1; k=rsa; p=AAAA", managed=managed.DKIM
)
ANSWERS = {
    "google": {"proof": "google-site-verification=abc", "dkim": "v=DKIM1; k=rsa; p=BBBB"},
    "microsoft": {"host": "ex-ample-test.a-v1.mx.microsoft", "dkim1": "s1.dkim.mail.microsoft", "dkim2": ""},
    "zoho": {"region": "zoho.eu", "selector": "zm1", "dkim": "v=DKIM1; p=CCCC"},
    "proton": {
        "dkim1": "p.domains.proton.ch.",
        "dkim2": "q.domains.proton.ch",
        "dkim3": "r.domains.proton.ch",
    },
}


def _specs() -> list[RecordSpec]:
    ports = {"submissions": 465, "imaps": 993}
    return template.new_domain(
        provider="postroom.test",
        mail_host="mail1.postroom.test",
        addresses=["192.0.2.25"],
        ports=ports,
        panel_host="panel.postroom.test",
        panel_port=443,
    )


def fresh(*more: RecordSpec) -> list[Row]:
    """A new domain's zone, with keys as the database gives them."""
    numbers = itertools.count(1)
    return [changeset.canonical_row(spec, ZONE, next(numbers)) for spec in [*_specs(), DKIM, *more]]


def values(rows: list[Row], owner: str, kind: str) -> list[str]:
    return sorted(row.rdata for row in rows if row.rrset == (owner, kind))


def applied(slug: str, rows: list[Row], tidy: Tidy = TIDY) -> Plan:
    wish = presets.wish_of(PRESETS[slug], ZONE, ANSWERS.get(slug, {}))
    plan = presets.plan(ZONE, rows, wish, tidy, OURS)
    rules.check(ZONE, plan.wanted, {row.rrset for row in plan.wanted})
    return plan


REMOTE = [slug for slug in PRESETS if slug != HERE]
MX = {
    "google": ["1 smtp.google.com."],
    "google-five": [
        "1 aspmx.l.google.com.",
        "10 alt3.aspmx.l.google.com.",
        "10 alt4.aspmx.l.google.com.",
        "5 alt1.aspmx.l.google.com.",
        "5 alt2.aspmx.l.google.com.",
    ],
    "microsoft": ["0 ex-ample-test.a-v1.mx.microsoft."],
    "zoho": ["10 mx.zoho.eu.", "20 mx2.zoho.eu.", "50 mx3.zoho.eu."],
    "fastmail": ["10 in1-smtp.messagingengine.com.", "20 in2-smtp.messagingengine.com."],
    "proton": ["10 mail.protonmail.ch.", "20 mailsec.protonmail.ch."],
    "icloud": ["10 mx01.mail.icloud.com.", "10 mx02.mail.icloud.com."],
    "yandex": ["10 mx.yandex.net."],
}
INCLUDE = {
    "google": "_spf.google.com",
    "google-five": "_spf.google.com",
    "microsoft": "spf.protection.outlook.com",
    "zoho": "zohomail.eu",
    "fastmail": "spf.messagingengine.com",
    "proton": "_spf.protonmail.ch",
    "icloud": "icloud.com",
    "yandex": "_spf.yandex.net",
}


@pytest.mark.parametrize("slug", REMOTE)
def test_the_mx_are_replaced_as_a_set_and_spf_has_one_record(slug: str) -> None:
    rows = applied(slug, fresh()).wanted
    assert values(rows, "@", "MX") == MX[slug]
    assert values(rows, "@", "TXT")[-1] == f'"v=spf1 include:{INCLUDE[slug]} ~all"'
    assert presets.recognised([value.split()[1] for value in MX[slug]], OURS.hosts) == slug
    assert PRESETS[slug].routing == "remote"


@pytest.mark.parametrize("slug", REMOTE)
def test_applied_twice_nothing_is_new(slug: str) -> None:
    once = applied(slug, fresh()).wanted
    assert set(applied(slug, once).wanted) == set(once)


@pytest.mark.parametrize("slug", REMOTE)
def test_what_leads_mail_programs_here_goes_and_the_rest_stays(slug: str) -> None:
    own = RecordSpec(owner="www", type="A", rdata="192.0.2.80")
    other = RecordSpec(owner="selector9._domainkey", type="TXT", rdata="v=DKIM1; p=XX")
    rows = applied(slug, fresh(own, other)).wanted
    owners = {row.owner for row in rows}
    named = {"_imaps._tcp", "_submissions._tcp", "_autodiscover._tcp"}
    assert owners & {*named, "_pop3s._tcp", "autoconfig"} == (named if slug == "fastmail" else set())
    assert all("fastmail.com." in value for name in named for value in values(rows, name, "SRV"))
    assert values(rows, "autodiscover", "CNAME") == (
        ["autodiscover.outlook.com."] if slug == "microsoft" else []
    )
    assert {"www", "_dmarc", "selector9._domainkey", "pr1-mail1._domainkey", "mail"} <= owners
    kept = applied(slug, fresh(), Tidy()).wanted
    assert "_imaps._tcp" in {row.owner for row in kept}


@pytest.mark.parametrize("first", ["microsoft", "fastmail"])
def test_no_mail_program_is_led_to_the_preset_before(first: str) -> None:
    rows = applied("google", applied(first, fresh()).wanted).wanted
    assert not {row.owner for row in rows} & {"autodiscover", "_autodiscover._tcp", "_imaps._tcp"}
    kept = applied("google", applied(first, fresh()).wanted, Tidy()).wanted
    assert {row.owner for row in kept} & {"autodiscover", "_autodiscover._tcp"}


@pytest.mark.parametrize(
    ("region", "include"),
    [
        ("zoho.com", "zohomail.com"),
        ("zoho.com.au", "zohomail.com.au"),
        ("zohocloud.ca", "zohocloud.ca"),
        ("zoho.sa", "zoho.sa"),
    ],
)
def test_zoho_calls_its_include_by_region(region: str, include: str) -> None:
    wish = presets.wish_of(PRESETS["zoho"], "example.test", {"region": region})
    assert list(wish.includes) == [include]


def test_the_old_include_stays_unless_it_is_to_go() -> None:
    rows = applied("google", fresh(), Tidy()).wanted
    assert values(rows, "@", "TXT") == [
        '"google-site-verification=abc"',
        '"v=spf1 include:_spf.postroom.test include:_spf.google.com ~all"',
    ]


def test_an_rrset_keeps_its_ttl_and_another_preset_replaces_the_first() -> None:
    rows = [
        Row(
            row.pk,
            row.owner,
            row.type,
            row.rdata,
            300 if row.type in {"MX", "TXT"} else row.ttl,
            row.managed,
            0,
        )
        for row in fresh()
    ]
    rows = applied("proton", applied("google", rows).wanted, Tidy(includes=["_spf.google.com"])).wanted
    assert {row.ttl for row in rows if row.rrset in {("@", "MX"), ("@", "TXT")}} == {300}
    assert values(rows, "@", "MX") == MX["proton"]
    assert values(rows, "protonmail._domainkey", "CNAME") == ["p.domains.proton.ch."]


def test_open_questions_are_missing_and_make_no_record() -> None:
    wish = presets.wish_of(PRESETS["microsoft"], ZONE, {})
    assert [ask.name for ask in wish.missing] == ["proof", "dkim1", "dkim2"]
    assert [spec.rdata for spec in wish.mx] == ["0 ex-ample-test.mail.protection.outlook.com."]
    assert [spec.owner for spec in wish.records] == ["autodiscover"]


def test_what_is_typed_is_no_template() -> None:
    wish = presets.wish_of(PRESETS["microsoft"], ZONE, {"host": "{domain}"})
    with pytest.raises(Refused):
        presets.plan(ZONE, fresh(), wish, TIDY, OURS)


def test_mail_here_brings_back_what_a_preset_took() -> None:
    start = fresh()
    away = applied("microsoft", start).wanted
    wish = presets.wish_here([*_specs(), DKIM], programs=True)
    back = presets.plan(ZONE, away, wish, Tidy(includes=["spf.protection.outlook.com"]), OURS).wanted
    start_set = {(row.identity, row.managed) for row in start}
    assert start_set <= {(row.identity, row.managed) for row in back}
    extra = {row.owner for row in back} - {row.owner for row in start}
    assert extra == {"selector1._domainkey"}


def test_mail_here_leaves_a_persons_own_dmarc_and_website_alone() -> None:
    rows = [row for row in fresh() if row.owner not in {"_dmarc", "mail"} and row.type != "A"]
    numbers = itertools.count(900)
    rows += [
        changeset.canonical_row(spec, ZONE, next(numbers))
        for spec in (
            RecordSpec(owner="_dmarc", type="TXT", rdata="v=DMARC1; p=reject"),
            RecordSpec(owner="mail", type="CNAME", rdata="mail.else.test."),
            RecordSpec(owner="@", type="A", rdata="198.51.100.1"),
        )
    ]
    wish = presets.wish_here([*_specs(), DKIM], programs=True)
    plan = presets.plan(ZONE, rows, wish, Tidy(), OURS)
    assert set(plan.wanted) == set(rows)


def test_the_includes_that_may_go_are_those_of_the_place_that_is_left() -> None:
    rows = fresh()
    assert presets.previous_includes(rows, OURS, ["_spf.google.com"]) == ["_spf.postroom.test"]
    away = applied("zoho", rows).wanted
    assert presets.previous_includes(away, OURS, ["_spf.google.com"]) == ["zohomail.eu"]
    assert presets.previous_includes(away, OURS, ["zohomail.eu"]) == []


@pytest.mark.parametrize(
    ("targets", "slug"),
    [
        ([], ""),
        (["MAIL1.postroom.test."], HERE),
        (["smtp.google.com."], "google"),
        (["evil-smtp.google.com.test."], ""),
        (["smtp.google.com.", "mail1.postroom.test."], ""),
        (["x-test.mail.protection.outlook.com."], "microsoft"),
    ],
)
def test_recognised_by_its_mx(targets: list[str], slug: str) -> None:
    assert presets.recognised(targets, OURS.hosts) == slug


_TXT = st.lists(
    st.sampled_from(["v=spf1 a -all", "v=spf1 redirect=x.test", "v=spf1 foo", "hello", "v=spf1 mx ~all"]),
    max_size=3,
    unique=True,
)


@given(st.sampled_from(REMOTE), _TXT, st.booleans())
def test_any_zone_becomes_one_that_keeps_the_rules(slug: str, texts: list[str], programs: bool) -> None:
    more = [RecordSpec(owner="@", type="TXT", rdata=text) for text in texts]
    plan = applied(slug, fresh(*more), Tidy(programs=programs))
    records = presets.spf_rows(plan.wanted)
    assert len(records) == 1
    assert spf.is_valid(presets.text_of(records[0]))
    assert INCLUDE[slug] in spf.includes(presets.text_of(records[0]))
