"""Where a node hands over what it exported and fetches what is to be restored, in pieces. No session, no
cookie: the node's own token."""

from __future__ import annotations

import hashlib
import hmac

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from mailboxes.archives import store
from mailboxes.archives.services import EXPORT, RESTORE, piece_take
from mailboxes.models import Archive
from provision.models import Node

PIECE = 4 * 1024 * 1024
MOST_BYTES = 200 * 1024**3


@csrf_exempt
@login_not_required
def archive(request: HttpRequest, ident: str) -> HttpResponse:
    """GET ?start=: the bytes from there, at most a piece; none: that was all. PUT ?start=&last=: that piece.
    404 without a node's token, and for an archive of another node's mailbox."""
    node = _node(request)
    if node is None:
        return HttpResponse(status=404)
    if request.method not in ("GET", "PUT"):
        return HttpResponseNotAllowed(["GET", "PUT"])
    kind = EXPORT if request.method == "PUT" else RESTORE
    rows = Archive.objects.filter(ident=ident, job__mail_domain__node=node, job__kind=kind)
    found = rows.filter(expires_at__gt=timezone.now()).first() if ident.isalnum() else None
    start = request.GET.get("start", "")
    if found is None or not start.isdecimal() or len(start) > 15:
        return HttpResponse(status=404)
    if request.method == "PUT":
        return _take(request, found, int(start))
    return HttpResponse(store.piece(found, int(start), PIECE), content_type="application/octet-stream")


def _take(request: HttpRequest, found: Archive, start: int) -> HttpResponse:
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > PIECE or start + length > MOST_BYTES:
        return HttpResponse(status=400)
    data = request.read(PIECE)
    whole = len(data) == length  # else the node hung up in the middle
    taken = whole and piece_take(archive=found, start=start, data=data, last=request.GET.get("last") == "1")
    return HttpResponse(status=204 if taken else 400)


def _node(request: HttpRequest) -> Node | None:
    """As for events: every stored hash is compared, each in constant time."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
    fits = [
        node
        for node in Node.objects.all()
        if hmac.compare_digest(node.ingest_token_hash.encode(), given.encode())
    ]
    return fits[0] if fits and scheme.lower() == "bearer" and token.strip() else None
