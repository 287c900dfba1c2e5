"""One thing done to one mailbox: a page that asks, then the service."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import Right
from accounts.suspension import above_check
from accounts.suspension.form import SuspendForm
from accounts.suspension.inforce import suspension_of
from lib import dates
from lib.errors import Refused
from lib.passwords import generate_password, strength
from lib.templatetags.ui import mb
from mailboxes import services
from mailboxes.forms import PasswordForm, QuotaForm, ServiceForm
from mailboxes.models import GRACE, Mailbox
from mailboxes.selectors import deleted_of, room_of
from mailboxes.sizes import written
from mailboxes.views.base import OnePage


class ActionPage(OnePage):
    """``perform`` calls the service and says what happened; a refusal is shown at its field."""

    right = Right.MANAGE
    template_name = "mailboxes/action.html"
    form_class: type[ServiceForm | SuspendForm] = ServiceForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.form_class(initial=self.initial(), **self.form_values()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, **self.form_values())
        if not form.is_valid():
            return self.page(form)
        try:
            text = self.perform(form)
        except Refused as refused:
            form.refuse(refused)
            return self.page(form)
        messages.success(request, text)
        return self.leave()

    def initial(self) -> dict[str, Any]:
        return {}

    def form_values(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        raise NotImplementedError

    def page(self, form: Any) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context_data(form=form))

    def leave(self) -> HttpResponse:
        return redirect("mailbox", self.domain.name, self.mailbox.local)


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class MailboxPassword(ActionPage):
    right = Right.MAKE
    template_name = "mailboxes/password.html"
    form_class = PasswordForm

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.get(request) if "another" in request.POST else super().post(request, **kwargs)

    def initial(self) -> dict[str, Any]:
        return {"password": generate_password()}

    def page(self, form: Any) -> HttpResponse:
        word = strength(form["password"].value() or "")
        return render(self.request, self.template_name, self.get_context_data(form=form, strength=word))

    def form_values(self) -> dict[str, Any]:
        return {"address": self.mailbox.address}

    def perform(self, form: ServiceForm) -> str:
        password = form.cleaned_data["password"]
        services.mailbox_set_password(actor=self.request.user, mailbox=self.mailbox, password=password)
        return _("%(address)s has a new password. Devices with the old one are signed out.") % {
            "address": self.mailbox.address
        }


class MailboxQuota(ActionPage):
    template_name = "mailboxes/quota.html"
    form_class = QuotaForm

    def initial(self) -> dict[str, Any]:
        return {"quota_mb": written(self.mailbox.quota_mb)}

    def perform(self, form: ServiceForm) -> str:
        quota_mb = form.cleaned_data["quota_mb"]
        changed = services.mailbox_set_quota(actor=self.request.user, mailbox=self.mailbox, quota_mb=quota_mb)
        text = _("%(address)s may now hold %(quota)s.")
        if changed.used_mb >= quota_mb:
            text = _(
                "%(address)s holds more than %(quota)s already: new mail is refused until some is removed."
            )
        return text % {"address": changed.address, "quota": mb(quota_mb)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(room=room_of(self.domain.account), **kwargs)


class NotFromAbove(OnePage):
    """Closed while somebody above has the mailbox suspended."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        above_check(self.mailbox, actor=request.user, account=self.domain.account)


class MailboxSuspend(NotFromAbove, ActionPage):
    template_name = "mailboxes/suspend.html"
    form_class = SuspendForm

    def form_values(self) -> dict[str, Any]:
        return {"target": self.mailbox}

    def perform(self, form: Any) -> str:
        row = services.mailbox_suspend(actor=self.request.user, mailbox=self.mailbox, **form.cleaned_data)
        return _("%(address)s is suspended: %(stopped)s.") % {
            "address": row.address,
            "stopped": ", ".join(row.stopped),
        }


class MailboxResume(ActionPage):
    template_name = "mailboxes/resume.html"

    def perform(self, form: ServiceForm) -> str:
        row = services.mailbox_resume(actor=self.request.user, mailbox=self.mailbox)
        above = suspension_of(self.domain)
        text = _("%(address)s works again, with the password it had.")
        if above:
            text = _("%(address)s itself is suspended no longer, but %(above)s still is.")
        return text % {"address": row.address, "above": above[0].name if above else ""}


class MailboxDelete(NotFromAbove, ActionPage):
    template_name = "mailboxes/delete.html"

    def perform(self, form: ServiceForm) -> str:
        gone = services.mailbox_delete(actor=self.request.user, mailbox=self.mailbox)
        values = {
            "address": gone.address,
            "day": dates.written(timezone.localtime(gone.kept_until), "j F"),
        }
        text = _("%(address)s is deleted. Until %(day)s you can bring it back from the foot of this page.")
        return text % values

    def leave(self) -> HttpResponse:
        return redirect("mailboxes", self.domain.name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(until=timezone.now() + GRACE, grace_days=GRACE.days, **kwargs)


class MailboxRestore(ActionPage):
    """``?id=`` names one of several deleted under the same address; without it the last one."""

    template_name = "mailboxes/restore.html"

    def find(self, request: HttpRequest, local: str) -> Mailbox:
        rows = deleted_of(self.mail_domain).filter(local=local)
        wanted = request.GET.get("id", "")
        if wanted and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            raise Http404
        return get_object_or_404(rows.filter(pk=wanted)) if wanted else self._last(rows)

    @staticmethod
    def _last(rows: Any) -> Mailbox:
        found: Mailbox | None = rows.first()
        if found is None:
            raise Http404
        return found

    def perform(self, form: ServiceForm) -> str:
        services.mailbox_restore(actor=self.request.user, mailbox=self.mailbox)
        return _("%(address)s is back, with its mail and its password.") % {"address": self.mailbox.address}
