"""The frame around every page: switcher, account menu, navigation, footer."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from panel.context import SWITCHER, shell
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(client: Client) -> Any:
    membership = MembershipFactory.create(user__name="Inés Carrasco")
    client.force_login(membership.user)
    return membership.account


def profile(client: Client) -> str:
    return client.get(reverse("profile")).content.decode()


def test_the_switcher_holds_what_the_person_sees(client: Client, account: Any) -> None:
    DomainFactory.create(name="theirs.test", account=AccountFactory.create())
    DomainFactory.create(name="xn--panadera-i2a.test", display_name="panadería.test", account=account)
    page = profile(client)
    assert 'href="/domains/xn--panadera-i2a.test/"' in page
    assert "panadería.test" in page
    assert "theirs.test" not in page
    assert "Find another domain" not in page


def test_many_domains_lead_to_a_search(client: Client, account: Any) -> None:
    for n in range(SWITCHER + 3):
        DomainFactory.create(name=f"d{n:02}.test", account=account)
    page = profile(client)
    assert page.count('href="/domains/d') == SWITCHER
    assert "Find another domain" in page


def test_the_frame_costs_three_queries(client: Client, account: Any, django_assert_num_queries: Any) -> None:
    """Session, person, domains; the profile reads the person once more, and what accounts they are in."""
    for n in range(SWITCHER + 3):
        DomainFactory.create(name=f"d{n:02}.test", account=account)
    profile(client)
    with django_assert_num_queries(5):
        profile(client)


def test_what_htmx_sends_carries_the_token(client: Client, account: Any) -> None:
    assert '<body hx-headers=\'{"X-CSRFToken": "' in profile(client)


def test_the_desk_is_shown_to_those_who_work_there(client: Client, account: Any) -> None:
    assert "Provider’s desk" not in profile(client)
    client.force_login(UserFactory.create(is_staff=True))
    assert "Provider’s desk" in profile(client)


def test_signing_out_is_a_form_in_the_menu(client: Client, account: Any) -> None:
    page = profile(client)
    assert f'<form method="post" action="{reverse("account_logout")}">' in page
    assert "Inés Carrasco" in page


@pytest.mark.parametrize("nav", ["overview", "mailboxes", "zone", "track", "connect"])
def test_the_navigation_marks_where_one_is(account: Any, nav: str) -> None:
    domain = DomainFactory.create(name="luna.test", account=account)
    request = RequestFactory().get("/")
    request.user = account.members.get()
    template = engines["django"].from_string(
        '{% extends "domain_base.html" %}{% block title %}T{% endblock %}{% block main %}M{% endblock %}'
    )
    page = template.render({"domain": domain, "nav": nav, **shell(request)}, request)
    assert page.count('aria-current="page"') == 1
    for name in ("domain-overview", "mailboxes", "zone", "track", "connect"):
        assert f'href="{reverse(name, args=["luna.test"])}"' in page
    assert 'href=""' not in page
    assert 'class="frame"' in page


def test_messages_are_shown_and_inert(client: Client, account: Any) -> None:
    client.post(reverse("profile"), {"name": "x", "theme": ""})
    page = profile(client)
    assert 'class="toast"' in page
    assert "Your profile is saved." in page
    assert "Your profile is saved." not in profile(client)


def render(template: str, **context: object) -> str:
    return engines["django"].from_string("{% load ui %}" + template).render(context)


def test_components_hold_hostile_text() -> None:
    hostile = '"><script>alert(1)</script>'
    for page in (
        render('{% include "components/copy.html" with value=v label=v %}', v=hostile),
        render('{% include "components/empty.html" with title=v text=v url="/" action=v %}', v=hostile),
        render('{% include "components/meter.html" with used=1 total=2 label=v note=v %}', v=hostile),
        render('{% include "components/pager.html" with next=v text=v %}', v=hostile),
    ):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_pager_with_one_page_has_no_links() -> None:
    assert "<nav" not in render('{% include "components/pager.html" with text="3 of 3" %}')
    assert render('{% include "components/pager.html" %}').strip() == ""
