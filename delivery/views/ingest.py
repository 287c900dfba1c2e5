"""Where nodes post their log lines. No session, no cookie: the node's own token."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery import services, wire
from provision.models import Node


@csrf_exempt
@login_not_required
@require_POST
def ingest(request: HttpRequest) -> JsonResponse:
    """``contract.LogBatch``. 200 means stored for good."""
    node = _node(request)
    if node is None:
        return JsonResponse(
            {"error": "no node has this token"}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    try:
        batches = wire.read(_body(request))
    except wire.TooBigError:
        return JsonResponse({"error": f"more than {settings.INGEST_MAX_BYTES} bytes at once"}, status=413)
    except wire.BadBatchError as error:
        return JsonResponse({"error": str(error)}, status=400)
    if batches[0].node != node.name:
        return JsonResponse({"error": "this token is another node's"}, status=403)
    taken = services.ingest(node=node, batches=batches)
    return JsonResponse({"new": taken.new, "known": taken.known})


@csrf_exempt
@login_not_required
@require_POST
def health(request: HttpRequest) -> JsonResponse:
    """How the node's shipper fares: ``contract.ShipperHealth``."""
    node = _node(request)
    if node is None:
        return JsonResponse(
            {"error": "no node has this token"}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    try:
        told = wire.read_health(_body(request))
    except wire.TooBigError:
        return JsonResponse({"error": "that is too much"}, status=413)
    except wire.BadBatchError as error:
        return JsonResponse({"error": str(error)}, status=400)
    services.health_take(node=node, logs=told)
    return JsonResponse({})


def _node(request: HttpRequest) -> Node | None:
    """The node whose token this is. Every stored hash is compared, each in constant time: the time tells
    nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
    fits = [
        node
        for node in Node.objects.all()
        if hmac.compare_digest(node.ingest_token_hash.encode(), given.encode())
    ]
    return fits[0] if fits and scheme.lower() == "bearer" and token.strip() else None


def _body(request: HttpRequest) -> bytes:
    limit = settings.INGEST_MAX_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise wire.TooBigError
    body = request.read(limit + 1)
    if len(body) > limit:
        raise wire.TooBigError
    return wire.unpack(body, limit) if request.headers.get("Content-Encoding", "").lower() == "gzip" else body
