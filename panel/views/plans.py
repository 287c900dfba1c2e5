"""A reseller's plans; for the provider, its own too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients.plans import Preview, plan_copy, plan_create, plan_delete, plan_set, preview
from accounts.limits import limits_of
from accounts.models import Account, Plan
from lib.errors import Refused
from panel.clients.forms import NameForm, PlanForm, ServiceForm
from panel.clients.lookups import plan_or_404, query_for, reseller_of


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    reseller = reseller_of(request)
    rows = Plan.objects.filter(reseller=reseller).annotate(n_accounts=Count("accounts")).order_by("name")
    context = {"reseller": reseller, "plans": list(rows), "here": query_for(request, reseller)}
    return render(request, "plans/list.html", context)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _list_of(plan: Plan, request: HttpRequest) -> str:
    """Where one comes back to: the list of its owner; the provider's own plans are at its desk."""
    if plan.reseller is None:
        return reverse("admin:index")
    return reverse("plans") + (query_for(request, plan.reseller) or _stays(request, plan.reseller))


def _stays(request: HttpRequest, reseller: Account) -> str:
    return f"?account={reseller.pk}" if request.user.is_staff else ""


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    reseller = reseller_of(request)
    form = PlanForm(_posted(request), initial=PlanForm.shown(Plan()))
    if form.is_bound and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            plan = plan_create(actor=request.user, reseller=reseller, name=name, **form.limits)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request, _("“%(plan)s” is made. Clients can be put on it.") % {"plan": plan.name}
            )
            return redirect(_list_of(plan, request))
    context = {"form": form, "back": reverse("plans") + query_for(request, reseller), "reseller": reseller}
    return render(request, "plans/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The first POST shows what it does to those who are on it; the second, with ``sure``, does it."""
    plan = plan_or_404(request, pk)
    form = PlanForm(_posted(request), initial=PlanForm.shown(plan) | {"name": plan.name})
    seen: Preview | None = None
    if form.is_bound and form.is_valid():
        seen = preview(plan.reseller, plan.accounts.all(), form.limits)
        calm = not seen.accounts or form.limits == limits_of(plan)
        if (calm or request.POST.get("sure") == seen.digest) and _saved(request, plan, form):
            return redirect(_list_of(plan, request))
    context = {"form": form, "plan": plan, "preview": seen, "back": _list_of(plan, request)}
    return render(request, "plans/form.html", context)


def _saved(request: HttpRequest, plan: Plan, form: PlanForm) -> bool:
    try:
        plan_set(actor=request.user, plan=plan, name=form.cleaned_data["name"], **form.limits)
    except Refused as refused:
        form.refuse(refused)
        return False
    messages.success(request, _("“%(plan)s” is saved.") % {"plan": form.cleaned_data["name"]})
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def plan_duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    first = _("%(plan)s, copy") % {"plan": plan.name[:70]}
    form = NameForm(_posted(request), initial={"name": first})
    if form.is_bound and form.is_valid():
        try:
            copy = plan_copy(actor=request.user, plan=plan, name=form.cleaned_data["name"])
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("“%(plan)s” is made.") % {"plan": copy.name})
            return redirect("plan", copy.pk)
    context = {"form": form, "plan": plan, "back": _list_of(plan, request)}
    return render(request, "plans/copy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Only while nobody is on it."""
    plan = plan_or_404(request, pk)
    back = _list_of(plan, request)
    form = ServiceForm(_posted(request))
    if form.is_bound and form.is_valid():
        try:
            plan_delete(actor=request.user, plan=plan)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("“%(plan)s” is deleted.") % {"plan": plan.name})
            return redirect(back)
    context = {"form": form, "plan": plan, "back": back, "on_it": plan.accounts.count()}
    return render(request, "plans/delete.html", context)
