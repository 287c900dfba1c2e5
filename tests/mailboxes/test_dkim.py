"""From the key that a node made to a signature that others can check. The resolver is a real server."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest
from django.db.models import F

from dnszone.models import Record
from dnszone.services import provider_zone_ensure, zone_create
from mailboxes import services, tasks
from mailboxes.models import DkimKey, MailDomain
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World

Pushed = Callable[[str], Any]
KEY = "dkim_key/signed.test/pr1-mail1"
PUBLIC = base64.b64encode(bytes(range(256)) + b"x" * 38).decode()
OTHER = base64.b64encode(bytes(reversed(range(256))) + b"x" * 38).decode()
NAME = "pr1-mail1._domainkey.signed.test."


class Resolver:
    """Answers TXT questions from ``texts``; NXDOMAIN for all other names. ``asked`` keeps the names."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            data, sender = self.socket.recvfrom(4096)
            if not data:
                return
            question = dns.message.from_wire(data)
            name = question.question[0].name.to_text().lower()
            self.asked.append(name)
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.RA
            if name in self.texts:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", self.texts[name]))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self.socket.sendto(answer.to_wire(), sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


@pytest.fixture
def resolver(settings: Any) -> Iterator[Resolver]:
    server = Resolver()
    settings.RESOLVERS = [server.place]
    yield server
    server.close()


@pytest.fixture
def mail(world: World) -> MailDomain:
    domain = factories.DomainFactory.create(account=world.domain.account, name="signed.test")
    zone_create(actor=world.owner, domain=domain, mail_node=world.mail.node)
    return services.mail_domain_create(actor=world.owner, domain=domain, node=world.mail.node)


def live(key: str, **facts: Any) -> None:
    push = Push.objects.get(key=key)
    services.dkim_on_live(push, facts)


def served() -> None:
    Push.objects.filter(kind="zone").update(applied_rev=F("desired_rev"), last_error="")


def published() -> list[Record]:
    return list(Record.objects.filter(zone__name="signed.test", managed="dkim"))


def test_the_public_half_is_published_and_the_key_signs_when_resolvers_show_it(
    mail: MailDomain, resolver: Resolver, pushed: Pushed
) -> None:
    live(KEY, public_key=PUBLIC)
    record = published()[0]
    assert (record.owner, record.type) == ("pr1-mail1._domainkey", "TXT")
    key = DkimKey.objects.get()
    assert not tasks.look(key)
    assert resolver.asked == []  # not before our own servers have it: its absence would be remembered
    served()
    assert not tasks.look(key)
    assert pushed(KEY)["active"] is False
    resolver.texts[NAME] = record.rdata
    assert tasks.look(key)
    assert pushed(KEY)["active"] is True
    assert resolver.asked == [NAME, NAME]


def test_another_key_in_the_dns_does_not_count(mail: MailDomain, resolver: Resolver, pushed: Pushed) -> None:
    live(KEY, public_key=PUBLIC)
    served()
    resolver.texts[NAME] = services.dkim_txt(OTHER)
    assert not tasks.look(DkimKey.objects.get())
    assert pushed(KEY)["active"] is False


def test_a_node_built_anew_has_a_new_key_which_waits_to_be_seen(
    mail: MailDomain, resolver: Resolver, pushed: Pushed
) -> None:
    live(KEY, public_key=PUBLIC)
    served()
    resolver.texts[NAME] = services.dkim_txt(PUBLIC)
    tasks.dkim_look_all()
    assert pushed(KEY)["active"] is True
    live(KEY, public_key=PUBLIC)
    assert pushed(KEY)["active"] is True
    live(KEY, public_key=OTHER)
    assert pushed(KEY)["active"] is False
    assert [OTHER[:200] in record.rdata.replace('" "', "") for record in published()] == [True]


@pytest.mark.parametrize(
    "junk", [None, 7, "", "x", "a b" * 30, "<script>" * 20, PUBLIC + "; t=y", PUBLIC * 9]
)
def test_what_is_no_key_is_not_published(mail: MailDomain, junk: Any) -> None:
    live(KEY, public_key=junk)
    assert published() == []
    assert DkimKey.objects.get().public_key == ""


def test_a_key_of_another_node_or_a_removed_domain_is_ignored(mail: MailDomain, world: World) -> None:
    push = Push.objects.get(key=KEY)
    push.node = factories.NodeFactory.create(name="mail2")
    services.dkim_on_live(push, {"public_key": PUBLIC})
    assert DkimKey.objects.get().public_key == ""
    services.mail_domain_delete(actor=world.owner, mail_domain=mail)
    live(KEY, public_key=PUBLIC)
    assert published() == []


def test_the_record_goes_with_the_mail(mail: MailDomain, world: World) -> None:
    live(KEY, public_key=PUBLIC)
    services.mail_domain_delete(actor=world.owner, mail_domain=mail)
    assert published() == []


def test_no_resolver_answers_and_nothing_breaks(mail: MailDomain, settings: Any, pushed: Pushed) -> None:
    live(KEY, public_key=PUBLIC)
    served()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        settings.RESOLVERS = [f"127.0.0.1:{closed.getsockname()[1]}"]
    tasks.dkim_look_all()
    assert pushed(KEY)["active"] is False


@pytest.mark.parametrize(
    ("txt", "key"),
    [
        ("v=DKIM1; k=rsa; p=AB CD\tE", "ABCDE"),
        ("p=", ""),
        ("v=DKIM1", ""),
        ("nonsense", ""),
        ("v=DKIM1;p=A=B==;t=s", "A=B=="),
    ],
)
def test_the_key_in_a_record(txt: str, key: str) -> None:
    assert tasks.public_key_of(txt) == key


def test_a_record_is_cut_into_strings_of_255_octets() -> None:
    strings = services.dkim_txt("A" * 736).strip('"').split('" "')
    assert [len(text) for text in strings] == [255, 255, 244]


def test_looking_ends_quietly_when_patience_does(mail: MailDomain, pushed: Pushed) -> None:
    live(KEY, public_key=PUBLIC)
    assert tasks.dkim_look.apply(args=(DkimKey.objects.get().pk,)).successful()
    assert tasks.dkim_look.apply(args=(2**40,)).successful()
    assert pushed(KEY)["active"] is False


OWN = "dkim_key/postroom.test/pr1-mail1"


@pytest.fixture
def own(db: None, settings: Any) -> DkimKey:
    """The key of the provider's own name on a mail node, as when the node is added."""
    settings.PROVIDER_DOMAIN = "postroom.test"
    node = factories.NodeFactory.create()
    provider_zone_ensure(actor=None)
    for _again in range(2):
        services.own_key_ensure(node)
    services.own_key_ensure(factories.NodeFactory.create(name="dns1", roles=["dns"]))
    return DkimKey.objects.get()


def test_the_providers_own_name_is_signed_for_like_a_customers(
    own: DkimKey, resolver: Resolver, pushed: Pushed
) -> None:
    assert (own.signs_for, own.mail_domain) == ("postroom.test", None)
    assert pushed(OWN)["active"] is False
    live(OWN, public_key=PUBLIC)
    record = Record.objects.get(zone__name="postroom.test", managed="dkim")
    served()
    resolver.texts["pr1-mail1._domainkey.postroom.test."] = record.rdata
    tasks.dkim_look_all()
    assert pushed(OWN) == {"domain": "postroom.test", "selector": "pr1-mail1", "active": True}


def test_a_nodes_change_leaves_the_providers_key_in_its_zone(own: DkimKey) -> None:
    live(OWN, public_key=PUBLIC)
    provider_zone_ensure(actor=None)
    assert Record.objects.filter(zone__name="postroom.test", managed="dkim").count() == 1
