"""The page of Email Routing. Who reads mail settings sees it; who may change DNS may change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Right, domain_or_404, may
from accounts.models import Domain
from dnszone import names, rdata
from dnszone.models import Zone
from dnszone.routing import AUTOMATIC, LOCAL, MODES, OFF
from lib.errors import Refused
from mailboxes.models import MailDomain, Routing
from mailboxes.routing import services, words
from mailboxes.routing.deciding import Finding, Whose
from mailboxes.routing.forms import RoutingForm
from mailboxes.selectors import domain_tallies
from mailboxes.services.wanted import mail_domain_wanted
from provision.selectors import statuses


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    mail_domain = _mail_domain(request, name, Right.SETTINGS)
    form = RoutingForm(initial={"mode": mail_domain.routing})
    part = "mailboxes/routing.html#now" if request.headers.get("HX-Request") else "mailboxes/routing.html"
    response = render(request, part, _context(request, mail_domain, form))
    patch_vary_headers(response, ["HX-Request"])  # or the back button could show the part
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, name: str) -> HttpResponse:
    """Asks first when mailboxes would get no more mail, or the zone changes with it."""
    mail_domain = _mail_domain(request, name, Right.ZONE)
    if request.method != "POST":
        return redirect("routing", mail_domain.domain.name)
    form = RoutingForm(request.POST)
    if form.is_valid():
        asks = _asks(mail_domain, form.cleaned_data["mode"])
        if asks and not form.cleaned_data["sure"]:
            return render(request, "mailboxes/routing_sure.html", _frame(mail_domain) | asks)
        if _chosen(request, mail_domain, form):
            return redirect("routing", mail_domain.domain.name)
    return render(request, "mailboxes/routing.html", _context(request, mail_domain, form), status=422)


def _chosen(request: HttpRequest, mail_domain: MailDomain, form: RoutingForm) -> bool:
    mode = form.cleaned_data["mode"]
    try:
        services.routing_set(actor=request.user, mail_domain=mail_domain, mode=mode)
    except Refused as refused:
        form.refuse(refused)
        return False
    if mode == mail_domain.routing:
        messages.info(request, _("Nothing was different."))
    else:
        messages.success(request, _("Saved: Email Routing is %(mode)s.") % {"mode": Routing(mode).label})
    return True


@require_POST
def look(request: HttpRequest, name: str) -> HttpResponse:
    mail_domain = _mail_domain(request, name, Right.ZONE)
    try:
        services.look_wanted(actor=request.user, mail_domain=mail_domain)
    except Refused as refused:
        messages.info(request, refused.message)
    return redirect("routing", mail_domain.domain.name)


def _mail_domain(request: HttpRequest, name: str, right: Right) -> MailDomain:
    rows = Domain.objects.select_related("account__reseller", "mail__node")
    domain = domain_or_404(request, names.lookup_key(name), right, rows)
    if not hasattr(domain, "mail"):
        raise Http404
    found: MailDomain = domain.mail
    return found


def _frame(mail_domain: MailDomain) -> dict[str, Any]:
    return {"domain": mail_domain.domain, "mail_domain": mail_domain, "nav": "routing"}


def _context(request: HttpRequest, mail_domain: MailDomain, form: RoutingForm) -> dict[str, Any]:
    domain = mail_domain.domain
    key = mail_domain_wanted(mail_domain).key
    found, why = Finding.of(mail_domain.found), Finding.of(mail_domain.decided_why)
    chosen = form["mode"].value()
    return _frame(mail_domain) | {
        "form": form,
        "choices": [(mode, Routing(mode).label, words.does(mode), mode == chosen) for mode in MODES],
        "automatic": mail_domain.routing == AUTOMATIC,
        "mark": words.mark(mail_domain.decided),
        "does": words.does(mail_domain.decided),
        "status": statuses([key])[key],
        "why": words.why(why),
        "open_question": words.open_question(mail_domain, found),
        "contradiction": words.contradiction(mail_domain, found),
        "found": found,
        "found_words": words.why(found) if found else "",
        "hosts": [(one.priority, names.shown(one.name), one.whose) for one in (found.hosts if found else ())],
        "ours": Whose.OURS,
        "unknown": Whose.UNKNOWN,
        "sister": Whose.SISTER,
        "looking": mail_domain.looked_at is None or mail_domain.next_look_at <= timezone.now(),
        "can_change": may(request.user, Right.ZONE, account=domain.account, domain=domain),
    }


def _asks(mail_domain: MailDomain, mode: str) -> dict[str, Any]:
    """What the page that asks says; nothing when there is nothing to lose."""
    found = Finding.of(mail_domain.found)
    holds = mode if mode != AUTOMATIC else (found.mode if found and found.mode else mail_domain.decided)
    domain = mail_domain.domain
    boxes = domain_tallies([domain.pk])[domain.pk].mailboxes
    lost = words.loss(holds, boxes) if mail_domain.decided == LOCAL else ""
    zone = Zone.objects.filter(domain=domain).first()
    changes = services.zone_changes(zone, mail_domain, mode) if zone and mode != mail_domain.routing else []
    copies = zone is None and OFF in {mode, mail_domain.routing} and mode != mail_domain.routing
    if not lost and not changes and not copies:
        return {}
    come = [(change.spec.type, rdata.shown("MX", change.spec.rdata)) for change in changes if change.spec]
    return {"mode": mode, "label": Routing(mode).label, "does": words.does(mode), "lost": lost, "come": come}
