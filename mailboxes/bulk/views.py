"""Many mailboxes from one file: bring it, say its columns, read what would happen, confirm, watch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import Right
from lib import csvs
from lib.errors import Refused
from mailboxes.bulk import selectors, services
from mailboxes.bulk.forms import BringForm, ColumnsForm, ConfirmForm, shown
from mailboxes.models import BulkImport, BulkRow
from mailboxes.selectors import room_of
from mailboxes.sizes import written
from mailboxes.views.base import DomainPage

USUAL_MB = 1024
UNPROCESSABLE = 422
SAMPLES = 3  # rows whose values show what a column is


@method_decorator([never_cache, sensitive_post_parameters("text", "key")], name="dispatch")
class BulkNew(DomainPage):
    right = Right.MAKE

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(BringForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = BringForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form)
        try:
            brought = services.bulk_bring(
                actor=request.user, mail_domain=self.mail_domain, title=form.title, pieces=form.pieces
            )
            return columns_page(self, brought.bulk, brought.key)
        except Refused as refused:
            form.refuse(refused)
            return self.page(form)

    def page(self, form: BringForm) -> HttpResponse:
        context = self.get_context_data(
            form=form, recent=selectors.recent(self.request.user, self.mail_domain)
        )
        status = UNPROCESSABLE if form.errors else 200
        return render(self.request, "mailboxes/importing/new.html", context, status=status)


def columns_page(
    page: DomainPage, bulk: BulkImport, key: str, form: ColumnsForm | None = None
) -> HttpResponse:
    """The answer to the file itself, not a page to come back to: its key is in here alone. Raises Refused."""
    look = services.bulk_look(bulk=bulk, key=key)
    width = len(look.guessed.columns)
    if form is None:
        most = max(1, min(USUAL_MB, room_of(page.domain.account).mailbox_mb))
        form = ColumnsForm(initial=ColumnsForm.first(look.guessed, written(most), key), width=width)
    heads, *rows = shown([look.first, *look.samples[:SAMPLES]], look.guessed.columns)
    values = list(zip(*rows, strict=True)) or [()] * width
    columns = list(zip(form.selects(), heads, values, strict=True))
    context = page.get_context_data(form=form, bulk=bulk, columns=columns)
    status = UNPROCESSABLE if form.errors else 200
    return render(page.request, "mailboxes/importing/columns.html", context, status=status)


@method_decorator([never_cache, sensitive_post_parameters("key")], name="dispatch")
class OneImport(DomainPage):
    right = Right.MAKE
    bulk: BulkImport

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = BulkImport.objects.visible_to(request.user).filter(mail_domain=self.mail_domain)
        self.bulk = get_object_or_404(rows, pk=kwargs["bulk"])
        self.bulk.mail_domain = self.mail_domain

    def back(self) -> HttpResponse:
        return redirect("mailboxes-import-one", self.domain.name, self.bulk.pk)


class BulkColumns(OneImport):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        key = request.POST.get("key", "")
        if self.bulk.state != BulkImport.State.UPLOADED:
            return self.back()
        try:
            width = len(services.bulk_look(bulk=self.bulk, key=key).guessed.columns)
            form = ColumnsForm(request.POST, width=width)
            if not form.is_valid():
                return columns_page(self, self.bulk, key, form)
            wish = {"columns": form.cleaned_data["columns"], "quota_mb": form.cleaned_data["quota_mb"]}
            services.bulk_begin(actor=request.user, bulk=self.bulk, key=key, **wish)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect("mailboxes-import", self.domain.name)
        return self.back()


class BulkPage(OneImport):
    """What the file would do, and after that what it did. Asks for itself again while something goes on."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        bulk = self.bulk
        if bulk.state == BulkImport.State.UPLOADED:
            return redirect("mailboxes-import", self.domain.name)
        after = request.GET.get("after", "")
        waits = selectors.on_their_way(bulk) if bulk.state == BulkImport.State.SAVED else 0
        going = bulk.state in {BulkImport.State.READING, BulkImport.State.CONFIRMED} or bulk.hashing or waits
        context = self.get_context_data(
            bulk=bulk,
            room=room_of(self.domain.account),
            bad=selectors.bad_rows(
                bulk, int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
            ),
            waits=waits,
            live=max(0, bulk.saved - waits),
            going=going and bulk.state != BulkImport.State.STOPPED,
        )
        return render(request, "mailboxes/importing/one.html", context)


class BulkConfirm(OneImport):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ConfirmForm(request.POST)
        try:
            if not form.is_valid():
                raise Refused(_("Choose one."))
            services.bulk_confirm(actor=request.user, bulk=self.bulk, mode=form.cleaned_data["mode"])
        except Refused as refused:
            messages.error(request, refused.message)
        return self.back()


class BulkDiscard(OneImport):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            services.bulk_discard(actor=request.user, bulk=self.bulk)
        except Refused as refused:
            messages.error(request, refused.message)
            return self.back()
        messages.success(request, _("The file is thrown away. Mailboxes that it made stay."))
        return redirect("mailboxes-import", self.domain.name)


class BulkBad(OneImport):
    """The bad rows, to be put right; formulas in them are only text (lib.csvs)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        def rows() -> Iterator[list[object]]:
            yield [_("Line"), _("Address"), _("Field"), _("Reason")]
            for row in self.bulk.lines.filter(state=BulkRow.State.BAD).order_by("line").iterator():
                yield [row.line, row.address, row.field_name, row.reason]

        return csvs.streamed(rows(), name=f"{self.domain.name}-bad-rows.csv")
