"""Pages of archives: export, download, restore."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from lib.errors import Refused
from lib.uploads import NamelessUploadHandler
from mailboxes.archives import store
from mailboxes.archives.forms import TOO_LARGE, FolderForm, RestoreForm
from mailboxes.archives.services import (
    EXPORT,
    MOST_BYTES,
    RESTORE,
    export_start,
    restore_bring,
)
from mailboxes.archives.uploads import ArchiveUploadHandler
from mailboxes.models import Archive, Job
from mailboxes.views.either import EitherPage

SHOWN = 20
ABOUT = 1 << 20  # of a form, beside its file


@method_decorator(never_cache, name="dispatch")
class ArchivesPage(EitherPage):
    tab = "archives"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(FolderForm(), RestoreForm(prefix="r"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = FolderForm(request.POST)
        if form.is_valid():
            try:
                export_start(actor=request.user, mailbox=self.mailbox, folder=form.cleaned_data["folder"])
                return redirect(self.url("archives"))
            except Refused as refused:
                form.add_error(refused.field or None, refused.message)
        return self.show(form, RestoreForm(prefix="r"))

    def show(self, export: FolderForm, restore: RestoreForm) -> HttpResponse:
        rows = Job.objects.filter(mailbox_id=self.mailbox.pk, kind__in=[EXPORT, RESTORE])
        rows = rows.select_related("archive").order_by("-made_at")[:SHOWN]
        context = self.get_context_data(
            export=export,
            restore=restore,
            restore_url=self.url("archives-restore"),
            jobs=[(job, self._file(job), self.url("job", job.ident)) for job in rows],
            poll=self.url("archives"),
        )
        return render(self.request, "mailboxes/archives/page.html", context)

    def _file(self, job: Job) -> str:
        archive = getattr(job, "archive", None)
        ready = archive and job.kind == EXPORT and archive.complete and archive.expires_at > timezone.now()
        return self.url("archive", archive.ident) if archive and ready else ""


@method_decorator(csrf_protect, name="dispatch")
class Restore(ArchivesPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = RestoreForm(request.POST, request.FILES, prefix="r")
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                restore_bring(
                    actor=request.user,
                    mailbox=self.mailbox,
                    filename=str(file.name),
                    file=file,
                    folder=form.cleaned_data["folder"],
                )
                return redirect(self.url("archives"))
            except Refused as refused:
                form.add_error(None, refused.message)
        return self.show(FolderForm(), form)


class RestoreTooLarge(ArchivesPage):
    """What cannot fit is read to its end, so that a browser hears the answer, and nothing of it is kept."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        while request.read(1 << 20):
            pass
        form = RestoreForm({}, {}, prefix="r")
        form.errors["file"] = form.error_class([str(TOO_LARGE)])
        return self.show(FolderForm(), form)


@csrf_exempt  # Restore asks for it itself, once the upload handlers are set: reading the form comes after
def restore(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length[:20]) > MOST_BYTES + ABOUT:
        return RestoreTooLarge.as_view()(request, **kwargs)
    request.upload_handlers = [ArchiveUploadHandler(request), NamelessUploadHandler(request)]
    return Restore.as_view()(request, **kwargs)


@method_decorator(never_cache, name="dispatch")
class ArchiveFile(EitherPage):
    http_method_names = ["get", "head"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Archive.objects.filter(job__mailbox_id=self.mailbox.pk, job__kind=EXPORT, complete=True)
        self.found = get_object_or_404(rows, ident=kwargs["ident"], expires_at__gt=timezone.now())

    def get(self, request: HttpRequest, **kwargs: Any) -> StreamingHttpResponse:
        content = store.parts(self.found) if request.method == "GET" else iter(())
        headers = {
            "Content-Length": str(self.found.size),
            "Content-Disposition": content_disposition_header(True, self.found.filename),
        }
        return StreamingHttpResponse(content, content_type="application/zip", headers=headers)
