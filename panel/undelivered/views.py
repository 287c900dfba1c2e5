"""What is ticked in the list of Track Delivery, or one row alone: its sender is told once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import Right, domain_or_404, require_somewhere
from delivery.selectors import Key
from lib.errors import Refused
from lib.templatetags.ui import count
from panel.undelivered.services import Told, notices_again


@require_POST
def track_notices(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """``picked``: keys of rows; ``back``: the filter of the list."""
    if name is None:
        require_somewhere(request.user, Right.MANAGE)
    domain = domain_or_404(request, name, Right.MANAGE) if name is not None else None
    picked = [key.pk for text in request.POST.getlist("picked") if (key := Key.parse(text))]
    try:
        _say(request, notices_again(actor=request.user, domain=domain, keys=list(dict.fromkeys(picked))))
    except Refused as refused:
        messages.error(request, refused.message)
    back = QueryDict(request.POST.get("back", "")[:4000].removeprefix("?")).urlencode()
    url = reverse("track", args=[domain.name]) if domain else reverse("track-all")
    return redirect(f"{url}?{back}" if back else url)


def _say(request: HttpRequest, told: Told) -> None:
    skipped = "; ".join(f"{count(many)}: {why}" for why, many in told.skipped.items())
    if told.sent:
        text = ngettext(
            "%(n)s sender is told once more.", "%(n)s notices are on their way to their senders.", told.sent
        )
        messages.success(request, text % {"n": count(told.sent)})
    if skipped:
        messages.warning(request, _("Left out, and why: %(skipped)s.") % {"skipped": skipped})
    if not told.sent and not skipped:
        messages.warning(request, _("Nothing was chosen. Tick the mails that failed first."))
