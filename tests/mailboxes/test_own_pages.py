"""Every page of a mailbox's own user: it is there, and shows and changes that mailbox alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from delivery.models import Entry
from mailboxes.models import (
    AppPassword,
    Archive,
    Autoresponder,
    Forwarding,
    Identity,
    Job,
    Mailbox,
    MailboxFilter,
    MailboxListEntry,
    MailboxLoss,
    MailboxSpam,
)
from mailboxes.people import BACKEND, MailboxUser
from panel.middleware.gate import OF_ALL, OF_MAILBOXES
from provision.asking import NodeSilent
from provision.models import NodeRebuild, Push
from tests import factories
from tests.delivery.rows import entry_make

pytestmark = pytest.mark.django_db

SECRET = "Geheim"
NOT_OWN = {"account_login"}  # what else the gate opens: it leads those who are signed in to their pages


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns)
        else:
            yield pattern


OWN = {str(one.name): one for one in _walk(get_resolver().url_patterns) if f"{one.name}-".startswith("own-")}
PLAIN = sorted(name for name, one in OWN.items() if not one.pattern.converters)
THE_SAME_FOR_ALL = {"own-connect-guide", "own-learn-article"}  # of a program, of a text, not of a mailbox's
OF_SOMETHING = sorted(set(OWN) - set(PLAIN) - THE_SAME_FOR_ALL)
POSTED_ALONE = {"own-filters-script-off", "own-archives-restore", "own-helpful"}
POSTED_ALONE |= {"own-connect-send", "own-connect-share", "own-connect-share-end"}


@dataclass
class House:
    """``ana`` is signed in; ``ben`` is beside her, ``cleo`` in another account's domain."""

    client: Client
    ana: Mailbox
    others: list[Mailbox]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    _silence(monkeypatch)
    mail = factories.MailDomainFactory.create(domain=factories.DomainFactory.create(name="luna.test"))
    ana, ben = (factories.MailboxFactory.create(mail_domain=mail, local=local) for local in ("ana", "ben"))
    cleo = factories.MailboxFactory.create(mail_domain=factories.MailDomainFactory.create(), local="cleo")
    for box in (ana, ben, cleo):
        _belongings(box)
    return House(_signed_in(ana), ana, [ben, cleo])


def _silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No node answers here: each page still says what it knows."""

    def silent(*_args: Any, **_more: Any) -> Any:
        raise NodeSilent("mail1 does not answer.")

    monkeypatch.setattr("provision.asking.ask", silent)


def _belongings(box: Mailbox) -> None:
    """One of everything that a mailbox can have, with a word in it that its user alone may read."""
    word = f"{SECRET}{box.pk}"
    AppPassword.objects.create(mailbox=box, key=f"key{box.pk}", label=word, password_hash="{X}x")
    Identity.objects.create(mailbox=box, address=f"{word.lower()}@{box.mail_domain.domain.name}")
    MailboxFilter.objects.create(
        owner=box,
        position=1,
        name=word,
        conditions=[{"field": "from", "operator": "is", "value": "a@b.test"}],
        actions=[{"do": "discard", "value": ""}],
    )
    mail = box.mail_domain
    at = timezone.now() + timedelta(seconds=1)
    entry_make(mail.domain_id, at, mail.node, address=box.address, subject=word)
    Autoresponder.objects.create(mailbox=box, enabled=True, subject=word, text=word, zone="UTC", days=7)
    Forwarding.objects.create(mailbox=box, targets=[f"{word.lower()}@b.test"], keep=True)
    MailboxListEntry.objects.create(owner=box, kind="allow", sender=f"{word.lower()}@b.test")
    job = Job.objects.create(kind="export", mailbox=box, mail_domain=box.mail_domain, state="done")
    Archive.objects.create(
        ident=job.ident,
        job=job,
        filename=f"{word}.zip",
        complete=True,
        expires_at=timezone.now() + timedelta(days=1),
    )
    Push.objects.create(
        node=box.mail_domain.node,
        key=f"script/{box.address}",
        kind="script",
        domain=box.mail_domain.domain,
        applied_rev=1,
        payload={},
    )


def _signed_in(box: Mailbox) -> Client:
    user = MailboxUser.people.get(pk=box.pk)
    client = Client()
    session = client.session
    session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND})
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def _values(box: Mailbox) -> dict[str, Any]:
    return {
        "app": AppPassword.objects.get(mailbox=box).pk,
        "identity": Identity.objects.get(mailbox=box).pk,
        "rule": MailboxFilter.objects.get(owner=box).pk,
        "ident": Job.objects.get(mailbox=box).ident,
        "pk": Entry.objects.get(address=box.address).pk,
        "program": "thunderbird",
        "slug": "mx",
    }


def _path(name: str, values: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: values[key] for key in OWN[name].pattern.converters})


def _state() -> dict[str, list[dict[str, Any]]]:
    """Everything that a mailbox user could change, of everybody but the one who is signed in."""
    kinds = (
        AppPassword,
        Identity,
        Autoresponder,
        Forwarding,
        MailboxListEntry,
        MailboxSpam,
        Job,
        Archive,
        Mailbox,
    )
    rows = {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}
    return rows | {"MailboxFilter": list(MailboxFilter.objects.order_by("pk").values())}


def test_the_gate_opens_every_own_page_and_nothing_else() -> None:
    assert set(OWN) | NOT_OWN == OF_MAILBOXES - OF_ALL


@pytest.mark.parametrize("name", PLAIN)
def test_each_page_is_there_and_tells_of_no_other_mailbox(house: House, name: str) -> None:
    query = {"key": f"script/{house.ana.address}"} if name == "own-badge" else {}
    answer = house.client.get(reverse(name), query)
    assert answer.status_code == (405 if name in POSTED_ALONE else 302 if name == "own-filters-test" else 200)
    text = answer.content.decode(errors="replace")  # the sheet is a PDF
    for other in house.others:
        assert f"{SECRET}{other.pk}".lower() not in text.lower(), name
        assert other.address not in text


def test_every_page_is_in_the_menu_or_below_one_that_is(house: House) -> None:
    menu = house.client.get(reverse("own")).content.decode()
    of_no_page = {"own-badge", "own-job"}
    tops = [reverse(name) for name in PLAIN if f'href="{reverse(name)}"' in menu and name != "own"]
    for name in set(OWN) - of_no_page - {"own"}:
        path = _path(name, _values(house.ana))
        assert any(path.startswith(top) for top in tops), f"{name} is nowhere"


@pytest.mark.parametrize("name", OF_SOMETHING)
def test_what_is_another_mailboxs_is_not_there(house: House, name: str) -> None:
    before = _state()
    for other in house.others:
        path = _path(name, _values(other))
        for verb in ("get", "head", "post", "put", "patch", "delete"):
            answer = getattr(house.client, verb)(path, {"action": "cancel", "up": "1", "on": "0"})
            assert answer.status_code in ({403, 404} if name == "own-identity-remove" else {404, 405}), verb
            assert SECRET not in answer.content.decode()
    assert _state() == before


@pytest.mark.parametrize(
    "data", [{}, {"do": "save"}, {"do": "reset"}, {"do": "switch", "on": "0"}, {"do": "remove"}]
)
def test_what_is_sent_changes_nobody_elses(house: House, data: dict[str, str]) -> None:
    """Fields that name another mailbox, its address or its rows are not looked at."""
    other = house.others[0]
    values = _values(other)
    known = {"mailbox": other.address, "address": other.address, "owner": str(other.pk), "local": other.local}
    known |= {
        "entry": str(MailboxListEntry.objects.get(owner=other).pk),
        "consent": "1",
        "targets": "",
        "keep": "on",
    }
    known |= {key: str(value) for key, value in values.items()}
    for name in PLAIN:
        if name not in {"own", "own-password", "own-connect"}:
            house.client.post(reverse(name), known | data)
    for box in house.others:
        assert _of(box) == _fresh(box)


def _of(box: Mailbox) -> tuple[Any, ...]:
    """What is left of the one of everything."""
    word = f"{SECRET}{box.pk}"
    return (
        AppPassword.objects.filter(mailbox=box, label=word).count(),
        Identity.objects.filter(mailbox=box).count(),
        MailboxFilter.objects.filter(owner=box, name=word, enabled=True).count(),
        Autoresponder.objects.filter(mailbox=box, subject=word, enabled=True).count(),
        Forwarding.objects.get(mailbox=box).targets,
        MailboxListEntry.objects.filter(owner=box).count(),
        MailboxSpam.objects.filter(owner=box).count(),
        list(Job.objects.filter(mailbox=box).values_list("state", flat=True)),
    )


def _fresh(box: Mailbox) -> tuple[Any, ...]:
    return (1, 1, 1, 1, [f"{SECRET}{box.pk}@b.test".lower()], 1, 0, ["done"])


@pytest.mark.parametrize("name", ["own-identities", "own-protocols", "own-sending"])
def test_what_its_owner_alone_decides_is_shown_and_refused(house: House, name: str) -> None:
    assert house.client.get(reverse(name)).status_code == 200
    known = {"address": "x@luna.test", "protocols": "imap", "mails_hour": "9"}
    assert house.client.post(reverse(name), known).status_code == 403


def test_a_protocol_that_is_off_says_who_can_switch_it_on(house: House) -> None:
    Mailbox.objects.filter(pk=house.ana.pk).update(pop3=False)
    text = house.client.get(reverse("own-protocols")).content.decode()
    assert text.count("Switched off by who looks after your domain") == 1


@pytest.mark.parametrize("whose", ["script/{0}", "mailbox/{0}", "login/{0}/x"])
def test_its_badges_ask_for_its_own_alone(house: House, whose: str) -> None:
    def asked(key: str) -> int:
        return int(house.client.get(reverse("own-badge"), {"key": key}).status_code)

    for box in [house.ana, *house.others]:
        key = whose.format(box.address)
        node = box.mail_domain.node
        Push.objects.get_or_create(
            node=node, key=key, defaults={"kind": "x", "payload": {}, "applied_rev": 1}
        )
        assert asked(key) == (200 if box == house.ana else 404)
    for key in (
        "",
        "script/",
        "zone/luna.test",
        "script/luna.test",
        f"script/{house.ana.address}\0",
        "x" * 9000,
    ):
        assert asked(key) == 404


def test_a_badge_on_its_page_asks_where_it_may(house: House) -> None:
    Push.objects.filter(key=f"script/{house.ana.address}").update(desired_rev=2, next_try_at=timezone.now())
    text = house.client.get(reverse("own-spam")).content.decode()
    assert f'hx-get="{reverse("own-badge")}?key=' in text


def test_a_failed_change_offers_its_user_no_retry(house: House) -> None:
    Push.objects.filter(key=f"script/{house.ana.address}").update(
        desired_rev=2, attempts=1, last_error="the node said no", next_try_at=timezone.now()
    )
    for name in ("own-spam", "own-badge"):
        answer = house.client.get(reverse(name), {"key": f"script/{house.ana.address}"})
        assert answer.status_code == 200
        assert "/retry/" not in answer.content.decode()


def test_its_user_reads_that_mail_is_missing(house: House) -> None:
    begun = NodeRebuild.objects.create(node=house.ana.mail_domain.node)
    sizes = {"had_bytes": 4096, "had_messages": 2, "has_bytes": 0, "has_messages": 0}
    MailboxLoss.objects.create(rebuild=begun, mailbox=house.others[0], measured_at=timezone.now(), **sizes)
    assert "Mail is missing" not in house.client.get(reverse("own")).text
    MailboxLoss.objects.create(rebuild=begun, mailbox=house.ana, measured_at=timezone.now(), **sizes)
    assert "2 mails (4 KB)" in house.client.get(reverse("own")).text
