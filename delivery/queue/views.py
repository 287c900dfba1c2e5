"""The list of waiting mail, what is done to it, and one mail's headers. With ``name``: of one domain;
without: of all that the person may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right, domain_or_404, is_provider, may, may_somewhere, require_somewhere
from accounts.models import Domain
from delivery.models import QueueAction
from delivery.queue import selectors, services
from delivery.queue.forms import QUEUE_ID, STATES, QueueDo, QueueFilter
from delivery.queue.rows import LOOKS, age, rows_of
from delivery.queue.words import said
from provision.asking import NodeSilent

NAMED = 20  # mails that the question before a deletion names


@never_cache
@require_safe
def queue(request: HttpRequest, name: str | None = None) -> HttpResponse:
    domain = _domain(request, name, Right.SETTINGS)
    form = QueueFilter(request.GET)
    form.is_valid()
    query, kept, now = form.query(), form.kept(), timezone.now()
    found = selectors.scope(request.user, domain, Right.SETTINGS)
    listed = selectors.listed(found, query, now.timestamp())
    context = _frame(request, domain) | {
        "form": form,
        "kept": urlencode(kept),
        "filtered": bool(kept.keys() - {"order"}),
        "chips": _chips(kept, listed.states),
        "listed": listed,
        "rows": [(row, age((now - row.at).total_seconds())) for row in rows_of(listed.mails, now)],
        "first": f"?{urlencode(kept)}" if query.after else "",
        "next": _next(kept, listed),
        "nodes": found.nodes if len(found.nodes) > 1 else [],
        "everything": found.houses is None,
    }
    return render(request, "delivery/queue/list.html", context)


@never_cache
@require_POST
def queue_do(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """The filter stands in the address, the choice in the form."""
    domain = _domain(request, name, Right.MANAGE)
    filtered, form = QueueFilter(request.GET), QueueDo(request.POST)
    back = _back(request, domain)
    if not form.is_valid() or not filtered.is_valid():
        wrong = [text for part in (form, filtered) for texts in part.errors.values() for text in texts]
        messages.error(request, str(wrong[0]))
        return redirect(back)
    did, picked = form.cleaned_data["do"], None if form.cleaned_data["all"] else form.picked()
    if did == QueueAction.Did.DELETE and not form.cleaned_data["sure"]:
        return _ask_first(request, domain, filtered, picked, back)
    outcome = services.queue_change(
        actor=request.user,
        domain=domain,
        did=did,
        query=filtered.query(),
        picked=picked,
        now=timezone.now().timestamp(),
    )
    text, well = said(outcome)
    (messages.success if well else messages.warning)(request, text)
    return redirect(back)


@never_cache
@require_safe
def queue_headers(request: HttpRequest, node: str, queue_id: str) -> HttpResponse:
    """For the provider's own alone: headers name people who never wrote to us."""
    if not is_provider(request.user) or not QUEUE_ID.match(queue_id):
        raise Http404
    server = get_object_or_404(selectors.mail_nodes(), name=node)
    answer = selectors.ask(selectors.Scope([server], None, {}), "queue_headers", {"id": queue_id})[server]
    context = _frame(request, None) | {"node": server, "queue_id": queue_id}
    if isinstance(answer, NodeSilent):
        return render(request, "delivery/queue/headers.html", context | {"silent": str(answer)})
    (row,) = rows_of([(server, answer["mail"])], timezone.now())
    context |= {"row": row, "headers": answer["headers"], "cut": answer["cut"]}
    return render(request, "delivery/queue/headers.html", context)


def _ask_first(
    request: HttpRequest, domain: Domain | None, form: QueueFilter, picked: Any, back: str
) -> HttpResponse:
    """The page that names what a deletion takes."""
    found = selectors.scope(request.user, domain, Right.MANAGE)
    now = timezone.now()
    if picked is None:
        listed = selectors.listed(found, form.query(), now.timestamp(), NAMED)
        many, size = listed.all, listed.bytes
    else:
        listed = selectors.these(found, picked, 500)
        many, size = len(listed.mails), sum(int(mail["size"]) for _node, mail in listed.mails)
    if not many:
        messages.warning(request, _none(listed))
        return redirect(back)
    rows = rows_of(listed.mails[:NAMED], now)
    picks = [] if picked is None else [f"{node.pk}-{mail['id']}" for node, mail in listed.mails]
    context = _frame(request, domain) | {
        "rows": rows,
        "many": many,
        "size": size,
        "more": many - len(rows),
        "picks": picks,
        "silent": listed.silent,
        "back": back,
    }
    return render(request, "delivery/queue/delete.html", context)


def _none(listed: selectors.Listed) -> str:
    if listed.silent:
        return listed.silent[0][1]
    return _("None of these mails is in the queue any more.")


def _domain(request: HttpRequest, name: str | None, right: Right) -> Domain | None:
    if name is None:
        require_somewhere(request.user, right)
        return None
    return domain_or_404(request, name, right)


def _frame(request: HttpRequest, domain: Domain | None) -> dict[str, Any]:
    if domain is not None:
        list_url, do_url = reverse("queue", args=[domain.name]), reverse("queue-do", args=[domain.name])
        can_change = may(request.user, Right.MANAGE, account=domain.account, domain=domain)
    else:
        list_url, do_url = reverse("queue-all"), reverse("queue-all-do")
        can_change = may_somewhere(request.user, Right.MANAGE)
    return {
        "domain": domain,
        "nav": "queue",
        "parent": "domain_base.html" if domain else "base.html",
        "list_url": list_url,
        "do_url": do_url,
        "can_change": can_change,
        "provider_sees": is_provider(request.user),
    }


def _back(request: HttpRequest, domain: Domain | None) -> str:
    """The list with the filter that was on."""
    form = QueueFilter(request.GET)
    form.is_valid()
    kept = form.kept()
    url = reverse("queue", args=[domain.name]) if domain else reverse("queue-all")
    return f"{url}?{urlencode(kept)}" if kept else url


def _next(kept: dict[str, str], listed: selectors.Listed) -> str:
    if not listed.more or not listed.mails:
        return ""
    _node, last = listed.mails[-1]
    after = f"{last['at']}-{last['id']}"
    return f"?{urlencode(kept | {'after': after})}"


def _chips(kept: dict[str, str], states: dict[str, int]) -> list[dict[str, Any]]:
    """The states as links that keep the rest of the filter, with how many mails each has."""
    rest = {name: value for name, value in kept.items() if name != "state"}
    chips = []
    for state, label in STATES:
        if state == "incoming" and not states.get(state) and kept.get("state") != state:
            continue  # seldom, and for a moment
        css, icon, _word = LOOKS.get(state, ("", "", ""))
        many = states.get(state, 0) if state else sum(states.values())
        url = f"?{urlencode(rest | ({'state': state} if state else {}))}"
        on = kept.get("state", "") == state
        chips.append({"url": url, "label": label, "css": css, "icon": icon, "on": on, "many": many})
    return chips
