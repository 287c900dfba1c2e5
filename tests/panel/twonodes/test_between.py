"""Mail and settings between two domains of one account on two mail nodes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Domain
from lib.errors import Refused
from mailboxes.addresses import domains as whole
from mailboxes.addresses import services as addresses
from mailboxes.addresses.provider import provider_ensure, provider_leads
from mailboxes.models import Consent, MailDomain
from mailboxes.moving.services import mailbox_rename
from mailboxes.routing import live
from mailboxes.routing.deciding import Answer, Finding, Host, Whose
from mailboxes.routing.looking import _ours
from panel import lifecycle
from provision.models import Node, Push
from tests.panel.people import Person
from tests.panel.twonodes.conftest import box, payload

pytestmark = pytest.mark.django_db


class TestBetweenThem:
    """Domains of one account on two nodes."""

    def test_a_forwarder_reaches_the_other_node_by_smtp_and_asks_nobody(
        self, homes: dict[str, MailDomain]
    ) -> None:
        here_, far = box(homes["mail1"]), box(homes["mail2"])
        addresses.alias_create(
            actor=None, mail_domain=homes["mail1"], local="team", targets=[here_.address, far.address]
        )
        state = payload("alias/team@uno.test", "mail1")
        assert state["targets"] == [here_.address, "team@uno.test"]
        assert f'redirect "{far.address}";' in payload("script/team@uno.test", "mail1")["text"]
        assert not Consent.objects.exists()
        assert not Push.objects.filter(key="alias/team@uno.test", node__name="mail2").exists()

    def test_a_forwarding_mailbox_too(self, homes: dict[str, MailDomain]) -> None:
        far = box(homes["mail2"])
        addresses.forwarding_set(actor=None, mailbox=box(homes["mail1"]), targets=[far.address], keep=True)
        assert f'redirect :copy "{far.address}";' in payload("script/ana@uno.test", "mail1")["text"]
        assert not Consent.objects.exists()

    def test_a_circle_over_two_nodes_is_found(self, homes: dict[str, MailDomain]) -> None:
        addresses.alias_create(
            actor=None, mail_domain=homes["mail1"], local="a", targets=[box(homes["mail2"]).address]
        )
        with pytest.raises(Refused, match="circle"):
            addresses.forwarding_set(
                actor=None, mailbox=box(homes["mail2"]), targets=["a@uno.test"], keep=True
            )

    def test_a_catch_all_leads_there_by_a_forwarder_only(self, homes: dict[str, MailDomain]) -> None:
        one, far = homes["mail1"], box(homes["mail2"])
        with pytest.raises(Refused, match="another server"):
            whole.catch_all_set(actor=None, mail_domain=one, catch_all=far.address, plus=True)
        addresses.alias_create(actor=None, mail_domain=one, local="rest", targets=[far.address])
        whole.catch_all_set(actor=None, mail_domain=one, catch_all="rest@uno.test", plus=True)
        assert payload("mail_domain/uno.test", "mail1")["catch_all"] == "rest@uno.test"

    def test_a_domain_alias_lives_where_its_domain_does(self, ines: Person, homes: Any, nodes: Any) -> None:
        there = lifecycle.domain_create(
            actor=None,
            account=ines.account,
            name="alias.test",
            proof=Domain.Proof.TXT,
            node=nodes["mail2"],
        )
        url = reverse("domain-aliases", args=["alias.test"])
        page = ines.client.post(url, {"target": homes["mail1"].pk}).content.decode()
        assert "mail1.postroom.test" in page
        assert "mail2.postroom.test" in page
        assert MailDomain.objects.get(domain=there).alias_of is None
        whole.domain_alias_set(actor=None, mail_domain=there.mail, target=homes["mail2"])
        assert payload("mail_domain/alias.test", "mail2")["alias_of"] == "dos.test"

    def test_a_mailbox_does_not_move_over_and_hears_why(self, ines: Person, homes: Any) -> None:
        with pytest.raises(Refused, match="another server"):
            mailbox_rename(actor=None, mailbox=box(homes["mail1"]), mail_domain=homes["mail2"], local="ana2")
        url = reverse("mailbox-rename", args=["uno.test", "ana"])
        page = ines.client.post(url, {"local": "ana2", "domain": homes["mail2"].pk}).content.decode()
        assert "has its mail on another server" in page

    def test_postmaster_of_a_server_reaches_a_provider_on_the_other(
        self, homes: dict[str, MailDomain], settings: Any
    ) -> None:
        settings.PROVIDER_CONTACT = box(homes["mail2"]).address
        near, far = (
            provider_leads("postmaster@mail2.postroom.test"),
            provider_leads("postmaster@mail1.postroom.test"),
        )
        assert near is not None
        assert far is not None
        assert (near.inside, near.outside) == (("ana@dos.test",), ())
        assert (far.inside, far.outside) == ((), ("ana@dos.test",))
        provider_ensure(homes["mail1"].node)
        assert "redirect" in payload("script/postmaster@mail1.postroom.test", "mail1")["text"]


class TestRouting:
    """An MX that names the provider's other mail server is a mistake, and takes no mail away from here."""

    def test_whose_a_host_is(self, homes: dict[str, MailDomain], nodes: dict[str, Node]) -> None:
        ours = _ours({nodes["mail1"].pk, nodes["mail2"].pk})
        for name, other in (("mail1", "mail2"), ("mail2", "mail1")):
            of = ours[nodes[name].pk]
            assert (set(of.hosts), set(of.sisters)) == ({nodes[name].host}, {nodes[other].host})
            assert (of.addresses, of.sister_addresses) == (
                frozenset(nodes[name].addresses),
                frozenset(nodes[other].addresses),
            )
            assert live._whose(nodes[other].host, of, (), 0.0) == (Whose.SISTER, True)

    @pytest.mark.parametrize(
        ("hosts", "mode"),
        [
            ([(10, Whose.SISTER)], ""),
            ([(10, Whose.SISTER), (20, Whose.OTHER)], ""),
            ([(10, Whose.OTHER), (20, Whose.SISTER)], "remote"),
            ([(10, Whose.SISTER), (20, Whose.OURS)], "local"),
            ([(10, Whose.OURS), (20, Whose.SISTER)], "local"),
            ([(10, Whose.OTHER), (20, Whose.OURS), (30, Whose.SISTER)], "backup"),
        ],
    )
    def test_what_follows(self, hosts: Any, mode: str) -> None:
        found = Finding(Answer.MX, tuple(Host(rank, f"h{rank}.test", whose) for rank, whose in hosts))
        assert found.mode == mode

    def test_the_page_says_what_to_write(self, ines: Person, homes: dict[str, MailDomain]) -> None:
        found = Finding(Answer.MX, (Host(10, "mail2.postroom.test", Whose.SISTER),))
        MailDomain.objects.filter(pk=homes["mail1"].pk).update(found=found.kept())
        text = ines.client.get(reverse("routing", args=["uno.test"])).content.decode()
        assert "Write mail1.postroom.test as the MX." in text
