"""Sending limits: who sets them, what the node is told, what the pages show of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from lib.errors import Denied, Refused
from lib.passwords import hash_mailbox_password
from mailboxes import services
from mailboxes.models import Mailbox, SendingLimit
from mailboxes.sending.numbers import NUMBERS
from mailboxes.sending.services import account_limit_set, domain_limit_set, mailbox_limit_set
from mailboxes.sending.wanted import limit_desired
from nodeagent import contract
from provision import asking
from provision.asking import NodeSilent
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World, signed_in

URL = "/domains/example.test/mailboxes/ana/sending/"
Pushed = Callable[[str], Any]


@pytest.fixture
def box(world: World) -> Mailbox:
    made: Mailbox = factories.MailboxFactory.create(mail_domain=world.mail, local="ana")
    return made


@pytest.fixture(autouse=True)
def answer(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the node says; empty it and it is silent."""
    now = int(timezone.now().timestamp())
    figures = [{"name": name, "most": 0, "used": 2, "frees": 0} for name in NUMBERS]
    full = [{**figure, "most": 5, "used": 5, "frees": now + 1200} for figure in figures]
    refused = {
        "at": now, "login": "ana@example.test", "level": "account",
        "figure": "rcpts_hour", "most": 5, "used": 5, "frees": now + 1200,
    }  # fmt: skip
    said = [
        {"level": "mailbox", "scope": "ana@example.test", "figures": figures, "refused": refused},
        {"level": "account", "scope": "a1", "figures": full, "refused": refused},
    ]

    def ask(_node: Any, what: str, **_args: Any) -> Any:
        assert what == "sending"
        if not said:
            raise NodeSilent("The mail server does not answer at the moment.")
        return said

    monkeypatch.setattr(asking, "ask", ask)
    return said


def test_a_mailbox_s_limit_reaches_the_node(world: World, box: Mailbox, pushed: Pushed) -> None:
    mailbox_limit_set(actor=world.owner, mailbox=box, numbers={"mails_day": 50})
    wanted = contract.Limit(scope=box.address, mails_day=50, new_day=contract.Limit.NEW_DAY)
    assert pushed(f"limit/{box.address}") == contract.to_payload(wanted)
    assert limit_desired(f"limit/{box.address}") == wanted
    mailbox_limit_set(actor=world.owner, mailbox=box, numbers={})
    assert pushed(f"limit/{box.address}") is None
    assert limit_desired(f"limit/{box.address}") is None


def test_a_domain_s_and_an_account_s_too(world: World, pushed: Pushed) -> None:
    domain_limit_set(actor=world.owner, mail_domain=world.mail, numbers={"rcpts_day": 70})
    wanted = contract.Limit(scope="example.test", rcpts_day=70)
    assert pushed("limit/example.test") == contract.to_payload(wanted)
    assert limit_desired("limit/example.test") == wanted
    account = world.domain.account
    account_limit_set(actor=None, account=account, numbers={"new_day": 9})
    wanted = contract.Limit(scope=f"a{account.pk}", new_day=9)
    assert pushed(f"limit/a{account.pk}") == contract.to_payload(wanted)
    assert limit_desired(f"limit/a{account.pk}") == wanted


def test_only_who_stands_above_sets_an_account_s(world: World) -> None:
    with pytest.raises(Denied):
        account_limit_set(actor=world.owner, account=world.domain.account, numbers={"mails_day": 9})


@pytest.mark.parametrize(
    ("name", "number"), [("mails_hour", 501), ("rcpts_hour", 501), ("new_day", 0), ("mails_day", -1)]
)
def test_no_more_than_the_account_s_own(world: World, box: Mailbox, name: str, number: int) -> None:
    Account.objects.filter(pk=world.domain.account.pk).update(sends_per_hour=500)
    with pytest.raises(Refused) as refused:
        mailbox_limit_set(actor=world.owner, mailbox=box, numbers={name: number})
    assert refused.value.field == name
    assert not SendingLimit.objects.exists()


def test_it_goes_and_comes_back_with_its_mailbox(world: World, box: Mailbox, pushed: Pushed) -> None:
    mailbox_limit_set(actor=world.owner, mailbox=box, numbers={"mails_day": 50})
    services.mailbox_delete(actor=world.owner, mailbox=box)
    assert pushed(f"limit/{box.address}") is None
    services.mailbox_restore(actor=world.owner, mailbox=box)
    assert pushed(f"limit/{box.address}")["mails_day"] == 50


def test_the_page_says_what_is_left_when_it_frees_and_which_level_stopped_a_mail(
    box: Mailbox, owner_client: Client
) -> None:
    text = owner_client.get(URL).content.decode()
    assert "The account’s limit held a mail back" in text
    assert "Used up. The next one may go at" in text
    assert "No limit of its own. In the last 24 hours: 2 mails to 2 recipients." in text


def test_a_silent_node_is_said_and_the_form_is_there(
    answer: list[Any], box: Mailbox, owner_client: Client
) -> None:
    answer.clear()
    text = owner_client.get(URL).content.decode()
    assert "does not answer" in text
    assert 'name="mails_day"' in text


def test_the_form_sets_clears_and_refuses_at_its_field(box: Mailbox, owner_client: Client) -> None:
    assert owner_client.post(URL, {"mails_day": "50", "new_day": ""}).status_code == 302
    assert SendingLimit.objects.get().mails_day == 50
    for typed in ("x", "0", "99999999999999999999", "1\0", "-4"):
        response = owner_client.post(URL, {"mails_day": typed})
        assert response.status_code == 200
        assert "mails_day" in response.context["form"].errors
    assert owner_client.post(URL, {}).status_code == 302
    assert SendingLimit.objects.get().mails_day is None


def test_a_domain_s_page(world: World, owner_client: Client) -> None:
    url = "/domains/example.test/sending/"
    assert owner_client.post(url, {"rcpts_day": "70"}).status_code == 302
    assert SendingLimit.objects.get().rcpts_day == 70
    assert 'value="70"' in owner_client.get(url).content.decode()


@pytest.mark.parametrize("url", [URL, "/domains/example.test/sending/"])
def test_a_stranger_gets_404(world: World, box: Mailbox, url: str) -> None:
    client = signed_in(world.stranger)
    assert client.get(url).status_code == 404
    assert client.post(url, {"mails_day": "1"}).status_code == 404
    assert not SendingLimit.objects.exists()


def test_the_mailbox_s_own_user_sees_it_and_changes_nothing(box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(password_hash=hash_mailbox_password("buzon-secreto-42"))
    client = Client()
    client.post("/accounts/login/", {"login": box.address, "password": "buzon-secreto-42"})
    response = client.get("/mailbox/sending/")
    assert response.status_code == 200
    assert b"mails_day" not in response.content
    assert client.post("/mailbox/sending/", {"mails_day": "1"}).status_code == 403
    assert not Push.objects.filter(kind="limit").exists()


def test_rows_are_seen_by_their_own_people_alone(world: World, box: Mailbox) -> None:
    mailbox_limit_set(actor=world.owner, mailbox=box, numbers={"mails_day": 50})
    domain_limit_set(actor=world.owner, mail_domain=world.mail, numbers={"mails_day": 50})
    account_limit_set(actor=None, account=world.domain.account, numbers={"mails_day": 50})
    assert SendingLimit.objects.visible_to(world.owner).count() == 3
    assert SendingLimit.objects.visible_to(world.stranger).count() == 0
