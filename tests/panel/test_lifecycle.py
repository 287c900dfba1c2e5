"""A domain comes and goes as one: owner, zone and mail together, or nothing."""

from __future__ import annotations

import pytest

from accounts.models import Domain
from dnszone.models import Zone
from lib.errors import Refused
from mailboxes.models import Mailbox, MailDomain
from mailboxes.services import mailbox_create
from panel import lifecycle
from provision.models import Push
from tests.factories import NodeFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


def made(who: Person, name: str) -> Domain:
    return lifecycle.domain_create(actor=who.user, account=who.account, name=name, proof=Domain.Proof.TXT)


@pytest.fixture
def domain(ines: Person) -> Domain:
    NodeFactory.create()
    return made(ines, "Panadería.Test.")


def wanted() -> dict[str, bool]:
    """Key → whether it shall be there."""
    return {push.key: push.payload is not None for push in Push.objects.filter(domain__isnull=False)}


def test_a_new_domain_has_an_owner_a_zone_and_a_place_for_its_mail(ines: Person, domain: Domain) -> None:
    assert domain.name == "xn--panadera-i2a.test"
    assert domain.account == ines.account
    assert Zone.objects.get(domain=domain).records.filter(type="MX").exists()
    assert MailDomain.objects.get(domain=domain).node.name == "mail1"


def test_a_new_domain_is_pushed_to_the_nodes(domain: Domain) -> None:
    kinds = {key.partition("/")[0] for key, there in wanted().items() if there}

    assert kinds == {"zone", "mail_domain", "dkim_key", "alias", "script"}  # postmaster@ and abuse@
    assert Push.objects.filter(key=f"zone/{domain.name}", payload__name=domain.name).exists()


def test_without_a_mail_node_nothing_is_kept(ines: Person) -> None:
    with pytest.raises(Refused):
        made(ines, "nowhere.test")

    assert not Domain.objects.filter(name="nowhere.test").exists()
    assert not Push.objects.exists()


def test_a_deleted_domain_is_taken_from_the_nodes_and_can_be_added_again(
    ines: Person, domain: Domain
) -> None:
    mailbox_create(
        actor=ines.user, mail_domain=domain.mail, local="ana", password="harina-violeta-tren-91", quota_mb=100
    )

    lifecycle.domain_delete(actor=ines.user, domain=domain)

    name = "xn--panadera-i2a.test"
    keys = [f"zone/{name}", f"mail_domain/{name}", f"mailbox/ana@{name}"]
    assert dict(Push.objects.filter(key__in=keys).values_list("key", "payload")) == dict.fromkeys(keys)
    assert not Domain.objects.filter(name=name).exists()
    assert not Mailbox.objects.exists()
    again = made(ines, name)
    assert not Mailbox.objects.filter(mail_domain=again.mail).exists()
    assert Push.objects.get(key=f"zone/{name}").payload is not None
