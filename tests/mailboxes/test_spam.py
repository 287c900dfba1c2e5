"""What people set about spam, as it reaches the node, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lib.errors import Denied, Refused
from mailboxes.addresses.services import alias_create
from mailboxes.models import Consent, Mailbox, MailboxListEntry
from mailboxes.people import MailboxUser
from mailboxes.spam import services, words
from mailboxes.spam.senders import normalise_sender
from provision import asking
from tests import factories
from tests.mailboxes.conftest import World, signed_in


@pytest.fixture
def box(world: World) -> Mailbox:
    made: Mailbox = factories.MailboxFactory.create(
        mail_domain=world.mail, address="ana@example.test", local="ana"
    )
    return made


def listed(world: World, owner: Any, kind: str, sender: str, **more: Any) -> None:
    services.entry_add(actor=world.owner, owner=owner, kind=kind, sender=sender, **more)


def test_settings_reach_the_node_as_a_script(
    world: World, box: Mailbox, pushed: Callable[[str], Any]
) -> None:
    services.spam_set(actor=world.owner, owner=box, threshold=3, does="junk", quarantine_from=8)
    text = pushed("script/ana@example.test")["text"]
    assert 'header :contains "X-Spam-Level" "***"' in text
    assert 'header :contains "X-Spam-Level" "********"' in text
    services.spam_reset(actor=world.owner, owner=box)
    assert pushed("script/ana@example.test") is None


def test_a_domains_settings_only_mark(world: World, pushed: Callable[[str], Any]) -> None:
    services.spam_set(
        actor=world.owner, owner=world.mail, threshold=9, does="quarantine", quarantine_from=None
    )
    text = pushed("script/example.test")["text"]
    assert 'addheader "X-Spam-Do" "quarantine"' in text
    assert "fileinto" not in text.partition("];")[2]
    assert "stop" not in text


def test_an_allowed_sender_counts_when_proven(
    world: World, box: Mailbox, pushed: Callable[[str], Any]
) -> None:
    listed(world, box, "allow", "Friend@Example.ORG")
    listed(world, box, "allow", "@club.example", unproven=True)
    listed(world, box, "deny", "*.bad.example", drops=True)
    text = pushed("script/ana@example.test")["text"]
    assert 'header :is "X-Spam-Proven" ["friend@example.org"]' in text
    assert 'address :matches :all "From" ["*@club.example"]' in text
    assert '["friend@example.org"]' not in text.partition('"From"')[2]
    assert 'envelope :matches :all "from" ["*@*.bad.example"]' in text


def test_a_sender_is_on_one_list(world: World, box: Mailbox) -> None:
    listed(world, box, "allow", "a@b.example")
    listed(world, box, "allow", "a@b.example", note="again")
    assert MailboxListEntry.objects.get().note == "again"
    with pytest.raises(Refused, match="already"):
        listed(world, box, "deny", "a@b.example")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.org ", "ana@example.org"),
        ("@example.org", "@example.org"),
        ("example.org", "@example.org"),
        ("*@example.org", "@example.org"),
        ("*.Example.org", "*.example.org"),
        ("ana@müller.example", "ana@xn--mller-kva.example"),
    ],
)
def test_senders_are_written_one_way(typed: str, kept: str) -> None:
    assert normalise_sender(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "@", "*.", "a b@c.example", 'a"@c.example', "a@b@c.example", "x" * 65 + "@c.example",
              "a\x00@c.example", "a\n@c.example", "*", "\ud800@c.example", "a@" + "b" * 300]
)  # fmt: skip
def test_what_is_no_sender_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        normalise_sender(typed)
    assert refused.value.field == "sender"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"threshold": 0}, "threshold"),
        ({"threshold": 21}, "threshold"),
        ({"does": "bounce"}, "does"),
        ({"quarantine_from": 5}, "quarantine_from"),
        ({"quarantine_from": 51}, "quarantine_from"),
    ],
)
def test_settings_that_make_no_sense(world: World, box: Mailbox, values: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"threshold": 6, "does": "junk", "quarantine_from": None} | values
    with pytest.raises(Refused) as refused:
        services.spam_set(actor=world.owner, owner=box, **given)
    assert refused.value.field == field


def test_the_mailboxes_user_may_and_another_one_may_not(world: World, box: Mailbox) -> None:
    user = MailboxUser.by_address(box.address)
    services.entry_add(actor=user, owner=box, kind="allow", sender="a@b.example")
    other = factories.MailboxFactory.create(mail_domain=world.mail, address="bo@example.test", local="bo")
    with pytest.raises(Denied):
        services.entry_add(
            actor=MailboxUser.by_address(other.address), owner=box, kind="allow", sender="c@b.example"
        )


def test_too_many_senders(world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ENTRIES", 1)
    listed(world, box, "allow", "a@b.example")
    with pytest.raises(Refused, match="fit on the two lists"):
        listed(world, box, "allow", "c@b.example")


def test_the_page_saves_and_shows(world: World, box: Mailbox, owner_client: Client) -> None:
    url = reverse("mailbox-spam", args=["example.test", "ana"])
    assert "Nobody is listed yet" in owner_client.get(url).content.decode()
    sent = {"do": "settings", "level": "own", "threshold": "3", "does": "mark", "quarantine_from": ""}
    assert owner_client.post(url, sent).status_code == 302
    assert services.settings_of(box).threshold == 3  # type: ignore[union-attr]
    note = "<script>alert(1)</script>"
    sent = {"do": "entry", "kind": "deny", "sender": "x@y.example", "note": note}
    assert owner_client.post(url, sent).status_code == 302
    page = owner_client.get(url).content.decode()
    assert "x@y.example" in page
    assert note not in page
    entry = services.entries_of(box).get()
    assert owner_client.post(url, {"do": "remove", "entry": str(entry.pk)}).status_code == 302
    assert not services.entries_of(box).exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "settings", "level": "own", "threshold": "", "does": "mark"},
        {"do": "settings", "level": "own", "threshold": "99", "does": "mark"},
        {"do": "entry", "kind": "allow", "sender": "a\x00@b.example"},
        {"do": "entry", "kind": "none", "sender": "a@b.example"},
    ],
)
def test_wrong_input_comes_back_at_its_field(
    world: World, box: Mailbox, owner_client: Client, sent: dict[str, str]
) -> None:
    answer = owner_client.post(reverse("mailbox-spam", args=["example.test", "ana"]), sent)
    assert answer.status_code == 422


def test_the_domains_page(world: World, owner_client: Client) -> None:
    url = reverse("domain-spam", args=["example.test"])
    sent = {"do": "settings", "level": "4", "does": "junk", "quarantine_from": "9"}
    assert owner_client.post(url, sent).status_code == 302
    assert services.settings_of(world.mail).quarantine_from == 9  # type: ignore[union-attr]
    assert owner_client.get(url).status_code == 200


@pytest.mark.parametrize("name", ["mailbox-spam", "mailbox-quarantine", "domain-spam", "domain-quarantine"])
def test_a_stranger_finds_nothing(world: World, box: Mailbox, name: str) -> None:
    args = ["example.test", "ana"] if name.startswith("mailbox") else ["example.test"]
    client = signed_in(world.stranger)
    assert client.get(reverse(name, args=args)).status_code == 404
    assert client.post(reverse(name, args=args), {"do": "settings"}).status_code == 404


def test_what_a_forwarder_withheld_is_sent_on(
    world: World, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def answer(_node: Any, what: str, **args: Any) -> Any:
        asked.append((what, args))
        if what == "quarantine_counts":
            return {"info@example.test": 2}
        return {"mails": [], "all": 0, "done": 1, "taught": 1}

    monkeypatch.setattr(asking, "ask", answer)
    alias_create(
        actor=world.owner,
        mail_domain=world.mail,
        local="info",
        targets=["cy@outside.example", "no@outside.example"],
    )
    url = reverse("forwarder-quarantine", args=["example.test", "info"])
    sent = {"do": "release", "mail": "1700000000.M1.vm,S=1 x@y.example"}
    assert b"nobody outside has said yes" in owner_client.post(url, sent, follow=True).content
    assert not [what for what, _args in asked if what == "quarantine_onward"]
    Consent.objects.filter(target="cy@outside.example").update(confirmed_at=timezone.now())
    assert owner_client.post(url, sent).status_code == 302
    args = {
        "address": "info@example.test",
        "ids": ["1700000000.M1.vm,S=1"],
        "targets": ["cy@outside.example"],
        "learn": True,
    }
    assert ("quarantine_onward", args) in asked
    assert url in owner_client.get(reverse("domain-quarantine", args=["example.test"])).content.decode()
    stranger = signed_in(world.stranger)
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, sent).status_code == 404
    assert owner_client.get(url.replace("info", "nobody")).status_code == 404


def test_reasons_are_plain_words() -> None:
    found = words.reasons(
        "TEST_PATTERN(1000.0) MISSING_MID(0.5) MISSING_DATE(0.5) R_SPF_ALLOW(-0.2) ODD_X(2.0)"
    )
    assert [one.score for one in found] == [1000.0, 2.0, 1.0]
    assert found[0].text == "It holds the pattern that spam filters are tested with"
    assert words.reasons("<b>x</b>(1.0)") == []
    assert words.reasons("", "denied")[0].text == "The sender is on the Denylist"
