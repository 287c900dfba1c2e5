"""The pages as a browser without script sees them."""

from __future__ import annotations

import html
import logging
import re
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mailboxes import services
from mailboxes.models import Mailbox
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World, signed_in

PASSWORD = "harbor-violet-train-91"
ONE = ["mailbox", "mailbox-password", "mailbox-quota", "mailbox-suspend", "mailbox-resume", "mailbox-delete"]


def make(world: World, local: str = "ana", quota_mb: int = 100) -> Mailbox:
    return services.mailbox_create(
        actor=world.owner, mail_domain=world.mail, local=local, password=PASSWORD, quota_mb=quota_mb
    )


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def new(client: Client, **typed: str) -> Any:
    form = {"local": "ana", "password": PASSWORD, "quota_mb": "1 GB"} | typed
    return client.post(reverse("mailbox-new", args=["example.test"]), form)


def test_a_mailbox_is_made_and_shown_on_its_way(world: World, owner_client: Client) -> None:
    response = new(owner_client)
    assert response.status_code == 302
    page = owner_client.get(response["location"])
    assert "On its way to mail1" in text_of(page)
    assert "is made. Its password is not shown again." in text_of(page)
    assert PASSWORD not in page.content.decode()
    assert Mailbox.objects.get(address="ana@example.test").quota_mb == 1024


def test_a_generated_password_is_offered_and_another_keeps_what_was_typed(
    world: World, owner_client: Client
) -> None:
    url = reverse("mailbox-new", args=["example.test"])
    first = owner_client.get(url)
    assert "no-store" in first["cache-control"]
    offered = first.context["form"]["password"].value()
    assert offered in first.content.decode()
    second = owner_client.post(
        url, {"local": "Tienda", "password": offered, "quota_mb": "7 GB", "another": "1"}
    )
    form = second.context["form"]
    assert form["local"].value() == "Tienda"
    assert form["quota_mb"].value() == "7 GB"
    assert form["password"].value() not in {offered, ""}
    assert not Mailbox.objects.exists()


BAD_NAMES = [
    "",
    "../x",
    "a/b",
    "-rf",
    "x" * 65,
    "a b",
    'a"b',
    "a'b",
    "año",
    "a\x00b",
    ".a",
    "a.",
    "a..b",
    "a@other.test",
    "<b>",
    "a\nb",
    "%u",
    "ana@@x",
]


@pytest.mark.parametrize("local", BAD_NAMES)
def test_a_name_that_cannot_be_is_refused_at_its_field_and_nothing_typed_is_lost(
    world: World, owner_client: Client, local: str
) -> None:
    response = new(owner_client, local=local, quota_mb="3 GB")
    assert response.status_code == 200
    form = response.context["form"]
    assert list(form.errors) == ["local"]
    assert (form["password"].value(), form["quota_mb"].value()) == (PASSWORD, "3 GB")
    assert html.escape(local) in response.content.decode() or "\x00" in local or "\n" in local
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize(
    ("local", "kept"),
    [
        ("Ana", "ana"),
        (" ana ", "ana"),
        ("a.b", "a.b"),
        ("ana@example.test", "ana"),
        ("x" * 64, "x" * 64),
    ],
)
def test_a_name_that_can_be_is_kept_in_lower_case(
    world: World, owner_client: Client, local: str, kept: str
) -> None:
    assert new(owner_client, local=local).status_code == 302
    assert Mailbox.objects.get().local == kept


BAD_QUOTAS = [
    "",
    "-1",
    "0",
    "1e308",
    str(2**63),
    "1,500",
    "1,500 GB",
    "NaN",
    "inf",
    "０１",
    "9" * 400,
    "2 PB",
    "GB",
    "0.4",
    "--",
    "1_000",
]


@pytest.mark.parametrize("quota", BAD_QUOTAS)
def test_a_quota_that_cannot_be_is_refused_at_its_field(
    world: World, owner_client: Client, quota: str
) -> None:
    response = new(owner_client, quota_mb=quota)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["quota_mb"]
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize(
    ("quota", "mb"),
    [("1", 1), ("500 MB", 500), ("1.5GB", 1536), ("1,5 GB", 1536), (" 2 gb ", 2048), ("+3 MiB", 3)],
)
def test_a_quota_is_read_as_people_write_it(world: World, owner_client: Client, quota: str, mb: int) -> None:
    assert new(owner_client, quota_mb=quota).status_code == 302
    assert Mailbox.objects.get().quota_mb == mb


BAD_PASSWORDS = [
    "",
    "short",
    " leading-blank1",
    "trailing-blank1 ",
    "x" * 129,
    "q7" * 500,
    "a\x00bcdefghijk",
    "two\nlines-here1",
    "cr\rhere-12345",
    "contraseña-91",
    "password123",
    "ana@example.test",
    "1111111111111",
]


@pytest.mark.parametrize("password", BAD_PASSWORDS)
def test_a_password_that_would_not_work_is_refused_at_its_field(
    world: World, owner_client: Client, password: str
) -> None:
    response = new(owner_client, password=password)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["password"]
    assert not Mailbox.objects.exists()


def test_all_that_is_wrong_is_said_at_once(world: World, owner_client: Client) -> None:
    response = new(owner_client, local="a b", password="x", quota_mb="-1")
    assert set(response.context["form"].errors) == {"local", "password", "quota_mb"}
    assert "3 things to change" in text_of(response)


def test_limits_are_said_at_the_field(world: World, owner_client: Client) -> None:
    response = new(owner_client, quota_mb="11 GB")
    assert "10 GB is left" in response.context["form"].errors["quota_mb"][0]
    world.domain.account.max_mailboxes = 1
    world.domain.account.save()
    make(world, "ben")
    assert "may have 1 mailbox and has 1" in new(owner_client).context["form"].errors["local"][0]


@pytest.mark.parametrize("local", ["new", "bulk"])
def test_a_mailbox_named_like_a_page_has_a_page(world: World, owner_client: Client, local: str) -> None:
    page = owner_client.get(new(owner_client, local=local)["location"])
    assert page.context["mailbox"].local == local


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch", "options", "head"])
def test_a_stranger_finds_nothing_whatever_the_verb(world: World, method: str) -> None:
    gone = services.mailbox_delete(actor=world.owner, mailbox=make(world, "ben"))
    make(world)
    client = signed_in(world.stranger)
    urls = [reverse(name, args=["example.test", "ana"]) for name in ONE]
    urls += [reverse(name, args=["example.test"]) for name in ("mailboxes", "mailbox-new", "mailboxes-bulk")]
    urls += [
        reverse("mailbox-restore", args=["example.test", "ben"]),
        reverse("mailbox-restore", args=["example.test", "ben"]) + f"?id={gone.pk}",
    ]
    before = list(Mailbox.objects.values())
    for url in urls:
        assert getattr(client, method)(url).status_code == 404, url
    assert list(Mailbox.objects.values()) == before


def test_who_is_not_signed_in_is_asked_to(world: World) -> None:
    response = Client(headers={"host": "localhost"}).get(
        reverse("mailboxes", args=["example.test"]), secure=True
    )
    assert response.status_code == 302
    assert "/accounts/login/" in response["location"]


@pytest.mark.parametrize(
    "url",
    [
        "/domains/example.test/mailboxes/nobody/",
        "/domains/other.test/mailboxes/",
        "/domains/%00/mailboxes/",
        "/domains/example.test/mailboxes/%00/",
        "/domains/example.test/mailboxes/a%2Fb/",
    ],
)
def test_what_is_not_there_is_404(world: World, owner_client: Client, url: str) -> None:
    assert owner_client.get(url).status_code == 404


def test_a_domain_without_mail_has_no_mailboxes_page(world: World, owner_client: Client) -> None:
    factories.DomainFactory.create(account=world.domain.account, name="bare.test")
    assert owner_client.get(reverse("mailboxes", args=["bare.test"])).status_code == 404


def test_suspended_by_form_and_resumed_by_button(world: World, owner_client: Client) -> None:
    make(world)
    url = reverse("mailbox-suspend", args=["example.test", "ana"])
    assert "reason" in owner_client.post(url, {"reason": ""}).context["form"].errors
    assert "at least one thing" in text_of(owner_client.post(url, {"reason": "unpaid"}))
    offered = owner_client.get(url).context["form"]
    assert [offered[name].value() for name in ("sign_in", "send", "receive")] == [True, True, None]
    page = owner_client.post(url, {"send": "on", "reason": "unpaid <bill>"}, follow=True)
    assert "Suspended" in text_of(page)
    assert "no sending" in text_of(page)
    assert "unpaid <bill>" in text_of(page)
    assert "By Panadería Luna" in " ".join(text_of(page).split()).replace(str(world.owner), "Panadería Luna")
    assert owner_client.get(url).context["form"]["send"].value() is True
    assert owner_client.get(url).context["form"]["sign_in"].value() is False
    page = owner_client.post(reverse("mailbox-resume", args=["example.test", "ana"]), follow=True)
    assert "works again" in text_of(page)
    assert Mailbox.objects.get().suspended_at is None


def test_the_password_is_changed(world: World, owner_client: Client) -> None:
    before = make(world).password_hash
    url = reverse("mailbox-password", args=["example.test", "ana"])
    offered = owner_client.get(url).context["form"]["password"].value()
    assert (
        owner_client.post(url, {"password": offered, "another": "1"}).context["form"]["password"].value()
        != offered
    )
    assert Mailbox.objects.get().password_hash == before
    assert owner_client.post(url, {"password": "short"}).context["form"].errors["password"]
    page = owner_client.post(url, {"password": offered}, follow=True)
    assert "has a new password" in text_of(page)
    assert Mailbox.objects.get().password_hash != before


def test_a_quota_below_the_use_is_kept_and_its_effect_said(world: World, owner_client: Client) -> None:
    Mailbox.objects.filter(pk=make(world).pk).update(used_mb=80, used_at=timezone.now(), messages=5)
    page = owner_client.post(
        reverse("mailbox-quota", args=["example.test", "ana"]), {"quota_mb": "50"}, follow=True
    )
    assert "new mail is refused until some is removed" in text_of(page)
    assert Mailbox.objects.get().quota_mb == 50


def test_deleted_with_what_is_lost_said_then_brought_back(world: World, owner_client: Client) -> None:
    Mailbox.objects.filter(pk=make(world).pk).update(used_mb=80, used_at=timezone.now(), messages=8204)
    url = reverse("mailbox-delete", args=["example.test", "ana"])
    asked = text_of(owner_client.get(url))
    assert "8,204 messages (80 MB) go with it" in asked
    assert "You can bring it back" in asked
    listed = owner_client.post(url, follow=True)
    assert "Deleted, and still kept" in text_of(listed)
    assert owner_client.get(reverse("mailbox", args=["example.test", "ana"])).status_code == 404
    back = owner_client.post(reverse("mailbox-restore", args=["example.test", "ana"]), follow=True)
    assert "is back, with its mail and its password" in text_of(back)


def test_one_of_two_deleted_under_the_same_address_can_be_named(world: World, owner_client: Client) -> None:
    first = services.mailbox_delete(actor=world.owner, mailbox=make(world))
    services.mailbox_delete(actor=world.owner, mailbox=make(world))
    url = reverse("mailbox-restore", args=["example.test", "ana"])
    assert owner_client.post(f"{url}?id=x").status_code == 404
    assert owner_client.post(f"{url}?id={2**70}").status_code == 404
    owner_client.post(f"{url}?id={first.pk}")
    assert Mailbox.objects.present().get().pk == first.pk
    again = owner_client.post(url)
    assert "made again meanwhile" in text_of(again)


def test_a_deleted_mailbox_of_another_domain_is_not_restored_here(world: World, owner_client: Client) -> None:
    other = factories.MailboxFactory.create(local="ana", deleted_at=timezone.now())
    url = reverse("mailbox-restore", args=["example.test", "ana"])
    assert owner_client.post(f"{url}?id={other.pk}").status_code == 404


def test_many_are_changed_after_a_page_that_asks(world: World, owner_client: Client) -> None:
    chosen = [make(world, name, 1).pk for name in ("a", "b", "c")]
    url = reverse("mailboxes-bulk", args=["example.test"])
    asked = owner_client.post(url, {"action": "suspend", "chosen": chosen[:2]})
    assert "Suspend 2 mailboxes?" in text_of(asked)
    assert not Mailbox.objects.filter(suspended_at__isnull=False).exists()
    again = owner_client.post(url, {"action": "suspend", "chosen": chosen[:2], "sure": "1", "reason": ""})
    assert again.context["form"].errors["reason"]
    done = owner_client.post(
        url,
        {"action": "suspend", "chosen": chosen[:2], "sure": "1", "sign_in": "on", "reason": "holiday"},
        follow=True,
    )
    assert "2 mailboxes are suspended" in text_of(done)
    done = owner_client.post(url, {"action": "resume", "chosen": chosen[:1], "sure": "1"}, follow=True)
    assert "1 mailbox works again" in text_of(done)
    assert "Delete 3 mailboxes?" in text_of(owner_client.post(url, {"action": "delete", "chosen": chosen}))
    owner_client.post(url, {"action": "delete", "chosen": chosen, "sure": "1"})
    assert not Mailbox.objects.present().exists()


@pytest.mark.parametrize("chosen", [[], ["x"], ["-1"], [str(2**70)], ["1\x00"]])
def test_nothing_sensible_ticked_changes_nothing(
    world: World, owner_client: Client, chosen: list[str]
) -> None:
    make(world)
    url = reverse("mailboxes-bulk", args=["example.test"])
    page = owner_client.post(url, {"action": "delete", "chosen": chosen, "sure": "1"}, follow=True)
    assert page.status_code == 200
    assert Mailbox.objects.present().count() == 1
    assert owner_client.post(url, {"action": "explode"}).status_code == 302
    assert owner_client.get(url).status_code == 302


def test_ticked_rows_of_others_are_not_there(world: World, owner_client: Client) -> None:
    other = factories.MailboxFactory.create()
    url = reverse("mailboxes-bulk", args=["example.test"])
    owner_client.post(url, {"action": "delete", "chosen": [other.pk], "sure": "1"})
    other.refresh_from_db()
    assert other.deleted_at is None


def test_the_password_is_nowhere_but_in_the_hash(
    world: World,
    owner_client: Client,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["harbor-violet-train-91", "the-second-secret-22"]
    with django_capture_on_commit_callbacks(execute=True):
        new(owner_client, password=secrets[0])
    owner_client.post(reverse("mailbox-password", args=["example.test", "ana"]), {"password": secrets[1]})
    owner_client.post(
        reverse("mailbox-password", args=["example.test", "ana"]), {"password": secrets[1] + "ñ"}
    )
    kept = " ".join(str(row) for row in Push.objects.values()) + str(list(Mailbox.objects.values()))
    kept += str(list(apps.get_model("mailboxes", "MailboxEvent").objects.values()))
    kept += str(owner_client.session.items()) + str(owner_client.cookies) + caplog.text
    for secret in secrets:
        assert secret not in kept


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(local=st.text(max_size=80), password=st.text(max_size=140), quota=st.text(max_size=30))
def test_whatever_is_typed_is_answered(
    world: World, owner_client: Client, local: str, password: str, quota: str
) -> None:
    response = new(owner_client, local=local, password=password, quota_mb=quota)
    assert response.status_code in {200, 302}


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    local=st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,63}", fullmatch=True),
    password=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=130),
)
def test_what_is_nearly_right_is_made_or_refused_at_its_field(
    world: World, owner_client: Client, local: str, password: str
) -> None:
    response = new(owner_client, local=local, password=password, quota_mb="1")
    if response.status_code == 302:
        page = owner_client.get(response["location"])
        assert page.context["mailbox"].local == local
        assert re.fullmatch(r"example\.test/[a-z0-9._+-]+\.[0-9a-f]{12}", page.context["mailbox"].home)
        Mailbox.objects.all().delete()
    else:
        assert set(response.context["form"].errors) <= {"local", "password"}
