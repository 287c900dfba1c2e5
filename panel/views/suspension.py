"""A domain suspended, and let work again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Right, domain_or_404, guard_domain
from accounts.suspension import above_check, resume, suspend
from accounts.suspension.form import SuspendForm
from accounts.suspension.inforce import suspension_of
from lib.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def domain_suspend(request: HttpRequest, name: str) -> HttpResponse:
    """Asks what stops and why; shows what is suspended already, to be changed."""
    domain = domain_or_404(request, name, Right.MANAGE)
    guard_domain(request.user, domain)
    above_check(domain, actor=request.user, account=domain.account)
    form = SuspendForm(request.POST if request.method == "POST" else None, target=domain)
    if form.is_valid():
        try:
            row = suspend(actor=request.user, target=domain, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            text = _("%(name)s is suspended: %(stopped)s.")
            messages.success(request, text % {"name": row, "stopped": ", ".join(row.stopped)})
            return redirect("domain-overview", name=domain.name)
    return render(request, "panel/domain_suspend.html", {"domain": domain, "form": form, "nav": "overview"})


@require_http_methods(["GET", "HEAD", "POST"])
def domain_resume(request: HttpRequest, name: str) -> HttpResponse:
    domain = domain_or_404(request, name, Right.MANAGE)
    above_check(domain, actor=request.user, account=domain.account)
    if request.method == "POST":
        row = resume(actor=request.user, target=domain)
        above = suspension_of(row)
        text = _("%(name)s works again. Mailboxes that are suspended on their own stay so.")
        if above:
            text = _("%(name)s itself is suspended no longer, but %(above)s still is.")
        messages.success(request, text % {"name": row, "above": above[0].name if above else ""})
        return redirect("domain-overview", name=domain.name)
    return render(request, "panel/domain_suspend_resume.html", {"domain": domain, "nav": "overview"})
