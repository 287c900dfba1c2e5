"""App passwords, sender identities, protocol switches and sign-ins of websites: what nodes are told, what
pages show, and what is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import Denied, Refused
from mailboxes.access import services, used, websites
from mailboxes.access.networks import networks_of, networks_text
from mailboxes.access.secrets import password_made
from mailboxes.models import AppPassword, Identity, Mailbox, WebsiteSender
from mailboxes.services import mailbox_create, mailbox_delete, mailbox_restore
from nodeagent import belongings, contract
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World, signed_in

pytestmark = pytest.mark.django_db
Pushed = Callable[[str], Any]
ALL = dict.fromkeys(services.PROTOCOLS, True)
HERE = "/domains/example.test/mailboxes/ana"


@pytest.fixture
def ana(world: World) -> Mailbox:
    return mailbox_create(
        actor=world.owner, mail_domain=world.mail, local="ana", password="harbor-violet-914", quota_mb=100
    )


@pytest.fixture
def phone(world: World, ana: Mailbox) -> AppPassword:
    return made(world, ana)[0]


def made(world: World, ana: Mailbox, **values: Any) -> tuple[AppPassword, str]:
    given: dict[str, Any] = {"label": "Phone", "protocols": ALL, "networks": [], "expires": None} | values
    return services.app_password_create(actor=world.owner, mailbox=ana, **given)


def site(world: World, **values: Any) -> tuple[WebsiteSender, str]:
    given: dict[str, Any] = {
        "label": "Shop",
        "local": "shop",
        "sender": "orders@example.test",
        "networks": [],
    }
    given |= {"mails_hour": 50, "mails_day": 0} | values
    return websites.website_create(actor=world.owner, mail_domain=world.mail, **given)


def test_a_password_is_random_easy_to_type_and_begins_with_its_key() -> None:
    passwords = {password_made().password for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        assert re.fullmatch(r"[a-z2-9]{8}(-[a-z2-9]{4}){5}", password)
        assert not set(password) & set("lo01")


def test_an_app_password_is_told_once_and_the_node_gets_its_hash(
    world: World, ana: Mailbox, pushed: Pushed
) -> None:
    until = timezone.now() + dt.timedelta(days=3)
    row, password = made(world, ana, networks=["192.0.2.0/24"], expires=until, protocols={"imap": True})
    state = pushed(f"login/ana@example.test/{row.key}")
    assert state["password_hash"] == "{SHA256.HEX}" + hashlib.sha256(password.encode()).hexdigest()
    assert (state["imap"], state["pop3"], state["smtp"], state["sieve"]) == (True, False, False, False)
    assert (state["networks"], state["expires"]) == (["192.0.2.0/24"], int(until.timestamp()))
    belongings.check(contract.Login(**state))
    assert password not in str(list(Push.objects.values())) + str(list(AppPassword.objects.values()))


def test_revoked_it_is_absent_and_gone(
    world: World, ana: Mailbox, phone: AppPassword, pushed: Pushed
) -> None:
    services.app_password_revoke(actor=world.owner, mailbox=ana, password=phone)
    assert pushed(f"login/ana@example.test/{phone.key}") is None
    assert not AppPassword.objects.exists()


def test_it_goes_and_comes_back_with_its_mailbox(
    world: World, ana: Mailbox, phone: AppPassword, pushed: Pushed
) -> None:
    services.identity_add(actor=world.owner, mailbox=ana, address="info@example.test")
    gone = mailbox_delete(actor=world.owner, mailbox=ana)
    assert pushed(f"login/ana@example.test/{phone.key}") is None
    assert pushed("identity/ana@example.test/info@example.test") is None
    mailbox_restore(actor=world.owner, mailbox=gone)
    assert pushed(f"login/ana@example.test/{phone.key}")
    assert pushed("identity/ana@example.test/info@example.test")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "x\0y"}, "label"),
        ({"label": "x" * 61}, "label"),
        ({"protocols": {}}, "protocols"),
        ({"expires": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "expires"),
    ],
)
def test_bad_input_is_refused_at_its_field(
    world: World, ana: Mailbox, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        made(world, ana, **values)
    assert refused.value.field == field


def test_networks_are_read_as_people_type_them() -> None:
    assert networks_of("192.0.2.7, 198.51.100.0/24\n2001:db8::/32;192.0.2.7") == [
        "192.0.2.7/32",
        "198.51.100.0/24",
        "2001:db8::/32",
    ]
    assert networks_text(["192.0.2.7/32", "2001:db8::/32"]) == "192.0.2.7, 2001:db8::/32"
    with pytest.raises(Refused, match=r"192\.0\.2\.0/24"):
        networks_of("192.0.2.7/24")


@given(st.text(max_size=200))
def test_any_text_is_networks_or_refused(text: str) -> None:
    try:
        found = networks_of(text)
    except Refused:
        return
    assert networks_of(networks_text(found)) == found


@pytest.mark.parametrize(
    "address", ["x@other.test", "x@no-such.test", "ana", "@", "x@example.test\0", "é@ü.test"]
)
def test_another_tenants_address_is_no_identity_and_nothing_is_told(
    world: World, ana: Mailbox, address: str
) -> None:
    other = factories.DomainFactory.create(name="other.test")
    factories.MailDomainFactory.create(domain=other)
    with pytest.raises(Refused) as refused:
        services.identity_add(actor=world.owner, mailbox=ana, address=address)
    assert refused.value.field == "address"
    if address.startswith("x@") and "\0" not in address:
        assert refused.value.message == (
            f"{address[2:]} is no domain of this account. Only addresses of your own domains can be used."
        )
    with pytest.raises(Refused):
        site(world, sender=address)


def test_an_identity_is_pushed_and_removed(world: World, ana: Mailbox, pushed: Pushed) -> None:
    row = services.identity_add(actor=world.owner, mailbox=ana, address=" Info@EXAMPLE.test ")
    assert pushed("identity/ana@example.test/info@example.test")["sender"] == "info@example.test"
    with pytest.raises(Refused, match="already"):
        services.identity_add(actor=world.owner, mailbox=ana, address="info@example.test")
    services.identity_remove(actor=world.owner, mailbox=ana, identity=row)
    assert pushed("identity/ana@example.test/info@example.test") is None


def test_protocols_reach_the_node(world: World, ana: Mailbox, pushed: Pushed) -> None:
    services.protocols_set(actor=world.owner, mailbox=ana, protocols={"imap": True})
    state = pushed("mailbox/ana@example.test")
    assert [state[name] for name in services.PROTOCOLS] == [True, False, False, False]


def test_a_stranger_may_do_nothing(world: World, ana: Mailbox, phone: AppPassword) -> None:
    row, _password = site(world)
    for call in (
        lambda: services.app_password_revoke(actor=world.stranger, mailbox=ana, password=phone),
        lambda: services.identity_add(actor=world.stranger, mailbox=ana, address="x@example.test"),
        lambda: services.protocols_set(actor=world.stranger, mailbox=ana, protocols={}),
        lambda: websites.website_revoke(actor=world.stranger, website=row),
        lambda: websites.website_renew(actor=world.stranger, website=row),
    ):
        with pytest.raises(Denied):
            call()
    client = signed_in(world.stranger)
    for path in (f"{HERE}/app-passwords/", f"{HERE}/identities/", "/domains/example.test/websites/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{HERE}/app-passwords/{phone.pk}/revoke/").status_code == 404


def test_a_website_has_a_sign_in_a_limit_and_a_sender(world: World, pushed: Pushed) -> None:
    row, password = site(world)
    state = pushed(f"login/shop@example.test/{row.key}")
    assert state["site"]
    assert state["smtp"]
    assert not state["imap"]
    belongings.check(contract.Login(**state))
    assert pushed("limit/shop@example.test")["mails_hour"] == 50
    assert pushed("identity/shop@example.test/orders@example.test")
    _row, other = websites.website_renew(actor=world.owner, website=row)
    assert other != password
    assert pushed(f"login/shop@example.test/{row.key}") is None
    websites.website_senders_set(actor=world.owner, website=row, addresses=["a@example.test"])
    assert pushed("identity/shop@example.test/orders@example.test") is None
    websites.website_revoke(actor=world.owner, website=row)
    assert pushed("limit/shop@example.test") is None
    assert pushed("identity/shop@example.test/a@example.test") is None


def test_a_websites_name_and_a_mailboxs_never_meet(world: World, ana: Mailbox) -> None:
    with pytest.raises(Refused) as refused:
        site(world, local="ana")
    assert refused.value.field == "local"
    site(world)
    with pytest.raises(Refused):
        site(world)
    with pytest.raises(Refused):
        mailbox_create(
            actor=world.owner, mail_domain=world.mail, local="shop", password="harbor-violet-914", quota_mb=1
        )


def test_last_use_is_kept_and_older_news_changes_nothing(
    world: World, ana: Mailbox, phone: AppPassword
) -> None:
    node = world.mail.node
    now = timezone.now()
    use = used.Use(phone.key, "ana@example.test", now, "192.0.2.9", "IMAP")
    used.uses_store(node, [use, used.Use(phone.key, "ben@example.test", now, "192.0.2.1", "SMTP")])
    old = used.Use(phone.key, "ana@example.test", now - dt.timedelta(hours=1), "192.0.2.1", "SMTP")
    used.uses_store(node, [old])
    phone.refresh_from_db()
    assert (phone.used_at, phone.used_from, phone.used_by) == (now, "192.0.2.9", "IMAP")
    used.uses_store(factories.NodeFactory.create(name="mail7"), [use])


def test_the_pages(owner_client: Client, world: World, ana: Mailbox) -> None:
    assert b"No app passwords yet" in owner_client.get(f"{HERE}/app-passwords/").content
    form = {"label": "<b>Phone", "protocols": ["imap", "smtp"], "networks": "", "expires": ""}
    answer = owner_client.post(f"{HERE}/app-passwords/new/", form)
    text = answer.content.decode()
    row = AppPassword.objects.get()
    password = re.search(rf'data-copy="({row.key}-[a-z2-9-]+)"', text)
    assert password
    assert "&lt;b&gt;Phone" in text
    assert "no-store" in answer.headers["Cache-Control"]
    listed = owner_client.get(f"{HERE}/app-passwords/").content.decode()
    assert password[1] not in listed
    assert "IMAP, SMTP" in listed
    wrong = owner_client.post(f"{HERE}/app-passwords/new/", form | {"networks": "x'; --", "label": "\0"})
    assert wrong.status_code == 200
    assert AppPassword.objects.count() == 1
    assert owner_client.get(f"{HERE}/app-passwords/{row.pk}/revoke/").status_code == 200
    assert owner_client.post(f"{HERE}/app-passwords/{row.pk}/revoke/").status_code == 302
    assert owner_client.post(f"{HERE}/identities/", {"address": "info@example.test"}).status_code == 302
    assert b"info@" in owner_client.get(f"{HERE}/identities/").content
    gone = f"{HERE}/identities/{Identity.objects.get().pk}/remove/"
    assert owner_client.get(gone).status_code == 405
    assert owner_client.post(gone).status_code == 302
    assert owner_client.post(f"{HERE}/protocols/", {"protocols": ["imap"]}).status_code == 302
    ana.refresh_from_db()
    assert (ana.imap, ana.pop3) == (True, False)


def test_the_pages_of_websites(owner_client: Client, world: World) -> None:
    base = "/domains/example.test/websites/"
    assert b"No website sends yet" in owner_client.get(base).content
    form = {"label": "Shop", "local": "shop", "sender": "orders@example.test", "networks": ""}
    text = owner_client.post(f"{base}new/", form | {"mails_hour": "5", "mails_day": "9"}).content.decode()
    row = WebsiteSender.objects.get()
    assert f'data-copy="{row.key}-' in text
    assert "WP Mail SMTP" in text
    assert "mail1.postroom.test" in text
    here = f"{base}{row.pk}/"
    assert f"{row.key}-" not in owner_client.get(here).content.decode()
    change = {"label": "Shop 2", "senders": "a@example.test\nb@example.test", "networks": "192.0.2.1"}
    assert (
        owner_client.post(f"{here}change/", change | {"mails_hour": "0", "mails_day": "0"}).status_code == 302
    )
    row.refresh_from_db()
    assert (row.label, row.networks, row.identities.count()) == ("Shop 2", ["192.0.2.1/32"], 2)
    for name in ("change", "renew", "revoke"):
        assert owner_client.get(f"{here}{name}/").status_code == 200
    assert "data-copy" in owner_client.post(f"{here}renew/").content.decode()
    assert owner_client.post(f"{here}revoke/").status_code == 302
    assert owner_client.get(here).status_code == 404
