"""The provider's desk: what waits stands on its first page, its actions go through services, and it is for
the provider's staff alone, each as far as Django's permissions go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Account, Domain, DomainClaim, Plan, User
from accounts.models.limits import LIMITS, MOST
from delivery.models import Direction, Status
from provision.models import Node, Push
from tests import factories
from tests.delivery.rows import entry_make

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
ACCOUNTS = reverse("admin:accounts_account_changelist")
CLAIMS = reverse("admin:accounts_domainclaim_changelist")
DOMAINS = reverse("admin:accounts_domain_changelist")
NODES = reverse("admin:provision_node_changelist")
PUSHES = reverse("admin:provision_push_changelist")
PLANS = reverse("admin:accounts_plan_changelist")


def signed_in(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="accounts.backends.PersonBackend")
    return client


@pytest.fixture
def ada() -> User:
    return factories.UserFactory.create(is_staff=True, is_superuser=True)


@pytest.fixture
def desk(ada: User) -> Client:
    return signed_in(ada)


def staff(*permissions: str) -> Client:
    user = factories.UserFactory.create(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user)


def failing(key: str = "mailbox/x@luna.test", **more: Any) -> Push:
    return Push.objects.create(
        node=factories.NodeFactory.create(),
        key=key,
        kind="mailbox",
        payload={"address": "x@luna.test", "password_hash": "{ARGON2ID}secret", "dkim_key": "MIIE"},
        last_error="the disk is full",
        next_try_at=timezone.now(),
        **more,
    )


def claim(name: str = "luna.test", **account: Any) -> DomainClaim:
    owner = factories.AccountFactory.create(**account)
    return DomainClaim.objects.create(account=owner, name=name, display_name=name, token=f"t-{name}")


def sent(domain: Domain, number: int, status: int = Status.DELIVERED) -> None:
    for _ in range(number):
        entry_make(domain.pk, status=status, direction=Direction.OUT)


def full_house() -> dict[str, Any]:
    """One of everything that waits."""
    push = failing()
    mail = factories.MailDomainFactory.create(
        domain__name="luna.test", domain__account__name="Luna", domain__account__max_domains=1
    )
    sent(mail.domain, 3)
    sent(mail.domain, 1, Status.FAILED)
    asleep = factories.AccountFactory.create(name="Owes Us")
    Account.objects.filter(pk=asleep.pk).update(
        no_send=True, suspended_at=timezone.now(), suspended_reason="unpaid"
    )
    return {"push": push, "mail": mail, "claim": claim("waits.test"), "asleep": asleep}


def test_what_waits_is_on_the_first_page_with_its_reason(desk: Client) -> None:
    there = full_house()
    Node.objects.update(trouble="its clock says 1999")
    html = desk.get(INDEX).content.decode()
    for text in ("the disk is full", "its clock says 1999", "waits.test", "Owes Us", "unpaid", "luna.test"):
        assert text in html, text
    assert "4 mails" in html
    assert "1 failed or deferred" in html
    assert "Domains 1 / 1" in html
    assert reverse("admin:provision_push_change", args=[there["push"].pk]) in html
    assert f"{ACCOUNTS}?state=near" in html


def test_an_empty_desk_says_that_nothing_waits(desk: Client) -> None:
    html = desk.get(INDEX).content.decode()
    assert "Everybody has room." in html
    assert "Refused last" not in html


@pytest.mark.parametrize("many", [1, 40])
def test_the_first_page_costs_twelve_queries(
    desk: Client, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    full_house()
    for n in range(many):
        failing(f"mailbox/{n}@luna.test")
        claim(f"w{n}.test", max_domains=1)
    with django_assert_max_num_queries(12):
        desk.get(INDEX)


def test_staff_see_the_parts_that_they_may_look_at(django_assert_max_num_queries: Any) -> None:
    full_house()
    client = staff("view_domainclaim")
    with django_assert_max_num_queries(12):
        html = client.get(INDEX).content.decode()
    assert "waits.test" in html
    assert "the disk is full" not in html
    assert "Owes Us" not in html
    assert staff().get(INDEX).status_code == 200


def test_accounts_are_a_tree_that_opens(desk: Client) -> None:
    reseller = factories.ResellerFactory.create(name="Nube")
    factories.AccountFactory.create(name="Zeta", reseller=reseller)
    factories.AccountFactory.create(name="Alfa", reseller=reseller)
    factories.AccountFactory.create(name="Beta")

    def names(query: str) -> list[str]:
        return [row.name for row in desk.get(f"{ACCOUNTS}{query}").context["cl"].result_list]

    assert names("") == ["Beta", "Nube"]
    assert names(f"?below={reseller.pk}") == ["Nube", "Alfa", "Zeta"]
    assert names("?below=all") == ["Beta", "Nube", "Alfa", "Zeta"]
    assert names("?q=zet") == ["Zeta"]
    assert "2 clients" in desk.get(ACCOUNTS).content.decode()


def test_accounts_near_a_limit_suspended_or_deleted_are_found(desk: Client) -> None:
    mail = factories.MailDomainFactory.create(domain__account__name="Tight", domain__account__max_mailboxes=2)
    factories.MailboxFactory.create_batch(2, mail_domain=mail, quota_mb=1)
    factories.AccountFactory.create(name="Roomy")
    pool = factories.ResellerFactory.create(name="Pool", max_domains=10)
    factories.AccountFactory.create(name="Client", reseller=pool, max_domains=9)
    asleep, gone = (
        factories.AccountFactory.create(name="Asleep"),
        factories.AccountFactory.create(name="Gone"),
    )
    Account.objects.filter(pk=asleep.pk).update(no_send=True, suspended_at=timezone.now())
    Account.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    for state, wanted in {
        "near": {"Tight", "Pool"},
        "suspended": {"Asleep"},
        "deleted": {"Gone"},
    }.items():
        rows = desk.get(f"{ACCOUNTS}?state={state}").context["cl"].result_list
        assert {row.name for row in rows} == wanted, state


def test_the_largest_limits_are_compared_too(desk: Client) -> None:
    factories.AccountFactory.create(name="Huge", **MOST)
    assert desk.get(f"{ACCOUNTS}?state=near").status_code == 200
    assert desk.get(INDEX).status_code == 200


@pytest.mark.parametrize("many", [2, 60])
def test_the_list_of_accounts_costs_the_same_for_any_number(
    desk: Client, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for account in factories.AccountFactory.create_batch(many):
        factories.MailDomainFactory.create(domain__account=account)
    with django_assert_max_num_queries(8):
        desk.get(f"{ACCOUNTS}?below=all")


def account_values(account: Account, **changes: Any) -> dict[str, Any]:
    values = {"name": account.name, "plan": account.plan_id or ""}
    values |= {name: getattr(account, name) for name in LIMITS}
    values = {name: value for name, value in (values | changes).items() if value is not False}
    return values | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


def change(desk: Client, account: Account, **changes: Any) -> Any:
    path = reverse("admin:accounts_account_change", args=[account.pk])
    return desk.post(path, account_values(account, **changes))


def test_limits_plan_trust_and_overselling_are_changed_by_the_service(desk: Client) -> None:
    account = factories.AccountFactory.create()
    plan = Plan.objects.create(name="Small", max_mailboxes=3, max_domains=2)
    assert change(desk, account, max_mailboxes=7, trusted="on").status_code == 302
    account.refresh_from_db()
    assert (account.max_mailboxes, account.trusted) == (7, True)
    assert change(desk, account, plan=plan.pk).status_code == 302
    account.refresh_from_db()
    assert (account.plan, account.max_mailboxes, account.max_domains) == (plan, 3, 2)
    assert change(desk, account, max_domains=9).status_code == 302  # limits of its own: off the plan
    account.refresh_from_db()
    assert (account.plan, account.max_domains) == (None, 9)


@pytest.mark.parametrize("wrong", ["0", "-1", "", "99999999999"])
def test_limits_that_are_none_are_refused_at_the_field(desk: Client, wrong: str) -> None:
    account = factories.AccountFactory.create()
    answer = change(desk, account, max_mailboxes=wrong)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["max_mailboxes"]
    account.refresh_from_db()
    assert account.max_mailboxes == 25


def test_who_would_be_over_is_said_before_it_is_saved(desk: Client) -> None:
    plan = Plan.objects.create(name="Small")
    mail = factories.MailDomainFactory.create(domain__account__name="Luna", domain__account__plan=plan)
    factories.MailboxFactory.create_batch(2, mail_domain=mail, quota_mb=1)
    path = reverse("admin:accounts_plan_change", args=[plan.pk])
    values = {"name": "Small"} | {name: getattr(plan, name) for name in LIMITS} | {"max_mailboxes": 1}
    answer = desk.post(path, values)
    assert answer.status_code == 200
    assert "Luna: " in answer.content.decode()
    plan.refresh_from_db()
    assert plan.max_mailboxes == 25
    assert desk.post(path, values | {"sure": "on"}).status_code == 302
    assert Account.objects.get(name="Luna").max_mailboxes == 1
    assert "Luna</a>" in desk.get(path).content.decode()


def test_plans_are_made_and_deleted_only_when_nobody_is_on_them(desk: Client) -> None:
    values: dict[str, Any] = {"name": "Large", "reseller": "", **dict.fromkeys(LIMITS, "on")}
    values |= {"max_domains": 5, "max_mailboxes": 50, "max_forwarders": 5, "storage_mb": 9}
    values |= {"mailbox_mb": 3, "sends_per_hour": 10, "log_days": 7}
    assert desk.post(reverse("admin:accounts_plan_add"), values).status_code == 302
    plan = Plan.objects.get(name="Large")
    account = factories.AccountFactory.create(plan=plan)
    gone = reverse("admin:accounts_plan_delete", args=[plan.pk])
    assert desk.post(gone, {"post": "yes"}).status_code == 403
    Account.objects.filter(pk=account.pk).update(plan=None)
    assert desk.post(gone, {"post": "yes"}).status_code == 302
    assert not Plan.objects.exists()


def test_accounts_and_domains_are_suspended_with_a_reason_and_let_go(desk: Client, ada: User) -> None:
    mail = factories.MailDomainFactory.create()
    for path, row in ((ACCOUNTS, mail.domain.account), (DOMAINS, mail.domain)):
        chosen = {"action": "suspend_chosen", "_selected_action": [row.pk]}
        asked = desk.post(path, chosen)
        assert asked.status_code == 200
        assert str(row) in asked.content.decode()
        assert desk.post(path, chosen | {"sure": "1", "send": "on"}).status_code == 200  # no reason
        row.refresh_from_db()
        assert not row.is_suspended
        done = desk.post(path, chosen | {"sure": "1", "send": "on", "reason": "spam"})
        assert done.status_code == 302
        row.refresh_from_db()
        assert (row.no_send, row.no_sign_in, row.suspended_reason) == (True, False, "spam")
        assert row.suspended_by == ada
        desk.post(path, {"action": "resume_chosen", "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert not row.is_suspended


def test_waiting_domains_are_taken_on_our_word_or_let_go(desk: Client) -> None:
    factories.NodeFactory.create()
    taken, dropped = claim("luna.test"), claim("sol.test")
    desk.post(CLAIMS, {"action": "accept", "_selected_action": [taken.pk]})
    domain = Domain.objects.get(name="luna.test")
    assert (domain.account, domain.proof) == (taken.account, Domain.Proof.STAFF)
    desk.post(CLAIMS, {"action": "drop", "_selected_action": [dropped.pk]})
    assert not DomainClaim.objects.exists()
    assert not Domain.objects.filter(name="sol.test").exists()


def test_a_waiting_domain_is_looked_at_now_and_its_token_not_shown(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, asked = claim(), []
    monkeypatch.setattr("panel.proving.look_soon", lambda: asked.append(True))
    DomainClaim.objects.update(next_check_at=timezone.now() + timedelta(days=1))
    desk.post(CLAIMS, {"action": "look", "_selected_action": [one.pk]})
    one.refresh_from_db()
    assert one.next_check_at <= timezone.now()
    assert asked == [True]
    page = desk.get(reverse("admin:accounts_domainclaim_change", args=[one.pk])).content.decode()
    assert one.token not in page


def test_nodes_are_drained_and_put_into_a_pool_and_not_edited_otherwise(desk: Client) -> None:
    node = factories.NodeFactory.create()
    failing()
    html = desk.get(NODES).content.decode()
    assert f"{PUSHES}?state=failed&amp;node__id__exact={node.pk}" in html
    desk.post(NODES, {"action": "drain", "_selected_action": [node.pk]})
    node.refresh_from_db()
    assert node.draining
    desk.post(NODES, {"action": "undrain", "_selected_action": [node.pk]})
    path = reverse("admin:provision_node_change", args=[node.pk])
    desk.post(path, {"host": "evil.test", "draining": "on", "pool": "gold", "ingest_token_hash": "x"})
    node.refresh_from_db()
    assert (node.draining, node.pool, node.host) == (True, "gold", "mail1.postroom.test")
    refused = desk.post(path, {"pool": "no such pool!"})
    assert "letters, numbers" in refused.content.decode()
    node.refresh_from_db()
    assert (node.draining, node.pool) == (True, "gold")
    assert "gold" in desk.get(f"{HISTORY}?event_model=provision.nodeevent").content.decode()


def test_a_push_is_inspected_without_its_secrets(desk: Client) -> None:
    push = failing()
    page = desk.get(reverse("admin:provision_push_change", args=[push.pk])).content.decode()
    assert "x@luna.test" in page
    assert "ARGON2ID" not in page
    assert "MIIE" not in page
    found = desk.get(f"{PUSHES}?state=failed&node__id__exact={push.node_id}&kind=mailbox").content.decode()
    assert "the disk is full" in found


ACTIONS = [
    (ACCOUNTS, "suspend_chosen", "account"),
    (ACCOUNTS, "resume_chosen", "account"),
    (ACCOUNTS, "restore_chosen", "account"),
    (DOMAINS, "suspend_chosen", "domain"),
    (DOMAINS, "resume_chosen", "domain"),
    (CLAIMS, "look", "claim"),
    (CLAIMS, "accept", "claim"),
    (CLAIMS, "drop", "claim"),
    (NODES, "drain", "node"),
    (NODES, "undrain", "node"),
    (PUSHES, "retry", "push"),
]


@pytest.mark.parametrize(("path", "action", "kind"), ACTIONS)
@pytest.mark.parametrize("who", ["customer", "reseller", "anonymous", "looker"])
def test_actions_are_for_whom_django_permits_them(path: str, action: str, kind: str, who: str) -> None:
    mail = factories.MailDomainFactory.create()
    waits = claim()
    rows = {
        "account": mail.domain.account,
        "domain": mail.domain,
        "claim": waits,
        "node": mail.node,
        "push": failing(),
    }
    looks = {"account", "domain", "domainclaim", "node", "push"}
    client = {
        "customer": lambda: signed_in(factories.MembershipFactory.create(account=mail.domain.account).user),
        "reseller": lambda: signed_in(
            factories.MembershipFactory.create(account=factories.ResellerFactory.create()).user
        ),
        "anonymous": lambda: signed_in(None),
        "looker": lambda: staff(*(f"view_{name}" for name in looks)),
    }[who]()
    before = [list(model.objects.order_by("pk").values()) for model in (Account, Domain, DomainClaim, Node)]
    pushed = list(Push.objects.order_by("pk").values())
    values = {"sure": "1", "send": "on", "reason": "x"}
    answer = client.post(path, {"action": action, "_selected_action": [rows[kind].pk], **values})
    assert answer.status_code in {302, 403, 404} or who == "looker"
    if answer.status_code == 302 and who == "anonymous":
        assert reverse("account_login") in answer.headers["Location"]
    assert [
        list(model.objects.order_by("pk").values()) for model in (Account, Domain, DomainClaim, Node)
    ] == before
    assert list(Push.objects.order_by("pk").values()) == pushed


def test_what_a_service_refuses_is_said_and_the_others_are_done(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panel.proving.look_soon", lambda: None)
    fresh, late = claim("a.test"), claim("b.test")
    DomainClaim.objects.filter(pk=fresh.pk).update(checked_at=timezone.now() + timedelta(minutes=9))
    answer = desk.post(
        CLAIMS, {"action": "look", "_selected_action": [fresh.pk, late.pk]}, follow=True
    ).content.decode()
    assert "Not done for a.test: " in answer
    assert "1 is looked at now." in answer


def test_services_are_the_only_way(desk: Client) -> None:
    """Nothing of these models is added, changed or deleted by Django's own hand."""
    mail = factories.MailDomainFactory.create()
    waits, push = claim(), failing()
    for model, row in (("domain", mail.domain), ("domainclaim", waits)):
        path = reverse(f"admin:accounts_{model}_change", args=[row.pk])
        assert desk.post(path, {"name": "evil.test", "account": 1}).status_code == 403
        assert desk.post(reverse(f"admin:accounts_{model}_delete", args=[row.pk])).status_code == 403
        assert desk.get(reverse(f"admin:accounts_{model}_add")).status_code == 403
    desk.post(reverse("admin:provision_push_change", args=[push.pk]), {"key": "x", "applied_rev": 99})
    push.refresh_from_db()
    assert (push.key, push.applied_rev) == ("mailbox/x@luna.test", 0)
    for path in (ACCOUNTS, DOMAINS, CLAIMS, NODES, PUSHES):
        rows = Account.objects.values_list("pk", flat=True)
        desk.post(path, {"action": "delete_selected", "_selected_action": list(rows), "post": "yes"})
    assert Domain.objects.count() == 1
    assert DomainClaim.objects.count() == 1


@pytest.mark.parametrize("key", ["abc", "-1", "1e9", "٣", "9" * 30, ""])
@pytest.mark.parametrize("path", [ACCOUNTS, CLAIMS, DOMAINS, PUSHES])
def test_what_is_ticked_is_a_key_or_nothing_is_done(desk: Client, path: str, key: str) -> None:
    assert desk.post(path, {"action": "drop", "_selected_action": key}).status_code == 400


@pytest.mark.parametrize("may", [True, False])
def test_helpers_decide_about_claims_as_far_as_django_permits_them(may: bool) -> None:
    helper = staff("view_domainclaim", *(["change_domainclaim"] if may else []))
    factories.NodeFactory.create()
    taken, dropped, looked = claim("luna.test"), claim("sol.test"), claim("mar.test")
    DomainClaim.objects.update(next_check_at=timezone.now() + timedelta(days=1))
    for action, row in (("accept", taken), ("drop", dropped), ("look", looked)):
        helper.post(CLAIMS, {"action": action, "_selected_action": row.pk})
    assert Domain.objects.filter(name="luna.test", proof=Domain.Proof.STAFF).exists() is may
    assert DomainClaim.objects.filter(pk=dropped.pk).exists() is not may
    assert (DomainClaim.objects.get(pk=looked.pk).next_check_at <= timezone.now()) is may


def test_a_helper_decides_nothing_about_their_own_domain_without_the_permission() -> None:
    place = factories.MembershipFactory.create()
    User.objects.filter(pk=place.user.pk).update(is_staff=True)
    row = claim("luna.test")
    DomainClaim.objects.update(account=place.account)
    path = reverse("domain-proof-accept", args=[row.name])
    assert signed_in(User.objects.get(pk=place.user.pk)).post(path).status_code == 403
    assert DomainClaim.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("may", [True, False])
def test_helpers_suspend_mailboxes_as_far_as_django_permits_them(may: bool) -> None:
    helper = staff("view_mailbox", *(["change_mailbox"] if may else []))
    box = factories.MailboxFactory.create()
    path = reverse("admin:mailboxes_mailbox_changelist")
    helper.post(path, {"action": "suspend", "_selected_action": box.pk})
    box.refresh_from_db()
    assert (box.no_sign_in, box.suspended_rank) == ((True, 6) if may else (False, 0))
    helper.post(path, {"action": "resume", "_selected_action": box.pk})
    box.refresh_from_db()
    assert not box.is_suspended


HISTORY = reverse("admin:pghistory_middlewareevents_changelist")


@pytest.mark.parametrize(
    "query",
    [
        "event_model=0",
        "event_model=accounts.user",
        "event_model=%00",
        "label=a%00b",
        "model=sessions.session",
        "model=x",
        "obj=accounts.user",
        "obj=accounts.user:987654321",
        "obj=accounts.user:abc&method=tracks",
        "obj=x.y:1",
        "back=https://evil.example/",
        "back=javascript:alert(1)",
        "obj=",
    ],
)
def test_the_history_asked_for_nonsense_is_the_whole_history(desk: Client, query: str) -> None:
    answer = desk.get(f"{HISTORY}?{query}")
    assert (answer.status_code, answer.headers.get("Location")) == (302, HISTORY)
    assert desk.get(HISTORY).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "_facets=True",
        "event_model=accounts.userevent",
        "model=accounts.user",
        "obj=accounts.user:1&method=tracks",
    ],
)
def test_the_history_opens_for_what_makes_sense(desk: Client, ada: User, query: str) -> None:
    assert desk.get(f"{HISTORY}?{query.replace(':1', f':{ada.pk}')}", follow=True).status_code == 200
