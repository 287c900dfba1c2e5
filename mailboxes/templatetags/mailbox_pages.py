"""``{% mailbox_pages domain mailbox as groups %}``: the pages about one mailbox, in groups. One list for who
looks after the mailbox and for its own user, so that both find the same names in the same order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from accounts.templatetags.access import may
from mailboxes.glance import glance
from mailboxes.models import Mailbox

register = template.Library()

SELF = "own"  # instead of a right: only the mailbox's own user has this page here
Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``tab``: as the views name it (EitherPage.tab). ``right``: who of a domain may open it."""

    tab: str
    label: Text
    icon: str
    right: str = "manage"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    label: Text
    pages: list[Page]


GROUPS = (
    Group(
        name="mail",
        label=_("Mail"),
        pages=[
            Page(tab="mailbox", label=_("Mailbox"), icon="box", right="look"),
            Page(tab="deliveries", label=_("Recent deliveries"), icon="track", right="settings"),
            Page(tab="forwarding", label=_("Forwarding"), icon="fwd"),
            Page(tab="autoresponder", label=_("Autoresponder"), icon="reply"),
            Page(tab="filters", label=_("Filters"), icon="filter"),
            Page(tab="spam", label=_("Spam"), icon="shield"),
            Page(tab="quarantine", label=_("Quarantine"), icon="held"),
        ],
    ),
    Group(
        name="safety",
        label=_("Safety"),
        pages=[
            Page(tab="password", label=_("Password"), icon="key", right=SELF),
            Page(tab="checklist", label=_("Security check"), icon="shield", right="settings"),
            Page(tab="protocols", label=_("Access"), icon="lock"),
            Page(tab="app-passwords", label=_("App passwords"), icon="keys", right="make"),
            Page(tab="identities", label=_("Sender identities"), icon="card"),
            Page(tab="sending", label=_("Sending limits"), icon="gauge", right="look"),
            Page(tab="sign-ins", label=_("Sign-ins and devices"), icon="enter", right="settings"),
        ],
    ),
    Group(
        name="storage",
        label=_("Storage and moves"),
        pages=[
            Page(tab="storage", label=_("Storage"), icon="disk", right="look"),
            Page(tab="import", label=_("Import mail"), icon="import"),
            Page(tab="archives", label=_("Export and restore"), icon="export"),
            Page(tab="connect", label=_("Connect Devices"), icon="phone", right="settings"),
            Page(tab="learn", label=_("Learn"), icon="learn", right=SELF),
            Page(tab="support", label=_("Contact support"), icon="info", right=SELF),
        ],
    ),
)


@register.simple_tag(takes_context=True)
def mailbox_pages(
    context: template.Context, domain: Domain | None = None, mailbox: Mailbox | None = None
) -> list[Group]:
    """Of ``mailbox`` at ``domain``, those that the person who looks may open; without them those of the
    mailbox user who looks. No query where ``may`` needs none."""
    if domain is None or mailbox is None:
        return [_with_urls(group, _own_url) for group in GROUPS]
    allowed = {right: may(context, right, domain) for right in ("look", "make", "manage", "settings")}
    args = [domain.name, mailbox.local]

    def url(page: Page) -> str:
        name = "mailbox" if page.tab == "mailbox" else f"mailbox-{page.tab}"
        return reverse(name, args=args) if allowed.get(page.right) else ""

    groups = [_with_urls(group, url) for group in GROUPS]
    return [group for group in groups if group.pages]


def _own_url(page: Page) -> str:
    return reverse("own" if page.tab == "mailbox" else f"own-{page.tab}")


def _with_urls(group: Group, url: Callable[[Page], str]) -> Group:
    pages = [replace(page, url=found) for page in group.pages if (found := url(page))]
    return replace(group, pages=pages)


@register.inclusion_tag("mailboxes/glance.html", takes_context=True)
def mailbox_glance(
    context: template.Context, mailbox: Mailbox, domain: Domain | None = None
) -> dict[str, Any]:
    """What is set, of what the person who looks may open; ``domain`` as in ``mailbox_pages``. Three
    queries."""
    groups = mailbox_pages(context, domain, mailbox if domain else None)
    pages = {page.tab: page for group in groups for page in group.pages}
    return {"rows": [(pages[said.tab], said) for said in glance(mailbox) if said.tab in pages]}
