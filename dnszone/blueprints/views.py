"""Zone templates: the list, one of them, a new one, the one for new domains."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dnszone.blueprints import services
from dnszone.blueprints.forms import EXAMPLE, TemplateForm
from dnszone.blueprints.lookups import owner_of, query_for, template_or_404
from dnszone.blueprints.making import EXAMPLE as DOMAIN
from dnszone.blueprints.making import tried
from dnszone.blueprints.placeholders import PLACEHOLDERS
from dnszone.blueprints.selectors import templates_of
from dnszone.models import ZoneTemplate
from dnszone.views.base import Request, posted
from lib.errors import Refused


@require_safe
def templates(request: Request) -> HttpResponse:
    owner = owner_of(request)
    context = {"owner": owner, "templates": list(templates_of(owner)), "here": query_for(request, owner)}
    return render(request, "dnszone/blueprints/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: Request) -> HttpResponse:
    owner = owner_of(request)
    first = not templates_of(owner).exists()
    form = TemplateForm(posted(request), initial={"text": EXAMPLE, "is_default": first})
    if form.is_bound and form.is_valid():
        try:
            made = services.template_create(actor=request.user, owner=owner, **form.wish)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("“%(name)s” is made.") % {"name": made.name})
            return redirect(reverse("zone-templates") + query_for(request, owner))
    return _form_page(request, form, None, reverse("zone-templates") + query_for(request, owner))


@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: Request, template: int) -> HttpResponse:
    found = template_or_404(request, template)
    back = reverse("zone-templates") + query_for(request, found.owner)
    initial = {"name": found.name, "text": found.text, "is_default": found.is_default}
    form = TemplateForm(posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        before = found.revision
        try:
            found = services.template_set(actor=request.user, template=found, **form.wish)
        except Refused as refused:
            form.refuse(refused)
        else:
            return _saved(request, found, before, back)
    return _form_page(request, form, found, back)


def _saved(request: Request, template: ZoneTemplate, before: int, back: str) -> HttpResponse:
    """Zones that are behind now are what comes next."""
    if template.revision > before and template.uses.exists():
        text = _("“%(name)s” is saved. The zones below are still as they were.")
        messages.success(request, text % {"name": template.name})
        return redirect("zone-template-zones", template.pk)
    messages.success(request, _("“%(name)s” is saved.") % {"name": template.name})
    return redirect(back)


def _form_page(
    request: Request, form: TemplateForm, template: ZoneTemplate | None, back: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "template": template,
        "back": back,
        "placeholders": [(f"{{{name}}}", words) for name, words in PLACEHOLDERS.items()],
        "example": DOMAIN,
        "tried": _tried(template.text) if template and not form.errors else None,
    }
    status = 422 if form.errors else 200
    return render(request, "dnszone/blueprints/form.html", context, status=status)


def _tried(text: str) -> list[Any]:
    """What the saved text makes of the example domain; nothing when a newer panel reads it otherwise."""
    try:
        return tried(text).rows
    except Refused:
        return []


@require_http_methods(["GET", "HEAD", "POST"])
def template_delete(request: Request, template: int) -> HttpResponse:
    found = template_or_404(request, template)
    back = reverse("zone-templates") + query_for(request, found.owner)
    if request.method == "POST":
        try:
            services.template_delete(actor=request.user, template=found)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _("“%(name)s” is deleted.") % {"name": found.name})
        return redirect(back)
    context = {"template": found, "back": back, "n_zones": found.uses.count()}
    return render(request, "dnszone/blueprints/delete.html", context)


@require_POST
def template_default(request: Request, template: int) -> HttpResponse:
    found = template_or_404(request, template)
    try:
        services.template_default(actor=request.user, template=found)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("New domains get “%(name)s” from now on.") % {"name": found.name})
    return redirect(reverse("zone-templates") + query_for(request, found.owner))
