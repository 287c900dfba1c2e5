"""A reseller and its client: invited in, acted for, suspended, deleted and brought back."""

from __future__ import annotations

import imaplib
import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench import clients
from bench.stack import Stack
from tests.e2e.conftest import Visitor, confirm
from tests.e2e.people import Owner, house_of, mailed_link, owners
from tests.onstack import Box, House

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

IN_FORCE = 5  # seconds


@pytest.fixture
def family(running: Stack) -> tuple[Owner, Owner]:
    """A reseller and a client of it."""
    reseller, client = owners(running, "reseller", "client")
    return reseller, client


@pytest.fixture
def office(running: Stack) -> Iterator[tuple[Owner, House]]:
    """A reseller with a domain of its own, where the mail of people can arrive."""
    (reseller,) = owners(running, "reseller")
    with house_of(running, reseller) as house:
        yield reseller, house


@pytest.fixture
def home(running: Stack, family: tuple[Owner, Owner]) -> Iterator[House]:
    """The client's domain."""
    with house_of(running, family[1]) as house:
        yield house


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def make_plan(page: Page, name: str) -> None:
    page.goto("/plans/new/")
    for field, text in {
        "name": name,
        "max_domains": "2",
        "max_mailboxes": "3",
        "storage_mb": "2 GB",
        "mailbox_mb": "500 MB",
    }.items():
        page.locator(f"main [name={field}]").fill(text)
    press(page, "Make the plan")
    expect(page).to_have_url(re.compile(r"/plans/"))
    expect(page.locator("main")).to_contain_text(name)


def invite(page: Page, name: str, plan: str, address: str) -> None:
    page.goto("/clients/new/")
    page.get_by_label("Client’s name").fill(name)
    page.locator("[name=plan]").select_option(label=plan)
    page.locator("[name=owner_email]").fill(address)
    press(page, "Make the client")
    expect(page).to_have_url(re.compile(r"/clients/\d+/$"))
    expect(page.locator("main")).to_contain_text("invited, not signed in yet")


def test_a_client_is_invited_and_makes_itself_at_home(
    visit: Visitor, running: Stack, office: tuple[Owner, House]
) -> None:
    reseller, house = office
    mark = secrets.token_hex(4)
    post = house.box("olga", quota="50 MB")
    page = visit(reseller.login)
    make_plan(page, f"Small {mark}")
    invite(page, f"Luna {mark}", f"Small {mark}", post.address)

    guest = visit(None)
    link = mailed_link(post, f"invites you to Luna {mark}", "/invitations/")
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text(f"You are invited to Luna {mark}")
    guest.get_by_label("Your name").fill("Olga")
    guest.locator("[name=password]").fill(secrets.token_urlsafe(18))
    press(guest, "Join")
    expect(guest.get_by_role("heading", level=1)).to_have_text("Welcome")
    gone = visit(None).goto(link)
    assert gone is not None
    assert gone.status == 404

    guest.goto("/limits/")
    expect(guest.locator("main")).to_contain_text(f"is on the plan “Small {mark}”")
    expect(guest.locator("main")).to_contain_text(f"{reseller.account} can raise them")
    expect(guest.locator(".meter", has_text="Domains")).to_contain_text("0 of 2")

    domain = f"e2e-{mark}.test"
    guest.goto("/domains/new/")
    guest.get_by_label("Domain name").fill(domain)
    press(guest, "Add the domain")
    expect(guest).to_have_url(re.compile(rf"/domains/{domain}/$"))
    guest.goto(f"/domains/{domain}/mailboxes/new/")
    guest.locator("[name=local]").fill("ana")
    guest.locator("[name=quota_mb]").fill("200 MB")
    password = guest.locator("[name=password]").input_value()
    guest.locator("main button.primary").click()
    expect(guest.locator(".push-state .st.ok").first).to_be_visible()
    assert clients.imap_opens(running, f"ana@{domain}", password)
    guest.goto("/limits/")
    expect(guest.locator(".meter", has_text="Domains")).to_contain_text("1 of 2")
    guest.goto(f"/domains/{domain}/delete/")
    guest.locator("main [name=name]").fill(domain)
    guest.locator("main form .btn.act").click()
    expect(guest.get_by_text(f"{domain} is deleted").first).to_be_visible()


def test_who_acts_for_a_client_is_seen_by_both(
    visit: Visitor, family: tuple[Owner, Owner], home: House
) -> None:
    reseller, client = family
    box = home.box("ana")
    page = visit(reseller.login)
    page.goto(f"/clients/{client.pk}/")
    page.get_by_role("link", name="Act for this client…").click()
    page.locator("[name=reason]").fill("She called")
    press(page, "Act for this client")
    banner = page.get_by_role("region", name="Acting for a client")
    expect(banner).to_contain_text(f"You act for {client.account} as {reseller.person}")

    page.goto(f"/domains/{home.domain}/mailboxes/ana/quota/")
    expect(banner).to_be_visible()
    page.locator("[name=quota_mb]").fill("30 MB")
    page.locator("main form .btn.primary, main form .btn.act").first.click()
    expect(page).to_have_url(re.compile(r"/mailboxes/ana/$"))
    closed = page.goto("/profile/")
    assert closed is not None
    assert closed.status == 403
    page.goto(f"/domains/{home.domain}/")
    press(page, "Stop acting")
    expect(page.get_by_text(f"You no longer act for {client.account}").first).to_be_visible()
    expect(banner).to_have_count(0)

    theirs = visit(client.login)
    theirs.goto("/activity/")
    changed = theirs.locator("tbody tr", has_text=f"the mailbox {box.address} from 20 MB to 30 MB").first
    expect(changed).to_contain_text(f"{reseller.person} changed “quota”")
    expect(changed).to_contain_text(f"as {reseller.account} acting for {client.account}")
    began = theirs.locator("tbody tr", has_text=f"{reseller.person} began to act for {client.account}")
    expect(began).to_contain_text("She called")
    expect(theirs.locator("tbody tr", has_text=f"{reseller.person} stopped acting")).to_have_count(1)


def refused_with(box: Box) -> str | None:
    """What IMAP says; None while it lets the person in."""
    try:
        with clients.imap(box.stack, box.address, box.password):
            return None
    except imaplib.IMAP4.error as error:
        return bytes(error.args[0]).decode()


def test_a_suspended_client_reads_why_and_comes_back(
    visit: Visitor, running: Stack, family: tuple[Owner, Owner], home: House
) -> None:
    reseller, client = family
    box = home.box("ana")
    who = (running, box.address, box.password)
    page, theirs = visit(reseller.login), visit(client.login)
    page.goto(f"/clients/{client.pk}/suspend/")
    page.locator("[name=reason]").fill("The bill of May")
    press(page, "Suspend the client")
    expect(page.get_by_text(f"{client.account} is suspended").first).to_be_visible()
    said = clients.until(lambda: refused_with(box), within=IN_FORCE, what="refused by IMAP")
    assert "The bill of May" in said
    theirs.goto(f"/domains/{home.domain}/")
    expect(theirs).to_have_url(re.compile(r"/suspended/$"))
    for text in ("The bill of May", reseller.account, client.account):
        expect(theirs.locator("main")).to_contain_text(text)

    press(page, "Let it work again")
    clients.until(lambda: clients.imap_opens(*who) or None, within=IN_FORCE, what="IMAP opens again")
    theirs.goto(f"/domains/{home.domain}/")
    expect(theirs.get_by_role("heading", level=1)).to_have_text(home.domain)


def test_a_deleted_client_is_brought_back_as_it_was(
    visit: Visitor, running: Stack, family: tuple[Owner, Owner], home: House
) -> None:
    reseller, client = family
    box = home.box("ana")
    page, theirs = visit(reseller.login), visit(client.login)
    page.goto(f"/clients/{client.pk}/delete/")
    confirm(page, reseller.login[1])
    expect(page.locator("main .note.bad")).to_contain_text(home.domain)
    page.locator("main [name=name]").fill("somebody else")
    press(page, "Delete the client")
    expect(page.locator("main .field .err")).to_contain_text("That is not this client")
    page.locator("main [name=name]").fill(client.account)
    press(page, "Delete the client")
    expect(page.locator("main")).to_contain_text("Deleted and asleep.")
    clients.until(lambda: refused_with(box), within=IN_FORCE, what="refused by IMAP")
    theirs.goto(f"/domains/{home.domain}/")
    expect(theirs).to_have_url(re.compile(r"/suspended/$"))

    press(page, "Bring it back")
    expect(page.get_by_text(f"{client.account} is back as it was").first).to_be_visible()
    opens = clients.until(
        lambda: clients.imap_opens(running, box.address, box.password) or None,
        within=IN_FORCE,
        what="IMAP opens again",
    )
    assert opens
    theirs.goto(f"/domains/{home.domain}/mailboxes/ana/")
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("ana")
