"""Somebody who may make mailboxes in one domain, and nothing else."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect

from bench import clients
from bench.stack import Stack
from tests.e2e.conftest import Visitor, confirm
from tests.e2e.people import house_of, mailed_link, owners

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

# Below the domain that is theirs, and below none.
REFUSED = ["zone/", "zone/add/?type=MX", "track/", "connect/", "delete/", "suspend/", "mailboxes/ana/quota/"]
CLOSED = ["/team/", "/team/invite/", "/activity/", "/limits/", "/domains/new/", "/clients/", "/plans/"]
HIDDEN = ["/branding/", "/admin/"]


def test_a_mailbox_creator_sees_one_domain_and_makes_mailboxes(visit: Visitor, running: Stack) -> None:
    (owner,) = owners(running, "trusted")
    with house_of(running, owner) as house, house_of(running, owner) as other:
        post = other.box("cleo", quota="50 MB")
        house.box("ana")
        page = visit(owner.login)
        page.goto("/team/invite/")
        confirm(page, owner.login[1])
        page.get_by_label("E-mail address").fill(post.address)
        page.get_by_label(re.compile("^Mailbox creator")).check()
        page.get_by_label("Only the domains ticked below").check()
        page.get_by_label(house.domain).check()
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.get_by_text(f"An invitation is on its way to {post.address}").first).to_be_visible()

        cleo = visit(None)
        cleo.goto(mailed_link(post, f"invites you to {owner.account}", "/invitations/"))
        expect(cleo.locator("main")).to_contain_text("Your role: mailbox creator.")
        cleo.get_by_label("Your name").fill("Cleo")
        cleo.locator("[name=password]").fill(secrets.token_urlsafe(18))
        cleo.get_by_role("button", name="Join").click()
        expect(cleo.locator("main")).to_contain_text(house.domain)
        for part in ("main", "#domains"):  # her own address stands elsewhere
            assert other.domain not in (cleo.locator(part).text_content() or ""), part

        cleo.goto(f"/domains/{house.domain}/mailboxes/new/")
        cleo.locator("[name=local]").fill("ben")
        password = cleo.locator("[name=password]").input_value()
        cleo.locator("main button.primary").click()
        expect(cleo).to_have_url(re.compile(r"/mailboxes/ben/"))
        # What the server did is a setting, and not shown.
        clients.until(
            lambda: clients.imap_opens(running, f"ben@{house.domain}", password) or None,
            within=10,
            what="the new mailbox",
        )
        expect(cleo.get_by_role("link", name="Change the password")).to_be_visible()
        expect(cleo.get_by_role("link", name="Delete…")).to_have_count(0)

        wanted = {f"/domains/{house.domain}/{path}": 403 for path in REFUSED}
        wanted |= dict.fromkeys(CLOSED, 403) | dict.fromkeys(HIDDEN, 404)
        wanted |= {f"/domains/{other.domain}/{path}": 404 for path in ("", "mailboxes/", "mailboxes/cleo/")}
        for path, status in wanted.items():
            answer = cleo.goto(path)
            assert answer is not None
            assert answer.status == status, path

        page.goto("/team/")
        expect(page.locator("tbody tr", has_text="Cleo")).to_contain_text("mailbox creator")
        page.goto("/activity/")
        made = page.locator("tbody tr", has_text=f"made the mailbox ben@{house.domain}")
        expect(made.first).to_contain_text("Cleo")
