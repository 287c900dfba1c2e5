"""One client: what it has, and what its reseller does with it."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import GRACE, account_delete, account_restore, account_set
from accounts.clients.acting import may_act_for
from accounts.clients.plans import Preview, preview
from accounts.limits import limits_of
from accounts.models import Account, Domain, Invitation, Membership
from accounts.suspension import may_lift, resume, suspend
from accounts.suspension.form import SuspendForm
from lib.dates import written
from lib.errors import Refused
from panel.clients.forms import ClientNameForm, DeleteForm, MoveForm, OwnForm, ServiceForm
from panel.clients.lookups import client_or_404
from panel.clients.loss import client_loss
from panel.clients.meters import held_by

SHOWN = 50  # domains


@require_safe
def client(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk, deleted=True)
    domains = list(Domain.objects.filter(account=account).order_by("name")[: SHOWN + 1])
    context = {
        "account": account,
        "held": held_by(account),
        "may_lift": may_lift(account, actor=request.user, account=account),
        "domains": domains[:SHOWN],
        "more_domains": len(domains) > SHOWN,
        "people": list(Membership.objects.filter(account=account).select_related("user").order_by("pk")[:20]),
        "invited": list(
            Invitation.objects.filter(
                account=account, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
            )[:20]
        ),
        "can_act": may_act_for(request.user, account),
        "until": account.deleted_at + GRACE if account.deleted_at else None,
    }
    return render(request, "clients/client.html", context)


def _page(
    request: HttpRequest, account: Account, form: ServiceForm | SuspendForm, **more: Any
) -> HttpResponse:
    """A form of one client. ``title``, ``button``; ``preview``: what to look at before it is done."""
    template = more.pop("template", "clients/form.html")
    return render(request, template, {"account": account, "form": form, **more})


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "HEAD", "POST"])
def client_name(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk)
    form = ClientNameForm(_posted(request), initial={"name": account.name})
    if form.is_bound and form.is_valid():
        try:
            account_set(actor=request.user, account=account, name=form.cleaned_data["name"])
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The name is saved."))
            return redirect("client", pk)
    return _page(request, account, form, title=_("Change the name"), button=_("Save the name"))


@require_http_methods(["GET", "HEAD", "POST"])
def client_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The first POST shows who would be over what; the second, with ``sure``, does it."""
    account = client_or_404(request, pk)
    form = MoveForm(_posted(request), reseller=account.reseller, initial={"plan": account.plan_id})
    seen: Preview | None = None
    if form.is_bound and form.is_valid():
        plan = form.cleaned_data["plan"]
        seen = preview(account.reseller, [account], limits_of(plan))
        if _done(request, account, form, seen, plan=plan):
            text = _("%(client)s is on “%(plan)s” now.")
            messages.success(request, text % {"client": account.name, "plan": plan.name})
            return redirect("client", pk)
    words = {"title": _("Move to another plan"), "button": _("Move")}
    return _page(request, account, form, preview=seen, **words)


@require_http_methods(["GET", "HEAD", "POST"])
def client_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Limits of its own instead of a plan's; as client_plan."""
    account = client_or_404(request, pk)
    form = OwnForm(_posted(request), initial=OwnForm.shown(account))
    seen: Preview | None = None
    if form.is_bound and form.is_valid():
        seen = preview(account.reseller, [account], form.limits)
        if _done(request, account, form, seen, **form.limits):
            messages.success(request, _("%(client)s has its new limits.") % {"client": account.name})
            return redirect("client", pk)
    words = {"title": _("Limits of its own"), "button": _("Save the limits")}
    return _page(request, account, form, preview=seen, template="clients/limits.html", **words)


def _done(request: HttpRequest, account: Account, form: ServiceForm, seen: Preview, **wanted: Any) -> bool:
    """Whether it was done: at once when nobody is over anything, else after the person has seen it."""
    if (seen.over or seen.trouble) and request.POST.get("sure") != seen.digest:
        return False
    try:
        account_set(actor=request.user, account=account, **wanted)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def client_suspend(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk)
    form = SuspendForm(_posted(request), target=account)
    if form.is_bound and form.is_valid():
        try:
            suspend(actor=request.user, target=account, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("%(client)s is suspended.") % {"client": account.name})
            return redirect("client", pk)
    return _page(request, account, form, template="clients/suspend.html")


@require_POST
def client_resume(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk)
    resume(actor=request.user, target=account)
    text = _("%(client)s works again. What is suspended below it on its own stays so.")
    messages.success(request, text % {"client": account.name})
    return redirect("client", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def client_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Names what is lost, asks for the name, and for the password if that is long ago."""
    answer: HttpResponse = _delete(request, client_or_404(request, pk))
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def _delete(request: HttpRequest, account: Account) -> HttpResponse:
    form = DeleteForm(_posted(request), account=account)
    if form.is_bound and form.is_valid():
        try:
            gone = account_delete(actor=request.user, account=account)
        except Refused as refused:
            form.refuse(refused)
        else:
            day = written(timezone.localtime(gone.deleted_at) + GRACE, "j F")
            text = _("%(client)s is deleted and asleep. Until %(day)s you can bring it back.")
            messages.success(request, text % {"client": gone.name, "day": day})
            return redirect("client", gone.pk)
    more = {"loss": client_loss(account), "until": timezone.now() + GRACE, "grace_days": GRACE.days}
    return _page(request, account, form, template="clients/delete.html", **more)


@require_POST
def client_restore(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk, deleted=True)
    try:
        account_restore(actor=request.user, account=account)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("%(client)s is back as it was.") % {"client": account.name})
    return redirect(reverse("client", args=[pk]))
