"""Back to the page that a form was sent from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request: HttpRequest, otherwise: str = "/", end: str = "") -> HttpResponseRedirect:
    """To what the form names as ``next``, a path or an address of this very host; else to ``otherwise``.
    Never to what is merely a name: Django's redirect() takes that for one of a URL. ``end``: what follows
    a #."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=True)
    if not ours or not target.startswith(("/", "https://")):
        target = otherwise
    return HttpResponseRedirect(f"{target.partition('#')[0]}#{end}" if end else target)
