"""What the lists of the desk do with many at once: each through its service, what it refuses said by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import suspension
from accounts.suspension.form import SuspendForm
from lib.errors import Denied, Refused


class Each:
    """Mixed into a ModelAdmin."""

    def each(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        deed: Callable[[Any], object],
        done: Callable[[int], str],
    ) -> None:
        """Every row by itself: what one refuses does not stop the others, and is said."""
        worked = 0
        for row in rows:
            try:
                with transaction.atomic():
                    deed(row)
            except (Refused, Denied) as no:
                text = _("Not done for %(what)s: %(why)s") % {"what": row, "why": no.message}
                messages.error(request, text)
            else:
                worked += 1
        if worked:
            messages.success(request, done(worked))


class SuspendAction(Each):
    """For accounts and domains: accounts.suspension."""

    def ask_to_suspend(self, request: HttpRequest, rows: QuerySet[Any], action: str) -> HttpResponse | None:
        """A page that asks what stops and why; sent, it is done (None)."""
        form = SuspendForm(request.POST if "sure" in request.POST else None)
        if "sure" in request.POST and form.is_valid():
            self.each(
                request,
                rows,
                lambda row: suspension.suspend(actor=request.user, target=row, **form.cleaned_data),
                lambda n: ngettext("%(n)d is suspended.", "%(n)d are suspended.", n) % {"n": n},
            )
            return None
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]  # a ModelAdmin has it
            "title": _("Suspend"),
            "form": form,
            "rows": rows,
            "opts": self.opts,  # type: ignore[attr-defined]
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/desk/suspend.html", context)

    def resume_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.each(
            request,
            rows,
            lambda row: suspension.resume(actor=request.user, target=row),
            lambda n: ngettext("%(n)d works again.", "%(n)d work again.", n) % {"n": n},
        )
