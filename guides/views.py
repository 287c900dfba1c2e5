"""Connect Devices pages. Every value comes from guides.clientconfig."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guides import selectors


@require_safe
def domain_connect(request: HttpRequest, name: str) -> HttpResponse:
    """The values that hold for every mailbox of the domain, and which mailbox to fill them in for."""
    domain = selectors.domain_with_node(request, name)
    query = request.GET.get("q", "").replace("\0", "").strip()[:64]
    mailboxes, more = selectors.mailboxes_to_pick(
        domain=domain, query=query, after=request.GET.get("after", "").replace("\0", "")[:64]
    )
    context = {
        "domain": domain,
        "nav": "connect",
        "config": selectors.settings_for("", domain=domain),
        "mailboxes": mailboxes,
        "query": query,
        "more": more,
    }
    return render(request, "guides/domain_connect.html", context)


@require_safe
def mailbox_connect(request: HttpRequest, name: str, local: str) -> HttpResponse:
    """One mailbox's card; ``?fragment=1`` gives the card alone, for another page to show."""
    domain = selectors.domain_with_node(request, name)
    mailbox = selectors.mailbox(domain=domain, local=local)
    config = selectors.settings_for(mailbox.address, domain=domain)
    template = "guides/connect.html#card" if request.GET.get("fragment") else "guides/connect.html"
    return render(
        request, template, {"domain": domain, "nav": "connect", "mailbox": mailbox, "config": config}
    )
