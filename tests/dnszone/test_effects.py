"""What a change does, in words: the sentences that people decide by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from dnszone.effects import Effect, Effects, effects, line
from dnszone.spec import Row
from tests.dnszone.test_drafting import zones

ZONE = "luna.test"


def rows(*lines: str) -> list[Row]:
    """``@ MX 10 a.test.``, with ``/60`` behind the type for a TTL, ``!mx`` for a label, ``#text`` for a
    comment."""
    found = []
    for number, whole in enumerate(lines, 1):
        text, _mark, comment = whole.partition("#")
        owner, kind, value = text.strip().split(" ", 2)
        kind, _slash, ttl = kind.partition("/")
        value, _mark, label = value.partition(" !")
        if kind == "TXT":
            value = f'"{value}"'
        found.append(Row(number, owner, kind, value, int(ttl or 3600), label, 1, comment))
    return found


def told(before: list[Row], after: list[Row]) -> Effects:
    return effects(ZONE, before, after)


def only(before: list[Row], after: list[Row]) -> Effect:
    (effect,) = told(before, after).items
    return effect


MX = "@ MX 10 a.mx.test."
BACKUP = "@ MX 20 b.mx.test."
SPF = "@ TXT v=spf1 include:_spf.nube.test -all"


@pytest.mark.parametrize(
    ("before", "after", "headline", "tone", "verdict", "says"),
    [
        # MX
        (
            [MX, BACKUP],
            [MX, "@ MX 20 c.mx.test."],
            "Second MX: b.mx.test becomes c.mx.test",
            "ok",
            "No mail is lost",
            "a.mx.test stays the first server.",
        ),
        (
            [MX, BACKUP],
            ["@ MX 10 c.mx.test.", BACKUP],
            "First MX: a.mx.test becomes c.mx.test",
            "wait",
            "Mail goes to c.mx.test first",
            "Senders may go on to a.mx.test for 1 hour",
        ),
        ([MX], [MX, BACKUP], "MX: b.mx.test added", "ok", "No mail is lost", "hand their mail to b.mx.test"),
        (
            [MX, BACKUP],
            [MX],
            "MX: b.mx.test deleted",
            "ok",
            "No mail is lost",
            "b.mx.test is no longer asked",
        ),
        ([MX], ["@ MX 30 a.mx.test."], "MX a.mx.test: priority 10 becomes 30", "ok", "No mail is lost", ""),
        (
            [MX, BACKUP],
            ["@ MX 30 a.mx.test.", BACKUP],
            "MX a.mx.test: priority 10 becomes 30",
            "wait",
            "Mail goes to b.mx.test first",
            "for 1 hour",
        ),
        ([MX], [], "MX: a.mx.test deleted", "bad", "Mail loses its way", "goes back to the sender"),
        (
            [MX, "@ A 192.0.2.1"],
            ["@ A 192.0.2.1"],
            "MX: a.mx.test deleted",
            "bad",
            "Mail loses its way",
            "192.0.2.1",
        ),
        (
            [MX],
            ["@ MX 0 ."],
            "First MX: a.mx.test becomes no server",
            "bad",
            "No mail is taken any more",
            "told so",
        ),
        (
            ["@ MX 0 ."],
            [MX],
            "First MX: no server becomes a.mx.test",
            "ok",
            "Mail gets a way in",
            "Mail goes to a.mx",
        ),
        ([], [MX], "MX: a.mx.test added", "ok", "Mail gets a way in", "Mail goes to a.mx.test."),
        (
            [MX],
            ["@ MX 10 mail.luna.test."],
            "First MX: a.mx.test becomes mail.luna.test",
            "bad",
            "Mail cannot reach mail.luna.test",
            "Add an A record",
        ),
        (
            [MX, "* A 192.0.2.1"],
            ["@ MX 10 mail.luna.test.", "* A 192.0.2.1"],
            "First MX: a.mx.test becomes",
            "wait",
            "",
            "",
        ),
        (
            [],
            ["sub MX 10 a.test."],
            "MX of sub is added",
            "wait",
            "Mail for a subdomain",
            "sub.luna.test alone",
        ),
        # the hosts that they name
        (
            ["@ MX 5 m.luna.test.", "m A 192.0.2.1"],
            ["@ MX 5 m.luna.test.", "m A 192.0.2.9"],
            "Mail server m.luna.test: 192.0.2.9",
            "wait",
            "The mail server moves",
            "Senders may go on to 192.0.2.1",
        ),
        (
            ["@ MX 5 m.luna.test.", "m A 192.0.2.1"],
            ["@ MX 5 m.luna.test."],
            "Mail server m.luna.test: A deleted",
            "bad",
            "Mail cannot reach it",
            "Point the MX elsewhere",
        ),
        (
            ["@ MX 5 m.luna.test.", "m A 192.0.2.1", "m AAAA 2001:db8::1"],
            ["@ MX 5 m.luna.test.", "m A 192.0.2.1"],
            "Mail server m.luna.test: AAAA deleted",
            "ok",
            "It keeps another address",
            "",
        ),
        # SPF
        (
            [SPF],
            ["@ TXT v=spf1 include:_spf.nube.test include:envios.test -all"],
            "SPF: envios.test may send for you",
            "ok",
            "Mail from there will pass SPF",
            "Uses 2 of the 10 look-ups",
        ),
        (
            [SPF],
            ["@ TXT v=spf1 -all"],
            "SPF: _spf.nube.test may no longer send for you",
            "wait",
            "Fewer may send",
            "taken for forged",
        ),
        ([SPF], [], "SPF is deleted", "bad", "No server is named as yours", ""),
        (
            [SPF],
            [SPF, "@ TXT v=spf1 mx -all"],
            "SPF: the servers of the MX may send for you",
            "bad",
            "2 SPF records",
            "",
        ),
        (
            [SPF],
            ["@ TXT v=spf1 include:_spf.nube.test +all"],
            "SPF changes",
            "bad",
            "It protects nobody",
            "Anybody",
        ),
        (
            [SPF],
            ["@ TXT v=spf1 include:_spf.nube.test ~all"],
            "SPF changes",
            "ok",
            "Who may send stays the same",
            "doubtful",
        ),
        (
            [],
            ["@ TXT v=spf1 " + " ".join(f"include:s{n}.test" for n in range(11)) + " -all"],
            "SPF: s0.test, s1.test",
            "bad",
            "Too many look-ups",
            "11 of the 10",
        ),
        (
            [],
            ["@ TXT v=spf1 ip4:192.0.2.1 inclde:x.test -all"],
            "SPF: 192.0.2.1 may send for you",
            "bad",
            "It cannot be read",
            "inclde",
        ),
        # DKIM and DMARC
        (
            [],
            ["s1._domainkey TXT v=DKIM1; p=abc"],
            "DKIM key s1._domainkey is added",
            "ok",
            "",
            "check signatures",
        ),
        (
            ["s1._domainkey CNAME s1.mail.test."],
            [],
            "DKIM key s1._domainkey is deleted",
            "bad",
            "Signatures fail",
            "",
        ),
        (
            ["s1._domainkey TXT v=DKIM1; p=a"],
            ["s1._domainkey TXT v=DKIM1; p=b"],
            "DKIM key s1._domainkey changes",
            "wait",
            "",
            "",
        ),
        (
            ["_dmarc TXT v=DMARC1; p=none"],
            ["_dmarc TXT v=DMARC1; p=reject"],
            "DMARC: none becomes reject",
            "wait",
            "Forged mail: reject",
            "refuse mail",
        ),
        (["_dmarc TXT v=DMARC1; p=reject"], [], "DMARC is deleted", "wait", "", ""),
        ([], ["_dmarc TXT p=reject"], "DMARC is added", "bad", "It cannot be read", ""),
        # mail programs
        (
            ["_imaps._tcp SRV 0 0 993 m.test."],
            [],
            "_imaps._tcp is deleted",
            "wait",
            "Mail programs no longer",
            "",
        ),
        (
            ["autoconfig CNAME a.test."],
            ["autoconfig CNAME b.test."],
            "Mail programs: autoconfig is b.test",
            "wait",
            "",
            "stay as they are",
        ),
        # the rest
        (
            [MX, "old A 192.0.2.1"],
            [MX],
            "old is deleted",
            "wait",
            "The web address stops",
            "old.luna.test has no answer",
        ),
        (
            [MX],
            [MX, "www CNAME luna.test."],
            "www is added",
            "ok",
            "A new address",
            "www.luna.test leads to luna.test",
        ),
        (
            [MX, "www A 192.0.2.1"],
            [MX, "www A 192.0.2.2"],
            "The web address www now goes to 192.0.2.2",
            "ok",
            "",
            "for 1 hour",
        ),
        (
            [MX, "@ A 192.0.2.1"],
            [MX, "@ A 192.0.2.2"],
            "The web address luna.test now goes to 192.0.2.2",
            "ok",
            "",
            "",
        ),
        (
            [],
            ["shop NS ns1.other.test."],
            "shop.luna.test is handed to ns1.other.test",
            "wait",
            "Other servers answer for it",
            "",
        ),
        (["shop NS ns1.other.test."], [], "shop.luna.test comes back here", "wait", "", ""),
        (
            [],
            ['@ CAA 0 issue "ca.test"'],
            "CAA of luna.test is added",
            "wait",
            "Who may issue certificates",
            "",
        ),
        ([], ["@ TXT google-site-verification=x"], "TXT of luna.test is added", "ok", "No mail uses it", ""),
        # the same to others, or nearly
        (
            [MX],
            ["@ MX/300 10 a.mx.test."],
            "MX of luna.test: TTL 1 hour becomes 5 minutes",
            "ok",
            "The answer stays the same",
            "5 minutes",
        ),
        ([MX], [MX + " #first"], "Comment at MX of luna.test", "ok", "Nothing changes for others", ""),
    ],
)
def test_words(before: Any, after: Any, headline: str, tone: str, verdict: str, says: str) -> None:
    effect = only(rows(*before), rows(*after))
    assert effect.headline.startswith(headline)
    assert (effect.tone, effect.verdict.startswith(verdict)) == (tone, True), effect
    assert says in " ".join(effect.says)


def test_an_address_without_mx_is_where_mail_goes() -> None:
    effect = only(rows("@ A 192.0.2.1"), rows("@ A 192.0.2.2"))
    assert effect.kind == "host"


def test_spf_is_told_apart_from_other_texts_at_the_same_name() -> None:
    before = rows(SPF, "@ TXT google-site-verification=a")
    after = rows("@ TXT v=spf1 mx -all", "@ TXT google-site-verification=b")
    assert [effect.kind for effect in told(before, after).items] == ["spf", "other"]


def test_mail_comes_first_and_the_summary_says_where_it_goes() -> None:
    found = told(rows(MX, "www A 192.0.2.1"), rows(BACKUP, "aaa A 192.0.2.1"))
    assert [effect.kind for effect in found.items] == ["mx", "web", "web"]
    assert found.mail_moves
    assert (found.mail_before, found.mail_after) == ("Mail goes to a.mx.test.", "Mail goes to b.mx.test.")


def test_what_the_panel_kept_is_said_to_be_yours_now() -> None:
    effect = only(rows(MX + " !mx"), rows("@ MX 10 b.mx.test."))
    assert "Kept by the panel until now (where mail goes); from now on yours." in effect.says
    back = only(rows(MX), rows(MX + " !mx"))
    assert back.headline == "MX of luna.test: kept by somebody else"
    assert any("keeps it again" in says for says in back.says)


def test_lines_are_whole_records_with_signs() -> None:
    effect = only(rows(MX), rows("@ MX 20 b.mx.test."))
    assert effect.lines == [("-", "@ 3600 MX 10 a.mx.test."), ("+", "@ 3600 MX 20 b.mx.test.")]
    long = Row(1, "@", "TXT", '"' + "a" * 255 + '" "bb"', 60, "", 1)
    assert line(long) == '@ 60 TXT "' + "a" * 255 + 'bb"'


def test_routing_is_an_item_of_its_own() -> None:
    found = effects(ZONE, rows(MX), rows(MX), ("local", "remote"))
    assert [(e.headline, e.kind) for e in found.items] == [("Email Routing: Local becomes Remote", "routing")]


def test_many_are_counted_and_the_first_are_told() -> None:
    after = rows(*(f"h{n} A 192.0.2.1" for n in range(450)), *(f"t{n} TXT x" for n in range(10)))
    found = told([], after)
    assert (len(found.items), found.hidden) == (200, 260)
    assert found.counts == [("A", 0, 450), ("TXT", 0, 10)]
    crowd = only([], [Row(n, "www", "A", f"192.0.2.{n}", 60, "", 1) for n in range(200)])
    assert len(crowd.lines) + crowd.more == 200


@given(zones, zones)
def test_any_change_has_words_and_every_line_is_told_or_counted(before: list[Row], after: list[Row]) -> None:
    found = effects("example.test", before, after)
    assert all(
        effect.headline and effect.verdict and effect.tone in {"ok", "wait", "bad"} for effect in found.items
    )
    lines = sum(len(effect.lines) + effect.more for effect in found.items)
    assert lines == sum(gone + come for _kind, gone, come in found.counts)
    assert effects("example.test", before, before).items == []
