"""A brand's host names are used once the world, and a node's certificate, say that they are right."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Brand
from deploy.stack import ca
from guides.selectors import settings_for
from lib import resolver
from panel.branding import hosts
from tests import factories
from tests.panel.brands import reseller, save
from tests.panel.people import Person


@pytest.fixture
def luna(db: None, monkeypatch: pytest.MonkeyPatch) -> Person:
    return reseller(monkeypatch)


class _Server(threading.Thread):
    """A TLS server on loopback with a certificate for ``names``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                plain, _address = self.socket.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1)
            except OSError:
                plain.close()


@pytest.fixture
def node(tmp_path: Path, settings: Any) -> Iterator[Any]:
    ca.settle(tmp_path, names=["mail1.postroom.test", "mail.luna.test"], key_group="root")
    settings.NODES_CA_FILE = str(tmp_path / "ca.pem")
    server = _Server(tmp_path)
    server.start()
    yield lambda: factories.NodeFactory.create(
        addresses=["127.0.0.1"], ports={"imaps": server.port, "submissions": server.port}
    )
    server.socket.close()


def world(monkeypatch: pytest.MonkeyPatch, **records: list[str] | None) -> None:
    """What DNS says: name with _ for a dot → addresses; None: nobody answers."""
    names = {name.replace("_", "."): found for name, found in records.items()}

    def lookup(name: str, rdtype: str, **_more: Any) -> list[str]:
        found = names.get(name, [])
        if found is None:
            raise resolver.ResolverAway(name)
        return found if rdtype == "A" else []

    monkeypatch.setattr(resolver, "lookup", lookup)


class TestLooking:
    def look(self, brand: Brand) -> Brand:
        hosts.look_at_all()
        return Brand.objects.get(pk=brand.pk)

    def test_the_servers_name_is_in_guides_once_the_node_has_proved_it(
        self, luna: Person, node: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mail1 = node()
        client = factories.AccountFactory.create(reseller=luna.account)
        theirs = factories.MailDomainFactory.create(node=mail1, domain__account=client).domain
        own = factories.MailDomainFactory.create(node=mail1, domain__account=luna.account).domain
        strangers = factories.MailDomainFactory.create(node=mail1).domain
        brand = save(luna, mail_host="mail.luna.test")
        assert settings_for("", domain=theirs).servers[0].host == "mail1.postroom.test"
        world(monkeypatch, mail_luna_test=["127.0.0.1"])
        brand = self.look(brand)
        assert (brand.mail_host_node, brand.mail_host_trouble) == ("mail1", "")
        assert {server.host for server in settings_for("", domain=theirs).servers} == {"mail.luna.test"}
        assert {server.host for server in settings_for("", domain=own).servers} == {"mail.luna.test"}
        assert {server.host for server in settings_for("", domain=strangers).servers} == {
            "mail1.postroom.test"
        }
        elsewhere = factories.NodeFactory.create(name="mail2", host="mail2.postroom.test")
        moved = factories.MailDomainFactory.create(node=elsewhere, domain__account=client).domain
        assert {server.host for server in settings_for("", domain=moved).servers} == {"mail2.postroom.test"}

    @pytest.mark.parametrize(
        ("addresses", "words"),
        [([], "no address yet"), (["192.0.2.77"], "192.0.2.77"), (["127.0.0.1", "192.0.2.77"], "192.0.2.77")],
    )
    def test_a_name_that_leads_elsewhere(
        self,
        luna: Person,
        node: Any,
        monkeypatch: pytest.MonkeyPatch,
        addresses: list[str],
        words: str,
    ) -> None:
        node()
        brand = save(luna, mail_host="mail.luna.test")
        world(monkeypatch, mail_luna_test=addresses)
        brand = self.look(brand)
        assert brand.mail_host_node == ""
        assert words in brand.mail_host_trouble

    def test_a_name_without_a_certificate(
        self, luna: Person, node: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node()
        brand = save(luna, mail_host="other.luna.test")
        world(monkeypatch, other_luna_test=["127.0.0.1"])
        brand = self.look(brand)
        assert brand.mail_host_node == ""
        assert "no certificate for this name" in brand.mail_host_trouble

    def test_what_nobody_can_tell_changes_nothing(
        self, luna: Person, node: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node()
        brand = save(luna, mail_host="mail.luna.test", panel_host="panel.luna.test")
        world(monkeypatch, mail_luna_test=["127.0.0.1"], panel_luna_test=["192.0.2.1"],
              panel_postroom_test=["192.0.2.1"])  # fmt: skip
        brand = self.look(brand)
        assert brand.mail_host_node == "mail1"
        assert brand.panel_host_seen_at is not None
        Brand.objects.update(
            mail_host_seen_at=timezone.now() - dt.timedelta(hours=2),
            panel_host_seen_at=timezone.now() - dt.timedelta(hours=2),
        )
        world(monkeypatch, mail_luna_test=None, panel_luna_test=None)
        brand = self.look(brand)
        assert brand.mail_host_node == "mail1"
        assert brand.panel_host_seen_at is not None

    def test_the_panels_name_leads_here_or_not(self, luna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        brand = save(luna, panel_host="panel.luna.test")
        world(monkeypatch, panel_luna_test=["203.0.113.9"], panel_postroom_test=["192.0.2.1"])
        brand = self.look(brand)
        assert brand.panel_host_seen_at is None
        assert "203.0.113.9" in brand.panel_host_trouble
        world(monkeypatch, panel_luna_test=["192.0.2.1"], panel_postroom_test=["192.0.2.1"])
        brand = self.look(brand)
        assert brand.panel_host_seen_at is not None
        assert brand.panel_host_trouble == ""
