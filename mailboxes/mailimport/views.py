"""Pages of imports: into one mailbox, and into many of a domain; and what is done with any job."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.access import Right
from lib.errors import Refused
from mailboxes.jobs.services import job_again, job_cancel, job_pause, job_resume
from mailboxes.mailimport.forms import ImportForm, ManyForm
from mailboxes.mailimport.presets import PRESETS
from mailboxes.mailimport.services import KIND, allowed, import_start, imports_start, sealed
from mailboxes.models import Job
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage

SHOWN = 50
ACTIONS = {"pause": job_pause, "resume": job_resume, "cancel": job_cancel, "again": job_again}
PAGES = {"import": "import", "export": "archives", "restore": "archives"}
hidden = [never_cache, sensitive_post_parameters("password", "lines")]


@method_decorator(hidden, name="dispatch")
class ImportPage(EitherPage):
    tab = "import"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        preset = PRESETS.get(request.GET.get("from", ""))
        initial = {"host": preset.host, "port": preset.port} if preset else {}
        return self.show(ImportForm(initial=initial), preset=preset)

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ImportForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                ready = sealed(
                    mailbox=self.mailbox, source=form.source(data["user"]), password=data["password"]
                )
                import_start(actor=request.user, ready=ready)
            except Refused as refused:
                form.add_error(refused.field or None, refused.message)
            else:
                return redirect(self.url("import"))
        return self.show(form)

    def show(self, form: ImportForm, **more: Any) -> HttpResponse:
        jobs = list(Job.objects.filter(mailbox_id=self.mailbox.pk, kind=KIND).order_by("-made_at")[:SHOWN])
        context = self.get_context_data(
            form=form,
            jobs=[(job, self.url("job", job.ident)) for job in jobs],
            presets=PRESETS,
            allowed=allowed(self.domain.account),
            poll=self.url("import"),
            **more,
        )
        return render(self.request, "mailboxes/mailimport/page.html", context)


class JobAct(EitherPage):
    """Pause, resume, cancel, again."""

    http_method_names = ["post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Job.objects.select_related("mailbox__mail_domain__domain__account")
        self.job = get_object_or_404(rows, mailbox_id=self.mailbox.pk, ident=kwargs["ident"])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        job = self.job
        act = ACTIONS.get(request.POST.get("action", ""))
        if act is None:
            raise Http404
        try:
            act(actor=request.user, job=job)
        except Refused as refused:
            messages.warning(request, refused.message)
        return redirect(self.url(PAGES.get(job.kind, "import")))


@method_decorator(hidden, name="dispatch")
class ImportMany(DomainPage):
    right = Right.MANAGE

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(ManyForm(mail_domain=self.mail_domain))

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ManyForm(request.POST, mail_domain=self.mail_domain)
        if form.is_valid():
            try:
                ready = [
                    sealed(mailbox=box, source=form.source(user), password=word)
                    for box, user, word in form.rows
                ]
                number = imports_start(actor=request.user, mail_domain=self.mail_domain, ready=ready)
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                said = ngettext("%(n)d import begins.", "%(n)d imports begin.", number)
                messages.success(request, said % {"n": number})
                return redirect(reverse("import-mail", args=[self.domain.name]))
        return self.show(form)

    def show(self, form: ManyForm) -> HttpResponse:
        form.forget_passwords()
        rows = Job.objects.filter(mail_domain=self.mail_domain, kind=KIND).select_related("mailbox")
        context = self.get_context_data(
            form=form,
            jobs=rows.order_by("-made_at", "-pk")[:SHOWN],
            allowed=allowed(self.domain.account),
            nav="import-mail",
        )
        return render(self.request, "mailboxes/mailimport/many.html", context)
